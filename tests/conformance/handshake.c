/* SPDX-License-Identifier: GPL-2.0-only */
/* The nominal exchange of mmc-spec 2.9, over the wire. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <string.h>

#define AGIDS 4

/* A player finds the disc key with its own key, and with nothing else. */
static void check_disc_key(const uint8_t block[HOST_CSS_BLOCK_BYTES])
{
    static const uint8_t no_key[5] = {0};
    uint8_t disc_key[5] = {0};

    CU_ASSERT_TRUE(host_css_disc_key(block, RIG_PLAYER_SLOT, rig_player_key, disc_key));
    CU_ASSERT_EQUAL(memcmp(disc_key, rig_disc_key, sizeof(disc_key)), 0);
    CU_ASSERT_FALSE(host_css_disc_key(block, RIG_PLAYER_SLOT, no_key, disc_key));
}

/* ---- several exchanges at once ---- */

static void four_agids_interleaved_from_two_initiators(void)
{
    static int (*const steps[])(struct exchange *) = {
        ask_agid, send_challenge, ask_key1, ask_challenge, send_right_key2,
    };
    struct served *s = rig_serve_css();
    struct initiator *host[2] = {rig_ready(s, 0, "a"), rig_ready(s, 0, "b")};
    struct exchange x[AGIDS];

    for (size_t n = 0; n < AGIDS; n++) {
        x[n] = (struct exchange){.i = host[n % 2], .variant = -1};
    }
    for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
        for (size_t n = 0; n < AGIDS; n++) {
            EXPECT_FATAL(steps[step](&x[n]), GOOD);
        }
    }
    for (size_t n = 0; n < AGIDS; n++) {
        uint8_t block[HOST_CSS_BLOCK_BYTES];
        struct exchange next = {.i = host[n % 2]};

        CU_ASSERT_EQUAL(x[n].agid, n);
        EXPECT_FATAL(ask_disc_key(&x[n], block), GOOD);
        check_disc_key(block);
        /* the key transfer has freed it, and it is the lowest free one */
        EXPECT(ask_agid(&next), GOOD);
        CU_ASSERT_EQUAL(next.agid, n);
    }
}

static void two_initiators_share_one_exchange(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");
    struct exchange x;

    go_to(&x, a, KEY1);
    x.i = b; /* AGIDs are the drive's: mmc-spec 2.1 */
    CU_ASSERT_TRUE(complete_from(&x, KEY1));
    CU_ASSERT_EQUAL(asf(a), 1);
}

static void a_fifth_agid_is_refused_and_a_freed_one_comes_back(void)
{
    struct served *s = rig_serve_css();
    struct exchange x = {.i = rig_ready(s, 0, "a")};

    for (unsigned n = 0; n < AGIDS; n++) {
        EXPECT(ask_agid(&x), GOOD);
        CU_ASSERT_EQUAL(x.agid, n);
    }
    EXPECT(ask_agid(&x), NO_AGID);
    x.agid = 2;
    EXPECT(invalidate(&x), GOOD);
    x.agid = 0;
    EXPECT(ask_agid(&x), GOOD);
    CU_ASSERT_EQUAL(x.agid, 2);
    EXPECT(ask_agid(&x), NO_AGID);
}

static void a_stale_agid_in_the_request_for_one_is_ignored(void)
{
    struct served *s = rig_serve_css();
    struct exchange x = {.i = rig_ready(s, 0, "a"), .agid = 3};

    EXPECT(ask_agid(&x), GOOD);
    CU_ASSERT_EQUAL(x.agid, 0);
}

static void ending_all_sessions_as_windows_does_frees_all(void)
{
    static const uint8_t list[4] = {0, 2, 0x55, 0xaa}; /* bytes 2, 3: what was in the buffer */
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");
    struct exchange x;

    go_to(&x, i, DCHAL);
    for (uint8_t n = 0; n < AGIDS; n++) {
        EXPECT(RUN(i, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(n << 6 | 0x3f), 0), GOOD);
    }
    go_to(&x, i, BUSKEY);
    CU_ASSERT_EQUAL(x.agid, 0);
    EXPECT(send_key(i, x.agid, 0x3f, list, sizeof(list)), GOOD);
    CU_ASSERT_EQUAL(find_stage(&x), FREE);
}

/* ---- what the keys are, and what they open ---- */

static const struct {
    uint32_t lba;
    uint8_t cpr_mai;
    const uint8_t *key;
} title_keys[] = {
    {RIG_CLEAR_LBA, 0xb0, rig_title_key_one},
    {RIG_SCRAMBLED_LBA, 0xf0, rig_title_key_one},
    {RIG_SCRAMBLED_END - 1, 0xf0, rig_title_key_one},
    {RIG_SECOND_LBA, 0xf0, rig_title_key_two},
};

static void title_keys_are_the_ones_of_their_blocks(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    for (size_t n = 0; n < sizeof(title_keys) / sizeof(title_keys[0]); n++) {
        uint8_t cpr_mai = 0, wrapped[5] = {0}, key[5];
        struct exchange x;

        go_to(&x, i, BUSKEY);
        EXPECT_FATAL(ask_title_key(&x, title_keys[n].lba, &cpr_mai, wrapped), GOOD);
        host_css_title_key(rig_disc_key, wrapped, key);
        CU_ASSERT_EQUAL(cpr_mai, title_keys[n].cpr_mai);
        CU_ASSERT_EQUAL(memcmp(key, title_keys[n].key, sizeof(key)), 0);
    }
}

static void a_key_transfer_and_nothing_before_it_sets_asf(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");
    uint8_t cpr_mai, key[5];
    struct exchange x;

    CU_ASSERT_EQUAL(asf(i), 0);
    go_to(&x, i, BUSKEY);
    CU_ASSERT_EQUAL(asf(i), 0);
    EXPECT(touch_block(i, RIG_SCRAMBLED_LBA), SCRAMBLED);
    EXPECT(ask_title_key(&x, RIG_SCRAMBLED_LBA, &cpr_mai, key), GOOD);
    CU_ASSERT_EQUAL(asf(i), 1);
    EXPECT(touch_block(i, RIG_SCRAMBLED_LBA), GOOD);
    CU_ASSERT_EQUAL(find_stage(&x), FREE);
    CU_ASSERT_EQUAL(asf(i), 1);
}

static void only_scrambled_blocks_are_closed_before_authentication(void)
{
    static uint8_t blocks[4 * RIG_BLOCK_BYTES];
    uint8_t wanted[RIG_BLOCK_BYTES];
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    EXPECT(read_blocks(i, RIG_CLEAR_LBA, 4, blocks), GOOD);
    rig_block(RIG_CLEAR_LBA + 3, wanted);
    CU_ASSERT_EQUAL(memcmp(blocks + 3 * RIG_BLOCK_BYTES, wanted, sizeof(wanted)), 0);
    EXPECT(read_blocks(i, RIG_SCRAMBLED_LBA - 3, 3, blocks), GOOD);
    EXPECT(read_blocks(i, RIG_SCRAMBLED_LBA - 3, 4, blocks), SCRAMBLED);
    CU_ASSERT_EQUAL(last_result.sense[0], 0x70); /* no INFORMATION: nothing was sent */
    EXPECT(touch_block(i, RIG_KEYLESS_LBA), GOOD);
    EXPECT(touch_block(i, RIG_FREE_LBA), GOOD);
}

/* ---- repeats and cuts ---- */

static void key1_and_challenge_repeat_and_new_exchanges_differ(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");
    struct exchange x, first;

    go_to(&x, i, KEY1);
    first = x;
    EXPECT(ask_key1(&x), GOOD);
    CU_ASSERT_EQUAL(memcmp(x.key1, first.key1, sizeof(x.key1)), 0);
    EXPECT(ask_challenge(&x), GOOD);
    first = x;
    EXPECT(ask_challenge(&x), GOOD);
    CU_ASSERT_EQUAL(memcmp(x.drive_challenge, first.drive_challenge, 10), 0);
    EXPECT(invalidate(&x), GOOD);
    go_to(&x, i, DCHAL);
    CU_ASSERT_NOT_EQUAL(memcmp(x.drive_challenge, first.drive_challenge, 10), 0);
}

/* Both answers of a stage, whole and then cut to `bytes`: the second is a repeat of the first. */
static void check_cut(struct initiator *i, const struct exchange *x, uint8_t format, uint16_t bytes)
{
    uint8_t whole[16] = {0}, cut[16] = {0};

    EXPECT(report_key(i, x->agid, format, 0, whole, sizeof(whole)), GOOD);
    EXPECT(report_key(i, x->agid, format, 0, cut, bytes), GOOD);
    CU_ASSERT_EQUAL(memcmp(whole, cut, bytes), 0);
}

static void a_cut_answer_counts_as_given(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    for (uint16_t bytes = 0; bytes <= 12; bytes++) {
        uint8_t cut[12];
        struct exchange x;

        go_to(&x, i, HCHAL);
        EXPECT(report_key(i, x.agid, 0x02, 0, cut, bytes), GOOD);
        check_cut(i, &x, 0x02, bytes);
        EXPECT(ask_key1(&x), GOOD);
        EXPECT(report_key(i, x.agid, 0x01, 0, cut, bytes), GOOD);
        check_cut(i, &x, 0x01, bytes);
        EXPECT(ask_challenge(&x), GOOD);
        EXPECT(send_right_key2(&x), GOOD);
        EXPECT(report_key(i, x.agid, 0x04, RIG_SCRAMBLED_LBA, cut, bytes), GOOD);
        CU_ASSERT_EQUAL(find_stage(&x), FREE);
    }
}

UNIT_SUITE(handshake, T(four_agids_interleaved_from_two_initiators),
           T(two_initiators_share_one_exchange),
           T(a_fifth_agid_is_refused_and_a_freed_one_comes_back),
           T(a_stale_agid_in_the_request_for_one_is_ignored),
           T(ending_all_sessions_as_windows_does_frees_all),
           T(title_keys_are_the_ones_of_their_blocks),
           T(a_key_transfer_and_nothing_before_it_sets_asf),
           T(only_scrambled_blocks_are_closed_before_authentication),
           T(key1_and_challenge_repeat_and_new_exchanges_differ), T(a_cut_answer_counts_as_given));
