/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole drive under a sequence of commands. The input's first byte says what is in the drive;
 * then come actions: one byte each with its operands, until the input ends. After every command
 * what must hold of any drive is checked; a byte beyond a buffer is the sanitizer's business.
 */
#include "fuzz.h"

#include "emulator/commands.h"
#include "tests/support/bench_drive.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MAX 4096

enum action { ACTION_RESET, ACTION_EJECT, ACTION_INSERT, ACTION_SWAP, ACTION_COMMANDS };

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t next_byte(struct input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

/* A copy of its own, so that one byte too many is seen. */
static uint8_t *next_bytes(struct input *in, size_t want, size_t *got)
{
    uint8_t *copy;

    *got = want < in->left ? want : in->left;
    copy = malloc(*got + 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, in->at, *got);
    in->at += *got;
    in->left -= *got;
    return copy;
}

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check(const struct bench *b, const struct drive_request *request,
                  const struct drive_reply *reply)
{
    const struct scsi_command *row = request->cdb_bytes ? &mmc_commands[request->cdb[0]] : NULL;

    must(!reply->sense.check || reply->in_bytes == 0);
    must(reply->sense.check || (row && row->cdb_bytes != 0));
    if (!reply->sense.check && row && !row->alloc.out) {
        must(reply->in_bytes <= scsi_alloc_bytes(row, request->cdb));
    }
    must(region_is_sane(&b->drive.state.region));
    for (size_t i = 0; i < DRIVE_AGIDS; i++) {
        must(b->drive.state.agids[i].state < AGID_STATES);
    }
    if (!drive_has_medium(&b->drive)) {
        must(!b->drive.state.asf);
    }
}

static void run_command(struct bench *b, struct input *in)
{
    size_t cdb_bytes, out_bytes, room = (size_t)next_byte(in) * 17 % ROOM_MAX;
    uint8_t *cdb = next_bytes(in, next_byte(in) % (SCSI_CDB_BYTES_MAX + 1), &cdb_bytes);
    uint8_t *out = next_bytes(in, next_byte(in), &out_bytes);
    uint8_t *reply_room = malloc(room + 1);
    struct drive_request request = {.cdb = cdb,
                                    .cdb_bytes = cdb_bytes,
                                    .out = out,
                                    .out_bytes = out_bytes,
                                    .in = reply_room,
                                    .in_bytes = room,
                                    .nexus = b->nexus};
    struct drive_reply reply;

    must(reply_room != NULL);
    drive_run(&b->drive, &request, &reply);
    check(b, &request, &reply);
    free(reply_room);
    free(out);
    free(cdb);
}

static void insert(struct bench *b)
{
    struct disc *disc = bench_css_disc();

    if (!drive_insert(&b->drive, disc)) {
        disc_release(disc);
    }
}

static void act(struct bench *b, struct input *in)
{
    switch (next_byte(in)) {
    case ACTION_RESET:
        drive_reset(&b->drive);
        break;
    case ACTION_EJECT:
        drive_eject(&b->drive, next_byte(in) & 1);
        break;
    case ACTION_INSERT:
        insert(b);
        break;
    case ACTION_SWAP:
        bench_swap(b);
        break;
    default:
        run_command(b, in);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const openings[])(struct bench *) = {bench_open_css, bench_open_plain,
                                                       bench_open};
    struct input in = {data, size};
    struct bench b;

    openings[next_byte(&in) % (sizeof(openings) / sizeof(openings[0]))](&b);
    while (in.left) {
        act(&b, &in);
    }
    bench_close(&b);
    return 0;
}
