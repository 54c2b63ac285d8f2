/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file key_transfer.h
 * A key leaves the drive: who gets it, under what, and what becomes of ASF and the AGID
 * (mmc-spec 2.3, 2.7, 3.3, 3.5; docs/spec/quirks.md "ASF and key transfers"). Both calls write the
 * whole of `out` and end well, or write nothing and return the sense of the refusal.
 */
#ifndef DVDEMU_KEY_TRANSFER_H
#define DVDEMU_KEY_TRANSFER_H

#include "drive.h"

#define TITLE_KEY_REPLY_BYTES (1 + CSS_KEY_BYTES) /**< CPR_MAI, title key */

/** REPORT KEY 04h: CPR_MAI of the block, and its title key. A disc is in. */
struct scsi_sense key_transfer_title(struct drive *d, uint8_t agid, uint32_t lba,
                                     uint8_t out[static TITLE_KEY_REPLY_BYTES]);

/** READ DVD STRUCTURE 02h: the disc key block. A disc is in. */
struct scsi_sense key_transfer_disc(struct drive *d, uint8_t agid,
                                    uint8_t out[static CSS_DISC_BLOCK_BYTES]);

/** SEND KEY 03h: what a right or wrong KEY2 does to ASF. */
void key_transfer_key2(struct drive *d, bool right);

#endif
