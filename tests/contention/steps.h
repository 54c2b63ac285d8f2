/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file steps.h
 * The commands of the lab, a row each, and what hosts remember of the exchanges between them. AGIDs
 * have no owner: all hosts look into one book, so each can go on with what another one began.
 */
#ifndef DVDEMU_CONTENTION_STEPS_H
#define DVDEMU_CONTENTION_STEPS_H

#include "history.h"
#include "tests/support/host_css.h"

/* Where the discs of the lab have what. */
#define LAB_BLOCKS      96
#define LAB_LONG_BLOCKS 16 /* 32 KiB, which the module leaves to a worker */
#define LAB_CLEAR_LBA   16 /* CPR_MAI B0h, title key one */
#define LAB_GATED_LBA   32 /* CPR_MAI F0h, title key one */
#define LAB_SECOND_LBA  64 /* CPR_MAI F0h, title key two */
#define LAB_KEYLESS_LBA 80 /* CPR_MAI B0h, no title key, 8 blocks */

enum step {
    STEP_GRANT, /**< the steps of an exchange, in their order */
    STEP_CHALLENGE,
    STEP_KEY1,
    STEP_DRIVE_CHALLENGE,
    STEP_KEY2,
    STEP_DISC_KEY,
    STEP_TITLE_ONE,
    STEP_TITLE_TWO,
    STEP_TITLE_NONE,
    STEP_TITLE_RANGE,
    STEP_BAD_KEY2,
    STEP_INVALIDATE,
    STEP_ASF,
    STEP_RPC,
    STEP_REGION_1,
    STEP_REGION_2,
    STEP_READ_FREE,
    STEP_READ_GATED,
    STEP_READ_EDGE, /**< a clear block and a gated one */
    STEP_READ_LONG, /**< so long that a worker copies it, and others overtake it */
    STEP_READ_LONG_GATED,
    STEP_UNIT_READY,
    STEP_SENSE,
    STEP_COPYRIGHT,
    STEP_EVENT,
    STEP_EJECT,
    STEP_LOAD,
    STEP_STOP,
    STEP_PREVENT,
    STEP_ALLOW,
    STEPS
};

/** What is known of the exchange under each AGID, from answers. */
struct key_book {
    struct {
        uint8_t host_challenge[HOST_CSS_CHALLENGE_BYTES];
        uint8_t drive_challenge[HOST_CSS_CHALLENGE_BYTES];
        unsigned variant;
    } page[ORACLE_SLOTS];
    uint32_t random; /**< state of lcg.h: challenges of the hosts */
};

/** A command in a history, from `who` through `nexus`; NULL: no room. */
struct op *lab_step_begin(struct history *h, enum step step, uint8_t who, uint8_t nexus,
                          struct key_book *book, unsigned agid);

/** Write into the book what an answer tells. */
void lab_step_learn(struct key_book *book, const struct op *op);

#endif
