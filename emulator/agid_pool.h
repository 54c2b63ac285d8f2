/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file agid_pool.h
 * The AGIDs of a drive: which there are, which one a command means, and the cells in which the
 * drive's machine differs from the standard's. docs/spec/quirks.md "The pool", "The exchange".
 */
#ifndef DVDEMU_AGID_POOL_H
#define DVDEMU_AGID_POOL_H

#include "drive.h"

/** Make the drive's machine: the standard's with the cells that its quirks change. */
void agid_pool_init(struct drive *d);

/** The number that counts, for the AGID field of a CDB. */
uint8_t agid_pool_addressed(const struct drive *d, uint8_t agid);

/** Move an AGID by one event; as agid_step(). One that the drive does not have stays FREE. */
enum agid_action agid_pool_step(struct drive *d, uint8_t agid, enum agid_event event);

/** What agid_pool_step() would do. */
enum agid_action agid_pool_peek(const struct drive *d, uint8_t agid, enum agid_event event);

/** Grant an AGID to whoever asks: its number in *agid, or the sense of the refusal. */
struct scsi_sense agid_pool_grant(struct drive *d, uint8_t *agid);

/**
 * A step of the handshake came that the machine refuses: what it leaves of the exchange, and the
 * sense that the step ends with.
 */
struct scsi_sense agid_pool_refuse(struct drive *d, uint8_t agid);

/** Every AGID is free again. */
void agid_pool_free_all(struct drive *d);

#endif
