/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file golden_disc.h
 * The discs of the golden files, as tests/golden/README.md describes them. Each call that makes
 * one gives its only reference away, and ends the program without memory.
 */
#ifndef DVDEMU_GOLDEN_DISC_H
#define DVDEMU_GOLDEN_DISC_H

#include "emulator/disc.h"

#define GOLDEN_DISC_BLOCKS 256

/** A data disc of 1..DISC_BLOCKS_MAX blocks: each its number in four bytes, then 4Ch. */
struct disc *golden_disc_plain(uint32_t blocks);
/** The CSS disc. */
struct disc *golden_disc_css(void);

/** From now on its image cannot be read. */
void golden_disc_break(struct disc *disc);
/** Make one block unreadable; once per disc. */
void golden_disc_spoil(struct disc *disc, uint32_t lba);

#endif
