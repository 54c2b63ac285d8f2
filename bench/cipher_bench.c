/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How fast the kernels scramble, side by side with the scalar form (css-spec 3.4) on one core:
 *
 *   cipher_bench [--json] [--descramble] [--rounds N]
 *
 * For each request size every kernel that this CPU can run is timed in turns, N times (41): in one
 * round the scalar form and each kernel get about the same time, so that whatever else the machine
 * does meets all of them. GB/s are 10^9 bytes of whole sectors, 2048 each, of a thread's CPU time;
 * min, median and max of the rounds, and the median of the rounds' ratios to the scalar form.
 */
#include "css/css.h"
#include "emulator/css_choice.h"
#include "tests/support/lcg.h"
#include "tests/support/scalar_sector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KERNELS_MAX    8
#define ROUNDS_MAX     1001
#define ROUNDS_DEFAULT 41
#define REQUEST_MAX    64
#define ROUND_NS       1000000.0 /* for one kernel in one round */
#define KEYS           3

static const size_t request_sizes[] = {1, 2, 4, 8, 16, 32, 64};

struct bench {
    bool json, descramble;
    unsigned rounds;
    const struct css_kernel *kernels[KERNELS_MAX]; /* the first is the scalar form */
    size_t kernel_count;
    double gb_per_s[KERNELS_MAX][ROUNDS_MAX];
    double ratios[KERNELS_MAX][ROUNDS_MAX];
    struct css_sector sectors[REQUEST_MAX];
};

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double run_requests(const struct bench *b, const struct css_kernel *kernel, size_t size,
                           unsigned requests)
{
    css_sector_fn *const work = b->descramble ? kernel->descramble : kernel->scramble;
    const double begin = cpu_ns();

    for (unsigned i = 0; i < requests; i++) {
        work(b->sectors, size);
    }
    return cpu_ns() - begin;
}

/* As many requests as take about ROUND_NS; also warms up. */
static unsigned requests_for(const struct bench *b, const struct css_kernel *kernel, size_t size)
{
    unsigned requests = 1;

    while (run_requests(b, kernel, size, requests) < ROUND_NS / 2) {
        requests *= 2;
    }
    return requests;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(struct bench *b, size_t size)
{
    unsigned requests[KERNELS_MAX] = {0};

    for (size_t k = 0; k < b->kernel_count; k++) {
        requests[k] = requests_for(b, b->kernels[k], size);
    }
    for (unsigned round = 0; round < b->rounds; round++) {
        for (size_t k = 0; k < b->kernel_count; k++) {
            const double ns = run_requests(b, b->kernels[k], size, requests[k]);

            b->gb_per_s[k][round] = (double)CSS_SECTOR_BYTES * (double)size * requests[k] / ns;
            b->ratios[k][round] = b->gb_per_s[k][round] / b->gb_per_s[0][round];
        }
    }
    for (size_t k = 0; k < b->kernel_count; k++) {
        qsort(b->gb_per_s[k], b->rounds, sizeof(double), ascending);
        qsort(b->ratios[k], b->rounds, sizeof(double), ascending);
    }
}

static void print(const struct bench *b, size_t size)
{
    static const char line[] = "%-10s %7zu  %6.2f %6.2f %6.2f  %6.1f\n";
    static const char json[] =
        "{\"kernel\":\"%s\",\"direction\":\"%s\",\"sectors\":%zu,\"rounds\":%u,\"gb_per_s_min\":%."
        "3f,"
        "\"gb_per_s_median\":%.3f,\"gb_per_s_max\":%.3f,\"times_scalar_median\":%.2f}\n";
    const size_t middle = b->rounds / 2;

    for (size_t k = 0; k < b->kernel_count; k++) {
        const char *name = b->kernels[k]->name;
        const double *speed = b->gb_per_s[k];

        if (b->json) {
            printf(json, name, b->descramble ? "descramble" : "scramble", size, b->rounds, speed[0],
                   speed[middle], speed[b->rounds - 1], b->ratios[k][middle]);
        } else {
            printf(line, name, size, speed[0], speed[middle], speed[b->rounds - 1],
                   b->ratios[k][middle]);
        }
    }
}

/* Neighbours in memory with different keys, as in a reply. */
static void make_sectors(struct bench *b)
{
    static uint8_t data[REQUEST_MAX][CSS_SECTOR_BYTES];
    static css_title_key keys[KEYS];
    uint32_t state = 1;

    lcg_bytes(&state, data, sizeof(data));
    lcg_bytes(&state, keys, sizeof(keys));
    for (size_t i = 0; i < REQUEST_MAX; i++) {
        b->sectors[i] = (struct css_sector){.data = data[i], .key = &keys[i % KEYS]};
    }
}

static void list_kernels(struct bench *b)
{
    b->kernels[b->kernel_count++] = &scalar_sector;
    for (const struct css_choice *c = css_choices; c->kernel && b->kernel_count < KERNELS_MAX;
         c++) {
        if (c->usable()) {
            b->kernels[b->kernel_count++] = c->kernel;
        } else if (!b->json) {
            printf("# %s is not measured: it needs %s, which this CPU has not\n", c->kernel->name,
                   c->needs);
        }
    }
}

static bool read_arguments(struct bench *b, int argc, char **argv)
{
    b->rounds = ROUNDS_DEFAULT;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            b->json = true;
        } else if (strcmp(argv[i], "--descramble") == 0) {
            b->descramble = true;
        } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            b->rounds = (unsigned)strtoul(argv[++i], NULL, 10);
        } else {
            return false;
        }
    }
    return b->rounds >= 1 && b->rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
    static struct bench b;

    if (!read_arguments(&b, argc, argv)) {
        fprintf(stderr, "usage: cipher_bench [--json] [--descramble] [--rounds N]\n");
        return 2;
    }
    list_kernels(&b);
    make_sectors(&b);
    if (!b.json) {
        printf("%-10s %7s  %20s  %s\n%-10s %7s  %6s %6s %6s  %s\n",
               b.descramble ? "descramble" : "", "", "GB/s", "times", "kernel", "sectors", "min",
               "median", "max", "scalar");
    }
    for (size_t i = 0; i < sizeof(request_sizes) / sizeof(request_sizes[0]); i++) {
        measure(&b, request_sizes[i]);
        print(&b, request_sizes[i]);
    }
    return 0;
}
