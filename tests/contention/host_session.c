/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_session.h"

#include "tests/support/raw_iscsi.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_MOST          8
#define SENSE_LENGTH_BYTES 2 /* in front of the sense in a SCSI Response PDU */
#define SENSE_BYTES        18
#define SENSE_VALID        0x80 /* byte 0 */
#define SENSE_KEY          0x0f /* byte 2 */
#define POINTER_VALID      0x80 /* byte 15: SKSV */
#define POINTER_TO_CDB     0x40
#define CHECK_CONDITION    0x02
#define TASK_ABORTED       0x40

struct host_session {
    struct raw_iscsi *raw;
    struct history *h;
    bool immediate_data, is_leaving, has_left;
    struct op *open[OPEN_MOST]; /* under way; task_tag says which */
};

/* ---- sending ---- */

struct host_session *host_session_new(const char *url, const char *initiator_name,
                                      bool immediate_data, struct history *h, struct op *login)
{
    struct host_session *s = calloc(1, sizeof(*s));

    if (!s) {
        return NULL;
    }
    s->raw = raw_login(url, initiator_name);
    s->h = h;
    s->immediate_data = immediate_data;
    if (!s->raw) {
        free(s);
        return NULL;
    }
    history_answer(h, login, OP_GOOD);
    return s;
}

/* What was sent last is the operation's. */
static bool is_under_way(struct host_session *s, struct op *op, bool sent)
{
    op->task_tag = raw_tag(s->raw);
    op->cmdsn = raw_cmdsn(s->raw);
    for (size_t i = 0; sent && i < OPEN_MOST; i++) {
        if (!s->open[i]) {
            s->open[i] = op;
            return true;
        }
    }
    return false;
}

bool host_session_command(struct host_session *s, struct op *op)
{
    struct raw_command command = {.cdb = op->cdb,
                                  .cdb_bytes = op->cdb_bytes,
                                  .flags = RAW_FINAL | RAW_SIMPLE,
                                  .expected_bytes = (uint32_t)(op->room_bytes + op->out_bytes)};

    if (op->room_bytes) {
        command.flags |= RAW_READ;
    }
    if (op->out_bytes) {
        command.flags |= RAW_WRITE;
    }
    if (op->out_bytes && s->immediate_data) {
        command.immediate = op->out;
        command.immediate_bytes = op->out_bytes;
    }
    return is_under_way(s, op, raw_send(s->raw, &command));
}

bool host_session_reset(struct host_session *s, struct op *op)
{
    return is_under_way(s, op, raw_ask_manage(s->raw, RAW_LUN_RESET, 0, 0));
}

bool host_session_abort(struct host_session *s, struct op *op, const struct op *target)
{
    return is_under_way(s, op,
                        raw_ask_manage(s->raw, RAW_ABORT_TASK, target->task_tag, target->cmdsn));
}

bool host_session_abort_all(struct host_session *s, struct op *op)
{
    return is_under_way(s, op, raw_ask_manage(s->raw, RAW_ABORT_TASK_SET, 0, 0));
}

bool host_session_logout(struct host_session *s)
{
    s->is_leaving = true;
    return raw_ask_logout(s->raw);
}

bool host_session_has_left(const struct host_session *s)
{
    return s->has_left;
}

/* ---- answers ---- */

static void take_sense(struct op *op, const struct raw_pdu *pdu)
{
    const uint8_t *sense = pdu->data + SENSE_LENGTH_BYTES;

    if (pdu->data_bytes < SENSE_LENGTH_BYTES + SENSE_BYTES) {
        return; /* no sense at all: 00/00/00 will not be what the rules say */
    }
    op->sense = (struct op_sense){.key = sense[2] & SENSE_KEY,
                                  .asc = sense[12],
                                  .ascq = sense[13],
                                  .information_valid = sense[0] & SENSE_VALID};
    if (sense[15] & POINTER_VALID) {
        op->sense.pointer = sense[15] & POINTER_TO_CDB ? ORACLE_POINTER_CDB : ORACLE_POINTER_LIST;
        op->sense.pointer_byte = (uint16_t)(sense[16] << 8 | sense[17]);
    }
}

static bool take_data(struct op *op, const struct raw_pdu *pdu)
{
    const uint32_t offset = raw_offset_of(pdu);

    if (offset != op->in_bytes || pdu->data_bytes > sizeof(op->in) - offset) {
        return false;
    }
    memcpy(op->in + offset, pdu->data, pdu->data_bytes);
    op->in_bytes += pdu->data_bytes;
    return true;
}

static bool take_end(struct host_session *s, struct op **at, const struct raw_pdu *pdu, int status)
{
    struct op *op = *at;

    *at = NULL;
    if (status == CHECK_CONDITION) {
        take_sense(op, pdu);
    }
    if (status != 0 && status != CHECK_CONDITION && status != TASK_ABORTED) {
        return false;
    }
    history_answer(s->h, op,
                   status == 0                 ? OP_GOOD
                   : status == CHECK_CONDITION ? OP_CHECK
                                               : OP_UNKNOWN);
    return true;
}

/* 0: complete; 1: no such task, which is an answer as good to an ABORT TASK. */
static void take_managed(struct host_session *s, struct op **at, const struct raw_pdu *pdu)
{
    struct op *op = *at;
    const uint8_t response = raw_response_of(pdu);
    const bool is_fine = response == 0 || (response == 1 && op->kind == OP_ABORT);

    *at = NULL;
    history_answer(s->h, op, is_fine ? OP_GOOD : OP_REFUSED);
}

static bool take_for(struct host_session *s, struct op **at, const struct raw_pdu *pdu)
{
    const int status = raw_status_of(pdu);
    struct op *op = *at;

    switch (raw_opcode(pdu)) {
    case RAW_OP_R2T:
        return raw_answer_r2t(s->raw, op->out, op->out_bytes);
    case RAW_OP_MANAGED:
        take_managed(s, at, pdu);
        return true;
    case RAW_OP_DATA_IN:
        return take_data(op, pdu) && (status < 0 || take_end(s, at, pdu, status));
    case RAW_OP_RESPONSE:
        return take_end(s, at, pdu, status);
    default:
        return false;
    }
}

/* ---- serving ---- */

int host_session_fd(const struct host_session *s)
{
    return raw_socket(s->raw);
}

static bool take(struct host_session *s)
{
    const struct raw_pdu *pdu = raw_receive(s->raw);

    if (!pdu) {
        return false;
    }
    if (raw_opcode(pdu) == RAW_OP_LOGOUT_RESPONSE) {
        return s->is_leaving; /* the end of the connection comes next */
    }
    for (size_t i = 0; i < OPEN_MOST; i++) {
        if (s->open[i] && s->open[i]->task_tag == raw_tag_of(pdu)) {
            return take_for(s, &s->open[i], pdu);
        }
    }
    return false;
}

/* A logout ends the connection, be it under something that is still to be sent or read. */
bool host_session_serve(struct host_session *s)
{
    const bool is_whole = take(s);

    s->has_left |= !is_whole && s->is_leaving;
    return is_whole || s->has_left;
}

void host_session_free(struct host_session *s, bool reset)
{
    if (s) {
        raw_close(s->raw, reset);
        free(s);
    }
}
