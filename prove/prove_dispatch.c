/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsi/dispatch.c. Assumed of a row: its CDB has 1, 6, 10, 12 or 16 bytes, its length field 0 to 4
 * of them, its handler exists; gates and usage are anything. Unknown besides: a CDB of no byte, of
 * one less than its row says, of as many, or of SCSI_CDB_BYTES_MAX, in an array of exactly that
 * many; room for the reply or none, parameter data or none, what every callback answers, whether
 * there is that callback. Operation codes that are not supported, too.
 * unreached: dispatch medium_bytes 1: a size_t of 64 bits holds all bytes of 2^32 blocks.
 */
#include "prove.h"

#include "scsi/dispatch.h"

#define ROOM   8
#define OPCODE 0xff /* the row that is there: the last one */

struct drive {
    uint8_t memory;
};

static struct scsi_sense any_answer(void)
{
    return any_bool() ? SENSE_OK : sense_cdb_field(any_u16());
}

static struct scsi_sense answer(struct drive *drive, struct scsi_request *rq)
{
    (void)drive;
    (void)rq;
    return any_answer();
}

static struct scsi_sense judge_gates(struct drive *drive, const struct scsi_request *rq)
{
    (void)drive;
    (void)rq;
    return any_answer();
}

static void trace(struct drive *drive, const struct scsi_request *rq, struct scsi_sense sense)
{
    //@ check rq->row == \null || \valid_read(rq->row);
    (void)drive;
    (void)rq;
    (void)sense;
}

static struct scsi_sense check_fields_too(struct drive *drive, struct scsi_request *rq)
{
    rq->gates = any_u32();
    return answer(drive, rq);
}

static struct scsi_sense run(struct drive *drive, struct scsi_request *rq)
{
    //@ check rq->in.p == \null ==> rq->in.room == 0;
    //@ check rq->in.room <= ROOM && rq->cdb_bytes >= rq->row->cdb_bytes;
    rq->in.len = any_up_to(0xffffff);
    rq->medium_lba = any_u32();
    rq->medium_blocks = any_u32();
    rq->medium_compare = any_bool();
    (void)scsi_list_bytes(rq);
    return answer(drive, rq);
}

static struct scsi_engine any_engine(const struct scsi_command *commands)
{
    return (struct scsi_engine){
        .commands = commands,
        .fault = any_bool() ? answer : NULL,
        .unit_attention = any_bool() ? answer : NULL,
        .medium = any_bool() ? judge_gates : NULL,
        .trace = trace,
        .strict = any_bool(),
    };
}

static void execute(struct scsi_engine engine, const uint8_t *cdb, size_t cdb_bytes,
                    uint8_t *in_room)
{
    uint8_t list[ROOM];
    struct drive drive = {0};
    struct scsi_sense sense;
    struct scsi_request rq = {
        .cdb = cdb, .cdb_bytes = cdb_bytes, .in_room = in_room, .in_room_bytes = any_up_to(ROOM)};

    if (any_bool()) {
        any_bytes(list, sizeof(list));
        rq.out = list;
        rq.out_bytes = any_up_to(ROOM);
    }
    sense = scsi_execute(&engine, &drive, &rq);
    (void)sense;
}

/* Of an operation code that is there, and of those that are not. */
static void every_opcode(struct scsi_engine engine, size_t cdb_bytes)
{
    uint8_t memory[SCSI_CDB_BYTES_MAX + 1], room[ROOM];
    uint8_t *cdb = memory + SCSI_CDB_BYTES_MAX + 1 - (cdb_bytes ? cdb_bytes : 1);

    any_bytes(memory, sizeof(memory));
    cdb[0] = OPCODE;
    execute(engine, cdb, cdb_bytes, room);
    execute(engine, cdb, cdb_bytes, NULL);
    cdb[0] = (uint8_t)any_up_to(OPCODE - 1);
    engine.trace = NULL;
    execute(engine, cdb, cdb_bytes, room);
}

static void every_cdb(struct scsi_engine engine, size_t row_bytes)
{
    every_opcode(engine, 0);
    every_opcode(engine, row_bytes - 1);
    every_opcode(engine, row_bytes);
    every_opcode(engine, SCSI_CDB_BYTES_MAX);
}

static void every_check(struct scsi_command row)
{
    static struct scsi_command commands[SCSI_OPCODES];
    struct scsi_engine engine;

    commands[OPCODE] = row;
    engine = any_engine(commands);
    every_cdb(engine, row.cdb_bytes);
    commands[OPCODE].check = check_fields_too;
    every_cdb(engine, row.cdb_bytes);
}

int main(void)
{
    static const uint8_t lengths[] = {1, 6, 10, 12, SCSI_CDB_BYTES_MAX};

    for (size_t i = 0; i < sizeof(lengths); i++) {
        //@ loop unroll 5;
        for (unsigned width = 0; width <= 4 && width <= lengths[i]; width++) {
            struct scsi_command row = {.cdb_bytes = lengths[i], .run = run};

            row.alloc.byte = (uint8_t)any_up_to(lengths[i] - width);
            row.alloc.width = (uint8_t)width;
            row.alloc.out = any_bool();
            row.gates = any_u32();
            any_bytes(row.usage, sizeof(row.usage));
            every_check(row);
        }
    }
    return 0;
}
