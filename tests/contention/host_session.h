/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_session.h
 * A session of an initiator with several commands under way: raw_iscsi.h, without waiting. What is
 * begun goes out at once; answers are taken when host_session_serve() is called, and written into
 * the history as they come. A host that never looks holds back the parameter lists that the target
 * asks for (R2T), so what it sent behind them runs first.
 */
#ifndef DVDEMU_CONTENTION_HOST_SESSION_H
#define DVDEMU_CONTENTION_HOST_SESSION_H

#include "history.h"

struct host_session;

/**
 * Log in; `login` is answered when that is done. Without `immediate_data` parameter lists wait for
 * an R2T. NULL: it did not work.
 */
struct host_session *host_session_new(const char *url, const char *initiator_name,
                                      bool immediate_data, struct history *h, struct op *login);

/** These begin an operation of the history; false: it could not be sent. */
bool host_session_command(struct host_session *s, struct op *op);
bool host_session_reset(struct host_session *s, struct op *op);
/** ABORT TASK for a command of this session, answered meanwhile or not. */
bool host_session_abort(struct host_session *s, struct op *op, const struct op *target);
/** ABORT TASK SET: for all commands of this session. */
bool host_session_abort_all(struct host_session *s, struct op *op);
/** The target ends the connection behind its answer; then host_session_has_left() is true. */
bool host_session_logout(struct host_session *s);
bool host_session_has_left(const struct host_session *s);

/** For poll(), to be read from. */
int host_session_fd(const struct host_session *s);
/** Take one PDU. False: the connection is broken, or what came belongs to nothing. */
bool host_session_serve(struct host_session *s);

/**
 * Close the connection without a word, or with `reset` by a TCP reset; what is under way stays
 * without an answer. NULL is allowed.
 */
void host_session_free(struct host_session *s, bool reset);

#endif
