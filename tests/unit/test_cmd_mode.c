/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

/* mmc-spec 6.5 */
#define PAGE_01 0x01, 0x0a, 0x00, 0x08, 0, 0, 0, 0, 0, 0, 0, 0
#define PAGE_0D 0x0d, 0x06, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x4b
#define PAGE_1A 0x1a, 0x0a, 0x00, 0x03, 0x00, 0x00, 0x02, 0x58, 0x00, 0x00, 0x12, 0xc0
#define PAGE_1C 0x1c, 0x0a, 0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0
#define PAGE_1D 0x1d, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x02, 0x00, 0x14
#define PAGE_2A(l)                                                                                 \
    0x2a, 0x1e, 0x1f, 0x00, 0x70, 0x00, (l), 0x20, 0x56, 0x90, 0x01, 0x00, 0x01, 0x00, 0x56, 0x90, \
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  \
        0x00
#define UNLOCKED  0x29
#define LOCKED    0x2b
#define ALL_PAGES PAGE_01, PAGE_0D, PAGE_1A, PAGE_1C, PAGE_1D, PAGE_2A(UNLOCKED)

#define SENSE_6(page, length)    0x1a, 0x00, (page), 0, (length), 0
#define SENSE_10(page, length)   0x5a, 0x00, (page), 0, 0, 0, 0, 0, (length), 0
#define SELECT_6(flags, length)  0x15, (flags), 0, 0, (length), 0
#define SELECT_10(flags, length) 0x55, (flags), 0, 0, 0, 0, 0, (length) >> 8, (length)&0xff, 0
#define PF                       0x10
#define CHANGEABLE               0x40
#define DEFAULTS                 0x80
#define SAVED                    0xc0
#define HEADER_6                 0, 0, 0, 0
#define HEADER_10                0, 0, 0, 0, 0, 0, 0, 0
#define RETRIES(n)               0x01, 0x0a, 0x00, (n), 0, 0, 0, 0, 0, 0, 0, 0

/* Run a CDB, given in brackets, with a parameter list. */
#define BRACKETS(...) __VA_ARGS__
#define SELECT(b, cdb, ...)                                                                        \
    bench_run((b), (const uint8_t[]){BRACKETS cdb}, sizeof((const uint8_t[]){BRACKETS cdb}),       \
              BENCH_BYTES(__VA_ARGS__), 0)

static void all_pages_in_the_short_form_are_92_bytes(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(0x3f, 255)));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 92);
    CU_ASSERT(BENCH_IN_IS(&b, 91, 0, 0, 0, ALL_PAGES));
    bench_close(&b);
}

static void all_pages_in_the_long_form_have_an_eight_byte_header(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_10(0x3f, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 94, 0, 0, 0, 0, 0, 0, ALL_PAGES));
    bench_close(&b);
}

/* The questions of Windows and of Linux (windows-spec b.2, e). */
static void page_2a_answers_windows_and_linux(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 40, 0x5a, 0x08, 0x2a, 0, 0, 0, 0, 0, 40, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 38, 0, 0, 0, 0, 0, 0, PAGE_2A(UNLOCKED)));
    CU_ASSERT(BENCH_IN(&b, 36, 0x1a, 0x08, 0x2a, 0, 36, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 35, 0, 0, 0, PAGE_2A(UNLOCKED)));
    CU_ASSERT(BENCH_IN(&b, 128, 0x1a, 0x00, 0x2a, 0, 0x80, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 36);
    CU_ASSERT(b.in[4 + 2] & 0x08); /* reads DVD-ROM */
    bench_close(&b);
}

static void page_2a_shows_the_lock_of_any_nexus(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_GO(&b, 0x1e, 0, 0, 0, 1, 0));
    bench_swap(&b);
    CU_ASSERT(BENCH_IN(&b, 36, SENSE_6(0x2a, 36)));
    CU_ASSERT(BENCH_IN_IS(&b, 35, 0, 0, 0, PAGE_2A(LOCKED)));
    CU_ASSERT(BENCH_IN(&b, 36, SENSE_6(DEFAULTS | 0x2a, 36)));
    CU_ASSERT(BENCH_IN_IS(&b, 35, 0, 0, 0, PAGE_2A(UNLOCKED)));
    bench_close(&b);
}

static void changeable_values_are_masks(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(CHANGEABLE | 0x01, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, 0x01, 0x0a, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(CHANGEABLE | 0x0d, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 11, 0, 0, 0, 0x0d, 0x06, 0, 0x0f, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(CHANGEABLE | 0x1a, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, 0x1a, 0x0a, 0, 0x03, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                          0xff, 0xff));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(CHANGEABLE | 0x1d, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, 0x1d, 0x0a, 0, 0, 0x07, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(CHANGEABLE | 0x1c, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, 0x1c, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    bench_close(&b);
}

static void saved_values_are_not_supported(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, SENSE_6(SAVED | 0x3f, 255)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SAVING_NOT_SUPPORTED));
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, SENSE_10(SAVED | 0x2a, 255)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SAVING_NOT_SUPPORTED));
    /* byte 2 comes before byte 3 */
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, 0x1a, 0, SAVED | 0x2a, 1, 255, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SAVING_NOT_SUPPORTED));
    /* SP is bit 0 of byte 1, and no other */
    CU_ASSERT(BENCH_GO(&b, 0x15, 0xfe, 0, 0, 0, 0));
    CU_ASSERT_FALSE(BENCH_GO(&b, 0x15, 0x01, 0, 0, 0, 0));
    bench_close(&b);
}

static void unknown_pages_and_subpages_are_refused(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, SENSE_6(0x0e, 255)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 2));
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, 0x5a, 0, 0x3f, 0xff, 0, 0, 0, 0, 255, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 3));
    bench_close(&b);
}

static void select_changes_what_sense_then_tells(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(SELECT(&b, (SELECT_6(PF, 16)), HEADER_6, RETRIES(5)));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(0x01, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, RETRIES(5)));
    CU_ASSERT(SELECT(&b, (SELECT_10(PF, 20)), HEADER_10, RETRIES(6)));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(0x01, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, RETRIES(6)));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(DEFAULTS | 0x01, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, PAGE_01));
    drive_reset(&b.drive);
    bench_quiet(&b);
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(0x01, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, PAGE_01));
    bench_close(&b);
}

static void what_sense_tells_can_be_selected(void)
{
    uint8_t list[92];
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_GO(&b, 0x1e, 0, 0, 0, 1, 0)); /* with the lock state of now */
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(0x3f, 255)));
    CU_ASSERT_EQUAL_FATAL(b.reply.in_bytes, sizeof(list));
    memcpy(list, b.in, sizeof(list));
    CU_ASSERT(bench_run(&b, BENCH_BYTES(SELECT_6(PF, sizeof(list))), list, sizeof(list), 0));
    bench_close(&b);
}

static void save_pages_is_refused(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_6(PF | 1, 16)), HEADER_6, RETRIES(5)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    bench_close(&b);
}

static void an_empty_list_is_no_error(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_GO(&b, SELECT_6(PF, 0)));
    CU_ASSERT(BENCH_GO(&b, SELECT_10(PF, 0)));
    CU_ASSERT(SELECT(&b, (SELECT_6(PF, 4)), HEADER_6));
    bench_close(&b);
}

static void a_cut_header_is_a_length_error(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_6(PF, 3)), HEADER_6));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_10(PF, 7)), HEADER_10));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    bench_close(&b);
}

static void less_data_than_announced_is_judged_by_what_came(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_6(PF, 16)), HEADER_6, 0x01, 0x0a, 0, 5));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT_FALSE(BENCH_GO(&b, SELECT_10(PF, 20))); /* nothing came */
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT(BENCH_IN(&b, 255, SENSE_6(0x01, 255)));
    CU_ASSERT(BENCH_IN_IS(&b, 15, 0, 0, 0, PAGE_01));
    bench_close(&b);
}

static void data_behind_the_announced_list_is_ignored(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(SELECT(&b, (SELECT_6(PF, 16)), HEADER_6, RETRIES(5), 0xff, 0xff));
    bench_close(&b);
}

static void block_descriptor_may_name_the_block_length_there_is(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(SELECT(&b, (SELECT_6(PF, 12)), 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 8, 0));
    CU_ASSERT(SELECT(&b, (SELECT_6(PF, 12)), 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(SELECT(&b, (SELECT_10(PF, 16)), 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 8, 0));
    /* a page behind it is found, and stored */
    CU_ASSERT(SELECT(&b, (SELECT_10(PF, 28)), 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 8, 0,
                     RETRIES(5)));
    CU_ASSERT_EQUAL(b.drive.state.mode_values[3], 5);
    bench_close(&b);
}

static void other_block_descriptors_are_refused(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_6(PF, 12)), 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_LIST, 9));
    CU_ASSERT_FALSE(
        SELECT(&b, (SELECT_10(PF, 16)), 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 8, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_LIST, 6));
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_6(PF, 8)), 0, 0, 0, 8, 0, 0, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    bench_close(&b);
}

static void a_field_that_is_fixed_is_pointed_at(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(SELECT(&b, (SELECT_10(PF, 16)), HEADER_10, 0x0d, 6, 0, 0, 0, 0x3c, 0, 0x4a));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_LIST, 8 + 7));
    bench_close(&b);
}

static void replies_are_cut_at_every_allocation_length(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(SENSE_6(0x3f, 0)), 4, 1, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(SENSE_6(0x2a, 0)), 4, 1, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(SENSE_10(0x3f, 0)), 7, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(SENSE_10(CHANGEABLE | 0x3f, 0)), 7, 2, NULL));
    bench_close(&b);
}

UNIT_SUITE(cmd_mode, T(all_pages_in_the_short_form_are_92_bytes),
           T(all_pages_in_the_long_form_have_an_eight_byte_header),
           T(page_2a_answers_windows_and_linux), T(page_2a_shows_the_lock_of_any_nexus),
           T(changeable_values_are_masks), T(saved_values_are_not_supported),
           T(unknown_pages_and_subpages_are_refused), T(select_changes_what_sense_then_tells),
           T(what_sense_tells_can_be_selected), T(save_pages_is_refused),
           T(an_empty_list_is_no_error), T(a_cut_header_is_a_length_error),
           T(less_data_than_announced_is_judged_by_what_came),
           T(data_behind_the_announced_list_is_ignored),
           T(block_descriptor_may_name_the_block_length_there_is),
           T(other_block_descriptors_are_refused), T(a_field_that_is_fixed_is_pointed_at),
           T(replies_are_cut_at_every_allocation_length));
