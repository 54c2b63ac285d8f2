/* SPDX-License-Identifier: GPL-2.0-only */
/* The drive as a whole: power, nexuses, the mechanism, and one command from end to end. */
#include "drive.h"

#include "agid_pool.h"
#include "commands.h"
#include "mode_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_MS 1000u

/* ---- log ---- */

static void log_line(const struct drive *d, enum drive_log_level level, const char *text)
{
    if (d->services.log) {
        d->services.log(d->services.ctx, level, text);
    }
}

static void trace(struct drive *d, const struct scsi_request *rq, struct scsi_sense sense)
{
    const struct command_detail *detail = rq->detail;
    char cdb[3 * SCSI_CDB_BYTES_MAX + 1] = "", line[256];
    size_t shown = rq->cdb_bytes < SCSI_CDB_BYTES_MAX ? rq->cdb_bytes : SCSI_CDB_BYTES_MAX;

    d->counters.commands++;
    d->counters.refusals += sense.check;
    if (!d->services.log_commands) {
        return;
    }
    for (size_t i = 0; i < shown; i++) {
        snprintf(cdb + 3 * i, 4, " %02x", rq->cdb[i]);
    }
    snprintf(line, sizeof(line), "%s%s%s:%s: %s (%x/%02x/%02x), %zu bytes",
             rq->row ? rq->row->name : "unknown command", detail ? ", " : "",
             detail ? detail->name : "", cdb, sense_text(sense), sense.key, sense.asc, sense.ascq,
             rq->in_bytes);
    log_line(d, DRIVE_LOG_COMMAND, line);
}

static void forget_authentication(struct drive *d)
{
    agid_pool_free_all(d);
    d->state.asf = d->state.key_sent = d->state.agid_reused = false;
}

/* ---- unit attentions and events, per nexus ---- */

/* In the order in which they are reported. */
static const struct {
    enum drive_attention bit;
    enum sense_id sense;
} attention_rows[] = {
    {DRIVE_UA_POWER_ON, SENSE_POWER_ON},
    {DRIVE_UA_MEDIUM_CHANGED, SENSE_MEDIUM_CHANGED},
};

struct scsi_sense drive_take_attention(struct drive *d, struct drive_nexus *nexus)
{
    for (size_t i = 0; i < sizeof(attention_rows) / sizeof(attention_rows[0]); i++) {
        if (nexus->state.attentions & attention_rows[i].bit) {
            nexus->state.attentions &= ~(unsigned)attention_rows[i].bit;
            d->counters.attentions++;
            return sense_of(attention_rows[i].sense);
        }
    }
    return SENSE_OK;
}

static void raise_attention(struct drive *d, enum drive_attention bit)
{
    for (struct drive_nexus *n = d->nexuses; n; n = n->next) {
        n->state.attentions |= bit;
    }
}

/* A nexus that does not poll keeps the newest events; one said twice in a row is one. */
static void post_event(struct drive *d, enum media_event event)
{
    for (struct drive_nexus *n = d->nexuses; n; n = n->next) {
        if (n->state.event_count && n->state.events[n->state.event_count - 1] == event) {
            continue;
        }
        if (n->state.event_count == DRIVE_EVENTS_MAX) {
            memmove(n->state.events, n->state.events + 1, --n->state.event_count);
        }
        n->state.events[n->state.event_count++] = (uint8_t)event;
    }
}

struct drive_nexus *drive_nexus_open(struct drive *d, uint64_t id)
{
    struct drive_nexus *nexus = calloc(1, sizeof(*nexus));

    drive_tick(d);
    if (nexus) {
        nexus->id = id;
        nexus->state.attentions = DRIVE_UA_POWER_ON;
        nexus->next = d->nexuses;
        d->nexuses = nexus;
    }
    return nexus;
}

void drive_nexus_close(struct drive *d, struct drive_nexus *nexus)
{
    struct drive_nexus **at = &d->nexuses;

    drive_tick(d);
    while (*at && *at != nexus) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = nexus->next;
        free(nexus);
        if (!d->nexuses && d->personality.quirks.release_on_last_nexus_loss) {
            agid_pool_free_all(d);
            d->state.asf = false;
        }
    }
}

/* ---- the mechanism ---- */

struct scsi_sense drive_medium_sense(const struct drive *d)
{
    if (d->state.tray_open) {
        return sense_of(SENSE_NO_MEDIUM_TRAY_OPEN);
    }
    if (!d->disc) {
        return sense_of(SENSE_NO_MEDIUM_TRAY_CLOSED);
    }
    return d->state.loading ? sense_of(SENSE_BECOMING_READY) : SENSE_OK;
}

uint8_t drive_disc_rmi(const struct drive *d)
{
    return drive_has_medium(d) && disc_has_css(d->disc) ? d->disc->rmi : 0;
}

/* Kept before anybody is told, or not changed at all. */
bool drive_change_region(struct drive *d, const struct region_state *next)
{
    if (memcmp(next, &d->state.region, sizeof(*next)) != 0 && d->services.store_region &&
        !d->services.store_region(d->services.ctx, next)) {
        return false;
    }
    d->state.region = *next;
    return true;
}

bool drive_region_fits(const struct drive *d)
{
    return region_allows(&d->state.region, drive_disc_rmi(d));
}

void drive_random(struct drive *d, uint8_t *out, size_t bytes)
{
    if (d->state.random.seeded) {
        random_bytes(&d->state.random, out, bytes);
    } else {
        d->services.random(d->services.ctx, out, bytes);
    }
}

bool drive_is_prevented(const struct drive *d)
{
    for (const struct drive_nexus *n = d->nexuses; n; n = n->next) {
        if (n->state.prevent || n->state.prevent_persistent) {
            return true;
        }
    }
    return false;
}

/* Not ready to ready: hosts are told, once each. */
static void become_ready(struct drive *d)
{
    d->state.loading = false;
    raise_attention(d, DRIVE_UA_MEDIUM_CHANGED);
    post_event(d, MEDIA_NEW);
    log_line(d, DRIVE_LOG_INFO, "new medium");
}

/* A drive in which nothing takes time has no use for a clock, and is the same at any time. */
static bool uses_time(const struct drive *d)
{
    return d->personality.quirks.ready_ms > 0 || d->personality.quirks.speed == SPEED_REAL;
}

static uint64_t load_us(const struct drive *d)
{
    const struct quirks *q = &d->personality.quirks;

    if (q->ready_ms == 0 && q->speed == SPEED_REAL) {
        return LATENCY_LOAD_US;
    }
    return (uint64_t)q->ready_ms * US_PER_MS;
}

void drive_tick(struct drive *d)
{
    if (uses_time(d) && d->services.now_us) {
        d->state.clock_us = d->services.now_us(d->services.ctx) + d->clock_offset_us;
    }
    if (d->state.loading && d->state.clock_us >= d->state.ready_at_us) {
        become_ready(d);
    }
}

void drive_tray_open(struct drive *d)
{
    drive_tick(d);
    if (drive_is_loaded(d)) {
        forget_authentication(d);
        post_event(d, MEDIA_REMOVAL);
        d->counters.ejects++;
        log_line(d, DRIVE_LOG_INFO, "tray opened, medium removed");
    }
    d->state.loading = false;
    d->state.tray_open = true;
}

void drive_tray_close(struct drive *d)
{
    drive_tick(d);
    if (d->state.tray_open && d->disc) {
        d->state.loading = true;
        d->state.ready_at_us = d->state.clock_us + load_us(d);
        d->state.mechanism = (struct mechanism){.limit_kb_s = d->state.mechanism.limit_kb_s};
        d->counters.inserts++;
        log_line(d, DRIVE_LOG_INFO, "tray closed");
    }
    d->state.tray_open = false;
    drive_tick(d);
}

bool drive_insert(struct drive *d, struct disc *disc)
{
    drive_tick(d);
    if (drive_is_loaded(d)) {
        return false;
    }
    disc_release(d->disc);
    d->disc = disc;
    d->disc_digest_known = false;
    d->state.tray_open = true; /* a disc comes in on the tray */
    drive_tray_close(d);
    return true;
}

enum drive_eject drive_eject(struct drive *d, bool force)
{
    drive_tick(d);
    if (!d->disc) {
        return DRIVE_EJECT_EMPTY;
    }
    if (!d->state.tray_open && !force && drive_is_prevented(d)) {
        post_event(d, MEDIA_EJECT_REQUEST);
        return DRIVE_EJECT_PREVENTED;
    }
    drive_tray_open(d);
    disc_release(d->disc);
    d->disc = NULL;
    return DRIVE_EJECTED;
}

/* ---- power and reset ---- */

static struct scsi_sense unit_attention(struct drive *d, struct scsi_request *rq)
{
    return drive_take_attention(d, rq->nexus);
}

static struct scsi_sense judge_medium(struct drive *d, const struct scsi_request *rq)
{
    struct scsi_sense sense = rq->gates & GATE_MEDIUM ? drive_medium_sense(d) : SENSE_OK;

    if (!sense.check && rq->gates & GATE_DVD && d->disc->kind != DISC_DVD) {
        return sense_of(SENSE_INCOMPATIBLE_FORMAT);
    }
    return sense;
}

void drive_init(struct drive *d, const struct personality *personality,
                const struct drive_services *services, const struct region_state *kept)
{
    memset(d, 0, sizeof(*d));
    d->personality = *personality;
    d->services = *services;
    d->state.region = kept ? *kept : personality->quirks.rpc_initial;
    d->state.region.scheme = personality->quirks.rpc_scheme;
    if (personality->quirks.rng_seed.given) {
        d->state.random = random_seeded(personality->quirks.rng_seed.number, "drive");
    }
    agid_pool_init(d);
    d->engine = (struct scsi_engine){
        .commands = mmc_commands,
        .unit_attention = unit_attention,
        .medium = judge_medium,
        .trace = trace,
        .strict = personality->strict_cdb,
    };
    mode_pages_reset(d->state.mode_values);
}

void drive_fini(struct drive *d)
{
    while (d->nexuses) {
        drive_nexus_close(d, d->nexuses);
    }
    disc_release(d->disc);
    d->disc = NULL;
}

void drive_reset(struct drive *d)
{
    drive_tick(d);
    forget_authentication(d);
    mode_pages_reset(d->state.mode_values);
    d->state.mechanism.limit_kb_s = 0;
    for (struct drive_nexus *n = d->nexuses; n; n = n->next) {
        n->state.prevent = n->state.prevent_persistent = false;
    }
    raise_attention(d, DRIVE_UA_POWER_ON);
    d->counters.resets++;
    log_line(d, DRIVE_LOG_INFO, "reset");
}

/* ---- one command ---- */

/* By the services' clock, from which the drive's own time may be apart. */
static uint64_t due_us(struct drive *d, const struct scsi_request *rq, bool refused)
{
    struct work work = d->work;

    if (d->personality.quirks.speed != SPEED_REAL) {
        return 0;
    }
    if (rq->medium_blocks) {
        work = (struct work){WORK_READ, rq->medium_lba, rq->medium_blocks};
    }
    if (refused) {
        work.kind = WORK_NONE;
    }
    return latency_answer_us(&d->state.mechanism, d->disc, work, d->state.clock_us) -
           d->clock_offset_us;
}

void drive_execute(struct drive *d, const struct drive_request *request, struct drive_reply *reply)
{
    struct scsi_request rq = {
        .cdb = request->cdb,
        .cdb_bytes = request->cdb_bytes,
        .out = request->out,
        .out_bytes = request->out ? request->out_bytes : 0,
        .in_room = request->in,
        .in_room_bytes = request->in_bytes,
        .nexus = request->nexus,
    };

    memset(reply, 0, sizeof(*reply));
    drive_tick(d);
    d->work = (struct work){.kind = WORK_NONE};
    reply->sense = scsi_execute(&d->engine, d, &rq);
    reply->in_bytes = rq.in_bytes;
    reply->out_bytes = rq.param_bytes;
    reply->due_us = due_us(d, &rq, reply->sense.check);
    if (rq.medium_blocks) {
        reply->fetch = (struct drive_fetch){.disc = disc_hold(d->disc),
                                            .lba = rq.medium_lba,
                                            .blocks = rq.medium_blocks,
                                            .compare = rq.medium_compare};
    }
}

enum medium_result drive_fetch(const struct drive_request *request, struct drive_reply *reply,
                               bool may_block)
{
    const struct drive_fetch *fetch = &reply->fetch;
    struct scsi_sense sense = SENSE_OK;
    enum medium_result result = MEDIUM_OK;

    if (fetch->blocks == 0) {
        return MEDIUM_OK;
    }
    if (fetch->compare) {
        result = disc_compare(fetch->disc, fetch->lba, fetch->blocks, request->out,
                              request->out_bytes, may_block, &sense);
    } else if (request->in) {
        result =
            disc_read(fetch->disc, fetch->lba, fetch->blocks, request->in,
                      reply->in_bytes < request->in_bytes ? reply->in_bytes : request->in_bytes,
                      may_block, &sense);
    }
    if (sense.check) {
        reply->sense = sense;
        reply->in_bytes = 0;
    }
    return result;
}

void drive_fetch_end(struct drive_reply *reply)
{
    disc_release(reply->fetch.disc);
    reply->fetch = (struct drive_fetch){.disc = NULL};
}

void drive_run(struct drive *d, const struct drive_request *request, struct drive_reply *reply)
{
    drive_execute(d, request, reply);
    drive_fetch(request, reply, true);
    drive_fetch_end(reply);
}
