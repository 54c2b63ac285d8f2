/* SPDX-License-Identifier: GPL-2.0-only */
#include "lanes.h"

#include <stdio.h>

#define STEPS_LEAST    24
#define STEPS_DRAWN    57
#define ROOM_FOR_CLOCK 110 /* operations that moving a clock may take */

static bool begin_something(struct run *run)
{
    const unsigned number = walk_below(&run->r, LANES);
    struct lane *lane = &run->lanes[number];
    unsigned deed;

    if (run->asleep >> number & 1) {
        return true;
    }
    /* those who manage and operate do so less often than hosts work */
    if (!lane_is_idle(run, lane) || (lane->role != ROLE_HOST && walk_chance(&run->r, 600))) {
        return true;
    }
    deed = lane_next_deed(run, lane);
    if (!lane_can(run, lane, deed)) {
        return true;
    }
    tally_deed(run->tally, deed, lanes_are_in_exchange(run), lanes_under_way(run) > 0);
    return lane_begin(run, lane, deed);
}

static void learn(struct run *run, struct lane *lane)
{
    const struct op *op = lane->op;

    lab_step_learn(&run->lab->book, op);
    if (op->kind != OP_COMMAND || op->end != OP_GOOD) {
        return;
    }
    if (op->cdb[0] == 0xa4 && (op->cdb[10] & 0x3f) == 0x00) {
        lane->agid = op->in[7] >> 6;
        lane->holds_agid = true;
    }
    if (op->cdb[0] == 0xad || (op->cdb[0] == 0xa4 && (op->cdb[10] & 0x3f) == 0x04)) {
        lane->holds_agid = false;
    }
}

static bool collect(struct run *run, struct lane *lane)
{
    struct lane *manager = lanes_manager(run, lane->place);

    /* a session that leaves need not answer anything else */
    if (lane->role != ROLE_OPERATOR && manager->is_leaving) {
        if (!lab_wait_left(run->lab, lane->place)) {
            return false;
        }
        lane_has_left(run, manager);
        return true;
    }
    if (!lab_wait(run->lab, lane->op)) {
        return false;
    }
    learn(run, lane);
    lane->op = NULL;
    return true;
}

/* The one of those that wait with that number. */
static struct lane *waiting(struct run *run, unsigned number)
{
    struct lane *lane = run->lanes;

    while (!(lane->op || lane->is_leaving) || number-- > 0) {
        lane++;
    }
    return lane;
}

static bool collect_one(struct run *run, unsigned count)
{
    return collect(run, waiting(run, walk_below(&run->r, count)));
}

bool interleaving_run(struct lab *lab, uint32_t seed, struct tally *tally)
{
    struct run run = {.lab = lab, .tally = tally, .r = {seed}};
    unsigned steps, count;
    bool all = true;

    lanes_set_up(&run);
    steps = STEPS_LEAST + walk_below(&run.r, STEPS_DRAWN);
    for (size_t turns = 0;
         all && lab->h.count < HISTORY_OPS_MAX - ROOM_FOR_CLOCK && turns < 400 && steps > 0;
         turns++) {
        const size_t before = lab->h.count;

        count = lanes_under_way(&run);
        if (count >= run.open_most || (count && walk_chance(&run.r, run.collect_per_mille))) {
            all = collect_one(&run, count);
        } else {
            all = begin_something(&run);
            steps -= lab->h.count > before;
        }
    }
    while (all && (count = lanes_under_way(&run)) > 0) {
        all = collect_one(&run, count);
    }
    if (!all && !*lab->failure) {
        snprintf(lab->failure, sizeof(lab->failure), "something could not be sent");
    }
    return all;
}
