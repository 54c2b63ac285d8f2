/* SPDX-License-Identifier: GPL-2.0-only */
/* What a disc says about a block: every question walks all runs. */
#include "oracle_turn.h"

/* mmc-spec 3.1: CPM = 1, CP_SEC = 1, CP_MOD = 0, whatever CGMS says. */
#define GATE_BITS   0xcfu
#define GATE_LOCKED 0xc0u

const struct oracle_run *oracle_run_at(const struct oracle_disc *disc, uint32_t lba)
{
    if (!disc->css) {
        return NULL;
    }
    for (size_t i = 0; i < disc->run_count; i++) {
        const struct oracle_run *run = &disc->runs[i];

        if (lba >= run->lba && lba - run->lba < run->blocks) {
            return run;
        }
    }
    return NULL;
}

uint8_t oracle_cpr_mai(const struct oracle_disc *disc, uint32_t lba)
{
    const struct oracle_run *run = oracle_run_at(disc, lba);

    return run ? run->cpr_mai : 0;
}

bool oracle_range_is_gated(const struct oracle_disc *disc, uint32_t lba, uint32_t blocks)
{
    for (uint32_t i = 0; i < blocks; i++) {
        if ((oracle_cpr_mai(disc, lba + i) & GATE_BITS) == GATE_LOCKED) {
            return true;
        }
    }
    return false;
}

/* Blocks between a block and the nearest one of a run that does not hold it. */
static uint32_t distance(const struct oracle_run *run, uint32_t lba)
{
    return lba < run->lba ? run->lba - lba : lba - (run->lba + run->blocks - 1);
}

/* quirks.md, title_key_unprotected: the lower of two that are equally near. */
const struct oracle_run *oracle_nearest_key(const struct oracle_disc *disc, uint32_t lba)
{
    const struct oracle_run *best = NULL;

    for (size_t i = 0; i < disc->run_count; i++) {
        const struct oracle_run *run = &disc->runs[i];

        if (run->has_key && run->blocks && (!best || distance(run, lba) < distance(best, lba))) {
            best = run;
        }
    }
    return best;
}
