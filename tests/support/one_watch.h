/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file one_watch.h
 * An event loop that watches one descriptor, for what is given a control_loop; the test says when
 * an event comes.
 */
#ifndef DVDEMU_ONE_WATCH_H
#define DVDEMU_ONE_WATCH_H

#include "emulator/control_server.h"

extern struct one_watch {
    int fd; /**< -1: none is watched */
    control_event_fn *fn;
    void *data;
    bool refuses; /**< the next one is not taken */
} one_watch;

/** add and del of it; deleting another descriptor than the watched one ends the test program. */
extern const struct control_loop one_watch_loop;

/** Watch nothing, refuse nothing. */
void one_watch_reset(void);

/** An event for the descriptor that is watched; ends the test program when none is. */
void one_watch_event(void);

#endif
