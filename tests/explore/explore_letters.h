/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file explore_letters.h
 * What can happen to the drive that is explored: its alphabet. A command of a nexus under an AGID,
 * a command of a nexus, or an event, a row each.
 */
#ifndef DVDEMU_EXPLORE_LETTERS_H
#define DVDEMU_EXPLORE_LETTERS_H

#include "tests/support/judged_drive.h"

#define EXPLORE_NEXUSES_MAX 2
#define EXPLORE_AGIDS       2
#define EXPLORE_DISCS       3
#define EXPLORE_LETTERS_MAX 128
#define EXPLORE_NAME_BYTES  80

/** How much of the alphabet is used. */
struct explore_scope {
    unsigned nexuses; /**< 1, 2 */
    unsigned discs;   /**< 0: the disc that is in stays; 1: it comes and goes; 2: so does one of
                           another region; 3: and one without CSS */
    unsigned changes; /**< of the region that are left at first, 0..2; 0: none is tried */
    bool events;      /**< reset, power cycle, nexuses come and go */
};

struct explore_alphabet {
    struct explore_letter {
        const struct explore_row *row;
        unsigned number; /**< of the nexus, or of the disc */
        unsigned agid;   /**< 0 or 1: the first or second that the drive grants */
    } letters[EXPLORE_LETTERS_MAX];
    size_t count;
};

void explore_alphabet(struct explore_alphabet *a, const struct explore_scope *scope);

/** Before judged_open(): AGIDs, variant and region state of the scope. False: the drive will not.
 */
bool explore_prepare(struct judged_drive *j, const struct explore_scope *scope);
/** After it: the nexuses come, the first disc is in. NULL, or a difference. */
const char *explore_begin(struct judged_drive *j, const struct explore_scope *scope);

/** Whether the letter can happen now: its nexus is there. */
bool explore_can(const struct judged_drive *j, const struct explore_letter *letter);
/** Let it happen, judged. NULL, or a difference. *command: it was one. */
const char *explore_run(struct judged_drive *j, const struct explore_letter *letter, bool *command);

/** "nexus 0, AGID 1: KEY2 with a wrong bit" */
void explore_name(const struct explore_letter *letter, char out[static EXPLORE_NAME_BYTES]);

#endif
