/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file json_line.h
 * One JSON object on one line, member by member. What does not fit is left out whole, so that the
 * line stays valid JSON.
 */
#ifndef DVDEMU_JSON_LINE_H
#define DVDEMU_JSON_LINE_H

#include <stddef.h>
#include <stdint.h>

#define JSON_LINE_BYTES 4096

struct json_line {
    char text[JSON_LINE_BYTES]; /**< always ends with NUL */
    size_t used;
};

/** Start an object. */
void json_begin(struct json_line *j);
/** A member with a string of any bytes; what is not ASCII is written as Latin-1. */
void json_string(struct json_line *j, const char *name, const char *value);
void json_unsigned(struct json_line *j, const char *name, uint64_t value);
/** A member with three digits behind the point. */
void json_decimal(struct json_line *j, const char *name, double value);
/** Close the object; `text` is the whole line then, without a line end. */
void json_end(struct json_line *j);

#endif
