/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file bends.h
 * Ways to make a right step of a key exchange almost right: what a broken host, or one that knows
 * no key, would send.
 */
#ifndef DVDEMU_FUZZ_BENDS_H
#define DVDEMU_FUZZ_BENDS_H

#include "judged_case.h"

#include "tests/walk/host_steps.h"

#define BEND_KEYS_KEPT 4

/** What a host has seen in this input and may try again. */
struct bend_memory {
    uint8_t key2[BEND_KEYS_KEPT][ORACLE_KEY_BYTES]; /**< right ones, a ring */
    unsigned key2_count;
    uint8_t key1[ORACLE_KEY_BYTES];            /**< the last KEY1 of the drive */
    uint8_t challenge[ORACLE_CHALLENGE_BYTES]; /**< the last challenge of the drive */
    struct step_command last;                  /**< the last command */
};

/** Bend number `bend`, 0 and what is too large: none. `what`: where, or how much. */
void bend_step(struct step_command *c, const struct oracle *o, const struct bend_memory *memory,
               unsigned bend, uint8_t what);
#define BENDS 24

/** After a command: keep what can be used again. */
void bend_remember(struct bend_memory *memory, const struct step_command *c,
                   const struct judged_case *in);

#endif
