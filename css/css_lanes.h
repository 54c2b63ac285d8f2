/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_lanes.h
 * The sector cipher in 64-bit words, on several sectors side by side (css-spec 12); internal to
 * css/. Every kernel is this text on another machine: its file says first what a group of lanes is
 * there, includes this, and adds lanes_cipher(), which knows the S-box and the order of memory.
 *
 * To define before: `LANES`, and `lanes`, that many 64-bit words - the k-th belongs to the k-th
 * sector of a group - on which + - ^ & | ~ << >> work word by word. LANES_STEP: words of a sector
 * that lanes_cipher() gets at a time, 8 or a part of it. Optional, where the machine has something
 * better than what stands below: lanes_join(), lanes_xor3(), lanes_borrow().
 */
#ifndef DVDEMU_CSS_LANES_H
#define DVDEMU_CSS_LANES_H

#include "css.h"
#include "css_keystream.h"

#include <string.h>

/* A kernel is one long function for each direction; what is constant has to be so for it. */
#define CSS_INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define CSS_UNROLL _Pragma("unroll")
#else
#define CSS_UNROLL _Pragma("GCC unroll 32")
/* about how vectors are passed, where a machine has none: everything here is inlined */
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

/* css-spec 10 */
#define SEED_OFFSET    0x54
#define PAYLOAD_OFFSET 0x80
#define PAYLOAD_BYTES  (CSS_SECTOR_BYTES - PAYLOAD_OFFSET)
#define WORD_BITS      64
#define PAYLOAD_WORDS  (PAYLOAD_BYTES * 8 / WORD_BITS)

/** Words that the recurrences look back. */
#define HISTORY_WORDS 25
/** Words of either stream that are made first: all that the recurrences need. */
#define START_WORDS 32
/** Words made behind them until all moves back, so that it stays in the first cache. */
#define BLOCK_WORDS ((PAYLOAD_WORDS - START_WORDS) / 2)

_Static_assert(CSS_LANES_MAX % LANES == 0, "a caller's full groups are ours");
_Static_assert(START_WORDS % LANES_STEP == 0 && BLOCK_WORDS % LANES_STEP == 0, "whole steps");

#define A_BITS 17
#define B_BITS 25

enum lanes_direction { LANES_SCRAMBLE, LANES_DESCRAMBLE };

/**
 * The kernel's own: combine LANES_STEP words of keystream with that many words of each sector,
 * S-box included. Everything is read before anything is written: two lanes may be the same sector.
 */
CSS_INLINE void lanes_cipher(enum lanes_direction direction, const lanes stream[static LANES_STEP],
                             uint8_t *const payload[static LANES]);

/* 64 bits from a string: from bit `shift` (1..63) of `low` on, continued in `high`. */
#ifndef lanes_join
#define lanes_join(low, high, shift) ((low) >> (shift) | (high) << (WORD_BITS - (shift)))
#endif

#ifndef lanes_xor3
#define lanes_xor3(x, y, z) ((x) ^ (y) ^ (z))
#endif

/* 1 where b - a, less an earlier borrow, went below zero and became `difference`. */
#ifndef lanes_borrow
#define lanes_borrow(a, b, difference) (((~(b) & (a)) | (~((a) ^ (b)) & (difference))) >> 63)
#endif

/* The 64 bits of a stream that begin `bits` bits before the word at `at`. */
CSS_INLINE lanes lanes_before(const lanes *at, unsigned bits)
{
    const unsigned shift = (WORD_BITS - bits % WORD_BITS) % WORD_BITS;
    const lanes *from = at - (bits + WORD_BITS - 1) / WORD_BITS;

    return shift ? lanes_join(from[0], from[1], shift) : from[0];
}

/*
 * B[n] = B[n-13] ^ B[n-21] ^ B[n-22] ^ B[n-25], as it also holds with every distance times a power
 * of two (css-spec 3.3): the word at `at`, from 25 * scale bits in front of it. With 13 * scale <
 * 64 it needs itself, and is right in 13 * scale bits more each time.
 */
CSS_INLINE lanes lanes_b(const lanes *at, unsigned scale)
{
    return lanes_xor3(lanes_before(at, 13 * scale), lanes_before(at, 21 * scale),
                      lanes_before(at, 22 * scale)) ^
           lanes_before(at, 25 * scale);
}

/* A[n] = A[n-3] ^ A[n-17], the same way; scale 32 or more, so that nothing new is needed. */
CSS_INLINE lanes lanes_a(const lanes *at, unsigned scale)
{
    return lanes_before(at, 3 * scale) ^ lanes_before(at, 17 * scale);
}

/*
 * The same for scale 16 or less. A[n-3] within the word is divided out: 1 / (1 + x^d) is
 * (1 + x^d)(1 + x^2d)(1 + x^4d)... Right in 17 * scale bits more each time.
 */
CSS_INLINE lanes lanes_a_small(const lanes *at, unsigned scale)
{
    lanes word = at[-1] >> (WORD_BITS - 3 * scale) ^ lanes_before(at, 17 * scale);

    CSS_UNROLL
    for (unsigned distance = 3 * scale; distance < WORD_BITS; distance *= 2) {
        word ^= word << distance;
    }
    return word;
}

/* Words 0 to 31 of A, from the 17 bits in front of them: the scale grows as history does. */
CSS_INLINE void lanes_start_a(lanes *a, lanes history)
{
    a[-1] = history << (WORD_BITS - A_BITS);
    a[0] = (lanes){0};
    CSS_UNROLL
    for (unsigned i = 0; i < 4; i++) {
        a[0] = lanes_a_small(a, 1);
    }
    a[1] = lanes_a_small(a + 1, 4);
    a[2] = lanes_a_small(a + 2, 8);
    a[3] = lanes_a_small(a + 3, 8);
    CSS_UNROLL
    for (unsigned m = 4; m < 9; m++) {
        a[m] = lanes_a_small(a + m, 16);
    }
    CSS_UNROLL
    for (unsigned m = 9; m < 17; m++) {
        a[m] = lanes_a(a + m, 32);
    }
    CSS_UNROLL
    for (unsigned m = 17; m < START_WORDS; m++) {
        a[m] = lanes_a(a + m, 64);
    }
}

/* Words 0 to 31 of B, from the 25 bits in front of them. */
CSS_INLINE void lanes_start_b(lanes *b, lanes history)
{
    b[-1] = history << (WORD_BITS - B_BITS);
    b[0] = b[1] = b[2] = (lanes){0};
    CSS_UNROLL
    for (unsigned i = 0; i < 5; i++) {
        b[0] = lanes_b(b, 1);
    }
    CSS_UNROLL
    for (unsigned i = 0; i < 3; i++) {
        b[1] = lanes_b(b + 1, 2);
    }
    b[2] = lanes_b(b + 2, 4);
    b[2] = lanes_b(b + 2, 4);
    CSS_UNROLL
    for (unsigned m = 3; m < 6; m++) {
        b[m] = lanes_b(b + m, 8);
    }
    CSS_UNROLL
    for (unsigned m = 6; m < 13; m++) {
        b[m] = lanes_b(b + m, 16);
    }
    CSS_UNROLL
    for (unsigned m = 13; m < 25; m++) {
        b[m] = lanes_b(b + m, 32);
    }
    CSS_UNROLL
    for (unsigned m = 25; m < START_WORDS; m++) {
        b[m] = lanes_b(b + m, 64);
    }
}

/* Up to LANES sectors, and what goes on from word to word. */
struct lanes_group {
    uint8_t *payload[LANES]; /**< where it goes on */
    lanes a, b;              /**< the registers: the 17 and 25 bits in front of the streams */
    lanes borrow;
};

/* A lane without a sector does the work of the first one once more, and writes the same bytes. */
CSS_INLINE void lanes_gather(struct lanes_group *group, const struct css_sector *sectors,
                             size_t count)
{
    uint64_t a[LANES], b[LANES];

    CSS_UNROLL
    for (size_t lane = 0; lane < LANES; lane++) {
        const struct css_sector *sector = &sectors[lane < count ? lane : 0];
        struct css_keystream registers;
        uint8_t key[CSS_KEY_BYTES];

        for (size_t i = 0; i < CSS_KEY_BYTES; i++) {
            key[i] = sector->key->b[i] ^ sector->data[SEED_OFFSET + i];
        }
        registers = css_keystream_start(CSS_STREAM_SECTOR, key);
        a[lane] = registers.a;
        b[lane] = registers.b;
        group->payload[lane] = sector->data + PAYLOAD_OFFSET;
    }
    memcpy(&group->a, a, sizeof(a));
    memcpy(&group->b, b, sizeof(b));
    /* ~A + B is B - A - 1: one subtraction of 15360 bits that begins with a borrow */
    group->borrow = (lanes){0} + 1;
}

/* LANES_STEP words of both streams - made here unless the start has done it - become keystream,
 * and that is used. */
CSS_INLINE void lanes_words(enum lanes_direction direction, struct lanes_group *group, lanes *a,
                            lanes *b, bool made)
{
    lanes stream[LANES_STEP];

    CSS_UNROLL
    for (size_t i = 0; i < LANES_STEP; i++) {
        if (!made) {
            a[i] = lanes_a(a + i, 64);
            b[i] = lanes_b(b + i, 64);
        }
        stream[i] = b[i] - a[i] - group->borrow;
        group->borrow = lanes_borrow(a[i], b[i], stream[i]);
    }
    lanes_cipher(direction, stream, group->payload);
    CSS_UNROLL
    for (size_t lane = 0; lane < LANES; lane++) {
        group->payload[lane] += LANES_STEP * sizeof(uint64_t);
    }
}

CSS_INLINE void lanes_run_group(enum lanes_direction direction, const struct css_sector *sectors,
                                size_t count)
{
    lanes streams[2][1 + START_WORDS + BLOCK_WORDS];
    lanes *const a = streams[0] + 1, *const b = streams[1] + 1;
    struct lanes_group group;

    lanes_gather(&group, sectors, count);
    lanes_start_a(a, group.a);
    lanes_start_b(b, group.b);
    for (size_t m = 0; m < START_WORDS; m += LANES_STEP) {
        lanes_words(direction, &group, a + m, b + m, true);
    }
    for (size_t done = START_WORDS; done < PAYLOAD_WORDS; done += BLOCK_WORDS) {
        for (size_t i = START_WORDS - HISTORY_WORDS; done > START_WORDS && i < START_WORDS; i++) {
            a[i] = a[i + BLOCK_WORDS];
            b[i] = b[i + BLOCK_WORDS];
        }
        for (size_t m = START_WORDS; m < START_WORDS + BLOCK_WORDS; m += LANES_STEP) {
            lanes_words(direction, &group, a + m, b + m, false);
        }
    }
}

/* All sectors of a request, in full groups as far as they go. */
CSS_INLINE void lanes_run(enum lanes_direction direction, const struct css_sector *sectors,
                          size_t count)
{
    for (size_t done = 0; done < count; done += LANES) {
        lanes_run_group(direction, sectors + done, count - done < LANES ? count - done : LANES);
    }
}

#endif
