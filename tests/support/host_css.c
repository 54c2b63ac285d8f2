/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_css.h"

#include <string.h>

#define KEY_BYTES       HOST_CSS_KEY_BYTES
#define CHALLENGE_BYTES HOST_CSS_CHALLENGE_BYTES
#define ROUNDS          6
#define SEED_OFFSET     0x54
#define PAYLOAD_OFFSET  0x80

/* ---- the generator, one bit a step (css-spec 3.2) ---- */

struct generator {
    uint32_t q, r; /* 17 and 25 bits, the newest lowest */
    bool invert_q, invert_r;
    unsigned carry;
};

static unsigned bit(uint32_t value, unsigned number)
{
    return value >> number & 1u;
}

static struct generator generator_of(const uint8_t key[static KEY_BYTES], bool invert_q,
                                     bool invert_r)
{
    return (struct generator){
        .q = (uint32_t)key[1] << 9 | 0x100 | key[0],
        .r = (uint32_t)key[4] << 17 | (uint32_t)key[3] << 9 | (key[2] & 0xf8u) << 1 | 8 |
             (key[2] & 7u),
        .invert_q = invert_q,
        .invert_r = invert_r,
    };
}

static unsigned next_bit(struct generator *g)
{
    const unsigned a = bit(g->q, 16) ^ bit(g->q, 2);
    const unsigned b = bit(g->r, 24) ^ bit(g->r, 21) ^ bit(g->r, 20) ^ bit(g->r, 12);
    const unsigned sum = (a ^ g->invert_q) + (b ^ g->invert_r) + g->carry;

    g->q = (g->q << 1 | a) & 0x1ffff;
    g->r = (g->r << 1 | b) & 0x1ffffff;
    g->carry = sum >> 1;
    return sum & 1;
}

static uint8_t next_byte(struct generator *g)
{
    unsigned byte = 0;

    for (unsigned i = 0; i < 8; i++) {
        byte |= next_bit(g) << i;
    }
    return (uint8_t)byte;
}

/* ---- S-box and mixing functions, computed (css-spec 4.2, 11) ---- */

static uint8_t s_box(uint8_t x)
{
    const unsigned u = !(bit(x, 0) & bit(x, 1));
    const unsigned v = !(bit(x, 4) & bit(x, 5));
    const unsigned w = !(bit(x, 4) | bit(x, 5));
    const unsigned y0 = bit(x, 3) ^ u, y1 = bit(x, 6) ^ v;
    const unsigned y4 = bit(x, 2) ^ u, y5 = bit(x, 7) ^ w;
    const unsigned p = !(y0 & y1), q = !(y4 & y5), r = !(y4 | y5);
    const unsigned y2 = bit(x, 5) ^ p, y3 = bit(x, 1) ^ p;
    const unsigned y6 = bit(x, 0) ^ q, y7 = bit(x, 4) ^ r;

    return (uint8_t)(y0 | y1 << 1 | y2 << 2 | y3 << 3 | y4 << 4 | y5 << 5 | y6 << 6 | y7 << 7);
}

static uint8_t mix_0(uint8_t x)
{
    return (uint8_t)(x ^ (x >> 1 | x << 7));
}

static uint8_t mix_1(uint8_t x)
{
    static const uint8_t low[16] = {4, 13, 14, 11, 8, 9, 10, 15, 12, 5, 6, 3, 0, 1, 2, 7};
    static const uint8_t high[16] = {12, 1, 2, 3, 0, 13, 14, 15, 4, 9, 10, 11, 8, 5, 6, 7};

    return (uint8_t)(low[x & 15] | high[x >> 4] << 4);
}

/* The bits of `x` in another order: bit i of the result is bit from[i]. */
static unsigned gather(unsigned x, const uint8_t *from, unsigned count)
{
    unsigned result = 0;

    for (unsigned i = 0; i < count; i++) {
        result |= bit(x, from[i]) << i;
    }
    return result;
}

static uint8_t mix_2(uint8_t x)
{
    static const uint8_t from[8] = {3, 2, 7, 6, 1, 0, 5, 4};

    return mix_1((uint8_t)gather(x, from, sizeof(from)));
}

/* ---- the authentication function in algorithm order (css-spec 4.3) ---- */

struct kind {
    uint8_t order[CHALLENGE_BYTES]; /* data bytes, then generator bytes */
    uint8_t variant_from[5];        /* bit i of e comes from this bit of the variant */
    uint8_t variant_flip;
};

static const struct kind key1_kind = {{1, 3, 0, 7, 5, 2, 9, 6, 4, 8}, {0, 1, 2, 3, 4}, 0x00};
static const struct kind key2_kind = {{6, 1, 9, 3, 8, 5, 7, 4, 0, 2}, {2, 0, 1, 4, 3}, 0x0a};
static const struct kind bus_kind = {{4, 0, 3, 5, 7, 2, 8, 6, 1, 9}, {4, 3, 1, 0, 2}, 0x12};

static uint8_t mask_of(const struct kind *kind, unsigned variant)
{
    const unsigned e = gather(variant, kind->variant_from, 5) ^ kind->variant_flip;

    return (uint8_t)(bit(e, 0) | bit(e, 1) << 2 | bit(e, 2) << 4 | bit(e, 3) << 5 | bit(e, 4) << 7);
}

static void mix_round(uint8_t x[static KEY_BYTES], const uint8_t stream[static KEY_BYTES],
                      uint8_t mask, unsigned round)
{
    uint8_t y[KEY_BYTES];

    for (unsigned i = 0; i < KEY_BYTES; i++) {
        y[i] = mix_2(mix_1(x[i] ^ stream[KEY_BYTES - 1 - i]) ^ mask);
        if (i < KEY_BYTES - 1) {
            y[i] ^= x[i + 1];
        }
        if (round == 2 || round == 3) {
            y[i] = mix_0(y[i]);
        }
    }
    if (round < ROUNDS - 1) {
        y[KEY_BYTES - 1] ^= y[0];
    }
    memcpy(x, y, sizeof(y));
}

static void authenticate(const struct kind *kind, unsigned variant,
                         const uint8_t challenge[static CHALLENGE_BYTES],
                         uint8_t out[static KEY_BYTES])
{
    static const uint8_t constant[KEY_BYTES] = {0xe2, 0xa3, 0x45, 0x10, 0xf4};
    uint8_t x[KEY_BYTES], key[KEY_BYTES], stream[KEY_BYTES];
    struct generator g;

    for (unsigned i = 0; i < KEY_BYTES; i++) {
        x[i] = challenge[kind->order[i]];
        key[KEY_BYTES - 1 - i] = challenge[kind->order[KEY_BYTES + i]] ^ constant[i];
    }
    g = generator_of(key, true, true);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < KEY_BYTES; i++) {
            stream[i] = next_byte(&g);
        }
        mix_round(x, stream, mask_of(kind, variant), round);
    }
    memcpy(out, x, sizeof(x));
}

/* ---- the border: wire order outside, algorithm order inside (css-spec 2) ---- */

static void reverse(uint8_t *out, const uint8_t *in, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        out[i] = in[bytes - 1 - i];
    }
}

static void answer(const struct kind *kind, unsigned variant,
                   const uint8_t challenge[static CHALLENGE_BYTES], uint8_t key[static KEY_BYTES])
{
    uint8_t challenge_alg[CHALLENGE_BYTES], key_alg[KEY_BYTES];

    reverse(challenge_alg, challenge, sizeof(challenge_alg));
    authenticate(kind, variant, challenge_alg, key_alg);
    reverse(key, key_alg, sizeof(key_alg));
}

void host_css_key1(unsigned variant, const uint8_t challenge[static CHALLENGE_BYTES],
                   uint8_t key1[static KEY_BYTES])
{
    answer(&key1_kind, variant, challenge, key1);
}

void host_css_key2(unsigned variant, const uint8_t challenge[static CHALLENGE_BYTES],
                   uint8_t key2[static KEY_BYTES])
{
    answer(&key2_kind, variant, challenge, key2);
}

void host_css_bus_key(unsigned variant, const uint8_t key1[static KEY_BYTES],
                      const uint8_t key2[static KEY_BYTES], uint8_t bus_key[static KEY_BYTES])
{
    uint8_t both_alg[CHALLENGE_BYTES], bus_alg[KEY_BYTES];

    reverse(both_alg, key1, KEY_BYTES);
    reverse(both_alg + KEY_BYTES, key2, KEY_BYTES);
    authenticate(&bus_kind, variant, both_alg, bus_alg);
    reverse(bus_key, bus_alg, KEY_BYTES);
}

int host_css_find_variant(const uint8_t challenge[static CHALLENGE_BYTES],
                          const uint8_t key1[static KEY_BYTES])
{
    uint8_t tried[KEY_BYTES];

    for (unsigned variant = 0; variant < HOST_CSS_VARIANTS; variant++) {
        host_css_key1(variant, challenge, tried);
        if (memcmp(tried, key1, sizeof(tried)) == 0) {
            return (int)variant;
        }
    }
    return -1;
}

void host_css_clear(uint8_t *data, size_t bytes, const uint8_t bus_key[static KEY_BYTES])
{
    uint8_t bus_alg[KEY_BYTES];

    reverse(bus_alg, bus_key, KEY_BYTES);
    for (size_t i = 0; i < bytes; i++) {
        data[i] ^= bus_alg[KEY_BYTES - 1 - i % KEY_BYTES];
    }
}

/* ---- keys and sectors: these have one order only ---- */

/* dec of css-spec 8, in place: from the top down, so that each neighbour is still the old one. */
static void decrypt(bool invert_r, const uint8_t key[static KEY_BYTES], uint8_t t[static KEY_BYTES])
{
    struct generator g = generator_of(key, false, invert_r);
    uint8_t k[KEY_BYTES];

    for (unsigned i = 0; i < KEY_BYTES; i++) {
        k[i] = next_byte(&g);
    }
    for (unsigned i = KEY_BYTES - 1; i > 0; i--) {
        t[i] = k[i] ^ s_box(t[i]) ^ t[i - 1];
    }
    t[0] = k[0] ^ s_box(t[0]) ^ t[KEY_BYTES - 1];
    for (unsigned i = KEY_BYTES - 1; i > 0; i--) {
        t[i] = k[i] ^ s_box(t[i]) ^ t[i - 1];
    }
    t[0] = k[0] ^ s_box(t[0]);
}

bool host_css_check_entry(const uint8_t entry[static KEY_BYTES],
                          const uint8_t disc_key[static KEY_BYTES])
{
    uint8_t plain[KEY_BYTES];

    memcpy(plain, entry, sizeof(plain));
    decrypt(false, disc_key, plain);
    return memcmp(plain, disc_key, sizeof(plain)) == 0;
}

bool host_css_disc_key(const uint8_t block[static HOST_CSS_BLOCK_BYTES], unsigned slot,
                       const uint8_t player_key[static KEY_BYTES],
                       uint8_t disc_key[static KEY_BYTES])
{
    if (slot < 1 || slot > HOST_CSS_SLOTS) {
        return false;
    }
    memcpy(disc_key, block + (size_t)KEY_BYTES * slot, KEY_BYTES);
    decrypt(false, player_key, disc_key);
    return host_css_check_entry(block, disc_key);
}

void host_css_title_key(const uint8_t disc_key[static KEY_BYTES],
                        const uint8_t wrapped[static KEY_BYTES],
                        uint8_t title_key[static KEY_BYTES])
{
    memcpy(title_key, wrapped, KEY_BYTES);
    decrypt(true, disc_key, title_key);
}

void host_css_descramble(uint8_t sector[static HOST_CSS_SECTOR_BYTES],
                         const uint8_t title_key[static KEY_BYTES])
{
    uint8_t key[KEY_BYTES];
    struct generator g;

    for (unsigned i = 0; i < KEY_BYTES; i++) {
        key[i] = title_key[i] ^ sector[SEED_OFFSET + i];
    }
    g = generator_of(key, true, false);
    for (size_t i = PAYLOAD_OFFSET; i < HOST_CSS_SECTOR_BYTES; i++) {
        sector[i] = s_box(sector[i]) ^ next_byte(&g);
    }
}
