/* SPDX-License-Identifier: GPL-2.0-only */
/* What a lane can begin: commands, requests about tasks, sessions that come and go, operators. */
#include "lanes.h"

#define CLOCK_MOST_MS 900

/* ---- sessions that go ---- */

static void forget_lanes(struct run *run, unsigned session)
{
    for (unsigned i = 0; i < HOST_LANES; i++) {
        struct lane *lane = &run->lanes[session * SESSION_LANES + i];

        run->tally->leaked_agids += lane->holds_agid;
        *lane = (struct lane){.role = lane->role, .place = lane->place};
    }
}

static struct op *begin_gone(struct run *run, unsigned session, const char *name)
{
    struct op *gone = history_begin(&run->lab->h, OP_GONE, (uint8_t)session, name);

    if (gone) {
        gone->nexus = run->lab->nexus[session];
    }
    return gone;
}

static bool drop(struct run *run, unsigned session, bool reset)
{
    struct lab *lab = run->lab;
    const bool begun = begin_gone(run, session, reset ? "connection reset" : "connection closed");

    host_session_free(lab->sessions[session], reset);
    lab->sessions[session] = NULL;
    forget_lanes(run, session);
    return begun;
}

/* A command that is under way may keep tgtd's session longer than its connection. */
static bool has_command_under_way(const struct run *run, unsigned session)
{
    for (unsigned i = 0; i < HOST_LANES; i++) {
        const struct op *op = run->lanes[session * SESSION_LANES + i].op;

        if (op && !op->answered) {
            return true;
        }
    }
    return false;
}

static bool begin_logout(struct run *run, struct lane *lane)
{
    struct op *gone = begin_gone(run, lane->place, "logout");

    lane->is_leaving = true;
    lane->gone = has_command_under_way(run, lane->place) ? NULL : gone;
    return gone && host_session_logout(run->lab->sessions[lane->place]);
}

void lane_has_left(struct run *run, struct lane *lane)
{
    if (lane->gone) {
        history_answer(&run->lab->h, lane->gone, OP_GOOD);
        lane->gone = NULL;
    }
    host_session_free(run->lab->sessions[lane->place], false);
    run->lab->sessions[lane->place] = NULL;
    forget_lanes(run, lane->place);
    lane->is_leaving = false;
}

/* ---- task management ---- */

/*
 * tgtd forgets the first of two requests that meet one command, be it only that the command's
 * answer waits for its socket (tgt-notes 8): one at a time, then.
 */
static bool task_request_is_safe(const struct run *run)
{
    for (unsigned i = 0; i < LANES; i++) {
        const struct op *op = run->lanes[i].op;

        if (op && (op->kind == OP_RESET || op->kind == OP_ABORT)) {
            return false;
        }
    }
    return true;
}

/* The one that was begun last: it is answered last, if at all. */
static const struct op *command_of(const struct run *run, unsigned session)
{
    const struct lane *lanes = &run->lanes[session * SESSION_LANES];
    const struct op *last = NULL;

    for (unsigned i = 0; i < HOST_LANES; i++) {
        if (lanes[i].op && (!last || lanes[i].op->begun > last->begun)) {
            last = lanes[i].op;
        }
    }
    return last;
}

static bool begin_reset(struct run *run, struct lane *lane)
{
    struct op *op = history_begin(&run->lab->h, OP_RESET, lane->place, "LUN RESET");

    lane->op = op;
    return op && host_session_reset(run->lab->sessions[lane->place], op);
}

static bool begin_abort(struct run *run, struct lane *lane)
{
    const struct op *target = command_of(run, lane->place);
    struct op *op = history_begin(&run->lab->h, OP_ABORT, lane->place, "ABORT TASK");

    lane->op = op;
    if (op) {
        op->number = target->begun;
    }
    return op && host_session_abort(run->lab->sessions[lane->place], op, target);
}

static bool begin_abort_all(struct run *run, struct lane *lane)
{
    struct op *op = history_begin(&run->lab->h, OP_ABORT, lane->place, "ABORT TASK SET");

    lane->op = op;
    return op && host_session_abort_all(run->lab->sessions[lane->place], op);
}

/* ---- the rest ---- */

static bool left_something_running(const struct history *h, uint8_t nexus)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct op *op = &h->ops[i];

        if (op->kind == OP_COMMAND && op->nexus == nexus && !op->answered) {
            return true;
        }
    }
    return false;
}

/*
 * The same name and ISID: at its end the session of before is gone, if it was not yet. But tgtd
 * keeps one whose command has not come to its end (tgt-notes 8), and what it prevents.
 */
static void end_predecessor(struct history *h, const struct op *login, uint8_t nexus)
{
    if (left_something_running(h, nexus)) {
        return;
    }
    for (size_t i = 0; i < h->count; i++) {
        struct op *op = &h->ops[i];

        if (op->kind == OP_GONE && op->nexus == nexus && !op->answered) {
            op->end = OP_GOOD;
            op->answered = login->answered;
        }
    }
}

static bool begin_login(struct run *run, struct lane *lane)
{
    const uint8_t before = run->lab->nexus[lane->place];

    lane->op = lab_login(run->lab, lane->place, run->lab->next_nexus++);
    if (lane->op) {
        end_predecessor(&run->lab->h, lane->op, before);
    }
    return lane->op;
}

static bool begin_operation(struct run *run, struct lane *lane, enum op_kind kind, uint32_t number)
{
    static const char *const names[OP_KINDS] = {
        [OP_INSERT] = "insert", [OP_EJECT] = "eject", [OP_CLOCK] = "clock"};
    struct op *op = history_begin(&run->lab->h, kind, HISTORY_OPERATOR, names[kind]);

    lane->op = op;
    if (op) {
        op->number = number;
    }
    return op && lab_operate(run->lab, lane->place, op);
}

static bool begin_step(struct run *run, struct lane *lane, enum step step)
{
    struct op *op = lab_step_begin(&run->lab->h, step, lane->place, run->lab->nexus[lane->place],
                                   &run->lab->book, lane->agid);

    lane->op = op;
    return op && host_session_command(run->lab->sessions[lane->place], op);
}

bool lane_begin(struct run *run, struct lane *lane, unsigned deed)
{
    switch (deed) {
    case DEED_RESET:
        return begin_reset(run, lane);
    case DEED_ABORT:
        return begin_abort(run, lane);
    case DEED_ABORT_ALL:
        return begin_abort_all(run, lane);
    case DEED_DROP:
    case DEED_RST:
        return drop(run, lane->place, deed == DEED_RST);
    case DEED_LOGOUT:
        return begin_logout(run, lane);
    case DEED_LOGIN:
        return begin_login(run, lane);
    case DEED_OPERATOR_EJECT:
        return begin_operation(run, lane, OP_EJECT, 0);
    case DEED_INSERT_0:
    case DEED_INSERT_1:
        return begin_operation(run, lane, OP_INSERT, deed - DEED_INSERT_0);
    case DEED_CLOCK:
        return begin_operation(run, lane, OP_CLOCK, 1 + walk_below(&run->r, CLOCK_MOST_MS));
    default:
        return begin_step(run, lane, (enum step)deed);
    }
}

/* What cannot be done now is left out. */
bool lane_can(const struct run *run, const struct lane *lane, unsigned deed)
{
    const bool is_in = lane->role != ROLE_MANAGER || run->lab->sessions[lane->place];

    switch (deed) {
    case SCRIPT_END:
        return false;
    case DEED_RESET:
    case DEED_ABORT_ALL:
        return is_in && task_request_is_safe(run);
    case DEED_ABORT:
        return is_in && task_request_is_safe(run) && command_of(run, lane->place);
    case DEED_DROP:
    case DEED_RST:
    case DEED_LOGOUT:
        return is_in && run->lab->next_nexus < ORACLE_NEXUSES;
    case DEED_LOGIN:
        return !is_in && run->lab->next_nexus < ORACLE_NEXUSES;
    default:
        return true;
    }
}
