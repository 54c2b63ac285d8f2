/* SPDX-License-Identifier: GPL-2.0-only */
#include "seen_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

static bool put(uint64_t *rows, size_t room, uint64_t number)
{
    size_t at = (size_t)(number * 0x9e3779b97f4a7c15u >> 20) % room;

    while (rows[at] && rows[at] != number) {
        at = (at + 1) % room;
    }
    if (rows[at]) {
        return false;
    }
    rows[at] = number;
    return true;
}

static void grow(struct seen_set *set)
{
    const size_t room = set->room ? 4 * set->room : ROOM_FIRST;
    uint64_t *rows = calloc(room, sizeof(*rows));

    if (!rows) {
        perror("seen set");
        abort();
    }
    for (size_t i = 0; i < set->room; i++) {
        if (set->rows[i]) {
            put(rows, room, set->rows[i]);
        }
    }
    free(set->rows);
    set->rows = rows;
    set->room = room;
}

bool seen_set_add(struct seen_set *set, uint64_t number)
{
    bool is_new;

    if (2 * (set->count + 1) > set->room) {
        grow(set);
    }
    is_new = put(set->rows, set->room, number ? number : 1);
    set->count += is_new;
    return is_new;
}

void seen_set_clear(struct seen_set *set)
{
    if (set->count) {
        memset(set->rows, 0, set->room * sizeof(*set->rows));
    }
    set->count = 0;
}

void seen_set_free(struct seen_set *set)
{
    free(set->rows);
    memset(set, 0, sizeof(*set));
}
