/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file drive_snapshot.h
 * The state of a drive as a value: taken, put back, named by a hash.
 *
 * One row for each member of struct drive_state and struct nexus_state (drive_snapshot.c) says how
 * it is serialised: big-endian, no pointer, no padding. The hash is the SHA-256 of that and of the
 * disc's description; the same seed and the same commands give the same chain of hashes with any
 * compiler, on any machine. Counters are no state. All calls on the drive's thread.
 */
#ifndef DVDEMU_DRIVE_SNAPSHOT_H
#define DVDEMU_DRIVE_SNAPSHOT_H

#include "drive.h"

#define DRIVE_HASH_BYTES 32

struct drive_snapshot;

/** The whole state: the disc by a reference, every nexus by its number. NULL: no memory. */
struct drive_snapshot *drive_snapshot_take(struct drive *d);

/**
 * Put a state of the same drive back; the snapshot stays good for the next time. A nexus that came
 * since is as one that has just come (06/29/00); one that is gone stays gone. The drive's time goes
 * on from the snapshot's. False, nothing changed: the region state cannot be kept, or it is another
 * drive's (other quirks or seed).
 */
bool drive_snapshot_restore(struct drive *d, const struct drive_snapshot *s);

void drive_snapshot_free(struct drive_snapshot *s);

/** Name of the state that the drive is in. */
void drive_hash(struct drive *d, uint8_t out[static DRIVE_HASH_BYTES]);

/** The same of a snapshot. */
void drive_snapshot_hash(const struct drive_snapshot *s, uint8_t out[static DRIVE_HASH_BYTES]);

/** A member of a state: where it is, and its elements' width and number. */
struct state_row {
    const char *name;
    size_t offset;
    uint8_t width; /**< bytes of an element: 1, 4 or 8 */
    uint8_t count;
};

/** Rows of struct drive_state and of struct nexus_state, each ended by a row without name. */
extern const struct state_row drive_state_rows[], nexus_state_rows[];

#endif
