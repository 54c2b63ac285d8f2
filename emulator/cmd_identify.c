/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drive says of itself: INQUIRY, and the commands every SCSI device has. */
#include "commands.h"

#define PERIPHERAL_TYPE_MMC 0x05
#define REMOVABLE           0x80
#define VERSION_SPC3        0x05
#define HISUP_FORMAT_2      0x12 /* HiSup, response data format 2 */
#define CMDQUE              0x02

#define CDB_EVPD 0x01 /* INQUIRY byte 1 */
#define CDB_DESC 0x01 /* REQUEST SENSE byte 1 */

#define INQUIRY_VENDOR_SPECIFIC_BYTES 20
#define INQUIRY_RESERVED_BYTES        22
#define INQUIRY_BYTES                 96

#define VENDOR_BYTES   8
#define PRODUCT_BYTES  16
#define REVISION_BYTES 4
#define LUN_BYTES      8

enum vpd_page { VPD_SUPPORTED_PAGES = 0x00, VPD_SERIAL_NUMBER = 0x80, VPD_IDENTIFICATION = 0x83 };

/* SELECT REPORT of REPORT LUNS (SPC) */
enum select_report { SELECT_ORDINARY = 0, SELECT_WELL_KNOWN = 1, SELECT_ALL = 2 };

/* Version descriptors (SPC): iSCSI, SPC-3, MMC-3; eight places. */
static const uint16_t version_descriptors[8] = {0x0960, 0x0300, 0x02a0};

struct vpd_row {
    struct command_detail detail;
    uint8_t page;
    void (*build)(const struct drive *d, struct datain *di);
};

static void vpd_supported_pages(const struct drive *d, struct datain *di);

static void vpd_serial_number(const struct drive *d, struct datain *di)
{
    di_text(di, d->personality.serial, SERIAL_BYTES);
}

/* One T10 vendor designator: vendor, product and serial name this logical unit in the world. */
static void vpd_identification(const struct drive *d, struct datain *di)
{
    size_t length;

    di_u8(di, 0x02); /* code set ASCII */
    di_u8(di, 0x01); /* logical unit, T10 vendor ID */
    di_zero(di, 1);
    length = di_open(di, 1);
    di_text(di, d->personality.vendor, VENDOR_BYTES);
    di_text(di, d->personality.product, PRODUCT_BYTES);
    di_text(di, d->personality.serial, SERIAL_BYTES);
    di_close(di, length, 1);
}

/* clang-format off */
static const struct vpd_row vpd_rows[] = {
    { {"supported pages"}, VPD_SUPPORTED_PAGES, vpd_supported_pages },
    { {"serial number"},   VPD_SERIAL_NUMBER,   vpd_serial_number },
    { {"identification"},  VPD_IDENTIFICATION,  vpd_identification },
};
/* clang-format on */

#define VPD_ROWS (sizeof(vpd_rows) / sizeof(vpd_rows[0]))

static void vpd_supported_pages(const struct drive *d, struct datain *di)
{
    (void)d;
    for (size_t i = 0; i < VPD_ROWS; i++) {
        di_u8(di, vpd_rows[i].page);
    }
}

struct scsi_sense cmd_test_unit_ready(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    (void)rq; /* the gates have said it all */
    return SENSE_OK;
}

struct scsi_sense check_request_sense(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return rq->cdb[1] & CDB_DESC ? sense_cdb_field(1) : SENSE_OK;
}

struct scsi_sense cmd_request_sense(struct drive *d, struct scsi_request *rq)
{
    uint8_t data[SENSE_FIXED_BYTES];

    sense_fixed(drive_take_attention(d, rq->nexus), data);
    di_bytes(&rq->in, data, sizeof(data));
    return SENSE_OK;
}

struct scsi_sense check_inquiry(struct drive *d, struct scsi_request *rq)
{
    const uint8_t page = rq->cdb[2];

    (void)d;
    if (!(rq->cdb[1] & CDB_EVPD)) {
        return page ? sense_cdb_field(2) : SENSE_OK;
    }
    for (size_t i = 0; i < VPD_ROWS; i++) {
        if (vpd_rows[i].page == page) {
            rq->detail = &vpd_rows[i];
            return SENSE_OK;
        }
    }
    return sense_cdb_field(2);
}

/* From byte 36 on. */
static void inquiry_tail(const struct drive *d, struct datain *di)
{
    const struct personality *p = &d->personality;

    if (p->inquiry_tail.count) {
        di_bytes(di, p->inquiry_tail.b, sizeof(p->inquiry_tail.b));
        return;
    }
    di_zero(di, INQUIRY_VENDOR_SPECIFIC_BYTES + 2);
    for (size_t i = 0; i < sizeof(version_descriptors) / sizeof(version_descriptors[0]); i++) {
        di_be16(di, version_descriptors[i]);
    }
    di_zero(di, INQUIRY_RESERVED_BYTES);
}

static void standard_inquiry(const struct drive *d, struct datain *di)
{
    /* byte 5: TPGS 0, opcode A3h is SEND KEY here (mmc-spec 6.11) */
    static const uint8_t header[IDENTITY_HEADER_BYTES] = {PERIPHERAL_TYPE_MMC,
                                                          REMOVABLE,
                                                          VERSION_SPC3,
                                                          HISUP_FORMAT_2,
                                                          INQUIRY_BYTES - 5,
                                                          0,
                                                          0,
                                                          CMDQUE};
    const struct personality *p = &d->personality;

    di_bytes(di, p->inquiry_header.count ? p->inquiry_header.b : header, sizeof(header));
    di_text(di, p->vendor, VENDOR_BYTES);
    di_text(di, p->product, PRODUCT_BYTES);
    di_text(di, p->revision, REVISION_BYTES);
    inquiry_tail(d, di);
}

struct scsi_sense cmd_inquiry(struct drive *d, struct scsi_request *rq)
{
    const struct vpd_row *row = rq->detail;
    size_t length;

    if (!row) {
        standard_inquiry(d, &rq->in);
        return SENSE_OK;
    }
    di_u8(&rq->in, PERIPHERAL_TYPE_MMC);
    di_u8(&rq->in, row->page);
    length = di_open(&rq->in, 2);
    row->build(d, &rq->in);
    di_close(&rq->in, length, 2);
    return SENSE_OK;
}

/* A drive by itself is LUN 0 and alone. */
struct scsi_sense cmd_report_luns(struct drive *d, struct scsi_request *rq)
{
    const uint8_t select = rq->cdb[2];

    (void)d;
    if (select > SELECT_ALL) {
        return sense_cdb_field(2);
    }
    di_be32(&rq->in, select == SELECT_WELL_KNOWN ? 0 : LUN_BYTES);
    di_zero(&rq->in, 4);
    if (select != SELECT_WELL_KNOWN) {
        di_zero(&rq->in, LUN_BYTES);
    }
    return SENSE_OK;
}
