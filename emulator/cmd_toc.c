/* SPDX-License-Identifier: GPL-2.0-only */
/* What is on the disc: one session, one data track (mmc-spec 6.6, 6.7, 6.13). */
#include "commands.h"

#include "scsi/be.h"

#define FIRST_TRACK   1
#define LEAD_OUT      0xaa
#define DATA_TRACK    0x14 /* ADR 1, CONTROL 4: data, recorded uninterrupted */
#define MSF_BIT       0x02 /* READ TOC byte 1 */
#define PACKET_BLOCKS 16   /* packet size: an ECC block */

#define FRAMES_PER_SECOND 75u
#define FRAMES_PER_MINUTE (60u * FRAMES_PER_SECOND)
#define LEAD_IN_FRAMES    150u
#define MSF_MINUTES       256u

/* ---- READ FORMAT CAPACITIES, READ CAPACITY ---- */

#define FORMATTED_MEDIUM 0x02
#define NO_MEDIUM        0x03

struct scsi_sense cmd_read_format_capacities(struct drive *d, struct scsi_request *rq)
{
    const bool present = drive_has_medium(d);

    di_zero(&rq->in, 3);
    di_u8(&rq->in, 8); /* one descriptor */
    di_be32(&rq->in, present ? d->disc->blocks : 0);
    di_u8(&rq->in, present ? FORMATTED_MEDIUM : NO_MEDIUM);
    di_be24(&rq->in, DISC_BLOCK_BYTES);
    return SENSE_OK;
}

struct scsi_sense cmd_read_capacity(struct drive *d, struct scsi_request *rq)
{
    di_be32(&rq->in, d->disc->blocks - 1);
    di_be32(&rq->in, DISC_BLOCK_BYTES);
    return SENSE_OK;
}

/* ---- READ TOC ---- */

/* MSF has room for 256 minutes; what lies behind is told as the last frame of them. */
static void put_msf(struct datain *di, uint32_t lba)
{
    uint32_t frames = lba + LEAD_IN_FRAMES;

    if (frames >= MSF_MINUTES * FRAMES_PER_MINUTE) {
        frames = MSF_MINUTES * FRAMES_PER_MINUTE - 1;
    }
    di_u8(di, (uint8_t)(frames / FRAMES_PER_MINUTE));
    di_u8(di, (uint8_t)(frames % FRAMES_PER_MINUTE / FRAMES_PER_SECOND));
    di_u8(di, (uint8_t)(frames % FRAMES_PER_SECOND));
}

static void put_track(struct datain *di, uint8_t track, uint32_t lba, bool msf)
{
    di_u8(di, 0);
    di_u8(di, DATA_TRACK);
    di_u8(di, track);
    di_u8(di, 0);
    if (msf) {
        di_u8(di, 0);
        put_msf(di, lba);
    } else {
        di_be32(di, lba);
    }
}

static void toc_tracks(const struct drive *d, const struct scsi_request *rq, struct datain *di)
{
    const bool msf = rq->cdb[1] & MSF_BIT;

    if (rq->cdb[6] != LEAD_OUT) {
        put_track(di, FIRST_TRACK, 0, msf);
    }
    put_track(di, LEAD_OUT, d->disc->blocks, msf);
}

/* First track of the last complete session. */
static void toc_session(const struct drive *d, const struct scsi_request *rq, struct datain *di)
{
    (void)d;
    put_track(di, FIRST_TRACK, 0, rq->cdb[1] & MSF_BIT);
}

/* Points of the lead-in that are no tracks */
#define POINT_FIRST_TRACK 0xa0 /* and the disc type: CD-ROM, 00h */
#define POINT_LAST_TRACK  0xa1
#define POINT_LEAD_OUT    0xa2

static void put_raw_entry(struct datain *di, uint8_t point)
{
    di_u8(di, 1); /* session */
    di_u8(di, DATA_TRACK);
    di_u8(di, 0); /* track number: the lead-in */
    di_u8(di, point);
    di_zero(di, 4);
}

static void toc_raw(const struct drive *d, const struct scsi_request *rq, struct datain *di)
{
    (void)rq;
    put_raw_entry(di, POINT_FIRST_TRACK);
    di_u8(di, FIRST_TRACK);
    di_zero(di, 2);
    put_raw_entry(di, POINT_LAST_TRACK);
    di_u8(di, FIRST_TRACK);
    di_zero(di, 2);
    put_raw_entry(di, POINT_LEAD_OUT);
    put_msf(di, d->disc->blocks);
    put_raw_entry(di, FIRST_TRACK);
    put_msf(di, 0);
}

struct toc_format {
    struct command_detail detail;
    void (*build)(const struct drive *d, const struct scsi_request *rq, struct datain *di);
    uint8_t number_max; /* of the track or session in byte 6 */
    bool lead_out;      /* AAh may be asked for */
};

#define NUMBER_IGNORED 0xff

/* The format code is the index. */
static const struct toc_format toc_formats[] = {
    {{"tracks"}, toc_tracks, FIRST_TRACK, true},
    {{"session"}, toc_session, NUMBER_IGNORED, false},
    {{"raw"}, toc_raw, FIRST_TRACK, false},
};

struct scsi_sense check_read_toc(struct drive *d, struct scsi_request *rq)
{
    const uint8_t number = rq->cdb[6];
    const struct toc_format *row;
    uint16_t format_byte = 2;
    size_t format = rq->cdb[2] & 0x0f;

    (void)d;
    if (format == 0) { /* where ATAPI drives had it before MMC */
        format_byte = 9;
        format = rq->cdb[9] >> 6;
    }
    if (format >= sizeof(toc_formats) / sizeof(toc_formats[0])) {
        return sense_cdb_field(format_byte);
    }
    row = &toc_formats[format];
    if (number > row->number_max && !(row->lead_out && number == LEAD_OUT)) {
        return sense_cdb_field(6);
    }
    rq->detail = row;
    return SENSE_OK;
}

struct scsi_sense cmd_read_toc(struct drive *d, struct scsi_request *rq)
{
    const struct toc_format *row = rq->detail;
    const size_t length = di_open(&rq->in, 2);

    di_u8(&rq->in, FIRST_TRACK); /* first and last track, or session */
    di_u8(&rq->in, FIRST_TRACK);
    row->build(d, rq, &rq->in);
    di_close(&rq->in, length, 2);
    return SENSE_OK;
}

/* ---- READ DISC INFORMATION, READ TRACK INFORMATION ---- */

#define DISC_INFORMATION_TYPE 0x07 /* byte 1 */
#define DISC_COMPLETE         0x0e /* complete disc, last session complete, not erasable */
#define UNRESTRICTED_USE      0x20
#define ADDRESS_UNKNOWN       0xff

struct scsi_sense check_read_disc_information(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return rq->cdb[1] & DISC_INFORMATION_TYPE ? sense_cdb_field(1) : SENSE_OK;
}

struct scsi_sense cmd_read_disc_information(struct drive *d, struct scsi_request *rq)
{
    const size_t length = di_open(&rq->in, 2);

    (void)d;
    di_u8(&rq->in, DISC_COMPLETE);
    di_fill(&rq->in, 1, 4); /* first track; sessions; first and last track of the last one */
    di_u8(&rq->in, UNRESTRICTED_USE);
    di_zero(&rq->in, 8);                  /* disc type, identification */
    di_fill(&rq->in, ADDRESS_UNKNOWN, 8); /* start of the last session's lead-in and lead-out */
    di_zero(&rq->in, 10);                 /* bar code, application code, OPC */
    di_close(&rq->in, length, 2);
    return SENSE_OK;
}

#define ADDRESS_TYPE    0x03 /* READ TRACK INFORMATION byte 1 */
#define TRACK_MODE_DATA 0x04
#define DATA_MODE_1     0x01

enum address_type { ADDRESS_LBA = 0, ADDRESS_TRACK = 1, ADDRESS_SESSION = 2 };

struct scsi_sense check_read_track_information(struct drive *d, struct scsi_request *rq)
{
    const unsigned type = rq->cdb[1] & ADDRESS_TYPE;

    (void)d;
    if (type > ADDRESS_SESSION) {
        return sense_cdb_field(1);
    }
    if (type != ADDRESS_LBA && be32_get(rq->cdb + 2) != 1) {
        return sense_cdb_field(2);
    }
    return SENSE_OK;
}

struct scsi_sense cmd_read_track_information(struct drive *d, struct scsi_request *rq)
{
    size_t length;

    if ((rq->cdb[1] & ADDRESS_TYPE) == ADDRESS_LBA && be32_get(rq->cdb + 2) >= d->disc->blocks) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    length = di_open(&rq->in, 2);
    di_u8(&rq->in, FIRST_TRACK);
    di_u8(&rq->in, 1); /* session */
    di_u8(&rq->in, 0);
    di_u8(&rq->in, TRACK_MODE_DATA);
    di_u8(&rq->in, DATA_MODE_1);
    di_u8(&rq->in, 0);    /* no LRA, no NWA */
    di_zero(&rq->in, 12); /* start, next writable, free blocks */
    di_be32(&rq->in, PACKET_BLOCKS);
    di_be32(&rq->in, d->disc->blocks);
    di_zero(&rq->in, 8); /* last recorded, high bytes of track and session */
    di_close(&rq->in, length, 2);
    return SENSE_OK;
}
