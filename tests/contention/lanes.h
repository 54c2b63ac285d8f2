/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file lanes.h
 * Inside an interleaving: who takes part in it, and what each of them has under way.
 */
#ifndef DVDEMU_CONTENTION_LANES_H
#define DVDEMU_CONTENTION_LANES_H

#include "interleaving.h"
#include "tests/walk/walk_random.h"

#define HOST_LANES    3 /**< of a session */
#define SESSION_LANES (HOST_LANES + 1)
#define LANES         (LAB_SESSIONS * SESSION_LANES + LAB_OPERATORS)

/** Somebody who does one thing after the other, and waits for each answer. */
struct lane {
    enum role role;
    uint8_t place; /**< session, or number of the operator */
    const struct script *script;
    size_t at;
    const struct op *op; /**< under way; NULL: nothing is */
    unsigned agid;
    bool holds_agid; /**< it was given away, and its exchange is not at its end */
    bool is_leaving; /**< under way is a logout */
    struct op
        *gone; /**< of a logout after which the session is gone for good; NULL: it need not be */
};

struct run {
    struct lab *lab;
    struct tally *tally;
    struct walk_random r;
    struct lane lanes[LANES];
    bool may_disturb[ROLES]; /**< scripts that are not calm are drawn */
    unsigned collect_per_mille, open_most;
    uint32_t asleep; /**< bit i: lane i does nothing in this history */
};

/** Everybody idle, and what of this history comes from the seed once. */
void lanes_set_up(struct run *run);

/** How many operations are under way. */
unsigned lanes_under_way(const struct run *run);
/** Whether an AGID is given away whose exchange is not at its end. */
bool lanes_are_in_exchange(const struct run *run);
/** The lane that logs this session in and out. */
struct lane *lanes_manager(struct run *run, unsigned session);
/** Whether the lane can begin something. */
bool lane_is_idle(struct run *run, const struct lane *lane);

/** What the lane does next, by its script or another one that is drawn; SCRIPT_END: nothing. */
unsigned lane_next_deed(struct run *run, struct lane *lane);
/** Whether that can be done now. */
bool lane_can(const struct run *run, const struct lane *lane, unsigned deed);
/** Begin it. False: it could not be sent. */
bool lane_begin(struct run *run, struct lane *lane, unsigned deed);
/** The target has ended the connection of the lane's session. */
void lane_has_left(struct run *run, struct lane *lane);

#endif
