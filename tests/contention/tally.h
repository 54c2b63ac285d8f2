/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file tally.h
 * What the lab met, counted over all interleavings.
 */
#ifndef DVDEMU_CONTENTION_TALLY_H
#define DVDEMU_CONTENTION_TALLY_H

#include "linearise.h"
#include "scripts.h"
#include "seen_set.h"

/** Something that is done to a drive, by number of step or deed. */
struct tally_deed {
    uint64_t times;
    uint64_t in_exchange; /**< while an AGID was given away and its exchange not at its end */
    uint64_t overlapping; /**< while something else was under way */
};

struct tally {
    uint64_t interleavings, operations, most_overlap, overtaken, reordered, tried;
    uint64_t leaked_agids; /**< given to a session that went in the middle of the exchange */
    uint64_t violations, undecided;
    struct tally_deed deeds[SCRIPT_END];
    struct seen_set shapes;
};

void tally_deed(struct tally *t, unsigned deed, bool in_exchange, bool overlapping);

/** After an interleaving that was judged. */
void tally_history(struct tally *t, const struct history *h, const struct explanation *e);

void tally_print(const struct tally *t, FILE *to);

#endif
