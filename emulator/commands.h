/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file commands.h
 * The drive's commands: one table of rows, and the handlers that the rows name.
 *
 * A check_* function judges the fields of a CDB that matter, before the disc is looked at; it may
 * set rq->detail (the row it found) and rq->gates. A cmd_* function does the command: it writes
 * into rq->in and returns its sense; nothing else sets status. Both are called by the dispatch
 * engine only, with a CDB of at least the row's length.
 */
#ifndef DVDEMU_COMMANDS_H
#define DVDEMU_COMMANDS_H

#include "drive.h"

/** 256 rows; cdb_bytes 0: not supported. */
extern const struct scsi_command mmc_commands[SCSI_OPCODES];

/**
 * Operation codes that tgtd serves for this logical unit: it owns the LUN list and the persistent
 * reservations. A bare drive answers REPORT LUNS by itself and refuses the other two.
 */
bool command_is_left_to_target(uint8_t opcode);

/** What a check_* function leaves in rq->detail begins so: the trace prints the name. */
struct command_detail {
    const char *name;
};

typedef struct scsi_sense command_fn(struct drive *d, struct scsi_request *rq);

/* cmd_identify.c */
command_fn cmd_test_unit_ready, cmd_request_sense, check_request_sense, cmd_inquiry, check_inquiry,
    cmd_report_luns;
/* cmd_tray.c */
command_fn cmd_start_stop_unit, check_start_stop_unit, cmd_prevent_allow, cmd_mechanism_status;
/* cmd_configuration.c */
command_fn cmd_get_configuration, check_get_configuration;
/* cmd_event.c */
command_fn cmd_get_event_status, check_get_event_status;
/* cmd_mode.c */
command_fn cmd_mode_sense_6, cmd_mode_sense_10, check_mode_sense, cmd_mode_select_6,
    cmd_mode_select_10, check_mode_select;
/* cmd_toc.c */
command_fn cmd_read_format_capacities, cmd_read_capacity, cmd_read_toc, check_read_toc,
    cmd_read_disc_information, check_read_disc_information, cmd_read_track_information,
    check_read_track_information;
/* cmd_speed.c */
command_fn cmd_get_performance, check_get_performance, cmd_set_streaming, cmd_set_cd_speed,
    cmd_set_read_ahead;
/* cmd_read.c */
command_fn cmd_read_10, cmd_read_12, cmd_read_cd, check_read_cd, cmd_read_cd_msf, cmd_seek,
    cmd_verify;
/* cmd_key.c */
command_fn cmd_report_key, check_report_key, cmd_send_key, check_send_key;
/* cmd_structure.c */
command_fn cmd_read_dvd_structure, check_read_dvd_structure;

#endif
