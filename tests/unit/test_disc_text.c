/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/disc_text.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_COUNT_MAX 32768

static char why[INI_ERROR_BYTES];

static void no_more_title_keys_than_an_index_counts(void)
{
    const struct ini_line line = {
        .section = "title_keys", .key = "last", .value = "0102030405", .number = 1};
    struct disc disc = {.title_keys = calloc(INDEX_COUNT_MAX, sizeof(*disc.title_keys)),
                        .title_key_count = INDEX_COUNT_MAX};
    struct disc_text text = {.disc = &disc};
    char name[] = "x";

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc.title_keys);
    for (size_t i = 0; i < INDEX_COUNT_MAX; i++) {
        disc.title_keys[i].name = name;
    }
    CU_ASSERT_FALSE(disc_text_line(&text, &line, why));
    CU_ASSERT_STRING_EQUAL(why, "more than 32768 title keys");
    free(disc.title_keys);
}

static void no_more_files_than_an_index_counts(void)
{
    const struct ini_line line = {
        .section = "extents", .key = "5", .value = "1 B0 - LAST.VOB", .number = 1};
    struct disc disc = {.files = calloc(INDEX_COUNT_MAX, sizeof(*disc.files)),
                        .file_count = INDEX_COUNT_MAX};
    struct disc_text text = {.disc = &disc};
    char name[] = "x";

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc.files);
    for (size_t i = 0; i < INDEX_COUNT_MAX; i++) {
        disc.files[i] = name;
    }
    CU_ASSERT_FALSE(disc_text_line(&text, &line, why));
    CU_ASSERT_STRING_EQUAL(why, "more than 32768 files");
    free(disc.files);
}

static void an_extent_names_its_key_by_the_same_rules(void)
{
    const struct ini_line line = {
        .section = "extents", .key = "5", .value = "1 F0 a/b", .number = 1};
    struct disc disc = {.title_key_count = 0};
    struct disc_text text = {.disc = &disc};

    CU_ASSERT_FALSE(disc_text_line(&text, &line, why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "the name of a title key has 1 to "));
}

UNIT_SUITE(disc_text, T(no_more_title_keys_than_an_index_counts),
           T(no_more_files_than_an_index_counts), T(an_extent_names_its_key_by_the_same_rules));
