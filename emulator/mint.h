/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file mint.h
 * From a plain image to the disc that a pressing plant would have made of it: which packs are
 * scrambled, under which keys. The same recipe and image give the same disc, always.
 *
 * The rule: of each VOBU (from a navigation pack to the next), one run of about 30 % of its packs,
 * placed by the seed; in it, the packs that css_pack_may_scramble() allows are scrambled. All
 * other blocks of a VOB are restricted but clear, so that hosts may ask for the key at any block
 * of it. Each title set has one title key, the disc's menus too.
 */
#ifndef DVDEMU_MINT_H
#define DVDEMU_MINT_H

#include "disc.h"
#include "disc_text.h"
#include "dvd_video.h"

#define MINT_CGMS_MAX 3

struct mint_recipe {
    const char *regions;     /**< as in a description; NULL: all */
    const char *disc_key;    /**< as in a description; NULL: drawn */
    const char *player_keys; /**< lines of [player_keys]; NULL: all drawn */
    uint64_t seed;
    uint8_t cgms; /**< 0..MINT_CGMS_MAX: copy generation bits of every CPR_MAI that mint makes */
    const struct dvd_video *video;       /**< the VOBs; NULL: `extents` instead */
    const struct disc_text_run *extents; /**< for images that are no DVD-Video; no keys named */
    size_t extent_count;
};

/**
 * Mint a disc; takes the medium over, also on failure, and reads it, waiting if need be. NULL:
 * `error` (room for INI_ERROR_BYTES) says why. One reference. Its paths mean nothing: whoever
 * writes the description knows where the image lies.
 */
struct disc *mint_disc(const struct mint_recipe *recipe, struct medium *medium, char *error);

#endif
