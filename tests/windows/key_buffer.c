/* SPDX-License-Identifier: GPL-2.0-only */
#include "key_buffer.h"

#include <string.h>

/* Offsets of DVD_COPY_PROTECT_KEY. */
#define KEY_LENGTH_AT   0
#define SESSION_AT      4
#define TYPE_AT         8
#define FLAGS_AT        12
#define TITLE_OFFSET_AT 16

/* Offsets of DVD_READ_STRUCTURE. */
#define BLOCK_OFFSET_AT      0
#define FORMAT_AT            8
#define STRUCTURE_SESSION_AT 12
#define LAYER_AT             16

void key_buffer_make(struct key_buffer *b, const struct key_header *header)
{
    memset(b, 0, sizeof(*b));
    le32_put(b->bytes + KEY_LENGTH_AT, header->key_length);
    le32_put(b->bytes + SESSION_AT, header->session);
    le32_put(b->bytes + TYPE_AT, header->type);
    le32_put(b->bytes + FLAGS_AT, header->flags);
    le64_put(b->bytes + TITLE_OFFSET_AT, header->title_offset_bytes);
}

struct key_header key_buffer_header(const struct key_buffer *b)
{
    return (struct key_header){
        .key_length = le32_get(b->bytes + KEY_LENGTH_AT),
        .session = le32_get(b->bytes + SESSION_AT),
        .type = le32_get(b->bytes + TYPE_AT),
        .flags = le32_get(b->bytes + FLAGS_AT),
        .title_offset_bytes = le64_get(b->bytes + TITLE_OFFSET_AT),
    };
}

struct rpc_state rpc_state_read(const uint8_t data[static 4])
{
    return (struct rpc_state){
        .type = data[0] >> 6,
        .vendor_resets = data[0] >> 3 & 7,
        .user_changes = data[0] & 7,
        .mask = data[1],
        .scheme = data[2],
    };
}

bool rpc_state_allows(const struct rpc_state *rpc, uint8_t disc_regions)
{
    return rpc->scheme == 0 || disc_regions == 0 || (~rpc->mask & ~disc_regions & 0xff) != 0;
}

void structure_request_make(uint8_t request[static STRUCTURE_REQUEST_BYTES], uint32_t format,
                            uint32_t session, uint64_t block_offset_bytes, uint8_t layer)
{
    memset(request, 0, STRUCTURE_REQUEST_BYTES);
    le64_put(request + BLOCK_OFFSET_AT, block_offset_bytes);
    le32_put(request + FORMAT_AT, format);
    le32_put(request + STRUCTURE_SESSION_AT, session);
    request[LAYER_AT] = layer;
}
