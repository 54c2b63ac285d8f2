/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file drive_config.h
 * What a drive file says: who the drive is, where its region state lives, what is in it, and where
 * it differs from the standard: every quirk (quirks.h) is a key too. One row per key; the reader,
 * the help, the sample file's test and the control protocol use the rows.
 *
 * A file with keys only describes one drive. With sections it describes one drive per section,
 * named by it; keys before the first section hold for all of them. A section has at least one key.
 */
#ifndef DVDEMU_DRIVE_CONFIG_H
#define DVDEMU_DRIVE_CONFIG_H

#include "ini_file.h"
#include "personality.h"

#include <limits.h>
#include <stdint.h>

#define DRIVE_NAME_BYTES 224 /**< an iSCSI name has at most 223 bytes */

/** How much a drive tells the log. */
enum drive_verbosity { LOG_ERRORS, LOG_INFO, LOG_COMMANDS };

struct drive_config {
    char name[DRIVE_NAME_BYTES];    /**< section; empty: not named */
    struct personality personality; /**< serial empty: made from the name */
    char disc[PATH_MAX];            /**< image or description; empty: no disc */
    char state[PATH_MAX];           /**< folder of the region state; empty: kept in memory */
    bool disc_given, state_given;   /**< said, if only "none" */
    bool seeded;                    /**< random bytes from `seed`, not from the kernel */
    uint64_t seed;
    bool virtual_clock; /**< time passes when somebody says so */
    uint8_t verbosity;  /**< enum drive_verbosity */
};

enum config_type {
    CONFIG_TEXT,   /**< printable ASCII of min..max characters */
    CONFIG_DIGITS, /**< exactly max digits */
    CONFIG_SERIAL, /**< at most max letters, digits, '-', '_', '.'; or "auto" */
    CONFIG_YES_NO,
    CONFIG_PATH, /**< or "none"; relative to the file that says it */
    CONFIG_SEED, /**< a number, or "random" */
    CONFIG_VERBOSITY,
    CONFIG_CLOCK, /**< real, virtual */
    CONFIG_HEX    /**< at most max bytes in hexadecimal, blanks between them; or "none" */
};

/** One key. */
struct config_key {
    const char *name;
    enum config_type type;
    size_t offset;   /**< in struct drive_config */
    size_t min, max; /**< characters; of CONFIG_HEX bytes */
    const char *initial, *help;
    const char *changes; /**< commands that show it, as in struct quirk_row; NULL: none does */
    /** What is wrong with the bytes of CONFIG_HEX; NULL: nothing. */
    const char *(*check)(const uint8_t *bytes, size_t count);
};

#define DRIVE_CONFIG_VALUE_BYTES PATH_MAX

/** All keys but the quirks, ended by a row without name. */
extern const struct config_key drive_config_keys[];

/** A configuration with every key at its initial value. */
void drive_config_init(struct drive_config *config);

/** Set a key. False: unchanged; `why` (room for INI_ERROR_BYTES) says what is wrong. */
bool drive_config_set(struct drive_config *config, const char *key, const char *value, char *why);

/** Value of a key as drive_config_set() takes it; `out` has room for DRIVE_CONFIG_VALUE_BYTES. */
void drive_config_value(const struct drive_config *config, const struct config_key *key, char *out);

/** Call `fn` for every key, quirks included, with its value as drive_config_set() takes it. */
void drive_config_each(const struct drive_config *config,
                       void (*fn)(void *ctx, const char *key, const char *value), void *ctx);

/** The drives of a file. */
struct drive_config_list {
    struct drive_config *rows; /**< malloc()ed; at least one after reading */
    size_t count;
    bool named; /**< the file has sections */
};

/**
 * Read a file. False: `error` (room for INI_ERROR_BYTES) names file, line and key, and the list
 * is empty. Give the list to drive_config_list_free().
 */
bool drive_config_read(struct drive_config_list *list, const char *path, char *error);

/**
 * The same for `bytes` bytes of text, which is not NULL; `name` stands for the file in errors, and
 * relative paths are beside it. For tests and fuzzers.
 */
bool drive_config_read_text(struct drive_config_list *list, const char *name, const char *text,
                            size_t bytes, char *error);

void drive_config_list_free(struct drive_config_list *list);

#endif
