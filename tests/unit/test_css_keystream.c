/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "css/css_keystream.h"
#include "css/css_tables.h"

/* The examples of css-spec 3.5. */
static const uint8_t example_key[CSS_KEY_BYTES] = {0x01, 0x23, 0x45, 0x67, 0x89};
static const uint8_t zero_key[CSS_KEY_BYTES];

#define EXAMPLE_BYTES 12

/* clang-format off */
static const struct {
    const uint8_t *key;
    enum css_stream_use use;
    uint8_t stream[EXAMPLE_BYTES];
} examples[] = {
    {example_key, CSS_STREAM_DISC_KEY,
     {0xc4, 0x01, 0xcf, 0x56, 0x79, 0x23, 0x6b, 0xe3, 0x08, 0x91, 0x35, 0xc4}},
    {example_key, CSS_STREAM_TITLE_KEY,
     {0xbb, 0xfd, 0x9e, 0xc5, 0x49, 0x2b, 0x39, 0x75, 0x91, 0xcc, 0xd0, 0xde}},
    {example_key, CSS_STREAM_SECTOR,
     {0x43, 0x02, 0x61, 0x3a, 0xb6, 0xd4, 0xc6, 0x8a, 0x6e, 0x33, 0x2f, 0x21}},
    {example_key, CSS_STREAM_AUTH,
     {0x3a, 0xfe, 0x30, 0xa9, 0x86, 0xdc, 0x94, 0x1c, 0xf7, 0x6e, 0xca, 0x3b}},
    {zero_key, CSS_STREAM_DISC_KEY,
     {0x00, 0x4b, 0xf8, 0xa6, 0xb1, 0x97, 0x10, 0x34, 0x39, 0x7d, 0xd8, 0xd2}},
    {zero_key, CSS_STREAM_SECTOR,
     {0xff, 0xb8, 0xd3, 0x59, 0xde, 0x1a, 0x43, 0x6c, 0xbc, 0x90, 0x49, 0x96}},
};
/* clang-format on */

static void stream_matches_the_worked_examples(void)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct css_keystream stream = css_keystream_start(examples[i].use, examples[i].key);
        uint8_t out[EXAMPLE_BYTES];

        css_keystream_bytes(&stream, out, sizeof(out));
        CHECK_SAME(out, examples[i].stream, sizeof(out));
    }
}

static void stream_does_not_depend_on_how_it_is_fetched(void)
{
    struct css_keystream whole = css_keystream_start(CSS_STREAM_SECTOR, example_key);
    struct css_keystream parts = css_keystream_start(CSS_STREAM_SECTOR, example_key);
    uint8_t expected[1920], got[1920];
    size_t at = 0;

    css_keystream_bytes(&whole, expected, sizeof(expected));
    for (size_t part = 0; at < sizeof(got); part = (part + 1) % 7) { /* 0 to 6 bytes a time */
        size_t bytes = part < sizeof(got) - at ? part : sizeof(got) - at;

        css_keystream_bytes(&parts, got + at, bytes);
        at += bytes;
    }
    CHECK_SAME(got, expected, sizeof(got));
}

/* css-spec 3.2: with both outputs inverted the sum is ~A + ~B, that is -(A + B) - 2. */
static void inverting_both_registers_negates_the_long_sum(void)
{
    struct css_keystream plain = css_keystream_start(CSS_STREAM_DISC_KEY, example_key);
    struct css_keystream inverted = css_keystream_start(CSS_STREAM_AUTH, example_key);
    uint8_t p[256], n[256];
    unsigned carry = 2;

    css_keystream_bytes(&plain, p, sizeof(p));
    css_keystream_bytes(&inverted, n, sizeof(n));
    for (size_t i = 0; i < sizeof(p); i++) {
        unsigned sum = (unsigned)p[i] + n[i] + carry;

        CU_ASSERT_EQUAL(sum & 0xff, 0);
        carry = sum >> 8;
    }
}

static void bit_reversal_turns_every_byte_round(void)
{
    for (unsigned x = 0; x < 256; x++) {
        unsigned reversed = 0;

        for (unsigned i = 0; i < 8; i++) {
            reversed |= (x >> i & 1) << (7 - i);
        }
        CU_ASSERT_EQUAL(css_bitrev[x], reversed);
    }
}

UNIT_SUITE(css_keystream, T(stream_matches_the_worked_examples),
           T(stream_does_not_depend_on_how_it_is_fetched),
           T(inverting_both_registers_negates_the_long_sum),
           T(bit_reversal_turns_every_byte_round));
