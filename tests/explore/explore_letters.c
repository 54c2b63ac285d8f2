/* SPDX-License-Identifier: GPL-2.0-only */
#include "explore_letters.h"

#include "tests/support/host_css.h"
#include "tests/walk/host_steps.h"

#include <stdio.h>
#include <string.h>

#define BLOCKS       64
#define CLEAR_LBA    0
#define KEYLESS_LBA  32
#define BEYOND_LBA   BLOCKS
#define KEY2_AT      4
#define MASK_AT      4
#define OP_READY     0x00
#define OP_START     0x1b
#define EJECT        0x02
#define LOAD         0x03
#define BOTH_REGIONS 0xfc

/* ---- discs: region 1, region 2, a DVD without CSS ---- */

static const struct oracle_run runs[] = {
    {16, 16, 0xf0, true, {0xa1, 0xa2, 0xa3, 0xa4, 0xa5}},
    {KEYLESS_LBA, 8, 0xc0, false, {0}},
};
static const uint8_t disc_key_block[ORACLE_BLOCK_BYTES] = {0x11, 0x22, 0x33, 0x44, 0x55};

#define CSS_DISC(number, region)                                                                   \
    {                                                                                              \
        .id = (number), .css = true, .rmi = (region), .blocks = BLOCKS, .runs = runs,              \
        .run_count = sizeof(runs) / sizeof(runs[0]), .disc_key_block = disc_key_block              \
    }
static const struct oracle_disc discs[EXPLORE_DISCS] = {
    CSS_DISC(1, 0xfe),
    CSS_DISC(2, 0xfd),
    {.id = 3, .blocks = BLOCKS},
};

/* ---- the rows ---- */

enum part { PART_ALWAYS, PART_DISCS, PART_REGION, PART_EVENTS };

struct explore_row {
    const char *name;
    enum part part;
    enum host_step step;
    void (*bend)(struct step_command *c, const struct oracle *o, unsigned agid);
    const char *(*event)(struct judged_drive *j, unsigned number); /* of the nexus or disc */
};

static void put_lba(struct step_command *c, uint32_t lba)
{
    for (size_t i = 0; i < 4; i++) {
        c->cdb[2 + i] = (uint8_t)(lba >> (24 - 8 * i));
    }
}

static void wrong_bit(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    c->list[KEY2_AT + 4] ^= 0x80;
}

static void of_the_other(struct step_command *c, const struct oracle *o, unsigned agid)
{
    const struct oracle_slot *other = &o->slot[agid ^ 1];

    host_css_key2(host_step_variant(other), other->drive_challenge, c->list + KEY2_AT);
}

static void keyless(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    put_lba(c, KEYLESS_LBA);
}

static void beyond(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    put_lba(c, BEYOND_LBA);
}

static void clear_block(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    put_lba(c, CLEAR_LBA);
}

static void region_1(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    c->list[MASK_AT] = 0xfe;
}

static void region_2(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    c->list[MASK_AT] = 0xfd;
}

static void two_regions(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    c->list[MASK_AT] = BOTH_REGIONS;
}

static void six_bytes(struct step_command *c, uint8_t opcode, uint8_t byte4)
{
    memset(c->cdb, 0, sizeof(c->cdb));
    c->cdb[0] = opcode;
    c->cdb[4] = byte4;
    c->command.cdb_bytes = 6;
}

static void unit_ready(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    six_bytes(c, OP_READY, 0);
}

static void eject_tray(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    six_bytes(c, OP_START, EJECT);
}

static void load_tray(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    six_bytes(c, OP_START, LOAD);
}

static void stop_unit(struct step_command *c, const struct oracle *o, unsigned agid)
{
    (void)o;
    (void)agid;
    six_bytes(c, OP_START, 0);
}

static const char *reset(struct judged_drive *j, unsigned nexus)
{
    (void)nexus;
    return judged_reset(j);
}

static const char *power_cycle(struct judged_drive *j, unsigned nexus)
{
    (void)nexus;
    return judged_power_cycle(j);
}

static const char *come_or_go(struct judged_drive *j, unsigned nexus)
{
    return j->nexus[nexus] ? judged_nexus_goes(j, nexus) : judged_nexus_comes(j, nexus);
}

static const char *take_out(struct judged_drive *j, unsigned nexus)
{
    (void)nexus;
    return judged_eject(j, false);
}

static const char *put_in(struct judged_drive *j, unsigned disc)
{
    return judged_insert(j, &discs[disc]);
}

/* clang-format off */
/* For each nexus under each AGID. */
static const struct explore_row agid_rows[] = {
    {"host challenge",             PART_ALWAYS, STEP_HOST_CHALLENGE,     NULL,         NULL},
    {"KEY1",                       PART_ALWAYS, STEP_KEY1,               NULL,         NULL},
    {"drive challenge",            PART_ALWAYS, STEP_DRIVE_CHALLENGE,    NULL,         NULL},
    {"KEY2",                       PART_ALWAYS, STEP_KEY2,               NULL,         NULL},
    {"KEY2 with a wrong bit",      PART_ALWAYS, STEP_KEY2,               wrong_bit,    NULL},
    {"KEY2 of the other AGID",     PART_ALWAYS, STEP_KEY2,               of_the_other, NULL},
    {"title key",                  PART_ALWAYS, STEP_TITLE_KEY,          NULL,         NULL},
    {"title key where none is",    PART_ALWAYS, STEP_TITLE_KEY,          keyless,      NULL},
    {"title key beyond the disc",  PART_ALWAYS, STEP_TITLE_KEY,          beyond,       NULL},
    {"disc key",                   PART_ALWAYS, STEP_DISC_KEY,           NULL,         NULL},
    {"invalidate",                 PART_ALWAYS, STEP_INVALIDATE,         NULL,         NULL},
    {"invalidate by SEND KEY",     PART_ALWAYS, STEP_INVALIDATE_BY_SEND, NULL,         NULL},
};

/* For each nexus. */
static const struct explore_row nexus_rows[] = {
    {"AGID",                       PART_ALWAYS, STEP_AGID,               NULL,         NULL},
    {"ASF",                        PART_ALWAYS, STEP_ASF,                NULL,         NULL},
    {"RPC state",                  PART_ALWAYS, STEP_RPC_STATE,          NULL,         NULL},
    {"read a gated block",         PART_ALWAYS, STEP_READ_GATED,         NULL,         NULL},
    {"read a clear block",         PART_ALWAYS, STEP_READ_GATED,         clear_block,  NULL},
    {"unit ready",                 PART_ALWAYS, STEP_ASF,                unit_ready,   NULL},
    {"stop",                       PART_ALWAYS, STEP_ASF,                stop_unit,    NULL},
    {"set region 1",               PART_REGION, STEP_REGION,             region_1,     NULL},
    {"set region 2",               PART_REGION, STEP_REGION,             region_2,     NULL},
    {"set two regions",            PART_REGION, STEP_REGION,             two_regions,  NULL},
    {"open the tray",              PART_DISCS,  STEP_ASF,                eject_tray,   NULL},
    {"close the tray",             PART_DISCS,  STEP_ASF,                load_tray,    NULL},
    {"comes or goes",              PART_EVENTS, STEP_ASF,                NULL,         come_or_go},
};

static const struct explore_row drive_rows[] = {
    {"reset",                      PART_EVENTS, STEP_ASF,                NULL,         reset},
    {"power off and on",           PART_EVENTS, STEP_ASF,                NULL,         power_cycle},
    {"take the disc out",          PART_DISCS,  STEP_ASF,                NULL,         take_out},
};

/* For each disc. */
static const struct explore_row disc_rows[] = {
    {"put it in",                  PART_DISCS,  STEP_ASF,                NULL,         put_in},
};
/* clang-format on */

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- the alphabet ---- */

static bool is_in(const struct explore_row *row, const struct explore_scope *scope)
{
    switch (row->part) {
    case PART_DISCS:
        return scope->discs > 0;
    case PART_REGION:
        return scope->changes > 0;
    case PART_EVENTS:
        return scope->events;
    default:
        return true;
    }
}

static void add(struct explore_alphabet *a, const struct explore_scope *scope,
                const struct explore_row *row, unsigned number, unsigned agid)
{
    if (is_in(row, scope)) {
        a->letters[a->count++] = (struct explore_letter){row, number, agid};
    }
}

void explore_alphabet(struct explore_alphabet *a, const struct explore_scope *scope)
{
    a->count = 0;
    for (unsigned n = 0; n < scope->nexuses; n++) {
        for (size_t i = 0; i < EXPLORE_AGIDS * ROWS(agid_rows); i++) {
            add(a, scope, &agid_rows[i / EXPLORE_AGIDS], n, i % EXPLORE_AGIDS);
        }
        for (size_t i = 0; i < ROWS(nexus_rows); i++) {
            add(a, scope, &nexus_rows[i], n, 0);
        }
    }
    for (size_t i = 0; i < ROWS(drive_rows); i++) {
        add(a, scope, &drive_rows[i], 0, 0);
    }
    for (unsigned disc = 0; disc < scope->discs; disc++) {
        add(a, scope, &disc_rows[0], disc, 0);
    }
}

static bool is_row_of(const struct explore_row *row, const struct explore_row *rows, size_t count)
{
    return row >= rows && row < rows + count;
}

void explore_name(const struct explore_letter *letter, char out[static EXPLORE_NAME_BYTES])
{
    const struct explore_row *row = letter->row;

    if (is_row_of(row, agid_rows, ROWS(agid_rows))) {
        snprintf(out, EXPLORE_NAME_BYTES, "nexus %u, AGID %u: %s", letter->number, letter->agid,
                 row->name);
    } else if (is_row_of(row, nexus_rows, ROWS(nexus_rows))) {
        snprintf(out, EXPLORE_NAME_BYTES, "nexus %u: %s", letter->number, row->name);
    } else if (is_row_of(row, disc_rows, ROWS(disc_rows))) {
        snprintf(out, EXPLORE_NAME_BYTES, "disc %u: %s", letter->number + 1, row->name);
    } else {
        snprintf(out, EXPLORE_NAME_BYTES, "%s", row->name);
    }
}

/* ---- the drive ---- */

bool explore_prepare(struct judged_drive *j, const struct explore_scope *scope)
{
    static const char *const regions[] = {"E0FE", "A1FE", "62FE"};

    return judged_quirk(j, "agid_count", "2") && judged_quirk(j, "variant", "fixed:7") &&
           judged_quirk(j, "rpc_initial", regions[scope->changes]);
}

const char *explore_begin(struct judged_drive *j, const struct explore_scope *scope)
{
    const char *text = NULL;

    judged_open(j);
    for (unsigned n = 0; !text && n < scope->nexuses; n++) {
        text = judged_nexus_comes(j, n);
    }
    return text ? text : judged_insert(j, &discs[0]);
}

/* The first two that the drive grants. */
static unsigned agid_number(const struct oracle *o, unsigned agid)
{
    const char *order = oracle_quirk_rows[ORACLE_AGID_ORDER].values;
    const bool lowest = strncmp(order, "lowest", strlen("lowest")) == 0;

    return (o->quirk[ORACLE_AGID_ORDER] == 0) == lowest ? agid : ORACLE_SLOTS - 1 - agid;
}

bool explore_can(const struct judged_drive *j, const struct explore_letter *letter)
{
    return letter->row->event || j->nexus[letter->number]; /* events need nobody */
}

const char *explore_run(struct judged_drive *j, const struct explore_letter *letter, bool *command)
{
    const struct explore_row *row = letter->row;
    const unsigned agid = agid_number(&j->oracle, letter->agid);
    struct step_command c;

    *command = !row->event;
    if (row->event) {
        return row->event(j, letter->number);
    }
    host_step_make(&c, &j->oracle, row->step, letter->number, agid, 1);
    if (row->bend) {
        row->bend(&c, &j->oracle, agid);
    }
    return judged_run(j, &c.command);
}
