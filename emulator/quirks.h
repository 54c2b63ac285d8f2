/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file quirks.h
 * Where real drives differ, each difference a value and a row: name, values, default, what it
 * changes, source. What each value means exactly: docs/spec/quirks.md. A quirk is a key of a drive
 * file (drive_config.h); the drive reads the values, and each in one place.
 */
#ifndef DVDEMU_QUIRKS_H
#define DVDEMU_QUIRKS_H

#include "region.h"

#include <stddef.h>

enum quirk_order { AGID_LOWEST, AGID_HIGHEST };
enum quirk_field { FIELD_CHECKED, FIELD_IGNORED };
enum quirk_exhausted {
    EXHAUSTED_5500,
    EXHAUSTED_2C00,
    EXHAUSTED_2C00_INVALIDATE,
    EXHAUSTED_REUSE,
    EXHAUSTED_6F01_INVALIDATE,
    EXHAUSTED_REUSE_THEN_6F01,
    EXHAUSTED_SENSE0
};
enum quirk_ungranted { UNGRANTED_2400, UNGRANTED_2C00, UNGRANTED_IGNORE };
enum quirk_invalidate { INVALIDATE_GOOD, INVALIDATE_2400 };
enum quirk_out_of_order { ORDER_STAY, ORDER_GRANTED, ORDER_FREE };
enum quirk_repeat { REPLY_REPEAT, REPLY_REJECT };
enum quirk_bad_key2 { BAD_KEY2_FREE, BAD_KEY2_STAY };
enum quirk_asf_set { ASF_BY_KEY_TRANSFER, ASF_BY_KEY2, ASF_BY_DISC_KEY };
enum quirk_asf_bad_key2 { BAD_KEY2_CLEARS_ASF, BAD_KEY2_KEEPS_ASF };
enum quirk_asf_mismatch { MISMATCH_SETS_ASF, MISMATCH_CLEARS_ASF };
enum quirk_unprotected { UNPROTECTED_6F01, UNPROTECTED_ZEROS, UNPROTECTED_NEAREST };
enum quirk_title_failed { TITLE_FAILED_STAY, TITLE_FAILED_FREE };
enum quirk_non_css {
    NON_CSS_ALLOW_6F01,
    NON_CSS_3002_AT_AGID,
    NON_CSS_6F01_AT_KEY1,
    NON_CSS_ZERO_TITLE_KEY,
    NON_CSS_SENSE0_AT_AGID
};
enum quirk_region_sense { REGION_SENSE_6F04, REGION_SENSE_6F01 };
enum quirk_region_read { REGION_READ_ALLOW, REGION_READ_REFUSE };
enum quirk_same_region { SAME_REGION_FREE, SAME_REGION_COUNTS };
enum quirk_rpc_storage { RPC_IN_FILE, RPC_IN_MEMORY };
enum quirk_loader { LOADER_TRAY, LOADER_SLIM };
enum quirk_speed { SPEED_INSTANT, SPEED_REAL };

/** A variant of its own for every exchange; other values of `variant` are the one of all. */
#define QUIRK_VARIANT_RANDOM 0xff

/** The values of a drive. A yes/no quirk holds 1 or 0. */
struct quirks {
    uint8_t agid_count; /**< 1..4 */
    uint8_t agid_order, agid_field, agid_exhausted, agid_ungranted, invalidate_ungranted;
    uint8_t out_of_order_resets, repeat_reply, bad_key2_agid;
    uint8_t variant; /**< 0..31, or QUIRK_VARIANT_RANDOM */
    uint8_t asf_set, asf_on_bad_key2, asf_on_region_mismatch, asf_always;
    uint8_t title_requires_asf, first_title_key_plain, title_key_unprotected, title_failed_agid;
    uint8_t non_css, region_title_sense, region_read, cmi_format_05;
    uint8_t spindown_drops_agids, release_on_last_nexus_loss;
    uint8_t rpc_scheme; /**< enum region_scheme */
    uint8_t rpc_same_region, rpc_storage, loader, speed;
    uint32_t ready_ms;
    struct region_state rpc_initial; /**< scheme is that of rpc_scheme */
    struct quirk_seed {
        bool given;
        uint64_t number;
    } rng_seed;
};

enum quirk_type {
    QUIRK_CHOICE,  /**< the index of a name in `values` */
    QUIRK_NUMBER,  /**< min..max in the member of `bytes` bytes */
    QUIRK_VARIANT, /**< random, fixed:0 .. fixed:31 */
    QUIRK_SEED,    /**< none, or a number of 64 bits */
    QUIRK_REGION   /**< factory, or status and mask byte of the RPC reply in hexadecimal */
};

/** `changes` of quirks that no reply shows: what owns the drive obeys them. */
#define QUIRK_OF_THE_OWNER "power off"
#define QUIRK_OF_TIME      "when answers come"

#define QUIRK_VALUES_MAX 8
#define QUIRK_TEXT_BYTES 24 /**< room for any value as text */

/** One quirk. */
struct quirk_row {
    const char *name;
    enum quirk_type type;
    size_t offset; /**< in struct quirks */
    uint32_t min, max;
    const char
        *values[QUIRK_VALUES_MAX]; /**< ended by NULL; of other types: how they are written */
    const char *initial;
    const char *help;    /**< what it changes, in a line */
    const char *changes; /**< the command or event it is seen at */
    const char *source;  /**< clause of docs/spec/mmc-spec.md */
};

/** All quirks, ended by a row without name. */
extern const struct quirk_row quirk_rows[];

/** The standard's way everywhere. */
void quirks_init(struct quirks *quirks);

/** The row of a name; NULL: no quirk has it. */
const struct quirk_row *quirk_find(const char *name);

/**
 * Set a quirk to a value as text. False: unchanged, and `why` (room for INI_ERROR_BYTES) says what
 * is wrong with it.
 */
bool quirk_set(struct quirks *quirks, const struct quirk_row *row, const char *value, char *why);

/** The value that a quirk has, as quirk_set() takes it; `out` has room for QUIRK_TEXT_BYTES. */
void quirk_value(const struct quirks *quirks, const struct quirk_row *row, char *out);

#endif
