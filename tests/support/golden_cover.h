/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file golden_cover.h
 * What the golden files have shown so far: rows of the opcode table that ended well, cells of the
 * AGID table, accepted or refused, and values of quirks.
 */
#ifndef DVDEMU_GOLDEN_COVER_H
#define DVDEMU_GOLDEN_COVER_H

#include "golden_drive.h"

#define GOLDEN_QUIRKS_MAX 64

struct golden_cover {
    bool row[SCSI_OPCODES];
    bool cell[AGID_STATES][AGID_EVENTS];
    bool quirk[GOLDEN_QUIRKS_MAX][QUIRK_VALUES_MAX];
};

/** Count a block that went as it says, after its command or act. `sense` is what came. */
void golden_cover_block(struct golden_cover *cover, const struct golden_block *b,
                        const struct golden_drive *g, struct scsi_sense sense);

/** Print what is missing to standard output, a line each; returns how many lines. */
unsigned golden_cover_missing(const struct golden_cover *cover);

#endif
