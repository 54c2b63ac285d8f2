/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file check.h
 * The conformance suite for a drive's key exchange, regions, events and structures: const rows of
 * questions, each with a stable name and the clause that answers it, and the engine that asks them.
 *
 * No I/O: commands go through a `check_wire`, so that one suite runs over iSCSI, in process, or
 * over whatever carries a CDB. It shares no table of senses with the drive: what a command has to
 * end with is typed again in the rows (check_talk.h).
 *
 * Every row starts from the same state: no unit attention pending, no AGID granted. What a row
 * takes is given back. Rows that spend what cannot be given back ask for CHECK_DESTRUCTIVE, those
 * that open the tray for CHECK_EJECT; nothing else changes a drive.
 */
#ifndef DVDEMU_CHECK_H
#define DVDEMU_CHECK_H

#include "disc.h"
#include "host_reply.h"
#include "host_target.h"
#include "quirks.h"
#include "random.h"

#define CHECK_HOSTS           2 /**< initiators that a row may use */
#define CHECK_CDB_BYTES_MAX   16
#define CHECK_IN_BYTES_MAX    8192
#define CHECK_SENSE_BYTES_MAX 64
#define CHECK_TEXT_BYTES      4096
#define CHECK_WHERE_BYTES     128

/* ---- the wire ---- */

/** A command with its data. Either `out` or `in_bytes` or neither. */
struct check_command {
    const uint8_t *cdb;
    size_t cdb_bytes;
    const uint8_t *out;
    size_t out_bytes;
    size_t in_bytes; /**< expected data transfer length; at most CHECK_IN_BYTES_MAX */
};

enum check_status { CHECK_GOOD, CHECK_CONDITION, CHECK_OTHER_STATUS, CHECK_LOST };
enum check_residual { CHECK_NO_RESIDUAL, CHECK_UNDERFLOW, CHECK_OVERFLOW };

/** What became of a command. */
struct check_answer {
    enum check_status status; /**< CHECK_LOST: no answer, and the session is of no use any more */
    uint8_t code;             /**< status byte of CHECK_OTHER_STATUS */
    size_t in_bytes;          /**< data that came with CHECK_GOOD */
    enum check_residual residual;
    size_t residual_bytes;
    uint8_t sense[CHECK_SENSE_BYTES_MAX]; /**< as it came, cut to fit */
    size_t sense_bytes;
};

/** How commands reach the drive. `host` counts from 0 to hosts - 1: an I_T nexus each. */
struct check_wire {
    void *ctx;
    unsigned hosts; /**< 1: no rows of two initiators; at most CHECK_HOSTS */
    /** A new nexus for this host, also after CHECK_LOST. Sends no SCSI command. False: error(). */
    bool (*login)(void *ctx, unsigned host);
    void (*logout)(void *ctx, unsigned host);
    /** `in` has room for command->in_bytes bytes. */
    struct check_answer (*send)(void *ctx, unsigned host, const struct check_command *command,
                                uint8_t *in);
    /** LOGICAL UNIT RESET; NULL: the transport has none. */
    bool (*reset)(void *ctx, unsigned host);
    /** Wait; NULL: do not. */
    void (*pause_ms)(void *ctx, unsigned ms);
    /** Why login() or send() failed; one line. */
    const char *(*error)(void *ctx, unsigned host);
};

/* ---- what there is to ask about ---- */

/** What a row needs, and what there is; the absence of each in words is in check_engine.c. */
enum check_need {
    CHECK_DVD = 1u << 0,             /**< a readable DVD */
    CHECK_CSS = 1u << 1,             /**< that says CSS */
    CHECK_NO_CSS = 1u << 2,          /**< a DVD that does not */
    CHECK_EMPTY = 1u << 3,           /**< no disc at all */
    CHECK_EXCHANGE = 1u << 4,        /**< a disc on which the whole handshake works */
    CHECK_TWO_AGIDS = 1u << 5,       /**< at least two AGIDs at a time */
    CHECK_GATED = 1u << 6,           /**< a scrambled block is known, with its title key */
    CHECK_KEYLESS = 1u << 7,         /**< a block without title key is known */
    CHECK_REGION_MATCH = 1u << 8,    /**< drive and disc have a region in common */
    CHECK_REGION_MISMATCH = 1u << 9, /**< they do not */
    CHECK_DESCRIPTION = 1u << 10,    /**< the disc's description was given */
    CHECK_SESSIONS = 1u << 11,       /**< a second initiator */
    CHECK_RESET = 1u << 12,          /**< LOGICAL UNIT RESET */
    CHECK_EJECT = 1u << 13,          /**< leave to open and close the tray */
    CHECK_DESTRUCTIVE = 1u << 14,    /**< leave to spend region changes */
    CHECK_TWO_LAYERS = 1u << 15,
    CHECK_BCA = 1u << 16,
    CHECK_NO_BCA = 1u << 17,
    CHECK_EDGE = 1u << 18,      /**< a gated block behind one that is not is known */
    CHECK_CD = 1u << 19,        /**< a readable CD */
    CHECK_TRAY_LOADS = 1u << 20 /**< a tray that the drive closes by itself */
};

/** What the survey found out. */
struct check_facts {
    struct host_identity identity;
    struct host_configuration configuration; /**< count 0: not to be had */
    uint32_t blocks;
    uint8_t protection, rmi; /**< copyright structure */
    uint8_t layers;
    bool opposite; /**< track path of two layers */
    bool bca;
    bool region_seen;
    struct region_state region;
    uint32_t gated_lba;   /**< scrambled, with a title key */
    uint32_t edge_lba;    /**< gated, and the block before it is not */
    uint32_t keyless_lba; /**< CPR_MAI 00h, no title key */
};

struct check_options {
    const struct disc *disc;            /**< what is in the drive; NULL: not known */
    const struct host_targets *targets; /**< of `disc` */
    struct quirks quirks;               /**< expected; quirks_init() is the standard */
    bool destructive, eject;
    unsigned ready_ms;           /**< how long a disc may take to become ready */
    struct random_source random; /**< of the host's challenges */
};

/* ---- rows and their results ---- */

struct check;

struct check_row {
    const char *name;   /**< theme.question; never changes */
    const char *clause; /**< document and section in docs/spec/ */
    unsigned needs;     /**< of enum check_need */
    void (*run)(struct check *k, const struct check_row *row);
    const void *detail; /**< of the row's function */
    unsigned value;
};

struct check_theme {
    const struct check_row *rows;
    size_t count;
};

/** All rows, in the order in which they run; ended by NULL. */
extern const struct check_theme *const check_themes[];

enum check_verdict { CHECK_OK, CHECK_FAILED, CHECK_SKIPPED };

/** The suite at work. Rows change it through check_talk.h; read verdict and text after a row. */
struct check {
    struct check_wire wire;
    struct check_options options;
    struct quirks quirks; /**< of the options */
    unsigned have;        /**< of enum check_need */
    struct check_facts facts;

    enum check_verdict verdict;
    char text[CHECK_TEXT_BYTES]; /**< why: lines of a failure, or the reason of a skip */
    unsigned complaints;         /**< of the row, also those that did not fit */
    char where[CHECK_WHERE_BYTES];

    unsigned host; /**< who sends */
    bool up[CHECK_HOSTS];
    unsigned lost_logins; /**< how often a session that was lost could not be had again */
    bool may_prevent;     /**< a row asked the drive to hold the disc */
    bool may_be_open;     /**< a row opened the tray */
    struct check_answer answer;
    struct check_command command; /**< last one; only the CDB, in `cdb` */
    uint8_t cdb[CHECK_CDB_BYTES_MAX];
    uint8_t in[CHECK_IN_BYTES_MAX];
};

/**
 * Log in and look at the drive and its disc. False: this cannot be checked (no session, no drive
 * of type 05h, another disc than that of options->disc); k->text says why. check_close() follows
 * in both cases. `options` is copied; the disc has to outlive the suite.
 */
bool check_open(struct check *k, const struct check_wire *wire,
                const struct check_options *options);

/** Ask one row's question. The result is in k->verdict and k->text. */
void check_run(struct check *k, const struct check_row *row);

/** What a row lacks on this drive, "": nothing. Lives as long as the program. */
const char *check_missing(const struct check *k, const struct check_row *row);

/** Names of a row's needs, as one list with commas; cut to fit. */
void check_name_needs(const struct check_row *row, char *out, size_t room);

/** Give everything back and log out. */
void check_close(struct check *k);

#endif
