/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "css/agid.h"

#define ACCEPTED_CELLS 25

/* The accepted cells, read row by row (command by command) off mmc-spec 2.3. */
/* clang-format off */
static const struct {
    enum agid_event event;
    enum agid_state from, to;
    enum agid_action action;
} accepted[] = {
    /* REPORT 00h: a free slot is granted */
    {AGID_EV_GRANT, AGID_FREE, AGID_GRANTED, AGID_DRAW_VARIANT},
    /* SEND 01h: (re)starts the exchange of any granted slot */
    {AGID_EV_HOST_CHALLENGE, AGID_GRANTED, AGID_HCHAL, AGID_STORE_CHALLENGE},
    {AGID_EV_HOST_CHALLENGE, AGID_HCHAL, AGID_HCHAL, AGID_STORE_CHALLENGE},
    {AGID_EV_HOST_CHALLENGE, AGID_KEY1, AGID_HCHAL, AGID_STORE_CHALLENGE},
    {AGID_EV_HOST_CHALLENGE, AGID_DCHAL, AGID_HCHAL, AGID_STORE_CHALLENGE},
    {AGID_EV_HOST_CHALLENGE, AGID_BUSKEY, AGID_HCHAL, AGID_STORE_CHALLENGE},
    /* REPORT 02h: KEY1, and the same again */
    {AGID_EV_READ_KEY1, AGID_HCHAL, AGID_KEY1, AGID_MAKE_KEY1},
    {AGID_EV_READ_KEY1, AGID_KEY1, AGID_KEY1, AGID_REPEAT},
    /* REPORT 01h: a new challenge, and the same again */
    {AGID_EV_READ_CHALLENGE, AGID_KEY1, AGID_DCHAL, AGID_DRAW_CHALLENGE},
    {AGID_EV_READ_CHALLENGE, AGID_DCHAL, AGID_DCHAL, AGID_REPEAT},
    /* SEND 03h: right or wrong */
    {AGID_EV_KEY2_OK, AGID_DCHAL, AGID_BUSKEY, AGID_SET_BUS_KEY},
    {AGID_EV_KEY2_BAD, AGID_DCHAL, AGID_FREE, AGID_WIPE},
    /* REPORT 04h, READ DVD STRUCTURE 02h: one key transfer uses the slot up */
    {AGID_EV_READ_KEY, AGID_BUSKEY, AGID_FREE, AGID_WIPE},
    /* REPORT or SEND 3Fh */
    {AGID_EV_INVALIDATE, AGID_FREE, AGID_FREE, AGID_NOTHING},
    {AGID_EV_INVALIDATE, AGID_GRANTED, AGID_FREE, AGID_WIPE},
    {AGID_EV_INVALIDATE, AGID_HCHAL, AGID_FREE, AGID_WIPE},
    {AGID_EV_INVALIDATE, AGID_KEY1, AGID_FREE, AGID_WIPE},
    {AGID_EV_INVALIDATE, AGID_DCHAL, AGID_FREE, AGID_WIPE},
    {AGID_EV_INVALIDATE, AGID_BUSKEY, AGID_FREE, AGID_WIPE},
    /* invalidating events */
    {AGID_EV_RESET, AGID_FREE, AGID_FREE, AGID_NOTHING},
    {AGID_EV_RESET, AGID_GRANTED, AGID_FREE, AGID_WIPE},
    {AGID_EV_RESET, AGID_HCHAL, AGID_FREE, AGID_WIPE},
    {AGID_EV_RESET, AGID_KEY1, AGID_FREE, AGID_WIPE},
    {AGID_EV_RESET, AGID_DCHAL, AGID_FREE, AGID_WIPE},
    {AGID_EV_RESET, AGID_BUSKEY, AGID_FREE, AGID_WIPE},
};
/* clang-format on */

_Static_assert(sizeof(accepted) / sizeof(accepted[0]) == ACCEPTED_CELLS, "mmc-spec 2.3");

static const struct agid_slot zero_slot;

/* A slot in a state with every other byte set. */
static struct agid_slot full_slot(enum agid_state state)
{
    struct agid_slot slot;

    memset(&slot, 0x5a, sizeof(slot));
    slot.state = (uint8_t)state;
    slot.variant = 13;
    return slot;
}

/* The row of a cell, or ACCEPTED_CELLS: a refusal. */
static size_t find_accepted(enum agid_state state, enum agid_event event)
{
    size_t i = 0;

    while (i < ACCEPTED_CELLS && (accepted[i].from != state || accepted[i].event != event)) {
        i++;
    }
    return i;
}

static void every_cell_does_what_the_standard_says(void)
{
    unsigned refused = 0;

    for (enum agid_state state = 0; state < AGID_STATES; state++) {
        for (enum agid_event event = 0; event < AGID_EVENTS; event++) {
            const size_t row = find_accepted(state, event);
            const struct agid_slot before = full_slot(state);
            struct agid_slot slot = before;

            if (row == ACCEPTED_CELLS) {
                CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, event), AGID_REFUSE);
                CHECK_SAME(&slot, &before, sizeof(slot));
                refused++;
                continue;
            }
            CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, event), accepted[row].action);
            CU_ASSERT_EQUAL(slot.state, accepted[row].to);
        }
    }
    CU_ASSERT_EQUAL(refused, AGID_STATES * AGID_EVENTS - ACCEPTED_CELLS);
}

static void peek_tells_the_action_and_changes_nothing(void)
{
    for (enum agid_state state = 0; state < AGID_STATES; state++) {
        for (enum agid_event event = 0; event < AGID_EVENTS; event++) {
            const struct agid_slot before = full_slot(state);
            struct agid_slot slot = before;
            const enum agid_action action = agid_peek(&agid_standard, &slot, event);

            CHECK_SAME(&slot, &before, sizeof(slot));
            CU_ASSERT_EQUAL(action, agid_step(&agid_standard, &slot, event));
        }
    }
}

static void wiped_slot_is_all_zero(void)
{
    struct agid_slot slot = full_slot(AGID_DCHAL);

    CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, AGID_EV_KEY2_BAD), AGID_WIPE);
    CHECK_SAME(&slot, &zero_slot, sizeof(slot));
    slot = full_slot(AGID_BUSKEY);
    CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, AGID_EV_READ_KEY), AGID_WIPE);
    CHECK_SAME(&slot, &zero_slot, sizeof(slot));
}

static void restarted_exchange_keeps_state_and_variant_only(void)
{
    const struct agid_slot expected = {.state = AGID_HCHAL, .variant = 13};
    struct agid_slot slot = full_slot(AGID_BUSKEY);

    CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, AGID_EV_HOST_CHALLENGE), AGID_STORE_CHALLENGE);
    CHECK_SAME(&slot, &expected, sizeof(slot));
}

static void other_steps_keep_what_the_slot_remembers(void)
{
    struct agid_slot slot = full_slot(AGID_DCHAL), expected = full_slot(AGID_BUSKEY);

    CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, AGID_EV_KEY2_OK), AGID_SET_BUS_KEY);
    CHECK_SAME(&slot, &expected, sizeof(slot));
}

/* mmc-spec 2.2: the nominal order. */
static void nominal_exchange_walks_from_free_to_free(void)
{
    static const enum agid_event events[] = {
        AGID_EV_GRANT,          AGID_EV_HOST_CHALLENGE, AGID_EV_READ_KEY1,
        AGID_EV_READ_CHALLENGE, AGID_EV_KEY2_OK,        AGID_EV_READ_KEY,
    };
    static const enum agid_action actions[] = {
        AGID_DRAW_VARIANT,   AGID_STORE_CHALLENGE, AGID_MAKE_KEY1,
        AGID_DRAW_CHALLENGE, AGID_SET_BUS_KEY,     AGID_WIPE,
    };
    struct agid_slot slot = zero_slot;

    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        CU_ASSERT_EQUAL(agid_step(&agid_standard, &slot, events[i]), actions[i]);
    }
    CHECK_SAME(&slot, &zero_slot, sizeof(slot));
}

static void names_are_those_of_the_specification(void)
{
    CU_ASSERT_STRING_EQUAL(agid_state_name(AGID_FREE), "FREE");
    CU_ASSERT_STRING_EQUAL(agid_state_name(AGID_BUSKEY), "BUSKEY");
    CU_ASSERT_STRING_EQUAL(agid_event_name(AGID_EV_HOST_CHALLENGE), "HOST_CHALLENGE");
    CU_ASSERT_STRING_EQUAL(agid_event_name(AGID_EV_RESET), "RESET");
    CU_ASSERT_STRING_EQUAL(agid_action_name(AGID_REFUSE), "REFUSE");
    CU_ASSERT_STRING_EQUAL(agid_action_name(AGID_WIPE), "WIPE");
}

static void every_name_exists_and_differs(void)
{
    for (enum agid_state a = 1; a < AGID_STATES; a++) {
        CU_ASSERT_STRING_NOT_EQUAL(agid_state_name(a), agid_state_name(a - 1));
    }
    for (enum agid_event a = 1; a < AGID_EVENTS; a++) {
        CU_ASSERT_STRING_NOT_EQUAL(agid_event_name(a), agid_event_name(a - 1));
    }
    for (enum agid_action a = 1; a < AGID_ACTIONS; a++) {
        CU_ASSERT_STRING_NOT_EQUAL(agid_action_name(a), agid_action_name(a - 1));
    }
}

static void names_out_of_range_are_a_question_mark(void)
{
    CU_ASSERT_STRING_EQUAL(agid_state_name(AGID_STATES), "?");
    CU_ASSERT_STRING_EQUAL(agid_event_name(AGID_EVENTS), "?");
    CU_ASSERT_STRING_EQUAL(agid_action_name(AGID_ACTIONS), "?");
}

UNIT_SUITE(agid, T(every_cell_does_what_the_standard_says),
           T(peek_tells_the_action_and_changes_nothing), T(wiped_slot_is_all_zero),
           T(restarted_exchange_keeps_state_and_variant_only),
           T(other_steps_keep_what_the_slot_remembers), T(nominal_exchange_walks_from_free_to_free),
           T(names_are_those_of_the_specification), T(every_name_exists_and_differs),
           T(names_out_of_range_are_a_question_mark));
