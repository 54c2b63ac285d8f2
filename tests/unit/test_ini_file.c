/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/ini_file.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* All lines that arrived, as "number section|key|value" and a newline each. */
struct seen {
    char lines[2048];
    size_t length;
    const char *refuse; /* this key is refused */
    size_t value_bytes; /* of the last line */
};

static bool take(void *ctx, const struct ini_line *line, char *why)
{
    struct seen *seen = ctx;
    size_t room = sizeof(seen->lines) - seen->length;
    int length = snprintf(seen->lines + seen->length, room, "%u %s|%s|%.40s\n", line->number,
                          line->section, line->key, line->value);

    seen->length += (size_t)length < room ? (size_t)length : room - 1;
    seen->value_bytes = strlen(line->value);
    if (seen->refuse && strcmp(seen->refuse, line->key) == 0) {
        snprintf(why, INI_ERROR_BYTES, "no good");
        return false;
    }
    return true;
}

static char error[INI_ERROR_BYTES];

static bool read_bytes(struct seen *seen, const char *text, size_t bytes)
{
    memset(error, 0, sizeof(error));
    return ini_read_text("f.ini", text, bytes, take, seen, error);
}

static bool read_text(struct seen *seen, const char *text)
{
    return read_bytes(seen, text, strlen(text));
}

static void lines_arrive_with_section_and_number(void)
{
    struct seen seen = {0};

    CU_ASSERT_TRUE(read_text(&seen, "top = 1\n"
                                    "# comment = 2\n"
                                    "\n"
                                    "[a]\n"
                                    "one=  x y  \n"
                                    "  # indented comment\n"
                                    "two = p;q # r = s [t]\n"
                                    "[b c]\n"
                                    "one = last"));
    CU_ASSERT_STRING_EQUAL(seen.lines, "1 |top|1\n"
                                       "5 a|one|x y\n"
                                       "7 a|two|p;q # r = s [t]\n"
                                       "9 b c|one|last\n");
}

static void windows_line_ends_and_a_byte_order_mark_are_fine(void)
{
    struct seen seen = {0};

    CU_ASSERT_TRUE(read_text(&seen, "\xef\xbb\xbf[a]\r\nk = v\r\n\r\n"));
    CU_ASSERT_STRING_EQUAL(seen.lines, "2 a|k|v\n");
}

static void an_empty_text_is_no_error(void)
{
    struct seen seen = {0};

    CU_ASSERT_TRUE(read_bytes(&seen, NULL, 0));
    CU_ASSERT_TRUE(read_text(&seen, "\xef\xbb\xbf"));
    CU_ASSERT_EQUAL(seen.length, 0);
}

static void a_refused_value_names_file_line_and_key(void)
{
    struct seen seen = {.refuse = "bad"};

    CU_ASSERT_FALSE(read_text(&seen, "[a]\n\nbad = 1\nmore = 2\n"));
    CU_ASSERT_STRING_EQUAL(error, "f.ini:3: bad: no good");
    CU_ASSERT_STRING_EQUAL(seen.lines, "3 a|bad|1\n");
}

static void malformed_lines_are_refused_with_their_number(void)
{
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"novalue", "f.ini:2: no '=' in this line"},
        {"k =", "f.ini:2: k: no value"},
        {"k = \t", "f.ini:2: k: no value"},
        {"= v", "f.ini:2: no key before '='"},
        {" = v", "f.ini:2: a line must not start with a blank"},
        {" k = v", "f.ini:2: a line must not start with a blank"},
        {"\tmore of the value", "f.ini:2: a line must not start with a blank"},
        {"k: v", "f.ini:2: no '=' in this line"},
        {"a:b = v", "f.ini:2: ':' in the key"},
        {"[a", "f.ini:2: a section is written [name]"},
        {"[a] k = v", "f.ini:2: a section is written [name]"},
        {"[a]]", "f.ini:2: a section is written [name]"},
        {"[]", "f.ini:2: a section is written [name]"},
        {"k = a\001b", "f.ini:2: a control character in this line"},
        {"k = a\rb", "f.ini:2: a control character in this line"},
        {"k = a\177b", "f.ini:2: a control character in this line"},
        {"[sssssssssssssssssssssssssssssssssssssssssssssssssssssssss]",
         "f.ini:2: the section's name is longer than 49 characters"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen = {0};
        char text[128];

        snprintf(text, sizeof(text), "[s]\n%s\nk = v\n", cases[i].line);
        CU_ASSERT_FALSE(read_text(&seen, text));
        CU_ASSERT_STRING_EQUAL(error, cases[i].error);
        CU_ASSERT_EQUAL(seen.length, 0);
    }
}

static void a_colon_in_the_value_is_fine(void)
{
    struct seen seen = {0};

    CU_ASSERT_TRUE(read_text(&seen, "k = a:b\n"));
    CU_ASSERT_STRING_EQUAL(seen.lines, "1 |k|a:b\n");
}

static void a_zero_byte_is_refused(void)
{
    static const char text[] = "k = v\nl = a\0b\n";
    struct seen seen = {0};

    CU_ASSERT_FALSE(read_bytes(&seen, text, sizeof(text) - 1));
    CU_ASSERT_STRING_EQUAL(error, "f.ini:2: a control character in this line");
}

/* "k = " and then as many letters as make the line `bytes` bytes long. */
static char *long_line(size_t bytes)
{
    char *line = malloc(bytes + 1);

    if (!line) {
        abort();
    }
    memset(line, 'x', bytes);
    memcpy(line, "k = ", 4);
    line[bytes] = '\0';
    return line;
}

static void the_longest_line_is_whole_and_a_longer_one_refused(void)
{
    struct seen seen = {0};
    char *fits = long_line(INI_LINE_BYTES_MAX), *too_long = long_line(INI_LINE_BYTES_MAX + 1);

    CU_ASSERT_TRUE(read_text(&seen, fits));
    CU_ASSERT_EQUAL(seen.value_bytes, INI_LINE_BYTES_MAX - 4);
    CU_ASSERT_FALSE(read_text(&seen, too_long));
    CU_ASSERT_STRING_EQUAL(error, "f.ini:1: the line is longer than 8191 characters");
    free(fits);
    free(too_long);
}

static void a_long_error_is_cut_with_dots(void)
{
    char what[2 * INI_ERROR_BYTES];

    memset(what, 'w', sizeof(what));
    what[sizeof(what) - 1] = '\0';
    ini_error(error, "f.ini", 0, NULL, what);
    CU_ASSERT_EQUAL(strlen(error), INI_ERROR_BYTES - 1);
    CU_ASSERT_STRING_EQUAL(error + INI_ERROR_BYTES - 5, "w...");
}

static void a_file_is_read_and_named_in_errors(void)
{
    static const char text[] = "[a]\nk = v\nbroken\n";
    struct temp_folder folder;
    struct seen seen = {0};
    char expected[2 * TEMP_PATH_BYTES];
    const char *path;

    temp_open(&folder);
    path = temp_write(&folder, "x.ini", text, sizeof(text) - 1);
    CU_ASSERT_FALSE(ini_read_file(path, take, &seen, error));
    snprintf(expected, sizeof(expected), "%s:3: no '=' in this line", path);
    CU_ASSERT_STRING_EQUAL(error, expected);
    CU_ASSERT_STRING_EQUAL(seen.lines, "2 a|k|v\n");
    path = temp_write(&folder, "empty.ini", "", 0);
    CU_ASSERT_TRUE(ini_read_file(path, take, &seen, error));
    temp_close(&folder);
}

static void what_is_no_readable_file_is_an_error(void)
{
    struct temp_folder folder;
    struct seen seen = {0};
    char expected[2 * TEMP_PATH_BYTES];

    temp_open(&folder);
    CU_ASSERT_FALSE(ini_read_file(temp_file(&folder, "none.ini"), take, &seen, error));
    snprintf(expected, sizeof(expected), "%s: No such file or directory", folder.file);
    CU_ASSERT_STRING_EQUAL(error, expected);
    CU_ASSERT_FALSE(ini_read_file(folder.path, take, &seen, error));
    snprintf(expected, sizeof(expected), "%s: not a regular file", folder.path);
    CU_ASSERT_STRING_EQUAL(error, expected);
    temp_close(&folder);
}

static void a_file_is_read_on_after_a_signal(void)
{
    struct temp_folder folder;
    struct seen seen = {0};

    temp_open(&folder);
    temp_write(&folder, "f", "a = 1\n", 6);
    fault_after(FAULT_READ, 0, EINTR);
    CU_ASSERT_TRUE(ini_read_file(folder.file, take, &seen, error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(seen.lines, "1 |a|1\n");
    temp_close(&folder);
}

static void a_file_that_became_shorter_is_read_to_its_end(void)
{
    struct temp_folder folder;
    struct seen seen = {0};

    temp_open(&folder);
    temp_write(&folder, "f", "a = 1\n", 6);
    fault_after(FAULT_READ, 0, 0);
    CU_ASSERT_TRUE(ini_read_file(folder.file, take, &seen, error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(seen.lines, "");
    temp_close(&folder);
}

static void a_file_that_cannot_be_read_is_named(void)
{
    static const enum fault_call calls[] = {FAULT_OPEN, FAULT_FSTAT, FAULT_READ};
    char expected[INI_ERROR_BYTES];
    struct temp_folder folder;
    struct seen seen = {0};

    temp_open(&folder);
    temp_write(&folder, "f", "a = 1\n", 6);
    snprintf(expected, sizeof(expected), "%s: Input/output error", folder.file);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        fault_after(calls[i], 0, EIO);
        CU_ASSERT_FALSE(ini_read_file(folder.file, take, &seen, error));
        CU_ASSERT_TRUE(fault_came());
        CU_ASSERT_STRING_EQUAL(error, expected);
    }
    CU_ASSERT_STRING_EQUAL(seen.lines, "");
    temp_close(&folder);
}

static void a_file_of_more_than_64_mib_is_refused(void)
{
    struct temp_folder folder;
    struct seen seen = {0};

    temp_open(&folder);
    temp_write(&folder, "f", "a = 1\n", 6);
    CU_ASSERT_EQUAL(truncate(folder.file, (64 << 20) + 1), 0);
    CU_ASSERT_FALSE(ini_read_file(folder.file, take, &seen, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "f: the file is larger than 64 MiB"));
    temp_close(&folder);
}

UNIT_SUITE(ini_file, T(lines_arrive_with_section_and_number),
           T(windows_line_ends_and_a_byte_order_mark_are_fine), T(an_empty_text_is_no_error),
           T(a_refused_value_names_file_line_and_key),
           T(malformed_lines_are_refused_with_their_number), T(a_colon_in_the_value_is_fine),
           T(a_zero_byte_is_refused), T(the_longest_line_is_whole_and_a_longer_one_refused),
           T(a_long_error_is_cut_with_dots), T(a_file_is_read_and_named_in_errors),
           T(what_is_no_readable_file_is_an_error), T(a_file_is_read_on_after_a_signal),
           T(a_file_that_became_shorter_is_read_to_its_end), T(a_file_that_cannot_be_read_is_named),
           T(a_file_of_more_than_64_mib_is_refused));
