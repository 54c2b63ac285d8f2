/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_config.h"

#include "error_line.h"
#include "region_store.h"
#include "scsi/be.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLACE(member) offsetof(struct drive_config, member)
#define ROOM(member)  (sizeof(((struct drive_config *)0)->member) - 1)

/* ---- what the bytes of a captured drive have to be ---- */

#define INQUIRY_MMC       0x05
#define INQUIRY_RMB       0x80
#define INQUIRY_LENGTH    91 /* of 96 bytes */
#define INQUIRY_TPGS      0x30
#define DESCRIPTOR_BYTES  4 /* header of a feature */
#define PAGE_2A           0x2a
#define PAGE_2A_BYTES_MIN 22
#define PAGE_2A_DVD_AT    2
#define PAGE_2A_READS_DVD 0x08

static const char *check_inquiry_header(const uint8_t *b, size_t count)
{
    if (count != IDENTITY_HEADER_BYTES || b[0] != INQUIRY_MMC || !(b[1] & INQUIRY_RMB) ||
        b[4] != INQUIRY_LENGTH) {
        return "it has to be 8 bytes that begin with 05 80, the fifth 5B";
    }
    return b[5] & INQUIRY_TPGS ? "bits 5 and 4 of byte 5, TPGS, have to be 0" : NULL;
}

static const char *check_features(const uint8_t *b, size_t count)
{
    int last = -1;

    for (size_t at = 0, bytes; at < count; at += bytes) {
        if (count - at < DESCRIPTOR_BYTES || count - at < DESCRIPTOR_BYTES + (size_t)b[at + 3]) {
            return "a descriptor is cut";
        }
        bytes = DESCRIPTOR_BYTES + (size_t)b[at + 3];
        if (bytes % 4) {
            return "an additional length is no multiple of 4";
        }
        if (be16_get(b + at) <= last) {
            return "the codes do not ascend";
        }
        last = be16_get(b + at);
    }
    return NULL;
}

static const char *check_absent(const uint8_t *b, size_t count)
{
    (void)b;
    return count % 2 ? "a code has two bytes" : NULL;
}

static const char *check_page_2a(const uint8_t *b, size_t count)
{
    if (count < PAGE_2A_BYTES_MIN || b[0] != PAGE_2A || b[1] + 2u != count) {
        return "it has to be 2A, the number of bytes that follow, and as many, 20 at least";
    }
    return b[PAGE_2A_DVD_AT] & PAGE_2A_READS_DVD ? NULL
                                                 : "bit 3 of byte 2, DVD-ROM read, has to be 1";
}

static const char *check_event_classes(const uint8_t *b, size_t count)
{
    return count == 1 && !(b[0] & ~EVENT_CLASSES) && b[0] & EVENT_CLASS_MEDIA_BIT
               ? NULL
               : "it has to be of the bits 5E, with bit 10 for media";
}

/* clang-format off */
const struct config_key drive_config_keys[] = {
    {"vendor",          CONFIG_TEXT,      PLACE(personality.vendor),        1, ROOM(personality.vendor),        "DVDEMU",         "vendor of INQUIRY", "INQUIRY", NULL},
    {"product",         CONFIG_TEXT,      PLACE(personality.product),       1, ROOM(personality.product),       "DVD-ROM",        "product of INQUIRY", "INQUIRY", NULL},
    {"revision",        CONFIG_TEXT,      PLACE(personality.revision),      1, ROOM(personality.revision),      "0001",           "revision of INQUIRY", "INQUIRY", NULL},
    {"firmware_date",   CONFIG_DIGITS,    PLACE(personality.firmware_date), 0, ROOM(personality.firmware_date), "20261101000000", "CCYYMMDDHHMMSS of the firmware information feature", "GET CONFIGURATION", NULL},
    {"serial",          CONFIG_SERIAL,    PLACE(personality.serial),        0, ROOM(personality.serial),        "auto",           "serial number, also the name of the state file; auto: made from the drive's name", "INQUIRY, GET CONFIGURATION", NULL},
    {"inquiry_header",  CONFIG_HEX,       PLACE(personality.inquiry_header),  0, IDENTITY_HEADER_BYTES,         "none",           "bytes 0 to 7 of INQUIRY as a captured drive sends them, or none", "INQUIRY", check_inquiry_header},
    {"inquiry_tail",    CONFIG_HEX,       PLACE(personality.inquiry_tail),    0, IDENTITY_TAIL_BYTES,           "none",           "bytes of INQUIRY from byte 36 on, or none", "INQUIRY", NULL},
    {"features",        CONFIG_HEX,       PLACE(personality.features),        0, IDENTITY_FEATURES_BYTES,       "none",           "feature descriptors in place of or besides the usual ones, or none", "GET CONFIGURATION", check_features},
    {"features_absent", CONFIG_HEX,       PLACE(personality.features_absent), 0, IDENTITY_ABSENT_BYTES,         "none",           "codes of usual features that the drive does not list, or none", "GET CONFIGURATION", check_absent},
    {"page_2a",         CONFIG_HEX,       PLACE(personality.page_2a),         0, IDENTITY_PAGE_2A_BYTES,        "none",           "mode page 2Ah as a captured drive sends it, or none", "MODE SENSE(6), MODE SENSE(10), MODE SELECT(6), MODE SELECT(10)", check_page_2a},
    {"event_classes",   CONFIG_HEX,       PLACE(personality.event_classes),   1, 1,                             "10",             "event classes of GET EVENT STATUS NOTIFICATION, a bit each", "GET EVENT STATUS NOTIFICATION, GET CONFIGURATION", check_event_classes},
    {"strict_cdb",      CONFIG_YES_NO,    PLACE(personality.strict_cdb),    0, 0,                              "no",             "refuse reserved bits of a CDB", NULL, NULL},
    {"disc",            CONFIG_PATH,      PLACE(disc),                      0, ROOM(disc),                      "none",           "image or .disc description that is in when the drive starts, or none", NULL, NULL},
    {"state",           CONFIG_PATH,      PLACE(state),                     0, ROOM(state),                     "none",           "folder that keeps the region state, or none: in memory", NULL, NULL},
    {"seed",            CONFIG_SEED,      PLACE(seed),                      0, 0,                              "random",         "number for a drive that gives the same challenges each time, or random", NULL, NULL},
    {"clock",           CONFIG_CLOCK,     PLACE(virtual_clock),             0, 0,                              "real",           "real, or virtual: time passes when dvdemu clock says so", NULL, NULL},
    {"log",             CONFIG_VERBOSITY, PLACE(verbosity),                 0, 0,                              "info",           "errors, info, or commands: one line per command", NULL, NULL},
    {NULL, CONFIG_TEXT, 0, 0, 0, NULL, NULL, NULL, NULL},
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

static unsigned hex_digit(char c)
{
    return isdigit((unsigned char)c) ? (unsigned)c - '0' : ((unsigned)c | 0x20) - 'a' + 10;
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

static bool set_clock(struct drive_config *config, const struct config_key *key, const char *value,
                      char *why)
{
    const bool is_virtual = strcmp(value, "virtual") == 0;

    (void)key;
    if (!is_virtual && strcmp(value, "real") != 0) {
        return error_line(why, "'%s' is neither real nor virtual", value);
    }
    config->virtual_clock = is_virtual;
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

/* The member is a count of two bytes and the bytes behind it. */
static bool set_hex(struct drive_config *config, const struct config_key *key, const char *value,
                    char *why)
{
    uint8_t bytes[IDENTITY_FEATURES_BYTES];
    const char *wrong = NULL, *at = strcmp(value, "none") == 0 ? "" : value;
    uint16_t count = 0;

    while (*(at += strspn(at, " \t"))) {
        if (!isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1]) ||
            count == key->max) {
            return error_line(why, "'%s' is not at most %zu bytes in hexadecimal, or none", value,
                              key->max);
        }
        bytes[count++] = (uint8_t)(hex_digit(at[0]) << 4 | hex_digit(at[1]));
        at += 2;
    }
    if (count < key->min) {
        wrong = "a byte is missing";
    } else if (count && key->check) {
        wrong = key->check(bytes, count);
    }
    if (wrong) {
        return error_line(why, "%s", wrong);
    }
    memset(place(config, key), 0, sizeof(count) + key->max);
    memcpy(place(config, key), &count, sizeof(count));
    memcpy((char *)place(config, key) + sizeof(count), bytes, count);
    return true;
}

static setter *const setters[] = {
    [CONFIG_TEXT] = set_text,           [CONFIG_DIGITS] = set_digits, [CONFIG_SERIAL] = set_serial,
    [CONFIG_YES_NO] = set_yes_no,       [CONFIG_PATH] = set_path,     [CONFIG_SEED] = set_seed,
    [CONFIG_VERBOSITY] = set_verbosity, [CONFIG_HEX] = set_hex,       [CONFIG_CLOCK] = set_clock,
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

static void hex_value(const char *at, char *out)
{
    uint16_t count;

    memcpy(&count, at, sizeof(count));
    snprintf(out, DRIVE_CONFIG_VALUE_BYTES, "%s", count ? "" : "none");
    for (size_t i = 0; i < count; i++) {
        snprintf(out + 3 * i, sizeof(" 00"), "%02X ", (uint8_t)at[sizeof(count) + i]);
    }
    if (count) {
        out[3 * count - 1u] = 0; /* no blank behind the last */
    }
}

void drive_config_value(const struct drive_config *config, const struct config_key *key, char *out)
{
    const char *at = (const char *)config + key->offset;

    switch (key->type) {
    case CONFIG_YES_NO:
        at = *(const bool *)at ? "yes" : "no";
        break;
    case CONFIG_CLOCK:
        at = config->virtual_clock ? "virtual" : "real";
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
    case CONFIG_HEX:
        hex_value(at, out);
        return;
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

/* From a text, or with `text` NULL from the file of that name. */
static bool read_list(struct drive_config_list *list, const char *name, const char *text,
                      size_t bytes, char *error)
{
    struct reading r = {.list = list, .path = name};
    bool ok;

    *list = (struct drive_config_list){0};
    drive_config_init(&r.common);
    ok = text ? ini_read_text(name, text, bytes, read_line, &r, error)
              : ini_read_file(name, read_line, &r, error);
    if (ok && (list->count > 0 || add_row(&r, "", error) != NULL)) {
        return true;
    }
    drive_config_list_free(list);
    return false;
}

bool drive_config_read(struct drive_config_list *list, const char *path, char *error)
{
    return read_list(list, path, NULL, 0, error);
}

bool drive_config_read_text(struct drive_config_list *list, const char *name, const char *text,
                            size_t bytes, char *error)
{
    return read_list(list, name, text, bytes, error);
}

void drive_config_list_free(struct drive_config_list *list)
{
    free(list->rows);
    *list = (struct drive_config_list){0};
}
