/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file bench_drive.h
 * A drive on the bench: what it is given is fixed or can be made to fail, and every command runs
 * with its CDB, its parameter data and its reply room each ending at a page that may not be
 * touched. Reply rooms are filled with A5h before; a good command that writes a byte it does not
 * report fails the test that ran it.
 */
#ifndef DVDEMU_BENCH_DRIVE_H
#define DVDEMU_BENCH_DRIVE_H

#include "emulator/drive.h"
#include "guard_area.h"

#define BENCH_ROOM_BYTES  (128 * 1024) /**< largest reply room and parameter list */
#define BENCH_DISC_BLOCKS 256
#define BENCH_LOG_BYTES   256

/* What the CSS disc of the bench has: blocks 16..31 scrambled, 32..47 flagged but clear. */
#define BENCH_SCRAMBLED_LBA 16
#define BENCH_CLEAR_LBA     32
#define BENCH_EXTENT_BLOCKS 16
#define BENCH_RMI           0xfe /**< region 1 alone */

struct bench {
    struct drive drive;
    struct drive_nexus *nexus; /**< who bench_run() is */
    struct drive_nexus *other; /**< somebody else; swap with bench_swap() */

    uint8_t random_next;        /**< next byte of the random source, which counts up */
    uint64_t now_us;            /**< what the clock says */
    bool store_fails;           /**< the region store refuses */
    unsigned stores;            /**< how often it was asked */
    struct region_state stored; /**< what it was given last */
    char log[BENCH_LOG_BYTES];  /**< last line of the drive's log */

    struct guard_area cdb_area, out_area, in_area;
    const uint8_t *in;        /**< reply of the last command; good until the next one */
    struct drive_reply reply; /**< what became of it */
};

/** An empty drive of the default personality with serial number "0123456789AB"; no attention. */
void bench_open(struct bench *b);
/** The same with a plain disc of BENCH_DISC_BLOCKS, its attentions and events taken. */
void bench_open_plain(struct bench *b);
/** The same with the CSS disc of the bench. */
void bench_open_css(struct bench *b);
/** Frees all of it. */
void bench_close(struct bench *b);

/**
 * A plain disc that says it has `blocks` blocks. The first BENCH_DISC_BLOCKS hold what
 * medium_memory_block() gives; behind them the image has shrunk.
 */
struct disc *bench_plain_disc(uint32_t blocks);
/** The CSS disc: one title key, disc key block filled with a count, region BENCH_RMI. */
struct disc *bench_css_disc(void);

/** Forget all pending attentions and events of both nexuses. */
void bench_quiet(struct bench *b);
/** Be the other nexus from now on. */
void bench_swap(struct bench *b);

/**
 * Run one command; false when it ends in a check. `in_room` bytes of room for the reply; `out`
 * may be NULL. The result is in b->reply and b->in.
 */
bool bench_run(struct bench *b, const uint8_t *cdb, size_t cdb_bytes, const uint8_t *out,
               size_t out_bytes, size_t in_room);

/** Bytes of the reply that are in b->in. */
size_t bench_in_bytes(const struct bench *b);

/** Whether the reply is these bytes and no more. */
bool bench_in_is(const struct bench *b, const uint8_t *bytes, size_t count);

/** Whether the last command ended in a check with that field pointer. */
bool bench_points_at(const struct bench *b, enum sense_pointer pointer, uint16_t byte);

/**
 * Whether the CDB gives prefixes of one reply when its allocation length, `width` bytes at `at`, is
 * 0, 1, n-1, n and n+1; n: bytes of the whole reply. `before` (NULL: nothing) puts the drive into
 * the same state before each run.
 */
bool bench_reply_is_cut(struct bench *b, const uint8_t *cdb, size_t cdb_bytes, size_t at,
                        size_t width, void (*before)(struct bench *b));

#define BENCH_BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/** Run a command without parameter data in a room of `room` bytes. */
#define BENCH_IN(b, room, ...)                                                                     \
    bench_run((b), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), NULL,   \
              0, (room))

/** Run a command that has no reply. */
#define BENCH_GO(b, ...) BENCH_IN(b, 0, __VA_ARGS__)

/** Whether the last command ended with SENSE_... */
#define BENCH_SENSE(b, id) sense_is((b)->reply.sense, (id))

/** Whether the reply is exactly these bytes. */
#define BENCH_IN_IS(b, ...) bench_in_is((b), BENCH_BYTES(__VA_ARGS__))

#endif
