/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preloaded, the functions here come before libc's in tgtd. Each does for other threads, and for
 * descriptors that are none of its business, what libc's does.
 */
#include "module_calls.h"

#include "send_gather.h"
#include "send_ready.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    pthread_t thread;         /* tgtd's event thread */
    struct send_spill *spill; /* NULL: not started */
    struct send_gather gather;
    struct send_ready *ready; /* NULL: the kernel is asked for everything */
    struct module_idle idle;
    int loop_fd; /* tgtd's epoll descriptor, once it was seen */
} sending = {.loop_fd = -1};

#define OFFERED __attribute__((visibility("default")))

OFFERED ssize_t write(int fd, const void *bytes, size_t count);
OFFERED int close(int fd);
OFFERED int setsockopt(int fd, int level, int option, const void *value, socklen_t bytes);
OFFERED int epoll_ctl(int loop_fd, int change, int fd, struct epoll_event *event);
OFFERED int epoll_wait(int loop_fd, struct epoll_event *events, int max, int timeout_ms);

void module_calls_start(const struct control_loop *loop, const struct module_idle *idle)
{
    sending.idle = *idle;
    sending.thread = pthread_self();
    sending.spill = send_spill_new(loop);
    sending.gather = (struct send_gather){.spill = sending.spill, .fd = -1};
    sending.ready = sending.spill ? send_ready_new(sending.spill) : NULL;
}

static bool is_loop_thread(void)
{
    return sending.spill && pthread_equal(sending.thread, pthread_self());
}

/*
 * tgtd corks a connection before each piece that it writes to it. A tgtd before 1.0.89 that has
 * begun to send a PDU tries until all of it is sent: one peer that does not read would stop every
 * drive.
 */
ssize_t write(int fd, const void *bytes, size_t count)
{
    static ssize_t (*next)(int, const void *, size_t);

    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "write");
    }
    return is_loop_thread() && sending.gather.fd == fd
               ? send_gather_write(&sending.gather, fd, bytes, count)
               : next(fd, bytes, count);
}

static void forget_wishes(int fd)
{
    if (sending.ready) {
        send_ready_forget(sending.ready, fd);
    }
}

/* What a connection did not take goes with it. */
int close(int fd)
{
    static int (*next)(int);

    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "close");
    }
    if (is_loop_thread()) {
        send_gather_end(&sending.gather, fd);
        send_spill_forget(sending.spill, fd);
        forget_wishes(fd);
    }
    return next(fd);
}

static void end_message(int fd)
{
    const size_t bytes = send_gather_end(&sending.gather, fd);

    if (bytes > 0 && sending.ready) {
        send_ready_sent(sending.ready, fd, bytes);
    }
}

/*
 * tgtd writes a PDU's header and its data one by one and has the kernel hold the former
 * back: five calls for one answer, on a path that is not much more than its calls.
 */
int setsockopt(int fd, int level, int option, const void *value, socklen_t bytes)
{
    static int (*next)(int, int, int, const void *, socklen_t);
    int on;

    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "setsockopt");
    }
    if (level != IPPROTO_TCP || option != TCP_CORK || bytes != sizeof(on) || !is_loop_thread()) {
        return next(fd, level, option, value, bytes);
    }
    memcpy(&on, value, sizeof(on));
    if (on) {
        send_gather_begin(&sending.gather, fd);
    } else {
        end_message(fd);
    }
    return 0;
}

/*
 * For each answer tgtd asks to be told when the socket takes some, is told at once, and
 * asks no more: where that is known anyway the kernel is left out of it.
 */
int epoll_ctl(int loop_fd, int change, int fd, struct epoll_event *event)
{
    static int (*next)(int, int, int, struct epoll_event *);
    struct epoll_event asked;

    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "epoll_ctl");
    }
    if (!is_loop_thread() || !sending.ready) {
        return next(loop_fd, change, fd, event);
    }
    if (change != EPOLL_CTL_MOD) {
        forget_wishes(fd);
        return next(loop_fd, change, fd, event);
    }
    sending.loop_fd = loop_fd;
    asked = *event;
    return send_ready_wish(sending.ready, fd, &asked) ? 0 : next(loop_fd, change, fd, &asked);
}

/* Work of our own comes when nothing else does, and what comes meanwhile is told right after. */
int epoll_wait(int loop_fd, struct epoll_event *events, int max, int timeout_ms)
{
    static int (*next)(int, struct epoll_event *, int, int);
    bool has_work;
    int count;

    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "epoll_wait");
    }
    if (!is_loop_thread() || !sending.ready || loop_fd != sending.loop_fd) {
        return next(loop_fd, events, max, timeout_ms);
    }
    has_work = sending.idle.look();
    if (send_ready_any(sending.ready)) {
        count = next(loop_fd, events, max, 0);
        return count < 0 ? count : send_ready_tell(sending.ready, events, count, max);
    }
    if (has_work) {
        count = next(loop_fd, events, max, 0);
        if (count != 0) {
            return count;
        }
        sending.idle.run();
    }
    return next(loop_fd, events, max, timeout_ms);
}
