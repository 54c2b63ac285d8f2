/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css/css_keystream.c. Assumed: a use of its enum; any key; the registers of a running generator
 * are what css_keystream_start() or css_keystream_bytes() left, which is shown to be 17 and 25 bits
 * and a carry of 0 or 1. Streams of 0 to STREAM_MAX bytes, into an array of exactly that many.
 */
#include "prove.h"

#include "css/css_keystream.h"

#define STREAM_MAX 30

static struct css_keystream any_running(void)
{
    struct css_keystream stream;

    stream.registers.a = any_up_to(0x1ffff);
    stream.registers.b = any_up_to(0x1ffffff);
    stream.carry = any_up_to(1);
    stream.invert_a = any_bool() ? 0xff : 0;
    stream.invert_b = any_bool() ? 0xff : 0;
    return stream;
}

static void start(void)
{
    const enum css_stream_use use = (enum css_stream_use)any_up_to(CSS_STREAM_SECTOR);
    uint8_t key[CSS_KEY_BYTES];
    struct css_keystream stream;

    any_bytes(key, sizeof(key));
    stream = css_keystream_start(use, key);
    //@ check stream.registers.a <= 0x1ffff && stream.registers.b <= 0x1ffffff && stream.carry == 0;
    (void)stream;
}

static void go_on(size_t bytes)
{
    struct css_keystream stream = any_running();
    uint8_t memory[STREAM_MAX + 1], *const out = memory + STREAM_MAX + 1 - bytes;

    css_keystream_bytes(&stream, out, bytes);
    //@ check stream.registers.a <= 0x1ffff && stream.registers.b <= 0x1ffffff && stream.carry <= 1;
    //@ check bytes == 0 || \initialized(&out[0 .. bytes - 1]);
    (void)out;
}

int main(void)
{
    start();
    for (size_t bytes = 0; bytes <= STREAM_MAX; bytes++) {
        go_on(bytes);
    }
    return 0;
}
