/* SPDX-License-Identifier: GPL-2.0-only */
/* Two initiators (mmc-spec 2.1, 2.8): what is each one's, and what is the drive's. */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#define LOSS_MS 3000 /* in which a target has noticed a logout */
#define POLL_MS 100

/* ---- unit attention ---- */

static void attention_once(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_login(k, 1)) {
        return;
    }
    k->host = 1;
    ask_test_unit_ready(k);
    check_expect(k, POWER_ON);
    ask_test_unit_ready(k);
    check_expect(k, k->have & CHECK_EMPTY ? NO_MEDIUM : GOOD);
}

static void attention_of_others(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_login(k, 1)) {
        ask_test_unit_ready(k);
        check_expect(k, k->have & CHECK_EMPTY ? NO_MEDIUM : GOOD);
    }
}

/* INQUIRY neither meets the attention nor takes it. */
static void inquiry_before_attention(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_login(k, 1)) {
        k->host = 1;
        ASK(k, 36, OP_INQUIRY, 0, 0, 0, 36, 0);
        check_expect_reply(k, 36);
        ask_test_unit_ready(k);
        check_expect(k, POWER_ON);
    }
}

static void request_sense_takes_it(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_login(k, 1)) {
        return;
    }
    k->host = 1;
    ASK(k, 18, OP_REQUEST_SENSE, 0, 0, 0, 18, 0);
    if (check_expect_reply(k, 18)) {
        check_expect_number(k, "sense key", 6, k->in[2] & 0x0f);
        check_expect_number(k, "ASC", 0x29, k->in[12]);
    }
    ask_test_unit_ready(k);
    check_expect(k, k->have & CHECK_EMPTY ? NO_MEDIUM : GOOD);
}

/* The command that met the attention has not been done: the pool is as it was. */
static void attention_instead(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!check_login(k, 1)) {
        return;
    }
    k->host = 1;
    check_step_agid(k, &x);
    check_expect(k, POWER_ON);
    check_step_agid(k, &x);
    if (check_expect(k, GOOD)) {
        check_expect_number(k, "AGID", check_nth_agid(k, 0), x.agid);
    }
}

/* ---- AGIDs and ASF are the drive's ---- */

/* One begins, the other ends it; a step of each. */
static void exchange_of_two(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!check_second_host(k) || !check_reach(k, &x, HCHAL)) {
        return;
    }
    k->host = 1;
    check_step_key1(k, &x);
    check_expect(k, GOOD);
    k->host = 0;
    check_step_drive_challenge(k, &x);
    check_expect(k, GOOD);
    k->host = 1;
    if (check_go_on(k, &x, DCHAL)) {
        check_cash_in(k, &x);
    }
}

static void one_pool(struct check *k, const struct check_row *row)
{
    struct check_exchange a, b;

    (void)row;
    if (!check_second_host(k) || !check_reach(k, &a, GRANTED)) {
        return;
    }
    k->host = 1;
    check_step_agid(k, &b);
    if (check_expect(k, GOOD)) {
        check_expect_number(k, "AGID", check_nth_agid(k, 1), b.agid);
    }
}

static void invalidated_by_other(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!check_second_host(k) || !check_reach(k, &x, DCHAL)) {
        return;
    }
    k->host = 1;
    check_step_invalidate(k, x.agid);
    check_expect(k, GOOD);
    k->host = 0;
    check_step_disc_key(k, &x, NULL);
    check_expect(k, NOT_ESTABLISHED);
    check_step_agid(k, &x);
    if (check_expect(k, GOOD)) {
        check_expect_number(k, "AGID", check_nth_agid(k, 0), x.agid);
    }
}

static void one_asf(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_second_host(k) || !check_lock(k) || !check_unlock(k)) {
        return;
    }
    k->host = 1;
    check_expect_asf(k, check_asf_after_disc_key(k));
    ask_read(k, k->facts.gated_lba, 1);
    check_expect(k, check_unlocked_read(k));
    check_lock(k);
    k->host = 0;
    check_expect_asf(k, false);
}

/* AGIDs have no owner: they outlive who asked for them, in every state. */
static void logout_keeps_agid(struct check *k, const struct check_row *row)
{
    (void)row;
    for (enum check_stage stage = GRANTED; stage < STAGES; stage++) {
        struct check_exchange x;

        check_where(k, "in %s", check_stage_names[stage]);
        if (!check_second_host(k)) {
            return;
        }
        k->host = 1;
        if (!check_reach(k, &x, stage)) {
            return;
        }
        check_logout(k, 1);
        k->host = 0;
        if (!check_complete(k, &x, stage)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

static void logout_keeps_asf(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_second_host(k)) {
        return;
    }
    k->host = 1;
    if (check_unlock(k)) {
        check_logout(k, 1);
        k->host = 0;
        check_expect_asf(k, check_asf_after_disc_key(k));
    }
}

/* ---- prevention is each one's ---- */

static bool prevent(struct check *k, unsigned host, bool on)
{
    bool good;

    k->host = host;
    k->may_prevent = true;
    ASK(k, 0, OP_PREVENT_ALLOW, 0, 0, 0, on, 0);
    good = check_expect(k, GOOD);
    k->host = 0;
    return good;
}

static bool is_locked(struct check *k)
{
    int bits = ask_lock_bits(k);

    return bits >= 0 && bits & PAGE_2A_LOCKED;
}

static void expect_locked(struct check *k, bool wanted)
{
    int bits = ask_lock_bits(k);

    if (bits >= 0) {
        check_expect_number(k, "lock state in page 2Ah", wanted ? PAGE_2A_LOCKED : 0,
                            (unsigned)bits & PAGE_2A_LOCKED);
    }
}

static bool can_lock(struct check *k)
{
    int bits = ask_lock_bits(k);

    if (bits >= 0 && !(bits & PAGE_2A_CAN_LOCK)) {
        check_skip(k, "the drive cannot lock its tray");
    }
    return bits >= 0 && bits & PAGE_2A_CAN_LOCK;
}

static void prevent_each(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!can_lock(k) || !check_second_host(k)) {
        return;
    }
    expect_locked(k, false);
    if (prevent(k, 0, true) && prevent(k, 1, true)) {
        expect_locked(k, true);
        prevent(k, 0, false);
        expect_locked(k, true); /* the other's holds */
        prevent(k, 1, false);
        expect_locked(k, false);
    }
}

/* How soon a target notices that a nexus has gone is its own affair. */
static void prevent_until_logout(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!can_lock(k) || !check_second_host(k) || !prevent(k, 1, true)) {
        return;
    }
    expect_locked(k, true);
    check_logout(k, 1);
    for (unsigned ms = 0; ms < LOSS_MS && is_locked(k) && k->wire.pause_ms; ms += POLL_MS) {
        k->wire.pause_ms(k->wire.ctx, POLL_MS);
    }
    expect_locked(k, false);
}

/* clang-format off */
static const struct check_row rows[] = {
    {"nexus.attention-once",             "mmc-spec 2.8", CHECK_SESSIONS, attention_once, NULL, 0},
    {"nexus.attention-of-others",        "mmc-spec 2.8", CHECK_SESSIONS, attention_of_others, NULL, 0},
    {"nexus.inquiry-before-attention",   "mmc-spec 6",   CHECK_SESSIONS, inquiry_before_attention, NULL, 0},
    {"nexus.request-sense-takes-attention", "mmc-spec 6", CHECK_SESSIONS, request_sense_takes_it, NULL, 0},
    {"nexus.attention-instead-of-command", "mmc-spec 1.5", CHECK_SESSIONS | CHECK_EXCHANGE, attention_instead, NULL, 0},
    {"nexus.exchange-of-two",            "mmc-spec 2.1", CHECK_SESSIONS | CHECK_EXCHANGE, exchange_of_two, NULL, 0},
    {"nexus.one-pool",                   "mmc-spec 2.1", CHECK_SESSIONS | CHECK_EXCHANGE | CHECK_TWO_AGIDS, one_pool, NULL, 0},
    {"nexus.invalidated-by-other",       "mmc-spec 2.1", CHECK_SESSIONS | CHECK_EXCHANGE, invalidated_by_other, NULL, 0},
    {"nexus.one-asf",                    "mmc-spec 2.1", CHECK_SESSIONS | CHECK_GATED, one_asf, NULL, 0},
    {"nexus.logout-keeps-agids",         "mmc-spec 2.8", CHECK_SESSIONS | CHECK_EXCHANGE, logout_keeps_agid, NULL, 0},
    {"nexus.logout-keeps-asf",           "mmc-spec 2.8", CHECK_SESSIONS | CHECK_CSS, logout_keeps_asf, NULL, 0},
    {"nexus.prevention-is-each-ones",    "mmc-spec 6.8", CHECK_SESSIONS, prevent_each, NULL, 0},
    {"nexus.prevention-ends-with-logout", "mmc-spec 6.8", CHECK_SESSIONS, prevent_until_logout, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_nexus = {rows, ROWS_OF(rows)};
