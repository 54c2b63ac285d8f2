/* SPDX-License-Identifier: GPL-2.0-only */
/* Page 2Ah of a real drive in place of ours: its bytes and its length. */
#include "emulator/mode_pages.h"

#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define PAGE_BYTES 26
#define LOCK_AT    6
#define LOCK_STATE 0x02

/* captured while the tray was locked */
static const uint8_t captured[PAGE_BYTES] = {0x2a, 0x18, 0x3f, 0x37, 0xf1, 0x77, 0x2b, 0x23, 0x10,
                                             0x8a, 0x01, 0x00, 0x02, 0x00, 0x10, 0x8a, 0x00, 0x10,
                                             0x10, 0x8a, 0x10, 0x8a, 0x00, 0x01, 0x00, 0x02};

static void open_captured(struct bench *b)
{
    bench_open_plain(b);
    memcpy(b->drive.personality.page_2a.b, captured, PAGE_BYTES);
    b->drive.personality.page_2a.count = PAGE_BYTES;
}

static bool page_is(struct bench *b, enum mode_control control, const uint8_t *page)
{
    uint8_t room[MODE_PAGE_BYTES_MAX];
    struct datain di = di_begin(room, sizeof(room));

    mode_page_write(mode_page_find(MODE_PAGE_CAPABILITIES), &b->drive, control, &di);
    return di.len == PAGE_BYTES && memcmp(room, page, PAGE_BYTES) == 0;
}

static void the_lock_alone_is_the_moments(void)
{
    static const uint8_t changeable[PAGE_BYTES] = {0x2a, 0x18};
    uint8_t page[PAGE_BYTES];
    struct bench b;

    open_captured(&b);
    memcpy(page, captured, PAGE_BYTES);
    CU_ASSERT(page_is(&b, MODE_DEFAULT, page));
    CU_ASSERT(page_is(&b, MODE_CHANGEABLE, changeable));
    page[LOCK_AT] &= (uint8_t)~LOCK_STATE;
    CU_ASSERT(page_is(&b, MODE_CURRENT, page));
    b.nexus->state.prevent = true;
    page[LOCK_AT] |= LOCK_STATE;
    CU_ASSERT(page_is(&b, MODE_CURRENT, page));
    bench_close(&b);
}

/* The page as it is may be sent back, also in front of another; not with a byte changed or missing.
 */
static void a_host_may_send_it_back(void)
{
    uint8_t list[PAGE_BYTES + 12] = {0};
    struct bench b;
    struct scsi_sense sense;

    open_captured(&b);
    memcpy(list, captured, PAGE_BYTES);
    list[LOCK_AT] &= (uint8_t)~LOCK_STATE;
    memcpy(list + PAGE_BYTES, (const uint8_t[]){0x01, 0x0a, 0x00, 0x05}, 4);
    CU_ASSERT_FALSE(mode_pages_select(&b.drive, list, PAGE_BYTES, 0).check);
    CU_ASSERT_FALSE(mode_pages_select(&b.drive, list, sizeof(list), 0).check);
    CU_ASSERT_EQUAL(b.drive.state.mode_values[3], 5);
    CU_ASSERT(sense_is(mode_pages_select(&b.drive, list, PAGE_BYTES - 1, 0), SENSE_LIST_LENGTH));
    list[1] = 0x1e; /* as long as ours is */
    CU_ASSERT(sense_is(mode_pages_select(&b.drive, list, sizeof(list), 0), SENSE_LIST_LENGTH));
    list[1] = 0x18;
    list[PAGE_BYTES - 1] ^= 1;
    sense = mode_pages_select(&b.drive, list, PAGE_BYTES, 0);
    CU_ASSERT(sense_is(sense, SENSE_INVALID_FIELD_IN_LIST));
    CU_ASSERT_EQUAL(sense.field_byte, PAGE_BYTES - 1);
    bench_close(&b);
}

UNIT_SUITE(mode_pages_captured, T(the_lock_alone_is_the_moments), T(a_host_may_send_it_back));
