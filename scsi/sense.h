/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file sense.h
 * Sense: what a command ends with. A value of this type is the result of every handler, and
 * status follows from it in one place, so a refusal cannot be overwritten by a later "good".
 */
#ifndef DVDEMU_SENSE_H
#define DVDEMU_SENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENSE_FIXED_BYTES 18

/** Status codes of SAM that this drive uses. */
enum scsi_status { SCSI_GOOD = 0x00, SCSI_CHECK_CONDITION = 0x02 };

enum sense_key {
    SK_NO_SENSE = 0x0,
    SK_NOT_READY = 0x2,
    SK_MEDIUM_ERROR = 0x3,
    SK_HARDWARE_ERROR = 0x4,
    SK_ILLEGAL_REQUEST = 0x5,
    SK_UNIT_ATTENTION = 0x6,
    SK_MISCOMPARE = 0xe
};

/** Which bytes a field pointer points into. */
enum sense_pointer { SENSE_POINTER_NONE, SENSE_POINTER_CDB, SENSE_POINTER_LIST };

struct scsi_sense {
    bool check; /**< false: status GOOD, nothing else means anything */
    uint8_t key, asc, ascq;
    uint8_t pointer; /**< enum sense_pointer */
    bool bit_valid;  /**< `bit` names the most significant bit in error */
    uint8_t bit;
    uint16_t field_byte;    /**< offset of the field in error */
    bool information_valid; /**< VALID: `information` holds the failing LBA */
    uint32_t information;
};

/**
 * Every sense this drive gives, once: name, key, ASC, ASCQ, text. SENSE(NAME) is the value.
 * Text after SPC/MMC; qualifiers of 6Fh are told apart by Windows (windows-spec a.9).
 */
/* clang-format off */
#define SENSE_TABLE(X)                                                                             \
    X(NO_SENSE,               0x0, 0x00, 0x00, "no additional sense information")                  \
    X(BECOMING_READY,         0x2, 0x04, 0x01, "logical unit is becoming ready")                   \
    X(NO_MEDIUM,              0x2, 0x3a, 0x00, "medium not present")                               \
    X(NO_MEDIUM_TRAY_CLOSED,  0x2, 0x3a, 0x01, "medium not present, tray closed")                  \
    X(NO_MEDIUM_TRAY_OPEN,    0x2, 0x3a, 0x02, "medium not present, tray open")                    \
    X(UNRECOVERED_READ,       0x3, 0x11, 0x00, "unrecovered read error")                           \
    X(INTERNAL_FAILURE,       0x4, 0x44, 0x00, "internal target failure")                          \
    X(LIST_LENGTH,            0x5, 0x1a, 0x00, "parameter list length error")                      \
    X(INVALID_OPCODE,         0x5, 0x20, 0x00, "invalid command operation code")                   \
    X(LBA_OUT_OF_RANGE,       0x5, 0x21, 0x00, "logical block address out of range")               \
    X(INVALID_FIELD_IN_CDB,   0x5, 0x24, 0x00, "invalid field in CDB")                             \
    X(INVALID_FIELD_IN_LIST,  0x5, 0x26, 0x00, "invalid field in parameter list")                  \
    X(SEQUENCE_ERROR,         0x5, 0x2c, 0x00, "command sequence error")                           \
    X(INCOMPATIBLE_FORMAT,    0x5, 0x30, 0x02, "cannot read medium, incompatible format")          \
    X(SAVING_NOT_SUPPORTED,   0x5, 0x39, 0x00, "saving parameters not supported")                  \
    X(REMOVAL_PREVENTED,      0x5, 0x53, 0x02, "medium removal prevented")                         \
    X(NO_AGID_AVAILABLE,      0x5, 0x55, 0x00, "system resource failure")                          \
    X(AUTHENTICATION_FAILURE, 0x5, 0x6f, 0x00, "copy protection: authentication failure")          \
    X(KEY_NOT_PRESENT,        0x5, 0x6f, 0x01, "copy protection: key not present")                 \
    X(KEY_NOT_ESTABLISHED,    0x5, 0x6f, 0x02, "copy protection: key not established")             \
    X(SCRAMBLED_SECTOR,       0x5, 0x6f, 0x03, "read of scrambled sector without authentication")  \
    X(REGION_MISMATCH,        0x5, 0x6f, 0x04, "media region code mismatched to unit region")      \
    X(REGION_PERMANENT,       0x5, 0x6f, 0x05, "drive region must be permanent")                   \
    X(MEDIUM_CHANGED,         0x6, 0x28, 0x00, "not ready to ready change, medium may have changed") \
    X(POWER_ON,               0x6, 0x29, 0x00, "power on, reset, or bus device reset occurred")    \
    X(MISCOMPARE,             0xe, 0x1d, 0x00, "miscompare during verify operation")
/* clang-format on */

enum sense_id {
#define SENSE_ID(name, key, asc, ascq, text) SENSE_##name,
    SENSE_TABLE(SENSE_ID)
#undef SENSE_ID
        SENSE_COUNT
};

/** Command ended well. */
#define SENSE_OK ((struct scsi_sense){.check = false})

/** CHECK CONDITION with the sense of that row; no pointer, no information. */
struct scsi_sense sense_of(enum sense_id id);
/** 05/24/00 with a field pointer to CDB byte `byte`. */
struct scsi_sense sense_cdb_field(uint16_t byte);
/** 05/26/00 with a field pointer to parameter list byte `byte`. */
struct scsi_sense sense_list_field(uint16_t byte);
/** 03/11/00 with VALID and the LBA in INFORMATION. */
struct scsi_sense sense_bad_block(uint32_t lba);

/** Whether two senses have the same key, ASC and ASCQ (and both are checks). */
bool sense_is(struct scsi_sense sense, enum sense_id id);

/** Status that goes with a sense. */
enum scsi_status sense_status(struct scsi_sense sense);

/** Write fixed-format sense data: 18 bytes, additional length 10 (windows-spec f.9). */
void sense_fixed(struct scsi_sense sense, uint8_t out[static SENSE_FIXED_BYTES]);

/** Text of a sense for people, "good" if it is none, "unlisted sense" if no row has it. */
const char *sense_text(struct scsi_sense sense);

/** Name of a row, NULL out of range; its key, ASC and ASCQ are in sense_of(). */
const char *sense_row_name(enum sense_id id);

#endif
