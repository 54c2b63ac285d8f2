/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every command in every stage: the table of mmc-spec 2.3, typed again. Each cell is run twice,
 * once to find out the stage that follows, and, where the AGID stays, once to go on from there:
 * a refusal must not have spoilt what the exchange remembers.
 */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <stdio.h>

/* ---- the commands ---- */

/* The AGID that it gets goes back at once, so the pool is as before. */
static int request_another(struct exchange *x)
{
    struct exchange other = {.i = x->i};
    int outcome = ask_agid(&other);

    if (outcome == GOOD) {
        CU_ASSERT_NOT_EQUAL(other.agid, x->agid);
        EXPECT(invalidate(&other), GOOD);
    }
    return outcome;
}

static int take_title_key(struct exchange *x, uint32_t lba)
{
    uint8_t cpr_mai, key[5];

    return ask_title_key(x, lba, &cpr_mai, key);
}

static int title_key(struct exchange *x)
{
    return take_title_key(x, RIG_SCRAMBLED_LBA);
}

static int title_key_none(struct exchange *x)
{
    return take_title_key(x, RIG_KEYLESS_LBA);
}

static int title_key_past_end(struct exchange *x)
{
    return take_title_key(x, RIG_BLOCKS);
}

static int disc_key(struct exchange *x)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];

    return ask_disc_key(x, block);
}

static int invalidate_by_send(struct exchange *x)
{
    return RUN(x->i, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(x->agid << 6 | 0x3f), 0);
}

static int report_asf(struct exchange *x)
{
    uint8_t reply[8];

    return report_key(x->i, x->agid, 0x05, 0, reply, sizeof(reply));
}

static int report_rpc(struct exchange *x)
{
    uint8_t reply[8];

    return report_key(x->i, x->agid, 0x08, 0, reply, sizeof(reply));
}

static int read_clear(struct exchange *x)
{
    return touch_block(x->i, RIG_CLEAR_LBA);
}

static int mode_sense(struct exchange *x)
{
    uint8_t reply[40];

    return RUN_IN(x->i, reply, sizeof(reply), 0x5a, 8, 0x2a, 0, 0, 0, 0, 0, sizeof(reply), 0);
}

static int copyright(struct exchange *x)
{
    uint8_t reply[8];

    return read_structure(x->i, x->agid, 0x01, 0, reply, sizeof(reply));
}

/* Lists that are too short, or that say they are. */
static int short_challenge(struct exchange *x)
{
    const uint8_t list[15] = {0, 0x0e};

    return send_key(x->i, x->agid, 0x01, list, sizeof(list));
}

static int short_key2(struct exchange *x)
{
    const uint8_t list[11] = {0, 0x0a};

    return send_key(x->i, x->agid, 0x03, list, sizeof(list));
}

/* ---- the table ---- */

struct cell {
    int outcome;
    enum stage next;
};

struct row {
    const char *name;
    int (*run)(struct exchange *);
    struct cell cells[STAGES];
};

/* As a next stage: the one it is in. */
#define S STAGES

/* clang-format off */
static const struct row table[] = {
    /*                                                  FREE                   GRANTED                HCHAL                  KEY1                   DCHAL                  BUSKEY */
    {"REPORT KEY 00h", request_another,               {{GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S}}},
    {"SEND KEY 01h", send_challenge,                  {{CDB_FIELD, S},        {GOOD, HCHAL},         {GOOD, HCHAL},         {GOOD, HCHAL},         {GOOD, HCHAL},         {GOOD, HCHAL}}},
    {"REPORT KEY 02h", ask_key1,                      {{CDB_FIELD, S},        {SEQUENCE, S},         {GOOD, KEY1},          {GOOD, S},             {SEQUENCE, S},         {SEQUENCE, S}}},
    {"REPORT KEY 01h", ask_challenge,                 {{CDB_FIELD, S},        {SEQUENCE, S},         {SEQUENCE, S},         {GOOD, DCHAL},         {GOOD, S},             {SEQUENCE, S}}},
    {"SEND KEY 03h, right", send_right_key2,          {{CDB_FIELD, S},        {SEQUENCE, S},         {SEQUENCE, S},         {SEQUENCE, S},         {GOOD, BUSKEY},        {SEQUENCE, S}}},
    {"SEND KEY 03h, wrong", send_wrong_key2,          {{CDB_FIELD, S},        {SEQUENCE, S},         {SEQUENCE, S},         {SEQUENCE, S},         {AUTH_FAILURE, FREE},  {SEQUENCE, S}}},
    {"REPORT KEY 04h", title_key,                     {{NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {GOOD, FREE}}},
    {"REPORT KEY 04h, no key there", title_key_none,  {{NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NO_KEY, S}}},
    {"REPORT KEY 04h, past the end", title_key_past_end, {{NOT_ESTABLISHED, S}, {NOT_ESTABLISHED, S}, {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {LBA_RANGE, S}}},
    {"READ DVD STRUCTURE 02h", disc_key,              {{NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {NOT_ESTABLISHED, S},  {GOOD, FREE}}},
    {"REPORT KEY 3Fh", invalidate,                    {{GOOD, S},             {GOOD, FREE},          {GOOD, FREE},          {GOOD, FREE},          {GOOD, FREE},          {GOOD, FREE}}},
    {"SEND KEY 3Fh", invalidate_by_send,              {{GOOD, S},             {GOOD, FREE},          {GOOD, FREE},          {GOOD, FREE},          {GOOD, FREE},          {GOOD, FREE}}},
    {"REPORT KEY 05h", report_asf,                    {{GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S}}},
    {"REPORT KEY 08h", report_rpc,                    {{GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S}}},
    {"READ(10)", read_clear,                          {{GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S}}},
    {"MODE SENSE(10)", mode_sense,                    {{GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S}}},
    {"READ DVD STRUCTURE 01h", copyright,             {{GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S},             {GOOD, S}}},
    /* step 3 of mmc-spec 1.5 comes before the AGID */
    {"SEND KEY 01h, short list", short_challenge,     {{LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S}}},
    {"SEND KEY 03h, short list", short_key2,          {{LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S},      {LIST_LENGTH, S}}},
};
/* clang-format on */

#define ROWS (sizeof(table) / sizeof(table[0]))

/* ---- the walk ---- */

static void fail_cell(const struct row *row, enum stage stage, const char *what)
{
    char message[160];

    snprintf(message, sizeof(message), "%s in %s: %s", row->name, stage_names[stage], what);
    CU_assertImplementation(CU_FALSE, __LINE__, message, __FILE__, "", CU_FALSE);
}

static void run_cell(struct exchange *x, struct initiator *i, const struct row *row,
                     enum stage stage)
{
    char text[160];

    snprintf(text, sizeof(text), "%s in %s", row->name, stage_names[stage]);
    go_to(x, i, stage);
    expect_outcome(row->run(x), row->cells[stage].outcome, text, __FILE__, __LINE__);
}

static void walk_cell(struct initiator *i, const struct row *row, enum stage stage)
{
    enum stage next = row->cells[stage].next == S ? stage : row->cells[stage].next;
    struct exchange x;

    run_cell(&x, i, row, stage);
    if (find_stage(&x) != next) {
        fail_cell(row, stage, "not the stage that should follow");
    }
    EXPECT(invalidate(&x), GOOD);
    run_cell(&x, i, row, stage);
    if (!complete_from(&x, next)) {
        fail_cell(row, stage, "the exchange cannot be completed from there");
    }
    EXPECT(invalidate(&x), GOOD);
}

static void every_cell_of_the_table(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");

    for (size_t n = 0; n < ROWS; n++) {
        for (enum stage stage = FREE; stage < STAGES; stage++) {
            walk_cell(i, &table[n], stage);
        }
    }
}

/* Rows that take another disc. */
static void walk_row(const char *regions, const struct row *row)
{
    const char *disc = rig_write_css_disc("css.disc", regions);
    struct initiator *i = rig_ready(RIG_SERVE("--state", "none", disc), 0, "a");

    for (enum stage stage = FREE; stage < STAGES; stage++) {
        walk_cell(i, row, stage);
    }
}

static void title_key_of_another_region_in_every_stage(void)
{
    static const struct row row = {"REPORT KEY 04h, other region",
                                   title_key,
                                   {{NOT_ESTABLISHED, S},
                                    {NOT_ESTABLISHED, S},
                                    {NOT_ESTABLISHED, S},
                                    {NOT_ESTABLISHED, S},
                                    {NOT_ESTABLISHED, S},
                                    {REGION_MISMATCH, S}}};

    walk_row("2", &row);
}

static int key_of_plain_disc(struct exchange *x)
{
    int by_title = take_title_key(x, 0), by_disc = disc_key(x);

    return by_title == by_disc ? by_disc : INITIATOR_LOST;
}

static void a_disc_without_keys_lets_the_handshake_pass(void)
{
    const char *image = rig_write_image("plain.iso");
    struct initiator *i = rig_ready(RIG_SERVE("--state", "none", image), 0, "a");
    struct exchange x;

    for (enum stage stage = FREE; stage < BUSKEY; stage++) {
        go_to(&x, i, stage);
        EXPECT(key_of_plain_disc(&x), NOT_ESTABLISHED);
        EXPECT(invalidate(&x), GOOD);
    }
    go_to(&x, i, BUSKEY);
    EXPECT(key_of_plain_disc(&x), NO_KEY);
    EXPECT(key_of_plain_disc(&x), NO_KEY); /* and stays */
    EXPECT(ask_key1(&x), SEQUENCE);
}

/* An AGID that nobody holds is a field of the CDB that is wrong, and the sense says which. */
static void an_ungranted_agid_is_pointed_at(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    struct exchange x = {.i = i, .agid = 3};

    EXPECT(ask_key1(&x), CDB_FIELD);
    CU_ASSERT_EQUAL(last_result.sense_bytes, 18);
    CU_ASSERT_EQUAL(last_result.sense[7], 10);
    CU_ASSERT_EQUAL(last_result.sense[15], 0xc0);
    CU_ASSERT_EQUAL(last_result.sense[16] << 8 | last_result.sense[17], 10);
}

UNIT_SUITE(out_of_order, T(every_cell_of_the_table), T(title_key_of_another_region_in_every_stage),
           T(a_disc_without_keys_lets_the_handshake_pass), T(an_ungranted_agid_is_pointed_at));
