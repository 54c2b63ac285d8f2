/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file check_exchange.h
 * Inside the conformance suite: the host's side of one key exchange, a step a call (mmc-spec 2.9).
 * A step sends one command as k->host and returns its outcome; a good answer of the wrong form
 * fails the row.
 */
#ifndef DVDEMU_CHECK_EXCHANGE_H
#define DVDEMU_CHECK_EXCHANGE_H

#include "check_talk.h"

#define KEY_HEADER_BYTES  4 /* in front of every list and every reply */
#define AGID_BYTES        8
#define CHALLENGE_BYTES   16
#define KEY1_BYTES        12
#define KEY2_BYTES        12
#define TITLE_KEY_BYTES   12
#define ASF_REPLY_BYTES   8
#define RPC_REPLY_BYTES   8
#define REGION_LIST_BYTES 8
#define DISC_KEY_BYTES    (KEY_HEADER_BYTES + CSS_DISC_BLOCK_BYTES)

/** States of one AGID (mmc-spec 2.2), in nominal order. */
enum check_stage { FREE, GRANTED, HCHAL, KEY1, DCHAL, BUSKEY, STAGES };

extern const char *const check_stage_names[STAGES];

struct check_exchange {
    unsigned agid;
    int variant; /**< found from KEY1; -1: not known */
    css_challenge host, drive;
    css_key1 key1;
    css_bus_key bus_key;
};

/* ---- the pool, as the quirks have it ---- */

/** How many AGIDs are granted at a time. */
unsigned check_agids(const struct check *k);
/** Number of the AGID that is granted when `granted` are out. */
unsigned check_nth_agid(const struct check *k, unsigned granted);

/* ---- one step ---- */

/** REPORT KEY 00h. */
int check_step_agid(struct check *k, struct check_exchange *x);
/** SEND KEY 01h with a challenge that was not used before. */
int check_step_challenge(struct check *k, struct check_exchange *x);
/** SEND KEY 01h with that challenge. */
int check_step_this_challenge(struct check *k, struct check_exchange *x, const css_challenge *host);
/** REPORT KEY 02h; a KEY1 that no variant gives fails the row. */
int check_step_key1(struct check *k, struct check_exchange *x);
/** REPORT KEY 01h. */
int check_step_drive_challenge(struct check *k, struct check_exchange *x);
/** SEND KEY 03h with the right KEY2. */
int check_step_key2(struct check *k, struct check_exchange *x);
/** SEND KEY 03h with `flip` xor'ed onto the right KEY2. */
int check_step_wrong_key2(struct check *k, struct check_exchange *x, const css_key2 *flip);
/** READ DVD STRUCTURE 02h; the block comes back without bus key. NULL: thrown away. */
int check_step_disc_key(struct check *k, struct check_exchange *x, uint8_t *block);
/** REPORT KEY 04h; the key comes back without bus key, under the disc key. NULL: thrown away. */
int check_step_title_key(struct check *k, struct check_exchange *x, uint32_t lba, uint8_t *cpr_mai,
                         css_wrapped_title_key *key);
/** REPORT KEY 3Fh. */
int check_step_invalidate(struct check *k, unsigned agid);

/* ---- several steps ---- */

/** An exchange that has not begun; its AGID is the one that is granted last of all. */
void check_begin(const struct check *k, struct check_exchange *x);

/** Every step from the beginning up to `stage`. False: the row has failed. */
bool check_reach(struct check *k, struct check_exchange *x, enum check_stage stage);

/** The steps that are left after `stage`, up to BUSKEY. False: the row has failed. */
bool check_go_on(struct check *k, struct check_exchange *x, enum check_stage stage);

/**
 * Whether the AGID is in BUSKEY, by taking the disc key: on a disc without CSS by the refusal
 * that only BUSKEY has. False: the row has failed.
 */
bool check_cash_in(struct check *k, struct check_exchange *x);

/** check_go_on(), check_cash_in(): the exchange works to its end. False: the row has failed. */
bool check_complete(struct check *k, struct check_exchange *x, enum check_stage stage);

/**
 * Find out in which state the AGID is, by what it refuses; it may be in another one afterwards.
 * x->drive and x->bus_key have to be those of the exchange. A drive that takes a free AGID for a
 * granted one is told apart no further: GRANTED.
 */
enum check_stage check_find_stage(struct check *k, struct check_exchange *x);

/** Whether all AGIDs can be given back: not those that no CDB can name (agid_field = ignored). */
bool check_can_give_back(const struct check *k);

/**
 * Count the AGIDs that can still be granted; takes them, and gives back those. Of a drive that
 * takes back one only, that one stands for all. -1: failed.
 */
int check_count_free(struct check *k);

/* ---- the drive's lock ---- */

/** A whole exchange that ends with the disc key. False: the row has failed. */
bool check_unlock(struct check *k);
/** ASF after that. */
bool check_asf_after_disc_key(const struct check *k);
/** An exchange that ends with a wrong KEY2; its AGID is free. False: the row has failed. */
bool check_refuse_key2(struct check *k);
/** The same, or what else it takes to make ASF 0. False: the row has failed or is skipped. */
bool check_lock(struct check *k);
/** As far as BUSKEY, where a title key may be asked. False: the row has failed. */
bool check_reach_title_key(struct check *k, struct check_exchange *x);
/** What a read of a gated block ends with after check_unlock(). */
int check_unlocked_read(const struct check *k);

#endif
