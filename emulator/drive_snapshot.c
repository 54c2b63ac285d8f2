/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_snapshot.h"

#include "disc_digest.h"
#include "scsi/be.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#define STATE_VERSION 1

#define MEMBER(owner, member) sizeof(((struct owner *)0)->member)
#define ROW(owner, member)                                                                         \
    {                                                                                              \
#member, offsetof(struct owner, member), MEMBER(owner, member), 1                          \
    }
#define BYTES(owner, member)                                                                       \
    {                                                                                              \
#member, offsetof(struct owner, member), 1, MEMBER(owner, member)                          \
    }
#define SLOT(n)                                                                                    \
    ROW(drive_state, agids[n].state), ROW(drive_state, agids[n].variant),                          \
        BYTES(drive_state, agids[n].host_challenge), BYTES(drive_state, agids[n].drive_challenge), \
        BYTES(drive_state, agids[n].key1), BYTES(drive_state, agids[n].bus_key)

/* The order is part of what a hash names: rows are added at the end, with another version. */
const struct state_row drive_state_rows[] = {
    SLOT(0),
    SLOT(1),
    SLOT(2),
    SLOT(3),
    ROW(drive_state, agid_reused),
    ROW(drive_state, asf),
    ROW(drive_state, key_sent),
    ROW(drive_state, region.vendor_resets),
    ROW(drive_state, region.user_changes),
    ROW(drive_state, region.mask),
    ROW(drive_state, region.scheme),
    ROW(drive_state, tray_open),
    ROW(drive_state, loading),
    ROW(drive_state, ready_at_us),
    ROW(drive_state, clock_us),
    BYTES(drive_state, mode_values),
    ROW(drive_state, random.seeded),
    ROW(drive_state, random.seed),
    ROW(drive_state, random.state[0]),
    ROW(drive_state, random.state[1]),
    ROW(drive_state, random.state[2]),
    ROW(drive_state, random.state[3]),
    ROW(drive_state, mechanism.stopped),
    ROW(drive_state, mechanism.head_lba),
    ROW(drive_state, mechanism.head_us),
    ROW(drive_state, mechanism.busy_until_us),
    ROW(drive_state, mechanism.limit_kb_s),
    {NULL, 0, 0, 0},
};

const struct state_row nexus_state_rows[] = {
    ROW(nexus_state, attentions),         BYTES(nexus_state, events),
    ROW(nexus_state, event_count),        ROW(nexus_state, prevent),
    ROW(nexus_state, prevent_persistent), {NULL, 0, 0, 0},
};

/* ---- one form of every value ---- */

static void put_number(SHA2_CTX *sha, uint64_t number, size_t width)
{
    uint8_t bytes[sizeof(number)];

    be32_put(bytes, (uint32_t)(number >> 32));
    be32_put(bytes + 4, (uint32_t)number);
    SHA256Update(sha, bytes + sizeof(bytes) - width, width);
}

static uint64_t element(const void *state, const struct state_row *row, size_t i)
{
    const char *at = (const char *)state + row->offset + i * row->width;
    uint32_t four;
    uint64_t eight;

    switch (row->width) {
    case 1:
        return *(const uint8_t *)at;
    case sizeof(four):
        memcpy(&four, at, sizeof(four));
        return four;
    default:
        memcpy(&eight, at, sizeof(eight));
        return eight;
    }
}

static void put_rows(SHA2_CTX *sha, const struct state_row *rows, const void *state)
{
    for (const struct state_row *row = rows; row->name; row++) {
        for (size_t i = 0; i < row->count; i++) {
            put_number(sha, element(state, row, i), row->width);
        }
    }
}

/* ---- a state apart from its drive ---- */

struct kept_nexus {
    uint64_t id;
    struct nexus_state state;
};

struct drive_snapshot {
    struct drive_state state;
    struct disc *disc; /* one reference */
    uint8_t disc_digest[DISC_DIGEST_BYTES];
    size_t nexus_count;
    struct kept_nexus nexuses[]; /* ascending numbers */
};

static size_t count_nexuses(const struct drive *d)
{
    size_t count = 0;

    for (const struct drive_nexus *n = d->nexuses; n; n = n->next) {
        count++;
    }
    return count;
}

static int compare_ids(const void *a, const void *b)
{
    const struct kept_nexus *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static const uint8_t *digest_of(struct drive *d)
{
    if (d->disc && !d->disc_digest_known) {
        disc_digest(d->disc, d->disc_digest);
        d->disc_digest_known = true;
    }
    return d->disc_digest;
}

struct drive_snapshot *drive_snapshot_take(struct drive *d)
{
    const size_t count = count_nexuses(d);
    struct drive_snapshot *s = malloc(sizeof(*s) + count * sizeof(s->nexuses[0]));
    size_t i = 0;

    if (!s) {
        return NULL;
    }
    s->state = d->state;
    s->disc = disc_hold(d->disc);
    memcpy(s->disc_digest, digest_of(d), sizeof(s->disc_digest));
    s->nexus_count = count;
    for (const struct drive_nexus *n = d->nexuses; n; n = n->next) {
        s->nexuses[i++] = (struct kept_nexus){n->id, n->state};
    }
    qsort(s->nexuses, count, sizeof(s->nexuses[0]), compare_ids);
    return s;
}

void drive_snapshot_free(struct drive_snapshot *s)
{
    if (s) {
        disc_release(s->disc);
        free(s);
    }
}

static const struct nexus_state *find_kept(const struct drive_snapshot *s, uint64_t id)
{
    const struct kept_nexus key = {.id = id};
    const struct kept_nexus *kept =
        bsearch(&key, s->nexuses, s->nexus_count, sizeof(key), compare_ids);

    return kept ? &kept->state : NULL;
}

bool drive_snapshot_restore(struct drive *d, const struct drive_snapshot *s)
{
    if (s->state.random.seeded != d->state.random.seeded ||
        s->state.random.seed != d->state.random.seed || !drive_change_region(d, &s->state.region)) {
        return false;
    }
    drive_tick(d);
    d->clock_offset_us += s->state.clock_us - d->state.clock_us;
    d->state = s->state;
    if (d->disc != s->disc) {
        disc_release(d->disc);
        d->disc = disc_hold(s->disc);
        memcpy(d->disc_digest, s->disc_digest, sizeof(d->disc_digest));
        d->disc_digest_known = d->disc != NULL;
    }
    for (struct drive_nexus *n = d->nexuses; n; n = n->next) {
        const struct nexus_state *kept = find_kept(s, n->id);

        n->state = kept ? *kept : (struct nexus_state){.attentions = DRIVE_UA_POWER_ON};
    }
    return true;
}

/* ---- hash ---- */

void drive_snapshot_hash(const struct drive_snapshot *s, uint8_t out[static DRIVE_HASH_BYTES])
{
    SHA2_CTX sha;

    SHA256Init(&sha);
    put_number(&sha, STATE_VERSION, 4);
    put_rows(&sha, drive_state_rows, &s->state);
    put_number(&sha, s->disc != NULL, 1);
    if (s->disc) {
        SHA256Update(&sha, s->disc_digest, sizeof(s->disc_digest));
    }
    put_number(&sha, s->nexus_count, 4);
    for (size_t i = 0; i < s->nexus_count; i++) {
        put_number(&sha, s->nexuses[i].id, sizeof(s->nexuses[i].id));
        put_rows(&sha, nexus_state_rows, &s->nexuses[i].state);
    }
    SHA256Final(out, &sha);
}

void drive_hash(struct drive *d, uint8_t out[static DRIVE_HASH_BYTES])
{
    struct drive_snapshot *s = drive_snapshot_take(d);

    memset(out, 0, DRIVE_HASH_BYTES); /* of no state: no memory */
    if (s) {
        drive_snapshot_hash(s, out);
    }
    drive_snapshot_free(s);
}
