/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_keystream.h
 * The keystream generator, internal to css/ (css-spec 3.2 to 3.4).
 */
#ifndef DVDEMU_CSS_KEYSTREAM_H
#define DVDEMU_CSS_KEYSTREAM_H

#include "css.h"

/** What the stream is for: decides which register's output is inverted. */
enum css_stream_use {
    CSS_STREAM_AUTH,      /**< KEY1, KEY2, bus key */
    CSS_STREAM_DISC_KEY,  /**< disc key under a player key, check entry */
    CSS_STREAM_TITLE_KEY, /**< title key under the disc key */
    CSS_STREAM_SECTOR     /**< payload of a sector */
};

/** A running generator; css_keystream_start() fills it. */
struct css_keystream {
    uint32_t a;       /**< 17-bit register, oldest bit lowest */
    uint32_t b;       /**< 25-bit register, oldest bit lowest */
    uint32_t carry;   /**< 0 or 1; runs through the whole stream */
    uint8_t invert_a; /**< 00h or FFh */
    uint8_t invert_b;
};

/** Seed a generator with a five-byte key. */
struct css_keystream css_keystream_start(enum css_stream_use use,
                                         const uint8_t key[static CSS_KEY_BYTES]);

/** Write the next `bytes` bytes of the stream. */
void css_keystream_bytes(struct css_keystream *stream, uint8_t *out, size_t bytes);

#endif
