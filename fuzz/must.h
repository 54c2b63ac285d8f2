/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file must.h
 * Ending the process when something does not hold, with the place and the condition.
 */
#ifndef DVDEMU_FUZZ_MUST_H
#define DVDEMU_FUZZ_MUST_H

#include "emulator/ini_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must(holds)                                                                                \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds);             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** An error is one line, says something, and ends within its room. */
static inline void must_be_an_error(const char error[static INI_ERROR_BYTES])
{
    must(memchr(error, 0, INI_ERROR_BYTES) != NULL);
    must(error[0] != 0 && !strchr(error, '\n'));
}

#endif
