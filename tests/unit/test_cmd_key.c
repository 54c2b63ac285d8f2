/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * REPORT KEY and SEND KEY as a host sees them: the other end of each exchange is host_css, which
 * shares nothing with css/ (mmc-spec 1, 2, 4).
 */
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "tests/support/host_css.h"
#include "unit.h"

#include <string.h>

#define CHALLENGE_LIST_BYTES 16
#define KEY2_LIST_BYTES      12
#define REGION_LIST_BYTES    8
#define REPLY_AT             4

/* ---- the host ---- */

static bool report_key(struct bench *b, uint8_t agid, uint8_t format, uint32_t lba)
{
    uint8_t cdb[12] = {OP_REPORT_KEY};

    be32_put(cdb + 2, lba);
    be16_put(cdb + 8, 64);
    cdb[10] = (uint8_t)(agid << 6 | format);
    return bench_run(b, cdb, sizeof(cdb), NULL, 0, 64);
}

static bool send_key(struct bench *b, uint8_t agid, uint8_t format, const uint8_t *list,
                     size_t bytes)
{
    uint8_t cdb[12] = {OP_SEND_KEY};

    be16_put(cdb + 8, (uint16_t)bytes);
    cdb[10] = (uint8_t)(agid << 6 | format);
    return bench_run(b, cdb, sizeof(cdb), list, bytes, 0);
}

static bool send_challenge(struct bench *b, uint8_t agid, const uint8_t *challenge)
{
    uint8_t list[CHALLENGE_LIST_BYTES] = {0, 0x0e};

    memcpy(list + REPLY_AT, challenge, HOST_CSS_CHALLENGE_BYTES);
    return send_key(b, agid, KEY_CHALLENGE, list, sizeof(list));
}

static bool send_key2(struct bench *b, uint8_t agid, const uint8_t *key2)
{
    uint8_t list[KEY2_LIST_BYTES] = {0, 0x0a};

    memcpy(list + REPLY_AT, key2, HOST_CSS_KEY_BYTES);
    return send_key(b, agid, KEY_KEY2, list, sizeof(list));
}

static bool send_region(struct bench *b, uint8_t mask)
{
    const uint8_t list[REGION_LIST_BYTES] = {0, 6, 0, 0, mask};

    return send_key(b, 0, KEY_SET_REGION, list, sizeof(list));
}

static bool read_disc_key(struct bench *b, uint8_t agid)
{
    const uint8_t cdb[12] = {
        OP_READ_DVD_STRUCTURE,       [7] = STRUCTURE_DISC_KEY, [8] = 0x08, [9] = 0x04,
        [10] = (uint8_t)(agid << 6),
    };

    return bench_run(b, cdb, sizeof(cdb), NULL, 0, 2052);
}

/* One exchange as the host keeps it. */
struct exchange {
    uint8_t agid;
    unsigned variant;
    uint8_t challenge[HOST_CSS_CHALLENGE_BYTES]; /* the drive's */
    uint8_t key1[HOST_CSS_KEY_BYTES], key2[HOST_CSS_KEY_BYTES], bus_key[HOST_CSS_KEY_BYTES];
};

static void get_agid(struct bench *b, struct exchange *x)
{
    CU_ASSERT_FATAL(report_key(b, 0, KEY_AGID, 0));
    CU_ASSERT_EQUAL(b->reply.in_bytes, 8);
    x->agid = b->in[7] >> 6;
}

/* The drive proves itself: KEY1 has to be what some variant makes of the host's challenge. */
static void prove_drive(struct bench *b, struct exchange *x, uint8_t seed)
{
    uint8_t challenge[HOST_CSS_CHALLENGE_BYTES];
    int variant;

    for (size_t i = 0; i < sizeof(challenge); i++) {
        challenge[i] = (uint8_t)(seed + 29 * i);
    }
    CU_ASSERT_FATAL(send_challenge(b, x->agid, challenge));
    CU_ASSERT_FATAL(report_key(b, x->agid, KEY_KEY1, 0));
    CU_ASSERT_EQUAL(b->reply.in_bytes, 12);
    memcpy(x->key1, b->in + REPLY_AT, sizeof(x->key1));
    variant = host_css_find_variant(challenge, x->key1);
    CU_ASSERT_FATAL(variant >= 0);
    x->variant = (unsigned)variant;
}

static void get_challenge(struct bench *b, struct exchange *x)
{
    CU_ASSERT_FATAL(report_key(b, x->agid, KEY_CHALLENGE, 0));
    CU_ASSERT_EQUAL(b->reply.in_bytes, 16);
    memcpy(x->challenge, b->in + REPLY_AT, sizeof(x->challenge));
    host_css_key2(x->variant, x->challenge, x->key2);
    host_css_bus_key(x->variant, x->key1, x->key2, x->bus_key);
}

static struct exchange authenticate(struct bench *b, uint8_t seed)
{
    struct exchange x;

    get_agid(b, &x);
    prove_drive(b, &x, seed);
    get_challenge(b, &x);
    CU_ASSERT_FATAL(send_key2(b, x.agid, x.key2));
    return x;
}

/* Take the disc key block; it is the disc's, and the AGID is used up. */
static void take_disc_key(struct bench *b, const struct exchange *x)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];

    CU_ASSERT_FATAL(read_disc_key(b, x->agid));
    CU_ASSERT_EQUAL(b->reply.in_bytes, 2052);
    memcpy(block, b->in + REPLY_AT, sizeof(block));
    host_css_clear(block, sizeof(block), x->bus_key);
    CU_ASSERT_EQUAL(memcmp(block, b->drive.disc->disc_key_block, sizeof(block)), 0);
    CU_ASSERT_EQUAL(b->drive.state.agids[x->agid].state, AGID_FREE);
    CU_ASSERT(b->drive.state.asf);
}

static bool asf_reported(struct bench *b)
{
    CU_ASSERT_FATAL(report_key(b, 0, KEY_ASF, 0));
    return b->in[7] == 1;
}

/* ---- whole exchanges ---- */

static void four_agids_exchange_at_once(void)
{
    struct bench b;
    struct exchange x[DRIVE_AGIDS];

    bench_open_css(&b);
    for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
        x[n] = authenticate(&b, (uint8_t)(7 * n));
        CU_ASSERT_EQUAL(x[n].agid, n);
        CU_ASSERT_FALSE(asf_reported(&b));
    }
    for (uint8_t n = DRIVE_AGIDS; n-- > 0;) {
        take_disc_key(&b, &x[n]);
    }
    CU_ASSERT(asf_reported(&b));
    CU_ASSERT_EQUAL(b.drive.counters.keys, DRIVE_AGIDS);
    bench_close(&b);
}

/* mmc-spec 9.1 */
static void two_exchanges_interleave_twice(void)
{
    struct bench b;

    bench_open_css(&b);
    for (int again = 0; again < 2; again++) {
        struct exchange x, y;

        get_agid(&b, &x);
        get_agid(&b, &y);
        prove_drive(&b, &y, 3);
        prove_drive(&b, &x, 200);
        get_challenge(&b, &x);
        get_challenge(&b, &y);
        CU_ASSERT(send_key2(&b, y.agid, y.key2));
        CU_ASSERT(send_key2(&b, x.agid, x.key2));
        take_disc_key(&b, &x);
        take_disc_key(&b, &y);
    }
    bench_close(&b);
}

static void every_variant_can_be_exchanged(void)
{
    struct bench b;

    bench_open_css(&b);
    for (unsigned variant = 0; variant < HOST_CSS_VARIANTS; variant++) {
        struct exchange x;

        b.random_next = (uint8_t)(variant | 0xe0); /* the bits above do not count */
        x = authenticate(&b, (uint8_t)(5 * variant));
        CU_ASSERT_EQUAL(x.variant, variant);
        take_disc_key(&b, &x);
    }
    bench_close(&b);
}

static void a_title_key_comes_out_clear_at_the_host(void)
{
    static const uint8_t clear[HOST_CSS_KEY_BYTES] = {1, 2, 3, 4, 5}; /* of bench_css_disc() */
    static const struct {
        uint32_t lba;
        uint8_t cpr_mai;
    } rows[] = {{BENCH_SCRAMBLED_LBA, 0xf0}, {BENCH_CLEAR_LBA, 0xb0}};
    struct bench b;

    bench_open_css(&b);
    b.drive.state.region.mask = BENCH_RMI;
    for (size_t i = 0; i < 2; i++) {
        struct exchange x = authenticate(&b, 11);
        uint8_t wrapped[HOST_CSS_KEY_BYTES], title[HOST_CSS_KEY_BYTES];

        CU_ASSERT_FATAL(report_key(&b, x.agid, KEY_TITLE_KEY, rows[i].lba));
        CU_ASSERT_EQUAL(b.reply.in_bytes, 12);
        CU_ASSERT_EQUAL(b.in[REPLY_AT], rows[i].cpr_mai);
        memcpy(wrapped, b.in + REPLY_AT + 1, sizeof(wrapped));
        host_css_clear(wrapped, sizeof(wrapped), x.bus_key);
        host_css_title_key(b.drive.disc->disc_key.b, wrapped, title);
        CU_ASSERT_EQUAL(memcmp(title, clear, sizeof(clear)), 0);
        CU_ASSERT_EQUAL(b.drive.state.agids[x.agid].state, AGID_FREE);
        CU_ASSERT(b.drive.state.asf);
    }
    bench_close(&b);
}

static void an_agid_belongs_to_no_nexus(void)
{
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    get_agid(&b, &x);
    bench_swap(&b);
    prove_drive(&b, &x, 9);
    bench_swap(&b);
    get_challenge(&b, &x);
    bench_swap(&b);
    CU_ASSERT(send_key2(&b, x.agid, x.key2));
    take_disc_key(&b, &x);
    bench_close(&b);
}

static void other_commands_do_not_disturb(void)
{
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    get_agid(&b, &x);
    CU_ASSERT(BENCH_IN(&b, 96, OP_INQUIRY, 0, 0, 0, 96, 0));
    prove_drive(&b, &x, 1);
    CU_ASSERT(BENCH_IN(&b, 2048, OP_READ_10, 0, 0, 0, 0, 0, 0, 0, 1, 0));
    get_challenge(&b, &x);
    CU_ASSERT(report_key(&b, 0, KEY_RPC_STATE, 0));
    CU_ASSERT_FALSE(asf_reported(&b));
    CU_ASSERT(send_key2(&b, x.agid, x.key2));
    CU_ASSERT(BENCH_GO(&b, OP_START_STOP_UNIT, 0, 0, 0, 0, 0));
    take_disc_key(&b, &x);
    bench_close(&b);
}

/* ---- challenges ---- */

static void the_drive_challenge_is_fresh_for_each_exchange_and_repeated_within(void)
{
    struct bench b;
    struct exchange first, second;
    uint8_t again[HOST_CSS_CHALLENGE_BYTES];

    bench_open_css(&b);
    get_agid(&b, &first);
    prove_drive(&b, &first, 1);
    get_challenge(&b, &first);
    CU_ASSERT(report_key(&b, first.agid, KEY_CHALLENGE, 0));
    memcpy(again, b.in + REPLY_AT, sizeof(again));
    CU_ASSERT_EQUAL(memcmp(again, first.challenge, sizeof(again)), 0);
    second = first;
    prove_drive(&b, &second, 1); /* the same AGID anew */
    CU_ASSERT_EQUAL(second.variant, first.variant);
    get_challenge(&b, &second);
    CU_ASSERT_NOT_EQUAL(memcmp(second.challenge, first.challenge, sizeof(again)), 0);
    CU_ASSERT(send_key2(&b, second.agid, second.key2));
    take_disc_key(&b, &second);
    bench_close(&b);
}

static void key2_of_an_exchange_that_was_restarted_is_wrong(void)
{
    struct bench b;
    struct exchange old, x;

    bench_open_css(&b);
    get_agid(&b, &old);
    prove_drive(&b, &old, 1);
    get_challenge(&b, &old);
    x = old;
    prove_drive(&b, &x, 77);
    CU_ASSERT_FALSE(send_key2(&b, old.agid, old.key2));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SEQUENCE_ERROR));
    get_challenge(&b, &x);
    CU_ASSERT_FALSE(send_key2(&b, old.agid, old.key2));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_AUTHENTICATION_FAILURE));
    bench_close(&b);
}

/* mmc-spec 9.6 */
static void any_wrong_bit_of_key2_ends_the_exchange(void)
{
    struct bench b;

    bench_open_css(&b);
    for (unsigned bit = 0; bit < 8 * HOST_CSS_KEY_BYTES; bit++) {
        struct exchange x;

        get_agid(&b, &x);
        prove_drive(&b, &x, (uint8_t)bit);
        get_challenge(&b, &x);
        b.drive.state.asf = true;
        x.key2[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_FALSE(send_key2(&b, x.agid, x.key2));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_AUTHENTICATION_FAILURE));
        CU_ASSERT_EQUAL(b.drive.state.agids[x.agid].state, AGID_FREE);
        CU_ASSERT_FALSE(asf_reported(&b));
        CU_ASSERT_FALSE(read_disc_key(&b, x.agid));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_ESTABLISHED));
    }
    CU_ASSERT_FALSE(BENCH_IN(&b, 2048, OP_READ_10, 0, 0, 0, 0, BENCH_SCRAMBLED_LBA, 0, 0, 1, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SCRAMBLED_SECTOR));
    bench_close(&b);
}

/* ---- the pool ---- */

/* mmc-spec 9.2 */
static void the_fifth_agid_is_refused_until_one_is_given_back(void)
{
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
        get_agid(&b, &x);
        CU_ASSERT_EQUAL(x.agid, n);
    }
    CU_ASSERT_FALSE(report_key(&b, 0, KEY_AGID, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_AGID_AVAILABLE));
    bench_swap(&b);
    CU_ASSERT(report_key(&b, 2, KEY_INVALIDATE, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 0);
    bench_swap(&b);
    get_agid(&b, &x);
    CU_ASSERT_EQUAL(x.agid, 2);
    CU_ASSERT_FALSE(report_key(&b, 0, KEY_AGID, 0));
    bench_close(&b);
}

/* mmc-spec 9.3: Windows walks all four and stops at the first error. */
static void invalidating_by_either_command_never_fails(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.state.agids[1].state = AGID_DCHAL;
    b.drive.state.agids[3].state = AGID_BUSKEY;
    b.drive.state.asf = true;
    for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
        CU_ASSERT(send_key(&b, n, KEY_INVALIDATE, NULL, 0));
        CU_ASSERT(report_key(&b, n, KEY_INVALIDATE, 0));
        CU_ASSERT_EQUAL(b.drive.state.agids[n].state, AGID_FREE);
    }
    CU_ASSERT(asf_reported(&b));
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECTED);
    CU_ASSERT(send_key(&b, 0, KEY_INVALIDATE, NULL, 0));
    CU_ASSERT(report_key(&b, 0, KEY_INVALIDATE, 0));
    bench_close(&b);
}

static void an_invalidated_exchange_leaves_nothing(void)
{
    static const struct agid_slot nothing;
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    x = authenticate(&b, 1);
    CU_ASSERT(report_key(&b, x.agid, KEY_INVALIDATE, 0));
    CU_ASSERT_EQUAL(memcmp(&b.drive.state.agids[x.agid], &nothing, sizeof(nothing)), 0);
    CU_ASSERT_FALSE(read_disc_key(&b, x.agid));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_ESTABLISHED));
    bench_close(&b);
}

/* ---- steps out of order ---- */

static const uint8_t any_list[CHALLENGE_LIST_BYTES] = {0, 0x0e};

/* mmc-spec 2.3, E1 */
static void steps_on_an_agid_that_nobody_holds_point_at_the_agid(void)
{
    struct bench b;

    bench_open_css(&b);
    for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
        const bool accepted[] = {
            send_key(&b, n, KEY_CHALLENGE, any_list, CHALLENGE_LIST_BYTES),
            report_key(&b, n, KEY_KEY1, 0),
            report_key(&b, n, KEY_CHALLENGE, 0),
            send_key(&b, n, KEY_KEY2, any_list, KEY2_LIST_BYTES),
        };

        for (size_t i = 0; i < sizeof(accepted); i++) {
            CU_ASSERT_FALSE(accepted[i]);
        }
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
        CU_ASSERT_FALSE(report_key(&b, n, KEY_KEY1, 0));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
    }
    bench_close(&b);
}

/* mmc-spec 9.4 */
static void early_steps_do_not_spoil_the_exchange(void)
{
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    get_agid(&b, &x);
    CU_ASSERT_FALSE(report_key(&b, x.agid, KEY_KEY1, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SEQUENCE_ERROR));
    CU_ASSERT_FALSE(report_key(&b, x.agid, KEY_CHALLENGE, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SEQUENCE_ERROR));
    CU_ASSERT_FALSE(send_key(&b, x.agid, KEY_KEY2, any_list, KEY2_LIST_BYTES));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SEQUENCE_ERROR));
    CU_ASSERT_FALSE(read_disc_key(&b, x.agid));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_ESTABLISHED));
    prove_drive(&b, &x, 4);
    get_challenge(&b, &x);
    CU_ASSERT(send_key2(&b, x.agid, x.key2));
    take_disc_key(&b, &x);
    bench_close(&b);
}

/* mmc-spec 2.3: bus key, LBA, key, region; only the last one touches ASF, none the AGID. */
static void title_key_refusals_come_in_order(void)
{
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    b.drive.state.region.mask = 0xfd; /* not the disc's */
    b.drive.state.asf = true;
    CU_ASSERT_FALSE(report_key(&b, 0, KEY_TITLE_KEY, 0xffffffff));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_ESTABLISHED));
    x = authenticate(&b, 1);
    CU_ASSERT_FALSE(report_key(&b, x.agid, KEY_TITLE_KEY, BENCH_DISC_BLOCKS));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(report_key(&b, x.agid, KEY_TITLE_KEY, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_PRESENT));
    CU_ASSERT(asf_reported(&b));
    CU_ASSERT_FALSE(report_key(&b, x.agid, KEY_TITLE_KEY, BENCH_SCRAMBLED_LBA));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_REGION_MISMATCH));
    CU_ASSERT_FALSE(asf_reported(&b));
    CU_ASSERT_EQUAL(b.drive.state.agids[x.agid].state, AGID_BUSKEY);
    take_disc_key(&b, &x); /* mmc-spec 9.7: the disc key does not ask for the region */
    bench_close(&b);
}

static void a_disc_without_css_authenticates_and_has_no_keys(void)
{
    struct bench b;
    struct exchange x;

    bench_open_plain(&b);
    x = authenticate(&b, 1);
    CU_ASSERT_FALSE(read_disc_key(&b, x.agid));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_PRESENT));
    CU_ASSERT_FALSE(report_key(&b, x.agid, KEY_TITLE_KEY, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_KEY_NOT_PRESENT));
    CU_ASSERT_EQUAL(b.drive.state.agids[x.agid].state, AGID_BUSKEY);
    CU_ASSERT_FALSE(b.drive.state.asf);
    bench_close(&b);
}

/* ---- CDB and parameter list ---- */

static void formats_that_do_not_exist_are_refused_in_the_cdb(void)
{
    static const char report[KEY_INVALIDATE + 1] = {
        [KEY_AGID] = 1, [KEY_CHALLENGE] = 1, [KEY_KEY1] = 1,      [KEY_TITLE_KEY] = 1,
        [KEY_ASF] = 1,  [KEY_RPC_STATE] = 1, [KEY_INVALIDATE] = 1};
    static const char send[KEY_INVALIDATE + 1] = {
        [KEY_CHALLENGE] = 1, [KEY_KEY2] = 1, [KEY_SET_REGION] = 1, [KEY_INVALIDATE] = 1};
    struct bench b;

    bench_open(&b); /* without a disc: the CDB is judged first */
    for (unsigned format = 0; format <= KEY_INVALIDATE; format++) {
        if (!report[format]) {
            CU_ASSERT_FALSE(report_key(&b, 1, (uint8_t)format, 0));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
            CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
        }
        if (!send[format]) {
            CU_ASSERT_FALSE(send_key(&b, 1, (uint8_t)format, any_list, sizeof(any_list)));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
            CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 10));
        }
    }
    bench_close(&b);
}

static void only_key_class_0_is_served(void)
{
    struct bench b;

    bench_open_css(&b);
    for (unsigned class = 1; class < 256; class ++) {
        CU_ASSERT_FALSE(
            BENCH_IN(&b, 8, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, (uint8_t) class, 0, 8, 0, 0));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 7));
    }
    CU_ASSERT_EQUAL(b.drive.state.agids[0].state, AGID_FREE);
    bench_close(&b);
}

/* mmc-spec 1.4: list length, then AGID and state, then the length field in the list. */
static void lists_are_judged_by_length_and_header(void)
{
    static const struct {
        uint8_t format, state;
        size_t bytes;
    } rows[] = {{KEY_CHALLENGE, AGID_GRANTED, CHALLENGE_LIST_BYTES},
                {KEY_KEY2, AGID_DCHAL, KEY2_LIST_BYTES},
                {KEY_SET_REGION, AGID_FREE, REGION_LIST_BYTES}};
    uint8_t list[CHALLENGE_LIST_BYTES] = {0};
    struct bench b;

    bench_open_css(&b);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        b.drive.state.agids[0].state = rows[i].state;
        for (size_t bytes = 0; bytes < rows[i].bytes; bytes++) {
            CU_ASSERT_FALSE(send_key(&b, 0, rows[i].format, list, bytes));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
        }
        for (uint8_t said = 0; said < rows[i].bytes - 2; said++) {
            list[1] = said;
            CU_ASSERT_FALSE(send_key(&b, 0, rows[i].format, list, rows[i].bytes));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_LIST));
            CU_ASSERT(bench_points_at(&b, SENSE_POINTER_LIST, 0));
        }
        CU_ASSERT_EQUAL(b.drive.state.agids[0].state, rows[i].state);
    }
    CU_ASSERT_EQUAL(b.stores, 0);
    bench_close(&b);
}

static void what_did_not_arrive_is_missing(void)
{
    const uint8_t cdb[12] = {OP_SEND_KEY, [9] = CHALLENGE_LIST_BYTES, [10] = KEY_CHALLENGE};
    struct bench b;

    bench_open_css(&b);
    b.drive.state.agids[0].state = AGID_GRANTED;
    CU_ASSERT_FALSE(bench_run(&b, cdb, sizeof(cdb), any_list, CHALLENGE_LIST_BYTES - 1, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT_EQUAL(b.reply.out_bytes, CHALLENGE_LIST_BYTES);
    CU_ASSERT_FALSE(bench_run(&b, cdb, sizeof(cdb), NULL, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT(bench_run(&b, cdb, sizeof(cdb), any_list, CHALLENGE_LIST_BYTES, 0));
    bench_close(&b);
}

static void without_a_disc_only_rpc_state_and_invalidate_work(void)
{
    struct bench b;

    bench_open(&b);
    for (unsigned format = 0; format <= KEY_ASF; format++) {
        if (format != KEY_KEY2) {
            CU_ASSERT_FALSE(report_key(&b, 0, (uint8_t)format, 0));
            CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
        }
    }
    CU_ASSERT_FALSE(send_region(&b, 0xfe));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    CU_ASSERT(report_key(&b, 0, KEY_RPC_STATE, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 6, 0, 0, 0x25, 0xff, 1, 0));
    bench_close(&b);
}

/* ---- regions ---- */

static uint8_t rpc_byte(struct bench *b)
{
    CU_ASSERT_FATAL(report_key(b, 0, KEY_RPC_STATE, 0));
    return b->in[REPLY_AT];
}

/* mmc-spec 9.12 */
static void five_regions_can_be_set_and_no_sixth(void)
{
    static const uint8_t told[] = {0x64, 0x63, 0x62, 0xa1, 0xe0};
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_EQUAL(rpc_byte(&b), 0x25);
    for (size_t i = 0; i < sizeof(told); i++) {
        const uint8_t mask = (uint8_t) ~(1u << i);

        CU_ASSERT(send_region(&b, mask));
        CU_ASSERT_EQUAL(rpc_byte(&b), told[i]);
        CU_ASSERT_EQUAL(b.in[5], mask);
        CU_ASSERT_EQUAL(b.stores, i + 1);
        CU_ASSERT_EQUAL(b.stored.mask, mask);
        CU_ASSERT_EQUAL(b.stored.user_changes, 4 - i);
    }
    CU_ASSERT_FALSE(send_region(&b, 0x7f));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_REGION_PERMANENT));
    CU_ASSERT_FALSE(send_region(&b, 0xef)); /* the one that is set */
    CU_ASSERT(BENCH_SENSE(&b, SENSE_REGION_PERMANENT));
    CU_ASSERT_EQUAL(b.stores, sizeof(told));
    bench_close(&b);
}

static void the_same_region_again_is_not_counted_nor_kept(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(send_region(&b, 0xfd));
    CU_ASSERT(send_region(&b, 0xfd));
    CU_ASSERT_EQUAL(rpc_byte(&b), 0x64);
    CU_ASSERT_EQUAL(b.stores, 1);
    bench_close(&b);
}

static void a_region_that_cannot_be_kept_is_not_changed(void)
{
    struct bench b;

    bench_open_plain(&b);
    b.store_fails = true;
    CU_ASSERT_FALSE(send_region(&b, 0xfd));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INTERNAL_FAILURE));
    CU_ASSERT_EQUAL(b.stores, 1);
    CU_ASSERT_EQUAL(rpc_byte(&b), 0x25);
    CU_ASSERT_EQUAL(b.in[5], 0xff);
    b.store_fails = false;
    CU_ASSERT(send_region(&b, 0xfd));
    CU_ASSERT_EQUAL(rpc_byte(&b), 0x64);
    bench_close(&b);
}

static void a_mask_names_exactly_one_region(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned mask = 0; mask < 256; mask++) {
        const unsigned allowed = ~mask & 0xff;
        const bool one = __builtin_popcount(allowed) == 1;

        b.drive.state.region = region_factory();
        CU_ASSERT_EQUAL(send_region(&b, (uint8_t)mask), one);
        CU_ASSERT(one || bench_points_at(&b, SENSE_POINTER_LIST, 4));
        CU_ASSERT_EQUAL(b.drive.state.region.user_changes, one ? 4 : 5);
    }
    bench_close(&b);
}

static void the_disc_inside_has_to_allow_the_region(void)
{
    struct bench b;

    bench_open_css(&b); /* allows region 1 alone */
    CU_ASSERT_FALSE(send_region(&b, 0xfd));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_REGION_MISMATCH));
    CU_ASSERT_EQUAL(rpc_byte(&b), 0x25);
    CU_ASSERT(send_region(&b, 0xfe));
    CU_ASSERT_EQUAL(rpc_byte(&b), 0x64);
    bench_close(&b);
}

/* mmc-spec 4.4 */
static void a_drive_without_scheme_tells_no_state_and_asks_for_no_region(void)
{
    struct bench b;
    struct exchange x;

    bench_open_css(&b);
    b.drive.state.region.scheme = REGION_SCHEME_NONE;
    CU_ASSERT(report_key(&b, 0, KEY_RPC_STATE, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 6, 0, 0, 0, 0xff, 0, 0));
    x = authenticate(&b, 1);
    CU_ASSERT(report_key(&b, x.agid, KEY_TITLE_KEY, BENCH_SCRAMBLED_LBA));
    bench_close(&b);
}

UNIT_SUITE(cmd_key, T(four_agids_exchange_at_once), T(two_exchanges_interleave_twice),
           T(every_variant_can_be_exchanged), T(a_title_key_comes_out_clear_at_the_host),
           T(an_agid_belongs_to_no_nexus), T(other_commands_do_not_disturb),
           T(the_drive_challenge_is_fresh_for_each_exchange_and_repeated_within),
           T(key2_of_an_exchange_that_was_restarted_is_wrong),
           T(any_wrong_bit_of_key2_ends_the_exchange),
           T(the_fifth_agid_is_refused_until_one_is_given_back),
           T(invalidating_by_either_command_never_fails), T(an_invalidated_exchange_leaves_nothing),
           T(steps_on_an_agid_that_nobody_holds_point_at_the_agid),
           T(early_steps_do_not_spoil_the_exchange), T(title_key_refusals_come_in_order),
           T(a_disc_without_css_authenticates_and_has_no_keys),
           T(formats_that_do_not_exist_are_refused_in_the_cdb), T(only_key_class_0_is_served),
           T(lists_are_judged_by_length_and_header), T(what_did_not_arrive_is_missing),
           T(without_a_disc_only_rpc_state_and_invalidate_work),
           T(five_regions_can_be_set_and_no_sixth),
           T(the_same_region_again_is_not_counted_nor_kept),
           T(a_region_that_cannot_be_kept_is_not_changed), T(a_mask_names_exactly_one_region),
           T(the_disc_inside_has_to_allow_the_region),
           T(a_drive_without_scheme_tells_no_state_and_asks_for_no_region));
