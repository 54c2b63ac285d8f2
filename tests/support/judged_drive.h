/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file judged_drive.h
 * A drive with the oracle (tests/oracle/oracle.h) beside it: every command and event goes to both,
 * every answer is judged, and afterwards the state of the drive is held against the model's. For
 * whoever throws commands at a drive and has no answers of its own: walks, fuzzers, explorers.
 * CDB, parameter list and reply room each end at a page that nobody may touch; rooms are filled
 * with A5h before.
 *
 * What differs is a text, good until the next call; NULL: nothing does.
 */
#ifndef DVDEMU_JUDGED_DRIVE_H
#define DVDEMU_JUDGED_DRIVE_H

#include "emulator/drive.h"
#include "emulator/drive_config.h"
#include "tests/oracle/oracle.h"

#define JUDGED_ROOM_BYTES (64 * 1024) /**< largest reply room */

struct judged_drive {
    struct drive drive;
    struct oracle oracle;
    struct drive_nexus *nexus[ORACLE_NEXUSES];
    struct drive_config config;
    struct region_state kept; /**< what the region store was given last */
    bool is_kept;             /**< it was given something, and is a file (quirk rpc_storage) */
    uint32_t random;          /**< state of the random source: tests/support/lcg.h */
    bool random_stands_still; /**< it gives one byte for ever: judged_repeat_random() */
    uint64_t now_ms;

    struct oracle_note note;  /**< of the last command */
    struct drive_reply reply; /**< its end */
    const uint8_t *in;        /**< its data; good until the next command of any judged drive */
};

/** Before judged_open(): all at its default. `seed` starts the drive's random source. */
void judged_init(struct judged_drive *j, uint32_t seed);

/** Before judged_open(): a random source that gives the same byte, of the seed, for ever. */
void judged_repeat_random(struct judged_drive *j);

/** The same quirk for both. False: one of them does not know it, neither has it now. */
bool judged_quirk(struct judged_drive *j, const char *key, const char *value);

/** Power on: no disc, no nexus. Close it with judged_close(). */
void judged_open(struct judged_drive *j);
void judged_close(struct judged_drive *j);

/** Run a command of a nexus that came; the answer is in note, reply and in. */
const char *judged_run(struct judged_drive *j, const struct oracle_command *command);

/* ---- events ---- */

const char *judged_power_cycle(struct judged_drive *j);
const char *judged_nexus_comes(struct judged_drive *j, unsigned nexus);
const char *judged_nexus_goes(struct judged_drive *j, unsigned nexus);
const char *judged_reset(struct judged_drive *j);
/** The operator puts a disc in; `disc` outlives the drive. A disc inside: both refuse. */
const char *judged_insert(struct judged_drive *j, const struct oracle_disc *disc);
/** The operator's button, or with `force` the pin; both refuse it while prevented. */
const char *judged_eject(struct judged_drive *j, bool force);
/** Time passes. */
const char *judged_wait(struct judged_drive *j, unsigned ms);

/**
 * A disc of the drive made from what the oracle knows of it; the block in the middle of one that
 * may fail cannot be read. One reference, the caller's. */
struct disc *judged_disc(const struct oracle_disc *disc);

#endif
