/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations of the control protocol for experiments: regions as wanted, states kept and put back.
 */
#include "control_exchange.h"

#include "drive_snapshot.h"
#include "error_line.h"

#include <stdlib.h>
#include <string.h>

/* ---- region ---- */

#define STATUS_MASK_DIGITS 4

/* "set": status and mask byte of the RPC reply that is wanted, four hexadecimal digits. */
static bool wanted_region(struct exchange *x, struct region_state *region)
{
    const char *set = control_text(x->in, "set");
    unsigned long bytes;
    char *end;

    if (!set) {
        return error_line(x->error, "set: a text of %d hexadecimal digits", STATUS_MASK_DIGITS);
    }
    bytes = strtoul(set, &end, 16);
    if (strlen(set) != STATUS_MASK_DIGITS || *end ||
        !region_from_reply(region, (uint8_t)(bytes >> 8), (uint8_t)bytes)) {
        return error_line(x->error,
                          "set: '%s' is no status and mask byte of an RPC reply: counters of at "
                          "most %d and %d, and the type that belongs to them",
                          set, REGION_VENDOR_RESETS, REGION_USER_CHANGES);
    }
    return true;
}

bool control_op_region(struct exchange *x)
{
    struct drive_host *host = control_chosen(x);
    struct region_state region;

    if (!host) {
        return false;
    }
    region = host->drive.state.region;
    if (json_object_get_boolean(json_object_object_get(x->in, "vendor_reset")) &&
        !region_vendor_reset(&region)) {
        return error_line(x->error, "vendor_reset: none is left");
    }
    if (json_object_object_get(x->in, "set") && !wanted_region(x, &region)) {
        return false;
    }
    if (!drive_change_region(&host->drive, &region)) {
        return error_line(x->error, "the new state cannot be kept: see the daemon's log");
    }
    json_object_object_add(x->out, "region", control_region(host));
    return true;
}

/* ---- clock ---- */

#define ADVANCE_MS_MAX 0x7fffffff
#define US_PER_MS      1000u

/* "advance_ms": lets so much time pass; the answer says what the clock says. */
bool control_op_clock(struct exchange *x)
{
    const struct control_services *s = x->services;
    struct json_object *advance = json_object_object_get(x->in, "advance_ms");
    const int64_t ms = json_object_get_int64(advance);
    struct drive_host *host = control_chosen(x);

    if (!host) {
        return false;
    }
    if (advance) {
        if (ms < 0 || ms > ADVANCE_MS_MAX) {
            return error_line(x->error, "advance_ms: a number from 0 to %d", ADVANCE_MS_MAX);
        }
        if (!drive_host_advance(host, (uint64_t)ms * US_PER_MS, x->error)) {
            return false;
        }
        if (s->clock_moved) {
            s->clock_moved(s->ctx, host);
        }
    }
    control_put_text(x->out, "clock", host->virtual_clock ? "virtual" : "real");
    control_put_number(x->out, "now_us", drive_host_now_us(host));
    return true;
}

/* ---- state ---- */

static void put_hash(struct json_object *object, const uint8_t hash[static DRIVE_HASH_BYTES])
{
    char text[2 * DRIVE_HASH_BYTES + 1];

    for (size_t i = 0; i < DRIVE_HASH_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    control_put_text(object, "hash", text);
}

/* The answer of all of them: the state that the drive is in now, and which are kept. */
static bool tell_state(struct exchange *x, struct drive_host *host)
{
    struct json_object *kept = json_object_new_array();
    uint8_t hash[DRIVE_HASH_BYTES];

    drive_hash(&host->drive, hash);
    put_hash(x->out, hash);
    for (const struct host_snapshot *s = host->snapshots; s; s = s->next) {
        struct json_object *row = json_object_new_object();

        control_put_text(row, "name", s->name);
        drive_snapshot_hash(s->snapshot, hash);
        put_hash(row, hash);
        json_object_array_add(kept, row);
    }
    json_object_object_add(x->out, "kept", kept);
    return true;
}

bool control_op_hash(struct exchange *x)
{
    struct drive_host *host = control_chosen(x);

    return host && tell_state(x, host);
}

static bool with_name(struct exchange *x,
                      bool (*fn)(struct drive_host *host, const char *name, char *error))
{
    struct drive_host *host = control_chosen(x);
    const char *name = control_text(x->in, "name");

    if (!host) {
        return false;
    }
    if (!name || !*name) {
        return error_line(x->error, "name: of the state, is missing");
    }
    return fn(host, name, x->error) && tell_state(x, host);
}

bool control_op_snapshot(struct exchange *x)
{
    return with_name(x, drive_host_snapshot);
}

bool control_op_restore(struct exchange *x)
{
    return with_name(x, drive_host_restore);
}

bool control_op_forget(struct exchange *x)
{
    return with_name(x, drive_host_forget);
}
