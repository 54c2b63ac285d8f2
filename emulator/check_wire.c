/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How answers travel: sense in a form and length that hosts can read, no data with CHECK CONDITION,
 * residuals that tell the truth (mmc-spec 3.4, windows-spec a.9, f.6, f.9).
 */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#define SENSE_BYTES         18
#define SENSE_BYTES_ASCQ    14 /* up to and with the qualifier */
#define ADDITIONAL_AT       7
#define ADDITIONAL_ASCQ_MIN 7 /* Windows drops the qualifier below that */
#define BYTES               8

/* A refusal that every drive has: there is no such mode page. */
static bool refuse_page(struct check *k)
{
    ASK(k, 40, OP_MODE_SENSE_10, 8, 0x3e, 0, 0, 0, 0, 0, 40, 0);
    return check_expect(k, CDB_FIELD);
}

/* ---- sense ---- */

static void sense_is_fixed(struct check *k, const struct check_row *row)
{
    (void)row;
    if (refuse_page(k)) {
        check_expect_number(k, "response code", 0x70, k->answer.sense[0] & 0x7f);
    }
}

static void sense_holds_ascq(struct check *k, const struct check_row *row)
{
    (void)row;
    if (refuse_page(k)) {
        check_expect_that(k, k->answer.sense_bytes >= SENSE_BYTES_ASCQ,
                          "14 bytes of sense at least, seen %zu", k->answer.sense_bytes);
        check_expect_that(k, k->answer.sense[ADDITIONAL_AT] >= ADDITIONAL_ASCQ_MIN,
                          "an additional length of 07h at least, seen %02Xh",
                          k->answer.sense[ADDITIONAL_AT]);
    }
}

static void sense_is_18_bytes(struct check *k, const struct check_row *row)
{
    (void)row;
    if (refuse_page(k)) {
        check_expect_number(k, "sense bytes", SENSE_BYTES, k->answer.sense_bytes);
        check_expect_number(k, "additional length", SENSE_BYTES - 8,
                            k->answer.sense[ADDITIONAL_AT]);
    }
}

static void points_at_format(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_report_key(k, 0, 0x07, 0, BYTES);
    if (check_expect(k, CDB_FIELD)) {
        check_expect_pointer(k, false, 10);
    }
}

static void points_at_class(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, BYTES, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0x7f, 0, BYTES, KEY_RPC_STATE, 0);
    if (check_expect(k, CDB_FIELD)) {
        check_expect_pointer(k, false, 7);
    }
}

static void points_at_agid(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (k->quirks.agid_ungranted != UNGRANTED_2400) {
        check_skip(k, "agid_ungranted is another sense");
        return;
    }
    check_begin(k, &x);
    check_step_key1(k, &x);
    if (check_expect(k, CDB_FIELD)) {
        check_expect_pointer(k, false, 10);
    }
}

static void points_at_list_length(struct check *k, const struct check_row *row)
{
    const uint8_t list[CHALLENGE_BYTES] = {0, 0x0d};
    struct check_exchange x;

    (void)row;
    if (check_reach(k, &x, GRANTED)) {
        ask_send_key(k, x.agid, KEY_CHALLENGE, list, sizeof(list));
        if (check_expect(k, LIST_FIELD)) {
            check_expect_pointer(k, true, 0);
        }
    }
}

static void points_at_structure(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_structure(k, 0, 0x7f, 0, BYTES);
    if (check_expect(k, CDB_FIELD)) {
        check_expect_pointer(k, false, 7);
    }
}

static void points_at_layer(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, BYTES, OP_READ_DVD_STRUCTURE, 0, 0, 0, 0, 0, 0xff, STRUCTURE_PHYSICAL, 0, BYTES, 0, 0);
    if (check_expect(k, CDB_FIELD)) {
        check_expect_pointer(k, false, 6);
    }
}

/* ---- residuals ---- */

static void expect_residual(struct check *k, enum check_residual kind, size_t bytes)
{
    static const char *const names[] = {"no residual", "underflow", "overflow"};
    const struct check_answer *a = &k->answer;

    check_expect_that(
        k, a->residual == kind && (kind == CHECK_NO_RESIDUAL || a->residual_bytes == bytes),
        "%s of %zu with a transfer length of %zu, seen %s of %zu", names[kind], bytes,
        k->command.in_bytes, names[a->residual], a->residual_bytes);
}

/* All that was expected is told to be missing: nothing came with the check. */
static void expect_no_data(struct check *k)
{
    if (k->answer.status != CHECK_CONDITION) {
        check_fail(k, "expected CHECK CONDITION, seen another status");
        return;
    }
    expect_residual(k, CHECK_UNDERFLOW, k->command.in_bytes);
}

static void no_data_report_key(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_report_key(k, 0, 0x07, 0, 0x200);
    expect_no_data(k);
}

static void no_data_structure(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_structure(k, 0, 0x7f, 0, DISC_KEY_BYTES);
    expect_no_data(k);
}

static void no_data_disc_key(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_reach(k, &x, GRANTED)) {
        check_step_disc_key(k, &x, NULL);
        if (check_expect(k, NOT_ESTABLISHED)) {
            expect_no_data(k);
        }
    }
}

static void no_data_gated_read(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_lock(k)) {
        ask_read(k, k->facts.gated_lba, 1);
        if (check_expect(k, SCRAMBLED)) {
            expect_no_data(k);
        }
    }
}

static void no_data_attention(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_login(k, 1)) {
        return;
    }
    k->host = 1;
    ASK(k, 64, OP_MODE_SENSE_10, 8, 0x2a, 0, 0, 0, 0, 0, 64, 0);
    if (check_expect(k, POWER_ON)) {
        expect_no_data(k);
    }
}

/* RPC state: 8 bytes on any drive, with or without a disc. */
static void residual(struct check *k, const struct check_row *row)
{
    static const struct {
        uint8_t alloc, room;
        enum check_residual kind;
        size_t bytes;
    } cases[] = {
        {8, 8, CHECK_NO_RESIDUAL, 0}, {16, 16, CHECK_UNDERFLOW, 8}, {8, 16, CHECK_UNDERFLOW, 8},
        {4, 8, CHECK_UNDERFLOW, 4},   {8, 4, CHECK_OVERFLOW, 4},
    };

    ASK(k, cases[row->value].room, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0, 0, cases[row->value].alloc,
        KEY_RPC_STATE, 0);
    if (check_expect(k, GOOD)) {
        expect_residual(k, cases[row->value].kind, cases[row->value].bytes);
    }
}

/* The allocation length cuts a reply, whatever room there is. */
static void allocation_counts(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, BYTES, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0, 0, 4, KEY_RPC_STATE, 0);
    check_expect_reply(k, 4);
}

static void allocation_of_16_bits(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, DISC_KEY_BYTES, OP_READ_DVD_STRUCTURE, 0, 0, 0, 0, 0, 0, STRUCTURE_MANUFACTURING, 0x01,
        0x04, 0, 0);
    check_expect_reply(k, 0x104);
}

/* What arrives counts, not what the CDB promises. */
static void list_cut_by_transfer(struct check *k, const struct check_row *row)
{
    const uint8_t list[12] = {0, 0x0e};
    struct check_exchange x;

    (void)row;
    if (!check_reach(k, &x, GRANTED)) {
        return;
    }
    TELL(k, list, sizeof(list), OP_SEND_KEY, 0, 0, 0, 0, 0, 0, 0, 0, CHALLENGE_BYTES,
         (uint8_t)(x.agid << 6 | KEY_CHALLENGE), 0);
    if (check_expect(k, LIST_LENGTH)) {
        check_complete(k, &x, GRANTED);
    }
}

/* clang-format off */
static const struct check_row rows[] = {
    {"wire.sense-fixed-format",         "windows-spec f.9", 0, sense_is_fixed, NULL, 0},
    {"wire.sense-holds-ascq",           "windows-spec a.9", 0, sense_holds_ascq, NULL, 0},
    {"wire.sense-18-bytes",             "windows-spec f.9", 0, sense_is_18_bytes, NULL, 0},
    {"wire.sense-points-at-key-format", "mmc-spec 1.2",     0, points_at_format, NULL, 0},
    {"wire.sense-points-at-key-class",  "mmc-spec 1.1",     0, points_at_class, NULL, 0},
    {"wire.sense-points-at-agid",       "mmc-spec 2.3",     CHECK_EXCHANGE, points_at_agid, NULL, 0},
    {"wire.sense-points-at-list-length", "mmc-spec 1.4",    CHECK_EXCHANGE, points_at_list_length, NULL, 0},
    {"wire.sense-points-at-structure-format", "mmc-spec 5", CHECK_DVD, points_at_structure, NULL, 0},
    {"wire.sense-points-at-layer",      "mmc-spec 5",       CHECK_DVD, points_at_layer, NULL, 0},
    {"wire.no-data-with-refused-format", "mmc-spec 3.4",    0, no_data_report_key, NULL, 0},
    {"wire.no-data-with-refused-structure", "mmc-spec 3.4", CHECK_DVD, no_data_structure, NULL, 0},
    {"wire.no-data-with-refused-disc-key", "mmc-spec 3.4",  CHECK_EXCHANGE, no_data_disc_key, NULL, 0},
    {"wire.no-data-with-refused-read",  "mmc-spec 3.2",     CHECK_GATED, no_data_gated_read, NULL, 0},
    {"wire.no-data-with-attention",     "mmc-spec 1.5",     CHECK_SESSIONS, no_data_attention, NULL, 0},
    {"wire.residual-none",              "windows-spec f.6", 0, residual, NULL, 0},
    {"wire.residual-long-allocation",   "windows-spec f.6", 0, residual, NULL, 1},
    {"wire.residual-long-transfer",     "windows-spec f.6", 0, residual, NULL, 2},
    {"wire.residual-short-allocation",  "windows-spec f.6", 0, residual, NULL, 3},
    {"wire.residual-short-transfer",    "tgt-notes 6",      0, residual, NULL, 4},
    {"wire.allocation-counts",          "mmc-spec 1.3",     0, allocation_counts, NULL, 0},
    {"wire.allocation-of-16-bits",      "mmc-spec 5",       CHECK_DVD, allocation_of_16_bits, NULL, 0},
    {"wire.list-cut-by-transfer",       "tgt-notes 6",      CHECK_EXCHANGE, list_cut_by_transfer, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_wire = {rows, ROWS_OF(rows)};
