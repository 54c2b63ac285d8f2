/* SPDX-License-Identifier: GPL-2.0-only */
#include "lanes.h"

#include <string.h>

void lanes_set_up(struct run *run)
{
    for (unsigned i = 0; i < LANES; i++) {
        struct lane *lane = &run->lanes[i];
        const unsigned operator_number = i - LAB_SESSIONS * SESSION_LANES;

        if (i >= LAB_SESSIONS * SESSION_LANES) {
            *lane = (struct lane){.role = ROLE_OPERATOR, .place = (uint8_t)operator_number};
        } else {
            lane->role = i % SESSION_LANES < HOST_LANES ? ROLE_HOST : ROLE_MANAGER;
            lane->place = (uint8_t)(i / SESSION_LANES);
        }
    }
    for (unsigned role = 0; role < ROLES; role++) {
        run->may_disturb[role] = walk_chance(&run->r, 450);
    }
    /* what can be aborted is */
    run->may_disturb[ROLE_MANAGER] |= run->lab->profile->answers_late;
    /* few lanes come far in their exchanges, many get in each other's way */
    for (unsigned i = 1; i < LANES; i++) {
        const bool is_absent = run->lanes[i].role != ROLE_OPERATOR &&
                               run->lanes[i].place >= run->lab->profile->sessions;

        run->asleep |= (uint32_t)(walk_chance(&run->r, 300) || is_absent) << i;
    }
    run->collect_per_mille = 50 + walk_below(&run->r, 600);
    run->open_most = 2 + walk_below(&run->r, LANES - 2);
}

/* ---- who can do something ---- */

unsigned lanes_under_way(const struct run *run)
{
    unsigned count = 0;

    for (unsigned i = 0; i < LANES; i++) {
        count += run->lanes[i].op || run->lanes[i].is_leaving;
    }
    return count;
}

bool lanes_are_in_exchange(const struct run *run)
{
    for (unsigned i = 0; i < LANES; i++) {
        if (run->lanes[i].holds_agid) {
            return true;
        }
    }
    return false;
}

struct lane *lanes_manager(struct run *run, unsigned session)
{
    return &run->lanes[session * SESSION_LANES + HOST_LANES];
}

bool lane_is_idle(struct run *run, const struct lane *lane)
{
    const struct lane *manager;

    if (lane->op || lane->is_leaving) {
        return false;
    }
    if (lane->role != ROLE_HOST) {
        return true;
    }
    /* a session that comes or leaves sends nothing */
    manager = lanes_manager(run, lane->place);
    return run->lab->sessions[lane->place] && !manager->is_leaving &&
           !(manager->op && manager->op->kind == OP_LOGIN);
}

/* ---- scripts ---- */

static bool can_play(const struct run *run, enum role role, const struct script *s)
{
    return s->role == role && (s->is_calm || run->may_disturb[role]) &&
           (!s->needs_clock || run->lab->profile->virtual_clock);
}

/* NULL: there is nothing to be done in this role. */
static const struct script *draw_script(struct run *run, enum role role)
{
    unsigned sum = 0, draw;

    for (size_t i = 0; i < script_count; i++) {
        sum += can_play(run, role, &scripts[i]) ? scripts[i].weight : 0;
    }
    draw = walk_below(&run->r, sum ? sum : 1);
    for (size_t i = 0; i < script_count; i++) {
        const unsigned weight = can_play(run, role, &scripts[i]) ? scripts[i].weight : 0;

        if (draw < weight) {
            return &scripts[i];
        }
        draw -= weight;
    }
    return NULL;
}

/* What the lane does next; SCRIPT_END: nothing. */
unsigned lane_next_deed(struct run *run, struct lane *lane)
{
    if (!lane->script || lane->script->steps[lane->at] == SCRIPT_END) {
        lane->script = draw_script(run, lane->role);
        lane->at = 0;
        lane->holds_agid = false; /* left behind, if it had one */
        lane->agid = walk_below(&run->r, ORACLE_SLOTS);
    }
    return lane->script ? lane->script->steps[lane->at++] : SCRIPT_END;
}
