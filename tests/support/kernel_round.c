/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel_round.h"

#include "scalar_sector.h"

#include <string.h>

#define JUNK 0xa5

/* splitmix64 */
static uint64_t next_random(struct kernel_round *round)
{
    uint64_t z = round->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void fill(struct kernel_round *round, uint8_t *out, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
        const uint64_t word = next_random(round);

        memcpy(out + i, &word, bytes - i < sizeof(word) ? bytes - i : sizeof(word));
    }
}

/* The last place ends with the area, the others with `gap` bytes between them in front of it. */
static uint8_t *slot(const struct kernel_round *round, uint8_t *area, unsigned number)
{
    return area + KERNEL_AREA_BYTES - CSS_SECTOR_BYTES -
           (KERNEL_SLOTS - 1 - number) * (CSS_SECTOR_BYTES + round->gap);
}

static void list_sectors(const struct kernel_round *round, uint8_t *area, struct css_sector *list)
{
    for (size_t i = 0; i < round->count; i++) {
        list[i] = (struct css_sector){
            .data = slot(round, area, round->slots[i]),
            .key = &round->keys[(i * i + round->gap) % KERNEL_KEYS],
        };
    }
}

/* The payloads are not there yet: they are to come from another area. */
static void list_copies(const struct kernel_round *round, uint8_t *area, uint8_t *from,
                        struct css_sector *list)
{
    list_sectors(round, area, list);
    for (size_t i = 0; i < round->count; i++) {
        memset(list[i].data + CSS_CLEAR_BYTES, JUNK, CSS_SECTOR_BYTES - CSS_CLEAR_BYTES);
        list[i].from = slot(round, from, round->slots[i]);
    }
}

void kernel_round_init(struct kernel_round *round, uint8_t *clear, uint8_t *expected, uint8_t *work,
                       uint64_t random)
{
    memset(round, 0, sizeof(*round));
    round->clear = clear;
    round->expected = expected;
    round->work = work;
    round->random = random;
    fill(round, clear, KERNEL_AREA_BYTES);
}

void kernel_round_draw(struct kernel_round *round, size_t count)
{
    struct css_sector list[KERNEL_REQUEST_MAX];

    round->count = count;
    round->gap = next_random(round) % (KERNEL_GAP_MAX + 1);
    for (unsigned i = 0; i < KERNEL_SLOTS; i++) {
        const unsigned other = (unsigned)(next_random(round) % (i + 1));

        round->slots[i] = round->slots[other];
        round->slots[other] = i;
    }
    for (unsigned i = 1; i < KERNEL_KEYS; i++) { /* the first is zero */
        fill(round, round->keys[i].b, CSS_KEY_BYTES);
    }
    list_sectors(round, round->clear, list);
    for (size_t i = 0; i < count; i++) {
        fill(round, list[i].data, CSS_SECTOR_BYTES);
    }
    memcpy(round->expected, round->clear, KERNEL_AREA_BYTES);
    list_sectors(round, round->expected, list);
    scalar_sector.scramble(list, count);
}

static bool equal(const struct kernel_round *round, const char *what, const uint8_t *expected,
                  struct kernel_difference *difference)
{
    size_t at = 0;

    if (memcmp(round->work, expected, KERNEL_AREA_BYTES) == 0) {
        return true;
    }
    while (round->work[at] == expected[at]) {
        at++;
    }
    *difference = (struct kernel_difference){
        what,
        KERNEL_AREA_BYTES - at,
        round->work[at],
        expected[at],
    };
    return false;
}

bool kernel_round_run(const struct kernel_round *round, const struct css_kernel *kernel,
                      struct kernel_difference *difference)
{
    struct css_sector list[KERNEL_REQUEST_MAX];

    memcpy(round->work, round->clear, KERNEL_AREA_BYTES);
    list_sectors(round, round->work, list);
    kernel->scramble(list, round->count);
    if (!equal(round, "scrambling", round->expected, difference)) {
        return false;
    }
    kernel->descramble(list, round->count);
    if (!equal(round, "descrambling", round->clear, difference)) {
        return false;
    }
    list_copies(round, round->work, round->clear, list);
    kernel->scramble(list, round->count);
    if (!equal(round, "scrambling from elsewhere", round->expected, difference)) {
        return false;
    }
    list_copies(round, round->work, round->expected, list);
    kernel->descramble(list, round->count);
    return equal(round, "descrambling from elsewhere", round->clear, difference);
}
