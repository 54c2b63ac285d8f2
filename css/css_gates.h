/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_gates.h
 * The S-box as a network of gates on the eight bytes of each 64-bit word, for kernels without a
 * better way: their lanes_cipher(); internal to css/. To define before: what css_lanes.h wants.
 *
 * S is gates(exchange(gates(x))), and its inverse gates(exchange_back(gates(x))).
 */
#ifndef DVDEMU_CSS_GATES_H
#define DVDEMU_CSS_GATES_H

#include "css_lanes.h"

/* The same byte eight times. */
#define BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

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

CSS_INLINE void lanes_cipher(enum lanes_direction direction, lanes row, const uint8_t *from,
                             uint8_t *to)
{
    lanes data;

    memcpy(&data, from, sizeof(data));
    data = direction == LANES_SCRAMBLE ? gates(exchange_back(gates(data ^ row)))
                                       : gates(exchange(gates(data))) ^ row;
    memcpy(to, &data, sizeof(data));
}

#endif
