/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/disc.h"
#include "tests/support/medium_memory.h"

#include <stdlib.h>

#define BLOCKS 200
#define BYTES  ((size_t)BLOCKS * DISC_BLOCK_BYTES)

static const css_title_key key_a = {{1, 2, 3, 4, 5}}, key_b = {{0xaa, 0, 0xff, 7, 9}};

/* Clear 0-9, scrambled with a 10-79, clear 80-89, with b 90-99, gap, flagged without key 150. */
static const struct disc_extent map[] = {
    {.lba = 0, .blocks = 10, .cpr_mai = 0xb0, .key = 0, .file = -1},
    {.lba = 10, .blocks = 70, .cpr_mai = 0xf0, .key = 0, .file = -1},
    {.lba = 90, .blocks = 10, .cpr_mai = 0xc0, .key = 1, .file = -1},
    {.lba = 150, .blocks = 1, .cpr_mai = 0xf0, .key = -1, .file = -1},
};

struct bench {
    struct disc *disc;
    struct medium_memory *memory; /* the disc's */
    struct scsi_sense sense;
    uint8_t *out;
};

static void *copy(const void *items, size_t bytes)
{
    void *made = malloc(bytes);

    if (!made) {
        abort();
    }
    return memcpy(made, items, bytes);
}

static void open_bench(struct bench *b)
{
    const struct disc_title_key keys[] = {{.clear = key_a}, {.clear = key_b}};

    b->memory = medium_memory_blocks(BLOCKS);
    b->disc = disc_new_plain(&b->memory->medium);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->disc);
    b->disc->protection = DISC_CSS;
    b->disc->title_keys = copy(keys, sizeof(keys));
    b->disc->title_key_count = 2;
    b->disc->extents = copy(map, sizeof(map));
    b->disc->extent_count = sizeof(map) / sizeof(map[0]);
    b->out = calloc(1, BYTES);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->out);
}

static void close_bench(struct bench *b)
{
    disc_release(b->disc);
    free(b->out);
}

static void set_bad(struct bench *b, uint32_t lba, uint32_t blocks)
{
    const struct disc_bad_run run = {.lba = lba, .blocks = blocks};

    b->disc->bad_runs = copy(&run, sizeof(run));
    b->disc->bad_run_count = 1;
}

static enum medium_result read_blocks(struct bench *b, uint32_t lba, uint32_t blocks)
{
    return disc_read(b->disc, lba, blocks, b->out, BYTES, true, &b->sense);
}

/* What the drive has to send for a block, made one block at a time. */
static void expected_block(uint32_t lba, uint8_t block[static DISC_BLOCK_BYTES])
{
    const css_title_key *key = lba >= 10 && lba < 80    ? &key_a
                               : lba >= 90 && lba < 100 ? &key_b
                                                        : NULL;

    medium_memory_block(lba, block);
    if (key) {
        block[0x14] |= 0x10;
        css_kernel_portable.scramble(&(struct css_sector){.data = block, .key = key}, 1);
    }
}

static bool out_is(const struct bench *b, uint32_t lba, size_t bytes)
{
    uint8_t block[DISC_BLOCK_BYTES];

    for (size_t at = 0; at < bytes; at += sizeof(block), lba++) {
        size_t part = bytes - at < sizeof(block) ? bytes - at : sizeof(block);

        expected_block(lba, block);
        if (memcmp(b->out + at, block, part) != 0) {
            return false;
        }
    }
    return true;
}

static bool has_lba(const struct bench *b, uint32_t lba)
{
    return sense_is(b->sense, SENSE_UNRECOVERED_READ) && b->sense.information_valid &&
           b->sense.information == lba;
}

static bool has_no_lba(const struct bench *b)
{
    return sense_is(b->sense, SENSE_UNRECOVERED_READ) && !b->sense.information_valid &&
           b->sense.information == 0;
}

static void unflagged_blocks_are_sent_as_stored(void)
{
    struct bench b;

    open_bench(&b);
    CU_ASSERT_EQUAL(read_blocks(&b, 0, 10), MEDIUM_OK);
    CU_ASSERT_FALSE(b.sense.check);
    CHECK_SAME(b.out, b.memory->bytes, 10 * DISC_BLOCK_BYTES);
    CU_ASSERT_EQUAL(read_blocks(&b, 150, 1), MEDIUM_OK); /* flagged, but no key to scramble with */
    CHECK_SAME(b.out, b.memory->bytes + 150 * DISC_BLOCK_BYTES, DISC_BLOCK_BYTES);
    close_bench(&b);
}

static void a_flagged_block_is_marked_and_descrambles_to_the_image(void)
{
    struct bench b;
    struct css_sector sector;
    uint8_t plain[DISC_BLOCK_BYTES];

    open_bench(&b);
    medium_memory_block(95, plain);
    CU_ASSERT_EQUAL(read_blocks(&b, 95, 1), MEDIUM_OK);
    CHECK_DIFFER(b.out, plain, DISC_BLOCK_BYTES);
    CU_ASSERT_EQUAL(b.out[0x14] & 0x30, 0x10);
    sector = (struct css_sector){.data = b.out, .key = &key_b};
    css_kernel_portable.descramble(&sector, 1);
    b.out[0x14] &= 0xcf;
    CHECK_SAME(b.out, plain, DISC_BLOCK_BYTES);
    close_bench(&b);
}

static void a_range_over_all_extents_is_right_block_by_block(void)
{
    struct bench b;

    open_bench(&b);
    CU_ASSERT_EQUAL(read_blocks(&b, 0, BLOCKS), MEDIUM_OK);
    CU_ASSERT_TRUE(out_is(&b, 0, BYTES));
    CU_ASSERT_EQUAL(read_blocks(&b, 33, 60), MEDIUM_OK);
    CU_ASSERT_TRUE(out_is(&b, 33, 60 * DISC_BLOCK_BYTES));
    close_bench(&b);
}

/* What disc_read() gave to the kernel. */
static struct {
    size_t calls, sectors, ragged; /**< ragged: calls with lanes to spare */
} given;

static void count_sectors(const struct css_sector *sectors, size_t count)
{
    given.calls++;
    given.sectors += count;
    given.ragged += count % CSS_LANES_MAX != 0;
    css_kernel_portable.scramble(sectors, count);
}

/* 70 sectors with one key, 10 clear ones, 10 with another: two calls, the last alone not full. */
static void scrambled_sectors_are_gathered_into_full_groups(void)
{
    static const struct css_kernel counting = {"counting", count_sectors, NULL};
    struct bench b;

    open_bench(&b);
    b.disc->kernel = &counting;
    memset(&given, 0, sizeof(given));
    CU_ASSERT_EQUAL(read_blocks(&b, 0, BLOCKS), MEDIUM_OK);
    CU_ASSERT_TRUE(out_is(&b, 0, BYTES));
    CU_ASSERT_EQUAL(given.sectors, 80);
    CU_ASSERT_EQUAL(given.calls, 2);
    CU_ASSERT_EQUAL(given.ragged, 0);

    memset(&given, 0, sizeof(given));
    CU_ASSERT_EQUAL(read_blocks(&b, 75, 20), MEDIUM_OK); /* 5 with one key, 5 with the other */
    CU_ASSERT_TRUE(out_is(&b, 75, 20 * DISC_BLOCK_BYTES));
    CU_ASSERT_EQUAL(given.sectors, 10);
    CU_ASSERT_EQUAL(given.calls, 1);
    close_bench(&b);
}

static void the_image_in_memory_stays_plain(void)
{
    struct bench b;
    uint8_t plain[DISC_BLOCK_BYTES];

    open_bench(&b);
    CU_ASSERT_EQUAL(read_blocks(&b, 20, 1), MEDIUM_OK);
    medium_memory_block(20, plain);
    CHECK_SAME(b.memory->bytes + 20 * DISC_BLOCK_BYTES, plain, DISC_BLOCK_BYTES);
    close_bench(&b);
}

/* The image's blocks are read first, and sent from there. */
static void check_read_first(struct bench *b, uint8_t *image, uint32_t lba, uint32_t blocks)
{
    const size_t bytes = (size_t)blocks * DISC_BLOCK_BYTES;

    memset(b->out, 0xa5, BYTES);
    memset(image, 0x5a, BYTES + 1);
    CU_ASSERT_EQUAL(disc_read_image(b->disc, lba, blocks, image, true, &b->sense), MEDIUM_OK);
    CHECK_SAME(image, b->memory->bytes + (size_t)lba * DISC_BLOCK_BYTES, bytes);
    CU_ASSERT_EQUAL(image[bytes], 0x5a);
    disc_send(b->disc, lba, blocks, image, b->out);
    CU_ASSERT_TRUE(out_is(b, lba, bytes));
    CU_ASSERT(bytes == BYTES || b->out[bytes] == 0xa5);
}

static void what_was_read_first_is_sent_the_same(void)
{
    static const struct {
        uint32_t lba, blocks;
    } ranges[] = {
        {0, 1},  {0, 10},   {0, 11},  {0, BLOCKS}, {9, 2},   {9, 92},  {10, 70}, {10, 1},  {33, 60},
        {79, 1}, {79, 2},   {79, 12}, {80, 10},    {80, 21}, {85, 3},  {89, 2},  {90, 10}, {99, 1},
        {99, 2}, {99, 101}, {100, 1}, {140, 30},   {155, 1}, {155, 3}, {199, 1},
    };
    uint8_t *const image = malloc(BYTES + 1);
    struct bench b;

    CU_ASSERT_PTR_NOT_NULL_FATAL(image);
    open_bench(&b);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        check_read_first(&b, image, ranges[i].lba, ranges[i].blocks);
    }
    b.disc->scrambled = true;
    disc_send(b.disc, 0, BLOCKS, b.memory->bytes, b.out);
    CHECK_SAME(b.out, b.memory->bytes, BYTES);
    close_bench(&b);
    free(image);
}

/* With the senses of a read that sends at once. */
static void what_is_read_first_may_fail(void)
{
    struct bench b;

    open_bench(&b);
    set_bad(&b, 20, 2);
    CU_ASSERT_EQUAL(disc_read_image(b.disc, 20, 3, b.out, true, &b.sense), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_lba(&b, 20));
    CU_ASSERT_EQUAL(disc_read_image(b.disc, 19, 2, b.out, true, &b.sense), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_no_lba(&b));
    CU_ASSERT_EQUAL(disc_read_image(b.disc, 18, 2, b.out, true, &b.sense), MEDIUM_OK);
    b.memory->would_block = 1;
    CU_ASSERT_EQUAL(disc_read_image(b.disc, 18, 2, b.out, false, &b.sense), MEDIUM_WOULD_BLOCK);
    close_bench(&b);
}

static void a_scrambled_image_is_sent_as_stored(void)
{
    struct bench b;

    open_bench(&b);
    b.disc->scrambled = true;
    CU_ASSERT_EQUAL(read_blocks(&b, 10, 85), MEDIUM_OK);
    CHECK_SAME(b.out, b.memory->bytes + 10 * DISC_BLOCK_BYTES, 85 * DISC_BLOCK_BYTES);
    close_bench(&b);
}

static void the_room_cuts_anywhere_and_nothing_is_written_past_it(void)
{
    static const size_t rooms[] = {0, 1, 0x14, 0x15, 127, 129, 2047, 2048, 2049, 4096 + 1000};
    struct bench b;

    open_bench(&b);
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        memset(b.out, 0xa5, BYTES);
        CU_ASSERT_EQUAL(disc_read(b.disc, 78, 20, b.out, rooms[i], true, &b.sense), MEDIUM_OK);
        CU_ASSERT_TRUE(out_is(&b, 78, rooms[i]));
        CU_ASSERT_EQUAL(b.out[rooms[i]], 0xa5);
    }
    close_bench(&b);
}

/* mmc-spec 3.4: the LBA is told only if it is the first block asked for. */
static void a_bad_block_fails_the_read_and_is_named_if_first(void)
{
    struct bench b;

    open_bench(&b);
    set_bad(&b, 50, 4);
    CU_ASSERT_EQUAL(read_blocks(&b, 50, 1), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_lba(&b, 50));
    CU_ASSERT_EQUAL(read_blocks(&b, 53, 10), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_lba(&b, 53));
    CU_ASSERT_EQUAL(read_blocks(&b, 49, 2), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_no_lba(&b));
    CU_ASSERT_EQUAL(read_blocks(&b, 40, 10), MEDIUM_OK);
    CU_ASSERT_EQUAL(read_blocks(&b, 54, 10), MEDIUM_OK);
    CU_ASSERT_EQUAL(read_blocks(&b, 51, 0), MEDIUM_OK); /* no block, no bad one */
    CU_ASSERT_FALSE(b.sense.check);
    close_bench(&b);
}

static void a_bad_block_past_the_room_does_not_matter(void)
{
    struct bench b;

    open_bench(&b);
    set_bad(&b, 52, 1);
    CU_ASSERT_EQUAL(disc_read(b.disc, 50, 8, b.out, 2 * DISC_BLOCK_BYTES, true, &b.sense),
                    MEDIUM_OK);
    CU_ASSERT_EQUAL(disc_read(b.disc, 50, 8, b.out, 2 * DISC_BLOCK_BYTES + 1, true, &b.sense),
                    MEDIUM_ERROR);
    close_bench(&b);
}

static void an_image_that_shrank_is_an_unrecovered_read(void)
{
    struct bench b;

    open_bench(&b);
    b.memory->left_bytes = 100 * DISC_BLOCK_BYTES;
    CU_ASSERT_EQUAL(read_blocks(&b, 99, 2), MEDIUM_SHORT);
    CU_ASSERT_TRUE(has_no_lba(&b));
    CU_ASSERT_EQUAL(read_blocks(&b, 100, 2), MEDIUM_SHORT);
    CU_ASSERT_TRUE(has_lba(&b, 100));
    CU_ASSERT_EQUAL(read_blocks(&b, 98, 2), MEDIUM_OK);
    close_bench(&b);
}

static void a_medium_that_fails_is_an_internal_failure(void)
{
    struct bench b;

    open_bench(&b);
    b.memory->fail_at_bytes = 60 * DISC_BLOCK_BYTES + 5;
    CU_ASSERT_EQUAL(read_blocks(&b, 58, 8), MEDIUM_ERROR);
    CU_ASSERT_TRUE(sense_is(b.sense, SENSE_INTERNAL_FAILURE));
    CU_ASSERT_EQUAL(read_blocks(&b, 61, 8), MEDIUM_OK);
    close_bench(&b);
}

/* The room ends within block 11: put off at the first read or at the one for the cut block. */
static void a_read_that_would_block_is_put_off_and_then_right(void)
{
    const size_t room = DISC_BLOCK_BYTES + 100;
    struct bench b;

    open_bench(&b);
    b.memory->would_block = 1;
    CU_ASSERT_EQUAL(disc_read(b.disc, 10, 2, b.out, room, false, &b.sense), MEDIUM_WOULD_BLOCK);
    CU_ASSERT_EQUAL(disc_read(b.disc, 10, 2, b.out, room, false, &b.sense), MEDIUM_OK);
    CU_ASSERT_TRUE(out_is(&b, 10, room));
    b.memory->would_block = 1;
    CU_ASSERT_EQUAL(disc_read(b.disc, 10, 2, b.out, room, true, &b.sense), MEDIUM_OK);
    CU_ASSERT_EQUAL(b.memory->would_block, 1); /* was allowed to block: not asked otherwise */
    close_bench(&b);
}

static void comparing_meets_the_scrambled_bytes(void)
{
    struct bench b;

    open_bench(&b);
    CU_ASSERT_EQUAL(read_blocks(&b, 5, 95), MEDIUM_OK);
    CU_ASSERT_EQUAL(disc_compare(b.disc, 5, 95, b.out, 95 * DISC_BLOCK_BYTES, true, &b.sense),
                    MEDIUM_OK);
    CU_ASSERT_FALSE(b.sense.check);
    CU_ASSERT_EQUAL(disc_compare(b.disc, 5, 95, b.memory->bytes + 5 * DISC_BLOCK_BYTES,
                                 95 * DISC_BLOCK_BYTES, true, &b.sense),
                    MEDIUM_OK);
    CU_ASSERT_TRUE(sense_is(b.sense, SENSE_MISCOMPARE));
    close_bench(&b);
}

static void the_last_byte_that_is_there_is_compared_and_none_after(void)
{
    const size_t there = 9 * DISC_BLOCK_BYTES + 700;
    struct bench b;

    open_bench(&b);
    CU_ASSERT_EQUAL(read_blocks(&b, 100, 20), MEDIUM_OK);
    b.out[there] ^= 1;
    CU_ASSERT_EQUAL(disc_compare(b.disc, 100, 20, b.out, there, true, &b.sense), MEDIUM_OK);
    CU_ASSERT_FALSE(b.sense.check);
    CU_ASSERT_EQUAL(disc_compare(b.disc, 100, 20, b.out, there + 1, true, &b.sense), MEDIUM_OK);
    CU_ASSERT_TRUE(sense_is(b.sense, SENSE_MISCOMPARE));
    close_bench(&b);
}

static void comparing_stops_at_a_bad_block_as_reading_does(void)
{
    const size_t bytes = 30 * DISC_BLOCK_BYTES;
    struct bench b;

    open_bench(&b);
    CU_ASSERT_EQUAL(read_blocks(&b, 100, 30), MEDIUM_OK);
    set_bad(&b, 108, 1); /* first block of the second part that is compared */
    CU_ASSERT_EQUAL(disc_compare(b.disc, 100, 30, b.out, bytes, true, &b.sense), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_no_lba(&b));
    CU_ASSERT_EQUAL(disc_compare(b.disc, 108, 2, b.out, bytes, true, &b.sense), MEDIUM_ERROR);
    CU_ASSERT_TRUE(has_lba(&b, 108));
    b.memory->would_block = 1;
    CU_ASSERT_EQUAL(disc_compare(b.disc, 100, 8, b.out, bytes, false, &b.sense),
                    MEDIUM_WOULD_BLOCK);
    close_bench(&b);
}

UNIT_SUITE(disc_read, T(unflagged_blocks_are_sent_as_stored),
           T(a_flagged_block_is_marked_and_descrambles_to_the_image),
           T(scrambled_sectors_are_gathered_into_full_groups),
           T(a_range_over_all_extents_is_right_block_by_block), T(the_image_in_memory_stays_plain),
           T(what_was_read_first_is_sent_the_same), T(what_is_read_first_may_fail),
           T(a_scrambled_image_is_sent_as_stored),
           T(the_room_cuts_anywhere_and_nothing_is_written_past_it),
           T(a_bad_block_fails_the_read_and_is_named_if_first),
           T(a_bad_block_past_the_room_does_not_matter),
           T(an_image_that_shrank_is_an_unrecovered_read),
           T(a_medium_that_fails_is_an_internal_failure),
           T(a_read_that_would_block_is_put_off_and_then_right),
           T(comparing_meets_the_scrambled_bytes),
           T(the_last_byte_that_is_there_is_compared_and_none_after),
           T(comparing_stops_at_a_bad_block_as_reading_does));
