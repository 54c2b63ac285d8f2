/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors of a real drive among our own: what is the moment's is ours, all else is the drive's.
 */
#include "emulator/drive_features.h"

#include "scsi/be.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

/* In the file their Current bits are of another moment: set where nothing was in, and not set. */
static const uint8_t captured[] = {
    0x00, 0x00, 0x02, 12,   0x00, 0x10, 0x00, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x12,
    0x00, 0xaa, 0x00, 0x01, 0x0a, 8,    0x00, 0x00, 0x00, 0x07, 0x03, 0x00, 0x00, 0x00, /* core */
    0x00, 0x10, 0x01, 8,    0x00, 0x00, 0x08, 0x00, 0x00, 0x20, 0x01, 0x00, /* random readable */
    0x00, 0x1e, 0x09, 4,    0x03, 0x00, 0x00, 0x00,                         /* CD read */
    0x00, 0x33, 0x01, 4,    0x11, 0x22, 0x33, 0x44, /* ours has no such row: not persistent */
    0x00, 0x34, 0x02, 0x00,                         /* nor such: persistent */
};

static void open_captured(struct bench *b)
{
    bench_open(b);
    memcpy(b->drive.personality.features.b, captured, sizeof(captured));
    b->drive.personality.features.count = sizeof(captured);
}

static bool one_is(struct bench *b, const uint8_t *descriptor, size_t bytes)
{
    uint8_t room[64];
    struct datain di = di_begin(room, sizeof(room));

    features_write(&b->drive, FEATURES_ONE, be16_get(descriptor), &di);
    return di.len == bytes && memcmp(room, descriptor, bytes) == 0;
}
#define ONE_IS(b, ...) one_is((b), BENCH_BYTES(__VA_ARGS__))

static void current_is_what_is_current_now(void)
{
    struct bench b;

    open_captured(&b);
    CU_ASSERT(ONE_IS(&b, 0, 0, 0x03, 12, 0, 0x10, 0, 0, 0, 0x08, 0, 0, 0, 0x12, 0, 0xaa));
    CU_ASSERT(ONE_IS(&b, 0, 1, 0x0b, 8, 0, 0, 0, 7, 3, 0, 0, 0));
    CU_ASSERT(ONE_IS(&b, 0, 0x10, 0x00, 8, 0, 0, 8, 0, 0, 0x20, 1, 0));
    CU_ASSERT(ONE_IS(&b, 0, 0x33, 0x00, 4, 0x11, 0x22, 0x33, 0x44));
    CU_ASSERT(ONE_IS(&b, 0, 0x34, 0x03, 0));
    CU_ASSERT_FATAL(drive_insert(&b.drive, bench_plain_disc(BENCH_DISC_BLOCKS)));
    CU_ASSERT(ONE_IS(&b, 0, 0, 0x03, 12, 0, 0x10, 1, 0, 0, 0x08, 0, 0, 0, 0x12, 0, 0xaa));
    CU_ASSERT(ONE_IS(&b, 0, 0x10, 0x01, 8, 0, 0, 8, 0, 0, 0x20, 1, 0));
    CU_ASSERT(ONE_IS(&b, 0, 0x1e, 0x08, 4, 3, 0, 0, 0));
    ((struct disc *)b.drive.disc)->kind = DISC_CD;
    CU_ASSERT(ONE_IS(&b, 0, 0, 0x03, 12, 0, 0x10, 0, 0, 0, 0x08, 1, 0, 0, 0x12, 0, 0xaa));
    CU_ASSERT(ONE_IS(&b, 0, 0x1e, 0x09, 4, 3, 0, 0, 0));
    bench_close(&b);
}

/* Codes of a list; returns how many. */
static size_t codes(struct bench *b, enum feature_request request, uint16_t first, uint16_t *out)
{
    uint8_t room[512];
    struct datain di = di_begin(room, sizeof(room));
    size_t count = 0;

    features_write(&b->drive, request, first, &di);
    for (size_t at = 0; at + 4 <= di.len; at += 4u + room[at + 3]) {
        out[count++] = be16_get(room + at);
    }
    return count;
}

static void both_lists_are_one_in_the_order_of_codes(void)
{
    static const uint16_t all[] = {0x00, 0x01, 0x02,  0x03,  0x10,  0x1d,  0x1e,  0x1f,
                                   0x33, 0x34, 0x100, 0x105, 0x106, 0x107, 0x108, 0x10c};
    static const uint16_t current[] = {0x00, 0x01, 0x02, 0x03, 0x34, 0x100, 0x105, 0x108, 0x10c};
    uint16_t found[64];
    struct bench b;

    open_captured(&b);
    CU_ASSERT_EQUAL(codes(&b, FEATURES_ALL, 0, found), sizeof(all) / sizeof(all[0]));
    CU_ASSERT(memcmp(found, all, sizeof(all)) == 0);
    CU_ASSERT_EQUAL(codes(&b, FEATURES_CURRENT, 0, found), sizeof(current) / sizeof(current[0]));
    CU_ASSERT(memcmp(found, current, sizeof(current)) == 0);
    CU_ASSERT_EQUAL(codes(&b, FEATURES_ALL, 0x34, found), 7);
    CU_ASSERT_EQUAL(found[0], 0x34);
    bench_close(&b);
}

/* A drive file may name as absent what its capture has: the capture is right. */
static void what_was_captured_is_there(void)
{
    static const uint8_t absent[] = {0x00, 0x33, 0x00, 0x02};
    uint16_t found[64];
    struct bench b;

    open_captured(&b);
    memcpy(b.drive.personality.features_absent.b, absent, sizeof(absent));
    b.drive.personality.features_absent.count = sizeof(absent);
    CU_ASSERT_EQUAL(codes(&b, FEATURES_ONE, 0x33, found), 1);
    CU_ASSERT_EQUAL(codes(&b, FEATURES_ONE, 0x02, found), 0);
    bench_close(&b);
}

/* mmc-spec 6.3: DBE says that event class 6 is answered, OCEvent that class 1 is. */
static void core_and_morphing_know_the_event_classes(void)
{
    struct bench b;

    bench_open(&b);
    b.drive.personality.event_classes.b[0] = 0x50;
    CU_ASSERT(ONE_IS(&b, 0, 1, 0x0b, 8, 0, 0, 0, 1, 0x03, 0, 0, 0));
    CU_ASSERT(ONE_IS(&b, 0, 2, 0x07, 4, 0x00, 0, 0, 0));
    b.drive.personality.event_classes.b[0] = 0x12;
    CU_ASSERT(ONE_IS(&b, 0, 1, 0x0b, 8, 0, 0, 0, 1, 0x02, 0, 0, 0));
    CU_ASSERT(ONE_IS(&b, 0, 2, 0x07, 4, 0x02, 0, 0, 0));
    bench_close(&b);
}

UNIT_SUITE(drive_features_captured, T(current_is_what_is_current_now),
           T(both_lists_are_one_in_the_order_of_codes), T(what_was_captured_is_there),
           T(core_and_morphing_know_the_event_classes));
