/* SPDX-License-Identifier: GPL-2.0-only */
#include "region_store.h"

#include "error_line.h"
#include "new_file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_VERSION 1
#define FOLDER_MODE    0700

/* One row per number of the file; `serial` is the only text. */
static const struct field {
    const char *key;
    size_t offset;
    unsigned long max;
} fields[] = {
    {"vendor_resets", offsetof(struct region_state, vendor_resets), REGION_VENDOR_RESETS},
    {"user_changes", offsetof(struct region_state, user_changes), REGION_USER_CHANGES},
    {"mask", offsetof(struct region_state, mask), UINT8_MAX},
    {"scheme", offsetof(struct region_state, scheme), REGION_SCHEME_RPC2},
};

#define FIELDS   (sizeof(fields) / sizeof(fields[0]))
#define SEEN_ALL ((1u << FIELDS) - 1u)

struct reading {
    const char *serial;
    struct region_state *state;
    unsigned seen; /* bit per row of fields */
    bool version_seen;
    bool pretended; /* an operator wanted a state that no drive comes to */
};

bool region_store_can_name(const char *serial)
{
    if (!*serial || *serial == '.') {
        return false;
    }
    for (; *serial; serial++) {
        if (!isalnum((unsigned char)*serial) && !strchr("-_.", *serial)) {
            return false;
        }
    }
    return true;
}

static bool file_path(char *path, const char *folder, const char *serial, char *error)
{
    int n = snprintf(path, PATH_MAX, "%s/%s.region", folder, serial);

    if (!region_store_can_name(serial) || n < 0 || n >= PATH_MAX) {
        return error_line(error, "serial number '%s' cannot name a state file in %s", serial,
                          folder);
    }
    return true;
}

static bool number(const char *text, unsigned long max, unsigned long *out, char *why)
{
    char *end;

    errno = 0;
    *out = strtoul(text, &end, 0);
    if (!isdigit((unsigned char)*text) || *end || errno || *out > max) {
        return error_line(why, "'%s' is not a number from 0 to %lu", text, max);
    }
    return true;
}

static bool read_version(struct reading *r, const char *value, char *why)
{
    unsigned long version;

    r->version_seen = true;
    if (!number(value, UINT8_MAX, &version, why)) {
        return false;
    }
    if (version != FORMAT_VERSION) {
        return error_line(why, "version %lu is not known, only %d is", version, FORMAT_VERSION);
    }
    return true;
}

static bool read_field(struct reading *r, const struct field *f, const char *value, char *why)
{
    unsigned bit = 1u << (f - fields);
    unsigned long n;

    if (r->seen & bit) {
        return error_line(why, "given twice");
    }
    if (!number(value, f->max, &n, why)) {
        return false;
    }
    r->seen |= bit;
    ((uint8_t *)r->state)[f->offset] = (uint8_t)n;
    return true;
}

static bool read_line(void *ctx, const struct ini_line *line, char *why)
{
    struct reading *r = ctx;

    if (strcmp(line->key, "version") == 0) {
        return read_version(r, line->value, why);
    }
    if (strcmp(line->key, "serial") == 0) {
        return strcmp(line->value, r->serial) == 0 ||
               error_line(why, "this is the state of drive %s", line->value);
    }
    if (strcmp(line->key, "pretended") == 0) {
        r->pretended = strcmp(line->value, "yes") == 0;
        return r->pretended || error_line(why, "'%s' is not yes", line->value);
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (strcmp(line->key, fields[i].key) == 0) {
            return read_field(r, &fields[i], line->value, why);
        }
    }
    return error_line(why, "no such key");
}

static bool is_whole(const struct reading *r, const char *path, char *error)
{
    if (!r->version_seen) {
        return error_line(error, "%s: version: missing", path);
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (!(r->seen & 1u << i)) {
            return error_line(error, "%s: %s: missing", path, fields[i].key);
        }
    }
    if (!r->pretended && !region_is_sane(r->state)) {
        return error_line(error, "%s: mask: no drive comes to this state", path);
    }
    return true;
}

bool region_store_load(const char *folder, const char *serial, struct region_state *state,
                       char *error)
{
    struct region_state found = region_factory();
    struct reading r = {.serial = serial, .state = &found};
    char path[PATH_MAX];

    if (!file_path(path, folder, serial, error)) {
        return false;
    }
    new_file_sweep(path);
    if (access(path, F_OK) == 0) {
        if (!ini_read_file(path, read_line, &r, error) || !is_whole(&r, path, error)) {
            return false;
        }
        *state = found;
    } else if (errno != ENOENT) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    return true;
}

bool region_store_save(const char *folder, const char *serial, const struct region_state *state,
                       char *error)
{
    char path[PATH_MAX];
    struct new_file file;

    if (!file_path(path, folder, serial, error) || !new_file_open(&file, path, error)) {
        return false;
    }
    fprintf(file.out,
            "# region state of a dvdemu drive\nversion = %d\nserial = %s\n"
            "vendor_resets = %u\nuser_changes = %u\nmask = 0x%02x\nscheme = %u\n%s",
            FORMAT_VERSION, serial, state->vendor_resets, state->user_changes, state->mask,
            state->scheme, region_is_sane(state) ? "" : "pretended = yes\n");
    return new_file_keep(&file, error);
}

/* Files in it that are safe are of no use when the folder itself is not. */
static bool make_one_folder(const char *path)
{
    return mkdir(path, FOLDER_MODE) == 0 ? new_file_sync_entry(path) : errno == EEXIST;
}

bool region_store_make_folder(const char *folder, char *error)
{
    char path[PATH_MAX];
    size_t bytes = strlen(folder);

    if (bytes >= sizeof(path)) {
        return error_line(error, "%s: %s", folder, strerror(ENAMETOOLONG));
    }
    for (size_t i = 1; i <= bytes; i++) {
        if (folder[i] != '/' && folder[i] != 0) {
            continue;
        }
        memcpy(path, folder, i);
        path[i] = 0;
        if (!make_one_folder(path)) {
            return error_line(error, "%s: %s", path, strerror(errno));
        }
    }
    if (access(folder, W_OK | X_OK) != 0) {
        return error_line(error, "%s: %s", folder, strerror(errno));
    }
    return true;
}
