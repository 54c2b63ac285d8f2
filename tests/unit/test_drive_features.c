/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/drive_features.h"

#include "scsi/be.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

static void rows_ascend(void)
{
    for (size_t i = 1; i < feature_row_count; i++) {
        CU_ASSERT(feature_rows[i - 1].code < feature_rows[i].code);
    }
}

/* A row that builds its data has none of its own, and what is not sent is zero. */
static void rows_hold_what_they_send(void)
{
    for (size_t i = 0; i < feature_row_count; i++) {
        const struct feature *row = &feature_rows[i];

        CU_ASSERT(!row->build || row->data_bytes == 0);
        for (size_t at = row->data_bytes; at < sizeof(row->data); at++) {
            CU_ASSERT_EQUAL(row->data[at], 0);
        }
    }
}

/* windows-spec f.1: 001Fh and 0106h always listed, lengths in fours, nothing that writes. */
static void windows_finds_a_css_dvd_reader_and_no_writer(void)
{
    static const uint16_t writers[] = {0x20, 0x21, 0x24, 0x26, 0x2b, 0x2c, 0x3b};
    bool dvd_read = false, css = false;

    for (size_t i = 0; i < feature_row_count; i++) {
        dvd_read = dvd_read || feature_rows[i].code == 0x001f;
        css = css || feature_rows[i].code == 0x0106;
        for (size_t w = 0; w < sizeof(writers) / sizeof(writers[0]); w++) {
            CU_ASSERT_NOT_EQUAL(feature_rows[i].code, writers[w]);
        }
    }
    CU_ASSERT(dvd_read);
    CU_ASSERT(css);
}

/* Length of the descriptors that a request gives; checks the additional lengths on the way. */
static size_t walk(const struct drive *d, enum feature_request request, uint16_t first)
{
    uint8_t room[512];
    struct datain di = di_begin(room, sizeof(room));
    size_t at = 0;

    features_write(d, request, first, &di);
    CU_ASSERT_FATAL(di.len < sizeof(room));
    while (at + 4 <= di.len) {
        CU_ASSERT_EQUAL(room[at + 3] % 4, 0);
        at += 4u + room[at + 3];
    }
    CU_ASSERT_EQUAL(at, di.len);
    return di.len;
}

static void the_whole_list_has_one_length_whatever_is_in(void)
{
    struct bench empty, plain, css;
    size_t bytes;

    bench_open(&empty);
    bench_open_plain(&plain);
    bench_open_css(&css);
    bytes = walk(&empty.drive, FEATURES_ALL, 0);
    CU_ASSERT_EQUAL(walk(&plain.drive, FEATURES_ALL, 0), bytes);
    CU_ASSERT_EQUAL(walk(&css.drive, FEATURES_ALL, 0), bytes);
    CU_ASSERT(walk(&empty.drive, FEATURES_CURRENT, 0) < walk(&plain.drive, FEATURES_CURRENT, 0));
    CU_ASSERT(walk(&plain.drive, FEATURES_CURRENT, 0) < walk(&css.drive, FEATURES_CURRENT, 0));
    CU_ASSERT_EQUAL(walk(&css.drive, FEATURES_CURRENT, 0), bytes - 12); /* all but the CD's two */
    bench_close(&empty);
    bench_close(&plain);
    bench_close(&css);
}

static uint16_t code_of_first(const struct drive *d, enum feature_request request, uint16_t first)
{
    uint8_t room[512];
    struct datain di = di_begin(room, sizeof(room));

    features_write(d, request, first, &di);
    return di.len ? be16_get(room) : 0xffff;
}

static void a_list_begins_at_the_feature_asked_for_or_the_next(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_EQUAL(code_of_first(&b.drive, FEATURES_ALL, 0x001f), 0x001f);
    CU_ASSERT_EQUAL(code_of_first(&b.drive, FEATURES_ALL, 0x0004), 0x0010);
    CU_ASSERT_EQUAL(code_of_first(&b.drive, FEATURES_CURRENT, 0x0004), 0x0100);
    CU_ASSERT_EQUAL(code_of_first(&b.drive, FEATURES_ONE, 0x0004), 0xffff);
    CU_ASSERT_EQUAL(code_of_first(&b.drive, FEATURES_ALL, 0x010d), 0xffff);
    bench_close(&b);
}

static void the_profile_follows_the_disc(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_EQUAL(feature_current_profile(&b.drive), 0x0010);
    drive_tray_open(&b.drive);
    CU_ASSERT_EQUAL(feature_current_profile(&b.drive), 0);
    bench_close(&b);
}

static void texts_that_are_too_short_are_padded_with_spaces(void)
{
    static const char serial[] = "\x01\x08\x03\x0c"
                                 "7           ";
    uint8_t room[64];
    struct datain di = di_begin(room, sizeof(room));
    struct bench b;

    bench_open(&b);
    strcpy(b.drive.personality.serial, "7");
    features_write(&b.drive, FEATURES_ONE, FEATURE_SERIAL_NUMBER, &di);
    CU_ASSERT_EQUAL_FATAL(di.len, sizeof(serial) - 1);
    CU_ASSERT(memcmp(room, serial, di.len) == 0);
    bench_close(&b);
}

static void a_feature_that_is_absent_is_not_listed(void)
{
    static const uint8_t absent[] = {0x01, 0x08, 0x00, 0x1e}, astride[] = {0x00, 0x01, 0x08, 0x00};
    struct bench b;
    size_t bytes, serial, cd_read;

    bench_open(&b);
    bytes = walk(&b.drive, FEATURES_ALL, 0);
    serial = walk(&b.drive, FEATURES_ONE, 0x0108);
    cd_read = walk(&b.drive, FEATURES_ONE, 0x001e);
    CU_ASSERT(serial > 0 && cd_read > 0);
    b.drive.personality.features_absent.count = sizeof(absent);
    memcpy(b.drive.personality.features_absent.b, absent, sizeof(absent));
    CU_ASSERT_EQUAL(walk(&b.drive, FEATURES_ONE, 0x0108), 0);
    CU_ASSERT_EQUAL(walk(&b.drive, FEATURES_ONE, 0x001e), 0);
    CU_ASSERT_EQUAL(walk(&b.drive, FEATURES_ALL, 0), bytes - serial - cd_read);
    memcpy(b.drive.personality.features_absent.b, astride, sizeof(astride));
    CU_ASSERT_EQUAL(walk(&b.drive, FEATURES_ONE, 0x0108), serial);
    CU_ASSERT_EQUAL(walk(&b.drive, FEATURES_ONE, 0x0001), 0);
    bench_close(&b);
}

UNIT_SUITE(drive_features, T(rows_ascend), T(rows_hold_what_they_send),
           T(windows_finds_a_css_dvd_reader_and_no_writer),
           T(the_whole_list_has_one_length_whatever_is_in),
           T(a_list_begins_at_the_feature_asked_for_or_the_next), T(the_profile_follows_the_disc),
           T(texts_that_are_too_short_are_padded_with_spaces),
           T(a_feature_that_is_absent_is_not_listed));
