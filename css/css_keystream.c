/* SPDX-License-Identifier: GPL-2.0-only */
#include "css_keystream.h"

#include "css_tables.h"

/* css-spec 3.2, modes: which outputs are inverted. */
static const struct {
    uint8_t a, b;
} inversion[] = {
    [CSS_STREAM_AUTH] = {0xff, 0xff},
    [CSS_STREAM_DISC_KEY] = {0x00, 0x00},
    [CSS_STREAM_TITLE_KEY] = {0x00, 0xff},
    [CSS_STREAM_SECTOR] = {0xff, 0x00},
};

/*
 * Both registers are kept the other way round than css-spec 3.2 writes them: oldest bit at bit 0,
 * shifting right. New bits then come out in the order of the stream (css-spec 3.4, end), and only
 * the key bytes have to be reversed, once. Bit 8 of one and bit 21 of the other are always 1.
 */
struct css_keystream css_keystream_start(enum css_stream_use use,
                                         const uint8_t key[static CSS_KEY_BYTES])
{
    const uint32_t middle = css_bitrev[key[2]];
    struct css_keystream stream = {
        .invert_a = inversion[use].a,
        .invert_b = inversion[use].b,
    };

    stream.a = css_bitrev[key[1]] | 1u << 8 | (uint32_t)css_bitrev[key[0]] << 9;
    stream.b = css_bitrev[key[4]] | (uint32_t)css_bitrev[key[3]] << 8 | (middle & 0x1f) << 16 |
               1u << 21 | (middle >> 5) << 22;
    return stream;
}

/* A[n] = A[n-3] ^ A[n-17], eight at a time: bits 3 to 7 need the new bits 0 to 4. */
static uint32_t step_a(struct css_keystream *stream)
{
    uint32_t seen = stream->a ^ stream->a >> 14;
    uint32_t fresh = (seen ^ seen << 3 ^ seen << 6) & 0xff;

    stream->a = stream->a >> 8 | fresh << 9;
    return fresh;
}

/* B[n] = B[n-13] ^ B[n-21] ^ B[n-22] ^ B[n-25]: nothing new is needed within eight bits. */
static uint32_t step_b(struct css_keystream *stream)
{
    uint32_t b = stream->b;
    uint32_t fresh = (b ^ b >> 3 ^ b >> 4 ^ b >> 12) & 0xff;

    stream->b = b >> 8 | fresh << 17;
    return fresh;
}

void css_keystream_bytes(struct css_keystream *stream, uint8_t *out, size_t bytes)
{
    struct css_keystream s = *stream; /* registers, not memory, in the loop */

    for (size_t i = 0; i < bytes; i++) {
        uint32_t sum = (step_a(&s) ^ s.invert_a) + (step_b(&s) ^ s.invert_b) + s.carry;

        out[i] = (uint8_t)sum;
        s.carry = sum >> 8;
    }
    *stream = s;
}
