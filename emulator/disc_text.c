/* SPDX-License-Identifier: GPL-2.0-only */
#include "disc_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGIONS        8
#define WORD_BYTES     40
#define TITLE_NAME_MAX 32
/** Indexes of title keys and files in an extent are int16_t. */
#define INDEX_COUNT_MAX 32768

#define OUT_OF_MEMORY "out of memory"

/* ---- values ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Exactly `bytes` bytes, two digits each. */
static bool parse_hex(const char *text, uint8_t *out, size_t bytes)
{
    if (strlen(text) != 2 * bytes) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Decimal, or hexadecimal after 0x; nothing else around it. */
static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t base = hex ? 16 : 10, value = 0;
    const char *digit = hex ? text + 2 : text;

    if (!*digit) {
        return false;
    }
    for (; *digit; digit++) {
        int d = hex_digit(*digit);

        if (d < 0 || (uint64_t)d >= base || value > (max - (uint64_t)d) / base) {
            return false;
        }
        value = value * base + (uint64_t)d;
    }
    *out = value;
    return true;
}

static bool parse_u32(const char *text, uint32_t *out)
{
    uint64_t value;

    if (!parse_number(text, UINT32_MAX, &value)) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* One of two words: 0 for the first, 1 for the second. */
static bool parse_either(const char *text, const char *zero, const char *one, uint8_t *out)
{
    *out = strcmp(text, one) == 0;
    return *out || strcmp(text, zero) == 0;
}

/* The next word of a line, and what follows it; false at the end or if it is too long. */
static bool next_word(const char **at, char word[static WORD_BYTES])
{
    size_t length = strcspn(*at, " \t");

    if (length == 0 || length >= WORD_BYTES) {
        return false;
    }
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    *at += strspn(*at, " \t");
    return true;
}

/* Room for one more item in an array that doubles; false: no memory, the array is as it was. */
static bool make_room(void *array, size_t count, size_t item_bytes)
{
    void *items, *grown;

    if (count & (count - 1)) {
        return true; /* it is full at 0, 1, 2, 4, 8 ... items */
    }
    memcpy(&items, array, sizeof(items));
    grown = realloc(items, (count ? 2 * count : 1) * item_bytes);
    if (!grown) {
        return false;
    }
    memcpy(array, &grown, sizeof(grown));
    return true;
}

/* ---- [disc] ---- */

static bool take_image(struct disc *disc, const char *value)
{
    disc->image_path = strdup(value);
    return disc->image_path != NULL;
}

static bool take_medium(struct disc *disc, const char *value)
{
    return parse_either(value, "dvd", "cd", &disc->kind);
}

static bool take_layers(struct disc *disc, const char *value)
{
    uint8_t second;

    if (!parse_either(value, "1", "2", &second)) {
        return false;
    }
    disc->layers = (uint8_t)(1 + second);
    return true;
}

static bool take_track_path(struct disc *disc, const char *value)
{
    return parse_either(value, "ptp", "otp", &disc->track_path);
}

static bool take_layer0_blocks(struct disc *disc, const char *value)
{
    return parse_u32(value, &disc->layer0_blocks);
}

static bool take_protection(struct disc *disc, const char *value)
{
    if (strcmp(value, "absent") == 0) {
        disc->protection = DISC_NO_STRUCTURE;
        return true;
    }
    return parse_either(value, "none", "css", &disc->protection);
}

/* The disc's byte forbids with a 1 bit what the list here allows (mmc-spec 3.3). */
static bool take_regions(struct disc *disc, const char *value)
{
    unsigned allowed = 0;

    if (strcmp(value, "all") == 0) {
        disc->rmi = 0;
        return true;
    }
    for (;; value++) {
        value += strspn(value, " \t");
        if (*value < '1' || *value >= '1' + REGIONS) {
            return false;
        }
        allowed |= 1u << (*value - '1');
        value++;
        value += strspn(value, " \t");
        if (*value != ',') {
            break;
        }
    }
    disc->rmi = (uint8_t)~allowed;
    return *value == '\0';
}

static bool take_seed(struct disc *disc, const char *value)
{
    return parse_number(value, UINT64_MAX, &disc->seed);
}

static bool take_disc_key(struct disc *disc, const char *value)
{
    return parse_hex(value, disc->disc_key.b, CSS_KEY_BYTES);
}

static bool take_scrambled(struct disc *disc, const char *value)
{
    uint8_t yes;
    bool understood = parse_either(value, "no", "yes", &yes);

    disc->scrambled = yes;
    return understood;
}

static bool take_bca(struct disc *disc, const char *value)
{
    size_t bytes = strlen(value) / 2;

    if (bytes < DISC_BCA_BYTES_MIN || bytes > DISC_BCA_BYTES_MAX) {
        return false;
    }
    disc->bca_bytes = (uint8_t)bytes;
    return parse_hex(value, disc->bca, bytes);
}

struct key_row {
    const char *name;
    bool (*take)(struct disc *disc, const char *value);
    bool needs_css, needs_dvd;
    const char *help; /**< what the value has to be */
};

/* clang-format off */
static const struct key_row disc_keys[DISC_TEXT_KEYS] = {
    /*                                                               needs CSS, a DVD */
    [DISC_TEXT_IMAGE]         = {"image",         take_image,         false, false, "a path, relative to this file's folder"},
    [DISC_TEXT_MEDIUM]        = {"medium",        take_medium,        false, false, "dvd or cd"},
    [DISC_TEXT_LAYERS]        = {"layers",        take_layers,        false, true,  "1 or 2"},
    [DISC_TEXT_TRACK_PATH]    = {"track_path",    take_track_path,    false, true,  "ptp or otp"},
    [DISC_TEXT_LAYER0_BLOCKS] = {"layer0_blocks", take_layer0_blocks, false, true,  "a number of blocks"},
    [DISC_TEXT_PROTECTION]    = {"protection",    take_protection,    false, true,  "none, css or absent"},
    [DISC_TEXT_REGIONS]       = {"regions",       take_regions,       true,  true,  "all, or allowed regions such as 1,2"},
    [DISC_TEXT_SEED]          = {"seed",          take_seed,          false, false, "a number below 2^64"},
    [DISC_TEXT_DISC_KEY]      = {"disc_key",      take_disc_key,      true,  true,  "10 hexadecimal digits"},
    [DISC_TEXT_SCRAMBLED]     = {"scrambled",     take_scrambled,     true,  true,  "yes or no"},
    [DISC_TEXT_BCA]           = {"bca",           take_bca,           false, true,  "24 to 376 hexadecimal digits, an even number"},
};
/* clang-format on */

const char *disc_text_key_name(enum disc_text_key key)
{
    return disc_keys[key].name;
}

bool disc_text_key_needs_css(enum disc_text_key key)
{
    return disc_keys[key].needs_css;
}

bool disc_text_key_needs_dvd(enum disc_text_key key)
{
    return disc_keys[key].needs_dvd;
}

__attribute__((format(printf, 2, 3))) static bool refuse(char *why, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, INI_ERROR_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

static bool given_before(char *why, unsigned line)
{
    return refuse(why, "given before, in line %u", line);
}

static bool disc_line(struct disc_text *text, const struct ini_line *line, char *why)
{
    for (size_t i = 0; i < DISC_TEXT_KEYS; i++) {
        const struct key_row *row = &disc_keys[i];

        if (strcmp(row->name, line->key) != 0) {
            continue;
        }
        if (text->lines[i]) {
            return given_before(why, text->lines[i]);
        }
        text->lines[i] = line->number;
        errno = 0;
        if (row->take(text->disc, line->value)) {
            return true;
        }
        return errno == ENOMEM ? refuse(why, OUT_OF_MEMORY)
                               : refuse(why, "'%s': expected %s", line->value, row->help);
    }
    return refuse(why, "no such key in [disc]");
}

/* ---- [player_keys] and [title_keys] ---- */

static bool take_key(const char *value, uint8_t *key, char *why)
{
    return parse_hex(value, key, CSS_KEY_BYTES) ||
           refuse(why, "'%s': expected 10 hexadecimal digits", value);
}

static bool player_line(struct disc_text *text, const struct ini_line *line, char *why)
{
    uint64_t slot;

    if (!parse_number(line->key, CSS_SLOTS, &slot) || slot == 0) {
        return refuse(why, "a slot is a number from 1 to %d", CSS_SLOTS);
    }
    if (text->player_lines[slot - 1]) {
        return given_before(why, text->player_lines[slot - 1]);
    }
    text->player_lines[slot - 1] = line->number;
    return take_key(line->value, text->players[slot - 1].b, why);
}

bool disc_text_is_title_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_.-";
    size_t length = strspn(name, allowed);

    return length > 0 && length <= TITLE_NAME_MAX && !name[length] && strcmp(name, "-") != 0;
}

/* Adds a title key that has a name only. */
static bool add_title(struct disc_text *text, const char *name, char *why)
{
    struct disc *disc = text->disc;
    size_t count = disc->title_key_count;
    char *copy;

    if (!disc_text_is_title_name(name)) {
        return refuse(why, "the name of a title key has 1 to %d letters, digits, '_', '.', '-'",
                      TITLE_NAME_MAX);
    }
    if (count == INDEX_COUNT_MAX) {
        return refuse(why, "more than %d title keys", INDEX_COUNT_MAX);
    }
    copy = strdup(name);
    if (!copy || !make_room(&disc->title_keys, count, sizeof(*disc->title_keys)) ||
        !make_room(&text->title_lines, count, sizeof(*text->title_lines))) {
        free(copy);
        return refuse(why, OUT_OF_MEMORY);
    }
    disc->title_keys[count] = (struct disc_title_key){.name = copy};
    text->title_lines[count] = (struct disc_text_title_lines){0};
    disc->title_key_count++;
    return true;
}

/* Index of the title key of that name, a new one if need be; -1 on error. */
static int16_t title_index(struct disc_text *text, const char *name, char *why)
{
    const struct disc *disc = text->disc;
    const struct disc_text_runs *extents = &text->extents;

    /* neighbours mostly share their key */
    if (extents->count) {
        int16_t last = extents->runs[extents->count - 1].extent.key;

        if (last >= 0 && strcmp(disc->title_keys[last].name, name) == 0) {
            return last;
        }
    }
    for (size_t i = 0; i < disc->title_key_count; i++) {
        if (strcmp(disc->title_keys[i].name, name) == 0) {
            return (int16_t)i;
        }
    }
    return add_title(text, name, why) ? (int16_t)(disc->title_key_count - 1) : -1;
}

static bool title_line(struct disc_text *text, const struct ini_line *line, char *why)
{
    int16_t index = title_index(text, line->key, why);

    if (index < 0) {
        return false;
    }
    if (text->title_lines[index].defined) {
        return given_before(why, text->title_lines[index].defined);
    }
    text->title_lines[index].defined = line->number;
    return take_key(line->value, text->disc->title_keys[index].clear.b, why);
}

/* ---- [bad_blocks] and [extents] ---- */

static bool add_run(struct disc_text_runs *runs, const struct disc_extent *extent, unsigned line,
                    char *why)
{
    if (!make_room(&runs->runs, runs->count, sizeof(*runs->runs))) {
        return refuse(why, OUT_OF_MEMORY);
    }
    runs->runs[runs->count++] = (struct disc_text_run){.extent = *extent, .line = line};
    return true;
}

static bool take_range(const char *lba, const char *blocks, struct disc_extent *extent, char *why)
{
    if (!parse_u32(lba, &extent->lba)) {
        return refuse(why, "an LBA is expected before '='");
    }
    if (!parse_u32(blocks, &extent->blocks) || extent->blocks == 0) {
        return refuse(why, "'%s': expected a number of blocks, 1 or more", blocks);
    }
    return true;
}

static bool bad_line(struct disc_text *text, const struct ini_line *line, char *why)
{
    struct disc_extent extent = {.key = -1, .file = -1};

    return take_range(line->key, line->value, &extent, why) &&
           add_run(&text->bad_blocks, &extent, line->number, why);
}

/* Index of a file name, a new one if need be; -1 on error. */
static int16_t file_index(struct disc_text *text, const char *name, char *why)
{
    struct disc *disc = text->disc;
    size_t count = disc->file_count;

    /* backwards: neighbours mostly share their file */
    for (size_t i = count; i > 0; i--) {
        if (strcmp(disc->files[i - 1], name) == 0) {
            return (int16_t)(i - 1);
        }
    }
    if (count == INDEX_COUNT_MAX) {
        refuse(why, "more than %d files", INDEX_COUNT_MAX);
        return -1;
    }
    if (!make_room(&disc->files, count, sizeof(*disc->files)) ||
        !(disc->files[count] = strdup(name))) {
        refuse(why, OUT_OF_MEMORY);
        return -1;
    }
    disc->file_count++;
    return (int16_t)count;
}

/* KEYNAME or "-", then FILE, "-" or nothing. */
static bool take_key_and_file(struct disc_text *text, const char *key, const char *file,
                              struct disc_extent *extent, unsigned line, char *why)
{
    extent->key = -1;
    extent->file = -1;
    if (strcmp(key, "-") != 0) {
        extent->key = title_index(text, key, why);
        if (extent->key < 0) {
            return false;
        }
        if (!text->title_lines[extent->key].named) {
            text->title_lines[extent->key].named = line;
        }
    }
    if (*file && strcmp(file, "-") != 0) {
        extent->file = file_index(text, file, why);
        return extent->file >= 0;
    }
    return true;
}

static bool extent_line(struct disc_text *text, const struct ini_line *line, char *why)
{
    const char *rest = line->value;
    char blocks[WORD_BYTES], cpr_mai[WORD_BYTES], key[WORD_BYTES];
    struct disc_extent extent;

    if (!next_word(&rest, blocks) || !next_word(&rest, cpr_mai) || !next_word(&rest, key)) {
        return refuse(why, "expected BLOCKS CPR_MAI KEYNAME|- [FILE]");
    }
    if (!parse_hex(cpr_mai, &extent.cpr_mai, 1)) {
        return refuse(why, "'%s': expected CPR_MAI as two hexadecimal digits", cpr_mai);
    }
    return take_range(line->key, blocks, &extent, why) &&
           take_key_and_file(text, key, rest, &extent, line->number, why) &&
           add_run(&text->extents, &extent, line->number, why);
}

/* ---- the sections ---- */

struct section_row {
    const char *name;
    bool (*line)(struct disc_text *text, const struct ini_line *line, char *why);
};

static const struct section_row sections[] = {
    {"disc", disc_line},      {"player_keys", player_line}, {"title_keys", title_line},
    {"bad_blocks", bad_line}, {"extents", extent_line},
};

bool disc_text_line(void *ctx, const struct ini_line *line, char *why)
{
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (strcmp(sections[i].name, line->section) == 0) {
            return sections[i].line(ctx, line, why);
        }
    }
    return line->section[0] ? refuse(why, "no such section: [%s]", line->section)
                            : refuse(why, "stands before the first section");
}

void disc_text_free(struct disc_text *text)
{
    free(text->title_lines);
    free(text->extents.runs);
    free(text->bad_blocks.runs);
}
