/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file bytes.h
 * Byte strings in unit tests.
 */
#ifndef DVDEMU_BYTES_H
#define DVDEMU_BYTES_H

#include "unit.h"

#include <stdint.h>
#include <string.h>

/** Two memories of a length are equal, or are not. */
#define CHECK_SAME(a, b, bytes)   CU_ASSERT(memcmp(a, b, bytes) == 0)
#define CHECK_DIFFER(a, b, bytes) CU_ASSERT(memcmp(a, b, bytes) != 0)

/** CHECK_BYTES(key1.b, 0x2a, 0x74, ...): memory begins with these bytes. */
#define CHECK_BYTES(got, ...)                                                                      \
    CHECK_SAME(got, ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__}))

#endif
