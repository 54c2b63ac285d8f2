/* SPDX-License-Identifier: GPL-2.0-only */
#include "steps.h"

#include "tests/support/lcg.h"

#include <string.h>

#define AGID_AT    10 /* of A3h, A4h, ADh: bits 7-6 */
#define AGID_SHIFT 6
#define LIST_AT    4 /* behind the header of a list or a reply */
#define RANGE_LBA  (LAB_BLOCKS + 4)
#define ONE_BLOCK  ORACLE_BLOCK_BYTES

/* clang-format off */
static const struct step_row {
    const char *name;
    uint8_t cdb[HISTORY_CDB_BYTES], cdb_bytes;
    size_t room_bytes, out_bytes;
} rows[STEPS] = {
    [STEP_GRANT]           = {"REPORT KEY 00h",        {0xa4, [9] = 8},                                   12, 8, 0},
    [STEP_CHALLENGE]       = {"SEND KEY 01h",          {0xa3, [9] = 16, [10] = 0x01},                     12, 0, 16},
    [STEP_KEY1]            = {"REPORT KEY 02h",        {0xa4, [9] = 12, [10] = 0x02},                     12, 12, 0},
    [STEP_DRIVE_CHALLENGE] = {"REPORT KEY 01h",        {0xa4, [9] = 16, [10] = 0x01},                     12, 16, 0},
    [STEP_KEY2]            = {"SEND KEY 03h",          {0xa3, [9] = 12, [10] = 0x03},                     12, 0, 12},
    [STEP_DISC_KEY]        = {"disc key",              {0xad, [7] = 2, [8] = 0x08, [9] = 0x04},           12, 4 + ONE_BLOCK, 0},
    [STEP_TITLE_ONE]       = {"title key one",         {0xa4, [5] = LAB_GATED_LBA, [9] = 12, [10] = 4},   12, 12, 0},
    [STEP_TITLE_TWO]       = {"title key two",         {0xa4, [5] = LAB_SECOND_LBA, [9] = 12, [10] = 4},  12, 12, 0},
    [STEP_TITLE_NONE]      = {"title key, none there", {0xa4, [5] = LAB_KEYLESS_LBA, [9] = 12, [10] = 4}, 12, 12, 0},
    [STEP_TITLE_RANGE]     = {"title key, no block",   {0xa4, [5] = RANGE_LBA, [9] = 12, [10] = 4},       12, 12, 0},
    [STEP_BAD_KEY2]        = {"SEND KEY 03h, wrong",   {0xa3, [9] = 12, [10] = 0x03},                     12, 0, 12},
    [STEP_INVALIDATE]      = {"REPORT KEY 3Fh",        {0xa4, [10] = 0x3f},                               12, 0, 0},
    [STEP_ASF]             = {"REPORT KEY 05h",        {0xa4, [9] = 8, [10] = 0x05},                      12, 8, 0},
    [STEP_RPC]             = {"REPORT KEY 08h",        {0xa4, [9] = 8, [10] = 0x08},                      12, 8, 0},
    [STEP_REGION_1]        = {"SEND KEY 06h region 1", {0xa3, [9] = 8, [10] = 0x06},                      12, 0, 8},
    [STEP_REGION_2]        = {"SEND KEY 06h region 2", {0xa3, [9] = 8, [10] = 0x06},                      12, 0, 8},
    [STEP_READ_FREE]       = {"READ(10) free",         {0x28, [5] = 3, [8] = 1},                          10, ONE_BLOCK, 0},
    [STEP_READ_GATED]      = {"READ(10) gated",        {0x28, [5] = LAB_GATED_LBA + 8, [8] = 1},          10, ONE_BLOCK, 0},
    [STEP_READ_EDGE]       = {"READ(10) edge",         {0x28, [5] = LAB_GATED_LBA - 1, [8] = 2},          10, 2 * ONE_BLOCK, 0},
    [STEP_READ_LONG]       = {"READ(10) long",         {0x28, [8] = LAB_LONG_BLOCKS},                     10, LAB_LONG_BLOCKS * ONE_BLOCK, 0},
    [STEP_READ_LONG_GATED] = {"READ(10) long, gated",  {0x28, [5] = LAB_GATED_LBA, [8] = LAB_LONG_BLOCKS}, 10, LAB_LONG_BLOCKS * ONE_BLOCK, 0},
    [STEP_UNIT_READY]      = {"TEST UNIT READY",       {0x00},                                            6, 0, 0},
    [STEP_SENSE]           = {"REQUEST SENSE",         {0x03, [4] = 18},                                  6, 18, 0},
    [STEP_COPYRIGHT]       = {"copyright structure",   {0xad, [7] = 1, [9] = 8},                          12, 8, 0},
    [STEP_EVENT]           = {"GET EVENT media",       {0x4a, 1, [4] = 0x10, [8] = 8},                    10, 8, 0},
    [STEP_EJECT]           = {"eject",                 {0x1b, [4] = 2},                                   6, 0, 0},
    [STEP_LOAD]            = {"load",                  {0x1b, [4] = 3},                                   6, 0, 0},
    [STEP_STOP]            = {"stop",                  {0x1b},                                            6, 0, 0},
    [STEP_PREVENT]         = {"prevent",               {0x1e, [4] = 1},                                   6, 0, 0},
    [STEP_ALLOW]           = {"allow",                 {0x1e},                                            6, 0, 0},
};
/* clang-format on */

static void fill_list(struct op *op, enum step step, struct key_book *book, unsigned agid)
{
    op->out[1] = (uint8_t)(op->out_bytes - 2);
    switch (step) {
    case STEP_CHALLENGE:
        lcg_bytes(&book->random, op->out + LIST_AT, HOST_CSS_CHALLENGE_BYTES);
        break;
    case STEP_KEY2:
    case STEP_BAD_KEY2:
        host_css_key2(book->page[agid].variant, book->page[agid].drive_challenge,
                      op->out + LIST_AT);
        op->out[LIST_AT] ^= step == STEP_BAD_KEY2;
        break;
    case STEP_REGION_1:
        op->out[LIST_AT] = 0xfe;
        break;
    default:
        op->out[LIST_AT] = 0xfd;
        break;
    }
}

struct op *lab_step_begin(struct history *h, enum step step, uint8_t who, uint8_t nexus,
                          struct key_book *book, unsigned agid)
{
    const struct step_row *row = &rows[step];
    struct op *op = history_begin(h, OP_COMMAND, who, row->name);

    if (!op) {
        return NULL;
    }
    op->nexus = nexus;
    memcpy(op->cdb, row->cdb, sizeof(op->cdb));
    op->cdb_bytes = row->cdb_bytes;
    op->room_bytes = row->room_bytes;
    op->out_bytes = row->out_bytes;
    if (op->cdb[0] >= 0xa0) {
        op->cdb[AGID_AT] |= (uint8_t)(agid << AGID_SHIFT);
    }
    if (op->out_bytes) {
        fill_list(op, step, book, agid);
    }
    return op;
}

void lab_step_learn(struct key_book *book, const struct op *op)
{
    const unsigned agid = op->cdb[AGID_AT] >> AGID_SHIFT;
    int variant;

    if (op->kind != OP_COMMAND || op->end != OP_GOOD) {
        return;
    }
    switch ((unsigned)op->cdb[0] << 8 | (op->cdb[AGID_AT] & 0x3f)) {
    case 0xa301:
        memcpy(book->page[agid].host_challenge, op->out + LIST_AT, HOST_CSS_CHALLENGE_BYTES);
        break;
    case 0xa402:
        variant = host_css_find_variant(book->page[agid].host_challenge, op->in + LIST_AT);
        book->page[agid].variant = variant < 0 ? 0 : (unsigned)variant;
        break;
    case 0xa401:
        memcpy(book->page[agid].drive_challenge, op->in + LIST_AT, HOST_CSS_CHALLENGE_BYTES);
        break;
    default:
        break;
    }
}
