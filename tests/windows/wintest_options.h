/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file wintest_options.h
 * The command line of wintest.exe.
 */
#ifndef DVDEMU_WINTEST_OPTIONS_H
#define DVDEMU_WINTEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION_ERROR_BYTES 160
#define DEVICE_PATH_BYTES  128
#define OPTION_NOT_GIVEN   UINT32_MAX

struct wintest_options {
    const char *device; /**< as given; wintest_device_path() makes a path of it */
    const char *expect, *json;
    uint32_t title_lba, scrambled_lba; /**< or OPTION_NOT_GIVEN */
    uint32_t set_region;               /**< 1..8; 0: leave the region alone */
    uint32_t repeat, threads;          /**< 0: not wanted */
    uint32_t limit_s;                  /**< the whole program's */
    bool no_negative, no_crypt, pass_through, interactive, wine, verbose, help;
};

/**
 * Read the command line; strings stay the caller's. False: `error` says what is wrong with it.
 * With --help a drive need not be named.
 */
bool wintest_options_read(struct wintest_options *o, int argc, char *const *argv,
                          char error[static OPTION_ERROR_BYTES]);

/** The text of --help; good for ever. */
const char *wintest_usage(void);

/**
 * What CreateFile wants: "\\.\D:" for "D", "D:" or "D:\", else the device as given. False: too
 * long.
 */
bool wintest_device_path(const char *device, char path[static DEVICE_PATH_BYTES]);

#endif
