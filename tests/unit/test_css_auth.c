/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "css/css_tables.h"
#include "tests/support/lcg.h"

/* Input of the worked example, css-spec 4.4: the fixed challenge of a widespread host library. */
static const css_challenge example = {{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};

static void key1_matches_the_worked_example(void)
{
    CHECK_BYTES(css_make_key1(0, &example).b, 0x2a, 0x74, 0xd4, 0x14, 0xfd);
    CHECK_BYTES(css_make_key1(13, &example).b, 0x2c, 0x1a, 0x72, 0x3b, 0xad);
}

static void key2_matches_the_worked_example(void)
{
    CHECK_BYTES(css_make_key2(0, &example).b, 0x09, 0x2c, 0xde, 0x9e, 0xe9);
    CHECK_BYTES(css_make_key2(13, &example).b, 0xf6, 0x37, 0x2f, 0x21, 0xbd);
}

static void bus_key_matches_the_worked_example(void)
{
    const css_key2 key2 = {{9, 8, 7, 6, 5}}; /* KEY2 is the front half of the input */
    const css_key1 key1 = {{4, 3, 2, 1, 0}};

    CHECK_BYTES(css_make_bus_key(0, &key1, &key2).b, 0x40, 0xc7, 0x00, 0xff, 0x9a);
    CHECK_BYTES(css_make_bus_key(13, &key1, &key2).b, 0x34, 0xab, 0xba, 0x32, 0x85);
}

/* css-spec 5.1: a complete transcript, variant 3. */
static void handshake_matches_the_transcript(void)
{
    const css_challenge drive = {{0x24, 0xa5, 0x67, 0x7b, 0xb6, 0x9d, 0xfb, 0x0e, 0x6e, 0xb8}};
    const css_key1 key1 = css_make_key1(3, &example);
    const css_key2 key2 = css_make_key2(3, &drive);

    CHECK_BYTES(key1.b, 0xc0, 0x9c, 0xf2, 0xca, 0xf9);
    CHECK_BYTES(key2.b, 0x5d, 0x8f, 0x75, 0x2d, 0xe7);
    CHECK_BYTES(css_make_bus_key(3, &key1, &key2).b, 0xb6, 0x45, 0xe8, 0xa7, 0xa4);
}

static void variant_counts_modulo_32(void)
{
    const css_key1 key1 = css_make_key1(31, &example);
    const css_key2 key2 = css_make_key2(31, &example);

    CHECK_SAME(css_make_key1(63, &example).b, key1.b, CSS_KEY_BYTES);
    CHECK_SAME(css_make_key2(~0u, &example).b, key2.b, CSS_KEY_BYTES);
    CHECK_SAME(css_make_bus_key(256, &key1, &key2).b, css_make_bus_key(0, &key1, &key2).b,
               CSS_KEY_BYTES);
}

static void every_variant_has_its_own_key1(void)
{
    for (unsigned a = 0; a < CSS_VARIANTS; a++) {
        for (unsigned b = 0; b < a; b++) {
            CHECK_DIFFER(css_make_key1(a, &example).b, css_make_key1(b, &example).b, CSS_KEY_BYTES);
        }
    }
}

static void keys_depend_on_every_byte_of_the_challenge(void)
{
    for (size_t i = 0; i < CSS_CHALLENGE_BYTES; i++) {
        css_challenge changed = example;

        changed.b[i] ^= 0x80;
        CHECK_DIFFER(css_make_key1(7, &changed).b, css_make_key1(7, &example).b, CSS_KEY_BYTES);
        CHECK_DIFFER(css_make_key2(7, &changed).b, css_make_key2(7, &example).b, CSS_KEY_BYTES);
    }
}

static void key2_equal_sees_a_difference_in_any_bit(void)
{
    const css_key2 key2 = css_make_key2(5, &example);

    CU_ASSERT(css_key2_equal(&key2,
                             &(css_key2){{key2.b[0], key2.b[1], key2.b[2], key2.b[3], key2.b[4]}}));
    for (size_t bit = 0; bit < 8 * CSS_KEY_BYTES; bit++) {
        css_key2 other = key2;

        other.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_FALSE(css_key2_equal(&key2, &other));
    }
}

/* css-spec 6: the last three of 2048 bytes meet bus key bytes 0 to 2. */
static void bus_xor_repeats_the_bus_key_from_the_first_byte(void)
{
    const css_bus_key bus = {{0xb6, 0x45, 0xe8, 0xa7, 0xa4}};
    const uint8_t zeros[CSS_DISC_BLOCK_BYTES] = {0};
    uint8_t out[CSS_DISC_BLOCK_BYTES];

    css_bus_xor(out, zeros, sizeof(out), &bus);
    CHECK_BYTES(out, 0xb6, 0x45, 0xe8, 0xa7, 0xa4, 0xb6, 0x45);
    CHECK_BYTES(out + 2045, 0xb6, 0x45, 0xe8);
}

static void bus_xor_in_place_undoes_itself(void)
{
    const css_bus_key bus = {{0xb6, 0x45, 0xe8, 0xa7, 0xa4}};
    uint8_t data[37], before[37];
    uint32_t state = 1;

    lcg_bytes(&state, data, sizeof(data));
    memcpy(before, data, sizeof(data));
    css_bus_xor(data, data, sizeof(data), &bus);
    for (size_t i = 0; i < sizeof(data); i++) {
        CU_ASSERT_EQUAL(data[i], before[i] ^ bus.b[i % 5]);
    }
    css_bus_xor(data, data, sizeof(data), &bus);
    CHECK_SAME(data, before, sizeof(data));
}

/* css-spec 4.2: the short forms of the mixing tables. */
static void mixing_tables_have_their_short_forms(void)
{
    static const uint8_t low[16] = {4, 13, 14, 11, 8, 9, 10, 15, 12, 5, 6, 3, 0, 1, 2, 7};
    static const uint8_t high[16] = {12, 1, 2, 3, 0, 13, 14, 15, 4, 9, 10, 11, 8, 5, 6, 7};

    for (unsigned x = 0; x < 256; x++) {
        unsigned p = (x >> 3 & 1) | (x >> 2 & 1) << 1 | (x >> 7 & 1) << 2 | (x >> 6 & 1) << 3 |
                     (x >> 1 & 1) << 4 | (x & 1) << 5 | (x >> 5 & 1) << 6 | (x >> 4 & 1) << 7;

        CU_ASSERT_EQUAL(css_m0[x], (x ^ x >> 1 ^ x << 7) & 0xff);
        CU_ASSERT_EQUAL(css_m1[x], low[x & 15] | high[x >> 4] << 4);
        CU_ASSERT_EQUAL(css_m2[x], css_m1[p]);
    }
}

static void every_input_byte_is_used_once(void)
{
    for (unsigned kind = 0; kind < CSS_AUTH_KINDS; kind++) {
        unsigned used = 0;

        for (unsigned j = 0; j < CSS_KEY_BYTES; j++) {
            used |= 1u << css_auth_data_pos[kind][j];
            used |= 1u << css_auth_seed_pos[kind][j];
        }
        CU_ASSERT_EQUAL(used, 0x3ff);
    }
}

UNIT_SUITE(css_auth, T(key1_matches_the_worked_example), T(key2_matches_the_worked_example),
           T(bus_key_matches_the_worked_example), T(handshake_matches_the_transcript),
           T(variant_counts_modulo_32), T(every_variant_has_its_own_key1),
           T(keys_depend_on_every_byte_of_the_challenge),
           T(key2_equal_sees_a_difference_in_any_bit),
           T(bus_xor_repeats_the_bus_key_from_the_first_byte), T(bus_xor_in_place_undoes_itself),
           T(mixing_tables_have_their_short_forms), T(every_input_byte_is_used_once));
