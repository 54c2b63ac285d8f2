/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file be.h
 * Big-endian numbers in byte arrays. Every call takes a pointer to at least as many bytes as its
 * name says bits; alignment does not matter; nothing can fail.
 */
#ifndef DVDEMU_BE_H
#define DVDEMU_BE_H

#include <stdint.h>

static inline uint16_t be16_get(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be24_get(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t be32_get(const uint8_t *p)
{
    return (uint32_t)be16_get(p) << 16 | be16_get(p + 2);
}

static inline void be16_put(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void be32_put(uint8_t *p, uint32_t value)
{
    be16_put(p, (uint16_t)(value >> 16));
    be16_put(p + 2, (uint16_t)value);
}

#endif
