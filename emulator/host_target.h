/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_target.h
 * Which blocks of a known disc a host has to ask for to see all of its keys.
 */
#ifndef DVDEMU_HOST_TARGET_H
#define DVDEMU_HOST_TARGET_H

#include "disc.h"

/** A title key of the disc and where to meet it. */
struct host_target {
    const struct disc_title_key *key; /**< lives as long as the disc */
    uint32_t key_lba;                 /**< first block that the key is stored with */
    uint32_t gated_lba;               /**< first readable gated block under the key */
    bool has_gated;
};

struct host_targets {
    struct host_target *rows; /**< malloc()ed; may be NULL when count is 0 */
    size_t count;
};

/**
 * One row per title key that some block of the disc has, in the order of the disc's keys; none
 * on a disc without CSS. The caller frees targets->rows. False: no memory.
 */
bool host_find_targets(const struct disc *disc, struct host_targets *targets);

#endif
