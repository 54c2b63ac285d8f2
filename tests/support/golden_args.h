/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file golden_args.h
 * Arguments of the words in golden files. Each call is false (NULL) for an argument that says
 * something else; what it then left in the result means nothing.
 */
#ifndef DVDEMU_GOLDEN_ARGS_H
#define DVDEMU_GOLDEN_ARGS_H

#include "emulator/drive.h"
#include "golden_file.h"

/** A name and what it stands for; a list of them ends with NULL. `none` comes first. */
struct golden_name_row {
    const char *text;
    unsigned value;
};
extern const struct golden_name_row golden_attentions[]; /**< enum drive_attention */
extern const struct golden_name_row golden_events[];     /**< enum media_event */
extern const struct golden_name_row golden_prevents[];   /**< enum golden_prevent */
extern const struct golden_name_row golden_paths[];      /**< enum disc_track_path */
extern const struct golden_name_row golden_trays[];      /**< true: open */
extern const struct golden_name_row golden_truths[];     /**< 0, 1 */
extern const struct golden_name_row golden_discs[];      /**< true: in */

/** Who prevents removal: nobody, this nexus, this nexus persistently, another one. */
enum golden_prevent { PREVENT_NONE, PREVENT_HERE, PREVENT_PERSISTENT, PREVENT_OTHER };

bool golden_number(const char *arg, int base, unsigned long most, unsigned long *value);
/** Two hexadecimal digits. */
bool golden_byte(const char *arg, uint8_t *value);
bool golden_name(const struct golden_name_row *names, const char *arg, unsigned *value);
/** Number of an AGID. */
bool golden_slot(const char *arg, unsigned long *slot);
/** `HCHAL`: enum agid_state. */
bool golden_agid_state(const char *arg, unsigned *state);
/** `FE/3`: mask, user changes left. */
bool golden_region(const char *arg, uint8_t *mask, uint8_t *changes);
/** `page 01 byte 3 12`: where in the drive that byte lives, and its value. */
uint8_t *golden_page_byte(struct drive *d, const struct golden_word *w, uint8_t *value);

#endif
