/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css/css_lanes.h with as many lanes as the kernels have: what prove_sectors.c cannot show with one
 * lane. Frama-C knows no vectors: one word stands here for those of all lanes, and holds anything
 * where they are put together. No address and no branch hangs on it. What lanes_cipher() does to
 * the sectors is what all the kernels do, LANES words of one. Assumed: requests of 0 to LANES + 1
 * sectors of exactly CSS_SECTOR_BYTES each, of any contents, every sector under a key of its own,
 * which is anything.
 */
#include "prove.h"

#ifndef LANES
#define LANES 2
#endif

#include <string.h>

typedef uint64_t lanes;

static void put_together(lanes *word, const uint64_t *of_lanes, size_t bytes)
{
    //@ check bytes == LANES * sizeof(uint64_t) && \initialized(&of_lanes[0 .. LANES - 1]);
    (void)of_lanes;
    (void)bytes;
    any_bytes(word, sizeof(*word));
}

#define memcpy put_together
#include "css/css_lanes.h"
#undef memcpy

#define SECTORS_MAX (LANES + 1)

CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES])
{
    for (size_t i = 0; i < LANES; i++) {
        row[i] = words[i];
    }
}

CSS_INLINE void lanes_cipher(enum lanes_direction direction, lanes row, const uint8_t *from,
                             uint8_t *to)
{
    uint64_t data[LANES];

    memcpy(data, from, sizeof(data));
    for (size_t i = 0; i < LANES; i++) {
        data[i] = direction == LANES_SCRAMBLE ? data[i] ^ row : ~row;
    }
    memcpy(to, data, sizeof(data));
}

static void request(enum lanes_direction direction, size_t count)
{
    css_title_key keys[SECTORS_MAX];
    uint8_t data[SECTORS_MAX][CSS_SECTOR_BYTES], from[CSS_SECTOR_BYTES];
    struct css_sector all[SECTORS_MAX];

    any_bytes(keys, sizeof(keys));
    any_bytes(data, sizeof(data));
    any_bytes(from, sizeof(from));
    for (size_t i = 0; i < SECTORS_MAX; i++) {
        all[i] = (struct css_sector){.data = data[i], .key = &keys[i]};
    }
    all[SECTORS_MAX - 2].from = from;
    /* the last ones, so that one sector more would be beyond the array */
    lanes_run(direction, all + SECTORS_MAX - count, count);
}

int main(void)
{
    for (size_t count = 0; count <= SECTORS_MAX; count++) {
        request(LANES_SCRAMBLE, count);
        request(LANES_DESCRAMBLE, count);
    }
    return 0;
}
