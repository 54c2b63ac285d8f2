/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file expectations.h
 * Values that a disc or drive is known to have: "name=hex" lines of --expect. Empty lines and
 * lines that begin with # are left out.
 */
#ifndef DVDEMU_EXPECTATIONS_H
#define DVDEMU_EXPECTATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPECTED_BYTES_MAX      2048
#define EXPECTATION_ERROR_BYTES 256

/** The names, in the order of the table in expectations.c. */
enum expected {
    EXPECTED_BLOCKS,         /**< blocks=00000100: size of the disc */
    EXPECTED_REGIONS,        /**< disc-regions=fe: region byte of the disc, 1 bits are forbidden */
    EXPECTED_REGION_MASK,    /**< region-mask=fd: the drive's, 0 bits are allowed */
    EXPECTED_DISC_KEY_BLOCK, /**< disc-key-block=...: the first bytes of it, clear of bus key */
    EXPECTED_DISC_KEY,       /**< disc-key=5 bytes: must open the block's check entry */
    EXPECTED_WRAPPED_TITLE_KEY, /**< wrapped-title-key=5 bytes: as on the disc */
    EXPECTED_TITLE_KEY,         /**< title-key=5 bytes: opened with disc-key */
    EXPECTED_TITLE_FLAGS,       /**< title-flags=f0: KeyFlags that come with the title key */
    EXPECTED_CLEAR_SECTOR,      /**< clear-sector=...: the first bytes of the scrambled block,
                                     descrambled with title-key, from byte 128 on */
    EXPECTED_COUNT
};

struct expectations {
    struct {
        uint8_t data[EXPECTED_BYTES_MAX];
        size_t bytes; /**< 0: not named */
    } of[EXPECTED_COUNT];
};

/** Read the lines of a text. False: `error` names `file`, line and field. */
bool expectations_parse(struct expectations *e, const char *file, const char *text,
                        char error[static EXPECTATION_ERROR_BYTES]);

/** The same from a file. */
bool expectations_load(struct expectations *e, const char *file,
                       char error[static EXPECTATION_ERROR_BYTES]);

/** Whether a value of `bytes` bytes begins as expected; true too when nothing is. */
bool expectation_met(const struct expectations *e, enum expected name, const uint8_t *data,
                     size_t bytes);

/** Whether anything is expected of it. */
static inline bool expectation_given(const struct expectations *e, enum expected name)
{
    return e->of[name].bytes != 0;
}

#endif
