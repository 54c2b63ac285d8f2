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
#define LANES      4
#define LANES_STEP 4

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

/* From one word of each sector in a vector to the words of one sector in a vector. */
CSS_INLINE void by_sector(const lanes by_word[static 4], __m256i out[static 4])
{
    const __m256i *w = (const __m256i *)by_word;
    const __m256i even_01 = _mm256_unpacklo_epi64(w[0], w[1]);
    const __m256i odd_01 = _mm256_unpackhi_epi64(w[0], w[1]);
    const __m256i even_23 = _mm256_unpacklo_epi64(w[2], w[3]);
    const __m256i odd_23 = _mm256_unpackhi_epi64(w[2], w[3]);

    out[0] = _mm256_permute2x128_si256(even_01, even_23, 0x20);
    out[1] = _mm256_permute2x128_si256(odd_01, odd_23, 0x20);
    out[2] = _mm256_permute2x128_si256(even_01, even_23, 0x31);
    out[3] = _mm256_permute2x128_si256(odd_01, odd_23, 0x31);
}

CSS_INLINE void lanes_cipher(enum lanes_direction direction, const lanes stream[static LANES_STEP],
                             uint8_t *const payload[static LANES])
{
    __m256i data[LANES], key[LANES];

    by_sector(stream, key);
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        data[i] = _mm256_loadu_si256((const void *)payload[i]);
    }
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        data[i] = direction == LANES_SCRAMBLE ? s_box_inverse(_mm256_xor_si256(data[i], key[i]))
                                              : _mm256_xor_si256(s_box(data[i]), key[i]);
    }
    CSS_UNROLL
    for (size_t i = 0; i < LANES; i++) {
        _mm256_storeu_si256((void *)payload[i], data[i]);
    }
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
