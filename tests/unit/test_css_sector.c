/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "css/css.h"
#include "tests/support/lcg.h"

#define SEED_OFFSET    0x54
#define FLAG_OFFSET    0x14
#define PAYLOAD_OFFSET 0x80
#define SECTORS        5

static const css_title_key key_a = {{0x93, 0xcd, 0x52, 0xf6, 0x98}};
static const css_title_key key_b = {{0x93, 0xcd, 0x52, 0xf6, 0x99}};

static void fill(uint8_t sector[static CSS_SECTOR_BYTES], uint32_t seed)
{
    lcg_bytes(&seed, sector, CSS_SECTOR_BYTES);
}

static void scramble_one(uint8_t *data, const css_title_key *key)
{
    css_kernel_portable.scramble(&(struct css_sector){data, key}, 1);
}

static void descramble_one(uint8_t *data, const css_title_key *key)
{
    css_kernel_portable.descramble(&(struct css_sector){data, key}, 1);
}

/* First line of the known answers in tests/vectors/sector.txt; its header bytes change nothing. */
static void scrambling_matches_a_known_answer(void)
{
    const css_title_key zero = {{0}};
    uint8_t sector[CSS_SECTOR_BYTES];

    fill(sector, 0xd21377d3);
    scramble_one(sector, &zero);
    CHECK_BYTES(sector + PAYLOAD_OFFSET, 0x4b, 0xf4, 0x72, 0x2e, 0x72, 0xd3, 0xb2, 0xcd, 0x04, 0x7e,
                0x53, 0xb5, 0xfc, 0x5d, 0xce, 0x7d);
    CHECK_BYTES(sector + 0x7f0, 0x6a, 0x9d, 0xb2, 0x19, 0x2c, 0xf9, 0x5e, 0xcd, 0xdc, 0x36, 0xb8,
                0x27, 0x21, 0x7f, 0xf8, 0xa2);
}

static void scrambling_leaves_the_first_128_bytes(void)
{
    uint8_t clear[CSS_SECTOR_BYTES], sector[CSS_SECTOR_BYTES];

    fill(clear, 1);
    memcpy(sector, clear, sizeof(sector));
    scramble_one(sector, &key_a);
    CHECK_SAME(sector, clear, PAYLOAD_OFFSET);
    CHECK_DIFFER(sector + PAYLOAD_OFFSET, clear + PAYLOAD_OFFSET, 16);
    CHECK_DIFFER(sector + 0x7f0, clear + 0x7f0, 16);
}

static void descrambling_undoes_scrambling(void)
{
    uint8_t clear[CSS_SECTOR_BYTES], sector[CSS_SECTOR_BYTES];

    for (uint32_t seed = 0; seed < 50; seed++) {
        fill(clear, seed);
        memcpy(sector, clear, sizeof(sector));
        scramble_one(sector, &key_a);
        descramble_one(sector, &key_a);
        CHECK_SAME(sector, clear, sizeof(sector));
    }
}

static void flag_bits_decide_nothing(void)
{
    uint8_t marked[CSS_SECTOR_BYTES], unmarked[CSS_SECTOR_BYTES];

    fill(marked, 2);
    memcpy(unmarked, marked, sizeof(unmarked));
    marked[FLAG_OFFSET] = 0xb0;
    unmarked[FLAG_OFFSET] = 0x80;
    scramble_one(marked, &key_a);
    scramble_one(unmarked, &key_a);
    CU_ASSERT_EQUAL(marked[FLAG_OFFSET], 0xb0);
    CU_ASSERT_EQUAL(unmarked[FLAG_OFFSET], 0x80);
    CHECK_SAME(marked + PAYLOAD_OFFSET, unmarked + PAYLOAD_OFFSET, 1920);
}

/* css-spec 10: only title key ^ seed enters the generator. */
static void key_and_seed_count_by_their_difference(void)
{
    uint8_t one[CSS_SECTOR_BYTES], two[CSS_SECTOR_BYTES], three[CSS_SECTOR_BYTES];

    fill(one, 3);
    memcpy(two, one, sizeof(two));
    memcpy(three, one, sizeof(three));
    two[SEED_OFFSET + 4] ^= 0x01; /* as key_b differs from key_a */
    scramble_one(one, &key_a);
    scramble_one(two, &key_b);
    scramble_one(three, &key_b);
    CHECK_SAME(one + PAYLOAD_OFFSET, two + PAYLOAD_OFFSET, 1920);
    CHECK_DIFFER(one + PAYLOAD_OFFSET, three + PAYLOAD_OFFSET, 1920);
}

static void many_sectors_are_each_worked_on_alone(void)
{
    static const css_title_key *const keys[SECTORS] = {&key_a, &key_b, &key_a, &key_b, &key_b};
    uint8_t together[SECTORS][CSS_SECTOR_BYTES], alone[SECTORS][CSS_SECTOR_BYTES];
    struct css_sector list[SECTORS];

    for (uint32_t i = 0; i < SECTORS; i++) {
        fill(together[i], 100 + i);
        memcpy(alone[i], together[i], CSS_SECTOR_BYTES);
        scramble_one(alone[i], keys[i]);
        list[i] = (struct css_sector){together[i], keys[i]};
    }
    css_kernel_portable.scramble(list, SECTORS);
    CHECK_SAME(together, alone, sizeof(together));
    for (uint32_t i = 0; i < SECTORS; i++) {
        fill(alone[i], 100 + i);
    }
    css_kernel_portable.descramble(list, SECTORS);
    CHECK_SAME(together, alone, sizeof(together));
}

static void no_sectors_touch_nothing(void)
{
    uint8_t sector[CSS_SECTOR_BYTES], before[CSS_SECTOR_BYTES];
    const struct css_sector list[] = {{sector, &key_a}};

    fill(sector, 4);
    memcpy(before, sector, sizeof(before));
    css_kernel_portable.scramble(list, 0);
    css_kernel_portable.descramble(list, 0);
    CHECK_SAME(sector, before, sizeof(sector));
}

static void kernel_is_named(void)
{
    CU_ASSERT_STRING_EQUAL(css_kernel_portable.name, "portable");
}

UNIT_SUITE(css_sector, T(scrambling_matches_a_known_answer),
           T(scrambling_leaves_the_first_128_bytes), T(descrambling_undoes_scrambling),
           T(flag_bits_decide_nothing), T(key_and_seed_count_by_their_difference),
           T(many_sectors_are_each_worked_on_alone), T(no_sectors_touch_nothing),
           T(kernel_is_named));
