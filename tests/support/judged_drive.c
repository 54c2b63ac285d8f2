/* SPDX-License-Identifier: GPL-2.0-only */
#include "judged_drive.h"

#include "drive_mark.h"
#include "golden_disc.h"
#include "guard_area.h"
#include "lcg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON       0xa5
#define FENCE_BYTES  16 /* in front of a reply room */
#define STORAGE_FILE 0  /* place of the word in oracle_quirk_rows */

/* ---- what the drive is given ---- */

static void lcg_random(void *ctx, uint8_t *out, size_t bytes)
{
    struct judged_drive *j = ctx;

    if (j->random_stands_still) {
        memset(out, (uint8_t)j->random, bytes);
    } else {
        lcg_bytes(&j->random, out, bytes);
    }
}

static uint64_t own_clock(void *ctx)
{
    const struct judged_drive *j = ctx;

    return j->now_ms * 1000;
}

static bool keep_region(void *ctx, const struct region_state *state)
{
    struct judged_drive *j = ctx;

    j->kept = *state;
    j->is_kept = j->oracle.quirk[ORACLE_RPC_STORAGE] == STORAGE_FILE;
    return true;
}

static void *need(void *memory)
{
    if (!memory) {
        perror("judged drive");
        abort();
    }
    return memory;
}

/* ---- the disc ---- */

static void make_protected(struct disc *disc, const struct oracle_disc *from)
{
    disc->protection = DISC_CSS;
    disc->rmi = from->rmi;
    memcpy(disc->disc_key_block, from->disc_key_block, sizeof(disc->disc_key_block));
    if (!from->run_count) {
        return;
    }
    disc->extents = need(calloc(from->run_count, sizeof(*disc->extents)));
    disc->title_keys = need(calloc(from->run_count, sizeof(*disc->title_keys)));
    disc->extent_count = from->run_count;
    for (size_t i = 0; i < from->run_count; i++) {
        const struct oracle_run *run = &from->runs[i];
        struct disc_extent *extent = &disc->extents[i];

        *extent = (struct disc_extent){run->lba, run->blocks, run->cpr_mai, -1, -1};
        if (run->has_key) {
            extent->key = (int16_t)disc->title_key_count;
            memcpy(disc->title_keys[disc->title_key_count].wrapped.b, run->key, CSS_KEY_BYTES);
            memcpy(disc->title_keys[disc->title_key_count].clear.b, run->key, CSS_KEY_BYTES);
            disc->title_key_count++;
        }
    }
}

struct disc *judged_disc(const struct oracle_disc *from)
{
    struct disc *disc = golden_disc_plain(from->blocks);

    disc->kind = from->cd ? DISC_CD : DISC_DVD;
    if (from->no_copyright) {
        disc->protection = DISC_NO_STRUCTURE;
    }
    if (from->css) {
        make_protected(disc, from);
    }
    if (from->may_fail) {
        golden_disc_spoil(disc, from->blocks / 2);
    }
    return disc;
}

/* ---- state: the one place that knows where the drive keeps it ---- */

static struct oracle_nexus seen_nexus(const struct nexus_state *nexus)
{
    struct oracle_nexus seen = {.here = true};

    seen.attentions |= nexus->attentions & DRIVE_UA_POWER_ON ? ORACLE_UA_POWER_ON : 0;
    seen.attentions |= nexus->attentions & DRIVE_UA_MEDIUM_CHANGED ? ORACLE_UA_MEDIUM_CHANGED : 0;
    seen.prevent = nexus->prevent;
    seen.prevent_persistent = nexus->prevent_persistent;
    return seen;
}

/* What a slot remembers is what the exchange has brought so far, and nothing of another one. */
static const char *slot_holds_other(const struct agid_slot *is, const struct oracle_slot *has)
{
    struct agid_slot empty = {.state = is->state};

    if (has->state >= ORACLE_GRANTED) {
        empty.variant = is->variant;
        if (!(has->variants >> is->variant & 1)) {
            return "the variant of an AGID is not the one that its KEY1 showed";
        }
    }
    if (has->state <= ORACLE_GRANTED) {
        return memcmp(is, &empty, sizeof(empty)) != 0
                   ? "an AGID without challenge holds something of an exchange"
                   : NULL;
    }
    if (memcmp(is->host_challenge.b, has->host_challenge, ORACLE_CHALLENGE_BYTES) != 0 ||
        memcmp(is->drive_challenge.b, has->drive_challenge, has->drive_challenge_known) != 0) {
        return "an AGID holds another challenge than was sent";
    }
    return NULL;
}

static const char *slots_differ(const struct judged_drive *j)
{
    const char *text = NULL;

    for (unsigned n = 0; !text && n < ORACLE_SLOTS; n++) {
        text = slot_holds_other(&j->drive.state.agids[n], &j->oracle.slot[n]);
    }
    return text;
}

static const char *compare(const struct judged_drive *j)
{
    const struct drive_state *s = &j->drive.state;
    struct oracle_seen seen = {.asf = s->asf,
                               .vendor_resets = s->region.vendor_resets,
                               .user_changes = s->region.user_changes,
                               .region_mask = s->region.mask,
                               .disc_in = j->drive.disc != NULL,
                               .tray_open = s->tray_open};
    const char *text;

    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        seen.slot_state[n] = s->agids[n].state;
    }
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        if (j->nexus[n]) {
            seen.nexus[n] = seen_nexus(&j->nexus[n]->state);
        }
    }
    text = oracle_same_state(&j->oracle, &seen);
    return text ? text : slots_differ(j);
}

/* ---- power ---- */

void judged_init(struct judged_drive *j, uint32_t seed)
{
    memset(j, 0, sizeof(*j));
    j->random = seed;
    drive_config_init(&j->config);
    memcpy(j->config.personality.serial, "0123456789AB", SERIAL_BYTES + 1);
    oracle_init(&j->oracle);
    j->oracle.challenges_are_fresh = true;
}

void judged_repeat_random(struct judged_drive *j)
{
    j->random_stands_still = true;
    j->oracle.challenges_are_fresh = false;
}

bool judged_quirk(struct judged_drive *j, const char *key, const char *value)
{
    char why[INI_ERROR_BYTES];
    const struct oracle before = j->oracle;

    if (!oracle_quirk(&j->oracle, key, value)) {
        return false;
    }
    if (!drive_config_set(&j->config, key, value, why)) {
        j->oracle = before;
        return false;
    }
    return true;
}

void judged_open(struct judged_drive *j)
{
    const struct drive_services services = {
        .ctx = j, .random = lcg_random, .now_us = own_clock, .store_region = keep_region};

    drive_init(&j->drive, &j->config.personality, &services, j->is_kept ? &j->kept : NULL);
}

void judged_close(struct judged_drive *j)
{
    drive_fini(&j->drive);
}

const char *judged_power_cycle(struct judged_drive *j)
{
    judged_close(j);
    memset(j->nexus, 0, sizeof(j->nexus));
    judged_open(j);
    oracle_power_cycle(&j->oracle);
    return compare(j);
}

/* ---- events ---- */

/* What the clock has brought about since the last command has happened before the event. */
static void model_ticks(struct judged_drive *j)
{
    oracle_clock(&j->oracle, j->now_ms);
}

const char *judged_nexus_comes(struct judged_drive *j, unsigned nexus)
{
    model_ticks(j);
    j->nexus[nexus] = need(drive_nexus_open(&j->drive, nexus));
    oracle_nexus_came(&j->oracle, nexus);
    return compare(j);
}

const char *judged_nexus_goes(struct judged_drive *j, unsigned nexus)
{
    model_ticks(j);
    drive_nexus_close(&j->drive, j->nexus[nexus]);
    j->nexus[nexus] = NULL;
    oracle_nexus_gone(&j->oracle, nexus);
    return compare(j);
}

const char *judged_reset(struct judged_drive *j)
{
    model_ticks(j);
    drive_reset(&j->drive);
    oracle_reset(&j->oracle);
    return compare(j);
}

const char *judged_insert(struct judged_drive *j, const struct oracle_disc *disc)
{
    const bool fits = j->oracle.tray_open || !j->oracle.disc;
    struct disc *made = judged_disc(disc);
    const bool taken = drive_insert(&j->drive, made);

    model_ticks(j);
    if (!taken) {
        disc_release(made);
    }
    if (taken != fits) {
        return taken ? "a disc was put in where another one is" : "a disc was refused";
    }
    if (taken) {
        oracle_medium_in(&j->oracle, disc);
    }
    return compare(j);
}

const char *judged_eject(struct judged_drive *j, bool force)
{
    /* what lies on the open tray can be taken by anybody */
    const bool prevented = oracle_is_prevented(&j->oracle) && !j->oracle.tray_open && !force;
    const enum drive_eject result = drive_eject(&j->drive, force);

    model_ticks(j);
    if (!j->oracle.disc) { /* nothing to take away: no event, and the tray stays as it is */
        return result == DRIVE_EJECTED ? "a disc came out of an empty drive" : compare(j);
    }
    if (prevented != (result == DRIVE_EJECT_PREVENTED)) {
        return prevented ? "the tray opened although removal is prevented"
                         : "the tray stayed closed although nothing prevents removal";
    }
    if (!prevented) {
        oracle_medium_out(&j->oracle);
    }
    return compare(j);
}

const char *judged_wait(struct judged_drive *j, unsigned ms)
{
    j->now_ms += ms;
    return NULL; /* the drive looks at its clock with the next command */
}

/* ---- commands ---- */

static struct oracle_answer answer_of(const struct judged_drive *j)
{
    const struct scsi_sense *sense = &j->reply.sense;
    struct oracle_answer a = {.check = sense->check,
                              .key = sense->key,
                              .asc = sense->asc,
                              .ascq = sense->ascq,
                              .pointer_byte = sense->field_byte,
                              .information_valid = sense->information_valid,
                              .data_bytes = j->reply.in_bytes,
                              .data = j->in};

    if (sense->pointer == SENSE_POINTER_CDB) {
        a.pointer = ORACLE_POINTER_CDB;
    } else if (sense->pointer == SENSE_POINTER_LIST) {
        a.pointer = ORACLE_POINTER_LIST;
    }
    return a;
}

/* What a command is given, each ending at a guard page; one of each for the process. */
static struct rooms {
    struct guard_area cdb, out, in;
} rooms;

static const struct rooms *open_rooms(void)
{
    if (!rooms.in.base) {
        rooms.cdb = guard_area_open(SCSI_CDB_BYTES_MAX);
        rooms.out = guard_area_open(JUDGED_ROOM_BYTES);
        rooms.in = guard_area_open(JUDGED_ROOM_BYTES + FENCE_BYTES);
    }
    return &rooms;
}

static const uint8_t *lay(const struct guard_area *area, const uint8_t *bytes, size_t count)
{
    uint8_t *at = guard_area_end(area, count);

    if (count) {
        memcpy(at, bytes, count);
    }
    return at;
}

static bool is_poison(const uint8_t *from, size_t count)
{
    /* each byte is the one before it */
    return count == 0 || (*from == POISON && memcmp(from, from + 1, count - 1) == 0);
}

/* Nothing behind what the drive says it wrote, and nothing in front of the room. Of a refusal
 * nothing is sent, whatever its room holds. */
static const char *wrote_too_much(const struct judged_drive *j, size_t room)
{
    const size_t said = j->reply.in_bytes < room ? j->reply.in_bytes : room;
    const size_t from = j->reply.sense.check ? room : said;

    return is_poison(j->in - FENCE_BYTES, FENCE_BYTES) && is_poison(j->in + from, room - from)
               ? NULL
               : "the drive wrote a byte that it does not report";
}

/* What the drive keeps beyond the model's rules; a rule may say that its refusal changes things. */
static const char *judge_mark(const struct judged_drive *j, const struct drive_mark *mark)
{
    const char *text = drive_mark_ended_once(mark, &j->drive, j->reply.sense.check);

    if (text || !j->reply.sense.check ||
        (j->note.judged && oracle_rule_rows[j->note.rule].changes)) {
        return text;
    }
    return drive_mark_differs(mark, &j->drive);
}

static void run(struct judged_drive *j, const struct oracle_command *c)
{
    const struct rooms *r = open_rooms();
    uint8_t *const in = guard_area_end(&r->in, c->in_room_bytes);
    const struct drive_request request = {.cdb = lay(&r->cdb, c->cdb, c->cdb_bytes),
                                          .cdb_bytes = c->cdb_bytes,
                                          .out = c->out_bytes ? lay(&r->out, c->out, c->out_bytes)
                                                              : NULL,
                                          .out_bytes = c->out_bytes,
                                          .in = in,
                                          .in_bytes = c->in_room_bytes,
                                          .nexus = j->nexus[c->nexus]};

    memset(in - FENCE_BYTES, POISON, FENCE_BYTES + c->in_room_bytes);
    memset(&j->reply, 0, sizeof(j->reply));
    j->in = in;
    drive_run(&j->drive, &request, &j->reply);
}

const char *judged_run(struct judged_drive *j, const struct oracle_command *c)
{
    struct oracle_answer answer;
    struct drive_mark mark;
    const char *text;

    drive_mark_take(&mark, &j->drive);
    run(j, c);
    answer = answer_of(j);
    oracle_clock(&j->oracle, j->now_ms);
    text = oracle_judge(&j->oracle, c, &answer, &j->note);
    if (!text) {
        text = wrote_too_much(j, c->in_room_bytes);
    }
    if (!text) {
        text = judge_mark(j, &mark);
    }
    return text ? text : compare(j);
}
