/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * REPORT KEY and SEND KEY, key class 0 (mmc-spec 1, 2, 4): one row per key format and direction.
 * This file turns commands into events of the AGID machine (css/agid.h) and does what the machine
 * asks for; which step may follow which is the machine's table, not code here.
 */
#include "commands.h"

#include "scsi/be.h"
#include "scsi/cdb.h"
#include "scsi/opcodes.h"

#include <string.h>

#define CDB_SERVICE_ACTION 0x1f /* byte 1: other device types' service actions, mmc-spec 6.12 */
#define CDB_KEY_CLASS_AT   7
#define CDB_AGID_FORMAT_AT 10
#define KEY_FORMATS        64
#define LIST_HEADER_BYTES  4
#define LIST_LENGTH_BYTES  2 /* the data length field does not count itself */
#define LIST_REGION_AT     4
#define VARIANT_MASK       (CSS_VARIANTS - 1)

struct key_row {
    struct command_detail detail;
    unsigned gates;
    size_t list_bytes; /* shortest parameter list; 0: none is read */
    struct scsi_sense (*run)(struct drive *, struct scsi_request *, const struct cdb_key *);
};

static struct agid_slot *slot_of(struct drive *d, const struct cdb_key *key)
{
    return &d->agids[key->agid];
}

/* A handshake step out of order; on a slot that nobody holds it is the AGID that is wrong (E1). */
static struct scsi_sense refuse_step(const struct agid_slot *slot)
{
    return slot->state == AGID_FREE ? sense_cdb_field(CDB_AGID_FORMAT_AT)
                                    : sense_of(SENSE_SEQUENCE_ERROR);
}

static void draw(struct drive *d, uint8_t *out, size_t bytes)
{
    d->services.random(d->services.ctx, out, bytes);
}

/* The data length in front of a parameter list has to cover what the format needs. */
static struct scsi_sense check_list_header(const struct scsi_request *rq)
{
    const struct key_row *row = rq->detail;

    return be16_get(rq->out) < row->list_bytes - LIST_LENGTH_BYTES ? sense_list_field(0) : SENSE_OK;
}

/* Header of a reply; returns what di_close() wants. */
static size_t open_reply(struct scsi_request *rq)
{
    size_t at = di_open(&rq->in, 2);

    di_zero(&rq->in, 2);
    return at;
}

static struct scsi_sense report(struct scsi_request *rq, const uint8_t *bytes, size_t count,
                                size_t padding)
{
    size_t at = open_reply(rq);

    di_bytes(&rq->in, bytes, count);
    di_zero(&rq->in, padding);
    di_close(&rq->in, at, 2);
    return SENSE_OK;
}

/* ---- REPORT KEY ---- */

static struct scsi_sense report_agid(struct drive *d, struct scsi_request *rq,
                                     const struct cdb_key *key)
{
    (void)key; /* the AGID field means nothing here: Linux leaves a stale one in it */
    for (uint8_t n = 0; n < DRIVE_AGIDS; n++) {
        struct agid_slot *slot = &d->agids[n];

        if (agid_step(slot, AGID_EV_GRANT) == AGID_DRAW_VARIANT) {
            draw(d, &slot->variant, 1);
            slot->variant &= VARIANT_MASK;
            return report(rq, (const uint8_t[]){0, 0, 0, (uint8_t)(n << 6)}, 4, 0);
        }
    }
    return sense_of(SENSE_NO_AGID_AVAILABLE);
}

static struct scsi_sense report_challenge(struct drive *d, struct scsi_request *rq,
                                          const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);
    enum agid_action action = agid_step(slot, AGID_EV_READ_CHALLENGE);

    if (action == AGID_REFUSE) {
        return refuse_step(slot);
    }
    if (action == AGID_DRAW_CHALLENGE) {
        draw(d, slot->drive_challenge.b, sizeof(slot->drive_challenge.b));
    }
    return report(rq, slot->drive_challenge.b, sizeof(slot->drive_challenge.b), 2);
}

static struct scsi_sense report_key1(struct drive *d, struct scsi_request *rq,
                                     const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);
    enum agid_action action = agid_step(slot, AGID_EV_READ_KEY1);

    if (action == AGID_REFUSE) {
        return refuse_step(slot);
    }
    if (action == AGID_MAKE_KEY1) {
        slot->key1 = css_make_key1(slot->variant, &slot->host_challenge);
    }
    return report(rq, slot->key1.b, sizeof(slot->key1.b), 3);
}

/* In the order of mmc-spec 2.3: bus key, LBA, key, region. */
static struct scsi_sense judge_title_key(struct drive *d, const struct cdb_key *key)
{
    if (agid_peek(slot_of(d, key), AGID_EV_READ_KEY) == AGID_REFUSE) {
        return sense_of(SENSE_KEY_NOT_ESTABLISHED);
    }
    if (key->lba >= d->disc->blocks) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    if (!disc_title_key_at(d->disc, key->lba)) {
        return sense_of(SENSE_KEY_NOT_PRESENT);
    }
    if (!region_allows(&d->region, drive_disc_rmi(d))) {
        d->asf = false;
        return sense_of(SENSE_REGION_MISMATCH);
    }
    return SENSE_OK;
}

static struct scsi_sense report_title_key(struct drive *d, struct scsi_request *rq,
                                          const struct cdb_key *key)
{
    struct scsi_sense sense = judge_title_key(d, key);
    uint8_t answer[1 + CSS_KEY_BYTES];

    if (sense.check) {
        return sense;
    }
    answer[0] = disc_cpr_mai(d->disc, key->lba);
    css_bus_xor(answer + 1, disc_title_key_at(d->disc, key->lba)->wrapped.b, CSS_KEY_BYTES,
                &slot_of(d, key)->bus_key);
    drive_key_sent(d, key->agid);
    return report(rq, answer, sizeof(answer), 2);
}

static struct scsi_sense report_asf(struct drive *d, struct scsi_request *rq,
                                    const struct cdb_key *key)
{
    (void)key;
    return report(rq, (const uint8_t[]){0, 0, 0, d->asf}, 4, 0);
}

static struct scsi_sense report_rpc_state(struct drive *d, struct scsi_request *rq,
                                          const struct cdb_key *key)
{
    static const uint8_t rpc1[] = {0x00, 0xff, REGION_SCHEME_NONE, 0}; /* mmc-spec 4.4 */
    const struct region_state *r = &d->region;

    (void)key;
    if (r->scheme == REGION_SCHEME_NONE) {
        return report(rq, rpc1, sizeof(rpc1), 0);
    }
    return report(rq, (const uint8_t[]){region_status_byte(r), r->mask, r->scheme, 0}, 4, 0);
}

/* ---- both ---- */

static struct scsi_sense invalidate(struct drive *d, struct scsi_request *rq,
                                    const struct cdb_key *key)
{
    (void)rq;
    agid_step(slot_of(d, key), AGID_EV_INVALIDATE);
    return SENSE_OK;
}

/* ---- SEND KEY ---- */

static struct scsi_sense send_challenge(struct drive *d, struct scsi_request *rq,
                                        const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);
    struct scsi_sense sense;

    if (agid_peek(slot, AGID_EV_HOST_CHALLENGE) == AGID_REFUSE) {
        return refuse_step(slot);
    }
    sense = check_list_header(rq);
    if (!sense.check) {
        agid_step(slot, AGID_EV_HOST_CHALLENGE);
        memcpy(slot->host_challenge.b, rq->out + LIST_HEADER_BYTES, CSS_CHALLENGE_BYTES);
    }
    return sense;
}

static struct scsi_sense send_key2(struct drive *d, struct scsi_request *rq,
                                   const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);
    struct scsi_sense sense;
    css_key2 expected, sent;

    if (agid_peek(slot, AGID_EV_KEY2_OK) == AGID_REFUSE) {
        return refuse_step(slot);
    }
    sense = check_list_header(rq);
    if (sense.check) {
        return sense;
    }
    memcpy(sent.b, rq->out + LIST_HEADER_BYTES, CSS_KEY_BYTES);
    expected = css_make_key2(slot->variant, &slot->drive_challenge);
    if (!css_key2_equal(&expected, &sent)) {
        agid_step(slot, AGID_EV_KEY2_BAD);
        d->asf = false;
        return sense_of(SENSE_AUTHENTICATION_FAILURE);
    }
    agid_step(slot, AGID_EV_KEY2_OK);
    slot->bus_key = css_make_bus_key(slot->variant, &slot->key1, &sent);
    return SENSE_OK;
}

static const enum sense_id region_refusals[] = {
    [REGION_DISC_MISMATCH] = SENSE_REGION_MISMATCH,
    [REGION_EXHAUSTED] = SENSE_REGION_PERMANENT,
};

static struct scsi_sense send_region(struct drive *d, struct scsi_request *rq,
                                     const struct cdb_key *key)
{
    struct region_state next = d->region;
    struct scsi_sense sense = check_list_header(rq);
    enum region_change change;

    (void)key;
    if (sense.check) {
        return sense;
    }
    change = region_set(&next, rq->out[LIST_REGION_AT], drive_disc_rmi(d));
    if (change == REGION_SAME) {
        return SENSE_OK;
    }
    if (change == REGION_BAD_MASK) {
        return sense_list_field(LIST_REGION_AT);
    }
    if (change != REGION_CHANGED) {
        return sense_of(region_refusals[change]);
    }
    /* kept before GOOD is said, or not changed at all */
    if (d->services.store_region && !d->services.store_region(d->services.ctx, &next)) {
        return sense_of(SENSE_INTERNAL_FAILURE);
    }
    d->region = next;
    return SENSE_OK;
}

/* ---- the rows ---- */

/* clang-format off */
static const struct key_row report_rows[KEY_FORMATS] = {
    /*                   name                 gates        list  handler */
    [KEY_AGID]       = {{"AGID"},             GATE_MEDIUM, 0,    report_agid},
    [KEY_CHALLENGE]  = {{"drive challenge"},  GATE_MEDIUM, 0,    report_challenge},
    [KEY_KEY1]       = {{"KEY1"},             GATE_MEDIUM, 0,    report_key1},
    [KEY_TITLE_KEY]  = {{"title key"},        GATE_MEDIUM, 0,    report_title_key},
    [KEY_ASF]        = {{"ASF"},              GATE_MEDIUM, 0,    report_asf},
    [KEY_RPC_STATE]  = {{"RPC state"},        0,           0,    report_rpc_state},
    [KEY_INVALIDATE] = {{"invalidate AGID"},  0,           0,    invalidate},
};

static const struct key_row send_rows[KEY_FORMATS] = {
    [KEY_CHALLENGE]  = {{"host challenge"},   GATE_MEDIUM, 0x10, send_challenge},
    [KEY_KEY2]       = {{"KEY2"},             GATE_MEDIUM, 0x0c, send_key2},
    [KEY_SET_REGION] = {{"region"},           GATE_MEDIUM, 0x08, send_region},
    [KEY_INVALIDATE] = {{"invalidate AGID"},  0,           0,    invalidate},
};
/* clang-format on */

static struct scsi_sense find_row(struct scsi_request *rq, const struct key_row *rows)
{
    struct cdb_key key = cdb_key(rq->cdb);
    const struct key_row *row = &rows[key.format];

    if (rq->cdb[1] & CDB_SERVICE_ACTION) {
        return sense_cdb_field(1);
    }
    if (key.key_class != KEY_CLASS_CSS) {
        return sense_cdb_field(CDB_KEY_CLASS_AT);
    }
    if (!row->run) {
        return sense_cdb_field(CDB_AGID_FORMAT_AT);
    }
    rq->detail = row;
    rq->gates |= row->gates;
    return scsi_list_bytes(rq) < row->list_bytes ? sense_of(SENSE_LIST_LENGTH) : SENSE_OK;
}

struct scsi_sense check_report_key(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return find_row(rq, report_rows);
}

struct scsi_sense check_send_key(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return find_row(rq, send_rows);
}

static struct scsi_sense run_row(struct drive *d, struct scsi_request *rq)
{
    const struct key_row *row = rq->detail;
    struct cdb_key key = cdb_key(rq->cdb);

    return row->run(d, rq, &key);
}

struct scsi_sense cmd_report_key(struct drive *d, struct scsi_request *rq)
{
    return run_row(d, rq);
}

struct scsi_sense cmd_send_key(struct drive *d, struct scsi_request *rq)
{
    return run_row(d, rq);
}
