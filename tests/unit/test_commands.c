/* SPDX-License-Identifier: GPL-2.0-only */
/* The opcode table itself, and what holds for all commands alike. */
#include "emulator/commands.h"

#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define CONTROL_NACA_LINK 0x05

static bool is_supported(unsigned opcode)
{
    return mmc_commands[opcode].cdb_bytes != 0;
}

/* SPC: the top three bits of an operation code tell the length of its CDB. */
static uint8_t group_bytes(unsigned opcode)
{
    static const uint8_t bytes[8] = {6, 10, 10, 0, 16, 12, 0, 0};

    return bytes[opcode >> 5];
}

/* A CDB of zeros but for what a command insists on. */
static bool run_zero_cdb(struct bench *b, unsigned opcode)
{
    uint8_t cdb[SCSI_CDB_BYTES_MAX] = {(uint8_t)opcode};

    switch (opcode) {
    case OP_GET_EVENT_STATUS:
        cdb[1] = 0x01; /* polled */
        break;
    case OP_GET_PERFORMANCE:
        cdb[1] = 0x10; /* tolerance */
        break;
    case OP_MODE_SENSE_6:
    case OP_MODE_SENSE_10:
        cdb[2] = 0x3f; /* all pages */
        break;
    default:
        break;
    }
    return bench_run(b, cdb, mmc_commands[opcode].cdb_bytes, NULL, 0, 0);
}

static void every_row_is_complete(void)
{
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const struct scsi_command *row = &mmc_commands[op];

        if (!is_supported(op)) {
            CU_ASSERT_PTR_NULL(row->run);
            continue;
        }
        CU_ASSERT_PTR_NOT_NULL(row->run);
        CU_ASSERT_FATAL(row->name != NULL && row->clause != NULL);
        CU_ASSERT(strlen(row->name) > 0);
        CU_ASSERT(strlen(row->clause) > 0);
        CU_ASSERT_EQUAL(row->gates & ~(unsigned)(GATE_ALLOW_UA | GATE_MEDIUM | GATE_DVD), 0);
    }
}

static void names_are_unique(void)
{
    for (unsigned a = 0; a < SCSI_OPCODES; a++) {
        for (unsigned b = a + 1; b < SCSI_OPCODES; b++) {
            if (is_supported(a) && is_supported(b)) {
                CU_ASSERT_STRING_NOT_EQUAL(mmc_commands[a].name, mmc_commands[b].name);
            }
        }
    }
}

static void cdb_lengths_are_those_of_the_opcode_groups(void)
{
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        if (is_supported(op)) {
            CU_ASSERT_EQUAL(mmc_commands[op].cdb_bytes, group_bytes(op));
        }
    }
}

static void usage_masks_cover_lengths_and_control_and_no_more_than_the_cdb(void)
{
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const struct scsi_command *row = &mmc_commands[op];

        if (!is_supported(op)) {
            continue;
        }
        CU_ASSERT_EQUAL(row->usage[0], 0);
        CU_ASSERT(row->alloc.byte + row->alloc.width <= row->cdb_bytes - 1);
        for (size_t i = row->alloc.byte; i < (size_t)row->alloc.byte + row->alloc.width; i++) {
            CU_ASSERT_EQUAL(row->usage[i], 0xff);
        }
        CU_ASSERT_EQUAL(row->usage[row->cdb_bytes - 1] & CONTROL_NACA_LINK, CONTROL_NACA_LINK);
        for (size_t i = row->cdb_bytes; i < SCSI_CDB_BYTES_MAX; i++) {
            CU_ASSERT_EQUAL(row->usage[i], 0);
        }
    }
}

/* mmc-spec 6, the table of commands. */
static void the_commands_of_a_dvd_rom_drive_are_there_and_no_others(void)
{
    static const uint8_t wanted[] = {0x00, 0x03, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x23,
                                     0x25, 0x28, 0x2b, 0x2f, 0x43, 0x46, 0x4a, 0x51,
                                     0x52, 0x55, 0x5a, 0xa0, 0xa3, 0xa4, 0xa7, 0xa8,
                                     0xac, 0xad, 0xb6, 0xb9, 0xbb, 0xbd, 0xbe};

    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const bool expected = memchr(wanted, (int)op, sizeof(wanted)) != NULL;

        CU_ASSERT_EQUAL(is_supported(op), expected);
    }
}

/* mmc-spec 6, common rules. */
static void only_five_commands_run_with_an_attention_pending(void)
{
    static const uint8_t exempt[] = {0x03, 0x12, 0x46, 0x4a, 0xa0};
    struct bench b;

    bench_open_plain(&b);
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const bool is_exempt = memchr(exempt, (int)op, sizeof(exempt)) != NULL;

        if (!is_supported(op)) {
            continue;
        }
        b.nexus->state.attentions = DRIVE_UA_POWER_ON;
        run_zero_cdb(&b, op);
        CU_ASSERT_EQUAL(BENCH_SENSE(&b, SENSE_POWER_ON), !is_exempt);
        CU_ASSERT_EQUAL(b.nexus->state.attentions != 0, is_exempt && op != OP_REQUEST_SENSE);
    }
    bench_close(&b);
}

/* mmc-spec 6, common rules; zero CDBs of the commands whose need does not hang on their fields. */
static void commands_that_need_a_disc_say_which_way_there_is_none(void)
{
    static const uint8_t need[] = {0x00, 0x25, 0x28, 0xa8, 0x2b, 0x2f, 0x43, 0x51, 0x52,
                                   0xb9, 0xbe, 0xad, 0xa7, 0xb6, 0xac, 0x1b, 0xa4};
    struct bench b;

    bench_open(&b);
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const bool needs = memchr(need, (int)op, sizeof(need)) != NULL;

        if (!is_supported(op) || op == OP_SEND_KEY) {
            continue;
        }
        b.drive.state.tray_open = false;
        CU_ASSERT_EQUAL(run_zero_cdb(&b, op), !needs);
        CU_ASSERT_EQUAL(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED), needs);
        b.drive.state.tray_open = true;
        run_zero_cdb(&b, op);
        CU_ASSERT_EQUAL(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_OPEN), needs);
    }
    bench_close(&b);
}

/* mmc-spec 6, common rules: a CD has no DVD structures; all else is asked of it as of a DVD. */
static void a_cd_is_refused_what_only_a_dvd_has(void)
{
    struct bench b;

    bench_open_plain(&b);
    ((struct disc *)b.drive.disc)->kind = DISC_CD;
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const bool needs_dvd = op == OP_READ_DVD_STRUCTURE || op == OP_REPORT_KEY;

        if (is_supported(op) && op != OP_SEND_KEY) {
            run_zero_cdb(&b, op);
            CU_ASSERT_EQUAL(BENCH_SENSE(&b, SENSE_INCOMPATIBLE_FORMAT), needs_dvd);
        }
    }
    bench_close(&b);
}

static void a_cdb_cut_anywhere_is_refused(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const uint8_t cdb[SCSI_CDB_BYTES_MAX] = {(uint8_t)op};

        for (size_t bytes = 1; bytes < mmc_commands[op].cdb_bytes; bytes++) {
            CU_ASSERT_FALSE(bench_run(&b, cdb, bytes, NULL, 0, 64));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        }
    }
    bench_close(&b);
}

static void unknown_opcodes_are_20_00(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        const uint8_t cdb[SCSI_CDB_BYTES_MAX] = {(uint8_t)op};

        if (!is_supported(op)) {
            CU_ASSERT_FALSE(bench_run(&b, cdb, sizeof(cdb), NULL, 0, 64));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_OPCODE));
        }
    }
    bench_close(&b);
}

/* windows-spec f.11: a LUN number of old is no error. */
static void the_top_bits_of_byte_1_are_ignored(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, OP_TEST_UNIT_READY, 0xe0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_GO(&b, OP_START_STOP_UNIT, 0xe0, 0, 0, 1, 0));
    CU_ASSERT(BENCH_IN(&b, 36, OP_INQUIRY, 0xe0, 0, 0, 36, 0));
    CU_ASSERT(BENCH_IN(&b, 8, OP_REPORT_KEY, 0xe0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 0));
    bench_close(&b);
}

static void the_trace_names_the_command_and_what_its_fields_chose(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_IN(&b, 255, OP_INQUIRY, 1, 0x80, 0, 255, 0));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "INQUIRY, serial number: 12 01 80 00 ff 00: good"));
    CU_ASSERT(BENCH_IN(&b, 255, OP_MODE_SENSE_6, 0, 0x2a, 0, 255, 0));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "MODE SENSE(6), capabilities:"));
    CU_ASSERT(BENCH_IN(&b, 255, OP_READ_TOC, 0, 1, 0, 0, 0, 0, 0, 255, 0));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "READ TOC/PMA/ATIP, session:"));
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, OP_INQUIRY, 1, 0xb0, 0, 255, 0));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "(5/24/00)"));
    bench_close(&b);
}

static void the_target_keeps_luns_and_reservations_to_itself(void)
{
    for (unsigned op = 0; op < SCSI_OPCODES; op++) {
        CU_ASSERT_EQUAL(command_is_left_to_target((uint8_t)op),
                        op == 0xa0 || op == 0x5e || op == 0x5f);
    }
}

UNIT_SUITE(commands, T(every_row_is_complete), T(names_are_unique),
           T(cdb_lengths_are_those_of_the_opcode_groups),
           T(usage_masks_cover_lengths_and_control_and_no_more_than_the_cdb),
           T(the_commands_of_a_dvd_rom_drive_are_there_and_no_others),
           T(only_five_commands_run_with_an_attention_pending),
           T(commands_that_need_a_disc_say_which_way_there_is_none),
           T(a_cd_is_refused_what_only_a_dvd_has), T(a_cdb_cut_anywhere_is_refused),
           T(unknown_opcodes_are_20_00), T(the_top_bits_of_byte_1_are_ignored),
           T(the_trace_names_the_command_and_what_its_fields_chose),
           T(the_target_keeps_luns_and_reservations_to_itself));
