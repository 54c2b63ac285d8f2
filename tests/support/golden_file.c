/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

static bool append(struct golden_bytes *bytes, uint16_t item)
{
    if (bytes->count == GOLDEN_BYTES_MAX) {
        return false;
    }
    if (bytes->count == bytes->room) {
        bytes->room = bytes->room ? 2 * bytes->room : 64;
        bytes->item = realloc(bytes->item, bytes->room * sizeof(*bytes->item));
        if (!bytes->item) {
            abort();
        }
    }
    bytes->item[bytes->count++] = item;
    return true;
}

/* What follows an item: `*N`. The items from `first` on are there once already. */
static const char *repeat(struct golden_bytes *bytes, size_t first, const char *p)
{
    const size_t once = bytes->count - first;
    char *end;
    unsigned long times;

    if (*p != '*') {
        return p;
    }
    times = isdigit((unsigned char)p[1]) ? strtoul(p + 1, &end, 10) : 0;
    if (times == 0) {
        return NULL;
    }
    while (--times) {
        for (size_t i = 0; i < once; i++) {
            if (!append(bytes, bytes->item[first + i])) {
                return NULL;
            }
        }
    }
    return end;
}

static const char *hex_pair(struct golden_bytes *bytes, const char *p)
{
    unsigned value;

    if (p[0] == '?' && p[1] == '?') {
        return append(bytes, GOLDEN_ANY) ? p + 2 : NULL;
    }
    if (!isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]) ||
        sscanf(p, "%2x", &value) != 1) {
        return NULL;
    }
    return append(bytes, (uint16_t)value) ? p + 2 : NULL;
}

static const char *quoted(struct golden_bytes *bytes, const char *p)
{
    for (p++; *p && *p != '"'; p++) {
        if (!append(bytes, (uint8_t)*p)) {
            return NULL;
        }
    }
    return *p ? p + 1 : NULL;
}

/* `(AA BB)`: groups do not nest. */
static const char *group(struct golden_bytes *bytes, const char *p)
{
    for (p++; p && *p != ')'; p += strspn(p, " \t")) {
        p = *p == ' ' ? p + 1 : hex_pair(bytes, p);
        if (!p) {
            return NULL;
        }
    }
    return p ? p + 1 : NULL;
}

static const char *read_bytes(struct golden_bytes *bytes, const char *p)
{
    for (p += strspn(p, " \t"); *p; p += strspn(p, " \t")) {
        const size_t first = bytes->count;

        p = *p == '"' ? quoted(bytes, p) : *p == '(' ? group(bytes, p) : hex_pair(bytes, p);
        p = p ? repeat(bytes, first, p) : NULL;
        if (!p || (*p && *p != ' ' && *p != '\t')) {
            return "not a byte: want AA, ??, \"text\", (AA BB), each perhaps with *N";
        }
    }
    return NULL;
}

void golden_bytes_copy(const struct golden_bytes *bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes->count; i++) {
        out[i] = (uint8_t)bytes->item[i];
    }
}

bool golden_bytes_match(const struct golden_bytes *bytes, const uint8_t *got, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes->item[i] != GOLDEN_ANY && bytes->item[i] != got[i]) {
            return false;
        }
    }
    return true;
}

static const char *read_plain_bytes(struct golden_bytes *bytes, const char *p)
{
    const char *error = read_bytes(bytes, p);

    for (size_t i = 0; i < bytes->count && !error; i++) {
        error = bytes->item[i] == GOLDEN_ANY ? "?? stands for what is expected only" : NULL;
    }
    return error;
}

/* ---- words ---- */

static const char *read_words(struct golden_words *words, const char *text)
{
    char *comma = NULL, *space = NULL;

    words->text = strdup(text);
    if (!words->text) {
        abort();
    }
    for (char *w = strtok_r(words->text, ",", &comma); w; w = strtok_r(NULL, ",", &comma)) {
        struct golden_word *word = &words->word[words->count];

        if (words->count++ == GOLDEN_WORDS_MAX) {
            return "too many words";
        }
        for (char *a = strtok_r(w, " \t", &space); a; a = strtok_r(NULL, " \t", &space)) {
            if (word->count == GOLDEN_ARGS_MAX) {
                return "a word of too many arguments";
            }
            word->arg[word->count++] = a;
        }
        if (word->count == 0) {
            return "a comma too many";
        }
    }
    return words->count ? NULL : "no words";
}

/* ---- sense ---- */

/* What may stand behind a sense. The row is found by the word, the numbers by the form. */
static const struct pointer_form {
    const char *form;
    uint8_t pointer; /* enum sense_pointer */
    int numbers;
} pointer_forms[] = {
    {"cdb %u%n", SENSE_POINTER_CDB, 1},
    {"cdb %u bit %u%n", SENSE_POINTER_CDB, 2},
    {"list %u%n", SENSE_POINTER_LIST, 1},
    {"lba %u%n", SENSE_POINTER_NONE, 1},
};

static bool take_form(struct scsi_sense *sense, const struct pointer_form *row, const char *p)
{
    unsigned first, second = 0;
    int used = 0;
    const int numbers = row->numbers == 1 ? sscanf(p, row->form, &first, &used)
                                          : sscanf(p, row->form, &first, &second, &used);

    if (numbers != row->numbers || used == 0 || p[used] || second > 7) {
        return false;
    }
    sense->pointer = row->pointer;
    if (row->pointer == SENSE_POINTER_NONE) {
        sense->information_valid = true;
        sense->information = first;
    } else {
        sense->field_byte = (uint16_t)first;
    }
    sense->bit_valid = numbers == 2;
    sense->bit = (uint8_t)second;
    return true;
}

static const char *read_pointer(struct scsi_sense *sense, const char *p)
{
    for (size_t i = 0; i < sizeof(pointer_forms) / sizeof(pointer_forms[0]); i++) {
        if (take_form(sense, &pointer_forms[i], p)) {
            return NULL;
        }
    }
    return "want `cdb N`, `cdb N bit N`, `list N` or `lba N` behind the sense";
}

static const char *read_sense(struct scsi_sense *sense, const char *p)
{
    unsigned key, asc, ascq;
    int used = 0;

    if (strcmp(p, "good") == 0) {
        *sense = SENSE_OK;
        return NULL;
    }
    if (sscanf(p, "%2x/%2x/%2x%n", &key, &asc, &ascq, &used) != 3) {
        return "want `good` or KK/AA/QQ";
    }
    *sense = (struct scsi_sense){
        .check = true, .key = (uint8_t)key, .asc = (uint8_t)asc, .ascq = (uint8_t)ascq};
    p += used;
    p += strspn(p, " \t");
    return *p ? read_pointer(sense, p) : NULL;
}

/* ---- fields ---- */

static const char *field_drive(struct golden_block *b, const char *text)
{
    return read_words(&b->drive, text);
}

static const char *field_do(struct golden_block *b, const char *text)
{
    const char *error = read_words(&b->act, text);

    return !error && b->act.count > 1 ? "one thing at a time" : error;
}

static const char *field_cdb(struct golden_block *b, const char *text)
{
    const char *error = read_plain_bytes(&b->cdb, text);

    return !error && (b->cdb.count == 0 || b->cdb.count > SCSI_CDB_BYTES_MAX)
               ? "a CDB has 1 to 16 bytes"
               : error;
}

static const char *field_out(struct golden_block *b, const char *text)
{
    b->has_out = true;
    return read_plain_bytes(&b->out, text);
}

static const char *field_sense(struct golden_block *b, const char *text)
{
    return read_sense(&b->sense, text);
}

static const char *field_in(struct golden_block *b, const char *text)
{
    return read_bytes(&b->in, text);
}

static const char *field_after(struct golden_block *b, const char *text)
{
    return read_words(&b->after, text);
}

enum field { FIELD_DRIVE, FIELD_DO, FIELD_CDB, FIELD_OUT, FIELD_SENSE, FIELD_IN, FIELD_AFTER };

static const struct field_row {
    const char *name;
    const char *(*read)(struct golden_block *b, const char *text);
} fields[] = {
    [FIELD_DRIVE] = {"drive", field_drive}, [FIELD_DO] = {"do", field_do},
    [FIELD_CDB] = {"cdb", field_cdb},       [FIELD_OUT] = {"out", field_out},
    [FIELD_SENSE] = {"sense", field_sense}, [FIELD_IN] = {"in", field_in},
    [FIELD_AFTER] = {"after", field_after},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* ---- lines to blocks ---- */

struct reader {
    struct golden_file *file;
    const char *path;
    unsigned line;
    struct golden_block block;
    bool in_block;
    unsigned seen; /* one bit per field of the block */
    const struct field_row *field;
    unsigned field_line;
    char *text; /* of the field so far, over all its lines */
    bool complained;
};

/* The first complaint is the one that helps. */
static bool complain(struct reader *r, unsigned line, const char *error)
{
    if (!r->complained) {
        fprintf(stderr, "%s:%u: %s\n", r->path, line, error);
    }
    r->complained = true;
    return false;
}

static bool end_field(struct reader *r)
{
    const char *error = r->field ? r->field->read(&r->block, r->text) : NULL;
    const unsigned line = r->field_line;

    r->field = NULL;
    free(r->text);
    r->text = NULL;
    return error ? complain(r, line, error) : true;
}

static const char *judge_block(const struct reader *r)
{
    const bool has_cdb = r->seen & 1u << FIELD_CDB, has_do = r->seen & 1u << FIELD_DO;

    if (!(r->seen & 1u << FIELD_DRIVE)) {
        return "block without `drive:`";
    }
    if (has_cdb == has_do) {
        return "block wants either `cdb:` or `do:`";
    }
    if (has_cdb != (r->seen >> FIELD_SENSE & 1)) {
        return "`cdb:` and `sense:` go together";
    }
    if ((has_do && r->seen & 1u << FIELD_OUT) || (!has_cdb && r->seen & 1u << FIELD_IN)) {
        return "`do:` has no data";
    }
    return r->block.sense.check && r->block.in.count ? "a refusal has no data" : NULL;
}

static void keep_block(struct golden_file *file, const struct golden_block *block)
{
    if (file->count == file->room) {
        file->room = file->room ? 2 * file->room : 32;
        file->block = realloc(file->block, file->room * sizeof(*file->block));
        if (!file->block) {
            abort();
        }
    }
    file->block[file->count++] = *block;
}

static bool end_block(struct reader *r)
{
    const bool good = end_field(r);
    const char *error = r->in_block && good ? judge_block(r) : NULL;
    const unsigned line = r->block.line;

    if (r->in_block) {
        keep_block(r->file, &r->block); /* the file frees it, good or not */
    }
    r->in_block = false;
    r->seen = 0;
    memset(&r->block, 0, sizeof(r->block));
    return error ? complain(r, line, error) : good;
}

static bool begin_field(struct reader *r, const char *name, size_t name_bytes, const char *text)
{
    if (!end_field(r)) {
        return false;
    }
    if (!r->in_block) {
        r->in_block = true;
        r->block.file = r->path;
        r->block.line = r->line;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (strlen(fields[i].name) == name_bytes && memcmp(fields[i].name, name, name_bytes) == 0) {
            if (r->seen & 1u << i) {
                return complain(r, r->line, "field given twice");
            }
            r->seen |= 1u << i;
            r->field = &fields[i];
            r->field_line = r->line;
            r->text = strdup(text + strspn(text, " \t"));
            return r->text != NULL;
        }
    }
    return complain(r, r->line, "no such field");
}

static bool continue_field(struct reader *r, const char *text)
{
    char *longer;

    if (!r->field) {
        return complain(r, r->line, "a line that continues nothing");
    }
    if (asprintf(&longer, "%s %s", r->text, text + strspn(text, " \t")) < 0) {
        abort();
    }
    free(r->text);
    r->text = longer;
    return true;
}

static bool read_line(struct reader *r, char *line)
{
    const bool blank = line[strspn(line, " \t\r\n")] == 0;
    char *const comment = strchr(line, '#'), *colon;
    size_t length;

    if (blank) {
        return end_block(r);
    }
    if (comment) {
        *comment = 0;
    }
    length = strlen(line);
    while (length && isspace((unsigned char)line[length - 1])) {
        line[--length] = 0;
    }
    if (length == 0) {
        return true; /* a comment is no end of a block */
    }
    if (isspace((unsigned char)*line)) {
        return continue_field(r, line);
    }
    colon = strchr(line, ':');
    return colon ? begin_field(r, line, (size_t)(colon - line), colon + 1)
                 : complain(r, r->line, "want `field: value`");
}

bool golden_file_read(struct golden_file *file, const char *path)
{
    struct reader reader = {.file = file, .path = path};
    FILE *stream = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    bool good = true;

    memset(file, 0, sizeof(*file));
    if (!stream) {
        perror(path);
        return false;
    }
    while (good && getline(&line, &room, stream) >= 0) {
        reader.line++;
        good = read_line(&reader, line);
    }
    good = end_block(&reader) && good;
    free(line);
    fclose(stream);
    return good;
}

void golden_file_free(struct golden_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        struct golden_block *b = &file->block[i];

        free(b->drive.text);
        free(b->act.text);
        free(b->after.text);
        free(b->cdb.item);
        free(b->out.item);
        free(b->in.item);
    }
    free(file->block);
    memset(file, 0, sizeof(*file));
}
