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

struct worker_pool {
    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t work_came;
    struct job_list waiting, done;
    unsigned queued, idle, running, max;
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

struct worker_pool *worker_pool_new(unsigned threads)
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
    list_clear(&pool->waiting);
    list_clear(&pool->done);
    pool->max = threads;
    return pool;
}

int worker_pool_fd(const struct worker_pool *pool)
{
    return pool->event_fd;
}

/* Called with the lock held, returns with it held. */
static void run_job(struct worker_pool *pool, struct worker_job *job)
{
    const uint64_t one = 1;

    pthread_mutex_unlock(&pool->lock);
    job->work(job);
    pthread_mutex_lock(&pool->lock);
    list_add_last(&pool->done, job);
    if (write(pool->event_fd, &one, sizeof(one)) < 0) {
        return; /* the counter is full: it is readable, which is all that is wanted */
    }
}

static void *worker(void *ctx)
{
    struct worker_pool *pool = ctx;
    struct worker_job *job;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        job = list_take_first(&pool->waiting);
        if (job) {
            pool->queued--;
            run_job(pool, job);
        } else if (pool->ending) {
            break;
        } else {
            pool->idle++;
            pthread_cond_wait(&pool->work_came, &pool->lock);
            pool->idle--;
        }
    }
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
    failed = pthread_create(&pool->threads[pool->running], NULL, worker, pool);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed) {
        return false;
    }
    pool->running++;
    return true;
}

bool worker_pool_submit(struct worker_pool *pool, struct worker_job *job)
{
    bool ok = true;

    pthread_mutex_lock(&pool->lock);
    if (pool->idle <= pool->queued && pool->running < pool->max) {
        ok = start_thread(pool) || pool->running > 0;
    }
    if (ok) {
        list_add_last(&pool->waiting, job);
        pool->queued++;
        pthread_cond_signal(&pool->work_came);
    }
    pthread_mutex_unlock(&pool->lock);
    return ok;
}

struct worker_job *worker_pool_done(struct worker_pool *pool)
{
    struct worker_job *job;
    uint64_t count;

    pthread_mutex_lock(&pool->lock);
    job = list_take_first(&pool->done);
    if (!pool->done.first && read(pool->event_fd, &count, sizeof(count)) < 0) {
        count = 0; /* was cleared before */
    }
    pthread_mutex_unlock(&pool->lock);
    return job;
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
    for (unsigned i = 0; i < pool->running; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_cond_destroy(&pool->work_came);
    pthread_mutex_destroy(&pool->lock);
    close(pool->event_fd);
    free(pool);
}
