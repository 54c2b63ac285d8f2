/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_target.h"

#include <stdlib.h>

/* First block of the extent that can be read; its end when none can. Runs ascend. */
static uint32_t first_readable(const struct disc *disc, const struct disc_extent *extent)
{
    const uint32_t end = extent->lba + extent->blocks;
    uint32_t lba = extent->lba;

    for (size_t i = 0; i < disc->bad_run_count && lba < end; i++) {
        const struct disc_bad_run *bad = &disc->bad_runs[i];

        if (bad->lba <= lba && lba - bad->lba < bad->blocks) {
            lba = bad->lba + bad->blocks;
        }
    }
    return lba < end ? lba : end;
}

static void look_at(const struct disc *disc, const struct disc_extent *extent,
                    struct host_target *target)
{
    uint32_t lba;

    if (!target->key) {
        target->key = &disc->title_keys[extent->key];
        target->key_lba = extent->lba;
    }
    if (target->has_gated || !cpr_mai_is_gated(extent->cpr_mai)) {
        return;
    }
    lba = first_readable(disc, extent);
    if (lba < extent->lba + extent->blocks) {
        target->has_gated = true;
        target->gated_lba = lba;
    }
}

bool host_find_targets(const struct disc *disc, struct host_targets *targets)
{
    struct host_target *rows;

    *targets = (struct host_targets){0};
    if (!disc_has_css(disc) || disc->title_key_count == 0) {
        return true;
    }
    rows = calloc(disc->title_key_count, sizeof(*rows));
    if (!rows) {
        return false;
    }
    for (size_t i = 0; i < disc->extent_count; i++) {
        if (disc->extents[i].key >= 0) {
            look_at(disc, &disc->extents[i], &rows[disc->extents[i].key]);
        }
    }
    for (size_t i = 0; i < disc->title_key_count; i++) {
        if (rows[i].key) {
            rows[targets->count++] = rows[i];
        }
    }
    targets->rows = rows;
    return true;
}
