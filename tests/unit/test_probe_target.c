/* SPDX-License-Identifier: GPL-2.0-only */
/* Which blocks the probe asks for on a disc that it knows. */
#include "bytes.h"
#include "emulator/host_target.h"

#include <stdlib.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct disc_title_key keys[4];

/* Key 2 first, clear and then scrambled; key 0 scrambled twice; key 3 clear; key 1 nowhere. */
static struct disc_extent map[] = {
    {.lba = 10, .blocks = 5, .cpr_mai = CPR_MAI_CLEAR, .key = 2, .file = -1},
    {.lba = 15, .blocks = 20, .cpr_mai = CPR_MAI_SCRAMBLED, .key = 2, .file = -1},
    {.lba = 40, .blocks = 4, .cpr_mai = CPR_MAI_SCRAMBLED, .key = 0, .file = -1},
    {.lba = 50, .blocks = 8, .cpr_mai = CPR_MAI_SCRAMBLED, .key = 0, .file = -1},
    {.lba = 60, .blocks = 1, .cpr_mai = CPR_MAI_CLEAR, .key = 3, .file = -1},
    {.lba = 70, .blocks = 9, .cpr_mai = CPR_MAI_SCRAMBLED, .key = -1, .file = -1},
};

static struct disc css_disc(void)
{
    return (struct disc){
        .blocks = 100,
        .protection = DISC_CSS,
        .title_keys = keys,
        .title_key_count = COUNT(keys),
        .extents = map,
        .extent_count = COUNT(map),
    };
}

static struct host_targets find(const struct disc *disc)
{
    struct host_targets targets;

    CU_ASSERT_TRUE_FATAL(host_find_targets(disc, &targets));
    return targets;
}

static void each_used_key_is_a_row(void)
{
    const struct disc disc = css_disc();
    struct host_targets t = find(&disc);

    CU_ASSERT_EQUAL_FATAL(t.count, 3);
    CU_ASSERT_PTR_EQUAL(t.rows[0].key, &keys[0]);
    CU_ASSERT_EQUAL(t.rows[0].key_lba, 40);
    CU_ASSERT_TRUE(t.rows[0].has_gated);
    CU_ASSERT_EQUAL(t.rows[0].gated_lba, 40);
    CU_ASSERT_PTR_EQUAL(t.rows[1].key, &keys[2]);
    CU_ASSERT_EQUAL(t.rows[1].key_lba, 10);
    CU_ASSERT_TRUE(t.rows[1].has_gated);
    CU_ASSERT_EQUAL(t.rows[1].gated_lba, 15);
    CU_ASSERT_PTR_EQUAL(t.rows[2].key, &keys[3]);
    CU_ASSERT_EQUAL(t.rows[2].key_lba, 60);
    CU_ASSERT_FALSE(t.rows[2].has_gated);
    free(t.rows);
}

static void bad_blocks_are_stepped_over(void)
{
    struct disc_bad_run bad[] = {{0, 17}, {17, 1}, {20, 3}, {40, 4}, {50, 7}};
    struct disc disc = css_disc();
    struct host_targets t;

    disc.bad_runs = bad;
    disc.bad_run_count = COUNT(bad);
    t = find(&disc);
    CU_ASSERT_EQUAL_FATAL(t.count, 3);
    /* the key is still stored with a block that cannot be read */
    CU_ASSERT_EQUAL(t.rows[0].key_lba, 40);
    CU_ASSERT_EQUAL(t.rows[0].gated_lba, 57);
    CU_ASSERT_EQUAL(t.rows[1].key_lba, 10);
    CU_ASSERT_EQUAL(t.rows[1].gated_lba, 18);
    free(t.rows);
}

static void unreadable_title_has_no_gated_block(void)
{
    struct disc_bad_run bad[] = {{39, 30}};
    struct disc disc = css_disc();
    struct host_targets t;

    disc.bad_runs = bad;
    disc.bad_run_count = COUNT(bad);
    t = find(&disc);
    CU_ASSERT_EQUAL_FATAL(t.count, 3);
    CU_ASSERT_FALSE(t.rows[0].has_gated);
    CU_ASSERT_TRUE(t.rows[1].has_gated);
    free(t.rows);
}

static void plain_disc_has_no_targets(void)
{
    struct disc disc = css_disc();
    struct host_targets t;

    disc.protection = DISC_NO_PROTECTION;
    t = find(&disc);
    CU_ASSERT_EQUAL(t.count, 0);
    CU_ASSERT_PTR_NULL(t.rows);
    disc = (struct disc){.blocks = 100, .protection = DISC_CSS};
    t = find(&disc);
    CU_ASSERT_EQUAL(t.count, 0);
    CU_ASSERT_PTR_NULL(t.rows);
}

static void keys_without_blocks_are_no_targets(void)
{
    struct disc disc = css_disc();
    struct host_targets t;

    disc.extent_count = 0;
    t = find(&disc);
    CU_ASSERT_EQUAL(t.count, 0);
    free(t.rows);
}

UNIT_SUITE(probe_target, T(each_used_key_is_a_row), T(bad_blocks_are_stepped_over),
           T(unreadable_title_has_no_gated_block), T(plain_disc_has_no_targets),
           T(keys_without_blocks_are_no_targets));
