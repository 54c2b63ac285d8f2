/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file region.h
 * RPC state: what a drive knows of regions, and the rules by which it changes (mmc-spec 4).
 * Values only: keeping the state is the business of whoever owns the drive (region_store.h).
 */
#ifndef DVDEMU_REGION_H
#define DVDEMU_REGION_H

#include <stdbool.h>
#include <stdint.h>

#define REGION_VENDOR_RESETS 4
#define REGION_USER_CHANGES  5

enum region_scheme { REGION_SCHEME_NONE = 0, REGION_SCHEME_RPC2 = 1 };

/** Type code of the RPC reply, bits 7-6. */
enum region_type { REGION_NONE, REGION_SET, REGION_LAST_CHANCE, REGION_PERM };

struct region_state {
    uint8_t vendor_resets; /**< 0..4 left */
    uint8_t user_changes;  /**< 0..5 left */
    uint8_t mask;          /**< 0 bit: region allowed; FFh: none set */
    uint8_t scheme;        /**< enum region_scheme */
};

enum region_change {
    REGION_CHANGED,       /**< state is the new one */
    REGION_SAME,          /**< that region is set already: no change is counted */
    REGION_BAD_MASK,      /**< not exactly one 0 bit */
    REGION_DISC_MISMATCH, /**< the disc in the drive does not allow that region */
    REGION_EXHAUSTED      /**< no user change left */
};

/** 4 vendor resets, 5 user changes, no region, RPC-2. */
struct region_state region_factory(void);

/** Which of the four types of mmc-spec 4.1 a state is. */
enum region_type region_type(const struct region_state *state);

/** Byte 4 of the RPC reply: type, vendor resets, user changes. */
uint8_t region_status_byte(const struct region_state *state);

/**
 * Counters and mask from bytes 4 and 5 of an RPC reply; the scheme stays. False, unchanged: no
 * drive says so - a counter is too large, or the type is not the one that mmc-spec 4.1 gives them.
 */
bool region_from_reply(struct region_state *state, uint8_t status, uint8_t mask);

/** Whether a drive in this state plays a disc with this RMI (mmc-spec 3.3). */
bool region_allows(const struct region_state *state, uint8_t rmi);

/**
 * Set the region that `mask` names, in the order of checks of mmc-spec 4.3. `rmi` is the disc's;
 * 00h for a disc without region code. `same_counts`: the region that is set is a change like any
 * other. `state` changes only on REGION_CHANGED.
 */
enum region_change region_set(struct region_state *state, uint8_t mask, uint8_t rmi,
                              bool same_counts);

/**
 * A vendor reset, which no command of the drive makes: one vendor reset less, five user changes,
 * no region. False, unchanged, when no vendor reset is left.
 */
bool region_vendor_reset(struct region_state *state);

/** Whether every field is within what it can hold. */
bool region_is_in_range(const struct region_state *state);

/**
 * Whether the fields can belong together, as the rules above would leave them. A state in range
 * that is not so can only be pretended: an operator wanted it.
 */
bool region_is_sane(const struct region_state *state);

#endif
