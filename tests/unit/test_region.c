/* SPDX-License-Identifier: GPL-2.0-only */
/* RPC rules (mmc-spec 3.3, 4). */
#include "emulator/region.h"

#include "unit.h"

#include <stddef.h>

#define REGION_FREE_DISC 0x00
#define REGION_1         0xfe
#define REGION_2         0xfd

static bool same(const struct region_state *a, const struct region_state *b)
{
    return a->vendor_resets == b->vendor_resets && a->user_changes == b->user_changes &&
           a->mask == b->mask && a->scheme == b->scheme;
}

static void a_new_drive_has_no_region_and_all_changes(void)
{
    const struct region_state state = region_factory();

    CU_ASSERT_EQUAL(region_type(&state), REGION_NONE);
    CU_ASSERT_EQUAL(region_status_byte(&state), 0x25);
    CU_ASSERT_EQUAL(state.mask, 0xff);
    CU_ASSERT_EQUAL(state.scheme, 1);
}

static void five_changes_walk_to_permanent_and_the_sixth_is_refused(void)
{
    static const struct {
        uint8_t mask, status;
    } steps[] = {{0xfe, 0x64}, {0xfd, 0x63}, {0xfb, 0x62}, {0xf7, 0xa1}, {0x7f, 0xe0}};
    struct region_state state = region_factory(), before;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        CU_ASSERT_EQUAL(region_set(&state, steps[i].mask, REGION_FREE_DISC, false), REGION_CHANGED);
        CU_ASSERT_EQUAL(state.mask, steps[i].mask);
        CU_ASSERT_EQUAL(region_status_byte(&state), steps[i].status);
        CU_ASSERT(region_is_sane(&state));
    }
    before = state;
    CU_ASSERT_EQUAL(region_set(&state, REGION_1, REGION_FREE_DISC, false), REGION_EXHAUSTED);
    CU_ASSERT_EQUAL(region_set(&state, 0x7f, REGION_FREE_DISC, false), REGION_EXHAUSTED);
    CU_ASSERT(same(&state, &before));
}

static void choosing_the_same_region_again_is_free(void)
{
    struct region_state state = region_factory(), before;

    CU_ASSERT_EQUAL(region_set(&state, REGION_2, REGION_FREE_DISC, false), REGION_CHANGED);
    before = state;
    CU_ASSERT_EQUAL(region_set(&state, REGION_2, REGION_FREE_DISC, false), REGION_SAME);
    CU_ASSERT(same(&state, &before));
}

static void a_mask_names_exactly_one_region(void)
{
    for (unsigned mask = 0; mask < 256; mask++) {
        const struct region_state factory = region_factory();
        struct region_state state = factory;
        const bool one = __builtin_popcount(~mask & 0xff) == 1;

        CU_ASSERT_EQUAL(region_set(&state, (uint8_t)mask, REGION_FREE_DISC, false),
                        one ? REGION_CHANGED : REGION_BAD_MASK);
        CU_ASSERT(one || same(&state, &factory));
    }
}

static void the_disc_must_allow_the_region(void)
{
    const struct region_state factory = region_factory();
    struct region_state state = factory;

    CU_ASSERT_EQUAL(region_set(&state, REGION_2, 0xfe, false), REGION_DISC_MISMATCH);
    CU_ASSERT(same(&state, &factory));
    CU_ASSERT_EQUAL(region_set(&state, REGION_1, 0xfe, false), REGION_CHANGED);
    CU_ASSERT_EQUAL(region_set(&state, REGION_1, 0xff, false), REGION_DISC_MISMATCH);
}

/* The order of mmc-spec 4.3: mask, disc, permanent, same. */
static void checks_come_in_order(void)
{
    struct region_state state = {4, 0, REGION_1, REGION_SCHEME_RPC2};

    CU_ASSERT_EQUAL(region_set(&state, 0xfc, 0xff, false), REGION_BAD_MASK);
    CU_ASSERT_EQUAL(region_set(&state, REGION_1, 0xff, false), REGION_DISC_MISMATCH);
    CU_ASSERT_EQUAL(region_set(&state, REGION_1, REGION_FREE_DISC, false), REGION_EXHAUSTED);
}

static void a_drive_plays_discs_that_share_a_region(void)
{
    struct region_state state = region_factory();

    CU_ASSERT(region_allows(&state, REGION_FREE_DISC));
    CU_ASSERT_FALSE(region_allows(&state, 0xfe));
    CU_ASSERT_FALSE(region_allows(&state, 0x40)); /* unset: even a lenient disc mismatches */
    state.mask = REGION_2;
    CU_ASSERT(region_allows(&state, 0xfd));
    CU_ASSERT(region_allows(&state, 0xed));
    CU_ASSERT_FALSE(region_allows(&state, 0xfe));
    CU_ASSERT_FALSE(region_allows(&state, 0xff));
    state.mask = 0x00; /* patched region-free */
    CU_ASSERT(region_allows(&state, 0xfe));
    state.mask = REGION_1;
    state.scheme = REGION_SCHEME_NONE;
    CU_ASSERT(region_allows(&state, 0xfd));
}

static void type_names_what_is_left(void)
{
    struct region_state state = {4, 5, 0xff, REGION_SCHEME_RPC2};

    CU_ASSERT_EQUAL(region_type(&state), REGION_NONE);
    state.mask = REGION_1;
    for (uint8_t left = 5; left >= 2; left--) {
        state.user_changes = left;
        CU_ASSERT_EQUAL(region_type(&state), REGION_SET);
    }
    state.user_changes = 1;
    CU_ASSERT_EQUAL(region_type(&state), REGION_LAST_CHANCE);
    state.user_changes = 0;
    CU_ASSERT_EQUAL(region_type(&state), REGION_PERM);
}

static void a_vendor_reset_gives_five_changes_and_costs_one_reset(void)
{
    struct region_state state = {4, 0, REGION_1, REGION_SCHEME_RPC2};

    CU_ASSERT(region_vendor_reset(&state));
    CU_ASSERT_EQUAL(region_status_byte(&state), 0x1d); /* NONE, 3 resets, 5 changes */
    CU_ASSERT_EQUAL(state.mask, 0xff);
    for (int left = 2; left >= 0; left--) {
        CU_ASSERT(region_vendor_reset(&state));
        CU_ASSERT_EQUAL(state.vendor_resets, left);
    }
    state.mask = REGION_2;
    state.user_changes = 3;
    CU_ASSERT_FALSE(region_vendor_reset(&state));
    CU_ASSERT_EQUAL(state.mask, REGION_2);
    CU_ASSERT_EQUAL(state.user_changes, 3);
}

static void a_reply_says_the_state_again(void)
{
    static const struct {
        uint8_t status, mask;
    } good[] = {{0x25, 0xff}, {0x64, 0xfe}, {0x64, 0x00}, {0xa1, 0xf7}, {0xe0, 0x7f}, {0x21, 0xff}},
      bad[] = {{0x25, 0xfe}, {0xa4, 0xfe}, {0xe1, 0xfe}, {0x2d, 0xff}, {0x66, 0xfe}, {0x20, 0xff}};
    const struct region_state factory = region_factory();
    struct region_state state;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        state = factory;
        CU_ASSERT_TRUE(region_from_reply(&state, good[i].status, good[i].mask));
        CU_ASSERT_EQUAL(region_status_byte(&state), good[i].status);
        CU_ASSERT_EQUAL(state.mask, good[i].mask);
        CU_ASSERT_EQUAL(state.scheme, factory.scheme);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        state = factory;
        CU_ASSERT_FALSE(region_from_reply(&state, bad[i].status, bad[i].mask));
        CU_ASSERT(same(&state, &factory));
    }
}

static void the_same_region_counts_where_it_does(void)
{
    struct region_state state = {4, 1, REGION_2, REGION_SCHEME_RPC2};

    CU_ASSERT_EQUAL(region_set(&state, REGION_2, REGION_FREE_DISC, true), REGION_CHANGED);
    CU_ASSERT_EQUAL(state.user_changes, 0);
    CU_ASSERT_EQUAL(region_set(&state, REGION_2, REGION_FREE_DISC, true), REGION_EXHAUSTED);
}

static void states_that_no_drive_can_be_in_are_not_sane(void)
{
    static const struct region_state bad[] = {
        {5, 5, 0xff, 1}, /* too many resets */
        {4, 6, 0xff, 1}, /* too many changes */
        {4, 4, 0xff, 1}, /* a change spent on no region */
        {4, 4, 0xfc, 1}, /* two regions */
        {4, 5, 0xfe, 1}, /* a region, and no change spent */
        {4, 5, 0xff, 2}, /* unknown scheme */
        {5, 4, 0x00, 1}, /* free of regions, but too many resets */
    };
    const struct region_state free_drive = {4, 4, 0x00, REGION_SCHEME_RPC2};
    const struct region_state factory = region_factory();

    CU_ASSERT(region_is_sane(&factory));
    CU_ASSERT(region_is_sane(&free_drive));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_FALSE(region_is_sane(&bad[i]));
        CU_ASSERT_EQUAL(region_is_in_range(&bad[i]), i >= 2 && i <= 4);
    }
}

static void a_reply_says_every_state_again(void)
{
    for (uint8_t resets = 0; resets <= REGION_VENDOR_RESETS; resets++) {
        for (uint8_t changes = 0; changes <= REGION_USER_CHANGES; changes++) {
            const struct region_state said = {resets, changes, REGION_1, REGION_SCHEME_RPC2};
            struct region_state state = region_factory();

            CU_ASSERT_TRUE(region_from_reply(&state, region_status_byte(&said), REGION_1));
            CU_ASSERT(same(&state, &said));
        }
    }
}

UNIT_SUITE(region, T(a_new_drive_has_no_region_and_all_changes),
           T(five_changes_walk_to_permanent_and_the_sixth_is_refused),
           T(choosing_the_same_region_again_is_free), T(a_mask_names_exactly_one_region),
           T(the_disc_must_allow_the_region), T(checks_come_in_order),
           T(a_drive_plays_discs_that_share_a_region), T(type_names_what_is_left),
           T(a_vendor_reset_gives_five_changes_and_costs_one_reset),
           T(a_reply_says_the_state_again), T(a_reply_says_every_state_again),
           T(the_same_region_counts_where_it_does), T(states_that_no_drive_can_be_in_are_not_sane));
