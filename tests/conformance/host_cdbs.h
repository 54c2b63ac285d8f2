/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_cdbs.h
 * CDBs that hosts send, byte by byte, and the keys' steps on top of them (exchange.h). Every call
 * returns an outcome.
 */
#ifndef DVDEMU_HOST_CDBS_H
#define DVDEMU_HOST_CDBS_H

#include "outcome.h"

/** The last command's result, whoever sent it: for residuals, sense bytes, counts. */
extern struct initiator_result last_result;

int run_command(struct initiator *i, const struct initiator_command *command);

#define CDB(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/** RUN(i, 0x1b, 0, 0, 0, 2, 0): a command without data. */
#define RUN(i, ...) run_in((i), NULL, 0, CDB(__VA_ARGS__))
/** RUN_IN(i, reply, sizeof(reply), 0xa4, ...): a read; GOOD data is in `reply`. */
#define RUN_IN(i, in, room, ...) run_in((i), (in), (room), CDB(__VA_ARGS__))
/** RUN_OUT(i, list, sizeof(list), 0xa3, ...): a write. */
#define RUN_OUT(i, out, bytes, ...) run_out((i), (out), (bytes), CDB(__VA_ARGS__))

int run_in(struct initiator *i, uint8_t *in, size_t room, const uint8_t *cdb, size_t cdb_bytes);
int run_out(struct initiator *i, const uint8_t *out, size_t bytes, const uint8_t *cdb,
            size_t cdb_bytes);

int test_unit_ready(struct initiator *i);
/** READ(10); `in` has room for all blocks. */
int read_blocks(struct initiator *i, uint32_t lba, uint16_t blocks, uint8_t *in);
/** READ(10) of one block that is thrown away. */
int touch_block(struct initiator *i, uint32_t lba);

/** REPORT KEY, allocation length and room `bytes`. */
int report_key(struct initiator *i, uint8_t agid, uint8_t format, uint32_t lba, uint8_t *in,
               uint16_t bytes);
/** SEND KEY of a list of `bytes` bytes. */
int send_key(struct initiator *i, uint8_t agid, uint8_t format, const uint8_t *list,
             uint16_t bytes);
/** READ DVD STRUCTURE, allocation length and room `bytes`. */
int read_structure(struct initiator *i, uint8_t agid, uint8_t format, uint32_t address, uint8_t *in,
                   uint16_t bytes);

/** Value of ASF; ends the test if it cannot be had. */
uint8_t asf(struct initiator *i);
/** SEND KEY 06h for the regions that the mask allows with 0 bits. */
int set_region(struct initiator *i, uint8_t mask);

/** GET EVENT STATUS NOTIFICATION, media class: event code and media status byte. */
struct media_status {
    uint8_t event, status;
};
struct media_status media_event(struct initiator *i);

#endif
