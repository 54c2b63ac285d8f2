/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of mmc-spec 2.3 as a host sees it: every command in every state of an AGID, a row each.
 * A cell is asked twice: once to find out which state follows, once to go on from there to a key:
 * a refusal must not have spoilt what the exchange remembers.
 */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#include <string.h>

struct cell {
    int outcome;
    enum check_stage next;
};

/* As a next state: the one it is in. */
#define STAY STAGES

struct step {
    int (*run)(struct check *k, struct check_exchange *x);
    struct cell cells[STAGES];
    /* what a quirk says of a cell; NULL: nothing but agid_ungranted does */
    void (*adjust)(const struct check *k, enum check_stage stage, struct cell *cell);
    bool of_title; /* a title key: title_requires_asf speaks of it */
};

/* ---- the commands ---- */

/* The AGID that it gets goes back at once, so the pool is as before. */
static int ask_another_agid(struct check *k, struct check_exchange *x)
{
    struct check_exchange other;
    int outcome = check_step_agid(k, &other);
    struct check_answer answer = k->answer;

    if (outcome == GOOD) {
        if (other.agid == x->agid) {
            check_fail(k, "expected another AGID than %u, which is out", x->agid);
        }
        check_step_invalidate(k, other.agid);
        check_expect(k, GOOD);
    }
    k->answer = answer;
    return outcome;
}

static int send_wrong_key2(struct check *k, struct check_exchange *x)
{
    return check_step_wrong_key2(k, x, &(const css_key2){{0, 0, 0, 0, 1}});
}

static int ask_title_key(struct check *k, struct check_exchange *x)
{
    return check_step_title_key(k, x, k->facts.gated_lba, NULL, NULL);
}

static int ask_title_key_of_keyless(struct check *k, struct check_exchange *x)
{
    return check_step_title_key(k, x, k->facts.keyless_lba, NULL, NULL);
}

static int ask_title_key_past_end(struct check *k, struct check_exchange *x)
{
    return check_step_title_key(k, x, k->facts.blocks, NULL, NULL);
}

static int ask_title_key_of_block_0(struct check *k, struct check_exchange *x)
{
    return check_step_title_key(k, x, 0, NULL, NULL);
}

static int ask_disc_key(struct check *k, struct check_exchange *x)
{
    return check_step_disc_key(k, x, NULL);
}

static int invalidate(struct check *k, struct check_exchange *x)
{
    return check_step_invalidate(k, x->agid);
}

static int invalidate_by_send(struct check *k, struct check_exchange *x)
{
    return ask_send_key(k, x->agid, KEY_INVALIDATE, NULL, 0);
}

static int invalidate_another(struct check *k, struct check_exchange *x)
{
    struct check_exchange other;
    int outcome = check_step_agid(k, &other);

    return outcome == GOOD && other.agid != x->agid ? check_step_invalidate(k, other.agid)
                                                    : outcome;
}

static int report_asf(struct check *k, struct check_exchange *x)
{
    return ask_report_key(k, x->agid, KEY_ASF, 0, ASF_REPLY_BYTES);
}

static int report_rpc(struct check *k, struct check_exchange *x)
{
    return ask_report_key(k, x->agid, KEY_RPC_STATE, 0, RPC_REPLY_BYTES);
}

static int read_block(struct check *k, struct check_exchange *x)
{
    (void)x;
    return ask_read(k, k->facts.keyless_lba, 1);
}

static int mode_sense(struct check *k, struct check_exchange *x)
{
    (void)x;
    return ASK(k, 40, OP_MODE_SENSE_10, 8, 0x2a, 0, 0, 0, 0, 0, 40, 0);
}

static int get_configuration(struct check *k, struct check_exchange *x)
{
    (void)x;
    return ask_configuration(k, 0, 0, 8);
}

static int get_event_status(struct check *k, struct check_exchange *x)
{
    (void)x;
    return ask_event_status(k, 0x10, 8);
}

static int read_structure(struct check *k, struct check_exchange *x)
{
    return ask_structure(k, x->agid, STRUCTURE_MANUFACTURING, 0, 8);
}

static int ask_unknown_format(struct check *k, struct check_exchange *x)
{
    return ask_report_key(k, x->agid, 0x07, 0, 8);
}

/* Lists that are too short, and lists that say less than the format needs. */
static int send_short_challenge(struct check *k, struct check_exchange *x)
{
    const uint8_t list[CHALLENGE_BYTES - 1] = {0, CHALLENGE_BYTES - 2};

    return ask_send_key(k, x->agid, KEY_CHALLENGE, list, sizeof(list));
}

static int send_short_key2(struct check *k, struct check_exchange *x)
{
    const uint8_t list[KEY2_BYTES - 1] = {0, KEY2_BYTES - 2};

    return ask_send_key(k, x->agid, KEY_KEY2, list, sizeof(list));
}

static int send_understated_challenge(struct check *k, struct check_exchange *x)
{
    const uint8_t list[CHALLENGE_BYTES] = {0, CHALLENGE_BYTES - 3};

    return ask_send_key(k, x->agid, KEY_CHALLENGE, list, sizeof(list));
}

static int send_understated_key2(struct check *k, struct check_exchange *x)
{
    const uint8_t list[KEY2_BYTES] = {0, KEY2_BYTES - 3};

    return ask_send_key(k, x->agid, KEY_KEY2, list, sizeof(list));
}

/* ---- quirks ---- */

/* bad_key2_agid */
static void adjust_wrong_key2(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == DCHAL && k->quirks.bad_key2_agid == BAD_KEY2_STAY) {
        cell->next = STAY;
    }
}

/* repeat_reply */
static void adjust_repeat(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (cell->outcome == GOOD && cell->next == STAY && k->quirks.repeat_reply == REPLY_REJECT) {
        cell->outcome = SEQUENCE;
    }
    (void)stage;
}

/* title_key_unprotected: a key goes out like any other. */
static void adjust_keyless(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == BUSKEY && k->quirks.title_key_unprotected != UNPROTECTED_6F01) {
        *cell = (struct cell){GOOD, FREE};
    }
}

/* non_css */
static void adjust_plain(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == BUSKEY && k->quirks.non_css == NON_CSS_ZERO_TITLE_KEY) {
        *cell = (struct cell){GOOD, FREE};
    }
}

/* region_title_sense */
static void adjust_region(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == BUSKEY && k->quirks.region_title_sense == REGION_SENSE_6F01) {
        cell->outcome = NO_KEY;
    }
}

/* invalidate_ungranted */
static void adjust_invalidate(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == FREE && k->quirks.invalidate_ungranted == INVALIDATE_2400) {
        cell->outcome = CDB_FIELD;
    }
}

/* agid_ungranted = ignore: SEND KEY 01h takes a free AGID for a granted one. */
static void adjust_challenge(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == FREE && k->quirks.agid_ungranted == UNGRANTED_IGNORE) {
        *cell = (struct cell){GOOD, HCHAL};
    }
}

static void adjust_understated(const struct check *k, enum check_stage stage, struct cell *cell)
{
    if (stage == FREE && k->quirks.agid_ungranted == UNGRANTED_IGNORE) {
        cell->outcome = LIST_FIELD;
    }
}

/* A handshake step on an AGID that is not granted, per value of agid_ungranted. */
static const int ungranted[] = {
    [UNGRANTED_2400] = CDB_FIELD,
    [UNGRANTED_2C00] = SEQUENCE,
    [UNGRANTED_IGNORE] = SEQUENCE,
};

/* ---- the steps, and what each ends with ---- */

#define E1                                                                                         \
    {                                                                                              \
        CDB_FIELD, STAY                                                                            \
    }
#define OK                                                                                         \
    {                                                                                              \
        GOOD, STAY                                                                                 \
    }
#define TO(s)                                                                                      \
    {                                                                                              \
        GOOD, s                                                                                    \
    }
#define SEQ                                                                                        \
    {                                                                                              \
        SEQUENCE, STAY                                                                             \
    }
#define NOT                                                                                        \
    {                                                                                              \
        NOT_ESTABLISHED, STAY                                                                      \
    }
#define LEN                                                                                        \
    {                                                                                              \
        LIST_LENGTH, STAY                                                                          \
    }
#define LIST                                                                                       \
    {                                                                                              \
        LIST_FIELD, STAY                                                                           \
    }
#define ALWAYS(cell)                                                                               \
    {                                                                                              \
        cell, cell, cell, cell, cell, cell                                                         \
    }
#define IN_BUSKEY(...)                                                                             \
    {                                                                                              \
        NOT, NOT, NOT, NOT, NOT,                                                                   \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* clang-format off */
/*                                                                     FREE      GRANTED    HCHAL      KEY1       DCHAL                 BUSKEY */
static const struct step another_agid_step  = {ask_another_agid,      ALWAYS(OK), NULL, false};
static const struct step challenge_step     = {check_step_challenge, {E1,       TO(HCHAL), TO(HCHAL), TO(HCHAL), TO(HCHAL),            TO(HCHAL)}, adjust_challenge, false};
static const struct step key1_step          = {check_step_key1,      {E1,       SEQ,       TO(KEY1),  OK,        SEQ,                  SEQ}, adjust_repeat, false};
static const struct step drive_challenge_step = {check_step_drive_challenge, {E1, SEQ,     SEQ,       TO(DCHAL), OK,                   SEQ}, adjust_repeat, false};
static const struct step key2_step          = {check_step_key2,      {E1,       SEQ,       SEQ,       SEQ,       TO(BUSKEY),           SEQ}, NULL, false};
static const struct step wrong_key2_step    = {send_wrong_key2,      {E1,       SEQ,       SEQ,       SEQ,       {AUTH_FAILURE, FREE}, SEQ}, adjust_wrong_key2, false};
static const struct step title_key_step     = {ask_title_key,            IN_BUSKEY(GOOD, FREE), NULL, true};
static const struct step keyless_step       = {ask_title_key_of_keyless, IN_BUSKEY(NO_KEY, STAY), adjust_keyless, true};
static const struct step past_end_step      = {ask_title_key_past_end,   IN_BUSKEY(LBA_RANGE, STAY), NULL, true};
static const struct step other_region_step  = {ask_title_key,            IN_BUSKEY(REGION_REFUSED, STAY), adjust_region, true};
static const struct step plain_title_step   = {ask_title_key_of_block_0, IN_BUSKEY(NO_KEY, STAY), adjust_plain, true};
static const struct step disc_key_step      = {ask_disc_key,             IN_BUSKEY(GOOD, FREE), NULL, false};
static const struct step plain_disc_step    = {ask_disc_key,             IN_BUSKEY(NO_KEY, STAY), NULL, false};
static const struct step invalidate_step    = {invalidate,           {OK,       TO(FREE),  TO(FREE),  TO(FREE),  TO(FREE),             TO(FREE)}, adjust_invalidate, false};
static const struct step invalidate_by_send_step = {invalidate_by_send, {OK,    TO(FREE),  TO(FREE),  TO(FREE),  TO(FREE),             TO(FREE)}, adjust_invalidate, false};
static const struct step invalidate_another_step = {invalidate_another, ALWAYS(OK), NULL, false};
static const struct step asf_step           = {report_asf,            ALWAYS(OK), NULL, false};
static const struct step rpc_step           = {report_rpc,            ALWAYS(OK), NULL, false};
static const struct step read_step          = {read_block,            ALWAYS(OK), NULL, false};
static const struct step mode_step          = {mode_sense,            ALWAYS(OK), NULL, false};
static const struct step configuration_step = {get_configuration,     ALWAYS(OK), NULL, false};
static const struct step event_step         = {get_event_status,      ALWAYS(OK), NULL, false};
static const struct step structure_step     = {read_structure,             ALWAYS(OK), NULL, false};
static const struct step unknown_step       = {ask_unknown_format,    ALWAYS(E1), NULL, false};
/* the length of a list is judged before the AGID, what is in it after the state (mmc-spec 1.5) */
static const struct step short_challenge_step = {send_short_challenge, ALWAYS(LEN), NULL, false};
static const struct step short_key2_step    = {send_short_key2,       ALWAYS(LEN), NULL, false};
static const struct step low_challenge_step = {send_understated_challenge, {E1, LIST,      LIST,      LIST,      LIST,                 LIST}, adjust_understated, false};
static const struct step low_key2_step      = {send_understated_key2, {E1,      SEQ,       SEQ,       SEQ,       LIST,                 SEQ}, NULL, false};
/* clang-format on */

/* ---- a row ---- */

/* A title key that this drive refuses in BUSKEY, or the AGID with it. */
static void adjust_title(const struct check *k, struct cell *cell)
{
    if (k->quirks.title_requires_asf && !(k->have & CHECK_CSS)) {
        *cell = (struct cell){AUTH_FAILURE, STAY}; /* no disc key sets ASF on such a disc */
    }
    if (k->quirks.title_requires_asf && !check_asf_after_disc_key(k)) {
        *cell = (struct cell){AUTH_FAILURE, STAY};
    }
    if (cell->outcome != GOOD && k->quirks.title_failed_agid == TITLE_FAILED_FREE) {
        cell->next = FREE;
    }
}

/* out_of_order_resets: what a handshake step that is refused leaves of the exchange. */
static enum check_stage after_refusal(const struct check *k, enum check_stage stage)
{
    static const enum check_stage next[] = {
        [ORDER_STAY] = STAY, [ORDER_GRANTED] = GRANTED, [ORDER_FREE] = FREE};

    return stage == FREE ? FREE : next[k->quirks.out_of_order_resets];
}

static struct cell cell_of(const struct check *k, const struct step *step, enum check_stage stage)
{
    struct cell cell = step->cells[stage];

    if (stage == FREE && cell.outcome == CDB_FIELD && step != &unknown_step) {
        cell.outcome = ungranted[k->quirks.agid_ungranted];
    }
    if (step->adjust) {
        step->adjust(k, stage, &cell);
    }
    if (step->of_title && stage == BUSKEY) {
        adjust_title(k, &cell);
    }
    if (cell.outcome == SEQUENCE) {
        cell.next = after_refusal(k, stage);
    }
    if (cell.next == STAY) {
        cell.next = stage;
    }
    return cell;
}

/* Into the state, and the step. */
static bool ask_cell(struct check *k, const struct step *step, enum check_stage stage,
                     struct check_exchange *x, int wanted)
{
    const bool of_title = step->of_title && stage == BUSKEY;

    if (!(of_title ? check_reach_title_key(k, x) : check_reach(k, x, stage))) {
        return false;
    }
    step->run(k, x);
    return check_expect(k, wanted);
}

/* On a drive whose AGIDs a question out of order would move: the step that was next is refused. */
static void expect_moved(struct check *k, struct check_exchange *x, enum check_stage from,
                         enum check_stage to)
{
    if (from == to || from == GRANTED || from == BUSKEY) {
        return; /* going on will tell, or the disc key would */
    }
    if (from == HCHAL) {
        check_step_key1(k, x);
    } else if (from == KEY1) {
        check_step_drive_challenge(k, x);
    } else {
        check_step_key2(k, x);
    }
    check_expect(k, to == FREE ? ungranted[k->quirks.agid_ungranted] : SEQUENCE);
}

static void expect_stage(struct check *k, struct check_exchange *x, enum check_stage from,
                         enum check_stage wanted)
{
    const bool alike = k->quirks.agid_ungranted == UNGRANTED_IGNORE;
    enum check_stage seen;

    if (k->quirks.out_of_order_resets != ORDER_STAY) {
        if (wanted < from) {
            expect_moved(k, x, from, wanted);
        }
        return;
    }
    seen = check_find_stage(k, x);
    if (seen == wanted || (alike && wanted == FREE && seen == GRANTED)) {
        return;
    }
    check_fail(k, "expected the AGID in %s afterwards, seen it in %s", check_stage_names[wanted],
               check_stage_names[seen]);
}

static void run_cell(struct check *k, const struct check_row *row)
{
    const struct step *step = row->detail;
    const struct cell cell = cell_of(k, step, row->value);
    struct check_exchange x;

    if (!ask_cell(k, step, row->value, &x, cell.outcome)) {
        return;
    }
    expect_stage(k, &x, row->value, cell.next);
    check_step_invalidate(k, x.agid);
    if (k->verdict == CHECK_FAILED || !ask_cell(k, step, row->value, &x, cell.outcome)) {
        return;
    }
    check_where(k, "%s", "going on");
    check_complete(k, &x, cell.next);
}

/* ---- the rows ---- */

/* clang-format off */
#define IN_STATE(word, state, name, needs, step)                                                   \
    {"state." word "." name, "mmc-spec 2.3", CHECK_EXCHANGE | (needs), run_cell, &(step), state}
#define IN_ALL(name, needs, step)                                                                  \
    IN_STATE("free", FREE, name, needs, step),                                                     \
    IN_STATE("granted", GRANTED, name, needs, step),                                               \
    IN_STATE("hchal", HCHAL, name, needs, step),                                                   \
    IN_STATE("key1", KEY1, name, needs, step),                                                     \
    IN_STATE("dchal", DCHAL, name, needs, step),                                                   \
    IN_STATE("buskey", BUSKEY, name, needs, step)

static const struct check_row rows[] = {
    IN_ALL("report-another-agid",         CHECK_TWO_AGIDS, another_agid_step),
    IN_ALL("send-host-challenge",         0, challenge_step),
    IN_ALL("report-key1",                 0, key1_step),
    IN_ALL("report-drive-challenge",      0, drive_challenge_step),
    IN_ALL("send-key2",                   0, key2_step),
    IN_ALL("send-wrong-key2",             0, wrong_key2_step),
    IN_ALL("report-title-key",            CHECK_REGION_MATCH | CHECK_GATED, title_key_step),
    IN_ALL("report-title-key-keyless",    CHECK_REGION_MATCH | CHECK_KEYLESS, keyless_step),
    IN_ALL("report-title-key-past-end",   0, past_end_step),
    IN_ALL("report-title-key-other-region", CHECK_REGION_MISMATCH | CHECK_GATED, other_region_step),
    IN_ALL("report-title-key-plain-disc", CHECK_NO_CSS, plain_title_step),
    IN_ALL("read-disc-key",               CHECK_CSS, disc_key_step),
    IN_ALL("read-disc-key-plain-disc",    CHECK_NO_CSS, plain_disc_step),
    IN_ALL("invalidate",                  0, invalidate_step),
    IN_ALL("invalidate-by-send",          0, invalidate_by_send_step),
    IN_ALL("invalidate-another",          CHECK_TWO_AGIDS, invalidate_another_step),
    IN_ALL("report-asf",                  0, asf_step),
    IN_ALL("report-rpc-state",            0, rpc_step),
    IN_ALL("read",                        0, read_step),
    IN_ALL("mode-sense",                  0, mode_step),
    IN_ALL("get-configuration",           0, configuration_step),
    IN_ALL("get-event-status",            0, event_step),
    IN_ALL("read-structure",              0, structure_step),
    IN_ALL("unknown-format",              0, unknown_step),
    IN_ALL("send-short-challenge",        0, short_challenge_step),
    IN_ALL("send-short-key2",             0, short_key2_step),
    IN_ALL("send-understated-challenge",  0, low_challenge_step),
    IN_ALL("send-understated-key2",       0, low_key2_step),
};
/* clang-format on */

const struct check_theme check_theme_key_state = {rows, ROWS_OF(rows)};
