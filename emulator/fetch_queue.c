/* SPDX-License-Identifier: GPL-2.0-only */
#include "fetch_queue.h"

#include "worker_pool.h"

#include <stdlib.h>
#include <string.h>

#define SPARES_MAX 64 /* of reads in place, kept to be used again */

/* Reads that are waited for, in no order. */
struct fetch_list {
    struct fetch *first;
};

struct fetch {
    struct worker_job job; /* first: a job is a fetch */
    struct fetch *next, **at;
    void *user; /* NULL: forgotten */
    enum fetch_way way;
    bool would_block; /* read in place, and was not at hand */
    struct drive_request request;
    struct drive_reply reply;
    uint8_t data[];
};

struct fetch_queue {
    struct worker_pool *pool;
    struct fetch_list waited_for[2]; /* by way */
    struct fetch *spares;
    unsigned spare_count;
    unsigned running; /* forgotten ones too */
};

static struct fetch *fetch_of(struct worker_job *job)
{
    return (struct fetch *)(void *)job;
}

static void link_fetch(struct fetch_list *list, struct fetch *fetch)
{
    fetch->next = list->first;
    fetch->at = &list->first;
    if (fetch->next) {
        fetch->next->at = &fetch->next;
    }
    list->first = fetch;
}

static void unlink_fetch(struct fetch *fetch)
{
    *fetch->at = fetch->next;
    if (fetch->next) {
        fetch->next->at = fetch->at;
    }
}

/* On a worker: looks at nothing but the fetch and its disc. */
static void work_apart(struct worker_job *job)
{
    struct fetch *fetch = fetch_of(job);

    drive_fetch(&fetch->request, &fetch->reply, true);
    drive_fetch_end(&fetch->reply);
}

static void work_in_place(struct worker_job *job)
{
    struct fetch *fetch = fetch_of(job);

    fetch->would_block = drive_fetch(&fetch->request, &fetch->reply, false) == MEDIUM_WOULD_BLOCK;
    if (!fetch->would_block) {
        drive_fetch_end(&fetch->reply);
    }
}

struct fetch_queue *fetch_queue_new(unsigned threads, unsigned in_place_max)
{
    struct fetch_queue *queue = calloc(1, sizeof(*queue));

    if (queue) {
        queue->pool = worker_pool_new(threads, in_place_max);
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

/* With memory of its own: room for what is read, a copy of what is compared. */
static struct fetch *new_apart(const struct drive_request *request, const struct drive_reply *reply)
{
    size_t in = request->in ? smaller(request->in_bytes, reply->in_bytes) : 0;
    size_t out = reply->fetch.compare && request->out ? request->out_bytes : 0;
    struct fetch *fetch = malloc(sizeof(*fetch) + in + out);

    if (!fetch) {
        return NULL;
    }
    *fetch = (struct fetch){.job = {.work = work_apart, .may_block = true}, .way = FETCH_APART};
    fetch->request.in = in ? fetch->data : NULL;
    fetch->request.in_bytes = in;
    if (out) {
        fetch->request.out = memcpy(fetch->data + in, request->out, out);
        fetch->request.out_bytes = out;
    }
    return fetch;
}

static struct fetch *new_in_place(struct fetch_queue *queue, const struct drive_request *request)
{
    struct fetch *fetch = queue->spares;

    if (fetch) {
        queue->spares = fetch->next;
        queue->spare_count--;
    } else {
        fetch = malloc(sizeof(*fetch));
    }
    if (fetch) {
        *fetch = (struct fetch){
            .job = {.work = work_in_place}, .way = FETCH_IN_PLACE, .request = *request};
    }
    return fetch;
}

static void free_fetch(struct fetch_queue *queue, struct fetch *fetch)
{
    if (fetch->way == FETCH_APART || queue->spare_count == SPARES_MAX) {
        free(fetch);
        return;
    }
    fetch->next = queue->spares;
    queue->spares = fetch;
    queue->spare_count++;
}

bool fetch_queue_start(struct fetch_queue *queue, enum fetch_way way,
                       const struct drive_request *request, const struct drive_reply *reply,
                       void *user)
{
    struct fetch *fetch =
        way == FETCH_APART ? new_apart(request, reply) : new_in_place(queue, request);

    if (!fetch) {
        return false;
    }
    fetch->user = user;
    fetch->reply = *reply;
    if (!worker_pool_submit(queue->pool, &fetch->job)) {
        free_fetch(queue, fetch);
        return false;
    }
    link_fetch(&queue->waited_for[way], fetch);
    queue->running++;
    return true;
}

static struct fetch *find_fetch(const struct fetch_list *list, const void *user)
{
    struct fetch *fetch = list->first;

    while (fetch && fetch->user != user) {
        fetch = fetch->next;
    }
    return fetch;
}

/* Its memory is about to go: the worker has to be out of it. */
static void forget_in_place(struct fetch_queue *queue, struct fetch *fetch)
{
    worker_pool_settle(queue->pool, &fetch->job);
    drive_fetch_end(&fetch->reply);
    queue->running--;
    unlink_fetch(fetch);
    free_fetch(queue, fetch);
}

void fetch_queue_forget(struct fetch_queue *queue, const void *user)
{
    struct fetch *fetch = find_fetch(&queue->waited_for[FETCH_APART], user);

    if (fetch) {
        unlink_fetch(fetch);
        fetch->user = NULL;
        return;
    }
    fetch = find_fetch(&queue->waited_for[FETCH_IN_PLACE], user);
    if (fetch) {
        forget_in_place(queue, fetch);
    }
}

void fetch_queue_each(struct fetch_queue *queue, void (*fn)(void *user))
{
    struct fetch *next;

    for (struct fetch *f = queue->waited_for[FETCH_APART].first; f; f = next) {
        next = f->next;
        fn(f->user);
    }
}

bool fetch_queue_is_busy(const struct fetch_queue *queue)
{
    return queue->waited_for[FETCH_APART].first != NULL;
}

/* What was not at hand after all. Without memory or a thread for it: late is better than wrong. */
static bool goes_on_apart(struct fetch_queue *queue, struct fetch *fetch)
{
    if (!fetch->would_block) {
        return false;
    }
    if (fetch_queue_start(queue, FETCH_APART, &fetch->request, &fetch->reply, fetch->user)) {
        return true;
    }
    work_apart(&fetch->job);
    return false;
}

static struct fetch_result result_of(struct fetch *fetch)
{
    const bool apart = fetch->way == FETCH_APART;

    return (struct fetch_result){
        .user = fetch->user,
        .reply = &fetch->reply,
        .data = apart ? fetch->data : NULL,
        .data_bytes = apart ? smaller(fetch->request.in_bytes, fetch->reply.in_bytes) : 0,
    };
}

bool fetch_queue_take(struct fetch_queue *queue, struct fetch_result *result)
{
    struct worker_job *job;

    while ((job = worker_pool_done(queue->pool)) != NULL) {
        struct fetch *fetch = fetch_of(job);

        queue->running--;
        if (!fetch->user) {
            free_fetch(queue, fetch);
            continue;
        }
        unlink_fetch(fetch);
        if (goes_on_apart(queue, fetch)) {
            free_fetch(queue, fetch);
            continue;
        }
        *result = result_of(fetch);
        return true;
    }
    return false;
}

void fetch_queue_release(struct fetch_queue *queue, struct fetch_result *result)
{
    free_fetch(queue,
               (struct fetch *)(void *)((char *)result->reply - offsetof(struct fetch, reply)));
    *result = (struct fetch_result){0};
}

static void free_spares(struct fetch_queue *queue)
{
    struct fetch *next;

    for (struct fetch *f = queue->spares; f; f = next) {
        next = f->next;
        free(f);
    }
}

void fetch_queue_free(struct fetch_queue *queue)
{
    struct fetch_result result;

    if (!queue) {
        return;
    }
    while (queue->running > 0) {
        if (fetch_queue_take(queue, &result)) {
            fetch_queue_release(queue, &result);
        } else if (queue->running > 0) {
            worker_pool_wait(queue->pool);
        }
    }
    worker_pool_free(queue->pool);
    free_spares(queue);
    free(queue);
}
