/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/random.h"
#include "tests/support/faults.h"

#include <errno.h>

/* Numbers that the authors' code of xoshiro256** gives for the state 1, 2, 3, 4. */
static void xoshiro_gives_the_published_numbers(void)
{
    static const uint64_t published[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
    struct random_source source = {.seeded = true, .state = {1, 2, 3, 4}};
    uint8_t bytes[sizeof(published)];

    random_bytes(&source, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        CU_ASSERT_EQUAL(bytes[i], (uint8_t)(published[i / 8] >> 8 * (i % 8)));
    }
}

/* Computed with another program (Python) from the description in random.h; never to change. */
static void seed_and_purpose_give_the_promised_bytes(void)
{
    struct random_source drive = random_seeded(0, "drive");
    struct random_source disc = random_seeded(20240501, "disc key");
    struct random_source title = random_seeded(UINT64_MAX, "title keys");
    uint8_t bytes[20];

    random_bytes(&drive, bytes, sizeof(bytes));
    CHECK_BYTES(bytes, 0x6c, 0x8f, 0x73, 0xe3, 0xf1, 0xd4, 0x59, 0x23, 0x02, 0xba, 0xea, 0x99, 0xd8,
                0xca, 0xbe, 0xd7, 0xf1, 0x8c, 0xa4, 0x4b);
    random_bytes(&disc, bytes, sizeof(bytes));
    CHECK_BYTES(bytes, 0x6a, 0x30, 0x94, 0xbf, 0x11, 0xe1, 0xb8, 0x96, 0x50, 0x1f, 0x14, 0x19, 0x16,
                0xd4, 0x7e, 0xe1, 0x72, 0x62, 0xf4, 0x1f);
    random_bytes(&title, bytes, sizeof(bytes));
    CHECK_BYTES(bytes, 0x11, 0xe2, 0xde, 0x91, 0x1c, 0xf5, 0xa0, 0xaa, 0xbd, 0xa0, 0x23, 0x42, 0xd7,
                0x2b, 0x46, 0x36, 0xd7, 0x1e, 0x4d, 0xc5);
}

static void a_call_starts_with_a_new_number(void)
{
    struct random_source one = random_seeded(7, "x"), two = random_seeded(7, "x");
    uint8_t whole[16], parts[16];

    random_bytes(&one, whole, sizeof(whole));
    random_bytes(&two, parts, 3);
    random_bytes(&two, parts + 8, 8);
    CHECK_SAME(whole, parts, 3);
    CHECK_SAME(whole + 8, parts + 8, 8);
}

static void purposes_of_one_seed_differ(void)
{
    struct random_source a = random_seeded(1, "disc key"), b = random_seeded(1, "player keys");
    uint8_t of_a[16], of_b[16];

    random_bytes(&a, of_a, sizeof(of_a));
    random_bytes(&b, of_b, sizeof(of_b));
    CHECK_DIFFER(of_a, of_b, sizeof(of_a));
}

static void a_source_knows_what_it_is(void)
{
    struct random_source seeded = random_seeded(99, "drive");

    CU_ASSERT_TRUE(seeded.seeded);
    CU_ASSERT_EQUAL(seeded.seed, 99);
    CU_ASSERT_FALSE(random_kernel().seeded);
}

static void the_kernel_does_not_repeat_itself(void)
{
    struct random_source source = random_kernel();
    uint8_t one[16] = {0}, two[16] = {0};

    random_bytes(&source, one, sizeof(one));
    random_bytes(&source, two, sizeof(two));
    CHECK_DIFFER(one, two, sizeof(one));
}

static void only_what_was_asked_for_is_written(void)
{
    struct random_source source = random_seeded(3, "x");
    uint8_t bytes[12];

    memset(bytes, 0xa5, sizeof(bytes));
    random_bytes(&source, bytes, 0);
    CU_ASSERT_EQUAL(bytes[0], 0xa5);
    random_bytes(&source, bytes, 9);
    CHECK_BYTES(bytes + 9, 0xa5, 0xa5, 0xa5);
}

static void the_kernel_is_asked_again_after_a_signal(void)
{
    struct random_source source = random_kernel();
    uint8_t bytes[16] = {0}, none[16] = {0};

    fault_after(FAULT_GETRANDOM, 0, EINTR);
    random_bytes(&source, bytes, sizeof(bytes));
    CU_ASSERT_TRUE(fault_came());
    CHECK_DIFFER(bytes, none, sizeof(bytes));
}

UNIT_SUITE(random, T(xoshiro_gives_the_published_numbers),
           T(seed_and_purpose_give_the_promised_bytes), T(a_call_starts_with_a_new_number),
           T(purposes_of_one_seed_differ), T(a_source_knows_what_it_is),
           T(the_kernel_does_not_repeat_itself), T(only_what_was_asked_for_is_written),
           T(the_kernel_is_asked_again_after_a_signal));
