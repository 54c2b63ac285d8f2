/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file media_events.h
 * What GET EVENT STATUS NOTIFICATION has to tell each nexus (mmc-spec 6.4), which the oracle does
 * not judge.
 */
#ifndef DVDEMU_CONTENTION_MEDIA_EVENTS_H
#define DVDEMU_CONTENTION_MEDIA_EVENTS_H

#include "model.h"

/** What a step has changed since `before` is what is told, whoever did it. */
void media_events_post(struct lab_model *m, const struct oracle *before);
/** The operator's button was refused. */
void media_events_eject_asked(struct lab_model *m);

/**
 * Take the event that is due to the command's nexus and hold the answer against it, if there is
 * one: media class asked for, allocation for the whole reply. NULL: it is right.
 */
const char *media_events_judge(struct lab_model *m, const struct op *op, bool is_seen);

#endif
