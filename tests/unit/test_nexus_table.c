/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/nexus_table.h"
#include "unit.h"

#include <string.h>

static struct drive drive;
static struct nexus_table table;

static void no_random(void *ctx, uint8_t *out, size_t bytes)
{
    (void)ctx;
    memset(out, 0, bytes);
}

static void start(void)
{
    const struct drive_services services = {.random = no_random};
    const struct region_state region = region_factory();
    struct personality personality;

    personality_init(&personality);
    memset(&table, 0, sizeof(table));
    drive_init(&drive, &personality, &services, &region);
}

static unsigned count(void)
{
    unsigned n = 0;

    for (const struct drive_nexus *at = drive.nexuses; at; at = at->next) {
        n++;
    }
    return n;
}

static void first_mark_opens_a_nexus(void)
{
    struct drive_nexus *nexus;
    bool fresh;

    start();
    CU_ASSERT_PTR_NULL(nexus_table_find(&table, 5, 100));
    nexus = nexus_table_mark(&table, &drive, 5, 100, &fresh);
    CU_ASSERT_PTR_NOT_NULL_FATAL(nexus);
    CU_ASSERT_TRUE(fresh);
    CU_ASSERT_EQUAL(nexus->state.attentions, DRIVE_UA_POWER_ON);
    CU_ASSERT_PTR_EQUAL(nexus_table_find(&table, 5, 100), nexus);
    CU_ASSERT_PTR_EQUAL(nexus_table_mark(&table, &drive, 5, 100, &fresh), nexus);
    CU_ASSERT_FALSE(fresh);
    CU_ASSERT_EQUAL(count(), 1);
    nexus_table_sweep(&table, &drive);
    nexus_table_sweep(&table, &drive);
    drive_fini(&drive);
}

static void sweep_closes_who_was_not_marked(void)
{
    bool fresh;

    start();
    for (uint64_t id = 0; id < 3 * 32; id++) {
        nexus_table_mark(&table, &drive, id, 1, &fresh);
    }
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_EQUAL(count(), 3 * 32);
    for (uint64_t id = 0; id < 3 * 32; id += 2) {
        nexus_table_mark(&table, &drive, id, 1, &fresh);
    }
    nexus_table_sweep(&table, &drive);
    for (uint64_t id = 0; id < 3 * 32; id++) {
        CU_ASSERT_EQUAL(nexus_table_find(&table, id, 1) != NULL, id % 2 == 0);
    }
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_EQUAL(count(), 0);
    drive_fini(&drive);
}

static void number_used_again_is_another_nexus(void)
{
    struct drive_nexus *old;
    bool fresh;

    start();
    old = nexus_table_mark(&table, &drive, 7, 100, &fresh);
    old->state.prevent = true;
    CU_ASSERT_PTR_NULL(nexus_table_find(&table, 7, 101));
    CU_ASSERT_PTR_NOT_NULL(nexus_table_mark(&table, &drive, 7, 101, &fresh));
    CU_ASSERT_TRUE(fresh);
    CU_ASSERT_PTR_NULL(nexus_table_find(&table, 7, 100));
    CU_ASSERT_EQUAL(count(), 1);
    CU_ASSERT_FALSE(drive_is_prevented(&drive));
    nexus_table_sweep(&table, &drive);
    nexus_table_sweep(&table, &drive);
    drive_fini(&drive);
}

#define MANY 1000

static void many_are_found_and_swept(void)
{
    bool fresh;

    start();
    for (uint64_t id = 0; id < MANY; id++) {
        CU_ASSERT_PTR_NOT_NULL(nexus_table_mark(&table, &drive, 3 * id, 7, &fresh));
    }
    CU_ASSERT_TRUE(table.chain_count >= MANY);
    CU_ASSERT_EQUAL(table.row_count, MANY);
    CU_ASSERT_PTR_NULL(nexus_table_find(&table, 1, 7));
    nexus_table_sweep(&table, &drive);
    for (uint64_t id = 0; id < MANY; id += 2) {
        CU_ASSERT_TRUE(nexus_table_keep(&table, 3 * id));
    }
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_EQUAL(count(), MANY / 2);
    for (uint64_t id = 0; id < MANY; id++) {
        const struct drive_nexus *nexus = nexus_table_find(&table, 3 * id, 7);

        CU_ASSERT_EQUAL(nexus != NULL, id % 2 == 0);
        CU_ASSERT_TRUE(!nexus || nexus->id == 3 * id);
    }
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_PTR_NULL(table.chains);
    drive_fini(&drive);
}

static void only_what_is_known_is_kept(void)
{
    bool fresh;

    start();
    CU_ASSERT_FALSE(nexus_table_keep(&table, 5));
    nexus_table_mark(&table, &drive, 5, 100, &fresh);
    CU_ASSERT_FALSE(nexus_table_keep(&table, 5 + 8));
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_TRUE(nexus_table_keep(&table, 5));
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_PTR_NOT_NULL(nexus_table_find(&table, 5, 100));
    nexus_table_sweep(&table, &drive);
    CU_ASSERT_EQUAL(count(), 0);
    drive_fini(&drive);
}

UNIT_SUITE(nexus_table, T(many_are_found_and_swept), T(only_what_is_known_is_kept),
           T(first_mark_opens_a_nexus), T(sweep_closes_who_was_not_marked),
           T(number_used_again_is_another_nexus));
