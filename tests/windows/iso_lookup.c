/* SPDX-License-Identifier: GPL-2.0-only */
#include "iso_lookup.h"

#include "key_buffer.h"

#include <stddef.h>
#include <string.h>

/* ECMA-119: volume descriptor, directory records. */
#define DESCRIPTOR_LBA    16
#define ROOT_RECORD_AT    156
#define EXTENT_AT         2
#define SIZE_AT           10
#define NAME_BYTES_AT     32
#define NAME_AT           33
#define FOLDER_BLOCKS_MAX 64 /* more is not read */

struct extent {
    uint32_t lba, bytes;
};

static struct extent extent_of(const uint8_t *record)
{
    return (struct extent){le32_get(record + EXTENT_AT), le32_get(record + SIZE_AT)};
}

/* The record with that name in one block of a folder; NULL: none. */
static const uint8_t *find_in_block(const uint8_t block[static ISO_BLOCK_BYTES], const char *name)
{
    const size_t bytes = strlen(name);

    for (size_t at = 0; at + NAME_AT < ISO_BLOCK_BYTES && block[at]; at += block[at]) {
        const uint8_t *record = block + at;

        if (at + record[0] > ISO_BLOCK_BYTES || record[0] < NAME_AT + record[NAME_BYTES_AT]) {
            return NULL;
        }
        if (record[NAME_BYTES_AT] == bytes && memcmp(record + NAME_AT, name, bytes) == 0) {
            return record;
        }
    }
    return NULL;
}

static bool find_in_folder(iso_block_reader *read, void *ctx, struct extent folder,
                           const char *name, struct extent *found)
{
    uint8_t block[ISO_BLOCK_BYTES];
    const uint32_t blocks = folder.bytes / ISO_BLOCK_BYTES;

    for (uint32_t i = 0; i < blocks && i < FOLDER_BLOCKS_MAX; i++) {
        const uint8_t *record;

        if (!read(ctx, folder.lba + i, block)) {
            return false;
        }
        record = find_in_block(block, name);
        if (record) {
            *found = extent_of(record);
            return true;
        }
    }
    return false;
}

bool iso_find_first_vob(iso_block_reader *read, void *ctx, uint32_t *lba, uint32_t *blocks)
{
    uint8_t block[ISO_BLOCK_BYTES];
    struct extent folder, file;

    if (!read(ctx, DESCRIPTOR_LBA, block) || memcmp(block, "\1CD001", 6) != 0) {
        return false;
    }
    if (!find_in_folder(read, ctx, extent_of(block + ROOT_RECORD_AT), "VIDEO_TS", &folder) ||
        !find_in_folder(read, ctx, folder, "VTS_01_1.VOB;1", &file)) {
        return false;
    }
    *lba = file.lba;
    *blocks = file.bytes / ISO_BLOCK_BYTES;
    return *blocks != 0;
}
