/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file ini_file.h
 * Reading our configuration files: `key = value` lines in [sections], '#' starts a comment line.
 * inih does the syntax; this adds what it lacks: line numbers, refusal of lines that it would cut
 * or skip, and one form of error: "FILE:LINE: KEY: what is wrong".
 */
#ifndef DVDEMU_INI_FILE_H
#define DVDEMU_INI_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define INI_ERROR_BYTES 1024
/** Longer lines are refused. */
#define INI_LINE_BYTES_MAX 8191

/** One `key = value` line. Strings live until the callback returns. */
struct ini_line {
    const char *section; /**< "" before the first section */
    const char *key, *value;
    unsigned number; /**< counted from 1 */
};

/**
 * Called for each line in order. False stops reading; then `why` (room for INI_ERROR_BYTES) says
 * what is wrong with the value, without file, line or key.
 */
typedef bool ini_line_fn(void *ctx, const struct ini_line *line, char *why);

/** Read a file. False: `error` (room for INI_ERROR_BYTES) holds one line without newline. */
bool ini_read_file(const char *path, ini_line_fn *fn, void *ctx, char *error);

/** The same for `bytes` bytes of text; `name` stands for the file in errors. */
bool ini_read_text(const char *name, const char *text, size_t bytes, ini_line_fn *fn, void *ctx,
                   char *error);

/**
 * Write an error in the form of this file, for what is found out after reading. `number` 0: about
 * the file as a whole; `key` NULL: about the whole line. Cut to INI_ERROR_BYTES.
 */
void ini_error(char *error, const char *name, unsigned number, const char *key, const char *what);

#endif
