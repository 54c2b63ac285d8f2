/* SPDX-License-Identifier: GPL-2.0-only */
#include "agid_pool.h"

#include "css/css.h"

#include <string.h>

#define CDB_AGID_AT  10
#define VARIANT_MASK (CSS_VARIANTS - 1)

#define WHEN(member, value) offsetof(struct quirks, member), value

/* Cells of the standard's machine that a value of a quirk replaces. */
/* clang-format off */
static const struct {
    size_t quirk;
    uint8_t value;
    uint8_t state, event;
    struct agid_cell cell;
} other_cells[] = {
    {WHEN(agid_ungranted,       UNGRANTED_IGNORE), AGID_FREE,  AGID_EV_HOST_CHALLENGE, {AGID_HCHAL, AGID_BEGIN}},
    {WHEN(invalidate_ungranted, INVALIDATE_2400),  AGID_FREE,  AGID_EV_INVALIDATE,     {AGID_FREE,  AGID_REFUSE}},
    {WHEN(repeat_reply,         REPLY_REJECT),     AGID_KEY1,  AGID_EV_READ_KEY1,      {AGID_FREE,  AGID_REFUSE}},
    {WHEN(repeat_reply,         REPLY_REJECT),     AGID_DCHAL, AGID_EV_READ_CHALLENGE, {AGID_FREE,  AGID_REFUSE}},
    {WHEN(bad_key2_agid,        BAD_KEY2_STAY),    AGID_DCHAL, AGID_EV_KEY2_BAD,       {AGID_DCHAL, AGID_NOTHING}},
};

/* What happens when no AGID is free. */
static const struct {
    bool reuses, only_once, frees_all;
    enum sense_id sense;
} exhausted_rows[] = {
    [EXHAUSTED_5500]            = {false, false, false, SENSE_NO_AGID_AVAILABLE},
    [EXHAUSTED_2C00]            = {false, false, false, SENSE_SEQUENCE_ERROR},
    [EXHAUSTED_2C00_INVALIDATE] = {false, false, true,  SENSE_SEQUENCE_ERROR},
    [EXHAUSTED_REUSE]           = {true,  false, false, SENSE_NO_AGID_AVAILABLE},
    [EXHAUSTED_6F01_INVALIDATE] = {false, false, true,  SENSE_KEY_NOT_PRESENT},
    [EXHAUSTED_REUSE_THEN_6F01] = {true,  true,  true,  SENSE_KEY_NOT_PRESENT},
    [EXHAUSTED_SENSE0]          = {false, false, false, SENSE_NO_SENSE},
};
/* clang-format on */

void agid_pool_init(struct drive *d)
{
    const uint8_t *quirks = (const uint8_t *)&d->personality.quirks;

    d->agid_machine = agid_standard;
    for (size_t i = 0; i < sizeof(other_cells) / sizeof(other_cells[0]); i++) {
        if (quirks[other_cells[i].quirk] == other_cells[i].value) {
            d->agid_machine.cells[other_cells[i].state][other_cells[i].event] = other_cells[i].cell;
        }
    }
}

/* The n-th AGID in the order in which they are granted. */
static uint8_t in_order(const struct drive *d, uint8_t n)
{
    return d->personality.quirks.agid_order == AGID_LOWEST ? n : (uint8_t)(DRIVE_AGIDS - 1 - n);
}

static bool has(const struct drive *d, uint8_t agid)
{
    return in_order(d, agid) < d->personality.quirks.agid_count;
}

uint8_t agid_pool_addressed(const struct drive *d, uint8_t agid)
{
    return d->personality.quirks.agid_field == FIELD_CHECKED ? agid : in_order(d, 0);
}

enum agid_action agid_pool_peek(const struct drive *d, uint8_t agid, enum agid_event event)
{
    if (event == AGID_EV_HOST_CHALLENGE && !has(d, agid)) {
        return AGID_REFUSE; /* not even where an AGID need not be granted */
    }
    return agid_peek(&d->agid_machine, &d->state.agids[agid], event);
}

static void draw_variant(struct drive *d, struct agid_slot *slot)
{
    slot->variant = d->personality.quirks.variant;
    if (slot->variant == QUIRK_VARIANT_RANDOM) {
        drive_random(d, &slot->variant, 1);
        slot->variant &= VARIANT_MASK;
    }
}

enum agid_action agid_pool_step(struct drive *d, uint8_t agid, enum agid_event event)
{
    struct agid_slot *slot = &d->state.agids[agid];
    enum agid_action action = agid_pool_peek(d, agid, event);

    if (action != AGID_REFUSE) {
        agid_step(&d->agid_machine, slot, event);
    }
    if (action == AGID_DRAW_VARIANT || action == AGID_BEGIN) {
        draw_variant(d, slot);
    }
    return action;
}

struct scsi_sense agid_pool_grant(struct drive *d, uint8_t *agid)
{
    const struct quirks *q = &d->personality.quirks;

    for (uint8_t n = 0; n < q->agid_count; n++) {
        *agid = in_order(d, n);
        if (agid_pool_step(d, *agid, AGID_EV_GRANT) != AGID_REFUSE) {
            d->state.agid_reused = false;
            return SENSE_OK;
        }
    }
    if (exhausted_rows[q->agid_exhausted].reuses &&
        !(exhausted_rows[q->agid_exhausted].only_once && d->state.agid_reused)) {
        *agid = in_order(d, 0);
        agid_pool_step(d, *agid, AGID_EV_RESET);
        agid_pool_step(d, *agid, AGID_EV_GRANT);
        d->state.agid_reused = true;
        return SENSE_OK;
    }
    if (exhausted_rows[q->agid_exhausted].frees_all) {
        agid_pool_free_all(d);
    }
    return sense_of(exhausted_rows[q->agid_exhausted].sense);
}

struct scsi_sense agid_pool_refuse(struct drive *d, uint8_t agid)
{
    const struct quirks *q = &d->personality.quirks;
    struct agid_slot *slot = &d->state.agids[agid];

    if (slot->state == AGID_FREE) {
        return q->agid_ungranted == UNGRANTED_2400 ? sense_cdb_field(CDB_AGID_AT)
                                                   : sense_of(SENSE_SEQUENCE_ERROR);
    }
    if (q->out_of_order_resets == ORDER_GRANTED) {
        agid_restart(slot);
    } else if (q->out_of_order_resets == ORDER_FREE) {
        agid_pool_step(d, agid, AGID_EV_RESET);
    }
    return sense_of(SENSE_SEQUENCE_ERROR);
}

void agid_pool_free_all(struct drive *d)
{
    for (uint8_t agid = 0; agid < DRIVE_AGIDS; agid++) {
        agid_pool_step(d, agid, AGID_EV_RESET);
    }
}
