/* SPDX-License-Identifier: GPL-2.0-only */
#include "sense.h"

#include "be.h"

#include <string.h>

struct sense_row {
    uint8_t key, asc, ascq;
    const char *name, *text;
};

static const struct sense_row rows[SENSE_COUNT] = {
#define SENSE_ROW(name, key, asc, ascq, text) [SENSE_##name] = {key, asc, ascq, #name, text},
    SENSE_TABLE(SENSE_ROW)
#undef SENSE_ROW
};

struct scsi_sense sense_of(enum sense_id id)
{
    const struct sense_row *row = &rows[id];

    return (struct scsi_sense){.check = true, .key = row->key, .asc = row->asc, .ascq = row->ascq};
}

static struct scsi_sense with_pointer(enum sense_id id, enum sense_pointer pointer, uint16_t byte)
{
    struct scsi_sense sense = sense_of(id);

    sense.pointer = (uint8_t)pointer;
    sense.field_byte = byte;
    return sense;
}

struct scsi_sense sense_cdb_field(uint16_t byte)
{
    return with_pointer(SENSE_INVALID_FIELD_IN_CDB, SENSE_POINTER_CDB, byte);
}

struct scsi_sense sense_list_field(uint16_t byte)
{
    return with_pointer(SENSE_INVALID_FIELD_IN_LIST, SENSE_POINTER_LIST, byte);
}

struct scsi_sense sense_bad_block(uint32_t lba)
{
    struct scsi_sense sense = sense_of(SENSE_UNRECOVERED_READ);

    sense.information_valid = true;
    sense.information = lba;
    return sense;
}

static bool row_matches(const struct sense_row *row, struct scsi_sense sense)
{
    return row->key == sense.key && row->asc == sense.asc && row->ascq == sense.ascq;
}

bool sense_is(struct scsi_sense sense, enum sense_id id)
{
    return sense.check && row_matches(&rows[id], sense);
}

enum scsi_status sense_status(struct scsi_sense sense)
{
    return sense.check ? SCSI_CHECK_CONDITION : SCSI_GOOD;
}

void sense_fixed(struct scsi_sense sense, uint8_t out[static SENSE_FIXED_BYTES])
{
    memset(out, 0, SENSE_FIXED_BYTES);
    out[0] = sense.information_valid ? 0xf0 : 0x70;
    out[2] = sense.key;
    be32_put(out + 3, sense.information_valid ? sense.information : 0);
    out[7] = SENSE_FIXED_BYTES - 8;
    out[12] = sense.asc;
    out[13] = sense.ascq;
    if (sense.pointer != SENSE_POINTER_NONE) {
        /* SKSV; C/D tells CDB from parameter list; BPV with the bit (SPC, field pointer) */
        out[15] = sense.pointer == SENSE_POINTER_CDB ? 0xc0 : 0x80;
        if (sense.bit_valid) {
            out[15] |= (uint8_t)(0x08 | (sense.bit & 7));
        }
        be16_put(out + 16, sense.field_byte);
    }
}

const char *sense_text(struct scsi_sense sense)
{
    if (!sense.check) {
        return "good";
    }
    for (size_t i = 0; i < SENSE_COUNT; i++) {
        if (row_matches(&rows[i], sense)) {
            return rows[i].text;
        }
    }
    return "unlisted sense";
}

const char *sense_row_name(enum sense_id id)
{
    return (unsigned)id < SENSE_COUNT ? rows[id].name : NULL;
}
