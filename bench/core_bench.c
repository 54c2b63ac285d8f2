/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the drive costs by itself, in process, without tgtd or a network, on one core:
 *
 *   core_bench [SECONDS]        each operation's name and how often a second it is done
 *   core_bench --list           the names
 *   core_bench --repeat NAME N  do one N times, and nothing else in repeat(), for callgrind
 *
 * Repeated operations are the same instructions each time: the random source has a seed.
 */
#include "emulator/drive_snapshot.h"
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "support/bench_exchange.h"
#include "support/bench_times.h"
#include "tests/support/golden_disc.h"
#include "tests/support/medium_memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANT     5
#define SCRAMBLED   16  /* of the golden CSS disc: so many blocks from here, with a title key */
#define CLEAR       128 /* and so many that are not */
#define BLOCKS_MANY 16
#define BATCH       64
#define NS_PER_S    1000000000u

/* callgrind counts in the function of this name, so there has to be one */
#if __has_attribute(noclone)
#define KEPT_AS_IT_IS __attribute__((noinline, noclone))
#else
#define KEPT_AS_IT_IS __attribute__((noinline))
#endif

struct bench {
    struct drive drive;
    struct drive_nexus *nexus;
    struct drive_snapshot *kept;
    struct exchange exchange;
    struct random_source random;
    uint8_t room[BLOCKS_MANY * DISC_BLOCK_BYTES];
};

static void draw(void *ctx, uint8_t *out, size_t bytes)
{
    random_bytes(ctx, out, bytes);
}

static struct scsi_sense run(struct bench *b, const uint8_t *cdb, size_t cdb_bytes,
                             const uint8_t *out, size_t out_bytes)
{
    const struct drive_request request = {.cdb = cdb,
                                          .cdb_bytes = cdb_bytes,
                                          .out = out,
                                          .out_bytes = out_bytes,
                                          .in = b->room,
                                          .in_bytes = sizeof(b->room),
                                          .nexus = b->nexus};
    struct drive_reply reply;

    drive_run(&b->drive, &request, &reply);
    return reply.sense;
}

static void run_well(struct bench *b, const uint8_t *cdb, size_t cdb_bytes)
{
    const struct scsi_sense sense = run(b, cdb, cdb_bytes, NULL, 0);

    if (sense.check) {
        fprintf(stderr, "core_bench: command %02x ended with %s\n", cdb[0], sense_text(sense));
        exit(1);
    }
}

static bool run_for_exchange(void *ctx, const uint8_t cdb[static 12], uint8_t *data, uint16_t bytes,
                             bool send)
{
    struct bench *b = ctx;
    const struct scsi_sense sense = run(b, cdb, 12, send ? data : NULL, send ? bytes : 0);

    if (!send) {
        memcpy(data, b->room, bytes);
    }
    return !sense.check;
}

/* ---- the operations ---- */

static void unit_ready(struct bench *b)
{
    static const uint8_t cdb[6] = {OP_TEST_UNIT_READY};

    run_well(b, cdb, sizeof(cdb));
}

static void inquiry(struct bench *b)
{
    static const uint8_t cdb[6] = {OP_INQUIRY, 0, 0, 0, 96};

    run_well(b, cdb, sizeof(cdb));
}

static void configuration(struct bench *b)
{
    static const uint8_t cdb[10] = {OP_GET_CONFIGURATION, 0, 0, 0, 0, 0, 0, 0x10};

    run_well(b, cdb, sizeof(cdb));
}

static void refusal(struct bench *b)
{
    static const uint8_t cdb[12] = {OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0, 0, 8, KEY_KEY1};

    if (!run(b, cdb, sizeof(cdb), NULL, 0).check) {
        exit(1);
    }
}

static void exchange(struct bench *b)
{
    if (!exchange_once(&b->exchange)) {
        fprintf(stderr, "core_bench: the exchange failed\n");
        exit(1);
    }
}

static void read_blocks(struct bench *b, uint32_t lba, uint16_t blocks)
{
    uint8_t cdb[10] = {OP_READ_10};

    be32_put(cdb + 2, lba);
    be16_put(cdb + 7, blocks);
    run_well(b, cdb, sizeof(cdb));
}

static void read_clear_one(struct bench *b)
{
    read_blocks(b, CLEAR, 1);
}

static void read_clear_many(struct bench *b)
{
    read_blocks(b, CLEAR, BLOCKS_MANY);
}

static void read_scrambled_one(struct bench *b)
{
    read_blocks(b, SCRAMBLED, 1);
}

static void read_scrambled_many(struct bench *b)
{
    read_blocks(b, SCRAMBLED, BLOCKS_MANY);
}

static void restore(struct bench *b)
{
    if (!drive_snapshot_restore(&b->drive, b->kept)) {
        exit(1);
    }
}

static void snapshot(struct bench *b)
{
    drive_snapshot_free(drive_snapshot_take(&b->drive));
}

static void hash(struct bench *b)
{
    uint8_t digest[DRIVE_HASH_BYTES];

    drive_hash(&b->drive, digest);
}

static const struct operation {
    const char *name;
    void (*once)(struct bench *b);
} operations[] = {
    {"test-unit-ready", unit_ready},
    {"inquiry", inquiry},
    {"configuration", configuration},
    {"refusal", refusal},
    {"exchange", exchange},
    {"read-clear-1", read_clear_one},
    {"read-clear-16", read_clear_many},
    {"read-scrambled-1", read_scrambled_one},
    {"read-scrambled-16", read_scrambled_many},
    {"restore", restore},
    {"snapshot", snapshot},
    {"hash", hash},
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* ---- ---- */

KEPT_AS_IT_IS static void repeat(struct bench *b, const struct operation *op, unsigned long times)
{
    for (unsigned long i = 0; i < times; i++) {
        op->once(b);
    }
}

static double per_second(struct bench *b, const struct operation *op, double seconds)
{
    const uint64_t begin_ns = bench_now_ns(), end_ns = begin_ns + (uint64_t)(seconds * NS_PER_S);
    uint64_t done = 0, at_ns;

    do {
        repeat(b, op, BATCH);
        done += BATCH;
        at_ns = bench_now_ns();
    } while (at_ns < end_ns);
    return (double)done * NS_PER_S / (double)(at_ns - begin_ns);
}

/* The golden disc around an image in memory, which costs no more than copying. */
static struct disc *make_disc(void)
{
    struct disc *disc = golden_disc_css();

    disc->medium->ops->close(disc->medium);
    disc->medium = &medium_memory_blocks(GOLDEN_DISC_BLOCKS)->medium;
    return disc;
}

static bool start(struct bench *b, struct random_source random)
{
    const struct drive_services services = {.ctx = &b->random, .random = draw};
    struct personality personality;

    b->random = random;
    personality_init(&personality);
    personality.quirks.variant = VARIANT;
    drive_init(&b->drive, &personality, &services, NULL);
    b->nexus = drive_nexus_open(&b->drive, 1);
    b->exchange = (struct exchange){
        .run = run_for_exchange, .ctx = b, .title_lba = SCRAMBLED, .variant = VARIANT};
    if (!b->nexus || !drive_insert(&b->drive, make_disc())) {
        return false;
    }
    b->nexus->state.attentions = 0;
    exchange(b); /* so that scrambled sectors may be read */
    b->kept = drive_snapshot_take(&b->drive);
    return b->kept != NULL;
}

static int repeat_one(struct bench *b, const char *name, unsigned long times)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        if (strcmp(operations[i].name, name) == 0) {
            operations[i].once(b); /* what happens only once happens before */
            repeat(b, &operations[i], times);
            return 0;
        }
    }
    fprintf(stderr, "core_bench: no operation '%s'\n", name);
    return 2;
}

static int list_operations(void)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        puts(operations[i].name);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const bool repeated = argc == 4 && strcmp(argv[1], "--repeat") == 0;
    static struct bench b;
    int code = 0;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        return list_operations();
    }
    if (!start(&b, repeated ? random_seeded(1, "bench") : random_kernel())) {
        return 1;
    }
    if (repeated) {
        code = repeat_one(&b, argv[2], strtoul(argv[3], NULL, 10));
    }
    for (size_t i = 0; !repeated && i < OPERATIONS; i++) {
        printf("%-20s %12.0f per second\n", operations[i].name,
               per_second(&b, &operations[i], argc > 1 ? strtod(argv[1], NULL) : 1.0));
    }
    drive_snapshot_free(b.kept);
    drive_fini(&b.drive);
    return code;
}
