/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/worker_pool.h"
#include "tests/support/faults.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#define JOBS 200

struct counted {
    struct worker_job job;
    unsigned worked, came_back;
    pthread_t thread;
    bool blocks_signals;
};

static struct counted *counted_of(struct worker_job *job)
{
    return (struct counted *)(void *)job;
}

static void count(struct worker_job *job)
{
    struct counted *c = counted_of(job);
    sigset_t blocked;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    c->blocks_signals = sigismember(&blocked, SIGUSR2) && sigismember(&blocked, SIGTERM);
    c->thread = pthread_self();
    c->worked++;
}

static struct worker_job *take(struct worker_pool *pool)
{
    struct worker_job *job;

    while (!(job = worker_pool_done(pool))) {
        worker_pool_wait(pool);
    }
    return job;
}

static bool is_readable(struct worker_pool *pool)
{
    struct pollfd fd = {.fd = worker_pool_fd(pool), .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static void every_job_is_worked_on_once_and_comes_back(void)
{
    static struct counted jobs[JOBS];
    struct worker_pool *pool = worker_pool_new(4, 4);

    CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
    memset(jobs, 0, sizeof(jobs));
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].job.work = count;
        CU_ASSERT_TRUE(worker_pool_submit(pool, &jobs[i].job));
    }
    for (size_t i = 0; i < JOBS; i++) {
        counted_of(take(pool))->came_back++;
    }
    for (size_t i = 0; i < JOBS; i++) {
        CU_ASSERT_EQUAL(jobs[i].worked, 1);
        CU_ASSERT_EQUAL(jobs[i].came_back, 1);
        CU_ASSERT_FALSE(pthread_equal(jobs[i].thread, pthread_self()));
        CU_ASSERT_TRUE(jobs[i].blocks_signals);
    }
    CU_ASSERT_PTR_NULL(worker_pool_done(pool));
    CU_ASSERT_FALSE(is_readable(pool));
    worker_pool_free(pool);
}

static void descriptor_is_readable_until_all_are_taken(void)
{
    struct counted jobs[2] = {{.job = {.work = count}}, {.job = {.work = count}}};
    struct worker_pool *pool = worker_pool_new(1, 1);

    CU_ASSERT_FALSE(is_readable(pool));
    worker_pool_submit(pool, &jobs[0].job);
    worker_pool_submit(pool, &jobs[1].job);
    take(pool);
    worker_pool_wait(pool);
    CU_ASSERT_TRUE(is_readable(pool));
    take(pool);
    CU_ASSERT_FALSE(is_readable(pool));
    worker_pool_free(pool);
}

static void one_thread_keeps_the_order(void)
{
    struct counted jobs[10];
    struct worker_pool *pool = worker_pool_new(1, 1);

    memset(jobs, 0, sizeof(jobs));
    for (size_t i = 0; i < 10; i++) {
        jobs[i].job.work = count;
        worker_pool_submit(pool, &jobs[i].job);
    }
    for (size_t i = 0; i < 10; i++) {
        CU_ASSERT_PTR_EQUAL(take(pool), &jobs[i].job);
    }
    worker_pool_free(pool);
}

static pthread_barrier_t together;

static void meet(struct worker_job *job)
{
    (void)job;
    pthread_barrier_wait(&together);
}

static void jobs_run_side_by_side(void)
{
    /* ends only if as many threads as jobs are at work at once */
    struct worker_job jobs[3] = {{.work = meet}, {.work = meet}, {.work = meet}};
    struct worker_pool *pool = worker_pool_new(3, 3);

    pthread_barrier_init(&together, NULL, 3);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3; i++) {
            CU_ASSERT_TRUE(worker_pool_submit(pool, &jobs[i]));
        }
        for (size_t i = 0; i < 3; i++) {
            take(pool);
        }
    }
    worker_pool_free(pool);
    pthread_barrier_destroy(&together);
}

static void freeing_waits_for_jobs_that_were_not_taken(void)
{
    struct counted jobs[20];
    struct worker_pool *pool = worker_pool_new(2, 2);

    memset(jobs, 0, sizeof(jobs));
    for (size_t i = 0; i < 20; i++) {
        jobs[i].job.work = count;
        worker_pool_submit(pool, &jobs[i].job);
    }
    worker_pool_free(pool);
    for (size_t i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(jobs[i].worked, 1);
    }
    worker_pool_free(NULL);
}

static pthread_barrier_t gate;

static void wait_at_the_gate(struct worker_job *job)
{
    (void)job;
    pthread_barrier_wait(&gate);
}

static void blocked_jobs_leave_a_thread_to_others(void)
{
    struct worker_job blocked[4];
    struct counted computing = {.job = {.work = count}};
    struct worker_pool *pool = worker_pool_new(3, 1);

    /* two get threads and are held there; the others wait behind them */
    pthread_barrier_init(&gate, NULL, 2);
    for (size_t i = 0; i < 4; i++) {
        blocked[i] = (struct worker_job){.work = wait_at_the_gate, .may_block = true};
    }
    CU_ASSERT_TRUE(worker_pool_submit(pool, &blocked[0]));
    CU_ASSERT_TRUE(worker_pool_submit(pool, &computing.job));
    CU_ASSERT_PTR_EQUAL(take(pool), &computing.job);
    for (size_t i = 1; i < 4; i++) {
        CU_ASSERT_TRUE(worker_pool_submit(pool, &blocked[i]));
    }
    for (size_t i = 0; i < 4; i++) {
        take(pool); /* they let each other go, two by two */
    }
    worker_pool_free(pool);
    pthread_barrier_destroy(&gate);
}

static unsigned at_work, most_at_work;

static void work_alone(struct worker_job *job)
{
    const unsigned now = __atomic_add_fetch(&at_work, 1, __ATOMIC_SEQ_CST);

    (void)job;
    if (now > most_at_work) {
        most_at_work = now;
    }
    sched_yield();
    __atomic_sub_fetch(&at_work, 1, __ATOMIC_SEQ_CST);
}

static void no_more_compute_at_once_than_may(void)
{
    static struct worker_job jobs[JOBS];
    struct worker_pool *pool = worker_pool_new(4, 1);

    at_work = most_at_work = 0;
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct worker_job){.work = work_alone};
        CU_ASSERT_TRUE(worker_pool_submit(pool, &jobs[i]));
    }
    for (size_t i = 0; i < JOBS; i++) {
        take(pool);
    }
    CU_ASSERT_EQUAL(most_at_work, 1);
    worker_pool_free(pool);
}

static void settled_job_does_not_come_back(void)
{
    struct worker_job held = {.work = wait_at_the_gate};
    struct counted waiting = {.job = {.work = count}}, ended = {.job = {.work = count}};
    struct worker_pool *pool = worker_pool_new(2, 1);

    pthread_barrier_init(&gate, NULL, 2);
    worker_pool_submit(pool, &ended.job);
    worker_pool_wait(pool);
    CU_ASSERT_TRUE(worker_pool_settle(pool, &ended.job));
    CU_ASSERT_EQUAL(ended.worked, 1);
    CU_ASSERT_FALSE(is_readable(pool));
    worker_pool_submit(pool, &held);
    worker_pool_submit(pool, &waiting.job);
    CU_ASSERT_FALSE(worker_pool_settle(pool, &waiting.job));
    pthread_barrier_wait(&gate);
    CU_ASSERT_TRUE(worker_pool_settle(pool, &held)); /* at work, or done with it by now */
    CU_ASSERT_PTR_NULL(worker_pool_done(pool));
    worker_pool_submit(pool, &waiting.job);
    CU_ASSERT_PTR_EQUAL(take(pool), &waiting.job);
    CU_ASSERT_EQUAL(waiting.worked, 1);
    worker_pool_free(pool);
    pthread_barrier_destroy(&gate);
}

static void without_a_descriptor_there_is_no_pool(void)
{
    fault_after(FAULT_EVENTFD, 0, EMFILE);
    CU_ASSERT_PTR_NULL(worker_pool_new(2, 1));
    CU_ASSERT_TRUE(fault_came());
    worker_pool_free(NULL);
}

static void without_any_thread_a_job_is_refused(void)
{
    struct counted job = {.job = {.work = count}};
    struct worker_pool *pool = worker_pool_new(2, 1);

    fault_after(FAULT_PTHREAD_CREATE, 0, EAGAIN);
    CU_ASSERT_FALSE(worker_pool_submit(pool, &job.job));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_EQUAL(job.worked, 0);
    CU_ASSERT_TRUE(worker_pool_submit(pool, &job.job));
    CU_ASSERT_PTR_EQUAL(take(pool), &job.job);
    worker_pool_free(pool);
}

static void a_signal_does_not_end_the_wait(void)
{
    struct counted job = {.job = {.work = count}};
    struct worker_pool *pool = worker_pool_new(2, 1);

    worker_pool_submit(pool, &job.job);
    fault_after(FAULT_POLL, 0, EINTR);
    worker_pool_wait(pool);
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_PTR_EQUAL(worker_pool_done(pool), &job.job);
    worker_pool_free(pool);
}

UNIT_SUITE(worker_pool, T(blocked_jobs_leave_a_thread_to_others),
           T(no_more_compute_at_once_than_may), T(settled_job_does_not_come_back),
           T(every_job_is_worked_on_once_and_comes_back),
           T(descriptor_is_readable_until_all_are_taken), T(one_thread_keeps_the_order),
           T(jobs_run_side_by_side), T(freeing_waits_for_jobs_that_were_not_taken),
           T(without_a_descriptor_there_is_no_pool), T(without_any_thread_a_job_is_refused),
           T(a_signal_does_not_end_the_wait));
