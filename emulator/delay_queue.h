/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file delay_queue.h
 * Answers that wait for their time. Times are of one clock, whichever it is: the queue is told.
 * Of two answers that are due together the one that was added first comes first.
 */
#ifndef DVDEMU_DELAY_QUEUE_H
#define DVDEMU_DELAY_QUEUE_H

#include "drive.h"

struct delayed;

/** Start with all zero. */
struct delay_queue {
    struct delayed *first;
};

/** Let an answer wait until `due_us`. `user` names it. False: no memory. */
bool delay_queue_add(struct delay_queue *q, uint64_t due_us, const struct drive_reply *reply,
                     void *user);

/** When the next is due; UINT64_MAX: none waits. */
uint64_t delay_queue_due_us(const struct delay_queue *q);

/** Take one that is due at `now_us`; NULL: none is. Its reply is copied. */
void *delay_queue_take(struct delay_queue *q, uint64_t now_us, struct drive_reply *reply);

/** Nobody waits for this one any more; harmless for one that is not there. */
void delay_queue_forget(struct delay_queue *q, const void *user);

/** Call `fn` for each that waits; it may forget that one. */
void delay_queue_each(const struct delay_queue *q, void (*fn)(void *ctx, void *user), void *ctx);

#endif
