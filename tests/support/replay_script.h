/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file replay_script.h
 * Scripts of what a host sends, as text: tests/replay/README.md says what the fields mean.
 */
#ifndef DVDEMU_REPLAY_SCRIPT_H
#define DVDEMU_REPLAY_SCRIPT_H

#include "emulator/ini_file.h"
#include "replay_check.h"

#define REPLAY_CDB_BYTES_MAX 16
#define REPLAY_OUT_BYTES_MAX 64
#define REPLAY_CHECKS_MAX    8

/** Where a byte of a CDB or a parameter list comes from; `value` is the byte, or which byte of it.
 */
enum replay_source {
    REPLAY_LITERAL,
    REPLAY_AGID,          /**< session number in bits 7-6, `value` in the others */
    REPLAY_OLD,           /**< what the work buffer holds at this place */
    REPLAY_CHALLENGE,     /**< the host's, fresh each time */
    REPLAY_KEY2,          /**< the right one */
    REPLAY_WRONG_KEY2,    /**< one bit away from it */
    REPLAY_LENGTH,        /**< what `keep: length` kept, two bytes */
    REPLAY_LBA_SCRAMBLED, /**< block addresses of the disc, four bytes */
    REPLAY_LBA_SECOND,
    REPLAY_LBA_CLEAR,
    REPLAY_LBA_END,
};

struct replay_byte {
    uint8_t source; /**< enum replay_source */
    uint8_t value;
};

struct replay_bytes {
    struct replay_byte byte[REPLAY_OUT_BYTES_MAX];
    size_t count;
};

/** What an operator or the link does. */
enum replay_act {
    REPLAY_NO_ACT,
    REPLAY_EJECT,
    REPLAY_INSERT_CSS,
    REPLAY_INSERT_REGION_2,
    REPLAY_INSERT_PLAIN,
    REPLAY_LUN_RESET,
    REPLAY_LOGIN, /**< the connection is dropped, and the host comes back */
};

enum replay_disc {
    REPLAY_DISC_CSS,
    REPLAY_DISC_REGION_2, /**< CSS too, for region 2 only */
    REPLAY_DISC_PLAIN,
    REPLAY_DISC_NONE,
    REPLAY_DISCS
};

struct replay_check_call {
    const struct replay_check *check;
    unsigned arg[REPLAY_ARGS_MAX];
};

/** One command, or one act. */
struct replay_step {
    unsigned line;
    const char *name, *feature;
    enum replay_act act;
    struct replay_bytes cdb, out;
    bool reads;         /**< `in:` is there */
    bool in_length;     /**< `in: LENGTH` */
    size_t in_bytes;    /**< expected data transfer length */
    int outcome;        /**< as initiator_outcome() */
    const char *status; /**< NTSTATUS name; NULL: none given */
    struct replay_check_call checks[REPLAY_CHECKS_MAX];
    size_t check_count;
    const struct replay_keep *keeps[REPLAY_CHECKS_MAX];
    size_t keep_count;
};

struct replay_script {
    const char *path; /**< the caller's */
    const struct replay_host_kind *host;
    enum replay_disc disc;
    char *text; /**< names point into it */
    struct replay_step *steps;
    size_t count, room;
};

/**
 * Read a script. False: `error` (room for INI_ERROR_BYTES) says FILE:LINE: and the reason. Free it
 * in both cases.
 */
bool replay_script_read(struct replay_script *script, const char *path, char *error);
void replay_script_free(struct replay_script *script);

/** Names of the features that steps prove, ends with NULL: the columns of the initiator matrix. */
extern const char *const replay_features[];

#endif
