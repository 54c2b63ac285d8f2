/* SPDX-License-Identifier: GPL-2.0-only */
/* A KEY2 that is wrong in any one bit is wrong. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#define KEY_BITS (8 * HOST_CSS_KEY_BYTES)

static void each_of_forty_bits_counts(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");

    for (unsigned bit = 0; bit < KEY_BITS; bit++) {
        uint8_t flip[HOST_CSS_KEY_BYTES] = {0};
        struct exchange x;

        authenticate(i);
        CU_ASSERT_EQUAL(asf(i), 1);
        go_to(&x, i, DCHAL);
        flip[bit / 8] = (uint8_t)(1u << bit % 8);
        EXPECT(send_key2(&x, flip), AUTH_FAILURE);
        CU_ASSERT_EQUAL(asf(i), 0);
        EXPECT(touch_block(i, RIG_SCRAMBLED_LBA), SCRAMBLED);
        CU_ASSERT_EQUAL(find_stage(&x), FREE);
    }
}

/* What a lazy program might send in place of KEY2. */
static void values_of_the_exchange_are_no_key2(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    struct exchange x;

    for (unsigned which = 0; which < 3; which++) {
        uint8_t list[12] = {0, 0x0a};
        const uint8_t *from[] = {(const uint8_t[5]){0}, x.key1, x.drive_challenge};

        go_to(&x, i, DCHAL);
        for (size_t n = 0; n < HOST_CSS_KEY_BYTES; n++) {
            list[4 + n] = from[which][n];
        }
        EXPECT(send_key(i, x.agid, 0x03, list, sizeof(list)), AUTH_FAILURE);
    }
}

/* Windows leaves what it likes in the reserved bytes (windows-spec a.4). */
static void spare_bytes_of_the_lists_do_not_count(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    uint8_t block[HOST_CSS_BLOCK_BYTES], list[20] = {0, 0x0e, 0x12, 0x34, [14] = 0x56, 0x78, 0x9a};
    struct exchange x;

    go_to(&x, i, GRANTED);
    EXPECT(send_key(i, x.agid, 0x01, list, sizeof(list)), GOOD); /* longer than needed, too */
    for (size_t n = 0; n < HOST_CSS_CHALLENGE_BYTES; n++) {
        x.host_challenge[n] = list[4 + n];
    }
    EXPECT_FATAL(ask_key1(&x), GOOD);
    EXPECT_FATAL(ask_challenge(&x), GOOD);
    host_css_key2((unsigned)x.variant, x.drive_challenge, x.key2);
    for (size_t n = 0; n < sizeof(list); n++) {
        list[n] = n >= 4 && n < 9 ? x.key2[n - 4] : 0xff;
    }
    EXPECT(send_key(i, x.agid, 0x03, list, 12), GOOD);
    host_css_bus_key((unsigned)x.variant, x.key1, x.key2, x.bus_key);
    EXPECT(ask_disc_key(&x, block), GOOD);
    CU_ASSERT_TRUE(host_css_check_entry(block, rig_disc_key));
}

UNIT_SUITE(key2_bits, T(each_of_forty_bits_counts), T(values_of_the_exchange_are_no_key2),
           T(spare_bytes_of_the_lists_do_not_count));
