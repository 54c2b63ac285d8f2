/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file region_store.h
 * Region state on disk: one small text file per serial number, `FOLDER/SERIAL.region`. A new state
 * is on the disk before region_store_save() says so, and a file is either the old or the new one.
 */
#ifndef DVDEMU_REGION_STORE_H
#define DVDEMU_REGION_STORE_H

#include "ini_file.h"
#include "region.h"

/** Whether a serial number can name a file: letters, digits, '-', '_', '.', no leading dot. */
bool region_store_can_name(const char *serial);

/**
 * Read the state of a drive. A drive without a file keeps what `state` holds. False: the file
 * cannot be read or is damaged; `error` (room for INI_ERROR_BYTES) names it with line and key. A
 * damaged file is never taken for a new drive. What a killed process left of a save is removed.
 */
bool region_store_load(const char *folder, const char *serial, struct region_state *state,
                       char *error);

/**
 * Keep a state: written, synced, renamed into place, folder synced. False: the old file is
 * untouched, nothing new is left; `error` (room for INI_ERROR_BYTES) says why.
 */
bool region_store_save(const char *folder, const char *serial, const struct region_state *state,
                       char *error);

/** Create a folder and its parents, private to the user. False: `error` says why. */
bool region_store_make_folder(const char *folder, char *error);

#endif
