/* SPDX-License-Identifier: GPL-2.0-only */
#include "ini_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Room for a line with its end; longer lines are refused. */
#define LINE_BYTES 8192
/** inih keeps a section's name in 50 bytes and cuts what is longer. */
#define SECTION_CHARACTERS 49
/** A disc description with a million extents stays below this. */
#define FILE_BYTES_MAX (64u << 20)

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
    const char *name;
    const char *at, *end;
    unsigned number; /**< of the line that was handed out last */
    ini_line_fn *fn;
    void *ctx;
    char *error;
    bool failed;
};

/* inih's settings belong to the process: the same ones for every file, made once. */
static void configure_inih(void)
{
    ini_max_line = INI_LINE_BYTES_MAX + 1;
    ini_initial_alloc = INI_LINE_BYTES_MAX + 1;
    ini_use_stack = false;
    ini_allow_inline_comments = false; /* a path may hold a semicolon */
    ini_allow_multiline = false;
    ini_stop_on_first_error = true;
}

void ini_error(char *error, const char *name, unsigned number, const char *key, const char *what)
{
    static const char cut[] = "...";
    char line[sizeof(":4294967295")] = "";
    int length;

    if (number) {
        snprintf(line, sizeof(line), ":%u", number);
    }
    length = snprintf(error, INI_ERROR_BYTES, "%s%s: %s%s%s", name, line, key ? key : "",
                      key ? ": " : "", what);
    if (length >= INI_ERROR_BYTES) {
        memcpy(error + INI_ERROR_BYTES - sizeof(cut), cut, sizeof(cut));
    }
}

__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *r, const char *format, ...)
{
    char what[INI_ERROR_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    ini_error(r->error, r->name, r->number, NULL, what);
    r->failed = true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool has_control_character(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* A '[' starts it. inih would take the part before the first ']' and drop the rest. */
static bool check_section(struct reader *r, const char *line, size_t length)
{
    const char *close = memchr(line, ']', length);

    if (!close || close != line + length - 1 || length <= 2) {
        return refuse(r, "a section is written [name]");
    }
    if (length - 2 > SECTION_CHARACTERS) {
        return refuse(r, "the section's name is longer than %d characters", SECTION_CHARACTERS);
    }
    return true;
}

static bool check_pair(struct reader *r, const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    size_t key_length;

    if (!equals) {
        return refuse(r, "no '=' in this line");
    }
    key_length = (size_t)(equals - line);
    while (key_length && is_blank(line[key_length - 1])) {
        key_length--;
    }
    if (key_length == 0) {
        return refuse(r, "no key before '='");
    }
    if (memchr(line, ':', key_length)) { /* it separates key and value too, for inih */
        return refuse(r, "':' in the key");
    }
    if (equals == line + length - 1) {
        return refuse(r, "%.*s: no value", (int)key_length, line);
    }
    return true;
}

/* What inih would cut, join or skip without a word. `line` has no blanks at its end. */
static bool check_line(struct reader *r, const char *line, size_t length)
{
    size_t indent = 0;

    if (has_control_character(line, length)) {
        return refuse(r, "a control character in this line");
    }
    while (indent < length && is_blank(line[indent])) {
        indent++;
    }
    if (indent == length || line[indent] == '#' || line[indent] == ';') {
        return true;
    }
    if (indent) {
        return refuse(r, "a line must not start with a blank");
    }
    return line[0] == '[' ? check_section(r, line, length) : check_pair(r, line, length);
}

/* An fgets() for inih: one checked line, without its end. */
static char *next_line(char *room, int room_bytes, void *stream)
{
    struct reader *r = stream;
    const char *line = r->at, *end;
    size_t length;

    if (r->failed || line == r->end) {
        return NULL;
    }
    end = memchr(line, '\n', (size_t)(r->end - line));
    r->at = end ? end + 1 : r->end;
    length = (size_t)((end ? end : r->end) - line);
    r->number++;
    if (length && line[length - 1] == '\r') {
        length--;
    }
    while (length && is_blank(line[length - 1])) {
        length--;
    }
    if (length >= (size_t)room_bytes) {
        refuse(r, "the line is longer than %d characters", room_bytes - 1);
        return NULL;
    }
    if (!check_line(r, line, length)) {
        return NULL;
    }
    memcpy(room, line, length);
    room[length] = '\0';
    return room;
}

static int take_pair(void *ctx, const char *section, const char *key, const char *value)
{
    struct reader *r = ctx;
    const struct ini_line line = {
        .section = section, .key = key, .value = value, .number = r->number};
    char why[INI_ERROR_BYTES] = "not understood";

    if (r->fn(r->ctx, &line, why)) {
        return 1;
    }
    ini_error(r->error, r->name, r->number, key, why);
    r->failed = true;
    return 0;
}

bool ini_read_text(const char *name, const char *text, size_t bytes, ini_line_fn *fn, void *ctx,
                   char *error)
{
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    struct reader r = {.name = name, .fn = fn, .ctx = ctx, .error = error};
    int result;

    pthread_once(&configured, configure_inih);
    if (bytes == 0) {
        return true;
    }
    r.at = text;
    r.end = text + bytes;
    if (bytes >= strlen(BYTE_ORDER_MARK) &&
        memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
        r.at += strlen(BYTE_ORDER_MARK);
    }
    result = ini_parse_stream(next_line, &r, take_pair, &r);
    if (result != 0 && !r.failed) {
        return refuse(&r, result < 0 ? "out of memory" : "not a 'key = value' line");
    }
    return !r.failed;
}

/* All of a file of `bytes` bytes, or what is left of it; NULL with errno set. */
static char *read_all(int fd, size_t *bytes)
{
    char *text = malloc(*bytes + 1);
    size_t have = 0;

    while (text && have < *bytes) {
        ssize_t got = read(fd, text + have, *bytes - have);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            free(text);
            return NULL;
        }
        if (got == 0) {
            break;
        }
        have += (size_t)got;
    }
    *bytes = have;
    return text;
}

static char *read_open_file(int fd, size_t *bytes, const char **what)
{
    struct stat status;
    char *text;

    if (fstat(fd, &status) < 0) {
        *what = strerror(errno);
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        *what = "not a regular file";
        return NULL;
    }
    if (status.st_size > (off_t)FILE_BYTES_MAX) {
        *what = "the file is larger than 64 MiB";
        return NULL;
    }
    *bytes = (size_t)status.st_size;
    text = read_all(fd, bytes);
    if (!text) {
        *what = strerror(errno);
    }
    return text;
}

bool ini_read_file(const char *path, ini_line_fn *fn, void *ctx, char *error)
{
    /* O_NONBLOCK: a named pipe is refused, not waited for */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *what = "";
    size_t bytes = 0;
    char *text;
    bool ok;

    if (fd < 0) {
        ini_error(error, path, 0, NULL, strerror(errno));
        return false;
    }
    text = read_open_file(fd, &bytes, &what);
    close(fd);
    if (!text) {
        ini_error(error, path, 0, NULL, what);
        return false;
    }
    ok = ini_read_text(path, text, bytes, fn, ctx, error);
    free(text);
    return ok;
}
