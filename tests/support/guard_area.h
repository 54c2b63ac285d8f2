/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file guard_area.h
 * Memory that ends at a page nobody may touch, so that one byte too many is a crash.
 */
#ifndef DVDEMU_GUARD_AREA_H
#define DVDEMU_GUARD_AREA_H

#include <stddef.h>
#include <stdint.h>

struct guard_area {
    uint8_t *base;
    size_t bytes;       /**< usable, a multiple of the page size */
    size_t whole_bytes; /**< with the guard page */
};

/** At least `bytes` bytes; ends the process when there is no memory. */
struct guard_area guard_area_open(size_t bytes);
void guard_area_close(struct guard_area *area);

/** The last `bytes` bytes of the area. */
static inline uint8_t *guard_area_end(const struct guard_area *area, size_t bytes)
{
    return area->base + area->bytes - bytes;
}

#endif
