/* SPDX-License-Identifier: GPL-2.0-only */
/* Discs of inputs. The first kind is the CSS disc of the golden files (tests/golden/README.md). */
#include "judged_case.h"

#define GOLDEN_BLOCKS 256

static const struct oracle_run golden_runs[] = {
    {16, 16, 0xf0, true, {0xa1, 0xa2, 0xa3, 0xa4, 0xa5}},
    {32, 16, 0xb0, true, {0xa1, 0xa2, 0xa3, 0xa4, 0xa5}},
    {64, 16, 0xf0, true, {0xb1, 0xb2, 0xb3, 0xb4, 0xb5}},
    {96, 8, 0xc0, false, {0}},
};

static void make_css(struct walk_disc *disc, uint8_t rmi)
{
    static const uint8_t head[] = {0x11, 0x22, 0x33, 0x44, 0x55}, tail[] = {0xe1, 0xe2, 0xe3};

    disc->facts.css = true;
    disc->facts.rmi = rmi;
    disc->facts.runs = disc->runs;
    disc->facts.disc_key_block = disc->disc_key_block;
    memcpy(disc->disc_key_block, head, sizeof(head));
    memcpy(disc->disc_key_block + sizeof(disc->disc_key_block) - sizeof(tail), tail, sizeof(tail));
}

static void golden_css(struct walk_disc *disc, struct fuzz_input *in)
{
    make_css(disc, input_byte(in));
    disc->facts.blocks = GOLDEN_BLOCKS;
    disc->facts.run_count = sizeof(golden_runs) / sizeof(golden_runs[0]);
    memcpy(disc->runs, golden_runs, sizeof(golden_runs));
}

static void own_runs(struct walk_disc *disc, struct fuzz_input *in)
{
    uint32_t lba = 0;

    make_css(disc, input_byte(in));
    disc->facts.blocks = 1u + input_byte(in);
    for (unsigned left = input_below(in, WALK_RUNS_MAX + 1); left; left--) {
        struct oracle_run *run = &disc->runs[disc->facts.run_count];
        const uint8_t key = input_byte(in);

        run->lba = lba + input_below(in, 32);
        run->blocks = 1u + input_below(in, 64);
        run->cpr_mai = input_byte(in);
        run->has_key = key & 1;
        memset(run->key, key & 0xfe, run->has_key ? sizeof(run->key) : 0);
        lba = run->lba + run->blocks;
        if (lba > disc->facts.blocks) {
            break;
        }
        disc->facts.run_count++;
    }
}

static void plain(struct walk_disc *disc, struct fuzz_input *in)
{
    disc->facts.blocks = 1u + input_byte(in);
}

static void no_copyright(struct walk_disc *disc, struct fuzz_input *in)
{
    plain(disc, in);
    disc->facts.no_copyright = true;
}

static void cd(struct walk_disc *disc, struct fuzz_input *in)
{
    plain(disc, in);
    disc->facts.cd = true;
}

static void damaged_css(struct walk_disc *disc, struct fuzz_input *in)
{
    golden_css(disc, in);
    disc->facts.may_fail = true;
}

static void damaged(struct walk_disc *disc, struct fuzz_input *in)
{
    plain(disc, in);
    disc->facts.may_fail = true;
}

static void drawn(struct walk_disc *disc, struct fuzz_input *in)
{
    /* apart from where the drive's random source begins, which is the same generator */
    struct walk_random r = {.state = input_byte(in) * 2654435761u + 0x5bd1e995u};

    walk_disc_draw(disc, &r, disc->facts.id);
}

void case_disc(struct walk_disc *disc, struct fuzz_input *in, unsigned id)
{
    static void (*const kinds[])(struct walk_disc *, struct fuzz_input *) = {
        golden_css, own_runs, plain, no_copyright, cd, damaged_css, damaged, drawn,
    };
    const unsigned kind = input_below(in, sizeof(kinds) / sizeof(kinds[0]));

    memset(disc, 0, sizeof(*disc));
    disc->facts.id = id;
    kinds[kind](disc, in);
}
