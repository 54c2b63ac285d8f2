/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disc description as text, with an image of 256 blocks. What loads is the same disc when it is
 * written down and loaded again, every block can be asked for, and a scrambled one is plain again
 * after the tests' own cipher has descrambled it.
 */
#include "fuzz.h"
#include "must.h"

#include "emulator/disc_digest.h"
#include "emulator/disc_file.h"
#include "emulator/disc_write.h"
#include "tests/support/host_css.h"
#include "tests/support/medium_memory.h"

#define BLOCKS      256
#define FLAG_AT     0x14 /* PES_scrambling_control, css-spec 6 */
#define FLAG_BITS   0x30
#define READ_BLOCKS 3

/* ---- an image that is made once ---- */

static uint8_t image[BLOCKS][DISC_BLOCK_BYTES];

static enum medium_result image_read(struct medium *m, uint64_t offset_bytes, uint8_t *out,
                                     size_t bytes, bool may_block)
{
    (void)may_block;
    if (offset_bytes > m->size_bytes || bytes > m->size_bytes - offset_bytes) {
        return MEDIUM_SHORT;
    }
    memcpy(out, &image[0][0] + offset_bytes, bytes);
    return MEDIUM_OK;
}

static void image_close(struct medium *m)
{
    free(m);
}

static struct medium *image_open(void)
{
    static const struct medium_ops ops = {image_read, image_close};
    static bool is_made;
    struct medium *medium = malloc(sizeof(*medium));
    uint32_t lba = 0;

    must(medium != NULL);
    *medium = (struct medium){.ops = &ops, .size_bytes = sizeof(image)};
    for (; !is_made && lba < BLOCKS; lba++) {
        medium_memory_block(lba, image[lba]);
    }
    is_made = true;
    return medium;
}

static struct disc *load(const char *text, size_t bytes, char *error)
{
    return disc_load_text("fuzz.disc", text, bytes, image_open(), error);
}

/* ---- the same disc again ---- */

static char *write_down(const struct disc *disc, size_t *bytes)
{
    char error[DISC_WRITE_ERROR_BYTES], *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    must(out != NULL);
    must(disc_write(out, disc, disc->image_path, error));
    must(fclose(out) == 0);
    return text;
}

static void is_the_same_again(const struct disc *disc)
{
    uint8_t digest[DISC_DIGEST_BYTES], other[DISC_DIGEST_BYTES];
    char error[INI_ERROR_BYTES] = "", *text, *text_again;
    struct disc *again;
    size_t bytes, bytes_again;

    text = write_down(disc, &bytes);
    again = load(text, bytes, error);
    must(again != NULL);
    disc_digest(disc, digest);
    disc_digest(again, other);
    must(memcmp(digest, other, sizeof(digest)) == 0);
    text_again = write_down(again, &bytes_again);
    must(bytes == bytes_again && memcmp(text, text_again, bytes) == 0);
    disc_release(again);
    free(text);
    free(text_again);
}

/* ---- blocks ---- */

static enum medium_result read_blocks(const struct disc *disc, uint32_t lba, uint32_t blocks,
                                      uint8_t *out)
{
    struct scsi_sense sense;
    const enum medium_result result =
        disc_read(disc, lba, blocks, out, (size_t)blocks * DISC_BLOCK_BYTES, true, &sense);

    must((result == MEDIUM_OK) == !sense.check);
    return result;
}

static void descrambles(const struct disc *disc, uint32_t lba)
{
    const struct disc_title_key *key = disc_title_key_at(disc, lba);
    uint8_t block[DISC_BLOCK_BYTES];

    must(key != NULL);
    if (read_blocks(disc, lba, 1, block) == MEDIUM_OK && !disc->scrambled) {
        must((block[FLAG_AT] & FLAG_BITS) != 0);
        host_css_descramble(block, key->clear.b);
        block[FLAG_AT] &= (uint8_t)~FLAG_BITS;
        must(memcmp(block, image[lba], sizeof(block)) == 0);
    }
}

static void is_plain(const struct disc *disc, uint32_t lba)
{
    uint8_t block[DISC_BLOCK_BYTES];

    if (read_blocks(disc, lba, 1, block) == MEDIUM_OK) {
        must(memcmp(block, image[lba], sizeof(block)) == 0);
    }
}

static void can_be_read(const struct disc *disc)
{
    uint8_t blocks[READ_BLOCKS * DISC_BLOCK_BYTES];
    bool descrambled = false;

    must(disc->blocks == BLOCKS);
    for (uint32_t lba = 0; lba < disc->blocks; lba++) {
        if (!disc_range_is_gated(disc, lba, 1)) {
            is_plain(disc, lba);
        } else if (!descrambled) { /* slow: one of a disc */
            descrambles(disc, lba);
            descrambled = true;
        }
    }
    for (size_t i = 0; i < disc->extent_count; i++) {
        const struct disc_extent *e = &disc->extents[i];
        const uint32_t end = e->lba + e->blocks;

        must(e->blocks && end <= disc->blocks);
        (void)read_blocks(disc, e->lba ? e->lba - 1 : 0, 1 + (e->lba > 0), blocks);
        (void)read_blocks(disc, end - 1, end < disc->blocks ? 2 : 1, blocks);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[INI_ERROR_BYTES] = "";
    struct disc *disc = load(size ? (const char *)data : "", size, error);

    if (!disc) {
        must_be_an_error(error);
        return 0;
    }
    is_the_same_again(disc);
    can_be_read(disc);
    disc_release(disc);
    return 0;
}
