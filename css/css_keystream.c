/* SPDX-License-Identifier: GPL-2.0-only */
#include "css_keystream.h"

/* css-spec 3.2, modes: which outputs are inverted. */
static const struct {
    uint8_t a, b;
} inversion[] = {
    [CSS_STREAM_AUTH] = {0xff, 0xff},
    [CSS_STREAM_DISC_KEY] = {0x00, 0x00},
    [CSS_STREAM_TITLE_KEY] = {0x00, 0xff},
    [CSS_STREAM_SECTOR] = {0xff, 0x00},
};

struct css_keystream css_keystream_start(enum css_stream_use use,
                                         const uint8_t key[static CSS_KEY_BYTES])
{
    return (struct css_keystream){
        .registers = css_registers_of(css_key_word(key)),
        .invert_a = inversion[use].a,
        .invert_b = inversion[use].b,
    };
}

/* A[n] = A[n-3] ^ A[n-17], eight at a time: bits 3 to 7 need the new bits 0 to 4. */
static uint32_t step_a(struct css_registers *registers)
{
    uint32_t seen = registers->a ^ registers->a >> 14;
    uint32_t fresh = (seen ^ seen << 3 ^ seen << 6) & 0xff;

    registers->a = registers->a >> 8 | fresh << 9;
    return fresh;
}

/* B[n] = B[n-13] ^ B[n-21] ^ B[n-22] ^ B[n-25]: nothing new is needed within eight bits. */
static uint32_t step_b(struct css_registers *registers)
{
    uint32_t b = registers->b;
    uint32_t fresh = (b ^ b >> 3 ^ b >> 4 ^ b >> 12) & 0xff;

    registers->b = b >> 8 | fresh << 17;
    return fresh;
}

void css_keystream_bytes(struct css_keystream *stream, uint8_t *out, size_t bytes)
{
    struct css_keystream s = *stream; /* registers, not memory, in the loop */

    for (size_t i = 0; i < bytes; i++) {
        uint32_t sum =
            (step_a(&s.registers) ^ s.invert_a) + (step_b(&s.registers) ^ s.invert_b) + s.carry;

        out[i] = (uint8_t)sum;
        s.carry = sum >> 8;
    }
    *stream = s;
}
