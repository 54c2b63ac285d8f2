/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bochs 2.7 leaves the mask of VGF2P8AFFINEQB out (mended since; its cpu/HISTORY). For it the
 * kernel's one masked product is two instructions; a CPU with AVX-512 runs it as it is, in `make
 * test`.
 */
#ifndef DVDEMU_MASKED_AFFINE_H
#define DVDEMU_MASKED_AFFINE_H

#include <immintrin.h>

/* the compiler is not to see that it could be one */
#define _mm512_mask_gf2p8affine_epi64_epi8(old, mask, x, matrix, add)                              \
    __extension__({                                                                                \
        __m512i product = _mm512_gf2p8affine_epi64_epi8(x, matrix, add);                           \
        __asm__("" : "+v"(product));                                                               \
        _mm512_mask_blend_epi8(mask, old, product);                                                \
    })

#endif
