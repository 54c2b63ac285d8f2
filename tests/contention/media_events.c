/* SPDX-License-Identifier: GPL-2.0-only */
#include "media_events.h"

#include <string.h>

#define EVENT_BYTES 8
#define MEDIA_CLASS 4
#define MEDIA_BIT   0x10
#define MEDIA_OPEN  0x01
#define MEDIA_THERE 0x02

enum media_code { NOTHING, EJECT_ASKED, NEW_MEDIA, REMOVED };

static bool is_ready(const struct oracle *o)
{
    return o->disc && !o->tray_open && !o->loading;
}

/* One said twice in a row is one; who does not ask keeps the newest. */
static void post(struct lab_events *e, uint8_t code)
{
    if (e->count && e->code[e->count - 1] == code) {
        return;
    }
    if (e->count == LAB_EVENTS_MAX) {
        memmove(e->code, e->code + 1, --e->count);
    }
    e->code[e->count++] = code;
}

static void post_to_all(struct lab_model *m, uint8_t code)
{
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        if (m->oracle.nexus[n].here) {
            post(&m->events[n], code);
        }
    }
}

void media_events_eject_asked(struct lab_model *m)
{
    post_to_all(m, EJECT_ASKED);
}

void media_events_post(struct lab_model *m, const struct oracle *before)
{
    const struct oracle *o = &m->oracle;

    if (before->disc && !before->tray_open && o->tray_open) {
        post_to_all(m, REMOVED);
    }
    if (!is_ready(before) && is_ready(o)) {
        post_to_all(m, NEW_MEDIA);
    }
}

static uint8_t take_event(struct lab_events *e)
{
    const uint8_t code = e->count ? e->code[0] : NOTHING;

    if (e->count) {
        memmove(e->code, e->code + 1, --e->count);
    }
    return code;
}

const char *media_events_judge(struct lab_model *m, const struct op *op, bool is_seen)
{
    const uint8_t status = (uint8_t)((m->oracle.tray_open ? MEDIA_OPEN : 0) |
                                     (is_ready(&m->oracle) ? MEDIA_THERE : 0));
    const uint8_t code = take_event(&m->events[op->nexus]);
    const uint8_t reply[EVENT_BYTES] = {0, 6, MEDIA_CLASS, MEDIA_BIT, code, status};
    static _Thread_local char text[120];

    if (!is_seen || (op->in_bytes == sizeof(reply) && memcmp(op->in, reply, sizeof(reply)) == 0)) {
        return NULL;
    }
    snprintf(text, sizeof(text), "MEDIA_EVENT (6.4): expected event %u, status %u, seen %u, %u",
             code, status, op->in[4], op->in[5]);
    return text;
}
