/* SPDX-License-Identifier: GPL-2.0-only */
/* GET EVENT STATUS NOTIFICATION (mmc-spec 6.4). Media events only: see windows-spec b.3. */
#include "commands.h"

#include <string.h>

#define POLLED 0x01

#define NO_EVENT_AVAILABLE 0x80
#define CLASS_MEDIA        4
#define SUPPORTED_CLASSES  (1u << CLASS_MEDIA)
#define EVENT_HEADER_BYTES 4

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
    return event;
}

static uint8_t media_status(const struct drive *d)
{
    return (uint8_t)((d->state.tray_open ? MEDIA_TRAY_OPEN : 0) |
                     (drive_has_medium(d) ? MEDIA_PRESENT : 0));
}

struct scsi_sense cmd_get_event_status(struct drive *d, struct scsi_request *rq)
{
    const bool asked = rq->cdb[4] & SUPPORTED_CLASSES;
    const size_t length = di_open(&rq->in, 2);

    di_u8(&rq->in, asked ? CLASS_MEDIA : NO_EVENT_AVAILABLE);
    di_u8(&rq->in, SUPPORTED_CLASSES);
    if (asked) {
        /* An event that the allocation length cuts off is not reported, so it stays (MMC) */
        bool reported = rq->alloc_bytes > EVENT_HEADER_BYTES;

        di_u8(&rq->in, reported ? take_event(rq->nexus) : MEDIA_NO_CHANGE);
        di_u8(&rq->in, media_status(d));
        di_zero(&rq->in, 2); /* slots */
    }
    di_close(&rq->in, length, 2);
    return SENSE_OK;
}
