/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file discs.h
 * The discs of the lab: CSS, with what steps.h asks for, every block of either one different. Disc
 * 0 plays in all regions, disc 1 in region 2 only. The images count as scrambled already, so what
 * is read is what they hold.
 */
#ifndef DVDEMU_CONTENTION_DISCS_H
#define DVDEMU_CONTENTION_DISCS_H

#include "model.h"
#include "tests/support/temp_folder.h"

#define LAB_RUNS 4

struct lab_shelf {
    struct lab_disc discs[LAB_DISCS];
    struct oracle_run runs[LAB_DISCS][LAB_RUNS];
    uint8_t disc_key_blocks[LAB_DISCS][ORACLE_BLOCK_BYTES];
    uint8_t *blocks[LAB_DISCS];
    char paths[LAB_DISCS][TEMP_PATH_BYTES];
};

/** What the discs hold, with keys made up: for a drive in the same process (judged_disc()). */
void lab_shelf_make(struct lab_shelf *shelf);

/**
 * The same as files in a folder; keys are those that the descriptions lead to. Ends the program
 * when it cannot.
 */
void lab_shelf_write(struct lab_shelf *shelf, struct temp_folder *folder);

void lab_shelf_free(struct lab_shelf *shelf);

#endif
