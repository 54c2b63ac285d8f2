/* SPDX-License-Identifier: GPL-2.0-only */
/* The key exchange as the oracle judges it: mmc-spec 2.3, 2.9, by transcripts written by hand. */
#include "bytes.h"
#include "oracle_scripts.h"
#include "tests/support/host_css.h"
#include "tests/support/told_oracle.h"

#define REGION_1 0xfe

/* ---- mmc-spec 2.9, with the bytes of three lines of tests/vectors/handshake.txt ---- */

static const struct transcript {
    unsigned agid;
    uint8_t host[10], key1[5], drive[10], key2[5], bus_key[5];
} transcripts[] = {
    {0,
     {0x12, 0xbc, 0x53, 0x6b, 0x32, 0x40, 0xd4, 0x5e, 0x7b, 0xcd},
     {0xf5, 0x02, 0x95, 0xd4, 0x71},
     {0xa9, 0x9e, 0x8a, 0x2e, 0xd4, 0x87, 0xbd, 0x04, 0x5a, 0x61},
     {0x69, 0x7a, 0xa4, 0xdc, 0x05},
     {0x51, 0xe9, 0x16, 0xf8, 0x3f}},
    {1,
     {0xe8, 0x31, 0x62, 0x72, 0xf3, 0x4b, 0x58, 0x15, 0xcb, 0xe5},
     {0x49, 0x85, 0xaf, 0x57, 0x0e},
     {0x4a, 0x90, 0xc4, 0x56, 0x87, 0xe3, 0xf2, 0xfa, 0xae, 0x45},
     {0x33, 0x05, 0x37, 0x74, 0x9b},
     {0x68, 0x41, 0xce, 0xc9, 0xa6}},
    {3,
     {0xdf, 0x5a, 0x51, 0x82, 0x4f, 0xac, 0xed, 0x94, 0x3e, 0x5f},
     {0x34, 0x4a, 0xa2, 0x16, 0x66},
     {0xab, 0xd4, 0x4a, 0x67, 0x30, 0x75, 0x6e, 0x91, 0x1e, 0xc3},
     {0xb3, 0x23, 0xe0, 0x3a, 0x75},
     {0x16, 0xe2, 0x2e, 0x4a, 0x75}},
};

/* Other slots in use, so that the next one granted is `agid`. */
static void use_up_to(struct told *t, unsigned agid)
{
    for (unsigned n = 0; n < agid; n++) {
        t->o.slot[n].state = ORACLE_GRANTED;
        t->o.slot[n].variants = 1;
    }
}

static void tell_handshake(struct told *t, const struct transcript *s)
{
    uint8_t reply[16] = {0, 0x0e};

    CU_ASSERT(told_grant(t, s->agid));
    told_send(t, 0x01, s->agid);
    memcpy(t->list + 4, s->host, sizeof(s->host));
    CU_ASSERT(TOLD_GOOD(t));
    told_report(t, 0x02, s->agid);
    CU_ASSERT(TOLD_DATA(t, 0, 0x0a, 0, 0, s->key1[0], s->key1[1], s->key1[2], s->key1[3],
                        s->key1[4], 0, 0, 0));
    told_report(t, 0x01, s->agid);
    memcpy(reply + 4, s->drive, sizeof(s->drive));
    t->free_from = 4;
    t->free_to = 14;
    CU_ASSERT(told_good(t, reply, sizeof(reply)));
    told_send(t, 0x03, s->agid);
    memcpy(t->list + 4, s->key2, sizeof(s->key2));
    CU_ASSERT(TOLD_GOOD(t));
}

static void the_example_exchange_is_right(void)
{
    for (size_t i = 0; i < sizeof(transcripts) / sizeof(transcripts[0]); i++) {
        const struct transcript *s = &transcripts[i];
        uint8_t reply[4 + ORACLE_BLOCK_BYTES] = {8, 2};
        struct told t;

        told_init_disc(&t, &told_css_disc);
        use_up_to(&t, s->agid);
        tell_handshake(&t, s);
        memcpy(reply + 4, told_css_disc.disc_key_block, ORACLE_BLOCK_BYTES);
        for (size_t b = 0; b < ORACLE_BLOCK_BYTES; b++) {
            reply[4 + b] ^= s->bus_key[b % sizeof(s->bus_key)];
        }
        told_ask_disc_key(&t, s->agid);
        CU_ASSERT(told_good(&t, reply, sizeof(reply)));
        told_report(&t, 0x05, 0);
        CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0, 0, 0, 1));
    }
}

/* ---- every row of 2.3, in every state ---- */

enum want {
    W24,  /* 05/24/00, byte 10 */
    W2C,  /* 05/2C/00 */
    W00,  /* 05/6F/00 */
    W01,  /* 05/6F/01 */
    W02,  /* 05/6F/02 */
    W04,  /* 05/6F/04 */
    W21,  /* 05/21/00 */
    OK,   /* GOOD, no data */
    AGID, /* the next free one */
    KEY1,
    CHAL,
    TITLE,
    BLOCK
};

struct row {
    const char *name;
    enum want want[ORACLE_SLOT_STATES];
    int next[ORACLE_SLOT_STATES]; /* -1: stays */
    void (*ask)(struct told *t);
    int asf_after; /* in BUSKEY; ASF is 1 before */
};

static void ask_grant(struct told *t)
{
    told_report(t, 0x00, 0);
}

static void ask_challenge(struct told *t)
{
    told_send(t, 0x01, 0);
    t->list[4] = 0x77;
}

static void ask_key1(struct told *t)
{
    told_report(t, 0x02, 0);
}

static void ask_drive_challenge(struct told *t)
{
    if (t->o.slot[0].state == ORACLE_KEY1) {
        t->free_from = 4;
        t->free_to = 14;
    }
    told_report(t, 0x01, 0);
}

static void ask_right(struct told *t)
{
    told_send(t, 0x03, 0);
    told_list_key2(t);
}

static void ask_wrong(struct told *t)
{
    ask_right(t);
    t->list[8] ^= 0x10;
}

static void ask_title(struct told *t)
{
    told_ask_title_key(t, 0, 8);
}

static void ask_title_elsewhere(struct told *t)
{
    t->o.region.mask = 0xfd;
    told_ask_title_key(t, 0, 8);
}

static void ask_no_title(struct told *t)
{
    told_ask_title_key(t, 0, 16);
}

static void ask_far_title(struct told *t)
{
    told_ask_title_key(t, 0, 64);
}

static void ask_block(struct told *t)
{
    told_ask_disc_key(t, 0);
}

static void report_invalidate(struct told *t)
{
    told_report(t, 0x3f, 0);
}

static void send_invalidate(struct told *t)
{
    told_send(t, 0x3f, 0);
}

#define STAY -1
/* clang-format off */
static const struct row rows[] = {
    /*                       FREE   GRANTED HCHAL KEY1  DCHAL  BUSKEY */
    {"REPORT 00h",          {AGID,  AGID,  AGID,  AGID, AGID,  AGID},
                            {1,     STAY,  STAY,  STAY, STAY,  STAY}, ask_grant, 1},
    {"SEND 01h",            {W24,   OK,    OK,    OK,   OK,    OK},
                            {STAY,  2,     2,     2,    2,     2}, ask_challenge, 1},
    {"REPORT 02h",          {W24,   W2C,   KEY1,  KEY1, W2C,   W2C},
                            {STAY,  STAY,  3,     3,    STAY,  STAY}, ask_key1, 1},
    {"REPORT 01h",          {W24,   W2C,   W2C,   CHAL, CHAL,  W2C},
                            {STAY,  STAY,  STAY,  4,    4,     STAY}, ask_drive_challenge, 1},
    {"SEND 03h right",      {W24,   W2C,   W2C,   W2C,  OK,    W2C},
                            {STAY,  STAY,  STAY,  STAY, 5,     STAY}, ask_right, 1},
    {"SEND 03h wrong",      {W24,   W2C,   W2C,   W2C,  W00,   W2C},
                            {STAY,  STAY,  STAY,  STAY, 0,     STAY}, ask_wrong, 1},
    {"REPORT 04h",          {W02,   W02,   W02,   W02,  W02,   TITLE},
                            {STAY,  STAY,  STAY,  STAY, STAY,  0}, ask_title, 1},
    {"REPORT 04h, region",  {W02,   W02,   W02,   W02,  W02,   W04},
                            {STAY,  STAY,  STAY,  STAY, STAY,  STAY}, ask_title_elsewhere, 0},
    {"REPORT 04h, no key",  {W02,   W02,   W02,   W02,  W02,   W01},
                            {STAY,  STAY,  STAY,  STAY, STAY,  STAY}, ask_no_title, 1},
    {"REPORT 04h, range",   {W02,   W02,   W02,   W02,  W02,   W21},
                            {STAY,  STAY,  STAY,  STAY, STAY,  STAY}, ask_far_title, 1},
    {"STRUCTURE 02h",       {W02,   W02,   W02,   W02,  W02,   BLOCK},
                            {STAY,  STAY,  STAY,  STAY, STAY,  0}, ask_block, 1},
    {"REPORT 3Fh",          {OK,    OK,    OK,    OK,   OK,    OK},
                            {0,     0,     0,     0,    0,     0}, report_invalidate, 1},
    {"SEND 3Fh",            {OK,    OK,    OK,    OK,   OK,    OK},
                            {0,     0,     0,     0,    0,     0}, send_invalidate, 1},
};
/* clang-format on */

static bool tell_bytes(struct told *t, enum want want, unsigned state)
{
    uint8_t reply[16];

    switch (want) {
    case AGID:
        return TOLD_DATA(t, 0, 6, 0, 0, 0, 0, 0, (uint8_t)(state == ORACLE_FREE ? 0 : 1 << 6));
    case KEY1:
        told_key1_reply(reply);
        return told_good(t, reply, 12);
    case CHAL:
        told_challenge_reply(reply);
        return told_good(t, reply, 16);
    case TITLE:
        return told_title_key(t, 0xf0, told_key_a);
    case BLOCK:
        return told_disc_key(t);
    default:
        return TOLD_GOOD(t);
    }
}

static bool tell(struct told *t, enum want want, unsigned state)
{
    static const uint32_t senses[] = {
        [W24] = 0x052400, [W2C] = 0x052c00, [W00] = 0x056f00, [W01] = 0x056f01,
        [W02] = 0x056f02, [W04] = 0x056f04, [W21] = 0x052100};

    if (want >= OK) {
        return tell_bytes(t, want, state);
    }
    return told_check(t, senses[want], want == W24 ? 10 : -1);
}

static void check_cell(const struct row *row, unsigned state)
{
    const unsigned next = row->next[state] < 0 ? state : (unsigned)row->next[state];
    struct told t;

    told_init_disc(&t, &told_css_disc);
    t.o.region.mask = REGION_1;
    CU_ASSERT(told_to(&t, 0, (enum oracle_slot_state)state));
    t.o.asf = true;
    row->ask(&t);
    CU_ASSERT(tell(&t, row->want[state], state));
    CU_ASSERT_EQUAL(t.o.slot[0].state, next);
    if (state == ORACLE_BUSKEY) {
        CU_ASSERT_EQUAL(t.o.asf, row->asf_after);
    }
}

static void every_cell_of_the_table_is_judged(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned state = 0; state < ORACLE_SLOT_STATES; state++) {
            check_cell(&rows[i], state);
        }
    }
}

static void a_wrong_key2_clears_asf(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_DCHAL));
    t.o.asf = true;
    ask_wrong(&t);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f00));
    CU_ASSERT(!t.o.asf);
}

static void a_disc_without_keys_has_no_disc_key(void)
{
    struct told t;

    told_init_disc(&t, &told_plain_disc);
    told_ask_disc_key(&t, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f02));
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
    CU_ASSERT_EQUAL(t.o.slot[0].state, ORACLE_BUSKEY);
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
}

/* ---- 2.5 ---- */

static void the_fifth_request_is_refused(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        CU_ASSERT(told_grant(&t, n));
    }
    told_report(&t, 0x00, 3);
    CU_ASSERT(TOLD_CHECK(&t, 0x055500));
    told_send(&t, 0x3f, 2);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT(told_grant(&t, 2));
}

/* ---- choices of the drive ---- */

static void a_variant_is_kept_over_a_restart(void)
{
    uint8_t reply[12] = {0, 0x0a}, other[10] = {0x77};
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    CU_ASSERT_EQUAL(t.o.slot[0].variants, 1u << TOLD_VARIANT);
    ask_challenge(&t);
    CU_ASSERT(TOLD_GOOD(&t));
    told_report(&t, 0x02, 0);
    host_css_key1(TOLD_VARIANT, other, reply + 4);
    CU_ASSERT(told_good(&t, reply, sizeof(reply)));
}

static void a_variant_is_drawn_again_with_each_grant(void)
{
    uint8_t reply[12] = {0, 0x0a}, other[10] = {0x77};
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    report_invalidate(&t);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT(told_grant(&t, 0));
    ask_challenge(&t);
    CU_ASSERT(TOLD_GOOD(&t));
    told_report(&t, 0x02, 0);
    host_css_key1(TOLD_VARIANT + 1, other, reply + 4);
    CU_ASSERT(told_good(&t, reply, sizeof(reply)));
}

static void told_report_cut(struct told *t, uint8_t format, uint8_t alloc)
{
    told_report(t, format, 0);
    t->cdb[8] = 0;
    t->cdb[9] = alloc;
}

/* 1.3: a cut reply counts; what was not seen is open, and held to once it is seen. */
static void cut_replies_count_and_leave_open_what_was_not_seen(void)
{
    uint8_t reply[16];
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_HCHAL));
    told_report_cut(&t, 0x02, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.slot[0].state, ORACLE_KEY1);
    CU_ASSERT_EQUAL(t.o.slot[0].variants, 0xffffffffu);
    told_challenge_reply(reply);
    told_report_cut(&t, 0x01, 6);
    t.free_from = 4;
    t.free_to = 6;
    CU_ASSERT(told_good(&t, reply, 6));
    CU_ASSERT_EQUAL(t.o.slot[0].drive_challenge_known, 2);
    ask_drive_challenge(&t);
    t.free_from = 6;
    t.free_to = 14;
    CU_ASSERT(told_good(&t, reply, sizeof(reply)));
    CU_ASSERT_EQUAL(t.o.slot[0].drive_challenge_known, ORACLE_CHALLENGE_BYTES);
    ask_right(&t);
    t.is_open = true; /* right for one variant only, and any may be the drive's */
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.slot[0].variants, 1u << TOLD_VARIANT);
    t.o.region.mask = REGION_1;
    ask_title(&t);
    CU_ASSERT(told_title_key(&t, 0xf0, told_key_a));
}

static void a_key2_for_an_unseen_challenge_is_the_drives_to_judge(void)
{
    struct told t, other;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    told_report_cut(&t, 0x01, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    ask_right(&t);
    other = t;
    t.is_open = true;
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.slot[0].state, ORACLE_BUSKEY);
    other.is_open = true;
    CU_ASSERT(TOLD_CHECK(&other, 0x056f00));
    CU_ASSERT_EQUAL(other.o.slot[0].state, ORACLE_FREE);
}

static void the_same_challenge_twice_is_seen(void)
{
    struct oracle_answer a = {.data_bytes = 16};
    uint8_t reply[16];
    struct told t;

    told_init_disc(&t, &told_css_disc);
    t.o.challenges_are_fresh = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_DCHAL));
    report_invalidate(&t);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    told_report(&t, 0x01, 0);
    told_challenge_reply(reply);
    a.data = reply;
    {
        const struct oracle_command c = {
            .cdb = t.cdb, .cdb_bytes = t.cdb_bytes, .in_room_bytes = sizeof(reply)};
        const char *text = oracle_judge(&t.o, &c, &a, NULL);

        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        CU_ASSERT(strncmp(text, "DRIVE_CHALLENGE_FRESH ", 22) == 0);
        told_caught[ORACLE_DRIVE_CHALLENGE_FRESH]++;
        reply[4] ^= 1;
        CU_ASSERT_PTR_NULL(oracle_judge(&t.o, &c, &a, NULL));
    }
}

/* ---- 1.4, 1.5 ---- */

static void lists_are_judged_behind_the_state(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    ask_challenge(&t);
    t.list[1] = 0x0d;
    CU_ASSERT(told_check(&t, 0x052400, 10));
    CU_ASSERT(told_grant(&t, 0));
    ask_challenge(&t);
    t.list[1] = 0x0d;
    CU_ASSERT(told_check(&t, 0x052600, TOLD_LIST | 0));
    ask_right(&t);
    t.list[1] = 0x09;
    CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
    CU_ASSERT(told_challenge(&t, 0));
    CU_ASSERT(told_key1(&t, 0));
    CU_ASSERT(told_drive_challenge(&t, 0));
    ask_right(&t);
    t.list[1] = 0x09;
    CU_ASSERT(told_check(&t, 0x052600, TOLD_LIST | 0));
    ask_right(&t);
    t.list[1] = 0x0b;
    CU_ASSERT(TOLD_GOOD(&t));
}

static void short_lists_are_judged_before_the_disc(void)
{
    struct told t;

    told_init(&t);
    told_send(&t, 0x01, 0);
    t.cdb[9] = 15;
    CU_ASSERT(TOLD_CHECK(&t, 0x051a00));
    told_send(&t, 0x03, 0);
    t.list_bytes = 11;
    CU_ASSERT(TOLD_CHECK(&t, 0x051a00));
    told_send(&t, 0x06, 0);
    t.cdb[9] = 7;
    CU_ASSERT(TOLD_CHECK(&t, 0x051a00));
    told_send(&t, 0x01, 0);
    t.cdb[9] = 20;
    t.list_bytes = 20;
    CU_ASSERT(TOLD_CHECK(&t, 0x023a01));
    told_send(&t, 0x3f, 0);
    t.cdb[9] = 8;
    t.list_bytes = 8;
    CU_ASSERT(TOLD_GOOD(&t));
}

static void fields_are_judged_in_their_order(void)
{
    struct told t;

    told_init(&t);
    told_report(&t, 0x11, 0);
    t.cdb[1] = 0x0a;
    t.cdb[7] = 0x02;
    CU_ASSERT(told_check(&t, 0x052400, 1));
    t.cdb[1] = 0xe0;
    CU_ASSERT(told_check(&t, 0x052400, 7));
    t.cdb[7] = 0x00;
    CU_ASSERT(told_check(&t, 0x052400, 10));
    told_send(&t, 0x02, 0);
    CU_ASSERT(told_check(&t, 0x052400, 10));
    told_report(&t, 0x08, 0);
    t.cdb[11] = 0x04;
    t.is_open = true;
    CU_ASSERT(told_check(&t, 0x052400, 11));
    t.is_open = true;
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0x25, 0xff, 1, 0));
}

static void every_reply_may_be_cut(void)
{
    static const uint8_t rpc[] = {0, 6, 0, 0, 0x25, 0xff, 1, 0};
    struct told t;

    told_init(&t);
    for (uint8_t alloc = 0; alloc < 10; alloc++) {
        told_report_cut(&t, 0x08, alloc);
        CU_ASSERT(told_good(&t, rpc, alloc < sizeof(rpc) ? alloc : sizeof(rpc)));
    }
}

void (*const oracle_exchange_scripts[])(void) = {
    the_example_exchange_is_right,
    every_cell_of_the_table_is_judged,
    a_wrong_key2_clears_asf,
    a_disc_without_keys_has_no_disc_key,
    the_fifth_request_is_refused,
    a_variant_is_kept_over_a_restart,
    a_variant_is_drawn_again_with_each_grant,
    cut_replies_count_and_leave_open_what_was_not_seen,
    a_key2_for_an_unseen_challenge_is_the_drives_to_judge,
    the_same_challenge_twice_is_seen,
    lists_are_judged_behind_the_state,
    short_lists_are_judged_before_the_disc,
    fields_are_judged_in_their_order,
    every_reply_may_be_cut,
    NULL,
};

UNIT_SUITE(oracle_exchange, T(the_example_exchange_is_right), T(every_cell_of_the_table_is_judged),
           T(a_wrong_key2_clears_asf), T(a_disc_without_keys_has_no_disc_key),
           T(the_fifth_request_is_refused), T(a_variant_is_kept_over_a_restart),
           T(a_variant_is_drawn_again_with_each_grant),
           T(cut_replies_count_and_leave_open_what_was_not_seen),
           T(a_key2_for_an_unseen_challenge_is_the_drives_to_judge),
           T(the_same_challenge_twice_is_seen), T(lists_are_judged_behind_the_state),
           T(short_lists_are_judged_before_the_disc), T(fields_are_judged_in_their_order),
           T(every_reply_may_be_cut));
