/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file disc_file.h
 * From a file to a disc: a `.disc` description, or an image served as a plain DVD.
 */
#ifndef DVDEMU_DISC_FILE_H
#define DVDEMU_DISC_FILE_H

#include "disc.h"
#include "ini_file.h"

/**
 * Load a disc. A path that ends in ".disc" is a description (its image is looked for relative to
 * the description's folder); anything else is an image. NULL on error: `error` (room for
 * INI_ERROR_BYTES) holds one line that names file, line and key, or the path. One reference.
 */
struct disc *disc_load(const char *path, char *error);

/**
 * The same from a text, with the medium already open; takes the medium over, also on failure.
 * `name` stands for the description's path in errors. For tests and fuzzers.
 */
struct disc *disc_load_text(const char *name, const char *text, size_t bytes, struct medium *medium,
                            char *error);

#endif
