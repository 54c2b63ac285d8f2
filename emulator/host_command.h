/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_command.h
 * Commands as a host sends them: CDB, parameter list and the length of the reply asked for.
 * A value each; building one cannot fail. Formats are those of scsi/opcodes.h, as plain numbers,
 * so that a transport whose headers have their own names for them can include this.
 */
#ifndef DVDEMU_HOST_COMMAND_H
#define DVDEMU_HOST_COMMAND_H

#include "css/css.h"

#define HOST_CDB_BYTES_MAX   12
#define HOST_OUT_BYTES_MAX   16
#define HOST_REPLY_BYTES_MAX 4096
/** Bytes before the data in a reply to REPORT KEY and READ DVD STRUCTURE. */
#define HOST_HEADER_BYTES 4
/** INQUIRY of the standard data, not of a VPD page. */
#define HOST_NO_PAGE (-1)

struct host_command {
    uint8_t cdb[HOST_CDB_BYTES_MAX], cdb_bytes;
    uint8_t out[HOST_OUT_BYTES_MAX], out_bytes; /**< parameter list; 0: none */
    uint16_t in_bytes;                          /**< reply asked for, 0: none */
};

/** Ready, or why not. */
struct host_command host_test_unit_ready(void);
/** `page`: a VPD page, or HOST_NO_PAGE. */
struct host_command host_inquiry(int page);
/** All features. */
struct host_command host_get_configuration(void);
struct host_command host_read_capacity(void);
/** One block. */
struct host_command host_read_block(uint32_t lba);
/** `format`: enum dvd_structure_format; `agid` 0..3 counts for the disc key only. */
struct host_command host_read_structure(unsigned format, unsigned agid);
/** `format`: enum key_format; `lba` counts for the title key only. */
struct host_command host_report_key(unsigned format, unsigned agid, uint32_t lba);
struct host_command host_send_challenge(unsigned agid, const css_challenge *host);
struct host_command host_send_key2(unsigned agid, const css_key2 *key2);

#endif
