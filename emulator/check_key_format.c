/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * REPORT KEY and SEND KEY as commands (mmc-spec 1): which formats there are, which fields count,
 * what a parameter list has to be, and that a reply which was cut was given all the same.
 */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define FORMATS           0x40
#define BYTES             8
#define FEATURE_AACS      0x010d
#define FEATURE_CPRM      0x010b
#define FEATURE_VCPS      0x0110
#define FEATURE_SECURDISC 0x0113

/* ---- formats and classes ---- */

static bool has_feature(const struct check *k, uint16_t code)
{
    return host_find_feature(&k->facts.configuration, code) != NULL;
}

static void unknown_report_formats(struct check *k, const struct check_row *row)
{
    static const uint8_t known[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x3f};

    (void)row;
    for (unsigned format = 0; format < FORMATS; format++) {
        if (memchr(known, (int)format, sizeof(known)) ||
            (format == 0x11 && has_feature(k, FEATURE_CPRM))) {
            continue;
        }
        ask_report_key(k, 0, format, 0, BYTES);
        check_expect(k, CDB_FIELD);
    }
}

static void unknown_send_formats(struct check *k, const struct check_row *row)
{
    static const uint8_t known[] = {0x01, 0x03, 0x06, 0x3f}, list[16] = {0, 14};

    (void)row;
    for (unsigned format = 0; format < FORMATS; format++) {
        if (!memchr(known, (int)format, sizeof(known))) {
            ask_send_key(k, 0, format, list, sizeof(list));
            check_expect(k, CDB_FIELD);
        }
    }
}

/* Classes of MMC that no feature stands for, and reserved ones; vendors keep E0h and up. */
static void unknown_classes(struct check *k, const struct check_row *row)
{
    static const struct {
        uint8_t class;
        uint16_t feature; /* that would make it known; 0: nothing does */
    } classes[] = {{0x01, 0},
                   {0x02, FEATURE_AACS},
                   {0x03, 0},
                   {0x10, 0},
                   {0x1f, 0},
                   {0x20, FEATURE_VCPS},
                   {0x22, 0},
                   {0x40, 0},
                   {0x21, FEATURE_SECURDISC},
                   {0x7f, 0},
                   {0x80, 0},
                   {0xdf, 0}};
    static const uint8_t list[16] = {0, 14};

    (void)row;
    for (size_t i = 0; i < ROWS_OF(classes); i++) {
        const uint8_t class = classes[i].class;

        if (classes[i].feature && has_feature(k, classes[i].feature)) {
            continue;
        }
        ASK(k, BYTES, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, class, 0, BYTES, KEY_RPC_STATE, 0);
        check_expect(k, CDB_FIELD);
        TELL(k, list, sizeof(list), OP_SEND_KEY, 0, 0, 0, 0, 0, 0, class, 0, sizeof(list),
             KEY_CHALLENGE, 0);
        check_expect(k, CDB_FIELD);
    }
}

/* ---- fields ---- */

/* Bits 4-0 of byte 1 are a service action elsewhere; 0Ah would take an AGID (mmc-spec 6.12). */
static void service_action_bit(struct check *k, const struct check_row *row)
{
    const uint8_t bit = (uint8_t)(1u << row->value);
    static const uint8_t list[16] = {0, 14};

    ASK(k, BYTES, OP_REPORT_KEY, bit, 0, 0, 0, 0, 0, 0, 0, BYTES, KEY_RPC_STATE, 0);
    check_expect(k, CDB_FIELD);
    TELL(k, list, sizeof(list), OP_SEND_KEY, bit, 0, 0, 0, 0, 0, 0, 0, sizeof(list), KEY_CHALLENGE,
         0);
    check_expect(k, CDB_FIELD);
}

/* A LUN once, and some hosts still write one. */
static void lun_bits(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, BYTES, OP_REPORT_KEY, 0xe0, 0, 0, 0, 0, 0, 0, 0, BYTES, KEY_RPC_STATE, 0);
    check_expect_reply(k, BYTES);
    ASK(k, 0, OP_SEND_KEY, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, KEY_INVALIDATE, 0);
    check_expect(k, k->quirks.invalidate_ungranted == INVALIDATE_GOOD ? GOOD : CDB_FIELD);
}

static void other_bytes(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, BYTES, OP_REPORT_KEY, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, BYTES, KEY_RPC_STATE, 0);
    check_expect_reply(k, BYTES);
}

static void control_naca(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, BYTES, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0, 0, BYTES, KEY_RPC_STATE, 4);
    check_expect(k, CDB_FIELD);
}

/* ---- parameter lists ---- */

struct list_format {
    unsigned format;
    enum check_stage stage; /* in which the list is taken */
    size_t bytes;
};

static const struct list_format challenge_list = {KEY_CHALLENGE, GRANTED, CHALLENGE_BYTES};
static const struct list_format key2_list = {KEY_KEY2, DCHAL, KEY2_BYTES};

/* A list that is right, in a room that may be longer. */
static void fill_list(struct check *k, const struct list_format *f, struct check_exchange *x,
                      uint8_t *list, size_t room)
{
    const unsigned variant = x->variant < 0 ? 0 : (unsigned)x->variant;
    const css_key2 key2 = css_make_key2(variant, &x->drive);

    memset(list, 0, room);
    be16_put(list, (uint16_t)(f->bytes - 2));
    if (f->format == KEY_KEY2) {
        memcpy(list + KEY_HEADER_BYTES, key2.b, sizeof(key2.b));
        x->bus_key = css_make_bus_key(variant, &x->key1, &key2);
    } else {
        random_bytes(&k->options.random, x->host.b, sizeof(x->host.b));
        memcpy(list + KEY_HEADER_BYTES, x->host.b, sizeof(x->host.b));
    }
}

static void list_too_short(struct check *k, const struct check_row *row)
{
    const struct list_format *f = row->detail;
    uint8_t list[CHALLENGE_BYTES];
    struct check_exchange x;

    if (!check_reach(k, &x, f->stage)) {
        return;
    }
    for (size_t bytes = 0; bytes < f->bytes; bytes++) {
        fill_list(k, f, &x, list, f->bytes);
        ask_send_key(k, x.agid, f->format, list, bytes);
        check_expect(k, LIST_LENGTH);
    }
    check_complete(k, &x, f->stage);
}

/* Hosts round up. */
static void list_too_long(struct check *k, const struct check_row *row)
{
    static const size_t more[] = {1, 4, 48};
    const struct list_format *f = row->detail;
    uint8_t list[CHALLENGE_BYTES + 48];

    for (size_t i = 0; i < ROWS_OF(more); i++) {
        struct check_exchange x;

        check_where(k, "%zu bytes more", more[i]);
        if (!check_reach(k, &x, f->stage)) {
            return;
        }
        fill_list(k, f, &x, list, sizeof(list));
        memset(list + f->bytes, 0xee, sizeof(list) - f->bytes);
        ask_send_key(k, x.agid, f->format, list, f->bytes + more[i]);
        if (!check_expect(k, GOOD) || !check_complete(k, &x, f->stage + 1)) {
            return;
        }
        check_step_invalidate(k, x.agid); /* a disc without CSS keeps it */
    }
}

static void length_field_too_small(struct check *k, const struct check_row *row)
{
    const struct list_format *f = row->detail;
    uint8_t list[CHALLENGE_BYTES];
    struct check_exchange x;

    if (!check_reach(k, &x, f->stage)) {
        return;
    }
    for (uint16_t length = 0; length < f->bytes - 2; length++) {
        fill_list(k, f, &x, list, f->bytes);
        be16_put(list, length);
        ask_send_key(k, x.agid, f->format, list, f->bytes);
        check_expect(k, LIST_FIELD);
    }
    check_complete(k, &x, f->stage);
}

static void length_field_too_large(struct check *k, const struct check_row *row)
{
    static const uint16_t lengths[] = {0x0f, 0x10, 0x7ffe, 0xffff};
    const struct list_format *f = row->detail;
    uint8_t list[CHALLENGE_BYTES];

    for (size_t i = 0; i < ROWS_OF(lengths); i++) {
        struct check_exchange x;

        check_where(k, "data length %04Xh", lengths[i]);
        if (!check_reach(k, &x, f->stage)) {
            return;
        }
        fill_list(k, f, &x, list, f->bytes);
        be16_put(list, lengths[i]);
        ask_send_key(k, x.agid, f->format, list, f->bytes);
        if (!check_expect(k, GOOD) || !check_complete(k, &x, f->stage + 1)) {
            return;
        }
        check_step_invalidate(k, x.agid); /* a disc without CSS keeps it */
    }
}

/* Windows leaves in these what the last command put there. */
static void stale_bytes(struct check *k, const struct check_row *row)
{
    const struct list_format *f = row->detail;
    const size_t value_bytes = f->format == KEY_KEY2 ? CSS_KEY_BYTES : CSS_CHALLENGE_BYTES;
    uint8_t list[CHALLENGE_BYTES];
    struct check_exchange x;

    if (!check_reach(k, &x, f->stage)) {
        return;
    }
    fill_list(k, f, &x, list, f->bytes);
    list[2] = list[3] = 0x01;
    memset(list + KEY_HEADER_BYTES + value_bytes, 0xa5, f->bytes - KEY_HEADER_BYTES - value_bytes);
    ask_send_key(k, x.agid, f->format, list, f->bytes);
    if (check_expect(k, GOOD)) {
        check_complete(k, &x, f->stage + 1);
    }
}

/* ---- replies that are cut ---- */

static size_t shorter(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* REPORT KEY or the disc key, with an allocation length; the reply has to be GOOD and cut. */
static bool ask_cut(struct check *k, unsigned agid, unsigned format, size_t bytes, size_t length)
{
    if (bytes == DISC_KEY_BYTES) {
        ask_structure(k, agid, STRUCTURE_DISC_KEY, 0, length);
    } else {
        ask_report_key(k, agid, format, k->facts.gated_lba, length);
    }
    return check_expect_reply(k, shorter(length, bytes));
}

/* The number need not have arrived: it is the first of the pool. */
static void cut_agid(struct check *k, const struct check_row *row)
{
    const unsigned first = check_nth_agid(k, 0);
    const uint8_t whole[AGID_BYTES] = {0, 6, 0, 0, 0, 0, 0, (uint8_t)(first << 6)};

    (void)row;
    for (unsigned n = 0; n < CUTS; n++) {
        struct check_exchange x = {.agid = first, .variant = -1};

        check_where(k, "allocation length %zu", check_cut(AGID_BYTES, n));
        if (!ask_cut(k, 0, KEY_AGID, AGID_BYTES, check_cut(AGID_BYTES, n)) ||
            !check_expect_data(k, "a prefix of", whole, k->answer.in_bytes) ||
            !check_complete(k, &x, GRANTED)) {
            return;
        }
        check_step_invalidate(k, first);
    }
}

/* The next step works: the state has moved, though not all of KEY1 has arrived. */
static void cut_key1(struct check *k, const struct check_row *row)
{
    (void)row;
    for (unsigned n = 0; n < CUTS; n++) {
        struct check_exchange x;

        check_where(k, "allocation length %zu", check_cut(KEY1_BYTES, n));
        if (!check_reach(k, &x, HCHAL) ||
            !ask_cut(k, x.agid, KEY_KEY1, KEY1_BYTES, check_cut(KEY1_BYTES, n))) {
            return;
        }
        check_step_drive_challenge(k, &x);
        if (!check_expect(k, GOOD)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

/* A wrong KEY2 is judged: the challenge counts as given. */
static void cut_challenge(struct check *k, const struct check_row *row)
{
    (void)row;
    for (unsigned n = 0; n < CUTS; n++) {
        struct check_exchange x;

        check_where(k, "allocation length %zu", check_cut(CHALLENGE_BYTES, n));
        if (!check_reach(k, &x, KEY1) ||
            !ask_cut(k, x.agid, KEY_CHALLENGE, CHALLENGE_BYTES, check_cut(CHALLENGE_BYTES, n))) {
            return;
        }
        check_step_wrong_key2(k, &x, &(const css_key2){{0xff, 0xff, 0xff, 0xff, 0xff}});
        if (!check_expect(k, AUTH_FAILURE)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

/* Cut first, then whole: one answer, of which the cut one was the beginning. */
static void cut_then_whole(struct check *k, const struct check_row *row)
{
    const bool is_key1 = row->value == KEY_KEY1;
    const size_t bytes = is_key1 ? KEY1_BYTES : CHALLENGE_BYTES;

    if (k->quirks.repeat_reply == REPLY_REJECT) {
        check_skip(k, "repeat_reply is reject");
        return;
    }
    for (unsigned n = 0; n < CUTS; n++) {
        uint8_t cut[CHALLENGE_BYTES];
        struct check_exchange x;
        size_t length;

        check_where(k, "allocation length %zu", check_cut(bytes, n));
        if (!check_reach(k, &x, is_key1 ? HCHAL : KEY1) ||
            !ask_cut(k, x.agid, row->value, bytes, check_cut(bytes, n))) {
            return;
        }
        length = k->answer.in_bytes;
        memcpy(cut, k->in, length);
        if (is_key1) {
            check_step_key1(k, &x);
        } else {
            check_step_drive_challenge(k, &x);
        }
        if (!check_expect(k, GOOD) ||
            !check_expect_data(k, "what the cut reply began with,", cut, length) ||
            !check_complete(k, &x, is_key1 ? KEY1 : DCHAL)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

enum transfer { OF_DISC_KEY, OF_TITLE_KEY };

/*
 * A key transfer that is cut uses up the AGID and sets ASF as if all had arrived. What arrives is
 * the beginning of what a whole transfer gives, each under its own bus key.
 */
static void cut_key_transfer(struct check *k, const struct check_row *row)
{
    const bool of_disc = row->value == OF_DISC_KEY;
    const size_t bytes = of_disc ? DISC_KEY_BYTES : TITLE_KEY_BYTES;
    const size_t plain = of_disc ? KEY_HEADER_BYTES : KEY_HEADER_BYTES + 1; /* not under bus key */
    const size_t end = of_disc ? bytes : plain + CSS_KEY_BYTES;
    static uint8_t whole[DISC_KEY_BYTES];

    for (unsigned n = CUTS; n-- > 0;) { /* the whole one first */
        const size_t length = check_cut(bytes, n);
        struct check_exchange x;
        size_t covered;

        check_where(k, "allocation length %zu", length);
        if (!check_lock(k) || !check_reach_title_key(k, &x) ||
            !ask_cut(k, x.agid, KEY_TITLE_KEY, bytes, length)) {
            return;
        }
        covered = shorter(k->answer.in_bytes, end);
        if (covered > plain) {
            css_bus_xor(k->in + plain, k->in + plain, covered - plain, &x.bus_key);
        }
        if (n == CUTS - 1) {
            memcpy(whole, k->in, bytes);
        }
        if (!check_expect_data(k, "what the whole reply begins with,", whole, k->answer.in_bytes)) {
            return;
        }
        check_step_disc_key(k, &x, NULL);
        check_expect(k, NOT_ESTABLISHED);
        if (of_disc) {
            check_expect_asf(k, check_asf_after_disc_key(k));
        } else if (k->quirks.asf_set != ASF_BY_DISC_KEY) {
            check_expect_asf(k, true);
        }
    }
}

static void cut_state_report(struct check *k, const struct check_row *row)
{
    const uint8_t cdb[12] = {OP_REPORT_KEY, [9] = BYTES, [10] = (uint8_t)row->value};

    check_cut_replies(k, cdb, sizeof(cdb), 8, 2, BYTES);
}

/* ---- small replies ---- */

static void asf_reply(struct check *k, const struct check_row *row)
{
    uint8_t wanted[ASF_REPLY_BYTES] = {0, 6};

    (void)row;
    for (unsigned agid = 0; agid < 4; agid++) {
        ask_report_key(k, agid, KEY_ASF, 0, ASF_REPLY_BYTES);
        if (check_expect_reply(k, ASF_REPLY_BYTES)) {
            wanted[7] = k->in[7] & 1;
            check_expect_data(k, "ASF", wanted, sizeof(wanted));
        }
    }
}

/* clang-format off */
#define OF_LIST(word, function)                                                                    \
    {"key.challenge-" word, "mmc-spec 1.4", CHECK_EXCHANGE, function, &challenge_list, 0},         \
    {"key.key2-" word, "mmc-spec 1.4", CHECK_EXCHANGE, function, &key2_list, 0}

static const struct check_row rows[] = {
    {"key.unknown-report-formats-refused", "mmc-spec 1.2",  0, unknown_report_formats, NULL, 0},
    {"key.unknown-send-formats-refused",   "mmc-spec 1.4",  0, unknown_send_formats, NULL, 0},
    {"key.unknown-classes-refused",        "mmc-spec 1.1",  0, unknown_classes, NULL, 0},
    {"key.service-action-bit-0-refused",   "mmc-spec 6.12", 0, service_action_bit, NULL, 0},
    {"key.service-action-bit-1-refused",   "mmc-spec 6.12", 0, service_action_bit, NULL, 1},
    {"key.service-action-bit-2-refused",   "mmc-spec 6.12", 0, service_action_bit, NULL, 2},
    {"key.service-action-bit-3-refused",   "mmc-spec 6.12", 0, service_action_bit, NULL, 3},
    {"key.service-action-bit-4-refused",   "mmc-spec 6.12", 0, service_action_bit, NULL, 4},
    {"key.lun-bits-ignored",               "windows-spec f", 0, lun_bits, NULL, 0},
    {"key.other-bytes-ignored",            "mmc-spec 1.1",  0, other_bytes, NULL, 0},
    {"key.naca-refused",                   "mmc-spec 1.5",  0, control_naca, NULL, 0},
    OF_LIST("list-too-short", list_too_short),
    OF_LIST("list-too-long", list_too_long),
    OF_LIST("length-field-too-small", length_field_too_small),
    OF_LIST("length-field-too-large", length_field_too_large),
    OF_LIST("stale-bytes-ignored", stale_bytes),
    {"key.cut-agid",                       "mmc-spec 1.3",  CHECK_EXCHANGE, cut_agid, NULL, 0},
    {"key.cut-key1",                       "mmc-spec 1.3",  CHECK_EXCHANGE, cut_key1, NULL, 0},
    {"key.cut-key1-then-whole",            "mmc-spec 2.3",  CHECK_EXCHANGE, cut_then_whole, NULL, KEY_KEY1},
    {"key.cut-challenge",                  "mmc-spec 1.3",  CHECK_EXCHANGE, cut_challenge, NULL, 0},
    {"key.cut-challenge-then-whole",       "mmc-spec 2.3",  CHECK_EXCHANGE, cut_then_whole, NULL, KEY_CHALLENGE},
    {"key.cut-disc-key",                   "mmc-spec 1.3",  CHECK_CSS, cut_key_transfer, NULL, OF_DISC_KEY},
    {"key.cut-title-key",                  "mmc-spec 1.3",  CHECK_REGION_MATCH | CHECK_GATED, cut_key_transfer, NULL, OF_TITLE_KEY},
    {"key.cut-asf",                        "mmc-spec 1.3",  CHECK_DVD, cut_state_report, NULL, KEY_ASF},
    {"key.cut-rpc-state",                  "mmc-spec 1.3",  0, cut_state_report, NULL, KEY_RPC_STATE},
    {"key.asf-reply",                      "mmc-spec 1.2",  CHECK_DVD, asf_reply, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_key_format = {rows, ROWS_OF(rows)};
