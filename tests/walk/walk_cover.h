/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file walk_cover.h
 * What a walk has been through: rows of mmc-spec 2.3 by state, commands by outcome, rules.
 */
#ifndef DVDEMU_WALK_COVER_H
#define DVDEMU_WALK_COVER_H

#include "tests/oracle/oracle.h"

#include <stdio.h>

#define WALK_OUTCOMES_MAX 1024

struct walk_outcome {
    uint32_t label; /**< operation code and format; table in walk_cover.c */
    uint32_t sense; /**< key, ASC, ASCQ; WALK_GOOD: GOOD */
    uint64_t count;
};

#define WALK_GOOD 0xffffffffu

struct walk_cover {
    uint64_t cells[ORACLE_ROWS][ORACLE_SLOT_STATES];
    uint64_t event[ORACLE_SLOT_STATES]; /**< an invalidating event (2.8) met a slot in that state */
    uint64_t rules[ORACLE_RULE_COUNT];
    uint64_t judged, not_judged;
    struct walk_outcome outcomes[WALK_OUTCOMES_MAX];
    size_t outcome_count;
};

void walk_cover_command(struct walk_cover *cover, const struct oracle_command *c,
                        const struct oracle_answer *a, const struct oracle_note *note);

/** An invalidating event is about to happen. */
void walk_cover_event(struct walk_cover *cover, const struct oracle *o);

/** Print it. Returns how many cells of the table that can be met were not. */
unsigned walk_cover_print(const struct walk_cover *cover, FILE *out);

#endif
