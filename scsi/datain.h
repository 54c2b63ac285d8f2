/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file datain.h
 * Bounded data-in writer.
 *
 * Fields are written in order and lengths are filled in last, so that no offset is typed by hand.
 * The writer never passes its room: what does not fit is counted, not stored. `len` is therefore
 * what the device had to say, min(len, room) what was written. A reply cut anywhere is a prefix
 * of the whole reply, and a length field in it still holds the length of the whole.
 */
#ifndef DVDEMU_DATAIN_H
#define DVDEMU_DATAIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct datain {
    uint8_t *p;  /**< may be NULL when room is 0 */
    size_t room; /**< bytes that p has room for */
    size_t len;  /**< bytes said so far */
};

/** Start an empty reply in `room` bytes at `p`. The memory stays the caller's. */
static inline struct datain di_begin(uint8_t *p, size_t room)
{
    return (struct datain){p, p ? room : 0, 0};
}

/** Append `n` bytes. `bytes` must not overlap the reply. */
static inline void di_bytes(struct datain *di, const void *bytes, size_t n)
{
    if (di->len < di->room) {
        size_t fits = di->room - di->len;

        memcpy(di->p + di->len, bytes, n < fits ? n : fits);
    }
    di->len += n;
}

/** Append `n` bytes of value `value`. */
static inline void di_fill(struct datain *di, uint8_t value, size_t n)
{
    if (di->len < di->room) {
        size_t fits = di->room - di->len;

        memset(di->p + di->len, value, n < fits ? n : fits);
    }
    di->len += n;
}

static inline void di_zero(struct datain *di, size_t n)
{
    di_fill(di, 0, n);
}

static inline void di_u8(struct datain *di, uint8_t value)
{
    di_bytes(di, &value, 1);
}

static inline void di_be16(struct datain *di, uint16_t value)
{
    uint8_t b[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    di_bytes(di, b, sizeof(b));
}

static inline void di_be24(struct datain *di, uint32_t value)
{
    uint8_t b[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

    di_bytes(di, b, sizeof(b));
}

static inline void di_be32(struct datain *di, uint32_t value)
{
    di_be16(di, (uint16_t)(value >> 16));
    di_be16(di, (uint16_t)value);
}

/** Append a text (ended by a zero byte within `width`, or `width` long) padded with spaces. */
static inline void di_text(struct datain *di, const char *text, size_t width)
{
    const char *end = memchr(text, 0, width);
    size_t n = end ? (size_t)(end - text) : width;

    di_bytes(di, text, n);
    di_fill(di, ' ', width - n);
}

/** Overwrite one byte already said, if it was stored. */
static inline void di_patch(struct datain *di, size_t at, uint8_t value)
{
    if (at < di->room && at < di->len) {
        di->p[at] = value;
    }
}

/** Reserve a length field of `width` bytes (1, 2 or 4); returns its position for di_close(). */
static inline size_t di_open(struct datain *di, size_t width)
{
    size_t at = di->len;

    di_zero(di, width);
    return at;
}

/** Fill in a length field with the number of bytes that follow it. */
static inline void di_close(struct datain *di, size_t at, size_t width)
{
    size_t value = di->len - at - width;

    for (size_t i = width; i-- > 0; value >>= 8) {
        di_patch(di, at + i, (uint8_t)value);
    }
}

#endif
