/* SPDX-License-Identifier: GPL-2.0-only */
#include "replay_script.h"

#include "emulator/error_line.h"
#include "replay_status.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BLANKS       " \t"
#define JOINT        '\r' /* where a line went on: a blank that still counts as a line */

const char *const replay_features[] = {
    "identify",       "features", "mode pages", "contents", "polling",    "media change",
    "authentication", "disc key", "title keys", "regions",  "structures", "plain read",
    "scrambled read", "refusals", "tray",       NULL,
};

struct reader {
    struct replay_script *script;
    struct replay_step *step; /* NULL before the first */
    const char *feature;
    unsigned line;      /* of the field */
    const char *field;  /* its name */
    unsigned seen;      /* of this step, one bit for each row of fields[] */
    unsigned step_line; /* where the step began */
    char *error;
};

static bool complain(struct reader *r, const char *what)
{
    ini_error(r->error, r->script->path, r->line, r->field, what);
    return false;
}

__attribute__((format(printf, 2, 3))) static bool complain_about(struct reader *r,
                                                                 const char *format, ...)
{
    char what[INI_ERROR_BYTES / 2];
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    return complain(r, what);
}

/* ---- bytes ---- */

/* Words that stand for bytes which are known only when the step is played. */
static const struct byte_word {
    const char *text;
    enum replay_source source;
    uint8_t bytes;
} byte_words[] = {
    {"old", REPLAY_OLD, 1},
    {"CHALLENGE", REPLAY_CHALLENGE, HOST_CSS_CHALLENGE_BYTES},
    {"KEY2", REPLAY_KEY2, HOST_CSS_KEY_BYTES},
    {"WRONG-KEY2", REPLAY_WRONG_KEY2, HOST_CSS_KEY_BYTES},
    {"LENGTH", REPLAY_LENGTH, 2},
    {"SCRAMBLED", REPLAY_LBA_SCRAMBLED, 4},
    {"SECOND", REPLAY_LBA_SECOND, 4},
    {"CLEAR", REPLAY_LBA_CLEAR, 4},
    {"END", REPLAY_LBA_END, 4},
};

static bool hex_byte(const char *text, uint8_t *value)
{
    if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) || text[2]) {
        return false;
    }
    *value = (uint8_t)strtoul(text, NULL, 16);
    return true;
}

static bool append(struct replay_bytes *bytes, enum replay_source source, uint8_t value)
{
    if (bytes->count == COUNT(bytes->byte)) {
        return false;
    }
    bytes->byte[bytes->count++] = (struct replay_byte){(uint8_t)source, value};
    return true;
}

/* `A4`, `AG|02`, or a word of the table. */
static bool append_word(struct replay_bytes *bytes, const char *text)
{
    uint8_t value;

    if (hex_byte(text, &value)) {
        return append(bytes, REPLAY_LITERAL, value);
    }
    if (strncmp(text, "AG|", 3) == 0 && hex_byte(text + 3, &value) && value < 0x40) {
        return append(bytes, REPLAY_AGID, value);
    }
    for (size_t i = 0; i < COUNT(byte_words); i++) {
        if (strcmp(byte_words[i].text, text) == 0) {
            bool room = true;

            for (uint8_t n = 0; n < byte_words[i].bytes && room; n++) {
                room = append(bytes, byte_words[i].source, n);
            }
            return room;
        }
    }
    return false;
}

static bool read_bytes(struct reader *r, struct replay_bytes *bytes, char *text, size_t most)
{
    char *rest = NULL;

    for (char *word = strtok_r(text, BLANKS, &rest); word; word = strtok_r(NULL, BLANKS, &rest)) {
        if (!append_word(bytes, word)) {
            return complain_about(r, "%s: want AA, AG|AA, old, CHALLENGE, KEY2, ... (README.md)",
                                  word);
        }
    }
    if (bytes->count == 0 || bytes->count > most) {
        return complain_about(r, "%zu bytes; want 1 to %zu", bytes->count, most);
    }
    return true;
}

/* ---- fields of the head ---- */

static bool field_host(struct reader *r, char *text)
{
    for (const struct replay_host_kind *row = replay_host_kinds; row->name; row++) {
        if (strcmp(row->name, text) == 0) {
            r->script->host = row;
            return true;
        }
    }
    return complain_about(r, "%s: no such host", text);
}

static bool field_disc(struct reader *r, char *text)
{
    static const char *const discs[REPLAY_DISCS] = {[REPLAY_DISC_CSS] = "css",
                                                    [REPLAY_DISC_REGION_2] = "region 2",
                                                    [REPLAY_DISC_PLAIN] = "plain",
                                                    [REPLAY_DISC_NONE] = "none"};

    for (size_t i = 0; i < COUNT(discs); i++) {
        if (strcmp(discs[i], text) == 0) {
            r->script->disc = (enum replay_disc)i;
            return true;
        }
    }
    return complain_about(r, "%s: want css, region 2, plain or none", text);
}

static bool field_feature(struct reader *r, char *text)
{
    for (size_t i = 0; replay_features[i]; i++) {
        if (strcmp(replay_features[i], text) == 0) {
            r->feature = replay_features[i];
            return true;
        }
    }
    return complain_about(r, "%s: no such feature", text);
}

/* ---- fields of a step ---- */

static bool field_do(struct reader *r, char *text)
{
    static const struct {
        const char *text;
        enum replay_act act;
    } acts[] = {
        /* clang-format off */
        {"eject",           REPLAY_EJECT},
        {"insert css",      REPLAY_INSERT_CSS},
        {"insert region 2", REPLAY_INSERT_REGION_2},
        {"insert plain",    REPLAY_INSERT_PLAIN},
        {"lun reset",       REPLAY_LUN_RESET},
        {"login",           REPLAY_LOGIN},
        /* clang-format on */
    };

    for (size_t i = 0; i < COUNT(acts); i++) {
        if (strcmp(acts[i].text, text) == 0) {
            r->step->act = acts[i].act;
            return true;
        }
    }
    return complain_about(r, "%s: nobody can do that", text);
}

static bool field_cdb(struct reader *r, char *text)
{
    return read_bytes(r, &r->step->cdb, text, REPLAY_CDB_BYTES_MAX);
}

static bool field_out(struct reader *r, char *text)
{
    return read_bytes(r, &r->step->out, text, REPLAY_OUT_BYTES_MAX);
}

static bool number(const char *text, int base, unsigned long most, unsigned *value)
{
    char *end;
    unsigned long wide;

    errno = 0;
    wide = strtoul(text, &end, base);
    *value = (unsigned)wide;
    return isxdigit((unsigned char)*text) && *end == '\0' && errno == 0 && wide <= most;
}

static bool field_in(struct reader *r, char *text)
{
    unsigned bytes = 0;

    r->step->reads = true;
    r->step->in_length = strcmp(text, "LENGTH") == 0;
    if (!r->step->in_length && !number(text, 10, REPLAY_BUFFER_BYTES, &bytes)) {
        return complain_about(r, "%s: want a number of bytes up to %u, or LENGTH", text,
                              REPLAY_BUFFER_BYTES);
    }
    r->step->in_bytes = bytes;
    return true;
}

static bool field_sense(struct reader *r, char *text)
{
    unsigned key, asc, ascq;
    int used = 0;

    if (strcmp(text, "good") == 0) {
        return true;
    }
    if (sscanf(text, "%2x/%2x/%2x%n", &key, &asc, &ascq, &used) != 3 || text[used] || key > 15 ||
        key == 0) {
        return complain_about(r, "%s: want good or KK/AA/QQ", text);
    }
    r->step->outcome = (int)(key << 16 | asc << 8 | ascq);
    return true;
}

static bool field_status(struct reader *r, char *text)
{
    if (!r->script->host || !r->script->host->has_statuses) {
        return complain(r, "this host has no NTSTATUS");
    }
    r->step->status = text;
    return replay_status_exists(text) || complain_about(r, "%s: no such status", text);
}

static const struct replay_check *find_check(const char *name)
{
    const struct replay_check *row = replay_checks;

    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    return row->name ? row : NULL;
}

/* `byte 4 01`: a name and its arguments. */
static bool read_check(struct reader *r, char *text)
{
    struct replay_check_call *call = &r->step->checks[r->step->check_count];
    char *rest = NULL, *word = strtok_r(text, BLANKS, &rest);
    size_t args = 0;

    if (!word || r->step->check_count == REPLAY_CHECKS_MAX) {
        return complain_about(r, word ? "more than %u checks" : "a comma too many",
                              REPLAY_CHECKS_MAX);
    }
    call->check = find_check(word);
    if (!call->check) {
        return complain_about(r, "%s: no such check", word);
    }
    while ((word = strtok_r(NULL, BLANKS, &rest)) != NULL) {
        const char form = args < strlen(call->check->args) ? call->check->args[args] : '\0';

        if (!form || !number(word, form == 'x' ? 16 : 10, UINT16_MAX, &call->arg[args])) {
            return complain_about(r, "%s: %s is not what it takes", call->check->name, word);
        }
        args++;
    }
    if (args != strlen(call->check->args)) {
        return complain_about(r, "%s: takes %zu arguments", call->check->name,
                              strlen(call->check->args));
    }
    r->step->check_count++;
    return true;
}

static bool field_check(struct reader *r, char *text)
{
    char *rest = NULL;

    for (char *item = strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        if (!read_check(r, item)) {
            return false;
        }
    }
    return r->step->check_count > 0 || complain(r, "nothing to check");
}

static bool read_keep(struct reader *r, const char *name)
{
    const struct replay_keep *row = replay_keeps;

    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    if (!row->name || r->step->keep_count == REPLAY_CHECKS_MAX) {
        return complain_about(r, "%s: nothing that can be kept", name);
    }
    r->step->keeps[r->step->keep_count++] = row;
    return true;
}

static bool field_keep(struct reader *r, char *text)
{
    char *rest = NULL;

    for (char *name = strtok_r(text, "," BLANKS, &rest); name;
         name = strtok_r(NULL, "," BLANKS, &rest)) {
        if (!read_keep(r, name)) {
            return false;
        }
    }
    return true;
}

/* ---- steps ---- */

enum where { HEAD, ANYWHERE, BEGIN, STEP };
enum field {
    FIELD_HOST,
    FIELD_DISC,
    FIELD_FEATURE,
    FIELD_STEP,
    FIELD_DO,
    FIELD_CDB,
    FIELD_OUT,
    FIELD_IN,
    FIELD_SENSE,
    FIELD_STATUS,
    FIELD_CHECK,
    FIELD_KEEP
};

static bool field_step(struct reader *r, char *text);

static const struct field_row {
    const char *name;
    enum where where;
    bool (*read)(struct reader *r, char *text);
} fields[] = {
    [FIELD_HOST] = {"host", HEAD, field_host},
    [FIELD_DISC] = {"disc", HEAD, field_disc},
    [FIELD_FEATURE] = {"feature", ANYWHERE, field_feature},
    [FIELD_STEP] = {"step", BEGIN, field_step},
    [FIELD_DO] = {"do", STEP, field_do},
    [FIELD_CDB] = {"cdb", STEP, field_cdb},
    [FIELD_OUT] = {"out", STEP, field_out},
    [FIELD_IN] = {"in", STEP, field_in},
    [FIELD_SENSE] = {"sense", STEP, field_sense},
    [FIELD_STATUS] = {"status", STEP, field_status},
    [FIELD_CHECK] = {"check", STEP, field_check},
    [FIELD_KEEP] = {"keep", STEP, field_keep},
};

static bool has(const struct reader *r, enum field field)
{
    return r->seen >> field & 1;
}

static const char *judge_step(const struct reader *r)
{
    const bool refused = r->step->outcome != 0;

    if (has(r, FIELD_DO) == has(r, FIELD_CDB)) {
        return "a step wants either `cdb:` or `do:`";
    }
    if (has(r, FIELD_CDB) != has(r, FIELD_SENSE)) {
        return "`cdb:` and `sense:` go together";
    }
    if (has(r, FIELD_DO) && (has(r, FIELD_IN) || has(r, FIELD_OUT))) {
        return "`do:` has no data";
    }
    if (has(r, FIELD_IN) && has(r, FIELD_OUT)) {
        return "data goes one way only";
    }
    if ((has(r, FIELD_CHECK) || has(r, FIELD_KEEP)) && (!has(r, FIELD_IN) || refused)) {
        return "without data that comes there is nothing to look at";
    }
    return NULL;
}

static bool end_step(struct reader *r)
{
    const char *wrong = r->step ? judge_step(r) : NULL;

    if (wrong) {
        r->line = r->step_line;
        r->field = "step";
        return complain(r, wrong);
    }
    return true;
}

static struct replay_step *add_step(struct replay_script *script)
{
    if (script->count == script->room) {
        script->room = script->room ? 2 * script->room : 64;
        script->steps = realloc(script->steps, script->room * sizeof(*script->steps));
        if (!script->steps) {
            abort();
        }
    }
    memset(&script->steps[script->count], 0, sizeof(*script->steps));
    return &script->steps[script->count++];
}

static bool field_step(struct reader *r, char *text)
{
    const unsigned line = r->line;
    const char *field = r->field;

    if (!end_step(r)) {
        return false;
    }
    r->line = line;
    r->field = field;
    if (!r->script->host || !r->feature) {
        return complain(r, "`host:` and `feature:` come first");
    }
    r->step = add_step(r->script);
    *r->step = (struct replay_step){.line = line, .name = text, .feature = r->feature};
    r->step_line = line;
    r->seen = 0;
    return true;
}

static const char *judge_place(const struct reader *r, size_t row)
{
    if (fields[row].where == HEAD && r->step) {
        return "belongs before the first step";
    }
    if (fields[row].where == STEP && !r->step) {
        return "belongs to a step";
    }
    return fields[row].where != ANYWHERE && row != FIELD_STEP && r->seen >> row & 1 ? "given twice"
                                                                                    : NULL;
}

static bool read_field(struct reader *r, char *name, char *text)
{
    size_t row = 0;
    const char *wrong;

    r->field = name;
    while (row < COUNT(fields) && strcmp(fields[row].name, name) != 0) {
        row++;
    }
    wrong = row == COUNT(fields) ? "no such field" : judge_place(r, row);
    if (!wrong && !*text) {
        wrong = "says nothing";
    }
    if (wrong) {
        return complain(r, wrong);
    }
    if (row == FIELD_STEP) {
        return field_step(r, text);
    }
    r->seen |= 1u << row;
    return fields[row].read(r, text);
}

/* ---- text to fields ---- */

static char *trim(char *text)
{
    size_t bytes;

    text += strspn(text, BLANKS);
    for (bytes = strlen(text); bytes && strchr(BLANKS, text[bytes - 1]); bytes--) {
        text[bytes - 1] = '\0';
    }
    return text;
}

/* Comments become blanks; a line that begins with a blank and says something goes on the one above.
 */
static void join_lines(char *text)
{
    bool comment = false;

    for (char *p = text; *p; p++) {
        comment = *p == '#' || (comment && *p != '\n');
        if (comment || *p == JOINT) {
            *p = ' ';
        }
    }
    for (char *p = strchr(text, '\n'); p; p = strchr(p + 1, '\n')) {
        const char *next = p + 1 + strspn(p + 1, BLANKS);

        if (next > p + 1 && *next && *next != '\n') {
            *p = JOINT;
        }
    }
}

/* How many lines were joined to this one; afterwards nothing shows it. */
static unsigned take_joints(char *line)
{
    unsigned joints = 0;

    for (; (line = strchr(line, JOINT)) != NULL; joints++) {
        *line = ' ';
    }
    return joints;
}

static bool read_lines(struct reader *r)
{
    unsigned number = 1;
    char *next;

    join_lines(r->script->text);
    for (char *line = r->script->text; line; line = next) {
        char *colon;
        unsigned joined;

        next = strchr(line, '\n');
        if (next) {
            *next++ = '\0';
        }
        joined = take_joints(line);
        r->line = number;
        r->field = NULL;
        line = trim(line);
        colon = strchr(line, ':');
        if (*line && !colon) {
            return complain(r, "want `field: value`");
        }
        if (*line) {
            *colon = '\0';
            if (!read_field(r, trim(line), trim(colon + 1))) {
                return false;
            }
        }
        number += 1 + joined;
    }
    return end_step(r);
}

/* The whole file as a string; NULL: it cannot be read. */
static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    ssize_t bytes;

    if (!file) {
        return NULL;
    }
    bytes = getdelim(&text, &room, '\0', file);
    fclose(file);
    if (bytes < 0) {
        free(text);
        return strdup("");
    }
    return text;
}

bool replay_script_read(struct replay_script *script, const char *path, char *error)
{
    struct reader reader = {.script = script, .error = error};

    *script = (struct replay_script){.path = path};
    script->text = read_text(path);
    if (!script->text) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    if (!read_lines(&reader)) {
        return false;
    }
    return script->count > 0 || error_line(error, "%s:1: no step in it", path);
}

void replay_script_free(struct replay_script *script)
{
    free(script->steps);
    free(script->text);
    *script = (struct replay_script){0};
}
