/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields of the reading commands: reserved bits, and which of two wrong ones is named. */
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

static void reserved_bits_of_read_cd_and_verify_mean_nothing(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 4096, OP_READ_CD, 0xe1, 0, 0, 0, 7, 0, 0, 1, 0x10, 0xf8, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 2048);
    CU_ASSERT(BENCH_GO(&b, OP_VERIFY_10, 0xf1, 0, 0, 0, 7, 0, 0, 1, 0));
    bench_close(&b);
}

static void the_first_wrong_field_of_read_cd_is_named(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 4096, OP_READ_CD, 0x04, 0, 0, 0, 7, 0, 0, 1, 0xf8, 0x01, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    CU_ASSERT_FALSE(BENCH_IN(&b, 4096, OP_READ_CD, 0x00, 0, 0, 0, 7, 0, 0, 1, 0xf8, 0x01, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 9));
    CU_ASSERT_FALSE(BENCH_IN(&b, 4096, OP_READ_CD, 0x00, 0, 0, 0, 7, 0, 0, 1, 0x10, 0x01, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
    bench_close(&b);
}

/* 00:01:00 lies before the disc, whatever the end is. */
static void a_position_before_the_disc_is_out_of_range(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 4096, OP_READ_CD_MSF, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    bench_close(&b);
}

/* Felt where the drive takes its time (latency.h). */
static void a_seek_is_the_work_of_no_block(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, OP_SEEK_10, 0, 0, 0, 0, 0x42, 0, 0, 0, 0));
    CU_ASSERT_EQUAL(b.drive.work.kind, WORK_SEEK);
    CU_ASSERT_EQUAL(b.drive.work.lba, 0x42);
    CU_ASSERT_EQUAL(b.drive.work.blocks, 0);
    bench_close(&b);
}

UNIT_SUITE(cmd_read_fields, T(reserved_bits_of_read_cd_and_verify_mean_nothing),
           T(the_first_wrong_field_of_read_cd_is_named),
           T(a_position_before_the_disc_is_out_of_range), T(a_seek_is_the_work_of_no_block));
