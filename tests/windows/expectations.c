/* SPDX-License-Identifier: GPL-2.0-only */
#include "expectations.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX 16384

/* Lengths are exact, or from 1 up to `bytes` where a beginning is enough. */
/* clang-format off */
static const struct {
    const char *name;
    size_t bytes;
    bool beginning;
} names[EXPECTED_COUNT] = {
    [EXPECTED_BLOCKS]            = {"blocks",               4, false},
    [EXPECTED_REGIONS]           = {"disc-regions",         1, false},
    [EXPECTED_REGION_MASK]       = {"region-mask",          1, false},
    [EXPECTED_DISC_KEY_BLOCK]    = {"disc-key-block",    2048, true},
    [EXPECTED_DISC_KEY]          = {"disc-key",             5, false},
    [EXPECTED_WRAPPED_TITLE_KEY] = {"wrapped-title-key",    5, false},
    [EXPECTED_TITLE_KEY]         = {"title-key",            5, false},
    [EXPECTED_TITLE_FLAGS]       = {"title-flags",          1, false},
    [EXPECTED_CLEAR_SECTOR]      = {"clear-sector",      1920, true},
};
/* clang-format on */

struct reader {
    struct expectations *e;
    const char *file;
    unsigned line;
    char *error;
};

static bool complain(const struct reader *r, const char *field, int field_bytes, const char *what)
{
    snprintf(r->error, EXPECTATION_ERROR_BYTES, "%s:%u: %.*s: %s", r->file, r->line, field_bytes,
             field, what);
    return false;
}

static int find_name(const char *name, size_t bytes)
{
    for (int i = 0; i < EXPECTED_COUNT; i++) {
        if (strlen(names[i].name) == bytes && memcmp(names[i].name, name, bytes) == 0) {
            return i;
        }
    }
    return -1;
}

static int digit(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

static bool read_hex(const char *hex, size_t digits, uint8_t *out)
{
    for (size_t i = 0; i < digits; i++) {
        const int value = digit(hex[i]);

        if (value < 0) {
            return false;
        }
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | value : value << 4);
    }
    return true;
}

static bool read_line(const struct reader *r, const char *text, size_t bytes)
{
    const char *equals = memchr(text, '=', bytes);
    const int name_bytes = (int)(equals ? (size_t)(equals - text) : bytes);
    const int name = find_name(text, (size_t)name_bytes);
    size_t digits;

    if (!equals) {
        return complain(r, text, name_bytes, "has no value; lines are name=hex");
    }
    if (name < 0) {
        return complain(r, text, name_bytes, "is no value that can be expected");
    }
    if (r->e->of[name].bytes) {
        return complain(r, text, name_bytes, "is there twice");
    }
    digits = bytes - (size_t)name_bytes - 1;
    if (digits == 0 || digits % 2 || digits / 2 > names[name].bytes ||
        (!names[name].beginning && digits / 2 != names[name].bytes)) {
        return complain(r, text, name_bytes, "has the wrong number of hex digits");
    }
    if (!read_hex(equals + 1, digits, r->e->of[name].data)) {
        return complain(r, text, name_bytes, "is not all hex digits");
    }
    r->e->of[name].bytes = digits / 2;
    return true;
}

bool expectations_parse(struct expectations *e, const char *file, const char *text,
                        char error[static EXPECTATION_ERROR_BYTES])
{
    struct reader r = {.e = e, .file = file, .error = error};

    memset(e, 0, sizeof(*e));
    while (*text) {
        const size_t whole = strcspn(text, "\n");
        size_t bytes = whole;

        while (bytes && isspace((unsigned char)text[bytes - 1])) {
            bytes--;
        }
        r.line++;
        if (bytes && *text != '#' && !read_line(&r, text, bytes)) {
            return false;
        }
        text += whole + (text[whole] == '\n');
    }
    return true;
}

bool expectations_load(struct expectations *e, const char *file,
                       char error[static EXPECTATION_ERROR_BYTES])
{
    static char text[FILE_BYTES_MAX + 1];
    FILE *f = fopen(file, "rb");
    size_t bytes;

    if (!f) {
        snprintf(error, EXPECTATION_ERROR_BYTES, "%s: %s", file, strerror(errno));
        return false;
    }
    bytes = fread(text, 1, sizeof(text), f);
    fclose(f);
    if (bytes == sizeof(text) || memchr(text, '\0', bytes)) {
        snprintf(error, EXPECTATION_ERROR_BYTES, "%s: is no text, or more than %u bytes", file,
                 (unsigned)FILE_BYTES_MAX);
        return false;
    }
    text[bytes] = '\0';
    return expectations_parse(e, file, text, error);
}

bool expectation_met(const struct expectations *e, enum expected name, const uint8_t *data,
                     size_t bytes)
{
    return e->of[name].bytes <= bytes && memcmp(e->of[name].data, data, e->of[name].bytes) == 0;
}
