/* SPDX-License-Identifier: GPL-2.0-only */
/* The host of the tests and the drive's arithmetic, written apart, have to agree. */
#include "bytes.h"
#include "css/css.h"
#include "tests/support/host_css.h"
#include "tests/support/lcg.h"

#define ROUNDS 20

static const uint8_t example[HOST_CSS_CHALLENGE_BYTES] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};

/* The anchor: css-spec 4.4, not the other implementation. */
static void host_matches_the_worked_examples(void)
{
    static const uint8_t key1[] = {4, 3, 2, 1, 0}, key2[] = {9, 8, 7, 6, 5};
    uint8_t out[HOST_CSS_KEY_BYTES];

    host_css_key1(13, example, out);
    CHECK_BYTES(out, 0x2c, 0x1a, 0x72, 0x3b, 0xad);
    host_css_key2(13, example, out);
    CHECK_BYTES(out, 0xf6, 0x37, 0x2f, 0x21, 0xbd);
    host_css_bus_key(13, key1, key2, out);
    CHECK_BYTES(out, 0x34, 0xab, 0xba, 0x32, 0x85);
}

static void host_and_drive_agree_on_every_variant(void)
{
    uint32_t state = 32;

    for (unsigned i = 0; i < ROUNDS * CSS_VARIANTS; i++) {
        const unsigned variant = i % CSS_VARIANTS;
        css_challenge host, drive;
        css_key1 key1;
        css_key2 key2;
        uint8_t out[HOST_CSS_KEY_BYTES];

        lcg_bytes(&state, host.b, sizeof(host.b));
        lcg_bytes(&state, drive.b, sizeof(drive.b));
        key1 = css_make_key1(variant, &host);
        host_css_key1(variant, host.b, out);
        CHECK_SAME(out, key1.b, sizeof(out));
        key2 = css_make_key2(variant, &drive);
        host_css_key2(variant, drive.b, out);
        CHECK_SAME(out, key2.b, sizeof(out));
        host_css_bus_key(variant, key1.b, key2.b, out);
        CHECK_SAME(out, css_make_bus_key(variant, &key1, &key2).b, sizeof(out));
    }
}

static void host_finds_the_variant_of_the_drive(void)
{
    css_challenge challenge;

    memcpy(challenge.b, example, sizeof(challenge.b));
    for (unsigned variant = 0; variant < CSS_VARIANTS; variant++) {
        const css_key1 key1 = css_make_key1(variant, &challenge);

        CU_ASSERT_EQUAL(host_css_find_variant(challenge.b, key1.b), (int)variant);
    }
}

static void host_finds_no_variant_in_a_wrong_key1(void)
{
    css_challenge challenge;
    css_key1 key1;

    memcpy(challenge.b, example, sizeof(challenge.b));
    key1 = css_make_key1(13, &challenge);
    key1.b[2] ^= 0x40;
    CU_ASSERT_EQUAL(host_css_find_variant(challenge.b, key1.b), -1);
}

static void host_clears_what_the_drive_obfuscates(void)
{
    const css_bus_key bus = {{0xb6, 0x45, 0xe8, 0xa7, 0xa4}};
    uint8_t stored[CSS_DISC_BLOCK_BYTES], data[CSS_DISC_BLOCK_BYTES];
    uint32_t state = 2048;

    lcg_bytes(&state, stored, sizeof(stored));
    css_bus_xor(data, stored, sizeof(data), &bus);
    CHECK_DIFFER(data, stored, CSS_KEY_BYTES);
    host_css_clear(data, sizeof(data), bus.b);
    CHECK_SAME(data, stored, sizeof(data));
}

static void make_block(uint8_t block[static CSS_DISC_BLOCK_BYTES], css_disc_key *disc,
                       css_player_key players[static CSS_SLOTS])
{
    uint32_t state = 408;

    lcg_bytes(&state, disc->b, sizeof(disc->b));
    lcg_bytes(&state, players, CSS_SLOTS * sizeof(players[0]));
    css_disc_key_block(block, disc, players);
}

static void player_gets_the_disc_key_out_of_every_slot(void)
{
    css_player_key players[CSS_SLOTS];
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    css_disc_key disc;

    make_block(block, &disc, players);
    CU_ASSERT(host_css_check_entry(block, disc.b));
    for (unsigned slot = 1; slot <= CSS_SLOTS; slot++) {
        uint8_t out[HOST_CSS_KEY_BYTES] = {0};

        CU_ASSERT(host_css_disc_key(block, slot, players[slot - 1].b, out));
        CHECK_SAME(out, disc.b, sizeof(out));
    }
}

static void player_key_of_another_slot_fails_the_check(void)
{
    css_player_key players[CSS_SLOTS];
    uint8_t block[CSS_DISC_BLOCK_BYTES], out[HOST_CSS_KEY_BYTES];
    css_disc_key disc;

    make_block(block, &disc, players);
    CU_ASSERT_FALSE(host_css_disc_key(block, 1, players[1].b, out));
    CU_ASSERT_FALSE(host_css_disc_key(block, 408, players[0].b, out));
}

static void slot_that_does_not_exist_is_refused(void)
{
    css_player_key players[CSS_SLOTS];
    uint8_t block[CSS_DISC_BLOCK_BYTES], out[HOST_CSS_KEY_BYTES] = {1, 2, 3, 4, 5};
    css_disc_key disc;

    make_block(block, &disc, players);
    CU_ASSERT_FALSE(host_css_disc_key(block, 0, players[0].b, out));
    CU_ASSERT_FALSE(host_css_disc_key(block, 409, players[0].b, out));
    CHECK_BYTES(out, 1, 2, 3, 4, 5);
}

static void both_check_the_entry_alike(void)
{
    uint32_t state = 12;

    for (unsigned i = 0; i < ROUNDS; i++) {
        css_disc_key disc;
        css_wrapped_disc_key entry;

        lcg_bytes(&state, disc.b, sizeof(disc.b));
        entry = css_check_entry(&disc);
        CU_ASSERT(host_css_check_entry(entry.b, disc.b));
        entry.b[i % CSS_KEY_BYTES] ^= 0x01;
        CU_ASSERT_FALSE(host_css_check_entry(entry.b, disc.b));
    }
}

static void player_unwraps_the_title_key(void)
{
    uint32_t state = 4;

    for (unsigned i = 0; i < ROUNDS; i++) {
        css_disc_key disc;
        css_title_key title;
        css_wrapped_title_key wrapped;
        uint8_t out[HOST_CSS_KEY_BYTES];

        lcg_bytes(&state, disc.b, sizeof(disc.b));
        lcg_bytes(&state, title.b, sizeof(title.b));
        wrapped = css_wrap_title_key(&disc, &title);
        host_css_title_key(disc.b, wrapped.b, out);
        CHECK_SAME(out, title.b, sizeof(out));
    }
}

static void player_descrambles_the_sector(void)
{
    uint32_t state = 1920;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t clear[CSS_SECTOR_BYTES], data[CSS_SECTOR_BYTES];
        css_title_key title;

        lcg_bytes(&state, title.b, sizeof(title.b));
        lcg_bytes(&state, clear, sizeof(clear));
        memcpy(data, clear, sizeof(data));
        css_kernel_portable.scramble(&(struct css_sector){.data = data, .key = &title}, 1);
        CHECK_DIFFER(data, clear, sizeof(data));
        host_css_descramble(data, title.b);
        CHECK_SAME(data, clear, sizeof(data));
    }
}

UNIT_SUITE(host_css, T(host_matches_the_worked_examples), T(host_and_drive_agree_on_every_variant),
           T(host_finds_the_variant_of_the_drive), T(host_finds_no_variant_in_a_wrong_key1),
           T(host_clears_what_the_drive_obfuscates), T(player_gets_the_disc_key_out_of_every_slot),
           T(player_key_of_another_slot_fails_the_check), T(slot_that_does_not_exist_is_refused),
           T(both_check_the_entry_alike), T(player_unwraps_the_title_key),
           T(player_descrambles_the_sector));
