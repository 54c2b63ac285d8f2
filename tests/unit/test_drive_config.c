/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/drive_config.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define SAMPLE "configs/drives/default.conf"

static char error[INI_ERROR_BYTES];

static const struct config_key *key_of(const char *name)
{
    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        if (strcmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

static bool value_is(const struct drive_config *config, const char *key, const char *expected)
{
    char value[DRIVE_CONFIG_VALUE_BYTES];

    drive_config_value(config, key_of(key), value);
    return strcmp(value, expected) == 0;
}

static void initial_values_are_the_default_personality(void)
{
    struct personality personality;
    struct drive_config config;

    personality_init(&personality);
    drive_config_init(&config);
    CU_ASSERT_EQUAL(memcmp(&config.personality, &personality, sizeof(personality)), 0);
    CU_ASSERT_STRING_EQUAL(config.personality.serial, "");
    CU_ASSERT_FALSE(config.personality.strict_cdb);
    CU_ASSERT_STRING_EQUAL(config.disc, "");
    CU_ASSERT_STRING_EQUAL(config.state, "");
    CU_ASSERT_FALSE(config.disc_given || config.state_given || config.seeded);
    CU_ASSERT_EQUAL(config.verbosity, LOG_INFO);
}

static void every_key_is_read_and_told(void)
{
    static const char *const pairs[][2] = {
        {"vendor", "EXAMPLE"},
        {"product", "DVD TEST"},
        {"revision", "1.0a"},
        {"firmware_date", "20200229235959"},
        {"serial", "A-1_b.2"},
        {"inquiry_header", "05 80 00 32 5B 00 00 00"},
        {"inquiry_tail", "20 31 36"},
        {"features", "00 03 07 04 39 00 00 00 01 07 14 04 3F 00 00 00"},
        {"features_absent", "01 0C 00 1D"},
        {"page_2a", "2A 14 3F 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        {"event_classes", "16"},
        {"strict_cdb", "yes"},
        {"disc", "/a/b.disc"},
        {"state", "/var/x"},
        {"seed", "18446744073709551615"},
        {"clock", "virtual"},
        {"log", "commands"},
    };
    struct drive_config config;
    size_t keys = 0;

    drive_config_init(&config);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        CU_ASSERT_TRUE(drive_config_set(&config, pairs[i][0], pairs[i][1], error));
        CU_ASSERT_TRUE(value_is(&config, pairs[i][0], pairs[i][1]));
    }
    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        keys++;
    }
    CU_ASSERT_EQUAL(keys, sizeof(pairs) / sizeof(pairs[0]));
    CU_ASSERT_EQUAL(config.seed, UINT64_MAX);
    CU_ASSERT_TRUE(config.seeded && config.disc_given && config.state_given);
}

static void words_for_nothing_are_understood(void)
{
    struct drive_config config;

    drive_config_init(&config);
    CU_ASSERT_TRUE(drive_config_set(&config, "disc", "/x", error));
    CU_ASSERT_TRUE(drive_config_set(&config, "disc", "none", error));
    CU_ASSERT_STRING_EQUAL(config.disc, "");
    CU_ASSERT_TRUE(config.disc_given);
    CU_ASSERT_TRUE(drive_config_set(&config, "seed", "7", error));
    CU_ASSERT_TRUE(drive_config_set(&config, "seed", "random", error));
    CU_ASSERT_FALSE(config.seeded);
    CU_ASSERT_TRUE(drive_config_set(&config, "serial", "auto", error));
    CU_ASSERT_STRING_EQUAL(config.personality.serial, "");
    CU_ASSERT_TRUE(value_is(&config, "serial", "auto"));
    CU_ASSERT_TRUE(value_is(&config, "disc", "none"));
    CU_ASSERT_TRUE(value_is(&config, "seed", "random"));
}

static void bad_values_change_nothing(void)
{
    static const char *const bad[][2] = {
        {"vendor", ""},
        {"vendor", "123456789"},
        {"product", "12345678901234567"},
        {"revision", "12345"},
        {"vendor", "a\tb"},
        {"vendor", "\xc3\xa4"},
        {"firmware_date", "2020"},
        {"firmware_date", "2020010100000x"},
        {"serial", "a/b"},
        {"serial", ".x"},
        {"serial", "1234567890123"},
        {"strict_cdb", "maybe"},
        {"disc", ""},
        {"seed", "-1"},
        {"seed", "1x"},
        {"seed", "18446744073709551616"},
        {"clock", "broken"},
        {"log", "loud"},
        {"colour", "red"},
        {"inquiry_header", "05 80 00 32 5B 00 00"},    /* seven bytes */
        {"inquiry_header", "00 80 00 32 5B 00 00 00"}, /* a disk */
        {"inquiry_header", "05 80 00 32 5B 10 00 00"}, /* TPGS */
        {"inquiry_header", "05 80 00 32 1F 00 00 00"}, /* another length than is sent */
        {"inquiry_header", "0580 0032 5B00 000"},      /* half a byte */
        {"features", "00 03 07 04 39 00 00"},          /* cut */
        {"features", "00 03 07 03 39 00 00"},          /* no multiple of 4 */
        {"features", "01 07 00 00 00 03 00 00"},       /* descending */
        {"features", "00 03 00 00 00 03 00 00"},       /* twice */
        {"features_absent", "00 1D 00"},
        {"page_2a", "2A 01 08"},
        {"page_2a", "2A 14 37 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        {"page_2a", "2A 15 3F 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        {"event_classes", "none"},
        {"event_classes", "02"},
        {"event_classes", "90"},
        {"event_classes", "10 10"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct drive_config config, before;

        drive_config_init(&config);
        before = config;
        error[0] = 0;
        CU_ASSERT_FALSE(drive_config_set(&config, bad[i][0], bad[i][1], error));
        CU_ASSERT_TRUE(error[0] != 0);
        CU_ASSERT_EQUAL(memcmp(&config, &before, sizeof(config)), 0);
    }
}

/* Read a text as a file; `error` without its folder in front. */
static bool read_text(struct drive_config_list *list, const char *text)
{
    struct temp_folder folder;
    size_t prefix;
    bool ok;

    temp_open(&folder);
    ok = drive_config_read(list, temp_write(&folder, "d.conf", text, strlen(text)), error);
    prefix = strlen(folder.path);
    if (!ok && strncmp(error, folder.path, prefix) == 0) {
        memmove(error, error + prefix + 1, strlen(error + prefix + 1) + 1);
    }
    temp_close(&folder);
    return ok;
}

static void keys_alone_are_one_drive(void)
{
    struct drive_config_list list;

    CU_ASSERT_TRUE_FATAL(read_text(&list, "vendor = EXAMPLE\n"));
    CU_ASSERT_EQUAL(list.count, 1);
    CU_ASSERT_FALSE(list.named);
    CU_ASSERT_STRING_EQUAL(list.rows[0].name, "");
    CU_ASSERT_STRING_EQUAL(list.rows[0].personality.vendor, "EXAMPLE");
    drive_config_list_free(&list);
}

static void each_section_is_a_drive(void)
{
    struct drive_config_list list;

    CU_ASSERT_TRUE_FATAL(read_text(&list, "vendor = ALL\nseed = 3\n[one]\nserial = A\n[two]\n"
                                          "serial = B\nvendor = OWN\n"));
    CU_ASSERT_EQUAL_FATAL(list.count, 2);
    CU_ASSERT_TRUE(list.named);
    CU_ASSERT_STRING_EQUAL(list.rows[0].name, "one");
    CU_ASSERT_STRING_EQUAL(list.rows[0].personality.vendor, "ALL");
    CU_ASSERT_STRING_EQUAL(list.rows[0].personality.serial, "A");
    CU_ASSERT_STRING_EQUAL(list.rows[1].name, "two");
    CU_ASSERT_STRING_EQUAL(list.rows[1].personality.vendor, "OWN");
    CU_ASSERT_EQUAL(list.rows[1].seed, 3);
    drive_config_list_free(&list);
}

static void errors_name_file_line_and_key(void)
{
    struct drive_config_list list;

    CU_ASSERT_FALSE(read_text(&list, "# x\nvendor = 123456789\n"));
    CU_ASSERT_STRING_EQUAL(error, "d.conf:2: vendor: '123456789' is 9 characters long, allowed are "
                                  "1 to 8");
    CU_ASSERT_PTR_NULL(list.rows);
    CU_ASSERT_FALSE(read_text(&list, "colour = 16\n"));
    CU_ASSERT_STRING_EQUAL(error, "d.conf:1: colour: no such key");
    CU_ASSERT_FALSE(read_text(&list, "[a]\nseed = 1\n[b]\nseed = 1\n[a]\nseed = 2\n"));
    CU_ASSERT_STRING_EQUAL(error, "d.conf:6: seed: section [a] comes twice");
    CU_ASSERT_EQUAL(list.count, 0);
}

static void paths_are_relative_to_the_file(void)
{
    struct temp_folder folder;
    char text[] = "disc = a.iso\nstate = /kept\n", expected[TEMP_PATH_BYTES + 16];
    struct drive_config_list list;

    temp_open(&folder);
    CU_ASSERT_TRUE_FATAL(
        drive_config_read(&list, temp_write(&folder, "d.conf", text, strlen(text)), error));
    snprintf(expected, sizeof(expected), "%s/a.iso", folder.path);
    CU_ASSERT_STRING_EQUAL(list.rows[0].disc, expected);
    CU_ASSERT_STRING_EQUAL(list.rows[0].state, "/kept");
    drive_config_list_free(&list);
    temp_close(&folder);
}

static void sample_file_shows_every_key_with_its_initial_value(void)
{
    struct drive_config initial;
    struct drive_config_list list;
    char line[512], text[16384] = "\n";
    FILE *file = fopen(SAMPLE, "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(fread(text + 1, 1, sizeof(text) - 2, file) > 0);
    fclose(file);
    CU_ASSERT_TRUE_FATAL(drive_config_read(&list, SAMPLE, error));
    drive_config_init(&initial);
    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        char have[DRIVE_CONFIG_VALUE_BYTES], want[DRIVE_CONFIG_VALUE_BYTES];

        snprintf(line, sizeof(line), "\n%s = %s\n", k->name, k->initial);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, line));
        drive_config_value(&list.rows[0], k, have);
        drive_config_value(&initial, k, want);
        CU_ASSERT_STRING_EQUAL(have, want);
    }
    for (const struct quirk_row *q = quirk_rows; q->name; q++) {
        snprintf(line, sizeof(line), "\n%s = %s\n", q->name, q->initial);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, line));
    }
    CU_ASSERT_EQUAL(memcmp(&list.rows[0].personality.quirks, &initial.personality.quirks,
                           sizeof(struct quirks)),
                    0);
    drive_config_list_free(&list);
}

/* What drive_config_each() tells, set on another configuration, makes the same one. */
static void copy_value(void *ctx, const char *key, const char *value)
{
    CU_ASSERT_TRUE(drive_config_set(ctx, key, value, error));
}

static void all_keys_carry_a_configuration_over(void)
{
    struct drive_config from, to;

    drive_config_init(&from);
    drive_config_init(&to);
    CU_ASSERT_TRUE(drive_config_set(&from, "agid_exhausted", "reuse", error));
    CU_ASSERT_TRUE(drive_config_set(&from, "rpc_initial", "64FE", error));
    CU_ASSERT_TRUE(drive_config_set(&from, "rng_seed", "9", error));
    CU_ASSERT_TRUE(drive_config_set(&from, "vendor", "EXAMPLE", error));
    drive_config_each(&from, copy_value, &to);
    CU_ASSERT_EQUAL(memcmp(&from.personality, &to.personality, sizeof(from.personality)), 0);
    CU_ASSERT_FALSE(drive_config_set(&to, "agid_exhausted", "never", error));
}

UNIT_SUITE(drive_config, T(initial_values_are_the_default_personality),
           T(every_key_is_read_and_told), T(words_for_nothing_are_understood),
           T(bad_values_change_nothing), T(keys_alone_are_one_drive), T(each_section_is_a_drive),
           T(errors_name_file_line_and_key), T(paths_are_relative_to_the_file),
           T(sample_file_shows_every_key_with_its_initial_value),
           T(all_keys_carry_a_configuration_over));
