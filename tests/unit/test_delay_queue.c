/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/delay_queue.h"

#include "unit.h"

static int users[4];

static struct drive_reply reply_of(size_t in_bytes)
{
    return (struct drive_reply){.in_bytes = in_bytes};
}

static void add(struct delay_queue *q, uint64_t due_us, int n)
{
    const struct drive_reply reply = reply_of((size_t)n);

    CU_ASSERT_TRUE_FATAL(delay_queue_add(q, due_us, &reply, &users[n]));
}

/* Number of the one that is due, -1: none is; its reply came with it. */
static int take(struct delay_queue *q, uint64_t now_us)
{
    struct drive_reply reply;
    int *user = delay_queue_take(q, now_us, &reply);

    CU_ASSERT(!user || reply.in_bytes == (size_t)(user - users));
    return user ? (int)(user - users) : -1;
}

static void answers_come_when_they_are_due(void)
{
    struct delay_queue q = {0};

    CU_ASSERT_EQUAL(delay_queue_due_us(&q), UINT64_MAX);
    add(&q, 300, 0);
    add(&q, 100, 1);
    add(&q, 200, 2);
    CU_ASSERT_EQUAL(delay_queue_due_us(&q), 100);
    CU_ASSERT_EQUAL(take(&q, 99), -1);
    CU_ASSERT_EQUAL(take(&q, 100), 1);
    CU_ASSERT_EQUAL(take(&q, 199), -1);
    CU_ASSERT_EQUAL(take(&q, 1000), 2);
    CU_ASSERT_EQUAL(take(&q, 1000), 0);
    CU_ASSERT_EQUAL(take(&q, UINT64_MAX), -1);
}

static void of_two_at_one_time_the_first_comes_first(void)
{
    struct delay_queue q = {0};

    add(&q, 5, 2);
    add(&q, 5, 0);
    add(&q, 4, 3);
    add(&q, 5, 1);
    CU_ASSERT_EQUAL(take(&q, 5), 3);
    CU_ASSERT_EQUAL(take(&q, 5), 2);
    CU_ASSERT_EQUAL(take(&q, 5), 0);
    CU_ASSERT_EQUAL(take(&q, 5), 1);
}

static void what_is_forgotten_does_not_come(void)
{
    struct delay_queue q = {0};

    add(&q, 1, 0);
    add(&q, 2, 1);
    add(&q, 3, 2);
    delay_queue_forget(&q, &users[1]);
    delay_queue_forget(&q, &users[3]); /* is not there */
    CU_ASSERT_EQUAL(take(&q, 9), 0);
    CU_ASSERT_EQUAL(take(&q, 9), 2);
    CU_ASSERT_EQUAL(take(&q, 9), -1);
}

static void forget_it(void *ctx, void *user)
{
    delay_queue_forget(ctx, user);
}

static void each_may_be_forgotten_on_the_way(void)
{
    struct delay_queue q = {0};

    for (int n = 0; n < 4; n++) {
        add(&q, 7, n);
    }
    delay_queue_each(&q, forget_it, &q);
    CU_ASSERT_PTR_NULL(q.first);
}

UNIT_SUITE(delay_queue, T(answers_come_when_they_are_due),
           T(of_two_at_one_time_the_first_comes_first), T(what_is_forgotten_does_not_come),
           T(each_may_be_forgotten_on_the_way));
