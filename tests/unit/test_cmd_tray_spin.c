/* SPDX-License-Identifier: GPL-2.0-only */
/* START STOP UNIT and the mechanism, felt where the drive takes its time; reserved bits
 * (mmc-spec 6.8). */
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#define IMMED 0x01
#define START 0x01
#define STOP  0x00

static bool start_stop(struct bench *b, uint8_t byte_1, uint8_t byte_4)
{
    return BENCH_GO(b, OP_START_STOP_UNIT, byte_1, 0, 0, byte_4, 0);
}

static bool waits(const struct bench *b)
{
    const struct work *work = &b->drive.work;

    CU_ASSERT(work->kind == WORK_NONE || (work->lba == 0 && work->blocks == 0));
    return work->kind == WORK_SEEK;
}

static void a_start_waits_for_a_disc_that_was_stopped(void)
{
    const bool *stopped;
    struct bench b;

    bench_open_plain(&b);
    stopped = &b.drive.state.mechanism.stopped;
    CU_ASSERT(start_stop(&b, 0, START));
    CU_ASSERT(!waits(&b) && !*stopped);
    CU_ASSERT(start_stop(&b, IMMED, START));
    CU_ASSERT(!waits(&b) && !*stopped);
    CU_ASSERT(start_stop(&b, 0, STOP));
    CU_ASSERT(!waits(&b) && *stopped);
    CU_ASSERT(start_stop(&b, IMMED, START));
    CU_ASSERT(!waits(&b) && *stopped);
    CU_ASSERT(start_stop(&b, (uint8_t)~IMMED, START));
    CU_ASSERT(waits(&b));
    bench_close(&b);
}

/* With a power condition the bits for start and tray mean nothing. */
static void a_power_condition_neither_stops_nor_opens(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned condition = 1; condition < 16; condition++) {
        CU_ASSERT(start_stop(&b, 0, (uint8_t)(condition << 4)));
        CU_ASSERT(start_stop(&b, 0, (uint8_t)(condition << 4 | 0x02)));
    }
    CU_ASSERT_FALSE(b.drive.state.mechanism.stopped);
    CU_ASSERT_FALSE(b.drive.state.tray_open);
    bench_close(&b);
}

static void reserved_bits_mean_nothing(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, OP_PREVENT_ALLOW, 0xff, 0xff, 0xff, 0xfc, 0));
    CU_ASSERT(!b.nexus->state.prevent && !b.nexus->state.prevent_persistent);
    CU_ASSERT(BENCH_GO(&b, OP_PREVENT_ALLOW, 0xff, 0xff, 0xff, 0xfd, 0));
    CU_ASSERT(b.nexus->state.prevent && !b.nexus->state.prevent_persistent);
    CU_ASSERT(BENCH_GO(&b, OP_PREVENT_ALLOW, 0, 0, 0, 0xfc, 0));
    CU_ASSERT(BENCH_IN(&b, 255, OP_MECHANISM_STATUS, 0xff, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(start_stop(&b, 0xfe, 0x0e)); /* eject */
    CU_ASSERT(b.drive.state.tray_open);
    bench_close(&b);
}

UNIT_SUITE(cmd_tray_spin, T(a_start_waits_for_a_disc_that_was_stopped),
           T(a_power_condition_neither_stops_nor_opens), T(reserved_bits_mean_nothing));
