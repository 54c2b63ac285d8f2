/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bochs 2.7 computes GF2P8AFFINEQB wrong (mended in 2.8) and leaves its mask out (in 3.1). For it
 * this one instruction of the kernel is played by others; a CPU with AVX-512 runs it in `make
 * test`.
 */
#ifndef DVDEMU_BOCHS_AFFINE_H
#define DVDEMU_BOCHS_AFFINE_H

#include <immintrin.h>

/* Bit n is the parity of x and the matrix' byte 7 - n. Where 16 bits are shifted what comes from
 * the neighbour does not get as far as bit 0. */
#define affine_bit(x, matrix, n)                                                                   \
    __extension__({                                                                                \
        __m512i bit = _mm512_and_si512(                                                            \
            x, _mm512_shuffle_epi8(matrix, _mm512_set_epi64(RANK(n, 8), RANK(n, 0), RANK(n, 8),    \
                                                            RANK(n, 0), RANK(n, 8), RANK(n, 0),    \
                                                            RANK(n, 8), RANK(n, 0))));             \
        bit = _mm512_xor_si512(bit, _mm512_srli_epi16(bit, 4));                                    \
        bit = _mm512_xor_si512(bit, _mm512_srli_epi16(bit, 2));                                    \
        bit = _mm512_xor_si512(bit, _mm512_srli_epi16(bit, 1));                                    \
        _mm512_maskz_set1_epi8(_mm512_test_epi8_mask(bit, _mm512_set1_epi8(1)), (char)(1 << (n))); \
    })
/* eight times the place of that byte, in either half of 128 bits */
#define RANK(n, half) (0x0101010101010101LL * (7 - (n) + (half)))

#define affine_pair(x, matrix, n)                                                                  \
    _mm512_or_si512(affine_bit(x, matrix, n), affine_bit(x, matrix, (n) + 1))

#define _mm512_mask_gf2p8affine_epi64_epi8(old, mask, x, matrix, add)                              \
    _mm512_mask_blend_epi8(                                                                        \
        mask, old,                                                                                 \
        _mm512_xor_si512(                                                                          \
            _mm512_or_si512(                                                                       \
                _mm512_or_si512(affine_pair(x, matrix, 0), affine_pair(x, matrix, 2)),             \
                _mm512_or_si512(affine_pair(x, matrix, 4), affine_pair(x, matrix, 6))),            \
            _mm512_set1_epi8((char)(add))))

#endif
