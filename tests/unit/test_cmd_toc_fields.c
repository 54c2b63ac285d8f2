/* SPDX-License-Identifier: GPL-2.0-only */
/* Contents asked for with every reserved bit set: the answer is that of none set. */
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define ROOM 255

/* Whether a command and the same with other bytes 1 and 2 have one reply. */
static bool answers_alike(struct bench *b, const uint8_t *cdb, uint8_t byte_1, uint8_t byte_2)
{
    uint8_t other[10], reply[ROOM];
    size_t bytes;

    memcpy(other, cdb, sizeof(other));
    other[1] |= byte_1;
    other[2] |= byte_2;
    if (!bench_run(b, cdb, sizeof(other), NULL, 0, ROOM)) {
        return false;
    }
    bytes = bench_in_bytes(b);
    memcpy(reply, b->in, bytes);
    return bench_run(b, other, sizeof(other), NULL, 0, ROOM) && bench_in_is(b, reply, bytes);
}
#define ALIKE(b, byte_1, byte_2, ...)                                                              \
    answers_alike((b), (const uint8_t[10]){__VA_ARGS__}, (byte_1), (byte_2))

static void reserved_bits_mean_nothing(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(ALIKE(&b, 0xfd, 0xf0, OP_READ_TOC, 0, 0, 0, 0, 0, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xfd, 0xf0, OP_READ_TOC, 2, 0, 0, 0, 0, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xfd, 0xf0, OP_READ_TOC, 0, 1, 0, 0, 0, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xfd, 0xf0, OP_READ_TOC, 2, 2, 0, 0, 0, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xf8, 0xff, OP_READ_DISC_INFORMATION, 0, 0, 0, 0, 0, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xfc, 0, OP_READ_TRACK_INFORMATION, 0, 0, 0, 0, 7, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xfc, 0, OP_READ_TRACK_INFORMATION, 1, 0, 0, 0, 1, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xff, 0xff, OP_READ_FORMAT_CAPACITIES, 0, 0, 0, 0, 0, 0, 0, ROOM, 0));
    CU_ASSERT(ALIKE(&b, 0xff, 0, OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    bench_close(&b);
}

/* The session format knows no number: any is as good as another. */
static void the_session_format_takes_any_number(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned number = 0; number < 256; number++) {
        CU_ASSERT(BENCH_IN(&b, ROOM, OP_READ_TOC, 0, 1, 0, 0, 0, (uint8_t)number, 0, ROOM, 0));
    }
    bench_close(&b);
}

/* The address type says what the address is. */
static void the_address_type_is_judged_first(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, ROOM, OP_READ_TRACK_INFORMATION, 3, 0, 0, 0, 9, 0, 0, ROOM, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    bench_close(&b);
}

UNIT_SUITE(cmd_toc_fields, T(the_address_type_is_judged_first), T(reserved_bits_mean_nothing),
           T(the_session_format_takes_any_number));
