/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_drive_files.h
 * Drives by name: the drive files that come with the program.
 */
#ifndef DVDEMU_CLI_DRIVE_FILES_H
#define DVDEMU_CLI_DRIVE_FILES_H

#include "drive_config.h"

/**
 * Read the drive file that `--drive` names: a path, or the name of a drive that comes with the
 * program. False: `error` (room for INI_ERROR_BYTES) says why, and the list is empty.
 */
bool cli_drive_read(struct drive_config_list *list, const char *name_or_path, char *error);

#endif
