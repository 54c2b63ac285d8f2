/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file model.h
 * The drive of the lab as the rules see it: the oracle, and beside it what the oracle does not
 * judge - the media events that each nexus has to get (mmc-spec 6.4), and the data of reads. A
 * value: copied by assignment; it points only at the discs.
 */
#ifndef DVDEMU_CONTENTION_MODEL_H
#define DVDEMU_CONTENTION_MODEL_H

#include "history.h"

#define LAB_DISCS      2
#define LAB_EVENTS_MAX 4

struct lab_disc {
    struct oracle_disc facts;
    const uint8_t *blocks; /**< facts.blocks of them, as a read shows them */
};

/** Media events that a nexus has not asked for yet, oldest first. */
struct lab_events {
    uint8_t code[LAB_EVENTS_MAX];
    size_t count;
};

struct lab_model {
    struct oracle oracle;
    struct lab_events events[ORACLE_NEXUSES];
    const struct lab_disc *discs; /**< LAB_DISCS of them; the caller's */
};

/**
 * The drive switched on with discs[0] in and ready, `nexuses` of them there, each with its
 * attention taken. Quirks are set by the caller afterwards.
 */
void lab_model_start(struct lab_model *m, const struct lab_disc *discs, unsigned nexuses);

/**
 * In how many ways an operation can have ended: 1, or for one whose end is not known as many as
 * there are answers.
 */
unsigned lab_model_ends(const struct op *op);

/**
 * Let the operation happen now, with the end of that number (from 0). NULL: the rules allow it.
 * Else what they say against it, good until the next call, and the model is as it was.
 */
const char *lab_model_step(struct lab_model *m, const struct op *op, unsigned end);

/** A number for the state; equal states give equal numbers. */
uint64_t lab_model_hash(const struct lab_model *m);

#endif
