/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file kernel_round.h
 * One random request for the kernels and what the scalar form makes of it: sectors in any order, at
 * any alignment, of seventeen title keys, with sectors between them that are not on the list.
 * Needs memory functions only, so that it runs on a machine without a system too.
 */
#ifndef DVDEMU_KERNEL_ROUND_H
#define DVDEMU_KERNEL_ROUND_H

#include "css/css.h"

#define KERNEL_REQUEST_MAX 64
#define KERNEL_SLOTS       80 /**< places for sectors, so that some stay clear */
#define KERNEL_GAP_MAX     63
#define KERNEL_AREA_BYTES  ((size_t)KERNEL_SLOTS * (CSS_SECTOR_BYTES + KERNEL_GAP_MAX))
#define KERNEL_KEYS        17

struct kernel_round {
    /* KERNEL_AREA_BYTES each, the caller's; the last sector ends where `work` ends */
    uint8_t *clear, *expected, *work;
    uint64_t random;
    size_t gap, count;
    unsigned slots[KERNEL_SLOTS]; /**< the first `count` are on the list */
    css_title_key keys[KERNEL_KEYS];
};

/** What is wrong, if something is. */
struct kernel_difference {
    const char *what; /**< "scrambling", "descrambling from elsewhere" */
    size_t before_end;
    uint8_t got, expected;
};

/** Fill the areas. `random` may be anything. */
void kernel_round_init(struct kernel_round *round, uint8_t *clear, uint8_t *expected, uint8_t *work,
                       uint64_t random);

/** A new request of `count` sectors, 1 to KERNEL_REQUEST_MAX. */
void kernel_round_draw(struct kernel_round *round, size_t count);

/** Scramble it, compare all of the area, descramble it, compare again; the same from one area into
 * the other. False: `difference` says. */
bool kernel_round_run(const struct kernel_round *round, const struct css_kernel *kernel,
                      struct kernel_difference *difference);

#endif
