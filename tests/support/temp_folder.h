/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file temp_folder.h
 * A folder for one test, below $TMPDIR or /tmp. Every call ends the test program if it cannot do
 * what it says.
 */
#ifndef DVDEMU_TEMP_FOLDER_H
#define DVDEMU_TEMP_FOLDER_H

#include <stddef.h>

#define TEMP_PATH_BYTES 512

struct temp_folder {
    char path[TEMP_PATH_BYTES / 2];
    char file[TEMP_PATH_BYTES]; /**< what temp_file() and temp_write() named last */
};

void temp_open(struct temp_folder *folder);
/** Removes the folder, which may hold files but no folders. */
void temp_close(struct temp_folder *folder);
/** Path of a file in the folder; good until the next call. */
const char *temp_file(struct temp_folder *folder, const char *name);
/** The same, and write `bytes` bytes to it; zero bytes if `content` is NULL. */
const char *temp_write(struct temp_folder *folder, const char *name, const void *content,
                       size_t bytes);

#endif
