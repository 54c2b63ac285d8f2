/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file send_gather.h
 * One call of the kernel for a message that a daemon writes in pieces between the beginning and the
 * end of a cork: small pieces wait here for the next one, or for the end. What the socket does not
 * take goes to the spill. One message at a time; one thread.
 */
#ifndef DVDEMU_SEND_GATHER_H
#define DVDEMU_SEND_GATHER_H

#include "send_spill.h"

#include <stdint.h>
#include <sys/types.h>

#define SEND_GATHER_BYTES 256 /**< a header, and a short answer behind it */

/** Start with `.fd = -1` and a spill, which stays the caller's. */
struct send_gather {
    struct send_spill *spill;
    int fd; /**< whose message is being written; -1: none */
    size_t held;
    size_t sent; /**< bytes of the message that have left, or are kept */
    uint8_t bytes[SEND_GATHER_BYTES];
};

/** A message begins on a connection, or goes on. What another one has waiting is sent. */
void send_gather_begin(struct send_gather *g, int fd);

/**
 * It ends: what waits is sent. Returns the bytes of the message; 0 for a connection that has not
 * begun one.
 */
size_t send_gather_end(struct send_gather *g, int fd);

/**
 * A piece of the message that was begun on `fd`, as write() would take it: how much was taken, or
 * -1 with errno. What waited goes before it. Of what the socket does not take, the part that waited
 * is kept by the spill, and so is the piece when none of it was taken.
 */
ssize_t send_gather_write(struct send_gather *g, int fd, const void *bytes, size_t count);

#endif
