/* SPDX-License-Identifier: GPL-2.0-only */
#include "css.h"
#include "css_keystream.h"
#include "css_tables.h"

#include <string.h>

#define ROUNDS       6
#define VARIANT_MASK (CSS_VARIANTS - 1)

/* One round on the five data bytes (css-spec 4.1, step 4). */
static void mix(uint8_t x[static CSS_KEY_BYTES], const uint8_t stream[static CSS_KEY_BYTES],
                uint8_t mask, unsigned round)
{
    uint8_t neighbour = 0; /* the byte before, as it was before this round */

    for (size_t j = 0; j < CSS_KEY_BYTES; j++) {
        uint8_t old = x[j];

        x[j] = css_m2[css_m1[old ^ stream[j]] ^ mask] ^ neighbour;
        if (round == 2 || round == 3) {
            x[j] = css_m0[x[j]];
        }
        neighbour = old;
    }
    if (round < ROUNDS - 1) {
        x[0] ^= x[CSS_KEY_BYTES - 1];
    }
}

/* The authentication function on ten bytes in wire order (css-spec 4.1). */
static void authenticate(enum css_auth_kind kind, unsigned variant,
                         const uint8_t in[static CSS_CHALLENGE_BYTES],
                         uint8_t out[static CSS_KEY_BYTES])
{
    const uint8_t mask = css_auth_variant_mask[kind][variant & VARIANT_MASK];
    uint8_t seed[CSS_KEY_BYTES], bytes[ROUNDS * CSS_KEY_BYTES];
    struct css_keystream stream;

    for (size_t j = 0; j < CSS_KEY_BYTES; j++) {
        out[j] = in[css_auth_data_pos[kind][j]];
        seed[j] = in[css_auth_seed_pos[kind][j]] ^ css_auth_const[j];
    }
    stream = css_keystream_start(CSS_STREAM_AUTH, seed);
    css_keystream_bytes(&stream, bytes, sizeof(bytes));
    for (unsigned round = 0; round < ROUNDS; round++) {
        mix(out, bytes + (size_t)CSS_KEY_BYTES * round, mask, round);
    }
}

css_key1 css_make_key1(unsigned variant, const css_challenge *host)
{
    css_key1 key1;

    authenticate(CSS_AUTH_KEY1, variant, host->b, key1.b);
    return key1;
}

css_key2 css_make_key2(unsigned variant, const css_challenge *drive)
{
    css_key2 key2;

    authenticate(CSS_AUTH_KEY2, variant, drive->b, key2.b);
    return key2;
}

css_bus_key css_make_bus_key(unsigned variant, const css_key1 *key1, const css_key2 *key2)
{
    uint8_t both[CSS_CHALLENGE_BYTES]; /* in wire order KEY2 comes first (css-spec 5) */
    css_bus_key bus;

    memcpy(both, key2->b, CSS_KEY_BYTES);
    memcpy(both + CSS_KEY_BYTES, key1->b, CSS_KEY_BYTES);
    authenticate(CSS_AUTH_BUS_KEY, variant, both, bus.b);
    return bus;
}

bool css_key2_equal(const css_key2 *a, const css_key2 *b)
{
    unsigned difference = 0;

    for (size_t i = 0; i < CSS_KEY_BYTES; i++) {
        difference |= (unsigned)(a->b[i] ^ b->b[i]);
    }
    return difference == 0;
}

void css_bus_xor(uint8_t *out, const uint8_t *in, size_t bytes, const css_bus_key *bus)
{
    for (size_t i = 0; i < bytes; i++) {
        out[i] = in[i] ^ bus->b[i % CSS_KEY_BYTES];
    }
}
