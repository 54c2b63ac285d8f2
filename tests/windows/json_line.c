/* SPDX-License-Identifier: GPL-2.0-only */
#include "json_line.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CLOSING_BYTES 2 /* } and NUL, kept free by every member */

void json_begin(struct json_line *j)
{
    memcpy(j->text, "{", sizeof("{"));
    j->used = 1;
}

static bool add(struct json_line *j, const char *text)
{
    const size_t bytes = strlen(text);

    if (j->used + bytes + CLOSING_BYTES > sizeof(j->text)) {
        return false;
    }
    memcpy(j->text + j->used, text, bytes + 1);
    j->used += bytes;
    return true;
}

static bool add_quoted(struct json_line *j, const char *value)
{
    bool fits = add(j, "\"");

    for (; fits && *value; value++) {
        const unsigned char c = (unsigned char)*value;
        char piece[sizeof("\\u0000")];

        if (c == '"' || c == '\\') {
            snprintf(piece, sizeof(piece), "\\%c", c);
        } else if (c < ' ' || c > '~') {
            snprintf(piece, sizeof(piece), "\\u%04x", c);
        } else {
            snprintf(piece, sizeof(piece), "%c", c);
        }
        fits = add(j, piece);
    }
    return fits && add(j, "\"");
}

static bool add_name(struct json_line *j, const char *name)
{
    return (j->used == 1 || add(j, ",")) && add_quoted(j, name) && add(j, ":");
}

/* A member is there as a whole or not at all. */
static void end_member(struct json_line *j, size_t before, bool fits)
{
    if (!fits) {
        j->used = before;
        j->text[before] = '\0';
    }
}

void json_string(struct json_line *j, const char *name, const char *value)
{
    const size_t before = j->used;

    end_member(j, before, add_name(j, name) && add_quoted(j, value));
}

void json_unsigned(struct json_line *j, const char *name, uint64_t value)
{
    const size_t before = j->used;
    char number[32];

    snprintf(number, sizeof(number), "%" PRIu64, value);
    end_member(j, before, add_name(j, name) && add(j, number));
}

void json_decimal(struct json_line *j, const char *name, double value)
{
    const size_t before = j->used;
    char number[64];

    snprintf(number, sizeof(number), "%.3f", value);
    end_member(j, before, add_name(j, name) && add(j, number));
}

void json_end(struct json_line *j)
{
    memcpy(j->text + j->used, "}", sizeof("}"));
    j->used++;
}
