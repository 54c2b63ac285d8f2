/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emulator/region.c. Assumed: a state whose counters and scheme are in range; masks, region bits of
 * the disc and bytes of a reply are anything. Shown: no counter goes below zero, every call leaves
 * a state in range.
 */
#include "prove.h"

#include "emulator/region.h"

static void in_range(const struct region_state *state)
{
    //@ check state->vendor_resets <= REGION_VENDOR_RESETS;
    //@ check state->user_changes <= REGION_USER_CHANGES;
    //@ check state->scheme <= REGION_SCHEME_RPC2;
    (void)state;
}

static void change(struct region_state state)
{
    struct region_state set = state, reset = state;
    uint8_t status = region_status_byte(&state);

    //@ check (status & 7) == state.user_changes && (status >> 3 & 7) == state.vendor_resets;
    (void)status;
    (void)region_set(&set, any_u8(), any_u8(), any_bool());
    in_range(&set);
    (void)region_vendor_reset(&reset);
    in_range(&reset);
    (void)region_allows(&state, any_u8());
    (void)region_is_sane(&state);
}

static void every_reply(void)
{
    for (unsigned status = 0; status <= UINT8_MAX; status++) {
        struct region_state state = region_factory();

        (void)region_from_reply(&state, (uint8_t)status, any_u8());
        in_range(&state);
    }
}

static void any_state(void)
{
    struct region_state state;

    any_bytes(&state, sizeof(state));
    (void)region_is_in_range(&state);
    (void)region_is_sane(&state);
}

int main(void)
{
    const struct region_state factory = region_factory();

    in_range(&factory);
    every_reply();
    any_state();
    for (unsigned resets = 0; resets <= REGION_VENDOR_RESETS; resets++) {
        for (unsigned changes = 0; changes <= REGION_USER_CHANGES; changes++) {
            change((struct region_state){.vendor_resets = (uint8_t)resets,
                                         .user_changes = (uint8_t)changes,
                                         .mask = any_u8(),
                                         .scheme = (uint8_t)any_up_to(REGION_SCHEME_RPC2)});
        }
    }
    return 0;
}
