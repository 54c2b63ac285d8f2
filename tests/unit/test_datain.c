/* SPDX-License-Identifier: GPL-2.0-only */
#include "scsi/datain.h"

#include "unit.h"

#include <stdbool.h>

#define POISON 0xa5

/* One of everything: 26 bytes. */
static void say_all(struct datain *di)
{
    const size_t at = di_open(di, 2);
    const uint8_t raw[3] = {1, 2, 3};

    di_u8(di, 0x10);
    di_be16(di, 0x2021);
    di_be24(di, 0x303132);
    di_be32(di, 0x40414243);
    di_bytes(di, raw, sizeof(raw));
    di_zero(di, 2);
    di_fill(di, 0x55, 2);
    di_text(di, "ab", 4);
    di_text(di, "longer", 3);
    di_close(di, at, 2);
}

static const uint8_t all_said[26] = {
    0x00, 0x18, 0x10, 0x20, 0x21, 0x30, 0x31, 0x32, 0x40, 0x41, 0x42, 0x43, 1,
    2,    3,    0,    0,    0x55, 0x55, 'a',  'b',  ' ',  ' ',  'l',  'o',  'n',
};

static void fields_come_in_order(void)
{
    uint8_t room[26];
    struct datain di = di_begin(room, sizeof(room));

    say_all(&di);
    CU_ASSERT_EQUAL(di.len, sizeof(all_said));
    CU_ASSERT(memcmp(room, all_said, sizeof(all_said)) == 0);
}

static void every_room_gets_a_prefix_and_nothing_behind_it(void)
{
    for (size_t n = 0; n <= sizeof(all_said); n++) {
        uint8_t room[sizeof(all_said) + 1];
        struct datain di = di_begin(room, n);
        bool behind_untouched = true;

        memset(room, POISON, sizeof(room));
        say_all(&di);
        CU_ASSERT_EQUAL(di.len, sizeof(all_said));
        CU_ASSERT(memcmp(room, all_said, n) == 0);
        for (size_t i = n; i < sizeof(room); i++) {
            behind_untouched = behind_untouched && room[i] == POISON;
        }
        CU_ASSERT(behind_untouched);
    }
}

static void no_memory_is_no_room(void)
{
    struct datain di = di_begin(NULL, 100);

    say_all(&di);
    CU_ASSERT_EQUAL(di.room, 0);
    CU_ASSERT_EQUAL(di.len, sizeof(all_said));
}

static void length_fields_of_all_widths_count_what_follows(void)
{
    uint8_t room[16];
    struct datain di = di_begin(room, sizeof(room));
    size_t outer, inner;

    di_u8(&di, 0x77);
    outer = di_open(&di, 4);
    inner = di_open(&di, 1);
    di_zero(&di, 5);
    di_close(&di, inner, 1);
    di_close(&di, outer, 4);
    CU_ASSERT(memcmp(room, (const uint8_t[]){0x77, 0, 0, 0, 6, 5, 0, 0, 0, 0, 0}, 11) == 0);
}

static void a_patch_changes_only_what_was_stored(void)
{
    uint8_t room[4] = {POISON, POISON, POISON, POISON};
    struct datain di = di_begin(room, 3);

    di_zero(&di, 2);
    di_patch(&di, 1, 9);
    di_patch(&di, 2, 9); /* in the room, not yet said */
    di_zero(&di, 2);
    di_patch(&di, 3, 9); /* said, not in the room */
    CU_ASSERT(memcmp(room, (const uint8_t[]){0, 9, 0, POISON}, 4) == 0);
}

UNIT_SUITE(datain, T(fields_come_in_order), T(every_room_gets_a_prefix_and_nothing_behind_it),
           T(no_memory_is_no_room), T(length_fields_of_all_widths_count_what_follows),
           T(a_patch_changes_only_what_was_stored));
