/* SPDX-License-Identifier: GPL-2.0-only */
#include "outcome.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

static void judge(int outcome, int wanted, const char *text, const char *file, unsigned line,
                  CU_BOOL fatal)
{
    char message[256];

    snprintf(message, sizeof(message), "%.160s: %05x, wanted %05x", text, (unsigned)outcome,
             (unsigned)wanted);
    CU_assertImplementation(outcome == wanted, line, message, file, "", fatal);
}

void expect_outcome(int outcome, int wanted, const char *text, const char *file, unsigned line)
{
    judge(outcome, wanted, text, file, line, CU_FALSE);
}

void demand_outcome(int outcome, int wanted, const char *text, const char *file, unsigned line)
{
    judge(outcome, wanted, text, file, line, CU_TRUE);
}
