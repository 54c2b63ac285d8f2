/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file disc_write.h
 * From a disc to a `.disc` description, the text that disc_file.h reads. Keys are in clear.
 */
#ifndef DVDEMU_DISC_WRITE_H
#define DVDEMU_DISC_WRITE_H

#include "disc.h"

#include <stdio.h>

/** Room for an error of disc_write(). */
#define DISC_WRITE_ERROR_BYTES 256

/**
 * Write a description of `disc` to `out`, its image named `image` (as the reader of the file has
 * to find it, not as disc->image_path). Loading it again gives the same disc. False: `error` says
 * why; either nothing was written, because a name or a value has no form in the format, or
 * writing failed. Does not close or flush `out`.
 */
bool disc_write(FILE *out, const struct disc *disc, const char *image,
                char error[static DISC_WRITE_ERROR_BYTES]);

#endif
