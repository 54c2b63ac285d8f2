/* SPDX-License-Identifier: GPL-2.0-only */
/* Between two interleavings: everything as at first, and nothing left of the one before. */
#include "lab_drive.h"

#include <string.h>

/* A request that is still under way would be answered into a history that is not its own. */
static bool operators_are_idle(struct lab *lab)
{
    const int64_t deadline = lab_now_ms() + LAB_DEADLINE_MS;

    for (size_t i = 0; i < LAB_LINES; i++) {
        while (lab->lines[i].busy && !*lab->failure) {
            lab_serve(lab, LAB_DEADLINE_MS);
            if (lab_now_ms() > deadline) {
                return lab_fail(lab, "an operator is not answered within 10 s");
            }
        }
    }
    return !*lab->failure;
}

static bool all_in(struct lab *lab)
{
    for (unsigned i = 0; i < lab->profile->sessions; i++) {
        const struct op *op;

        if (lab->sessions[i]) {
            continue;
        }
        op = lab_login(lab, i, (uint8_t)i);
        if (!op || !lab_wait(lab, op) || op->end != OP_GOOD) {
            return lab_fail(lab, "a session cannot log in");
        }
    }
    return true;
}

/* Until the drive knows of these sessions and no others: what left holds nothing any more. */
static bool others_are_gone(struct lab *lab)
{
    const int64_t deadline = lab_now_ms() + LAB_DEADLINE_MS;
    struct operator_line *o = &lab->lines[0];

    do {
        if (lab_now_ms() > deadline) {
            return lab_fail(lab, "a session that left is still there after 10 s");
        }
        if (!lab_settle(lab)) {
            return false;
        }
        if (!operator_line_do(o, "status", lab->drive, "")) {
            return lab_fail(lab, "the daemon tells no status");
        }
    } while (operator_line_number(o, "initiators") != (long)lab->profile->sessions);
    return true;
}

/* A login's attention is taken; a restored session has none. */
static bool quiet(struct lab *lab, unsigned session)
{
    for (int tries = 0; tries < 4; tries++) {
        struct op *op = lab_step_begin(&lab->h, STEP_UNIT_READY, (uint8_t)session,
                                       lab->nexus[session], &lab->book, 0);

        if (!op || !host_session_command(lab->sessions[session], op) || !lab_wait(lab, op)) {
            return lab_fail(lab, "a session does not answer");
        }
        if (op->end == OP_GOOD) {
            return true;
        }
    }
    return lab_fail(lab, "the drive does not become ready");
}

static void set_quirks(struct lab *lab)
{
    for (size_t i = 0; i < LAB_QUIRKS_MAX && lab->profile->quirks[i].key; i++) {
        if (!oracle_quirk(&lab->start.oracle, lab->profile->quirks[i].key,
                          lab->profile->quirks[i].value)) {
            lab_fail(lab, "the rules do not know a quirk of this drive");
        }
    }
}

static bool empty_history(struct lab *lab)
{
    const bool idle = operators_are_idle(lab);

    lab->h.count = 0;
    lab->h.now = 0;
    return idle;
}

bool lab_fresh(struct lab *lab, uint32_t seed)
{
    if (!empty_history(lab) || !all_in(lab) || !others_are_gone(lab)) {
        return false;
    }
    if (!operator_line_do(&lab->lines[0], "restore", lab->drive, LAB_SNAPSHOT)) {
        return lab_fail(lab, "the drive does not go back to its first state");
    }
    for (unsigned i = 0; i < lab->profile->sessions; i++) {
        if (!quiet(lab, i)) {
            return false;
        }
        lab->nexus[i] = (uint8_t)i;
    }
    lab->next_nexus = (uint8_t)lab->profile->sessions;
    if (!empty_history(lab)) {
        return false;
    }
    memset(&lab->book, 0, sizeof(lab->book));
    lab->book.random = seed;
    lab_model_start(&lab->start, lab->shelf->discs, lab->profile->sessions);
    set_quirks(lab);
    return !*lab->failure;
}
