/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A drive that takes its time, on a clock that the test moves: nothing here sleeps. Every answer
 * of such a drive waits for its time, so its initiator is the one that sends without waiting.
 */
#include "host_cdbs.h"
#include "rig.h"
#include "scsi/be.h"
#include "tests/support/raw_iscsi.h"
#include "tests/unit/unit.h"

#include <string.h>

#define SLOW_NAME   "iqn.2026-01.org.example:slow"
#define QUICK       1 /* number of the drive that takes no time */
#define FAR_LBA     1000
#define SENSE_AT    2 /* behind the length in a Response PDU's segment */
#define GOOD_STATUS 0

static const uint8_t unit_ready_cdb[6];
static const uint8_t read_cdb[10] = {0x28, 0, 0, 0, FAR_LBA >> 8, FAR_LBA & 0xff, 0, 0, 2, 0};

static const struct raw_command unit_ready = {
    .cdb = unit_ready_cdb, .cdb_bytes = sizeof(unit_ready_cdb), .flags = RAW_FINAL | RAW_SIMPLE};
static const struct raw_command far_read = {.cdb = read_cdb,
                                            .cdb_bytes = sizeof(read_cdb),
                                            .flags = RAW_FINAL | RAW_READ | RAW_SIMPLE,
                                            .expected_bytes = 2 * RIG_BLOCK_BYTES};

static struct served *serve_both(void)
{
    rig_write_image("x.iso");
    return RIG_SERVE("--state", "none", "--drive",
                     rig_write_text("two.conf", "disc = x.iso\n[slow]\nspeed = real\n"
                                                "clock = virtual\n[quick]\nlog = info\n"));
}

static void advance(struct served *s, const char *ms)
{
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "clock", "--drive", "1", "--advance", ms), 0);
}

/* What a command comes to once `ms` have passed: as enum outcome. */
static int outcome_after(struct served *s, struct raw_iscsi *raw, const struct raw_command *c,
                         const char *ms)
{
    struct raw_reply reply;
    int outcome = 0;

    CU_ASSERT_TRUE_FATAL(raw_send(raw, c));
    touch_block(rig_login(s, QUICK, "witness"), 0); /* tgtd has seen the command by then */
    CU_ASSERT_FALSE(raw_has_answer(raw));
    advance(s, ms);
    CU_ASSERT_TRUE_FATAL(raw_wait(raw, c, &reply));
    if (reply.status != GOOD_STATUS) {
        const uint8_t *sense = reply.segment + SENSE_AT;

        outcome = sense[2] << 16 | sense[12] << 8 | sense[13];
    }
    raw_reply_free(&reply);
    return outcome;
}

/* A session with a disc that has become ready, and every attention taken. */
static struct raw_iscsi *log_in_to_slow(struct served *s)
{
    struct raw_iscsi *raw = raw_login(served_url(s, 0), SLOW_NAME);

    CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), POWER_ON);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), BECOMING_READY);
    EXPECT(outcome_after(s, raw, &unit_ready, "5990"), BECOMING_READY); /* it came at 2 ms */
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), BECOMING_READY);
    EXPECT(outcome_after(s, raw, &unit_ready, "10"), BECOMING_READY);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), MEDIUM_CHANGED);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), GOOD);
    return raw;
}

static void an_answer_waits_for_its_time_and_stalls_nobody(void)
{
    struct served *s = serve_both();
    struct raw_iscsi *raw = log_in_to_slow(s);
    struct initiator *other = rig_ready(s, QUICK, "b");
    uint8_t got[2 * RIG_BLOCK_BYTES], want[RIG_BLOCK_BYTES];
    struct raw_reply reply;

    CU_ASSERT_TRUE_FATAL(raw_send(raw, &far_read));
    for (uint32_t lba = 0; lba < 200; lba++) {
        EXPECT(touch_block(other, lba), GOOD);
    }
    CU_ASSERT_FALSE(raw_has_answer(raw));
    advance(s, "27"); /* a seek takes 28 ms at least */
    EXPECT(test_unit_ready(other), GOOD);
    CU_ASSERT_FALSE(raw_has_answer(raw));
    advance(s, "30");
    CU_ASSERT_TRUE_FATAL(raw_wait(raw, &far_read, &reply));
    CU_ASSERT_EQUAL(reply.status, GOOD_STATUS);
    CU_ASSERT_EQUAL(raw_data_in(&reply, got, sizeof(got)), sizeof(got));
    rig_block(FAR_LBA + 1, want);
    CU_ASSERT_EQUAL(memcmp(got + RIG_BLOCK_BYTES, want, sizeof(want)), 0);
    raw_reply_free(&reply);
    raw_close(raw, false);
}

/* The disc of a read that is on its way lives until the read is done. */
static void a_read_outlives_the_eject_of_its_disc(void)
{
    struct served *s = serve_both();
    struct raw_iscsi *raw = log_in_to_slow(s);
    uint8_t got[2 * RIG_BLOCK_BYTES], want[RIG_BLOCK_BYTES];
    struct raw_reply reply;

    CU_ASSERT_TRUE_FATAL(raw_send(raw, &far_read));
    touch_block(rig_login(s, QUICK, "witness"), 0); /* tgtd has seen the command by then */
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject", "--drive", "1"), 0);
    CU_ASSERT_EQUAL(
        RIG_OPERATOR(s, "insert", "--drive", "1", rig_write_css_disc("css.disc", "all")), 0);
    advance(s, "500");
    CU_ASSERT_TRUE_FATAL(raw_wait(raw, &far_read, &reply));
    CU_ASSERT_EQUAL(reply.status, GOOD_STATUS);
    CU_ASSERT_EQUAL(raw_data_in(&reply, got, sizeof(got)), sizeof(got));
    rig_block(FAR_LBA, want);
    CU_ASSERT_EQUAL(memcmp(got, want, sizeof(want)), 0);
    raw_reply_free(&reply);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), BECOMING_READY);
    EXPECT(outcome_after(s, raw, &unit_ready, "6000"), BECOMING_READY);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), MEDIUM_CHANGED);
    raw_close(raw, false);
}

static void an_abort_ends_the_wait(void)
{
    struct served *s = serve_both();
    struct raw_iscsi *raw = log_in_to_slow(s);

    for (int n = 0; n < 3; n++) {
        CU_ASSERT_TRUE_FATAL(raw_send(raw, &far_read));
        /* tgtd ends the command first, and then knows no such task (docs/spec/tgt-notes.md 7) */
        CU_ASSERT_EQUAL(raw_manage(raw, RAW_ABORT_TASK), 1);
    }
    /* the head did go there: what comes next waits behind it */
    EXPECT(outcome_after(s, raw, &unit_ready, "500"), GOOD);
    raw_close(raw, false);
    EXPECT(test_unit_ready(rig_ready(s, QUICK, "b")), GOOD);
}

static void a_reset_ends_the_wait(void)
{
    struct served *s = serve_both();
    struct raw_iscsi *raw = log_in_to_slow(s);

    CU_ASSERT_TRUE_FATAL(raw_send(raw, &far_read));
    CU_ASSERT_EQUAL(raw_manage(raw, RAW_LUN_RESET), 0);
    EXPECT(outcome_after(s, raw, &unit_ready, "500"), POWER_ON);
    EXPECT(outcome_after(s, raw, &unit_ready, "1"), GOOD);
    raw_close(raw, false);
}

static void a_connection_that_breaks_while_answers_wait_harms_nobody(void)
{
    struct served *s = serve_both();
    struct initiator *other = rig_ready(s, QUICK, "b");

    for (int reset = 0; reset < 2; reset++) {
        struct raw_iscsi *raw = raw_login(served_url(s, 0), SLOW_NAME);

        CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
        for (int n = 0; n < 8; n++) {
            CU_ASSERT_TRUE(raw_send(raw, &unit_ready));
        }
        EXPECT(test_unit_ready(other), GOOD);
        raw_close(raw, reset);
        EXPECT(test_unit_ready(other), GOOD);
        advance(s, "10000");
    }
    EXPECT(touch_block(other, 1), GOOD);
    CU_ASSERT(served_is_running(s));
}

/* A drive on the real clock: only that it answers at all, in its order. */
static void the_real_clock_brings_every_answer(void)
{
    struct served *s;
    struct initiator *i;
    uint8_t block[RIG_BLOCK_BYTES], want[RIG_BLOCK_BYTES];

    rig_write_image("x.iso");
    s = RIG_SERVE("--state", "none", "--speed", "real", "--drive",
                  rig_write_text("quick.conf", "ready_ms = 1\n"), "--disc", rig_path("x.iso"));
    i = rig_login(s, 0, "a");
    EXPECT(test_unit_ready(i), POWER_ON);
    while (test_unit_ready(i) != GOOD) {
        continue; /* 02/04/01, then 06/28/00 */
    }
    EXPECT(read_blocks(i, 900, 1, block), GOOD);
    rig_block(900, want);
    CU_ASSERT_EQUAL(memcmp(block, want, sizeof(want)), 0);
}

UNIT_SUITE(timing, T(an_answer_waits_for_its_time_and_stalls_nobody),
           T(a_read_outlives_the_eject_of_its_disc), T(an_abort_ends_the_wait),
           T(a_reset_ends_the_wait), T(a_connection_that_breaks_while_answers_wait_harms_nobody),
           T(the_real_clock_brings_every_answer));
