/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file exchange.h
 * The host's side of one key exchange, a step a call. Each call sends one command, checks the form
 * of a good answer and returns the outcome. The arithmetic is host_css.h, not the drive's.
 */
#ifndef DVDEMU_EXCHANGE_H
#define DVDEMU_EXCHANGE_H

#include "outcome.h"
#include "tests/support/host_css.h"

struct exchange {
    struct initiator *i;
    uint8_t agid;
    int variant; /**< found from KEY1; -1: not known */
    uint8_t host_challenge[HOST_CSS_CHALLENGE_BYTES], drive_challenge[HOST_CSS_CHALLENGE_BYTES];
    uint8_t key1[HOST_CSS_KEY_BYTES], key2[HOST_CSS_KEY_BYTES], bus_key[HOST_CSS_KEY_BYTES];
};

/** Stages in nominal order (mmc-spec 2.2). */
enum stage { FREE, GRANTED, HCHAL, KEY1, DCHAL, BUSKEY, STAGES };

extern const char *const stage_names[STAGES];

/** REPORT KEY 00h. */
int ask_agid(struct exchange *x);
/** SEND KEY 01h with a challenge that was not used before. */
int send_challenge(struct exchange *x);
/** REPORT KEY 02h; a KEY1 that no variant gives fails the test. */
int ask_key1(struct exchange *x);
/** REPORT KEY 01h. */
int ask_challenge(struct exchange *x);
/** SEND KEY 03h with the right KEY2, with `flip` xor'ed onto it. */
int send_key2(struct exchange *x, const uint8_t flip[HOST_CSS_KEY_BYTES]);
/** SEND KEY 03h with the right KEY2. */
int send_right_key2(struct exchange *x);
/** SEND KEY 03h with a KEY2 that is wrong. */
int send_wrong_key2(struct exchange *x);
/** READ DVD STRUCTURE 02h; the block comes back without bus key. */
int ask_disc_key(struct exchange *x, uint8_t block[HOST_CSS_BLOCK_BYTES]);
/** REPORT KEY 04h; the key comes back without bus key, still under the disc key. */
int ask_title_key(struct exchange *x, uint32_t lba, uint8_t *cpr_mai,
                  uint8_t key[HOST_CSS_KEY_BYTES]);
/** REPORT KEY 3Fh, as Linux does. */
int invalidate(struct exchange *x);

/** Every step from FREE up to `stage`; one that fails ends the test. */
void go_to(struct exchange *x, struct initiator *i, enum stage stage);
/** The steps that are left from `stage` to BUSKEY, then a disc key; true: all good. */
bool complete_from(struct exchange *x, enum stage stage);
/** A whole exchange that ends with the disc key: afterwards ASF is set. Ends the test or works. */
void authenticate(struct initiator *i);

/**
 * Find out in which stage the AGID is, by what it refuses. The AGID may be in another stage
 * afterwards; x->drive_challenge and x->bus_key have to be those of the exchange.
 */
enum stage find_stage(struct exchange *x);

#endif
