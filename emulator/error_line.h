/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file error_line.h
 * One line that says what went wrong, in memory of the caller's with room for INI_ERROR_BYTES.
 */
#ifndef DVDEMU_ERROR_LINE_H
#define DVDEMU_ERROR_LINE_H

#include "ini_file.h"

#include <stdarg.h>
#include <stdio.h>

/** Write the line, cut to fit; always false, for `return error_line(...)`. */
__attribute__((format(printf, 2, 3))) static inline bool error_line(char *error, const char *format,
                                                                    ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(error, INI_ERROR_BYTES, format, ap);
    va_end(ap);
    return false;
}

#endif
