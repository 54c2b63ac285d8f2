/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_config.h"

#include "error_line.h"
#include "region_store.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLACE(member) offsetof(struct drive_config, member)
#define ROOM(member)  (sizeof(((struct drive_config *)0)->member) - 1)

/* clang-format off */
const struct config_key drive_config_keys[] = {
    {"vendor",        CONFIG_TEXT,      PLACE(personality.vendor),        1, ROOM(personality.vendor),        "DVDEMU",         "vendor of INQUIRY"},
    {"product",       CONFIG_TEXT,      PLACE(personality.product),       1, ROOM(personality.product),       "DVD-ROM",        "product of INQUIRY"},
    {"revision",      CONFIG_TEXT,      PLACE(personality.revision),      1, ROOM(personality.revision),      "0001",           "revision of INQUIRY"},
    {"firmware_date", CONFIG_DIGITS,    PLACE(personality.firmware_date), 0, ROOM(personality.firmware_date), "20261101000000", "CCYYMMDDHHMMSS of the firmware information feature"},
    {"serial",        CONFIG_SERIAL,    PLACE(personality.serial),        0, ROOM(personality.serial),        "auto",           "serial number, also the name of the state file; auto: made from the drive's name"},
    {"strict_cdb",    CONFIG_YES_NO,    PLACE(personality.strict_cdb),    0, 0,                              "no",             "refuse reserved bits of a CDB"},
    {"disc",          CONFIG_PATH,      PLACE(disc),                      0, ROOM(disc),                      "none",           "image or .disc description that is in when the drive starts, or none"},
    {"state",         CONFIG_PATH,      PLACE(state),                     0, ROOM(state),                     "none",           "folder that keeps the region state, or none: in memory"},
    {"seed",          CONFIG_SEED,      PLACE(seed),                      0, 0,                              "random",         "number for a drive that gives the same challenges each time, or random"},
    {"log",           CONFIG_VERBOSITY, PLACE(verbosity),                 0, 0,                              "info",           "errors, info, or commands: one line per command"},
    {NULL, CONFIG_TEXT, 0, 0, 0, NULL, NULL},
};

static const char *const verbosities[] = {[LOG_ERRORS] = "errors", [LOG_INFO] = "info", [LOG_COMMANDS] = "commands"};
/* clang-format on */

#define VERBOSITIES (sizeof(verbosities) / sizeof(verbosities[0]))

typedef bool setter(struct drive_config *config, const struct config_key *key, const char *value,
                    char *why);

static void *place(struct drive_config *config, const struct config_key *key)
{
    return (char *)config + key->offset;
}

static bool set_text(struct drive_config *config, const struct config_key *key, const char *value,
                     char *why)
{
    size_t n = strlen(value);

    if (n < key->min || n > key->max) {
        return error_line(why, "'%s' is %zu characters long, allowed are %zu to %zu", value, n,
                          key->min, key->max);
    }
    for (size_t i = 0; i < n; i++) {
        if (!isprint((unsigned char)value[i])) {
            return error_line(why, "character %zu is not printable ASCII", i + 1);
        }
    }
    memcpy(place(config, key), value, n + 1);
    return true;
}

static bool set_digits(struct drive_config *config, const struct config_key *key, const char *value,
                       char *why)
{
    if (strlen(value) != key->max || strspn(value, "0123456789") != key->max) {
        return error_line(why, "'%s' is not %zu digits", value, key->max);
    }
    return set_text(config, key, value, why);
}

static bool set_serial(struct drive_config *config, const struct config_key *key, const char *value,
                       char *why)
{
    if (strcmp(value, "auto") == 0) {
        value = "";
    } else if (!region_store_can_name(value)) {
        return error_line(why, "'%s' has other characters than letters, digits, '-', '_', '.'",
                          value);
    }
    return set_text(config, key, value, why);
}

static bool set_yes_no(struct drive_config *config, const struct config_key *key, const char *value,
                       char *why)
{
    bool yes = strcmp(value, "yes") == 0;

    if (!yes && strcmp(value, "no") != 0) {
        return error_line(why, "'%s' is neither yes nor no", value);
    }
    *(bool *)place(config, key) = yes;
    return true;
}

static bool set_path(struct drive_config *config, const struct config_key *key, const char *value,
                     char *why)
{
    bool none = strcmp(value, "none") == 0;
    size_t n = strlen(value);

    if (n == 0 || n > key->max) {
        return error_line(why, n ? "the path is too long" : "a path is missing; none says none");
    }
    memcpy(place(config, key), none ? "" : value, none ? 1 : n + 1);
    *(key->offset == PLACE(disc) ? &config->disc_given : &config->state_given) = true;
    return true;
}

static bool set_seed(struct drive_config *config, const struct config_key *key, const char *value,
                     char *why)
{
    unsigned long long seed = 0;
    bool seeded = strcmp(value, "random") != 0;
    char *end;

    (void)key;
    errno = 0;
    if (seeded) {
        seed = strtoull(value, &end, 0);
        if (!isdigit((unsigned char)*value) || *end || errno) {
            return error_line(why, "'%s' is neither a number of 64 bits nor random", value);
        }
    }
    config->seed = seed;
    config->seeded = seeded;
    return true;
}

static bool set_verbosity(struct drive_config *config, const struct config_key *key,
                          const char *value, char *why)
{
    (void)key;
    for (size_t i = 0; i < VERBOSITIES; i++) {
        if (strcmp(value, verbosities[i]) == 0) {
            config->verbosity = (uint8_t)i;
            return true;
        }
    }
    return error_line(why, "'%s' is not errors, info or commands", value);
}

static setter *const setters[] = {
    [CONFIG_TEXT] = set_text,           [CONFIG_DIGITS] = set_digits, [CONFIG_SERIAL] = set_serial,
    [CONFIG_YES_NO] = set_yes_no,       [CONFIG_PATH] = set_path,     [CONFIG_SEED] = set_seed,
    [CONFIG_VERBOSITY] = set_verbosity,
};

bool drive_config_set(struct drive_config *config, const char *key, const char *value, char *why)
{
    const struct quirk_row *quirk;

    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        if (strcmp(key, k->name) == 0) {
            return setters[k->type](config, k, value, why);
        }
    }
    quirk = quirk_find(key);
    return quirk ? quirk_set(&config->personality.quirks, quirk, value, why)
                 : error_line(why, "no such key");
}

void drive_config_init(struct drive_config *config)
{
    char why[INI_ERROR_BYTES];

    memset(config, 0, sizeof(*config));
    quirks_init(&config->personality.quirks);
    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        setters[k->type](config, k, k->initial, why);
    }
    config->disc_given = config->state_given = false;
}

void drive_config_value(const struct drive_config *config, const struct config_key *key, char *out)
{
    const char *at = (const char *)config + key->offset;

    switch (key->type) {
    case CONFIG_YES_NO:
        at = *(const bool *)at ? "yes" : "no";
        break;
    case CONFIG_PATH:
        at = *at ? at : "none";
        break;
    case CONFIG_SERIAL:
        at = *at ? at : "auto";
        break;
    case CONFIG_VERBOSITY:
        at = verbosities[config->verbosity];
        break;
    case CONFIG_SEED:
        if (config->seeded) {
            snprintf(out, DRIVE_CONFIG_VALUE_BYTES, "%" PRIu64, config->seed);
            return;
        }
        at = "random";
        break;
    default:
        break;
    }
    snprintf(out, DRIVE_CONFIG_VALUE_BYTES, "%s", at);
}

void drive_config_each(const struct drive_config *config,
                       void (*fn)(void *ctx, const char *key, const char *value), void *ctx)
{
    char value[DRIVE_CONFIG_VALUE_BYTES];

    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        drive_config_value(config, k, value);
        fn(ctx, k->name, value);
    }
    for (const struct quirk_row *q = quirk_rows; q->name; q++) {
        quirk_value(&config->personality.quirks, q, value);
        fn(ctx, q->name, value);
    }
}

/* One pass over a file: the keys before the first section, then a row per section. */
struct reading {
    struct drive_config_list *list;
    struct drive_config common;
    const char *path;
};

static struct drive_config *add_row(struct reading *r, const char *name, char *why)
{
    size_t bytes = (r->list->count + 1) * sizeof(*r->list->rows);
    struct drive_config *rows = realloc(r->list->rows, bytes), *row;

    if (!rows) {
        error_line(why, "no memory");
        return NULL;
    }
    r->list->rows = rows;
    row = &rows[r->list->count++];
    *row = r->common;
    snprintf(row->name, sizeof(row->name), "%s", name);
    return row;
}

/* The row that a line belongs to. inih cuts long section names, so a name is short here. */
static struct drive_config *row_of(struct reading *r, const char *section, char *why)
{
    struct drive_config_list *list = r->list;

    if (!*section) {
        return &r->common;
    }
    if (list->count > 0 && strcmp(list->rows[list->count - 1].name, section) == 0) {
        return &list->rows[list->count - 1];
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->rows[i].name, section) == 0) {
            error_line(why, "section [%s] comes twice", section);
            return NULL;
        }
    }
    list->named = true;
    return add_row(r, section, why);
}

static bool is_relative_path(const char *key, const char *value)
{
    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        if (k->type == CONFIG_PATH && strcmp(k->name, key) == 0) {
            return *value && *value != '/' && strcmp(value, "none") != 0;
        }
    }
    return false;
}

static bool read_line(void *ctx, const struct ini_line *line, char *why)
{
    struct reading *r = ctx;
    struct drive_config *row = row_of(r, line->section, why);
    const char *slash = strrchr(r->path, '/');
    char beside[2 * PATH_MAX];

    if (!row) {
        return false;
    }
    if (slash && is_relative_path(line->key, line->value)) {
        snprintf(beside, sizeof(beside), "%.*s%s", (int)(slash - r->path + 1), r->path,
                 line->value);
        return drive_config_set(row, line->key, beside, why);
    }
    return drive_config_set(row, line->key, line->value, why);
}

bool drive_config_read(struct drive_config_list *list, const char *path, char *error)
{
    struct reading r = {.list = list, .path = path};

    *list = (struct drive_config_list){0};
    drive_config_init(&r.common);
    if (ini_read_file(path, read_line, &r, error) &&
        (list->count > 0 || add_row(&r, "", error) != NULL)) {
        return true;
    }
    drive_config_list_free(list);
    return false;
}

void drive_config_list_free(struct drive_config_list *list)
{
    free(list->rows);
    *list = (struct drive_config_list){0};
}
