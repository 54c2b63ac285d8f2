/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The opcode table. A new command is a row here, its handler and a golden file; the fuzzers'
 * dictionary is made from this table (fuzz/dictionary.c).
 * Clauses are sections of docs/spec/mmc-spec.md. Usage: bits of CDB bytes 1.. that mean something
 * (a set bit elsewhere is reserved and ignored unless strict_cdb is on).
 */
#include "commands.h"

#include "scsi/opcodes.h"

#define NO_ALLOC                                                                                   \
    {                                                                                              \
        0, 0, false                                                                                \
    }
#define ALLOC8(at)                                                                                 \
    {                                                                                              \
        at, 1, false                                                                               \
    }
#define ALLOC16(at)                                                                                \
    {                                                                                              \
        at, 2, false                                                                               \
    }
#define ALLOC32(at)                                                                                \
    {                                                                                              \
        at, 4, false                                                                               \
    }
#define LIST8(at)                                                                                  \
    {                                                                                              \
        at, 1, true                                                                                \
    }
#define LIST16(at)                                                                                 \
    {                                                                                              \
        at, 2, true                                                                                \
    }
#define LBA_2_5     [2] = 0xff, 0xff, 0xff, 0xff
#define COUNT16(at) [at] = 0xff, 0xff
#define CONTROL     0xc5
#define MEDIUM_DVD  (GATE_MEDIUM | GATE_DVD)

/* clang-format off */
const struct scsi_command mmc_commands[SCSI_OPCODES] = {
    /*                           CDB allocation   gates           name                        clause  field check            handler */
    [OP_TEST_UNIT_READY]        = { 6, NO_ALLOC,   GATE_MEDIUM,    "TEST UNIT READY",          "6.2",  NULL,                  cmd_test_unit_ready,
                                    { [5] = CONTROL } },
    [OP_REQUEST_SENSE]          = { 6, ALLOC8(4),  GATE_ALLOW_UA,  "REQUEST SENSE",            "6.2",  check_request_sense,   cmd_request_sense,
                                    { [1] = 0x01, [4] = 0xff, CONTROL } },
    [OP_INQUIRY]                = { 6, ALLOC16(3), GATE_ALLOW_UA,  "INQUIRY",                  "6.1",  check_inquiry,         cmd_inquiry,
                                    { [1] = 0x01, 0xff, 0xff, 0xff, CONTROL } },
    [OP_MODE_SELECT_6]          = { 6, LIST8(4),   0,              "MODE SELECT(6)",           "6.5",  check_mode_select,     cmd_mode_select_6,
                                    { [1] = 0x11, [4] = 0xff, CONTROL } },
    [OP_MODE_SENSE_6]           = { 6, ALLOC8(4),  0,              "MODE SENSE(6)",            "6.5",  check_mode_sense,      cmd_mode_sense_6,
                                    { [1] = 0x08, 0xff, 0xff, 0xff, CONTROL } },
    [OP_START_STOP_UNIT]        = { 6, NO_ALLOC,   0,              "START STOP UNIT",          "6.8",  check_start_stop_unit, cmd_start_stop_unit,
                                    { [1] = 0xe1, [4] = 0xf3, CONTROL } },
    [OP_PREVENT_ALLOW]          = { 6, NO_ALLOC,   0,              "PREVENT ALLOW MEDIUM REMOVAL", "6.8", NULL,               cmd_prevent_allow,
                                    { [4] = 0x03, CONTROL } },
    [OP_READ_FORMAT_CAPACITIES] = { 10, ALLOC16(7), 0,             "READ FORMAT CAPACITIES",   "6",    NULL,                  cmd_read_format_capacities,
                                    { COUNT16(7), CONTROL } },
    [OP_READ_CAPACITY_10]       = { 10, NO_ALLOC,  GATE_MEDIUM,    "READ CAPACITY(10)",        "6.7",  NULL,                  cmd_read_capacity,
                                    { LBA_2_5, [8] = 0x01, CONTROL } },
    [OP_READ_10]                = { 10, NO_ALLOC,  GATE_MEDIUM,    "READ(10)",                 "6.10", NULL,                  cmd_read_10,
                                    { [1] = 0x18, LBA_2_5, COUNT16(7), CONTROL } },
    [OP_SEEK_10]                = { 10, NO_ALLOC,  GATE_MEDIUM,    "SEEK(10)",                 "6",    NULL,                  cmd_seek,
                                    { LBA_2_5, [9] = CONTROL } },
    [OP_VERIFY_10]              = { 10, NO_ALLOC,  GATE_MEDIUM,    "VERIFY(10)",               "6",    NULL,                  cmd_verify,
                                    { [1] = 0x12, LBA_2_5, COUNT16(7), CONTROL } },
    [OP_READ_TOC]               = { 10, ALLOC16(7), GATE_MEDIUM,   "READ TOC/PMA/ATIP",        "6.6",  check_read_toc,        cmd_read_toc,
                                    { [1] = 0x02, 0x0f, [6] = 0xff, 0xff, 0xff, 0xc5 } },
    [OP_GET_CONFIGURATION]      = { 10, ALLOC16(7), GATE_ALLOW_UA, "GET CONFIGURATION",        "6.3",  check_get_configuration, cmd_get_configuration,
                                    { [1] = 0x03, 0xff, 0xff, COUNT16(7), CONTROL } },
    [OP_GET_EVENT_STATUS]       = { 10, ALLOC16(7), GATE_ALLOW_UA, "GET EVENT STATUS NOTIFICATION", "6.4", check_get_event_status, cmd_get_event_status,
                                    { [1] = 0x01, [4] = 0xff, COUNT16(7), CONTROL } },
    [OP_READ_DISC_INFORMATION]  = { 10, ALLOC16(7), GATE_MEDIUM,   "READ DISC INFORMATION",    "6.7",  check_read_disc_information, cmd_read_disc_information,
                                    { [1] = 0x07, COUNT16(7), CONTROL } },
    [OP_READ_TRACK_INFORMATION] = { 10, ALLOC16(7), GATE_MEDIUM,   "READ TRACK INFORMATION",   "6.7",  check_read_track_information, cmd_read_track_information,
                                    { [1] = 0x03, LBA_2_5, COUNT16(7), CONTROL } },
    [OP_MODE_SELECT_10]         = { 10, LIST16(7), 0,              "MODE SELECT(10)",          "6.5",  check_mode_select,     cmd_mode_select_10,
                                    { [1] = 0x11, COUNT16(7), CONTROL } },
    [OP_MODE_SENSE_10]          = { 10, ALLOC16(7), 0,             "MODE SENSE(10)",           "6.5",  check_mode_sense,      cmd_mode_sense_10,
                                    { [1] = 0x18, 0xff, 0xff, COUNT16(7), CONTROL } },
    [OP_REPORT_LUNS]            = { 12, ALLOC32(6), GATE_ALLOW_UA, "REPORT LUNS",              "6.11", NULL,                  cmd_report_luns,
                                    { [2] = 0xff, [6] = 0xff, 0xff, 0xff, 0xff, [11] = CONTROL } },
    [OP_SEND_KEY]               = { 12, LIST16(8), 0,              "SEND KEY",                 "1.4",  check_send_key,        cmd_send_key,
                                    { [7] = 0xff, 0xff, 0xff, 0xff, CONTROL } },
    [OP_REPORT_KEY]             = { 12, ALLOC16(8), 0,             "REPORT KEY",               "1.2",  check_report_key,      cmd_report_key,
                                    { LBA_2_5, [7] = 0xff, 0xff, 0xff, 0xff, CONTROL } },
    [OP_SET_READ_AHEAD]         = { 12, NO_ALLOC,  GATE_MEDIUM,    "SET READ AHEAD",           "6.9",  NULL,                  cmd_set_read_ahead,
                                    { LBA_2_5, 0xff, 0xff, 0xff, 0xff, [11] = CONTROL } },
    [OP_READ_12]                = { 12, NO_ALLOC,  GATE_MEDIUM,    "READ(12)",                 "6.10", NULL,                  cmd_read_12,
                                    { [1] = 0x18, LBA_2_5, 0xff, 0xff, 0xff, 0xff, 0x80, CONTROL } },
    [OP_GET_PERFORMANCE]        = { 12, NO_ALLOC,  0,              "GET PERFORMANCE",          "6.9",  check_get_performance, cmd_get_performance,
                                    { [1] = 0x1f, LBA_2_5, [8] = 0xff, 0xff, 0xff, CONTROL } },
    [OP_READ_DVD_STRUCTURE]     = { 12, ALLOC16(8), MEDIUM_DVD,    "READ DVD STRUCTURE",       "5",    check_read_dvd_structure, cmd_read_dvd_structure,
                                    { [1] = 0x0f, LBA_2_5, 0xff, 0xff, 0xff, 0xff, 0xc0, CONTROL } },
    [OP_SET_STREAMING]          = { 12, LIST16(9), GATE_MEDIUM,    "SET STREAMING",            "6.9",  NULL,                  cmd_set_streaming,
                                    { [8] = 0xff, 0xff, 0xff, CONTROL } },
    [OP_READ_CD_MSF]            = { 12, NO_ALLOC,  GATE_MEDIUM,    "READ CD MSF",              "6.13", check_read_cd,         cmd_read_cd_msf,
                                    { [1] = 0x1e, [3] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x07, CONTROL } },
    [OP_SET_CD_SPEED]           = { 12, NO_ALLOC,  0,              "SET CD SPEED",             "6.9",  NULL,                  cmd_set_cd_speed,
                                    { [1] = 0x03, 0xff, 0xff, 0xff, 0xff, [11] = CONTROL } },
    [OP_MECHANISM_STATUS]       = { 12, ALLOC16(8), 0,             "MECHANISM STATUS",         "6.8",  NULL,                  cmd_mechanism_status,
                                    { COUNT16(8), [11] = CONTROL } },
    [OP_READ_CD]                = { 12, NO_ALLOC,  GATE_MEDIUM,    "READ CD",                  "6.13", check_read_cd,         cmd_read_cd,
                                    { [1] = 0x1e, LBA_2_5, 0xff, 0xff, 0xff, 0xfe, 0x07, CONTROL } },
};
/* clang-format on */

bool command_is_left_to_target(uint8_t opcode)
{
    return opcode == OP_REPORT_LUNS || opcode == OP_PERSISTENT_RESERVE_IN ||
           opcode == OP_PERSISTENT_RESERVE_OUT;
}
