/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file explore_key.h
 * The name of a state for an explorer: two states with one name have the same future. Left out is
 * what no command of the alphabet decides by: the bytes of challenges and keys (which are drawn,
 * and right or wrong all the same), clocks and mechanism, random source, and media events that
 * nobody asks for.
 */
#ifndef DVDEMU_EXPLORE_KEY_H
#define DVDEMU_EXPLORE_KEY_H

#include "tests/support/judged_drive.h"

#define EXPLORE_KEY_BYTES 32

void explore_key(const struct judged_drive *j, uint8_t key[static EXPLORE_KEY_BYTES]);

/** Names that are known, each with its number from 0. All zero is an empty set. */
struct explore_set {
    uint8_t (*keys)[EXPLORE_KEY_BYTES];
    uint32_t *table; /**< number + 1; 0: free */
    size_t count, room, table_rows;
};

/** The number of a name; *is_new: it has just got it. Ends the process without memory. */
uint32_t explore_set_number(struct explore_set *set, const uint8_t key[static EXPLORE_KEY_BYTES],
                            bool *is_new);
void explore_set_free(struct explore_set *set);

#endif
