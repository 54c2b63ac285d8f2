/* SPDX-License-Identifier: GPL-2.0-only */
#include "explore_key.h"

#include "emulator/drive_snapshot.h"

#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX   64
#define TABLE_ROWS 4096u /* at first; a power of two */

/* ---- what is left out ---- */

static bool is_left_out(const char *name)
{
    static const char *const out[] = {".variant",    "challenge",  ".key1",
                                      ".bus_key",    "random.",    "clock_us",
                                      "ready_at_us", "mechanism.", "event"};

    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
        if (strstr(name, out[i])) {
            return true;
        }
    }
    return false;
}

struct rows {
    const struct state_row *row[ROWS_MAX];
    size_t count;
};

static void choose(struct rows *rows, const struct state_row *from)
{
    for (; from->name && rows->count < ROWS_MAX; from++) {
        if (!is_left_out(from->name)) {
            rows->row[rows->count++] = from;
        }
    }
}

static void put_rows(SHA2_CTX *sha, const struct rows *rows, const void *state)
{
    for (size_t i = 0; i < rows->count; i++) {
        SHA256Update(sha, (const uint8_t *)state + rows->row[i]->offset,
                     (size_t)rows->row[i]->width * rows->row[i]->count);
    }
}

void explore_key(const struct judged_drive *j, uint8_t key[static EXPLORE_KEY_BYTES])
{
    static struct rows drive_rows, nexus_rows;
    uint8_t model[ORACLE_STATE_BYTES_MAX];
    SHA2_CTX sha;

    if (!drive_rows.count) {
        choose(&drive_rows, drive_state_rows);
        choose(&nexus_rows, nexus_state_rows);
    }
    SHA256Init(&sha);
    put_rows(&sha, &drive_rows, &j->drive.state);
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        if (j->nexus[n]) {
            put_rows(&sha, &nexus_rows, &j->nexus[n]->state);
        }
    }
    SHA256Update(&sha, model, oracle_state(&j->oracle, ORACLE_SHAPE, model));
    SHA256Update(&sha, (const uint8_t *)&j->oracle.watch, sizeof(j->oracle.watch));
    SHA256Final(key, &sha);
}

/* ---- the set ---- */

static void *need(void *memory)
{
    if (!memory) {
        perror("explore");
        exit(2);
    }
    return memory;
}

static size_t place_of(const struct explore_set *set, const uint8_t *key)
{
    size_t at;

    memcpy(&at, key, sizeof(at));
    for (at &= set->table_rows - 1; set->table[at]; at = (at + 1) & (set->table_rows - 1)) {
        if (memcmp(set->keys[set->table[at] - 1], key, EXPLORE_KEY_BYTES) == 0) {
            break;
        }
    }
    return at;
}

static void grow(struct explore_set *set)
{
    if (set->count == set->room) {
        set->room = set->room ? 2 * set->room : TABLE_ROWS / 2;
        set->keys = need(realloc(set->keys, set->room * sizeof(*set->keys)));
        free(set->table);
        set->table_rows = 2 * set->room;
        set->table = need(calloc(set->table_rows, sizeof(*set->table)));
        for (uint32_t i = 0; i < set->count; i++) {
            set->table[place_of(set, set->keys[i])] = i + 1;
        }
    }
}

uint32_t explore_set_number(struct explore_set *set, const uint8_t key[static EXPLORE_KEY_BYTES],
                            bool *is_new)
{
    size_t at;

    grow(set);
    at = place_of(set, key);
    *is_new = !set->table[at];
    if (*is_new) {
        memcpy(set->keys[set->count], key, EXPLORE_KEY_BYTES);
        set->table[at] = (uint32_t)++set->count;
    }
    return set->table[at] - 1;
}

void explore_set_free(struct explore_set *set)
{
    free(set->keys);
    free(set->table);
    *set = (struct explore_set){NULL, NULL, 0, 0, 0};
}
