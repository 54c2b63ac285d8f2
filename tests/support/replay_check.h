/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file replay_check.h
 * What a host's driver looks at in an answer, as named checks, and what it keeps of it: two tables.
 */
#ifndef DVDEMU_REPLAY_CHECK_H
#define DVDEMU_REPLAY_CHECK_H

#include "replay_host.h"

#define REPLAY_ARGS_MAX 3

/** An answer that is looked at. */
struct replay_answer {
    const struct replay_host *host;
    const uint8_t *cdb;
    const uint8_t *in; /**< `result->in_bytes` bytes */
    size_t room;       /**< expected data transfer length */
    const struct initiator_result *result;
};

/** NULL: as it should be; else what is wrong. */
typedef const char *replay_check_fn(const struct replay_answer *a, const unsigned *arg);

struct replay_check {
    const char *name;
    const char *args;    /**< one letter each: d decimal, x hexadecimal */
    size_t in_bytes_min; /**< less than that is wrong in any case */
    replay_check_fn *fn;
    const char *wants; /**< for people */
};

/** Ends with a row without name. */
extern const struct replay_check replay_checks[];

/** What a host remembers of an answer. Returns what is wrong with it, or NULL. */
struct replay_keep {
    const char *name;
    size_t in_bytes_min;
    const char *(*fn)(struct replay_host *host, const struct replay_answer *a);
};

/** Ends with a row without name. */
extern const struct replay_keep replay_keeps[];

/** Run a check: its least length first. */
const char *replay_run_check(const struct replay_check *check, const struct replay_answer *a,
                             const unsigned *arg);

/**
 * What is asked of every answer, whoever the host: sense in the one form that all can read
 * (windows-spec a.9), residuals that are true, no overflow, in time.
 */
const char *replay_check_always(const struct replay_answer *a, int64_t took_ms);

#endif
