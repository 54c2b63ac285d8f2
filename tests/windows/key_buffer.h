/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file key_buffer.h
 * DVD_COPY_PROTECT_KEY and DVD_READ_STRUCTURE, byte by byte (windows-spec a.0). Windows' numbers
 * are little-endian. No call can fail; numbers are read and written at any alignment.
 */
#ifndef DVDEMU_KEY_BUFFER_H
#define DVDEMU_KEY_BUFFER_H

#include "windows_codes.h"

#include <stdbool.h>
#include <stdint.h>

static inline uint16_t le16_get(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t le32_get(const uint8_t *p)
{
    return (uint32_t)le16_get(p + 2) << 16 | le16_get(p);
}

static inline uint64_t le64_get(const uint8_t *p)
{
    return (uint64_t)le32_get(p + 4) << 32 | le32_get(p);
}

static inline void le32_put(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (uint8_t)(value >> 8 * i);
    }
}

static inline void le64_put(uint8_t *p, uint64_t value)
{
    le32_put(p, (uint32_t)value);
    le32_put(p + 4, (uint32_t)(value >> 32));
}

/** DVD_COPY_PROTECT_KEY and its key data. */
struct key_buffer {
    _Alignas(8) uint8_t bytes[KEY_DISC_BYTES];
};

/** What a buffer says in front of the key data. */
struct key_header {
    uint32_t key_length; /**< of the whole buffer */
    uint32_t session;
    uint32_t type; /**< enum key_type */
    uint32_t flags;
    uint64_t title_offset_bytes;
};

/** A buffer with this header and zeros for key data. */
void key_buffer_make(struct key_buffer *b, const struct key_header *header);
struct key_header key_buffer_header(const struct key_buffer *b);
static inline uint8_t *key_buffer_data(struct key_buffer *b)
{
    return b->bytes + KEY_HEADER_BYTES;
}

/** DVD_RPC_KEY, 4 bytes. */
struct rpc_state {
    uint8_t type, vendor_resets, user_changes;
    uint8_t mask; /**< 0 bits are allowed regions */
    uint8_t scheme;
};
struct rpc_state rpc_state_read(const uint8_t data[static 4]);

/** Whether a drive in that state plays a disc with that region byte (mmc-spec 3.3). */
bool rpc_state_allows(const struct rpc_state *rpc, uint8_t disc_regions);

/** DVD_READ_STRUCTURE, unpacked as Windows' drivers were built with it. */
void structure_request_make(uint8_t request[static STRUCTURE_REQUEST_BYTES], uint32_t format,
                            uint32_t session, uint64_t block_offset_bytes, uint8_t layer);

#endif
