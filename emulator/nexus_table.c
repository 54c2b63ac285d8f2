/* SPDX-License-Identifier: GPL-2.0-only */
#include "nexus_table.h"

#include <stdlib.h>

struct nexus_row {
    struct nexus_row *next;
    uint64_t id;
    long since;
    bool marked;
    struct drive_nexus *nexus;
};

static struct nexus_row *find_row(const struct nexus_table *table, uint64_t id)
{
    struct nexus_row *row = table->chains[id % NEXUS_TABLE_CHAINS];

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

static struct nexus_row *add_row(struct nexus_table *table, uint64_t id)
{
    struct nexus_row *row = calloc(1, sizeof(*row));

    if (row) {
        row->id = id;
        row->next = table->chains[id % NEXUS_TABLE_CHAINS];
        table->chains[id % NEXUS_TABLE_CHAINS] = row;
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

void nexus_table_sweep(struct nexus_table *table, struct drive *drive)
{
    for (size_t i = 0; i < NEXUS_TABLE_CHAINS; i++) {
        struct nexus_row **at = &table->chains[i], *row;

        while ((row = *at) != NULL) {
            if (row->marked) {
                row->marked = false;
                at = &row->next;
                continue;
            }
            *at = row->next;
            if (row->nexus) {
                drive_nexus_close(drive, row->nexus);
            }
            free(row);
        }
    }
}
