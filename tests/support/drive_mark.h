/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file drive_mark.h
 * Everything of a drive that a command can change, taken before it and held against it afterwards:
 * a refusal may leave nothing behind, down to a mode value or an event, and ends a command once.
 */
#ifndef DVDEMU_DRIVE_MARK_H
#define DVDEMU_DRIVE_MARK_H

#include "emulator/drive.h"

#define DRIVE_MARK_NEXUSES 8

struct drive_mark {
    struct drive_state state;
    struct nexus_state nexus[DRIVE_MARK_NEXUSES]; /**< in the order of the drive's list */
    const struct disc *disc;
    struct drive_counters counters;
};

/** Lets the time pass that has passed, so that the command finds it passed. */
void drive_mark_take(struct drive_mark *mark, struct drive *d);

/** NULL, or which member has changed since. */
const char *drive_mark_differs(const struct drive_mark *mark, const struct drive *d);

/** NULL when one command has ended once since, with a check or without; or what is wrong. */
const char *drive_mark_ended_once(const struct drive_mark *mark, const struct drive *d, bool check);

#endif
