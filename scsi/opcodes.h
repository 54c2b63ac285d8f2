/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file opcodes.h
 * Operation codes, key classes and formats, by the names of SPC and MMC. The only place where
 * they are numbers.
 */
#ifndef DVDEMU_OPCODES_H
#define DVDEMU_OPCODES_H

/* clang-format off */
enum mmc_opcode {
    OP_TEST_UNIT_READY         = 0x00,
    OP_REQUEST_SENSE           = 0x03,
    OP_INQUIRY                 = 0x12,
    OP_MODE_SELECT_6           = 0x15,
    OP_MODE_SENSE_6            = 0x1a,
    OP_START_STOP_UNIT         = 0x1b,
    OP_PREVENT_ALLOW           = 0x1e,
    OP_READ_FORMAT_CAPACITIES  = 0x23,
    OP_READ_CAPACITY_10        = 0x25,
    OP_READ_10                 = 0x28,
    OP_SEEK_10                 = 0x2b,
    OP_VERIFY_10               = 0x2f,
    OP_READ_TOC                = 0x43,
    OP_GET_CONFIGURATION       = 0x46,
    OP_GET_EVENT_STATUS        = 0x4a,
    OP_READ_DISC_INFORMATION   = 0x51,
    OP_READ_TRACK_INFORMATION  = 0x52,
    OP_MODE_SELECT_10          = 0x55,
    OP_MODE_SENSE_10           = 0x5a,
    OP_PERSISTENT_RESERVE_IN   = 0x5e,
    OP_PERSISTENT_RESERVE_OUT  = 0x5f,
    OP_REPORT_LUNS             = 0xa0,
    OP_SEND_KEY                = 0xa3,
    OP_REPORT_KEY              = 0xa4,
    OP_SET_READ_AHEAD          = 0xa7,
    OP_READ_12                 = 0xa8,
    OP_GET_PERFORMANCE         = 0xac,
    OP_READ_DVD_STRUCTURE      = 0xad,
    OP_SET_STREAMING           = 0xb6,
    OP_READ_CD_MSF             = 0xb9,
    OP_SET_CD_SPEED            = 0xbb,
    OP_MECHANISM_STATUS        = 0xbd,
    OP_READ_CD                 = 0xbe,
};

/** Key class 0: CSS/CPPM/CPRM. No other class is served. */
enum { KEY_CLASS_CSS = 0x00 };

/** Key formats of REPORT KEY and SEND KEY, class 0 (mmc-spec 1.2, 1.4). */
enum key_format {
    KEY_AGID       = 0x00, /* REPORT */
    KEY_CHALLENGE  = 0x01, /* REPORT: the drive's; SEND: the host's */
    KEY_KEY1       = 0x02, /* REPORT */
    KEY_KEY2       = 0x03, /* SEND */
    KEY_TITLE_KEY  = 0x04, /* REPORT */
    KEY_ASF        = 0x05, /* REPORT */
    KEY_SET_REGION = 0x06, /* SEND */
    KEY_RPC_STATE  = 0x08, /* REPORT */
    KEY_INVALIDATE = 0x3f, /* both */
};

/** Formats of READ DVD STRUCTURE (mmc-spec 5). */
enum dvd_structure_format {
    STRUCTURE_PHYSICAL             = 0x00,
    STRUCTURE_COPYRIGHT            = 0x01,
    STRUCTURE_DISC_KEY             = 0x02,
    STRUCTURE_BCA                  = 0x03,
    STRUCTURE_MANUFACTURING        = 0x04,
    STRUCTURE_COPYRIGHT_MANAGEMENT = 0x05,
    STRUCTURE_LIST                 = 0xff,
};
/* clang-format on */

#endif
