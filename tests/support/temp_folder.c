/* SPDX-License-Identifier: GPL-2.0-only */
#include "temp_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void stop(const char *what)
{
    perror(what);
    abort();
}

void temp_open(struct temp_folder *folder)
{
    const char *above = getenv("TMPDIR");
    int length = snprintf(folder->path, sizeof(folder->path), "%s/dvdemu-test-XXXXXX",
                          above && *above ? above : "/tmp");

    if (length >= (int)sizeof(folder->path) || !mkdtemp(folder->path)) {
        stop(folder->path);
    }
}

void temp_close(struct temp_folder *folder)
{
    DIR *listing = opendir(folder->path);
    struct dirent *entry;

    while (listing && (entry = readdir(listing))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlinkat(dirfd(listing), entry->d_name, 0) < 0) {
            stop(entry->d_name);
        }
    }
    if (!listing || closedir(listing) < 0 || rmdir(folder->path) < 0) {
        stop(folder->path);
    }
}

const char *temp_file(struct temp_folder *folder, const char *name)
{
    if (snprintf(folder->file, sizeof(folder->file), "%s/%s", folder->path, name) >=
        (int)sizeof(folder->file)) {
        stop(name);
    }
    return folder->file;
}

const char *temp_write(struct temp_folder *folder, const char *name, const void *content,
                       size_t bytes)
{
    FILE *file = fopen(temp_file(folder, name), "wb");

    if (!file || (content && fwrite(content, 1, bytes, file) != bytes) || fflush(file) != 0 ||
        ftruncate(fileno(file), (off_t)bytes) < 0 || fclose(file) != 0) {
        stop(folder->file);
    }
    return folder->file;
}
