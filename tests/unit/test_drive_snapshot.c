/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/drive_snapshot.h"

#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "tests/support/lcg.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define SEED     42
#define COMMANDS 400

typedef struct {
    uint8_t b[DRIVE_HASH_BYTES];
} hash;

static hash hash_of(struct drive *d)
{
    hash h;

    drive_hash(d, h.b);
    return h;
}

static bool same(hash a, hash b)
{
    return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

static void open_seeded(struct bench *b)
{
    bench_open_css(b);
    b->drive.state.random = random_seeded(SEED, "drive");
}

/* A command of a stranger who often does what comes next, and its effect in a chain of hashes. */
static void step(struct bench *b, uint32_t *dice, hash *chain)
{
    static const uint8_t formats[] = {KEY_AGID, KEY_CHALLENGE, KEY_KEY1, KEY_ASF, KEY_INVALIDATE};
    uint8_t cdb[12] = {OP_REPORT_KEY}, list[16] = {0, 14};
    uint8_t draw[4], joined[2 * DRIVE_HASH_BYTES];
    hash now;

    lcg_bytes(dice, draw, sizeof(draw));
    cdb[9] = 16;
    cdb[10] = (uint8_t)(draw[0] << 6 | formats[draw[1] % sizeof(formats)]);
    if (draw[2] < 80) {
        cdb[0] = OP_SEND_KEY;
        cdb[10] = (uint8_t)(draw[0] << 6 | KEY_CHALLENGE);
    } else if (draw[2] < 90) {
        memset(cdb, 0, sizeof(cdb));
        cdb[0] = OP_START_STOP_UNIT;
        cdb[4] = draw[3] & 3;
    }
    bench_run(b, cdb, sizeof(cdb), cdb[0] == OP_SEND_KEY ? list : NULL, sizeof(list), 32);
    now = hash_of(&b->drive);
    memcpy(joined, chain->b, DRIVE_HASH_BYTES);
    memcpy(joined + DRIVE_HASH_BYTES, now.b, DRIVE_HASH_BYTES);
    for (size_t i = 0; i < DRIVE_HASH_BYTES; i++) { /* any mixture that depends on the order */
        chain->b[i] = (uint8_t)(joined[i] * 31u + joined[DRIVE_HASH_BYTES + i] + i);
    }
}

static hash run_chain(struct bench *b, uint32_t dice, unsigned commands)
{
    hash chain = {{0}};

    for (unsigned i = 0; i < commands; i++) {
        step(b, &dice, &chain);
    }
    return chain;
}

/* ---- the rows ---- */

static size_t row_bytes(const struct state_row *row)
{
    return (size_t)row->width * row->count;
}

static void the_rows_do_not_overlap(void)
{
    uint8_t owners[sizeof(struct drive_state)] = {0};

    for (const struct state_row *row = drive_state_rows; row->name; row++) {
        for (size_t i = 0; i < row_bytes(row); i++) {
            CU_ASSERT_EQUAL(owners[row->offset + i]++, 0);
        }
    }
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define CAN_TELL_PADDING
#endif
#endif

/* A member without a row would be forgotten by the hash. */
static void every_member_has_a_row(void)
{
#ifdef CAN_TELL_PADDING
    struct drive_state state;
    struct nexus_state nexus;
    size_t members = 0, rows = 0;

    memset(&state, 0xff, sizeof(state));
    __builtin_clear_padding(&state);
    for (size_t i = 0; i < sizeof(state); i++) {
        members += ((const uint8_t *)&state)[i] != 0;
    }
    for (const struct state_row *row = drive_state_rows; row->name; row++) {
        rows += row_bytes(row);
    }
    CU_ASSERT_EQUAL(rows, members);
    members = rows = 0;
    memset(&nexus, 0xff, sizeof(nexus));
    __builtin_clear_padding(&nexus);
    for (size_t i = 0; i < sizeof(nexus); i++) {
        members += ((const uint8_t *)&nexus)[i] != 0;
    }
    for (const struct state_row *row = nexus_state_rows; row->name; row++) {
        rows += row_bytes(row);
    }
    CU_ASSERT_EQUAL(rows, members);
#else
    puts("skip every_member_has_a_row: this compiler cannot tell padding");
#endif
}

static void every_row_counts_in_the_hash(void)
{
    struct bench b;
    hash before;

    open_seeded(&b);
    before = hash_of(&b.drive);
    for (const struct state_row *row = drive_state_rows; row->name; row++) {
        for (size_t i = 0; i < row_bytes(row); i++) {
            uint8_t *at = (uint8_t *)&b.drive.state + row->offset + i;

            *at ^= 1;
            CU_ASSERT_FALSE(same(hash_of(&b.drive), before));
            *at ^= 1;
        }
    }
    for (const struct state_row *row = nexus_state_rows; row->name; row++) {
        for (size_t i = 0; i < row_bytes(row); i++) {
            uint8_t *at = (uint8_t *)&b.nexus->state + row->offset + i;

            *at ^= 1;
            CU_ASSERT_FALSE(same(hash_of(&b.drive), before));
            *at ^= 1;
        }
    }
    CU_ASSERT(same(hash_of(&b.drive), before));
    bench_close(&b);
}

static void the_disc_and_who_is_there_count_in_the_hash(void)
{
    struct bench b;
    hash before, other;
    struct drive_nexus *third;

    open_seeded(&b);
    before = hash_of(&b.drive);
    third = drive_nexus_open(&b.drive, 77);
    CU_ASSERT_FALSE(same(hash_of(&b.drive), before));
    drive_nexus_close(&b.drive, third);
    CU_ASSERT(same(hash_of(&b.drive), before));
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECTED);
    CU_ASSERT(drive_insert(&b.drive, bench_plain_disc(BENCH_DISC_BLOCKS)));
    bench_quiet(&b);
    other = hash_of(&b.drive);
    CU_ASSERT_FALSE(same(other, before));
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECTED);
    CU_ASSERT(drive_insert(&b.drive, bench_css_disc())); /* equal, another one in memory */
    bench_quiet(&b);
    CU_ASSERT(same(hash_of(&b.drive), before));
    bench_close(&b);
}

/* ---- the same again ---- */

static void the_same_seed_and_commands_make_the_same_chain(void)
{
    /* written down once; another compiler or machine that gets another one is wrong */
    static const uint8_t known[4] = {0xd1, 0xfa, 0x2e, 0xab};
    struct bench a, b;
    hash first, second;

    open_seeded(&a);
    open_seeded(&b);
    first = run_chain(&a, 7, COMMANDS);
    second = run_chain(&b, 7, COMMANDS);
    CU_ASSERT(same(first, second));
    CU_ASSERT_FALSE(same(first, run_chain(&b, 8, COMMANDS)));
    CU_ASSERT_EQUAL(memcmp(first.b, known, sizeof(known)), 0);
    if (memcmp(first.b, known, sizeof(known)) != 0) {
        printf("chain begins %02x %02x %02x %02x\n", first.b[0], first.b[1], first.b[2],
               first.b[3]);
    }
    bench_close(&a);
    bench_close(&b);
}

static void what_is_put_back_goes_on_as_it_did(void)
{
    struct drive_snapshot *s;
    struct bench b;
    hash before, after, kept;

    open_seeded(&b);
    run_chain(&b, 3, 50);
    before = hash_of(&b.drive);
    s = drive_snapshot_take(&b.drive);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    after = run_chain(&b, 9, COMMANDS);
    CU_ASSERT_FALSE(same(hash_of(&b.drive), before));
    for (int again = 0; again < 3; again++) {
        CU_ASSERT(drive_snapshot_restore(&b.drive, s));
        CU_ASSERT(same(hash_of(&b.drive), before));
        CU_ASSERT(same(run_chain(&b, 9, COMMANDS), after));
    }
    drive_snapshot_hash(s, kept.b);
    CU_ASSERT(same(kept, before));
    drive_snapshot_free(s);
    bench_close(&b);
}

static void the_disc_comes_back_too(void)
{
    struct drive_snapshot *s;
    struct bench b;

    open_seeded(&b);
    s = drive_snapshot_take(&b.drive);
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECTED);
    CU_ASSERT(drive_insert(&b.drive, bench_plain_disc(4)));
    CU_ASSERT(drive_snapshot_restore(&b.drive, s));
    CU_ASSERT_EQUAL(b.drive.disc->blocks, BENCH_DISC_BLOCKS);
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECTED);
    CU_ASSERT(drive_snapshot_restore(&b.drive, s));
    CU_ASSERT(drive_has_medium(&b.drive));
    drive_snapshot_free(s);
    CU_ASSERT(BENCH_IN(&b, 2048, OP_READ_10, 0, 0, 0, 0, 1, 0, 0, 1, 0));
    bench_close(&b);
}

static void a_nexus_that_came_since_is_new_again(void)
{
    struct drive_snapshot *s;
    struct drive_nexus *third;
    struct bench b;

    open_seeded(&b);
    b.other->state.prevent = true;
    s = drive_snapshot_take(&b.drive);
    b.other->state.prevent = false;
    third = drive_nexus_open(&b.drive, 77);
    third->state = (struct nexus_state){.prevent = true};
    CU_ASSERT(drive_snapshot_restore(&b.drive, s));
    CU_ASSERT_TRUE(b.other->state.prevent);
    CU_ASSERT_FALSE(third->state.prevent);
    CU_ASSERT_EQUAL(third->state.attentions, DRIVE_UA_POWER_ON);
    drive_nexus_close(&b.drive, b.other);
    b.other = third;
    CU_ASSERT(drive_snapshot_restore(&b.drive, s)); /* one that is gone stays gone */
    CU_ASSERT_FALSE(drive_is_prevented(&b.drive));
    drive_snapshot_free(s);
    bench_close(&b);
}

static void a_region_is_kept_again_or_nothing_changes(void)
{
    struct drive_snapshot *s;
    struct bench b;
    hash before;

    open_seeded(&b);
    s = drive_snapshot_take(&b.drive);
    b.drive.state.region.mask = 0xfe;
    b.drive.state.region.user_changes = 4;
    before = hash_of(&b.drive);
    b.store_fails = true;
    CU_ASSERT_FALSE(drive_snapshot_restore(&b.drive, s));
    CU_ASSERT(same(hash_of(&b.drive), before));
    b.store_fails = false;
    CU_ASSERT(drive_snapshot_restore(&b.drive, s));
    CU_ASSERT_EQUAL(b.stored.mask, 0xff);
    CU_ASSERT_EQUAL(b.drive.state.region.user_changes, 5);
    drive_snapshot_free(s);
    bench_close(&b);
}

static void a_state_of_another_seed_is_refused(void)
{
    struct drive_snapshot *s;
    struct bench b;

    open_seeded(&b);
    s = drive_snapshot_take(&b.drive);
    b.drive.state.random = random_seeded(SEED + 1, "drive");
    CU_ASSERT_FALSE(drive_snapshot_restore(&b.drive, s));
    b.drive.state.random.seeded = false;
    CU_ASSERT_FALSE(drive_snapshot_restore(&b.drive, s));
    drive_snapshot_free(s);
    bench_close(&b);
}

/* The drive's time is the snapshot's again, and goes on from there with the clock. */
static void time_goes_on_from_the_snapshots(void)
{
    struct drive_snapshot *s;
    struct bench b;

    bench_open(&b);
    b.drive.personality.quirks.ready_ms = 100;
    CU_ASSERT(drive_insert(&b.drive, bench_plain_disc(4)));
    b.now_us += 60000;
    drive_tick(&b.drive);
    s = drive_snapshot_take(&b.drive);
    b.now_us += 5000000;
    drive_tick(&b.drive);
    CU_ASSERT_FALSE(b.drive.state.loading);
    CU_ASSERT(drive_snapshot_restore(&b.drive, s));
    CU_ASSERT_TRUE(b.drive.state.loading);
    b.now_us += 39999;
    drive_tick(&b.drive);
    CU_ASSERT_TRUE(b.drive.state.loading);
    b.now_us += 1;
    drive_tick(&b.drive);
    CU_ASSERT_FALSE(b.drive.state.loading);
    drive_snapshot_free(s);
    bench_close(&b);
}

UNIT_SUITE(drive_snapshot, T(the_rows_do_not_overlap), T(every_member_has_a_row),
           T(every_row_counts_in_the_hash), T(the_disc_and_who_is_there_count_in_the_hash),
           T(the_same_seed_and_commands_make_the_same_chain), T(what_is_put_back_goes_on_as_it_did),
           T(the_disc_comes_back_too), T(a_nexus_that_came_since_is_new_again),
           T(a_region_is_kept_again_or_nothing_changes), T(a_state_of_another_seed_is_refused),
           T(time_goes_on_from_the_snapshots));
