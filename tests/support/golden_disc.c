/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden_disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FILL 0x4c /* PES_scrambling_control is 00 in it */

static void *need(void *memory)
{
    if (!memory) {
        perror("golden disc");
        abort();
    }
    return memory;
}

/* Block n: n in four bytes, then the fill. */
static enum medium_result block_read(struct medium *m, uint64_t offset_bytes, uint8_t *out,
                                     size_t bytes, bool may_block)
{
    (void)may_block;
    if (offset_bytes > m->size_bytes || bytes > m->size_bytes - offset_bytes) {
        return MEDIUM_SHORT;
    }
    for (size_t i = 0; i < bytes; i++) {
        const uint64_t at = offset_bytes + i, in_block = at % DISC_BLOCK_BYTES;

        out[i] = BLOCK_FILL;
        if (in_block < 4) {
            out[i] = (uint8_t)(at / DISC_BLOCK_BYTES >> (24 - 8 * in_block));
        }
    }
    return MEDIUM_OK;
}

static enum medium_result broken_read(struct medium *m, uint64_t offset_bytes, uint8_t *out,
                                      size_t bytes, bool may_block)
{
    (void)m;
    (void)offset_bytes;
    (void)out;
    (void)bytes;
    (void)may_block;
    return MEDIUM_ERROR;
}

static void block_close(struct medium *m)
{
    free(m);
}

static const struct medium_ops block_ops = {block_read, block_close};
static const struct medium_ops broken_ops = {broken_read, block_close};

struct disc *golden_disc_plain(uint32_t blocks)
{
    struct medium *medium = need(malloc(sizeof(*medium)));

    medium->ops = &block_ops;
    medium->size_bytes = (uint64_t)blocks * DISC_BLOCK_BYTES;
    return need(disc_new_plain(medium));
}

/* 16..31 scrambled, 32..47 clear, both key 0; 64..79 scrambled, key 1; 96..103 gated, no key. */
static const struct disc_extent css_extents[] = {
    {16, 16, CPR_MAI_SCRAMBLED, 0, -1},
    {32, 16, CPR_MAI_CLEAR, 0, -1},
    {64, 16, CPR_MAI_SCRAMBLED, 1, -1},
    {96, 8, CPR_MAI_CPM | CPR_MAI_CP_SEC, -1, -1},
};
static const struct disc_title_key css_title_keys[] = {
    {NULL, {{0x01, 0x02, 0x03, 0x04, 0x05}}, {{0xa1, 0xa2, 0xa3, 0xa4, 0xa5}}},
    {NULL, {{0x11, 0x12, 0x13, 0x14, 0x15}}, {{0xb1, 0xb2, 0xb3, 0xb4, 0xb5}}},
};
static const uint8_t css_key_block_head[] = {0x11, 0x22, 0x33, 0x44, 0x55};
static const uint8_t css_key_block_tail[] = {0xe1, 0xe2, 0xe3};

struct disc *golden_disc_css(void)
{
    struct disc *disc = golden_disc_plain(GOLDEN_DISC_BLOCKS);

    disc->protection = DISC_CSS;
    memcpy(disc->disc_key_block, css_key_block_head, sizeof(css_key_block_head));
    memcpy(disc->disc_key_block + CSS_DISC_BLOCK_BYTES - sizeof(css_key_block_tail),
           css_key_block_tail, sizeof(css_key_block_tail));
    disc->extent_count = sizeof(css_extents) / sizeof(css_extents[0]);
    disc->extents = need(malloc(sizeof(css_extents)));
    memcpy(disc->extents, css_extents, sizeof(css_extents));
    disc->title_key_count = sizeof(css_title_keys) / sizeof(css_title_keys[0]);
    disc->title_keys = need(malloc(sizeof(css_title_keys)));
    memcpy(disc->title_keys, css_title_keys, sizeof(css_title_keys));
    return disc;
}

void golden_disc_break(struct disc *disc)
{
    disc->medium->ops = &broken_ops;
}

void golden_disc_spoil(struct disc *disc, uint32_t lba)
{
    disc->bad_runs = need(malloc(sizeof(*disc->bad_runs)));
    disc->bad_runs[0] = (struct disc_bad_run){lba, 1};
    disc->bad_run_count = 1;
}
