/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/fetch_queue.h"
#include "tests/support/faults.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 8

static unsigned closed;
static int users[4];
static unsigned seen;

static struct disc *make_disc(uint64_t fail_at_bytes)
{
    struct medium_memory *m = medium_memory_blocks(BLOCKS);

    closed = 0;
    m->closed = &closed;
    m->fail_at_bytes = fail_at_bytes;
    return disc_new_plain(&m->medium);
}

static struct drive_reply reply_for(struct disc *disc, uint32_t lba, uint32_t blocks)
{
    return (struct drive_reply){
        .in_bytes = (size_t)blocks * DISC_BLOCK_BYTES,
        .fetch = {.disc = disc_hold(disc), .lba = lba, .blocks = blocks},
    };
}

static struct fetch_result take(struct fetch_queue *queue)
{
    struct pollfd done = {.fd = fetch_queue_fd(queue), .events = POLLIN};
    struct fetch_result result = {0};

    while (!fetch_queue_take(queue, &result)) {
        poll(&done, 1, -1);
    }
    return result;
}

static void read_comes_back_with_its_data(void)
{
    uint8_t room[2 * DISC_BLOCK_BYTES], block[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct drive_reply reply = reply_for(disc, 3, 2);
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct fetch_result result;

    CU_ASSERT_PTR_NOT_NULL_FATAL(queue);
    CU_ASSERT_TRUE(fetch_queue_start(queue, FETCH_APART, &request, &reply, &users[0]));
    CU_ASSERT_TRUE(fetch_queue_is_busy(queue));
    result = take(queue);
    CU_ASSERT_FALSE(fetch_queue_is_busy(queue));
    CU_ASSERT_PTR_EQUAL(result.user, &users[0]);
    CU_ASSERT_FALSE(result.reply->sense.check);
    CU_ASSERT_EQUAL(result.data_bytes, sizeof(room));
    medium_memory_block(4, block);
    CU_ASSERT_EQUAL(memcmp(result.data + DISC_BLOCK_BYTES, block, sizeof(block)), 0);
    fetch_queue_release(queue, &result);
    fetch_queue_free(queue);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

static void short_room_gets_its_part_and_the_whole_length(void)
{
    uint8_t room[100], block[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct drive_reply reply = reply_for(disc, 0, 2);
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct fetch_result result;

    fetch_queue_start(queue, FETCH_APART, &request, &reply, &users[0]);
    result = take(queue);
    medium_memory_block(0, block);
    CU_ASSERT_EQUAL(result.data_bytes, sizeof(room));
    CU_ASSERT_EQUAL(result.reply->in_bytes, 2 * DISC_BLOCK_BYTES);
    CU_ASSERT_EQUAL(memcmp(result.data, block, sizeof(room)), 0);
    fetch_queue_release(queue, &result);
    fetch_queue_free(queue);
    disc_release(disc);
}

static void failed_read_has_sense_and_no_data(void)
{
    uint8_t room[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(0);
    struct drive_reply reply = reply_for(disc, 0, 1);
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct fetch_result result;

    fetch_queue_start(queue, FETCH_APART, &request, &reply, &users[0]);
    result = take(queue);
    CU_ASSERT_TRUE(result.reply->sense.check);
    CU_ASSERT_EQUAL(result.data_bytes, 0);
    fetch_queue_release(queue, &result);
    fetch_queue_free(queue);
    disc_release(disc);
}

static void comparison_uses_a_copy_of_the_data(void)
{
    uint8_t *out = malloc(DISC_BLOCK_BYTES);
    struct drive_request request = {.out = out, .out_bytes = DISC_BLOCK_BYTES};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct fetch_queue *queue = fetch_queue_new(2, 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    medium_memory_block(1, out);
    for (uint32_t lba = 1; lba <= 2; lba++) {
        struct drive_reply reply = reply_for(disc, lba, 1);
        struct fetch_result result;

        reply.in_bytes = 0;
        reply.fetch.compare = true;
        fetch_queue_start(queue, FETCH_APART, &request, &reply, &users[0]);
        memset(out, 0xee, lba == 2 ? DISC_BLOCK_BYTES : 0);
        result = take(queue);
        CU_ASSERT_EQUAL(result.reply->sense.check, lba == 2);
        CU_ASSERT_EQUAL(result.data_bytes, 0);
        fetch_queue_release(queue, &result);
    }
    fetch_queue_free(queue);
    disc_release(disc);
    free(out);
}

static void forgotten_read_is_not_seen_and_frees_its_disc(void)
{
    uint8_t room[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct fetch_result result;

    for (size_t i = 0; i < 3; i++) {
        struct drive_reply reply = reply_for(disc, 0, 1);

        fetch_queue_start(queue, FETCH_APART, &request, &reply, &users[i]);
    }
    fetch_queue_forget(queue, &users[1]);
    fetch_queue_forget(queue, &users[3]); /* was never there */
    result = take(queue);
    CU_ASSERT_PTR_EQUAL(result.user, &users[0]);
    fetch_queue_release(queue, &result);
    result = take(queue);
    CU_ASSERT_PTR_EQUAL(result.user, &users[2]);
    fetch_queue_release(queue, &result);
    CU_ASSERT_FALSE(fetch_queue_is_busy(queue));
    disc_release(disc);
    fetch_queue_free(queue);
    CU_ASSERT_EQUAL(closed, 1);
}

static struct fetch_queue *walked;

static void see_and_forget(void *user)
{
    seen++;
    fetch_queue_forget(walked, user);
}

static void walk_may_forget_each(void)
{
    uint8_t room[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);

    walked = fetch_queue_new(3, 1);
    for (size_t i = 0; i < 4; i++) {
        struct drive_reply reply = reply_for(disc, 0, 1);

        fetch_queue_start(walked, FETCH_APART, &request, &reply, &users[i]);
    }
    seen = 0;
    fetch_queue_each(walked, see_and_forget);
    CU_ASSERT_EQUAL(seen, 4);
    CU_ASSERT_FALSE(fetch_queue_is_busy(walked));
    fetch_queue_free(walked);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

static void read_in_place_fills_the_request(void)
{
    uint8_t room[2 * DISC_BLOCK_BYTES], block[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct fetch_queue *queue = fetch_queue_new(2, 1);

    for (uint32_t lba = 0; lba < 3; lba++) { /* the second and third use a spare */
        struct drive_reply reply = reply_for(disc, lba, 2);
        struct fetch_result result;

        CU_ASSERT_TRUE(fetch_queue_start(queue, FETCH_IN_PLACE, &request, &reply, &users[lba]));
        CU_ASSERT_FALSE(fetch_queue_is_busy(queue));
        result = take(queue);
        CU_ASSERT_PTR_EQUAL(result.user, &users[lba]);
        CU_ASSERT_EQUAL(result.data_bytes, 0);
        CU_ASSERT_EQUAL(result.reply->in_bytes, sizeof(room));
        medium_memory_block(lba + 1, block);
        CU_ASSERT_EQUAL(memcmp(room + DISC_BLOCK_BYTES, block, sizeof(block)), 0);
        fetch_queue_release(queue, &result);
    }
    fetch_queue_free(queue);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

static struct disc *make_disc_that_blocks(void)
{
    struct medium_memory *m = medium_memory_blocks(BLOCKS);

    closed = 0;
    m->closed = &closed;
    m->would_block = 1;
    return disc_new_plain(&m->medium);
}

static void what_is_not_at_hand_goes_on_apart(void)
{
    uint8_t room[DISC_BLOCK_BYTES], block[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc_that_blocks();
    struct drive_reply reply = reply_for(disc, 2, 1);
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct fetch_result result;

    memset(room, 0xee, sizeof(room));
    fetch_queue_start(queue, FETCH_IN_PLACE, &request, &reply, &users[0]);
    result = take(queue);
    CU_ASSERT_PTR_EQUAL(result.user, &users[0]);
    CU_ASSERT_EQUAL_FATAL(result.data_bytes, sizeof(room));
    medium_memory_block(2, block);
    CU_ASSERT_EQUAL(memcmp(result.data, block, sizeof(block)), 0);
    fetch_queue_release(queue, &result);
    fetch_queue_free(queue);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

static void forgotten_in_place_is_out_of_the_memory(void)
{
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct fetch_queue *queue = fetch_queue_new(2, 1);

    for (int round = 0; round < 200; round++) {
        uint8_t *room = malloc(DISC_BLOCK_BYTES);
        const struct drive_request request = {.in = room, .in_bytes = DISC_BLOCK_BYTES};
        struct drive_reply reply = reply_for(disc, 0, 1);
        struct fetch_result result;

        CU_ASSERT_TRUE(fetch_queue_start(queue, FETCH_IN_PLACE, &request, &reply, &users[0]));
        fetch_queue_forget(queue, &users[0]);
        free(room); /* a worker that is still in it would be seen by the sanitizers */
        CU_ASSERT_FALSE(fetch_queue_take(queue, &result));
    }
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
    fetch_queue_free(queue);
}

static void read_without_a_thread_is_refused(void)
{
    uint8_t room[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct drive_reply reply = reply_for(disc, 2, 1);
    struct fetch_queue *queue = fetch_queue_new(2, 1);

    for (enum fetch_way way = FETCH_APART; way <= FETCH_IN_PLACE; way++) {
        fault_after(FAULT_PTHREAD_CREATE, 0, EAGAIN);
        CU_ASSERT_FALSE(fetch_queue_start(queue, way, &request, &reply, &users[0]));
        CU_ASSERT_TRUE(fault_came());
        CU_ASSERT_FALSE(fetch_queue_is_busy(queue));
    }
    drive_fetch_end(&reply);
    fetch_queue_free(queue);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

/* The read in place was put off, and there is no memory for one apart: it waits where it is. */
static void what_cannot_go_on_apart_is_late(void)
{
    uint8_t room[DISC_BLOCK_BYTES], block[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc_that_blocks();
    struct drive_reply reply = reply_for(disc, 2, 1);
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct pollfd done = {.fd = fetch_queue_fd(queue), .events = POLLIN};
    struct fetch_result result;

    CU_ASSERT_TRUE(fetch_queue_start(queue, FETCH_IN_PLACE, &request, &reply, &users[0]));
    poll(&done, 1, -1);
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_TRUE(fetch_queue_take(queue, &result));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_PTR_EQUAL(result.user, &users[0]);
    CU_ASSERT_FALSE(result.reply->sense.check);
    medium_memory_block(2, block);
    CU_ASSERT_EQUAL(memcmp(room, block, sizeof(block)), 0);
    fetch_queue_release(queue, &result);
    fetch_queue_free(queue);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

static void freeing_waits_for_reads_nobody_took(void)
{
    uint8_t room[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct disc *disc = make_disc(MEDIUM_MEMORY_NO_FAULT);
    struct fetch_queue *queue = fetch_queue_new(2, 1);

    for (int i = 0; i < 3; i++) {
        struct drive_reply reply = reply_for(disc, 2, 1);

        CU_ASSERT_TRUE(fetch_queue_start(queue, FETCH_APART, &request, &reply, &users[i]));
    }
    fetch_queue_free(queue);
    fetch_queue_free(NULL);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
}

UNIT_SUITE(fetch_queue, T(read_in_place_fills_the_request), T(what_is_not_at_hand_goes_on_apart),
           T(forgotten_in_place_is_out_of_the_memory), T(read_comes_back_with_its_data),
           T(short_room_gets_its_part_and_the_whole_length), T(failed_read_has_sense_and_no_data),
           T(comparison_uses_a_copy_of_the_data), T(forgotten_read_is_not_seen_and_frees_its_disc),
           T(walk_may_forget_each), T(read_without_a_thread_is_refused),
           T(what_cannot_go_on_apart_is_late), T(freeing_waits_for_reads_nobody_took));
