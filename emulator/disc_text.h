/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file disc_text.h
 * The lines of a `.disc` description, read one by one into a disc that is being built. Only what a
 * line says by itself is judged here; disc_file.c judges the whole, for which lines are kept.
 */
#ifndef DVDEMU_DISC_TEXT_H
#define DVDEMU_DISC_TEXT_H

#include "disc.h"
#include "ini_file.h"

/** Keys of [disc], in the order of the table in disc_text.c. */
enum disc_text_key {
    DISC_TEXT_IMAGE,
    DISC_TEXT_MEDIUM,
    DISC_TEXT_LAYERS,
    DISC_TEXT_TRACK_PATH,
    DISC_TEXT_LAYER0_BLOCKS,
    DISC_TEXT_PROTECTION,
    DISC_TEXT_REGIONS,
    DISC_TEXT_SEED,
    DISC_TEXT_DISC_KEY,
    DISC_TEXT_SCRAMBLED,
    DISC_TEXT_BCA,
    DISC_TEXT_KEYS
};

/** A line of [extents] or [bad_blocks]; the latter has an LBA and a length only. */
struct disc_text_run {
    struct disc_extent extent;
    unsigned line;
};

struct disc_text_runs {
    struct disc_text_run *runs;
    size_t count;
};

/** Where a title key was defined and where it was named first; 0: nowhere. */
struct disc_text_title_lines {
    unsigned defined, named;
};

struct disc_text {
    struct disc *disc;              /**< gets [disc], title keys (not wrapped), file names */
    unsigned lines[DISC_TEXT_KEYS]; /**< of [disc]; 0: not given */
    css_player_key players[CSS_SLOTS];
    unsigned player_lines[CSS_SLOTS];          /**< 0: not given */
    struct disc_text_title_lines *title_lines; /**< one for each title key of the disc */
    struct disc_text_runs extents, bad_blocks; /**< in the order of the text */
};

/** An ini_line_fn; `ctx` is a struct disc_text whose disc is set and the rest zero. */
bool disc_text_line(void *ctx, const struct ini_line *line, char *why);

/** Name of a key of [disc]. */
const char *disc_text_key_name(enum disc_text_key key);
/** Whether a key of [disc] means something on a disc with CSS only; on a DVD only. */
bool disc_text_key_needs_css(enum disc_text_key key);
bool disc_text_key_needs_dvd(enum disc_text_key key);

/** Whether `name` can name a title key: 1..32 letters, digits, '_', '.', '-'; not "-" alone. */
bool disc_text_is_title_name(const char *name);

/** Free all but the disc. */
void disc_text_free(struct disc_text *text);

#endif
