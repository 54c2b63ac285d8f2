/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "css/css_tables.h"
#include "tests/support/lcg.h"

/* The example of css-spec 8. */
#define EXAMPLE_KEY                                                                                \
    {                                                                                              \
        {                                                                                          \
            0x01, 0x23, 0x45, 0x67, 0x89                                                           \
        }                                                                                          \
    }
#define EXAMPLE_VALUE                                                                              \
    {                                                                                              \
        {                                                                                          \
            0x51, 0x52, 0x53, 0x54, 0x55                                                           \
        }                                                                                          \
    }

static void disc_key_wrapping_matches_the_worked_example(void)
{
    const css_player_key player = EXAMPLE_KEY;
    const css_disc_key disc = EXAMPLE_VALUE;
    const css_wrapped_disc_key slot = EXAMPLE_VALUE;

    CHECK_BYTES(css_wrap_disc_key(&player, &disc).b, 0x42, 0x89, 0xe3, 0x9f, 0x3c);
    CHECK_BYTES(css_unwrap_disc_key(&player, &slot).b, 0x5e, 0xfb, 0xb4, 0xf3, 0x66);
}

static void title_key_wrapping_matches_the_worked_example(void)
{
    const css_disc_key disc = EXAMPLE_KEY;
    const css_title_key title = EXAMPLE_VALUE;
    const css_wrapped_title_key wrapped = EXAMPLE_VALUE;

    CHECK_BYTES(css_wrap_title_key(&disc, &title).b, 0xa2, 0x72, 0xb8, 0x92, 0x95);
    CHECK_BYTES(css_unwrap_title_key(&disc, &wrapped).b, 0xfa, 0x51, 0xbb, 0xa8, 0x41);
}

static void unwrapping_undoes_wrapping(void)
{
    uint32_t state = 0xc55;

    for (unsigned i = 0; i < 500; i++) {
        css_player_key player;
        css_disc_key disc;
        css_title_key title;
        css_wrapped_disc_key slot;
        css_wrapped_title_key wrapped;

        lcg_bytes(&state, player.b, CSS_KEY_BYTES);
        lcg_bytes(&state, disc.b, CSS_KEY_BYTES);
        lcg_bytes(&state, title.b, CSS_KEY_BYTES);
        slot = css_wrap_disc_key(&player, &disc);
        wrapped = css_wrap_title_key(&disc, &title);
        CHECK_SAME(css_unwrap_disc_key(&player, &slot).b, disc.b, CSS_KEY_BYTES);
        CHECK_SAME(css_unwrap_title_key(&disc, &wrapped).b, title.b, CSS_KEY_BYTES);
    }
}

/* First lines of the known answers in tests/vectors/dischash.txt. */
static void check_entry_matches_known_answers(void)
{
    CHECK_BYTES(css_check_entry(&(css_disc_key){{0x88, 0xd7, 0x47, 0xd8, 0x85}}).b, 0x71, 0xdf,
                0x79, 0x43, 0x0f);
    CHECK_BYTES(css_check_entry(&(css_disc_key){{0x87, 0x41, 0xb0, 0xf5, 0x1d}}).b, 0x30, 0x1c,
                0x15, 0xb9, 0xc2);
}

static void check_entry_accepts_its_disc_key_only(void)
{
    const css_disc_key disc = {{0x88, 0xd7, 0x47, 0xd8, 0x85}};
    const css_disc_key other = {{0x87, 0x41, 0xb0, 0xf5, 0x1d}};
    css_wrapped_disc_key entry = {{0x71, 0xdf, 0x79, 0x43, 0x0f}};

    CU_ASSERT(css_check_entry_accepts(&entry, &disc));
    CU_ASSERT_FALSE(css_check_entry_accepts(&entry, &other));
    entry.b[4] ^= 1;
    CU_ASSERT_FALSE(css_check_entry_accepts(&entry, &disc));
}

static void disc_key_block_has_check_entry_408_slots_and_three_zeros(void)
{
    const css_disc_key disc = {{0x88, 0xd7, 0x47, 0xd8, 0x85}};
    css_player_key players[CSS_SLOTS];
    css_wrapped_disc_key entry;
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    uint32_t state = 408;

    lcg_bytes(&state, players, sizeof(players));
    memset(block, 0xa5, sizeof(block));
    css_disc_key_block(block, &disc, players);
    CHECK_BYTES(block, 0x71, 0xdf, 0x79, 0x43, 0x0f);
    for (size_t i = 1; i <= 408; i++) {
        memcpy(entry.b, block + 5 * i, sizeof(entry.b));
        CHECK_SAME(css_unwrap_disc_key(&players[i - 1], &entry).b, disc.b, CSS_KEY_BYTES);
    }
    CHECK_BYTES(block + 2045, 0, 0, 0);
}

/* css-spec 3.1: check values, the only four fixed points, and the inverse. */
static void s_box_has_its_check_values(void)
{
    unsigned fixed_points = 0;

    CU_ASSERT_EQUAL(css_s[0x00], 0x33);
    CU_ASSERT_EQUAL(css_s[0x01], 0x73);
    CU_ASSERT_EQUAL(css_s[0x33], 0x00);
    CU_ASSERT_EQUAL(css_s_inv[0x00], 0x33);
    for (unsigned x = 0; x < 256; x++) {
        CU_ASSERT_EQUAL(css_s_inv[css_s[x]], x);
        fixed_points += css_s[x] == x;
    }
    CU_ASSERT_EQUAL(fixed_points, 4);
    CU_ASSERT(css_s[0x8b] == 0x8b && css_s[0xb8] == 0xb8 && css_s[0xcc] == 0xcc &&
              css_s[0xff] == 0xff);
}

/* css-spec 11: g exchanges bits 0 and 1 and bits 4 and 5; S_inv[x] = g(S[g(x)]). */
static void s_box_has_its_symmetry(void)
{
    for (unsigned x = 0; x < 256; x++) {
        unsigned in = (x & 0xcc) | (x & 0x11) << 1 | (x & 0x22) >> 1;
        unsigned s = css_s[in];

        CU_ASSERT_EQUAL(css_s_inv[x], (s & 0xcc) | (s & 0x11) << 1 | (s & 0x22) >> 1);
    }
}

UNIT_SUITE(css_keys, T(disc_key_wrapping_matches_the_worked_example),
           T(title_key_wrapping_matches_the_worked_example), T(unwrapping_undoes_wrapping),
           T(check_entry_matches_known_answers), T(check_entry_accepts_its_disc_key_only),
           T(disc_key_block_has_check_entry_408_slots_and_three_zeros),
           T(s_box_has_its_check_values), T(s_box_has_its_symmetry));
