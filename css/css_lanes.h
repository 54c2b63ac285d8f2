/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_lanes.h
 * The sector cipher in 64-bit words, on several sectors side by side (css-spec 12); internal to
 * css/. Every kernel is this text on another machine: its file says first what a group of lanes is
 * there, includes this, and adds lanes_turn() and lanes_cipher(), which know the order of memory
 * and the S-box.
 *
 * To define before: `LANES`, and `lanes`, that many 64-bit words - the k-th belongs to the k-th
 * sector of a group - on which + - ^ & | ~ << >> work word by word. Optional, where the machine has
 * something better than what stands below: lanes_join(), lanes_xor3(), lanes_borrow().
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
#define PAYLOAD_OFFSET CSS_CLEAR_BYTES
#define PAYLOAD_BYTES  (CSS_SECTOR_BYTES - PAYLOAD_OFFSET)
#define WORD_BITS      64u
#define WORD_BYTES     (WORD_BITS / 8)
#define PAYLOAD_WORDS  (PAYLOAD_BYTES / WORD_BYTES)

/* css-spec 3.2: bits of the registers, as far as their recurrences look back. */
#define A_BITS 17u
#define B_BITS 25u

/** How often the shortest distance of both, 3, is doubled before it is a word's and more. */
#define DOUBLINGS 5

/** Words of either stream that are kept: more than B_BITS, so that distances in words fit. */
#define RING_WORDS 32u

_Static_assert(RING_WORDS > B_BITS && RING_WORDS % LANES == 0, "words stay until they are used");
_Static_assert(CSS_LANES_MAX % LANES == 0, "a caller's full groups are ours");
_Static_assert(PAYLOAD_WORDS % LANES == 0, "whole steps");

enum lanes_direction { LANES_SCRAMBLE, LANES_DESCRAMBLE };

/** The kernel's own: from one word of each sector, in the order of the stream, to `row[k]`, that
 * many words of the k-th sector as they are in memory. */
CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES]);

/** The kernel's own: combine a row of keystream with as much of a payload, S-box included. `from`
 * and `to` are the same or do not overlap. */
CSS_INLINE void lanes_cipher(enum lanes_direction direction, lanes row, const uint8_t *from,
                             uint8_t *to);

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

/* A stream's word `words` before the m-th. */
CSS_INLINE lanes lanes_back(const lanes ring[static RING_WORDS], unsigned m, unsigned words)
{
    return ring[(m + RING_WORDS - words) % RING_WORDS];
}

/* The 64 bits that begin `bits` bits before the m-th word, which itself counts as zeros. */
CSS_INLINE lanes lanes_before(const lanes ring[static RING_WORDS], unsigned m, unsigned bits)
{
    const unsigned words = bits / WORD_BITS, rest = bits % WORD_BITS;

    if (rest == 0) {
        return lanes_back(ring, m, words);
    }
    return words == 0 ? lanes_back(ring, m, 1) >> (WORD_BITS - rest)
                      : lanes_join(lanes_back(ring, m, words + 1), lanes_back(ring, m, words),
                                   WORD_BITS - rest);
}

/* What a word becomes `bits` later within itself. */
CSS_INLINE lanes lanes_later(lanes word, unsigned bits)
{
    return bits < WORD_BITS ? word << bits : (lanes){0};
}

/*
 * Both recurrences also hold with every distance times a power of two (css-spec 3.3). This is the
 * largest, up to a word, for which the `bits` bits in front of the stream and m words are enough.
 */
CSS_INLINE unsigned lanes_scale(unsigned bits, unsigned m)
{
    const unsigned known = bits + m * WORD_BITS;

    return 64 * bits <= known   ? 64
           : 32 * bits <= known ? 32
           : 16 * bits <= known ? 16
           : 8 * bits <= known  ? 8
           : 4 * bits <= known  ? 4
           : 2 * bits <= known  ? 2
                                : 1;
}

/*
 * A[n] = A[n-3] ^ A[n-17]: the m-th word from what is in front of it. Where it needs itself that is
 * divided out: 1 / (1 + x^3 + x^17) is (1 + x^3 + x^17)(1 + x^6 + x^34)(1 + x^12 + x^68)...
 */
CSS_INLINE lanes lanes_a(const lanes ring[static RING_WORDS], unsigned m, unsigned scale)
{
    lanes a = lanes_before(ring, m, 3 * scale) ^ lanes_before(ring, m, 17 * scale);

    CSS_UNROLL
    for (unsigned k = 0; k < DOUBLINGS; k++) {
        if (3 * scale << k < WORD_BITS) {
            a = lanes_xor3(a, lanes_later(a, 3 * scale << k), lanes_later(a, 17 * scale << k));
        }
    }
    return a;
}

/* B[n] = B[n-13] ^ B[n-21] ^ B[n-22] ^ B[n-25], the same way. */
CSS_INLINE lanes lanes_b(const lanes ring[static RING_WORDS], unsigned m, unsigned scale)
{
    lanes b = lanes_xor3(lanes_before(ring, m, 13 * scale), lanes_before(ring, m, 21 * scale),
                         lanes_before(ring, m, 22 * scale)) ^
              lanes_before(ring, m, 25 * scale);

    CSS_UNROLL
    for (unsigned k = 0; k < DOUBLINGS; k++) {
        if (13 * scale << k < WORD_BITS) {
            b = lanes_xor3(b, lanes_later(b, 13 * scale << k), lanes_later(b, 21 * scale << k)) ^
                lanes_later(b, 22 * scale << k) ^ lanes_later(b, 25 * scale << k);
        }
    }
    return b;
}

/* Up to LANES sectors, and what goes on from word to word. */
struct lanes_group {
    lanes a[RING_WORDS], b[RING_WORDS]; /**< the streams; word -1 ends with the registers' bits */
    lanes borrow;
    lanes row[LANES];           /**< keystream that is made and not used yet */
    const uint8_t *from[LANES]; /**< payloads as they are read */
    uint8_t *to[LANES];         /**< and written */
    size_t used_bytes;          /**< of the payloads */
};

/* `spare` is the payload of lanes without a sector. */
CSS_INLINE void lanes_gather(struct lanes_group *group, const struct css_sector *sectors,
                             size_t count, uint8_t spare[static PAYLOAD_BYTES])
{
    uint64_t a[LANES] = {0}, b[LANES] = {0};

    CSS_UNROLL
    for (size_t lane = 0; lane < LANES; lane++) {
        const struct css_sector *sector;
        struct css_registers registers;

        if (lane >= count) {
            group->from[lane] = spare;
            group->to[lane] = spare;
            continue;
        }
        sector = &sectors[lane];
        registers = css_registers_of(css_key_word(sector->key->b) ^
                                     css_key_word(sector->data + SEED_OFFSET));
        a[lane] = (uint64_t)registers.a << (WORD_BITS - A_BITS);
        b[lane] = (uint64_t)registers.b << (WORD_BITS - B_BITS);
        group->from[lane] = (sector->from ? sector->from : sector->data) + PAYLOAD_OFFSET;
        group->to[lane] = sector->data + PAYLOAD_OFFSET;
    }
    memcpy(&group->a[RING_WORDS - 1], a, sizeof(a));
    memcpy(&group->b[RING_WORDS - 1], b, sizeof(b));
    if (count < LANES) {
        memset(spare, 0, PAYLOAD_BYTES);
    }
    /* ~A + B is B - A - 1: one subtraction of 15360 bits that begins with a borrow */
    group->borrow = (lanes){0} + 1;
    group->used_bytes = 0;
}

/* The m-th word of keystream of every sector; m counts from the begin of the ring. */
CSS_INLINE lanes lanes_word(struct lanes_group *group, unsigned m, bool first_round)
{
    const lanes a = lanes_a(group->a, m, first_round ? lanes_scale(A_BITS, m) : WORD_BITS);
    const lanes b = lanes_b(group->b, m, first_round ? lanes_scale(B_BITS, m) : WORD_BITS);
    const lanes difference = b - a - group->borrow;

    group->a[m] = a;
    group->b[m] = b;
    group->borrow = lanes_borrow(a, b, difference);
    return difference;
}

/* LANES words are made while as many, made before, are used: words wait for each other, sectors do
 * not. */
CSS_INLINE void lanes_step(enum lanes_direction direction, struct lanes_group *group, unsigned m,
                           bool first_round)
{
    const bool has_rows = !first_round || m > 0;
    lanes words[LANES];

    CSS_UNROLL
    for (unsigned i = 0; i < LANES; i++) {
        words[i] = lanes_word(group, m + i, first_round);
        if (has_rows) {
            lanes_cipher(direction, group->row[i], group->from[i] + group->used_bytes,
                         group->to[i] + group->used_bytes);
        }
    }
    lanes_turn(words, group->row);
    group->used_bytes += has_rows ? LANES * WORD_BYTES : 0;
}

CSS_INLINE void lanes_run_group(enum lanes_direction direction, const struct css_sector *sectors,
                                size_t count)
{
    uint8_t spare[PAYLOAD_BYTES]; /* not in the group, which nothing else may point into */
    struct lanes_group group;

    lanes_gather(&group, sectors, count, spare);
    CSS_UNROLL
    for (unsigned m = 0; m < RING_WORDS; m += LANES) {
        lanes_step(direction, &group, m, true);
    }
    for (unsigned done = RING_WORDS; done < PAYLOAD_WORDS; done += RING_WORDS) {
        CSS_UNROLL
        for (unsigned m = 0; m < RING_WORDS; m += LANES) {
            if (m == PAYLOAD_WORDS % RING_WORDS && done + m == PAYLOAD_WORDS) {
                break;
            }
            lanes_step(direction, &group, m, false);
        }
    }
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        lanes_cipher(direction, group.row[i], group.from[i] + group.used_bytes,
                     group.to[i] + group.used_bytes);
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
