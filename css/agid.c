/* SPDX-License-Identifier: GPL-2.0-only */
#include "agid.h"

#define TO(state, action)                                                                          \
    {                                                                                              \
        AGID_##state, AGID_##action                                                                \
    }

/* The ways out that every granted slot has. */
#define LEAVE [AGID_EV_INVALIDATE] = TO(FREE, WIPE), [AGID_EV_RESET] = TO(FREE, WIPE)
/* A host challenge restarts the exchange wherever it stands. */
#define RESTART [AGID_EV_HOST_CHALLENGE] = TO(HCHAL, STORE_CHALLENGE)

/* clang-format off */
/* A cell that is not written is {0, AGID_REFUSE}. */
const struct agid_machine agid_standard = {{
    [AGID_FREE] = {
        [AGID_EV_GRANT]          = TO(GRANTED, DRAW_VARIANT),
        [AGID_EV_INVALIDATE]     = TO(FREE,    NOTHING),
        [AGID_EV_RESET]          = TO(FREE,    NOTHING),
    },
    [AGID_GRANTED] = {
        RESTART,
        LEAVE,
    },
    [AGID_HCHAL] = {
        RESTART,
        [AGID_EV_READ_KEY1]      = TO(KEY1,    MAKE_KEY1),
        LEAVE,
    },
    [AGID_KEY1] = {
        RESTART,
        [AGID_EV_READ_KEY1]      = TO(KEY1,    REPEAT),
        [AGID_EV_READ_CHALLENGE] = TO(DCHAL,   DRAW_CHALLENGE),
        LEAVE,
    },
    [AGID_DCHAL] = {
        RESTART,
        [AGID_EV_READ_CHALLENGE] = TO(DCHAL,   REPEAT),
        [AGID_EV_KEY2_OK]        = TO(BUSKEY,  SET_BUS_KEY),
        [AGID_EV_KEY2_BAD]       = TO(FREE,    WIPE),
        LEAVE,
    },
    [AGID_BUSKEY] = {
        RESTART,
        [AGID_EV_READ_KEY]       = TO(FREE,    WIPE),
        LEAVE,
    },
}};
/* clang-format on */

enum agid_action agid_peek(const struct agid_machine *machine, const struct agid_slot *slot,
                           enum agid_event event)
{
    return (enum agid_action)machine->cells[slot->state][event].action;
}

void agid_restart(struct agid_slot *slot)
{
    *slot = (struct agid_slot){.state = AGID_GRANTED, .variant = slot->variant};
}

enum agid_action agid_step(const struct agid_machine *machine, struct agid_slot *slot,
                           enum agid_event event)
{
    const struct agid_cell cell = machine->cells[slot->state][event];

    switch (cell.action) {
    case AGID_REFUSE:
        return AGID_REFUSE;
    case AGID_WIPE:
        *slot = (struct agid_slot){0};
        break;
    case AGID_STORE_CHALLENGE: /* nothing of an exchange that went before may be answered with */
    case AGID_BEGIN:
        agid_restart(slot);
        break;
    default:
        break;
    }
    slot->state = cell.next;
    return (enum agid_action)cell.action;
}

static const char *const state_names[AGID_STATES] = {
    [AGID_FREE] = "FREE", [AGID_GRANTED] = "GRANTED", [AGID_HCHAL] = "HCHAL",
    [AGID_KEY1] = "KEY1", [AGID_DCHAL] = "DCHAL",     [AGID_BUSKEY] = "BUSKEY",
};

static const char *const event_names[AGID_EVENTS] = {
    [AGID_EV_GRANT] = "GRANT",         [AGID_EV_HOST_CHALLENGE] = "HOST_CHALLENGE",
    [AGID_EV_READ_KEY1] = "READ_KEY1", [AGID_EV_READ_CHALLENGE] = "READ_CHALLENGE",
    [AGID_EV_KEY2_OK] = "KEY2_OK",     [AGID_EV_KEY2_BAD] = "KEY2_BAD",
    [AGID_EV_READ_KEY] = "READ_KEY",   [AGID_EV_INVALIDATE] = "INVALIDATE",
    [AGID_EV_RESET] = "RESET",
};

static const char *const action_names[AGID_ACTIONS] = {
    [AGID_REFUSE] = "REFUSE",
    [AGID_NOTHING] = "NOTHING",
    [AGID_DRAW_VARIANT] = "DRAW_VARIANT",
    [AGID_STORE_CHALLENGE] = "STORE_CHALLENGE",
    [AGID_BEGIN] = "BEGIN",
    [AGID_MAKE_KEY1] = "MAKE_KEY1",
    [AGID_REPEAT] = "REPEAT",
    [AGID_DRAW_CHALLENGE] = "DRAW_CHALLENGE",
    [AGID_SET_BUS_KEY] = "SET_BUS_KEY",
    [AGID_WIPE] = "WIPE",
};

const char *agid_state_name(enum agid_state state)
{
    return (unsigned)state < AGID_STATES ? state_names[state] : "?";
}

const char *agid_event_name(enum agid_event event)
{
    return (unsigned)event < AGID_EVENTS ? event_names[event] : "?";
}

const char *agid_action_name(enum agid_action action)
{
    return (unsigned)action < AGID_ACTIONS ? action_names[action] : "?";
}
