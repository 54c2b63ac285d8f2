/* SPDX-License-Identifier: GPL-2.0-only */
#include "nexus_table.h"

#include <stdlib.h>

#define CHAINS_MIN 8

struct nexus_row {
    struct nexus_row *next;
    uint64_t id;
    long since;
    bool marked;
    struct drive_nexus *nexus;
};

static struct nexus_row **chain_of(const struct nexus_table *table, uint64_t id)
{
    return &table->chains[id & (table->chain_count - 1)];
}

static struct nexus_row *find_row(const struct nexus_table *table, uint64_t id)
{
    struct nexus_row *row = table->chain_count ? *chain_of(table, id) : NULL;

    while (row && row->id != id) {
        row = row->next;
    }
    return row;
}

struct drive_nexus *nexus_table_find(const struct nexus_table *table, uint64_t id, long since)
{
    const struct nexus_row *row = find_row(table, id);

    return row && row->since == since ? row->nexus : NULL;
}

bool nexus_table_keep(struct nexus_table *table, uint64_t id)
{
    struct nexus_row *row = find_row(table, id);

    if (!row || !row->nexus) {
        return false;
    }
    row->marked = true;
    return true;
}

static void link_row(struct nexus_table *table, struct nexus_row *row)
{
    struct nexus_row **chain = chain_of(table, row->id);

    row->next = *chain;
    *chain = row;
}

/* Twice the chains. Without memory for them the old ones do: they only get longer. */
static void grow(struct nexus_table *table)
{
    struct nexus_table larger = {
        .chain_count = table->chain_count ? 2 * table->chain_count : CHAINS_MIN,
        .row_count = table->row_count,
    };

    larger.chains = calloc(larger.chain_count, sizeof(struct nexus_row *));
    if (!larger.chains) {
        return;
    }
    for (size_t i = 0; i < table->chain_count; i++) {
        struct nexus_row *next;

        for (struct nexus_row *row = table->chains[i]; row; row = next) {
            next = row->next;
            link_row(&larger, row);
        }
    }
    free(table->chains);
    *table = larger;
}

static struct nexus_row *add_row(struct nexus_table *table, uint64_t id)
{
    struct nexus_row *row;

    if (table->row_count >= table->chain_count) {
        grow(table);
    }
    row = table->chain_count ? calloc(1, sizeof(*row)) : NULL;
    if (row) {
        row->id = id;
        link_row(table, row);
        table->row_count++;
    }
    return row;
}

struct drive_nexus *nexus_table_mark(struct nexus_table *table, struct drive *drive, uint64_t id,
                                     long since, bool *fresh)
{
    struct nexus_row *row = find_row(table, id);

    *fresh = false;
    if (!row && !(row = add_row(table, id))) {
        return NULL;
    }
    row->marked = true;
    if (row->nexus && row->since == since) {
        return row->nexus;
    }
    if (row->nexus) {
        drive_nexus_close(drive, row->nexus);
    }
    row->nexus = drive_nexus_open(drive, id);
    row->since = since;
    *fresh = row->nexus != NULL;
    return row->nexus;
}

static void free_row(struct nexus_table *table, struct drive *drive, struct nexus_row *row)
{
    if (row->nexus) {
        drive_nexus_close(drive, row->nexus);
    }
    free(row);
    table->row_count--;
}

void nexus_table_sweep(struct nexus_table *table, struct drive *drive)
{
    for (size_t i = 0; i < table->chain_count; i++) {
        struct nexus_row **at = &table->chains[i], *row;

        while ((row = *at) != NULL) {
            if (row->marked) {
                row->marked = false;
                at = &row->next;
            } else {
                *at = row->next;
                free_row(table, drive, row);
            }
        }
    }
    if (table->row_count == 0) {
        free(table->chains);
        *table = (struct nexus_table){0};
    }
}
