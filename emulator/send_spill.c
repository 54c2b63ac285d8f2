/* SPDX-License-Identifier: GPL-2.0-only */
#include "send_spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FD_FIRST 3

/* What is kept for one connection. */
struct kept {
    struct kept *next;
    struct send_spill *spill;
    int fd;       /* the daemon's */
    int watch_fd; /* the same socket by another number: the daemon watches its own */
    uint8_t *bytes;
    size_t at, end, room; /* `at`: of the first that is not sent yet */
};

struct send_spill {
    struct control_loop loop;
    struct kept *first;
};

struct send_spill *send_spill_new(const struct control_loop *loop)
{
    struct send_spill *spill = calloc(1, sizeof(*spill));

    if (spill) {
        spill->loop = *loop;
    }
    return spill;
}

static struct kept *find(const struct send_spill *spill, int fd)
{
    struct kept *k = spill->first;

    while (k && k->fd != fd) {
        k = k->next;
    }
    return k;
}

bool send_spill_holds(const struct send_spill *spill, int fd)
{
    return find(spill, fd) != NULL;
}

static void forget(struct kept *k)
{
    struct kept **at = &k->spill->first;

    while (*at != k) {
        at = &(*at)->next;
    }
    *at = k->next;
    k->spill->loop.del(k->watch_fd);
    close(k->watch_fd);
    free(k->bytes);
    free(k);
}

void send_spill_forget(struct send_spill *spill, int fd)
{
    struct kept *k = find(spill, fd);

    if (k) {
        forget(k);
    }
}

/* The socket takes some again, or is broken. */
static void flush(int fd, int events, void *data)
{
    struct kept *k = data;

    (void)events;
    while (k->at < k->end) {
        ssize_t n = send(fd, k->bytes + k->at, k->end - k->at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n < 0) {
            shutdown(fd, SHUT_RDWR); /* nothing may follow what is lost; the daemon sees the end */
            break;
        }
        k->at += (size_t)n;
    }
    forget(k);
}

static struct kept *begin(struct send_spill *spill, int fd)
{
    struct kept *k = calloc(1, sizeof(*k));

    if (!k) {
        return NULL;
    }
    k->spill = spill;
    k->fd = fd;
    k->watch_fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
    if (k->watch_fd < 0 || spill->loop.add(k->watch_fd, EPOLLOUT, flush, k) != 0) {
        if (k->watch_fd >= 0) {
            close(k->watch_fd);
        }
        free(k);
        return NULL;
    }
    k->next = spill->first;
    spill->first = k;
    return k;
}

static bool make_room(struct kept *k, size_t count)
{
    uint8_t *bytes;
    size_t room;

    if (k->at > 0) {
        memmove(k->bytes, k->bytes + k->at, k->end - k->at);
        k->end -= k->at;
        k->at = 0;
    }
    if (k->room - k->end >= count) {
        return true;
    }
    room = 2 * (k->end + count);
    bytes = realloc(k->bytes, room);
    if (!bytes) {
        return false;
    }
    k->bytes = bytes;
    k->room = room;
    return true;
}

bool send_spill_keep(struct send_spill *spill, int fd, const void *bytes, size_t count)
{
    struct kept *k = find(spill, fd);

    if (!k && !(k = begin(spill, fd))) {
        return false;
    }
    if (!make_room(k, count)) {
        if (k->end == 0) {
            forget(k);
        }
        return false;
    }
    memcpy(k->bytes + k->end, bytes, count);
    k->end += count;
    return true;
}

void send_spill_free(struct send_spill *spill)
{
    if (!spill) {
        return;
    }
    for (struct kept *k = spill->first, *next; k; k = next) {
        next = k->next;
        forget(k);
    }
    free(spill);
}
