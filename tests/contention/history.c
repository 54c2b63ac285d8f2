/* SPDX-License-Identifier: GPL-2.0-only */
#include "history.h"

#include <string.h>

#define FNV_START  0xcbf29ce484222325u
#define FNV_PRIME  0x100000001b3u
#define SHOWN_MOST 16 /* bytes of data in a line */
#define AGID_AT    7  /* in the reply of REPORT KEY 00h */
#define MASK_AT    5  /* in the reply of REPORT KEY 08h */

struct op *history_begin(struct history *h, enum op_kind kind, uint8_t who, const char *name)
{
    struct op *op = h->count < HISTORY_OPS_MAX ? &h->ops[h->count++] : NULL;

    if (op) {
        memset(op, 0, sizeof(*op));
        op->kind = kind;
        op->who = who;
        op->name = name;
        op->begun = ++h->now;
    }
    return op;
}

void history_answer(struct history *h, struct op *op, enum op_end end)
{
    op->end = end;
    op->answered = ++h->now;
}

/* ---- as text ---- */

static void print_who(const struct op *op, char direction, FILE *to)
{
    if (op->who == HISTORY_OPERATOR) {
        fprintf(to, "op%c  ", direction);
    } else {
        fprintf(to, "s%u%c  ", op->who, direction);
    }
}

static void print_bytes(const char *before, const uint8_t *bytes, size_t count, FILE *to)
{
    fputs(count ? before : "", to);
    for (size_t i = 0; i < count && i < SHOWN_MOST; i++) {
        fprintf(to, " %02X", bytes[i]);
    }
    fputs(count > SHOWN_MOST ? " ..." : "", to);
}

static void print_asked(const struct op *op, FILE *to)
{
    fprintf(to, "%s", op->name);
    if (op->kind == OP_COMMAND) {
        print_bytes(" ", op->cdb, op->cdb_bytes, to);
        print_bytes("  ->", op->out, op->out_bytes, to);
    } else if (op->kind == OP_INSERT || op->kind == OP_CLOCK ||
               (op->kind == OP_ABORT && op->number)) {
        fprintf(to, " %u", (unsigned)op->number);
    }
}

static void print_end(const struct op *op, FILE *to)
{
    static const char *const ends[] = {"not known", "GOOD", "", "refused"};

    if (op->end == OP_CHECK) {
        fprintf(to, "%02X/%02X/%02X", op->sense.key, op->sense.asc, op->sense.ascq);
    } else {
        fprintf(to, "%s", ends[op->end]);
        print_bytes("  <-", op->in, op->in_bytes, to);
    }
}

void history_print_op(const struct op *op, FILE *to)
{
    print_who(op, '>', to);
    print_asked(op, to);
    fputs(": ", to);
    print_end(op, to);
}

static void print_moment(const struct op *op, unsigned moment, FILE *to)
{
    if (op->begun == moment) {
        fprintf(to, "%4u  ", moment);
        print_who(op, '>', to);
        print_asked(op, to);
        fputc('\n', to);
    } else if (op->answered == moment) {
        fprintf(to, "%4u  ", moment);
        print_who(op, '<', to);
        print_end(op, to);
        fprintf(to, "  (%u)\n", op->begun);
    }
}

void history_print(const struct history *h, FILE *to)
{
    for (unsigned moment = 1; moment <= h->now; moment++) {
        for (size_t i = 0; i < h->count; i++) {
            print_moment(&h->ops[i], moment, to);
        }
    }
}

/* ---- as numbers ---- */

static uint64_t mix(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * FNV_PRIME;
}

/* Keys and challenges differ from run to run; which AGID and which region do not say the same. */
static uint64_t told(const struct op *op)
{
    if (op->cdb[0] != 0xa4 || op->end != OP_GOOD) {
        return 0;
    }
    switch (op->cdb[10] & 0x3f) {
    case 0x00:
        return op->in[AGID_AT];
    case 0x05:
        return op->in[AGID_AT] & 1;
    case 0x08:
        return (uint64_t)op->in[MASK_AT - 1] << 8 | op->in[MASK_AT];
    default:
        return 0;
    }
}

static uint64_t mix_begin(uint64_t hash, const struct op *op)
{
    hash = mix(hash, op->kind);
    hash = mix(hash, op->who);
    hash = mix(hash, op->number);
    for (size_t i = 0; i < op->cdb_bytes; i++) {
        hash = mix(hash, op->cdb[i]);
    }
    return hash;
}

static uint64_t mix_answer(uint64_t hash, const struct op *op)
{
    hash = mix(hash, 0x100 + op->begun);
    hash = mix(hash, op->end);
    hash = mix(hash, (uint64_t)op->sense.key << 16 | (uint64_t)op->sense.asc << 8 | op->sense.ascq);
    hash = mix(hash, op->in_bytes);
    return mix(hash, told(op));
}

uint64_t history_shape(const struct history *h)
{
    uint64_t hash = FNV_START;

    for (unsigned moment = 1; moment <= h->now; moment++) {
        for (size_t i = 0; i < h->count; i++) {
            if (h->ops[i].begun == moment) {
                hash = mix_begin(hash, &h->ops[i]);
            } else if (h->ops[i].answered == moment) {
                hash = mix_answer(hash, &h->ops[i]);
            }
        }
    }
    return hash;
}

/* What never was answered counts as long as its nexus' commands may still run: not at all. */
unsigned history_overlap(const struct history *h)
{
    unsigned most = 0;

    for (size_t i = 0; i < h->count; i++) {
        unsigned under_way = 0;

        for (size_t j = 0; j <= i; j++) {
            under_way += h->ops[j].answered > h->ops[i].begun;
        }
        most = under_way > most ? under_way : most;
    }
    return most;
}

bool history_answers_overtake(const struct history *h)
{
    unsigned last = 0;

    for (size_t i = 0; i < h->count; i++) {
        if (h->ops[i].answered && h->ops[i].answered < last) {
            return true;
        }
        last = h->ops[i].answered > last ? h->ops[i].answered : last;
    }
    return false;
}
