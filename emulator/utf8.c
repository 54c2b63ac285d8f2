/* SPDX-License-Identifier: GPL-2.0-only */
#include "utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 3629, section 4: leading bytes, how many follow, and what the second may be. */
static const struct {
    uint8_t first, last, followers, second_min, second_max;
} leads[] = {
    {0x01, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

#define LEADS (sizeof(leads) / sizeof(leads[0]))

static size_t row_of(uint8_t byte)
{
    size_t row = 0;

    while (row < LEADS && (byte < leads[row].first || byte > leads[row].last)) {
        row++;
    }
    return row;
}

/* Bytes of the character at `at`; 0: there is none. *cut: the text ends within it. */
static size_t character_bytes(const uint8_t *at, bool *cut)
{
    const size_t row = row_of(*at);

    *cut = false;
    if (row == LEADS) {
        return 0;
    }
    for (size_t i = 1; i <= leads[row].followers; i++) {
        const uint8_t min = i == 1 ? leads[row].second_min : 0x80;
        const uint8_t max = i == 1 ? leads[row].second_max : 0xbf;

        if (at[i] < min || at[i] > max) {
            *cut = at[i] == 0;
            return 0;
        }
    }
    return leads[row].followers + (size_t)1;
}

void utf8_mend(char *text)
{
    uint8_t *at = (uint8_t *)text;
    bool cut;

    while (*at) {
        const size_t bytes = character_bytes(at, &cut);

        if (cut) {
            *at = 0;
            return;
        }
        if (bytes == 0) {
            *at = '?';
        }
        at += bytes ? bytes : 1;
    }
}
