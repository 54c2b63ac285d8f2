/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file scripts.h
 * What a lane does, a row each: the steps of a host between which others come, and what people and
 * initiators do to a drive in the middle of them.
 */
#ifndef DVDEMU_CONTENTION_SCRIPTS_H
#define DVDEMU_CONTENTION_SCRIPTS_H

#include "steps.h"

#define SCRIPT_STEPS_MAX 9

/** What is no command: numbers behind enum step. */
enum deed {
    DEED_RESET = STEPS,
    DEED_ABORT, /**< of what another lane of the session has under way */
    DEED_ABORT_ALL,
    DEED_DROP, /**< close the connection without a word */
    DEED_RST,  /**< the same by a TCP reset */
    DEED_LOGOUT,
    DEED_LOGIN,
    DEED_OPERATOR_EJECT,
    DEED_INSERT_0,
    DEED_INSERT_1,
    DEED_CLOCK,
    SCRIPT_END
};

/** Who can play a script. */
enum role {
    ROLE_HOST,    /**< two lanes of each session */
    ROLE_MANAGER, /**< one lane of each session: what is done to tasks and sessions */
    ROLE_OPERATOR,
    ROLES
};

struct script {
    enum role role;
    unsigned weight;                 /**< how often it is drawn, beside the others of its role */
    bool is_calm;                    /**< disturbs no exchange; drawn in every history */
    bool needs_clock;                /**< of a drive whose clock is virtual */
    uint8_t steps[SCRIPT_STEPS_MAX]; /**< up to SCRIPT_END */
};

extern const struct script scripts[];
extern const size_t script_count;

#endif
