/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads (mmc-spec 3.2, 6.10): what is asked, whether it is on the disc, whether it may leave the
 * drive. The bytes themselves come later, from whoever runs the fetch of the reply.
 */
#include "commands.h"

#include "scsi/cdb.h"
#include "scsi/opcodes.h"

#define READ_CD_TYPE          0x1c /* byte 1: expected sector type */
#define READ_CD_TYPE_ANY      0x00
#define READ_CD_TYPE_MODE_1   0x08
#define READ_CD_MAIN_AT       9
#define READ_CD_MAIN          0xfe
#define READ_CD_USER_DATA     0x10
#define READ_CD_SUBCHANNEL_AT 10
#define READ_CD_SUBCHANNEL    0x07
#define VERIFY_BYTCHK         0x06
#define VERIFY_BYTCHK_ALL     0x02

/* No sum that could wrap: both numbers come from the wire. */
static bool on_disc(const struct disc *disc, struct cdb_extent e)
{
    return e.lba <= disc->blocks && e.blocks <= disc->blocks - e.lba;
}

static struct scsi_sense judge_gated(const struct drive *d)
{
    if (!d->state.asf) {
        return sense_of(SENSE_SCRAMBLED_SECTOR);
    }
    if (d->personality.quirks.region_read == REGION_READ_REFUSE && !drive_region_fits(d)) {
        return sense_of(SENSE_REGION_MISMATCH);
    }
    return SENSE_OK;
}

static struct scsi_sense judge_extent(const struct drive *d, struct cdb_extent e)
{
    if (!on_disc(d->disc, e)) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    return e.blocks && disc_range_is_gated(d->disc, e.lba, e.blocks) ? judge_gated(d) : SENSE_OK;
}

static struct scsi_sense read_extent(const struct drive *d, struct scsi_request *rq,
                                     struct cdb_extent e)
{
    struct scsi_sense sense = judge_extent(d, e);

    if (!sense.check) {
        rq->medium_lba = e.lba;
        rq->medium_blocks = e.blocks;
    }
    return sense;
}

struct scsi_sense cmd_read_10(struct drive *d, struct scsi_request *rq)
{
    return read_extent(d, rq, cdb_extent_10(rq->cdb));
}

struct scsi_sense cmd_read_12(struct drive *d, struct scsi_request *rq)
{
    return read_extent(d, rq, cdb_extent_12(rq->cdb));
}

/* Headers, EDC, C2 and subchannels do not exist on a DVD. */
struct scsi_sense check_read_cd(struct drive *d, struct scsi_request *rq)
{
    unsigned type = rq->cdb[1] & READ_CD_TYPE;
    unsigned main_channel = rq->cdb[READ_CD_MAIN_AT] & READ_CD_MAIN;

    (void)d;
    if (type != READ_CD_TYPE_ANY && type != READ_CD_TYPE_MODE_1) {
        return sense_cdb_field(1);
    }
    if (main_channel != 0 && main_channel != READ_CD_USER_DATA) {
        return sense_cdb_field(READ_CD_MAIN_AT);
    }
    if (rq->cdb[READ_CD_SUBCHANNEL_AT] & READ_CD_SUBCHANNEL) {
        return sense_cdb_field(READ_CD_SUBCHANNEL_AT);
    }
    return SENSE_OK;
}

static struct scsi_sense read_cd_extent(const struct drive *d, struct scsi_request *rq,
                                        struct cdb_extent e)
{
    bool wants_data = (rq->cdb[READ_CD_MAIN_AT] & READ_CD_MAIN) == READ_CD_USER_DATA;

    return wants_data ? read_extent(d, rq, e) : judge_extent(d, e);
}

struct scsi_sense cmd_read_cd(struct drive *d, struct scsi_request *rq)
{
    return read_cd_extent(d, rq, cdb_read_cd(rq->cdb));
}

struct scsi_sense cmd_read_cd_msf(struct drive *d, struct scsi_request *rq)
{
    int64_t first = cdb_msf_lba(rq->cdb + 3), end = cdb_msf_lba(rq->cdb + 6);

    if (first < 0) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    if (end < first) {
        return sense_cdb_field(6);
    }
    return read_cd_extent(d, rq, (struct cdb_extent){(uint32_t)first, (uint32_t)(end - first)});
}

struct scsi_sense cmd_seek(struct drive *d, struct scsi_request *rq)
{
    struct cdb_extent target = {cdb_extent_10(rq->cdb).lba, 1};

    if (!on_disc(d->disc, target)) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    d->work = (struct work){WORK_SEEK, target.lba, 0};
    return SENSE_OK;
}

struct scsi_sense cmd_verify(struct drive *d, struct scsi_request *rq)
{
    struct cdb_extent e = cdb_extent_10(rq->cdb);
    unsigned bytchk = rq->cdb[1] & VERIFY_BYTCHK;
    struct scsi_sense sense;

    if (bytchk == 0) {
        return on_disc(d->disc, e) ? SENSE_OK : sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    if (bytchk != VERIFY_BYTCHK_ALL) {
        return sense_cdb_field(1);
    }
    rq->param_bytes = (size_t)e.blocks * SCSI_BLOCK_BYTES;
    sense = read_extent(d, rq, e);
    if (!sense.check && rq->out_bytes < rq->param_bytes) {
        return sense_of(SENSE_LIST_LENGTH);
    }
    rq->medium_compare = true;
    return sense;
}
