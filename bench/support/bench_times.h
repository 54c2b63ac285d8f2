/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file bench_times.h
 * How long each of many things took: percentiles of the last million, and a rate.
 */
#ifndef DVDEMU_BENCH_TIMES_H
#define DVDEMU_BENCH_TIMES_H

#include <stdint.h>

struct bench_times {
    uint32_t *ns; /**< owned */
    uint64_t count;
};

/** Nanoseconds of the monotonic clock. */
uint64_t bench_now_ns(void);

/** Room for the times; ends the program without memory. */
struct bench_times bench_times_new(void);

/** One thing took this long. */
void bench_times_add(struct bench_times *times, uint64_t ns);

/** Print "per_second p50 p90 p99 max", the latter in microseconds, and free. */
void bench_times_print(struct bench_times *times, uint64_t elapsed_ns);

#endif
