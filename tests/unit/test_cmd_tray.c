/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/support/bench_drive.h"
#include "unit.h"

#define UNIT_READY    0x00, 0, 0, 0, 0, 0
#define STOP          0x1b, 0, 0, 0, 0x00, 0
#define START         0x1b, 0, 0, 0, 0x01, 0
#define EJECT         0x1b, 0, 0, 0, 0x02, 0
#define LOAD          0x1b, 0, 0, 0, 0x03, 0
#define POWER(c)      0x1b, 0, 0, 0, (uint8_t)((c) << 4), 0
#define PREVENT(bits) 0x1e, 0, 0, 0, (bits), 0
#define MECHANISM     0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0

static void start_and_stop_need_a_disc_and_change_nothing(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, STOP));
    CU_ASSERT(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT(BENCH_GO(&b, START));
    CU_ASSERT(BENCH_GO(&b, UNIT_READY));
    bench_close(&b);
    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_GO(&b, STOP));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    CU_ASSERT_FALSE(BENCH_GO(&b, START));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    bench_close(&b);
}

static void eject_leaves_the_disc_on_the_tray_and_load_takes_it_in(void)
{
    struct bench b;
    const struct disc *disc;

    bench_open_plain(&b);
    disc = b.drive.disc;
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT_PTR_EQUAL(b.drive.disc, disc);
    CU_ASSERT_FALSE(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_OPEN));
    CU_ASSERT(BENCH_GO(&b, LOAD));
    CU_ASSERT_FALSE(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_MEDIUM_CHANGED));
    CU_ASSERT(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT_PTR_EQUAL(b.drive.disc, disc);
    bench_close(&b);
}

static void an_empty_tray_opens_and_closes(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(b.drive.state.tray_open);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_GO(&b, LOAD));
    CU_ASSERT_FALSE(b.drive.state.tray_open);
    CU_ASSERT_FALSE(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    bench_close(&b);
}

static void loading_a_loaded_disc_is_no_change(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, LOAD));
    CU_ASSERT(BENCH_GO(&b, UNIT_READY));
    bench_close(&b);
}

static void immediate_eject_is_an_eject(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, 0x1b, 0x01, 0, 0, 0x02, 0));
    CU_ASSERT(b.drive.state.tray_open);
    bench_close(&b);
}

static void power_conditions_are_accepted_and_move_nothing(void)
{
    struct bench b;

    bench_open(&b); /* no disc is needed either */
    for (uint8_t condition = 1; condition < 16; condition++) {
        CU_ASSERT(BENCH_GO(&b, POWER(condition)));
        CU_ASSERT(BENCH_GO(&b, 0x1b, 0, 0, 0, (uint8_t)(condition << 4 | 0x02), 0));
        CU_ASSERT_FALSE(b.drive.state.tray_open);
    }
    bench_close(&b);
}

static void prevention_by_any_nexus_refuses_eject(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, PREVENT(1)));
    bench_swap(&b);
    CU_ASSERT_FALSE(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_REMOVAL_PREVENTED));
    CU_ASSERT_FALSE(b.drive.state.tray_open);
    CU_ASSERT(BENCH_GO(&b, PREVENT(0))); /* not its to allow */
    CU_ASSERT_FALSE(BENCH_GO(&b, EJECT));
    bench_swap(&b);
    CU_ASSERT(BENCH_GO(&b, PREVENT(0)));
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(b.drive.state.tray_open);
    bench_close(&b);
}

static void persistent_prevention_is_held_apart(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, PREVENT(3)));
    CU_ASSERT(BENCH_GO(&b, PREVENT(0)));
    CU_ASSERT(drive_is_prevented(&b.drive));
    CU_ASSERT_FALSE(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_REMOVAL_PREVENTED));
    CU_ASSERT(BENCH_GO(&b, PREVENT(2)));
    CU_ASSERT(BENCH_GO(&b, EJECT));
    bench_close(&b);
}

static void reset_and_loss_of_the_nexus_end_prevention(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, PREVENT(1)));
    CU_ASSERT(BENCH_GO(&b, PREVENT(3)));
    drive_reset(&b.drive);
    CU_ASSERT_FALSE(drive_is_prevented(&b.drive));
    bench_quiet(&b);
    CU_ASSERT(BENCH_GO(&b, PREVENT(1)));
    bench_swap(&b);
    drive_nexus_close(&b.drive, b.other);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    bench_close(&b);
}

static void prevention_works_without_a_disc(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_GO(&b, PREVENT(1)));
    CU_ASSERT(drive_is_prevented(&b.drive));
    bench_close(&b);
}

static void load_is_never_prevented(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_GO(&b, PREVENT(1)));
    CU_ASSERT(BENCH_GO(&b, LOAD));
    CU_ASSERT_FALSE(b.drive.state.tray_open);
    bench_close(&b);
}

static void mechanism_status_shows_the_open_door(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 8, MECHANISM));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_IN(&b, 8, MECHANISM));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0x10, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(MECHANISM), 8, 2, NULL));
    bench_close(&b);
}

UNIT_SUITE(cmd_tray, T(start_and_stop_need_a_disc_and_change_nothing),
           T(eject_leaves_the_disc_on_the_tray_and_load_takes_it_in),
           T(an_empty_tray_opens_and_closes), T(loading_a_loaded_disc_is_no_change),
           T(immediate_eject_is_an_eject), T(power_conditions_are_accepted_and_move_nothing),
           T(prevention_by_any_nexus_refuses_eject), T(persistent_prevention_is_held_apart),
           T(reset_and_loss_of_the_nexus_end_prevention), T(prevention_works_without_a_disc),
           T(load_is_never_prevented), T(mechanism_status_shows_the_open_door));
