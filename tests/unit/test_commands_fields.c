/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bits of a CDB mean something, by the CDB tables of SPC and MMC: a strict drive refuses
 * others. */
#include "emulator/commands.h"

#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define CONTROL_NACA_LINK 0x05

/* Fields behind the operation code and before the control byte: BYTE, BYTE-BYTE, BYTE.BIT,
 * BYTE.BIT-BIT. */
static const struct {
    uint8_t opcode;
    const char *fields;
} layouts[] = {
    {OP_TEST_UNIT_READY, ""},
    {OP_REQUEST_SENSE, "1.0 A4"},
    {OP_INQUIRY, "1.0 2 A3-4"},
    {OP_MODE_SELECT_6, "1.4 1.0 L4"},
    {OP_MODE_SENSE_6, "1.3 2 3 A4"},
    {OP_START_STOP_UNIT, "1.7-5 1.0 4.7-4 4.1-0"}, /* LUN of old: windows-spec b.6 */
    {OP_PREVENT_ALLOW, "4.1-0"},
    {OP_READ_FORMAT_CAPACITIES, "A7-8"},
    {OP_READ_CAPACITY_10, "2-5 8.0"},
    {OP_READ_10, "1.4-3 2-5 7-8"},
    {OP_SEEK_10, "2-5"},
    {OP_VERIFY_10, "1.4 1.1 2-5 7-8"},
    {OP_READ_TOC, "1.1 2.3-0 6 A7-8"},
    {OP_GET_CONFIGURATION, "1.1-0 2-3 A7-8"},
    {OP_GET_EVENT_STATUS, "1.0 4 A7-8"},
    {OP_READ_DISC_INFORMATION, "1.2-0 A7-8"},
    {OP_READ_TRACK_INFORMATION, "1.1-0 2-5 A7-8"},
    {OP_MODE_SELECT_10, "1.4 1.0 L7-8"},
    {OP_MODE_SENSE_10, "1.4-3 2 3 A7-8"},
    {OP_REPORT_LUNS, "2 A6-9"},
    {OP_SEND_KEY, "7 L8-9 10"},
    {OP_REPORT_KEY, "2-5 7 A8-9 10"},
    {OP_SET_READ_AHEAD, "2-5 6-9"},
    {OP_READ_12, "1.4-3 2-5 6-9 10.7"},
    {OP_GET_PERFORMANCE, "1.4-0 2-5 8-9 10"},
    {OP_READ_DVD_STRUCTURE, "1.3-0 2-5 6 7 A8-9 10.7-6"},
    {OP_SET_STREAMING, "8 L9-10"},
    {OP_READ_CD_MSF, "1.4-1 3-5 6-8 9.7-1 10.2-0"},
    {OP_SET_CD_SPEED, "1.1-0 2-3 4-5"},
    {OP_MECHANISM_STATUS, "A8-9"},
    {OP_READ_CD, "1.4-1 2-5 6-8 9.7-1 10.2-0"},
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

static void mark_field(const char *field, uint8_t *mask)
{
    unsigned first, last, high, low;
    int count;

    field += strspn(field, "AL");
    count = sscanf(field, "%u.%u-%u", &first, &high, &low);
    if (count >= 2) {
        low = count == 3 ? low : high;
        mask[first] |= (uint8_t)((0xffu >> (7 - high)) & (0xffu << low));
        return;
    }
    if (sscanf(field, "%u-%u", &first, &last) == 1) {
        last = first;
    }
    memset(mask + first, 0xff, last - first + 1);
}

/* Bits of the CDB that mean something; of the control byte the vendor's two. */
static void mark_fields(const char *fields, uint8_t cdb_bytes, uint8_t mask[SCSI_CDB_BYTES_MAX])
{
    memset(mask, 0, SCSI_CDB_BYTES_MAX);
    while (*fields) {
        mark_field(fields, mask);
        fields += strcspn(fields, " ");
        fields += *fields == ' ';
    }
    mask[cdb_bytes - 1] |= 0xc0;
}

static bool is_refused_as_reserved(const struct bench *b, uint8_t byte, uint8_t bit)
{
    const struct scsi_sense *s = &b->reply.sense;

    return bench_points_at(b, SENSE_POINTER_CDB, byte) && s->bit_valid && s->bit == bit;
}

static void judge_bits(struct bench *b, uint8_t opcode, const char *fields)
{
    const uint8_t cdb_bytes = mmc_commands[opcode].cdb_bytes;
    uint8_t mask[SCSI_CDB_BYTES_MAX];

    mark_fields(fields, cdb_bytes, mask);
    for (uint8_t byte = 1; byte < cdb_bytes; byte++) {
        for (uint8_t bit = 0; bit < 8; bit++) {
            const uint8_t value = (uint8_t)(1u << bit);
            uint8_t cdb[SCSI_CDB_BYTES_MAX] = {opcode};

            if (byte == cdb_bytes - 1 && value & CONTROL_NACA_LINK) {
                continue; /* refused by any drive */
            }
            cdb[byte] = value;
            bench_quiet(b);
            bench_run(b, cdb, cdb_bytes, NULL, 0, 0);
            CU_ASSERT_EQUAL(is_refused_as_reserved(b, byte, bit), !(mask[byte] & value));
        }
    }
}

static void a_strict_drive_refuses_every_bit_that_is_in_no_field(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.engine.strict = true;
    for (size_t i = 0; i < LAYOUTS; i++) {
        judge_bits(&b, layouts[i].opcode, layouts[i].fields);
    }
    bench_close(&b);
}

/* Where the field of a length is; 0 bytes at 0 where there is none. */
static void length_field(const char *fields, char letter, uint8_t *byte, uint8_t *width)
{
    const char *field = strchr(fields, letter);
    unsigned first = 0, last = 0;

    if (field && sscanf(field + 1, "%u-%u", &first, &last) == 1) {
        last = first;
    }
    *byte = (uint8_t)first;
    *width = field ? (uint8_t)(last - first + 1) : 0;
}

static void the_lengths_are_read_where_the_standard_has_them(void)
{
    for (size_t i = 0; i < LAYOUTS; i++) {
        const struct scsi_command *row = &mmc_commands[layouts[i].opcode];
        const bool is_list = strchr(layouts[i].fields, 'L') != NULL;
        uint8_t byte, width;

        length_field(layouts[i].fields, is_list ? 'L' : 'A', &byte, &width);
        CU_ASSERT_EQUAL(row->alloc.out, is_list);
        CU_ASSERT_EQUAL(row->alloc.byte, byte);
        CU_ASSERT_EQUAL(row->alloc.width, width);
    }
}

static void every_command_has_a_layout(void)
{
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        size_t found = 0;

        for (size_t i = 0; i < LAYOUTS; i++) {
            found += layouts[i].opcode == op;
        }
        CU_ASSERT_EQUAL(found, mmc_commands[op].cdb_bytes != 0);
    }
}

UNIT_SUITE(commands_fields, T(a_strict_drive_refuses_every_bit_that_is_in_no_field),
           T(the_lengths_are_read_where_the_standard_has_them), T(every_command_has_a_layout));
