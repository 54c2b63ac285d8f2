/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/support/bench_drive.h"
#include "unit.h"

#define TOC(msf, format, number)                0x43, (msf), (format), 0, 0, 0, (number), 0, 255, 0
#define MSF                                     0x02
#define LEAD_OUT                                0xaa
#define CAPACITIES                              0x23, 0, 0, 0, 0, 0, 0, 0, 255, 0
#define CAPACITY                                0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define DISC_INFORMATION(type)                  0x51, (type), 0, 0, 0, 0, 0, 0, 255, 0
#define TRACK_INFORMATION(type, b2, b3, b4, b5) 0x52, (type), (b2), (b3), (b4), (b5), 0, 0, 255, 0
#define BLOCKS                                  0x00, 0x00, 0x01, 0x00 /* BENCH_DISC_BLOCKS */

/* A drive with a disc that says it has that many blocks. */
static void open_sized(struct bench *b, uint32_t blocks)
{
    bench_open(b);
    CU_ASSERT_FATAL(drive_insert(&b->drive, bench_plain_disc(blocks)));
    bench_quiet(b);
}

static void format_capacities_tell_whether_there_is_a_disc(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, CAPACITIES));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 8, BLOCKS, 0x02, 0x00, 0x08, 0x00));
    drive_tray_open(&b.drive);
    CU_ASSERT(BENCH_IN(&b, 255, CAPACITIES));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 8, 0, 0, 0, 0, 0x03, 0x00, 0x08, 0x00));
    bench_close(&b);
}

static void capacity_is_the_last_block(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 8, CAPACITY));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x08, 0x00));
    bench_close(&b);
    open_sized(&b, 0x123456);
    CU_ASSERT(BENCH_IN(&b, 8, CAPACITY));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x12, 0x34, 0x55, 0x00, 0x00, 0x08, 0x00));
    bench_close(&b);
}

static void toc_has_one_data_track_and_the_lead_out(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (uint8_t track = 0; track <= 1; track++) {
        CU_ASSERT(BENCH_IN(&b, 255, TOC(0, 0, track)));
        CU_ASSERT(
            BENCH_IN_IS(&b, 0x00, 0x12, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa, 0, BLOCKS));
    }
    bench_close(&b);
}

static void toc_of_the_lead_out_alone(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, TOC(0, 0, LEAD_OUT)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x0a, 1, 1, 0, 0x14, 0xaa, 0, BLOCKS));
    bench_close(&b);
}

/* 256 blocks and two seconds are 406 frames: five seconds and 31. */
static void toc_in_minutes_seconds_and_frames(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, TOC(MSF, 0, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x12, 1, 1, 0, 0x14, 1, 0, 0, 0, 2, 0, 0, 0x14, 0xaa, 0, 0, 0,
                          5, 31));
    bench_close(&b);
}

/* FF:3B:4A is 256 minutes less one frame: LBA 1151849. */
static void a_lead_out_beyond_256_minutes_is_the_last_that_can_be_said(void)
{
    struct bench b;

    open_sized(&b, 1151848);
    CU_ASSERT(BENCH_IN(&b, 255, TOC(MSF, 0, LEAD_OUT)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x0a, 1, 1, 0, 0x14, 0xaa, 0, 0, 0xff, 0x3b, 0x49));
    bench_close(&b);
    for (uint32_t blocks = 1151849; blocks < 1151853; blocks++) {
        open_sized(&b, blocks);
        CU_ASSERT(BENCH_IN(&b, 255, TOC(MSF, 0, LEAD_OUT)));
        CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x0a, 1, 1, 0, 0x14, 0xaa, 0, 0, 0xff, 0x3b, 0x4a));
        bench_close(&b);
    }
    open_sized(&b, DISC_BLOCKS_MAX);
    CU_ASSERT(BENCH_IN(&b, 255, TOC(MSF, 0, LEAD_OUT)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x0a, 1, 1, 0, 0x14, 0xaa, 0, 0, 0xff, 0x3b, 0x4a));
    bench_close(&b);
}

static void session_toc_has_the_first_track(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, TOC(0, 1, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x0a, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 255, TOC(MSF, 1, 77))); /* byte 6 means nothing here */
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x0a, 1, 1, 0, 0x14, 1, 0, 0, 0, 2, 0));
    bench_close(&b);
}

#define RAW(point) 1, 0x14, 0, (point), 0, 0, 0, 0

/* First and last track, lead-out, track 1. */
static void raw_toc_has_four_entries(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, TOC(MSF, 2, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x2e, 1, 1, RAW(0xa0), 1, 0, 0, RAW(0xa1), 1, 0, 0, RAW(0xa2),
                          0, 5, 31, RAW(0x01), 0, 2, 0));
    bench_close(&b);
}

static void the_old_place_of_the_format_counts_when_the_new_is_0(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x43, 0, 0, 0, 0, 0, 0, 0, 255, 0x40));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 12);
    CU_ASSERT(BENCH_IN(&b, 255, 0x43, 0, 0, 0, 0, 0, 0, 0, 255, 0x80));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 48);
    CU_ASSERT(BENCH_IN(&b, 255, 0x43, 0, 1, 0, 0, 0, 0, 0, 255, 0x80));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 12);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, 0x43, 0, 0, 0, 0, 0, 0, 0, 255, 0xc0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 9));
    bench_close(&b);
}

static void unknown_toc_formats_are_refused_with_and_without_a_disc(void)
{
    struct bench b;

    bench_open(&b);
    for (uint8_t format = 3; format < 16; format++) {
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, TOC(0, format, 0)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 2));
    }
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, TOC(0, 0, 0)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    bench_close(&b);
}

static void unknown_tracks_and_sessions_are_refused(void)
{
    static const uint8_t tracks[] = {2, 99, 0xa0, 0xab, 0xff};
    struct bench b;

    bench_open_plain(&b);
    for (size_t i = 0; i < sizeof(tracks); i++) {
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, TOC(0, 0, tracks[i])));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 6));
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, TOC(0, 2, tracks[i])));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 6));
    }
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, TOC(0, 2, LEAD_OUT)));
    bench_close(&b);
}

static void disc_information_is_a_complete_disc_of_34_bytes(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, DISC_INFORMATION(0)));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x20, 0x0e, 1, 1, 1, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
                          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    bench_close(&b);
}

static void other_types_of_disc_information_are_refused(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (uint8_t type = 1; type < 8; type++) {
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, DISC_INFORMATION(type)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    }
    bench_close(&b);
}

#define THE_TRACK                                                                                  \
    0x00, 0x22, 1, 1, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, BLOCKS, 0, 0, \
        0, 0, 0, 0, 0, 0

static void track_information_by_lba_track_and_session(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, TRACK_INFORMATION(0, 0, 0, 0, 0)));
    CU_ASSERT(BENCH_IN_IS(&b, THE_TRACK));
    CU_ASSERT(BENCH_IN(&b, 255, TRACK_INFORMATION(0, 0, 0, 0, 0xff)));
    CU_ASSERT(BENCH_IN_IS(&b, THE_TRACK));
    CU_ASSERT(BENCH_IN(&b, 255, TRACK_INFORMATION(1, 0, 0, 0, 1)));
    CU_ASSERT(BENCH_IN_IS(&b, THE_TRACK));
    CU_ASSERT(BENCH_IN(&b, 255, TRACK_INFORMATION(2, 0, 0, 0, 1)));
    CU_ASSERT(BENCH_IN_IS(&b, THE_TRACK));
    bench_close(&b);
}

static void track_information_beyond_the_disc_is_out_of_range(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, TRACK_INFORMATION(0, 0, 0, 1, 0)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, TRACK_INFORMATION(0, 0xff, 0xff, 0xff, 0xff)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    bench_close(&b);
}

static void track_information_of_what_does_not_exist_is_refused(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, TRACK_INFORMATION(3, 0, 0, 0, 1)));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    for (uint8_t type = 1; type <= 2; type++) {
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, TRACK_INFORMATION(type, 0, 0, 0, 0)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, TRACK_INFORMATION(type, 0, 0, 0, 2)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT_FALSE(BENCH_IN(&b, 255, TRACK_INFORMATION(type, 1, 0, 0, 1)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 2));
    }
    bench_close(&b);
}

static void replies_are_cut_at_every_allocation_length(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(CAPACITIES), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(TOC(0, 0, 0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(TOC(0, 1, 0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(TOC(0, 2, 0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(DISC_INFORMATION(0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(TRACK_INFORMATION(0, 0, 0, 0, 0)), 7, 2, NULL));
    bench_close(&b);
}

static void a_capacity_in_a_small_room_is_cut_there(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (size_t room = 0; room < 8; room++) {
        CU_ASSERT(BENCH_IN(&b, room, CAPACITY));
        CU_ASSERT_EQUAL(b.reply.in_bytes, 8);
        CU_ASSERT_EQUAL(bench_in_bytes(&b), room);
    }
    bench_close(&b);
}

UNIT_SUITE(cmd_toc, T(format_capacities_tell_whether_there_is_a_disc),
           T(capacity_is_the_last_block), T(toc_has_one_data_track_and_the_lead_out),
           T(toc_of_the_lead_out_alone), T(toc_in_minutes_seconds_and_frames),
           T(a_lead_out_beyond_256_minutes_is_the_last_that_can_be_said),
           T(session_toc_has_the_first_track), T(raw_toc_has_four_entries),
           T(the_old_place_of_the_format_counts_when_the_new_is_0),
           T(unknown_toc_formats_are_refused_with_and_without_a_disc),
           T(unknown_tracks_and_sessions_are_refused),
           T(disc_information_is_a_complete_disc_of_34_bytes),
           T(other_types_of_disc_information_are_refused),
           T(track_information_by_lba_track_and_session),
           T(track_information_beyond_the_disc_is_out_of_range),
           T(track_information_of_what_does_not_exist_is_refused),
           T(replies_are_cut_at_every_allocation_length),
           T(a_capacity_in_a_small_room_is_cut_there));
