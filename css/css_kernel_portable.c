/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNU C for any machine: two sectors at a time, in one register where there are such and in two
 * otherwise. No table: the S-box is a network of gates on the eight bytes of a word.
 */
#include "css.h"

typedef uint64_t lanes __attribute__((vector_size(16)));
#define LANES      2
#define LANES_STEP 2

#include "css_lanes.h"

/* The same byte eight times. */
#define BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Words are numbers here, the stream is bytes: lowest first. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define from_stream_order(word) __builtin_bswap64(word)
#else
#define from_stream_order(word) (word)
#endif

/*
 * css-spec 11 needs x_0, x_1, x_4 and x_5 for what it adds to x_2, x_3, x_6 and x_7, and then does
 * the same to the y that it has put in their places. So S is one layer of gates twice, with the
 * bits exchanged between; and the layer undoes itself. Bits 0 and 4 of `both` and `either` are the
 * ones that mean something.
 */
CSS_INLINE lanes gates(lanes x)
{
    const lanes both = x & x >> 1, either = x | x >> 1;
    const lanes low_pair_and_high_either = (both & BYTES(0x01)) | (either & BYTES(0x10));

    return x ^ (both & BYTES(0x11)) << 2 ^ low_pair_and_high_either << 3 ^ BYTES(0xcc);
}

/* y_0..y_7 = bits 3, 6, 5, 1, 2, 7, 0, 4 */
CSS_INLINE lanes exchange(lanes x)
{
    return (x & BYTES(0x28)) >> 3 | (x & BYTES(0x40)) >> 5 | (x & BYTES(0x06)) << 2 |
           (x & BYTES(0x80)) >> 2 | (x & BYTES(0x01)) << 6 | (x & BYTES(0x10)) << 3;
}

CSS_INLINE lanes exchange_back(lanes y)
{
    return (y & BYTES(0x05)) << 3 | (y & BYTES(0x02)) << 5 | (y & BYTES(0x18)) >> 2 |
           (y & BYTES(0x20)) << 2 | (y & BYTES(0x40)) >> 6 | (y & BYTES(0x80)) >> 3;
}

CSS_INLINE void lanes_cipher(enum lanes_direction direction, const lanes stream[static LANES_STEP],
                             uint8_t *const payload[static LANES])
{
    lanes data[LANES];

    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        memcpy(&data[i], payload[i], sizeof(data[i]));
    }
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        const lanes key = {from_stream_order(stream[0][i]), from_stream_order(stream[1][i])};

        data[i] = direction == LANES_SCRAMBLE ? gates(exchange_back(gates(data[i] ^ key)))
                                              : gates(exchange(gates(data[i]))) ^ key;
    }
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        memcpy(payload[i], &data[i], sizeof(data[i]));
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
