/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file disc_digest.h
 * A name for what a disc is: SHA-256 of all that its description says, big-endian, in one order.
 * The bytes of the image are not read; its size counts.
 */
#ifndef DVDEMU_DISC_DIGEST_H
#define DVDEMU_DISC_DIGEST_H

#include "disc.h"

#define DISC_DIGEST_BYTES 32

/** Cannot fail, allocates nothing. */
void disc_digest(const struct disc *disc, uint8_t out[static DISC_DIGEST_BYTES]);

#endif
