/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file replay_play.h
 * Plays steps of a script over a session, and judges the answers.
 */
#ifndef DVDEMU_REPLAY_PLAY_H
#define DVDEMU_REPLAY_PLAY_H

#include "replay_script.h"

#define REPLAY_TEXT_BYTES 256

/** What became of a step that is a command. */
struct replay_result {
    bool passed, answered;
    uint8_t cdb[REPLAY_CDB_BYTES_MAX]; /**< as it was sent */
    char said[REPLAY_TEXT_BYTES];      /**< the answer, for people */
    char wrong[REPLAY_TEXT_BYTES];     /**< empty when it passed */
};

/** A host that knows nothing yet. `css_disc` stays the caller's; NULL: a test without keys. */
void replay_host_begin(struct replay_host *host, const struct replay_host_kind *kind,
                       const struct disc *css_disc);

/** Send the step's command, keep and check what came. */
struct replay_result replay_play(struct replay_host *host, struct initiator *i,
                                 const struct replay_step *step);

/** Fill the bytes in, as they go out. False: there is no such block on this disc. */
bool replay_fill(struct replay_host *host, const struct replay_bytes *bytes, uint8_t *out);

#endif
