/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file linearise.h
 * Whether a history can be explained: is there an order of its operations, one after the other,
 * that agrees with real time (what was answered before another was begun comes first) and in which
 * the rules (model.h) allow every answer? Operations whose end is not known may stand in the order
 * or not. Depth first, with the model copied at each step; a set of operations that led to the same
 * state before is not walked again.
 */
#ifndef DVDEMU_CONTENTION_LINEARISE_H
#define DVDEMU_CONTENTION_LINEARISE_H

#include "model.h"

enum verdict {
    EXPLAINED,
    UNEXPLAINED,
    UNDECIDED /**< more steps than linearise_steps_max */
};

struct order {
    uint8_t op[HISTORY_OPS_MAX];  /**< places in the history */
    uint8_t end[HISTORY_OPS_MAX]; /**< which of lab_model_ends() */
    size_t count;
};

struct explanation {
    struct order order; /**< when not explained: as far as the longest one came */
    uint64_t steps;     /**< operations that were tried */
};

extern uint64_t linearise_steps_max;

enum verdict linearise(const struct history *h, const struct lab_model *start,
                       struct explanation *e);

/** Say where an explanation ended and what the rules have against each step from there. */
void linearise_print(const struct history *h, const struct lab_model *start,
                     const struct explanation *e, FILE *to);

/** Whether the order of an explanation is another one than that in which things were begun. */
bool linearise_reordered(const struct explanation *e);

#endif
