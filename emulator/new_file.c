/* SPDX-License-Identifier: GPL-2.0-only */
#include "new_file.h"

#include "error_line.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY_END ".tmp"

/* Ends with `file` as if it had never been opened. */
static void forget(struct new_file *file)
{
    free(file->path);
    free(file->temporary);
    *file = (struct new_file){0};
}

static bool make_names(struct new_file *file, const char *path)
{
    file->path = strdup(path);
    if (asprintf(&file->temporary, "%s.%ld" TEMPORARY_END, path, (long)getpid()) < 0) {
        file->temporary = NULL;
    }
    return file->path && file->temporary;
}

bool new_file_open(struct new_file *file, const char *path, char *error)
{
    *file = (struct new_file){0};
    if (!make_names(file, path)) {
        forget(file);
        return error_line(error, "%s: out of memory", path);
    }
    unlink(file->temporary);                   /* what a killed process of the same number left */
    file->out = fopen(file->temporary, "wxe"); /* new, and the umask decides who may read it */
    if (!file->out) {
        error_line(error, "%s: %s", path, strerror(errno));
        forget(file);
        return false;
    }
    return true;
}

/* The folder is opened before the file takes its place: afterwards little can fail. */
static int open_folder(const char *path)
{
    char folder[PATH_MAX];

    snprintf(folder, sizeof(folder), "%s", path);
    return open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool new_file_sync_entry(const char *path)
{
    const int folder = open_folder(path);
    bool good;

    if (folder < 0) {
        return errno == EACCES;
    }
    good = fsync(folder) == 0;
    close(folder);
    return good;
}

static bool put_in_place(struct new_file *file)
{
    int folder = open_folder(file->path);
    bool good;

    if (folder < 0) {
        return false;
    }
    good = fflush(file->out) == 0 && fsync(fileno(file->out)) == 0 &&
           rename(file->temporary, file->path) == 0 && fsync(folder) == 0;
    close(folder);
    return good;
}

bool new_file_keep(struct new_file *file, char *error)
{
    if (!put_in_place(file)) {
        error_line(error, "%s: %s", file->path, strerror(errno));
        new_file_drop(file);
        return false;
    }
    fclose(file->out);
    forget(file);
    return true;
}

void new_file_drop(struct new_file *file)
{
    if (file->out) {
        fclose(file->out);
        unlink(file->temporary);
        forget(file);
    }
}

/* Whether `name` is that of a temporary of `kept` whose process is no more. */
static bool is_left_over(const char *name, const char *kept)
{
    size_t bytes = strlen(kept);
    char *end;
    long pid;

    if (strncmp(name, kept, bytes) != 0 || name[bytes] != '.' ||
        !isdigit((unsigned char)name[bytes + 1])) {
        return false;
    }
    pid = strtol(name + bytes + 1, &end, 10);
    return strcmp(end, TEMPORARY_END) == 0 && pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void new_file_sweep(const char *path)
{
    const char *slash = strrchr(path, '/'), *kept = slash ? slash + 1 : path;
    const struct dirent *entry;
    char name[PATH_MAX];
    DIR *folder;

    snprintf(name, sizeof(name), "%s", path);
    folder = opendir(dirname(name));
    if (!folder) {
        return;
    }
    while ((entry = readdir(folder)) != NULL) {
        if (is_left_over(entry->d_name, kept)) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    closedir(folder);
}
