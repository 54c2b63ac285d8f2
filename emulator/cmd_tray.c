/* SPDX-License-Identifier: GPL-2.0-only */
/* Tray, lock and mechanism (mmc-spec 6.8). */
#include "commands.h"

#include "agid_pool.h"

#define CDB_START_AT 4
#define IMMED        0x01 /* byte 1 */
/* START STOP UNIT byte 4 */
#define START_BIT             0x01
#define LOEJ_BIT              0x02
#define POWER_CONDITION_SHIFT 4

/* PREVENT ALLOW byte 4 */
#define PREVENT_BIT    0x01
#define PERSISTENT_BIT 0x02

#define DOOR_OPEN              0x10 /* MECHANISM STATUS reply byte 1 */
#define MECHANISM_STATUS_BYTES 8

/*
 * A virtual drive is the same in every power condition, and takes the reserved ones too: stock
 * tgtd does, and libiscsi's suite asks for all of them.
 */
struct scsi_sense check_start_stop_unit(struct drive *d, struct scsi_request *rq)
{
    const unsigned condition = rq->cdb[4] >> POWER_CONDITION_SHIFT;

    (void)d;
    if (condition == 0 && !(rq->cdb[4] & LOEJ_BIT)) {
        rq->gates |= GATE_MEDIUM; /* spinning up or down takes a disc */
    }
    return SENSE_OK;
}

static void spin(struct drive *d, bool up, bool immediately)
{
    struct mechanism *m = &d->state.mechanism;

    if (!up && d->personality.quirks.spindown_drops_agids) {
        agid_pool_free_all(d);
    }
    if (up && m->stopped && !immediately) {
        d->work = (struct work){WORK_SEEK, 0, 0}; /* the answer waits for it */
    } else if (!up) {
        m->stopped = true; /* what comes next spins it up */
    }
}

struct scsi_sense cmd_start_stop_unit(struct drive *d, struct scsi_request *rq)
{
    const struct quirks *q = &d->personality.quirks;
    const bool start = rq->cdb[4] & START_BIT;

    /* With a power condition the other two bits mean nothing (SBC, MMC) */
    if (rq->cdb[4] >> POWER_CONDITION_SHIFT) {
        return SENSE_OK;
    }
    if (!(rq->cdb[4] & LOEJ_BIT)) {
        spin(d, start, rq->cdb[1] & IMMED);
        return SENSE_OK;
    }
    if (start) {
        if (q->loader == LOADER_SLIM) {
            return sense_cdb_field(CDB_START_AT);
        }
        drive_tray_close(d);
        return SENSE_OK;
    }
    if (drive_is_prevented(d)) {
        return sense_of(SENSE_REMOVAL_PREVENTED);
    }
    drive_tray_open(d);
    return SENSE_OK;
}

struct scsi_sense cmd_prevent_allow(struct drive *d, struct scsi_request *rq)
{
    struct drive_nexus *nexus = rq->nexus;
    const bool prevent = rq->cdb[4] & PREVENT_BIT;

    (void)d;
    if (rq->cdb[4] & PERSISTENT_BIT) {
        nexus->state.prevent_persistent = prevent;
    } else {
        nexus->state.prevent = prevent;
    }
    return SENSE_OK;
}

struct scsi_sense cmd_mechanism_status(struct drive *d, struct scsi_request *rq)
{
    di_u8(&rq->in, 0);
    di_u8(&rq->in, d->state.tray_open ? DOOR_OPEN : 0);
    di_zero(&rq->in, MECHANISM_STATUS_BYTES - 2); /* no LBA, no slots */
    return SENSE_OK;
}
