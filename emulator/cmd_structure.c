/* SPDX-License-Identifier: GPL-2.0-only */
/* READ DVD STRUCTURE (mmc-spec 5): one row per format; format FFh lists the rows. */
#include "commands.h"

#include "agid_pool.h"
#include "key_transfer.h"
#include "scsi/cdb.h"
#include "scsi/opcodes.h"

#define CDB_MEDIA_TYPE_AT 1
#define CDB_LAYER_AT      6
#define CDB_FORMAT_AT     7
#define MEDIA_TYPE_DVD    0
#define HEADER_BYTES      4
#define LIST_READABLE     0x40 /* RDS: can be read */
#define LIST_ENTRY_BYTES  4

/* Physical format information, mmc-spec 5.1. */
#define FIRST_SECTOR     0x030000u
#define SECTOR_MASK      0xffffffu
#define PART_VERSION_ROM 0x01 /* DVD-ROM, version 1 */
#define SIZE_120_RATE_10 0x02 /* 120 mm, 10.08 Mbit/s */
#define LAYER_EMBOSSED   0x01
#define LAYERS_SHIFT     5
#define TRACK_PATH_SHIFT 4
#define DENSITY_DUAL     0x10 /* 0.293 um/bit with two layers */
#define BCA_PRESENT      0x80
#define PHYSICAL_USED    17

struct structure_row {
    struct command_detail detail;
    uint8_t format;
    /* Bytes behind the header with the disc that is in; 0: disc or drive does not have it. */
    size_t (*bytes)(const struct drive *);
    struct scsi_sense (*run)(struct drive *, struct scsi_request *, const struct cdb_structure *);
};

/* ---- 00h ---- */

static uint32_t last_of_layer0(const struct disc *disc)
{
    return FIRST_SECTOR - 1 + disc->layer0_blocks;
}

/* End of the data area as the layer asked for numbers it (mmc-spec 5.1, dual layer). */
static uint32_t last_sector(const struct disc *disc, uint8_t layer)
{
    uint32_t layer1_blocks = disc->blocks - disc->layer0_blocks;

    if (disc->layers == 1) {
        return FIRST_SECTOR - 1 + disc->blocks;
    }
    if (disc->track_path == DISC_OTP) {
        return (~last_of_layer0(disc) & SECTOR_MASK) + layer1_blocks - 1;
    }
    return FIRST_SECTOR - 1 + (layer == 0 ? disc->layer0_blocks : layer1_blocks);
}

static struct scsi_sense put_physical(struct drive *d, struct scsi_request *rq,
                                      const struct cdb_structure *cdb)
{
    const struct disc *disc = d->disc;
    bool opposite = disc->layers == 2 && disc->track_path == DISC_OTP;

    if (cdb->layer >= disc->layers) {
        return sense_cdb_field(CDB_LAYER_AT);
    }
    di_u8(&rq->in, PART_VERSION_ROM);
    di_u8(&rq->in, SIZE_120_RATE_10);
    di_u8(&rq->in, (uint8_t)((disc->layers - 1u) << LAYERS_SHIFT |
                             (unsigned)opposite << TRACK_PATH_SHIFT | LAYER_EMBOSSED));
    di_u8(&rq->in, disc->layers == 2 ? DENSITY_DUAL : 0);
    di_be32(&rq->in, FIRST_SECTOR);
    di_be32(&rq->in, last_sector(disc, cdb->layer));
    di_be32(&rq->in, opposite ? last_of_layer0(disc) : 0);
    di_u8(&rq->in, disc->bca_bytes ? BCA_PRESENT : 0);
    di_zero(&rq->in, DISC_BLOCK_BYTES - PHYSICAL_USED);
    return SENSE_OK;
}

/* ---- 01h to 05h ---- */

static struct scsi_sense put_copyright(struct drive *d, struct scsi_request *rq,
                                       const struct cdb_structure *cdb)
{
    (void)cdb;
    di_u8(&rq->in, d->disc->protection);
    di_u8(&rq->in, drive_disc_rmi(d));
    di_zero(&rq->in, 2);
    return SENSE_OK;
}

static struct scsi_sense put_disc_key(struct drive *d, struct scsi_request *rq,
                                      const struct cdb_structure *cdb)
{
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    struct scsi_sense sense = key_transfer_disc(d, agid_pool_addressed(d, cdb->agid), block);

    if (!sense.check) {
        di_bytes(&rq->in, block, sizeof(block));
    }
    return sense;
}

static struct scsi_sense put_bca(struct drive *d, struct scsi_request *rq,
                                 const struct cdb_structure *cdb)
{
    (void)cdb;
    di_bytes(&rq->in, d->disc->bca, d->disc->bca_bytes);
    return SENSE_OK;
}

static struct scsi_sense put_manufacturing(struct drive *d, struct scsi_request *rq,
                                           const struct cdb_structure *cdb)
{
    (void)d;
    (void)cdb;
    di_zero(&rq->in, DISC_BLOCK_BYTES);
    return SENSE_OK;
}

static struct scsi_sense put_copyright_management(struct drive *d, struct scsi_request *rq,
                                                  const struct cdb_structure *cdb)
{
    if (cdb->address >= d->disc->blocks) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    di_u8(&rq->in, disc_cpr_mai(d->disc, cdb->address));
    di_zero(&rq->in, 3);
    return SENSE_OK;
}

/* ---- the rows ---- */

/* A format that the drive does not know is no format, whatever disc is in. */
static bool knows(const struct drive *d, uint8_t format)
{
    return format != STRUCTURE_COPYRIGHT_MANAGEMENT || d->personality.quirks.cmi_format_05;
}

static size_t one_block(const struct drive *d)
{
    (void)d;
    return DISC_BLOCK_BYTES;
}

static size_t copyright_bytes(const struct drive *d)
{
    return d->disc->protection == DISC_NO_STRUCTURE ? 0 : 4;
}

static size_t management_bytes(const struct drive *d)
{
    return knows(d, STRUCTURE_COPYRIGHT_MANAGEMENT) ? 4 : 0;
}

/* In the list the BCA has its largest size, as the emulators that hosts were tested on say it. */
static size_t bca_area(const struct drive *d)
{
    return d->disc->bca_bytes ? DISC_BCA_BYTES_MAX : 0;
}

static size_t list_bytes(const struct drive *d);
static struct scsi_sense put_list(struct drive *d, struct scsi_request *rq,
                                  const struct cdb_structure *cdb);

/* clang-format off */
static const struct structure_row rows[] = {
    {{"physical format"},       STRUCTURE_PHYSICAL,             one_block,  put_physical},
    {{"copyright"},             STRUCTURE_COPYRIGHT,            copyright_bytes, put_copyright},
    {{"disc key"},              STRUCTURE_DISC_KEY,             one_block,  put_disc_key},
    {{"BCA"},                   STRUCTURE_BCA,                  bca_area,   put_bca},
    {{"manufacturing"},         STRUCTURE_MANUFACTURING,        one_block,  put_manufacturing},
    {{"copyright management"},  STRUCTURE_COPYRIGHT_MANAGEMENT, management_bytes, put_copyright_management},
    {{"structure list"},        STRUCTURE_LIST,                 list_bytes, put_list},
};
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static size_t list_bytes(const struct drive *d)
{
    size_t entries = 1; /* the list itself */

    for (size_t i = 0; i < ROWS; i++) {
        entries += rows[i].format != STRUCTURE_LIST && rows[i].bytes(d) != 0;
    }
    return LIST_ENTRY_BYTES * entries;
}

static struct scsi_sense put_list(struct drive *d, struct scsi_request *rq,
                                  const struct cdb_structure *cdb)
{
    (void)cdb;
    for (size_t i = 0; i < ROWS; i++) {
        size_t bytes = rows[i].bytes(d);

        if (bytes) {
            di_u8(&rq->in, rows[i].format);
            di_u8(&rq->in, LIST_READABLE);
            di_be16(&rq->in, (uint16_t)(HEADER_BYTES + bytes));
        }
    }
    return SENSE_OK;
}

struct scsi_sense check_read_dvd_structure(struct drive *d, struct scsi_request *rq)
{
    struct cdb_structure cdb = cdb_structure(rq->cdb);

    if (cdb.media_type != MEDIA_TYPE_DVD) {
        return sense_cdb_field(CDB_MEDIA_TYPE_AT);
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].format == cdb.format && knows(d, cdb.format)) {
            rq->detail = &rows[i];
            return SENSE_OK;
        }
    }
    return sense_cdb_field(CDB_FORMAT_AT);
}

struct scsi_sense cmd_read_dvd_structure(struct drive *d, struct scsi_request *rq)
{
    const struct structure_row *row = rq->detail;
    struct cdb_structure cdb = cdb_structure(rq->cdb);
    size_t at = di_open(&rq->in, 2);
    struct scsi_sense sense;

    if (row->bytes(d) == 0) {
        return sense_cdb_field(CDB_FORMAT_AT);
    }
    di_zero(&rq->in, 2);
    sense = row->run(d, rq, &cdb);
    di_close(&rq->in, at, 2);
    return sense;
}
