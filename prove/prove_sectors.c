/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css/css_lanes.h and css/css_gates.h, the text of the portable kernel. Frama-C knows no vectors:
 * here a group is one lane, a plain 64-bit word. Assumed: requests of 0 to SECTORS_MAX sectors of
 * exactly CSS_SECTOR_BYTES each, of any contents, every sector under a key of its own, which is
 * anything, one with its payload elsewhere. unreached: sectors lanes_gather 4: groups that are not
 * full are in prove_lanes.c. unreached: sectors lanes_run 1: as well.
 */
#include "prove.h"

typedef uint64_t lanes;
#define LANES 1

#include "css/css_gates.h"
#include "css/css_lanes.h"
#include "css/css_tables.h"

#define SECTORS_MAX 3

CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES])
{
    *row = *words;
}

static void request(enum lanes_direction direction, size_t count)
{
    css_title_key keys[SECTORS_MAX];
    uint8_t first[CSS_SECTOR_BYTES], second[CSS_SECTOR_BYTES], third[CSS_SECTOR_BYTES];
    uint8_t from[CSS_SECTOR_BYTES];
    const struct css_sector all[SECTORS_MAX] = {
        {.data = first, .key = &keys[0]},
        {.data = second, .key = &keys[1], .from = from},
        {.data = third, .key = &keys[2]},
    };

    any_bytes(keys, sizeof(keys));
    any_bytes(first, sizeof(first));
    any_bytes(second, sizeof(second));
    any_bytes(third, sizeof(third));
    any_bytes(from, sizeof(from));
    /* the last ones, so that one sector more would be beyond the array */
    lanes_run(direction, all + SECTORS_MAX - count, count);
}

/* The gates are the S-box of the table, and its inverse. */
static void substitute(void)
{
    for (unsigned x = 0; x < 256; x++) {
        const uint64_t s = gates(exchange(gates(BYTES(x))));
        const uint64_t inverse = gates(exchange_back(gates(BYTES(x))));

        //@ check s == 0x0101010101010101 * css_s[x];
        //@ check inverse == 0x0101010101010101 * css_s_inv[x];
        (void)s;
        (void)inverse;
    }
}

int main(void)
{
    for (size_t count = 0; count <= SECTORS_MAX; count++) {
        request(LANES_SCRAMBLE, count);
        request(LANES_DESCRAMBLE, count);
    }
    substitute();
    return 0;
}
