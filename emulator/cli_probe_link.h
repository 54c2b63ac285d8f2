/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_probe_link.h
 * A session with one logical unit over iSCSI: one command at a time, each with a deadline.
 * libiscsi has names of its own for senses and opcodes, so only cli_probe_link.c includes it.
 */
#ifndef DVDEMU_CLI_PROBE_LINK_H
#define DVDEMU_CLI_PROBE_LINK_H

#include "host_command.h"

#include <stdbool.h>

#define LINK_SECRET_BYTES 256
#define LINK_SENSE_BYTES  64

struct link_options {
    const char *initiator;                                   /**< iSCSI name of this side */
    char user[LINK_SECRET_BYTES], secret[LINK_SECRET_BYTES]; /**< CHAP; "": as the URL says */
    unsigned timeout_ms; /**< to connect and log in, and for each command */
};

enum link_status {
    LINK_GOOD,
    LINK_CHECK, /**< CHECK CONDITION with key, asc, ascq */
    LINK_OTHER, /**< another status: `code` */
    LINK_LOST   /**< no answer: link_error() says why; no command after it is sent */
};

enum link_residual { LINK_NO_RESIDUAL, LINK_UNDERFLOW, LINK_OVERFLOW };

struct link_result {
    enum link_status status;
    uint8_t code, key, asc, ascq;
    size_t in_bytes; /**< that arrived; 0 unless LINK_GOOD */
    enum link_residual residual;
    size_t residual_bytes;
    uint8_t sense[LINK_SENSE_BYTES]; /**< of LINK_CHECK, as it came, cut to fit */
    size_t sense_bytes;
};

/** A command of any length. Either `out_bytes` or `in_bytes` or neither. */
struct link_command {
    const uint8_t *cdb;
    size_t cdb_bytes; /**< at most 16 */
    const uint8_t *out;
    size_t out_bytes;
    size_t in_bytes; /**< expected data transfer length */
};

struct probe_link;

/**
 * Prepare a session; nothing is sent. `url` is libiscsi's form:
 * iscsi://[USER[%PASSWORD]@]HOST[:PORT]/TARGET/LUN. Copies both. NULL: no such URL (or no memory).
 */
struct probe_link *link_new(const char *url, const struct link_options *options);

/** Connect and log in, also again after LINK_LOST. False: link_error() says why. */
bool link_connect(struct probe_link *link);

/** Send a command and wait. `in` has room for command->in_bytes bytes. */
struct link_result link_send(struct probe_link *link, const struct host_command *command,
                             uint8_t *in);

/** The same for a command of any length. */
struct link_result link_run(struct probe_link *link, const struct link_command *command,
                            uint8_t *in);

/** LOGICAL UNIT RESET. False: refused, or the session is lost: link_error() says why. */
bool link_reset(struct probe_link *link);

/** Log out when logged in; link_connect() may follow. */
void link_logout(struct probe_link *link);

/** The URL without user and password. */
const char *link_url(const struct probe_link *link);

/** Why the last link_connect() failed or the session was lost; one line. */
const char *link_error(const struct probe_link *link);

/** Log out when logged in, and free. NULL is allowed. */
void link_free(struct probe_link *link);

#endif
