/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file wintest.h
 * The test of a drive: what the steps share, and the steps themselves, a file a theme.
 */
#ifndef DVDEMU_WINTEST_H
#define DVDEMU_WINTEST_H

#include "dvd_session.h"
#include "expectations.h"
#include "step_report.h"
#include "watched_calls.h"
#include "wintest_options.h"

#define WINTEST_ROOM_BYTES  65536
#define WINTEST_READ_BLOCKS (WINTEST_ROOM_BYTES / SECTOR_BYTES)
#define WINTEST_EXIT_PASSED 0
#define WINTEST_EXIT_FAILED 1
#define WINTEST_EXIT_NO_DVD 2

/** What earlier steps learned, for later ones. */
struct wintest_known {
    bool media;             /**< a disc is in */
    bool other_drive;       /**< the class driver takes it for something else than a DVD drive */
    uint32_t blocks;        /**< of the disc; 0: not known */
    bool css;               /**< its copyright structure says CSS */
    uint8_t disc_regions;   /**< and which regions it forbids */
    bool has_rpc;           /**< the region state could be had */
    struct rpc_state rpc;   /**< of the drive */
    uint32_t title_lba;     /**< a block of a title */
    uint32_t scrambled_lba; /**< a scrambled block, or OPTION_NOT_GIVEN */
    bool has_disc_key;      /**< disc_key_block holds it, clear of the bus key */
    uint8_t disc_key_block[HOST_CSS_BLOCK_BYTES];
    bool has_title_key; /**< wrapped_title_key holds that of title_lba */
    uint8_t wrapped_title_key[HOST_CSS_KEY_BYTES];
};

struct wintest {
    const struct wintest_options *options;
    const struct expectations *expected;
    const struct windows_calls *calls; /**< watched */
    struct step_report *report;
    struct wintest_known known;
    uint8_t *room; /**< WINTEST_ROOM_BYTES, page-aligned; whoever calls something may use it */
};

/** All steps that the options ask for, and the closing line. Returns the exit code. */
int wintest_run(const struct wintest_options *options, const struct expectations *expected,
                const struct windows_calls *calls, struct step_report *report,
                uint8_t room[static WINTEST_ROOM_BYTES]);

/* ---- the themes ---- */

void wintest_drive(struct wintest *t);        /**< what it is; leaves known.media */
void wintest_structures(struct wintest *t);   /**< copyright, physical, BCA, manufacturer */
void wintest_region(struct wintest *t);       /**< state, and setting it */
void wintest_sessions(struct wintest *t);     /**< authentication, keys, a descrambled sector */
void wintest_refusals(struct wintest *t);     /**< what has to fail, and with what */
void wintest_pass_through(struct wintest *t); /**< the same by SCSI pass-through */
void wintest_load(struct wintest *t);         /**< many sessions, and several at once */
void wintest_events(struct wintest *t);       /**< a change of disc, with the user's help */

/* ---- helpers ---- */

/** A session with the calls of the test. */
struct dvd_session wintest_session(const struct wintest *t);

/** One IOCTL on the handle for reading, as the caller says it. */
struct call_result wintest_control(const struct wintest *t, uint32_t code, const void *in,
                                   uint32_t in_bytes, void *out, uint32_t out_bytes);

/**
 * Read blocks into t->room: ReadFile, or under Wine READ(10) by pass-through, since Linux would
 * answer from its page cache. `blocks` up to WINTEST_READ_BLOCKS.
 */
struct call_result wintest_read(const struct wintest *t, uint32_t lba, uint32_t blocks);

/**
 * One command by pass-through; a unit attention is taken and the command sent again. The status
 * and error are what the class driver would make of the sense data.
 */
struct call_result wintest_scsi(const struct wintest *t, struct scsi_call *call);

/** A whole handshake; if it fails the step has failed, and is over. */
bool wintest_authenticate(struct wintest *t, struct dvd_session *s);
/** Whether a handshake went well; if not the step has failed, and is over. */
bool wintest_progressed(struct wintest *t, const struct dvd_progress *p);

/** Whether the drive's region lets it give title keys of this disc. */
bool wintest_region_allows(const struct wintest *t);

/** Whether a sector is a pack that says it is scrambled. */
bool wintest_is_scrambled(const uint8_t sector[static SECTOR_BYTES]);

#endif
