/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/css_choice.h"
#include "emulator/read_ahead.h"
#include "tests/support/faults.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS   512
#define READ     READ_AHEAD_BLOCKS_MIN
#define LARGEST  READ_AHEAD_BLOCKS_MAX
#define ANY_TIME 1000

/* A drive with a disc, whose host reads from block to block. */
struct scene {
    struct read_ahead *ahead;
    struct drive drive;
    struct medium_memory *medium;
    uint64_t now_us;
    uint8_t room[LARGEST * DISC_BLOCK_BYTES];
};

static unsigned closed;

static void put_disc(struct scene *s)
{
    s->medium = medium_memory_blocks(BLOCKS);
    s->medium->closed = &closed;
    s->drive.disc = disc_new_plain(&s->medium->medium);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s->drive.disc);
}

static void begin(struct scene *s)
{
    closed = 0;
    s->ahead = read_ahead_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(s->ahead);
    s->drive = (struct drive){0};
    s->now_us = ANY_TIME;
    put_disc(s);
}

static void end(struct scene *s)
{
    disc_release(s->drive.disc);
    read_ahead_free(s->ahead);
    CU_ASSERT_EQUAL(closed, 1);
}

static struct drive_reply reply_for(const struct scene *s, uint32_t lba, uint32_t blocks)
{
    return (struct drive_reply){
        .in_bytes = (size_t)blocks * DISC_BLOCK_BYTES,
        .fetch = {.disc = s->drive.disc, .lba = lba, .blocks = blocks},
    };
}

/* Whether it was there. */
static bool take(struct scene *s, uint32_t lba, uint32_t blocks)
{
    const struct drive_request request = {.in = s->room, .in_bytes = sizeof(s->room)};
    const struct drive_reply reply = reply_for(s, lba, blocks);

    return read_ahead_take(s->ahead, &s->drive, &request, &reply, s->now_us);
}

/* A moment without commands. Whether there was something to do. */
static bool rest(struct scene *s)
{
    const bool due = read_ahead_look(s->ahead);

    read_ahead_run(s->ahead, s->now_us);
    CU_ASSERT_FALSE(read_ahead_look(s->ahead));
    return due;
}

/* Three reads that follow each other end at `lba`; what comes next is known then. */
static void lead_to(struct scene *s, uint32_t lba, uint32_t blocks)
{
    for (uint32_t at = lba - 3 * blocks; at < lba; at += blocks) {
        CU_ASSERT_FALSE(read_ahead_look(s->ahead));
        CU_ASSERT_FALSE(take(s, at, blocks));
    }
}

static void check_room(const struct scene *s, uint32_t lba, uint32_t blocks)
{
    uint8_t *const expected = malloc((size_t)blocks * DISC_BLOCK_BYTES);
    struct scsi_sense sense;

    CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
    disc_read(s->drive.disc, lba, blocks, expected, (size_t)blocks * DISC_BLOCK_BYTES, true,
              &sense);
    CU_ASSERT_EQUAL(memcmp(s->room, expected, (size_t)blocks * DISC_BLOCK_BYTES), 0);
    free(expected);
}

static void a_host_that_reads_on_finds_it_read(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    for (uint32_t lba = 100; lba < 100 + 4 * READ; lba += READ) {
        CU_ASSERT_TRUE(rest(&s));
        memset(s.room, 0xee, sizeof(s.room));
        CU_ASSERT_TRUE(take(&s, lba, READ));
        check_room(&s, lba, READ);
        CU_ASSERT_EQUAL(s.room[(size_t)READ * DISC_BLOCK_BYTES], 0xee);
    }
    CU_ASSERT_EQUAL(s.drive.counters.ahead, 4);
    end(&s);
}

/* As it would have been read for the command: scrambled. */
static void scrambled_sectors_are_read_scrambled(void)
{
    static struct scene s;
    static struct disc_title_key key = {.clear = {{1, 2, 3, 4, 5}}};
    static struct disc_extent extent = {.lba = 0, .blocks = BLOCKS, .cpr_mai = 0xf0};
    uint8_t clear[DISC_BLOCK_BYTES];

    begin(&s);
    s.drive.disc->kernel = css_choose_or_portable();
    s.drive.disc->title_keys = &key;
    s.drive.disc->extents = &extent;
    s.drive.disc->extent_count = 1;
    lead_to(&s, 100, READ);
    rest(&s);
    CU_ASSERT_TRUE(take(&s, 100, READ));
    check_room(&s, 100, READ);
    medium_memory_block(100, clear);
    CU_ASSERT_NOT_EQUAL(memcmp(s.room, clear, sizeof(clear)), 0);
    s.drive.disc->title_keys = NULL;
    s.drive.disc->extents = NULL;
    s.drive.disc->extent_count = 0;
    end(&s);
}

static void without_a_moment_nothing_is_read(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    CU_ASSERT_FALSE(take(&s, 100, READ));
    CU_ASSERT_EQUAL(s.medium->reads, 0);
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(take(&s, 100 + READ, READ));
    CU_ASSERT_FALSE(take(&s, 100 + 2 * READ, READ)); /* what is there is that of before */
    end(&s);
}

/* As hosts' requests are. */
static void room_for_just_that_is_enough(void)
{
    static struct scene s;
    const struct drive_request request = {.in = s.room, .in_bytes = READ * DISC_BLOCK_BYTES};
    struct drive_reply reply;

    begin(&s);
    lead_to(&s, 100, READ);
    rest(&s);
    reply = reply_for(&s, 100, READ);
    CU_ASSERT_TRUE(read_ahead_take(s.ahead, &s.drive, &request, &reply, s.now_us));
    check_room(&s, 100, READ);
    end(&s);
}

static void other_reads_are_not_answered_with_it(void)
{
    static struct scene s;
    const struct drive_request none = {.in = NULL}, small = {.in = s.room, .in_bytes = 2048};
    const struct drive_request request = {.in = s.room, .in_bytes = sizeof(s.room)};
    const struct {
        const struct drive_request *request;
        uint32_t lba, blocks;
        size_t in_bytes;
        bool compare;
    } others[] = {
        {&request, 99, READ, READ * DISC_BLOCK_BYTES, false},
        {&request, 101, READ, READ * DISC_BLOCK_BYTES, false},
        {&request, 100, READ - 1, (READ - 1) * DISC_BLOCK_BYTES, false},
        {&request, 100, READ + 1, (READ + 1) * DISC_BLOCK_BYTES, false},
        {&request, 100, READ, READ * DISC_BLOCK_BYTES - 1, false},
        {&request, 100, READ, READ * DISC_BLOCK_BYTES, true},
        {&small, 100, READ, READ * DISC_BLOCK_BYTES, false},
        {&none, 100, READ, READ * DISC_BLOCK_BYTES, false},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct drive_reply reply;

        begin(&s);
        lead_to(&s, 100, READ);
        CU_ASSERT_TRUE(rest(&s));
        reply = reply_for(&s, others[i].lba, others[i].blocks);
        reply.in_bytes = others[i].in_bytes;
        reply.fetch.compare = others[i].compare;
        CU_ASSERT_FALSE(read_ahead_take(s.ahead, &s.drive, others[i].request, &reply, s.now_us));
        CU_ASSERT_EQUAL(s.drive.counters.ahead, 0);
        end(&s);
    }
}

static void small_and_very_large_reads_are_not_followed(void)
{
    static struct scene s;
    static const uint32_t sizes[] = {READ - 1, READ, LARGEST, LARGEST + 1};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const bool follows = sizes[i] >= READ && sizes[i] <= LARGEST;
        struct drive_reply reply;

        begin(&s);
        for (int n = 0; n < 3; n++) {
            const struct drive_request none = {.in = NULL};

            reply = reply_for(&s, 0, sizes[i]);
            s.drive.disc->blocks = 4 * LARGEST + 4;
            reply.fetch.lba = (uint32_t)n * sizes[i];
            read_ahead_take(s.ahead, &s.drive, &none, &reply, s.now_us);
        }
        CU_ASSERT_EQUAL(read_ahead_look(s.ahead), follows);
        end(&s);
    }
}

static void reads_that_jump_are_not_followed(void)
{
    static struct scene s;

    begin(&s);
    for (uint32_t n = 0; n < 20; n++) {
        CU_ASSERT_FALSE(take(&s, n * 37 % 19 * READ, READ));
        CU_ASSERT_FALSE(rest(&s));
    }
    end(&s);
}

/* The last guess is one that the disc has room for. */
static void nothing_is_guessed_behind_the_end(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, BLOCKS - READ, READ);
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(take(&s, BLOCKS - READ, READ));
    CU_ASSERT_FALSE(rest(&s));
    end(&s);

    begin(&s);
    lead_to(&s, BLOCKS - READ + 1, READ);
    CU_ASSERT_FALSE(rest(&s));
    end(&s);

    begin(&s);
    lead_to(&s, BLOCKS - READ, READ);
    CU_ASSERT_FALSE(take(&s, BLOCKS - READ, READ)); /* with what was due before it */
    CU_ASSERT_FALSE(rest(&s));
    CU_ASSERT_EQUAL(s.medium->reads, 0);
    end(&s);
}

static void old_data_is_not_handed_over(void)
{
    static struct scene s;

    for (uint64_t more_us = 0; more_us < 2; more_us++) {
        begin(&s);
        lead_to(&s, 100, READ);
        rest(&s);
        s.now_us += READ_AHEAD_AGE_US + more_us;
        CU_ASSERT_EQUAL(take(&s, 100, READ), more_us == 0);
        end(&s);
    }
}

/* What waits or fails, waits or fails when the host asks. */
static void what_is_not_at_hand_is_not_there(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    s.medium->would_block = 1;
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_FALSE(take(&s, 100, READ));
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(take(&s, 100 + READ, READ));
    s.medium->fail_at_bytes = (100 + 2 * READ) * DISC_BLOCK_BYTES;
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_FALSE(take(&s, 100 + 2 * READ, READ));
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(take(&s, 100 + 3 * READ, READ));
    end(&s);
}

static void without_memory_it_is_not_there(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_FALSE(take(&s, 100, READ));
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(take(&s, 100 + READ, READ));
    check_room(&s, 100 + READ, READ);
    end(&s);

    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_PTR_NULL(read_ahead_new());
    CU_ASSERT_TRUE(fault_came());
    read_ahead_free(NULL);
}

static void memory_is_asked_for_once(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    CU_ASSERT_TRUE(rest(&s));
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    for (uint32_t lba = 100; lba < 100 + 4 * READ; lba += READ) {
        CU_ASSERT_TRUE(take(&s, lba, READ));
        CU_ASSERT_TRUE(rest(&s));
    }
    CU_ASSERT_FALSE(fault_came());
    end(&s);
}

/* Memory that was enough for one guess is there for the next, and grows. */
static void guesses_may_become_larger(void)
{
    static struct scene s;
    uint32_t lba = 100, blocks = READ;

    begin(&s);
    lead_to(&s, lba, blocks);
    for (; blocks <= 4 * READ; blocks *= 2) {
        CU_ASSERT_TRUE(rest(&s));
        take(&s, lba, blocks);
        lba += blocks;
        CU_ASSERT_TRUE(rest(&s));
        CU_ASSERT_TRUE(take(&s, lba, blocks));
        check_room(&s, lba, blocks);
        lba += blocks;
    }
    end(&s);
}

/* The disc that was taken out is let go of before anybody waits, and is not read any more. */
static void a_disc_that_has_left_is_let_go_of(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    CU_ASSERT_TRUE(rest(&s));
    disc_release(s.drive.disc);
    s.drive.disc = NULL;
    CU_ASSERT_EQUAL(closed, 0);
    CU_ASSERT_FALSE(read_ahead_look(s.ahead));
    CU_ASSERT_EQUAL(closed, 1);
    closed = 0;
    put_disc(&s);
    CU_ASSERT_FALSE(take(&s, 100, READ));
    end(&s);
}

/* Nor between the swap and the next wait. */
static void a_new_disc_is_another(void)
{
    static struct scene s;
    struct disc *first;

    begin(&s);
    lead_to(&s, 100, READ);
    first = s.drive.disc;
    put_disc(&s);
    read_ahead_run(s.ahead, s.now_us); /* still due, of the first */
    CU_ASSERT_EQUAL(s.medium->reads, 0);
    CU_ASSERT_FALSE(take(&s, 100, READ));
    disc_release(first);
    read_ahead_look(s.ahead);
    CU_ASSERT_EQUAL(closed, 1);
    closed = 0;
    end(&s);
}

static void several_hosts_are_followed(void)
{
    static struct scene s;

    begin(&s);
    for (uint32_t n = 0; n < 6; n++) {
        for (uint32_t host = 0; host < READ_AHEAD_STREAMS; host++) {
            const uint32_t lba = host * 128 + n * READ;

            CU_ASSERT_EQUAL(take(&s, lba, READ), n > 2);
            CU_ASSERT_EQUAL(rest(&s), n > 1);
        }
    }
    /* one more takes the place of who rested longest */
    CU_ASSERT_FALSE(take(&s, 7, READ));
    CU_ASSERT_FALSE(take(&s, 6 * READ, READ));
    CU_ASSERT_TRUE(take(&s, 2 * 128 + 6 * READ, READ));
    end(&s);
}

/* What is due of one stays due when another one's read comes. */
static void a_guess_waits_for_its_moment(void)
{
    static struct scene s;

    begin(&s);
    lead_to(&s, 100, READ);
    CU_ASSERT_FALSE(take(&s, 300, READ));
    CU_ASSERT_TRUE(rest(&s));
    CU_ASSERT_TRUE(take(&s, 100, READ));
    end(&s);
}

static void a_drive_that_goes_is_forgotten(void)
{
    static struct scene s;
    struct drive other = {0};

    begin(&s);
    lead_to(&s, 100, READ);
    read_ahead_forget(s.ahead, &other);
    CU_ASSERT_TRUE(read_ahead_look(s.ahead));
    read_ahead_forget(s.ahead, &s.drive);
    CU_ASSERT_FALSE(read_ahead_look(s.ahead));
    disc_release(s.drive.disc);
    CU_ASSERT_EQUAL(closed, 1);
    closed = 0;
    put_disc(&s);
    end(&s);
}

UNIT_SUITE(read_ahead, T(a_host_that_reads_on_finds_it_read),
           T(scrambled_sectors_are_read_scrambled), T(without_a_moment_nothing_is_read),
           T(room_for_just_that_is_enough), T(other_reads_are_not_answered_with_it),
           T(small_and_very_large_reads_are_not_followed), T(reads_that_jump_are_not_followed),
           T(nothing_is_guessed_behind_the_end), T(old_data_is_not_handed_over),
           T(what_is_not_at_hand_is_not_there), T(without_memory_it_is_not_there),
           T(memory_is_asked_for_once), T(guesses_may_become_larger),
           T(a_disc_that_has_left_is_let_go_of), T(a_new_disc_is_another),
           T(several_hosts_are_followed), T(a_guess_waits_for_its_moment),
           T(a_drive_that_goes_is_forgotten));
