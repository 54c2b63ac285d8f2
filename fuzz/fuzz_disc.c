/* SPDX-License-Identifier: GPL-2.0-only */
/* A disc description as text; a disc that loads is asked for each of its blocks. */
#include "fuzz.h"

#include "emulator/disc_file.h"
#include "tests/support/medium_memory.h"

#include <stdlib.h>

#define BLOCKS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[INI_ERROR_BYTES] = "";
    struct disc *disc = disc_load_text("fuzz.disc", (const char *)data, size,
                                       &medium_memory_blocks(BLOCKS)->medium, error);
    uint8_t block[DISC_BLOCK_BYTES];
    struct scsi_sense sense;

    if (!disc) {
        if (!error[0]) {
            abort(); /* a refusal says why */
        }
        return 0;
    }
    for (uint32_t lba = 0; lba < disc->blocks; lba++) {
        if (disc_read(disc, lba, 1, block, sizeof(block), true, &sense) == MEDIUM_OK) {
            disc_title_key_at(disc, lba);
        }
    }
    disc_release(disc);
    return 0;
}
