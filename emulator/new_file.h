/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file new_file.h
 * A file that is there as a whole or not at all: written beside its place, synced,
 * renamed, and the folder synced.
 */
#ifndef DVDEMU_NEW_FILE_H
#define DVDEMU_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

struct new_file {
    FILE *out;       /**< write here; NULL: nothing is open */
    char *path;      /**< owned; where it goes */
    char *temporary; /**< owned; where it is until then */
};

/** Begin. False: `error` (room for INI_ERROR_BYTES) names the path; so in all calls here. */
bool new_file_open(struct new_file *file, const char *path, char *error);

/** Put it in its place and close it. False: it is dropped, and what was there before stays. */
bool new_file_keep(struct new_file *file, char *error);

/** Close it and leave nothing behind; nothing happens when none is open. */
void new_file_drop(struct new_file *file);

/**
 * Make the entry of a path in its folder safe: after a power loss it is there. False: errno says
 * why. A folder that may be written but not read cannot be synced; that is no failure.
 */
bool new_file_sync_entry(const char *path);

/**
 * Remove what processes left beside a file that were killed before they kept or dropped it. What
 * belongs to a process that is there stays. Failures are not told: nothing depends on it.
 */
void new_file_sweep(const char *path);

#endif
