/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_tgtd_process.h
 * A private tgtd with the module in it: started, spoken to, stopped. It ends when this process
 * does, however that comes about.
 */
#ifndef DVDEMU_CLI_TGTD_PROCESS_H
#define DVDEMU_CLI_TGTD_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tgtd_setup {
    const char *program;    /**< path of tgtd */
    const char *module;     /**< path of dvd.so */
    const char *host;       /**< numeric address to listen at */
    unsigned port;          /**< not 0 */
    const char *run_folder; /**< run_folder.h */
    const char *log_file;   /**< tgtd's output is added to it; NULL: a file in the run folder */
    const char *ready_file; /**< absolute; removed by the module at its end. NULL: none */
};

struct tgtd_process {
    pid_t pid;
    int control_fd; /**< the owner's connection (control.h); its end ends tgtd */
};

/** Find tgtd in PATH and where distributions put it. False: `error` says so. */
bool tgtd_find(char *path, size_t bytes, char *error);

/**
 * Start it. It answers on control_fd as soon as it can serve. False: `error` (room for
 * INI_ERROR_BYTES) says why, nothing was started.
 */
bool tgtd_start(struct tgtd_process *tgtd, const struct tgtd_setup *setup, char *error);

/** Close the connection, wait for the end, kill what does not end in time. */
void tgtd_stop(struct tgtd_process *tgtd);

/** Say on stderr what tgtd said last, a few lines of its log. */
void tgtd_print_log(const struct tgtd_setup *setup);

#endif
