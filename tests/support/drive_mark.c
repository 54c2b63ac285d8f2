/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_mark.h"

#include "emulator/drive_snapshot.h"

#include <stdio.h>
#include <string.h>

#define TEXT_BYTES 128

void drive_mark_take(struct drive_mark *mark, struct drive *d)
{
    size_t count = 0;

    drive_tick(d);
    mark->state = d->state;
    mark->disc = d->disc;
    mark->counters = d->counters;
    for (const struct drive_nexus *n = d->nexuses; n && count < DRIVE_MARK_NEXUSES; n = n->next) {
        mark->nexus[count++] = n->state;
    }
}

/* A drive that takes its time is busy with a refusal as well. */
static bool is_the_mechanism(const struct state_row *row)
{
    return strncmp(row->name, "mechanism.", strlen("mechanism.")) == 0;
}

/* The first row whose bytes differ; NULL: none does. */
static const char *row_differs(const struct state_row *rows, const void *was, const void *is,
                               bool mechanism_too)
{
    for (const struct state_row *row = rows; row->name; row++) {
        const size_t bytes = (size_t)row->width * row->count;

        if ((mechanism_too || !is_the_mechanism(row)) &&
            memcmp((const char *)was + row->offset, (const char *)is + row->offset, bytes) != 0) {
            return row->name;
        }
    }
    return NULL;
}

const char *drive_mark_differs(const struct drive_mark *mark, const struct drive *d)
{
    static _Thread_local char text[TEXT_BYTES];
    const char *name = row_differs(drive_state_rows, &mark->state, &d->state,
                                   d->personality.quirks.speed != SPEED_REAL);
    size_t count = 0;

    for (const struct drive_nexus *n = d->nexuses; !name && n && count < DRIVE_MARK_NEXUSES;
         n = n->next) {
        name = row_differs(nexus_state_rows, &mark->nexus[count++], &n->state, true);
    }
    if (!name && mark->disc != d->disc) {
        name = "disc";
    }
    if (!name) {
        return NULL;
    }
    snprintf(text, sizeof(text), "a refused command changed %s", name);
    return text;
}

const char *drive_mark_ended_once(const struct drive_mark *mark, const struct drive *d, bool check)
{
    const struct drive_counters *was = &mark->counters, *is = &d->counters;
    const uint64_t refusals = is->refusals - was->refusals;

    if (is->commands - was->commands != 1) {
        return "a command did not end once";
    }
    /* the fetch of a reply that was good may still fail, but for nothing else */
    return refusals > 1 || (refusals && !check) ? "a command ended with two statuses" : NULL;
}
