/* SPDX-License-Identifier: GPL-2.0-only */
/* The model against what is known of such drives: 16x is 22160 kB/s, a key takes 30 to 108 ms. */
#include "emulator/latency.h"

#include "unit.h"

#define KB_S_1X     1385u
#define FULL_LAYER  2295104u
#define LAYER0      2084960u
#define DVD9_BLOCKS (2 * LAYER0)
#define BLOCK_BYTES 2048u
#define US          1000000u
#define OVERHEAD_US 300u

static struct disc single = {.blocks = FULL_LAYER, .layers = 1, .layer0_blocks = FULL_LAYER};
static struct disc ptp = {
    .blocks = DVD9_BLOCKS, .layers = 2, .layer0_blocks = LAYER0, .track_path = DISC_PTP};
static struct disc otp = {
    .blocks = DVD9_BLOCKS, .layers = 2, .layer0_blocks = LAYER0, .track_path = DISC_OTP};
static struct disc cd = {.kind = DISC_CD, .blocks = 333000, .layers = 1, .layer0_blocks = 333000};

static struct work reading(uint32_t lba, uint32_t blocks)
{
    return (struct work){WORK_READ, lba, blocks};
}

static void the_rate_grows_with_the_radius_up_to_16x(void)
{
    uint32_t last = 0;

    for (uint32_t lba = 0; lba < FULL_LAYER; lba += FULL_LAYER / 64) {
        const uint32_t rate = latency_rate_kb_s(&single, lba);

        CU_ASSERT(rate > last);
        last = rate;
    }
    CU_ASSERT_EQUAL(latency_rate_kb_s(&single, 0), 22160u * 24 / 58);       /* 6.6x */
    CU_ASSERT_EQUAL(latency_rate_kb_s(&single, FULL_LAYER) / KB_S_1X, 16u); /* the rim */
    CU_ASSERT_EQUAL(latency_rate_kb_s(&cd, 360000), 7056u);                 /* 40x of a CD */
}

/* Layer 1 begins at the hub with a parallel track, and where layer 0 ends with an opposite one. */
static void layer_1_runs_as_its_track_path_says(void)
{
    CU_ASSERT_EQUAL(latency_rate_kb_s(&ptp, LAYER0), latency_rate_kb_s(&ptp, 0));
    CU_ASSERT_EQUAL(latency_rate_kb_s(&otp, LAYER0), latency_rate_kb_s(&otp, LAYER0 - 1));
    CU_ASSERT_EQUAL(latency_rate_kb_s(&otp, DVD9_BLOCKS - 1), latency_rate_kb_s(&otp, 0));
    CU_ASSERT(latency_rate_kb_s(&ptp, DVD9_BLOCKS - 1) > latency_rate_kb_s(&ptp, LAYER0));
}

/* kB/s of `blocks` blocks read one after another from `lba` on. */
static uint64_t measured_kb_s(const struct disc *disc, struct mechanism *m, uint32_t lba,
                              uint32_t blocks)
{
    uint64_t now_us = latency_answer_us(m, disc, reading(lba, 16), 0);
    const uint64_t begin_us = now_us;

    for (uint32_t done = 16; done < blocks; done += 16) {
        now_us = latency_answer_us(m, disc, reading(lba + done, 16), now_us);
    }
    return (uint64_t)(blocks - 16) * BLOCK_BYTES * US / 1000 / (now_us - begin_us);
}

static void a_stream_comes_at_the_rate_of_its_radius(void)
{
    static const uint32_t lbas[] = {0, FULL_LAYER / 2, FULL_LAYER - 8192};

    for (size_t i = 0; i < sizeof(lbas) / sizeof(lbas[0]); i++) {
        struct mechanism m = {.head_lba = lbas[i]};
        const uint64_t want = latency_rate_kb_s(&single, lbas[i]);
        const uint64_t got = measured_kb_s(&single, &m, lbas[i], 4096);

        CU_ASSERT(got > want * 85 / 100 && got <= want * 101 / 100);
    }
}

static void the_host_can_have_it_slower_down_to_1x(void)
{
    static const uint32_t limits[] = {KB_S_1X, 2 * KB_S_1X, 4 * KB_S_1X};

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct mechanism m = {.limit_kb_s = limits[i]};
        const uint64_t got = measured_kb_s(&single, &m, 0, 2048);

        CU_ASSERT(got > limits[i] * 95 / 100 && got <= limits[i] * 101 / 100);
    }
}

/* Time of one block at `lba` with the head at `from`, beyond what the block itself takes. */
static uint64_t seek_us(const struct disc *disc, uint32_t from, uint32_t lba)
{
    struct mechanism m = {.head_lba = from};

    return latency_answer_us(&m, disc, (struct work){WORK_SEEK, lba, 0}, 0) - OVERHEAD_US;
}

static void a_seek_takes_longer_the_further_it_goes(void)
{
    uint64_t last_us = 0;

    for (uint32_t to = 1000; to < FULL_LAYER; to += FULL_LAYER / 16) {
        const uint64_t us = seek_us(&single, 0, to);

        CU_ASSERT(us >= last_us);
        last_us = us;
    }
    CU_ASSERT(seek_us(&single, 0, 1000) >= 28000 && seek_us(&single, 0, 1000) < 45000);
    CU_ASSERT(seek_us(&single, 0, FULL_LAYER - 1) > 135000);
    CU_ASSERT(seek_us(&single, 0, FULL_LAYER - 1) <= 143300);
    CU_ASSERT_EQUAL(seek_us(&single, 0, FULL_LAYER - 1), seek_us(&single, FULL_LAYER - 1, 0));
}

static void another_layer_costs_more(void)
{
    /* the same radius, below and above */
    CU_ASSERT_EQUAL(seek_us(&ptp, 0, LAYER0), seek_us(&ptp, 0, 0) + 60000);
    CU_ASSERT_EQUAL(seek_us(&otp, LAYER0 - 1, LAYER0), seek_us(&otp, 0, 0) + 60000);
    CU_ASSERT_EQUAL(seek_us(&ptp, LAYER0 + 5, LAYER0 + 5), seek_us(&ptp, 0, 0));
}

static void what_was_read_ahead_comes_at_once(void)
{
    struct mechanism m = {.head_lba = 0};
    uint64_t now_us = latency_answer_us(&m, &single, reading(0, 16), 0), answer_us;

    now_us += US; /* the host thinks */
    answer_us = latency_answer_us(&m, &single, reading(16, 16), now_us);
    CU_ASSERT_EQUAL(answer_us, now_us + OVERHEAD_US);
    answer_us = latency_answer_us(&m, &single, reading(16, 16), answer_us); /* still there */
    CU_ASSERT(answer_us - now_us < 3 * OVERHEAD_US);
    /* but the buffer is no larger than 128 blocks */
    answer_us = latency_answer_us(&m, &single, reading(32, 256), now_us + US);
    CU_ASSERT(answer_us > now_us + US + 100 * BLOCK_BYTES * US / 1000 / 9170);
}

static void a_key_takes_30_to_108_ms(void)
{
    for (uint32_t from = 0; from < FULL_LAYER; from += FULL_LAYER / 8) {
        for (uint32_t lba = 0; lba < FULL_LAYER; lba += FULL_LAYER / 8 + 1) {
            struct mechanism m = {.head_lba = from};
            const uint64_t us =
                latency_answer_us(&m, &single, (struct work){WORK_KEY, lba, 1}, 0) - OVERHEAD_US;

            CU_ASSERT(us >= 30000 && us <= 108000);
        }
    }
}

static void a_stopped_disc_spins_up_first(void)
{
    struct mechanism m = {.stopped = true};
    uint64_t us = latency_answer_us(&m, &single, (struct work){WORK_NONE, 0, 0}, 1000);

    CU_ASSERT_EQUAL(us, 1000 + OVERHEAD_US);
    CU_ASSERT_TRUE(m.stopped);
    us = latency_answer_us(&m, &single, reading(0, 1), 2000);
    CU_ASSERT(us > 2000 + LATENCY_SPIN_UP_US);
    CU_ASSERT_FALSE(m.stopped);
    CU_ASSERT(latency_answer_us(&m, &single, reading(1, 1), us) - us < 2 * OVERHEAD_US);
}

static void a_drive_does_one_thing_at_a_time(void)
{
    struct mechanism m = {.head_lba = 0};
    const uint64_t first_us = latency_answer_us(&m, &single, reading(FULL_LAYER / 2, 16), 0);
    const uint64_t second_us = latency_answer_us(&m, &single, (struct work){WORK_NONE, 0, 0}, 0);

    CU_ASSERT_EQUAL(second_us, first_us + OVERHEAD_US);
}

UNIT_SUITE(latency, T(the_rate_grows_with_the_radius_up_to_16x),
           T(layer_1_runs_as_its_track_path_says), T(a_stream_comes_at_the_rate_of_its_radius),
           T(the_host_can_have_it_slower_down_to_1x), T(a_seek_takes_longer_the_further_it_goes),
           T(another_layer_costs_more), T(what_was_read_ahead_comes_at_once),
           T(a_key_takes_30_to_108_ms), T(a_stopped_disc_spins_up_first),
           T(a_drive_does_one_thing_at_a_time));
