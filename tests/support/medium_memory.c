/* SPDX-License-Identifier: GPL-2.0-only */
#include "medium_memory.h"

#include "lcg.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 2048

static enum medium_result memory_read(struct medium *m, uint64_t offset_bytes, uint8_t *out,
                                      size_t bytes, bool may_block)
{
    struct medium_memory *memory = (struct medium_memory *)m;
    uint64_t end = offset_bytes + bytes;

    memory->reads++;
    if (!may_block && memory->would_block) {
        memory->would_block--;
        return MEDIUM_WOULD_BLOCK;
    }
    if (memory->fail_at_bytes >= offset_bytes && memory->fail_at_bytes < end) {
        return MEDIUM_ERROR;
    }
    if (end > memory->left_bytes) {
        return MEDIUM_SHORT;
    }
    memcpy(out, memory->bytes + offset_bytes, bytes);
    return MEDIUM_OK;
}

static void memory_close(struct medium *m)
{
    struct medium_memory *memory = (struct medium_memory *)m;

    if (memory->closed) {
        ++*memory->closed;
    }
    free(memory->bytes);
    free(memory);
}

static const struct medium_ops memory_ops = {.read = memory_read, .close = memory_close};

struct medium_memory *medium_memory_new(uint64_t size_bytes)
{
    struct medium_memory *memory = calloc(1, sizeof(*memory));
    uint8_t *bytes = calloc(1, size_bytes ? size_bytes : 1);

    if (!memory || !bytes) {
        abort();
    }
    memory->medium = (struct medium){.ops = &memory_ops, .size_bytes = size_bytes};
    memory->bytes = bytes;
    memory->left_bytes = size_bytes;
    memory->fail_at_bytes = MEDIUM_MEMORY_NO_FAULT;
    return memory;
}

void medium_memory_block(uint32_t lba, uint8_t block[static 2048])
{
    static const uint8_t pack_start[] = {0x00, 0x00, 0x01, 0xba};
    uint32_t state = lba;

    lcg_bytes(&state, block, BLOCK_BYTES);
    memcpy(block, pack_start, sizeof(pack_start));
    block[0x14] &= 0xcf; /* PES_scrambling_control 00: not scrambled */
}

struct medium_memory *medium_memory_blocks(uint32_t blocks)
{
    struct medium_memory *memory = medium_memory_new((uint64_t)blocks * BLOCK_BYTES);

    for (uint32_t lba = 0; lba < blocks; lba++) {
        medium_memory_block(lba, memory->bytes + (size_t)lba * BLOCK_BYTES);
    }
    return memory;
}
