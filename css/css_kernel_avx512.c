/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AVX-512 with VBMI and VBMI2: eight sectors at a time; half an S-box is a permutation of bytes.
 * Half a group costs as much as a whole one: what is left of a request goes to AVX2, which every
 * such CPU has.
 */
#include "css.h"

#ifdef CSS_KERNELS_X86_64
#include "css_tables.h"

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2"))),   \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vbmi,avx512vbmi2")
#endif

typedef uint64_t lanes __attribute__((vector_size(64)));
#define LANES 8

#define lanes_join(low, high, shift)                                                               \
    ((lanes)_mm512_shrdv_epi64((__m512i)(low), (__m512i)(high), _mm512_set1_epi64(shift)))
#define lanes_xor3(x, y, z)                                                                        \
    ((lanes)_mm512_ternarylogic_epi64((__m512i)(x), (__m512i)(y), (__m512i)(z), 0x96))
/* Where the top bits of a and b differ a decides, otherwise the difference does. */
#define lanes_borrow(a, b, difference)                                                             \
    ((lanes)_mm512_ternarylogic_epi64((__m512i)(a), (__m512i)(b), (__m512i)(difference), 0xb2) >>  \
     63)

#include "css_lanes.h"

/* A table of 256 bytes in registers: each half answers with the low seven bits of x, the top bit
 * chooses. */
struct table {
    __m512i part[4];
};

CSS_INLINE struct table load_table(const uint8_t bytes[static 256])
{
    struct table table;
    CSS_UNROLL
    for (size_t i = 0; i < 4; i++) {
        table.part[i] = _mm512_loadu_si512(bytes + i * sizeof(__m512i));
    }
    return table;
}

CSS_INLINE __m512i look_up(const struct table *table, __m512i x)
{
    const __m512i low = _mm512_permutex2var_epi8(table->part[0], x, table->part[1]);
    const __m512i high = _mm512_permutex2var_epi8(table->part[2], x, table->part[3]);

    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
}

CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES])
{
    const __m512i *w = (const __m512i *)words;
    __m512i pairs[LANES], fours[LANES];

    CSS_UNROLL
    for (size_t i = 0; i < 8; i += 2) {
        pairs[i] = _mm512_unpacklo_epi64(w[i], w[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi64(w[i], w[i + 1]);
    }
    /* 128-bit parts: of one vector parts 0 and 2 first, of the other after them; or 1 and 3 */
    CSS_UNROLL
    for (size_t i = 0; i < 8; i += 4) {
        fours[i] = _mm512_shuffle_i64x2(pairs[i], pairs[i + 2], 0x88);
        fours[i + 1] = _mm512_shuffle_i64x2(pairs[i + 1], pairs[i + 3], 0x88);
        fours[i + 2] = _mm512_shuffle_i64x2(pairs[i], pairs[i + 2], 0xdd);
        fours[i + 3] = _mm512_shuffle_i64x2(pairs[i + 1], pairs[i + 3], 0xdd);
    }
    CSS_UNROLL
    for (size_t i = 0; i < 4; i++) {
        row[i] = (lanes)_mm512_shuffle_i64x2(fours[i], fours[i + 4], 0x88);
        row[i + 4] = (lanes)_mm512_shuffle_i64x2(fours[i], fours[i + 4], 0xdd);
    }
}

CSS_INLINE void lanes_cipher(enum lanes_direction direction, lanes row, const uint8_t *from,
                             uint8_t *to)
{
    const struct table table = load_table(direction == LANES_SCRAMBLE ? css_s_inv : css_s);
    const __m512i key = (__m512i)row, data = _mm512_loadu_si512(from);

    _mm512_storeu_si512(to, direction == LANES_SCRAMBLE
                                ? look_up(&table, _mm512_xor_si512(data, key))
                                : _mm512_xor_si512(look_up(&table, data), key));
}

/* How many of the sectors are worth groups of their own here. */
static size_t whole_groups(size_t count)
{
    const size_t rest = count % LANES;

    return rest <= LANES / 2 ? count - rest : count;
}

static void scramble(const struct css_sector *sectors, size_t count)
{
    const size_t here = whole_groups(count);

    lanes_run(LANES_SCRAMBLE, sectors, here);
    css_kernel_avx2.scramble(sectors + here, count - here);
}

static void descramble(const struct css_sector *sectors, size_t count)
{
    const size_t here = whole_groups(count);

    lanes_run(LANES_DESCRAMBLE, sectors, here);
    css_kernel_avx2.descramble(sectors + here, count - here);
}

const struct css_kernel css_kernel_avx512 = {"avx512", scramble, descramble};

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
