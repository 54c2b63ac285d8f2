/* SPDX-License-Identifier: GPL-2.0-only */
/* MODE SENSE and MODE SELECT, both lengths (mmc-spec 6.5). */
#include "commands.h"

#include "mode_pages.h"
#include "scsi/be.h"

#define PAGE_CODE          0x3f /* MODE SENSE byte 2 */
#define PAGE_CONTROL_SHIFT 6
#define SAVE_PAGES         0x01 /* MODE SELECT byte 1 */

#define BLOCK_DESCRIPTOR_BYTES 8
#define BLOCK_LENGTH_AT        5 /* 3 bytes */

/* How the two lengths of a command differ. */
struct mode_header {
    uint8_t bytes;
    uint8_t length_width;          /* of the mode data length at byte 0 */
    uint8_t block_at, block_width; /* block descriptor length */
};

static const struct mode_header header_6 = {4, 1, 3, 1};
static const struct mode_header header_10 = {8, 2, 6, 2};

struct scsi_sense check_mode_sense(struct drive *d, struct scsi_request *rq)
{
    const uint8_t code = rq->cdb[2] & PAGE_CODE;

    (void)d;
    if (rq->cdb[2] >> PAGE_CONTROL_SHIFT == MODE_SAVED) {
        return sense_of(SENSE_SAVING_NOT_SUPPORTED);
    }
    if (rq->cdb[3] != 0) {
        return sense_cdb_field(3);
    }
    rq->detail = mode_page_find(code);
    return rq->detail || code == MODE_PAGE_ALL ? SENSE_OK : sense_cdb_field(2);
}

static struct scsi_sense mode_sense(struct drive *d, struct scsi_request *rq,
                                    const struct mode_header *header)
{
    const enum mode_control control = rq->cdb[2] >> PAGE_CONTROL_SHIFT;
    const struct mode_page *one = rq->detail;
    const size_t length = di_open(&rq->in, header->length_width);

    /* medium type, device-specific parameter and block descriptor length are all 0 */
    di_zero(&rq->in, (size_t)header->bytes - header->length_width);
    for (size_t i = 0; i < mode_page_row_count; i++) {
        if (!one || one == &mode_page_rows[i]) {
            mode_page_write(&mode_page_rows[i], d, control, &rq->in);
        }
    }
    di_close(&rq->in, length, header->length_width);
    return SENSE_OK;
}

struct scsi_sense cmd_mode_sense_6(struct drive *d, struct scsi_request *rq)
{
    return mode_sense(d, rq, &header_6);
}

struct scsi_sense cmd_mode_sense_10(struct drive *d, struct scsi_request *rq)
{
    return mode_sense(d, rq, &header_10);
}

struct scsi_sense check_mode_select(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return rq->cdb[1] & SAVE_PAGES ? sense_cdb_field(1) : SENSE_OK;
}

/*
 * Disc tools set the block length of what they read by a block descriptor in front of the pages
 * (readom does), as SCSI-2 had it. The only length there is, or 0 for "as it is", is accepted.
 */
static struct scsi_sense judge_descriptor(const struct scsi_request *rq,
                                          const struct mode_header *header, size_t list_bytes,
                                          size_t *bytes)
{
    const uint8_t *descriptor = rq->out + header->bytes;
    uint32_t block_bytes;

    *bytes = 0;
    for (size_t i = 0; i < header->block_width; i++) {
        *bytes = *bytes << 8 | rq->out[header->block_at + i];
    }
    if (*bytes == 0) {
        return SENSE_OK;
    }
    if (*bytes != BLOCK_DESCRIPTOR_BYTES) {
        return sense_list_field(header->block_at);
    }
    if (list_bytes < header->bytes + *bytes) {
        return sense_of(SENSE_LIST_LENGTH);
    }
    block_bytes = be24_get(descriptor + BLOCK_LENGTH_AT);
    if (block_bytes != 0 && block_bytes != SCSI_BLOCK_BYTES) {
        return sense_list_field((uint16_t)(header->bytes + BLOCK_LENGTH_AT));
    }
    return SENSE_OK;
}

static struct scsi_sense mode_select(struct drive *d, const struct scsi_request *rq,
                                     const struct mode_header *header)
{
    const size_t list_bytes = scsi_list_bytes(rq);
    size_t descriptor_bytes;
    struct scsi_sense sense;

    if (rq->param_bytes == 0) {
        return SENSE_OK; /* nothing to set is no error (SPC) */
    }
    if (list_bytes < header->bytes) {
        return sense_of(SENSE_LIST_LENGTH);
    }
    sense = judge_descriptor(rq, header, list_bytes, &descriptor_bytes);
    return sense.check
               ? sense
               : mode_pages_select(d, rq->out, list_bytes, header->bytes + descriptor_bytes);
}

struct scsi_sense cmd_mode_select_6(struct drive *d, struct scsi_request *rq)
{
    return mode_select(d, rq, &header_6);
}

struct scsi_sense cmd_mode_select_10(struct drive *d, struct scsi_request *rq)
{
    return mode_select(d, rq, &header_10);
}
