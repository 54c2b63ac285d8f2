/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the program stream of one demo title: what dvdauthor takes for a VOB. The video is real
 * MPEG-2 (ISO/IEC 13818-2): PAL, intra frames only, each block of one colour. Each VOBU starts
 * with a navigation pack, which dvdauthor wants there and fills in itself.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PACK_BYTES        2048
#define PACK_HEADER_BYTES 14
#define PES_FIXED_BYTES   9  /* start code, length, two flag bytes, header data length */
#define PES_PREFIX_BYTES  6  /* what PES_packet_length does not count */
#define STAMP_BYTES       10 /* PTS and DTS */
#define STUFFING_MAX      7  /* a longer tail gets a padding packet */

#define WIDTH_BLOCKS   45 /* macroblocks of 720 x 576 */
#define HEIGHT_BLOCKS  36
#define VOBU_FRAMES    12
#define VOBUS          4
#define VOBU_BYTES_MAX (400 * 1024)

#define TICKS_PER_SECOND 90000
#define FRAME_TICKS      (TICKS_PER_SECOND / 25)
#define DECODE_DELAY     (TICKS_PER_SECOND / 4) /* from the first SCR to the first DTS */
#define SCR_PER_TICK     300                    /* 27 MHz */
#define MUX_RATE         25200u                 /* units of 50 bytes/s: the rate of a DVD */
#define PACK_SCR                                                                                   \
    ((uint64_t)PACK_BYTES * TICKS_PER_SECOND * SCR_PER_TICK / ((uint64_t)MUX_RATE * 50))

#define STREAM_SYSTEM    0xbb
#define STREAM_PADDING   0xbe
#define STREAM_PRIVATE_2 0xbf
#define STREAM_VIDEO     0xe0

/* ---- bits ---- */

struct bits {
    uint8_t *data;
    size_t bytes;     /* whole bytes written */
    uint32_t pending; /* bits not yet written, right-aligned */
    unsigned count;
};

static void put(struct bits *b, unsigned count, uint32_t value)
{
    for (unsigned i = count; i-- > 0;) {
        b->pending = b->pending << 1 | (value >> i & 1);
        if (++b->count == 8) {
            b->data[b->bytes++] = (uint8_t)b->pending;
            b->count = 0;
        }
    }
}

static void start_code(struct bits *b, uint32_t id)
{
    if (b->count) {
        put(b, 8 - b->count, 0);
    }
    put(b, 32, 0x100 | id);
}

/* ---- the picture ---- */

struct colour {
    uint8_t y, cb, cr;
};

/* One colour per 8 x 8 luma block; a title has its own pattern. */
typedef struct colour pattern_fn(unsigned x, unsigned y, unsigned frame);

#define BLACK 16
#define GREY  128

static struct colour moving_ramp(unsigned x, unsigned y, unsigned frame)
{
    return (struct colour){(uint8_t)(BLACK + (x * 3 + y * 2 + frame * 4) % 216), GREY, GREY};
}

static struct colour moving_squares(unsigned x, unsigned y, unsigned frame)
{
    unsigned square = ((x + frame) / 6 + y / 6) % 7;

    return (struct colour){(uint8_t)(60 + square * 20 + (x + y) % 4), (uint8_t)(80 + square * 14),
                           (uint8_t)(180 - square * 14)};
}

static struct colour stripes(unsigned x, unsigned y, unsigned frame)
{
    (void)frame;
    return (struct colour){(uint8_t)(BLACK + (x / 8 + y / 8) % 2 * 100), 160, 110};
}

static const struct pattern {
    const char *name;
    pattern_fn *at;
    unsigned vobus;
} patterns[] = {
    {"ramp", moving_ramp, 4},
    {"squares", moving_squares, 4},
    {"stripes", stripes, 1},
};

/* Code of dct_dc_size (13818-2 tables B.12, B.13). */
struct vlc {
    uint8_t length, code;
};

static const struct vlc luma_size[] = {{3, 4},  {2, 0},  {2, 1},  {3, 5},  {3, 6},
                                       {4, 14}, {5, 30}, {6, 62}, {7, 126}};
static const struct vlc chroma_size[] = {{2, 0},  {2, 1},  {2, 2},   {3, 6},  {4, 14},
                                         {5, 30}, {6, 62}, {7, 126}, {8, 254}};

/* A block with a DC coefficient only: its difference to the block before, then end of block. */
static void put_block(struct bits *b, const struct vlc *sizes, unsigned *last, unsigned dc)
{
    int difference = (int)dc - (int)*last;
    unsigned magnitude = (unsigned)(difference < 0 ? -difference : difference);
    unsigned size = 0;

    while (magnitude >> size) {
        size++;
    }
    put(b, sizes[size].length, sizes[size].code);
    put(b, size, difference < 0 ? (1u << size) - 1 - magnitude : magnitude);
    put(b, 2, 2);
    *last = dc;
}

static void put_slice(struct bits *b, pattern_fn *pattern, unsigned row, unsigned frame)
{
    unsigned y = GREY, cb = GREY, cr = GREY;

    start_code(b, row + 1);
    put(b, 5, 1); /* quantiser_scale_code: nothing here depends on it */
    put(b, 1, 0);
    for (unsigned column = 0; column < WIDTH_BLOCKS; column++) {
        struct colour c = pattern(2 * column, 2 * row, frame);

        put(b, 2, 3); /* next macroblock; intra */
        for (unsigned i = 0; i < 4; i++) {
            put_block(b, luma_size, &y, pattern(2 * column + i % 2, 2 * row + i / 2, frame).y);
        }
        put_block(b, chroma_size, &cb, c.cb);
        put_block(b, chroma_size, &cr, c.cr);
    }
}

struct field {
    uint8_t bits;
    uint32_t value;
};

static void put_fields(struct bits *b, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(b, fields[i].bits, fields[i].value);
    }
}

#define PUT_FIELDS(b, ...)                                                                         \
    put_fields(b, (const struct field[]){__VA_ARGS__},                                             \
               sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

static void put_sequence(struct bits *b)
{
    start_code(b, 0xb3);
    /* size, aspect 4:3, 25/s, 9 Mbit/s, marker, VBV 224 KiB, not constrained, default matrices */
    PUT_FIELDS(b, {12, 720}, {12, 576}, {4, 2}, {4, 3}, {18, 22500}, {1, 1}, {10, 112}, {3, 0});
    start_code(b, 0xb5);
    /* sequence extension: MP@ML, interlaced, 4:2:0, no size, rate or VBV extensions */
    PUT_FIELDS(b, {4, 1}, {8, 0x48}, {1, 0}, {2, 1}, {4, 0}, {12, 0}, {1, 1}, {8, 0}, {8, 0});
}

/* Time code of the group: drop frame no, hours, minutes, marker, seconds, pictures; closed. */
static void put_group(struct bits *b, unsigned frame)
{
    start_code(b, 0xb8);
    PUT_FIELDS(b, {12, 0}, {1, 1}, {6, frame / 25}, {6, frame % 25}, {1, 1}, {1, 0}, {5, 0});
}

static void put_picture(struct bits *b, pattern_fn *pattern, unsigned frame)
{
    start_code(b, 0x00);
    PUT_FIELDS(b, {10, frame % VOBU_FRAMES}, {3, 1}, {16, 0xffff}, {1, 0}); /* intra, VBR */
    start_code(b, 0xb5);
    /* picture coding extension: f_codes unused, 8 bit DC, frame picture, top field first, frame
     * DCT only, no concealment, linear scale, table zero, zigzag, no repeat, progressive */
    PUT_FIELDS(b, {4, 8}, {16, 0xffff}, {2, 0}, {2, 3}, {1, 1}, {1, 1}, {1, 0}, {1, 0}, {1, 0},
               {1, 0}, {1, 0}, {1, 1}, {1, 1}, {1, 0});
    for (unsigned row = 0; row < HEIGHT_BLOCKS; row++) {
        put_slice(b, pattern, row, frame);
    }
}

/* The video of one VOBU into `out`; returns its bytes. */
static size_t make_video(uint8_t *out, const struct pattern *pattern, unsigned vobu)
{
    struct bits b = {.data = out};

    put_sequence(&b);
    put_group(&b, vobu * VOBU_FRAMES);
    for (unsigned i = 0; i < VOBU_FRAMES; i++) {
        put_picture(&b, pattern->at, vobu * VOBU_FRAMES + i);
    }
    if (vobu + 1 == pattern->vobus) {
        start_code(&b, 0xb7);
    }
    if (b.count) {
        put(&b, 8 - b.count, 0);
    }
    return b.bytes;
}

/* ---- the packs (13818-1 2.5.3) ---- */

static void put_pack_header(struct bits *b, uint64_t scr)
{
    uint64_t base = scr / SCR_PER_TICK;

    start_code(b, 0xba);
    PUT_FIELDS(b, {2, 1}, {3, (uint32_t)(base >> 30)}, {1, 1}, {15, (uint32_t)(base >> 15)}, {1, 1},
               {15, (uint32_t)base}, {1, 1}, {9, (uint32_t)(scr % SCR_PER_TICK)}, {1, 1},
               {22, MUX_RATE}, {2, 3}, {5, 0x1f}, {3, 0});
}

/* One time stamp of a PES header; `tag` tells PTS from DTS. */
static void put_stamp(struct bits *b, uint32_t tag, uint64_t ticks)
{
    PUT_FIELDS(b, {4, tag}, {3, (uint32_t)(ticks >> 30)}, {1, 1}, {15, (uint32_t)(ticks >> 15)},
               {1, 1}, {15, (uint32_t)ticks}, {1, 1});
}

/* A packet of `bytes` bytes, prefix included, filled with `filler`. */
static void put_filled_packet(struct bits *b, uint32_t stream, size_t bytes, uint8_t filler)
{
    start_code(b, stream);
    put(b, 16, (uint32_t)(bytes - PES_PREFIX_BYTES));
    memset(b->data + b->bytes, filler, bytes - PES_PREFIX_BYTES);
    b->bytes += bytes - PES_PREFIX_BYTES;
}

/* An empty navigation pack: system header, PCI and DSI packets with their substream numbers. */
static void make_navigation_pack(uint8_t pack[PACK_BYTES], uint64_t scr)
{
    struct bits b = {.data = pack};
    size_t pci, dsi;

    put_pack_header(&b, scr);
    start_code(&b, STREAM_SYSTEM);
    /* length, rate bound, one audio and one video at most, then the buffer bound of each kind */
    PUT_FIELDS(&b, {16, 18}, {1, 1}, {22, MUX_RATE}, {1, 1}, {6, 1}, {2, 0}, {2, 3}, {1, 1}, {5, 1},
               {8, 0x7f});
    PUT_FIELDS(&b, {8, 0xb9}, {2, 3}, {1, 1}, {13, 232}, {8, 0xb8}, {2, 3}, {1, 0}, {13, 32},
               {8, 0xbd}, {2, 3}, {1, 1}, {13, 58}, {8, 0xbf}, {2, 3}, {1, 1}, {13, 2});
    pci = b.bytes;
    put_filled_packet(&b, STREAM_PRIVATE_2, 1024 - pci, 0);
    dsi = b.bytes;
    put_filled_packet(&b, STREAM_PRIVATE_2, PACK_BYTES - dsi, 0);
    pack[dsi + PES_PREFIX_BYTES] = 1;
}

/*
 * One video pack with as much of `video` as fits; the first of a VOBU carries PTS and DTS. Fills
 * the pack whatever is left: up to 7 bytes as stuffing, more as a padding packet. Returns bytes
 * taken.
 */
static size_t make_video_pack(uint8_t pack[PACK_BYTES], uint64_t scr, const uint64_t *dts,
                              const uint8_t *video, size_t video_bytes)
{
    struct bits b = {.data = pack};
    size_t stamps = dts ? STAMP_BYTES : 0;
    size_t room = PACK_BYTES - PACK_HEADER_BYTES - PES_FIXED_BYTES - stamps;
    size_t taken = video_bytes < room ? video_bytes : room;
    size_t left = room - taken;
    size_t stuffing = left <= STUFFING_MAX ? left : 0;

    put_pack_header(&b, scr);
    start_code(&b, STREAM_VIDEO);
    PUT_FIELDS(&b, {16, (uint32_t)(PES_FIXED_BYTES - PES_PREFIX_BYTES + stamps + stuffing + taken)},
               {8, dts ? 0x84 : 0x80}, {8, dts ? 0xc0 : 0}, {8, (uint32_t)(stamps + stuffing)});
    if (dts) {
        put_stamp(&b, 3, *dts + FRAME_TICKS);
        put_stamp(&b, 1, *dts);
    }
    memset(pack + b.bytes, 0xff, stuffing);
    b.bytes += stuffing;
    memcpy(pack + b.bytes, video, taken);
    b.bytes += taken;
    if (left > stuffing) {
        put_filled_packet(&b, STREAM_PADDING, left, 0xff);
    }
    return taken;
}

static bool write_vobu(FILE *out, const struct pattern *pattern, unsigned vobu)
{
    static uint8_t video[VOBU_BYTES_MAX];
    uint8_t pack[PACK_BYTES];
    uint64_t start = (uint64_t)vobu * VOBU_FRAMES * FRAME_TICKS;
    uint64_t scr = start * SCR_PER_TICK, dts = start + DECODE_DELAY;
    size_t bytes = make_video(video, pattern, vobu);
    bool good;

    make_navigation_pack(pack, scr);
    good = fwrite(pack, PACK_BYTES, 1, out) == 1;
    for (size_t done = 0; good && done < bytes;) {
        scr += PACK_SCR;
        done += make_video_pack(pack, scr, done ? NULL : &dts, video + done, bytes - done);
        good = fwrite(pack, PACK_BYTES, 1, out) == 1;
    }
    return good;
}

static const struct pattern *find_pattern(const char *name)
{
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        if (strcmp(patterns[i].name, name) == 0) {
            return &patterns[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const struct pattern *pattern = argc == 2 ? find_pattern(argv[1]) : NULL;
    bool good = true;

    if (!pattern) {
        fprintf(stderr, "usage: demo_mpeg ramp|squares|stripes > FILE\n");
        return 2;
    }
    for (unsigned vobu = 0; good && vobu < pattern->vobus; vobu++) {
        good = write_vobu(stdout, pattern, vobu);
    }
    if (!good || fflush(stdout) != 0) {
        perror("demo_mpeg");
        return 1;
    }
    return 0;
}
