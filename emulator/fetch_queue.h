/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file fetch_queue.h
 * Reads on the worker pool, in one of two ways.
 *
 * Apart: a read that would block. It works on memory of its own, so that who asked may stop waiting
 * at any time: an abort is answered at once although a read cannot be stopped.
 *
 * In place: a read whose data is at hand but large, so that another thread may copy and scramble it
 * while the owner's sends what was read before. It works on the request's memory; who stops waiting
 * waits for as long as that takes. What turns out not to be at hand goes on apart by itself.
 */
#ifndef DVDEMU_FETCH_QUEUE_H
#define DVDEMU_FETCH_QUEUE_H

#include "drive.h"

struct fetch_queue;

enum fetch_way { FETCH_APART, FETCH_IN_PLACE };

/** A finished read. */
struct fetch_result {
    void *user;
    struct drive_reply *reply; /**< final, its disc already released */
    const uint8_t *data;       /**< what was read apart; lives until fetch_queue_release() */
    size_t data_bytes;         /**< 0 when it was read in place */
};

/**
 * A queue on at most `threads` threads (2 or more), `in_place_max` (1 or more) of which read in
 * place at the same time. NULL: no memory or descriptor.
 */
struct fetch_queue *fetch_queue_new(unsigned threads, unsigned in_place_max);

/** Readable while fetch_queue_take() has something. */
int fetch_queue_fd(const struct fetch_queue *queue);

/**
 * Fetch what `reply` asks for; request and reply are copied, the reply's disc is taken over; the
 * request's memory has to live until the read is taken or forgotten. `user` names the read. False:
 * no memory or no thread; the reply stays the caller's.
 */
bool fetch_queue_start(struct fetch_queue *queue, enum fetch_way way,
                       const struct drive_request *request, const struct drive_reply *reply,
                       void *user);

/**
 * Nobody waits for this read any more: it will not be seen in fetch_queue_take(), and nothing is
 * written to the request's memory after this. Harmless for one that is not there.
 */
void fetch_queue_forget(struct fetch_queue *queue, const void *user);

/** Call `fn` for each read apart that is waited for; it may forget that one. */
void fetch_queue_each(struct fetch_queue *queue, void (*fn)(void *user));

/** Whether any read apart is waited for. */
bool fetch_queue_is_busy(const struct fetch_queue *queue);

/** Take a finished read; false: none now. Give it back with fetch_queue_release(). */
bool fetch_queue_take(struct fetch_queue *queue, struct fetch_result *result);
void fetch_queue_release(struct fetch_queue *queue, struct fetch_result *result);

/** Wait for all reads and free. */
void fetch_queue_free(struct fetch_queue *queue);

#endif
