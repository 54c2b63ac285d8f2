/* SPDX-License-Identifier: GPL-2.0-only */
#include "worker_pool.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct job_list {
    struct worker_job *first, **end;
};

/* Jobs of one kind: those that may block, or those that only compute. */
struct lane {
    struct job_list waiting;
    unsigned queued, running, max;
};

struct worker_pool {
    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t work_came, work_ended;
    struct lane lanes[2]; /* by may_block */
    struct job_list done;
    unsigned idle, thread_count, max;
    bool ending;
    int event_fd;
    pthread_t threads[];
};

static void list_clear(struct job_list *list)
{
    list->first = NULL;
    list->end = &list->first;
}

static void list_add_last(struct job_list *list, struct worker_job *job)
{
    job->next = NULL;
    *list->end = job;
    list->end = &job->next;
}

static struct worker_job *list_take_first(struct job_list *list)
{
    struct worker_job *job = list->first;

    if (job) {
        list->first = job->next;
        if (!list->first) {
            list->end = &list->first;
        }
    }
    return job;
}

static void list_remove(struct job_list *list, struct worker_job *job)
{
    struct worker_job **at = &list->first;

    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    if (!job->next) {
        list->end = at;
    }
}

struct worker_pool *worker_pool_new(unsigned threads, unsigned computing_max)
{
    struct worker_pool *pool = calloc(1, sizeof(*pool) + threads * sizeof(pool->threads[0]));

    if (!pool) {
        return NULL;
    }
    pool->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (pool->event_fd < 0) {
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work_came, NULL);
    pthread_cond_init(&pool->work_ended, NULL);
    list_clear(&pool->lanes[false].waiting);
    list_clear(&pool->lanes[true].waiting);
    list_clear(&pool->done);
    pool->max = threads;
    pool->lanes[false].max = computing_max;
    pool->lanes[true].max = threads - 1;
    return pool;
}

int worker_pool_fd(const struct worker_pool *pool)
{
    return pool->event_fd;
}

/* What may be begun with now: no more of a kind at once than its lane allows. */
static bool is_open(const struct lane *lane)
{
    return lane->queued > 0 && lane->running < lane->max;
}

static struct lane *open_lane(struct worker_pool *pool)
{
    for (size_t i = 0; i < 2; i++) {
        if (is_open(&pool->lanes[i])) {
            return &pool->lanes[i];
        }
    }
    return NULL;
}

/* One that is readable already needs no second write. */
static void add_done(struct worker_pool *pool, struct worker_job *job)
{
    const uint64_t one = 1;
    const bool was_empty = !pool->done.first;

    job->state = JOB_DONE;
    list_add_last(&pool->done, job);
    if (was_empty && write(pool->event_fd, &one, sizeof(one)) < 0) {
        return; /* the counter is full: it is readable, which is all that is wanted */
    }
}

/* Called with the lock held, returns with it held. */
static void run_job(struct worker_pool *pool, struct lane *lane)
{
    struct worker_job *job = list_take_first(&lane->waiting);

    lane->queued--;
    lane->running++;
    job->state = JOB_RUNNING;
    pthread_mutex_unlock(&pool->lock);
    job->work(job);
    pthread_mutex_lock(&pool->lock);
    lane->running--;
    add_done(pool, job);
    pthread_cond_broadcast(&pool->work_ended);
}

static void *worker(void *ctx)
{
    struct worker_pool *pool = ctx;
    struct lane *lane;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        lane = open_lane(pool);
        if (lane) {
            run_job(pool, lane);
        } else if (pool->ending && !pool->lanes[false].queued && !pool->lanes[true].queued) {
            break;
        } else {
            pool->idle++;
            pthread_cond_wait(&pool->work_came, &pool->lock);
            pool->idle--;
        }
    }
    pthread_cond_broadcast(&pool->work_came); /* others wait for the last jobs to end */
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* A thread inherits the mask of its maker: block all, so that no signal of the daemon ends here. */
static bool start_thread(struct worker_pool *pool)
{
    sigset_t all, old;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_create(&pool->threads[pool->thread_count], NULL, worker, pool);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed) {
        return false;
    }
    pool->thread_count++;
    return true;
}

/* With the lock held: somebody to begin with the next job of this lane. False: nobody ever. */
static bool call_worker(struct worker_pool *pool, const struct lane *lane)
{
    if (lane->running >= lane->max) {
        return true; /* who is at work goes on with it */
    }
    if (pool->idle <= pool->lanes[false].queued + pool->lanes[true].queued &&
        pool->thread_count < pool->max && start_thread(pool)) {
        return true;
    }
    pthread_cond_signal(&pool->work_came);
    return pool->thread_count > 0;
}

bool worker_pool_submit(struct worker_pool *pool, struct worker_job *job)
{
    struct lane *lane = &pool->lanes[job->may_block];
    bool ok;

    pthread_mutex_lock(&pool->lock);
    ok = call_worker(pool, lane);
    if (ok) {
        job->state = JOB_WAITING;
        list_add_last(&lane->waiting, job);
        lane->queued++;
    }
    pthread_mutex_unlock(&pool->lock);
    return ok;
}

/* With the lock held, after one was taken from the list. */
static void quiet_when_empty(struct worker_pool *pool)
{
    uint64_t count;

    if (!pool->done.first && read(pool->event_fd, &count, sizeof(count)) < 0) {
        return; /* was cleared before */
    }
}

struct worker_job *worker_pool_done(struct worker_pool *pool)
{
    struct worker_job *job;

    pthread_mutex_lock(&pool->lock);
    job = list_take_first(&pool->done);
    if (job) {
        job->state = JOB_IDLE;
        quiet_when_empty(pool);
    }
    pthread_mutex_unlock(&pool->lock);
    return job;
}

bool worker_pool_settle(struct worker_pool *pool, struct worker_job *job)
{
    struct lane *lane = &pool->lanes[job->may_block];
    bool worked_on;

    pthread_mutex_lock(&pool->lock);
    while (job->state == JOB_RUNNING) {
        pthread_cond_wait(&pool->work_ended, &pool->lock);
    }
    worked_on = job->state == JOB_DONE;
    if (worked_on) {
        list_remove(&pool->done, job);
        quiet_when_empty(pool);
    } else {
        list_remove(&lane->waiting, job);
        lane->queued--;
    }
    job->state = JOB_IDLE;
    pthread_mutex_unlock(&pool->lock);
    return worked_on;
}

void worker_pool_wait(struct worker_pool *pool)
{
    struct pollfd done = {.fd = pool->event_fd, .events = POLLIN};

    while (poll(&done, 1, -1) < 1) {
        continue; /* a signal */
    }
}

void worker_pool_free(struct worker_pool *pool)
{
    if (!pool) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work_came);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_cond_destroy(&pool->work_came);
    pthread_cond_destroy(&pool->work_ended);
    pthread_mutex_destroy(&pool->lock);
    close(pool->event_fd);
    free(pool);
}
