/* SPDX-License-Identifier: GPL-2.0-only */
#include "check_exchange.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define AGID_AT         7
#define AGID_SHIFT      6
#define AGID_OTHER_BITS 0x3f
#define CPR_MAI_AT      4
#define TITLE_KEY_AT    5
#define LENGTH_BYTES    2 /* the data length field does not count itself */
#define AGIDS_MAX       4

const char *const check_stage_names[STAGES] = {"FREE", "GRANTED", "HCHAL",
                                               "KEY1", "DCHAL",   "BUSKEY"};

/* ---- the pool ---- */

unsigned check_agids(const struct check *k)
{
    return k->quirks.agid_count;
}

unsigned check_nth_agid(const struct check *k, unsigned granted)
{
    return k->quirks.agid_order == AGID_HIGHEST ? AGIDS_MAX - 1 - granted : granted;
}

/* ---- one step ---- */

/* Length, header and padding of a good reply: `bytes` in all, the padding from `end`. */
static bool has_form(struct check *k, size_t bytes, size_t end)
{
    if (!check_expect_reply(k, bytes) ||
        !check_expect_number(k, "data length", bytes - LENGTH_BYTES, be16_get(k->in)) ||
        !check_expect_number(k, "reserved bytes 2 and 3", 0, be16_get(k->in + 2))) {
        return false;
    }
    for (size_t i = end; i < bytes; i++) {
        if (!check_expect_number(k, "padding", 0, k->in[i])) {
            return false;
        }
    }
    return true;
}

int check_step_agid(struct check *k, struct check_exchange *x)
{
    int outcome = ask_report_key(k, 0, KEY_AGID, 0, AGID_BYTES);

    x->agid = k->in[AGID_AT] >> AGID_SHIFT; /* 0 when it did not come */
    if (outcome == GOOD && has_form(k, AGID_BYTES, AGID_BYTES)) {
        check_expect_number(k, "bytes 4 to 6", 0, be32_get(k->in + 3));
        check_expect_number(k, "bits 5-0 of byte 7", 0, k->in[AGID_AT] & AGID_OTHER_BITS);
    }
    return outcome;
}

int check_step_this_challenge(struct check *k, struct check_exchange *x, const css_challenge *host)
{
    uint8_t list[CHALLENGE_BYTES] = {0, CHALLENGE_BYTES - LENGTH_BYTES};
    int outcome;

    memcpy(list + KEY_HEADER_BYTES, host->b, sizeof(host->b));
    outcome = ask_send_key(k, x->agid, KEY_CHALLENGE, list, sizeof(list));
    if (outcome == GOOD) {
        x->host = *host;
    }
    return outcome;
}

int check_step_challenge(struct check *k, struct check_exchange *x)
{
    css_challenge host;

    random_bytes(&k->options.random, host.b, sizeof(host.b));
    return check_step_this_challenge(k, x, &host);
}

int check_step_key1(struct check *k, struct check_exchange *x)
{
    int outcome = ask_report_key(k, x->agid, KEY_KEY1, 0, KEY1_BYTES);

    if (outcome == GOOD && has_form(k, KEY1_BYTES, KEY_HEADER_BYTES + CSS_KEY_BYTES)) {
        memcpy(x->key1.b, k->in + KEY_HEADER_BYTES, sizeof(x->key1.b));
        x->variant = host_find_variant(&x->host, &x->key1);
        if (x->variant < 0) {
            check_fail(k, "expected a KEY1 of one of the %u variants, seen none of them",
                       CSS_VARIANTS);
        } else if (k->quirks.variant != QUIRK_VARIANT_RANDOM) {
            check_expect_number(k, "variant", k->quirks.variant, (unsigned)x->variant);
        }
    }
    return outcome;
}

int check_step_drive_challenge(struct check *k, struct check_exchange *x)
{
    int outcome = ask_report_key(k, x->agid, KEY_CHALLENGE, 0, CHALLENGE_BYTES);

    if (outcome == GOOD && has_form(k, CHALLENGE_BYTES, KEY_HEADER_BYTES + CSS_CHALLENGE_BYTES)) {
        memcpy(x->drive.b, k->in + KEY_HEADER_BYTES, sizeof(x->drive.b));
    }
    return outcome;
}

int check_step_wrong_key2(struct check *k, struct check_exchange *x, const css_key2 *flip)
{
    const unsigned variant = x->variant < 0 ? 0 : (unsigned)x->variant;
    css_key2 key2 = css_make_key2(variant, &x->drive);
    uint8_t list[KEY2_BYTES] = {0, KEY2_BYTES - LENGTH_BYTES};
    int outcome;

    for (size_t i = 0; i < sizeof(key2.b); i++) {
        key2.b[i] ^= flip->b[i];
        list[KEY_HEADER_BYTES + i] = key2.b[i];
    }
    outcome = ask_send_key(k, x->agid, KEY_KEY2, list, sizeof(list));
    if (outcome == GOOD) {
        x->bus_key = css_make_bus_key(variant, &x->key1, &key2);
    }
    return outcome;
}

int check_step_key2(struct check *k, struct check_exchange *x)
{
    return check_step_wrong_key2(k, x, &(const css_key2){{0}});
}

int check_step_disc_key(struct check *k, struct check_exchange *x, uint8_t *block)
{
    int outcome = ask_structure(k, x->agid, STRUCTURE_DISC_KEY, 0, DISC_KEY_BYTES);

    if (outcome == GOOD && has_form(k, DISC_KEY_BYTES, DISC_KEY_BYTES) && block) {
        css_bus_xor(block, k->in + KEY_HEADER_BYTES, CSS_DISC_BLOCK_BYTES, &x->bus_key);
    }
    return outcome;
}

int check_step_title_key(struct check *k, struct check_exchange *x, uint32_t lba, uint8_t *cpr_mai,
                         css_wrapped_title_key *key)
{
    int outcome = ask_report_key(k, x->agid, KEY_TITLE_KEY, lba, TITLE_KEY_BYTES);

    if (outcome == GOOD && has_form(k, TITLE_KEY_BYTES, TITLE_KEY_AT + CSS_KEY_BYTES)) {
        if (cpr_mai) {
            *cpr_mai = k->in[CPR_MAI_AT];
        }
        if (key) {
            css_bus_xor(key->b, k->in + TITLE_KEY_AT, sizeof(key->b), &x->bus_key);
        }
    }
    return outcome;
}

int check_step_invalidate(struct check *k, unsigned agid)
{
    return ask_report_key(k, agid, KEY_INVALIDATE, 0, 0);
}

/* ---- several steps ---- */

/* The step that leads into a state. */
static int (*const into[STAGES])(struct check *, struct check_exchange *) = {
    [GRANTED] = check_step_agid,          [HCHAL] = check_step_challenge, [KEY1] = check_step_key1,
    [DCHAL] = check_step_drive_challenge, [BUSKEY] = check_step_key2,
};

void check_begin(const struct check *k, struct check_exchange *x)
{
    *x = (struct check_exchange){
        .agid = check_nth_agid(k, check_agids(k) - 1),
        .variant = -1,
    };
}

static bool walk(struct check *k, struct check_exchange *x, enum check_stage from,
                 enum check_stage to)
{
    for (int stage = (int)from + 1; stage <= (int)to; stage++) {
        into[stage](k, x);
        if (!check_expect(k, GOOD)) {
            return false;
        }
    }
    return k->verdict != CHECK_FAILED;
}

bool check_reach(struct check *k, struct check_exchange *x, enum check_stage stage)
{
    check_begin(k, x);
    return walk(k, x, FREE, stage);
}

bool check_go_on(struct check *k, struct check_exchange *x, enum check_stage stage)
{
    return walk(k, x, stage, BUSKEY);
}

bool check_cash_in(struct check *k, struct check_exchange *x)
{
    check_step_disc_key(k, x, NULL);
    return check_expect(k, k->have & CHECK_CSS ? GOOD : NO_KEY);
}

bool check_complete(struct check *k, struct check_exchange *x, enum check_stage stage)
{
    return check_go_on(k, x, stage) && check_cash_in(k, x);
}

/* Each question is refused without a change in the states that the ones below it tell apart. */
enum check_stage check_find_stage(struct check *k, struct check_exchange *x)
{
    int outcome = check_step_disc_key(k, x, NULL);

    if (outcome == GOOD || outcome == NO_KEY) {
        return BUSKEY;
    }
    outcome = check_step_wrong_key2(k, x, &(const css_key2){{0, 0, 0x10}});
    if (outcome == CDB_FIELD) {
        return FREE;
    }
    if (outcome == AUTH_FAILURE) {
        return DCHAL;
    }
    if (check_step_drive_challenge(k, x) == GOOD) {
        return KEY1;
    }
    if (check_step_key1(k, x) == GOOD) {
        return HCHAL;
    }
    return check_step_challenge(k, x) == GOOD ? GRANTED : FREE;
}

bool check_can_give_back(const struct check *k)
{
    return k->quirks.agid_field == FIELD_CHECKED || check_agids(k) == 1;
}

int check_count_free(struct check *k)
{
    const unsigned wanted = check_can_give_back(k) ? check_agids(k) : 1;
    unsigned taken[AGIDS_MAX], count = 0;
    struct check_exchange x = {.agid = 0};

    while (count < wanted && check_step_agid(k, &x) == GOOD) {
        taken[count++] = x.agid;
    }
    for (unsigned n = 0; n < count; n++) {
        check_step_invalidate(k, taken[n]);
        if (!check_expect(k, GOOD)) {
            return -1;
        }
    }
    return (int)(count == wanted ? check_agids(k) : count);
}

/* ---- the drive's lock ---- */

bool check_unlock(struct check *k)
{
    struct check_exchange x;

    if (!check_reach(k, &x, BUSKEY)) {
        return false;
    }
    check_step_disc_key(k, &x, NULL);
    return check_expect(k, GOOD);
}

bool check_asf_after_disc_key(const struct check *k)
{
    return !(k->have & CHECK_REGION_MISMATCH &&
             k->quirks.asf_on_region_mismatch == MISMATCH_CLEARS_ASF);
}

bool check_refuse_key2(struct check *k)
{
    struct check_exchange x;

    if (!check_reach(k, &x, DCHAL)) {
        return false;
    }
    check_step_wrong_key2(k, &x, &(const css_key2){{1}});
    if (!check_expect(k, AUTH_FAILURE)) {
        return false;
    }
    if (k->quirks.bad_key2_agid == BAD_KEY2_STAY) {
        check_step_invalidate(k, x.agid);
    }
    return true;
}

/* For a drive that a wrong KEY2 does not lock. */
static bool lock_by_reset(struct check *k)
{
    const unsigned host = k->host;

    if (!k->wire.reset) {
        check_skip(k, "a wrong KEY2 does not lock this drive, and it cannot be reset");
        return false;
    }
    if (!check_reset_unit(k)) {
        return false;
    }
    for (k->host = 0; k->host < CHECK_HOSTS; k->host++) {
        if (k->up[k->host]) {
            check_drain(k);
        }
    }
    k->host = host;
    return true;
}

bool check_lock(struct check *k)
{
    const bool locks = k->quirks.asf_on_bad_key2 == BAD_KEY2_CLEARS_ASF;

    return (locks ? check_refuse_key2(k) : lock_by_reset(k)) && check_expect_asf(k, false);
}

bool check_reach_title_key(struct check *k, struct check_exchange *x)
{
    /* the first key of all may be sent in clear: then let it be the disc key */
    const bool disc_key_first = k->quirks.title_requires_asf || k->quirks.first_title_key_plain;

    if (k->have & CHECK_CSS && disc_key_first && !check_unlock(k)) {
        return false;
    }
    return check_reach(k, x, BUSKEY);
}

int check_unlocked_read(const struct check *k)
{
    if (!check_asf_after_disc_key(k)) {
        return SCRAMBLED;
    }
    return k->have & CHECK_REGION_MISMATCH && k->quirks.region_read == REGION_READ_REFUSE
               ? REGION_REFUSED
               : GOOD;
}
