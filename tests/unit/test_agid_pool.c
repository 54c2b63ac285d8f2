/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/agid_pool.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

/* What a grant to one more than there are AGIDs ends with. */
static struct scsi_sense grant(struct bench *b, uint8_t *agid)
{
    *agid = 0xff;
    return agid_pool_grant(&b->drive, agid);
}

static void grant_all(struct bench *b)
{
    uint8_t agid;

    for (uint8_t n = 0; n < b->drive.personality.quirks.agid_count; n++) {
        CU_ASSERT_FALSE(grant(b, &agid).check);
        CU_ASSERT_EQUAL(agid, n);
    }
}

static void open_exhausted(struct bench *b, enum quirk_exhausted way)
{
    bench_open_css(b);
    b->drive.personality.quirks.agid_exhausted = (uint8_t)way;
    grant_all(b);
}

/* spec/quirks.md, agid_exhausted */
static void a_reuse_that_is_the_only_one_is_followed_by_none(void)
{
    struct bench b;
    uint8_t agid;

    open_exhausted(&b, EXHAUSTED_REUSE_THEN_6F01);
    CU_ASSERT_FALSE(grant(&b, &agid).check);
    CU_ASSERT_EQUAL(agid, 0);
    CU_ASSERT(sense_is(grant(&b, &agid), SENSE_KEY_NOT_PRESENT));
    for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
        CU_ASSERT_EQUAL(b.drive.state.agids[n].state, AGID_FREE);
    }
    grant_all(&b);
    CU_ASSERT_FALSE(grant(&b, &agid).check); /* grants lie between */
    CU_ASSERT_EQUAL(agid, 0);
    bench_close(&b);
}

static void a_drive_that_reuses_does_so_for_ever(void)
{
    struct bench b;
    uint8_t agid;

    open_exhausted(&b, EXHAUSTED_REUSE);
    for (unsigned n = 0; n < 3; n++) {
        b.drive.state.agids[0].state = AGID_BUSKEY;
        CU_ASSERT_FALSE(grant(&b, &agid).check);
        CU_ASSERT_EQUAL(agid, 0);
        CU_ASSERT_EQUAL(b.drive.state.agids[0].state, AGID_GRANTED);
        CU_ASSERT_EQUAL(b.drive.state.agids[1].state, AGID_GRANTED);
    }
    bench_close(&b);
}

static void every_end_has_its_sense(void)
{
    static const struct {
        enum quirk_exhausted way;
        enum sense_id sense;
        bool frees_all;
    } ends[] = {
        {EXHAUSTED_5500, SENSE_NO_AGID_AVAILABLE, false},
        {EXHAUSTED_2C00, SENSE_SEQUENCE_ERROR, false},
        {EXHAUSTED_2C00_INVALIDATE, SENSE_SEQUENCE_ERROR, true},
        {EXHAUSTED_6F01_INVALIDATE, SENSE_KEY_NOT_PRESENT, true},
        {EXHAUSTED_SENSE0, SENSE_NO_SENSE, false},
    };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct bench b;
        uint8_t agid;

        open_exhausted(&b, ends[i].way);
        CU_ASSERT(sense_is(grant(&b, &agid), ends[i].sense));
        for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
            CU_ASSERT_EQUAL(b.drive.state.agids[n].state,
                            ends[i].frees_all ? AGID_FREE : AGID_GRANTED);
        }
        bench_close(&b);
    }
}

/* A drive that takes a challenge under an AGID that nobody was granted takes none it has not got.
 */
static void an_agid_that_the_drive_has_not_is_never_begun(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.personality.quirks.agid_count = 2;
    b.drive.personality.quirks.agid_ungranted = UNGRANTED_IGNORE;
    agid_pool_init(&b.drive);
    CU_ASSERT_EQUAL(agid_pool_step(&b.drive, 1, AGID_EV_HOST_CHALLENGE), AGID_BEGIN);
    CU_ASSERT_EQUAL(b.drive.state.agids[1].state, AGID_HCHAL);
    CU_ASSERT_EQUAL(agid_pool_step(&b.drive, 2, AGID_EV_HOST_CHALLENGE), AGID_REFUSE);
    CU_ASSERT_EQUAL(b.drive.state.agids[2].state, AGID_FREE);
    bench_close(&b);
}

UNIT_SUITE(agid_pool, T(a_reuse_that_is_the_only_one_is_followed_by_none),
           T(a_drive_that_reuses_does_so_for_ever), T(every_end_has_its_sense),
           T(an_agid_that_the_drive_has_not_is_never_begun));
