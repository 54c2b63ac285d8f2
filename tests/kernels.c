/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every kernel that this CPU can run against the scalar form:
 *
 *   kernels SECTORS [VECTORS]
 *
 * At least SECTORS random sectors in requests of 1 to 64, all counts alike often: any order, any
 * alignment, seventeen title keys, sectors between them that are not on the list, the last byte at
 * a guard page; scrambled and back. VECTORS: tests/vectors/sector.txt, of which this program checks
 * what is there in clear (tests/css_vectors.c has the digests). It needs nothing but libc, so that
 * it can be built for, and run on, anything.
 */
#include "emulator/css_choice.h"
#include "tests/support/guard_area.h"
#include "tests/support/kernel_round.h"
#include "tests/support/lcg.h"
#include "tests/support/scalar_sector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_OFFSET 0x80
#define LAST_OFFSET    0x7f0

/* ---- random requests ---- */

static bool run_kernels(const struct kernel_round *round)
{
    struct kernel_difference d;

    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        if (c->usable() && !kernel_round_run(round, c->kernel, &d)) {
            printf("FAILED %s: %s %zu sectors with gaps of %zu: "
                   "byte %zu before the end is %02x, not %02x\n",
                   c->kernel->name, d.what, round->count, round->gap, d.before_end, d.got,
                   d.expected);
            return false;
        }
    }
    return true;
}

static void report(unsigned long long sectors, unsigned long long requests)
{
    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        if (c->usable()) {
            printf("ok %s: %llu random sectors in %llu requests\n", c->kernel->name, sectors,
                   requests);
        } else {
            printf("skip %s: needs %s, which this CPU has not\n", c->kernel->name, c->needs);
        }
    }
}

static bool run_random(unsigned long long sectors)
{
    static uint8_t clear[KERNEL_AREA_BYTES], expected[KERNEL_AREA_BYTES];
    struct guard_area work = guard_area_open(KERNEL_AREA_BYTES);
    unsigned long long done = 0, requests = 0;
    struct kernel_round round;
    bool good = true;

    kernel_round_init(&round, clear, expected, guard_area_end(&work, KERNEL_AREA_BYTES), 1);
    while (good && done < sectors) {
        for (size_t count = 1; good && count <= KERNEL_REQUEST_MAX; count++, requests++) {
            kernel_round_draw(&round, count);
            good = run_kernels(&round);
            done += count;
        }
    }
    guard_area_close(&work);
    if (good) {
        report(done, requests);
    }
    return good;
}

/* ---- known answers ---- */

static bool is_hex(const uint8_t *bytes, const char *hex)
{
    char digits[sizeof("00")];

    for (; *hex; hex += 2, bytes++) {
        snprintf(digits, sizeof(digits), "%02x", *bytes);
        if (strncmp(digits, hex, 2) != 0) {
            return false;
        }
    }
    return true;
}

/* The clear sector of the line, by the rule in the head of the file. */
static void build_sector(uint8_t data[static CSS_SECTOR_BYTES], char kind, uint32_t seed)
{
    static const uint8_t pack[] = {0x00, 0x00, 0x01, 0xba};
    static const uint8_t packet[] = {0xf8, 0x00, 0x00, 0x01, 0xe0};

    lcg_bytes(&seed, data, CSS_SECTOR_BYTES);
    if (kind != 'L') {
        memset(data + PAYLOAD_OFFSET, kind == 'F' ? 0xff : 0x00, CSS_SECTOR_BYTES - PAYLOAD_OFFSET);
    }
    memcpy(data, pack, sizeof(pack));
    memcpy(data + 0x0d, packet, sizeof(packet));
    data[0x14] = 0x80;
}

/* kind key seed flags - - first32 last16 - - */
static bool check_line(const struct css_kernel *kernel, const char *line)
{
    char kind, first[65], last[33];
    unsigned k[CSS_KEY_BYTES], seed, flags;
    uint8_t data[CSS_SECTOR_BYTES];
    css_title_key key;

    if (sscanf(line, "%c %2x%2x%2x%2x%2x %8x %2x %*s %*s %64s %32s", &kind, &k[0], &k[1], &k[2],
               &k[3], &k[4], &seed, &flags, first, last) != 10) {
        return false;
    }
    for (size_t i = 0; i < CSS_KEY_BYTES; i++) {
        key.b[i] = (uint8_t)k[i];
    }
    build_sector(data, kind, seed);
    data[0x14] |= (uint8_t)flags;
    if (flags) {
        kernel->scramble(&(struct css_sector){.data = data, .key = &key}, 1);
    }
    return is_hex(data + PAYLOAD_OFFSET, first) && is_hex(data + LAST_OFFSET, last);
}

static bool run_vectors(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[512];
    unsigned lines = 0;
    bool good = file != NULL;

    while (good && fgets(line, sizeof(line), file)) {
        if (*line == '#' || *line == '\n') {
            continue;
        }
        lines++;
        good = check_line(&scalar_sector, line);
        for (const struct css_choice *c = css_choices; good && c->kernel; c++) {
            good = !c->usable() || check_line(c->kernel, line);
        }
    }
    if (file) {
        fclose(file);
    }
    printf(good && lines ? "ok known answers: %u\n" : "FAILED known answers: line %u\n", lines);
    return good && lines;
}

int main(int argc, char **argv)
{
    bool good;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: kernels SECTORS [VECTORS]\n");
        return 2;
    }
    good = argc == 2 || run_vectors(argv[2]);
    good = run_random(strtoull(argv[1], NULL, 0)) && good;
    return !good;
}
