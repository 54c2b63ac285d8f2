/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_command.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define EVPD                  0x01
#define INQUIRY_BYTES         96
#define CONFIGURATION_BYTES   HOST_REPLY_BYTES_MAX
#define CAPACITY_BYTES        8
#define BLOCK_BYTES           2048
#define STRUCTURE_SHORT_BYTES 8
#define STRUCTURE_BLOCK_BYTES (HOST_HEADER_BYTES + CSS_DISC_BLOCK_BYTES)
#define AGID_SHIFT            6
#define KEY_LIST_LENGTH_BYTES 2 /* what the length field of a list does not count */

#define CDB_6  6
#define CDB_10 10
#define CDB_12 12

/* Reply of a key format of REPORT KEY, header included (mmc-spec 1.2). */
static const uint8_t report_bytes[] = {
    [KEY_AGID] = 8,       [KEY_CHALLENGE] = 16, [KEY_KEY1] = 12,
    [KEY_TITLE_KEY] = 12, [KEY_ASF] = 8,        [KEY_RPC_STATE] = 8,
};

static struct host_command begin(unsigned opcode, uint8_t cdb_bytes, uint16_t in_bytes)
{
    struct host_command c = {.cdb_bytes = cdb_bytes, .in_bytes = in_bytes};

    c.cdb[0] = (uint8_t)opcode;
    return c;
}

struct host_command host_test_unit_ready(void)
{
    return begin(OP_TEST_UNIT_READY, CDB_6, 0);
}

struct host_command host_inquiry(int page)
{
    struct host_command c = begin(OP_INQUIRY, CDB_6, INQUIRY_BYTES);

    if (page != HOST_NO_PAGE) {
        c.cdb[1] = EVPD;
        c.cdb[2] = (uint8_t)page;
    }
    be16_put(c.cdb + 3, c.in_bytes);
    return c;
}

struct host_command host_get_configuration(void)
{
    struct host_command c = begin(OP_GET_CONFIGURATION, CDB_10, CONFIGURATION_BYTES);

    be16_put(c.cdb + 7, c.in_bytes);
    return c;
}

struct host_command host_read_capacity(void)
{
    return begin(OP_READ_CAPACITY_10, CDB_10, CAPACITY_BYTES);
}

struct host_command host_read_block(uint32_t lba)
{
    struct host_command c = begin(OP_READ_10, CDB_10, BLOCK_BYTES);

    be32_put(c.cdb + 2, lba);
    be16_put(c.cdb + 7, 1);
    return c;
}

struct host_command host_read_structure(unsigned format, unsigned agid)
{
    uint16_t bytes = format == STRUCTURE_DISC_KEY ? STRUCTURE_BLOCK_BYTES : STRUCTURE_SHORT_BYTES;
    struct host_command c = begin(OP_READ_DVD_STRUCTURE, CDB_12, bytes);

    c.cdb[7] = (uint8_t)format;
    be16_put(c.cdb + 8, c.in_bytes);
    c.cdb[10] = (uint8_t)(agid << AGID_SHIFT);
    return c;
}

struct host_command host_report_key(unsigned format, unsigned agid, uint32_t lba)
{
    uint16_t bytes = format < sizeof(report_bytes) ? report_bytes[format] : 0;
    struct host_command c = begin(OP_REPORT_KEY, CDB_12, bytes);

    be32_put(c.cdb + 2, lba);
    c.cdb[7] = KEY_CLASS_CSS;
    be16_put(c.cdb + 8, c.in_bytes);
    c.cdb[10] = (uint8_t)(agid << AGID_SHIFT | format);
    return c;
}

/* Parameter list: length of what follows, two reserved bytes, the value, padding to a word. */
static struct host_command send_key(unsigned format, unsigned agid, const uint8_t *value,
                                    size_t value_bytes)
{
    struct host_command c = begin(OP_SEND_KEY, CDB_12, 0);

    c.out_bytes = (uint8_t)((HOST_HEADER_BYTES + value_bytes + 3) & ~(size_t)3);
    be16_put(c.out, (uint16_t)(c.out_bytes - KEY_LIST_LENGTH_BYTES));
    memcpy(c.out + HOST_HEADER_BYTES, value, value_bytes);
    c.cdb[7] = KEY_CLASS_CSS;
    be16_put(c.cdb + 8, c.out_bytes);
    c.cdb[10] = (uint8_t)(agid << AGID_SHIFT | format);
    return c;
}

struct host_command host_send_challenge(unsigned agid, const css_challenge *host)
{
    return send_key(KEY_CHALLENGE, agid, host->b, sizeof(host->b));
}

struct host_command host_send_key2(unsigned agid, const css_key2 *key2)
{
    return send_key(KEY_KEY2, agid, key2->b, sizeof(key2->b));
}
