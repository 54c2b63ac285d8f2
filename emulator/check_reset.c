/* SPDX-License-Identifier: GPL-2.0-only */
/* LOGICAL UNIT RESET (mmc-spec 2.8). */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#include <string.h>

static void attention(struct check *k, const struct check_row *row)
{
    const int ready = k->have & CHECK_EMPTY ? NO_MEDIUM : GOOD;

    (void)row;
    if (!check_second_host(k) || !check_reset_unit(k)) {
        return;
    }
    for (unsigned host = 0; host < 2; host++) {
        k->host = host;
        check_where(k, "initiator %u", host + 1);
        ask_test_unit_ready(k);
        check_expect(k, POWER_ON);
        ask_test_unit_ready(k);
        check_expect(k, ready);
    }
}

static void frees_agids(struct check *k, const struct check_row *row)
{
    (void)row;
    for (enum check_stage stage = GRANTED; stage < STAGES; stage++) {
        struct check_exchange x;
        int count;

        check_where(k, "in %s", check_stage_names[stage]);
        if (!check_reach(k, &x, stage) || !check_reset_unit(k)) {
            return;
        }
        check_drain(k);
        count = check_count_free(k);
        if (count < 0 ||
            !check_expect_number(k, "AGIDs that are free", check_agids(k), (unsigned)count)) {
            return;
        }
        check_step_disc_key(k, &x, NULL);
        check_expect(k, NOT_ESTABLISHED);
    }
}

static void clears_asf(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k) && check_reset_unit(k)) {
        check_drain(k);
        check_expect_asf(k, false);
    }
}

static void locks_gated(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k) && check_reset_unit(k)) {
        check_drain(k);
        ask_read(k, k->facts.gated_lba, 1);
        check_expect(k, SCRAMBLED);
    }
}

static void ends_prevention(struct check *k, const struct check_row *row)
{
    int bits = ask_lock_bits(k);

    (void)row;
    if (bits < 0) {
        return;
    }
    if (!(bits & PAGE_2A_CAN_LOCK)) {
        check_skip(k, "the drive cannot lock its tray");
        return;
    }
    k->may_prevent = true;
    ASK(k, 0, OP_PREVENT_ALLOW, 0, 0, 0, 1, 0);
    if (!check_expect(k, GOOD) || !check_reset_unit(k)) {
        return;
    }
    check_drain(k);
    bits = ask_lock_bits(k);
    if (bits >= 0) {
        check_expect_number(k, "lock state in page 2Ah", 0, (unsigned)bits & PAGE_2A_LOCKED);
    }
}

static void keeps_region(struct check *k, const struct check_row *row)
{
    uint8_t before[RPC_REPLY_BYTES];

    (void)row;
    ask_report_key(k, 0, KEY_RPC_STATE, 0, sizeof(before));
    if (!check_expect_reply(k, sizeof(before))) {
        return;
    }
    memcpy(before, k->in, sizeof(before));
    if (check_reset_unit(k)) {
        check_drain(k);
        ask_report_key(k, 0, KEY_RPC_STATE, 0, sizeof(before));
        if (check_expect_reply(k, sizeof(before))) {
            check_expect_data(k, "RPC state", before, sizeof(before));
        }
    }
}

/* clang-format off */
static const struct check_row rows[] = {
    {"reset.attention-to-all",  "mmc-spec 2.8", CHECK_RESET | CHECK_SESSIONS, attention, NULL, 0},
    {"reset.frees-agids",       "mmc-spec 2.8", CHECK_RESET | CHECK_EXCHANGE, frees_agids, NULL, 0},
    {"reset.clears-asf",        "mmc-spec 2.8", CHECK_RESET | CHECK_CSS, clears_asf, NULL, 0},
    {"reset.locks-scrambled-blocks", "mmc-spec 2.8", CHECK_RESET | CHECK_GATED, locks_gated, NULL, 0},
    {"reset.ends-prevention",   "mmc-spec 6.8", CHECK_RESET, ends_prevention, NULL, 0},
    {"reset.keeps-region",      "mmc-spec 2.8", CHECK_RESET, keeps_region, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_reset = {rows, ROWS_OF(rows)};
