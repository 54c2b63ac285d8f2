/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file drive.h
 * The drive: one value, one entry for commands, a few for events.
 *
 * It opens, reads, sleeps, logs and draws nothing by itself: medium, clock, random source, log
 * sink and the place for the region state are handed in, so that tgtd, the tests, the fuzzers and
 * the benches are equal callers. All calls on one drive come from one thread at a time, except
 * drive_fetch(), which looks only at the disc that the reply holds.
 */
#ifndef DVDEMU_DRIVE_H
#define DVDEMU_DRIVE_H

#include "css/agid.h"
#include "disc.h"
#include "latency.h"
#include "personality.h"
#include "random.h"
#include "region.h"
#include "scsi/dispatch.h"

#define DRIVE_AGIDS      4
#define DRIVE_EVENTS_MAX 4

enum drive_log_level { DRIVE_LOG_ERROR, DRIVE_LOG_INFO, DRIVE_LOG_COMMAND };

/** What a drive is given. Every call comes on the drive's thread. Only `random` is required,
 * and that only by a drive without a seed of its own (quirk rng_seed). */
struct drive_services {
    void *ctx;
    void (*random)(void *ctx, uint8_t *out, size_t bytes);
    /** Time from any fixed point on, never backwards. NULL: it stands still. */
    uint64_t (*now_us)(void *ctx);
    void (*log)(void *ctx, enum drive_log_level level, const char *text);
    bool log_commands; /**< whether a line per command is made at all */
    /** Keep the region state before the command that changed it ends. False: it is not kept. */
    bool (*store_region)(void *ctx, const struct region_state *state);
};

/** Pending unit attentions of a nexus, lowest bit first; one row each in drive.c. */
enum drive_attention { DRIVE_UA_POWER_ON = 1u << 0, DRIVE_UA_MEDIUM_CHANGED = 1u << 1 };

/** Media event codes of GET EVENT STATUS NOTIFICATION (mmc-spec 6.4). */
enum media_event {
    MEDIA_NO_CHANGE = 0,
    MEDIA_EJECT_REQUEST = 1,
    MEDIA_NEW = 2,
    MEDIA_REMOVAL = 3,
};

/** What commands and events change of a nexus. */
struct nexus_state {
    unsigned attentions;                           /**< of enum drive_attention */
    uint8_t events[DRIVE_EVENTS_MAX], event_count; /**< media events, oldest first */
    bool prevent, prevent_persistent;
};

/** What the drive keeps per I_T nexus. */
struct drive_nexus {
    struct drive_nexus *next;
    uint64_t id;
    struct nexus_state state;
    void *user; /**< the caller's; the drive does not look at it */
};

struct drive_counters {
    uint64_t commands, refusals, attentions, resets, inserts, ejects, keys;
    uint64_t ahead; /**< reads whose data was there before they came (read_ahead.h) */
};

/** All of a drive that commands, events and time change, but for its disc and its nexuses. */
struct drive_state {
    struct agid_slot agids[DRIVE_AGIDS];
    bool agid_reused; /**< the last AGID granted was taken from somebody (quirk agid_exhausted) */
    bool asf;
    bool key_sent; /**< a key went out since power on, reset or medium removal */
    struct region_state region;
    bool tray_open;
    bool loading;            /**< the disc inside is becoming ready */
    uint64_t ready_at_us;    /**< and will be then, by clock_us */
    uint64_t clock_us;       /**< the drive's time; moves only where something depends on it */
    uint8_t mode_values[64]; /**< current values of changeable mode parameters, mode_pages.h */
    struct mechanism mechanism;
    struct random_source random; /**< asked only when seeded; the services' otherwise */
};

/** A drive. Members are for reading; the calls below change them. */
struct drive {
    struct personality personality;
    struct drive_services services;
    struct scsi_engine engine;
    struct agid_machine agid_machine; /**< the standard's with this drive's quirks */

    struct disc *disc; /**< on the tray or in; NULL: none. One reference is the drive's */
    struct drive_state state;
    struct drive_nexus *nexuses;
    struct drive_counters counters;
    struct work work;         /**< what the command that is running makes the mechanism do */
    uint64_t clock_offset_us; /**< what the drive's time is ahead of the services' clock */
    uint8_t disc_digest[32];  /**< of the disc, once somebody asked (drive_snapshot.h) */
    bool disc_digest_known;
};

/** A read that is still to be made for a reply: the only part of a command that may take time. */
struct drive_fetch {
    struct disc *disc;    /**< one reference, given back by drive_fetch_end() */
    uint32_t lba, blocks; /**< blocks 0: nothing to fetch */
    bool compare;         /**< compare with the parameter data instead of reading */
};

/** A command as it arrives. */
struct drive_request {
    const uint8_t *cdb;
    size_t cdb_bytes;
    const uint8_t *out; /**< parameter data that arrived; NULL when none */
    size_t out_bytes;
    uint8_t *in; /**< room for the reply; NULL when none may be sent */
    size_t in_bytes;
    struct drive_nexus *nexus;
};

/** What became of it. */
struct drive_reply {
    struct scsi_sense sense;
    /** Bytes the drive has for the host after the allocation length; may exceed the room. */
    size_t in_bytes;
    /** Bytes of parameter data that the CDB announced; may differ from what arrived. */
    size_t out_bytes;
    /** When the answer may leave, by the services' clock; 0: at once. */
    uint64_t due_us;
    struct drive_fetch fetch;
};

/**
 * Power on a drive in memory of the caller's. No disc, tray closed, no nexus.
 * `kept` is the region state that was kept of it; NULL: none was, it begins with its personality's.
 * Copies everything it is given.
 */
void drive_init(struct drive *d, const struct personality *personality,
                const struct drive_services *services, const struct region_state *kept);

/** Power off: release the disc and all nexuses. */
void drive_fini(struct drive *d);

/** A nexus came: it will see 06/29/00 once. NULL: no memory. Valid until drive_nexus_close(). */
struct drive_nexus *drive_nexus_open(struct drive *d, uint64_t id);

/** A nexus is gone. Its prevention ends; AGIDs have no owner and stay (mmc-spec 2.8). */
void drive_nexus_close(struct drive *d, struct drive_nexus *nexus);

/**
 * Execute one command. All of its effect on the drive's state has happened when this returns.
 * A drive that takes its time says in reply->due_us when the answer is to leave; who owns the drive
 * sees to it, and meanwhile serves others.
 * When reply->fetch.blocks is not 0 the data still has to be fetched with drive_fetch(), then
 * drive_fetch_end(); reply->sense is good and may become a check there.
 */
void drive_execute(struct drive *d, const struct drive_request *request, struct drive_reply *reply);

/**
 * Fetch the data of a reply. Any thread, no drive state. With may_block false it may return
 * MEDIUM_WOULD_BLOCK: call again with may_block. Otherwise reply->sense and reply->in_bytes
 * are final: a failed read leaves no data.
 */
enum medium_result drive_fetch(const struct drive_request *request, struct drive_reply *reply,
                               bool may_block);

/** Give back what reply->fetch holds. Once after the last drive_fetch(); harmless otherwise. */
void drive_fetch_end(struct drive_reply *reply);

/** drive_execute(), drive_fetch() waiting, drive_fetch_end(): for callers with nothing else to do.
 */
void drive_run(struct drive *d, const struct drive_request *request, struct drive_reply *reply);

/** Logical unit reset: AGIDs, ASF, prevention, mode values gone; 06/29/00 for every nexus. */
void drive_reset(struct drive *d);

/* ---- the mechanism ---- */

/**
 * Put a disc in and close the tray; takes over one reference. A disc on the open tray makes room
 * for it. False, refused, the reference stays the caller's: there is a disc inside.
 */
bool drive_insert(struct drive *d, struct disc *disc);

enum drive_eject { DRIVE_EJECTED, DRIVE_EJECT_EMPTY, DRIVE_EJECT_PREVENTED };

/**
 * The operator's eject: opens the tray and takes the disc away. Prevented: every nexus gets an
 * eject request event and nothing else happens, unless `force`, the pin through the front plate.
 */
enum drive_eject drive_eject(struct drive *d, bool force);

/** The host's eject: the disc comes out on the tray, and stays on it. */
void drive_tray_open(struct drive *d);

/** The host's load: what lies on the tray is in again. */
void drive_tray_close(struct drive *d);

/**
 * Let the time pass that has passed: what was becoming ready may be ready. Every command and every
 * call above does so first; callers that only look need not.
 */
void drive_tick(struct drive *d);

/**
 * Be in this region state from now on, whoever wants it. False: it cannot be kept, and nothing
 * has changed.
 */
bool drive_change_region(struct drive *d, const struct region_state *next);

/** Whether any nexus prevents removal. */
bool drive_is_prevented(const struct drive *d);

/** Whether a disc is inside, readable or not yet. */
static inline bool drive_is_loaded(const struct drive *d)
{
    return d->disc && !d->state.tray_open;
}

/** Whether a disc is in and readable. */
static inline bool drive_has_medium(const struct drive *d)
{
    return drive_is_loaded(d) && !d->state.loading;
}

/* ---- for command handlers ---- */

/** Take the pending unit attention of a nexus that comes first; SENSE_OK: there is none. */
struct scsi_sense drive_take_attention(struct drive *d, struct drive_nexus *nexus);

/** SENSE_OK when a disc is readable, else 02/3A/01, 02/3A/02 or 02/04/01. */
struct scsi_sense drive_medium_sense(const struct drive *d);

/** Random bytes: from the drive's seed, else the services'. */
void drive_random(struct drive *d, uint8_t *out, size_t bytes);

/** Whether drive and disc have a region in common; true for a disc without region code. */
bool drive_region_fits(const struct drive *d);

/** Region byte of the disc inside; 00h, every region, for a disc without region code. */
uint8_t drive_disc_rmi(const struct drive *d);

#endif
