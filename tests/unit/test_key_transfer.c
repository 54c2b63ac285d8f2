/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys as they leave the drive; the exchange before is set up by hand, under a bus key of zeros. */
#include "emulator/key_transfer.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define REGION_1 0xfe

/* Runs of blocks with the keys 0 and 1 at both ends, one without key between them. */
static void put_extents(struct disc *disc)
{
    static const struct disc_extent extents[] = {
        {10, 10, 0xf0, 0, -1}, {25, 2, 0xc0, -1, -1}, {31, 10, 0xf0, 1, -1}};

    free(disc->extents);
    free(disc->title_keys);
    disc->extents = malloc(sizeof(extents));
    disc->title_keys = calloc(2, sizeof(*disc->title_keys));
    CU_ASSERT_FATAL(disc->extents && disc->title_keys);
    memcpy(disc->extents, extents, sizeof(extents));
    disc->extent_count = sizeof(extents) / sizeof(extents[0]);
    disc->title_key_count = 2;
    disc->title_keys[0].wrapped = (css_wrapped_title_key){{10, 11, 12, 13, 14}};
    disc->title_keys[1].wrapped = (css_wrapped_title_key){{20, 21, 22, 23, 24}};
}

static void open_keys(struct bench *b)
{
    struct disc *disc = bench_css_disc();

    put_extents(disc);
    bench_open(b);
    CU_ASSERT_FATAL(drive_insert(&b->drive, disc));
    bench_quiet(b);
    b->drive.state.region.mask = REGION_1;
}

static struct scsi_sense title_key(struct bench *b, uint32_t lba, uint8_t *out)
{
    b->drive.state.agids[0].state = AGID_BUSKEY;
    return key_transfer_title(&b->drive, 0, lba, out);
}

/* spec/quirks.md: the lower of two that are equally near. */
static void nearest_key_is_the_lower_of_two_equally_near(void)
{
    static const struct {
        uint32_t lba;
        uint8_t first_key_byte;
    } wanted[] = {
        {0, 10},  {9, 10},  {10, 10}, {19, 10}, {20, 10}, {24, 10},  {25, 10},
        {26, 20}, {30, 20}, {31, 20}, {40, 20}, {41, 20}, {255, 20},
    };
    uint8_t out[TITLE_KEY_REPLY_BYTES];
    struct bench b;

    open_keys(&b);
    b.drive.personality.quirks.title_key_unprotected = UNPROTECTED_NEAREST;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        CU_ASSERT_FALSE(title_key(&b, wanted[i].lba, out).check);
        CU_ASSERT_EQUAL(out[1], wanted[i].first_key_byte);
        CU_ASSERT_EQUAL(out[0], disc_cpr_mai(b.drive.disc, wanted[i].lba));
    }
    bench_close(&b);
}

static bool work_is(const struct bench *b, uint32_t lba)
{
    const struct work *work = &b->drive.work;

    return work->kind == WORK_KEY && work->lba == lba && work->blocks == 1;
}

/* spec 3.5: a title key is fetched at its block, the disc key in the lead-in. */
static void a_key_is_the_work_of_one_block_and_counted(void)
{
    uint8_t out[TITLE_KEY_REPLY_BYTES], block[CSS_DISC_BLOCK_BYTES];
    struct bench b;

    open_keys(&b);
    CU_ASSERT_FALSE(title_key(&b, 35, out).check);
    CU_ASSERT(work_is(&b, 35));
    CU_ASSERT_EQUAL(b.drive.counters.keys, 1);
    b.drive.state.agids[0].state = AGID_BUSKEY;
    CU_ASSERT_FALSE(key_transfer_disc(&b.drive, 0, block).check);
    CU_ASSERT(work_is(&b, 0));
    CU_ASSERT_EQUAL(b.drive.counters.keys, 2);
    bench_close(&b);
}

/* mmc-spec 2.3: the LBA is judged before the key, the key before the region. */
static void refusals_come_in_their_order(void)
{
    uint8_t out[TITLE_KEY_REPLY_BYTES];
    struct bench b;

    open_keys(&b);
    b.drive.state.region.mask = 0xfd; /* region 2 alone; the disc is for 1 */
    CU_ASSERT(sense_is(title_key(&b, 256, out), SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT(sense_is(title_key(&b, 0, out), SENSE_KEY_NOT_PRESENT));
    CU_ASSERT(sense_is(title_key(&b, 10, out), SENSE_REGION_MISMATCH));
    b.drive.state.agids[0].state = AGID_DCHAL;
    CU_ASSERT(sense_is(key_transfer_title(&b.drive, 0, 256, out), SENSE_KEY_NOT_ESTABLISHED));
    CU_ASSERT_EQUAL(b.drive.counters.keys, 0);
    bench_close(&b);
}

/* spec/quirks.md: title_key_unprotected is about blocks of a CSS disc. */
static void a_disc_without_css_has_no_key_of_zeros(void)
{
    uint8_t out[TITLE_KEY_REPLY_BYTES];
    struct bench b;

    bench_open_plain(&b);
    b.drive.personality.quirks.title_key_unprotected = UNPROTECTED_ZEROS;
    CU_ASSERT(sense_is(title_key(&b, 0, out), SENSE_KEY_NOT_PRESENT));
    b.drive.personality.quirks.non_css = NON_CSS_ZERO_TITLE_KEY;
    CU_ASSERT_FALSE(title_key(&b, 0, out).check);
    bench_close(&b);
}

UNIT_SUITE(key_transfer, T(nearest_key_is_the_lower_of_two_equally_near),
           T(a_key_is_the_work_of_one_block_and_counted), T(refusals_come_in_their_order),
           T(a_disc_without_css_has_no_key_of_zeros));
