/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_probe.h
 * Inside `dvdemu probe`: what the steps know, need and say. A step is a row of a table; it runs
 * when all facts it needs are there, and ends with one result and one line of detail.
 */
#ifndef DVDEMU_CLI_PROBE_H
#define DVDEMU_CLI_PROBE_H

#include "cli_probe_link.h"
#include "disc.h"
#include "host_reply.h"
#include "host_target.h"
#include "random.h"

#define PROBE_DETAIL_BYTES 1024
#define PROBE_TEXT_BYTES   160

enum probe_result { PROBE_OK, PROBE_FAILED, PROBE_SKIPPED };

/** What steps have found out, lowest bit first; one row each with its absence in cli_probe.c. */
enum probe_fact {
    HAVE_LINK = 1u << 0,   /**< logged in, and not lost since */
    HAVE_DRIVE = 1u << 1,  /**< it is a DVD drive: others take our commands for something else */
    HAVE_MEDIUM = 1u << 2, /**< a disc that is ready */
    HAVE_CSS = 1u << 3,    /**< whose copyright structure says CSS */
    HAVE_DESCRIPTION = 1u << 4, /**< --disc, and nothing that contradicts it */
    HAVE_AGID = 1u << 5,
    HAVE_VARIANT = 1u << 6,   /**< KEY1 is right under one variant */
    HAVE_CHALLENGE = 1u << 7, /**< the drive's */
    HAVE_BUS_KEY = 1u << 8,
    HAVE_DISC_KEY = 1u << 9 /**< the disc key was sent: the drive is unlocked */
};

struct probe {
    struct probe_link *link;
    const struct disc *disc; /**< of --disc; NULL when not given */
    struct host_targets targets;
    struct random_source random;
    unsigned timeout_ms;

    unsigned have; /**< of enum probe_fact */
    char detail[PROBE_DETAIL_BYTES];
    char text[PROBE_TEXT_BYTES]; /**< of probe_describe() */
    uint8_t in[HOST_REPLY_BYTES_MAX];

    /* one handshake */
    unsigned agid;
    bool agid_held; /**< granted, and neither used up nor given back */
    unsigned variant;
    css_key1 key1;
    css_challenge drive_challenge;
    css_bus_key bus_key;

    /* what was seen; the flags say whether the rest is meant */
    bool identity_seen, configuration_seen, region_seen, blocks_seen, copyright_seen;
    struct host_identity identity;
    char serial[HOST_SERIAL_BYTES]; /**< "": none */
    struct host_configuration configuration;
    struct region_state region;
    enum region_type region_type;
    uint32_t blocks;
    uint8_t protection, rmi;
};

struct probe_step {
    const char *name;
    unsigned needs; /**< of enum probe_fact */
    enum probe_result (*run)(struct probe *p);
};

/** What became of a step. */
struct probe_outcome {
    enum probe_result result;
    char *detail; /**< malloc()ed */
};

/** The steps in their order, and their number. */
extern const struct probe_step probe_steps[];
extern const size_t probe_step_count;

/* ---- saying and asking: cli_probe_talk.c ---- */

/** End a step: store its detail, as one line, and return the result of the name. */
__attribute__((format(printf, 2, 3))) enum probe_result probe_ok(struct probe *p,
                                                                 const char *format, ...);
__attribute__((format(printf, 2, 3))) enum probe_result probe_failed(struct probe *p,
                                                                     const char *format, ...);
__attribute__((format(printf, 2, 3))) enum probe_result probe_skipped(struct probe *p,
                                                                      const char *format, ...);

/** Send a command; data lands in p->in. A lost session takes HAVE_LINK away. */
struct link_result probe_send(struct probe *p, const struct host_command *command);

/**
 * The same, for a command that has to succeed with at least `least_bytes` bytes. False: p->detail
 * says what `what` was expected to do and what came instead.
 */
bool probe_ask(struct probe *p, const struct host_command *command, size_t least_bytes,
               const char *what);

/** A result in words: "good", "sense 05/6F/02 (...)"; lives until the next call. */
const char *probe_describe(struct probe *p, struct link_result result);

/** Whether a command was refused with this sense (enum sense_id). */
bool probe_is_sense(struct link_result result, enum sense_id id);

/* ---- steps: cli_probe_drive.c; what each does is said in its row ---- */
enum probe_result probe_connect(struct probe *p);
enum probe_result probe_inquiry(struct probe *p);
enum probe_result probe_ready(struct probe *p);
enum probe_result probe_configuration(struct probe *p);
enum probe_result probe_region(struct probe *p);
enum probe_result probe_capacity(struct probe *p);
enum probe_result probe_copyright(struct probe *p);

/* ---- steps: cli_probe_keys.c ---- */
enum probe_result probe_gated_read(struct probe *p);
enum probe_result probe_agid(struct probe *p);
enum probe_result probe_key1(struct probe *p);
enum probe_result probe_drive_challenge(struct probe *p);
enum probe_result probe_key2(struct probe *p);
enum probe_result probe_disc_key(struct probe *p);
enum probe_result probe_asf(struct probe *p);
enum probe_result probe_title_keys(struct probe *p);
enum probe_result probe_scrambled_sectors(struct probe *p);
enum probe_result probe_end_sessions(struct probe *p);

/* ---- cli_probe_json.c ---- */

/** Print all that was seen as one JSON object; `outcomes` has probe_step_count rows. */
bool probe_print_json(const struct probe *p, const struct probe_outcome *outcomes);

/** "ok", "failed", "skipped" */
const char *probe_result_name(enum probe_result result);

#endif
