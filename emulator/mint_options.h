/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file mint_options.h
 * What the options of `dvdemu mint` say, judged by the rules for the lines of a description.
 */
#ifndef DVDEMU_MINT_OPTIONS_H
#define DVDEMU_MINT_OPTIONS_H

#include "disc_text.h"

struct mint_options {
    struct disc_text text; /**< text.extents: what --extent gave, in that order */
    char *player_keys;     /**< lines of [player_keys]; NULL: none given; owned */
};

/** Start with nothing given. False: no memory. */
bool mint_options_begin(struct mint_options *options);
void mint_options_free(struct mint_options *options);

/**
 * Whether a value is one for `key` of [disc]. False: `why` (room for INI_ERROR_BYTES) says what it
 * has to be; so in all calls here.
 */
bool mint_options_value(struct mint_options *options, const char *key, const char *value,
                        char *why);

/** Take LBA:BLOCKS:CPR_MAI. */
bool mint_options_extent(struct mint_options *options, const char *value, char *why);

/** Take a file of lines `SLOT KEY`, '#' starts a comment. `error` names file and line. */
bool mint_options_player_keys(struct mint_options *options, const char *path, char *error);

#endif
