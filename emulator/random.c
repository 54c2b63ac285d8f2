/* SPDX-License-Identifier: GPL-2.0-only */
#include "random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct random_source random_kernel(void)
{
    return (struct random_source){.seeded = false};
}

/* splitmix64: a counter with a strong mixer behind it. */
static uint64_t splitmix64(uint64_t *counter)
{
    uint64_t z = *counter += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++) {
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    }
    return hash;
}

struct random_source random_seeded(uint64_t seed, const char *purpose)
{
    struct random_source source = {.seeded = true, .seed = seed};
    uint64_t counter = seed;

    /* the seed is mixed first, so that seeds and purposes that differ by little stay apart */
    counter = splitmix64(&counter) ^ hash_of(purpose);
    for (size_t i = 0; i < 4; i++) {
        source.state[i] = splitmix64(&counter);
    }
    return source;
}

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t xoshiro256ss(uint64_t s[static 4])
{
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Each number gives eight bytes, lowest first; what a call does not use of its last is dropped. */
static void fill_seeded(struct random_source *source, uint8_t *out, size_t bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes; i++) {
        if (i % sizeof(number) == 0) {
            number = xoshiro256ss(source->state);
        }
        out[i] = (uint8_t)number;
        number >>= 8;
    }
}

static void fill_kernel(uint8_t *out, size_t bytes)
{
    while (bytes > 0) {
        ssize_t got = getrandom(out, bytes, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            fprintf(stderr, "dvdemu: no random numbers from the kernel: %s\n", strerror(errno));
            abort();
        }
        out += got;
        bytes -= (size_t)got;
    }
}

void random_bytes(struct random_source *source, void *out, size_t bytes)
{
    if (source->seeded) {
        fill_seeded(source, out, bytes);
    } else {
        fill_kernel(out, bytes);
    }
}
