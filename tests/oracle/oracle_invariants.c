/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What has to hold whatever the table says. 1 and 2 are judged by a count of answers, which knows
 * which commands ended well and no states; 2 by ASF too.
 */
#include "oracle_turn.h"

#include <string.h>

#define OP_SEND_KEY   0xa3
#define OP_REPORT_KEY 0xa4
#define OP_STRUCTURE  0xad
#define FORMAT        0x3fu
#define AGID_AT       10

enum key_step { NO_STEP, STEP_GRANT, STEP_CHALLENGE, STEP_KEY2, STEP_KEY_OUT, STEP_INVALIDATE };

/* What a command asks for, by operation code and format alone. */
static enum key_step step_of(const struct oracle_command *c)
{
    const uint8_t format = c->cdb_bytes > AGID_AT ? c->cdb[AGID_AT] & FORMAT : 0xff;

    if (format == 0xff) {
        return NO_STEP;
    }
    switch (c->cdb[0]) {
    case OP_REPORT_KEY:
        return format == 0x00   ? STEP_GRANT
               : format == 0x04 ? STEP_KEY_OUT
               : format == 0x3f ? STEP_INVALIDATE
                                : NO_STEP;
    case OP_SEND_KEY:
        return format == 0x01   ? STEP_CHALLENGE
               : format == 0x03 ? STEP_KEY2
               : format == 0x3f ? STEP_INVALIDATE
                                : NO_STEP;
    case OP_STRUCTURE:
        return c->cdb[7] == 0x02 ? STEP_KEY_OUT : NO_STEP;
    default:
        return NO_STEP;
    }
}

static unsigned number_of(struct oracle *o, const struct oracle_command *c)
{
    const struct oracle_slot *slot = oracle_addressed_slot(o, c->cdb[AGID_AT]);

    return slot ? (unsigned)(slot - o->slot) : c->cdb[AGID_AT] >> 6;
}

void oracle_watch_ends(struct oracle *o)
{
    memset(&o->watch, 0, sizeof(o->watch));
}

void oracle_watch(struct oracle *o, const struct oracle_command *c, const struct oracle_answer *a)
{
    const enum key_step step = step_of(c);

    if (a->check || step == NO_STEP) {
        return;
    }
    if (step == STEP_GRANT) {
        if (a->data_bytes > 7 && c->in_room_bytes > 7) {
            o->watch.proved[a->data[7] >> 6] = false;
        }
        return;
    }
    o->watch.proved[number_of(o, c)] = step == STEP_KEY2;
    o->watch.key2_accepted |= step == STEP_KEY2;
}

/* ---- reads ---- */

struct range {
    uint32_t lba, blocks;
};

static uint32_t be24(const uint8_t *at)
{
    return (uint32_t)at[0] << 16 | oracle_be16(at + 1);
}

/* mmc-spec 6.13 */
static uint32_t lba_of_msf(const uint8_t *msf)
{
    return (msf[0] * 60u + msf[1]) * 75u + msf[2] - 150u;
}

/* The blocks whose data a command sends or tells about when it ends well. */
static struct range range_of(const struct oracle_command *c)
{
    const uint8_t *cdb = c->cdb;
    struct range r = {0, 0};

    switch (cdb[0]) {
    case 0x28:
        r = (struct range){oracle_be32(cdb + 2), oracle_be16(cdb + 7)};
        break;
    case 0xa8:
        r = (struct range){oracle_be32(cdb + 2), oracle_be32(cdb + 6)};
        break;
    case 0x2f: /* with BYTCHK the data is compared, and the answer tells about it */
        if (cdb[1] & 0x02) {
            r = (struct range){oracle_be32(cdb + 2), oracle_be16(cdb + 7)};
        }
        break;
    case 0xbe: /* user data was asked for */
        if (cdb[9] & 0x10) {
            r = (struct range){oracle_be32(cdb + 2), be24(cdb + 6)};
        }
        break;
    case 0xb9:
        if (cdb[9] & 0x10) {
            r.lba = lba_of_msf(cdb + 3);
            r.blocks = lba_of_msf(cdb + 6) - r.lba;
        }
        break;
    default:
        break;
    }
    return r;
}

static bool tells_of_gated(const struct oracle_turn *t)
{
    const struct oracle_disc *disc = t->o->disc;
    const bool told = !t->a->check || t->a->key == 0x0e;
    struct range r;

    if (!disc || !disc->css || disc->cd || t->c->cdb_bytes < 10 || !told) {
        return false;
    }
    r = range_of(t->c);
    return r.lba <= disc->blocks && r.blocks <= disc->blocks - r.lba &&
           oracle_range_is_gated(disc, r.lba, r.blocks);
}

/* ---- judged ---- */

const char *oracle_invariants(const struct oracle_turn *t)
{
    if (t->a->check && t->a->data_bytes) {
        return oracle_complain(ORACLE_I3_REFUSAL_HAS_NO_DATA, "seen %zu bytes", t->a->data_bytes);
    }
    if (!t->a->check && step_of(t->c) == STEP_KEY_OUT &&
        !t->o->watch.proved[number_of(t->o, t->c)]) {
        return oracle_complain(ORACLE_I1_KEY_AFTER_KEY2, "seen GOOD for AGID %u",
                               number_of(t->o, t->c));
    }
    if (tells_of_gated(t) && !(t->o->asf && t->o->watch.key2_accepted)) {
        return oracle_complain(ORACLE_I2_GATED_AFTER_KEY, "seen an answer about gated blocks");
    }
    return NULL;
}

const char *oracle_refusal_changed(const struct oracle_turn *t, const struct oracle *before)
{
    uint8_t was[ORACLE_STATE_BYTES_MAX], is[ORACLE_STATE_BYTES_MAX];
    size_t bytes;

    if (!t->a->check || (t->note.judged && oracle_rule_rows[t->note.rule].changes)) {
        return NULL;
    }
    bytes = oracle_state(before, ORACLE_WHOLE, was);
    if (bytes == oracle_state(t->o, ORACLE_WHOLE, is) && memcmp(was, is, bytes) == 0) {
        return NULL;
    }
    return oracle_complain(ORACLE_I4_REFUSAL_CHANGES_NOTHING, "the model changed by %s",
                           oracle_rule_rows[t->note.rule].name);
}
