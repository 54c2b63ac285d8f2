/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file run_folder.h
 * The private folder of a running `serve`: ${XDG_RUNTIME_DIR:-/tmp}/dvdemu-UID/PID, mode 0700.
 * It holds the control socket, tgtd's socket, its lock and its log, and is gone afterwards.
 */
#ifndef DVDEMU_RUN_FOLDER_H
#define DVDEMU_RUN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#define RUN_FOLDER_CONTROL "control" /**< the control socket's name in it */
#define RUN_FOLDER_IPC     "tgt"     /**< tgtd's own socket, to which it adds .0 */
#define RUN_FOLDER_LOG     "tgtd.log"

/** Folder of all runs of this user; `path` has room for `bytes`. False: it does not fit. */
bool run_folder_parent(char *path, size_t bytes);

/**
 * Make this process's folder, empty, and remove those of runs that had no time to tidy up: no such
 * process, and nobody answers at its socket. Refuses a parent that is not the user's own.
 * False: `error` (room for INI_ERROR_BYTES) says why.
 */
bool run_folder_make(char *path, size_t bytes, char *error);

/** Remove a run folder with all files in it, and the parent if it is empty then. */
void run_folder_remove(const char *path);

#endif
