/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/mode_pages.h"

#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

static void rows_ascend_and_are_as_long_as_they_say(void)
{
    for (size_t i = 0; i < mode_page_row_count; i++) {
        const struct mode_page *page = &mode_page_rows[i];

        CU_ASSERT(page->bytes <= MODE_PAGE_BYTES_MAX);
        CU_ASSERT_EQUAL(page->defaults[1], page->bytes - 2);
        CU_ASSERT_EQUAL(page->changeable[0], 0);
        CU_ASSERT_EQUAL(page->changeable[1], 0);
        CU_ASSERT(i == 0 || mode_page_rows[i - 1].defaults[0] < page->defaults[0]);
    }
}

static void exactly_the_settable_pages_have_changeable_bits(void)
{
    static const uint8_t none[MODE_PAGE_BYTES_MAX] = {0};

    for (size_t i = 0; i < mode_page_row_count; i++) {
        const struct mode_page *page = &mode_page_rows[i];

        CU_ASSERT_EQUAL(page->settable, memcmp(page->changeable, none, sizeof(none)) != 0);
    }
}

static void values_of_settable_pages_do_not_overlap(void)
{
    uint8_t owners[sizeof(((struct drive_state *)NULL)->mode_values)] = {0};

    for (size_t i = 0; i < mode_page_row_count; i++) {
        const struct mode_page *page = &mode_page_rows[i];

        for (size_t at = page->values_at; page->settable && at < page->values_at + page->bytes;
             at++) {
            CU_ASSERT_FATAL(at < sizeof(owners));
            CU_ASSERT_EQUAL(owners[at]++, 0);
        }
    }
}

static void reset_brings_back_the_defaults(void)
{
    const struct mode_page *page = mode_page_find(MODE_PAGE_ERROR_RECOVERY);
    uint8_t values[64];

    memset(values, 0xff, sizeof(values));
    mode_pages_reset(values);
    CU_ASSERT_PTR_NOT_NULL_FATAL(page);
    CU_ASSERT(memcmp(values + page->values_at,
                     (const uint8_t[]){0x01, 0x0a, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0}, 12) == 0);
}

static void unknown_pages_are_not_found(void)
{
    CU_ASSERT_PTR_NULL(mode_page_find(0x00));
    CU_ASSERT_PTR_NULL(mode_page_find(0x0e));
    CU_ASSERT_PTR_NULL(mode_page_find(MODE_PAGE_ALL));
}

/* Runs a list of pages, at offset 4 of a list of which the first four bytes are a header. */
static struct scsi_sense select_pages(struct bench *b, const uint8_t *list, size_t bytes)
{
    return mode_pages_select(&b->drive, list, bytes, 4);
}

#define SELECT(b, ...) select_pages((b), BENCH_BYTES(0, 0, 0, 0, __VA_ARGS__))

#define RETRIES(n) 0x01, 0x0a, 0x00, (n), 0, 0, 0, 0, 0, 0, 0, 0
#define TIMERS(idle, standby)                                                                      \
    0x1a, 0x0a, 0x00, 0x03, 0, 0, (idle) >> 8, (idle)&0xff, 0, 0, (standby) >> 8, (standby)&0xff

static uint8_t current_byte(struct bench *b, uint8_t code, size_t at)
{
    uint8_t room[MODE_PAGE_BYTES_MAX];
    struct datain di = di_begin(room, sizeof(room));

    mode_page_write(mode_page_find(code), &b->drive, MODE_CURRENT, &di);
    CU_ASSERT_FATAL(at < di.len);
    return room[at];
}

static void changeable_fields_take_new_values(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, RETRIES(3)).check);
    CU_ASSERT_EQUAL(current_byte(&b, 0x01, 3), 3);
    CU_ASSERT_FALSE(SELECT(&b, 0x0d, 6, 0, 0x0f, 0, 0x3c, 0, 0x4b).check);
    CU_ASSERT_EQUAL(current_byte(&b, 0x0d, 3), 0x0f);
    CU_ASSERT_FALSE(SELECT(&b, TIMERS(0x1234, 0x5678)).check);
    CU_ASSERT_EQUAL(current_byte(&b, 0x1a, 6), 0x12);
    CU_ASSERT_EQUAL(current_byte(&b, 0x1a, 11), 0x78);
    CU_ASSERT_FALSE(SELECT(&b, 0x1d, 0x0a, 0, 0, 7, 0, 0, 2, 0, 2, 0, 0x14).check);
    CU_ASSERT_EQUAL(current_byte(&b, 0x1d, 4), 7);
    bench_close(&b);
}

static void one_bad_page_keeps_all_from_being_set(void)
{
    struct bench b;
    struct scsi_sense sense;

    bench_open(&b);
    sense = SELECT(&b, RETRIES(3), TIMERS(1, 2), 0x1c, 0x0a, 0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(sense_is(sense, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT_EQUAL(sense.pointer, SENSE_POINTER_LIST);
    CU_ASSERT_EQUAL(sense.field_byte, 4 + 12 + 12 + 2);
    CU_ASSERT_EQUAL(current_byte(&b, 0x01, 3), 8);
    CU_ASSERT_EQUAL(current_byte(&b, 0x1a, 7), 0x58);
    bench_close(&b);
}

static void pages_that_are_set_together_are_all_set(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, RETRIES(3), TIMERS(1, 2)).check);
    CU_ASSERT_EQUAL(current_byte(&b, 0x01, 3), 3);
    CU_ASSERT_EQUAL(current_byte(&b, 0x1a, 7), 1);
    bench_close(&b);
}

static void fixed_fields_may_be_repeated_but_not_changed(void)
{
    struct bench b;
    struct scsi_sense sense;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, 0x1c, 0x0a, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0).check);
    sense = SELECT(&b, 0x0d, 6, 0, 0, 0, 0x3d, 0, 0x4b);
    CU_ASSERT(sense_is(sense, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT_EQUAL(sense.field_byte, 4 + 5);
    bench_close(&b);
}

static void unknown_pages_and_subpages_are_refused(void)
{
    struct bench b;
    struct scsi_sense sense;

    bench_open(&b);
    sense = SELECT(&b, RETRIES(8), 0x05, 2, 0, 0);
    CU_ASSERT(sense_is(sense, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT_EQUAL(sense.field_byte, 4 + 12);
    sense = SELECT(&b, 0x41, 0x0a, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(sense_is(sense, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT_EQUAL(sense.field_byte, 4);
    bench_close(&b);
}

static void a_page_of_another_length_is_a_length_error(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(sense_is(SELECT(&b, 0x01, 0x06, 0, 8, 0, 0, 0, 0), SENSE_LIST_LENGTH));
    CU_ASSERT(sense_is(SELECT(&b, 0x01, 0x0b, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0), SENSE_LIST_LENGTH));
    bench_close(&b);
}

static void a_page_cut_anywhere_is_a_length_error(void)
{
    static const uint8_t list[] = {0, 0, 0, 0, RETRIES(3)};
    struct bench b;

    bench_open(&b);
    for (size_t bytes = 5; bytes < sizeof(list); bytes++) {
        CU_ASSERT(sense_is(select_pages(&b, list, bytes), SENSE_LIST_LENGTH));
    }
    CU_ASSERT_EQUAL(current_byte(&b, 0x01, 3), 8);
    CU_ASSERT_FALSE(select_pages(&b, list, 4).check); /* no page at all */
    bench_close(&b);
}

static void the_ps_bit_of_a_page_means_nothing_when_set(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, 0x81, 0x0a, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0).check);
    CU_ASSERT_EQUAL(current_byte(&b, 0x01, 0), 0x01);
    CU_ASSERT_EQUAL(current_byte(&b, 0x01, 3), 5);
    bench_close(&b);
}

UNIT_SUITE(mode_pages, T(rows_ascend_and_are_as_long_as_they_say),
           T(exactly_the_settable_pages_have_changeable_bits),
           T(values_of_settable_pages_do_not_overlap), T(reset_brings_back_the_defaults),
           T(unknown_pages_are_not_found), T(changeable_fields_take_new_values),
           T(one_bad_page_keeps_all_from_being_set), T(pages_that_are_set_together_are_all_set),
           T(fixed_fields_may_be_repeated_but_not_changed),
           T(unknown_pages_and_subpages_are_refused), T(a_page_of_another_length_is_a_length_error),
           T(a_page_cut_anywhere_is_a_length_error),
           T(the_ps_bit_of_a_page_means_nothing_when_set));
