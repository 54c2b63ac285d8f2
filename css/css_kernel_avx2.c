/* SPDX-License-Identifier: GPL-2.0-only */
/* AVX2: four sectors at a time; the S-box by shuffles with the halves of a byte. */
#include "css.h"

#ifdef CSS_KERNELS_X86_64
#include "css_tables.h"

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

typedef uint64_t lanes __attribute__((vector_size(32)));
#define LANES 4

/* Where the top bits of a and b differ a decides, otherwise the difference does. */
#define lanes_borrow(a, b, difference)                                                             \
    ((lanes)_mm256_blendv_pd((__m256d)(difference), (__m256d)(a), (__m256d)((a) ^ (b))) >> 63)

#include "css_lanes.h"

CSS_INLINE __m256i table(const uint8_t nibbles[static 16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)nibbles));
}

/* low[x & 15] ^ high[x >> 4], byte by byte (css-spec 11) */
CSS_INLINE __m256i look_up(__m256i x, __m256i low, __m256i high)
{
    const __m256i mask = _mm256_set1_epi8(0x0f);

    return _mm256_xor_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(x, mask)),
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(x, 4), mask)));
}

CSS_INLINE __m256i s_box(__m256i x)
{
    return look_up(look_up(x, table(css_s_a), table(css_s_b)), table(css_s_c), table(css_s_d));
}

CSS_INLINE __m256i s_box_inverse(__m256i x)
{
    return look_up(look_up(x, table(css_s_inv_a), table(css_s_inv_b)), table(css_s_c),
                   table(css_s_d));
}

CSS_INLINE void lanes_turn(const lanes words[static LANES], lanes row[static LANES])
{
    const __m256i *w = (const __m256i *)words;
    const __m256i even_01 = _mm256_unpacklo_epi64(w[0], w[1]);
    const __m256i odd_01 = _mm256_unpackhi_epi64(w[0], w[1]);
    const __m256i even_23 = _mm256_unpacklo_epi64(w[2], w[3]);
    const __m256i odd_23 = _mm256_unpackhi_epi64(w[2], w[3]);

    row[0] = (lanes)_mm256_permute2x128_si256(even_01, even_23, 0x20);
    row[1] = (lanes)_mm256_permute2x128_si256(odd_01, odd_23, 0x20);
    row[2] = (lanes)_mm256_permute2x128_si256(even_01, even_23, 0x31);
    row[3] = (lanes)_mm256_permute2x128_si256(odd_01, odd_23, 0x31);
}

CSS_INLINE void lanes_cipher(enum lanes_direction direction, lanes row, const uint8_t *from,
                             uint8_t *to)
{
    const __m256i key = (__m256i)row, data = _mm256_loadu_si256((const void *)from);

    _mm256_storeu_si256((void *)to, direction == LANES_SCRAMBLE
                                        ? s_box_inverse(_mm256_xor_si256(data, key))
                                        : _mm256_xor_si256(s_box(data), key));
}

static void scramble(const struct css_sector *sectors, size_t count)
{
    lanes_run(LANES_SCRAMBLE, sectors, count);
}

static void descramble(const struct css_sector *sectors, size_t count)
{
    lanes_run(LANES_DESCRAMBLE, sectors, count);
}

const struct css_kernel css_kernel_avx2 = {"avx2", scramble, descramble};

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
