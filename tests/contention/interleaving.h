/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file interleaving.h
 * One interleaving: who begins what next, and whose answer is waited for before anything else
 * begins. All of it comes from the seed; when answers come, and in which order, is the target's.
 * (A drive whose answers are late: the clock is moved until there is one.)
 */
#ifndef DVDEMU_CONTENTION_INTERLEAVING_H
#define DVDEMU_CONTENTION_INTERLEAVING_H

#include "lab_drive.h"
#include "tally.h"

/**
 * On a lab that is fresh. Afterwards lab->h is the history, with everything answered that can be.
 * False: lab->failure says what went wrong beside the answers.
 */
bool interleaving_run(struct lab *lab, uint32_t seed, struct tally *tally);

#endif
