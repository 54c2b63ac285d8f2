/* SPDX-License-Identifier: GPL-2.0-only */
/* Every kernel that this CPU can run, each in the same tests; tests/kernels.c has the long ones. */
#include "bytes.h"
#include "css/css.h"
#include "emulator/css_choice.h"
#include "tests/support/guard_area.h"
#include "tests/support/lcg.h"
#include "tests/support/scalar_sector.h"

#define SEED_OFFSET    0x54
#define FLAG_OFFSET    0x14
#define PAYLOAD_OFFSET 0x80
#define SECTORS_MAX    64

#define EACH_KERNEL(c)                                                                             \
    for (const struct css_choice *c = css_choices; c->kernel; c++)                                 \
        if (c->usable())

static const css_title_key key_a = {{0x93, 0xcd, 0x52, 0xf6, 0x98}};
static const css_title_key key_b = {{0x93, 0xcd, 0x52, 0xf6, 0x99}};

static void fill(uint8_t sector[static CSS_SECTOR_BYTES], uint32_t seed)
{
    lcg_bytes(&seed, sector, CSS_SECTOR_BYTES);
}

static void scramble_one(const struct css_kernel *kernel, uint8_t *data, const css_title_key *key)
{
    kernel->scramble(&(struct css_sector){.data = data, .key = key}, 1);
}

/* First line of the known answers in tests/vectors/sector.txt; its header bytes change nothing. */
static void scrambling_matches_a_known_answer(void)
{
    const css_title_key zero = {{0}};
    uint8_t sector[CSS_SECTOR_BYTES];

    EACH_KERNEL(c)
    {
        fill(sector, 0xd21377d3);
        scramble_one(c->kernel, sector, &zero);
        CHECK_BYTES(sector + PAYLOAD_OFFSET, 0x4b, 0xf4, 0x72, 0x2e, 0x72, 0xd3, 0xb2, 0xcd, 0x04,
                    0x7e, 0x53, 0xb5, 0xfc, 0x5d, 0xce, 0x7d);
        CHECK_BYTES(sector + 0x7f0, 0x6a, 0x9d, 0xb2, 0x19, 0x2c, 0xf9, 0x5e, 0xcd, 0xdc, 0x36,
                    0xb8, 0x27, 0x21, 0x7f, 0xf8, 0xa2);
    }
}

static void scrambling_leaves_the_first_128_bytes(void)
{
    uint8_t clear[CSS_SECTOR_BYTES], sector[CSS_SECTOR_BYTES];

    EACH_KERNEL(c)
    {
        fill(clear, 1);
        memcpy(sector, clear, sizeof(sector));
        scramble_one(c->kernel, sector, &key_a);
        CHECK_SAME(sector, clear, PAYLOAD_OFFSET);
        CHECK_DIFFER(sector + PAYLOAD_OFFSET, clear + PAYLOAD_OFFSET, 16);
        CHECK_DIFFER(sector + 0x7f0, clear + 0x7f0, 16);
    }
}

static void descrambling_undoes_scrambling(void)
{
    uint8_t clear[CSS_SECTOR_BYTES], sector[CSS_SECTOR_BYTES];

    EACH_KERNEL(c)
    {
        for (uint32_t seed = 0; seed < 50; seed++) {
            fill(clear, seed);
            memcpy(sector, clear, sizeof(sector));
            scramble_one(c->kernel, sector, &key_a);
            c->kernel->descramble(&(struct css_sector){.data = sector, .key = &key_a}, 1);
            CHECK_SAME(sector, clear, sizeof(sector));
        }
    }
}

static void flag_bits_decide_nothing(void)
{
    uint8_t marked[CSS_SECTOR_BYTES], unmarked[CSS_SECTOR_BYTES];

    EACH_KERNEL(c)
    {
        fill(marked, 2);
        memcpy(unmarked, marked, sizeof(unmarked));
        marked[FLAG_OFFSET] = 0xb0;
        unmarked[FLAG_OFFSET] = 0x80;
        scramble_one(c->kernel, marked, &key_a);
        scramble_one(c->kernel, unmarked, &key_a);
        CU_ASSERT_EQUAL(marked[FLAG_OFFSET], 0xb0);
        CU_ASSERT_EQUAL(unmarked[FLAG_OFFSET], 0x80);
        CHECK_SAME(marked + PAYLOAD_OFFSET, unmarked + PAYLOAD_OFFSET, 1920);
    }
}

/* css-spec 10: only title key ^ seed enters the generator. */
static void key_and_seed_count_by_their_difference(void)
{
    uint8_t one[CSS_SECTOR_BYTES], two[CSS_SECTOR_BYTES], three[CSS_SECTOR_BYTES];

    EACH_KERNEL(c)
    {
        fill(one, 3);
        memcpy(two, one, sizeof(two));
        memcpy(three, one, sizeof(three));
        two[SEED_OFFSET + 4] ^= 0x01; /* as key_b differs from key_a */
        scramble_one(c->kernel, one, &key_a);
        scramble_one(c->kernel, two, &key_b);
        scramble_one(c->kernel, three, &key_b);
        CHECK_SAME(one + PAYLOAD_OFFSET, two + PAYLOAD_OFFSET, 1920);
        CHECK_DIFFER(one + PAYLOAD_OFFSET, three + PAYLOAD_OFFSET, 1920);
    }
}

/* Every bit of the five bytes of a key, alone: the seeds of both registers, all positions. */
static void every_key_bit_counts_as_in_the_scalar_form(void)
{
    uint8_t sector[CSS_SECTOR_BYTES], expected[CSS_SECTOR_BYTES];

    EACH_KERNEL(c)
    {
        for (unsigned bit = 0; bit < 8 * CSS_KEY_BYTES; bit++) {
            css_title_key key = {{0}};

            key.b[bit / 8] = (uint8_t)(1u << bit % 8);
            memset(sector, 0, sizeof(sector));
            memset(expected, 0, sizeof(expected));
            scramble_one(c->kernel, sector, &key);
            scramble_one(&scalar_sector, expected, &key);
            CHECK_SAME(sector, expected, sizeof(sector));
        }
    }
}

/* Whatever the count is: the sectors of the list, and none beside them. */
static void every_count_up_to_64_is_right_sector_by_sector(void)
{
    static uint8_t together[2 * SECTORS_MAX][CSS_SECTOR_BYTES];
    static uint8_t alone[2 * SECTORS_MAX][CSS_SECTOR_BYTES];
    struct css_sector list[SECTORS_MAX];

    EACH_KERNEL(c)
    {
        for (uint32_t count = 0; count <= SECTORS_MAX; count++) {
            /* every other one stays clear; the keys change in threes */
            for (uint32_t i = 0; i < 2 * count; i++) {
                const css_title_key *key = i / 2 % 3 == 1 ? &key_a : &key_b;

                fill(together[i], count * 1000 + i);
                memcpy(alone[i], together[i], CSS_SECTOR_BYTES);
                if (i % 2) {
                    scramble_one(&scalar_sector, alone[i], key);
                    list[i / 2] = (struct css_sector){.data = together[i], .key = key};
                }
            }
            c->kernel->scramble(list, count);
            CHECK_SAME(together, alone, (size_t)2 * count * CSS_SECTOR_BYTES);
            for (uint32_t i = 0; i < 2 * count; i++) {
                fill(alone[i], count * 1000 + i);
            }
            c->kernel->descramble(list, count);
            CHECK_SAME(together, alone, (size_t)2 * count * CSS_SECTOR_BYTES);
        }
    }
}

/* Only the payload is read there, only the payload is written here. */
static void a_payload_may_come_from_elsewhere(void)
{
    uint8_t from[CSS_SECTOR_BYTES], clear[CSS_SECTOR_BYTES], data[CSS_SECTOR_BYTES];
    uint8_t expected[CSS_SECTOR_BYTES];
    const struct css_sector sector = {.data = data, .key = &key_a, .from = from};

    fill(clear, 9);
    memcpy(expected, clear, sizeof(expected));
    scramble_one(&scalar_sector, expected, &key_a);
    EACH_KERNEL(c)
    {
        fill(from, 9);
        memset(from, 0x77, PAYLOAD_OFFSET); /* the seed is not from there */
        fill(data, 10);
        memcpy(data, clear, PAYLOAD_OFFSET);
        c->kernel->scramble(&sector, 1);
        CHECK_SAME(data, expected, sizeof(data));
        CHECK_SAME(from + PAYLOAD_OFFSET, clear + PAYLOAD_OFFSET, 1920);
        memcpy(from, data, sizeof(from));
        memset(data + PAYLOAD_OFFSET, 0x77, 1920);
        c->kernel->descramble(&sector, 1);
        CHECK_SAME(data, clear, sizeof(data));
    }
}

/* At every distance from the end of a cache line, the last one of a count ends at a guard page. */
static void sectors_may_lie_anywhere(void)
{
    struct guard_area area = guard_area_open(4 * (CSS_SECTOR_BYTES + SECTORS_MAX));
    uint8_t expected[CSS_SECTOR_BYTES];
    struct css_sector list[3];

    EACH_KERNEL(c)
    {
        for (size_t gap = 0; gap < SECTORS_MAX; gap++) {
            for (size_t i = 0; i < 3; i++) {
                list[i] = (struct css_sector){
                    .data = guard_area_end(&area, CSS_SECTOR_BYTES + i * (CSS_SECTOR_BYTES + gap)),
                    .key = &key_a,
                };
                fill(list[i].data, (uint32_t)(gap + i));
            }
            c->kernel->scramble(list, 3);
            for (size_t i = 0; i < 3; i++) {
                fill(expected, (uint32_t)(gap + i));
                scramble_one(&scalar_sector, expected, &key_a);
                CHECK_SAME(list[i].data, expected, sizeof(expected));
            }
        }
    }
    guard_area_close(&area);
}

static void kernels_have_different_names(void)
{
    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        for (const struct css_choice *other = css_choices; other != c; other++) {
            CU_ASSERT_STRING_NOT_EQUAL(c->kernel->name, other->kernel->name);
        }
    }
    CU_ASSERT_STRING_EQUAL(css_kernel_portable.name, "portable");
}

UNIT_SUITE(css_kernels, T(scrambling_matches_a_known_answer),
           T(scrambling_leaves_the_first_128_bytes), T(descrambling_undoes_scrambling),
           T(flag_bits_decide_nothing), T(key_and_seed_count_by_their_difference),
           T(every_key_bit_counts_as_in_the_scalar_form),
           T(every_count_up_to_64_is_right_sector_by_sector), T(a_payload_may_come_from_elsewhere),
           T(sectors_may_lie_anywhere), T(kernels_have_different_names));
