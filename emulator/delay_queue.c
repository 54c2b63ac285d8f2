/* SPDX-License-Identifier: GPL-2.0-only */
#include "delay_queue.h"

#include <stdlib.h>

struct delayed {
    struct delayed *next; /* due at the same time or later */
    uint64_t due_us;
    struct drive_reply reply;
    void *user;
};

bool delay_queue_add(struct delay_queue *q, uint64_t due_us, const struct drive_reply *reply,
                     void *user)
{
    struct delayed *item = malloc(sizeof(*item)), **at = &q->first;

    if (!item) {
        return false;
    }
    while (*at && (*at)->due_us <= due_us) {
        at = &(*at)->next;
    }
    *item = (struct delayed){.next = *at, .due_us = due_us, .reply = *reply, .user = user};
    *at = item;
    return true;
}

uint64_t delay_queue_due_us(const struct delay_queue *q)
{
    return q->first ? q->first->due_us : UINT64_MAX;
}

void *delay_queue_take(struct delay_queue *q, uint64_t now_us, struct drive_reply *reply)
{
    struct delayed *item = q->first;
    void *user;

    if (!item || item->due_us > now_us) {
        return NULL;
    }
    q->first = item->next;
    *reply = item->reply;
    user = item->user;
    free(item);
    return user;
}

void delay_queue_forget(struct delay_queue *q, const void *user)
{
    struct delayed **at = &q->first, *item;

    while (*at && (*at)->user != user) {
        at = &(*at)->next;
    }
    item = *at;
    if (item) {
        *at = item->next;
        free(item);
    }
}

void delay_queue_each(const struct delay_queue *q, void (*fn)(void *ctx, void *user), void *ctx)
{
    for (struct delayed *item = q->first, *next; item; item = next) {
        next = item->next;
        fn(ctx, item->user);
    }
}
