/* SPDX-License-Identifier: GPL-2.0-only */
#include "model.h"

#include "media_events.h"

#include <string.h>

#define OP_READ_10     0x28
#define OP_GET_EVENT   0x4a
#define FNV_START      0xcbf29ce484222325u
#define FNV_PRIME      0x100000001b3u
#define UNKNOWN_SENSES (sizeof(unknown_senses) / sizeof(unknown_senses[0]))

/*
 * What a command whose answer nobody saw may have ended with when it was not GOOD, and have changed
 * something by it. A refusal that changes nothing is as if the command never ran.
 */
static const struct op_sense unknown_senses[] = {
    {.key = 0x06, .asc = 0x29},
    {.key = 0x06, .asc = 0x28},
    {.key = 0x05, .asc = 0x2c},
    {.key = 0x05, .asc = 0x6f, .ascq = 0},
    {.key = 0x05, .asc = 0x6f, .ascq = 1},
    {.key = 0x05, .asc = 0x6f, .ascq = 4},
};

void lab_model_start(struct lab_model *m, const struct lab_disc *discs, unsigned nexuses)
{
    memset(m, 0, sizeof(*m));
    m->discs = discs;
    oracle_init(&m->oracle);
    m->oracle.challenges_are_fresh = true;
    oracle_medium_in(&m->oracle, &discs[0].facts);
    for (unsigned n = 0; n < nexuses; n++) {
        oracle_nexus_came(&m->oracle, n);
        m->oracle.nexus[n].attentions = 0;
    }
}

/* ---- commands ---- */

static const char *judge_data(const struct lab_model *m, const struct op *op)
{
    const struct oracle_disc *disc = m->oracle.disc;
    const uint32_t lba = (uint32_t)op->cdb[4] << 8 | op->cdb[5];
    const uint8_t *blocks = NULL;

    for (size_t n = 0; n < LAB_DISCS; n++) {
        blocks = disc == &m->discs[n].facts ? m->discs[n].blocks : blocks;
    }
    return op->in_bytes && memcmp(op->in, blocks + (size_t)lba * ORACLE_BLOCK_BYTES, op->in_bytes)
               ? "READ_DATA (3.2): the blocks of another disc, or of another place"
               : NULL;
}

static struct oracle_answer answer_of(const struct op *op, unsigned end)
{
    const struct op_sense *sense = &op->sense;
    bool check = op->end == OP_CHECK;

    if (op->end == OP_UNKNOWN && end > 0) {
        sense = &unknown_senses[end - 1];
        check = true;
    }
    if (check) {
        return (struct oracle_answer){.check = true,
                                      .key = sense->key,
                                      .asc = sense->asc,
                                      .ascq = sense->ascq,
                                      .pointer = sense->pointer,
                                      .pointer_byte = sense->pointer_byte,
                                      .information_valid = sense->information_valid};
    }
    return (struct oracle_answer){
        .data = op->in, .data_bytes = op->end == OP_UNKNOWN ? op->room_bytes : op->in_bytes};
}

static const char *judge_command(struct lab_model *m, const struct op *op, unsigned end)
{
    const bool is_seen = op->end != OP_UNKNOWN;
    const struct oracle_answer answer = answer_of(op, end);
    const struct oracle_command command = {.nexus = op->nexus,
                                           .cdb = op->cdb,
                                           .cdb_bytes = op->cdb_bytes,
                                           .out = op->out,
                                           .out_bytes = op->out_bytes,
                                           .in_room_bytes = is_seen ? op->room_bytes : 0};
    const char *text = oracle_judge(&m->oracle, &command, &answer, NULL);

    if (text || answer.check) {
        return text;
    }
    if (op->cdb[0] == OP_GET_EVENT) {
        return media_events_judge(m, op, is_seen);
    }
    return op->cdb[0] == OP_READ_10 && is_seen ? judge_data(m, op) : NULL;
}

/* ---- the operator ---- */

static const char *differs(const struct op *op, bool is_possible)
{
    if (op->end == OP_UNKNOWN || (op->end == OP_GOOD) == is_possible) {
        return NULL;
    }
    return is_possible ? "OPERATOR: refused, although nothing is in the way"
                       : "OPERATOR: done, although it could not be";
}

static const char *judge_insert(struct lab_model *m, const struct op *op)
{
    const bool fits = m->oracle.tray_open || !m->oracle.disc;
    const char *text = differs(op, fits);

    if (!text && fits) {
        oracle_medium_in(&m->oracle, &m->discs[op->number].facts);
    }
    return text;
}

/* What lies on the open tray can be taken by anybody. */
static const char *judge_eject(struct lab_model *m, const struct op *op)
{
    const bool prevented = oracle_is_prevented(&m->oracle) && !m->oracle.tray_open;
    const bool possible = m->oracle.disc && !prevented;
    const char *text = differs(op, possible);

    if (!text && possible) {
        oracle_medium_out(&m->oracle);
    } else if (!text && m->oracle.disc) {
        media_events_eject_asked(m);
    }
    return text;
}

/* ---- a step ---- */

/* One that goes and held nothing back is as one that stays and says nothing: the same state. */
static void leave(struct lab_model *m, unsigned nexus)
{
    const struct oracle_nexus *n = &m->oracle.nexus[nexus];

    if (n->prevent || n->prevent_persistent || m->oracle.quirk[ORACLE_RELEASE_ON_LAST_NEXUS_LOSS]) {
        oracle_nexus_gone(&m->oracle, nexus);
    }
}

unsigned lab_model_ends(const struct op *op)
{
    return op->kind == OP_COMMAND && op->end == OP_UNKNOWN ? 1 + UNKNOWN_SENSES : 1;
}

static const char *step(struct lab_model *m, const struct op *op, unsigned end)
{
    switch (op->kind) {
    case OP_COMMAND:
        return judge_command(m, op, end);
    case OP_RESET:
        oracle_reset(&m->oracle);
        return op->end == OP_REFUSED ? "RESET (2.8): refused" : NULL;
    case OP_LOGIN:
        oracle_nexus_came(&m->oracle, op->nexus);
        memset(&m->events[op->nexus], 0, sizeof(m->events[op->nexus]));
        return op->end == OP_REFUSED ? "LOGIN: refused" : NULL;
    case OP_GONE:
        leave(m, op->nexus);
        return NULL;
    case OP_INSERT:
        return judge_insert(m, op);
    case OP_EJECT:
        return judge_eject(m, op);
    case OP_CLOCK:
        oracle_clock(&m->oracle, m->oracle.now_ms + op->number);
        return op->end == OP_REFUSED ? "CLOCK: refused" : NULL;
    default:
        return NULL;
    }
}

const char *lab_model_step(struct lab_model *m, const struct op *op, unsigned end)
{
    const struct lab_model before = *m;
    const char *text = step(m, op, end);

    if (text) {
        *m = before;
    } else {
        media_events_post(m, &before.oracle);
    }
    return text;
}

/* ---- state ---- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ at[i]) * FNV_PRIME;
    }
    return hash;
}

uint64_t lab_model_hash(const struct lab_model *m)
{
    uint8_t state[ORACLE_STATE_BYTES_MAX];
    const size_t bytes = oracle_state(&m->oracle, ORACLE_WHOLE, state);
    uint64_t hash = mix(FNV_START, state, bytes);

    hash = mix(hash, m->oracle.last_challenge, sizeof(m->oracle.last_challenge));
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        hash = mix(hash, m->events[n].code, m->events[n].count);
        hash = mix(hash, &m->events[n].count, sizeof(m->events[n].count));
    }
    return hash;
}
