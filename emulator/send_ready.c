/* SPDX-License-Identifier: GPL-2.0-only */
#include "send_ready.h"

#include <stdlib.h>
#include <string.h>

#define NOT_WISHED SIZE_MAX
#define ROWS_MIN   64

/* What is known of a descriptor. */
struct row {
    bool known;        /* messages were sent on it by way of the spill */
    bool is_short;     /* the last one was */
    bool kernel_known; /* what the kernel was asked for since */
    uint32_t kernel;   /* that */
    size_t wish;       /* where it is in `wishes`, or NOT_WISHED */
    epoll_data_t data; /* the daemon's */
};

struct send_ready {
    const struct send_spill *spill;
    struct row *rows; /* by descriptor */
    int *wishes;      /* descriptors to tell of; as much room as there are rows */
    size_t row_count, wish_count;
};

struct send_ready *send_ready_new(const struct send_spill *spill)
{
    struct send_ready *r = calloc(1, sizeof(*r));

    if (r) {
        r->spill = spill;
    }
    return r;
}

static struct row *row_of(const struct send_ready *r, int fd)
{
    return fd >= 0 && (size_t)fd < r->row_count ? &r->rows[fd] : NULL;
}

static bool make_rows(struct send_ready *r, size_t wanted)
{
    size_t count = r->row_count ? r->row_count : ROWS_MIN;
    struct row *rows;
    int *wishes;

    while (count < wanted) {
        count *= 2;
    }
    wishes = realloc(r->wishes, count * sizeof(*wishes));
    if (!wishes) {
        return false;
    }
    r->wishes = wishes;
    rows = realloc(r->rows, count * sizeof(*rows));
    if (!rows) {
        return false;
    }
    r->rows = rows;
    for (size_t i = r->row_count; i < count; i++) {
        rows[i] = (struct row){.wish = NOT_WISHED};
    }
    r->row_count = count;
    return true;
}

void send_ready_sent(struct send_ready *r, int fd, size_t bytes)
{
    struct row *row;

    if (fd < 0 || ((size_t)fd >= r->row_count && !make_rows(r, (size_t)fd + 1))) {
        return;
    }
    row = &r->rows[fd];
    row->known = true;
    row->is_short = bytes <= SEND_READY_BYTES;
}

static void unwish(struct send_ready *r, struct row *row)
{
    if (row->wish != NOT_WISHED) {
        const int last = r->wishes[--r->wish_count];

        r->wishes[row->wish] = last;
        r->rows[last].wish = row->wish;
        row->wish = NOT_WISHED;
    }
}

static void wish(struct send_ready *r, struct row *row, int fd)
{
    if (row->wish == NOT_WISHED) {
        row->wish = r->wish_count++;
        r->wishes[row->wish] = fd;
    }
}

bool send_ready_wish(struct send_ready *r, int fd, struct epoll_event *event)
{
    struct row *row = row_of(r, fd);
    bool same;

    if (!row || !row->known) {
        return false;
    }
    row->data = event->data;
    unwish(r, row);
    if (event->events & EPOLLOUT && row->is_short && !send_spill_holds(r->spill, fd)) {
        event->events &= ~(uint32_t)EPOLLOUT;
        wish(r, row, fd);
    }
    same = row->kernel_known && row->kernel == event->events;
    row->kernel_known = true;
    row->kernel = event->events;
    return same;
}

void send_ready_forget(struct send_ready *r, int fd)
{
    struct row *row = row_of(r, fd);

    if (row) {
        unwish(r, row);
        *row = (struct row){.wish = NOT_WISHED};
    }
}

bool send_ready_any(const struct send_ready *r)
{
    for (size_t i = 0; i < r->wish_count; i++) {
        if (!send_spill_holds(r->spill, r->wishes[i])) {
            return true;
        }
    }
    return false;
}

int send_ready_tell(const struct send_ready *r, struct epoll_event *events, int count, int max)
{
    for (size_t i = 0; i < r->wish_count && count < max; i++) {
        const int fd = r->wishes[i];

        if (!send_spill_holds(r->spill, fd)) {
            events[count++] = (struct epoll_event){.events = EPOLLOUT, .data = r->rows[fd].data};
        }
    }
    return count;
}

void send_ready_free(struct send_ready *r)
{
    if (r) {
        free(r->rows);
        free(r->wishes);
        free(r);
    }
}
