/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file nexus_table.h
 * Which nexus of the target is which nexus of the drive. The target's numbers are used again, so
 * a nexus is known by its number and the time it came. The target tells nobody when a nexus goes:
 * the table is brought up to date by marking all that are there and sweeping the others.
 */
#ifndef DVDEMU_NEXUS_TABLE_H
#define DVDEMU_NEXUS_TABLE_H

#include "drive.h"

struct nexus_row;

/** Start with all zero; nothing is allocated while there is no nexus. */
struct nexus_table {
    struct nexus_row **chains; /**< owned; as many as a power of two, so that they stay short */
    size_t chain_count, row_count;
};

/** The drive's nexus, NULL when it is not known. The common case: no memory is touched but read. */
struct drive_nexus *nexus_table_find(const struct nexus_table *table, uint64_t id, long since);

/**
 * Say that the nexus of this number is there, by somebody who knows that it is the one that the
 * table has. False: the table has none of this number.
 */
bool nexus_table_keep(struct nexus_table *table, uint64_t id);

/**
 * Say that a nexus is there. One that was not known is opened and *fresh set; one of the same
 * number that came at another time is closed first. NULL: no memory.
 */
struct drive_nexus *nexus_table_mark(struct nexus_table *table, struct drive *drive, uint64_t id,
                                     long since, bool *fresh);

/**
 * Close all that were not marked since the last sweep. With nothing marked: all, and the table
 * owns nothing any more.
 */
void nexus_table_sweep(struct nexus_table *table, struct drive *drive);

#endif
