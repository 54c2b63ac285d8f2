/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/disc.h"
#include "tests/support/medium_memory.h"

#include <pthread.h>

static struct disc_title_key titles[] = {{.name = NULL}, {.name = NULL}};

/* Blocks 0-9 in a gap, 10-19 clear with key 1, 20-29 scrambled with key 0, 40 flagged, no key. */
static struct disc_extent extents[] = {
    {.lba = 10, .blocks = 10, .cpr_mai = 0xb0, .key = 1, .file = -1},
    {.lba = 20, .blocks = 10, .cpr_mai = 0xf0, .key = 0, .file = -1},
    {.lba = 40, .blocks = 1, .cpr_mai = 0x80, .key = -1, .file = -1},
};

static const struct disc mapped = {
    .blocks = 50,
    .protection = DISC_CSS,
    .title_keys = titles,
    .title_key_count = 2,
    .extents = extents,
    .extent_count = 3,
};

static void a_plain_disc_has_one_layer_and_no_protection(void)
{
    struct medium_memory *memory = medium_memory_new(5 * DISC_BLOCK_BYTES + 2047);
    struct disc *disc = disc_new_plain(&memory->medium);

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc->blocks, 5); /* the tail is no block */
    CU_ASSERT_EQUAL(disc->layers, 1);
    CU_ASSERT_EQUAL(disc->layer0_blocks, 5);
    CU_ASSERT_EQUAL(disc->track_path, DISC_PTP);
    CU_ASSERT_FALSE(disc_has_css(disc));
    CU_ASSERT_EQUAL(disc->rmi, 0);
    CU_ASSERT_EQUAL(disc_cpr_mai(disc, 0), 0);
    CU_ASSERT_PTR_NULL(disc_title_key_at(disc, 0));
    CU_ASSERT_FALSE(disc_range_is_gated(disc, 0, 5));
    disc_release(disc);
}

static void a_medium_without_a_whole_block_is_refused_and_closed(void)
{
    struct medium_memory *memory = medium_memory_new(DISC_BLOCK_BYTES - 1);
    unsigned closed = 0;

    memory->closed = &closed;
    CU_ASSERT_PTR_NULL(disc_new_plain(&memory->medium));
    CU_ASSERT_EQUAL(closed, 1);
}

static void the_largest_disc_ends_at_physical_sector_ffffff(void)
{
    struct medium_memory *memory = medium_memory_new(1);
    unsigned closed = 0;
    struct disc *disc;

    memory->closed = &closed;
    memory->medium.size_bytes = (0x1000000 - 0x30000) * UINT64_C(2048) + 2047;
    disc = disc_new_plain(&memory->medium);
    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(0x30000 + disc->blocks - 1, 0xffffff);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);

    memory = medium_memory_new(1);
    memory->closed = &closed;
    memory->medium.size_bytes = (0x1000000 - 0x30000 + 1) * UINT64_C(2048);
    CU_ASSERT_PTR_NULL(disc_new_plain(&memory->medium));
    CU_ASSERT_EQUAL(closed, 2);
}

static void the_last_release_closes_the_medium(void)
{
    struct medium_memory *memory = medium_memory_new(DISC_BLOCK_BYTES);
    unsigned closed = 0;
    struct disc *disc;

    memory->closed = &closed;
    disc = disc_new_plain(&memory->medium);
    CU_ASSERT_PTR_EQUAL(disc_hold(disc), disc);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 0);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
    CU_ASSERT_PTR_NULL(disc_hold(NULL));
    disc_release(NULL);
}

#define THREADS 4
#define ROUNDS  2000

static void *hold_and_release(void *disc)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        disc_release(disc_hold(disc));
    }
    disc_release(disc);
    return NULL;
}

static void threads_share_a_disc_and_the_last_one_frees_it(void)
{
    struct medium_memory *memory = medium_memory_new(DISC_BLOCK_BYTES);
    pthread_t threads[THREADS];
    unsigned closed = 0;
    struct disc *disc;

    memory->closed = &closed;
    disc = disc_new_plain(&memory->medium);
    for (unsigned i = 0; i < THREADS; i++) {
        disc_hold(disc);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, hold_and_release, disc), 0);
    }
    disc_release(disc);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    CU_ASSERT_EQUAL(closed, 1);
}

static void each_block_has_the_cpr_mai_of_its_extent(void)
{
    static const struct {
        uint32_t lba;
        uint8_t cpr_mai;
        int extent; /* -1: a gap */
    } cases[] = {{0, 0, -1},    {9, 0, -1},    {10, 0xb0, 0}, {19, 0xb0, 0},
                 {20, 0xf0, 1}, {29, 0xf0, 1}, {30, 0, -1},   {39, 0, -1},
                 {40, 0x80, 2}, {41, 0, -1},   {49, 0, -1}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct disc_extent *expected = cases[i].extent < 0 ? NULL : &extents[cases[i].extent];

        CU_ASSERT_EQUAL(disc_cpr_mai(&mapped, cases[i].lba), cases[i].cpr_mai);
        CU_ASSERT_PTR_EQUAL(disc_extent_at(&mapped, cases[i].lba), expected);
    }
}

static void a_block_has_the_title_key_of_its_extent(void)
{
    CU_ASSERT_PTR_EQUAL(disc_title_key_at(&mapped, 15), &titles[1]);
    CU_ASSERT_PTR_EQUAL(disc_title_key_at(&mapped, 25), &titles[0]);
    CU_ASSERT_PTR_NULL(disc_title_key_at(&mapped, 5));
    CU_ASSERT_PTR_NULL(disc_title_key_at(&mapped, 40));
}

static void a_range_is_gated_when_one_block_of_it_is(void)
{
    CU_ASSERT_FALSE(disc_range_is_gated(&mapped, 0, 20));
    CU_ASSERT_TRUE(disc_range_is_gated(&mapped, 0, 21));
    CU_ASSERT_TRUE(disc_range_is_gated(&mapped, 29, 1));
    CU_ASSERT_TRUE(disc_range_is_gated(&mapped, 29, 21));
    CU_ASSERT_TRUE(disc_range_is_gated(&mapped, 0, 50));
    CU_ASSERT_FALSE(disc_range_is_gated(&mapped, 30, 20));
    CU_ASSERT_FALSE(disc_range_is_gated(&mapped, 20, 0));
}

static void without_css_nothing_is_gated(void)
{
    struct disc plain = mapped;

    plain.protection = DISC_NO_PROTECTION;
    CU_ASSERT_FALSE(disc_range_is_gated(&plain, 0, 50));
}

/* mmc-spec 3.1: (CPR_MAI & CFh) == C0h, for all 256 values. */
static void the_gate_is_cpm_and_cp_sec_without_cp_mod(void)
{
    for (unsigned value = 0; value < 256; value++) {
        CU_ASSERT_EQUAL(cpr_mai_is_gated((uint8_t)value), (value & 0xcf) == 0xc0);
    }
}

UNIT_SUITE(disc, T(a_plain_disc_has_one_layer_and_no_protection),
           T(a_medium_without_a_whole_block_is_refused_and_closed),
           T(the_largest_disc_ends_at_physical_sector_ffffff),
           T(the_last_release_closes_the_medium), T(threads_share_a_disc_and_the_last_one_frees_it),
           T(each_block_has_the_cpr_mai_of_its_extent), T(a_block_has_the_title_key_of_its_extent),
           T(a_range_is_gated_when_one_block_of_it_is), T(without_css_nothing_is_gated),
           T(the_gate_is_cpm_and_cp_sec_without_cp_mod));
