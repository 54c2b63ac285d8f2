/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file send_ready.h
 * Which connections a daemon wants to be told that it can send on. Of one with short answers and a
 * spill behind it that is known without asking: it can, unless something is kept for it. So such
 * wishes are answered here, and the kernel hears of the others only. One thread, that of the loop.
 */
#ifndef DVDEMU_SEND_READY_H
#define DVDEMU_SEND_READY_H

#include "send_spill.h"

#include <sys/epoll.h>

#define SEND_READY_BYTES 8192 /**< a longer answer may meet a full socket: the kernel knows */

struct send_ready;

/** The spill stays the caller's. NULL: no memory. */
struct send_ready *send_ready_new(const struct send_spill *spill);

/** A message of so many bytes was sent on this connection, by way of the spill. Without memory
 * its wishes go on to the kernel. */
void send_ready_sent(struct send_ready *r, int fd, size_t bytes);

/**
 * The daemon changes what it wants to be told of `fd`. True: nothing is to be done. False: the
 * kernel is to be asked for what now is in `event`.
 */
bool send_ready_wish(struct send_ready *r, int fd, struct epoll_event *event);

/** A connection is no longer watched, or is about to be closed. */
void send_ready_forget(struct send_ready *r, int fd);

/** Whether there is something to tell, so that the loop must not wait. */
bool send_ready_any(const struct send_ready *r);

/** Add what there is to tell behind `count` events of `max`. Returns how many there are then. */
int send_ready_tell(const struct send_ready *r, struct epoll_event *events, int count, int max);

/** NULL is allowed. */
void send_ready_free(struct send_ready *r);

#endif
