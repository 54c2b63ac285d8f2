/* SPDX-License-Identifier: GPL-2.0-only */
/* The judge of the contention lab: true histories are explained, forged ones are not. */
#include "tests/contention/teller.h"
#include "unit.h"

#include <string.h>

static struct teller t;

static void open_teller(void)
{
    CU_ASSERT_TRUE_FATAL(teller_open(&t));
}

/* From the grant to the bus key, one step after the other. */
static void exchange(uint8_t nexus, unsigned agid)
{
    for (enum step step = STEP_GRANT; step <= STEP_KEY2; step++) {
        struct op *op = teller_run(&t, step, nexus, agid);

        CU_ASSERT_PTR_NOT_NULL_FATAL(op);
        CU_ASSERT_EQUAL(op->end, OP_GOOD);
    }
}

static void swap_times(struct op *a, struct op *b)
{
    const unsigned begun = a->begun, answered = a->answered;

    a->begun = b->begun;
    a->answered = b->answered;
    b->begun = begun;
    b->answered = answered;
}

static void expect(enum verdict verdict)
{
    CU_ASSERT_EQUAL(teller_verdict(&t), verdict);
    teller_close(&t);
}

/* ---- true ---- */

static void an_exchange_is_explained(void)
{
    open_teller();
    teller_run(&t, STEP_READ_GATED, 1, 0);
    exchange(0, 0);
    teller_run(&t, STEP_DISC_KEY, 0, 0);
    teller_run(&t, STEP_READ_EDGE, 1, 0);
    expect(EXPLAINED);
}

/* Carried out in the other order than begun: only some order has to fit. */
static void what_overlaps_may_have_any_order(void)
{
    struct op *first, *second;

    open_teller();
    first = teller_begin(&t, STEP_GRANT, 0, 0);
    second = teller_begin(&t, STEP_GRANT, 1, 0);
    CU_ASSERT(teller_answer(&t, second));
    CU_ASSERT(teller_answer(&t, first));
    CU_ASSERT_EQUAL(first->in[7], 0x40);
    CU_ASSERT_EQUAL(history_overlap(&t.h), 2);
    CU_ASSERT(history_answers_overtake(&t.h));
    CU_ASSERT_EQUAL(teller_verdict(&t), EXPLAINED);
    CU_ASSERT(linearise_reordered(&t.why));
    teller_close(&t);
}

static void each_nexus_hears_of_reset_and_disc_once(void)
{
    open_teller();
    CU_ASSERT(teller_answer_event(&t, teller_begin_event(&t, OP_EJECT, 0)));
    CU_ASSERT(teller_answer_event(&t, teller_begin_event(&t, OP_INSERT, 1)));
    CU_ASSERT(teller_answer_event(&t, teller_begin_event(&t, OP_RESET, 0)));
    for (uint8_t n = 0; n < TELLER_NEXUSES; n++) {
        for (int again = 0; again < 3; again++) {
            CU_ASSERT_PTR_NOT_NULL(teller_run(&t, STEP_UNIT_READY, n, 0));
            CU_ASSERT_PTR_NOT_NULL(teller_run(&t, STEP_EVENT, n, 0));
        }
    }
    CU_ASSERT(teller_answer_event(&t, teller_begin_event(&t, OP_INSERT, 0))); /* refused */
    expect(EXPLAINED);
}

/* A command without an answer: what comes after it says whether it was carried out. */
static void a_lost_command_was_carried_out_or_not(void)
{
    for (int carried_out = 0; carried_out < 2; carried_out++) {
        struct op *lost, *gone;

        open_teller();
        teller_run(&t, STEP_GRANT, 0, 0);
        lost = teller_begin(&t, STEP_CHALLENGE, 1, 0);
        if (carried_out) {
            CU_ASSERT(teller_answer(&t, lost));
            lost->end = OP_UNKNOWN;
            lost->answered = 0;
        }
        gone = history_begin(&t.h, OP_GONE, 1, "gone");
        gone->nexus = 1;
        teller_run(&t, STEP_KEY1, 0, 0);
        expect(EXPLAINED);
    }
}

/* ---- forged ---- */

static void the_same_answers_without_overlap_are_refused(void)
{
    struct op *first, *second;

    open_teller();
    first = teller_run(&t, STEP_GRANT, 0, 0);
    second = teller_run(&t, STEP_GRANT, 1, 0);
    swap_times(first, second);
    expect(UNEXPLAINED);
}

static void swapped_answers_are_refused(void)
{
    struct op *before, *after;
    uint8_t asf;

    open_teller();
    before = teller_run(&t, STEP_ASF, 1, 0);
    exchange(0, 0);
    teller_run(&t, STEP_TITLE_ONE, 0, 0);
    after = teller_run(&t, STEP_ASF, 1, 0);
    asf = before->in[7];
    before->in[7] = after->in[7];
    after->in[7] = asf;
    expect(UNEXPLAINED);
}

static void a_key_without_a_bus_key_is_refused(void)
{
    struct op *key;

    open_teller();
    teller_run(&t, STEP_GRANT, 0, 0);
    key = teller_run(&t, STEP_TITLE_ONE, 0, 0);
    CU_ASSERT_EQUAL(key->end, OP_CHECK);
    key->end = OP_GOOD;
    key->in_bytes = 12;
    memcpy(key->in, (const uint8_t[]){0, 10, 0, 0, 0xf0}, 5);
    memcpy(key->in + 5, t.shelf.runs[0][1].key, ORACLE_KEY_BYTES);
    expect(UNEXPLAINED);
}

static void a_key_under_another_bus_key_is_refused(void)
{
    struct op *key;

    open_teller();
    exchange(0, 0);
    exchange(1, 1);
    key = teller_run(&t, STEP_TITLE_ONE, 0, 0);
    memcpy(key->in + 5, teller_run(&t, STEP_TITLE_ONE, 1, 1)->in + 5, ORACLE_KEY_BYTES);
    expect(UNEXPLAINED);
}

static void gated_data_without_a_key_is_refused(void)
{
    struct op *read;

    open_teller();
    read = teller_run(&t, STEP_READ_GATED, 0, 0);
    CU_ASSERT_EQUAL(read->end, OP_CHECK);
    read->end = OP_GOOD;
    read->in_bytes = ORACLE_BLOCK_BYTES;
    memcpy(read->in, t.shelf.blocks[0] + (size_t)read->cdb[5] * ORACLE_BLOCK_BYTES,
           ORACLE_BLOCK_BYTES);
    expect(UNEXPLAINED);
}

static void data_of_another_disc_is_refused(void)
{
    struct op *read;

    open_teller();
    read = teller_run(&t, STEP_READ_FREE, 0, 0);
    memcpy(read->in, t.shelf.blocks[1] + (size_t)read->cdb[5] * ORACLE_BLOCK_BYTES,
           ORACLE_BLOCK_BYTES);
    expect(UNEXPLAINED);
}

/* The attention of a reset is reported before the reset was asked for, or together with it. */
static void an_answer_before_its_cause_is_refused(void)
{
    for (int overlapping = 0; overlapping < 2; overlapping++) {
        struct op *reset, *ready;

        open_teller();
        reset = teller_begin_event(&t, OP_RESET, 0);
        CU_ASSERT(teller_answer_event(&t, reset));
        ready = teller_run(&t, STEP_UNIT_READY, 1, 0);
        CU_ASSERT_EQUAL(ready->end, OP_CHECK);
        swap_times(reset, ready);
        if (overlapping) {
            ready->answered = ++t.h.now;
        }
        expect(overlapping ? EXPLAINED : UNEXPLAINED);
    }
}

static void an_attention_told_twice_or_never_is_refused(void)
{
    for (int twice = 0; twice < 2; twice++) {
        struct op *first, *second;

        open_teller();
        CU_ASSERT(teller_answer_event(&t, teller_begin_event(&t, OP_RESET, 0)));
        first = teller_run(&t, STEP_UNIT_READY, 1, 0);
        second = teller_run(&t, STEP_UNIT_READY, 1, 0);
        if (twice) {
            second->end = OP_CHECK;
            second->sense = first->sense;
        } else {
            first->end = OP_GOOD;
        }
        expect(UNEXPLAINED);
    }
}

static void an_event_told_to_the_wrong_nexus_is_refused(void)
{
    struct op *event;

    open_teller();
    CU_ASSERT(teller_answer_event(&t, teller_begin_event(&t, OP_EJECT, 0)));
    CU_ASSERT_EQUAL(teller_run(&t, STEP_EVENT, 0, 0)->in[4], 3);
    event = teller_run(&t, STEP_EVENT, 0, 0);
    event->nexus = 1; /* had to hear of the removal, too */
    expect(UNEXPLAINED);
}

static void an_operator_refused_for_nothing_is_refused(void)
{
    struct op *eject;

    open_teller();
    eject = teller_begin_event(&t, OP_EJECT, 0);
    history_answer(&t.h, eject, OP_REFUSED);
    expect(UNEXPLAINED);
}

static void no_answer_is_none_when_the_steps_run_out(void)
{
    const uint64_t most = linearise_steps_max;

    open_teller();
    exchange(0, 0);
    linearise_steps_max = 2;
    expect(UNDECIDED);
    linearise_steps_max = most;
}

UNIT_SUITE(linearise, T(an_exchange_is_explained), T(what_overlaps_may_have_any_order),
           T(each_nexus_hears_of_reset_and_disc_once), T(a_lost_command_was_carried_out_or_not),
           T(the_same_answers_without_overlap_are_refused), T(swapped_answers_are_refused),
           T(a_key_without_a_bus_key_is_refused), T(a_key_under_another_bus_key_is_refused),
           T(gated_data_without_a_key_is_refused), T(data_of_another_disc_is_refused),
           T(an_answer_before_its_cause_is_refused), T(an_attention_told_twice_or_never_is_refused),
           T(an_event_told_to_the_wrong_nexus_is_refused),
           T(an_operator_refused_for_nothing_is_refused),
           T(no_answer_is_none_when_the_steps_run_out));
