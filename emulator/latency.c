/* SPDX-License-Identifier: GPL-2.0-only */
#include "latency.h"

#define COMMAND_US      300u /* decoding and answering: what every command takes */
#define SETTLE_US       25000u
#define STROKE_US       115000u /* a full stroke on top of settling */
#define LAYER_CHANGE_US 60000u  /* refocusing */
#define HALF_TURN_US    3300u   /* of 9200 revolutions a minute, 16x */
#define KEY_US          30000u  /* the survey's quickest key; its slowest took 108 ms */
#define KEY_STROKE_US   78000u
#define BUFFER_BLOCKS   128u /* read ahead: 256 KiB, as mode page 2Ah says */

#define UM_PER_MM 1000u
#define US_PER_S  1000000u
#define BYTES_KB  1000u

/* Where data begins and ends on a full disc, and the rate at its rim. */
static const struct geometry {
    uint32_t inner_um, outer_um, blocks, rim_kb_s;
} geometries[] = {
    [DISC_DVD] = {24 * UM_PER_MM, 58 * UM_PER_MM, 2295104, 22160}, /* 16x of 1385 kB/s */
    [DISC_CD] = {25 * UM_PER_MM, 58 * UM_PER_MM, 360000, 7056},    /* 40x of 176.4 kB/s */
};

/* Largest number whose square is not larger. */
static uint32_t square_root(uint64_t n)
{
    uint64_t root = 0, bit = UINT64_C(1) << 62;

    while (bit > n) {
        bit >>= 2;
    }
    for (; bit; bit >>= 2) {
        if (n >= root + bit) {
            n -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root;
}

static bool on_layer1(const struct disc *disc, uint32_t lba)
{
    return disc->layers == 2 && lba >= disc->layer0_blocks;
}

/* Blocks from the hub; layer 1 begins there too, or with an opposite track where layer 0 ends. */
static uint32_t blocks_from_hub(const struct disc *disc, uint32_t lba)
{
    const uint32_t beyond = lba - disc->layer0_blocks;

    if (!on_layer1(disc, lba)) {
        return lba;
    }
    return disc->track_path == DISC_OTP ? disc->layer0_blocks - 1 - beyond : beyond;
}

/* Equal areas hold equal numbers of blocks. */
static uint32_t radius_um(const struct disc *disc, uint32_t lba)
{
    const struct geometry *g = &geometries[disc->kind];
    const uint64_t inner = (uint64_t)g->inner_um * g->inner_um,
                   outer = (uint64_t)g->outer_um * g->outer_um;
    const uint32_t radius =
        square_root(inner + (outer - inner) * blocks_from_hub(disc, lba) / g->blocks);

    return radius < g->outer_um ? radius : g->outer_um;
}

uint32_t latency_rate_kb_s(const struct disc *disc, uint32_t lba)
{
    const struct geometry *g = &geometries[disc->kind];

    return (uint32_t)((uint64_t)g->rim_kb_s * radius_um(disc, lba) / g->outer_um);
}

static uint64_t block_us(const struct mechanism *m, const struct disc *disc, uint32_t lba)
{
    uint32_t rate = latency_rate_kb_s(disc, lba);

    if (m->limit_kb_s && m->limit_kb_s < rate) {
        rate = m->limit_kb_s;
    }
    return (uint64_t)DISC_BLOCK_BYTES * US_PER_S / (rate * BYTES_KB);
}

/* Of a stroke over the whole data area, in 1/1024. */
static uint32_t stroke(const struct disc *disc, uint32_t from, uint32_t to)
{
    const struct geometry *g = &geometries[disc->kind];
    const uint32_t a = radius_um(disc, from), b = radius_um(disc, to);

    return (a < b ? b - a : a - b) * 1024u / (g->outer_um - g->inner_um);
}

static uint32_t on_disc(const struct disc *disc, uint32_t lba)
{
    return lba < disc->blocks ? lba : disc->blocks - 1;
}

static uint64_t seek_us(const struct mechanism *m, const struct disc *disc, uint32_t lba)
{
    const uint32_t from = on_disc(disc, m->head_lba);
    const uint64_t layer_us = on_layer1(disc, from) != on_layer1(disc, lba) ? LAYER_CHANGE_US : 0;

    return SETTLE_US +
           (uint64_t)STROKE_US * square_root((uint64_t)stroke(disc, from, lba) * 1024) / 1024 +
           layer_us + HALF_TURN_US;
}

/* The head reads on by itself until the buffer is full, then waits for the host. */
static bool is_buffered_or_next(const struct mechanism *m, const struct work *w)
{
    return w->lba <= m->head_lba && m->head_lba - w->lba <= BUFFER_BLOCKS;
}

/* When the last block of a range has been read, with the head on its way from `start_us` on. */
static uint64_t read_us(struct mechanism *m, const struct disc *disc, const struct work *w,
                        uint64_t start_us)
{
    const uint32_t end = w->lba + w->blocks;
    const uint64_t per_block_us = block_us(m, disc, w->lba);

    if (!is_buffered_or_next(m, w)) {
        m->head_us = start_us + seek_us(m, disc, w->lba);
        m->head_lba = w->lba;
    } else if (start_us > m->head_us) {
        /* what was read ahead while nobody asked */
        const uint64_t ahead = (start_us - m->head_us) / per_block_us;
        const uint32_t room = BUFFER_BLOCKS - (m->head_lba - w->lba);

        m->head_lba += ahead < room ? (uint32_t)ahead : room;
        m->head_us = start_us;
    }
    if (end > m->head_lba) {
        m->head_us += (end - m->head_lba) * per_block_us;
        m->head_lba = end;
        return m->head_us;
    }
    return start_us;
}

static uint64_t key_us(struct mechanism *m, const struct disc *disc, uint32_t lba)
{
    const uint32_t moved = stroke(disc, on_disc(disc, m->head_lba), lba);

    m->head_lba = lba;
    return KEY_US + (uint64_t)KEY_STROKE_US * moved / 1024;
}

uint64_t latency_answer_us(struct mechanism *m, const struct disc *disc, struct work work,
                           uint64_t now_us)
{
    uint64_t at_us = now_us > m->busy_until_us ? now_us : m->busy_until_us;

    if (work.kind != WORK_NONE && m->stopped) {
        m->stopped = false;
        at_us += LATENCY_SPIN_UP_US;
        m->head_us = at_us;
    }
    switch (work.kind) {
    case WORK_SEEK:
        at_us += seek_us(m, disc, work.lba);
        m->head_lba = work.lba;
        m->head_us = at_us;
        break;
    case WORK_READ:
        at_us = read_us(m, disc, &work, at_us);
        break;
    case WORK_KEY:
        at_us += key_us(m, disc, work.lba);
        m->head_us = at_us;
        break;
    default:
        break;
    }
    m->busy_until_us = at_us + COMMAND_US;
    return m->busy_until_us;
}
