/* SPDX-License-Identifier: GPL-2.0-only */
#include "walk_host.h"

#include "tests/support/host_css.h"
#include "walk_disc.h"

#include <string.h>

#define OP_READY         0x00
#define OP_REQUEST_SENSE 0x03
#define OP_START_STOP    0x1b
#define OP_PREVENT_ALLOW 0x1e
#define OP_READ_10       0x28
#define OP_SEND_KEY      0xa3
#define OP_REPORT_KEY    0xa4
#define OP_READ_12       0xa8
#define OP_STRUCTURE     0xad

struct host {
    struct walk_command *c;
    struct walk_random *r;
    const struct oracle *o;
};

/* ---- parts of a command ---- */

static void cdb_is(struct host *h, uint8_t opcode, size_t bytes)
{
    h->c->cdb[0] = opcode;
    h->c->command.cdb_bytes = bytes;
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

static void list_is(struct host *h, size_t bytes, uint32_t length)
{
    put16(h->c->cdb + 8, (uint32_t)bytes);
    put16(h->c->list, length);
    h->c->command.out_bytes = bytes;
}

static uint32_t draw_lba(struct host *h)
{
    const struct oracle_disc nothing = {.blocks = 100};

    return walk_disc_lba(h->o->disc ? h->o->disc : &nothing, h->r);
}

/* For title keys: half of the time a block that has one. */
static uint32_t draw_title_lba(struct host *h)
{
    const struct oracle_disc *disc = h->o->disc;
    const uint32_t from = disc && disc->run_count ? walk_below(h->r, (uint32_t)disc->run_count) : 0;

    if (!disc || !disc->css || walk_chance(h->r, 500)) {
        return draw_lba(h);
    }
    for (size_t i = 0; i < disc->run_count; i++) {
        const struct oracle_run *run = &disc->runs[(from + i) % disc->run_count];

        if (run->has_key) {
            return run->lba + walk_below(h->r, run->blocks);
        }
    }
    return draw_lba(h);
}

/* Allocation lengths: most hosts ask for all or more, some cut. */
static void draw_allocation(struct host *h, uint32_t whole)
{
    uint32_t alloc = whole;

    if (walk_chance(h->r, 150)) {
        alloc = walk_below(h->r, whole + 2);
    } else if (walk_chance(h->r, 200)) {
        alloc = walk_chance(h->r, 500) ? 0xffff : whole + walk_below(h->r, 5000);
    }
    put16(h->c->cdb + 8, alloc);
}

static const struct oracle_slot *slot_at(const struct host *h, unsigned agid)
{
    return &h->o->slot[agid];
}

/* ---- steps of an exchange ---- */

static void draw_challenge(struct host *h)
{
    list_is(h, 16, 0x0e);
    lcg_bytes(&h->r->state, h->c->list + 4, ORACLE_CHALLENGE_BYTES);
}

/* The right KEY2 as far as the host can know: it takes the first variant that KEY1 allows. */
static void reckon_key2(struct host *h, unsigned agid)
{
    const struct oracle_slot *slot = slot_at(h, agid);
    unsigned variant = 0;

    while (variant < HOST_CSS_VARIANTS - 1 && !(slot->variants >> variant & 1)) {
        variant++;
    }
    list_is(h, 12, 0x0a);
    host_css_key2(variant, slot->drive_challenge, h->c->list + 4);
    if (walk_chance(h->r, 100)) {
        h->c->list[4 + walk_below(h->r, ORACLE_KEY_BYTES)] ^= (uint8_t)(1 + walk_below(h->r, 255));
    }
}

static void draw_mask(struct host *h)
{
    const uint32_t what = walk_below(h->r, 10);

    list_is(h, 8, 0x06);
    if (what < 7) {
        h->c->list[4] = (uint8_t) ~(1u << walk_below(h->r, 8));
    } else if (what == 7) {
        h->c->list[4] = h->o->region.mask;
    } else {
        h->c->list[4] = walk_byte(h->r);
    }
}

static void send_key(struct host *h, unsigned agid, uint8_t format)
{
    cdb_is(h, OP_SEND_KEY, 12);
    h->c->cdb[10] = (uint8_t)(agid << 6 | format);
    if (format == 0x01) {
        draw_challenge(h);
    } else if (format == 0x03) {
        reckon_key2(h, agid);
    } else if (format == 0x06) {
        draw_mask(h);
    }
}

static void report_key(struct host *h, unsigned agid, uint8_t format)
{
    cdb_is(h, OP_REPORT_KEY, 12);
    h->c->cdb[10] = (uint8_t)(agid << 6 | format);
    draw_allocation(h, format == 0x01 ? 16 : format == 0x02 || format == 0x04 ? 12 : 8);
    if (format == 0x04) {
        put32(h->c->cdb + 2, draw_title_lba(h));
    }
}

static void structure(struct host *h, unsigned agid, uint8_t format)
{
    cdb_is(h, OP_STRUCTURE, 12);
    h->c->cdb[7] = format;
    h->c->cdb[10] = (uint8_t)(agid << 6);
    put32(h->c->cdb + 2, draw_lba(h));
    draw_allocation(h, format == 0x02 ? 2052 : 8);
}

/* What a host does next with an AGID in that state. */
static void next_step(struct host *h, unsigned agid)
{
    switch (slot_at(h, agid)->state) {
    case ORACLE_FREE:
        report_key(h, agid, 0x00);
        break;
    case ORACLE_GRANTED:
        send_key(h, agid, 0x01);
        break;
    case ORACLE_HCHAL:
        report_key(h, agid, 0x02);
        break;
    case ORACLE_KEY1:
        report_key(h, agid, 0x01);
        break;
    case ORACLE_DCHAL:
        if (slot_at(h, agid)->drive_challenge_known < ORACLE_CHALLENGE_BYTES) {
            report_key(h, agid, 0x01);
        } else {
            send_key(h, agid, 0x03);
        }
        break;
    default:
        if (h->o->disc && !h->o->disc->css && walk_chance(h->r, 300)) {
            send_key(h, agid, 0x3f); /* no key will come */
        } else if (walk_chance(h->r, 300)) {
            structure(h, agid, 0x02);
        } else {
            report_key(h, agid, 0x04);
        }
        break;
    }
}

/* Half of the time the AGID that has come furthest, so that exchanges end. */
static void go_on(struct host *h)
{
    unsigned agid = walk_below(h->r, ORACLE_SLOTS);

    for (unsigned n = 0; walk_chance(h->r, 800) && n < ORACLE_SLOTS; n++) {
        if (slot_at(h, n)->state > slot_at(h, agid)->state) {
            agid = n;
        }
    }
    next_step(h, agid);
}

/* ---- other key commands ---- */

static void any_step(struct host *h)
{
    static const uint8_t reports[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x3f};
    static const uint8_t sends[] = {0x01, 0x03, 0x06, 0x3f};
    const unsigned agid = walk_below(h->r, ORACLE_SLOTS);

    if (walk_chance(h->r, 120)) {
        structure(h, agid, 0x02);
    } else if (walk_chance(h->r, 600)) {
        report_key(h, agid, reports[walk_below(h->r, sizeof(reports))]);
    } else {
        send_key(h, agid, sends[walk_below(h->r, sizeof(sends))]);
    }
}

static void spoil_list(struct host *h)
{
    struct oracle_command *c = &h->c->command;

    switch (walk_below(h->r, 5)) {
    case 0: /* a list that is announced shorter, or longer */
        put16(h->c->cdb + 8, walk_below(h->r, 24));
        c->out_bytes = h->c->cdb[9];
        break;
    case 1: /* one that does not arrive whole */
        c->out_bytes = walk_below(h->r, (uint32_t)c->out_bytes + 1);
        break;
    case 2:
        put16(h->c->list, walk_below(h->r, 20));
        break;
    case 3:
        h->c->list[0] = walk_byte(h->r);
        break;
    default:
        lcg_bytes(&h->r->state, h->c->list, sizeof(h->c->list));
        break;
    }
}

/* A key command with something in it that is not as it should be. */
static void spoilt_step(struct host *h)
{
    const bool any = walk_chance(h->r, 400);

    if (any) {
        any_step(h);
    } else {
        go_on(h);
    }
    switch (walk_below(h->r, 6)) {
    case 0:
        h->c->cdb[1] = walk_byte(h->r);
        break;
    case 1:
        h->c->cdb[7] = walk_byte(h->r);
        break;
    case 2:
        h->c->cdb[10] = walk_byte(h->r);
        break;
    case 3:
        h->c->command.cdb_bytes = 1 + walk_below(h->r, WALK_CDB_BYTES);
        break;
    default:
        spoil_list(h);
        break;
    }
}

static void any_structure(struct host *h)
{
    static const uint8_t formats[] = {0x01, 0x05, 0x02, 0x00, 0x03, 0x04, 0xff};
    const bool known = walk_chance(h->r, 900);

    structure(h, walk_below(h->r, ORACLE_SLOTS),
              known ? formats[walk_below(h->r, sizeof(formats))] : walk_byte(h->r));
    if (walk_chance(h->r, 50)) {
        h->c->cdb[1] = walk_byte(h->r);
    }
}

static void set_region(struct host *h)
{
    send_key(h, walk_below(h->r, ORACLE_SLOTS), 0x06);
}

static void ask_drive(struct host *h)
{
    report_key(h, walk_below(h->r, ORACLE_SLOTS), walk_chance(h->r, 500) ? 0x05 : 0x08);
}

/* ---- the rest ---- */

static void read_blocks(struct host *h)
{
    const uint32_t blocks = walk_chance(h->r, 40) ? walk_below(h->r, 0x10000) : walk_below(h->r, 9);

    if (walk_chance(h->r, 500)) {
        cdb_is(h, OP_READ_10, 10);
        put16(h->c->cdb + 7, blocks);
    } else {
        cdb_is(h, OP_READ_12, 12);
        put32(h->c->cdb + 6, walk_chance(h->r, 10) ? 0xffffffffu : blocks);
    }
    put32(h->c->cdb + 2, draw_lba(h));
    if (walk_chance(h->r, 50)) {
        h->c->cdb[1] = 0x18; /* DPO, FUA */
    }
}

static void unit_ready(struct host *h)
{
    cdb_is(h, OP_READY, 6);
}

static void request_sense(struct host *h)
{
    cdb_is(h, OP_REQUEST_SENSE, 6);
    h->c->cdb[1] = walk_chance(h->r, 100);
    h->c->cdb[4] = (uint8_t)(walk_chance(h->r, 700) ? 18 : walk_below(h->r, 256));
}

static void start_stop(struct host *h)
{
    cdb_is(h, OP_START_STOP, 6);
    h->c->cdb[1] = walk_chance(h->r, 300);
    h->c->cdb[4] = (uint8_t)walk_below(h->r, 4);
    if (h->o->tray_open && walk_chance(h->r, 600)) {
        h->c->cdb[4] = 3;
    }
    if (walk_chance(h->r, 100)) {
        h->c->cdb[4] |= (uint8_t)(walk_below(h->r, 16) << 4);
    }
}

static void prevent_allow(struct host *h)
{
    cdb_is(h, OP_PREVENT_ALLOW, 6);
    h->c->cdb[4] = (uint8_t)(walk_chance(h->r, 600) ? walk_below(h->r, 2) * 2 /* allow */
                                                    : walk_below(h->r, 4));
}

/* Commands that are not judged must not disturb either. */
static void foreign(struct host *h)
{
    static const uint8_t opcodes[] = {0x12, 0x15, 0x1a, 0x23, 0x25, 0x2b, 0x2f, 0x43, 0x46,
                                      0x4a, 0x51, 0x52, 0x55, 0x5a, 0xa0, 0xa7, 0xac, 0xb6,
                                      0xb9, 0xbb, 0xbd, 0xbe, 0x08, 0x88, 0x2a, 0x3c, 0x5c};

    cdb_is(h, opcodes[walk_below(h->r, sizeof(opcodes))], 12);
    for (size_t i = 1; i < 12; i++) {
        h->c->cdb[i] = walk_chance(h->r, 250) ? walk_byte(h->r) : 0;
    }
    if (h->c->cdb[0] == 0xbe || h->c->cdb[0] == 0x2f) {
        put32(h->c->cdb + 2, draw_lba(h));
        h->c->cdb[9] = 0x10;
        h->c->cdb[1] &= 0x0a;
        put16(h->c->cdb + 7, walk_below(h->r, 9));
    }
    h->c->command.out_bytes = walk_chance(h->r, 500) ? walk_below(h->r, WALK_LIST_BYTES) : 0;
    lcg_bytes(&h->r->state, h->c->list, sizeof(h->c->list));
}

static void anything(struct host *h)
{
    lcg_bytes(&h->r->state, h->c->cdb, sizeof(h->c->cdb));
    h->c->command.cdb_bytes = 1 + walk_below(h->r, WALK_CDB_BYTES);
    h->c->command.out_bytes = walk_below(h->r, WALK_LIST_BYTES);
    lcg_bytes(&h->r->state, h->c->list, sizeof(h->c->list));
}

/* ---- the draw ---- */

static const struct {
    uint32_t weight;
    void (*draw)(struct host *h);
} draws[] = {
    {480, go_on},        {110, any_step},  {50, spoilt_step},   {110, read_blocks},
    {60, any_structure}, {50, unit_ready}, {30, request_sense}, {12, set_region},
    {40, ask_drive},     {14, start_stop}, {14, prevent_allow}, {20, foreign},
    {10, anything},
};

static void draw_one(struct host *h)
{
    uint32_t whole = 0, at;
    size_t i = 0;

    for (size_t n = 0; n < sizeof(draws) / sizeof(draws[0]); n++) {
        whole += draws[n].weight;
    }
    at = walk_below(h->r, whole);
    while (at >= draws[i].weight) {
        at -= draws[i].weight;
        i++;
    }
    draws[i].draw(h);
}

void walk_host_draw(struct walk_command *c, struct walk_random *r, const struct oracle *o,
                    unsigned nexus)
{
    struct host h = {c, r, o};

    memset(c, 0, sizeof(*c));
    c->command.nexus = nexus;
    c->command.cdb = c->cdb;
    c->command.out = c->list;
    c->command.in_room_bytes = walk_chance(r, 900) ? 4096 : walk_below(r, WALK_ROOM_BYTES);
    draw_one(&h);
}
