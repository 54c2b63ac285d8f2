/* SPDX-License-Identifier: GPL-2.0-only */
#include "bench_drive.h"

#include "medium_memory.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON      0xa5
#define FIRST_NEXUS 1
#define OTHER_NEXUS 2

/* ---- what the drive is given ---- */

static void counting_random(void *ctx, uint8_t *out, size_t bytes)
{
    struct bench *b = ctx;

    for (size_t i = 0; i < bytes; i++) {
        out[i] = b->random_next++;
    }
}

static void keep_log(void *ctx, enum drive_log_level level, const char *text)
{
    struct bench *b = ctx;

    (void)level;
    snprintf(b->log, sizeof(b->log), "%s", text);
}

static uint64_t standing_clock(void *ctx)
{
    const struct bench *b = ctx;

    return b->now_us;
}

static bool keep_region(void *ctx, const struct region_state *state)
{
    struct bench *b = ctx;

    b->stores++;
    b->stored = *state;
    return !b->store_fails;
}

/* ---- discs ---- */

static void *need(void *memory)
{
    if (!memory) {
        perror("bench");
        abort();
    }
    return memory;
}

struct disc *bench_plain_disc(uint32_t blocks)
{
    struct disc *disc = need(disc_new_plain(&medium_memory_blocks(BENCH_DISC_BLOCKS)->medium));

    disc->blocks = blocks;
    disc->layer0_blocks = blocks;
    return disc;
}

struct disc *bench_css_disc(void)
{
    static const struct disc_extent extents[] = {
        {BENCH_SCRAMBLED_LBA, BENCH_EXTENT_BLOCKS, CPR_MAI_SCRAMBLED, 0, -1},
        {BENCH_CLEAR_LBA, BENCH_EXTENT_BLOCKS, CPR_MAI_CLEAR, 0, -1},
    };
    static const css_title_key title = {{1, 2, 3, 4, 5}};
    struct disc *disc = bench_plain_disc(BENCH_DISC_BLOCKS);

    disc->protection = DISC_CSS;
    disc->rmi = BENCH_RMI;
    for (size_t i = 0; i < sizeof(disc->disc_key_block); i++) {
        disc->disc_key_block[i] = (uint8_t)i;
    }
    disc->extent_count = sizeof(extents) / sizeof(extents[0]);
    disc->extents = need(malloc(sizeof(extents)));
    memcpy(disc->extents, extents, sizeof(extents));
    disc->title_key_count = 1;
    disc->title_keys = need(calloc(1, sizeof(*disc->title_keys)));
    disc->title_keys[0].clear = title;
    disc->title_keys[0].wrapped = css_wrap_title_key(&disc->disc_key, &title);
    return disc;
}

/* ---- the bench ---- */

void bench_open(struct bench *b)
{
    const struct drive_services services = {.ctx = b,
                                            .random = counting_random,
                                            .now_us = standing_clock,
                                            .log = keep_log,
                                            .log_commands = true,
                                            .store_region = keep_region};
    const struct region_state region = region_factory();
    struct personality personality;

    memset(b, 0, sizeof(*b));
    personality_init(&personality);
    memcpy(personality.serial, "0123456789AB", SERIAL_BYTES + 1);
    drive_init(&b->drive, &personality, &services, &region);
    b->nexus = need(drive_nexus_open(&b->drive, FIRST_NEXUS));
    b->other = need(drive_nexus_open(&b->drive, OTHER_NEXUS));
    b->cdb_area = guard_area_open(SCSI_CDB_BYTES_MAX);
    b->out_area = guard_area_open(BENCH_ROOM_BYTES);
    b->in_area = guard_area_open(BENCH_ROOM_BYTES);
    bench_quiet(b);
}

static void open_with(struct bench *b, struct disc *disc)
{
    bench_open(b);
    if (!drive_insert(&b->drive, disc)) {
        abort(); /* an empty drive takes any disc */
    }
    bench_quiet(b);
}

void bench_open_plain(struct bench *b)
{
    open_with(b, bench_plain_disc(BENCH_DISC_BLOCKS));
}

void bench_open_css(struct bench *b)
{
    open_with(b, bench_css_disc());
}

void bench_close(struct bench *b)
{
    drive_fini(&b->drive);
    guard_area_close(&b->cdb_area);
    guard_area_close(&b->out_area);
    guard_area_close(&b->in_area);
}

static void quiet_nexus(struct drive_nexus *nexus)
{
    nexus->state.attentions = 0;
    nexus->state.event_count = 0;
    memset(nexus->state.events, 0, sizeof(nexus->state.events));
}

void bench_quiet(struct bench *b)
{
    quiet_nexus(b->nexus);
    quiet_nexus(b->other);
}

void bench_swap(struct bench *b)
{
    struct drive_nexus *nexus = b->nexus;

    b->nexus = b->other;
    b->other = nexus;
}

static bool is_poison(const uint8_t *from, const uint8_t *to)
{
    while (from < to && *from == POISON) {
        from++;
    }
    return from == to;
}

static uint8_t *copy_to_end(const struct guard_area *area, const uint8_t *bytes, size_t count)
{
    uint8_t *at = guard_area_end(area, count);

    CU_ASSERT_FATAL(count <= area->bytes);
    if (count) {
        memcpy(at, bytes, count);
    }
    return at;
}

bool bench_run(struct bench *b, const uint8_t *cdb, size_t cdb_bytes, const uint8_t *out,
               size_t out_bytes, size_t in_room)
{
    uint8_t *const in = guard_area_end(&b->in_area, in_room);
    struct drive_request request = {
        .cdb = copy_to_end(&b->cdb_area, cdb, cdb_bytes),
        .cdb_bytes = cdb_bytes,
        .out = out ? copy_to_end(&b->out_area, out, out_bytes) : NULL,
        .out_bytes = out_bytes,
        .in = in,
        .in_bytes = in_room,
        .nexus = b->nexus,
    };

    CU_ASSERT_FATAL(in_room <= b->in_area.bytes);
    memset(b->in_area.base, POISON, b->in_area.bytes);
    b->in = in;
    drive_run(&b->drive, &request, &b->reply);
    CU_ASSERT(is_poison(b->in_area.base, in));
    if (b->reply.sense.check) {
        CU_ASSERT_EQUAL(b->reply.in_bytes, 0);
        return false;
    }
    CU_ASSERT(is_poison(in + (b->reply.in_bytes < in_room ? b->reply.in_bytes : in_room),
                        b->in_area.base + b->in_area.bytes));
    return true;
}

size_t bench_in_bytes(const struct bench *b)
{
    const size_t room = (size_t)(b->in_area.base + b->in_area.bytes - b->in);

    return b->reply.in_bytes < room ? b->reply.in_bytes : room;
}

bool bench_in_is(const struct bench *b, const uint8_t *bytes, size_t count)
{
    return !b->reply.sense.check && b->reply.in_bytes == count && bench_in_bytes(b) == count &&
           memcmp(b->in, bytes, count) == 0;
}

bool bench_points_at(const struct bench *b, enum sense_pointer pointer, uint16_t byte)
{
    return b->reply.sense.check && b->reply.sense.pointer == pointer &&
           b->reply.sense.field_byte == byte;
}

static void put_length(uint8_t *cdb, size_t at, size_t width, size_t value)
{
    for (size_t i = width; i-- > 0; value >>= 8) {
        cdb[at + i] = (uint8_t)value;
    }
}

bool bench_reply_is_cut(struct bench *b, const uint8_t *cdb, size_t cdb_bytes, size_t at,
                        size_t width, void (*before)(struct bench *b))
{
    uint8_t changed[SCSI_CDB_BYTES_MAX], whole[512];
    const size_t most = width == 1 ? 0xff : sizeof(whole);
    size_t n;

    memcpy(changed, cdb, cdb_bytes);
    put_length(changed, at, width, most);
    if (before) {
        before(b);
    }
    if (!bench_run(b, changed, cdb_bytes, NULL, 0, most) || b->reply.in_bytes >= most ||
        b->reply.in_bytes < 2) {
        return false;
    }
    n = b->reply.in_bytes;
    memcpy(whole, b->in, n);
    for (size_t i = 0; i < 5; i++) {
        const size_t length = (const size_t[]){0, 1, n - 1, n, n + 1}[i];

        put_length(changed, at, width, length);
        if (before) {
            before(b);
        }
        if (!bench_run(b, changed, cdb_bytes, NULL, 0, most) ||
            !bench_in_is(b, whole, length < n ? length : n)) {
            return false;
        }
    }
    return true;
}
