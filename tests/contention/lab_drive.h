/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file lab_drive.h
 * A served drive with the sessions and operators that contend for it, and the history of what they
 * do. One lab is used for many histories: lab_fresh() brings the drive back to where it was, and
 * the sessions that left back in.
 */
#ifndef DVDEMU_CONTENTION_LAB_DRIVE_H
#define DVDEMU_CONTENTION_LAB_DRIVE_H

#include "discs.h"
#include "host_session.h"
#include "operator_line.h"
#include "steps.h"
#include "tests/support/served.h"

#define LAB_SESSIONS   4
#define LAB_OPERATORS  2
#define LAB_LINES      (LAB_OPERATORS + 1) /* the last one is the clock's */
#define LAB_QUIRKS_MAX 5

/** A kind of drive. */
struct lab_profile {
    const char *name;
    struct {
        const char *key, *value;
    } quirks[LAB_QUIRKS_MAX];
    unsigned sessions; /**< how many contend for it */
    bool virtual_clock;
    bool answers_late; /**< commands wait until the clock was moved */
};

#define LAB_PROFILES 5
extern const struct lab_profile lab_profiles[LAB_PROFILES];

struct lab {
    const struct lab_profile *profile;
    const struct lab_shelf *shelf;
    const char *url;
    unsigned drive; /**< number of it, from 1 */

    struct host_session *sessions[LAB_SESSIONS]; /**< NULL: out */
    uint8_t nexus[LAB_SESSIONS];                 /**< of the model */
    uint8_t next_nexus;
    struct operator_line lines[LAB_LINES];

    struct history h;
    struct key_book book;
    struct lab_model start;
    char failure[160]; /**< what else than the answers went wrong; empty: nothing */
};

/** Write the drive's file for dvdemu serve --drive; returns its path. */
const char *lab_drive_file(const struct lab_profile *profile, const struct lab_shelf *shelf,
                           struct temp_folder *folder);

/** False: lab->failure says why. */
bool lab_open(struct lab *lab, const struct lab_profile *profile, const struct lab_shelf *shelf,
              struct served *served, unsigned drive);
void lab_close(struct lab *lab);

/** Remember what went wrong, unless something did already; always false. */
bool lab_fail(struct lab *lab, const char *what);
/** Milliseconds of a clock that only goes forward. */
int64_t lab_now_ms(void);
/** How long anything may take. */
#define LAB_DEADLINE_MS 10000
/** The state that lab_open() keeps and lab_fresh() goes back to, for operator_line_do(). */
#define LAB_SNAPSHOT ",\"name\":\"start\""

/** Move a virtual clock so far that whatever the drive was waiting for has come. */
bool lab_settle(struct lab *lab);

/** The drive as at first, every session in and told of nothing, an empty history. */
bool lab_fresh(struct lab *lab, uint32_t seed);

/** Begin to log a session in that is out. */
struct op *lab_login(struct lab *lab, unsigned session, uint8_t nexus);

/** Take what has come; waits up to so long for something. */
void lab_serve(struct lab *lab, int timeout_ms);

/** Until the answer is there; on a drive whose answers are late, the clock is moved. */
bool lab_wait(struct lab *lab, const struct op *op);

/** Until the target has answered the logout of a session. */
bool lab_wait_left(struct lab *lab, unsigned session);

/** Begin the operator's request that belongs to an operation; false: it could not be sent. */
bool lab_operate(struct lab *lab, unsigned line, struct op *op);

#endif
