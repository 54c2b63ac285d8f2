/* SPDX-License-Identifier: GPL-2.0-only */
/* The model's state as bytes, and against what can be seen of a drive from inside. */
#include "oracle_turn.h"

#include <string.h>

struct writer {
    uint8_t *at;
    size_t bytes;
};

static void put(struct writer *w, const void *bytes, size_t count)
{
    memcpy(w->at + w->bytes, bytes, count);
    w->bytes += count;
}

static void put_number(struct writer *w, uint64_t value, size_t count)
{
    for (size_t i = count; i-- > 0; value >>= 8) {
        w->at[w->bytes + i] = (uint8_t)value;
    }
    w->bytes += count;
}

static void put_slot(struct writer *w, const struct oracle_slot *slot, enum oracle_detail detail)
{
    put_number(w, slot->state, 1);
    if (detail == ORACLE_SHAPE) {
        return;
    }
    put_number(w, slot->variants, 4);
    put(w, slot->host_challenge, sizeof(slot->host_challenge));
    put_number(w, slot->drive_challenge_known, 1);
    put(w, slot->drive_challenge, sizeof(slot->drive_challenge));
    put(w, slot->key2, sizeof(slot->key2));
}

static void put_nexus(struct writer *w, const struct oracle_nexus *nexus)
{
    put_number(w, nexus->here, 1);
    put_number(w, nexus->attentions, 1);
    put_number(w, (unsigned)nexus->prevent | (unsigned)nexus->prevent_persistent << 1, 1);
}

size_t oracle_state(const struct oracle *o, enum oracle_detail detail,
                    uint8_t out[static ORACLE_STATE_BYTES_MAX])
{
    struct writer w = {out, 0};

    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        put_number(&w, o->quirk[id], 4);
    }
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        put_slot(&w, &o->slot[n], detail);
    }
    put_number(&w, o->asf, 1);
    put_number(&w, o->last_grant_was_reuse, 1);
    put_number(&w, o->key_went_out, 1);
    put_number(&w, o->region.vendor_resets, 1);
    put_number(&w, o->region.user_changes, 1);
    put_number(&w, o->region.mask, 1);
    put_number(&w, o->disc != NULL, 1);
    put_number(&w, o->disc ? o->disc->id : 0, 4);
    put_number(&w, o->tray_open, 1);
    put_number(&w, o->loading, 1);
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        put_nexus(&w, &o->nexus[n]);
    }
    if (detail == ORACLE_WHOLE && o->loading) {
        put_number(&w, o->ready_at_ms - o->now_ms, 8);
    }
    return w.bytes;
}

/* ---- invariant 4 for the drive ---- */

static const char *slots_differ(const struct oracle *o, const struct oracle_seen *seen)
{
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        if (seen->slot_state[n] != o->slot[n].state) {
            return oracle_complain(
                ORACLE_STATE_OF_SLOT, "AGID %u: expected %s, seen %s", n,
                oracle_slot_state_name((enum oracle_slot_state)o->slot[n].state),
                seen->slot_state[n] < ORACLE_SLOT_STATES
                    ? oracle_slot_state_name((enum oracle_slot_state)seen->slot_state[n])
                    : "no state");
        }
    }
    return NULL;
}

static const char *region_differs(const struct oracle *o, const struct oracle_seen *seen)
{
    const struct oracle_region *r = &o->region;

    if (seen->vendor_resets == r->vendor_resets && seen->user_changes == r->user_changes &&
        seen->region_mask == r->mask) {
        return NULL;
    }
    return oracle_complain(ORACLE_STATE_OF_REGION,
                           "expected %u resets, %u changes, mask %02X, seen %u, %u, %02X",
                           r->vendor_resets, r->user_changes, r->mask, seen->vendor_resets,
                           seen->user_changes, seen->region_mask);
}

static const char *nexus_differs(const struct oracle *o, const struct oracle_seen *seen, unsigned n)
{
    const struct oracle_nexus *is = &seen->nexus[n], *has = &o->nexus[n];

    if (is->here != has->here || is->attentions != has->attentions) {
        return oracle_complain(ORACLE_STATE_OF_ATTENTION,
                               "nexus %u: expected attentions %u, seen %u (1 06/29, 2 06/28)", n,
                               has->attentions, is->attentions);
    }
    if (is->prevent != has->prevent || is->prevent_persistent != has->prevent_persistent) {
        return oracle_complain(ORACLE_STATE_OF_PREVENT, "nexus %u: expected %d, %d, seen %d, %d", n,
                               has->prevent, has->prevent_persistent, is->prevent,
                               is->prevent_persistent);
    }
    return NULL;
}

const char *oracle_same_state(const struct oracle *o, const struct oracle_seen *seen)
{
    const char *text = slots_differ(o, seen);

    if (!text && seen->asf != o->asf) {
        text = oracle_complain(ORACLE_STATE_OF_ASF, "expected %d, seen %d", o->asf, seen->asf);
    }
    if (!text) {
        text = region_differs(o, seen);
    }
    if (!text && (seen->tray_open != o->tray_open || seen->disc_in != (o->disc != NULL))) {
        text = oracle_complain(ORACLE_STATE_OF_TRAY, "expected open %d, disc %d, seen %d, %d",
                               o->tray_open, o->disc != NULL, seen->tray_open, seen->disc_in);
    }
    for (unsigned n = 0; !text && n < ORACLE_NEXUSES; n++) {
        text = nexus_differs(o, seen, n);
    }
    return text;
}
