/* SPDX-License-Identifier: GPL-2.0-only */
/* GET EVENT STATUS NOTIFICATION (mmc-spec 6.4). By default media events only: windows-spec b.3. */
#include "commands.h"

#include <string.h>

#define POLLED 0x01

#define NO_EVENT_AVAILABLE 0x80
#define CLASS_MEDIA        4
#define EVENT_HEADER_BYTES 4
#define EVENT_BYTES        4

/*
 * Event classes and what they say while nothing happens; but for media nothing ever does. A drive
 * supports media and what its personality adds.
 */
static const struct event_class {
    uint8_t number;
    uint8_t idle[EVENT_BYTES];
} classes[] = {
    {1, {0}},           /* operational change */
    {2, {0x00, 0x01}},  /* power management: active */
    {3, {0}},           /* external request */
    {CLASS_MEDIA, {0}}, /* built by put_media() */
    {6, {0}},           /* device busy: it is not */
};

/* Media status, byte 5 */
#define MEDIA_TRAY_OPEN 0x01
#define MEDIA_PRESENT   0x02

struct scsi_sense check_get_event_status(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return rq->cdb[1] & POLLED ? SENSE_OK : sense_cdb_field(1);
}

static uint8_t take_event(struct drive_nexus *nexus)
{
    uint8_t event = nexus->state.events[0];

    if (nexus->state.event_count == 0) {
        return MEDIA_NO_CHANGE;
    }
    nexus->state.event_count--;
    memmove(nexus->state.events, nexus->state.events + 1, nexus->state.event_count);
    nexus->state.events[nexus->state.event_count] = MEDIA_NO_CHANGE; /* equal states, equal bytes */
    return event;
}

static uint8_t media_status(const struct drive *d)
{
    return (uint8_t)((d->state.tray_open ? MEDIA_TRAY_OPEN : 0) |
                     (drive_has_medium(d) ? MEDIA_PRESENT : 0));
}

/* One class a reply: that of an event that waits, else the lowest asked for. NULL: none. */
static const struct event_class *choose(unsigned asked, const struct drive_nexus *nexus)
{
    const struct event_class *first = NULL;

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (!(asked & 1u << classes[i].number)) {
            continue;
        }
        if (classes[i].number == CLASS_MEDIA && nexus->state.event_count) {
            return &classes[i];
        }
        first = first ? first : &classes[i];
    }
    return first;
}

static void put_media(struct drive *d, struct scsi_request *rq)
{
    /* An event that the allocation length cuts off is not reported, so it stays (MMC) */
    const bool reported = rq->alloc_bytes > EVENT_HEADER_BYTES;

    di_u8(&rq->in, reported ? take_event(rq->nexus) : MEDIA_NO_CHANGE);
    di_u8(&rq->in, media_status(d));
    di_zero(&rq->in, 2); /* slots */
}

struct scsi_sense cmd_get_event_status(struct drive *d, struct scsi_request *rq)
{
    const uint8_t supported = d->personality.event_classes.b[0];
    const struct event_class *class = choose(rq->cdb[4] & supported, rq->nexus);
    const size_t length = di_open(&rq->in, 2);

    di_u8(&rq->in, class ? class->number : NO_EVENT_AVAILABLE);
    di_u8(&rq->in, supported);
    if (class && class->number == CLASS_MEDIA) {
        put_media(d, rq);
    } else if (class) {
        di_bytes(&rq->in, class->idle, sizeof(class->idle));
    }
    di_close(&rq->in, length, 2);
    return SENSE_OK;
}
