/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/css_choice.h"
#include "emulator/disc_file.h"
#include "emulator/random.h"
#include "tests/support/medium_memory.h"
#include "tests/support/temp_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS 256 /* of the image of most tests */

static char error[INI_ERROR_BYTES];

static struct disc *load_sized(const char *text, uint64_t size_bytes)
{
    struct medium_memory *memory = medium_memory_new(1);

    memory->medium.size_bytes = size_bytes;
    error[0] = '\0';
    return disc_load_text("f.disc", text, strlen(text), &memory->medium, error);
}

static struct disc *load(const char *text)
{
    return load_sized(text, (uint64_t)BLOCKS * DISC_BLOCK_BYTES);
}

#define DISC "[disc]\nimage = x.iso\n"
#define CSS  DISC "protection = css\n"

static void a_description_of_the_image_alone_is_a_plain_disc(void)
{
    struct disc *disc = load(DISC);

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc->blocks, BLOCKS);
    CU_ASSERT_EQUAL(disc->layers, 1);
    CU_ASSERT_EQUAL(disc->layer0_blocks, BLOCKS);
    CU_ASSERT_FALSE(disc_has_css(disc));
    CU_ASSERT_EQUAL(disc->rmi, 0);
    CU_ASSERT_EQUAL(disc->bca_bytes, 0);
    CU_ASSERT_STRING_EQUAL(disc->image_path, "x.iso");
    CU_ASSERT_STRING_EQUAL(disc->description_path, "f.disc");
    disc_release(disc);
}

static void every_value_arrives_in_the_disc(void)
{
    struct disc *disc = load("[disc]\n"
                             "image = /images/my disc.iso\n"
                             "layers = 2\n"
                             "track_path = otp\n"
                             "layer0_blocks = 144\n"
                             "protection = css\n"
                             "regions = 1, 2,8\n"
                             "seed = 18446744073709551615\n"
                             "disc_key = 0123456789\n"
                             "scrambled = yes\n"
                             "bca = 000102030405060708090A0b\n"
                             "[player_keys]\n"
                             "408 = ffeeddccbb\n"
                             "7 = 0102030405\n"
                             "[title_keys]\n"
                             "b = 1122334455\n"
                             "[bad_blocks]\n"
                             "0x40 = 2\n"
                             "3 = 1\n"
                             "[extents]\n"
                             "100 = 50 f0 b VIDEO_TS/VTS 01 1.VOB\n"
                             "10 = 5 B0 a  VIDEO_TS/A.VOB \n"
                             "15 = 1 80 -\n"
                             "16 = 1 c5 - -\n"
                             "17 = 1 F0 a VIDEO_TS/A.VOB\n"
                             "[title_keys]\n"
                             "a = 5544332211\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_STRING_EQUAL(disc->image_path, "/images/my disc.iso");
    CU_ASSERT_EQUAL(disc->layers, 2);
    CU_ASSERT_EQUAL(disc->track_path, DISC_OTP);
    CU_ASSERT_EQUAL(disc->layer0_blocks, 144);
    CU_ASSERT_TRUE(disc_has_css(disc));
    CU_ASSERT_EQUAL(disc->rmi, 0x7c);
    CU_ASSERT_EQUAL(disc->seed, UINT64_MAX);
    CHECK_BYTES(disc->disc_key.b, 0x01, 0x23, 0x45, 0x67, 0x89);
    CU_ASSERT_TRUE(disc->scrambled);
    CU_ASSERT_EQUAL(disc->bca_bytes, 12);
    CHECK_BYTES(disc->bca, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    CU_ASSERT_EQUAL_FATAL(disc->player_slot_count, 2);
    CU_ASSERT_EQUAL(disc->player_slots[0].slot, 7);
    CHECK_BYTES(disc->player_slots[0].key.b, 1, 2, 3, 4, 5);
    CU_ASSERT_EQUAL(disc->player_slots[1].slot, 408);
    CHECK_BYTES(disc->player_slots[1].key.b, 0xff, 0xee, 0xdd, 0xcc, 0xbb);
    CU_ASSERT_EQUAL_FATAL(disc->bad_run_count, 2);
    CU_ASSERT_TRUE(disc->bad_runs[0].lba == 3 && disc->bad_runs[0].blocks == 1);
    CU_ASSERT_TRUE(disc->bad_runs[1].lba == 0x40 && disc->bad_runs[1].blocks == 2);
    CU_ASSERT_EQUAL(disc->kernel, css_choose_or_portable());
    disc_release(disc);
}

static void extents_are_sorted_and_name_their_key_and_file(void)
{
    struct disc *disc = load(CSS "[extents]\n"
                                 "100 = 50 f0 b VIDEO_TS/VTS 01 1.VOB\n"
                                 "10 = 5 B0 a  VIDEO_TS/A.VOB \n"
                                 "15 = 1 80 -\n"
                                 "16 = 1 c5 - -\n"
                                 "17 = 239 F0 a VIDEO_TS/A.VOB\n"
                                 "[title_keys]\n"
                                 "a = 5544332211\n"
                                 "b = 1122334455\n");

    CU_ASSERT_PTR_NULL(disc); /* the last one runs into the first one */
    CU_ASSERT_STRING_EQUAL(error, "f.disc:5: 100: overlaps what starts at 17 in line 9");
    disc = load(CSS "[extents]\n"
                    "100 = 156 f0 b VIDEO_TS/VTS 01 1.VOB\n"
                    "10 = 5 B0 a  VIDEO_TS/A.VOB \n"
                    "15 = 1 80 -\n"
                    "16 = 1 c5 - -\n"
                    "17 = 83 F0 a VIDEO_TS/A.VOB\n"
                    "[title_keys]\n"
                    "a = 5544332211\n"
                    "b = 1122334455\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL_FATAL(disc->extent_count, 5);
    CU_ASSERT_EQUAL(disc->file_count, 2);
    CU_ASSERT_EQUAL(disc->extents[0].lba, 10);
    CU_ASSERT_EQUAL(disc->extents[0].cpr_mai, 0xb0);
    CU_ASSERT_STRING_EQUAL(disc->files[disc->extents[0].file], "VIDEO_TS/A.VOB");
    CHECK_BYTES(disc_title_key_at(disc, 14)->clear.b, 0x55, 0x44, 0x33, 0x22, 0x11);
    CU_ASSERT_TRUE(disc->extents[1].key == -1 && disc->extents[1].file == -1);
    CU_ASSERT_TRUE(disc->extents[2].key == -1 && disc->extents[2].file == -1);
    CU_ASSERT_EQUAL(disc->extents[2].cpr_mai, 0xc5);
    CU_ASSERT_EQUAL(disc->extents[3].file, disc->extents[0].file);
    CU_ASSERT_STRING_EQUAL(disc->files[disc->extents[4].file], "VIDEO_TS/VTS 01 1.VOB");
    CU_ASSERT_STRING_EQUAL(disc_title_key_at(disc, 255)->name, "b");
    disc_release(disc);
}

static css_wrapped_disc_key slot_of(const struct disc *disc, unsigned slot)
{
    css_wrapped_disc_key wrapped;

    memcpy(wrapped.b, disc->disc_key_block + slot * sizeof(wrapped.b), sizeof(wrapped.b));
    return wrapped;
}

/* Whether a player with that key finds the disc key in the slot. */
static bool opens(const struct disc *disc, unsigned slot, css_player_key player)
{
    css_wrapped_disc_key wrapped = slot_of(disc, slot);
    css_disc_key found = css_unwrap_disc_key(&player, &wrapped);

    return memcmp(found.b, disc->disc_key.b, CSS_KEY_BYTES) == 0;
}

static void keys_that_are_not_given_come_from_the_seed(void)
{
    struct random_source keys = random_seeded(77, "disc key");
    struct random_source slots = random_seeded(77, "player keys");
    css_player_key players[CSS_SLOTS], given = {{1, 2, 3, 4, 5}};
    struct disc *disc = load(CSS "seed = 77\n[player_keys]\n5 = 0102030405\n");
    uint8_t disc_key[CSS_KEY_BYTES];
    css_wrapped_disc_key check;

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    random_bytes(&keys, disc_key, sizeof(disc_key));
    random_bytes(&slots, players, sizeof(players));
    CHECK_SAME(disc->disc_key.b, disc_key, sizeof(disc_key));
    CU_ASSERT_TRUE(opens(disc, 1, players[0]));
    CU_ASSERT_TRUE(opens(disc, 4, players[3]));
    CU_ASSERT_TRUE(opens(disc, 5, given));
    CU_ASSERT_FALSE(opens(disc, 5, players[4]));
    CU_ASSERT_TRUE(opens(disc, 6, players[5]));
    CU_ASSERT_TRUE(opens(disc, 408, players[407]));
    check = slot_of(disc, 0);
    CU_ASSERT_TRUE(css_check_entry_accepts(&check, &disc->disc_key));
    CHECK_BYTES(disc->disc_key_block + 409 * CSS_KEY_BYTES, 0, 0, 0);
    disc_release(disc);
}

static void title_keys_are_wrapped_under_the_disc_key(void)
{
    struct disc *disc = load(CSS "disc_key = 0123456789\n[title_keys]\nt = a1b2c3d4e5\n");
    css_title_key clear;

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    clear = css_unwrap_title_key(&disc->disc_key, &disc->title_keys[0].wrapped);
    CHECK_BYTES(clear.b, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5);
    disc_release(disc);
}

static void without_css_there_is_no_disc_key(void)
{
    static const uint8_t zeros[CSS_DISC_BLOCK_BYTES];
    struct disc *disc = load(DISC "seed = 5\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CHECK_SAME(disc->disc_key_block, zeros, sizeof(zeros));
    disc_release(disc);
}

static void regions_become_the_bits_that_forbid(void)
{
    static const struct {
        const char *text;
        uint8_t rmi;
    } cases[] = {{"all", 0x00},  {"1", 0xfe},   {"8", 0x7f}, {"1,2,3,4,5,6,7,8", 0x00},
                 {"2, 5", 0xed}, {"3 ,3", 0xfb}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];
        struct disc *disc;

        snprintf(text, sizeof(text), CSS "regions = %s\n", cases[i].text);
        disc = load(text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
        CU_ASSERT_EQUAL(disc->rmi, cases[i].rmi);
        disc_release(disc);
    }
}

struct bad_text {
    const char *text, *error;
};

static void expect_errors(const struct bad_text *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct disc *disc = load(cases[i].text);

        CU_ASSERT_PTR_NULL(disc);
        if (strcmp(error, cases[i].error) != 0) {
            fprintf(stderr, "expected: %s\n     got: %s\n", cases[i].error, error);
        }
        CU_ASSERT_STRING_EQUAL(error, cases[i].error);
        disc_release(disc);
    }
}

#define EXPECT_ERRORS(cases) expect_errors(cases, sizeof(cases) / sizeof(cases[0]))

static void a_value_that_is_not_understood_is_refused_where_it_stands(void)
{
    static const struct bad_text cases[] = {
        {DISC "layers = 3\n", "f.disc:3: layers: '3': expected 1 or 2"},
        {DISC "track_path = OTP\n", "f.disc:3: track_path: 'OTP': expected ptp or otp"},
        {DISC "layer0_blocks = 16x\n",
         "f.disc:3: layer0_blocks: '16x': expected a number of blocks"},
        {DISC "layer0_blocks = 4294967296\n",
         "f.disc:3: layer0_blocks: '4294967296': expected a number of blocks"},
        {DISC "protection = aacs\n", "f.disc:3: protection: 'aacs': expected none, css or absent"},
        {CSS "regions = 0\n",
         "f.disc:4: regions: '0': expected all, or allowed regions such as 1,2"},
        {CSS "regions = 1,9\n",
         "f.disc:4: regions: '1,9': expected all, or allowed regions such as 1,2"},
        {CSS "regions = 1,\n",
         "f.disc:4: regions: '1,': expected all, or allowed regions such as 1,2"},
        {CSS "regions = 12\n",
         "f.disc:4: regions: '12': expected all, or allowed regions such as 1,2"},
        {DISC "seed = -1\n", "f.disc:3: seed: '-1': expected a number below 2^64"},
        {DISC "seed = 0x\n", "f.disc:3: seed: '0x': expected a number below 2^64"},
        {DISC "seed = 18446744073709551616\n",
         "f.disc:3: seed: '18446744073709551616': expected a number below 2^64"},
        {CSS "disc_key = 012345678\n",
         "f.disc:4: disc_key: '012345678': expected 10 hexadecimal digits"},
        {CSS "disc_key = 012345678g\n",
         "f.disc:4: disc_key: '012345678g': expected 10 hexadecimal digits"},
        {CSS "scrambled = 1\n", "f.disc:4: scrambled: '1': expected yes or no"},
        {DISC "bca = 0001020304050607080910\n",
         "f.disc:3: bca: '0001020304050607080910': expected 24 to 376 hexadecimal digits, an even "
         "number"},
        {DISC "bca = 000102030405060708091011f\n",
         "f.disc:3: bca: '000102030405060708091011f': expected 24 to 376 hexadecimal digits, an "
         "even number"},
        {CSS "[player_keys]\n0 = 0102030405\n", "f.disc:5: 0: a slot is a number from 1 to 408"},
        {CSS "[player_keys]\n409 = 0102030405\n",
         "f.disc:5: 409: a slot is a number from 1 to 408"},
        {CSS "[player_keys]\n1 = 01\n", "f.disc:5: 1: '01': expected 10 hexadecimal digits"},
        {CSS "[title_keys]\na = no\n", "f.disc:5: a: 'no': expected 10 hexadecimal digits"},
        {CSS "[title_keys]\na b = 0102030405\n",
         "f.disc:5: a b: the name of a title key has 1 to 32 letters, digits, '_', '.', '-'"},
        {CSS "[title_keys]\n- = 0102030405\n",
         "f.disc:5: -: the name of a title key has 1 to 32 letters, digits, '_', '.', '-'"},
        {DISC "[bad_blocks]\nx = 1\n", "f.disc:4: x: an LBA is expected before '='"},
        {DISC "[bad_blocks]\n1 = 0\n", "f.disc:4: 1: '0': expected a number of blocks, 1 or more"},
        {DISC "[extents]\n1 = 1 B0\n", "f.disc:4: 1: expected BLOCKS CPR_MAI KEYNAME|- [FILE]"},
        {DISC "[extents]\n1 = 1 0xB0 -\n",
         "f.disc:4: 1: '0xB0': expected CPR_MAI as two hexadecimal digits"},
        {DISC "[extents]\n1 = 0 B0 -\n",
         "f.disc:4: 1: '0': expected a number of blocks, 1 or more"},
        {DISC "[extents]\nx = 1 B0 -\n", "f.disc:4: x: an LBA is expected before '='"},
    };

    EXPECT_ERRORS(cases);
}

static void what_the_format_does_not_know_is_refused(void)
{
    static const struct bad_text cases[] = {
        {"image = x.iso\n", "f.disc:1: image: stands before the first section"},
        {DISC "colour = blue\n", "f.disc:3: colour: no such key in [disc]"},
        {DISC "Image = x.iso\n", "f.disc:3: Image: no such key in [disc]"},
        {DISC "[disk]\nlayers = 1\n", "f.disc:4: layers: no such section: [disk]"},
        {"[disc]\nlayers = 1\n", "f.disc: no image in [disc]"},
        {"", "f.disc: no image in [disc]"},
    };

    EXPECT_ERRORS(cases);
}

static void a_cd_has_nothing_of_a_dvd(void)
{
    static const struct bad_text cases[] = {
        {DISC "medium = bd\n", "f.disc:3: medium: 'bd': expected dvd or cd"},
        {CSS "medium = cd\n", "f.disc:3: protection: needs medium = dvd"},
        {DISC "medium = cd\nprotection = none\n", "f.disc:4: protection: needs medium = dvd"},
        {DISC "medium = cd\nlayers = 2\n", "f.disc:4: layers: needs medium = dvd"},
        {DISC "medium = cd\nbca = 000102030405060708090a0b\n", "f.disc:4: bca: needs medium = dvd"},
        {DISC "medium = cd\n[extents]\n1 = 1 B0 -\n", "f.disc:5: 1: an extent needs medium = dvd"},
    };

    EXPECT_ERRORS(cases);
}

static void what_is_given_twice_names_both_lines(void)
{
    static const struct bad_text cases[] = {
        {DISC "image = y.iso\n", "f.disc:3: image: given before, in line 2"},
        {DISC "seed = 1\n[disc]\nseed = 1\n", "f.disc:5: seed: given before, in line 3"},
        {CSS "[player_keys]\n9 = 0102030405\n0x9 = 0102030405\n",
         "f.disc:6: 0x9: given before, in line 5"},
        {CSS "[title_keys]\na = 0102030405\nb = 0102030405\na = 0102030405\n",
         "f.disc:7: a: given before, in line 5"},
        {DISC "[extents]\n9 = 2 B0 -\n9 = 1 80 -\n",
         "f.disc:5: 9: overlaps what starts at 9 in line 4"},
        {DISC "[extents]\n10 = 5 B0 -\n1 = 10 80 -\n",
         "f.disc:4: 10: overlaps what starts at 1 in line 5"},
        {DISC "[bad_blocks]\n8 = 2\n9 = 1\n", "f.disc:5: 9: overlaps what starts at 8 in line 4"},
    };

    EXPECT_ERRORS(cases);
}

static void what_does_not_fit_the_image_is_refused(void)
{
    static const struct bad_text cases[] = {
        {DISC "[extents]\n255 = 2 B0 -\n",
         "f.disc:4: 255: ends past the image, which has 256 blocks"},
        {DISC "[extents]\n4294967295 = 4294967295 B0 -\n",
         "f.disc:4: 4294967295: ends past the image, which has 256 blocks"},
        {DISC "[bad_blocks]\n256 = 1\n",
         "f.disc:4: 256: ends past the image, which has 256 blocks"},
    };

    EXPECT_ERRORS(cases);
}

static void what_needs_css_is_refused_without(void)
{
    static const struct bad_text cases[] = {
        {DISC "regions = 1\n", "f.disc:3: regions: needs protection = css"},
        {DISC "disc_key = 0102030405\n", "f.disc:3: disc_key: needs protection = css"},
        {DISC "scrambled = yes\nprotection = none\n",
         "f.disc:3: scrambled: needs protection = css"},
        {DISC "[player_keys]\n3 = 0102030405\n", "f.disc:4: player_keys: needs protection = css"},
        {DISC "[title_keys]\na = 0102030405\n", "f.disc:4: a: a title key needs protection = css"},
        {DISC "[extents]\n0 = 1 B0 a\n", "f.disc:4: a: a title key needs protection = css"},
        {DISC "[extents]\n0 = 1 B0 -\n1 = 1 F0 -\n",
         "f.disc:5: 1: a scrambled extent needs protection = css"},
    };

    EXPECT_ERRORS(cases);
}

static void a_scrambled_extent_needs_a_key_that_exists(void)
{
    static const struct bad_text cases[] = {
        {CSS "[extents]\n0 = 1 B0 -\n1 = 1 C0 -\n",
         "f.disc:6: 1: a scrambled extent needs a title key"},
        {CSS "[title_keys]\na = 0102030405\n[extents]\n0 = 1 B0 a\n1 = 1 F0 b\n2 = 1 F0 b\n",
         "f.disc:8: b: no such title key in [title_keys]"},
    };

    EXPECT_ERRORS(cases);
}

/* mmc-spec 5.1: L1 <= L0, L0 a multiple of 16. */
static void layers_keep_the_rules_of_a_disc(void)
{
    static const struct bad_text cases[] = {
        {DISC "layer0_blocks = 128\n", "f.disc:3: layer0_blocks: needs layers = 2"},
        {DISC "track_path = otp\n", "f.disc:3: track_path: otp needs layers = 2"},
        {DISC "layers = 2\nlayer0_blocks = 136\n", "f.disc:4: layer0_blocks: not a multiple of 16"},
        {DISC "layers = 2\nlayer0_blocks = 112\n",
         "f.disc:4: layer0_blocks: layer 1 would be larger than layer 0"},
        {DISC "layers = 2\nlayer0_blocks = 0\n",
         "f.disc:4: layer0_blocks: layer 1 would be larger than layer 0"},
        {DISC "layers = 2\nlayer0_blocks = 256\n",
         "f.disc:4: layer0_blocks: leaves nothing of the image for layer 1"},
    };
    struct disc *disc;

    EXPECT_ERRORS(cases);
    disc = load(DISC "layers = 2\nlayer0_blocks = 240\n");
    CU_ASSERT_PTR_NOT_NULL(disc);
    disc_release(disc);
}

static void layer_0_is_half_of_the_disc_unless_given(void)
{
    struct disc *disc = load_sized(DISC "layers = 2\n", 259 * DISC_BLOCK_BYTES);

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc->layer0_blocks, 144); /* 130 up to a multiple of 16 */
    CU_ASSERT_EQUAL(disc->track_path, DISC_PTP);
    disc_release(disc);
    CU_ASSERT_PTR_NULL(load_sized(DISC "layers = 2\n", 16 * DISC_BLOCK_BYTES));
    CU_ASSERT_STRING_EQUAL(error, "f.disc:3: layers: the image is too small for two layers");
}

static void an_image_of_the_wrong_size_is_refused(void)
{
    CU_ASSERT_PTR_NULL(load_sized(DISC, DISC_BLOCK_BYTES - 1));
    CU_ASSERT_STRING_EQUAL(error, "f.disc:2: image: the image is smaller than a block");
    CU_ASSERT_PTR_NULL(load_sized(DISC, (DISC_BLOCKS_MAX + UINT64_C(1)) * DISC_BLOCK_BYTES));
    CU_ASSERT_STRING_EQUAL(error, "f.disc:2: image: the image is larger than a disc");
    CU_ASSERT_PTR_NULL(
        load_sized(DISC "medium = cd\n", (DISC_CD_BLOCKS_MAX + UINT64_C(1)) * DISC_BLOCK_BYTES));
    CU_ASSERT_STRING_EQUAL(error, "f.disc:2: image: the image is larger than a CD");
}

static void the_medium_is_closed_whatever_is_wrong(void)
{
    static const char *const texts[] = {"nonsense", "[disc]\nlayers = 1\n", DISC "layers = 3\n",
                                        DISC "[bad_blocks]\n999 = 1\n"};
    unsigned closed = 0;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct medium_memory *memory = medium_memory_blocks(4);

        memory->closed = &closed;
        CU_ASSERT_PTR_NULL(
            disc_load_text("f.disc", texts[i], strlen(texts[i]), &memory->medium, error));
        CU_ASSERT_EQUAL(closed, i + 1);
    }
}

/* Every text that begins as a good one does is refused or loaded, with no leak and no crash. */
static void a_text_cut_anywhere_is_refused_or_loaded(void)
{
    static const char text[] = CSS "regions = 1\n[title_keys]\nkey = 0102030405\n[extents]\n"
                                   "1 = 2 F0 key FILE\n9 = 2 B0 - -\n[bad_blocks]\n3 = 4\n";
    unsigned loaded = 0;

    for (size_t bytes = 0; bytes < sizeof(text); bytes++) {
        struct medium_memory *memory = medium_memory_blocks(16);
        struct disc *disc;

        error[0] = '\0';
        disc = disc_load_text("f.disc", text, bytes, &memory->medium, error);
        CU_ASSERT_EQUAL(disc == NULL, error[0] != '\0');
        loaded += disc != NULL;
        disc_release(disc);
    }
    CU_ASSERT_TRUE(loaded > 0 && loaded < sizeof(text));
}

static void a_path_that_is_no_description_is_a_plain_disc(void)
{
    struct temp_folder folder;
    struct disc *disc;
    char expected[2 * TEMP_PATH_BYTES];

    temp_open(&folder);
    disc = disc_load(temp_write(&folder, "a.iso", NULL, 5 * DISC_BLOCK_BYTES + 1), error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc->blocks, 5);
    CU_ASSERT_STRING_EQUAL(disc->image_path, folder.file);
    CU_ASSERT_PTR_NULL(disc->description_path);
    disc_release(disc);
    CU_ASSERT_PTR_NULL(disc_load(temp_write(&folder, "b.iso", NULL, 100), error));
    snprintf(expected, sizeof(expected), "%s: the image is smaller than a block", folder.file);
    CU_ASSERT_STRING_EQUAL(error, expected);
    CU_ASSERT_PTR_NULL(disc_load(temp_file(&folder, "none"), error));
    snprintf(expected, sizeof(expected), "%s: No such file or directory", folder.file);
    CU_ASSERT_STRING_EQUAL(error, expected);
    temp_close(&folder);
}

static void an_image_is_looked_for_beside_its_description(void)
{
    struct temp_folder folder;
    struct disc *disc;
    char image[TEMP_PATH_BYTES], expected[3 * TEMP_PATH_BYTES];

    temp_open(&folder);
    temp_write(&folder, "x.iso", NULL, 7 * DISC_BLOCK_BYTES);
    memcpy(image, folder.file, sizeof(image));
    disc = disc_load(temp_write(&folder, "d.disc", DISC, strlen(DISC)), error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc->blocks, 7);
    CU_ASSERT_STRING_EQUAL(disc->image_path, image);
    CU_ASSERT_STRING_EQUAL(disc->description_path, folder.file);
    disc_release(disc);
    CU_ASSERT_EQUAL(unlink(image), 0);
    CU_ASSERT_PTR_NULL(disc_load(folder.file, error));
    snprintf(expected, sizeof(expected), "%s:2: image: %s: No such file or directory", folder.file,
             image);
    CU_ASSERT_STRING_EQUAL(error, expected);
    temp_close(&folder);
}

/* Load a copy of a sample beside an image of 256 blocks, as its text asks for. */
static bool sample_loads(struct temp_folder *folder, const char *name)
{
    char path[300], text[4096];
    struct disc *disc;
    size_t bytes;
    FILE *file;

    snprintf(path, sizeof(path), "configs/discs/%s", name);
    file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    bytes = fread(text, 1, sizeof(text), file);
    fclose(file);
    temp_write(folder, "demo.iso", NULL, BLOCKS * DISC_BLOCK_BYTES);
    disc = disc_load(temp_write(folder, "copy.disc", text, bytes), error);
    if (!disc) {
        fprintf(stderr, "%s: %s\n", path, error);
    }
    disc_release(disc);
    return disc != NULL;
}

/* Run from the top folder of the project. */
static void every_sample_loads(void)
{
    struct temp_folder folder;
    DIR *listing = opendir("configs/discs");
    const struct dirent *entry;
    unsigned samples = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(listing);
    temp_open(&folder);
    while ((entry = readdir(listing))) {
        if (entry->d_name[0] != '.') {
            CU_ASSERT_TRUE(sample_loads(&folder, entry->d_name));
            samples++;
        }
    }
    closedir(listing);
    temp_close(&folder);
    CU_ASSERT_TRUE(samples >= 4);
}

UNIT_SUITE(disc_file, T(a_description_of_the_image_alone_is_a_plain_disc),
           T(every_value_arrives_in_the_disc), T(extents_are_sorted_and_name_their_key_and_file),
           T(keys_that_are_not_given_come_from_the_seed),
           T(title_keys_are_wrapped_under_the_disc_key), T(without_css_there_is_no_disc_key),
           T(regions_become_the_bits_that_forbid),
           T(a_value_that_is_not_understood_is_refused_where_it_stands),
           T(what_the_format_does_not_know_is_refused), T(a_cd_has_nothing_of_a_dvd),
           T(what_is_given_twice_names_both_lines), T(what_does_not_fit_the_image_is_refused),
           T(what_needs_css_is_refused_without), T(a_scrambled_extent_needs_a_key_that_exists),
           T(layers_keep_the_rules_of_a_disc), T(layer_0_is_half_of_the_disc_unless_given),
           T(an_image_of_the_wrong_size_is_refused), T(the_medium_is_closed_whatever_is_wrong),
           T(a_text_cut_anywhere_is_refused_or_loaded),
           T(a_path_that_is_no_description_is_a_plain_disc),
           T(an_image_is_looked_for_beside_its_description), T(every_sample_loads));
