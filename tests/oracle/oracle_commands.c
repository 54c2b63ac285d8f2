/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands: what is checked before the key exchange, and all that is not part of it. */
#include "oracle_turn.h"

/* ---- REPORT KEY and SEND KEY: mmc-spec 1.5, steps 2 to 5 ---- */

#define KEY_ACTION_AT 1
#define KEY_ACTION    0x1fu
#define KEY_CLASS_AT  7
#define KEY_LENGTH_AT 8
#define KEY_FORMAT_AT 10
#define KEY_FORMAT    0x3fu

enum disc_gate { ANY_TIME, NEEDS_MEDIUM, NEEDS_DVD };

/* One key format, 1.2 and 1.4. */
struct format_row {
    uint8_t format;
    enum disc_gate gate;
    size_t list_bytes; /* parameter list that is required */
    void (*judge)(struct oracle_turn *t);
};

static void report_asf(struct oracle_turn *t)
{
    uint8_t *reply = turn_reply(t, ORACLE_ASF_REPLY, 8);

    reply[7] = t->o->asf || t->o->quirk[ORACLE_ASF_ALWAYS];
}

static void send_rpc(struct oracle_turn *t)
{
    if (oracle_be16(t->c->out) < 6) {
        turn_refuse_list(t, ORACLE_LIST_HEADER, 0);
        return;
    }
    oracle_send_rpc(t);
}

static const struct format_row report_formats[] = {
    {0x00, NEEDS_DVD, 0, oracle_report_agid}, {0x01, NEEDS_DVD, 0, oracle_report_challenge},
    {0x02, NEEDS_DVD, 0, oracle_report_key1}, {0x04, NEEDS_DVD, 0, oracle_report_title_key},
    {0x05, NEEDS_DVD, 0, report_asf},         {0x08, ANY_TIME, 0, oracle_report_rpc},
    {0x3f, ANY_TIME, 0, oracle_invalidate},   {0, ANY_TIME, 0, NULL},
};

static const struct format_row send_formats[] = {
    {0x01, NEEDS_DVD, 16, oracle_send_challenge},
    {0x03, NEEDS_DVD, 12, oracle_send_key2},
    {0x06, NEEDS_MEDIUM, 8, send_rpc},
    {0x3f, ANY_TIME, 0, oracle_invalidate},
    {0, ANY_TIME, 0, NULL},
};

static const struct format_row *format_of(const struct format_row *row, uint8_t byte10)
{
    while (row->judge && row->format != (byte10 & KEY_FORMAT)) {
        row++;
    }
    return row->judge ? row : NULL;
}

/* 1.5, step 2. */
static const struct format_row *key_fields(struct oracle_turn *t, const struct format_row *formats)
{
    const uint8_t *cdb = t->c->cdb;
    const struct format_row *row = format_of(formats, cdb[KEY_FORMAT_AT]);

    if (cdb[KEY_ACTION_AT] & KEY_ACTION) {
        turn_refuse_cdb(t, ORACLE_KEY_SERVICE_ACTION, KEY_ACTION_AT);
        return NULL;
    }
    if (cdb[KEY_CLASS_AT]) {
        turn_refuse_cdb(t, ORACLE_KEY_CLASS, KEY_CLASS_AT);
        return NULL;
    }
    if (!row) {
        turn_refuse_cdb(t, ORACLE_KEY_FORMAT, KEY_FORMAT_AT);
        return NULL;
    }
    return row;
}

/* Steps 4 and 5. */
static bool disc_fits(struct oracle_turn *t, enum disc_gate gate)
{
    if (gate == ANY_TIME) {
        return true;
    }
    return turn_needs_medium(t) && (gate != NEEDS_DVD || turn_needs_dvd(t));
}

void oracle_report_key(struct oracle_turn *t)
{
    const struct format_row *row = key_fields(t, report_formats);

    t->alloc_bytes = oracle_be16(t->c->cdb + KEY_LENGTH_AT);
    if (row && disc_fits(t, row->gate)) {
        row->judge(t);
    }
}

/* Step 3: 1.4 (1). Data that was announced and did not arrive is not there. */
static bool list_is_there(struct oracle_turn *t, const struct format_row *row)
{
    const size_t announced = oracle_be16(t->c->cdb + KEY_LENGTH_AT);

    if (announced >= row->list_bytes && t->c->out_bytes >= row->list_bytes) {
        return true;
    }
    turn_refuse(t, ORACLE_LIST_SHORT, 0x05, 0x1a, 0x00);
    return false;
}

void oracle_send_key(struct oracle_turn *t)
{
    const struct format_row *row = key_fields(t, send_formats);

    if (row && list_is_there(t, row) && disc_fits(t, row->gate)) {
        row->judge(t);
    }
}

/* ---- READ DVD STRUCTURE: mmc-spec 5 ---- */

#define STRUCTURE_TYPE_AT   1
#define STRUCTURE_TYPE      0x0fu
#define STRUCTURE_FORMAT_AT 7
#define STRUCTURE_LENGTH_AT 8
#define CPST_CSS            0x01

enum { COPYRIGHT = 0x01, DISC_KEY_BLOCK = 0x02, LAST_OF_THE_FIRST = 0x05, LIST_OF_ALL = 0xff };

static bool structure_fields(struct oracle_turn *t)
{
    const uint8_t format = t->c->cdb[STRUCTURE_FORMAT_AT];
    const bool known = format <= LAST_OF_THE_FIRST || format == LIST_OF_ALL;
    const uint8_t type = t->c->cdb[STRUCTURE_TYPE_AT] & STRUCTURE_TYPE;

    /* only type 1 has to be refused; older standards call all four bits reserved */
    if (type == 1 || (type > 1 && turn_saw(t, 0x05, 0x24, 0x00))) {
        turn_refuse_cdb(t, ORACLE_STRUCTURE_MEDIA_TYPE, STRUCTURE_TYPE_AT);
        t->pointer_is_open = !known;
        return false;
    }
    if (!known) {
        turn_refuse_cdb(t, ORACLE_STRUCTURE_FORMAT, STRUCTURE_FORMAT_AT);
        return false;
    }
    if (format == LAST_OF_THE_FIRST && t->o->quirk[ORACLE_CMI_FORMAT_05] == CMI_NO) {
        turn_refuse_cdb(t, ORACLE_STRUCTURE_CMI_REFUSED, STRUCTURE_FORMAT_AT);
        return false;
    }
    return true;
}

/* 5.2 */
static void copyright(struct oracle_turn *t)
{
    uint8_t *reply;

    if (t->o->disc->no_copyright) {
        turn_refuse_cdb(t, ORACLE_STRUCTURE_NO_COPYRIGHT, STRUCTURE_FORMAT_AT);
        return;
    }
    reply = turn_reply(t, ORACLE_STRUCTURE_COPYRIGHT, 8);
    if (t->o->disc->css) {
        reply[4] = CPST_CSS;
        reply[5] = t->o->disc->rmi;
    }
}

static void copyright_management(struct oracle_turn *t)
{
    const uint32_t lba = oracle_be32(t->c->cdb + 2);

    if (lba >= t->o->disc->blocks) {
        turn_refuse(t, ORACLE_STRUCTURE_CMI_RANGE, 0x05, 0x21, 0x00);
        return;
    }
    turn_reply(t, ORACLE_STRUCTURE_CMI, 8)[4] = oracle_cpr_mai(t->o->disc, lba);
}

void oracle_read_structure(struct oracle_turn *t)
{
    t->alloc_bytes = oracle_be16(t->c->cdb + STRUCTURE_LENGTH_AT);
    if (!structure_fields(t) || !turn_needs_medium(t) || !turn_needs_dvd(t)) {
        return;
    }
    switch (t->c->cdb[STRUCTURE_FORMAT_AT]) {
    case COPYRIGHT:
        copyright(t);
        break;
    case DISC_KEY_BLOCK:
        oracle_disc_key(t);
        break;
    case LAST_OF_THE_FIRST:
        copyright_management(t);
        break;
    default:
        turn_not_judged(t);
        break;
    }
}

/* ---- reads: mmc-spec 3.2, 6.10 ---- */

static void gated(struct oracle_turn *t)
{
    if (!t->o->asf) {
        turn_refuse(t, ORACLE_READ_GATED, 0x05, 0x6f, 0x03);
    } else {
        turn_refuse(t, ORACLE_READ_REGION, 0x05, 0x6f, 0x04);
    }
}

static bool is_refused(const struct oracle *o, uint32_t lba, uint32_t blocks)
{
    if (!oracle_range_is_gated(o->disc, lba, blocks)) {
        return false;
    }
    return !o->asf ||
           (o->quirk[ORACLE_REGION_READ] == REGION_READ_REFUSE && !oracle_region_allowed(o));
}

static bool read_may_fail(struct oracle_turn *t)
{
    if (!t->o->disc->may_fail ||
        !(turn_saw(t, 0x03, 0x11, 0x00) || turn_saw(t, 0x04, 0x44, 0x00))) {
        return false;
    }
    turn_refuse(t, ORACLE_READ_FAILED, t->a->key, t->a->asc, t->a->ascq);
    return true;
}

static void read_range(struct oracle_turn *t, uint32_t lba, uint32_t blocks)
{
    const uint32_t capacity = t->o->disc->blocks;

    if (lba > capacity || blocks > capacity - lba) {
        turn_refuse(t, ORACLE_READ_RANGE, 0x05, 0x21, 0x00);
    } else if (blocks == 0) {
        turn_good(t, ORACLE_READ_NOTHING);
    } else if (is_refused(t->o, lba, blocks)) {
        gated(t);
    } else if (!read_may_fail(t)) {
        turn_good(t, ORACLE_READ_DATA);
        t->reply_bytes = (size_t)blocks * ORACLE_BLOCK_BYTES;
        t->data_is_open = true;
    }
}

static void read_command(struct oracle_turn *t, uint32_t blocks)
{
    if (turn_needs_medium(t)) {
        read_range(t, oracle_be32(t->c->cdb + 2), blocks);
    }
}

void oracle_read_10(struct oracle_turn *t)
{
    read_command(t, oracle_be16(t->c->cdb + 7));
}

void oracle_read_12(struct oracle_turn *t)
{
    read_command(t, oracle_be32(t->c->cdb + 6));
}

/* ---- TEST UNIT READY, REQUEST SENSE: 6.2, 6.13 ---- */

#define SENSE_BYTES     18
#define SENSE_LENGTH_AT 4
#define SENSE_DESC      0x01u

void oracle_unit_ready(struct oracle_turn *t)
{
    if (turn_needs_medium(t)) {
        turn_good(t, ORACLE_UNIT_READY);
    }
}

void oracle_request_sense(struct oracle_turn *t)
{
    uint8_t *sense;

    if (t->c->cdb[1] & SENSE_DESC) {
        turn_refuse_cdb(t, ORACLE_SENSE_DESCRIPTOR, 1);
        return;
    }
    t->alloc_bytes = t->c->cdb[SENSE_LENGTH_AT];
    sense = turn_data(t, ORACLE_SENSE_DATA, SENSE_BYTES);
    sense[0] = 0x70;
    sense[7] = SENSE_BYTES - 8;
    if (t->nexus->attentions & ORACLE_UA_POWER_ON) {
        t->nexus->attentions &= (uint8_t)~ORACLE_UA_POWER_ON;
        sense[2] = 0x06;
        sense[12] = 0x29;
    } else if (t->nexus->attentions & ORACLE_UA_MEDIUM_CHANGED) {
        t->nexus->attentions &= (uint8_t)~ORACLE_UA_MEDIUM_CHANGED;
        sense[2] = 0x06;
        sense[12] = 0x28;
    }
}

/* ---- START STOP UNIT, PREVENT ALLOW: 6.8 ---- */

#define START           0x01u
#define LOAD_EJECT      0x02u
#define POWER_CONDITION 0xf0u
#define PREVENT         0x01u
#define PERSISTENT      0x02u
#define REAL_LOAD_MS    6000

static void medium_is_out(struct oracle *o)
{
    oracle_free_all_slots(o);
    oracle_watch_ends(o);
    o->asf = false;
    o->key_went_out = false;
    o->last_grant_was_reuse = false;
    o->loading = false;
}

static void eject(struct oracle_turn *t)
{
    if (oracle_is_prevented(t->o)) {
        turn_refuse(t, ORACLE_EJECT_PREVENTED, 0x05, 0x53, 0x02);
        return;
    }
    turn_good(t, ORACLE_START_STOP);
    t->o->tray_open = true;
    medium_is_out(t->o);
}

static void medium_is_ready(struct oracle *o)
{
    o->loading = false;
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        if (o->nexus[n].here) {
            o->nexus[n].attentions |= ORACLE_UA_MEDIUM_CHANGED;
        }
    }
}

/* quirks.md, ready_ms and speed */
static uint32_t load_ms(const struct oracle *o)
{
    const uint32_t said = o->quirk[ORACLE_READY_MS];

    return said == 0 && o->quirk[ORACLE_SPEED] == SPEED_REAL ? REAL_LOAD_MS : said;
}

/* The tray closes over what lies on it. */
static void tray_closes(struct oracle *o)
{
    o->tray_open = false;
    medium_is_out(o);
    if (!o->disc) {
        return;
    }
    o->loading = true;
    o->ready_at_ms = o->now_ms + load_ms(o);
    oracle_clock(o, o->now_ms);
}

static void load(struct oracle_turn *t)
{
    if (t->o->quirk[ORACLE_LOADER] == LOADER_SLIM) {
        turn_refuse_cdb(t, ORACLE_LOAD_SLIM, 4);
        return;
    }
    turn_good(t, ORACLE_START_STOP);
    if (t->o->tray_open) {
        tray_closes(t->o);
    }
}

static void stop(struct oracle_turn *t)
{
    if (!turn_needs_medium(t)) {
        return;
    }
    turn_good(t, ORACLE_START_STOP);
    if (t->o->quirk[ORACLE_SPINDOWN_DROPS_AGIDS] == YES) {
        oracle_free_all_slots(t->o);
    }
}

/* A power condition is accepted and does nothing; whether it asks for a disc is not written. */
static void power_condition(struct oracle_turn *t)
{
    if (!(t->a->check && t->a->key == 0x02 && !turn_needs_medium(t))) {
        turn_good(t, ORACLE_START_STOP);
    }
}

void oracle_start_stop(struct oracle_turn *t)
{
    const uint8_t byte4 = t->c->cdb[4];

    if (byte4 & POWER_CONDITION) {
        power_condition(t);
        return;
    }
    switch (byte4 & (LOAD_EJECT | START)) {
    case LOAD_EJECT | START:
        load(t);
        break;
    case LOAD_EJECT:
        eject(t);
        break;
    case START:
        if (turn_needs_medium(t)) {
            turn_good(t, ORACLE_START_STOP);
        }
        break;
    default:
        stop(t);
        break;
    }
}

void oracle_prevent_allow(struct oracle_turn *t)
{
    bool *bit = t->c->cdb[4] & PERSISTENT ? &t->nexus->prevent_persistent : &t->nexus->prevent;

    turn_good(t, ORACLE_PREVENT);
    *bit = t->c->cdb[4] & PREVENT;
}

bool oracle_is_prevented(const struct oracle *o)
{
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        if (o->nexus[n].here && (o->nexus[n].prevent || o->nexus[n].prevent_persistent)) {
            return true;
        }
    }
    return false;
}

/* ---- the operator ---- */

void oracle_medium_in(struct oracle *o, const struct oracle_disc *disc)
{
    o->disc = disc;
    tray_closes(o);
}

void oracle_medium_out(struct oracle *o)
{
    o->disc = NULL;
    o->tray_open = true;
    medium_is_out(o);
}

void oracle_clock(struct oracle *o, uint64_t now_ms)
{
    o->now_ms = now_ms;
    if (o->loading && now_ms >= o->ready_at_ms) {
        medium_is_ready(o);
    }
}
