/* SPDX-License-Identifier: GPL-2.0-only */
/* The pool of AGIDs (mmc-spec 2.1, 2.5): order, exhaustion, giving back, leaks. */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#define AGIDS_MAX 4
#define ROUNDS    16

static unsigned pool(const struct check *k)
{
    return check_agids(k);
}

static unsigned nth(const struct check *k, unsigned granted)
{
    return check_nth_agid(k, granted);
}

/* Grant until none is left, in the order that is expected. False: the row has failed. */
static bool grant_all(struct check *k)
{
    if (!check_can_give_back(k)) {
        check_skip(k, "agid_field is ignored: AGIDs could not be given back");
        return false;
    }
    for (unsigned n = 0; n < pool(k); n++) {
        struct check_exchange x;

        check_step_agid(k, &x);
        if (!check_expect(k, GOOD) || !check_expect_number(k, "AGID", nth(k, n), x.agid)) {
            return false;
        }
    }
    return k->verdict != CHECK_FAILED;
}

/* Whether an AGID is out: a host challenge is taken. */
static void expect_granted(struct check *k, unsigned agid)
{
    struct check_exchange x = {.agid = agid, .variant = -1};

    check_where(k, "AGID %u", agid);
    check_step_challenge(k, &x);
    check_expect(k, GOOD);
    check_where(k, "%s", "");
}

static void expect_all_free(struct check *k)
{
    int count = check_count_free(k);

    if (count >= 0) {
        check_expect_number(k, "AGIDs that are free", pool(k), (unsigned)count);
    }
}

/* ---- granting ---- */

static void reply(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    check_step_agid(k, &x);
    check_expect(k, GOOD);
}

/* Linux sends a stale AGID with the request. */
static void stale_agid(struct check *k, const struct check_row *row)
{
    (void)row;
    for (unsigned agid = 0; agid < AGIDS_MAX; agid++) {
        ask_report_key(k, agid, KEY_AGID, 0, AGID_BYTES);
        if (check_expect_reply(k, AGID_BYTES)) {
            check_expect_number(k, "AGID", nth(k, 0), k->in[7] >> 6);
        }
        check_step_invalidate(k, nth(k, 0));
        check_expect(k, GOOD);
    }
}

static void order(struct check *k, const struct check_row *row)
{
    (void)row;
    grant_all(k);
}

/* No AGID is lost on the way: the same one each time. */
static void no_leak(struct check *k, const struct check_row *row)
{
    (void)row;
    for (unsigned n = 0; n < ROUNDS && k->verdict != CHECK_FAILED; n++) {
        struct check_exchange x;

        check_where(k, "round %u", n + 1);
        check_step_agid(k, &x);
        if (check_expect(k, GOOD)) {
            check_expect_number(k, "AGID", nth(k, 0), x.agid);
            check_step_invalidate(k, x.agid);
            check_expect(k, GOOD);
        }
    }
}

/* ---- exhaustion ---- */

/* What the request ends with, and whether all AGIDs are free afterwards, per agid_exhausted. */
static const struct {
    int outcome;
    bool frees;
} exhausted[] = {
    [EXHAUSTED_5500] = {NO_AGID, false},
    [EXHAUSTED_2C00] = {SEQUENCE, false},
    [EXHAUSTED_2C00_INVALIDATE] = {SEQUENCE, true},
    [EXHAUSTED_REUSE] = {GOOD, false},
    [EXHAUSTED_6F01_INVALIDATE] = {NO_KEY, true},
    [EXHAUSTED_REUSE_THEN_6F01] = {GOOD, false},
    [EXHAUSTED_SENSE0] = {NO_SENSE, false},
};

static void one_too_many(struct check *k, const struct check_row *row)
{
    (void)row;
    if (grant_all(k)) {
        ask_report_key(k, 0, KEY_AGID, 0, AGID_BYTES);
        check_expect(k, exhausted[k->quirks.agid_exhausted].outcome);
    }
}

/* The request that came too much has not touched those that are out, or has freed them all. */
static void one_too_many_and_others(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!grant_all(k)) {
        return;
    }
    ask_report_key(k, 0, KEY_AGID, 0, AGID_BYTES);
    if (exhausted[k->quirks.agid_exhausted].frees) {
        expect_all_free(k);
        return;
    }
    for (unsigned n = 0; n < pool(k); n++) {
        expect_granted(k, nth(k, n));
    }
}

/* An AGID that is granted anew is a new one: what the exchange had is gone. */
static void reused(struct check *k, const struct check_row *row)
{
    const unsigned quirk = k->quirks.agid_exhausted;
    struct check_exchange x, again;

    (void)row;
    if (quirk != EXHAUSTED_REUSE && quirk != EXHAUSTED_REUSE_THEN_6F01) {
        check_skip(k, "needs agid_exhausted to be a reuse");
        return;
    }
    if (!check_reach(k, &x, KEY1)) {
        return;
    }
    for (unsigned n = 1; n < pool(k); n++) {
        check_step_agid(k, &again);
    }
    check_step_agid(k, &again);
    if (!check_expect(k, GOOD) || !check_expect_number(k, "AGID", nth(k, 0), again.agid)) {
        return;
    }
    check_step_agid(k, &again);
    check_expect(k, quirk == EXHAUSTED_REUSE ? GOOD : NO_KEY);
    if (quirk == EXHAUSTED_REUSE) {
        check_step_drive_challenge(k, &x);
        check_expect(k, SEQUENCE);
    } else {
        expect_all_free(k);
    }
}

/* ---- giving back ---- */

enum way { BY_REPORT, BY_SEND, BY_SEND_WITH_LIST };

/* Three shapes that hosts use (windows-spec f.4). */
static int give_back(struct check *k, enum way way, unsigned agid)
{
    const uint8_t list[4] = {0, 2};

    switch (way) {
    case BY_REPORT:
        return check_step_invalidate(k, agid);
    case BY_SEND:
        return ask_send_key(k, agid, KEY_INVALIDATE, NULL, 0);
    case BY_SEND_WITH_LIST:
        break;
    }
    return ask_send_key(k, agid, KEY_INVALIDATE, list, sizeof(list));
}

static void given_back(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!grant_all(k)) {
        return;
    }
    for (unsigned n = pool(k); n-- > 0;) {
        const unsigned agid = nth(k, n);

        check_where(k, "AGID %u", agid);
        give_back(k, row->value, agid);
        check_expect(k, GOOD);
        check_step_agid(k, &x);
        if (!check_expect(k, GOOD) || !check_expect_number(k, "AGID", agid, x.agid)) {
            return;
        }
    }
}

/* Two are free: the order decides, not which was given back last. */
static void first_in_order_again(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!grant_all(k)) {
        return;
    }
    check_step_invalidate(k, nth(k, 0));
    check_step_invalidate(k, nth(k, 1));
    check_step_agid(k, &x);
    if (check_expect(k, GOOD)) {
        check_expect_number(k, "AGID", nth(k, 0), x.agid);
    }
}

static void with_allocation(struct check *k, const struct check_row *row)
{
    static const size_t lengths[] = {0, 8, 16};

    (void)row;
    for (size_t i = 0; i < ROWS_OF(lengths); i++) {
        struct check_exchange x;

        check_where(k, "allocation length %zu", lengths[i]);
        check_step_agid(k, &x);
        check_expect(k, GOOD);
        ask_report_key(k, x.agid, KEY_INVALIDATE, 0, lengths[i]);
        if (!check_expect_reply(k, 0)) {
            return;
        }
        expect_all_free(k);
    }
}

/* Windows ends "all sessions" by going through 0 to 3, and stops at the first that fails. */
static void windows_loop(struct check *k, const struct check_row *row)
{
    const int wanted = k->quirks.invalidate_ungranted == INVALIDATE_GOOD ? GOOD : CDB_FIELD;

    for (unsigned agid = 0; agid < AGIDS_MAX; agid++) {
        give_back(k, row->value, agid);
        check_expect(k, wanted);
    }
}

static void others_go_on(struct check *k, const struct check_row *row)
{
    struct check_exchange kept, gone;

    (void)row;
    if (check_reach(k, &kept, DCHAL) && check_reach(k, &gone, KEY1)) {
        check_step_invalidate(k, gone.agid);
        check_expect(k, GOOD);
        check_complete(k, &kept, DCHAL);
    }
}

/* ---- the field ---- */

/* What a handshake step on an AGID that nobody has ends with, per value of agid_ungranted. */
static const int ungranted[] = {
    [UNGRANTED_2400] = CDB_FIELD,
    [UNGRANTED_2C00] = SEQUENCE,
    [UNGRANTED_IGNORE] = SEQUENCE,
};

/* Another number in the CDB is another exchange, or, per agid_field, means nothing. */
static void field(struct check *k, const struct check_row *row)
{
    const bool ignored = k->quirks.agid_field == FIELD_IGNORED;
    struct check_exchange x, other;

    (void)row;
    if (!check_reach(k, &x, DCHAL)) {
        return;
    }
    other = x;
    other.agid = x.agid ^ 1;
    check_step_key2(k, &other);
    if (check_expect(k, ignored ? GOOD : ungranted[k->quirks.agid_ungranted])) {
        check_complete(k, ignored ? &other : &x, ignored ? BUSKEY : DCHAL);
    }
}

/* A number that is never granted, whatever agid_ungranted lets pass. */
static void outside_pool(struct check *k, const struct check_row *row)
{
    const int wanted = ungranted[k->quirks.agid_ungranted];
    struct check_exchange x;

    (void)row;
    if (pool(k) == AGIDS_MAX || k->quirks.agid_field == FIELD_IGNORED) {
        check_skip(k, "every number in a CDB is an AGID");
        return;
    }
    check_begin(k, &x);
    x.agid = nth(k, pool(k));
    check_step_challenge(k, &x);
    check_expect(k, wanted);
    check_step_key1(k, &x);
    check_expect(k, wanted);
    check_step_drive_challenge(k, &x);
    check_expect(k, wanted);
    check_step_key2(k, &x);
    check_expect(k, wanted);
}

/* ---- freed by the exchange itself ---- */

static void freed_by_disc_key(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k)) {
        expect_all_free(k);
    }
}

static void freed_by_title_key(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_reach_title_key(k, &x)) {
        check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
        if (check_expect(k, GOOD)) {
            expect_all_free(k);
        }
    }
}

static void freed_by_wrong_key2(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_reach(k, &x, DCHAL)) {
        check_step_wrong_key2(k, &x, &(const css_key2){{0xff}});
        if (!check_expect(k, AUTH_FAILURE)) {
            return;
        }
        if (k->quirks.bad_key2_agid == BAD_KEY2_FREE) {
            expect_all_free(k);
        } else {
            check_complete(k, &x, DCHAL); /* another try */
        }
    }
}

/* ---- a disc without CSS, per value of non_css ---- */

static void plain_disc(struct check *k, const struct check_row *row)
{
    static const struct {
        int at_agid, at_key1;
    } outcomes[] = {
        [NON_CSS_ALLOW_6F01] = {GOOD, GOOD},         [NON_CSS_3002_AT_AGID] = {WRONG_FORMAT, GOOD},
        [NON_CSS_6F01_AT_KEY1] = {GOOD, NO_KEY},     [NON_CSS_ZERO_TITLE_KEY] = {GOOD, GOOD},
        [NON_CSS_SENSE0_AT_AGID] = {NO_SENSE, GOOD},
    };
    const unsigned quirk = k->quirks.non_css;
    struct check_exchange x;

    (void)row;
    check_begin(k, &x);
    check_step_agid(k, &x);
    if (!check_expect(k, outcomes[quirk].at_agid) || outcomes[quirk].at_agid != GOOD) {
        return;
    }
    check_step_challenge(k, &x);
    check_expect(k, GOOD);
    check_step_key1(k, &x);
    check_expect(k, outcomes[quirk].at_key1);
}

/* clang-format off */
static const struct check_row rows[] = {
    {"agid.reply",                       "mmc-spec 1.2", CHECK_EXCHANGE, reply, NULL, 0},
    {"agid.stale-agid-is-ignored",       "mmc-spec 1.2", CHECK_EXCHANGE, stale_agid, NULL, 0},
    {"agid.order",                       "mmc-spec 2.5", CHECK_EXCHANGE, order, NULL, 0},
    {"agid.no-leak",                     "mmc-spec 2.5", CHECK_EXCHANGE, no_leak, NULL, 0},
    {"agid.exhausted",                   "mmc-spec 2.5", CHECK_EXCHANGE, one_too_many, NULL, 0},
    {"agid.exhausted-and-those-out",     "quirks",       CHECK_EXCHANGE, one_too_many_and_others, NULL, 0},
    {"agid.reused",                      "quirks",       CHECK_EXCHANGE, reused, NULL, 0},
    {"agid.granted-again-after-report",  "mmc-spec 9",   CHECK_EXCHANGE, given_back, NULL, BY_REPORT},
    {"agid.granted-again-after-send",    "windows-spec f", CHECK_EXCHANGE, given_back, NULL, BY_SEND},
    {"agid.granted-again-after-send-with-list", "windows-spec f", CHECK_EXCHANGE, given_back, NULL, BY_SEND_WITH_LIST},
    {"agid.first-in-order-again",        "mmc-spec 2.3", CHECK_EXCHANGE | CHECK_TWO_AGIDS, first_in_order_again, NULL, 0},
    {"agid.invalidate-with-allocation",  "mmc-spec 1.3", CHECK_EXCHANGE, with_allocation, NULL, 0},
    {"agid.invalidate-ungranted-by-report", "mmc-spec 2.3", 0, windows_loop, NULL, BY_REPORT},
    {"agid.invalidate-ungranted-by-send", "mmc-spec 9",  0, windows_loop, NULL, BY_SEND},
    {"agid.others-go-on",                "mmc-spec 2.1", CHECK_EXCHANGE | CHECK_TWO_AGIDS, others_go_on, NULL, 0},
    {"agid.field",                       "mmc-spec 1.2", CHECK_EXCHANGE, field, NULL, 0},
    {"agid.outside-pool",                "quirks",       CHECK_EXCHANGE, outside_pool, NULL, 0},
    {"agid.freed-by-disc-key",           "mmc-spec 2.3", CHECK_CSS, freed_by_disc_key, NULL, 0},
    {"agid.freed-by-title-key",          "mmc-spec 2.3", CHECK_REGION_MATCH | CHECK_GATED, freed_by_title_key, NULL, 0},
    {"agid.freed-by-wrong-key2",         "mmc-spec 2.3", CHECK_EXCHANGE, freed_by_wrong_key2, NULL, 0},
    {"agid.plain-disc",                  "mmc-spec 2.6", CHECK_NO_CSS, plain_disc, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_agid = {rows, ROWS_OF(rows)};
