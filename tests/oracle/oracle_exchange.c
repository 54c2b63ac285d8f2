/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AGIDs and the key exchange: the table of mmc-spec 2.3 as it stands there, then what each cell
 * means, then the steps that look into it. A command has passed the gates of 1.5, 1 to 5, here.
 */
#include "oracle_turn.h"

#include "tests/support/host_css.h"

#include <string.h>

#define ALL_VARIANTS     0xffffffffu
#define AGID_SHIFT       6
#define CDB_AGID_AT      10
#define REPLY_AT         4 /* behind the header of replies and parameter lists */
#define KEY1_REPLY       12
#define CHALLENGE_REPLY  16
#define TITLE_REPLY      12
#define TITLE_KEY_AT     5
#define CHALLENGE_LENGTH 0x0e /* data length fields of the lists, 1.4 */
#define KEY2_LENGTH      0x0a

/* ---- the table ---- */

enum cell {
    GRANT_FIRST, /* acts on the pool, not on the slot addressed */
    E1,          /* not granted: 05/24/00, field pointer byte 10 */
    E2,          /* nothing to invalidate: GOOD */
    R2C,         /* 05/2C/00 */
    R6F02,       /* 05/6F/02 */
    HCHAL,       /* the challenge is kept */
    KEY1_NEW,
    KEY1_SAME,
    CHAL_NEW,
    CHAL_SAME,
    BUSKEY,
    BAD_KEY2,    /* 05/6F/00, slot and ASF as the quirks say */
    TITLE_KEY,   /* the key goes out, the slot is free */
    REGION,      /* 05/6F/04, ASF 0 */
    NO_TITLE,    /* 05/6F/01 */
    RANGE,       /* 05/21/00 */
    NEEDS_ASF,   /* 05/6F/00 */
    DISC_KEY,    /* the block goes out, the slot is free */
    NO_DISC_KEY, /* 05/6F/01 */
    TO_FREE
};

/* clang-format off */
static const struct {
    const char *name;
    enum cell in[ORACLE_SLOT_STATES];
} table[ORACLE_ROWS] = {
    /*                                                   FREE         GRANTED      HCHAL        KEY1         DCHAL        BUSKEY */
    [ORACLE_ROW_REPORT_00]      = {"REPORT 00h",        {GRANT_FIRST, GRANT_FIRST, GRANT_FIRST, GRANT_FIRST, GRANT_FIRST, GRANT_FIRST}},
    [ORACLE_ROW_SEND_01]        = {"SEND 01h",          {E1,          HCHAL,       HCHAL,       HCHAL,       HCHAL,       HCHAL}},
    [ORACLE_ROW_REPORT_02]      = {"REPORT 02h",        {E1,          R2C,         KEY1_NEW,    KEY1_SAME,   R2C,         R2C}},
    [ORACLE_ROW_REPORT_01]      = {"REPORT 01h",        {E1,          R2C,         R2C,         CHAL_NEW,    CHAL_SAME,   R2C}},
    [ORACLE_ROW_SEND_03_RIGHT]  = {"SEND 03h right",    {E1,          R2C,         R2C,         R2C,         BUSKEY,      R2C}},
    [ORACLE_ROW_SEND_03_WRONG]  = {"SEND 03h wrong",    {E1,          R2C,         R2C,         R2C,         BAD_KEY2,    R2C}},
    [ORACLE_ROW_TITLE_KEY]      = {"REPORT 04h",        {R6F02,       R6F02,       R6F02,       R6F02,       R6F02,       TITLE_KEY}},
    [ORACLE_ROW_TITLE_REGION]   = {"  region mismatch", {R6F02,       R6F02,       R6F02,       R6F02,       R6F02,       REGION}},
    [ORACLE_ROW_TITLE_NO_KEY]   = {"  no key there",    {R6F02,       R6F02,       R6F02,       R6F02,       R6F02,       NO_TITLE}},
    [ORACLE_ROW_TITLE_RANGE]    = {"  LBA out of range",{R6F02,       R6F02,       R6F02,       R6F02,       R6F02,       RANGE}},
    [ORACLE_ROW_TITLE_ASF]      = {"  ASF required",    {R6F02,       R6F02,       R6F02,       R6F02,       R6F02,       NEEDS_ASF}},
    [ORACLE_ROW_DISC_KEY]       = {"STRUCTURE 02h",     {R6F02,       R6F02,       R6F02,       R6F02,       R6F02,       DISC_KEY}},
    [ORACLE_ROW_DISC_NO_KEYS]   = {"  disc without keys",{R6F02,      R6F02,       R6F02,       R6F02,       R6F02,       NO_DISC_KEY}},
    [ORACLE_ROW_INVALIDATE]     = {"REPORT/SEND 3Fh",   {E2,          TO_FREE,     TO_FREE,     TO_FREE,     TO_FREE,     TO_FREE}},
};
/* clang-format on */

const char *oracle_row_name(enum oracle_row row)
{
    return table[row].name;
}

const char *oracle_slot_state_name(enum oracle_slot_state state)
{
    static const char *const names[] = {"FREE", "GRANTED", "HCHAL", "KEY1", "DCHAL", "BUSKEY"};

    return names[state];
}

/* ---- slots: quirks.md, the pool ---- */

/* Numbers of the pool in the order in which they are granted: places 0 .. agid_count-1. */
static unsigned number_in_order(const struct oracle *o, unsigned place)
{
    return o->quirk[ORACLE_AGID_ORDER] == AGID_LOWEST ? place : ORACLE_SLOTS - 1 - place;
}

static bool in_pool(const struct oracle *o, unsigned number)
{
    for (unsigned place = 0; place < o->quirk[ORACLE_AGID_COUNT]; place++) {
        if (number_in_order(o, place) == number) {
            return true;
        }
    }
    return false;
}

struct oracle_slot *oracle_addressed_slot(struct oracle *o, uint8_t byte10)
{
    unsigned number = byte10 >> AGID_SHIFT;

    if (o->quirk[ORACLE_AGID_FIELD] == FIELD_IGNORED) {
        number = number_in_order(o, 0);
    }
    return in_pool(o, number) ? &o->slot[number] : NULL;
}

void oracle_free_slot(struct oracle_slot *slot)
{
    memset(slot, 0, sizeof(*slot));
}

void oracle_free_all_slots(struct oracle *o)
{
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        oracle_free_slot(&o->slot[n]);
    }
}

static uint32_t drawn_variants(const struct oracle *o)
{
    const uint32_t fixed = o->quirk[ORACLE_VARIANT];

    return fixed ? 1u << (fixed - 1) : ALL_VARIANTS;
}

/* Challenges and keys forgotten; `variants` are those of a slot that keeps its variant. */
static void to_granted(struct oracle_slot *slot, uint32_t variants)
{
    oracle_free_slot(slot);
    slot->state = ORACLE_GRANTED;
    slot->variants = variants;
}

/* ---- walking the table ---- */

static struct oracle_slot *slot_of(const struct oracle_turn *t)
{
    return oracle_addressed_slot(t->o, t->c->cdb[CDB_AGID_AT]);
}

static enum cell cell_of(struct oracle_turn *t, enum oracle_row row, const struct oracle_slot *slot)
{
    t->note.exchange = true;
    t->note.row = row;
    t->note.from = slot ? (enum oracle_slot_state)slot->state : ORACLE_FREE;
    return table[row].in[t->note.from];
}

static bool short_list_header(struct oracle_turn *t, unsigned required)
{
    if (oracle_be16(t->c->out) >= required) {
        return false;
    }
    turn_refuse_list(t, ORACLE_LIST_HEADER, 0);
    return true;
}

/* quirks.md, out_of_order_resets */
static void out_of_order(struct oracle_turn *t, struct oracle_slot *slot)
{
    turn_refuse(t, ORACLE_OUT_OF_ORDER, 0x05, 0x2c, 0x00);
    if (!slot || slot->state == ORACLE_FREE) {
        return;
    }
    if (t->o->quirk[ORACLE_OUT_OF_ORDER_RESETS] == RESETS_TO_GRANTED) {
        to_granted(slot, slot->variants);
    } else if (t->o->quirk[ORACLE_OUT_OF_ORDER_RESETS] == RESETS_TO_FREE) {
        oracle_free_slot(slot);
    }
}

/* E1 of the steps that a GRANTED slot refuses as well: quirks.md, agid_ungranted */
static void ungranted(struct oracle_turn *t)
{
    if (t->o->quirk[ORACLE_AGID_UNGRANTED] == UNGRANTED_IS_2400) {
        turn_refuse_cdb(t, ORACLE_UNGRANTED, CDB_AGID_AT);
    } else {
        turn_refuse(t, ORACLE_UNGRANTED_2C, 0x05, 0x2c, 0x00);
    }
}

/* ---- REPORT KEY 00h: 2.3, 2.5 ---- */

static void grant(struct oracle_turn *t, unsigned number, enum oracle_rule rule)
{
    uint8_t *reply = turn_reply(t, rule, 8);

    reply[7] = (uint8_t)(number << AGID_SHIFT);
    to_granted(&t->o->slot[number], drawn_variants(t->o));
    t->o->last_grant_was_reuse = rule == ORACLE_EXHAUSTED_REUSE;
}

static void exhausted_invalidates(struct oracle_turn *t, uint8_t asc, uint8_t ascq)
{
    turn_refuse(t, ORACLE_EXHAUSTED_INVALIDATES, 0x05, asc, ascq);
    oracle_free_all_slots(t->o);
}

static void exhausted(struct oracle_turn *t)
{
    switch (t->o->quirk[ORACLE_AGID_EXHAUSTED]) {
    case EXHAUSTED_5500:
        turn_refuse(t, ORACLE_EXHAUSTED, 0x05, 0x55, 0x00);
        break;
    case EXHAUSTED_2C00:
        turn_refuse(t, ORACLE_EXHAUSTED, 0x05, 0x2c, 0x00);
        break;
    case EXHAUSTED_SENSE0:
        turn_refuse(t, ORACLE_EXHAUSTED, 0x00, 0x00, 0x00);
        break;
    case EXHAUSTED_2C00_INVALIDATE:
        exhausted_invalidates(t, 0x2c, 0x00);
        break;
    case EXHAUSTED_6F01_INVALIDATE:
        exhausted_invalidates(t, 0x6f, 0x01);
        break;
    case EXHAUSTED_REUSE_THEN_6F01:
        if (t->o->last_grant_was_reuse) {
            exhausted_invalidates(t, 0x6f, 0x01);
            break;
        }
        grant(t, number_in_order(t->o, 0), ORACLE_EXHAUSTED_REUSE);
        break;
    default:
        grant(t, number_in_order(t->o, 0), ORACLE_EXHAUSTED_REUSE);
        break;
    }
}

void oracle_report_agid(struct oracle_turn *t)
{
    const uint32_t non_css = t->o->quirk[ORACLE_NON_CSS];

    if (!t->o->disc->css && non_css == NON_CSS_3002_AT_AGID) {
        turn_refuse(t, ORACLE_NON_CSS_AT_AGID, 0x05, 0x30, 0x02);
        return;
    }
    if (!t->o->disc->css && non_css == NON_CSS_SENSE0_AT_AGID) {
        turn_refuse(t, ORACLE_NON_CSS_AT_AGID, 0x00, 0x00, 0x00);
        return;
    }
    (void)cell_of(t, ORACLE_ROW_REPORT_00, slot_of(t));
    for (unsigned place = 0; place < t->o->quirk[ORACLE_AGID_COUNT]; place++) {
        const unsigned number = number_in_order(t->o, place);

        if (t->o->slot[number].state == ORACLE_FREE) {
            grant(t, number, ORACLE_GRANT);
            return;
        }
    }
    exhausted(t);
}

/* ---- SEND KEY 01h ---- */

static void take_challenge(struct oracle_turn *t, struct oracle_slot *slot, uint32_t variants)
{
    if (short_list_header(t, CHALLENGE_LENGTH)) {
        return;
    }
    turn_good(t, ORACLE_HOST_CHALLENGE);
    oracle_free_slot(slot);
    slot->state = ORACLE_HCHAL;
    slot->variants = variants;
    memcpy(slot->host_challenge, t->c->out + REPLY_AT, ORACLE_CHALLENGE_BYTES);
}

void oracle_send_challenge(struct oracle_turn *t)
{
    struct oracle_slot *slot = slot_of(t);

    if (cell_of(t, ORACLE_ROW_SEND_01, slot) == HCHAL) {
        take_challenge(t, slot, slot->variants);
    } else if (slot && t->o->quirk[ORACLE_AGID_UNGRANTED] == UNGRANTED_IS_IGNORED) {
        take_challenge(t, slot, drawn_variants(t->o));
    } else {
        ungranted(t);
    }
}

/* ---- REPORT KEY 02h ---- */

static uint32_t bit_of(unsigned variant)
{
    return 1u << variant;
}

/* Variants that can have given the KEY1 that was seen, or as much of it as was seen. */
static uint32_t variants_of_key1(const struct oracle_turn *t, const struct oracle_slot *slot)
{
    uint32_t fit = 0;

    for (unsigned v = 0; v < HOST_CSS_VARIANTS; v++) {
        uint8_t key1[ORACLE_KEY_BYTES];

        if (!(slot->variants & bit_of(v))) {
            continue;
        }
        host_css_key1(v, slot->host_challenge, key1);
        if (turn_saw_bytes(t, REPLY_AT, key1, sizeof(key1))) {
            fit |= bit_of(v);
        }
    }
    return fit;
}

static void key1_goes_out(struct oracle_turn *t, struct oracle_slot *slot, enum oracle_rule rule)
{
    uint32_t fit;

    (void)turn_reply(t, rule, KEY1_REPLY);
    t->hole_from = REPLY_AT;
    t->hole_to = REPLY_AT + ORACLE_KEY_BYTES;
    fit = variants_of_key1(t, slot);
    if (!fit) {
        t->broken = "KEY1 is of no variant that the drive can have for this AGID";
        return;
    }
    slot->variants = fit;
    slot->state = ORACLE_KEY1;
}

void oracle_report_key1(struct oracle_turn *t)
{
    struct oracle_slot *slot = slot_of(t);
    const enum cell cell = cell_of(t, ORACLE_ROW_REPORT_02, slot);
    const bool rejects = t->o->quirk[ORACLE_REPEAT_REPLY] == REPEAT_IS_REJECTED;

    if (cell == E1) {
        ungranted(t);
    } else if (cell == R2C || (cell == KEY1_SAME && rejects)) {
        out_of_order(t, slot);
    } else if (!t->o->disc->css && t->o->quirk[ORACLE_NON_CSS] == NON_CSS_6F01_AT_KEY1) {
        turn_refuse(t, ORACLE_NON_CSS_AT_KEY1, 0x05, 0x6f, 0x01);
    } else {
        key1_goes_out(t, slot, cell == KEY1_NEW ? ORACLE_KEY1_NEW : ORACLE_KEY1_AGAIN);
    }
}

/* ---- REPORT KEY 01h ---- */

/* Take in what can be seen of the challenge beyond what is known of it. */
static void learn_challenge(struct oracle_turn *t, struct oracle_slot *slot)
{
    const size_t seen = t->a->check ? 0 : turn_visible_bytes(t);

    for (size_t i = slot->drive_challenge_known; i < ORACLE_CHALLENGE_BYTES && REPLY_AT + i < seen;
         i++) {
        slot->drive_challenge[i] = t->a->data[REPLY_AT + i];
        slot->drive_challenge_known++;
    }
}

static void challenge_is_fresh(struct oracle_turn *t, const struct oracle_slot *slot)
{
    if (slot->drive_challenge_known < ORACLE_CHALLENGE_BYTES) {
        return;
    }
    if (t->o->challenges_are_fresh &&
        memcmp(slot->drive_challenge, t->o->last_challenge, ORACLE_CHALLENGE_BYTES) == 0) {
        t->note.rule = ORACLE_DRIVE_CHALLENGE_FRESH;
        t->broken = "the drive's challenge is that of the time before";
    }
    memcpy(t->o->last_challenge, slot->drive_challenge, ORACLE_CHALLENGE_BYTES);
}

static void challenge_goes_out(struct oracle_turn *t, struct oracle_slot *slot,
                               enum oracle_rule rule)
{
    uint8_t *reply = turn_reply(t, rule, CHALLENGE_REPLY);

    memcpy(reply + REPLY_AT, slot->drive_challenge, slot->drive_challenge_known);
    t->hole_from = REPLY_AT + (size_t)slot->drive_challenge_known;
    t->hole_to = REPLY_AT + ORACLE_CHALLENGE_BYTES;
    slot->state = ORACLE_DCHAL;
    learn_challenge(t, slot);
    if (rule == ORACLE_DRIVE_CHALLENGE) {
        challenge_is_fresh(t, slot);
    }
}

void oracle_report_challenge(struct oracle_turn *t)
{
    struct oracle_slot *slot = slot_of(t);
    const enum cell cell = cell_of(t, ORACLE_ROW_REPORT_01, slot);
    const bool rejects = t->o->quirk[ORACLE_REPEAT_REPLY] == REPEAT_IS_REJECTED;

    if (cell == E1) {
        ungranted(t);
    } else if (cell == R2C || (cell == CHAL_SAME && rejects)) {
        out_of_order(t, slot);
    } else {
        challenge_goes_out(
            t, slot, cell == CHAL_NEW ? ORACLE_DRIVE_CHALLENGE : ORACLE_DRIVE_CHALLENGE_AGAIN);
    }
}

/* ---- SEND KEY 03h ---- */

/* Variants to which the KEY2 in the parameter list is the right answer. */
static uint32_t variants_of_key2(const struct oracle_turn *t, const struct oracle_slot *slot)
{
    uint32_t right = 0;

    for (unsigned v = 0; v < HOST_CSS_VARIANTS; v++) {
        uint8_t key2[ORACLE_KEY_BYTES];

        if (!(slot->variants & bit_of(v))) {
            continue;
        }
        host_css_key2(v, slot->drive_challenge, key2);
        if (memcmp(key2, t->c->out + REPLY_AT, sizeof(key2)) == 0) {
            right |= bit_of(v);
        }
    }
    return right;
}

/*
 * Whether KEY2 is right. A challenge that nobody saw whole, or variants that KEY1 did not tell
 * apart, leave it open: then the drive says it, and what it says narrows the variants.
 */
static bool key2_is_right(const struct oracle_turn *t, struct oracle_slot *slot)
{
    const uint32_t before = slot->variants;
    uint32_t right;

    if (slot->drive_challenge_known < ORACLE_CHALLENGE_BYTES) {
        return !t->a->check;
    }
    right = variants_of_key2(t, slot);
    if (right && (right == before || !t->a->check)) {
        slot->variants = right;
        return true;
    }
    slot->variants = before & ~right;
    return false;
}

static void key2_accepted(struct oracle_turn *t, struct oracle_slot *slot)
{
    turn_good(t, ORACLE_KEY2_RIGHT);
    memcpy(slot->key2, t->c->out + REPLY_AT, ORACLE_KEY_BYTES);
    slot->state = ORACLE_BUSKEY;
    if (t->o->quirk[ORACLE_ASF_SET] == ASF_BY_KEY2) {
        t->o->asf = true;
    }
}

static void key2_refused(struct oracle_turn *t, struct oracle_slot *slot)
{
    turn_refuse(t, ORACLE_KEY2_WRONG, 0x05, 0x6f, 0x00);
    if (t->o->quirk[ORACLE_BAD_KEY2_AGID] == BAD_KEY2_FREE) {
        oracle_free_slot(slot);
    }
    if (t->o->quirk[ORACLE_ASF_ON_BAD_KEY2] == BAD_KEY2_CLEARS_ASF) {
        t->o->asf = false;
    }
}

/* Right or wrong also for coverage: in BUSKEY by the challenge that was answered already. */
static enum oracle_row key2_row(const struct oracle_turn *t, const struct oracle_slot *slot)
{
    const bool has_challenge = slot && slot->drive_challenge_known == ORACLE_CHALLENGE_BYTES;

    return has_challenge && variants_of_key2(t, slot) ? ORACLE_ROW_SEND_03_RIGHT
                                                      : ORACLE_ROW_SEND_03_WRONG;
}

void oracle_send_key2(struct oracle_turn *t)
{
    struct oracle_slot *slot = slot_of(t);
    const enum cell cell = cell_of(t, key2_row(t, slot), slot);

    if (cell == E1) {
        ungranted(t);
    } else if (cell == R2C) {
        out_of_order(t, slot);
    } else if (short_list_header(t, KEY2_LENGTH)) {
        return;
    } else if (key2_is_right(t, slot)) {
        t->note.row = ORACLE_ROW_SEND_03_RIGHT;
        key2_accepted(t, slot);
    } else {
        t->note.row = ORACLE_ROW_SEND_03_WRONG;
        key2_refused(t, slot);
    }
}

/* ---- keys go out: 2.3, 2.7 ---- */

/* What of a reply is `bytes` under the bus key of a variant of the slot; 0: of none. */
static uint32_t variants_of_bus_key(const struct oracle_turn *t, const struct oracle_slot *slot,
                                    size_t at, size_t bytes)
{
    uint32_t fit = 0;

    for (unsigned v = 0; v < HOST_CSS_VARIANTS; v++) {
        uint8_t key1[ORACLE_KEY_BYTES], bus_key[ORACLE_KEY_BYTES], data[ORACLE_BLOCK_BYTES];

        if (!(slot->variants & bit_of(v))) {
            continue;
        }
        host_css_key1(v, slot->host_challenge, key1);
        host_css_bus_key(v, key1, slot->key2, bus_key);
        memcpy(data, t->reply + at, bytes);
        host_css_clear(data, bytes, bus_key); /* twice the same XOR takes it off */
        if (turn_saw_bytes(t, at, data, bytes)) {
            fit |= bit_of(v);
        }
    }
    return fit;
}

/* The reply holds the key as the disc stores it: compare it under the bus key. */
static void under_bus_key(struct oracle_turn *t, const struct oracle_slot *slot, size_t at,
                          size_t bytes)
{
    t->hole_from = at;
    t->hole_to = at + bytes;
    if (!variants_of_bus_key(t, slot, at, bytes)) {
        t->broken = "the key is not the disc's under the bus key of this AGID";
    }
}

static void asf_after_key(struct oracle *o, bool is_disc_key)
{
    const uint32_t set_by = o->quirk[ORACLE_ASF_SET];

    if (set_by == ASF_BY_KEY_TRANSFER || (set_by == ASF_BY_DISC_KEY && is_disc_key)) {
        o->asf = true;
    }
    if (is_disc_key && !oracle_region_allowed(o) &&
        o->quirk[ORACLE_ASF_ON_REGION_MISMATCH] == MISMATCH_CLEARS_ASF) {
        o->asf = false;
    }
}

static void key_sent(struct oracle_turn *t, struct oracle_slot *slot, bool is_disc_key)
{
    oracle_free_slot(slot);
    asf_after_key(t->o, is_disc_key);
    t->o->key_went_out = true;
}

/* ---- REPORT KEY 04h: quirks.md, ASF and key transfers; mmc-spec 3.5 ---- */

struct title_answer {
    bool there;
    uint8_t cpr_mai, key[ORACLE_KEY_BYTES];
};

/* What a CSS disc and the quirks give to a block of the disc. */
static struct title_answer title_of_css(const struct oracle *o, uint32_t lba)
{
    const struct oracle_run *run = oracle_run_at(o->disc, lba);
    struct title_answer title = {.cpr_mai = oracle_cpr_mai(o->disc, lba)};

    if ((!run || !run->has_key) && o->quirk[ORACLE_TITLE_KEY_UNPROTECTED] == UNPROTECTED_NEAREST) {
        run = oracle_nearest_key(o->disc, lba);
    }
    if (run && run->has_key) {
        title.there = true;
        memcpy(title.key, run->key, sizeof(title.key));
    } else if (o->quirk[ORACLE_TITLE_KEY_UNPROTECTED] == UNPROTECTED_ZEROS) {
        title.there = true;
    }
    return title;
}

static struct title_answer title_of(const struct oracle *o, uint32_t lba)
{
    const struct title_answer zeros = {.there = true}, none = {.there = false};

    if (o->disc->css) {
        return title_of_css(o, lba);
    }
    return o->quirk[ORACLE_NON_CSS] == NON_CSS_ZERO_TITLE_KEY ? zeros : none;
}

/* In BUSKEY the order is: title_requires_asf, LBA range, key there, region. */
static enum oracle_row title_row(const struct oracle *o, uint32_t lba)
{
    if (o->quirk[ORACLE_TITLE_REQUIRES_ASF] == YES && !o->asf) {
        return ORACLE_ROW_TITLE_ASF;
    }
    if (lba >= o->disc->blocks) {
        return ORACLE_ROW_TITLE_RANGE;
    }
    if (!title_of(o, lba).there) {
        return ORACLE_ROW_TITLE_NO_KEY;
    }
    return oracle_region_allowed(o) ? ORACLE_ROW_TITLE_KEY : ORACLE_ROW_TITLE_REGION;
}

static void title_key_goes_out(struct oracle_turn *t, struct oracle_slot *slot, uint32_t lba)
{
    const struct title_answer title = title_of(t->o, lba);
    const bool plain = t->o->quirk[ORACLE_FIRST_TITLE_KEY_PLAIN] == YES && !t->o->key_went_out;
    uint8_t *reply = turn_reply(t, plain ? ORACLE_TITLE_KEY_PLAIN : ORACLE_TITLE_KEY, TITLE_REPLY);

    reply[REPLY_AT] = title.cpr_mai;
    memcpy(reply + TITLE_KEY_AT, title.key, sizeof(title.key));
    if (!plain) {
        under_bus_key(t, slot, TITLE_KEY_AT, ORACLE_KEY_BYTES);
    }
    key_sent(t, slot, false);
}

static void title_refused(struct oracle_turn *t, struct oracle_slot *slot)
{
    if (t->o->quirk[ORACLE_TITLE_FAILED_AGID] == TITLE_FAILED_FREE) {
        oracle_free_slot(slot);
    }
}

void oracle_report_title_key(struct oracle_turn *t)
{
    const bool region_is_6f01 = t->o->quirk[ORACLE_REGION_TITLE_SENSE] == REGION_TITLE_6F01;
    const uint32_t lba = oracle_be32(t->c->cdb + 2);
    struct oracle_slot *slot = slot_of(t);

    switch (cell_of(t, title_row(t->o, lba), slot)) {
    case TITLE_KEY:
        title_key_goes_out(t, slot, lba);
        return;
    case NEEDS_ASF:
        turn_refuse(t, ORACLE_TITLE_NEEDS_ASF, 0x05, 0x6f, 0x00);
        break;
    case RANGE:
        turn_refuse(t, ORACLE_TITLE_RANGE, 0x05, 0x21, 0x00);
        break;
    case NO_TITLE:
        turn_refuse(t, ORACLE_TITLE_NO_KEY, 0x05, 0x6f, 0x01);
        break;
    case REGION:
        turn_refuse(t, ORACLE_TITLE_REGION, 0x05, 0x6f, region_is_6f01 ? 0x01 : 0x04);
        t->o->asf = false;
        break;
    default:
        turn_refuse(t, ORACLE_KEY_NOT_ESTABLISHED, 0x05, 0x6f, 0x02);
        return;
    }
    title_refused(t, slot);
}

/* ---- READ DVD STRUCTURE 02h: 5.3 ---- */

void oracle_disc_key(struct oracle_turn *t)
{
    struct oracle_slot *slot = slot_of(t);
    const enum oracle_row row = t->o->disc->css ? ORACLE_ROW_DISC_KEY : ORACLE_ROW_DISC_NO_KEYS;

    switch (cell_of(t, row, slot)) {
    case DISC_KEY:
        memcpy(turn_reply(t, ORACLE_DISC_KEY, REPLY_AT + ORACLE_BLOCK_BYTES) + REPLY_AT,
               t->o->disc->disc_key_block, ORACLE_BLOCK_BYTES);
        under_bus_key(t, slot, REPLY_AT, ORACLE_BLOCK_BYTES);
        key_sent(t, slot, true);
        break;
    case NO_DISC_KEY:
        turn_refuse(t, ORACLE_DISC_WITHOUT_KEYS, 0x05, 0x6f, 0x01);
        break;
    default:
        turn_refuse(t, ORACLE_KEY_NOT_ESTABLISHED, 0x05, 0x6f, 0x02);
        break;
    }
}

/* ---- format 3Fh ---- */

void oracle_invalidate(struct oracle_turn *t)
{
    struct oracle_slot *slot = slot_of(t);
    const enum cell cell = cell_of(t, ORACLE_ROW_INVALIDATE, slot);

    if (cell == E2 && t->o->quirk[ORACLE_INVALIDATE_UNGRANTED] == INVALIDATE_IS_2400) {
        turn_refuse_cdb(t, ORACLE_INVALIDATE_UNGRANTED_2400, CDB_AGID_AT);
        return;
    }
    turn_good(t, ORACLE_INVALIDATE);
    if (slot) {
        oracle_free_slot(slot);
    }
}
