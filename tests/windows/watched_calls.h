/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file watched_calls.h
 * Calls that are handed on to others, told to the report, and shown in hex when wanted.
 */
#ifndef DVDEMU_WATCHED_CALLS_H
#define DVDEMU_WATCHED_CALLS_H

#include "step_report.h"

struct watched_calls {
    struct windows_calls calls; /**< use these */
    const struct windows_calls *inner;
    struct step_report *report;
    bool show_buffers;
};

/** `w` must stay where it is; the rest has to outlive it. */
void watched_calls_init(struct watched_calls *w, const struct windows_calls *inner,
                        struct step_report *report, bool show_buffers);

#endif
