/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file iso_lookup.h
 * Where the first title of a DVD-Video begins, from its ISO 9660 directories.
 */
#ifndef DVDEMU_ISO_LOOKUP_H
#define DVDEMU_ISO_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#define ISO_BLOCK_BYTES 2048

/** Hands out one block; false: it cannot be read. */
typedef bool iso_block_reader(void *ctx, uint32_t lba, uint8_t block[static ISO_BLOCK_BYTES]);

/** Find VIDEO_TS/VTS_01_1.VOB. False: no such file, or no such file system. */
bool iso_find_first_vob(iso_block_reader *read, void *ctx, uint32_t *lba, uint32_t *blocks);

#endif
