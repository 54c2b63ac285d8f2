/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file golden_matrix.h
 * Golden blocks under the personality of another drive: whether a block says anything about it,
 * and which key of its drive file explains that the block goes otherwise. What a key changes is
 * in its row: struct quirk_row, struct config_key.
 */
#ifndef DVDEMU_GOLDEN_MATRIX_H
#define DVDEMU_GOLDEN_MATRIX_H

#include "emulator/drive_config.h"
#include "golden_file.h"

/**
 * Read the one drive of a file; serial number and firmware date are the golden drive's unless
 * given. False: `error` (room for INI_ERROR_BYTES) says why.
 */
bool golden_matrix_read(struct drive_config *config, const char *path, char *error);

/**
 * Whether a block can be asked of that drive: it is not about a quirk, and no AGID that the drive
 * does not have is granted in it.
 */
bool golden_matrix_applies(const struct drive_config *config, const struct golden_block *b);

/**
 * Name of a key in which the drive differs from the default and whose row names the command or
 * event of the block; NULL: none does.
 */
const char *golden_matrix_explains(const struct drive_config *config, const struct golden_block *b);

#endif
