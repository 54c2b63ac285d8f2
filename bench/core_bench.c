/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the drive costs by itself, in process, without tgtd or a network, on one core:
 *
 *   core_bench [SECONDS]
 *
 * Prints one line a case: name, operations per second. An exchange is what a player does for one
 * title: RPC state, copyright structure, AGID, challenge, KEY1, drive challenge, KEY2, ASF, title
 * key. Its host knows the variant, so that hardly anything but the drive is measured.
 */
#include "css/css.h"
#include "emulator/drive_snapshot.h"
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "tests/support/golden_disc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VARIANT    5
#define TITLE_LBA  16 /* of the golden CSS disc */
#define BATCH      64
#define ROOM_BYTES 2052
#define NS_PER_S   1000000000u

struct bench {
    struct drive drive;
    struct drive_nexus *nexus;
    struct drive_snapshot *kept;
    uint8_t room[ROOM_BYTES];
};

static void kernel_random(void *ctx, uint8_t *out, size_t bytes)
{
    struct random_source kernel = random_kernel();

    (void)ctx;
    random_bytes(&kernel, out, bytes);
}

static void run(struct bench *b, const uint8_t *cdb, size_t cdb_bytes, const uint8_t *out,
                size_t out_bytes)
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
    if (reply.sense.check) {
        fprintf(stderr, "core_bench: command %02x ended with %s\n", cdb[0],
                sense_text(reply.sense));
        exit(1);
    }
}

static void key(struct bench *b, uint8_t opcode, uint8_t agid_format, const uint8_t *list,
                uint16_t bytes)
{
    uint8_t cdb[12] = {opcode, 0, 0, 0, 0, TITLE_LBA};

    be16_put(cdb + 8, bytes);
    cdb[10] = agid_format;
    run(b, cdb, sizeof(cdb), list, list ? bytes : 0);
}

static void one_exchange(struct bench *b)
{
    static const uint8_t copyright[12] = {OP_READ_DVD_STRUCTURE, 0, 0, 0, 0, 0, 0, 1, 0, 8};
    static const uint8_t challenge[16] = {0, 14, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    uint8_t list[12] = {0, 10}, agid;
    css_challenge drive;
    css_key2 key2;

    key(b, OP_REPORT_KEY, KEY_RPC_STATE, NULL, 8);
    run(b, copyright, sizeof(copyright), NULL, 0);
    key(b, OP_REPORT_KEY, KEY_AGID, NULL, 8);
    agid = b->room[7];
    key(b, OP_SEND_KEY, agid | KEY_CHALLENGE, challenge, sizeof(challenge));
    key(b, OP_REPORT_KEY, agid | KEY_KEY1, NULL, 12);
    key(b, OP_REPORT_KEY, agid | KEY_CHALLENGE, NULL, 16);
    memcpy(drive.b, b->room + 4, sizeof(drive.b));
    key2 = css_make_key2(VARIANT, &drive);
    memcpy(list + 4, key2.b, sizeof(key2.b));
    key(b, OP_SEND_KEY, agid | KEY_KEY2, list, sizeof(list));
    key(b, OP_REPORT_KEY, KEY_ASF, NULL, 8);
    key(b, OP_REPORT_KEY, agid | KEY_TITLE_KEY, NULL, 12);
}

static void one_unit_ready(struct bench *b)
{
    static const uint8_t cdb[6];

    run(b, cdb, sizeof(cdb), NULL, 0);
}

static void one_restore(struct bench *b)
{
    if (!drive_snapshot_restore(&b->drive, b->kept)) {
        exit(1);
    }
}

static void one_snapshot(struct bench *b)
{
    drive_snapshot_free(drive_snapshot_take(&b->drive));
}

static void one_hash(struct bench *b)
{
    uint8_t hash[DRIVE_HASH_BYTES];

    drive_hash(&b->drive, hash);
}

static const struct {
    const char *name;
    void (*once)(struct bench *b);
} cases[] = {
    {"TEST UNIT READY", one_unit_ready},
    {"exchange of nine commands", one_exchange},
    {"restore", one_restore},
    {"snapshot", one_snapshot},
    {"state hash", one_hash},
};

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static double per_second(struct bench *b, void (*once)(struct bench *b), double seconds)
{
    const uint64_t begin_ns = now_ns(), end_ns = begin_ns + (uint64_t)(seconds * NS_PER_S);
    uint64_t done = 0, at_ns;

    do {
        for (int i = 0; i < BATCH; i++) {
            once(b);
        }
        done += BATCH;
        at_ns = now_ns();
    } while (at_ns < end_ns);
    return (double)done * NS_PER_S / (double)(at_ns - begin_ns);
}

int main(int argc, char **argv)
{
    const struct drive_services services = {.random = kernel_random};
    const double seconds = argc > 1 ? strtod(argv[1], NULL) : 1.0;
    struct personality personality;
    static struct bench b;

    personality_init(&personality);
    personality.quirks.variant = VARIANT;
    drive_init(&b.drive, &personality, &services, NULL);
    b.nexus = drive_nexus_open(&b.drive, 1);
    if (!b.nexus || !drive_insert(&b.drive, golden_disc_css())) {
        return 1;
    }
    b.nexus->state.attentions = 0;
    one_exchange(&b);
    b.kept = drive_snapshot_take(&b.drive);
    for (size_t i = 0; b.kept && i < sizeof(cases) / sizeof(cases[0]); i++) {
        printf("%-28s %12.0f per second\n", cases[i].name, per_second(&b, cases[i].once, seconds));
    }
    drive_snapshot_free(b.kept);
    drive_fini(&b.drive);
    return 0;
}
