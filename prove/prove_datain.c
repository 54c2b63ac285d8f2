/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsi/datain.h. Assumed: rooms of 0 to ROOM_MAX bytes, each an array of exactly that many; what is
 * appended at once has up to PIECE_MAX bytes and is an array of that many, of any contents (for no
 * bytes a pointer to some byte, as memcpy() wants it). Every number of bytes said so far is taken,
 * also those beyond the room, up to SAID_MAX. Texts are ASCII, 1 to TEXT_MAX wide, and end
 * anywhere. No call changes `p` or `room`, so what is shown of one call holds for any row of them.
 */
#include "prove.h"

#include "scsi/datain.h"

#include <stdlib.h>

#define ROOM_MAX  12
#define PIECE_MAX 16
#define TEXT_MAX  4
#define ASCII_MAX 0x7f
#define SAID_MAX  0xffffffu

static void append(struct datain di, size_t n)
{
    struct datain other = di;
    uint8_t pieces[PIECE_MAX];

    any_bytes(pieces, sizeof(pieces));
    di_bytes(&di, pieces + PIECE_MAX - (n ? n : 1), n);
    di_fill(&other, any_u8(), n);
    //@ check di.room == other.room && di.p == other.p;
    (void)di;
}

/* A text that ends after `n` bytes, or has all `width` of them. */
static void append_text(struct datain di, size_t width, size_t n)
{
    char texts[TEXT_MAX], *const text = texts + TEXT_MAX - width;

    any_bytes(texts, sizeof(texts));
    //@ loop unroll TEXT_MAX;
    for (size_t i = 0; i < n; i++) {
        text[i] = (char)(1 + any_up_to(ASCII_MAX - 1));
    }
    if (n < width) {
        text[n] = 0;
    }
    di_text(&di, text, width);
}

static void append_numbers(struct datain di)
{
    struct datain second = di, third = di, fourth = di;

    di_u8(&di, any_u8());
    di_be16(&second, any_u16());
    di_be24(&third, any_u32());
    di_be32(&fourth, any_u32());
}

/* A length field is where di_open() put it, or anywhere. */
static void fill_in(struct datain di, size_t width)
{
    const size_t anywhere = any_up_to(SAID_MAX);
    const size_t at = di_open(&di, width);

    di.len += any_up_to(SAID_MAX);
    di_close(&di, at, width);
    di_close(&di, anywhere, width);
    di_patch(&di, anywhere, any_u8());
}

static void every_call(struct datain di)
{
    for (size_t n = 0; n <= PIECE_MAX; n++) {
        append(di, n);
    }
    for (size_t width = 1; width <= TEXT_MAX; width++) {
        //@ loop unroll TEXT_MAX + 1;
        for (size_t n = 0; n <= width; n++) {
            append_text(di, width, n);
        }
    }
    append_numbers(di);
    fill_in(di, 1);
    fill_in(di, 2);
    fill_in(di, 4);
    di_zero(&di, any_up_to(SAID_MAX));
}

static void every_length(uint8_t *p, size_t room)
{
    struct datain di = di_begin(p, room);

    //@ loop unroll ROOM_MAX;
    for (size_t len = 0; len < di.room; len++) {
        di.len = len;
        every_call(di);
    }
    di.len = di.room + any_up_to(SAID_MAX);
    every_call(di);
}

int main(void)
{
    uint8_t byte;

    every_length(NULL, any_up_to(ROOM_MAX));
    every_length(&byte, 0);
    //@ loop unroll ROOM_MAX;
    for (size_t room = 1; room <= ROOM_MAX; room++) {
        uint8_t *p = malloc(room);

        if (p) {
            every_length(p, room);
        }
    }
    return 0;
}
