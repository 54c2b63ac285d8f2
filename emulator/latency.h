/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file latency.h
 * How long a drive of a disc takes: spin-up, seeks by distance and layer, transfer by radius, keys.
 * A model of a 16x DVD-ROM drive that turns at a constant angular velocity (mmc-spec 6.9, 3.5);
 * whole numbers only, so that every machine reckons the same. No clock: it is told the time.
 */
#ifndef DVDEMU_LATENCY_H
#define DVDEMU_LATENCY_H

#include "disc.h"

/** What it takes from load to ready, and what the first access after a stop waits for. */
#define LATENCY_LOAD_US    6000000u
#define LATENCY_SPIN_UP_US 2500000u

/** The mechanism: where the head is, and when it will have done what it was told. */
struct mechanism {
    bool stopped;           /**< by START STOP UNIT; the next access spins the disc up */
    uint32_t head_lba;      /**< next block of the stream that is read ahead */
    uint64_t head_us;       /**< when that block will have been read */
    uint64_t busy_until_us; /**< the last command is answered then; a drive does one at a time */
    uint32_t limit_kb_s;    /**< speed that the host asked for; 0: the best */
};

enum work_kind {
    WORK_NONE, /**< answered from memory */
    WORK_SEEK,
    WORK_READ,
    WORK_KEY /**< a title key or disc key is fetched from the disc */
};

/** What a command makes the mechanism do. */
struct work {
    uint8_t kind; /**< enum work_kind */
    uint32_t lba, blocks;
};

/**
 * When the answer to a command that came at `now_us` is ready; the mechanism has moved then.
 * `disc` may be NULL with WORK_NONE only; the range is on the disc.
 */
uint64_t latency_answer_us(struct mechanism *m, const struct disc *disc, struct work work,
                           uint64_t now_us);

/** Transfer rate at a block, in kB/s (1000 bytes), of a drive that is not held back. */
uint32_t latency_rate_kb_s(const struct disc *disc, uint32_t lba);

#endif
