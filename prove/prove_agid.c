/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css/agid.c. Assumed: the state of a slot and the event are of their enums; every cell of a
 * machine leads to a state. What a slot remembers is anything, and so are the actions of a machine
 * that is not the standard's.
 * unreached: agid agid_step 1: Frama-C ends a case with a jump of its own, here behind a return.
 */
#include "prove.h"

#include "css/agid.h"

static struct agid_slot any_slot(unsigned state)
{
    struct agid_slot slot;

    any_bytes(&slot, sizeof(slot));
    slot.state = (uint8_t)state;
    return slot;
}

static void step(const struct agid_machine *machine, unsigned state)
{
    const enum agid_event event = (enum agid_event)any_up_to(AGID_EVENTS - 1);
    struct agid_slot slot = any_slot(state);
    struct agid_slot wiped = any_slot(state);

    (void)agid_peek(machine, &slot, event);
    (void)agid_step(machine, &slot, event);
    //@ check slot.state < AGID_STATES;
    //@ check \initialized((uint8_t *)&slot + (0 .. sizeof(slot) - 1));
    agid_restart(&wiped);
    //@ check wiped.state == AGID_GRANTED && wiped.key1.b[0] == 0 && wiped.bus_key.b[4] == 0;
    (void)wiped;
}

static struct agid_machine any_machine(void)
{
    struct agid_machine machine;

    for (size_t state = 0; state < AGID_STATES; state++) {
        for (size_t event = 0; event < AGID_EVENTS; event++) {
            machine.cells[state][event].next = (uint8_t)any_up_to(AGID_STATES - 1);
            machine.cells[state][event].action = any_u8();
        }
    }
    return machine;
}

static void names(void)
{
    const char *state = agid_state_name((enum agid_state)any_u32());
    const char *event = agid_event_name((enum agid_event)any_u32());
    const char *action = agid_action_name((enum agid_action)any_u32());

    //@ check \valid_read(state) && \valid_read(event) && \valid_read(action);
    (void)state;
    (void)event;
    (void)action;
}

int main(void)
{
    const struct agid_machine other = any_machine();

    for (unsigned state = 0; state < AGID_STATES; state++) {
        step(&agid_standard, state);
        step(&other, state);
    }
    names();
    return 0;
}
