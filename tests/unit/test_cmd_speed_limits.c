/* SPDX-License-Identifier: GPL-2.0-only */
/* What SET CD SPEED and SET STREAMING hold the mechanism to, in kB/s; 0: nothing (mmc-spec 6.9). */
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#define LIST_BYTES 28

static uint32_t limit(const struct bench *b)
{
    return b->drive.state.mechanism.limit_kb_s;
}

static bool set_speed(struct bench *b, uint16_t kb_s)
{
    return BENCH_GO(b, OP_SET_CD_SPEED, 0, (uint8_t)(kb_s >> 8), (uint8_t)kb_s, 0xff, 0xff, 0, 0, 0,
                    0, 0, 0);
}

static bool set_streaming(struct bench *b, uint8_t flags, uint32_t read_kb, uint32_t read_ms)
{
    static const uint8_t cdb[12] = {OP_SET_STREAMING, [10] = LIST_BYTES};
    uint8_t list[LIST_BYTES] = {0};

    list[0] = flags;
    list[1] = 0xff; /* reserved */
    be32_put(list + 8, 0xffffffff);
    be32_put(list + 12, read_kb);
    be32_put(list + 16, read_ms);
    be32_put(list + 20, 0x01020304);
    be32_put(list + 24, 0x05060708);
    return bench_run(b, cdb, sizeof(cdb), list, sizeof(list), 0);
}

static void cd_speed_is_the_read_speed_and_ffff_the_best(void)
{
    static const uint16_t speeds[] = {0x1234, 0x7fff, 0xfffe, 1};
    struct bench b;

    bench_open_plain(&b);
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        CU_ASSERT(set_speed(&b, speeds[i]));
        CU_ASSERT_EQUAL(limit(&b), speeds[i]);
    }
    CU_ASSERT(set_speed(&b, 0xffff));
    CU_ASSERT_EQUAL(limit(&b), 0);
    bench_close(&b);
}

static void streaming_is_kilobytes_per_time(void)
{
    static const struct {
        uint8_t flags;
        uint32_t kb, ms, limit;
    } rates[] = {
        {0x00, 2770, 1000, 2770},
        {0x00, 2770, 500, 5540},
        {0x00, 0x01020304, 2000, 0x810182},
        {0x00, 2770, 0, 0},
        {0x01, 2770, 1000, 2770},
        {0x80, 2770, 1000, 2770},
        {0x04, 2770, 1000, 0},
        {0xff, 2770, 1000, 0},
        {0x00, 0xffffffff, 999, 0},
        {0x00, 0xfffffffe, 1000, 0xfffffffe},
        {0x00, 0xffffffff, 1000, 0},
    };
    struct bench b;

    bench_open_plain(&b);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        CU_ASSERT(set_speed(&b, 77));
        CU_ASSERT(set_streaming(&b, rates[i].flags, rates[i].kb, rates[i].ms));
        CU_ASSERT_EQUAL(limit(&b), rates[i].limit);
    }
    bench_close(&b);
}

/* Reserved bits mean nothing, and both bytes of the count do. */
static void performance_looks_at_its_fields_alone(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, OP_GET_PERFORMANCE, 0xf0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 24);
    CU_ASSERT_EQUAL(b.in[4], 0);
    bench_close(&b);
}

/* It says what the other fields are. */
static void the_type_is_judged_first(void)
{
    static const uint8_t cdb[12] = {OP_SET_STREAMING, [8] = 5, [10] = 4};
    static const uint8_t list[4] = {0};
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, OP_GET_PERFORMANCE, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
    CU_ASSERT_FALSE(bench_run(&b, cdb, sizeof(cdb), list, sizeof(list), 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 8));
    bench_close(&b);
}

UNIT_SUITE(cmd_speed_limits, T(cd_speed_is_the_read_speed_and_ffff_the_best),
           T(streaming_is_kilobytes_per_time), T(performance_looks_at_its_fields_alone),
           T(the_type_is_judged_first));
