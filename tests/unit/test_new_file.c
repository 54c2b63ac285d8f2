/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/ini_file.h"
#include "emulator/new_file.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t files_in(const struct temp_folder *folder)
{
    DIR *listing = opendir(folder->path);
    struct dirent *entry;
    size_t count = 0;

    if (!listing) {
        abort();
    }
    while ((entry = readdir(listing))) {
        count += entry->d_name[0] != '.';
    }
    closedir(listing);
    return count;
}

/* What a file of the folder holds, up to what fits. */
static const char *content_of(const char *path)
{
    static char text[32];
    FILE *in = fopen(path, "r");
    size_t bytes;

    if (!in) {
        abort();
    }
    bytes = fread(text, 1, sizeof(text) - 1, in);
    text[bytes] = 0;
    fclose(in);
    return text;
}

/* A folder in which nothing is but "f", that holds "old"; and what is to replace it. */
struct replaced {
    struct temp_folder folder;
    const char *path;
    struct new_file file;
    char error[INI_ERROR_BYTES];
};

static void replaced_open(struct replaced *r)
{
    temp_open(&r->folder);
    r->path = temp_write(&r->folder, "f", "old", 3);
}

static void write_new(struct replaced *r)
{
    CU_ASSERT_FATAL(new_file_open(&r->file, r->path, r->error));
    fputs("new", r->file.out);
}

static void check_alone(const struct replaced *r, const char *content)
{
    CU_ASSERT_STRING_EQUAL(content_of(r->path), content);
    CU_ASSERT_EQUAL(files_in(&r->folder), 1);
}

static void a_kept_file_replaces_the_old_one(void)
{
    struct replaced r;

    replaced_open(&r);
    write_new(&r);
    CU_ASSERT_STRING_EQUAL(content_of(r.path), "old");
    CU_ASSERT(new_file_keep(&r.file, r.error));
    check_alone(&r, "new");
    temp_close(&r.folder);
}

static void a_dropped_file_leaves_the_old_one(void)
{
    struct replaced r;

    replaced_open(&r);
    write_new(&r);
    new_file_drop(&r.file);
    new_file_drop(&r.file);
    check_alone(&r, "old");
    temp_close(&r.folder);
}

static void a_file_in_no_folder_cannot_be_opened(void)
{
    char error[INI_ERROR_BYTES];
    struct temp_folder folder;
    struct new_file file;

    temp_open(&folder);
    CU_ASSERT(!new_file_open(&file, temp_file(&folder, "none/f"), error));
    CU_ASSERT_PTR_NULL(file.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "none/f"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "No such file or directory"));
    temp_close(&folder);
}

/* The place is a folder: the rename fails. */
static void a_file_that_cannot_be_kept_is_dropped(void)
{
    char error[INI_ERROR_BYTES];
    struct temp_folder folder;
    struct new_file file;

    temp_open(&folder);
    CU_ASSERT_FATAL(new_file_open(&file, folder.path, error));
    CU_ASSERT(!new_file_keep(&file, error));
    CU_ASSERT_PTR_NULL(file.out);
    CU_ASSERT_PTR_EQUAL(strstr(error, folder.path), error);
    CU_ASSERT_EQUAL(files_in(&folder), 0);
    temp_close(&folder);
}

static pid_t process_that_has_ended(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        _exit(EXIT_SUCCESS);
    }
    waitpid(pid, NULL, 0);
    return pid;
}

/* The path of a temporary of the file "f" that a process has made. */
static const char *write_temporary(struct temp_folder *folder, const char *name, pid_t pid)
{
    char text[64];

    snprintf(text, sizeof(text), name, (long)pid);
    return temp_write(folder, text, "half", 4);
}

static void what_killed_processes_left_is_removed(void)
{
    const pid_t gone = process_that_has_ended();
    struct temp_folder folder;

    temp_open(&folder);
    temp_write(&folder, "f", "old", 3);
    write_temporary(&folder, "f.%ld.tmp", gone);
    new_file_sweep(temp_file(&folder, "f"));
    CU_ASSERT_EQUAL(files_in(&folder), 1);
    CU_ASSERT_STRING_EQUAL(content_of(temp_file(&folder, "f")), "old");
    temp_close(&folder);
}

static void what_others_need_is_not_removed(void)
{
    const pid_t gone = process_that_has_ended();
    struct temp_folder folder;

    temp_open(&folder);
    write_temporary(&folder, "f.%ld.tmp", getpid()); /* of one that lives */
    write_temporary(&folder, "g.%ld.tmp", gone);     /* of another file */
    write_temporary(&folder, "f.%ld.tmpx", gone);
    write_temporary(&folder, "f.%ld", gone);
    write_temporary(&folder, "f.x%ld.tmp", gone);
    write_temporary(&folder, "f.-%ld.tmp", gone);
    new_file_sweep(temp_file(&folder, "f"));
    CU_ASSERT_EQUAL(files_in(&folder), 6);
    new_file_sweep(temp_file(&folder, "none/f"));
    temp_close(&folder);
}

static void a_file_that_does_not_reach_the_disk_is_dropped(void)
{
    static const enum fault_call calls[] = {FAULT_OPEN, FAULT_FSYNC};
    struct replaced r;

    replaced_open(&r);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        write_new(&r);
        fault_after(calls[i], 0, EIO);
        CU_ASSERT_FALSE(new_file_keep(&r.file, r.error));
        CU_ASSERT_TRUE(fault_came());
        CU_ASSERT_PTR_NOT_NULL(strstr(r.error, "f: Input/output error"));
        check_alone(&r, "old");
    }
    temp_close(&r.folder);
}

UNIT_SUITE(new_file, T(a_kept_file_replaces_the_old_one), T(a_dropped_file_leaves_the_old_one),
           T(a_file_in_no_folder_cannot_be_opened), T(a_file_that_cannot_be_kept_is_dropped),
           T(what_killed_processes_left_is_removed), T(what_others_need_is_not_removed),
           T(a_file_that_does_not_reach_the_disk_is_dropped));
