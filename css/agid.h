/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file agid.h
 * The authentication state machine of one AGID, as a table.
 *
 * Rows are states, columns are events; a cell that is not written is a refusal. The machine knows
 * events, not commands: who turns REPORT KEY and SEND KEY into events, and does what an action
 * asks, is the caller. Source: docs/spec/mmc-spec.md 2.2, 2.3.
 */
#ifndef DVDEMU_AGID_H
#define DVDEMU_AGID_H

#include "css.h"

enum agid_state {
    AGID_FREE,    /**< not granted */
    AGID_GRANTED, /**< handed out */
    AGID_HCHAL,   /**< host challenge received */
    AGID_KEY1,    /**< KEY1 reported */
    AGID_DCHAL,   /**< drive challenge reported */
    AGID_BUSKEY,  /**< KEY2 accepted: one key transfer allowed */
    AGID_STATES
};

enum agid_event {
    AGID_EV_GRANT,          /**< REPORT KEY 00h chose this slot */
    AGID_EV_HOST_CHALLENGE, /**< SEND KEY 01h */
    AGID_EV_READ_KEY1,      /**< REPORT KEY 02h */
    AGID_EV_READ_CHALLENGE, /**< REPORT KEY 01h */
    AGID_EV_KEY2_OK,        /**< SEND KEY 03h, right */
    AGID_EV_KEY2_BAD,       /**< SEND KEY 03h, wrong */
    AGID_EV_READ_KEY,       /**< a disc key or title key has been transferred */
    AGID_EV_INVALIDATE,     /**< REPORT KEY or SEND KEY 3Fh */
    AGID_EV_RESET,          /**< medium removed, reset, power on */
    AGID_EVENTS
};

enum agid_action {
    AGID_REFUSE,          /**< nothing changes; the caller answers with the sense of the refusal */
    AGID_NOTHING,         /**< accepted, nothing to do */
    AGID_DRAW_VARIANT,    /**< draw this exchange's variant */
    AGID_STORE_CHALLENGE, /**< store the host's challenge */
    AGID_BEGIN,           /**< draw a variant, then store the host's challenge */
    AGID_MAKE_KEY1,       /**< compute and send KEY1 */
    AGID_REPEAT,          /**< send again what was sent */
    AGID_DRAW_CHALLENGE,  /**< draw and send the drive's challenge */
    AGID_SET_BUS_KEY,     /**< compute the bus key */
    AGID_WIPE,            /**< forget all of the exchange */
    AGID_ACTIONS
};

struct agid_cell {
    uint8_t next;   /**< enum agid_state */
    uint8_t action; /**< enum agid_action */
};

/** A machine: rows are states, columns are events. */
struct agid_machine {
    struct agid_cell cells[AGID_STATES][AGID_EVENTS];
};

/** The standard's. A cell of action AGID_REFUSE leaves the state as it is. */
extern const struct agid_machine agid_standard;

/** One slot: everything an exchange has to remember. All zero is a free slot. */
struct agid_slot {
    uint8_t state; /**< enum agid_state */
    uint8_t variant;
    css_challenge host_challenge;
    css_challenge drive_challenge;
    css_key1 key1;
    css_bus_key bus_key;
};

/**
 * Move one slot by one event. Refused: AGID_REFUSE, nothing changed. Otherwise the state is
 * changed and the action returned; AGID_WIPE has been done already (the slot is all zero), and of
 * AGID_STORE_CHALLENGE and AGID_BEGIN the forgetting of what went before.
 */
enum agid_action agid_step(const struct agid_machine *machine, struct agid_slot *slot,
                           enum agid_event event);

/** What agid_step() would do, without doing it. */
enum agid_action agid_peek(const struct agid_machine *machine, const struct agid_slot *slot,
                           enum agid_event event);

/** Forget challenges and keys of a slot that is held: it is as it was granted. */
void agid_restart(struct agid_slot *slot);

/** Names for logs, docs and tests; never NULL, "?" out of range. */
const char *agid_state_name(enum agid_state state);
const char *agid_event_name(enum agid_event event);
const char *agid_action_name(enum agid_action action);

#endif
