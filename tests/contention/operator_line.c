/* SPDX-License-Identifier: GPL-2.0-only */
#include "operator_line.h"

#include "emulator/run_folder.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DEADLINE_MS 10000

bool operator_line_open(struct operator_line *o, pid_t serve, struct history *h)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char parent[PATH_MAX];
    int length;

    memset(o, 0, sizeof(*o));
    o->h = h;
    o->fd = -1;
    if (!run_folder_parent(parent, sizeof(parent))) {
        return false;
    }
    length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%d/%s", parent, (int)serve,
                      RUN_FOLDER_CONTROL);
    if (length < 0 || (size_t)length >= sizeof(address.sun_path)) {
        return false;
    }
    o->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return o->fd >= 0 && connect(o->fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

void operator_line_close(struct operator_line *o)
{
    if (o->fd >= 0) {
        close(o->fd);
    }
    o->fd = -1;
}

bool operator_line_ask(struct operator_line *o, struct op *op, const char *what, unsigned drive,
                       const char *more)
{
    char text[PATH_MAX + 128];
    const int bytes = snprintf(text, sizeof(text), "{\"dvdemu\":1,\"op\":\"%s\",\"drive\":%u%s}\n",
                               what, drive, more);

    o->op = op;
    o->busy = true;
    o->bytes = 0;
    return bytes > 0 && (size_t)bytes < sizeof(text) &&
           send(o->fd, text, (size_t)bytes, MSG_NOSIGNAL) == bytes;
}

bool operator_line_serve(struct operator_line *o)
{
    const ssize_t got = recv(o->fd, o->line + o->bytes, sizeof(o->line) - 1 - o->bytes, 0);

    if (got <= 0) {
        return false;
    }
    o->bytes += (size_t)got;
    o->line[o->bytes] = '\0';
    if (o->line[o->bytes - 1] != '\n') {
        return true;
    }
    o->busy = false;
    o->is_ok = strstr(o->line, "\"ok\":true") != NULL;
    if (o->op) {
        history_answer(o->h, o->op, o->is_ok ? OP_GOOD : OP_REFUSED);
        o->op = NULL;
    }
    return true;
}

bool operator_line_do(struct operator_line *o, const char *what, unsigned drive, const char *more)
{
    struct pollfd readable = {.fd = o->fd, .events = POLLIN};

    if (!operator_line_ask(o, NULL, what, drive, more)) {
        return false;
    }
    while (o->busy) {
        if (poll(&readable, 1, DEADLINE_MS) != 1 || !operator_line_serve(o)) {
            return false;
        }
    }
    return o->is_ok;
}

long operator_line_number(const struct operator_line *o, const char *key)
{
    char quoted[64];
    const char *at;

    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    at = strstr(o->line, quoted);
    return at ? strtol(at + strlen(quoted), NULL, 10) : -1;
}
