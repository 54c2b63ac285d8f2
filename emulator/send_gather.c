/* SPDX-License-Identifier: GPL-2.0-only */
#include "send_gather.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Nothing may follow what is lost; the daemon sees the end. */
static void keep_or_end(struct send_gather *g, const void *bytes, size_t count)
{
    if (count > 0 && !send_spill_keep(g->spill, g->fd, bytes, count)) {
        shutdown(g->fd, SHUT_RDWR);
    }
}

/* What waits and then the piece, in one call. Returns how much of both was taken. */
static ssize_t send_both(struct send_gather *g, const void *bytes, size_t count)
{
    union {
        const void *given;
        void *wanted; /* by the structure; sendmsg() writes nothing to it */
    } piece = {.given = bytes};
    struct iovec parts[] = {{g->bytes, g->held}, {piece.wanted, count}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    ssize_t n;

    if (send_spill_holds(g->spill, g->fd)) {
        return 0; /* nothing goes past it */
    }
    n = sendmsg(g->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n < 0 && errno == EAGAIN ? 0 : n;
}

ssize_t send_gather_write(struct send_gather *g, int fd, const void *bytes, size_t count)
{
    size_t held;
    ssize_t n;

    send_gather_begin(g, fd);
    held = g->held;
    if (count <= sizeof(g->bytes) - held) {
        memcpy(g->bytes + held, bytes, count);
        g->held += count;
        g->sent += count;
        return (ssize_t)count;
    }
    n = send_both(g, bytes, count);
    g->held = 0;
    if (n < 0) {
        return n;
    }
    if ((size_t)n > held) {
        g->sent += (size_t)n - held;
        return n - (ssize_t)held;
    }
    g->sent += count;
    keep_or_end(g, g->bytes + n, held - (size_t)n);
    keep_or_end(g, bytes, count);
    return (ssize_t)count;
}

static void flush(struct send_gather *g)
{
    const size_t held = g->held;
    ssize_t n = held > 0 ? send_both(g, NULL, 0) : 0;

    g->held = 0;
    if (n >= 0) { /* a broken one says so to whoever reads from it */
        keep_or_end(g, g->bytes + n, held - (size_t)n);
    }
}

void send_gather_begin(struct send_gather *g, int fd)
{
    if (g->fd != fd) {
        flush(g);
        g->fd = fd;
        g->sent = 0;
    }
}

size_t send_gather_end(struct send_gather *g, int fd)
{
    if (g->fd != fd) {
        return 0;
    }
    flush(g);
    g->fd = -1;
    return g->sent;
}
