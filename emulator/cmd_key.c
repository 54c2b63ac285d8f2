/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * REPORT KEY and SEND KEY, key class 0 (mmc-spec 1, 2, 4): one row per key format and direction.
 * This file turns commands into events of the AGID machine (css/agid.h) and does what the machine
 * asks for; which step may follow which is the machine's table, not code here.
 */
#include "commands.h"

#include "agid_pool.h"
#include "key_transfer.h"
#include "scsi/be.h"
#include "scsi/cdb.h"
#include "scsi/opcodes.h"

#include <string.h>

#define CDB_SERVICE_ACTION 0x1f /* byte 1: other device types' service actions, mmc-spec 6.12 */
#define CDB_KEY_CLASS_AT   7
#define CDB_AGID_FORMAT_AT 10
#define AGID_SHIFT         6
#define MEDIUM_DVD         (GATE_MEDIUM | GATE_DVD)
#define KEY_FORMATS        64
#define LIST_HEADER_BYTES  4
#define LIST_LENGTH_BYTES  2 /* the data length field does not count itself */
#define LIST_REGION_AT     4

struct key_row {
    struct command_detail detail;
    unsigned gates;
    size_t list_bytes; /* shortest parameter list; 0: none is read */
    struct scsi_sense (*run)(struct drive *, struct scsi_request *, const struct cdb_key *);
};

static struct agid_slot *slot_of(struct drive *d, const struct cdb_key *key)
{
    return &d->state.agids[key->agid];
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

/* What a DVD without CSS meets before an AGID is looked for (mmc-spec 2.6). */
static struct scsi_sense judge_disc_for_agid(const struct drive *d)
{
    if (disc_has_css(d->disc)) {
        return SENSE_OK;
    }
    switch (d->personality.quirks.non_css) {
    case NON_CSS_3002_AT_AGID:
        return sense_of(SENSE_INCOMPATIBLE_FORMAT);
    case NON_CSS_SENSE0_AT_AGID:
        return sense_of(SENSE_NO_SENSE);
    default:
        return SENSE_OK;
    }
}

static struct scsi_sense report_agid(struct drive *d, struct scsi_request *rq,
                                     const struct cdb_key *key)
{
    struct scsi_sense sense = judge_disc_for_agid(d);
    uint8_t agid = 0;

    (void)key; /* the AGID field means nothing here: Linux leaves a stale one in it */
    if (!sense.check) {
        sense = agid_pool_grant(d, &agid);
    }
    return sense.check
               ? sense
               : report(rq, (const uint8_t[]){0, 0, 0, (uint8_t)(agid << AGID_SHIFT)}, 4, 0);
}

static struct scsi_sense report_challenge(struct drive *d, struct scsi_request *rq,
                                          const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);
    enum agid_action action = agid_pool_step(d, key->agid, AGID_EV_READ_CHALLENGE);

    if (action == AGID_REFUSE) {
        return agid_pool_refuse(d, key->agid);
    }
    if (action == AGID_DRAW_CHALLENGE) {
        drive_random(d, slot->drive_challenge.b, sizeof(slot->drive_challenge.b));
    }
    return report(rq, slot->drive_challenge.b, sizeof(slot->drive_challenge.b), 2);
}

static struct scsi_sense report_key1(struct drive *d, struct scsi_request *rq,
                                     const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);

    if (agid_pool_peek(d, key->agid, AGID_EV_READ_KEY1) == AGID_REFUSE) {
        return agid_pool_refuse(d, key->agid);
    }
    if (!disc_has_css(d->disc) && d->personality.quirks.non_css == NON_CSS_6F01_AT_KEY1) {
        return sense_of(SENSE_KEY_NOT_PRESENT);
    }
    if (agid_pool_step(d, key->agid, AGID_EV_READ_KEY1) == AGID_MAKE_KEY1) {
        slot->key1 = css_make_key1(slot->variant, &slot->host_challenge);
    }
    return report(rq, slot->key1.b, sizeof(slot->key1.b), 3);
}

static struct scsi_sense report_title_key(struct drive *d, struct scsi_request *rq,
                                          const struct cdb_key *key)
{
    uint8_t answer[TITLE_KEY_REPLY_BYTES];
    struct scsi_sense sense = key_transfer_title(d, key->agid, key->lba, answer);

    return sense.check ? sense : report(rq, answer, sizeof(answer), 2);
}

static struct scsi_sense report_asf(struct drive *d, struct scsi_request *rq,
                                    const struct cdb_key *key)
{
    const bool asf = d->state.asf || d->personality.quirks.asf_always;

    (void)key;
    return report(rq, (const uint8_t[]){0, 0, 0, asf}, 4, 0);
}

static struct scsi_sense report_rpc_state(struct drive *d, struct scsi_request *rq,
                                          const struct cdb_key *key)
{
    static const uint8_t rpc1[] = {0x00, 0xff, REGION_SCHEME_NONE, 0}; /* mmc-spec 4.4 */
    const struct region_state *r = &d->state.region;

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
    return agid_pool_step(d, key->agid, AGID_EV_INVALIDATE) == AGID_REFUSE
               ? sense_cdb_field(CDB_AGID_FORMAT_AT)
               : SENSE_OK;
}

/* ---- SEND KEY ---- */

static struct scsi_sense send_challenge(struct drive *d, struct scsi_request *rq,
                                        const struct cdb_key *key)
{
    struct scsi_sense sense;

    if (agid_pool_peek(d, key->agid, AGID_EV_HOST_CHALLENGE) == AGID_REFUSE) {
        return agid_pool_refuse(d, key->agid);
    }
    sense = check_list_header(rq);
    if (!sense.check) {
        agid_pool_step(d, key->agid, AGID_EV_HOST_CHALLENGE);
        memcpy(slot_of(d, key)->host_challenge.b, rq->out + LIST_HEADER_BYTES, CSS_CHALLENGE_BYTES);
    }
    return sense;
}

static struct scsi_sense send_key2(struct drive *d, struct scsi_request *rq,
                                   const struct cdb_key *key)
{
    struct agid_slot *slot = slot_of(d, key);
    struct scsi_sense sense;
    css_key2 expected, sent;
    bool right;

    if (agid_pool_peek(d, key->agid, AGID_EV_KEY2_OK) == AGID_REFUSE) {
        return agid_pool_refuse(d, key->agid);
    }
    sense = check_list_header(rq);
    if (sense.check) {
        return sense;
    }
    memcpy(sent.b, rq->out + LIST_HEADER_BYTES, CSS_KEY_BYTES);
    expected = css_make_key2(slot->variant, &slot->drive_challenge);
    right = css_key2_equal(&expected, &sent);
    agid_pool_step(d, key->agid, right ? AGID_EV_KEY2_OK : AGID_EV_KEY2_BAD);
    key_transfer_key2(d, right);
    if (!right) {
        return sense_of(SENSE_AUTHENTICATION_FAILURE);
    }
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
    struct region_state next = d->state.region;
    struct scsi_sense sense = check_list_header(rq);
    enum region_change change;

    (void)key;
    if (sense.check) {
        return sense;
    }
    change = region_set(&next, rq->out[LIST_REGION_AT], drive_disc_rmi(d),
                        d->personality.quirks.rpc_same_region == SAME_REGION_COUNTS);
    if (change == REGION_SAME) {
        return SENSE_OK;
    }
    if (change == REGION_BAD_MASK) {
        return sense_list_field(LIST_REGION_AT);
    }
    if (change != REGION_CHANGED) {
        return sense_of(region_refusals[change]);
    }
    return drive_change_region(d, &next) ? SENSE_OK : sense_of(SENSE_INTERNAL_FAILURE);
}

/* ---- the rows ---- */

/* clang-format off */
static const struct key_row report_rows[KEY_FORMATS] = {
    /*                   name                 gates        list  handler */
    [KEY_AGID]       = {{"AGID"},             MEDIUM_DVD,  0,    report_agid},
    [KEY_CHALLENGE]  = {{"drive challenge"},  MEDIUM_DVD,  0,    report_challenge},
    [KEY_KEY1]       = {{"KEY1"},             MEDIUM_DVD,  0,    report_key1},
    [KEY_TITLE_KEY]  = {{"title key"},        MEDIUM_DVD,  0,    report_title_key},
    [KEY_ASF]        = {{"ASF"},              MEDIUM_DVD,  0,    report_asf},
    [KEY_RPC_STATE]  = {{"RPC state"},        0,           0,    report_rpc_state},
    [KEY_INVALIDATE] = {{"invalidate AGID"},  0,           0,    invalidate},
};

static const struct key_row send_rows[KEY_FORMATS] = {
    [KEY_CHALLENGE]  = {{"host challenge"},   MEDIUM_DVD,  0x10, send_challenge},
    [KEY_KEY2]       = {{"KEY2"},             MEDIUM_DVD,  0x0c, send_key2},
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

    key.agid = agid_pool_addressed(d, key.agid);
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
