/* SPDX-License-Identifier: GPL-2.0-only */
/* NEON of arm64: two sectors at a time; the S-box by table look-ups with the halves of a byte. */
#include "css.h"

#ifdef CSS_KERNELS_ARM64
#include "css_tables.h"

#include <arm_neon.h>

typedef uint64x2_t lanes;
#define LANES 2

#include "css_lanes.h"

/* low[x & 15] ^ high[x >> 4], byte by byte (css-spec 11) */
CSS_INLINE uint8x16_t look_up(uint8x16_t x, const uint8_t low[static 16],
                              const uint8_t high[static 16])
{
    return veorq_u8(vqtbl1q_u8(vld1q_u8(low), vandq_u8(x, vdupq_n_u8(0x0f))),
                    vqtbl1q_u8(vld1q_u8(high), vshrq_n_u8(x, 4)));
}

CSS_INLINE uint8x16_t s_box(uint8x16_t x)
{
    return look_up(look_up(x, css_s_a, css_s_b), css_s_c, css_s_d);
}

CSS_INLINE uint8x16_t s_box_inverse(uint8x16_t x)
{
    return look_up(look_up(x, css_s_inv_a, css_s_inv_b), css_s_c, css_s_d);
}

CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES])
{
    row[0] = vzip1q_u64(words[0], words[1]);
    row[1] = vzip2q_u64(words[0], words[1]);
}

CSS_INLINE void lanes_cipher(enum lanes_direction direction, lanes row, const uint8_t *from,
                             uint8_t *to)
{
    const uint8x16_t key = vreinterpretq_u8_u64(row), data = vld1q_u8(from);

    vst1q_u8(to, direction == LANES_SCRAMBLE ? s_box_inverse(veorq_u8(data, key))
                                             : veorq_u8(s_box(data), key));
}

static void scramble(const struct css_sector *sectors, size_t count)
{
    lanes_run(LANES_SCRAMBLE, sectors, count);
}

static void descramble(const struct css_sector *sectors, size_t count)
{
    lanes_run(LANES_DESCRAMBLE, sectors, count);
}

const struct css_kernel css_kernel_neon = {"neon", scramble, descramble};
#endif
