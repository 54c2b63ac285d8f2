/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One measurement of one logical unit, over libiscsi, one session, one thread:
 *
 *   drive_bench MODE DEPTH BYTES SECONDS URL [TITLE_LBA]
 *
 * MODE is seq, rand, tur (TEST UNIT READY), round (the same, each waited for) or exchange (whole
 * key exchanges, each command waited for); the last two at depth 1. BYTES is of seq and rand. With
 * TITLE_LBA, a block that has a title key, the host authenticates first, so that scrambled sectors
 * are read. Prints: commands (exchanges) per second; the 50th, 90th, 99th percentile and the
 * maximum of their times in microseconds. bench/run_bench.py makes tables of it.
 */
#include "support/bench_link.h"
#include "support/bench_times.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 2048
#define DEPTH_MAX   256
#define SILENCE_MS  10000

enum mode { MODE_SEQ, MODE_RAND, MODE_TUR, MODE_ROUND, MODE_EXCHANGE, MODES };
static const char *const mode_names[MODES] = {"seq", "rand", "tur", "round", "exchange"};

struct bench {
    struct bench_link link;
    struct exchange exchange;
    struct bench_times times;
    enum mode mode;
    unsigned depth;
    uint32_t transfer_blocks, next_lba;
    uint64_t random, end_ns;
    unsigned in_flight;
    bool failed;
};

/* A command in flight and the memory that its data goes to. */
struct slot {
    struct bench *bench;
    uint8_t *data;
    uint64_t begin_ns;
};

static uint32_t next_lba(struct bench *b)
{
    const uint32_t lba = b->next_lba, places = b->link.blocks / b->transfer_blocks;

    if (b->mode == MODE_RAND) {
        b->random = b->random * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t)(b->random >> 33) % places * b->transfer_blocks;
    }
    b->next_lba = lba + 2 * b->transfer_blocks > b->link.blocks ? 0 : lba + b->transfer_blocks;
    return lba;
}

static void submit(struct slot *slot);

static void answered(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
    struct slot *slot = ctx;
    struct bench *b = slot->bench;
    struct scsi_task *task = data;
    const uint64_t now_ns = bench_now_ns();

    b->in_flight--;
    if (status != SCSI_STATUS_GOOD || task->residual_status != SCSI_RESIDUAL_NO_RESIDUAL) {
        fprintf(stderr, "drive_bench: %s\n", iscsi_get_error(iscsi));
        b->failed = true;
    }
    scsi_free_scsi_task(task);
    bench_times_add(&b->times, now_ns - slot->begin_ns);
    if (!b->failed && now_ns < b->end_ns) {
        submit(slot);
    }
}

static void submit(struct slot *slot)
{
    struct bench *b = slot->bench;
    const size_t bytes = (size_t)b->transfer_blocks * BLOCK_BYTES;
    struct scsi_task *task = b->mode == MODE_TUR ? scsi_cdb_testunitready()
                                                 : scsi_cdb_read10(next_lba(b), (uint32_t)bytes,
                                                                   BLOCK_BYTES, 0, 0, 0, 0, 0);

    if (task && b->mode != MODE_TUR) {
        scsi_task_add_data_in_buffer(task, (int)bytes, slot->data);
    }
    slot->begin_ns = bench_now_ns();
    if (!task || iscsi_scsi_command_async(b->link.iscsi, b->link.lun, task, answered, NULL, slot)) {
        fprintf(stderr, "drive_bench: %s\n", iscsi_get_error(b->link.iscsi));
        b->failed = true;
        return;
    }
    b->in_flight++;
}

static void serve_answers(struct bench *b)
{
    while (b->in_flight && !b->failed) {
        struct pollfd p = {.fd = iscsi_get_fd(b->link.iscsi),
                           .events = (short)iscsi_which_events(b->link.iscsi)};

        if (poll(&p, 1, SILENCE_MS) <= 0 || iscsi_service(b->link.iscsi, p.revents) != 0) {
            fprintf(stderr, "drive_bench: the connection is gone\n");
            b->failed = true;
        }
    }
}

static void run_commands(struct bench *b)
{
    static struct slot slots[DEPTH_MAX];

    for (unsigned i = 0; i < b->depth && !b->failed; i++) {
        slots[i].bench = b;
        slots[i].data = malloc((size_t)b->transfer_blocks * BLOCK_BYTES);
        b->failed = !slots[i].data;
        if (slots[i].data) {
            submit(&slots[i]);
        }
    }
    serve_answers(b);
    for (unsigned i = 0; i < b->depth; i++) {
        free(slots[i].data);
    }
}

/* What waits for each answer, by the same calls of the library. */
static void run_in_turn(struct bench *b)
{
    uint64_t begin_ns = bench_now_ns();

    while (begin_ns < b->end_ns && !b->failed) {
        b->failed =
            !(b->mode == MODE_ROUND ? bench_link_ready(&b->link) : exchange_once(&b->exchange));
        bench_times_add(&b->times, bench_now_ns() - begin_ns);
        begin_ns = bench_now_ns();
    }
}

static bool measure(struct bench *b, double seconds)
{
    const uint64_t begin_ns = bench_now_ns();

    b->times = bench_times_new();
    b->end_ns = begin_ns + (uint64_t)(seconds * 1e9);
    if (b->mode >= MODE_ROUND) {
        run_in_turn(b);
    } else {
        run_commands(b);
    }
    bench_times_print(&b->times, bench_now_ns() - begin_ns);
    return !b->failed;
}

static bool read_arguments(struct bench *b, int argc, char **argv)
{
    unsigned long bytes;

    if (argc != 6 && argc != 7) {
        fprintf(stderr, "usage: drive_bench seq|rand|tur|round|exchange DEPTH BYTES SECONDS URL "
                        "[TITLE_LBA]\n");
        return false;
    }
    b->mode = MODES;
    for (enum mode m = MODE_SEQ; m < MODES; m++) {
        b->mode = strcmp(argv[1], mode_names[m]) == 0 ? m : b->mode;
    }
    b->depth = (unsigned)strtoul(argv[2], NULL, 10);
    bytes = strtoul(argv[3], NULL, 10);
    if (b->mode == MODES || b->depth < 1 || b->depth > DEPTH_MAX || bytes % BLOCK_BYTES) {
        fprintf(stderr, "drive_bench: no such mode, depth or size\n");
        return false;
    }
    b->transfer_blocks = bytes ? (uint32_t)(bytes / BLOCK_BYTES) : 1;
    b->exchange.title_lba = argc == 7 ? (uint32_t)strtoul(argv[6], NULL, 10) : 0;
    return true;
}

int main(int argc, char **argv)
{
    static struct bench b = {.random = 1, .exchange.run = bench_link_run};
    bool good;

    if (!read_arguments(&b, argc, argv)) {
        return 2;
    }
    b.exchange.ctx = &b.link;
    good = bench_link_open(&b.link, argv[5]) && bench_link_survey(&b.link) &&
           (argc < 7 || exchange_once(&b.exchange)) && measure(&b, strtod(argv[4], NULL));
    bench_link_close(&b.link);
    return good ? 0 : 1;
}
