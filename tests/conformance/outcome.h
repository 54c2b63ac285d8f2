/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file outcome.h
 * What a command may end with, as initiator_outcome() says it: 0xKAAQQ. Numbers from mmc-spec 3.4,
 * typed apart from scsi/sense.h on purpose.
 */
#ifndef DVDEMU_OUTCOME_H
#define DVDEMU_OUTCOME_H

#include "tests/support/initiator.h"

/* clang-format off */
enum outcome {
    GOOD              = 0,
    BECOMING_READY    = 0x20401,
    TRAY_CLOSED_EMPTY = 0x23a01,
    TRAY_OPEN         = 0x23a02,
    READ_ERROR        = 0x31100,
    LIST_LENGTH       = 0x51a00,
    BAD_OPCODE        = 0x52000,
    LBA_RANGE         = 0x52100,
    CDB_FIELD         = 0x52400,
    LIST_FIELD        = 0x52600,
    SEQUENCE          = 0x52c00,
    WRONG_MEDIUM      = 0x53002,
    PREVENTED         = 0x55302,
    NO_AGID           = 0x55500,
    AUTH_FAILURE      = 0x56f00,
    NO_KEY            = 0x56f01,
    NOT_ESTABLISHED   = 0x56f02,
    SCRAMBLED         = 0x56f03,
    REGION_MISMATCH   = 0x56f04,
    REGION_PERMANENT  = 0x56f05,
    TARGET_FAILURE    = 0x44400,
    MEDIUM_CHANGED    = 0x62800,
    POWER_ON          = 0x62900,
    MISCOMPARE        = 0xe1d00,
};
/* clang-format on */

/** Fails the test, with both numbers and the command, unless `outcome` is what was wanted. */
#define EXPECT(outcome, wanted)                                                                    \
    expect_outcome((outcome), (int)(wanted), #outcome, __FILE__, __LINE__)

void expect_outcome(int outcome, int wanted, const char *text, const char *file, unsigned line);

/** The same, and ends the test. */
#define EXPECT_FATAL(outcome, wanted)                                                              \
    demand_outcome((outcome), (int)(wanted), #outcome, __FILE__, __LINE__)

void demand_outcome(int outcome, int wanted, const char *text, const char *file, unsigned line);

#endif
