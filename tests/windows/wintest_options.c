/* SPDX-License-Identifier: GPL-2.0-only */
#include "wintest_options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_S_DEFAULT 300
#define LBA_MAX         0x7fffffffu
#define USAGE_BYTES     4096

enum kind { FLAG, NUMBER, TEXT };

/* clang-format off */
#define FIELD(name) offsetof(struct wintest_options, name)
static const struct option {
    const char *name, *value;
    enum kind kind;
    size_t at;
    uint32_t least, most;
    const char *help;
} options[] = {
    {"--title-lba",     "N",    NUMBER, FIELD(title_lba),     0, LBA_MAX, "block of a title to ask the key for (default: the first VOB, else 256)"},
    {"--scrambled-lba", "N",    NUMBER, FIELD(scrambled_lba), 0, LBA_MAX, "a scrambled block (default: the first one found behind the title's)"},
    {"--expect",        "FILE", TEXT,   FIELD(expect),        0, 0, "values that must come, \"name=hex\" lines"},
    {"--set-region",    "N",    NUMBER, FIELD(set_region),    1, 8, "set the drive's region; it can be changed five times in its life"},
    {"--no-negative",   NULL,   FLAG,   FIELD(no_negative),   0, 0, "only what must succeed"},
    {"--no-crypt",      NULL,   FLAG,   FIELD(no_crypt),      0, 0, "compute no keys: stop after the exchange of challenges"},
    {"--pass-through",  NULL,   FLAG,   FIELD(pass_through),  0, 0, "the same commands again by IOCTL_SCSI_PASS_THROUGH_DIRECT"},
    {"--repeat",        "N",    NUMBER, FIELD(repeat),        1, 100000, "authenticate N times, with times"},
    {"--threads",       "N",    NUMBER, FIELD(threads),       1, 4, "N sessions at once, then one too many"},
    {"--interactive",   NULL,   FLAG,   FIELD(interactive),   0, 0, "ask for a change of disc and watch it"},
    {"--wine",          NULL,   FLAG,   FIELD(wine),          0, 0, "the rules of Wine in place of Windows'"},
    {"--json",          "FILE", TEXT,   FIELD(json),          0, 0, "the results also as JSON, one object a line"},
    {"--limit",         "N",    NUMBER, FIELD(limit_s),       1, 86400, "give up after N seconds (default: 300)"},
    {"-v",              NULL,   FLAG,   FIELD(verbose),       0, 0, "show all buffers, keys too"},
    {"--help",          NULL,   FLAG,   FIELD(help),          0, 0, "this text"},
};
/* clang-format on */

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static bool read_number(const struct option *option, const char *text, uint32_t *number)
{
    unsigned long long value;
    char *end;

    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    errno = 0;
    value = strtoull(text, &end, 0);
    if (*end || errno || value < option->least || value > option->most) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

static bool take(struct wintest_options *o, const struct option *option, const char *value,
                 char error[static OPTION_ERROR_BYTES])
{
    char *at = (char *)o + option->at;

    if (option->kind == FLAG) {
        *(bool *)at = true;
        return true;
    }
    if (!value) {
        snprintf(error, OPTION_ERROR_BYTES, "%s needs a value", option->name);
        return false;
    }
    if (option->kind == TEXT) {
        *(const char **)(void *)at = value;
        return true;
    }
    if (!read_number(option, value, (uint32_t *)(void *)at)) {
        snprintf(error, OPTION_ERROR_BYTES, "%s: %s is no number from %" PRIu32 " to %" PRIu32,
                 option->name, value, option->least, option->most);
        return false;
    }
    return true;
}

static bool take_device(struct wintest_options *o, const char *word,
                        char error[static OPTION_ERROR_BYTES])
{
    if (o->device || *word == '-' || *word == '\0') {
        snprintf(error, OPTION_ERROR_BYTES, "what is %s?", *word ? word : "\"\"");
        return false;
    }
    o->device = word;
    return true;
}

bool wintest_options_read(struct wintest_options *o, int argc, char *const *argv,
                          char error[static OPTION_ERROR_BYTES])
{
    *o = (struct wintest_options){.title_lba = OPTION_NOT_GIVEN,
                                  .scrambled_lba = OPTION_NOT_GIVEN,
                                  .limit_s = LIMIT_S_DEFAULT};
    for (int i = 1; i < argc; i++) {
        const struct option *option = find(argv[i]);

        if (!option) {
            if (!take_device(o, argv[i], error)) {
                return false;
            }
            continue;
        }
        if (!take(o, option, i + 1 < argc ? argv[i + 1] : NULL, error)) {
            return false;
        }
        i += option->kind != FLAG;
    }
    if (!o->device && !o->help) {
        snprintf(error, OPTION_ERROR_BYTES, "which drive? For instance: wintest D:");
        return false;
    }
    return true;
}

const char *wintest_usage(void)
{
    static char text[USAGE_BYTES];
    size_t used = 0;

    used += (size_t)snprintf(text, sizeof(text),
                             "wintest [OPTIONS] D:\n"
                             "Makes every IOCTL_DVD_* call on a DVD drive, as a player does, and "
                             "checks the answers;\nthen what must be refused, and the errors.\n\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char left[32];

        snprintf(left, sizeof(left), "%s %s", options[i].name,
                 options[i].value ? options[i].value : "");
        used += (size_t)snprintf(text + used, sizeof(text) - used, "  %-19s %s\n", left,
                                 options[i].help);
    }
    snprintf(text + used, sizeof(text) - used,
             "\nExit code: 0 all passed, 1 something failed, 2 no such drive, or no DVD drive, or "
             "wrong usage.\n");
    return text;
}

bool wintest_device_path(const char *device, char path[static DEVICE_PATH_BYTES])
{
    const bool letter = isalpha((unsigned char)device[0]) &&
                        (!device[1] || strcmp(device + 1, ":") == 0 ||
                         strcmp(device + 1, ":\\") == 0 || strcmp(device + 1, ":/") == 0);
    const int length = letter ? snprintf(path, DEVICE_PATH_BYTES, "\\\\.\\%c:", device[0])
                              : snprintf(path, DEVICE_PATH_BYTES, "%s", device);

    return length >= 0 && length < DEVICE_PATH_BYTES;
}
