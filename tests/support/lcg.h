/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file lcg.h
 * The byte generator of the test data (css-spec 14): the same bytes on every machine.
 */
#ifndef DVDEMU_LCG_H
#define DVDEMU_LCG_H

#include <stddef.h>
#include <stdint.h>

/** Write the next `bytes` bytes; `*state` is the seed at first and moves on. */
static inline void lcg_bytes(uint32_t *state, void *out, size_t bytes)
{
    uint8_t *at = out;

    while (bytes--) {
        *state = *state * 1664525u + 1013904223u;
        *at++ = (uint8_t)(*state >> 24);
    }
}

#endif
