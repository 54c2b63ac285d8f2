/* SPDX-License-Identifier: GPL-2.0-only */
#include "bench_times.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEPT      (1u << 20)
#define NS_PER_S  1000000000u
#define NS_PER_US 1000.0

uint64_t bench_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

struct bench_times bench_times_new(void)
{
    const struct bench_times times = {.ns = malloc(KEPT * sizeof(*times.ns))};

    if (!times.ns) {
        perror("bench");
        exit(1);
    }
    return times;
}

void bench_times_add(struct bench_times *times, uint64_t ns)
{
    times->ns[times->count++ % KEPT] = ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void bench_times_print(struct bench_times *times, uint64_t elapsed_ns)
{
    const uint64_t n = times->count < KEPT ? times->count : KEPT;
    static const uint64_t percentiles[] = {50, 90, 99};

    qsort(times->ns, n, sizeof(*times->ns), ascending);
    printf("%.1f", (double)times->count * NS_PER_S / (double)elapsed_ns);
    for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
        const uint64_t at = n * percentiles[i] / 100;

        printf(" %.1f", n ? times->ns[at] / NS_PER_US : 0.0);
    }
    printf(" %.1f\n", n ? times->ns[n - 1] / NS_PER_US : 0.0);
    free(times->ns);
    times->ns = NULL;
}
