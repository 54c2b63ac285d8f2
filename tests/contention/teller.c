/* SPDX-License-Identifier: GPL-2.0-only */
#include "teller.h"

#include <string.h>

#define READ_10_OPCODE 0x28

/* 06/29/00, 06/28/00, GOOD. */
static bool is_quiet(struct teller *t, unsigned nexus)
{
    static const uint8_t cdb[6];
    const struct oracle_command unit_ready = {.nexus = nexus, .cdb = cdb, .cdb_bytes = sizeof(cdb)};
    bool all = true;

    for (int attention = 0; attention < 3; attention++) {
        all &= !judged_run(&t->drive, &unit_ready);
    }
    return all && !t->drive.reply.sense.check;
}

bool teller_open(struct teller *t)
{
    bool all = true;

    memset(t, 0, sizeof(*t));
    lab_shelf_make(&t->shelf);
    lab_model_start(&t->start, t->shelf.discs, TELLER_NEXUSES);
    t->book.random = 1;
    judged_init(&t->drive, 1);
    judged_open(&t->drive);
    for (unsigned n = 0; n < TELLER_NEXUSES; n++) {
        all &= !judged_nexus_comes(&t->drive, n);
    }
    all &= !judged_insert(&t->drive, &t->shelf.discs[0].facts);
    for (unsigned n = 0; n < TELLER_NEXUSES; n++) {
        struct drive_nexus *nexus = t->drive.nexus[n];

        all &= is_quiet(t, n);
        nexus->state.event_count = 0; /* the first disc is no event of the lab */
        memset(nexus->state.events, 0, sizeof(nexus->state.events));
    }
    return all;
}

void teller_close(struct teller *t)
{
    judged_close(&t->drive);
    lab_shelf_free(&t->shelf);
}

struct op *teller_begin(struct teller *t, enum step step, uint8_t nexus, unsigned agid)
{
    return lab_step_begin(&t->h, step, nexus, nexus, &t->book, agid);
}

/* The drive of a teller has another image: the data of a read is put in from the lab's disc. */
static void take_data(struct teller *t, struct op *op)
{
    const size_t disc = t->drive.oracle.disc == &t->shelf.discs[1].facts;

    op->in_bytes = t->drive.reply.in_bytes;
    if (op->cdb[0] == READ_10_OPCODE) {
        memcpy(op->in, t->shelf.blocks[disc] + (size_t)op->cdb[5] * ORACLE_BLOCK_BYTES,
               op->in_bytes);
    } else {
        memcpy(op->in, t->drive.in, op->in_bytes);
    }
}

static void take_sense(struct op *op, const struct scsi_sense *sense)
{
    op->sense = (struct op_sense){.key = sense->key,
                                  .asc = sense->asc,
                                  .ascq = sense->ascq,
                                  .pointer_byte = sense->field_byte,
                                  .information_valid = sense->information_valid};
    if (sense->pointer == SENSE_POINTER_CDB) {
        op->sense.pointer = ORACLE_POINTER_CDB;
    } else if (sense->pointer == SENSE_POINTER_LIST) {
        op->sense.pointer = ORACLE_POINTER_LIST;
    }
}

bool teller_answer(struct teller *t, struct op *op)
{
    const struct oracle_command command = {.nexus = op->nexus,
                                           .cdb = op->cdb,
                                           .cdb_bytes = op->cdb_bytes,
                                           .out = op->out,
                                           .out_bytes = op->out_bytes,
                                           .in_room_bytes = op->room_bytes};
    const bool agrees = !judged_run(&t->drive, &command);

    if (t->drive.reply.sense.check) {
        take_sense(op, &t->drive.reply.sense);
        history_answer(&t->h, op, OP_CHECK);
    } else {
        take_data(t, op);
        history_answer(&t->h, op, OP_GOOD);
    }
    lab_step_learn(&t->book, op);
    return agrees;
}

struct op *teller_run(struct teller *t, enum step step, uint8_t nexus, unsigned agid)
{
    struct op *op = teller_begin(t, step, nexus, agid);

    return teller_answer(t, op) ? op : NULL;
}

struct op *teller_begin_event(struct teller *t, enum op_kind kind, uint32_t number)
{
    static const char *const names[OP_KINDS] = {
        [OP_RESET] = "LUN RESET", [OP_INSERT] = "insert", [OP_EJECT] = "eject"};
    struct op *op = history_begin(&t->h, kind, kind == OP_RESET ? 0 : HISTORY_OPERATOR,
                                  names[kind] ? names[kind] : "event");

    op->number = number;
    return op;
}

bool teller_answer_event(struct teller *t, struct op *op)
{
    const struct oracle *o = &t->drive.oracle;
    enum op_end end = OP_GOOD;
    const char *text = NULL;

    switch (op->kind) {
    case OP_RESET:
        text = judged_reset(&t->drive);
        break;
    case OP_INSERT:
        end = o->tray_open || !o->disc ? OP_GOOD : OP_REFUSED;
        text = judged_insert(&t->drive, &t->shelf.discs[op->number].facts);
        break;
    case OP_EJECT:
        end = o->disc && (o->tray_open || !oracle_is_prevented(o)) ? OP_GOOD : OP_REFUSED;
        text = judged_eject(&t->drive, false);
        break;
    default:
        break;
    }
    history_answer(&t->h, op, end);
    return !text;
}

enum verdict teller_verdict(struct teller *t)
{
    return linearise(&t->h, &t->start, &t->why);
}
