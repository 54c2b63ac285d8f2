/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/support/bench_drive.h"
#include "unit.h"

#define EVENT_STATUS(classes, length) 0x4a, 0x01, 0, 0, (classes), 0, 0, 0, (length), 0
#define MEDIA                         0x10
#define EJECT                         0x1b, 0, 0, 0, 0x02, 0
#define LOAD                          0x1b, 0, 0, 0, 0x03, 0

static void asynchronous_operation_is_refused(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 8, 0x4a, 0, 0, 0, MEDIA, 0, 0, 0, 8, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    CU_ASSERT_FALSE(BENCH_IN(&b, 8, 0x4a, 0xfe, 0, 0, MEDIA, 0, 0, 0, 8, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    bench_close(&b);
}

/* The first question of Windows (windows-spec b.3). */
static void no_class_asked_gives_the_supported_classes(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x02, 0x80, 0x10));
    bench_close(&b);
}

static void unsupported_classes_are_not_reported(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0xef, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x02, 0x80, 0x10));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0xff, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x00, 0x02, 0x00, 0x00));
    bench_close(&b);
}

static void nothing_new_is_event_0_with_the_state_of_the_tray(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x00, 0x00, 0x00, 0x00));
    drive_tray_open(&b.drive);
    bench_quiet(&b);
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x00, 0x01, 0x00, 0x00));
    bench_close(&b);
}

static void removal_and_new_disc_are_each_told_once_to_each_nexus(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_GO(&b, LOAD));
    for (int nexus = 0; nexus < 2; nexus++) {
        CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
        CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x03, 0x02, 0x00, 0x00));
        CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
        CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x02, 0x02, 0x00, 0x00));
        CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
        CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x00, 0x02, 0x00, 0x00));
        CU_ASSERT_EQUAL(b.nexus->state.event_count, 0);
        for (size_t i = 0; i < sizeof(b.nexus->state.events); i++) {
            CU_ASSERT_EQUAL(b.nexus->state.events[i], MEDIA_NO_CHANGE);
        }
        bench_swap(&b);
    }
    bench_close(&b);
}

static void a_prevented_operator_shows_as_eject_request(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, 0x1e, 0, 0, 0, 1, 0));
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECT_PREVENTED);
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x01, 0x02, 0x00, 0x00));
    bench_close(&b);
}

static void an_event_does_not_answer_a_question_for_other_classes(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0x02, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x02, 0x80, 0x10));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
    CU_ASSERT_EQUAL(b.in[4], 3);
    bench_close(&b);
}

static void an_event_that_is_cut_off_is_kept(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, EJECT));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 4)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 5)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 0x04, 0x10, 0x03));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(MEDIA, 8)));
    CU_ASSERT_EQUAL(b.in[4], 0);
    bench_close(&b);
}

static void post_removal(struct bench *b)
{
    b->nexus->state.events[0] = MEDIA_REMOVAL;
    b->nexus->state.event_count = 1;
}

static void replies_are_cut_at_every_allocation_length(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(EVENT_STATUS(MEDIA, 0)), 7, 2, post_removal));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(EVENT_STATUS(0, 0)), 7, 2, NULL));
    bench_close(&b);
}

/* mmc-spec 6.4: one class a call; what waits comes first, else the lowest that is asked for. */
static void a_drive_of_all_classes_answers_each(void)
{
    static const struct {
        uint8_t asked, class, second;
    } rows[] = {{0x02, 1, 0}, {0x04, 2, 1}, {0x08, 3, 0}, {0x40, 6, 0},
                {0x5e, 1, 0}, {0x58, 3, 0}, {0x44, 2, 1}, {0x50, 4, 2}};
    struct bench b;

    bench_open_plain(&b);
    b.drive.personality.event_classes.b[0] = 0x5e;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(rows[i].asked, 8)));
        CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, rows[i].class, 0x5e, 0x00, rows[i].second, 0, 0));
    }
    post_removal(&b);
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0x0e, 8))); /* media was not asked for */
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 1, 0x5e, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0x5e, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x06, 4, 0x5e, MEDIA_REMOVAL, 2, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 8, EVENT_STATUS(0x81, 8)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x02, 0x80, 0x5e));
    bench_close(&b);
}

UNIT_SUITE(cmd_event, T(asynchronous_operation_is_refused),
           T(no_class_asked_gives_the_supported_classes), T(unsupported_classes_are_not_reported),
           T(nothing_new_is_event_0_with_the_state_of_the_tray),
           T(removal_and_new_disc_are_each_told_once_to_each_nexus),
           T(a_prevented_operator_shows_as_eject_request),
           T(an_event_does_not_answer_a_question_for_other_classes),
           T(an_event_that_is_cut_off_is_kept), T(a_drive_of_all_classes_answers_each),
           T(replies_are_cut_at_every_allocation_length));
