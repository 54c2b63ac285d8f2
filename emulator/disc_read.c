/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a disc as a drive does: bad blocks refused, flagged sectors scrambled on the way. */
#include "disc.h"

#include <string.h>

/** Sectors given to the kernel at a time: whatever lies between them, full groups of its lanes. */
#define BATCH_SECTORS (8 * CSS_LANES_MAX)
/** Blocks compared at a time; they live on the stack. */
#define COMPARE_BLOCKS 8

struct batch {
    const struct css_kernel *kernel;
    struct css_sector sectors[BATCH_SECTORS];
    size_t count;
};

static void flush(struct batch *batch)
{
    if (batch->count) {
        batch->kernel->scramble(batch->sectors, batch->count);
        batch->count = 0;
    }
}

static void add(struct batch *batch, const css_title_key *key, uint8_t *sector, const uint8_t *from)
{
    if (from) {
        memcpy(sector, from, CSS_CLEAR_BYTES);
    }
    css_mark_scrambled(sector);
    batch->sectors[batch->count++] = (struct css_sector){.data = sector, .key = key, .from = from};
    if (batch->count == BATCH_SECTORS) {
        flush(batch);
    }
}

/* Blocks of an image and where they go, from a block on; `from` NULL: they are there. */
struct stretch {
    uint32_t lba, end_lba;
    uint8_t *to;
    const uint8_t *from;
};

static void skip(struct stretch *s, uint32_t lba)
{
    const size_t bytes = (size_t)(lba - s->lba) * DISC_BLOCK_BYTES;

    s->lba = lba;
    s->to += bytes;
    if (s->from) {
        s->from += bytes;
    }
}

static void send_clear(struct stretch *s, uint32_t end_lba)
{
    if (s->from) {
        memcpy(s->to, s->from, (size_t)(end_lba - s->lba) * DISC_BLOCK_BYTES);
    }
    skip(s, end_lba);
}

static void send_scrambled(struct stretch *s, uint32_t end_lba, const css_title_key *key,
                           struct batch *batch)
{
    while (s->lba < end_lba) {
        add(batch, key, s->to, s->from);
        skip(s, s->lba + 1);
    }
}

/* No block needs scrambling: none is flagged, or the image has it done. */
static bool is_sent_as_it_is(const struct disc *disc)
{
    return disc->scrambled || disc->extent_count == 0;
}

/* Flagged blocks scrambled and marked, the others as they are. */
static void send_flagged(const struct disc *disc, struct stretch s)
{
    struct batch batch;

    batch.kernel = disc->kernel;
    batch.count = 0;
    for (size_t i = disc_first_extent(disc, s.lba); i < disc->extent_count; i++) {
        const struct disc_extent *extent = &disc->extents[i];
        const uint32_t end_lba = extent->lba + extent->blocks;

        if (extent->lba >= s.end_lba) {
            break;
        }
        if (cpr_mai_is_gated(extent->cpr_mai) && extent->key >= 0) {
            send_clear(&s, extent->lba > s.lba ? extent->lba : s.lba);
            send_scrambled(&s, end_lba < s.end_lba ? end_lba : s.end_lba,
                           &disc->title_keys[extent->key].clear, &batch);
        }
    }
    send_clear(&s, s.end_lba);
    flush(&batch);
}

/* The blocks at `data` are whole, and hold what the image holds from `lba` on. */
static void scramble_flagged(const struct disc *disc, uint32_t lba, uint32_t blocks, uint8_t *data)
{
    if (!is_sent_as_it_is(disc)) {
        send_flagged(disc, (struct stretch){.lba = lba, .end_lba = lba + blocks, .to = data});
    }
}

void disc_send(const struct disc *disc, uint32_t lba, uint32_t blocks, const uint8_t *image,
               uint8_t *out)
{
    struct stretch s = {.lba = lba, .end_lba = lba + blocks, .to = out, .from = image};

    if (is_sent_as_it_is(disc)) {
        send_clear(&s, s.end_lba);
    } else {
        send_flagged(disc, s);
    }
}

/* First run of bad blocks that ends past `lba`; NULL when there is none. */
static const struct disc_bad_run *bad_run_from(const struct disc *disc, uint32_t lba)
{
    size_t low = 0, high = disc->bad_run_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (disc->bad_runs[middle].lba + disc->bad_runs[middle].blocks <= lba) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < disc->bad_run_count ? &disc->bad_runs[low] : NULL;
}

/* 03/11/00; the LBA is told only if no good block went before it (mmc-spec 3.4). */
static struct scsi_sense unreadable(bool first_block, uint32_t lba)
{
    return first_block ? sense_bad_block(lba) : sense_of(SENSE_UNRECOVERED_READ);
}

static enum medium_result read_medium(const struct disc *disc, uint32_t lba, uint8_t *out,
                                      size_t bytes, bool may_block)
{
    return disc->medium->ops->read(disc->medium, (uint64_t)lba * DISC_BLOCK_BYTES, out, bytes,
                                   may_block);
}

/* The image ends within the range: find out whether its first block is there still. */
static enum medium_result explain_short(const struct disc *disc, uint32_t lba, bool may_block,
                                        struct scsi_sense *sense)
{
    uint8_t block[DISC_BLOCK_BYTES];
    enum medium_result result = read_medium(disc, lba, block, sizeof(block), may_block);

    if (result == MEDIUM_WOULD_BLOCK) {
        return result;
    }
    *sense = unreadable(result == MEDIUM_SHORT, lba);
    return MEDIUM_SHORT;
}

/* Whole blocks straight into `out`, a block that is cut by way of the stack. */
static enum medium_result read_scrambled(const struct disc *disc, uint32_t lba, uint8_t *out,
                                         size_t bytes, bool may_block)
{
    const uint32_t whole = (uint32_t)(bytes / DISC_BLOCK_BYTES);
    const size_t whole_bytes = (size_t)whole * DISC_BLOCK_BYTES;
    uint8_t tail[DISC_BLOCK_BYTES];
    enum medium_result result;

    if (whole) {
        result = read_medium(disc, lba, out, whole_bytes, may_block);
        if (result != MEDIUM_OK) {
            return result;
        }
        scramble_flagged(disc, lba, whole, out);
    }
    if (whole_bytes == bytes) {
        return MEDIUM_OK;
    }
    result = read_medium(disc, lba + whole, tail, sizeof(tail), may_block);
    if (result == MEDIUM_OK) {
        scramble_flagged(disc, lba + whole, 1, tail);
        memcpy(out + whole_bytes, tail, bytes - whole_bytes);
    }
    return result;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Reads a part of the disc, no block of which is bad. */
typedef enum medium_result read_fn(const struct disc *disc, uint32_t lba, uint8_t *out,
                                   size_t bytes, bool may_block);

static enum medium_result read_by(read_fn *part, const struct disc *disc, uint32_t lba,
                                  uint32_t blocks, uint8_t *out, size_t room_bytes, bool may_block,
                                  struct scsi_sense *sense)
{
    const size_t bytes = smaller((size_t)blocks * DISC_BLOCK_BYTES, room_bytes);
    const uint32_t touched = (uint32_t)((bytes + DISC_BLOCK_BYTES - 1) / DISC_BLOCK_BYTES);
    const struct disc_bad_run *bad = bad_run_from(disc, lba);
    enum medium_result result;

    *sense = SENSE_OK;
    if (touched && bad && bad->lba < lba + touched) {
        *sense = unreadable(bad->lba <= lba, lba);
        return MEDIUM_ERROR;
    }
    result = part(disc, lba, out, bytes, may_block);
    if (result == MEDIUM_SHORT) {
        return explain_short(disc, lba, may_block, sense);
    }
    if (result == MEDIUM_ERROR) {
        *sense = sense_of(SENSE_INTERNAL_FAILURE);
    }
    return result;
}

enum medium_result disc_read(const struct disc *disc, uint32_t lba, uint32_t blocks, uint8_t *out,
                             size_t room_bytes, bool may_block, struct scsi_sense *sense)
{
    return read_by(read_scrambled, disc, lba, blocks, out, room_bytes, may_block, sense);
}

enum medium_result disc_read_image(const struct disc *disc, uint32_t lba, uint32_t blocks,
                                   uint8_t *out, bool may_block, struct scsi_sense *sense)
{
    return read_by(read_medium, disc, lba, blocks, out, (size_t)blocks * DISC_BLOCK_BYTES,
                   may_block, sense);
}

enum medium_result disc_compare(const struct disc *disc, uint32_t lba, uint32_t blocks,
                                const uint8_t *data, size_t data_bytes, bool may_block,
                                struct scsi_sense *sense)
{
    const size_t bytes = smaller((size_t)blocks * DISC_BLOCK_BYTES, data_bytes);
    uint8_t read[COMPARE_BLOCKS * DISC_BLOCK_BYTES];

    *sense = SENSE_OK;
    for (size_t done = 0; done < bytes; done += sizeof(read)) {
        const size_t part_bytes = smaller(bytes - done, sizeof(read));
        const uint32_t part_lba = lba + (uint32_t)(done / DISC_BLOCK_BYTES);
        enum medium_result result =
            disc_read(disc, part_lba, COMPARE_BLOCKS, read, part_bytes, may_block, sense);

        if (result != MEDIUM_OK) {
            if (done && sense_is(*sense, SENSE_UNRECOVERED_READ)) {
                *sense = unreadable(false, part_lba);
            }
            return result;
        }
        if (memcmp(read, data + done, part_bytes) != 0) {
            *sense = sense_of(SENSE_MISCOMPARE);
            return MEDIUM_OK;
        }
    }
    return MEDIUM_OK;
}
