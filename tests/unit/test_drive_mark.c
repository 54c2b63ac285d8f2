/* SPDX-License-Identifier: GPL-2.0-only */
/* What judges refusals in walks and fuzzers has to see what a refusal should not have done. */
#include "tests/support/bench_drive.h"
#include "tests/support/drive_mark.h"
#include "unit.h"

static struct drive_mark mark;

static void open_marked(struct bench *b)
{
    bench_open_css(b);
    drive_mark_take(&mark, &b->drive);
}

static void an_untouched_drive_does_not_differ(void)
{
    struct bench b;

    open_marked(&b);
    CU_ASSERT_PTR_NULL(drive_mark_differs(&mark, &b.drive));
    bench_close(&b);
}

static void a_member_that_changed_is_named(void)
{
    struct bench b;

    open_marked(&b);
    b.drive.state.mode_values[5] ^= 1;
    CU_ASSERT_STRING_EQUAL(drive_mark_differs(&mark, &b.drive),
                           "a refused command changed mode_values");
    b.drive.state.mode_values[5] ^= 1;
    b.drive.state.agids[2].variant = 1;
    CU_ASSERT_STRING_EQUAL(drive_mark_differs(&mark, &b.drive),
                           "a refused command changed agids[2].variant");
    bench_close(&b);
}

static void a_nexus_that_changed_is_seen(void)
{
    struct bench b;

    open_marked(&b);
    b.nexus->state.events[0] = MEDIA_NEW;
    CU_ASSERT_STRING_EQUAL(drive_mark_differs(&mark, &b.drive), "a refused command changed events");
    bench_close(&b);
}

static void the_mechanism_of_a_slow_drive_may_move(void)
{
    struct bench b;

    open_marked(&b);
    b.drive.state.mechanism.head_lba = 9;
    CU_ASSERT_STRING_EQUAL(drive_mark_differs(&mark, &b.drive),
                           "a refused command changed mechanism.head_lba");
    b.drive.personality.quirks.speed = SPEED_REAL;
    CU_ASSERT_PTR_NULL(drive_mark_differs(&mark, &b.drive));
    bench_close(&b);
}

static void a_command_ends_once(void)
{
    struct bench b;

    open_marked(&b);
    CU_ASSERT_PTR_NOT_NULL(drive_mark_ended_once(&mark, &b.drive, false));
    BENCH_GO(&b, 0, 0, 0, 0, 0, 0);
    CU_ASSERT_PTR_NULL(drive_mark_ended_once(&mark, &b.drive, false));
    b.drive.counters.refusals++;
    CU_ASSERT_PTR_NOT_NULL(drive_mark_ended_once(&mark, &b.drive, false));
    CU_ASSERT_PTR_NULL(drive_mark_ended_once(&mark, &b.drive, true));
    b.drive.counters.commands++;
    CU_ASSERT_PTR_NOT_NULL(drive_mark_ended_once(&mark, &b.drive, true));
    bench_close(&b);
}

UNIT_SUITE(drive_mark, T(an_untouched_drive_does_not_differ), T(a_member_that_changed_is_named),
           T(a_nexus_that_changed_is_seen), T(the_mechanism_of_a_slow_drive_may_move),
           T(a_command_ends_once));
