/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/disc_file.h"
#include "emulator/disc_write.h"
#include "tests/support/medium_memory.h"

#include <stdio.h>
#include <stdlib.h>

#define BLOCKS 64

static struct disc *load(const char *text)
{
    char error[INI_ERROR_BYTES] = "";
    struct disc *disc =
        disc_load_text("f.disc", text, strlen(text), &medium_memory_blocks(BLOCKS)->medium, error);

    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    return disc;
}

/* The text for a disc, to be freed; NULL when refused, and then nothing was written. */
static char *write_text(const struct disc *disc, const char *image)
{
    char error[DISC_WRITE_ERROR_BYTES] = "";
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    bool ok;

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    ok = disc_write(out, disc, image, error);
    fclose(out);
    if (!ok) {
        CU_ASSERT_EQUAL(bytes, 0);
        CU_ASSERT_NOT_EQUAL(strlen(error), 0);
        free(text);
        return NULL;
    }
    return text;
}

static const char full_text[] = "[disc]\n"
                                "image = my disc.iso\n"
                                "layers = 2\n"
                                "track_path = otp\n"
                                "layer0_blocks = 48\n"
                                "seed = 12345678901234567890\n"
                                "protection = css\n"
                                "regions = 2,4\n"
                                "disc_key = 0123456789\n"
                                "scrambled = yes\n"
                                "bca = 00112233445566778899aabb\n"
                                "\n"
                                "[player_keys]\n"
                                "7 = 0102030405\n"
                                "408 = ffeeddccbb\n"
                                "\n"
                                "[title_keys]\n"
                                "menu = 1122334455\n"
                                "film = 66778899aa\n"
                                "\n"
                                "[bad_blocks]\n"
                                "3 = 1\n"
                                "60 = 4\n"
                                "\n"
                                "[extents]\n"
                                "8 = 8 F0 film VIDEO_TS/A B.VOB\n"
                                "16 = 1 80 - -\n"
                                "17 = 2 B0 menu -\n"
                                "40 = 24 C0 menu X\n";

static void a_text_in_the_writers_form_comes_back_as_it_was(void)
{
    struct disc *disc = load(full_text);
    char *text = write_text(disc, "my disc.iso");

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, full_text);
    free(text);
    disc_release(disc);
}

static void a_plain_disc_is_written_without_keys(void)
{
    struct disc *disc = load("[disc]\nimage = a\n");
    char *text = write_text(disc, "b.iso");

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, "[disc]\nimage = b.iso\nseed = 0\n");
    free(text);
    disc_release(disc);
}

/* The disc key is drawn at first and given the second time; 407 players are drawn both times. */
static void what_was_drawn_from_the_seed_is_the_same_again(void)
{
    struct disc *first = load("[disc]\nimage = a\nprotection = css\nseed = 5\n"
                              "[player_keys]\n1 = 0102030405\n"
                              "[title_keys]\nt = 0102030405\n[extents]\n4 = 60 F0 t\n");
    char *text = write_text(first, "a");
    struct disc *second = load(text);

    CHECK_SAME(first->disc_key_block, second->disc_key_block, CSS_DISC_BLOCK_BYTES);
    CHECK_SAME(first->title_keys[0].wrapped.b, second->title_keys[0].wrapped.b, CSS_KEY_BYTES);
    CU_ASSERT_EQUAL(second->rmi, 0);
    CU_ASSERT_EQUAL(second->player_slot_count, 1);
    free(text);
    disc_release(first);
    disc_release(second);
}

static void every_region_byte_but_ff_comes_back(void)
{
    struct disc *disc = load("[disc]\nimage = a\nprotection = css\n");

    for (unsigned rmi = 0; rmi < 0xff; rmi++) {
        struct disc *again;
        char *text;

        disc->rmi = (uint8_t)rmi;
        text = write_text(disc, "a");
        again = load(text);
        CU_ASSERT_EQUAL(again->rmi, rmi);
        disc_release(again);
        free(text);
    }
    disc->rmi = 0xff;
    CU_ASSERT_PTR_NULL(write_text(disc, "a"));
    disc_release(disc);
}

static void names_that_would_not_come_back_are_refused(void)
{
    static const char *const images[] = {"", " a", "a ", "a\nlayers = 2", "a\rb", "\ta", "a\177"};
    struct disc *disc = load("[disc]\nimage = a\n[extents]\n0 = 1 B0 - F\n");
    char *too_long = calloc(1, INI_LINE_BYTES_MAX + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(too_long);
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        CU_ASSERT_PTR_NULL(write_text(disc, images[i]));
    }
    memset(too_long, 'x', INI_LINE_BYTES_MAX);
    CU_ASSERT_PTR_NULL(write_text(disc, too_long));
    free(too_long);
    disc->files[0][0] = '-';
    CU_ASSERT_PTR_NULL(write_text(disc, "a"));
    disc->files[0][0] = ' ';
    CU_ASSERT_PTR_NULL(write_text(disc, "a"));
    disc_release(disc);
}

static void a_title_key_needs_a_name_of_the_format(void)
{
    struct disc *disc = load("[disc]\nimage = a\nprotection = css\n[title_keys]\nt = 0102030405\n");

    disc->title_keys[0].name[0] = '=';
    CU_ASSERT_PTR_NULL(write_text(disc, "a"));
    disc->title_keys[0].name[0] = 'x';
    free(write_text(disc, "a"));
    disc_release(disc);
}

static void other_media_come_back_as_they_were(void)
{
    static const char *const texts[] = {
        "[disc]\nimage = x.iso\nmedium = cd\nseed = 0\n",
        "[disc]\nimage = x.iso\nseed = 0\nprotection = absent\n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct disc *disc = load(texts[i]);
        char *text = write_text(disc, "x.iso");

        CU_ASSERT_STRING_EQUAL_FATAL(text, texts[i]);
        free(text);
        disc_release(disc);
    }
}

static void a_full_device_is_an_error(void)
{
    struct disc *disc = load(full_text);
    char error[DISC_WRITE_ERROR_BYTES] = "";
    FILE *out = fopen("/dev/full", "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    setvbuf(out, NULL, _IONBF, 0);
    CU_ASSERT_FALSE(disc_write(out, disc, "a", error));
    CU_ASSERT_STRING_EQUAL(error, "writing the description failed");
    fclose(out);
    disc_release(disc);
}

UNIT_SUITE(disc_write, T(a_text_in_the_writers_form_comes_back_as_it_was),
           T(a_plain_disc_is_written_without_keys),
           T(what_was_drawn_from_the_seed_is_the_same_again),
           T(every_region_byte_but_ff_comes_back), T(names_that_would_not_come_back_are_refused),
           T(a_title_key_needs_a_name_of_the_format), T(other_media_come_back_as_they_were),
           T(a_full_device_is_an_error));
