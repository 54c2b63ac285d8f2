/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/send_ready.h"
#include "tests/support/one_watch.h"
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_BYTES 48
#define EVENTS_MAX   8
#define MANY         500

static struct send_spill *spill;
static struct send_ready *ready;
static struct epoll_event event, events[EVENTS_MAX];

static void set_up(void)
{
    one_watch_reset();
    spill = send_spill_new(&one_watch_loop);
    ready = send_ready_new(spill);
    CU_ASSERT_FATAL(spill && ready);
}

static void take_down(void)
{
    send_ready_free(ready);
    send_spill_free(spill);
}

/* Whether the kernel has to be asked; then it is for what `event` says. */
static bool asks(int fd, uint32_t wanted)
{
    event = (struct epoll_event){.events = wanted, .data.u64 = (uint64_t)fd * 3};
    return !send_ready_wish(ready, fd, &event);
}

static int told(void)
{
    return send_ready_tell(ready, events, 0, EVENTS_MAX);
}

static void an_unknown_connection_is_the_kernels(void)
{
    set_up();
    CU_ASSERT_TRUE(asks(7, EPOLLIN | EPOLLOUT));
    CU_ASSERT_EQUAL(event.events, EPOLLIN | EPOLLOUT);
    CU_ASSERT_TRUE(asks(-1, EPOLLOUT));
    CU_ASSERT_FALSE(send_ready_any(ready));
    send_ready_sent(ready, -1, ANSWER_BYTES);
    send_ready_forget(ready, 7);
    take_down();
}

static void a_wish_is_told_until_it_is_taken_back(void)
{
    set_up();
    send_ready_sent(ready, 7, ANSWER_BYTES);
    CU_ASSERT_TRUE(asks(7, EPOLLIN)); /* what the kernel has been asked for is not known yet */
    CU_ASSERT_FALSE(asks(7, EPOLLIN | EPOLLOUT));
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(send_ready_any(ready));
        CU_ASSERT_EQUAL(told(), 1);
        CU_ASSERT_EQUAL(events[0].events, EPOLLOUT);
        CU_ASSERT_EQUAL(events[0].data.u64, 21);
    }
    CU_ASSERT_FALSE(asks(7, EPOLLIN));
    CU_ASSERT_FALSE(send_ready_any(ready));
    CU_ASSERT_EQUAL(told(), 0);
    CU_ASSERT_TRUE(asks(7, 0));
    CU_ASSERT_EQUAL(event.events, 0);
    take_down();
}

static void long_answers_are_the_kernels(void)
{
    set_up();
    send_ready_sent(ready, 7, SEND_READY_BYTES + 1);
    CU_ASSERT_TRUE(asks(7, EPOLLIN | EPOLLOUT));
    CU_ASSERT_EQUAL(event.events, EPOLLIN | EPOLLOUT);
    CU_ASSERT_FALSE(send_ready_any(ready));
    CU_ASSERT_FALSE(asks(7, EPOLLIN | EPOLLOUT)); /* the kernel knows */
    send_ready_sent(ready, 7, SEND_READY_BYTES);
    CU_ASSERT_TRUE(asks(7, EPOLLIN | EPOLLOUT)); /* it does not any more */
    CU_ASSERT_EQUAL(event.events, EPOLLIN);
    CU_ASSERT_TRUE(send_ready_any(ready));
    take_down();
}

static void who_has_something_kept_is_not_told(void)
{
    int ends[2];

    set_up();
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    send_ready_sent(ready, ends[0], ANSWER_BYTES);
    asks(ends[0], EPOLLIN);
    asks(ends[0], EPOLLIN | EPOLLOUT);
    CU_ASSERT_TRUE(send_spill_keep(spill, ends[0], "x", 1));
    CU_ASSERT_FALSE(send_ready_any(ready));
    CU_ASSERT_EQUAL(told(), 0);
    CU_ASSERT_TRUE(asks(ends[0], EPOLLIN | EPOLLOUT));
    CU_ASSERT_EQUAL(event.events, EPOLLIN | EPOLLOUT);
    one_watch_event(); /* it is sent */
    CU_ASSERT_TRUE(asks(ends[0], EPOLLIN | EPOLLOUT));
    CU_ASSERT_TRUE(send_ready_any(ready));
    close(ends[0]);
    close(ends[1]);
    take_down();
}

static void forgotten_with_all_it_wished(void)
{
    set_up();
    for (int fd = 0; fd < MANY; fd++) {
        send_ready_sent(ready, fd, ANSWER_BYTES);
        asks(fd, EPOLLIN | EPOLLOUT);
    }
    CU_ASSERT_EQUAL(told(), EVENTS_MAX); /* no more than there is room for */
    for (int fd = 0; fd < MANY; fd++) {
        if (fd != 77) {
            send_ready_forget(ready, fd);
        }
    }
    CU_ASSERT_EQUAL(told(), 1);
    CU_ASSERT_EQUAL(events[0].data.u64, 77 * 3);
    events[0] = (struct epoll_event){.events = EPOLLIN};
    CU_ASSERT_EQUAL(send_ready_tell(ready, events, 1, EVENTS_MAX), 2);
    CU_ASSERT_EQUAL(events[0].events, EPOLLIN);
    send_ready_forget(ready, 77);
    CU_ASSERT_FALSE(send_ready_any(ready));
    CU_ASSERT_TRUE(asks(77, EPOLLIN | EPOLLOUT)); /* unknown again */
    CU_ASSERT_FALSE(send_ready_any(ready));
    take_down();
    send_ready_free(NULL);
}

UNIT_SUITE(send_ready, T(an_unknown_connection_is_the_kernels),
           T(a_wish_is_told_until_it_is_taken_back), T(long_answers_are_the_kernels),
           T(who_has_something_kept_is_not_told), T(forgotten_with_all_it_wished));
