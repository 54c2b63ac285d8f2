/* SPDX-License-Identifier: GPL-2.0-only */
/* What `after:` says of the golden drive, and that all else is as it was. */
#include "golden_args.h"
#include "golden_drive.h"
#include "host_css.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Parts of the state that are either named or unchanged. */
enum part {
    PART_AGID_0,
    PART_AGID_3 = PART_AGID_0 + DRIVE_AGIDS - 1,
    PART_REGION,
    PART_STORED,
    PART_ASF,
    PART_TRAY,
    PART_DISC,
    PART_PREVENT,
    PART_EVENTS,
    PART_PAGES,
    PART_ATTENTION,
    PARTS
};

#define PART(member)                                                                               \
    offsetof(struct golden_state, member), sizeof(((struct golden_state *)0)->member)

static const struct {
    const char *name;
    size_t at, bytes;
} parts[PARTS] = {
    [PART_AGID_0] = {"agid 0", PART(agids[0])},
    [PART_AGID_0 + 1] = {"agid 1", PART(agids[1])},
    [PART_AGID_0 + 2] = {"agid 2", PART(agids[2])},
    [PART_AGID_3] = {"agid 3", PART(agids[3])},
    [PART_REGION] = {"region", PART(region)},
    [PART_STORED] = {"stored region", PART(stored)},
    [PART_ASF] = {"asf", PART(asf)},
    [PART_TRAY] = {"tray", PART(tray_open)},
    [PART_DISC] = {"disc", PART(disc_in)},
    [PART_PREVENT] = {"prevent", offsetof(struct golden_state, prevent), 3},
    [PART_EVENTS] = {"events", offsetof(struct golden_state, events), DRIVE_EVENTS_MAX + 1},
    [PART_PAGES] = {"pages", PART(page_values)},
    [PART_ATTENTION] = {"attention", PART(attentions)},
};

/* Whether what a slot holds belongs together, and a free one holds nothing. */
static bool slot_is_sound(const struct agid_slot *slot)
{
    static const struct agid_slot nothing;
    uint8_t key1[HOST_CSS_KEY_BYTES], key2[HOST_CSS_KEY_BYTES], bus_key[HOST_CSS_KEY_BYTES];

    if (slot->state == AGID_FREE) {
        return memcmp(slot, &nothing, sizeof(nothing)) == 0;
    }
    host_css_key1(slot->variant, slot->host_challenge.b, key1);
    host_css_key2(slot->variant, slot->drive_challenge.b, key2);
    host_css_bus_key(slot->variant, key1, key2, bus_key);
    return (slot->state < AGID_KEY1 || memcmp(slot->key1.b, key1, sizeof(key1)) == 0) &&
           (slot->state < AGID_BUSKEY || memcmp(slot->bus_key.b, bus_key, sizeof(bus_key)) == 0);
}

/* An expectation: what it speaks of goes into `said`. */
typedef bool holds_fn(struct golden_drive *g, const struct golden_word *w, unsigned *said);

static bool holds_agid(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    unsigned long n;
    unsigned state;

    if (!golden_slot(w->arg[1], &n) || !golden_agid_state(w->arg[2], &state)) {
        return false;
    }
    *said |= 1u << (PART_AGID_0 + n);
    return g->drive.state.agids[n].state == state && slot_is_sound(&g->drive.state.agids[n]);
}

/* Part of what a slot holds, so `agid` has to name it too. */
static bool holds_variant(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    unsigned long n, variant;

    (void)said;
    return golden_slot(w->arg[1], &n) && golden_number(w->arg[2], 10, 31, &variant) &&
           g->drive.state.agids[n].variant == variant;
}

static bool holds_name(const struct golden_word *w, const struct golden_name_row *names,
                       unsigned now)
{
    unsigned wanted;

    return golden_name(names, w->arg[1], &wanted) && wanted == now;
}

static bool holds_asf(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    *said |= 1u << PART_ASF;
    return holds_name(w, golden_truths, g->drive.state.asf);
}

static bool holds_tray(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    *said |= 1u << PART_TRAY;
    return holds_name(w, golden_trays, g->drive.state.tray_open);
}

static bool holds_disc(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    *said |= 1u << PART_DISC;
    return holds_name(w, golden_discs, g->drive.disc != NULL);
}

/* A changed region is a kept region. */
static bool holds_region(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    const struct region_state *now = &g->drive.state.region;
    uint8_t mask, changes;

    *said |= 1u << PART_REGION | 1u << PART_STORED;
    return golden_region(w->arg[1], &mask, &changes) && now->mask == mask &&
           now->user_changes == changes && now->scheme == g->before.region.scheme &&
           now->vendor_resets == g->before.region.vendor_resets &&
           memcmp(&g->stored, now, sizeof(*now)) == 0;
}

static bool holds_prevent(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    unsigned wanted;

    *said |= 1u << PART_PREVENT;
    return golden_name(golden_prevents, w->arg[1], &wanted) &&
           g->host->state.prevent == (wanted == PREVENT_HERE) &&
           g->host->state.prevent_persistent == (wanted == PREVENT_PERSISTENT) &&
           g->other->state.prevent == (wanted == PREVENT_OTHER);
}

static bool holds_attention(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    *said |= 1u << PART_ATTENTION;
    return holds_name(w, golden_attentions, g->host->state.attentions);
}

/* All events that wait, oldest first; `none`: no event. */
static bool holds_event(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    const struct drive_nexus *n = g->host;
    unsigned wanted;

    *said |= 1u << PART_EVENTS;
    if (strcmp(w->arg[1], "none") == 0) {
        return w->count == 2 && n->state.event_count == 0;
    }
    for (size_t i = 1; i < w->count; i++) {
        if (!golden_name(golden_events, w->arg[i], &wanted) || i > n->state.event_count ||
            n->state.events[i - 1] != wanted) {
            return false;
        }
    }
    return n->state.event_count == w->count - 1;
}

static bool holds_page(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    uint8_t value, *at = golden_page_byte(&g->drive, w, &value);

    *said |= 1u << PART_PAGES;
    return at && *at == value;
}

static const struct {
    const char *name;
    size_t args_min, args_max;
    holds_fn *holds;
} after_rows[] = {
    {"agid", 2, 2, holds_agid},
    {"asf", 1, 1, holds_asf},
    {"tray", 1, 1, holds_tray},
    {"disc", 1, 1, holds_disc},
    {"region", 1, 1, holds_region},
    {"prevent", 1, 1, holds_prevent},
    {"event", 1, 4, holds_event},
    {"attention", 1, 1, holds_attention},
    {"page", 4, 4, holds_page},
    {"variant", 2, 2, holds_variant},
    {NULL, 0, 0, NULL},
};

static bool word_holds(struct golden_drive *g, const struct golden_word *w, unsigned *said)
{
    for (size_t i = 0; after_rows[i].name; i++) {
        if (strcmp(after_rows[i].name, w->arg[0]) == 0) {
            return w->count - 1 >= after_rows[i].args_min &&
                   w->count - 1 <= after_rows[i].args_max && after_rows[i].holds(g, w, said);
        }
    }
    return false;
}

const char *golden_drive_judge(struct golden_drive *g, const struct golden_words *after,
                               bool events, char *text, size_t text_bytes)
{
    const struct golden_state now = golden_state_of(g);
    unsigned said = events ? 0 : 1u << PART_EVENTS;

    for (size_t i = 0; i < after->count; i++) {
        const struct golden_word *w = &after->word[i];

        if (!events && strcmp(w->arg[0], "event") == 0) {
            continue;
        }
        if (!word_holds(g, w, &said)) {
            snprintf(text, text_bytes, "after: `%s %s %s` does not hold", w->arg[0],
                     w->count > 1 ? w->arg[1] : "", w->count > 2 ? w->arg[2] : "");
            return text;
        }
    }
    for (size_t i = 0; i < PARTS; i++) {
        const char *was = (const char *)&g->before + parts[i].at;

        if (!(said & 1u << i) &&
            memcmp(was, (const char *)&now + parts[i].at, parts[i].bytes) != 0) {
            snprintf(text, text_bytes, "%s changed", parts[i].name);
            return text;
        }
    }
    return NULL;
}
