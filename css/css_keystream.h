/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_keystream.h
 * The keystream generator, internal to css/ (css-spec 3.2 to 3.4).
 */
#ifndef DVDEMU_CSS_KEYSTREAM_H
#define DVDEMU_CSS_KEYSTREAM_H

#include "css.h"
#include "css_tables.h"

/** What the stream is for: decides which register's output is inverted. */
enum css_stream_use {
    CSS_STREAM_AUTH,      /**< KEY1, KEY2, bus key */
    CSS_STREAM_DISC_KEY,  /**< disc key under a player key, check entry */
    CSS_STREAM_TITLE_KEY, /**< title key under the disc key */
    CSS_STREAM_SECTOR     /**< payload of a sector */
};

/** Five bytes of a key as one number, the first lowest. */
static inline uint64_t css_key_word(const uint8_t key[static CSS_KEY_BYTES])
{
    return key[0] | (uint32_t)key[1] << 8 | (uint32_t)key[2] << 16 | (uint32_t)key[3] << 24 |
           (uint64_t)key[4] << 32;
}

/** The two registers. */
struct css_registers {
    uint32_t a; /**< 17 bits, oldest bit lowest */
    uint32_t b; /**< 25 bits, oldest bit lowest */
};

/**
 * Seed them with a key. Both are kept the other way round than css-spec 3.2 writes them: oldest bit
 * at bit 0, shifting right. New bits then come out in the order of the stream (css-spec 3.4, end),
 * and only the key bytes have to be reversed, once. Bit 8 of one and bit 21 of the other are always
 * 1.
 */
static inline struct css_registers css_registers_of(uint64_t key_word)
{
    const uint32_t middle = css_bitrev[key_word >> 16 & 0xff];

    return (struct css_registers){
        .a =
            css_bitrev[key_word >> 8 & 0xff] | 1u << 8 | (uint32_t)css_bitrev[key_word & 0xff] << 9,
        .b = css_bitrev[key_word >> 32 & 0xff] | (uint32_t)css_bitrev[key_word >> 24 & 0xff] << 8 |
             (middle & 0x1f) << 16 | 1u << 21 | (middle >> 5) << 22,
    };
}

/** A running generator; css_keystream_start() fills it. */
struct css_keystream {
    struct css_registers registers;
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
