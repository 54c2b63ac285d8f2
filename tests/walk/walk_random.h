/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file walk_random.h
 * Draws for the random walk, from the generator of the test data: the same everywhere.
 */
#ifndef DVDEMU_WALK_RANDOM_H
#define DVDEMU_WALK_RANDOM_H

#include "tests/support/lcg.h"

#include <stdbool.h>

struct walk_random {
    uint32_t state; /**< the seed at first */
};

/** 0 .. below-1; below is not 0. */
static inline uint32_t walk_below(struct walk_random *r, uint32_t below)
{
    uint8_t b[4];

    lcg_bytes(&r->state, b, sizeof(b));
    return (uint32_t)(((uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | b[3]) *
                          below >>
                      32);
}

/** True that many times in a thousand. */
static inline bool walk_chance(struct walk_random *r, unsigned per_mille)
{
    return walk_below(r, 1000) < per_mille;
}

static inline uint8_t walk_byte(struct walk_random *r)
{
    return (uint8_t)walk_below(r, 256);
}

#endif
