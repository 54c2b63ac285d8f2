/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file oracle.h
 * What the drive has to answer, by an interpreter of its own: AGIDs, ASF, keys, regions, gated
 * reads, unit attentions, and every quirk.
 *
 * Written from docs/spec/mmc-spec.md and docs/spec/quirks.md, and sharing nothing with the drive:
 * no header, no table, no cipher (host_css.h is the tests' own). It is slow and obvious on
 * purpose, so that a reader can hold it against the words of the specification. It does not
 * predict what a drive may choose (variant, drive challenge, the data of a clear sector): it takes
 * what it sees, keeps the choices that are still possible, and holds the drive to them afterwards.
 *
 *     struct oracle o;
 *     oracle_init(&o);
 *     oracle_quirk(&o, "agid_exhausted", "reuse");
 *     oracle_nexus_came(&o, 0);
 *     oracle_medium_in(&o, &disc);
 *     text = oracle_judge(&o, &command, &answer, &note);    NULL, or the rule that is broken
 */
#ifndef DVDEMU_ORACLE_H
#define DVDEMU_ORACLE_H

#include "oracle_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORACLE_SLOTS           4
#define ORACLE_NEXUSES         8
#define ORACLE_KEY_BYTES       5
#define ORACLE_CHALLENGE_BYTES 10
#define ORACLE_BLOCK_BYTES     2048

/* ---- the disc ---- */

/** Blocks with one CPR_MAI, and the title key that the disc stores for them, if any. */
struct oracle_run {
    uint32_t lba, blocks;
    uint8_t cpr_mai;
    bool has_key;
    uint8_t key[ORACLE_KEY_BYTES]; /**< as the disc stores it: under the disc key, no bus key */
};

/** What is known of a disc. Blocks outside all runs have CPR_MAI 00h and no key. */
struct oracle_disc {
    unsigned id;                   /**< for oracle_state(): equal for equal discs */
    bool cd;                       /**< not a DVD at all */
    bool css;                      /**< CPST 01h; else runs, region and keys mean nothing */
    bool no_copyright;             /**< a DVD without CSS that has no copyright structure either */
    uint8_t rmi;                   /**< a 1 bit forbids the region */
    uint32_t blocks;               /**< capacity */
    const struct oracle_run *runs; /**< ascending, disjoint */
    size_t run_count;
    const uint8_t *disc_key_block; /**< ORACLE_BLOCK_BYTES, without a bus key; NULL unless css */
    bool may_fail; /**< has blocks that cannot be read: a read may end with 03/11/00, 04/44/00 */
};

/* ---- the drive ---- */

/** States of one AGID, mmc-spec 2.2. */
enum oracle_slot_state {
    ORACLE_FREE,
    ORACLE_GRANTED,
    ORACLE_HCHAL,
    ORACLE_KEY1,
    ORACLE_DCHAL,
    ORACLE_BUSKEY,
    ORACLE_SLOT_STATES
};

struct oracle_slot {
    uint8_t state;     /**< enum oracle_slot_state */
    uint32_t variants; /**< bit v: the drive may have drawn variant v for this slot */
    uint8_t host_challenge[ORACLE_CHALLENGE_BYTES];
    uint8_t drive_challenge[ORACLE_CHALLENGE_BYTES];
    uint8_t drive_challenge_known; /**< its first bytes that were seen: replies may be cut */
    uint8_t key2[ORACLE_KEY_BYTES];
};

/** RPC state, mmc-spec 4. */
struct oracle_region {
    uint8_t vendor_resets, user_changes;
    uint8_t mask; /**< a 0 bit allows the region */
};

/** Pending unit attentions, reported in this order. */
enum oracle_attention { ORACLE_UA_POWER_ON = 1, ORACLE_UA_MEDIUM_CHANGED = 2 };

struct oracle_nexus {
    bool here;
    uint8_t attentions; /**< of enum oracle_attention */
    bool prevent, prevent_persistent;
};

/** Counted from answers alone, for the invariants: knows nothing of states. */
struct oracle_watch {
    bool proved[ORACLE_SLOTS]; /**< KEY2 was accepted under this number, no key left since */
    bool key2_accepted;        /**< under any number, since reset and removal */
};

/** One per key of docs/spec/quirks.md; the rows are in oracle_quirks.c. */
enum oracle_quirk_id {
    ORACLE_AGID_COUNT,
    ORACLE_AGID_ORDER,
    ORACLE_AGID_FIELD,
    ORACLE_AGID_EXHAUSTED,
    ORACLE_AGID_UNGRANTED,
    ORACLE_INVALIDATE_UNGRANTED,
    ORACLE_OUT_OF_ORDER_RESETS,
    ORACLE_REPEAT_REPLY,
    ORACLE_BAD_KEY2_AGID,
    ORACLE_VARIANT,
    ORACLE_RNG_SEED,
    ORACLE_ASF_SET,
    ORACLE_ASF_ON_BAD_KEY2,
    ORACLE_ASF_ON_REGION_MISMATCH,
    ORACLE_ASF_ALWAYS,
    ORACLE_TITLE_REQUIRES_ASF,
    ORACLE_FIRST_TITLE_KEY_PLAIN,
    ORACLE_TITLE_KEY_UNPROTECTED,
    ORACLE_TITLE_FAILED_AGID,
    ORACLE_NON_CSS,
    ORACLE_REGION_TITLE_SENSE,
    ORACLE_REGION_READ,
    ORACLE_CMI_FORMAT_05,
    ORACLE_SPINDOWN_DROPS_AGIDS,
    ORACLE_RELEASE_ON_LAST_NEXUS_LOSS,
    ORACLE_RPC_SCHEME,
    ORACLE_RPC_INITIAL,
    ORACLE_RPC_SAME_REGION,
    ORACLE_RPC_STORAGE,
    ORACLE_LOADER,
    ORACLE_READY_MS,
    ORACLE_SPEED,
    ORACLE_QUIRKS
};

/**
 * A drive as the rules see it: a value. Copy it by assignment; it owns nothing and points only at
 * the disc, which is the caller's and has to outlive it. Members are for reading.
 */
struct oracle {
    uint32_t quirk[ORACLE_QUIRKS];         /**< which value: the number, or the place of the word */
    struct oracle_slot slot[ORACLE_SLOTS]; /**< by AGID; outside the pool always FREE */
    bool asf;
    bool last_grant_was_reuse; /**< the last good REPORT KEY 00h took a slot that was in use;
                                    forgotten with the slots */
    bool key_went_out;         /**< a disc or title key, since power on, reset, medium removal */
    struct oracle_region region;

    const struct oracle_disc *disc; /**< inside, or on the open tray; NULL: none */
    bool tray_open, loading;        /**< loading: in, and becoming ready */
    uint64_t now_ms, ready_at_ms;

    struct oracle_nexus nexus[ORACLE_NEXUSES];
    struct oracle_watch watch;

    /** Set by a test whose random source never repeats itself: the drive's challenges may not. */
    bool challenges_are_fresh;
    uint8_t last_challenge[ORACLE_CHALLENGE_BYTES];
};

/** Power on for the first time: every quirk at its default, factory region, no disc, no nexus. */
void oracle_init(struct oracle *o);

/** Set a quirk by its words in quirks.md, right after oracle_init(). False: no such key or value.
 */
bool oracle_quirk(struct oracle *o, const char *key, const char *value);

/** A key for whoever draws quirks: its words, or some numbers worth trying; the first: default. */
struct oracle_quirk_row {
    const char *key;
    const char *values; /**< separated by one space */
};
extern const struct oracle_quirk_row oracle_quirk_rows[ORACLE_QUIRKS];

/* ---- events; commands are for oracle_judge() ---- */

/** Power off and on: no disc, tray closed, no nexus; the region state as `rpc_storage` says. */
void oracle_power_cycle(struct oracle *o);
void oracle_nexus_came(struct oracle *o, unsigned nexus);
void oracle_nexus_gone(struct oracle *o, unsigned nexus);
/** Logical unit reset. */
void oracle_reset(struct oracle *o);
/** The operator put a disc in; the tray is closed now. */
void oracle_medium_in(struct oracle *o, const struct oracle_disc *disc);
/** The operator opened the tray and took away what lay on it. */
void oracle_medium_out(struct oracle *o);
/** What the drive's clock says now; never less than before. */
void oracle_clock(struct oracle *o, uint64_t now_ms);

/** Whether a nexus prevents removal, so that the operator's button is refused. */
bool oracle_is_prevented(const struct oracle *o);

/* ---- commands ---- */

struct oracle_command {
    unsigned nexus; /**< 0..7; it has come */
    const uint8_t *cdb;
    size_t cdb_bytes;
    const uint8_t *out; /**< parameter data that arrived */
    size_t out_bytes;
    size_t in_room_bytes; /**< bytes that the host can take */
};

enum oracle_pointer { ORACLE_POINTER_NONE, ORACLE_POINTER_CDB, ORACLE_POINTER_LIST };

/** What was seen. */
struct oracle_answer {
    bool check; /**< CHECK CONDITION; false: GOOD */
    uint8_t key, asc, ascq;
    enum oracle_pointer pointer;
    uint16_t pointer_byte;
    bool information_valid;
    size_t data_bytes;   /**< what the drive had to say after the allocation length */
    const uint8_t *data; /**< as many of them as the room took */
};

/** Rows of the table in mmc-spec 2.3, and what is known of the state before and after. */
enum oracle_row {
    ORACLE_ROW_REPORT_00,
    ORACLE_ROW_SEND_01,
    ORACLE_ROW_REPORT_02,
    ORACLE_ROW_REPORT_01,
    ORACLE_ROW_SEND_03_RIGHT,
    ORACLE_ROW_SEND_03_WRONG,
    ORACLE_ROW_TITLE_KEY,
    ORACLE_ROW_TITLE_REGION,
    ORACLE_ROW_TITLE_NO_KEY,
    ORACLE_ROW_TITLE_RANGE,
    ORACLE_ROW_TITLE_ASF, /**< quirks.md, title_requires_asf */
    ORACLE_ROW_DISC_KEY,
    ORACLE_ROW_DISC_NO_KEYS,
    ORACLE_ROW_INVALIDATE,
    ORACLE_ROWS
};

/** How a verdict was reached; for coverage. */
struct oracle_note {
    bool judged;           /**< false: the command is outside the oracle's rules */
    enum oracle_rule rule; /**< the rule that decided; when judged */
    bool exchange;         /**< a row of 2.3 was walked: the next three mean something */
    enum oracle_row row;
    enum oracle_slot_state from, to;
};

/**
 * Step the model by one command and judge what was seen. NULL: the rules allow it (or do not speak
 * of it: note->judged). Else a text with the rule, its clause, what was expected and what was
 * seen; good until the next call on this thread, and the model is as it was before the command.
 * `note` may be NULL.
 */
const char *oracle_judge(struct oracle *o, const struct oracle_command *command,
                         const struct oracle_answer *answer, struct oracle_note *note);

/** Words of a row of 2.3. */
const char *oracle_row_name(enum oracle_row row);
const char *oracle_slot_state_name(enum oracle_slot_state state);

/* ---- the state as bytes ---- */

/** What of the state is written. */
enum oracle_detail {
    ORACLE_SHAPE, /**< without challenges, keys, variants and time: what an explorer counts */
    ORACLE_WHOLE
};

#define ORACLE_STATE_BYTES_MAX 320

/** Write the state; equal states give equal bytes. Returns how many of the bytes are used. */
size_t oracle_state(const struct oracle *o, enum oracle_detail detail,
                    uint8_t out[static ORACLE_STATE_BYTES_MAX]);

/** What a test can see of a drive from inside. */
struct oracle_seen {
    uint8_t slot_state[ORACLE_SLOTS]; /**< enum oracle_slot_state */
    bool asf;
    uint8_t vendor_resets, user_changes, region_mask;
    bool disc_in; /**< inside or on the tray */
    bool tray_open;
    struct oracle_nexus nexus[ORACLE_NEXUSES];
};

/** Invariant 4: the drive is in the state that the rules say. NULL, or what differs. */
const char *oracle_same_state(const struct oracle *o, const struct oracle_seen *seen);

#endif
