/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/ini_file.h"
#include "emulator/run_folder.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char error[INI_ERROR_BYTES], path[TEMP_PATH_BYTES], parent[TEMP_PATH_BYTES];

/* Let run folders be made below a folder of the test's. */
static void begin(struct temp_folder *folder)
{
    temp_open(folder);
    setenv("XDG_RUNTIME_DIR", folder->path, 1);
    CU_ASSERT_TRUE(run_folder_parent(parent, sizeof(parent)));
}

static void end(struct temp_folder *folder)
{
    unsetenv("XDG_RUNTIME_DIR");
    temp_close(folder);
}

static void folder_is_private_and_named_by_user_and_process(void)
{
    struct temp_folder folder;
    char expected[TEMP_PATH_BYTES + 64];
    struct stat st;

    begin(&folder);
    CU_ASSERT_TRUE(run_folder_make(path, sizeof(path), error));
    snprintf(expected, sizeof(expected), "%s/dvdemu-%u/%d", folder.path, (unsigned)getuid(),
             (int)getpid());
    CU_ASSERT_STRING_EQUAL(path, expected);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
    run_folder_remove(path);
    CU_ASSERT_NOT_EQUAL(access(parent, F_OK), 0);
    end(&folder);
}

static void what_an_earlier_process_left_is_removed(void)
{
    struct temp_folder folder;
    char left[TEMP_PATH_BYTES + 8];

    begin(&folder);
    CU_ASSERT_TRUE(run_folder_make(path, sizeof(path), error));
    snprintf(left, sizeof(left), "%s/left", path);
    close(open(left, O_CREAT | O_WRONLY, 0600));
    CU_ASSERT_TRUE(run_folder_make(path, sizeof(path), error));
    CU_ASSERT_NOT_EQUAL(access(left, F_OK), 0);
    run_folder_remove(path);
    end(&folder);
}

static void parent_stays_while_another_run_is_in_it(void)
{
    struct temp_folder folder;
    char other[TEMP_PATH_BYTES + 8];

    begin(&folder);
    CU_ASSERT_TRUE(run_folder_make(path, sizeof(path), error));
    snprintf(other, sizeof(other), "%s/1", parent);
    CU_ASSERT_EQUAL(mkdir(other, 0700), 0);
    run_folder_remove(path);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_EQUAL(access(other, F_OK), 0);
    run_folder_remove(other);
    CU_ASSERT_NOT_EQUAL(access(parent, F_OK), 0);
    end(&folder);
}

/* A process that has ended, whose number nobody has again yet. */
static pid_t ended_process(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return pid;
}

static void what_a_killed_run_left_is_removed_by_the_next(void)
{
    struct temp_folder folder;
    char left[TEMP_PATH_BYTES + 16], alive[TEMP_PATH_BYTES + 16];

    begin(&folder);
    CU_ASSERT_EQUAL(mkdir(parent, 0700), 0);
    snprintf(left, sizeof(left), "%s/%d", parent, (int)ended_process());
    snprintf(alive, sizeof(alive), "%s/%d", parent, (int)getppid());
    CU_ASSERT_EQUAL(mkdir(left, 0700), 0);
    CU_ASSERT_EQUAL(mkdir(alive, 0700), 0);
    CU_ASSERT_TRUE(run_folder_make(path, sizeof(path), error));
    CU_ASSERT_NOT_EQUAL(access(left, F_OK), 0);
    CU_ASSERT_EQUAL(access(alive, F_OK), 0);
    run_folder_remove(alive);
    run_folder_remove(path);
    end(&folder);
}

static void folder_that_others_may_read_is_refused(void)
{
    struct temp_folder folder;

    begin(&folder);
    CU_ASSERT_EQUAL(mkdir(parent, 0700), 0);
    CU_ASSERT_EQUAL(chmod(parent, 0755), 0);
    CU_ASSERT_FALSE(run_folder_make(path, sizeof(path), error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "is not a folder of this user's with mode 0700"));
    CU_ASSERT_EQUAL(rmdir(parent), 0);
    end(&folder);
}

static void link_in_the_way_is_refused(void)
{
    struct temp_folder folder;

    begin(&folder);
    CU_ASSERT_EQUAL(symlink("/tmp", parent), 0);
    CU_ASSERT_FALSE(run_folder_make(path, sizeof(path), error));
    CU_ASSERT_EQUAL(unlink(parent), 0);
    end(&folder);
}

static void path_that_does_not_fit_is_an_error(void)
{
    struct temp_folder folder;
    char small[16];

    begin(&folder);
    CU_ASSERT_FALSE(run_folder_parent(small, sizeof(small)));
    CU_ASSERT_FALSE(run_folder_make(small, sizeof(small), error));
    CU_ASSERT_FALSE(run_folder_make(path, strlen(parent) + 2, error));
    CU_ASSERT_STRING_EQUAL(error, "XDG_RUNTIME_DIR: the path is too long");
    rmdir(parent);
    end(&folder);
}

static void folder_that_cannot_be_made_is_an_error(void)
{
    struct temp_folder folder;

    begin(&folder);
    for (unsigned good = 0; good < 3; good++) {
        fault_after(FAULT_MKDIR, good, ENOSPC);
        CU_ASSERT_FALSE(run_folder_make(path, sizeof(path), error));
        CU_ASSERT_TRUE(fault_came());
        CU_ASSERT_PTR_NOT_NULL(strstr(error, ": No space left on device"));
    }
    CU_ASSERT_EQUAL(rmdir(parent), 0);
    end(&folder);
}

/* A socket's path has 107 characters: whether somebody listens there cannot be found out. */
static void what_cannot_be_asked_is_not_removed(void)
{
    char deep[TEMP_PATH_BYTES], left[2 * TEMP_PATH_BYTES];
    struct temp_folder folder;

    begin(&folder);
    snprintf(deep, sizeof(deep), "%s/%0100d", folder.path, 0);
    CU_ASSERT_EQUAL(mkdir(deep, 0700), 0);
    setenv("XDG_RUNTIME_DIR", deep, 1);
    CU_ASSERT_TRUE(run_folder_parent(parent, sizeof(parent)));
    CU_ASSERT_EQUAL(mkdir(parent, 0700), 0);
    snprintf(left, sizeof(left), "%s/%d", parent, (int)ended_process());
    CU_ASSERT_EQUAL(mkdir(left, 0700), 0);
    CU_ASSERT_TRUE(run_folder_make(path, sizeof(path), error));
    CU_ASSERT_EQUAL(access(left, F_OK), 0);
    run_folder_remove(left);
    run_folder_remove(path);
    CU_ASSERT_EQUAL(rmdir(deep), 0);
    end(&folder);
}

UNIT_SUITE(run_folder, T(folder_is_private_and_named_by_user_and_process),
           T(what_an_earlier_process_left_is_removed), T(parent_stays_while_another_run_is_in_it),
           T(what_a_killed_run_left_is_removed_by_the_next),
           T(folder_that_others_may_read_is_refused), T(link_in_the_way_is_refused),
           T(path_that_does_not_fit_is_an_error), T(folder_that_cannot_be_made_is_an_error),
           T(what_cannot_be_asked_is_not_removed));
