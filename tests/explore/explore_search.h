/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file explore_search.h
 * The search: states of one drive and its oracle, breadth first, each with every letter.
 */
#ifndef DVDEMU_EXPLORE_SEARCH_H
#define DVDEMU_EXPLORE_SEARCH_H

#include "explore_key.h"
#include "explore_letters.h"

struct explore_node;

struct explorer {
    struct explore_scope scope;
    uint32_t states_most; /**< give up beyond */
    bool says_nothing;    /**< of a difference */

    struct judged_drive j; /**< prepared by the caller, not opened */
    struct explore_alphabet alphabet;
    struct explore_set set;
    struct explore_node *nodes;
    size_t room;
    uint32_t *edges; /**< of each state a row of letters */
    uint64_t transitions, refusals;
    uint64_t cells[ORACLE_ROWS][ORACLE_SLOT_STATES]; /**< of mmc-spec 2.3, how often met */
};

enum explore_result { EXPLORE_HELD, EXPLORE_DIFFERS, EXPLORE_GAVE_UP };

/** Search; a difference is printed with the way to it. Give it to explore_end() in any case. */
enum explore_result explore_search(struct explorer *e);
/** Steps from the first state to the farthest. */
uint32_t explore_depth(const struct explorer *e);
/** Closes the drive, frees what the search needed. */
void explore_end(struct explorer *e);

#endif
