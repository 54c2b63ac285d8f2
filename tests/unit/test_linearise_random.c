/* SPDX-License-Identifier: GPL-2.0-only */
/* Random histories: however much overlaps, what a drive really did is explained; one lie is not. */
#include "tests/contention/teller.h"
#include "tests/walk/walk_random.h"
#include "unit.h"

#define HISTORIES  150
#define STEPS_MOST 40
#define OPEN_MOST  6

static struct teller t;

/* Events are rare: after each one most of what follows is an attention. */
static struct op *begin_any(struct walk_random *r)
{
    const uint32_t draw = walk_below(r, 24);

    if (draw == 0) {
        return teller_begin_event(&t, OP_RESET, 0);
    }
    if (draw == 1) {
        return teller_begin_event(&t, t.drive.oracle.disc ? OP_EJECT : OP_INSERT, walk_below(r, 2));
    }
    return teller_begin(&t, (enum step)walk_below(r, draw < 14 ? STEP_TITLE_NONE : STEPS),
                        (uint8_t)walk_below(r, TELLER_NEXUSES), walk_below(r, 2));
}

static bool answer_any(struct op *op)
{
    return op->kind == OP_COMMAND ? teller_answer(&t, op) : teller_answer_event(&t, op);
}

/* Up to `open_most` operations at a time, answered in any order. */
static void tell_random(uint32_t seed, uint32_t open_most)
{
    struct walk_random r = {seed};
    struct op *open[OPEN_MOST];
    uint32_t count = 0;

    CU_ASSERT_TRUE_FATAL(teller_open(&t));
    for (uint32_t begun = 0; begun < STEPS_MOST || count;) {
        if (begun < STEPS_MOST && count < open_most) {
            open[count++] = begin_any(&r);
            begun++;
        } else {
            const uint32_t which = walk_below(&r, count);

            CU_ASSERT(answer_any(open[which]));
            open[which] = open[--count];
        }
    }
}

static void true_histories_are_explained(void)
{
    for (uint32_t seed = 1; seed <= HISTORIES; seed++) {
        tell_random(seed, 1 + seed % OPEN_MOST);
        CU_ASSERT_EQUAL(teller_verdict(&t), EXPLAINED);
        if (t.why.order.count != t.h.count) {
            linearise_print(&t.h, &t.start, &t.why, stdout);
        }
        teller_close(&t);
    }
}

/* A sense that the drive did not have, or GOOD in place of one; a byte that was another one. */
static void lie(struct op *op, struct walk_random *r)
{
    if (op->end == OP_CHECK) {
        if (walk_chance(r, 500)) {
            op->sense.ascq ^= 1;
        } else {
            op->end = OP_GOOD;
        }
    } else if (op->end == OP_REFUSED) {
        op->end = OP_GOOD;
    } else if (op->in_bytes && walk_chance(r, 700)) {
        op->in[walk_below(r, (uint32_t)op->in_bytes)] ^= 0x40;
    } else {
        op->end = op->kind == OP_COMMAND ? OP_CHECK : OP_REFUSED;
        op->sense = (struct op_sense){.key = 0x05, .asc = 0x55};
    }
}

/* What the drive chooses for itself may be anything the first time: its challenges. */
static bool is_free(const struct op *op)
{
    return op->cdb[0] == 0xa4 && (op->cdb[10] & 0x3f) == 0x01;
}

static void one_lie_in_a_row_of_answers_is_refused(void)
{
    unsigned lies = 0;

    for (uint32_t seed = 1; seed <= HISTORIES; seed++) {
        struct walk_random r = {seed};
        struct op *op;

        tell_random(seed, 1);
        op = &t.h.ops[walk_below(&r, (uint32_t)t.h.count)];
        if (!is_free(op)) {
            lie(op, &r);
            lies++;
            CU_ASSERT_EQUAL(teller_verdict(&t), UNEXPLAINED);
            if (t.why.order.count == t.h.count) {
                history_print(&t.h, stdout);
                history_print_op(op, stdout);
            }
        }
        teller_close(&t);
    }
    CU_ASSERT(lies > HISTORIES / 2);
}

UNIT_SUITE(linearise_random, T(true_histories_are_explained),
           T(one_lie_in_a_row_of_answers_is_refused));
