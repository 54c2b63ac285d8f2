/* SPDX-License-Identifier: GPL-2.0-only */
/* Every byte of the default feature list (mmc-spec 6.3; no CD media). */
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define CONFIGURATION(type, first, length)                                                         \
    0x46, (type), (first) >> 8, (first)&0xff, 0, 0, 0, (length) >> 8, (length)&0xff, 0
#define ROOM 512

/* `c`: the bit of a feature that a DVD makes current, `s`: a CSS disc. */
/* clang-format off */
#define FEATURE_LIST(c, s)                                                                         \
    0x00, 0x00, 0x03, 0x08, 0x00, 0x10, (c), 0x00, 0x00, 0x08, 0x00, 0x00,        /* profiles */   \
    0x00, 0x01, 0x0b, 0x08, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00,       /* core */       \
    0x00, 0x02, 0x07, 0x04, 0x00, 0x00, 0x00, 0x00,                               /* morphing */   \
    0x00, 0x03, 0x07, 0x04, 0x39, 0x00, 0x00, 0x00,                               /* removable */  \
    0x00, 0x10, 0x00 | (c), 0x08, 0x00, 0x00, 0x08, 0x00, 0x00, 0x10, 0x01, 0x00, /* readable */   \
    0x00, 0x1d, 0x00, 0x00,                                                       /* multi-read */ \
    0x00, 0x1e, 0x08, 0x04, 0x00, 0x00, 0x00, 0x00,                               /* CD read */    \
    0x00, 0x1f, 0x08 | (c), 0x04, 0x01, 0x00, 0x01, 0x00,                         /* DVD read */   \
    0x01, 0x00, 0x03, 0x00,                                                       /* power */      \
    0x01, 0x05, 0x07, 0x04, 0x00, 0x00, 0x00, 0x00,                               /* timeout */    \
    0x01, 0x06, 0x00 | (s), 0x04, 0x00, 0x00, 0x00, 0x01,                         /* DVD CSS */    \
    0x01, 0x07, 0x0c | (c), 0x04, 0x08, 0x00, 0x00, 0x00,                         /* streaming */  \
    0x01, 0x08, 0x03, 0x0c, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B',            \
    0x01, 0x0c, 0x03, 0x10, '2', '0', '2', '6', '1', '1', '0', '1', '0', '0', '0', '0', '0', '0',  \
    0x00, 0x00
/* clang-format on */

static void all_features_of_an_empty_drive(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(0, 0, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 140, 0, 0, 0x00, 0x00, FEATURE_LIST(0, 0)));
    bench_close(&b);
}

static void all_features_with_a_plain_dvd(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(0, 0, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 140, 0, 0, 0x00, 0x10, FEATURE_LIST(1, 0)));
    bench_close(&b);
}

static void all_features_with_a_css_dvd(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(0, 0, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 140, 0, 0, 0x00, 0x10, FEATURE_LIST(1, 1)));
    bench_close(&b);
}

static void only_current_features(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(1, 0x0003, ROOM)));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 8 + 8 + 4 + 8 + 16 + 20);
    CU_ASSERT(memcmp(b.in + 8, (const uint8_t[]){0x00, 0x03, 0x07, 0x04, 0x39, 0, 0, 0, 0x01, 0x00},
                     10) == 0);
    bench_close(&b);
    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(1, 0x0106, ROOM))); /* no CSS disc: not listed */
    CU_ASSERT_EQUAL(b.in[9], 0x07);
    bench_close(&b);
}

/* windows-spec b.2 step 5: length field + 4 is 12 + the additional length. */
static void exactly_one_feature(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(2, 0, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 16, 0, 0, 0, 0x10, 0x00, 0x00, 0x03, 0x08, 0x00, 0x10, 1, 0,
                          0x00, 0x08, 0, 0));
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(2, 0x0106, ROOM)));
    CU_ASSERT(
        BENCH_IN_IS(&b, 0, 0, 0, 12, 0, 0, 0, 0x10, 0x01, 0x06, 0x00, 0x04, 0x00, 0x00, 0x00, 1));
    bench_close(&b);
}

static void a_feature_that_is_not_there_gives_the_header_alone(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(2, 0x010d, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 4, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(0, 0xffff, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 4, 0, 0, 0, 0));
    bench_close(&b);
}

static void requested_type_3_is_refused(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, ROOM, CONFIGURATION(3, 0, ROOM)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(0xfc, 0xffff, ROOM))); /* reserved bits */
    bench_close(&b);
}

static void an_open_tray_makes_nothing_current(void)
{
    struct bench b;

    bench_open_css(&b);
    drive_tray_open(&b.drive);
    CU_ASSERT(BENCH_IN(&b, ROOM, CONFIGURATION(0, 0, ROOM)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 140, 0, 0, 0x00, 0x00, FEATURE_LIST(0, 0)));
    bench_close(&b);
}

static void replies_are_cut_at_every_allocation_length(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(CONFIGURATION(0, 0, 0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(CONFIGURATION(1, 0, 0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(CONFIGURATION(2, 0, 0)), 7, 2, NULL));
    bench_close(&b);
}

UNIT_SUITE(cmd_configuration, T(all_features_of_an_empty_drive), T(all_features_with_a_plain_dvd),
           T(all_features_with_a_css_dvd), T(only_current_features), T(exactly_one_feature),
           T(a_feature_that_is_not_there_gives_the_header_alone), T(requested_type_3_is_refused),
           T(an_open_tray_makes_nothing_current), T(replies_are_cut_at_every_allocation_length));
