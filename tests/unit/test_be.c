/* SPDX-License-Identifier: GPL-2.0-only */
#include "scsi/be.h"

#include "unit.h"

static void numbers_are_read_with_the_highest_byte_first(void)
{
    const uint8_t bytes[] = {0x81, 0x92, 0xa3, 0xb4};

    CU_ASSERT_EQUAL(be16_get(bytes), 0x8192);
    CU_ASSERT_EQUAL(be24_get(bytes), 0x8192a3);
    CU_ASSERT_EQUAL(be32_get(bytes), 0x8192a3b4);
}

static void alignment_does_not_matter(void)
{
    const uint8_t bytes[] = {0xff, 0x01, 0x02, 0x03, 0x04};

    CU_ASSERT_EQUAL(be16_get(bytes + 1), 0x0102);
    CU_ASSERT_EQUAL(be24_get(bytes + 1), 0x010203);
    CU_ASSERT_EQUAL(be32_get(bytes + 1), 0x01020304);
}

static void numbers_are_written_with_the_highest_byte_first_and_no_further(void)
{
    uint8_t bytes[8] = {0};

    be16_put(bytes + 1, 0x8192);
    be32_put(bytes + 3, 0xa1b2c3d4);
    CU_ASSERT_EQUAL(bytes[0], 0);
    CU_ASSERT_EQUAL(bytes[1], 0x81);
    CU_ASSERT_EQUAL(bytes[2], 0x92);
    CU_ASSERT_EQUAL(bytes[3], 0xa1);
    CU_ASSERT_EQUAL(bytes[4], 0xb2);
    CU_ASSERT_EQUAL(bytes[5], 0xc3);
    CU_ASSERT_EQUAL(bytes[6], 0xd4);
    CU_ASSERT_EQUAL(bytes[7], 0);
}

UNIT_SUITE(be, T(numbers_are_read_with_the_highest_byte_first), T(alignment_does_not_matter),
           T(numbers_are_written_with_the_highest_byte_first_and_no_further));
