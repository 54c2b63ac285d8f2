/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file walk_host.h
 * The hosts of the random walk: draws the next command, knowing the model's state. Most of the
 * time it goes on with an exchange as a host would, with a KEY2 of its own reckoning
 * (host_css.h), so that walks reach every state; else it does something else, or something wrong.
 */
#ifndef DVDEMU_WALK_HOST_H
#define DVDEMU_WALK_HOST_H

#include "tests/oracle/oracle.h"
#include "walk_random.h"

#define WALK_CDB_BYTES  16
#define WALK_LIST_BYTES 64
#define WALK_ROOM_BYTES (16 * 1024) /**< largest room that is drawn */

struct walk_command {
    uint8_t cdb[WALK_CDB_BYTES];
    uint8_t list[WALK_LIST_BYTES];
    struct oracle_command command; /**< points at them: do not move it */
};

/** Draw a command for that nexus; `o` is as the drive should be. */
void walk_host_draw(struct walk_command *c, struct walk_random *r, const struct oracle *o,
                    unsigned nexus);

#endif
