/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is on the wire: that a refusal carries no data, where sense stands, and residuals, for
 * expected lengths that agree with the CDB and for those that do not (tgt-notes 6).
 */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/support/raw_iscsi.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define SENSE_SEGMENT_BYTES 20 /* two bytes of length, 18 of sense */
#define GOOD_STATUS         0x00
#define CHECK_CONDITION     0x02

#define IN   (RAW_FINAL | RAW_READ | RAW_SIMPLE)
#define OUT  (RAW_FINAL | RAW_WRITE | RAW_SIMPLE)
#define NONE (RAW_FINAL | RAW_SIMPLE)

enum residual { EXACT, UNDER, OVER };

struct wire_case {
    const char *name;
    uint8_t cdb[12];
    uint32_t flags, expected_bytes;
    uint32_t immediate_bytes; /* of `list`; the rest goes out on an R2T */
    int outcome;
    uint32_t data_bytes;
    enum residual residual;
    uint32_t residual_bytes;
};

/* Parameter data for all cases: a good challenge, and something behind it. */
static const uint8_t list[64] = {0, 0x0e, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

/* ---- one case ---- */

static void fail_case(const struct wire_case *c, const char *what, long seen, long wanted)
{
    char message[200];

    snprintf(message, sizeof(message), "%s: %s %ld (%lxh), wanted %ld (%lxh)", c->name, what, seen,
             (unsigned long)seen, wanted, (unsigned long)wanted);
    CU_assertImplementation(seen == wanted, __LINE__, message, __FILE__, "", CU_FALSE);
}

static int outcome_of(const struct raw_reply *reply)
{
    const uint8_t *sense;

    if (reply->status == GOOD_STATUS) {
        return GOOD;
    }
    if (reply->status != CHECK_CONDITION || reply->segment_bytes != SENSE_SEGMENT_BYTES) {
        return INITIATOR_LOST;
    }
    sense = reply->segment + 2; /* behind the length of the sense */
    return sense[2] << 16 | sense[12] << 8 | sense[13];
}

/* All of RFC 7143 11.4.7.2 and of windows-spec f.9 that a refusal has to keep. */
static void check_refusal(const struct wire_case *c, const struct raw_reply *reply)
{
    fail_case(c, "Data-In PDUs", (long)reply->data_in_pdus, 0);
    fail_case(c, "data segment", (long)reply->segment_bytes, SENSE_SEGMENT_BYTES);
    if (reply->segment_bytes == SENSE_SEGMENT_BYTES) {
        fail_case(c, "sense length", reply->segment[0] << 8 | reply->segment[1], 18);
        fail_case(c, "response code", reply->segment[2] & 0x7f, 0x70);
        fail_case(c, "additional sense length", reply->segment[2 + 7], 10);
    }
}

static void check_reply(const struct wire_case *c, const struct raw_reply *reply)
{
    fail_case(c, "outcome", outcome_of(reply), c->outcome);
    fail_case(c, "data bytes", (long)reply->data_in_bytes, c->data_bytes);
    fail_case(c, "underflow", reply->underflow, c->residual == UNDER);
    fail_case(c, "overflow", reply->overflow, c->residual == OVER);
    fail_case(c, "residual", reply->residual_bytes, c->residual_bytes);
    if (reply->status == CHECK_CONDITION) {
        check_refusal(c, reply);
    }
}

static bool run_case(struct raw_iscsi *raw, const struct wire_case *c, struct raw_reply *reply)
{
    /* by the opcode's group (SPC); 16 is more than any case has, vendors do as they like */
    static const uint8_t group_bytes[8] = {6, 10, 10, 12, 12, 12, 12, 12};
    const struct raw_command command = {.cdb = c->cdb,
                                        .cdb_bytes = group_bytes[c->cdb[0] >> 5],
                                        .flags = (uint8_t)c->flags,
                                        .expected_bytes = c->expected_bytes,
                                        .immediate = list,
                                        .immediate_bytes = c->immediate_bytes,
                                        .out = list,
                                        .out_bytes = sizeof(list)};

    return raw_run(raw, &command, reply);
}

static void walk(struct raw_iscsi *raw, const struct wire_case *cases, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        struct raw_reply reply;
        bool answered = run_case(raw, &cases[n], &reply);

        fail_case(&cases[n], "answered", answered, true);
        if (answered) {
            check_reply(&cases[n], &reply);
        }
        raw_reply_free(&reply);
    }
}

#define WALK(raw, cases) walk((raw), (cases), sizeof(cases) / sizeof((cases)[0]))

static struct raw_iscsi *wire(struct served *s)
{
    struct raw_iscsi *raw = raw_login(served_url(s, 0), "iqn.2026-01.org.example:raw");

    CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
    return raw;
}

/* ---- refusals ---- */

/* clang-format off */
static const struct wire_case refusals[] = {
    /* name                             CDB                                           flags  EDTL  imm  outcome       data residual */
    {"attention of the login",          {0x28, 0, 0, 0, 0, 0, 0, 0, 32, 0},           IN,   65536, 0,  POWER_ON,        0, UNDER, 65536},
    {"unknown opcode",                  {0x02},                                       IN,     512, 0,  BAD_OPCODE,      0, UNDER, 512},
    {"write opcode",                    {0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0},            OUT,     64, 64, BAD_OPCODE,      0, UNDER, 64},
    {"vendor opcode",                   {0xf0},                                       IN,    2048, 0,  BAD_OPCODE,      0, UNDER, 2048},
    {"bad field",                       {0x12, 0, 0x80, 0, 96, 0},                    IN,      96, 0,  CDB_FIELD,       0, UNDER, 96},
    {"link in the control byte",        {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 1},            IN,    2048, 0,  CDB_FIELD,       0, UNDER, 2048},
    {"NACA in the control byte",        {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 4},            IN,    2048, 0,  CDB_FIELD,       0, UNDER, 2048},
    {"key class of AACS",               {0xa4, 0, 0, 0, 0, 0, 0, 2, 0, 8, 0, 0},      IN,       8, 0,  CDB_FIELD,       0, UNDER, 8},
    {"key format 11h",                  {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0x11, 0},   IN,       8, 0,  CDB_FIELD,       0, UNDER, 8},
    {"KEY1 of an AGID not granted",     {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12, 2, 0},     IN,      12, 0,  CDB_FIELD,       0, UNDER, 12},
    {"title key without bus key",       {0xa4, 0, 0, 0, 0, 80, 0, 0, 0, 12, 4, 0},    IN,      12, 0,  NOT_ESTABLISHED, 0, UNDER, 12},
    {"disc key without bus key",        {0xad, 0, 0, 0, 0, 0, 0, 2, 8, 4, 0, 0},      IN,    2052, 0,  NOT_ESTABLISHED, 0, UNDER, 2052},
    {"structure format 10h",            {0xad, 0, 0, 0, 0, 0, 0, 0x10, 8, 4, 0, 0},   IN,    2052, 0,  CDB_FIELD,       0, UNDER, 2052},
    {"scrambled block at the end",      {0x28, 0, 0, 0, 0, 48, 0, 0, 33, 0},          IN,   67584, 0,  SCRAMBLED,       0, UNDER, 67584},
    {"past the end",                    {0x28, 0, 0, 0, 3, 0xff, 0, 0, 2, 0},         IN,    4096, 0,  LBA_RANGE,       0, UNDER, 4096},
    {"challenge for no AGID",           {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0xc1, 0},  OUT,     16, 16, CDB_FIELD,       0, EXACT, 0},
};
/* clang-format on */

static void a_refusal_carries_sense_and_no_data(void)
{
    struct raw_iscsi *raw = wire(rig_serve_css());

    WALK(raw, refusals);
    raw_close(raw, false);
}

static void a_refusal_without_a_disc_carries_no_data(void)
{
    /* clang-format off */
    static const struct wire_case cases[] = {
        {"login",          {0x00},                                    NONE,    0, 0, POWER_ON,          0, EXACT, 0},
        {"read",           {0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0},         IN,   2048, 0, TRAY_CLOSED_EMPTY, 0, UNDER, 2048},
        {"capacity",       {0x25},                                    IN,      8, 0, TRAY_CLOSED_EMPTY, 0, UNDER, 8},
        {"table",          {0x43, 2, 0, 0, 0, 0, 0, 3, 0x24, 0},      IN,    804, 0, TRAY_CLOSED_EMPTY, 0, UNDER, 804},
        {"AGID",           {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0},   IN,      8, 0, TRAY_CLOSED_EMPTY, 0, UNDER, 8},
        {"copyright",      {0xad, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0},   IN,      8, 0, TRAY_CLOSED_EMPTY, 0, UNDER, 8},
        {"region",         {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 0},   IN,      8, 0, GOOD,              8, EXACT, 0},
    };
    /* clang-format on */
    struct raw_iscsi *raw = wire(RIG_SERVE("--state", "none", "--disc", "none"));

    WALK(raw, cases);
    raw_close(raw, false);
}

/* ---- residuals ---- */

/* clang-format off */
static const struct wire_case residuals[] = {
    {"login",                           {0x00},                                       NONE,     0, 0,  POWER_ON,        0, EXACT, 0},
    {"read, as the CDB says",           {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0},            IN,    8192, 0,  GOOD,         8192, EXACT, 0},
    {"read, more room",                 {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0},            IN,   10000, 0,  GOOD,         8192, UNDER, 1808},
    {"read, less room",                 {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0},            IN,    5000, 0,  GOOD,         5000, OVER,  3192},
    {"read, no room",                   {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0},            IN,       0, 0,  GOOD,            0, OVER,  8192},
    {"read of nothing",                 {0x28, 0, 0, 0, 0, 3, 0, 0, 0, 0},            IN,    2048, 0,  GOOD,            0, UNDER, 2048},
    {"inquiry, less than asked for",    {0x12, 0, 0, 0, 255, 0},                      IN,     255, 0,  GOOD,           96, UNDER, 159},
    {"inquiry, allocation 36",          {0x12, 0, 0, 0, 36, 0},                       IN,      36, 0,  GOOD,           36, EXACT, 0},
    {"inquiry, allocation 36, room 20", {0x12, 0, 0, 0, 36, 0},                       IN,      20, 0,  GOOD,           20, OVER,  16},
    {"inquiry, odd length",             {0x12, 0, 0, 0, 37, 0},                       IN,      37, 0,  GOOD,           37, EXACT, 0},
    {"region, allocation 8, room 16",   {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 0},      IN,      16, 0,  GOOD,            8, UNDER, 8},
    {"region, allocation 65535",        {0xa4, 0, 0, 0, 0, 0, 0, 0, 255, 255, 8, 0},  IN,   65535, 0,  GOOD,            8, UNDER, 65527},
    {"region, allocation 4",            {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 8, 0},      IN,       8, 0,  GOOD,            4, UNDER, 4},
    {"AGID, as Windows asks",           {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0},      IN,       8, 0,  GOOD,            8, EXACT, 0},
    {"challenge, exact",                {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     OUT,     16, 16, GOOD,            0, EXACT, 0},
    {"challenge, on an R2T",            {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     OUT,     16, 0,  GOOD,            0, EXACT, 0},
    {"challenge, half on an R2T",       {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     OUT,     16, 8,  GOOD,            0, EXACT, 0},
    {"challenge, more data than said",  {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     OUT,     20, 20, GOOD,            0, UNDER, 4},
    {"challenge, less data than said",  {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     OUT,     12, 12, LIST_LENGTH,     0, OVER,  4},
    {"challenge, no data at all",       {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     NONE,     0, 0,  LIST_LENGTH,     0, EXACT, 0},
    {"challenge, as a read",            {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     IN,      16, 0,  LIST_LENGTH,     0, UNDER, 16},
    {"KEY1, as libdvdcss asks",         {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12, 2, 0},     IN,      12, 0,  GOOD,           12, EXACT, 0},
    {"drive challenge, less room",      {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0},     IN,       8, 0,  GOOD,            8, OVER,  8},
    {"end of session, Linux",           {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0},   IN,       0, 0,  GOOD,            0, EXACT, 0},
    {"end of session, NetBSD",          {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0},   IN,      16, 0,  GOOD,            0, UNDER, 16},
    {"end of session, Windows",         {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0},   NONE,     0, 0,  GOOD,            0, EXACT, 0},
    {"end of session with a list",      {0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0x3f, 0},   OUT,      4, 4,  GOOD,            0, EXACT, 0},
};
/* clang-format on */

static void residuals_are_the_truth(void)
{
    struct raw_iscsi *raw = wire(rig_serve_css());

    WALK(raw, residuals);
    raw_close(raw, false);
}

static void a_cut_read_is_the_beginning_of_the_whole_one(void)
{
    static const struct wire_case cut = {
        "cut read", {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0}, IN, 5000, 0, GOOD, 5000, OVER, 3192};
    uint8_t got[5000], wanted[3 * RIG_BLOCK_BYTES];
    struct raw_iscsi *raw = wire(rig_serve_css());
    struct raw_reply reply;

    CU_ASSERT_TRUE_FATAL(run_case(raw, &refusals[0], &reply)); /* takes the attention */
    raw_reply_free(&reply);
    for (uint32_t n = 0; n < 3; n++) {
        rig_block(3 + n, wanted + n * RIG_BLOCK_BYTES);
    }
    CU_ASSERT_TRUE(run_case(raw, &cut, &reply));
    CU_ASSERT_EQUAL(raw_data_in(&reply, got, sizeof(got)), sizeof(got));
    CU_ASSERT_EQUAL(memcmp(got, wanted, sizeof(got)), 0);
    raw_reply_free(&reply);
    raw_close(raw, false);
}

/* ---- directions and lengths that no honest host sends ---- */

/* clang-format off */
static const struct wire_case dishonest[] = {
    {"login",                           {0x00},                                       NONE,     0, 0,  POWER_ON,        0, EXACT, 0},
    {"read without a direction",        {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0},            NONE,     0, 0,  GOOD,            0, EXACT, 0},
    {"read with data instead of room",  {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0},            OUT,     64, 64, GOOD,            0, UNDER, 64},
    {"ready test with room",            {0x00},                                       IN,    4096, 0,  GOOD,            0, UNDER, 4096},
    {"2 GiB - 4 for an inquiry",        {0x12, 0, 0, 0, 36, 0},                       IN, 0x7ffffffc, 0, GOOD,         36, UNDER, 0x7ffffffc - 36},
    {"2 GiB - 4 for a read",            {0x28, 0, 0, 0, 0, 3, 0, 0, 1, 0},            IN, 0x7ffffffc, 0, GOOD,       2048, UNDER, 0x7ffffffc - 2048},
};
/* clang-format on */

static void wrong_directions_and_lengths_do_no_harm(void)
{
    struct raw_iscsi *raw = wire(rig_serve_css());

    WALK(raw, dishonest);
    raw_close(raw, false);
}

/* From 2^31 on tgtd has no buffer to put data into: whatever it answers, there is none. */
static void two_gib_expected_gets_no_data_and_harms_nobody(void)
{
    static const uint32_t expected[] = {0x80000000u, 0x80000001u, 0xfffffffcu, 0xffffffffu};
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    for (size_t n = 0; n < sizeof(expected) / sizeof(expected[0]); n++) {
        struct wire_case c = {
            "2 GiB", {0x28, 0, 0, 0, 0, 3, 0, 0, 4, 0}, IN, expected[n], 0, GOOD, 0, EXACT, 0};
        struct raw_iscsi *raw = wire(s);
        struct raw_reply reply;

        run_case(raw, &c, &reply);
        CU_ASSERT_EQUAL(reply.data_in_bytes, 0);
        raw_reply_free(&reply);
        raw_close(raw, false);
        EXPECT(touch_block(i, 3), GOOD);
    }
    CU_ASSERT(served_is_running(s));
}

UNIT_SUITE(raw_wire, T(a_refusal_carries_sense_and_no_data),
           T(a_refusal_without_a_disc_carries_no_data), T(residuals_are_the_truth),
           T(a_cut_read_is_the_beginning_of_the_whole_one),
           T(wrong_directions_and_lengths_do_no_harm),
           T(two_gib_expected_gets_no_data_and_harms_nobody));
