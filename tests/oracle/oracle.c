/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of checks for every command (docs/architecture.md, mmc-spec 1.5), the comparison with
 * what was seen, and the events of mmc-spec 2.8.
 */
#include "oracle_turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES    400
#define NACA_AND_LINK 0x05u

const struct oracle_rule_row oracle_rule_rows[ORACLE_RULE_COUNT] = {
#define RULE_ROW(name, clause, words)         {#name, clause, words, 0},
#define RULE_ROW_CHANGES(name, clause, words) {#name, clause, words, 1},
    ORACLE_RULES(RULE_ROW, RULE_ROW_CHANGES)};

const char *oracle_complain(enum oracle_rule rule, const char *format, ...)
{
    static _Thread_local char text[TEXT_BYTES];
    const struct oracle_rule_row *row = &oracle_rule_rows[rule];
    va_list args;
    int used = snprintf(text, sizeof(text), "%s (%s: %s): ", row->name, row->clause, row->words);

    va_start(args, format);
    if (used > 0 && (size_t)used < sizeof(text)) {
        vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
    }
    va_end(args);
    return text;
}

/* ---- what a rule expects ---- */

static void expect(struct oracle_turn *t, enum oracle_rule rule)
{
    t->note.judged = true;
    t->note.rule = rule;
}

void turn_good(struct oracle_turn *t, enum oracle_rule rule)
{
    expect(t, rule);
}

uint8_t *turn_data(struct oracle_turn *t, enum oracle_rule rule, size_t bytes)
{
    expect(t, rule);
    t->reply_bytes = bytes;
    memset(t->reply, 0, bytes);
    return t->reply;
}

uint8_t *turn_reply(struct oracle_turn *t, enum oracle_rule rule, size_t bytes)
{
    uint8_t *reply = turn_data(t, rule, bytes);

    reply[0] = (uint8_t)((bytes - 2) >> 8);
    reply[1] = (uint8_t)(bytes - 2);
    return reply;
}

void turn_refuse(struct oracle_turn *t, enum oracle_rule rule, uint8_t key, uint8_t asc,
                 uint8_t ascq)
{
    expect(t, rule);
    t->check = true;
    t->key = key;
    t->asc = asc;
    t->ascq = ascq;
}

void turn_refuse_cdb(struct oracle_turn *t, enum oracle_rule rule, uint16_t byte)
{
    turn_refuse(t, rule, 0x05, 0x24, 0x00);
    t->pointer = ORACLE_POINTER_CDB;
    t->pointer_byte = byte;
}

void turn_refuse_list(struct oracle_turn *t, enum oracle_rule rule, uint16_t byte)
{
    turn_refuse(t, rule, 0x05, 0x26, 0x00);
    t->pointer = ORACLE_POINTER_LIST;
    t->pointer_byte = byte;
}

void turn_not_judged(struct oracle_turn *t)
{
    t->note.judged = false;
}

bool turn_saw(const struct oracle_turn *t, uint8_t key, uint8_t asc, uint8_t ascq)
{
    return t->a->check && t->a->key == key && t->a->asc == asc && t->a->ascq == ascq;
}

size_t turn_visible_bytes(const struct oracle_turn *t)
{
    return t->a->data_bytes < t->c->in_room_bytes ? t->a->data_bytes : t->c->in_room_bytes;
}

bool turn_saw_bytes(const struct oracle_turn *t, size_t from, const uint8_t *bytes, size_t count)
{
    const size_t visible = t->a->check ? 0 : turn_visible_bytes(t);

    for (size_t i = 0; i < count && from + i < visible; i++) {
        if (t->a->data[from + i] != bytes[i]) {
            return false;
        }
    }
    return true;
}

/* ---- gates ---- */

bool turn_needs_medium(struct oracle_turn *t)
{
    const struct oracle *o = t->o;

    if (o->tray_open) {
        turn_refuse(t, ORACLE_NO_MEDIUM_OPEN, 0x02, 0x3a, 0x02);
    } else if (!o->disc) {
        turn_refuse(t, ORACLE_NO_MEDIUM_CLOSED, 0x02, 0x3a, 0x01);
    } else if (o->loading) {
        turn_refuse(t, ORACLE_BECOMING_READY, 0x02, 0x04, 0x01);
    } else {
        return true;
    }
    return false;
}

bool turn_needs_dvd(struct oracle_turn *t)
{
    if (t->o->disc->cd) {
        turn_refuse(t, ORACLE_MEDIUM_IS_CD, 0x05, 0x30, 0x02);
        return false;
    }
    return true;
}

/* ---- operation codes: mmc-spec 6 ---- */

enum { RUNS_DESPITE_ATTENTION = 1, MAY_BE_MISSING = 2 };

static const struct opcode_row {
    uint8_t opcode, cdb_bytes, how;
    void (*judge)(struct oracle_turn *t); /* NULL: there is such a command, it is not judged */
} opcodes[] = {
    {0x00, 6, 0, oracle_unit_ready},
    {0x03, 6, RUNS_DESPITE_ATTENTION, oracle_request_sense},
    {0x12, 6, RUNS_DESPITE_ATTENTION, NULL},
    {0x15, 6, 0, NULL},
    {0x1a, 6, 0, NULL},
    {0x1b, 6, 0, oracle_start_stop},
    {0x1e, 6, 0, oracle_prevent_allow},
    {0x23, 10, 0, NULL},
    {0x25, 10, 0, NULL},
    {0x28, 10, 0, oracle_read_10},
    {0x2b, 10, 0, NULL},
    {0x2f, 10, 0, NULL},
    {0x3b, 10, MAY_BE_MISSING, NULL},
    {0x3c, 10, MAY_BE_MISSING, NULL},
    {0x43, 10, 0, NULL},
    {0x46, 10, RUNS_DESPITE_ATTENTION, NULL},
    {0x4a, 10, RUNS_DESPITE_ATTENTION, NULL},
    {0x51, 10, 0, NULL},
    {0x52, 10, 0, NULL},
    {0x55, 10, 0, NULL},
    {0x5a, 10, 0, NULL},
    {0x5c, 10, MAY_BE_MISSING, NULL},
    {0x5e, 10, MAY_BE_MISSING, NULL}, /* the target's, not the drive's */
    {0x5f, 10, MAY_BE_MISSING, NULL},
    {0xa0, 12, RUNS_DESPITE_ATTENTION, NULL},
    {0xa3, 12, 0, oracle_send_key},
    {0xa4, 12, 0, oracle_report_key},
    {0xa7, 12, 0, NULL},
    {0xa8, 12, 0, oracle_read_12},
    {0xac, 12, 0, NULL},
    {0xad, 12, 0, oracle_read_structure},
    {0xb6, 12, 0, NULL},
    {0xb9, 12, 0, NULL},
    {0xbb, 12, 0, NULL},
    {0xbd, 12, 0, NULL},
    {0xbe, 12, 0, NULL},
};

static const struct opcode_row *row_of(uint8_t opcode)
{
    for (size_t i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
        if (opcodes[i].opcode == opcode) {
            return &opcodes[i];
        }
    }
    return NULL;
}

/* A pending unit attention ends the command; true: it does. */
static bool attention_ends_it(struct oracle_turn *t)
{
    if (t->nexus->attentions & ORACLE_UA_POWER_ON) {
        t->nexus->attentions &= (uint8_t)~ORACLE_UA_POWER_ON;
        turn_refuse(t, ORACLE_ATTENTION_POWER_ON, 0x06, 0x29, 0x00);
        return true;
    }
    if (t->nexus->attentions & ORACLE_UA_MEDIUM_CHANGED) {
        t->nexus->attentions &= (uint8_t)~ORACLE_UA_MEDIUM_CHANGED;
        turn_refuse(t, ORACLE_ATTENTION_MEDIUM, 0x06, 0x28, 0x00);
        return true;
    }
    return false;
}

/* Refusing NACA and LINK is tgtd's part: a drive behind it may do so too, or not. */
static bool control_byte_is_refused(const struct oracle_turn *t, unsigned at)
{
    return (t->c->cdb[at] & NACA_AND_LINK) && turn_saw(t, 0x05, 0x24, 0x00) &&
           t->a->pointer == ORACLE_POINTER_CDB && t->a->pointer_byte == at;
}

/* The order of checks: operation code, length, unit attention, then the command's own. */
static void decide(struct oracle_turn *t)
{
    const struct opcode_row *row = row_of(t->c->cdb[0]);

    if (!row || (row->how & MAY_BE_MISSING && turn_saw(t, 0x05, 0x20, 0x00))) {
        turn_refuse(t, ORACLE_UNKNOWN_OPCODE, 0x05, 0x20, 0x00);
        return;
    }
    if (t->c->cdb_bytes < row->cdb_bytes) {
        turn_refuse(t, ORACLE_SHORT_CDB, 0x05, t->a->asc, t->a->ascq);
        t->pointer_is_open = true;
        return;
    }
    if (!(row->how & RUNS_DESPITE_ATTENTION) && attention_ends_it(t)) {
        return;
    }
    if (control_byte_is_refused(t, row->cdb_bytes - 1u)) {
        turn_refuse_cdb(t, ORACLE_CONTROL_BYTE, (uint16_t)(row->cdb_bytes - 1u));
    } else if (row->judge) {
        row->judge(t);
    } else if (t->a->check && t->a->key == 0x06) {
        t->note.rule = row->how & RUNS_DESPITE_ATTENTION ? ORACLE_ATTENTION_HELD_BACK
                                                         : ORACLE_ATTENTION_NOT_PENDING;
        t->broken = "a unit attention was reported";
    }
}

/* ---- comparison ---- */

static const char *check_differs(const struct oracle_turn *t)
{
    const struct oracle_answer *a = t->a;

    if (!a->check || a->key != t->key || a->asc != t->asc || a->ascq != t->ascq) {
        return oracle_complain(t->note.rule, "expected %02X/%02X/%02X, seen %s%02X/%02X/%02X",
                               t->key, t->asc, t->ascq, a->check ? "" : "GOOD not ", a->key, a->asc,
                               a->ascq);
    }
    if (!t->pointer_is_open && (a->pointer != t->pointer || (a->pointer != ORACLE_POINTER_NONE &&
                                                             a->pointer_byte != t->pointer_byte))) {
        return oracle_complain(t->note.rule,
                               "expected field pointer %d to byte %u, seen %d to byte %u "
                               "(0 none, 1 CDB, 2 list)",
                               (int)t->pointer, t->pointer_byte, (int)a->pointer, a->pointer_byte);
    }
    if (a->information_valid && t->note.rule != ORACLE_READ_FAILED) {
        return oracle_complain(t->note.rule, "expected no INFORMATION, seen VALID");
    }
    return NULL;
}

static const char *bytes_differ(const struct oracle_turn *t)
{
    const size_t visible = turn_visible_bytes(t);

    for (size_t i = 0; i < visible && !t->data_is_open; i++) {
        const bool is_open = i >= t->hole_from && i < t->hole_to;

        if (!is_open && t->a->data[i] != t->reply[i]) {
            return oracle_complain(t->note.rule, "byte %zu: expected %02X, seen %02X", i,
                                   t->reply[i], t->a->data[i]);
        }
    }
    return NULL;
}

static const char *good_differs(const struct oracle_turn *t)
{
    const struct oracle_answer *a = t->a;
    const size_t bytes = t->reply_bytes < t->alloc_bytes ? t->reply_bytes : t->alloc_bytes;

    if (a->check) {
        return oracle_complain(t->note.rule, "expected GOOD, seen %02X/%02X/%02X", a->key, a->asc,
                               a->ascq);
    }
    if (a->data_bytes != bytes) {
        return oracle_complain(t->note.rule, "expected %zu bytes, seen %zu", bytes, a->data_bytes);
    }
    return bytes_differ(t);
}

static const char *differs(const struct oracle_turn *t)
{
    const char *text = NULL;

    if (t->note.judged) {
        text = t->check ? check_differs(t) : good_differs(t);
    }
    return !text && t->broken ? oracle_complain(t->note.rule, "%s", t->broken) : text;
}

static enum oracle_slot_state state_after(struct oracle_turn *t)
{
    const struct oracle_slot *slot = oracle_addressed_slot(t->o, t->c->cdb[10]);

    return slot ? (enum oracle_slot_state)slot->state : ORACLE_FREE;
}

const char *oracle_judge(struct oracle *o, const struct oracle_command *command,
                         const struct oracle_answer *answer, struct oracle_note *note)
{
    const struct oracle before = *o;
    struct oracle_turn t = {.o = o, .c = command, .a = answer, .alloc_bytes = SIZE_MAX};
    const char *text;

    if (command->nexus >= ORACLE_NEXUSES || !o->nexus[command->nexus].here || !command->cdb_bytes) {
        return "the command comes from a nexus that is not there, or has no CDB";
    }
    t.nexus = &o->nexus[command->nexus];
    text = oracle_invariants(&t);
    if (!text) {
        decide(&t);
        text = differs(&t);
    }
    if (!text) {
        text = oracle_refusal_changed(&t, &before);
    }
    if (text) {
        *o = before;
    } else {
        oracle_watch(o, command, answer);
    }
    if (t.note.exchange) {
        t.note.to = state_after(&t);
    }
    if (note) {
        *note = t.note;
    }
    return text;
}

/* ---- events: mmc-spec 2.8 ---- */

static void volatile_state_is_gone(struct oracle *o)
{
    oracle_free_all_slots(o);
    oracle_watch_ends(o);
    o->asf = false;
    o->key_went_out = false;
    o->last_grant_was_reuse = false;
}

void oracle_init(struct oracle *o)
{
    memset(o, 0, sizeof(*o));
    o->quirk[ORACLE_AGID_COUNT] = ORACLE_SLOTS;
    o->region = oracle_initial_region(o);
}

void oracle_power_cycle(struct oracle *o)
{
    volatile_state_is_gone(o);
    o->disc = NULL;
    o->tray_open = false;
    o->loading = false;
    memset(o->nexus, 0, sizeof(o->nexus));
    memset(o->last_challenge, 0, sizeof(o->last_challenge)); /* a seeded source begins again */
    if (o->quirk[ORACLE_RPC_STORAGE] == STORAGE_MEMORY) {
        o->region = oracle_initial_region(o);
    }
}

void oracle_nexus_came(struct oracle *o, unsigned nexus)
{
    const struct oracle_nexus fresh = {.here = true, .attentions = ORACLE_UA_POWER_ON};

    o->nexus[nexus] = fresh;
}

static bool any_nexus(const struct oracle *o)
{
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        if (o->nexus[n].here) {
            return true;
        }
    }
    return false;
}

void oracle_nexus_gone(struct oracle *o, unsigned nexus)
{
    memset(&o->nexus[nexus], 0, sizeof(o->nexus[nexus]));
    if (!any_nexus(o) && o->quirk[ORACLE_RELEASE_ON_LAST_NEXUS_LOSS] == YES) {
        oracle_free_all_slots(o);
        oracle_watch_ends(o);
        o->asf = false;
    }
}

void oracle_reset(struct oracle *o)
{
    volatile_state_is_gone(o);
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        struct oracle_nexus *nexus = &o->nexus[n];

        if (nexus->here) {
            nexus->attentions |= ORACLE_UA_POWER_ON;
            nexus->prevent = false;
            nexus->prevent_persistent = false;
        }
    }
}
