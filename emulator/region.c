/* SPDX-License-Identifier: GPL-2.0-only */
#include "region.h"

#define MASK_UNSET 0xff

struct region_state region_factory(void)
{
    return (struct region_state){
        .vendor_resets = REGION_VENDOR_RESETS,
        .user_changes = REGION_USER_CHANGES,
        .mask = MASK_UNSET,
        .scheme = REGION_SCHEME_RPC2,
    };
}

enum region_type region_type(const struct region_state *state)
{
    if (state->user_changes == 0) {
        return REGION_PERM;
    }
    if (state->mask == MASK_UNSET) {
        return REGION_NONE;
    }
    return state->user_changes == 1 ? REGION_LAST_CHANCE : REGION_SET;
}

uint8_t region_status_byte(const struct region_state *state)
{
    return (uint8_t)((unsigned)region_type(state) << 6 | (state->vendor_resets & 7u) << 3 |
                     (state->user_changes & 7u));
}

bool region_from_reply(struct region_state *state, uint8_t status, uint8_t mask)
{
    const struct region_state said = {
        .vendor_resets = status >> 3 & 7,
        .user_changes = status & 7,
        .mask = mask,
        .scheme = state->scheme,
    };

    if (!region_is_in_range(&said) || region_status_byte(&said) != status) {
        return false;
    }
    *state = said;
    return true;
}

bool region_allows(const struct region_state *state, uint8_t rmi)
{
    return state->scheme == REGION_SCHEME_NONE || rmi == 0 || (~state->mask & ~rmi & 0xff) != 0;
}

static bool names_one_region(uint8_t mask)
{
    unsigned allowed = ~(unsigned)mask & 0xff;

    return allowed != 0 && (allowed & (allowed - 1)) == 0;
}

enum region_change region_set(struct region_state *state, uint8_t mask, uint8_t rmi,
                              bool same_counts)
{
    if (!names_one_region(mask)) {
        return REGION_BAD_MASK;
    }
    if ((~mask & rmi & 0xff) != 0) {
        return REGION_DISC_MISMATCH;
    }
    if (region_type(state) == REGION_PERM) {
        return REGION_EXHAUSTED;
    }
    if (state->mask == mask && !same_counts) {
        return REGION_SAME;
    }
    state->mask = mask;
    state->user_changes--;
    return REGION_CHANGED;
}

bool region_vendor_reset(struct region_state *state)
{
    if (state->vendor_resets == 0) {
        return false;
    }
    state->vendor_resets--;
    state->user_changes = REGION_USER_CHANGES;
    state->mask = MASK_UNSET;
    return true;
}

bool region_is_in_range(const struct region_state *state)
{
    return state->vendor_resets <= REGION_VENDOR_RESETS &&
           state->user_changes <= REGION_USER_CHANGES && state->scheme <= REGION_SCHEME_RPC2;
}

bool region_is_sane(const struct region_state *state)
{
    if (!region_is_in_range(state)) {
        return false;
    }
    if (state->mask == 0) {
        return true; /* a drive patched region-free, as captures show (mmc-spec 4.1) */
    }
    if (state->mask == MASK_UNSET) {
        return state->user_changes == REGION_USER_CHANGES;
    }
    return names_one_region(state->mask) && state->user_changes < REGION_USER_CHANGES;
}
