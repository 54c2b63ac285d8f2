/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file send_spill.h
 * What a connection whose peer does not read could not take: kept, and sent when it can. For a
 * daemon that would try again and again until all of a message is sent, and serve nobody meanwhile.
 * One thread, that of the loop.
 */
#ifndef DVDEMU_SEND_SPILL_H
#define DVDEMU_SEND_SPILL_H

#include "control_server.h"

#include <stdbool.h>
#include <stddef.h>

struct send_spill;

/** Watches through `loop`, which is copied. NULL: no memory. */
struct send_spill *send_spill_new(const struct control_loop *loop);

/** Whether something is kept for a connection: then nothing may be sent past it. */
bool send_spill_holds(const struct send_spill *spill, int fd);

/** Keep bytes, behind those that are kept already. False: no memory or descriptor, none is kept. */
bool send_spill_keep(struct send_spill *spill, int fd, const void *bytes, size_t count);

/** A connection is about to be closed: forget what is kept for it. */
void send_spill_forget(struct send_spill *spill, int fd);

/** Forget everything. NULL is allowed. */
void send_spill_free(struct send_spill *spill);

#endif
