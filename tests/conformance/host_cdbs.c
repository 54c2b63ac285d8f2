/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_cdbs.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define BLOCK_BYTES 2048

struct initiator_result last_result;

int run_command(struct initiator *i, const struct initiator_command *command)
{
    last_result = initiator_run(i, command);
    return initiator_outcome(&last_result);
}

int run_in(struct initiator *i, uint8_t *in, size_t room, const uint8_t *cdb, size_t cdb_bytes)
{
    const struct initiator_command command = {
        .cdb = cdb, .cdb_bytes = cdb_bytes, .in = in, .in_room = room};

    return run_command(i, &command);
}

int run_out(struct initiator *i, const uint8_t *out, size_t bytes, const uint8_t *cdb,
            size_t cdb_bytes)
{
    const struct initiator_command command = {
        .cdb = cdb, .cdb_bytes = cdb_bytes, .out = out, .out_bytes = bytes};

    return run_command(i, &command);
}

/* The bytes of a number, highest first, for CDBs. */
#define BYTES_2(n) (uint8_t)((n) >> 8), (uint8_t)(n)
#define BYTES_4(n) (uint8_t)((n) >> 24), (uint8_t)((n) >> 16), BYTES_2(n)

int test_unit_ready(struct initiator *i)
{
    return RUN(i, 0x00, 0, 0, 0, 0, 0);
}

int read_blocks(struct initiator *i, uint32_t lba, uint16_t blocks, uint8_t *in)
{
    return RUN_IN(i, in, (size_t)blocks * BLOCK_BYTES, 0x28, 0, BYTES_4(lba), 0, BYTES_2(blocks),
                  0);
}

int touch_block(struct initiator *i, uint32_t lba)
{
    uint8_t block[BLOCK_BYTES];

    return read_blocks(i, lba, 1, block);
}

int report_key(struct initiator *i, uint8_t agid, uint8_t format, uint32_t lba, uint8_t *in,
               uint16_t bytes)
{
    return RUN_IN(i, in, bytes, 0xa4, 0, BYTES_4(lba), 0, 0, BYTES_2(bytes),
                  (uint8_t)(agid << 6 | format), 0);
}

int send_key(struct initiator *i, uint8_t agid, uint8_t format, const uint8_t *list, uint16_t bytes)
{
    return RUN_OUT(i, list, bytes, 0xa3, 0, 0, 0, 0, 0, 0, 0, BYTES_2(bytes),
                   (uint8_t)(agid << 6 | format), 0);
}

int read_structure(struct initiator *i, uint8_t agid, uint8_t format, uint32_t address, uint8_t *in,
                   uint16_t bytes)
{
    return RUN_IN(i, in, bytes, 0xad, 0, BYTES_4(address), 0, format, BYTES_2(bytes),
                  (uint8_t)(agid << 6), 0);
}

uint8_t asf(struct initiator *i)
{
    uint8_t reply[8] = {0};

    EXPECT_FATAL(report_key(i, 0, 0x05, 0, reply, sizeof(reply)), GOOD);
    CU_ASSERT_EQUAL(reply[1], 6);
    return reply[7];
}

int set_region(struct initiator *i, uint8_t mask)
{
    const uint8_t list[8] = {0, 6, 0, 0, mask};

    return send_key(i, 0, 0x06, list, sizeof(list));
}

struct media_status media_event(struct initiator *i)
{
    uint8_t reply[8] = {0};

    EXPECT_FATAL(RUN_IN(i, reply, sizeof(reply), 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, sizeof(reply));
    CU_ASSERT_EQUAL(reply[1], 6);
    CU_ASSERT_EQUAL(reply[2], 4);
    return (struct media_status){reply[4] & 0x0f, reply[5]};
}
