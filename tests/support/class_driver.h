/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file class_driver.h
 * A model of Windows' optical class driver (windows-spec a): I/O controls in, CDBs out, and what it
 * makes of the answers. Written from the spec, not from its caller: tests put it between the
 * program for Windows and a drive.
 *
 * Left out: polling, the refresh of capabilities, waiting between retries. The volume counts as
 * not mounted, so that unit attentions are retried away.
 */
#ifndef DVDEMU_CLASS_DRIVER_H
#define DVDEMU_CLASS_DRIVER_H

#include "tests/windows/windows_calls.h"

#define CLASS_DRIVER_LOG_MAX 512

/** A command to the drive below. */
struct class_driver_command {
    const uint8_t *cdb;
    uint8_t cdb_bytes;
    const uint8_t *out;
    size_t out_bytes;
    uint8_t *in;
    size_t in_room;
    /* filled in */
    size_t in_bytes;
    uint8_t sense[SCSI_SENSE_BYTES];
    size_t sense_bytes; /**< 0: GOOD */
};

struct class_driver {
    struct windows_calls calls; /**< use these */
    void (*run)(void *ctx, struct class_driver_command *command);
    void *ctx;

    uint32_t alignment_mask; /**< of the adapter, judges lengths too (a.3) */
    bool picks_region;       /**< as b.4 says, with region 1 as the system's */
    uint32_t blocks;         /**< of the disc: reads past it do not reach the drive */

    uint8_t work[65536]; /**< never wiped between commands (a.4) */
    /** Opcode, and key format or structure format, of the A3h, A4h and ADh commands, in order. */
    struct {
        uint8_t opcode, format;
    } log[CLASS_DRIVER_LOG_MAX];
    size_t log_count;
    uint8_t random_next;
};

/** A driver above a drive; `c` must stay where it is. */
void class_driver_init(struct class_driver *c,
                       void (*run)(void *ctx, struct class_driver_command *command), void *ctx);

#endif
