/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file check_report.h
 * What `dvdemu check` writes: TAP version 13 line by line, and a JUnit file at the end.
 */
#ifndef DVDEMU_CHECK_REPORT_H
#define DVDEMU_CHECK_REPORT_H

#include "check.h"

#include <stdio.h>

/** What became of a row. */
struct check_result {
    const struct check_row *row;
    enum check_verdict verdict;
    char *text; /**< malloc()ed: lines of a failure, or the reason of a skip */
    double seconds;
};

struct check_report {
    FILE *tap;
    struct check_result *results; /**< malloc()ed */
    size_t count, room;
    size_t verdicts[CHECK_SKIPPED + 1]; /**< how many of each */
    double seconds;
};

/** Begin with version and plan. False: no memory. */
bool check_report_begin(struct check_report *report, FILE *tap, size_t rows);

/** The result of a row that check_run() has run; it took that long. */
void check_report_row(struct check_report *report, const struct check *k,
                      const struct check_row *row, double seconds);

/** Comments at the end: how many of each, and why how many were skipped. */
void check_report_end(const struct check_report *report);

/** All results as JUnit XML; `target` names the drive. */
void check_report_junit(const struct check_report *report, const char *target, FILE *out);

void check_report_free(struct check_report *report);

#endif
