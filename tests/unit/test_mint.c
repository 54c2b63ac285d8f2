/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/disc_write.h"
#include "emulator/mint.h"
#include "tests/support/host_css.h"
#include "tests/support/medium_memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Two VOBUs of 20 packs each, from LBA 10 on; everything else is zeros. */
#define BLOCKS     100
#define VOB_LBA    10
#define VOBU_PACKS 20
#define VOB_BLOCKS (2 * VOBU_PACKS)
/* 30 % of 20 */
#define RUN_PACKS 6

#define VIDEO     0xe0
#define PADDING   0xbe
#define TEXT_ROOM 8192

struct bench {
    struct medium_memory *memory; /* the disc's once minted */
    struct dvd_video_run runs[3];
    struct dvd_video_vob vobs[3];
    struct dvd_video video;
    struct mint_recipe recipe;
    struct disc *disc;
    unsigned closed;
    char error[INI_ERROR_BYTES];
};

static uint8_t *block_of(struct bench *b, uint32_t lba)
{
    return b->memory->bytes + (size_t)lba * DISC_BLOCK_BYTES;
}

/* 13818-1: a pack header without stuffing, and the first packet. */
static void put_pack(struct bench *b, uint32_t lba, uint8_t stream)
{
    uint8_t *block = block_of(b, lba);
    const uint8_t pack[] = {0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 1, 0x89, 0xc3, 0xf8, 0, 0, 1};

    memset(block, (int)(lba & 0xff), DISC_BLOCK_BYTES);
    memcpy(block, pack, sizeof(pack));
    block[0x11] = stream;
    block[0x14] = stream == PADDING ? 0xff : 0x80;
}

static void put_navigation_pack(struct bench *b, uint32_t lba)
{
    const uint8_t pci[] = {0, 0, 1, 0xbf, 0x03, 0xd4, 0};

    put_pack(b, lba, 0xbb);
    memcpy(block_of(b, lba) + 0x26, pci, sizeof(pci));
}

static void open_bench(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    b->memory = medium_memory_new((uint64_t)BLOCKS * DISC_BLOCK_BYTES);
    b->memory->closed = &b->closed;
    for (uint32_t i = 0; i < VOB_BLOCKS; i++) {
        if (i % VOBU_PACKS == 0) {
            put_navigation_pack(b, VOB_LBA + i);
        } else {
            put_pack(b, VOB_LBA + i, VIDEO);
        }
    }
    b->runs[0] = (struct dvd_video_run){VOB_LBA, VOB_BLOCKS};
    b->vobs[0] = (struct dvd_video_vob){"VTS_01_1.VOB", 1, &b->runs[0], 1};
    b->video = (struct dvd_video){b->vobs, 1};
    b->recipe = (struct mint_recipe){.seed = 1, .cgms = 3, .video = &b->video};
}

static void mint(struct bench *b)
{
    disc_release(b->disc);
    b->disc = mint_disc(&b->recipe, &b->memory->medium, b->error);
}

static void mint_well(struct bench *b)
{
    mint(b);
    if (!b->disc) {
        CU_FAIL_FATAL(b->error);
        abort(); /* not reached, which the analyzer cannot know */
    }
}

static void check_refused(struct bench *b, const char *error)
{
    mint(b);
    CU_ASSERT_PTR_NULL(b->disc);
    CU_ASSERT_STRING_EQUAL(b->error, error);
}

/* The medium is closed with the disc, and by a refusal. */
static void close_bench(struct bench *b)
{
    disc_release(b->disc);
    CU_ASSERT_EQUAL(b->closed, 1);
}

static unsigned count_scrambled(const struct disc *disc, uint32_t lba, uint32_t blocks)
{
    unsigned count = 0;

    for (uint32_t i = lba; i < lba + blocks; i++) {
        count += disc_cpr_mai(disc, i) == CPR_MAI_SCRAMBLED;
    }
    return count;
}

/* Title key of a block that has to have one. */
static css_title_key key_at(const struct disc *disc, uint32_t lba)
{
    const struct disc_title_key *key = disc_title_key_at(disc, lba);

    if (!key) {
        abort();
    }
    return key->clear;
}

static void scrambles_one_run_of_30_percent_of_each_vobu(void)
{
    struct bench b;

    open_bench(&b);
    mint_well(&b);
    for (uint32_t vobu = VOB_LBA; vobu < VOB_LBA + VOB_BLOCKS; vobu += VOBU_PACKS) {
        unsigned changes = 0;

        CU_ASSERT_EQUAL(count_scrambled(b.disc, vobu, VOBU_PACKS), RUN_PACKS);
        for (uint32_t i = vobu + 1; i < vobu + VOBU_PACKS; i++) {
            changes += disc_cpr_mai(b.disc, i) != disc_cpr_mai(b.disc, i - 1);
        }
        CU_ASSERT(changes == 1 || changes == 2);
        CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, vobu), CPR_MAI_CLEAR);
    }
    close_bench(&b);
}

static void blocks_outside_of_vobs_are_free(void)
{
    struct bench b;

    open_bench(&b);
    mint_well(&b);
    for (uint32_t lba = 0; lba < BLOCKS; lba++) {
        bool inside = lba >= VOB_LBA && lba < VOB_LBA + VOB_BLOCKS;

        CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, lba) == 0, !inside);
    }
    CU_ASSERT_EQUAL(b.disc->protection, DISC_CSS);
    CU_ASSERT_EQUAL(b.disc->rmi, 0);
    close_bench(&b);
}

/* Whatever the seed: neither padding nor a navigation pack, though the run may lie over them. */
static void never_scrambles_what_has_no_scrambling_control(void)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct bench b;

        open_bench(&b);
        for (uint32_t i = 1; i < VOB_BLOCKS; i += 2) {
            put_pack(&b, VOB_LBA + i, PADDING);
        }
        b.recipe.seed = seed;
        mint_well(&b);
        for (uint32_t i = 0; i < VOB_BLOCKS; i++) {
            bool allowed = i % 2 == 0 && i % VOBU_PACKS != 0;

            CU_ASSERT(allowed || disc_cpr_mai(b.disc, VOB_LBA + i) == CPR_MAI_CLEAR);
        }
        CU_ASSERT_EQUAL(count_scrambled(b.disc, VOB_LBA, VOB_BLOCKS), RUN_PACKS);
        close_bench(&b);
    }
}

static void a_vobu_of_one_pack_stays_clear_and_of_two_loses_one(void)
{
    struct bench b;

    open_bench(&b);
    b.runs[0] = (struct dvd_video_run){VOB_LBA, 3};
    put_navigation_pack(&b, VOB_LBA + 1);
    mint_well(&b);
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, VOB_LBA), CPR_MAI_CLEAR);
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, VOB_LBA + 1), CPR_MAI_CLEAR);
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, VOB_LBA + 2), CPR_MAI_SCRAMBLED);
    close_bench(&b);
}

/* A VOBU goes on in the next run of its file: it is one of 20 packs still. */
static void follows_a_file_in_pieces(void)
{
    struct bench b;

    open_bench(&b);
    for (uint32_t i = 0; i < 15; i++) {
        memcpy(block_of(&b, 70 + i), block_of(&b, VOB_LBA + 5 + i), DISC_BLOCK_BYTES);
        memset(block_of(&b, VOB_LBA + 5 + i), 0, DISC_BLOCK_BYTES);
    }
    b.runs[0] = (struct dvd_video_run){VOB_LBA, 5};
    b.runs[1] = (struct dvd_video_run){70, 15};
    b.vobs[0].run_count = 2;
    mint_well(&b);
    CU_ASSERT_EQUAL(count_scrambled(b.disc, 0, BLOCKS), RUN_PACKS);
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, VOB_LBA + 5), 0);
    CU_ASSERT_NOT_EQUAL(disc_cpr_mai(b.disc, 84), 0);
    close_bench(&b);
}

static void each_title_set_has_one_key_and_the_menus_too(void)
{
    css_title_key menu, first, second;
    struct bench b;

    open_bench(&b);
    b.runs[0] = (struct dvd_video_run){VOB_LBA, 10};
    b.runs[1] = (struct dvd_video_run){VOB_LBA + 10, 10};
    b.runs[2] = (struct dvd_video_run){VOB_LBA + 20, 10};
    b.vobs[0] = (struct dvd_video_vob){"VIDEO_TS.VOB", 0, &b.runs[0], 1};
    b.vobs[1] = (struct dvd_video_vob){"VTS_07_0.VOB", 7, &b.runs[1], 1};
    b.vobs[2] = (struct dvd_video_vob){"VTS_07_1.VOB", 7, &b.runs[2], 1};
    b.video.vob_count = 3;
    mint_well(&b);
    menu = key_at(b.disc, VOB_LBA);
    first = key_at(b.disc, VOB_LBA + 10);
    second = key_at(b.disc, VOB_LBA + 20);
    CHECK_SAME(first.b, second.b, CSS_KEY_BYTES);
    CHECK_DIFFER(menu.b, first.b, CSS_KEY_BYTES);
    CU_ASSERT_EQUAL(b.disc->title_key_count, 2);
    CU_ASSERT_STRING_EQUAL(b.disc->files[disc_extent_at(b.disc, VOB_LBA + 20)->file],
                           "VTS_07_1.VOB");
    close_bench(&b);
}

/* The description of what a seed gives. */
static void mint_text(uint64_t seed, char text[static TEXT_ROOM])
{
    char why[DISC_WRITE_ERROR_BYTES];
    FILE *out = fmemopen(text, TEXT_ROOM, "w");
    struct bench b;

    open_bench(&b);
    b.recipe.seed = seed;
    mint_well(&b);
    if (!out) {
        abort();
    }
    CU_ASSERT(disc_write(out, b.disc, "x.iso", why));
    CU_ASSERT_EQUAL(fclose(out), 0);
    close_bench(&b);
}

static void a_seed_gives_the_same_description_again(void)
{
    char one[TEXT_ROOM], again[TEXT_ROOM];

    mint_text(5, one);
    mint_text(5, again);
    CU_ASSERT_STRING_EQUAL(one, again);
}

static void another_seed_gives_other_keys_and_places(void)
{
    css_disc_key disc_key;
    css_title_key title_key, other_title_key;
    uint32_t first_scrambled;
    struct bench b;

    open_bench(&b);
    b.recipe.seed = 5;
    mint_well(&b);
    disc_key = b.disc->disc_key;
    title_key = key_at(b.disc, VOB_LBA);
    first_scrambled = b.disc->extents[1].lba;
    close_bench(&b);
    open_bench(&b);
    b.recipe.seed = 6;
    mint_well(&b);
    CHECK_DIFFER(disc_key.b, b.disc->disc_key.b, CSS_KEY_BYTES);
    other_title_key = key_at(b.disc, VOB_LBA);
    CHECK_DIFFER(title_key.b, other_title_key.b, CSS_KEY_BYTES);
    CU_ASSERT_NOT_EQUAL(first_scrambled, b.disc->extents[1].lba);
    close_bench(&b);
}

static void cgms_goes_into_every_cpr_mai(void)
{
    struct bench b;

    open_bench(&b);
    b.recipe.cgms = 1;
    mint_well(&b);
    for (uint32_t lba = VOB_LBA; lba < VOB_LBA + VOB_BLOCKS; lba++) {
        uint8_t cpr_mai = disc_cpr_mai(b.disc, lba);

        CU_ASSERT(cpr_mai == 0x90 || cpr_mai == 0xd0);
    }
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, VOB_LBA), 0x90);
    close_bench(&b);
}

/* The way of a player: slot, disc key, wrapped title key, sector. */
static void a_player_gets_the_plain_packs_back(void)
{
    const uint8_t player[] = {1, 2, 3, 4, 5};
    uint8_t disc_key[CSS_KEY_BYTES], title_key[CSS_KEY_BYTES], block[DISC_BLOCK_BYTES];
    struct scsi_sense sense;
    struct bench b;

    open_bench(&b);
    b.recipe.player_keys = "17 = 0102030405\n";
    mint_well(&b);
    CU_ASSERT(host_css_disc_key(b.disc->disc_key_block, 17, player, disc_key));
    CU_ASSERT_EQUAL_FATAL(b.disc->title_key_count, 1);
    host_css_title_key(disc_key, b.disc->title_keys[0].wrapped.b, title_key);
    for (uint32_t lba = VOB_LBA; lba < VOB_LBA + VOB_BLOCKS; lba++) {
        CU_ASSERT_EQUAL(disc_read(b.disc, lba, 1, block, sizeof(block), true, &sense), MEDIUM_OK);
        if (disc_cpr_mai(b.disc, lba) == CPR_MAI_SCRAMBLED) {
            CHECK_DIFFER(block, block_of(&b, lba), sizeof(block));
            CU_ASSERT_EQUAL(block[0x14] & 0x30, 0x10);
            host_css_descramble(block, title_key);
            block[0x14] &= 0xcf;
        }
        CHECK_SAME(block, block_of(&b, lba), sizeof(block));
    }
    close_bench(&b);
}

static void keys_and_regions_are_taken_as_given(void)
{
    struct bench b;

    open_bench(&b);
    b.recipe.regions = "1,4";
    b.recipe.disc_key = "a1b2c3d4e5";
    mint_well(&b);
    CU_ASSERT_EQUAL(b.disc->rmi, 0xf6);
    CHECK_BYTES(b.disc->disc_key.b, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5);
    close_bench(&b);
}

static void a_pack_that_is_marked_already_is_named(void)
{
    struct bench b;

    open_bench(&b);
    block_of(&b, VOB_LBA + 33)[0x14] |= 0x10;
    check_refused(&b, "the pack at LBA 43 is already marked scrambled; mint takes a plain image");
    close_bench(&b);
}

static void an_unreadable_image_is_an_error(void)
{
    struct bench b;

    open_bench(&b);
    b.memory->fail_at_bytes = (uint64_t)(VOB_LBA + 1) * DISC_BLOCK_BYTES;
    check_refused(&b, "the image cannot be read at LBA 10");
    close_bench(&b);
}

static void two_vobs_in_one_place_are_refused(void)
{
    struct bench b;

    open_bench(&b);
    b.vobs[1] = (struct dvd_video_vob){"VTS_02_1.VOB", 2, &b.runs[0], 1};
    b.video.vob_count = 2;
    mint(&b);
    CU_ASSERT_PTR_NULL(b.disc);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.error, "overlaps"));
    close_bench(&b);
}

/* ---- extents ---- */

#define GIVE(b, ...)                                                                               \
    do {                                                                                           \
        static const struct disc_text_run given[] = {__VA_ARGS__};                                 \
                                                                                                   \
        (b)->recipe.video = NULL;                                                                  \
        (b)->recipe.extents = given;                                                               \
        (b)->recipe.extent_count = sizeof(given) / sizeof(given[0]);                               \
    } while (0)

static void extents_are_taken_as_given_with_keys_for_the_gated_ones(void)
{
    css_title_key at_7, at_99;
    struct bench b;

    open_bench(&b);
    GIVE(&b, {.extent = {.lba = 90, .blocks = 10, .cpr_mai = 0xc0}},
         {.extent = {.lba = 2, .blocks = 3, .cpr_mai = 0xb0}},
         {.extent = {.lba = 7, .blocks = 1, .cpr_mai = 0xf0}});
    mint_well(&b);
    CU_ASSERT_EQUAL(b.disc->extent_count, 3);
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, 4), 0xb0);
    CU_ASSERT_PTR_NULL(disc_title_key_at(b.disc, 4));
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, 7), 0xf0);
    CU_ASSERT_EQUAL(disc_cpr_mai(b.disc, 99), 0xc0);
    at_7 = key_at(b.disc, 7);
    at_99 = key_at(b.disc, 99);
    CHECK_DIFFER(at_7.b, at_99.b, CSS_KEY_BYTES);
    close_bench(&b);
}

static void an_extent_past_the_end_is_refused(void)
{
    struct bench b;

    open_bench(&b);
    GIVE(&b, {.extent = {.lba = 99, .blocks = 2, .cpr_mai = 0xb0}});
    check_refused(&b, "the extent at LBA 99 ends past the image, which has 100 blocks");
    close_bench(&b);
}

static void extents_that_overlap_are_refused(void)
{
    struct bench b;

    open_bench(&b);
    GIVE(&b, {.extent = {.lba = 20, .blocks = 10, .cpr_mai = 0xb0}},
         {.extent = {.lba = 15, .blocks = 6, .cpr_mai = 0xf0}});
    check_refused(&b, "the extents at LBA 20 and LBA 15 overlap");
    close_bench(&b);
}

static void a_gated_extent_may_not_hold_marked_packs(void)
{
    struct bench b;

    open_bench(&b);
    block_of(&b, VOB_LBA + 3)[0x14] |= 0x20;
    GIVE(&b, {.extent = {.lba = 0, .blocks = 100, .cpr_mai = 0xf0}});
    check_refused(&b, "the pack at LBA 13 is already marked scrambled; mint takes a plain image");
    close_bench(&b);
}

static void a_vob_without_blocks_is_passed_over(void)
{
    struct bench b;

    open_bench(&b);
    b.vobs[1] = (struct dvd_video_vob){"VTS_01_2.VOB", 1, NULL, 0};
    b.video.vob_count = 2;
    mint_well(&b);
    CU_ASSERT_EQUAL(count_scrambled(b.disc, 0, BLOCKS), 2 * RUN_PACKS);
    close_bench(&b);
}

UNIT_SUITE(mint, T(scrambles_one_run_of_30_percent_of_each_vobu),
           T(blocks_outside_of_vobs_are_free), T(never_scrambles_what_has_no_scrambling_control),
           T(a_vobu_of_one_pack_stays_clear_and_of_two_loses_one), T(follows_a_file_in_pieces),
           T(each_title_set_has_one_key_and_the_menus_too),
           T(a_seed_gives_the_same_description_again), T(another_seed_gives_other_keys_and_places),
           T(cgms_goes_into_every_cpr_mai), T(a_player_gets_the_plain_packs_back),
           T(keys_and_regions_are_taken_as_given), T(a_pack_that_is_marked_already_is_named),
           T(an_unreadable_image_is_an_error), T(two_vobs_in_one_place_are_refused),
           T(extents_are_taken_as_given_with_keys_for_the_gated_ones),
           T(an_extent_past_the_end_is_refused), T(extents_that_overlap_are_refused),
           T(a_gated_extent_may_not_hold_marked_packs), T(a_vob_without_blocks_is_passed_over));
