/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads that do not end well: many bad runs, an image that shrinks and then keeps one waiting. */
#include "emulator/disc.h"
#include "tests/support/bench_drive.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS 64
#define RUNS   7

/* Runs of one, two, ... blocks, a block or more apart. */
static const struct disc_bad_run runs[RUNS] = {{1, 1},  {3, 2},  {8, 3}, {20, 1},
                                               {22, 5}, {40, 2}, {63, 1}};

static bool is_bad(uint32_t lba)
{
    for (size_t i = 0; i < RUNS; i++) {
        if (lba >= runs[i].lba && lba < runs[i].lba + runs[i].blocks) {
            return true;
        }
    }
    return false;
}

static void every_block_is_bad_or_good_by_the_runs(void)
{
    struct disc *disc = disc_new_plain(&medium_memory_blocks(BLOCKS)->medium);
    uint8_t block[DISC_BLOCK_BYTES];
    struct scsi_sense sense;

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    for (size_t count = 0; count <= RUNS; count++) {
        free(disc->bad_runs);
        disc->bad_runs = malloc(sizeof(runs));
        CU_ASSERT_PTR_NOT_NULL_FATAL(disc->bad_runs);
        memcpy(disc->bad_runs, runs, sizeof(runs));
        disc->bad_run_count = count;
        for (uint32_t lba = 0; lba < BLOCKS; lba++) {
            const bool bad = is_bad(lba) && lba < (count < RUNS ? runs[count].lba : BLOCKS);
            const enum medium_result result =
                disc_read(disc, lba, 1, block, sizeof(block), true, &sense);

            CU_ASSERT_EQUAL(result, bad ? MEDIUM_ERROR : MEDIUM_OK);
            CU_ASSERT_EQUAL(sense.check, bad);
        }
    }
    disc_release(disc);
}

static void nothing_to_compare_is_equal(void)
{
    struct disc *disc = disc_new_plain(&medium_memory_blocks(BLOCKS)->medium);
    struct scsi_sense sense = sense_of(SENSE_MISCOMPARE);
    const uint8_t nothing[1] = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc_compare(disc, 0, 0, nothing, 0, true, &sense), MEDIUM_OK);
    CU_ASSERT_FALSE(sense.check);
    disc_release(disc);
}

/* ---- a medium that is short once, and has to be waited for when asked again ---- */

static enum medium_result short_then_busy(struct medium *m, uint64_t offset_bytes, uint8_t *out,
                                          size_t bytes, bool may_block)
{
    (void)m;
    (void)offset_bytes;
    (void)out;
    (void)may_block;
    return bytes > DISC_BLOCK_BYTES ? MEDIUM_SHORT : MEDIUM_WOULD_BLOCK;
}

static void close_nothing(struct medium *m)
{
    (void)m;
}

static void a_question_that_has_to_wait_is_no_answer(void)
{
    static const struct medium_ops ops = {.read = short_then_busy, .close = close_nothing};
    static struct medium medium = {.ops = &ops, .size_bytes = BLOCKS * DISC_BLOCK_BYTES};
    static uint8_t out[2 * DISC_BLOCK_BYTES];
    struct disc *disc = disc_new_plain(&medium);
    struct scsi_sense sense;

    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    CU_ASSERT_EQUAL(disc_read(disc, 0, 2, out, sizeof(out), false, &sense), MEDIUM_WOULD_BLOCK);
    CU_ASSERT_FALSE(sense.check);
    disc_release(disc);
}

UNIT_SUITE(disc_read_ends, T(every_block_is_bad_or_good_by_the_runs),
           T(nothing_to_compare_is_equal), T(a_question_that_has_to_wait_is_no_answer));
