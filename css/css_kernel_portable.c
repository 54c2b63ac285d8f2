/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNU C for any machine: two sectors at a time, in one register where there are such and in two
 * otherwise. No table: the S-box is a network of gates on the eight bytes of a word.
 */
#include "css.h"

typedef uint64_t lanes __attribute__((vector_size(16)));
#define LANES 2

#include "css_gates.h"
#include "css_lanes.h"

/* Words are numbers here, the stream is bytes: lowest first. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define from_stream_order(word) __builtin_bswap64(word)
#else
#define from_stream_order(word) (word)
#endif

CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES])
{
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        row[i] = (lanes){from_stream_order(words[0][i]), from_stream_order(words[1][i])};
    }
}

static void scramble(const struct css_sector *sectors, size_t count)
{
    lanes_run(LANES_SCRAMBLE, sectors, count);
}

static void descramble(const struct css_sector *sectors, size_t count)
{
    lanes_run(LANES_DESCRAMBLE, sectors, count);
}

const struct css_kernel css_kernel_portable = {"portable", scramble, descramble};
