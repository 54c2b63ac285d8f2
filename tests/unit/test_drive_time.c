/* SPDX-License-Identifier: GPL-2.0-only */
/* When a drive looks at the clock, when its answers are due, and at which level it tells what. */
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include <string.h>

#define NOW_US    5000000u
#define OFFSET_US 1000u
#define US_OF_MS  1000u
#define READ_AT_7 OP_READ_10, 0, 0, 0, 0, 7, 0, 0, 3, 0

static bool ready(struct bench *b)
{
    return BENCH_GO(b, OP_TEST_UNIT_READY, 0, 0, 0, 0, 0);
}

static void a_drive_that_takes_no_time_has_no_clock(void)
{
    struct bench b;

    bench_open_plain(&b);
    b.now_us = NOW_US;
    CU_ASSERT(BENCH_IN(&b, 8192, READ_AT_7));
    CU_ASSERT_EQUAL(b.drive.state.clock_us, 0);
    CU_ASSERT_EQUAL(b.reply.due_us, 0);
    bench_close(&b);
}

/* What the model says, by the services' clock; the drive's own may be apart. */
static uint64_t expected_us(const struct bench *b, struct work work)
{
    struct mechanism mechanism = b->drive.state.mechanism;

    return latency_answer_us(&mechanism, b->drive.disc, work, NOW_US + OFFSET_US) - OFFSET_US;
}

static void a_real_drive_answers_when_the_model_says(void)
{
    uint64_t read_us, nothing_us, key_us;
    struct bench b;

    bench_open_plain(&b);
    b.drive.personality.quirks.speed = SPEED_REAL;
    b.drive.clock_offset_us = OFFSET_US;
    b.now_us = NOW_US;
    read_us = expected_us(&b, (struct work){WORK_READ, 7, 3});
    CU_ASSERT(BENCH_IN(&b, 8192, READ_AT_7));
    CU_ASSERT_EQUAL(b.reply.due_us, read_us);
    nothing_us = expected_us(&b, (struct work){.kind = WORK_NONE});
    CU_ASSERT_NOT_EQUAL(nothing_us, expected_us(&b, (struct work){WORK_SEEK, 200, 0}));
    CU_ASSERT_FALSE(BENCH_GO(&b, OP_SEEK_10, 0, 0, 0, 0x70, 0, 0, 0, 0, 0)); /* not on the disc */
    CU_ASSERT_EQUAL(b.reply.due_us, nothing_us);
    key_us = expected_us(&b, (struct work){WORK_SEEK, 200, 0});
    CU_ASSERT(BENCH_GO(&b, OP_SEEK_10, 0, 0, 0, 0, 200, 0, 0, 0, 0));
    CU_ASSERT_EQUAL(b.reply.due_us, key_us);
    bench_close(&b);
}

/* A block is judged before the mechanism moves: a refused read costs no more than a refusal. */
static void a_refusal_costs_no_mechanism(void)
{
    uint64_t nothing_us;
    struct bench b;

    bench_open_css(&b);
    b.drive.personality.quirks.speed = SPEED_REAL;
    b.drive.clock_offset_us = OFFSET_US;
    b.now_us = NOW_US;
    b.drive.state.agids[0].state = AGID_BUSKEY;
    nothing_us = expected_us(&b, (struct work){.kind = WORK_NONE});
    CU_ASSERT_FALSE(BENCH_IN(&b, 64, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0x04, 0));
    CU_ASSERT_EQUAL(b.reply.due_us, nothing_us);
    nothing_us = expected_us(&b, (struct work){.kind = WORK_NONE});
    CU_ASSERT_FALSE(BENCH_IN(&b, 4096, OP_READ_10, 0, 0, 0, 0, BENCH_SCRAMBLED_LBA, 0, 0, 1, 0));
    CU_ASSERT_EQUAL(b.reply.due_us, nothing_us);
    bench_close(&b);
}

static void a_millisecond_to_ready_is_waited_for(void)
{
    struct bench b;

    bench_open(&b);
    b.drive.personality.quirks.ready_ms = 1;
    b.now_us = NOW_US;
    CU_ASSERT_FATAL(drive_insert(&b.drive, bench_plain_disc(BENCH_DISC_BLOCKS)));
    bench_quiet(&b);
    CU_ASSERT_FALSE(ready(&b));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_BECOMING_READY));
    b.now_us += US_OF_MS;
    CU_ASSERT_FALSE(ready(&b));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_MEDIUM_CHANGED));
    CU_ASSERT(ready(&b));
    bench_close(&b);
}

/* A disc was put in, and became ready while nobody looked. */
static void open_with_due_disc(struct bench *b)
{
    bench_open(b);
    b->drive.personality.quirks.ready_ms = 1;
    b->now_us = NOW_US;
    CU_ASSERT_FATAL(drive_insert(&b->drive, bench_plain_disc(BENCH_DISC_BLOCKS)));
    b->now_us += US_OF_MS;
}

static void a_nexus_that_goes_sees_what_is_due(void)
{
    struct bench b;

    open_with_due_disc(&b);
    drive_nexus_close(&b.drive, b.other);
    CU_ASSERT_FALSE(b.drive.state.loading);
    bench_close(&b);
}

static void a_reset_comes_after_what_was_due(void)
{
    struct bench b;

    open_with_due_disc(&b);
    drive_reset(&b.drive);
    CU_ASSERT_FALSE(b.drive.state.loading);
    bench_close(&b);
    CU_ASSERT_PTR_NULL(b.drive.disc);
    bench_close(&b);
}

/* A disc that needs a millisecond, in a drive whose clock says NOW_US. */
static void open_loading(struct bench *b)
{
    bench_open(b);
    b->drive.personality.quirks.ready_ms = 1;
    b->now_us = NOW_US;
    CU_ASSERT_FATAL(drive_insert(&b->drive, bench_plain_disc(BENCH_DISC_BLOCKS)));
    bench_quiet(b);
}

static void a_tray_that_opens_sees_what_is_due_and_ends_the_loading(void)
{
    struct bench b;

    open_loading(&b);
    b.now_us += US_OF_MS;
    drive_tray_open(&b.drive);
    CU_ASSERT_EQUAL(b.nexus->state.attentions, DRIVE_UA_MEDIUM_CHANGED);
    bench_close(&b);

    open_loading(&b);
    drive_tray_open(&b.drive);
    bench_quiet(&b);
    b.now_us += US_OF_MS;
    drive_tick(&b.drive);
    CU_ASSERT_EQUAL(b.nexus->state.attentions, 0);
    bench_close(&b);
}

static void loading_begins_when_the_tray_closes(void)
{
    struct bench b;

    open_loading(&b);
    drive_tray_open(&b.drive);
    b.now_us += 10 * US_OF_MS;
    b.drive.state.mechanism.stopped = true;
    b.drive.state.mechanism.limit_kb_s = 77;
    drive_tray_close(&b.drive);
    CU_ASSERT(b.drive.state.loading);
    CU_ASSERT_EQUAL(b.drive.state.ready_at_us, NOW_US + 11 * US_OF_MS);
    CU_ASSERT_FALSE(b.drive.state.mechanism.stopped);
    CU_ASSERT_EQUAL(b.drive.state.mechanism.limit_kb_s, 77);
    bench_close(&b);
}

static void a_reset_forgets_the_speed(void)
{
    struct bench b;

    bench_open_plain(&b);
    b.drive.state.mechanism.limit_kb_s = 77;
    drive_reset(&b.drive);
    CU_ASSERT_EQUAL(b.drive.state.mechanism.limit_kb_s, 0);
    bench_close(&b);
}

/* ---- levels ---- */

struct heard {
    enum drive_log_level level;
    char text[128];
};

static void hear(void *ctx, enum drive_log_level level, const char *text)
{
    struct heard *heard = ctx;

    heard->level = level;
    snprintf(heard->text, sizeof(heard->text), "%s", text);
}

static void events_are_information_and_commands_are_commands(void)
{
    struct heard heard = {.text = ""};
    struct bench b;

    bench_open_plain(&b);
    b.drive.services.ctx = &heard;
    b.drive.services.log = hear;
    CU_ASSERT(ready(&b));
    CU_ASSERT_EQUAL(heard.level, DRIVE_LOG_COMMAND);
    drive_tray_open(&b.drive);
    CU_ASSERT_STRING_EQUAL(heard.text, "tray opened, medium removed");
    CU_ASSERT_EQUAL(heard.level, DRIVE_LOG_INFO);
    b.drive.state.loading = false;
    drive_reset(&b.drive);
    CU_ASSERT_STRING_EQUAL(heard.text, "reset");
    CU_ASSERT_EQUAL(heard.level, DRIVE_LOG_INFO);
    drive_tray_close(&b.drive);
    CU_ASSERT_STRING_EQUAL(heard.text, "new medium");
    CU_ASSERT_EQUAL(heard.level, DRIVE_LOG_INFO);
    drive_tray_open(&b.drive);
    b.drive.personality.quirks.ready_ms = 1;
    drive_tray_close(&b.drive);
    CU_ASSERT_STRING_EQUAL(heard.text, "tray closed");
    CU_ASSERT_EQUAL(heard.level, DRIVE_LOG_INFO);
    b.drive.services.log = NULL;
    bench_close(&b);
}

/* ---- fetches ---- */

static void a_fetch_without_blocks_or_room_is_done(void)
{
    static const uint8_t read_7[] = {READ_AT_7}, unit_ready[10] = {OP_TEST_UNIT_READY};
    struct drive_request request = {.cdb = read_7, .cdb_bytes = sizeof(read_7)};
    struct drive_reply reply = {.in_bytes = 0};
    struct bench b;

    bench_open_plain(&b);
    request.nexus = b.nexus;
    CU_ASSERT_EQUAL(drive_fetch(&request, &reply, false), MEDIUM_OK);
    request.cdb = unit_ready;
    drive_execute(&b.drive, &request, &reply);
    CU_ASSERT_FALSE(reply.sense.check);
    CU_ASSERT_PTR_NULL(reply.fetch.disc);
    request.cdb = read_7;
    CU_ASSERT_EQUAL(b.drive.disc->references, 1);
    drive_execute(&b.drive, &request, &reply);
    CU_ASSERT_EQUAL(reply.in_bytes, 3 * 2048);
    CU_ASSERT_EQUAL(drive_fetch(&request, &reply, false), MEDIUM_OK);
    drive_fetch_end(&reply);
    bench_close(&b);
}

static void a_command_run_whole_waits_for_its_medium(void)
{
    static const uint8_t read_7[] = {READ_AT_7};
    struct medium_memory *memory = medium_memory_blocks(16);
    uint8_t in[3 * 2048], wanted[2048];
    struct drive_request request = {
        .cdb = read_7, .cdb_bytes = sizeof(read_7), .in = in, .in_bytes = sizeof(in)};
    struct drive_reply reply;
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FATAL(drive_insert(&b.drive, disc_new_plain(&memory->medium)));
    bench_quiet(&b);
    request.nexus = b.nexus;
    memory->would_block = 1;
    memset(in, 0, sizeof(in));
    drive_run(&b.drive, &request, &reply);
    medium_memory_block(7, wanted);
    CU_ASSERT_FALSE(reply.sense.check);
    CU_ASSERT(memcmp(in, wanted, sizeof(wanted)) == 0);
    CU_ASSERT_EQUAL(b.drive.disc->references, 1);
    bench_close(&b);
}

UNIT_SUITE(drive_time, T(a_drive_that_takes_no_time_has_no_clock),
           T(a_real_drive_answers_when_the_model_says), T(a_refusal_costs_no_mechanism),
           T(a_millisecond_to_ready_is_waited_for), T(a_nexus_that_goes_sees_what_is_due),
           T(a_reset_comes_after_what_was_due),
           T(a_tray_that_opens_sees_what_is_due_and_ends_the_loading),
           T(loading_begins_when_the_tray_closes), T(a_reset_forgets_the_speed),
           T(events_are_information_and_commands_are_commands),
           T(a_fetch_without_blocks_or_room_is_done), T(a_command_run_whole_waits_for_its_medium));
