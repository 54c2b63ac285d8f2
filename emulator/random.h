/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file random.h
 * Random bytes: the kernel's, or a reproducible stream from a seed. A source knows which of the
 * two it is, so that they cannot be confused. The stream (xoshiro256**, seeded by splitmix64) is
 * part of the project's promise that a recipe and a seed give every byte again: never change it.
 */
#ifndef DVDEMU_RANDOM_H
#define DVDEMU_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random_source {
    bool seeded;
    uint64_t seed; /**< meaningful when seeded */
    uint64_t state[4];
};

/** A source that asks the kernel (getrandom). */
struct random_source random_kernel(void);

/**
 * A reproducible source. `purpose` names what it is for ("drive", "title keys"): two purposes
 * of one seed give unrelated streams.
 */
struct random_source random_seeded(uint64_t seed, const char *purpose);

/** Fill `bytes` bytes. Cannot fail: without getrandom the process is ended with a message. */
void random_bytes(struct random_source *source, void *out, size_t bytes);

#endif
