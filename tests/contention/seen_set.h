/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file seen_set.h
 * Numbers that were met. Grows as it has to; ends the program without memory.
 */
#ifndef DVDEMU_CONTENTION_SEEN_SET_H
#define DVDEMU_CONTENTION_SEEN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All zero: empty. */
struct seen_set {
    uint64_t *rows; /**< 0: free */
    size_t room, count;
};

/** True: the number is new. */
bool seen_set_add(struct seen_set *set, uint64_t number);

/** Empty again; the memory is kept. */
void seen_set_clear(struct seen_set *set);

void seen_set_free(struct seen_set *set);

#endif
