/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file fetch_queue.h
 * Reads that would block, on the worker pool. Each works on memory of its own, so that who asked
 * may stop waiting at any time: an abort is answered at once although a read cannot be stopped.
 */
#ifndef DVDEMU_FETCH_QUEUE_H
#define DVDEMU_FETCH_QUEUE_H

#include "drive.h"

struct fetch_queue;

/** A finished read. */
struct fetch_result {
    void *user;
    struct drive_reply *reply; /**< final, its disc already released */
    const uint8_t *data;       /**< what was read; lives until fetch_queue_release() */
    size_t data_bytes;
};

/** A queue on at most `threads` threads. NULL: no memory or descriptor. */
struct fetch_queue *fetch_queue_new(unsigned threads);

/** Readable while fetch_queue_take() has something. */
int fetch_queue_fd(const struct fetch_queue *queue);

/**
 * Fetch what `reply` asks for; request and reply are copied, the reply's disc is taken over.
 * `user` names the read. False: no memory or no thread; the reply stays the caller's.
 */
bool fetch_queue_start(struct fetch_queue *queue, const struct drive_request *request,
                       const struct drive_reply *reply, void *user);

/** Nobody waits for this read any more: it will not be seen in fetch_queue_take(). */
void fetch_queue_forget(struct fetch_queue *queue, const void *user);

/** Call `fn` for each read that is waited for; it may forget that one. */
void fetch_queue_each(struct fetch_queue *queue, void (*fn)(void *user));

/** Whether any read is waited for. */
bool fetch_queue_is_busy(const struct fetch_queue *queue);

/** Take a finished read; false: none now. Give it back with fetch_queue_release(). */
bool fetch_queue_take(struct fetch_queue *queue, struct fetch_result *result);
void fetch_queue_release(struct fetch_result *result);

/** Wait for all reads and free. */
void fetch_queue_free(struct fetch_queue *queue);

#endif
