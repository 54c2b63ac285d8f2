/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_steps.h
 * Commands of a key exchange as a right host sends them, with a KEY2 of its own reckoning
 * (tests/support/host_css.h) from what the oracle has seen go by.
 */
#ifndef DVDEMU_HOST_STEPS_H
#define DVDEMU_HOST_STEPS_H

#include "tests/oracle/oracle.h"

#define STEP_CDB_BYTES  12
#define STEP_LIST_BYTES 64

enum host_step {
    STEP_AGID,
    STEP_HOST_CHALLENGE,
    STEP_KEY1,
    STEP_DRIVE_CHALLENGE,
    STEP_KEY2,
    STEP_TITLE_KEY,
    STEP_DISC_KEY,
    STEP_ASF,
    STEP_RPC_STATE,
    STEP_REGION,
    STEP_INVALIDATE,
    STEP_INVALIDATE_BY_SEND,
    STEP_READ_GATED,
    HOST_STEPS
};

/** A command that can be bent; `command` points at the arrays: do not move it. */
struct step_command {
    uint8_t cdb[STEP_CDB_BYTES], list[STEP_LIST_BYTES];
    struct oracle_command command;
};

/** Make it right for that AGID. `salt`: which challenge, block or region; any number. */
void host_step_make(struct step_command *c, const struct oracle *o, enum host_step step,
                    unsigned nexus, unsigned agid, uint8_t salt);

/** What comes next for an AGID in its state; a key when nothing else is left. */
enum host_step host_step_next(const struct oracle *o, unsigned agid, bool disc_key);

/** The variant that a host takes the drive's to be: the first that KEY1 leaves possible. */
unsigned host_step_variant(const struct oracle_slot *slot);

#endif
