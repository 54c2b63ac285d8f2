/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file read_ahead.h
 * Reading on while nobody asks for anything. A host that reads a disc from block to block, one
 * command after the other, leaves the drive idle while it looks at what it got. A drive that reads
 * meanwhile what comes next has it when it is asked, as real ones do; scrambling is then the way
 * into the answer.
 *
 * Whether data may leave is not decided here: it is handed over for commands that the drive has
 * executed, in the place of drive_fetch(). All calls come on one thread, that of the drives.
 */
#ifndef DVDEMU_READ_AHEAD_H
#define DVDEMU_READ_AHEAD_H

#include "drive.h"

#define READ_AHEAD_BLOCKS_MIN 16     /**< 32 KiB: a smaller read costs less than being guessed */
#define READ_AHEAD_BLOCKS_MAX 256    /**< 512 KiB: how long a guess may keep the thread busy */
#define READ_AHEAD_STREAMS    4      /**< hosts that are followed at a time; each has memory */
#define READ_AHEAD_AGE_US     20000u /**< no guess is older: the file under a disc may change */

struct read_ahead;

/** NULL: no memory. */
struct read_ahead *read_ahead_new(void);

/**
 * The drive has executed a read, whose answer leaves at `now_us` by a clock that does not go back.
 * True: it was read ahead, the request has its data, and the reply is final but for
 * drive_fetch_end(). False: it is still to be fetched. Either way the next one is guessed.
 */
bool read_ahead_take(struct read_ahead *a, struct drive *drive, const struct drive_request *request,
                     const struct drive_reply *reply, uint64_t now_us);

/**
 * Before each wait for something to do: discs that have left their drives are let go of. Returns
 * whether there is something to read ahead.
 */
bool read_ahead_look(struct read_ahead *a);

/** Read it, unless that would wait for a device or fails: the host will hear, if it ever asks. */
void read_ahead_run(struct read_ahead *a, uint64_t now_us);

/** A drive is about to go. */
void read_ahead_forget(struct read_ahead *a, const struct drive *drive);

/** NULL is allowed. */
void read_ahead_free(struct read_ahead *a);

#endif
