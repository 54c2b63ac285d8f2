/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file input.h
 * Reading an input from its front. Behind its end are zeros, so that any prefix of an input is one.
 */
#ifndef DVDEMU_FUZZ_INPUT_H
#define DVDEMU_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t input_byte(struct fuzz_input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

/** 0 .. below-1 from one byte; below is not 0. */
static inline unsigned input_below(struct fuzz_input *in, unsigned below)
{
    return input_byte(in) % below;
}

static inline unsigned input_16(struct fuzz_input *in)
{
    const unsigned high = input_byte(in);

    return high << 8 | input_byte(in);
}

/** Fill `bytes` bytes, with zeros behind the input's end. Returns how many it had. */
static inline size_t input_copy(struct fuzz_input *in, uint8_t *out, size_t bytes)
{
    const size_t had = bytes < in->left ? bytes : in->left;

    memset(out, 0, bytes);
    if (had) {
        memcpy(out, in->at, had);
    }
    in->at += had;
    in->left -= had;
    return had;
}

#endif
