/* SPDX-License-Identifier: GPL-2.0-only */
#include "dispatch.h"

#define CONTROL_NACA 0x04
#define CONTROL_LINK 0x01

size_t scsi_alloc_bytes(const struct scsi_command *row, const uint8_t *cdb)
{
    size_t value = 0;

    if (row->alloc.width == 0) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < row->alloc.width; i++) {
        value = value << 8 | cdb[row->alloc.byte + i];
    }
    return value;
}

/* The highest bit set outside the usage mask, as a field pointer. */
static struct scsi_sense check_usage(const struct scsi_request *rq)
{
    for (size_t i = 1; i < rq->row->cdb_bytes; i++) {
        unsigned stray = rq->cdb[i] & ~(unsigned)rq->row->usage[i];

        if (stray) {
            struct scsi_sense sense = sense_cdb_field((uint16_t)i);

            sense.bit_valid = true;
            sense.bit = 7;
            while (!(stray & 1u << sense.bit)) {
                sense.bit--;
            }
            return sense;
        }
    }
    return SENSE_OK;
}

static struct scsi_sense check_fields(const struct scsi_engine *engine, struct drive *drive,
                                      struct scsi_request *rq)
{
    const size_t control = rq->row->cdb_bytes - 1u;
    struct scsi_sense sense = SENSE_OK;

    if (rq->cdb[control] & (CONTROL_NACA | CONTROL_LINK)) {
        return sense_cdb_field((uint16_t)control);
    }
    if (engine->strict) {
        sense = check_usage(rq);
    }
    return sense.check || !rq->row->check ? sense : rq->row->check(drive, rq);
}

static void read_lengths(struct scsi_request *rq)
{
    size_t value = scsi_alloc_bytes(rq->row, rq->cdb);

    rq->alloc_bytes = rq->row->alloc.out ? 0 : value;
    rq->param_bytes = rq->row->alloc.out ? value : 0;
}

/* Everything between a row and its handler, in the one order there is. */
static struct scsi_sense pass_gates(const struct scsi_engine *engine, struct drive *drive,
                                    struct scsi_request *rq)
{
    struct scsi_sense sense = SENSE_OK;

    if (rq->cdb_bytes < rq->row->cdb_bytes) {
        return sense_cdb_field((uint16_t)rq->cdb_bytes);
    }
    read_lengths(rq);
    if (engine->fault) {
        sense = engine->fault(drive, rq);
    }
    if (!sense.check && !(rq->gates & GATE_ALLOW_UA) && engine->unit_attention) {
        sense = engine->unit_attention(drive, rq);
    }
    if (!sense.check) {
        sense = check_fields(engine, drive, rq);
    }
    if (!sense.check && engine->medium) {
        sense = engine->medium(drive, rq);
    }
    return sense;
}

static void open_reply(struct scsi_request *rq)
{
    size_t room = rq->in_room ? rq->in_room_bytes : 0;

    rq->in = di_begin(rq->in_room, room < rq->alloc_bytes ? room : rq->alloc_bytes);
}

/* SIZE_MAX where a size_t does not hold them: a READ(12) has 32 bits of blocks. */
static size_t medium_bytes(uint32_t blocks)
{
    const uint64_t bytes = (uint64_t)blocks * SCSI_BLOCK_BYTES;

    return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

/* What the device had to say: its words, or the blocks of the medium, never both. */
static void close_reply(struct scsi_request *rq)
{
    size_t said = rq->in.len;

    if (rq->medium_blocks && !rq->medium_compare) {
        said = medium_bytes(rq->medium_blocks);
    }
    rq->in_bytes = said < rq->alloc_bytes ? said : rq->alloc_bytes;
}

static void drop_reply(struct scsi_request *rq)
{
    rq->in.len = 0;
    rq->in_bytes = 0;
    rq->medium_lba = rq->medium_blocks = 0;
    rq->medium_compare = false;
}

static struct scsi_sense run_row(const struct scsi_engine *engine, struct drive *drive,
                                 struct scsi_request *rq)
{
    struct scsi_sense sense = pass_gates(engine, drive, rq);

    if (!sense.check) {
        open_reply(rq);
        sense = rq->row->run(drive, rq);
    }
    if (sense.check) {
        drop_reply(rq);
    } else {
        close_reply(rq);
    }
    return sense;
}

struct scsi_sense scsi_execute(const struct scsi_engine *engine, struct drive *drive,
                               struct scsi_request *rq)
{
    struct scsi_sense sense = sense_of(SENSE_INVALID_OPCODE);

    rq->row = NULL;
    rq->detail = NULL;
    rq->gates = 0;
    rq->alloc_bytes = rq->param_bytes = 0;
    rq->in = di_begin(NULL, 0);
    drop_reply(rq);
    if (rq->cdb_bytes != 0 && engine->commands[rq->cdb[0]].cdb_bytes != 0) {
        rq->row = &engine->commands[rq->cdb[0]];
        rq->gates = rq->row->gates;
        sense = run_row(engine, drive, rq);
    }
    if (engine->trace) {
        engine->trace(drive, rq, sense);
    }
    return sense;
}
