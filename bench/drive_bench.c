/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One measurement of one logical unit, over libiscsi, one session, one thread:
 *
 *   drive_bench MODE DEPTH BYTES SECONDS URL
 *
 * MODE is seq, rand, tur (TEST UNIT READY) or auth (whole key exchanges, depth 1, BYTES unused).
 * Prints commands (exchanges) per second. bench/run_bench.py makes tables of it.
 */
#include "css/css.h"
#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_BYTES 2048
#define DEPTH_MAX   256
#define INITIATOR   "iqn.2026-11.example.dvdemu:bench"

enum mode { MODE_SEQ, MODE_RAND, MODE_TUR, MODE_AUTH, MODES };
static const char *const mode_names[MODES] = {"seq", "rand", "tur", "auth"};

struct bench {
    struct iscsi_context *iscsi;
    int lun;
    enum mode mode;
    uint32_t blocks, transfer_blocks, next_lba;
    uint64_t random, end_ns, done;
    unsigned in_flight;
    bool failed;
};

/* A command in flight and the memory that its data goes to. */
struct slot {
    struct bench *bench;
    uint8_t *data;
};

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t next_lba(struct bench *b)
{
    uint32_t lba = b->next_lba, units = b->blocks / b->transfer_blocks;

    if (b->mode == MODE_RAND) {
        b->random = b->random * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t)(b->random >> 33) % units * b->transfer_blocks;
    }
    b->next_lba = lba + 2 * b->transfer_blocks > b->blocks ? 0 : lba + b->transfer_blocks;
    return lba;
}

static void submit(struct slot *slot);

static void answered(struct iscsi_context *iscsi, int status, void *data, void *ctx)
{
    struct slot *slot = ctx;
    struct bench *b = slot->bench;
    struct scsi_task *task = data;

    b->in_flight--;
    if (status != SCSI_STATUS_GOOD || task->residual_status != SCSI_RESIDUAL_NO_RESIDUAL) {
        fprintf(stderr, "drive_bench: %s\n", iscsi_get_error(iscsi));
        b->failed = true;
    }
    scsi_free_scsi_task(task);
    b->done++;
    if (!b->failed && now_ns() < b->end_ns) {
        submit(slot);
    }
}

static void submit(struct slot *slot)
{
    struct bench *b = slot->bench;
    size_t bytes = (size_t)b->transfer_blocks * BLOCK_BYTES;
    struct scsi_task *task = b->mode == MODE_TUR ? scsi_cdb_testunitready()
                                                 : scsi_cdb_read10(next_lba(b), (uint32_t)bytes,
                                                                   BLOCK_BYTES, 0, 0, 0, 0, 0);

    if (task && b->mode != MODE_TUR) {
        scsi_task_add_data_in_buffer(task, (int)bytes, slot->data);
    }
    if (!task || iscsi_scsi_command_async(b->iscsi, b->lun, task, answered, NULL, slot) != 0) {
        fprintf(stderr, "drive_bench: %s\n", iscsi_get_error(b->iscsi));
        b->failed = true;
        return;
    }
    b->in_flight++;
}

static void run_commands(struct bench *b, unsigned depth)
{
    static struct slot slots[DEPTH_MAX];

    for (unsigned i = 0; i < depth; i++) {
        slots[i].bench = b;
        slots[i].data = malloc((size_t)b->transfer_blocks * BLOCK_BYTES + 1);
        if (!slots[i].data) {
            b->failed = true;
            return;
        }
        submit(&slots[i]);
    }
    while (b->in_flight && !b->failed) {
        struct pollfd p = {.fd = iscsi_get_fd(b->iscsi),
                           .events = (short)iscsi_which_events(b->iscsi)};

        if (poll(&p, 1, 10000) <= 0 || iscsi_service(b->iscsi, p.revents) != 0) {
            fprintf(stderr, "drive_bench: the connection is gone\n");
            b->failed = true;
        }
    }
    for (unsigned i = 0; i < depth; i++) {
        free(slots[i].data);
    }
}

/* ---- key exchanges ---- */

/* One 12-byte command; `data` is sent when `send`, else filled. */
static void key_command(struct bench *b, uint8_t opcode, uint8_t agid_format, uint8_t *data,
                        uint16_t bytes, bool send)
{
    uint8_t cdb[12] = {opcode};
    struct scsi_task *task;
    struct iscsi_data out = {.data = data, .size = bytes};

    be16_put(cdb + 8, bytes);
    cdb[10] = agid_format;
    if (opcode == OP_READ_DVD_STRUCTURE) {
        cdb[7] = STRUCTURE_DISC_KEY;
    }
    task = scsi_create_task(sizeof(cdb), cdb, send ? SCSI_XFER_WRITE : SCSI_XFER_READ, bytes);
    if (!send) {
        scsi_task_add_data_in_buffer(task, bytes, data);
    }
    if (!iscsi_scsi_command_sync(b->iscsi, b->lun, task, send ? &out : NULL) ||
        task->status != SCSI_STATUS_GOOD) {
        fprintf(stderr, "drive_bench: command %02x format %02x: %s\n", opcode, agid_format,
                iscsi_get_error(b->iscsi));
        b->failed = true;
    }
    scsi_free_scsi_task(task);
}

static unsigned find_variant(const css_challenge *host, const uint8_t *key1)
{
    for (unsigned variant = 0; variant < CSS_VARIANTS; variant++) {
        css_key1 made = css_make_key1(variant, host);

        if (memcmp(made.b, key1, sizeof(made.b)) == 0) {
            return variant;
        }
    }
    return CSS_VARIANTS;
}

static void one_exchange(struct bench *b)
{
    uint8_t block[4 + CSS_DISC_BLOCK_BYTES], list[16] = {0, 14};
    css_challenge host, drive;
    css_key2 key2;
    uint8_t agid;
    unsigned variant;

    key_command(b, OP_REPORT_KEY, KEY_AGID, block, 8, false);
    agid = block[7] & 0xc0;
    memset(host.b, (int)(b->done & 0xff), sizeof(host.b));
    memcpy(list + 4, host.b, sizeof(host.b));
    key_command(b, OP_SEND_KEY, agid | KEY_CHALLENGE, list, 16, true);
    key_command(b, OP_REPORT_KEY, agid | KEY_KEY1, block, 12, false);
    variant = find_variant(&host, block + 4);
    key_command(b, OP_REPORT_KEY, agid | KEY_CHALLENGE, block, 16, false);
    memcpy(drive.b, block + 4, sizeof(drive.b));
    key2 = css_make_key2(variant, &drive);
    memcpy(list + 4, key2.b, sizeof(key2.b));
    list[1] = 10;
    key_command(b, OP_SEND_KEY, agid | KEY_KEY2, list, 12, true);
    key_command(b, OP_READ_DVD_STRUCTURE, agid, block, sizeof(block), false);
}

static void run_exchanges(struct bench *b)
{
    while (!b->failed && now_ns() < b->end_ns) {
        one_exchange(b);
        b->done++;
    }
}

/* ---- ---- */

static bool connect_to(struct bench *b, const char *text)
{
    struct iscsi_url *url;
    struct scsi_task *task;
    struct scsi_readcapacity10 *capacity;

    b->iscsi = iscsi_create_context(INITIATOR);
    url = b->iscsi ? iscsi_parse_full_url(b->iscsi, text) : NULL;
    if (!url) {
        return false;
    }
    iscsi_set_targetname(b->iscsi, url->target);
    iscsi_set_session_type(b->iscsi, ISCSI_SESSION_NORMAL);
    b->lun = url->lun;
    if (iscsi_full_connect_sync(b->iscsi, url->portal, url->lun) != 0) {
        return false;
    }
    iscsi_destroy_url(url);
    for (int i = 0; i < 5; i++) {
        scsi_free_scsi_task(iscsi_testunitready_sync(b->iscsi, b->lun)); /* unit attentions */
    }
    task = iscsi_readcapacity10_sync(b->iscsi, b->lun, 0, 0);
    capacity = task ? scsi_datain_unmarshall(task) : NULL;
    b->blocks = capacity ? capacity->lba + 1 : 0;
    if (task) {
        scsi_free_scsi_task(task);
    }
    return b->blocks != 0;
}

int main(int argc, char **argv)
{
    struct bench b = {.random = 1, .mode = MODES};
    unsigned long depth, bytes;
    uint64_t start_ns;

    if (argc != 6) {
        fprintf(stderr, "usage: drive_bench seq|rand|tur|auth DEPTH BYTES SECONDS URL\n");
        return 2;
    }
    for (enum mode m = MODE_SEQ; m < MODES; m++) {
        b.mode = strcmp(argv[1], mode_names[m]) == 0 ? m : b.mode;
    }
    depth = strtoul(argv[2], NULL, 10);
    bytes = strtoul(argv[3], NULL, 10);
    if (b.mode == MODES || depth < 1 || depth > DEPTH_MAX || bytes % BLOCK_BYTES) {
        fprintf(stderr, "drive_bench: no such mode, depth or size\n");
        return 2;
    }
    b.transfer_blocks = bytes ? (uint32_t)(bytes / BLOCK_BYTES) : 1;
    if (!connect_to(&b, argv[5])) {
        fprintf(stderr, "drive_bench: %s: %s\n", argv[5],
                b.iscsi ? iscsi_get_error(b.iscsi) : "no memory");
        return 1;
    }
    start_ns = now_ns();
    b.end_ns = start_ns + (uint64_t)(strtod(argv[4], NULL) * 1e9);
    if (b.mode == MODE_AUTH) {
        run_exchanges(&b);
    } else {
        run_commands(&b, (unsigned)depth);
    }
    printf("%.1f\n", (double)b.done / ((double)(now_ns() - start_ns) / 1e9));
    iscsi_destroy_context(b.iscsi);
    return b.failed ? 1 : 0;
}
