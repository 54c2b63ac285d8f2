/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file prove.h
 * Unknown inputs for the proofs that tools/prove.sh runs. A driver is a program that Frama-C reads
 * and nobody runs: what it calls with unknown values is proved for all of them. To a compiler it is
 * C like any other.
 */
#ifndef DVDEMU_PROVE_H
#define DVDEMU_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __FRAMAC__
#include "__fc_builtin.h"
#else
void Frama_C_make_unknown(char *p, size_t n);
unsigned int Frama_C_unsigned_int_interval(unsigned int min, unsigned int max);
#endif

/** Every content of `n` bytes at `p`. */
static inline void any_bytes(void *p, size_t n)
{
    Frama_C_make_unknown(p, n);
}

/** Every number from 0 to `max`. */
static inline unsigned any_up_to(unsigned max)
{
    return Frama_C_unsigned_int_interval(0, max);
}

/** Every number of 16 bits; of 32; either truth. */
static inline uint16_t any_u16(void)
{
    return (uint16_t)any_up_to(UINT16_MAX);
}

static inline uint32_t any_u32(void)
{
    return any_up_to(UINT32_MAX);
}

static inline bool any_bool(void)
{
    return any_up_to(1) == 1;
}

static inline uint8_t any_u8(void)
{
    return (uint8_t)any_up_to(UINT8_MAX);
}

#endif
