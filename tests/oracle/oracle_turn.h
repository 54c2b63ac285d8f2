/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file oracle_turn.h
 * Inside the oracle: one command on its way through the rules. A rule writes what it expects into
 * the turn and the state that follows into the model; oracle_judge() compares the first with what
 * was seen, and takes the second back when they differ.
 */
#ifndef DVDEMU_ORACLE_TURN_H
#define DVDEMU_ORACLE_TURN_H

#include "oracle.h"

#define ORACLE_REPLY_BYTES_MAX (4 + ORACLE_BLOCK_BYTES)

/* Places of the words in oracle_quirk_rows, by key. */
enum { AGID_LOWEST, AGID_HIGHEST };
enum { FIELD_CHECKED, FIELD_IGNORED };
enum {
    EXHAUSTED_5500,
    EXHAUSTED_2C00,
    EXHAUSTED_2C00_INVALIDATE,
    EXHAUSTED_REUSE,
    EXHAUSTED_6F01_INVALIDATE,
    EXHAUSTED_REUSE_THEN_6F01,
    EXHAUSTED_SENSE0
};
enum { UNGRANTED_IS_2400, UNGRANTED_IS_2C00, UNGRANTED_IS_IGNORED };
enum { INVALIDATE_IS_GOOD, INVALIDATE_IS_2400 };
enum { RESETS_NO, RESETS_TO_GRANTED, RESETS_TO_FREE };
enum { REPEAT_IS_REPEATED, REPEAT_IS_REJECTED };
enum { BAD_KEY2_FREE, BAD_KEY2_STAY };
enum { ASF_BY_KEY_TRANSFER, ASF_BY_KEY2, ASF_BY_DISC_KEY };
enum { BAD_KEY2_CLEARS_ASF, BAD_KEY2_KEEPS_ASF };
enum { MISMATCH_SETS_ASF, MISMATCH_CLEARS_ASF };
enum { NO, YES };
enum { UNPROTECTED_6F01, UNPROTECTED_ZEROS, UNPROTECTED_NEAREST };
enum { TITLE_FAILED_STAY, TITLE_FAILED_FREE };
enum {
    NON_CSS_ALLOW_6F01,
    NON_CSS_3002_AT_AGID,
    NON_CSS_6F01_AT_KEY1,
    NON_CSS_ZERO_TITLE_KEY,
    NON_CSS_SENSE0_AT_AGID
};
enum { REGION_TITLE_6F04, REGION_TITLE_6F01 };
enum { REGION_READ_ALLOW, REGION_READ_REFUSE };
enum { CMI_YES, CMI_NO };
enum { SCHEME_1, SCHEME_0 };
enum { SAME_FREE, SAME_COUNTS };
enum { STORAGE_FILE, STORAGE_MEMORY };
enum { LOADER_TRAY, LOADER_SLIM };
enum { SPEED_INSTANT, SPEED_REAL };

struct oracle_turn {
    struct oracle *o;
    const struct oracle_command *c;
    const struct oracle_answer *a;
    struct oracle_nexus *nexus;
    struct oracle_note note;

    /* what the rule expects */
    bool check;
    uint8_t key, asc, ascq;
    enum oracle_pointer pointer;
    bool pointer_is_open; /* the specification does not say where it points */
    uint16_t pointer_byte;
    size_t reply_bytes;        /* before the allocation length */
    size_t alloc_bytes;        /* SIZE_MAX: the command has none */
    size_t hole_from, hole_to; /* bytes that the drive chooses */
    bool data_is_open;         /* all of them */
    const char *broken;        /* a choice of the drive that is none of those possible */
    uint8_t reply[ORACLE_REPLY_BYTES_MAX];
};

/* ---- what a rule expects ---- */

/** GOOD, no data. */
void turn_good(struct oracle_turn *t, enum oracle_rule rule);
/** GOOD with that many bytes, all 00 until they are written to what is returned. */
uint8_t *turn_data(struct oracle_turn *t, enum oracle_rule rule, size_t bytes);
/** The same with the four bytes in front that A4h and ADh replies begin with. */
uint8_t *turn_reply(struct oracle_turn *t, enum oracle_rule rule, size_t bytes);
void turn_refuse(struct oracle_turn *t, enum oracle_rule rule, uint8_t key, uint8_t asc,
                 uint8_t ascq);
/** 05/24/00 that points at a byte of the CDB. */
void turn_refuse_cdb(struct oracle_turn *t, enum oracle_rule rule, uint16_t byte);
/** 05/26/00 that points at a byte of the parameter list. */
void turn_refuse_list(struct oracle_turn *t, enum oracle_rule rule, uint16_t byte);
void turn_not_judged(struct oracle_turn *t);

/** Whether what was seen is a check with that sense. */
bool turn_saw(const struct oracle_turn *t, uint8_t key, uint8_t asc, uint8_t ascq);
/** Bytes of the reply that were seen. */
size_t turn_visible_bytes(const struct oracle_turn *t);
/** Whether bytes from..to of the reply, as far as they were seen, are those. */
bool turn_saw_bytes(const struct oracle_turn *t, size_t from, const uint8_t *bytes, size_t count);

/* ---- gates ---- */

/** False: no readable disc, the refusal is written. */
bool turn_needs_medium(struct oracle_turn *t);
/** False: the disc is no DVD, the refusal is written. */
bool turn_needs_dvd(struct oracle_turn *t);

/* ---- commands: one function each, called with the medium not yet looked at ---- */

void oracle_report_key(struct oracle_turn *t);
void oracle_send_key(struct oracle_turn *t);
void oracle_read_structure(struct oracle_turn *t);
void oracle_read_10(struct oracle_turn *t);
void oracle_read_12(struct oracle_turn *t);
void oracle_unit_ready(struct oracle_turn *t);
void oracle_request_sense(struct oracle_turn *t);
void oracle_start_stop(struct oracle_turn *t);
void oracle_prevent_allow(struct oracle_turn *t);

/* ---- keys ---- */

/** The slot that a CDB with that byte 10 addresses; NULL: one outside the pool, always FREE. */
struct oracle_slot *oracle_addressed_slot(struct oracle *o, uint8_t byte10);
void oracle_free_slot(struct oracle_slot *slot);
void oracle_free_all_slots(struct oracle *o);
/** READ DVD STRUCTURE 02h, after the gates. */
void oracle_disc_key(struct oracle_turn *t);
/** Key formats after the gates of mmc-spec 1.5, steps 1 to 5. */
void oracle_report_agid(struct oracle_turn *t);
void oracle_report_challenge(struct oracle_turn *t);
void oracle_report_key1(struct oracle_turn *t);
void oracle_report_title_key(struct oracle_turn *t);
void oracle_send_challenge(struct oracle_turn *t);
void oracle_send_key2(struct oracle_turn *t);
void oracle_invalidate(struct oracle_turn *t);

/* ---- regions ---- */

struct oracle_region oracle_initial_region(const struct oracle *o);
/** Whether drive and disc have a region in common, mmc-spec 3.3. */
bool oracle_region_allowed(const struct oracle *o);
/** Type code of mmc-spec 4.1. */
unsigned oracle_region_type(const struct oracle_region *r);
void oracle_report_rpc(struct oracle_turn *t);
void oracle_send_rpc(struct oracle_turn *t);

/* ---- the disc ---- */

/** The run that holds a block; NULL: none does, or the disc has no CSS. */
const struct oracle_run *oracle_run_at(const struct oracle_disc *disc, uint32_t lba);
uint8_t oracle_cpr_mai(const struct oracle_disc *disc, uint32_t lba);
bool oracle_range_is_gated(const struct oracle_disc *disc, uint32_t lba, uint32_t blocks);
/** The run with a key that is nearest to a block; NULL: no run has one. */
const struct oracle_run *oracle_nearest_key(const struct oracle_disc *disc, uint32_t lba);

/* ---- invariants ---- */

/** Judge 1 to 3; NULL: they hold. Before the command has stepped the model. */
const char *oracle_invariants(const struct oracle_turn *t);
/** Invariant 4 for the model: what it was before, after a refusal. */
const char *oracle_refusal_changed(const struct oracle_turn *t, const struct oracle *before);
/** Count what an answer says. */
void oracle_watch(struct oracle *o, const struct oracle_command *c, const struct oracle_answer *a);
/** Forget it: reset, medium removed. */
void oracle_watch_ends(struct oracle *o);

/** Write a complaint of a rule; the text that oracle_judge() returns. */
const char *oracle_complain(enum oracle_rule rule, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- wire ---- */

static inline uint32_t oracle_be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t oracle_be32(const uint8_t *at)
{
    return oracle_be16(at) << 16 | oracle_be16(at + 2);
}

#endif
