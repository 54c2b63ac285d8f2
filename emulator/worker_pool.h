/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file worker_pool.h
 * A few threads for what may take time, one pool per process. A job is worked on by a thread and
 * comes back through an event descriptor to the thread that owns the pool. Threads are started
 * when first needed, never more than asked for, and block every signal.
 *
 * There are jobs that may block, on a disk that does not answer say, and jobs that only compute.
 * One thread is kept from the former, so that the latter always get on.
 */
#ifndef DVDEMU_WORKER_POOL_H
#define DVDEMU_WORKER_POOL_H

#include <stdbool.h>

enum worker_job_state { JOB_IDLE, JOB_WAITING, JOB_RUNNING, JOB_DONE };

/** First member of a job; the memory is the caller's and must live until the job came back. */
struct worker_job {
    struct worker_job *next;
    void (*work)(struct worker_job *job); /**< called on a worker */
    bool may_block;
    enum worker_job_state state; /**< the pool's */
};

struct worker_pool;

/**
 * A pool of at most `threads` threads (2 or more), of which at most `computing_max` (1 or more)
 * work at the same time on jobs that only compute. NULL: no memory or descriptor.
 */
struct worker_pool *worker_pool_new(unsigned threads, unsigned computing_max);

/** Readable while jobs are waiting in worker_pool_done(). */
int worker_pool_fd(const struct worker_pool *pool);

/** Hand over a job. False: no thread could be started; the job stays the caller's. */
bool worker_pool_submit(struct worker_pool *pool, struct worker_job *job);

/** Take a finished job, in the order in which they ended; NULL: none now. Never waits. */
struct worker_job *worker_pool_done(struct worker_pool *pool);

/**
 * Take this job back now: one that nobody has begun with is not worked on, one that is being
 * worked on is waited for. It does not come through worker_pool_done() any more. True: it was
 * worked on.
 */
bool worker_pool_settle(struct worker_pool *pool, struct worker_job *job);

/** Wait until worker_pool_done() has something. Only while a job is on its way. */
void worker_pool_wait(struct worker_pool *pool);

/** Wait for all jobs, end the threads, free the pool. Jobs that were not taken are forgotten. */
void worker_pool_free(struct worker_pool *pool);

#endif
