/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file walk_disc.h
 * Discs for the random walk: CDs, with and without CSS, every kind of region byte, runs of blocks
 * that touch or leave gaps, with CPR_MAI that is and is not gated, with and without keys.
 */
#ifndef DVDEMU_WALK_DISC_H
#define DVDEMU_WALK_DISC_H

#include "tests/oracle/oracle.h"
#include "walk_random.h"

#define WALK_RUNS_MAX 6

/** Everything a disc is; do not move it, `facts` points into it. */
struct walk_disc {
    struct oracle_disc facts;
    struct oracle_run runs[WALK_RUNS_MAX];
    uint8_t disc_key_block[ORACLE_BLOCK_BYTES];
};

/** Draw a disc of 1 to 200 blocks, now and then a large one. */
void walk_disc_draw(struct walk_disc *disc, struct walk_random *r, unsigned id);

/** Draw an LBA worth asking for: in a run, at an edge of one or of the disc, or anywhere. */
uint32_t walk_disc_lba(const struct oracle_disc *disc, struct walk_random *r);

#endif
