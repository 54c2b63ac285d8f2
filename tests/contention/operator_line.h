/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file operator_line.h
 * A connection to the control socket of a running `dvdemu serve`, one request under way at a time,
 * without waiting for its answer.
 */
#ifndef DVDEMU_CONTENTION_OPERATOR_LINE_H
#define DVDEMU_CONTENTION_OPERATOR_LINE_H

#include "history.h"

#include <sys/types.h>

struct operator_line {
    int fd;
    struct history *h;
    struct op *op;    /**< under way; NULL: none, or one that is in no history */
    bool busy, is_ok; /**< is_ok: of the last answer */
    size_t bytes;
    char line[16384]; /**< the last answer */
};

/** Connect to the daemon of that `dvdemu serve`; false: nobody listens. */
bool operator_line_open(struct operator_line *o, pid_t serve, struct history *h);
void operator_line_close(struct operator_line *o);

/**
 * Send a request: {"dvdemu":1,"op":`what`,"drive":`drive`,`more`}; `more` begins with a comma or is
 * empty. `op` is answered with it, NULL: no operation of the history. False: it could not be sent.
 */
bool operator_line_ask(struct operator_line *o, struct op *op, const char *what, unsigned drive,
                       const char *more);

/** Take what has come. False: the connection is broken. */
bool operator_line_serve(struct operator_line *o);

/** Ask and wait for the answer; false: refused, or none within 10 s. */
bool operator_line_do(struct operator_line *o, const char *what, unsigned drive, const char *more);

/** The number behind a key of the last answer, -1: there is none. */
long operator_line_number(const struct operator_line *o, const char *key);

#endif
