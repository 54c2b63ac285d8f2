/* SPDX-License-Identifier: GPL-2.0-only */
/* Speed and streaming (mmc-spec 6.9). A drive that takes no time answers as if it did. */
#include "commands.h"

#include "scsi/be.h"

#define TYPE_PERFORMANCE 0x00
#define TYPE_WRITE_SPEED 0x03

/* GET PERFORMANCE byte 1 */
#define EXCEPT_BITS       0x03
#define WRITE_BIT         0x04
#define TOLERANCE_BITS    0x18
#define TOLERANCE_DEFAULT 0x10 /* 10b: 10 % nominal, 20 % exceptions */

/* Reply header byte 4 */
#define HEADER_WRITE  0x02
#define HEADER_EXCEPT 0x01

#define DESCRIPTOR_BYTES     16
#define HEADER_TAIL_BYTES    4 /* of the header, behind the length field */
#define STREAMING_LIST_BYTES 28
#define RESTORE_DEFAULTS     0x04   /* of that list, byte 0 */
#define BEST_SPEED           0xffff /* of SET CD SPEED */

/* Constant angular velocity: slowest at the hub, as mode page 2Ah says at the rim. */
static const struct {
    uint32_t inner_kb_s, outer_kb_s;
} speeds[] = {
    [DISC_DVD] = {0x23d1, 0x5690}, /* 6.6x to 16x of 1385 kB/s */
    [DISC_CD] = {3000, 7056},      /* 17x to 40x of 176.4 kB/s */
};

struct scsi_sense check_get_performance(struct drive *d, struct scsi_request *rq)
{
    const uint8_t type = rq->cdb[10];

    (void)d;
    if (type == TYPE_WRITE_SPEED) {
        return SENSE_OK;
    }
    if (type != TYPE_PERFORMANCE) {
        return sense_cdb_field(10);
    }
    if ((rq->cdb[1] & TOLERANCE_BITS) != TOLERANCE_DEFAULT) {
        return sense_cdb_field(1);
    }
    rq->gates |= GATE_MEDIUM;
    return SENSE_OK;
}

static uint8_t header_flags(uint8_t data_type)
{
    return (uint8_t)((data_type & WRITE_BIT ? HEADER_WRITE : 0) |
                     (data_type & EXCEPT_BITS ? HEADER_EXCEPT : 0));
}

struct scsi_sense cmd_get_performance(struct drive *d, struct scsi_request *rq)
{
    const bool performance = rq->cdb[10] == TYPE_PERFORMANCE;
    const uint8_t flags = performance ? header_flags(rq->cdb[1]) : 0;
    const bool nominal_read = performance && flags == 0;
    const uint16_t descriptors_max = be16_get(rq->cdb + 8);

    di_be32(&rq->in, HEADER_TAIL_BYTES + (nominal_read ? DESCRIPTOR_BYTES : 0));
    di_u8(&rq->in, flags);
    di_zero(&rq->in, 3);
    if (nominal_read && descriptors_max > 0) {
        di_be32(&rq->in, 0);
        di_be32(&rq->in, speeds[d->disc->kind].inner_kb_s);
        di_be32(&rq->in, d->disc->blocks - 1);
        di_be32(&rq->in, speeds[d->disc->kind].outer_kb_s);
    }
    return SENSE_OK;
}

/* Felt only where the drive takes its time (latency.h). */
static void set_limit(struct drive *d, uint64_t kb_s)
{
    d->state.mechanism.limit_kb_s = kb_s < UINT32_MAX ? (uint32_t)kb_s : 0;
}

/* Read size in kB per read time in ms. */
static uint64_t streaming_kb_s(const uint8_t *list)
{
    const uint32_t ms = be32_get(list + 16);

    return ms ? (uint64_t)be32_get(list + 12) * 1000 / ms : 0;
}

struct scsi_sense cmd_set_streaming(struct drive *d, struct scsi_request *rq)
{
    if (rq->cdb[8] != TYPE_PERFORMANCE) {
        return sense_cdb_field(8);
    }
    if (rq->param_bytes != STREAMING_LIST_BYTES || rq->out_bytes < STREAMING_LIST_BYTES) {
        return sense_of(SENSE_LIST_LENGTH);
    }
    set_limit(d, rq->out[0] & RESTORE_DEFAULTS ? 0 : streaming_kb_s(rq->out));
    return SENSE_OK;
}

struct scsi_sense cmd_set_cd_speed(struct drive *d, struct scsi_request *rq)
{
    const uint16_t kb_s = be16_get(rq->cdb + 2);

    set_limit(d, kb_s == BEST_SPEED ? 0 : kb_s);
    return SENSE_OK;
}

struct scsi_sense cmd_set_read_ahead(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    (void)rq;
    return SENSE_OK;
}
