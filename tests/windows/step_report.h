/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file step_report.h
 * One line a step, for people and as JSON, and the counts. A step begins, makes calls, and ends
 * once: passed, failed or skipped. One thread.
 */
#ifndef DVDEMU_STEP_REPORT_H
#define DVDEMU_STEP_REPORT_H

#include "windows_calls.h"

#include <stdio.h>

#define STEP_NAME_BYTES 48

struct step_report {
    FILE *text;
    FILE *json; /**< NULL: none */
    const struct windows_calls *clock;
    unsigned passed, failed, skipped;
    /* the step that is under way */
    char name[STEP_NAME_BYTES];
    char begun[UTC_TEXT_BYTES];
    struct call_result last;
    bool called;
};

/** STEP_ANY_BYTES: how many bytes were returned does not matter. */
#define STEP_ANY_BYTES UINT32_MAX

/** Facts about the machine or the drive, in front of the steps. */
__attribute__((format(printf, 3, 4))) void step_fact(struct step_report *r, const char *name,
                                                     const char *format, ...);

void step_begin(struct step_report *r, const char *name);
/** A call was made; the step's line tells of the last one. */
void step_saw(struct step_report *r, const struct call_result *result);

__attribute__((format(printf, 2, 3))) void step_pass(struct step_report *r, const char *format,
                                                     ...);
__attribute__((format(printf, 2, 3))) void step_fail(struct step_report *r, const char *format,
                                                     ...);
__attribute__((format(printf, 2, 3))) void step_skip(struct step_report *r, const char *format,
                                                     ...);
/** End the step by `good`; returns it. */
__attribute__((format(printf, 3, 4))) bool step_judge(struct step_report *r, bool good,
                                                      const char *format, ...);
/**
 * Whether the call was good and returned `wanted_bytes`. If not the step has failed, and is over.
 */
bool step_called(struct step_report *r, const struct call_result *result, uint32_t wanted_bytes);

/** The closing line. */
void step_report_end(struct step_report *r);

#endif
