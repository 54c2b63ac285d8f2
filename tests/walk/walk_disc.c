/* SPDX-License-Identifier: GPL-2.0-only */
#include "walk_disc.h"

#include <string.h>

#define BLOCKS_MOST  200
#define BLOCKS_LARGE 0xfd0000u /* as many as a DVD can have: 24 bits from 30000h */

/* What surveyed discs have (mmc-spec 3.1, 5.2), and what lies next to it. */
static const uint8_t cpr_mais[] = {0xf0, 0xf0, 0xf0, 0xb0, 0xb0, 0xc0, 0xd0,
                                   0xe0, 0x00, 0x80, 0x40, 0xf1, 0xc8, 0xff};
static const uint8_t rmis[] = {0x00, 0x40, 0x7d, 0xc0, 0xc1, 0xe5, 0xed, 0xf5, 0xfd, 0xfe, 0xff};

static void draw_key(struct oracle_run *run, struct walk_random *r)
{
    run->has_key = walk_chance(r, 750);
    if (run->has_key && !walk_chance(r, 50)) { /* else a key of zeros */
        lcg_bytes(&r->state, run->key, sizeof(run->key));
    }
}

static void draw_runs(struct walk_disc *disc, struct walk_random *r)
{
    const size_t most = walk_below(r, WALK_RUNS_MAX + 1);
    uint32_t lba = 0;

    for (size_t i = 0; i < most; i++) {
        const uint32_t gap = walk_chance(r, 400) ? 0 : walk_below(r, 24);
        const uint32_t blocks = 1 + walk_below(r, 40);
        struct oracle_run *run = &disc->runs[i];

        if (gap + blocks > disc->facts.blocks - lba) {
            break;
        }
        run->lba = lba + gap;
        run->blocks = blocks;
        run->cpr_mai = cpr_mais[walk_below(r, sizeof(cpr_mais))];
        draw_key(run, r);
        lba += gap + blocks;
        disc->facts.run_count = i + 1;
    }
}

void walk_disc_draw(struct walk_disc *disc, struct walk_random *r, unsigned id)
{
    memset(disc, 0, sizeof(*disc));
    disc->facts.id = id;
    disc->facts.may_fail = walk_chance(r, 100);
    disc->facts.css = walk_chance(r, 800);
    disc->facts.cd = !disc->facts.css && walk_chance(r, 300);
    disc->facts.no_copyright = !disc->facts.css && !disc->facts.cd && walk_chance(r, 300);
    disc->facts.blocks =
        walk_chance(r, 30) && !disc->facts.cd ? BLOCKS_LARGE : 1 + walk_below(r, BLOCKS_MOST);
    if (!disc->facts.css) {
        return;
    }
    disc->facts.rmi = rmis[walk_below(r, sizeof(rmis))];
    disc->facts.runs = disc->runs;
    disc->facts.disc_key_block = disc->disc_key_block;
    lcg_bytes(&r->state, disc->disc_key_block, sizeof(disc->disc_key_block));
    draw_runs(disc, r);
}

uint32_t walk_disc_lba(const struct oracle_disc *disc, struct walk_random *r)
{
    if (disc->run_count && walk_chance(r, 700)) {
        const struct oracle_run *run = &disc->runs[walk_below(r, (uint32_t)disc->run_count)];

        return walk_chance(r, 500) ? run->lba + walk_below(r, run->blocks)
                                   : run->lba + (walk_chance(r, 500) ? run->blocks : 0);
    }
    if (walk_chance(r, 700)) {
        return walk_below(r, disc->blocks);
    }
    switch (walk_below(r, 6)) {
    case 0:
    case 5:
        return 0;
    case 1:
        return disc->blocks - 1;
    case 2:
        return disc->blocks;
    case 3:
        return disc->blocks + 1 + walk_below(r, 100);
    default:
        return 0xffffffffu - walk_below(r, 3);
    }
}
