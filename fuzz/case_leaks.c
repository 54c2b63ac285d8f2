/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What no reply may hold, whatever command it answers and whatever the oracle thinks of it: a key
 * of the disc as it is stored, or the bus key of an exchange that is going on.
 */
#include "judged_case.h"

/* A key of equal bytes is found anywhere. */
static bool is_telling(const uint8_t key[static ORACLE_KEY_BYTES])
{
    return memcmp(key, key + 1, ORACLE_KEY_BYTES - 1) != 0;
}

static bool holds(const struct judged_drive *j, size_t bytes, const uint8_t *key)
{
    return is_telling(key) && memmem(j->in, bytes, key, ORACLE_KEY_BYTES) != NULL;
}

static bool holds_disc_key(const struct judged_drive *j, size_t bytes)
{
    const struct oracle_disc *disc = j->oracle.disc;

    return disc && disc->css && holds(j, bytes, disc->disc_key_block);
}

/* A drive that sends the first of them without bus key may. */
static bool holds_title_key(const struct judged_drive *j, size_t bytes)
{
    const struct oracle_disc *disc = j->oracle.disc;

    for (size_t i = 0; disc && disc->css && i < disc->run_count; i++) {
        if (disc->runs[i].has_key && holds(j, bytes, disc->runs[i].key)) {
            return !j->drive.personality.quirks.first_title_key_plain;
        }
    }
    return false;
}

/* Two AGIDs have one when nothing is drawn, and zeros under it are the key itself. */
static bool holds_bus_key(const struct judged_drive *j, size_t bytes)
{
    for (size_t n = 0; !j->random_stands_still && n < DRIVE_AGIDS; n++) {
        const struct agid_slot *slot = &j->drive.state.agids[n];

        if (slot->state == AGID_BUSKEY && holds(j, bytes, slot->bus_key.b)) {
            return true;
        }
    }
    return false;
}

const char *case_leak(const struct judged_case *c, size_t room)
{
    const struct judged_drive *j = &c->j;
    const size_t said = j->reply.in_bytes, bytes = said < room ? said : room;

    if (j->reply.sense.check || bytes < ORACLE_KEY_BYTES) {
        return NULL;
    }
    if (holds_disc_key(j, bytes) || holds_title_key(j, bytes)) {
        return "a reply holds a key of the disc as it is stored";
    }
    return holds_bus_key(j, bytes) ? "a reply holds the bus key" : NULL;
}
