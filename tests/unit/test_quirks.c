/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/quirks.h"

#include "emulator/ini_file.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char why[INI_ERROR_BYTES];

/* Values of a row to be tried: names of a choice, examples of the other types. */
static const char *const *examples(const struct quirk_row *row)
{
    static const char *const counts[] = {"1", "3", "4", NULL};
    static const char *const times[] = {"0", "255", "256", "60000", NULL};
    static const char *const variants[] = {"random", "fixed:0", "fixed:31", NULL};
    static const char *const seeds[] = {"none", "0", "18446744073709551615", NULL};
    static const char *const regions[] = {"factory", "64FE", "6400", "E07F", "1DFF", NULL};

    switch (row->type) {
    case QUIRK_NUMBER:
        return strcmp(row->name, "agid_count") == 0 ? counts : times;
    case QUIRK_VARIANT:
        return variants;
    case QUIRK_SEED:
        return seeds;
    case QUIRK_REGION:
        return regions;
    default:
        return row->values;
    }
}

static void every_row_says_all_of_itself(void)
{
    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        CU_ASSERT_PTR_NOT_NULL(row->values[0]);
        CU_ASSERT(strlen(row->help) > 0 && strlen(row->changes) > 0 && strlen(row->source) > 0);
        CU_ASSERT(row->type == QUIRK_NUMBER || (row->min == 0 && row->max == 0));
        CU_ASSERT_PTR_EQUAL(quirk_find(row->name), row);
    }
    CU_ASSERT_PTR_NULL(quirk_find("agid"));
}

static void every_value_is_taken_and_told_again(void)
{
    struct quirks quirks;
    char value[QUIRK_TEXT_BYTES];

    quirks_init(&quirks);
    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        quirk_value(&quirks, row, value);
        CU_ASSERT_STRING_EQUAL(value, row->initial);
        for (const char *const *v = examples(row); *v; v++) {
            CU_ASSERT_TRUE(quirk_set(&quirks, row, *v, why));
            quirk_value(&quirks, row, value);
            CU_ASSERT_STRING_EQUAL(value, *v);
        }
        CU_ASSERT_TRUE(quirk_set(&quirks, row, row->initial, why));
    }
}

/* Whatever one row sets, all others say what they said. */
static void no_row_touches_another(void)
{
    char value[QUIRK_TEXT_BYTES];

    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        struct quirks quirks;

        quirks_init(&quirks);
        for (const char *const *v = examples(row); *v; v++) {
            CU_ASSERT_TRUE(quirk_set(&quirks, row, *v, why));
            for (const struct quirk_row *other = quirk_rows; other->name; other++) {
                quirk_value(&quirks, other, value);
                CU_ASSERT(other == row || strcmp(value, other->initial) == 0);
            }
        }
    }
}

static void bad_values_are_refused_and_change_nothing(void)
{
    static const char *const bad[][2] = {
        {"agid_count", "0"},     {"agid_count", "5"},        {"agid_count", ""},
        {"agid_count", "0x2"},   {"agid_order", "first"},    {"agid_order", ""},
        {"variant", "fixed:32"}, {"variant", "fixed:"},      {"variant", "5"},
        {"variant", "fixed:-1"}, {"rng_seed", "-1"},         {"rng_seed", "18446744073709551616"},
        {"rng_seed", "x"},       {"rpc_initial", "64F"},     {"rpc_initial", "25FE"},
        {"rpc_initial", "A4FE"}, {"rpc_initial", "2DFF"},    {"rpc_initial", "064FE"},
        {"ready_ms", "60001"},   {"ready_ms", "4294967296"}, {"title_requires_asf", "1"},
    };
    struct quirks quirks;
    char value[QUIRK_TEXT_BYTES];

    quirks_init(&quirks);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct quirk_row *row = quirk_find(bad[i][0]);

        CU_ASSERT_FALSE(quirk_set(&quirks, row, bad[i][1], why));
        CU_ASSERT_PTR_NOT_NULL(strstr(why, bad[i][1]));
        quirk_value(&quirks, row, value);
        CU_ASSERT_STRING_EQUAL(value, row->initial);
    }
    CU_ASSERT_FALSE(quirk_set(&quirks, quirk_find("asf_set"), "never", why));
    CU_ASSERT_STRING_EQUAL(why, "'never' is none of key_transfer, key2, disc_key");
}

/* Two drives of equal quirks are equal bytes, whatever was there; an error of before is none of
 * now. */
static void what_was_before_does_not_matter(void)
{
    struct quirks one, two;

    memset(&one, 0xa5, sizeof(one));
    memset(&two, 0x5a, sizeof(two));
    errno = ERANGE;
    quirks_init(&one);
    quirks_init(&two);
    CU_ASSERT_EQUAL(memcmp(&one, &two, sizeof(one)), 0);
    errno = ERANGE;
    CU_ASSERT_TRUE(quirk_set(&one, quirk_find("agid_count"), "2", why));
    CU_ASSERT_EQUAL(one.agid_count, 2);
}

/* No reply shows these two: what owns the drive reads them. */
static void the_owner_finds_what_its_quirks_say(void)
{
    struct quirks quirks;

    quirks_init(&quirks);
    CU_ASSERT_EQUAL(quirks.rpc_storage, RPC_IN_FILE);
    CU_ASSERT_EQUAL(quirks.speed, SPEED_INSTANT);
    CU_ASSERT_TRUE_FATAL(quirk_find("rpc_storage") && quirk_find("speed"));
    CU_ASSERT_TRUE(quirk_set(&quirks, quirk_find("rpc_storage"), "memory", why));
    CU_ASSERT_TRUE(quirk_set(&quirks, quirk_find("speed"), "real", why));
    CU_ASSERT_EQUAL(quirks.rpc_storage, RPC_IN_MEMORY);
    CU_ASSERT_EQUAL(quirks.speed, SPEED_REAL);
}

UNIT_SUITE(quirks, T(every_row_says_all_of_itself), T(every_value_is_taken_and_told_again),
           T(no_row_touches_another), T(what_was_before_does_not_matter),
           T(the_owner_finds_what_its_quirks_say), T(bad_values_are_refused_and_change_nothing));
