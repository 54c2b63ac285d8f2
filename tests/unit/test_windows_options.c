/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program for Windows reads and writes: its command line, --expect, a line of JSON. */
#include "bytes.h"
#include "tests/windows/expectations.h"
#include "tests/windows/json_line.h"
#include "tests/windows/wintest_options.h"

#include <string.h>

/* ---- the command line ---- */

static char error[OPTION_ERROR_BYTES];

static bool read_words(struct wintest_options *o, const char *const *words)
{
    static char copies[8][64];
    char *argv[8];
    int argc = 0;

    for (; words[argc]; argc++) {
        strcpy(copies[argc], words[argc]);
        argv[argc] = copies[argc];
    }
    error[0] = '\0';
    return wintest_options_read(o, argc, argv, error);
}

#define READ(o, ...) read_words((o), (const char *const[]){"wintest", __VA_ARGS__, NULL})

static void defaults_leave_the_region_alone(void)
{
    struct wintest_options o;

    CU_ASSERT_TRUE(READ(&o, "E:"));
    CU_ASSERT_STRING_EQUAL(o.device, "E:");
    CU_ASSERT_EQUAL(o.set_region, 0);
    CU_ASSERT_EQUAL(o.title_lba, OPTION_NOT_GIVEN);
    CU_ASSERT_EQUAL(o.limit_s, 300);
    CU_ASSERT_FALSE(o.no_negative || o.no_crypt || o.pass_through || o.wine || o.verbose);
}

static void options_are_read_in_any_order(void)
{
    struct wintest_options o;

    CU_ASSERT_TRUE(READ(&o, "--title-lba", "0x200", "D:", "--set-region", "8", "--wine", "-v"));
    CU_ASSERT_EQUAL(o.title_lba, 0x200);
    CU_ASSERT_EQUAL(o.set_region, 8);
    CU_ASSERT_TRUE(o.wine && o.verbose);
    CU_ASSERT_STRING_EQUAL(o.device, "D:");
    CU_ASSERT_TRUE(READ(&o, "--json", "a.json", "--expect", "b.txt", "D:"));
    CU_ASSERT_STRING_EQUAL(o.json, "a.json");
    CU_ASSERT_STRING_EQUAL(o.expect, "b.txt");
    CU_ASSERT_TRUE(READ(&o, "--help"));
}

static void wrong_options_are_named(void)
{
    static const struct {
        const char *words[5], *error;
    } rows[] = {
        {{"wintest"}, "which drive? For instance: wintest D:"},
        {{"wintest", "--wine"}, "which drive? For instance: wintest D:"},
        {{"wintest", "D:", "E:"}, "what is E:?"},
        {{"wintest", "--loud", "D:"}, "what is --loud?"},
        {{"wintest", ""}, "what is \"\"?"},
        {{"wintest", "D:", "--json"}, "--json needs a value"},
        {{"wintest", "D:", "--set-region", "9"}, "--set-region: 9 is no number from 1 to 8"},
        {{"wintest", "D:", "--set-region", "0"}, "--set-region: 0 is no number from 1 to 8"},
        {{"wintest", "D:", "--threads", "-1"}, "--threads: -1 is no number from 1 to 4"},
        {{"wintest", "D:", "--threads", "2x"}, "--threads: 2x is no number from 1 to 4"},
        {{"wintest", "D:", "--title-lba", "4294967296"},
         "--title-lba: 4294967296 is no number from 0 to 2147483647"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wintest_options o;

        CU_ASSERT_FALSE(read_words(&o, rows[i].words));
        CU_ASSERT_STRING_EQUAL(error, rows[i].error);
    }
}

static void device_names_become_paths(void)
{
    static const struct {
        const char *device, *path;
    } rows[] = {
        {"D:", "\\\\.\\D:"},        {"d", "\\\\.\\d:"},
        {"D:\\", "\\\\.\\D:"},      {"\\\\.\\CdRom0", "\\\\.\\CdRom0"},
        {"\\\\.\\E:", "\\\\.\\E:"}, {"D:x", "D:x"},
    };
    char path[DEVICE_PATH_BYTES], longest[DEVICE_PATH_BYTES + 1];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_TRUE(wintest_device_path(rows[i].device, path));
        CU_ASSERT_STRING_EQUAL(path, rows[i].path);
    }
    memset(longest, 'x', DEVICE_PATH_BYTES);
    longest[DEVICE_PATH_BYTES] = '\0';
    CU_ASSERT_FALSE(wintest_device_path(longest, path));
}

static void the_help_names_every_option(void)
{
    static const char *const names[] = {"--title-lba N",  "--scrambled-lba N",
                                        "--expect FILE",  "--set-region N",
                                        "--no-negative",  "--no-crypt",
                                        "--pass-through", "--repeat N",
                                        "--threads N",    "--interactive",
                                        "--wine",         "--json FILE",
                                        "--limit N",      "-v",
                                        "--help"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(wintest_usage(), names[i]));
    }
}

/* ---- expected values ---- */

static struct expectations e;
static char line[EXPECTATION_ERROR_BYTES];

static void expected_values_are_read(void)
{
    CU_ASSERT_TRUE(expectations_parse(&e, "f",
                                      "# of known-keys.disc\r\n\n"
                                      "disc-key=a1B2c3d4e5\r\n"
                                      "region-mask=fe \n"
                                      "clear-sector=00ff",
                                      line));
    CHECK_BYTES(e.of[EXPECTED_DISC_KEY].data, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5);
    CU_ASSERT_EQUAL(e.of[EXPECTED_CLEAR_SECTOR].bytes, 2);
    CU_ASSERT_TRUE(expectation_given(&e, EXPECTED_REGION_MASK));
    CU_ASSERT_FALSE(expectation_given(&e, EXPECTED_BLOCKS));
    CU_ASSERT_TRUE(expectation_met(&e, EXPECTED_BLOCKS, (const uint8_t *)"any", 3));
    CU_ASSERT_TRUE(expectation_met(&e, EXPECTED_CLEAR_SECTOR, (const uint8_t[]){0, 0xff, 7}, 3));
    CU_ASSERT_FALSE(expectation_met(&e, EXPECTED_CLEAR_SECTOR, (const uint8_t[]){0, 0xfe, 7}, 3));
    CU_ASSERT_FALSE(expectation_met(&e, EXPECTED_CLEAR_SECTOR, (const uint8_t[]){0}, 1));
}

static void wrong_lines_are_named(void)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"\ndisc-key\n", "f:2: disc-key: has no value; lines are name=hex"},
        {"disk-key=00", "f:1: disk-key: is no value that can be expected"},
        {"=00", "f:1: : is no value that can be expected"},
        {"region-mask=fe\nregion-mask=fd", "f:2: region-mask: is there twice"},
        {"region-mask=f", "f:1: region-mask: has the wrong number of hex digits"},
        {"region-mask=", "f:1: region-mask: has the wrong number of hex digits"},
        {"disc-key=a1b2c3d4", "f:1: disc-key: has the wrong number of hex digits"},
        {"region-mask=0x", "f:1: region-mask: is not all hex digits"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_FALSE(expectations_parse(&e, "f", rows[i].text, line));
        CU_ASSERT_STRING_EQUAL(line, rows[i].error);
    }
}

static void a_file_that_is_not_there_is_named(void)
{
    CU_ASSERT_FALSE(expectations_load(&e, "/nonexistent/expect.txt", line));
    CU_ASSERT_STRING_EQUAL(line, "/nonexistent/expect.txt: No such file or directory");
}

/* ---- JSON ---- */

static void json_is_quoted(void)
{
    struct json_line j;

    json_begin(&j);
    json_string(&j, "a", "\"\\\n\x7f\xe9");
    json_unsigned(&j, "b", UINT64_MAX);
    json_decimal(&j, "c", 1.25);
    json_end(&j);
    CU_ASSERT_STRING_EQUAL(j.text, "{\"a\":\"\\\"\\\\\\u000a\\u007f\\u00e9\","
                                   "\"b\":18446744073709551615,\"c\":1.250}");
}

static void json_that_does_not_fit_is_left_out_whole(void)
{
    static char much[JSON_LINE_BYTES];
    struct json_line j;

    memset(much, '"', sizeof(much) - 1);
    json_begin(&j);
    json_unsigned(&j, "a", 1);
    json_string(&j, "b", much);
    json_unsigned(&j, "c", 2);
    json_end(&j);
    CU_ASSERT_STRING_EQUAL(j.text, "{\"a\":1,\"c\":2}");
    json_begin(&j);
    much[JSON_LINE_BYTES / 2 - 6] = '\0';
    json_string(&j, "", much); /* exactly full: { "" : "..." } and NUL */
    CU_ASSERT(j.used + 2 <= JSON_LINE_BYTES);
    json_end(&j);
    CU_ASSERT(j.used == strlen(j.text) && j.text[j.used - 1] == '}');
}

UNIT_SUITE(windows_options, T(defaults_leave_the_region_alone), T(options_are_read_in_any_order),
           T(wrong_options_are_named), T(device_names_become_paths), T(the_help_names_every_option),
           T(expected_values_are_read), T(wrong_lines_are_named),
           T(a_file_that_is_not_there_is_named), T(json_is_quoted),
           T(json_that_does_not_fit_is_left_out_whole));
