/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define PERFORMANCE(flags, count, type) 0xac, (flags), 0, 0, 0, 0, 0, 0, 0, (count), (type), 0
#define NOMINAL                         0x10 /* tolerance 10b */
#define STREAMING(type, length)         0xb6, 0, 0, 0, 0, 0, 0, 0, (type), 0, (length), 0
#define FIRST_LBA                       0, 0, 0, 0
#define LAST_LBA                        0, 0, 0, 0xff
#define STREAMING_BYTES                 28

static void nominal_read_performance_is_one_descriptor(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL, 8, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 0x14, 0, 0, 0, 0, FIRST_LBA, 0, 0, 0x23, 0xd1, LAST_LBA, 0,
                          0, 0x56, 0x90));
    bench_close(&b);
}

static void no_descriptor_asked_gives_the_header_with_the_whole_length(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL, 0, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 0x14, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL, 1, 0)));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 24);
    bench_close(&b);
}

/* The two questions of Windows (windows-spec b.5). */
static void write_performance_is_a_header_alone(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 3208, PERFORMANCE(0x14, 0xc8, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 4, 0x02, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 3208, PERFORMANCE(0x00, 0xc8, 3)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 4, 0, 0, 0, 0));
    bench_close(&b);
}

static void exceptions_are_a_header_alone(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL | 1, 8, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 4, 0x01, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL | 2, 8, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 4, 0x01, 0, 0, 0));
    bench_close(&b);
}

static void only_tolerance_10b_is_known(void)
{
    static const uint8_t refused[] = {0x00, 0x08, 0x18};
    struct bench b;

    bench_open_plain(&b);
    for (size_t i = 0; i < sizeof(refused); i++) {
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, PERFORMANCE(refused[i], 8, 0)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    }
    bench_close(&b);
}

static void other_types_of_performance_are_refused(void)
{
    static const uint8_t refused[] = {1, 2, 4, 5, 0xff};
    struct bench b;

    bench_open_plain(&b);
    for (size_t i = 0; i < sizeof(refused); i++) {
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL, 8, refused[i])));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
    }
    bench_close(&b);
}

static void read_performance_needs_a_disc_and_write_speeds_do_not(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, PERFORMANCE(NOMINAL, 8, 0)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    CU_ASSERT(BENCH_IN(&b, 255, PERFORMANCE(0, 8, 3)));
    bench_close(&b);
}

static void streaming_takes_exactly_28_bytes(void)
{
    const uint8_t list[STREAMING_BYTES + 1] = {0};
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(bench_run(&b, BENCH_BYTES(STREAMING(0, STREAMING_BYTES)), list, STREAMING_BYTES, 0));
    for (uint8_t length = 0; length < STREAMING_BYTES + 2; length++) {
        const size_t sent = length < sizeof(list) ? length : sizeof(list);

        if (length == STREAMING_BYTES) {
            continue;
        }
        CU_ASSERT_FALSE(bench_run(&b, BENCH_BYTES(STREAMING(0, length)), list, sent, 0));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    }
    bench_close(&b);
}

static void streaming_with_less_than_announced_is_a_length_error(void)
{
    const uint8_t list[STREAMING_BYTES] = {0};
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(
        bench_run(&b, BENCH_BYTES(STREAMING(0, STREAMING_BYTES)), list, sizeof(list) - 1, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT_FALSE(BENCH_GO(&b, STREAMING(0, STREAMING_BYTES)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    bench_close(&b);
}

static void other_types_of_streaming_are_refused(void)
{
    const uint8_t list[STREAMING_BYTES] = {0};
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(
        bench_run(&b, BENCH_BYTES(STREAMING(5, STREAMING_BYTES)), list, sizeof(list), 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 8));
    bench_close(&b);
}

static void speed_and_read_ahead_are_accepted(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_GO(&b, 0xbb, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0));
    CU_ASSERT_FALSE(BENCH_GO(&b, 0xa7, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    bench_close(&b);
    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, 0xa7, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0));
    bench_close(&b);
}

static void performance_in_a_small_room_is_cut_there(void)
{
    uint8_t whole[24];
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, sizeof(whole), PERFORMANCE(NOMINAL, 1, 0)));
    CU_ASSERT_EQUAL_FATAL(b.reply.in_bytes, sizeof(whole));
    memcpy(whole, b.in, sizeof(whole));
    for (size_t room = 0; room < sizeof(whole); room++) {
        CU_ASSERT(BENCH_IN(&b, room, PERFORMANCE(NOMINAL, 1, 0)));
        CU_ASSERT_EQUAL(bench_in_bytes(&b), room);
        CU_ASSERT(memcmp(b.in, whole, room) == 0);
    }
    bench_close(&b);
}

UNIT_SUITE(cmd_speed, T(nominal_read_performance_is_one_descriptor),
           T(no_descriptor_asked_gives_the_header_with_the_whole_length),
           T(write_performance_is_a_header_alone), T(exceptions_are_a_header_alone),
           T(only_tolerance_10b_is_known), T(other_types_of_performance_are_refused),
           T(read_performance_needs_a_disc_and_write_speeds_do_not),
           T(streaming_takes_exactly_28_bytes),
           T(streaming_with_less_than_announced_is_a_length_error),
           T(other_types_of_streaming_are_refused), T(speed_and_read_ahead_are_accepted),
           T(performance_in_a_small_room_is_cut_there));
