/* SPDX-License-Identifier: GPL-2.0-only */
#include "fetch_queue.h"

#include "worker_pool.h"

#include <stdlib.h>
#include <string.h>

struct fetch {
    struct worker_job job; /* first: a job is a fetch */
    struct fetch *next;    /* of those that are waited for */
    void *user;            /* NULL: forgotten */
    struct drive_request request;
    struct drive_reply reply;
    uint8_t data[];
};

struct fetch_queue {
    struct worker_pool *pool;
    struct fetch *waited_for;
    unsigned running; /* forgotten ones too */
};

static struct fetch *fetch_of(struct worker_job *job)
{
    return (struct fetch *)(void *)job;
}

/* On a worker: looks at nothing but the fetch and its disc. */
static void work(struct worker_job *job)
{
    struct fetch *fetch = fetch_of(job);

    drive_fetch(&fetch->request, &fetch->reply, true);
    drive_fetch_end(&fetch->reply);
}

struct fetch_queue *fetch_queue_new(unsigned threads)
{
    struct fetch_queue *queue = calloc(1, sizeof(*queue));

    if (queue) {
        queue->pool = worker_pool_new(threads);
    }
    if (queue && !queue->pool) {
        free(queue);
        return NULL;
    }
    return queue;
}

int fetch_queue_fd(const struct fetch_queue *queue)
{
    return worker_pool_fd(queue->pool);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool fetch_queue_start(struct fetch_queue *queue, const struct drive_request *request,
                       const struct drive_reply *reply, void *user)
{
    size_t in = request->in ? smaller(request->in_bytes, reply->in_bytes) : 0;
    size_t out = reply->fetch.compare && request->out ? request->out_bytes : 0;
    struct fetch *fetch = malloc(sizeof(*fetch) + in + out);

    if (!fetch) {
        return false;
    }
    *fetch = (struct fetch){.job = {.work = work}, .user = user, .reply = *reply};
    fetch->request.in = in ? fetch->data : NULL;
    fetch->request.in_bytes = in;
    if (out) {
        fetch->request.out = memcpy(fetch->data + in, request->out, out);
        fetch->request.out_bytes = out;
    }
    if (!worker_pool_submit(queue->pool, &fetch->job)) {
        free(fetch);
        return false;
    }
    fetch->next = queue->waited_for;
    queue->waited_for = fetch;
    queue->running++;
    return true;
}

static void unlink_fetch(struct fetch_queue *queue, const struct fetch *fetch)
{
    struct fetch **at = &queue->waited_for;

    while (*at && *at != fetch) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = fetch->next;
    }
}

void fetch_queue_forget(struct fetch_queue *queue, const void *user)
{
    for (struct fetch *f = queue->waited_for; f; f = f->next) {
        if (f->user == user) {
            unlink_fetch(queue, f);
            f->user = NULL;
            return;
        }
    }
}

void fetch_queue_each(struct fetch_queue *queue, void (*fn)(void *user))
{
    struct fetch *next;

    for (struct fetch *f = queue->waited_for; f; f = next) {
        next = f->next;
        fn(f->user);
    }
}

bool fetch_queue_is_busy(const struct fetch_queue *queue)
{
    return queue->waited_for != NULL;
}

bool fetch_queue_take(struct fetch_queue *queue, struct fetch_result *result)
{
    struct worker_job *job;

    while ((job = worker_pool_done(queue->pool)) != NULL) {
        struct fetch *fetch = fetch_of(job);

        queue->running--;
        if (!fetch->user) {
            free(fetch);
            continue;
        }
        unlink_fetch(queue, fetch);
        *result = (struct fetch_result){
            .user = fetch->user,
            .reply = &fetch->reply,
            .data = fetch->data,
            .data_bytes = smaller(fetch->request.in_bytes, fetch->reply.in_bytes),
        };
        return true;
    }
    return false;
}

void fetch_queue_release(struct fetch_result *result)
{
    free((char *)result->reply - offsetof(struct fetch, reply));
    *result = (struct fetch_result){0};
}

void fetch_queue_free(struct fetch_queue *queue)
{
    struct fetch_result result;

    if (!queue) {
        return;
    }
    while (queue->running > 0) {
        if (fetch_queue_take(queue, &result)) {
            fetch_queue_release(&result);
        } else if (queue->running > 0) {
            worker_pool_wait(queue->pool);
        }
    }
    worker_pool_free(queue->pool);
    free(queue);
}
