/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/mint_options.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"

#include <errno.h>
#include <stdio.h>

struct bench {
    struct mint_options options;
    struct temp_folder folder;
    char why[INI_ERROR_BYTES];
};

static void open_bench(struct bench *b)
{
    CU_ASSERT_FATAL(mint_options_begin(&b->options));
    temp_open(&b->folder);
    b->why[0] = 0;
}

static void close_bench(struct bench *b)
{
    mint_options_free(&b->options);
    temp_close(&b->folder);
}

static void an_extent_has_three_parts(void)
{
    const struct disc_extent *extent;
    struct bench b;

    open_bench(&b);
    CU_ASSERT(mint_options_extent(&b.options, "0x10:5:F0", b.why));
    CU_ASSERT(mint_options_extent(&b.options, "300:1:b0", b.why));
    CU_ASSERT_EQUAL_FATAL(b.options.text.extents.count, 2);
    extent = &b.options.text.extents.runs[0].extent;
    CU_ASSERT_EQUAL(extent->lba, 16);
    CU_ASSERT_EQUAL(extent->blocks, 5);
    CU_ASSERT_EQUAL(extent->cpr_mai, 0xf0);
    CU_ASSERT_EQUAL(extent->key, -1);
    close_bench(&b);
}

static void an_extent_of_another_form_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "1",
        "1:2",
        "1:2:",
        ":2:F0",
        "1::F0",
        "1:0:F0",
        "1:2:F",
        "1:2:0F0",
        "1:2:F0:3",
        "1:2:F0 x",
        "1:2 3:F0",
        "-1:2:F0",
        "1:-2:F0",
        "x:2:F0",
        "1:2:GG",
        "1:2:F0 - x",
        "4294967296:1:F0",
        "00000000000000000000000000000000000000000000000000000000000000001:1:F0",
    };
    struct bench b;

    open_bench(&b);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        b.why[0] = 0;
        CU_ASSERT(!mint_options_extent(&b.options, bad[i], b.why));
        CU_ASSERT_NOT_EQUAL(b.why[0], 0);
    }
    CU_ASSERT_EQUAL(b.options.text.extents.count, 0);
    close_bench(&b);
}

static void values_follow_the_rules_of_a_description(void)
{
    struct bench b;

    open_bench(&b);
    CU_ASSERT(mint_options_value(&b.options, "regions", "1, 2", b.why));
    CU_ASSERT(!mint_options_value(&b.options, "disc_key", "0102", b.why));
    CU_ASSERT_STRING_EQUAL(b.why, "'0102': expected 10 hexadecimal digits");
    close_bench(&b);
}

static void player_keys_are_lines_of_slot_and_key(void)
{
    static const char text[] = "# ours\n1 0102030405\n\n \t408\tAABBCCDDEE  # the last\r\n";
    struct bench b;

    open_bench(&b);
    CU_ASSERT(mint_options_player_keys(&b.options,
                                       temp_write(&b.folder, "k", text, sizeof(text) - 1), b.why));
    CU_ASSERT_STRING_EQUAL(b.options.player_keys, "1 = 0102030405\n408 = AABBCCDDEE\n");
    close_bench(&b);
}

struct bad_file {
    const char *text, *error; /* the error without the path and its colon */
};

static void a_bad_player_key_is_named_with_file_and_line(void)
{
    static const struct bad_file bad[] = {
        {"1 0102030405\n2 01\n", "2: 2: '01': expected 10 hexadecimal digits"},
        {"\n\n409 0102030405\n", "3: 409: a slot is a number from 1 to 408"},
        {"0 0102030405\n", "1: 0: a slot is a number from 1 to 408"},
        {"7\n", "1: expected SLOT KEY"},
        {"7 0102030405 x\n", "1: expected SLOT KEY"},
        {"7 0102030405\n#\n7 0102030405\n", "3: 7: given before, in line 1"},
    };
    char expected[TEMP_PATH_BYTES + 100];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bench b;
        const char *path;

        open_bench(&b);
        path = temp_write(&b.folder, "k", bad[i].text, strlen(bad[i].text));
        CU_ASSERT(!mint_options_player_keys(&b.options, path, b.why));
        snprintf(expected, sizeof(expected), "%s:%s", path, bad[i].error);
        CU_ASSERT_STRING_EQUAL(b.why, expected);
        close_bench(&b);
    }
}

static void a_missing_player_key_file_is_named(void)
{
    char expected[TEMP_PATH_BYTES + 100];
    struct bench b;
    const char *path;

    open_bench(&b);
    path = temp_file(&b.folder, "none");
    CU_ASSERT(!mint_options_player_keys(&b.options, path, b.why));
    snprintf(expected, sizeof(expected), "%s: No such file or directory", path);
    CU_ASSERT_STRING_EQUAL(b.why, expected);
    close_bench(&b);
}

static void a_player_key_file_that_cannot_be_read_is_named(void)
{
    char expected[TEMP_PATH_BYTES + 100];
    struct bench b;

    open_bench(&b);
    CU_ASSERT(!mint_options_player_keys(&b.options, b.folder.path, b.why));
    snprintf(expected, sizeof(expected), "%s: Is a directory", b.folder.path);
    CU_ASSERT_STRING_EQUAL(b.why, expected);
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT(!mint_options_player_keys(&b.options, temp_write(&b.folder, "k", "", 0), b.why));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(b.why, "out of memory");
    close_bench(&b);
}

UNIT_SUITE(mint_options, T(an_extent_has_three_parts), T(an_extent_of_another_form_is_refused),
           T(values_follow_the_rules_of_a_description), T(player_keys_are_lines_of_slot_and_key),
           T(a_bad_player_key_is_named_with_file_and_line), T(a_missing_player_key_file_is_named),
           T(a_player_key_file_that_cannot_be_read_is_named));
