/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AVX-512 with VBMI, VBMI2 and GFNI: eight sectors at a time; half an S-box is a permutation of
 * bytes, the other half a matrix more.
 * Half a group costs as much as a whole one: what is left of a request goes to AVX2, which every
 * such CPU has.
 */
#include "css.h"

#ifdef CSS_KERNELS_X86_64
#include "css_tables.h"

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,gfni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,gfni")
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

/* The answers of an S-box to 00h-7Fh; the top bit of x is not looked at. */
CSS_INLINE __m512i look_up(const uint8_t table[static 128], __m512i x)
{
    return _mm512_permutex2var_epi8(_mm512_loadu_si512(table), x,
                                    _mm512_loadu_si512(table + sizeof(__m512i)));
}

/*
 * What the top bit of x does to an answer (css-spec 11): it changes one of the bits 4 and 5, and by
 * the other one of them, `by`, goes on: to bit 6 if that is set, to bit 7 if not. That is a product
 * with a matrix - the bits as they are, and `by` added to bits 6 and 7 - and a constant. The
 * matrix's lowest byte is the row of bit 7.
 */
#define TOP_BIT_MATRIX(by)   (0x0102040810204080 | (1 << (by)) * 0x0101)
#define TOP_BIT_CONSTANT(by) (1 << (9 - (by)) | 1 << 7)
#define with_top_bit(answer, x, by)                                                                \
    _mm512_mask_gf2p8affine_epi64_epi8(answer, _mm512_movepi8_mask(x), answer,                     \
                                       _mm512_set1_epi64(TOP_BIT_MATRIX(by)),                      \
                                       TOP_BIT_CONSTANT(by))

CSS_INLINE __m512i s_box(__m512i x)
{
    const __m512i answer = look_up(css_s, x);

    return with_top_bit(answer, x, 4);
}

CSS_INLINE __m512i s_box_inverse(__m512i x)
{
    const __m512i answer = look_up(css_s_inv, x);

    return with_top_bit(answer, x, 5);
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
    const __m512i key = (__m512i)row, data = _mm512_loadu_si512(from);

    _mm512_storeu_si512(to, direction == LANES_SCRAMBLE ? s_box_inverse(_mm512_xor_si512(data, key))
                                                        : _mm512_xor_si512(s_box(data), key));
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
