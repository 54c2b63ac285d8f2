/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file history.h
 * What several initiators and operators did to one drive, and what they saw: a row of operations,
 * each with the place in time at which it was begun and the one at which its answer was there.
 * Two operations overlap unless one was answered before the other was begun.
 */
#ifndef DVDEMU_CONTENTION_HISTORY_H
#define DVDEMU_CONTENTION_HISTORY_H

#include "tests/oracle/oracle.h"

#include <stdio.h>

#define HISTORY_OPS_MAX   250 /* at most 255 */
#define HISTORY_CDB_BYTES 12
#define HISTORY_OUT_BYTES 16
#define HISTORY_IN_BYTES  (16 * ORACLE_BLOCK_BYTES)
#define HISTORY_OPERATOR  0xff /* `who` of an operation that no nexus asked for */

enum op_kind {
    OP_COMMAND,
    OP_RESET,  /**< LOGICAL UNIT RESET */
    OP_ABORT,  /**< ABORT TASK: the drive itself knows nothing of it */
    OP_LOGIN,  /**< the nexus comes */
    OP_GONE,   /**< the nexus has left; the drive may notice late, but before it logs in again */
    OP_INSERT, /**< the operator puts `number` (place in lab_model.discs) in */
    OP_EJECT,
    OP_CLOCK, /**< `number` milliseconds pass */
    OP_KINDS
};

/** How an operation ended. */
enum op_end {
    OP_UNKNOWN, /**< no answer, or one that hides it: it was carried out, or not */
    OP_GOOD,
    OP_CHECK,  /**< commands only: `sense` says what */
    OP_REFUSED /**< by the operator's connection */
};

struct op_sense {
    uint8_t key, asc, ascq;
    enum oracle_pointer pointer;
    uint16_t pointer_byte;
    bool information_valid;
};

struct op {
    enum op_kind kind;
    uint8_t who;   /**< session, for the text; HISTORY_OPERATOR */
    uint8_t nexus; /**< of the model: each login is another one */
    uint32_t number;
    const char *name; /**< for the text */

    unsigned begun, answered; /**< places in time, from 1; answered 0: never */
    enum op_end end;

    /* commands */
    uint8_t cdb[HISTORY_CDB_BYTES];
    size_t cdb_bytes;
    uint8_t out[HISTORY_OUT_BYTES];
    size_t out_bytes;
    size_t room_bytes; /**< what the host can take: also what a GOOD brings in full */
    struct op_sense sense;
    uint8_t in[HISTORY_IN_BYTES];
    size_t in_bytes;

    uint32_t task_tag, cmdsn; /**< of iSCSI, for ABORT TASK */
};

struct history {
    struct op ops[HISTORY_OPS_MAX]; /**< in the order in which they were begun */
    size_t count;
    unsigned now; /**< the last place in time that was given away */
};

/** A new operation that begins now; NULL: no room. The rest of it is zero. */
struct op *history_begin(struct history *h, enum op_kind kind, uint8_t who, const char *name);

/** Its answer is there now. */
void history_answer(struct history *h, struct op *op, enum op_end end);

/** A line for each beginning and each answer, in the order of time. */
void history_print(const struct history *h, FILE *to);

/** One operation with its end, in a line without newline. */
void history_print_op(const struct op *op, FILE *to);

/** A number for what was begun, in which order, and what came back, but for keys and challenges. */
uint64_t history_shape(const struct history *h);

/** The largest number of operations that were under way at one time. */
unsigned history_overlap(const struct history *h);

/** Whether an answer came before that of an operation that was begun earlier. */
bool history_answers_overtake(const struct history *h);

#endif
