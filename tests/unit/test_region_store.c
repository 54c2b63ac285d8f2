/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/region_store.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERIAL "ABC123"
#define GOOD                                                                                       \
    "version = 1\nserial = ABC123\nvendor_resets = 3\nuser_changes = 2\nmask = 0xfe\nscheme = 1\n"

static char error[INI_ERROR_BYTES];

static bool same(const struct region_state *a, const struct region_state *b)
{
    return a->vendor_resets == b->vendor_resets && a->user_changes == b->user_changes &&
           a->mask == b->mask && a->scheme == b->scheme;
}

/* Load what `text` says; the message without the folder in front is left in `error`. */
static bool load_text(const char *text, struct region_state *state)
{
    struct temp_folder folder;
    size_t prefix;
    bool ok;

    temp_open(&folder);
    temp_write(&folder, SERIAL ".region", text, strlen(text));
    ok = region_store_load(folder.path, SERIAL, state, error);
    prefix = strlen(folder.path) + 1;
    if (!ok && strncmp(error, folder.path, prefix - 1) == 0) {
        memmove(error, error + prefix, strlen(error + prefix) + 1);
    }
    temp_close(&folder);
    return ok;
}

static void refused(const char *text, const char *expected)
{
    struct region_state state = {1, 1, 0xfd, 1}, before = state;

    CU_ASSERT_FALSE(load_text(text, &state));
    CU_ASSERT_STRING_EQUAL(error, expected);
    CU_ASSERT_TRUE(same(&state, &before));
}

static void drive_without_a_file_stays_as_it_begins(void)
{
    struct region_state state = {3, 2, 0xfe, 1}, begin = state;
    struct temp_folder folder;

    temp_open(&folder);
    CU_ASSERT_TRUE(region_store_load(folder.path, SERIAL, &state, error));
    CU_ASSERT_TRUE(same(&state, &begin));
    temp_close(&folder);
}

static void kept_state_is_read(void)
{
    const struct region_state expected = {3, 2, 0xfe, 1};
    struct region_state state;

    CU_ASSERT_TRUE(load_text(GOOD, &state));
    CU_ASSERT_TRUE(same(&state, &expected));
}

static void saved_state_comes_back(void)
{
    const struct region_state saved = {4, 4, 0x7f, 1};
    struct region_state state;
    struct temp_folder folder;

    temp_open(&folder);
    CU_ASSERT_TRUE(region_store_save(folder.path, SERIAL, &saved, error));
    CU_ASSERT_TRUE(region_store_load(folder.path, SERIAL, &state, error));
    CU_ASSERT_TRUE(same(&state, &saved));
    CU_ASSERT_NOT_EQUAL(access(temp_file(&folder, SERIAL ".region.new"), F_OK), 0);
    temp_close(&folder);
}

static void what_a_killed_process_left_is_removed(void)
{
    const pid_t gone = fork();
    struct region_state state = region_factory();
    struct temp_folder folder;
    char left[64];

    if (gone == 0) {
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(gone, NULL, 0), gone);
    temp_open(&folder);
    snprintf(left, sizeof(left), SERIAL ".region.%ld.tmp", (long)gone);
    temp_write(&folder, left, "x", 1);
    CU_ASSERT_TRUE(region_store_load(folder.path, SERIAL, &state, error));
    CU_ASSERT_NOT_EQUAL(access(temp_file(&folder, left), F_OK), 0);
    temp_close(&folder);
}

static void states_of_two_drives_are_apart(void)
{
    const struct region_state one = {4, 4, 0x7f, 1}, two = {4, 3, 0xfe, 1};
    struct region_state state;
    struct temp_folder folder;

    temp_open(&folder);
    CU_ASSERT_TRUE(region_store_save(folder.path, "ONE", &one, error));
    CU_ASSERT_TRUE(region_store_save(folder.path, "TWO", &two, error));
    CU_ASSERT_TRUE(region_store_load(folder.path, "ONE", &state, error));
    CU_ASSERT_TRUE(same(&state, &one));
    temp_close(&folder);
}

static void damage_names_file_line_and_key(void)
{
    refused("version = 1\nmask = 0x1ff\n",
            "ABC123.region:2: mask: '0x1ff' is not a number from 0 to 255");
    refused("version = 1\nmask = -1\n",
            "ABC123.region:2: mask: '-1' is not a number from 0 to 255");
    refused("version = 1\nmask = +1\n",
            "ABC123.region:2: mask: '+1' is not a number from 0 to 255");
    refused("version = 1\nmask = 1x\n",
            "ABC123.region:2: mask: '1x' is not a number from 0 to 255");
    refused("version = 1\nuser_changes = 6\n",
            "ABC123.region:2: user_changes: '6' is not a number from 0 to 5");
    refused("version = 1\nvendor_resets = x\n",
            "ABC123.region:2: vendor_resets: 'x' is not a number from 0 to 4");
    refused("version = x\n", "ABC123.region:1: version: 'x' is not a number from 0 to 255");
    refused("version = 2\n", "ABC123.region:1: version: version 2 is not known, only 1 is");
    refused(GOOD "mask = 0xfd\n", "ABC123.region:7: mask: given twice");
    refused(GOOD "mask = x\n", "ABC123.region:7: mask: given twice");
    refused(GOOD "colour = red\n", "ABC123.region:7: colour: no such key");
}

static void missing_key_is_damage(void)
{
    refused("", "ABC123.region: version: missing");
    refused("version = 1\n", "ABC123.region: vendor_resets: missing");
    refused("version = 1\nvendor_resets = 4\nuser_changes = 5\nscheme = 1\n",
            "ABC123.region: mask: missing");
}

static void state_no_drive_comes_to_is_damage(void)
{
    /* two regions at once; no region, but a change used up */
    refused("version = 1\nvendor_resets = 4\nuser_changes = 3\nmask = 0xfc\nscheme = 1\n",
            "ABC123.region: mask: no drive comes to this state");
    refused("version = 1\nvendor_resets = 4\nuser_changes = 3\nmask = 0xff\nscheme = 1\n",
            "ABC123.region: mask: no drive comes to this state");
}

static void state_that_an_operator_wanted_is_kept(void)
{
    const struct region_state wanted = {4, 1, 0xff, 1};
    struct region_state state = region_factory();
    struct temp_folder folder;

    temp_open(&folder);
    CU_ASSERT_TRUE(region_store_save(folder.path, SERIAL, &wanted, error));
    CU_ASSERT_TRUE(region_store_load(folder.path, SERIAL, &state, error));
    CU_ASSERT_TRUE(same(&state, &wanted));
    temp_close(&folder);
    refused(GOOD "pretended = no\n", "ABC123.region:7: pretended: 'no' is not yes");
}

static void file_of_another_drive_is_refused(void)
{
    refused("version = 1\nserial = OTHER\n",
            "ABC123.region:2: serial: this is the state of drive OTHER");
}

static void save_without_folder_fails(void)
{
    const struct region_state state = {4, 4, 0x7f, 1};

    CU_ASSERT_FALSE(region_store_save("/nowhere/at/all", SERIAL, &state, error));
    CU_ASSERT_STRING_EQUAL(error, "/nowhere/at/all/ABC123.region: No such file or directory");
}

static void failed_save_leaves_the_old_state(void)
{
    const struct region_state one = {4, 4, 0x7f, 1}, two = {4, 3, 0xfe, 1};
    struct region_state state;
    struct temp_folder folder;
    const char *blocker;
    char name[64];

    temp_open(&folder);
    CU_ASSERT_TRUE(region_store_save(folder.path, SERIAL, &one, error));
    snprintf(name, sizeof(name), SERIAL ".region.%ld.tmp", (long)getpid());
    blocker = temp_file(&folder, name); /* a folder: cannot be written to */
    CU_ASSERT_EQUAL(mkdir(blocker, 0700), 0);
    CU_ASSERT_FALSE(region_store_save(folder.path, SERIAL, &two, error));
    CU_ASSERT_EQUAL(rmdir(blocker), 0);
    CU_ASSERT_TRUE(region_store_load(folder.path, SERIAL, &state, error));
    CU_ASSERT_TRUE(same(&state, &one));
    temp_close(&folder);
}

static void serial_cannot_leave_the_folder(void)
{
    struct region_state state;

    CU_ASSERT_TRUE(region_store_can_name("aZ09-_."));
    CU_ASSERT_FALSE(region_store_can_name(""));
    CU_ASSERT_FALSE(region_store_can_name(".."));
    CU_ASSERT_FALSE(region_store_can_name("a/b"));
    CU_ASSERT_FALSE(region_store_can_name("a b"));
    CU_ASSERT_FALSE(region_store_load("/tmp", "../etc/x", &state, error));
}

static void folder_is_made_with_its_parents(void)
{
    struct temp_folder folder;
    char path[TEMP_PATH_BYTES + 16];
    struct stat st;

    temp_open(&folder);
    snprintf(path, sizeof(path), "%s/ab/b", folder.path);
    CU_ASSERT_TRUE(region_store_make_folder(path, error));
    CU_ASSERT_NOT_EQUAL(access(temp_file(&folder, "a"), F_OK), 0);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
    CU_ASSERT_TRUE(region_store_make_folder(path, error));
    CU_ASSERT_EQUAL(rmdir(path), 0);
    path[strlen(path) - 2] = 0;
    CU_ASSERT_EQUAL(rmdir(path), 0);
    temp_close(&folder);
}

static void folder_is_made_where_one_is(void)
{
    struct temp_folder folder;
    char before[PATH_MAX];

    temp_open(&folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(before, sizeof(before)));
    CU_ASSERT_EQUAL_FATAL(chdir(folder.path), 0);
    errno = 0;
    CU_ASSERT_TRUE(region_store_make_folder("x/y", error));
    CU_ASSERT_EQUAL(rmdir("x/y"), 0);
    CU_ASSERT_EQUAL(rmdir("x"), 0);
    fault_after(FAULT_MKDIR, 0, EACCES);
    CU_ASSERT_FALSE(region_store_make_folder("x/y", error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(error, "x: Permission denied");
    CU_ASSERT_EQUAL(chdir(before), 0);
    temp_close(&folder);
}

/* A file that is safe in a folder that is not would be lost with it. One that is there was made
 * safe by whoever made it; the parent of one that is not may be closed to us. */
static void folder_that_is_made_is_made_safe(void)
{
    static const struct {
        enum fault_call call;
        unsigned good;
        int error;
        const char *said; /* NULL: it is good all the same */
    } faults[] = {
        {FAULT_FSYNC, 0, EIO, "/x: Input/output error"},
        {FAULT_FSYNC, 1, EIO, "/x/y: Input/output error"},
        {FAULT_OPEN, 0, EMFILE, "/x: Too many open files"},
        {FAULT_OPEN, 1, EACCES, NULL},
    };
    struct temp_folder folder;
    char inner[TEMP_PATH_BYTES + 16], outer[TEMP_PATH_BYTES + 16];

    temp_open(&folder);
    snprintf(outer, sizeof(outer), "%s/x", folder.path);
    snprintf(inner, sizeof(inner), "%s/x/y", folder.path);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        fault_after(faults[i].call, faults[i].good, faults[i].error);
        CU_ASSERT_EQUAL(region_store_make_folder(inner, error), !faults[i].said);
        CU_ASSERT_TRUE(fault_came());
        CU_ASSERT(!faults[i].said || strstr(error, faults[i].said));
        rmdir(inner);
        CU_ASSERT_EQUAL(rmdir(outer), 0);
    }
    CU_ASSERT_TRUE(region_store_make_folder(inner, error));
    fault_after(FAULT_FSYNC, 0, EIO);
    CU_ASSERT_TRUE(region_store_make_folder(inner, error));
    CU_ASSERT_FALSE(fault_came());
    rmdir(inner);
    rmdir(outer);
    temp_close(&folder);
}

static void file_in_the_way_of_a_folder_is_an_error(void)
{
    struct temp_folder folder;
    char path[TEMP_PATH_BYTES + 16];

    temp_open(&folder);
    temp_write(&folder, "a", NULL, 1);
    snprintf(path, sizeof(path), "%s/a/b", folder.path);
    CU_ASSERT_FALSE(region_store_make_folder(path, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "Not a directory"));
    temp_close(&folder);
}

static void state_file_that_cannot_be_looked_for_is_an_error(void)
{
    struct region_state state = region_factory();
    struct temp_folder folder;

    temp_open(&folder);
    fault_after(FAULT_ACCESS, 0, EACCES);
    CU_ASSERT_FALSE(region_store_load(folder.path, SERIAL, &state, error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_PTR_NOT_NULL(strstr(error, SERIAL ".region: Permission denied"));
    temp_close(&folder);
}

static void path_that_is_too_long_by_one_is_an_error(void)
{
    struct region_state state = region_factory();
    char folder[PATH_MAX] = "";

    memset(folder, '/', sizeof(folder) - strlen("/" SERIAL ".region"));
    CU_ASSERT_FALSE(region_store_load(folder, SERIAL, &state, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "cannot name a state file"));
    folder[strlen(folder) - 1] = 0;
    CU_ASSERT_TRUE(region_store_load(folder, SERIAL, &state, error)); /* there is none in / */
}

static void folder_that_cannot_be_written_to_is_an_error(void)
{
    struct temp_folder folder;
    char path[2 * PATH_MAX];

    temp_open(&folder);
    fault_after(FAULT_ACCESS, 0, EACCES);
    CU_ASSERT_FALSE(region_store_make_folder(folder.path, error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_PTR_NOT_NULL(strstr(error, ": Permission denied"));
    temp_close(&folder);
    memset(path, 'a', sizeof(path));
    path[PATH_MAX] = 0;
    CU_ASSERT_FALSE(region_store_make_folder(path, error));
}

UNIT_SUITE(region_store, T(drive_without_a_file_stays_as_it_begins), T(kept_state_is_read),
           T(saved_state_comes_back), T(what_a_killed_process_left_is_removed),
           T(states_of_two_drives_are_apart), T(damage_names_file_line_and_key),
           T(missing_key_is_damage), T(state_no_drive_comes_to_is_damage),
           T(state_that_an_operator_wanted_is_kept), T(file_of_another_drive_is_refused),
           T(save_without_folder_fails), T(failed_save_leaves_the_old_state),
           T(serial_cannot_leave_the_folder), T(folder_is_made_with_its_parents),
           T(folder_is_made_where_one_is), T(folder_that_is_made_is_made_safe),
           T(file_in_the_way_of_a_folder_is_an_error),
           T(state_file_that_cannot_be_looked_for_is_an_error),
           T(path_that_is_too_long_by_one_is_an_error),
           T(folder_that_cannot_be_written_to_is_an_error));
