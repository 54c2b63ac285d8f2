/* SPDX-License-Identifier: GPL-2.0-only */
/* Sessions that come, go and break, and logical unit reset (mmc-spec 2.8). */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/support/raw_iscsi.h"
#include "tests/unit/unit.h"

#include <string.h>

#define READS_IN_FLIGHT 32

static void a_login_is_told_of_power_on_once(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_login(s, 0, "a"), *b;

    EXPECT(test_unit_ready(a), POWER_ON);
    EXPECT(test_unit_ready(a), GOOD);
    b = rig_login(s, 0, "b");
    EXPECT(test_unit_ready(a), GOOD); /* nothing of another's login */
    EXPECT(touch_block(b, 0), POWER_ON);
    EXPECT(touch_block(b, 0), GOOD);
}

static void a_reset_forgets_all_and_tells_everybody_once(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");
    uint8_t rpc[8] = {0};
    struct exchange x;

    EXPECT(set_region(a, 0xfe), GOOD);
    authenticate(a);
    for (enum stage stage = GRANTED; stage < STAGES; stage++) {
        go_to(&x, b, stage);
        CU_ASSERT(initiator_lun_reset(a));
        EXPECT(test_unit_ready(a), POWER_ON);
        EXPECT(test_unit_ready(a), GOOD);
        EXPECT(test_unit_ready(b), POWER_ON);
        EXPECT(test_unit_ready(b), GOOD);
        CU_ASSERT_EQUAL(find_stage(&x), FREE);
        CU_ASSERT_EQUAL(asf(b), 0);
    }
    EXPECT(report_key(a, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD);
    CU_ASSERT_EQUAL(rpc[4], 0x64);
}

static void a_reset_ends_prevention(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");

    EXPECT(RUN(a, 0x1e, 0, 0, 0, 1, 0), GOOD);
    CU_ASSERT(initiator_lun_reset(b));
    EXPECT(test_unit_ready(b), POWER_ON);
    EXPECT(RUN(b, 0x1b, 0, 0, 0, 2, 0), GOOD);
}

/* Bit 1 of byte 6: the tray is locked. */
static unsigned lock_state(struct initiator *i)
{
    uint8_t reply[40] = {0};

    EXPECT(RUN_IN(i, reply, sizeof(reply), 0x5a, 8, 0x2a, 0, 0, 0, 0, 0, sizeof(reply), 0), GOOD);
    return reply[8 + 6] & 0x02;
}

static void page_2a_forgets_the_lock_of_who_has_left(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");

    EXPECT(RUN(b, 0x1e, 0, 0, 0, 1, 0), GOOD);
    CU_ASSERT_EQUAL(lock_state(a), 0x02);
    rig_logout(b);
    CU_ASSERT_EQUAL(lock_state(a), 0);
}

static void logging_in_again_keeps_agids_and_asf(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    for (enum stage stage = GRANTED; stage < STAGES; stage++) {
        struct exchange x;

        authenticate(i);
        go_to(&x, i, stage);
        rig_logout(i);
        i = x.i = rig_ready(s, 0, "a");
        CU_ASSERT_EQUAL(asf(i), 1);
        CU_ASSERT_TRUE(complete_from(&x, stage));
    }
}

static void a_dropped_connection_keeps_agids_and_asf(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");
    struct exchange x;

    authenticate(a);
    go_to(&x, a, DCHAL);
    rig_drop(a);
    x.i = b;
    CU_ASSERT_EQUAL(asf(b), 1);
    CU_ASSERT_TRUE(complete_from(&x, DCHAL));
    rig_ready(s, 0, "a"); /* and it may come again */
}

/* Status and sense of a command without data, as enum outcome. */
static int raw_outcome(struct raw_iscsi *raw, const uint8_t *cdb, size_t cdb_bytes)
{
    const struct raw_command command = {
        .cdb = cdb, .cdb_bytes = cdb_bytes, .flags = RAW_FINAL | RAW_SIMPLE};
    struct raw_reply reply;
    int outcome = INITIATOR_LOST;

    if (raw_run(raw, &command, &reply)) {
        const uint8_t *sense = reply.segment + 2;

        outcome = reply.status ? sense[2] << 16 | sense[12] << 8 | sense[13] : GOOD;
    }
    raw_reply_free(&reply);
    return outcome;
}
#define RAW_OUTCOME(raw, ...) raw_outcome((raw), CDB(__VA_ARGS__))

/* The same name and ISID again: the old session is lost; AGIDs, ASF and region are the drive's. */
static void a_reinstated_session_is_a_new_nexus(void)
{
    static const char name[] = "iqn.2026-01.org.example:again";
    struct served *s = rig_serve_css();
    struct raw_iscsi *first = raw_login(served_url(s, 0), name), *second;
    struct initiator *i = rig_ready(s, 0, "a");
    uint8_t rpc[8] = {0};
    struct exchange x;

    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    EXPECT(RAW_OUTCOME(first, 0, 0, 0, 0, 0, 0), POWER_ON);
    EXPECT(RAW_OUTCOME(first, 0x1e, 0, 0, 0, 1, 0), GOOD); /* prevents removal */
    EXPECT(set_region(i, 0xfe), GOOD);
    authenticate(i);
    go_to(&x, i, DCHAL);
    EXPECT(RUN(i, 0x1b, 0, 0, 0, 2, 0), PREVENTED);
    second = raw_login(served_url(s, 0), name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    EXPECT(RAW_OUTCOME(second, 0, 0, 0, 0, 0, 0), POWER_ON);
    EXPECT(RAW_OUTCOME(first, 0, 0, 0, 0, 0, 0), INITIATOR_LOST);
    CU_ASSERT_EQUAL(asf(i), 1);
    CU_ASSERT_TRUE(complete_from(&x, DCHAL));
    EXPECT(report_key(i, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD);
    CU_ASSERT_EQUAL(rpc[4], 0x64);
    EXPECT(RUN(i, 0x1b, 0, 0, 0, 2, 0), GOOD); /* prevention went with its nexus */
    raw_close(first, false);
    raw_close(second, false);
}

static void connections_that_break_with_reads_running_harm_nobody(void)
{
    static const uint8_t cdb[10] = {0x28, 0, 0, 0, 0, 0, 0, 0, 32, 0};
    const struct raw_command read = {.cdb = cdb,
                                     .cdb_bytes = sizeof(cdb),
                                     .flags = RAW_FINAL | RAW_READ | RAW_SIMPLE,
                                     .expected_bytes = 32 * RIG_BLOCK_BYTES};
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    for (int reset = 0; reset < 2; reset++) {
        struct raw_iscsi *raw = raw_login(served_url(s, 0), "iqn.2026-01.org.example:raw");

        CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
        for (int n = 0; n < READS_IN_FLIGHT; n++) {
            CU_ASSERT(raw_send(raw, &read));
        }
        raw_close(raw, reset);
        EXPECT(touch_block(i, 5), GOOD);
    }
    CU_ASSERT(served_is_running(s));
}

static void two_initiators_read_and_authenticate_side_by_side(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");

    EXPECT(touch_block(b, RIG_SCRAMBLED_LBA), SCRAMBLED);
    authenticate(a);
    EXPECT(touch_block(b, RIG_SCRAMBLED_LBA), GOOD); /* ASF is the drive's */
    rig_logout(a);
    EXPECT(touch_block(b, RIG_SCRAMBLED_LBA), GOOD);
}

UNIT_SUITE(nexus, T(a_login_is_told_of_power_on_once),
           T(a_reset_forgets_all_and_tells_everybody_once), T(a_reset_ends_prevention),
           T(page_2a_forgets_the_lock_of_who_has_left), T(logging_in_again_keeps_agids_and_asf),
           T(a_dropped_connection_keeps_agids_and_asf), T(a_reinstated_session_is_a_new_nexus),
           T(connections_that_break_with_reads_running_harm_nobody),
           T(two_initiators_read_and_authenticate_side_by_side));
