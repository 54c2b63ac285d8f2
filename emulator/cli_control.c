/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_control.h"

#include "control.h"
#include "error_line.h"
#include "run_folder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ASK_TIMEOUT_MS 10000
#define MS_PER_S       1000
#define NS_PER_MS      1000000
#define READ_BYTES     65536

void control_choose(struct control_choice *choice, int row, const char *value)
{
    const char **const places[CONTROL_CHOICE_ROWS] = {&choice->socket, &choice->pid,
                                                      &choice->drive};

    *places[row] = value;
}

struct json_object *control_request(const char *op, const struct control_choice *choice)
{
    struct json_object *request = json_object_new_object();
    unsigned long long number;

    json_object_object_add(request, "dvdemu", json_object_new_int(CONTROL_VERSION));
    json_object_object_add(request, "op", json_object_new_string(op));
    if (choice && choice->drive) {
        json_object_object_add(request, "drive",
                               cli_number(choice->drive, 1, INT32_MAX, &number)
                                   ? json_object_new_int64((int64_t)number)
                                   : json_object_new_string(choice->drive));
    }
    return request;
}

static int connect_to(const char *path, char *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        error_line(error, "%s: longer than a socket's path may be", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        return fd;
    }
    error_line(error, "%s: %s", path, strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static int connect_to_pid(const char *pid, char *error)
{
    char parent[PATH_MAX], path[2 * PATH_MAX];

    if (!run_folder_parent(parent, sizeof(parent))) {
        error_line(error, "XDG_RUNTIME_DIR: the path is too long");
        return -1;
    }
    snprintf(path, sizeof(path), "%s/%s/" RUN_FOLDER_CONTROL, parent, pid);
    return connect_to(path, error);
}

/* The only run of this user's that answers. */
static int connect_to_only(char *error)
{
    char parent[PATH_MAX], ignored[INI_ERROR_BYTES];
    DIR *folder = run_folder_parent(parent, sizeof(parent)) ? opendir(parent) : NULL;
    struct dirent *entry;
    int found = -1, fd;

    error_line(error, "no `dvdemu serve` of this user is running");
    while (folder && (entry = readdir(folder)) != NULL) {
        if (!isdigit((unsigned char)*entry->d_name)) {
            continue;
        }
        fd = connect_to_pid(entry->d_name, ignored);
        if (fd >= 0 && found >= 0) {
            error_line(error, "several `dvdemu serve` are running: choose one with --pid");
            close(fd);
            close(found);
            found = -1;
            break;
        }
        found = fd >= 0 ? fd : found;
    }
    if (folder) {
        closedir(folder);
    }
    return found;
}

int control_connect(const struct control_choice *choice, char *error)
{
    if (choice->socket) {
        return connect_to(choice->socket, error);
    }
    return choice->pid ? connect_to_pid(choice->pid, error) : connect_to_only(error);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

static bool send_line(int fd, const char *text, char *error)
{
    size_t bytes = strlen(text);

    while (bytes > 0) {
        ssize_t n = send(fd, text, bytes, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            return error_line(error, "the daemon is gone: %s", strerror(errno));
        }
        text += n > 0 ? n : 0;
        bytes -= (size_t)(n > 0 ? n : 0);
    }
    return true;
}

/* One object, however the bytes arrive; the daemon sends nothing unasked. */
static struct json_object *receive(int fd, int timeout_ms, char *error)
{
    struct json_tokener *tokener = json_tokener_new();
    int64_t deadline = now_ms() + timeout_ms;
    struct json_object *reply = NULL;
    static char bytes[READ_BYTES];

    while (tokener && !reply) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - now_ms();
        ssize_t n;

        if (left <= 0) {
            error_line(error, "the daemon does not answer within %d ms", timeout_ms);
            break;
        }
        if (poll(&readable, 1, (int)left) < 1) {
            continue;
        }
        n = recv(fd, bytes, sizeof(bytes), 0);
        if (n <= 0) {
            error_line(error, "the daemon ended before it answered");
            break;
        }
        reply = json_tokener_parse_ex(tokener, bytes, (int)n);
        if (!reply && json_tokener_get_error(tokener) != json_tokener_continue) {
            error_line(error, "the daemon's answer is not JSON");
            break;
        }
    }
    json_tokener_free(tokener);
    return reply;
}

struct json_object *control_ask(int fd, struct json_object *request, int timeout_ms, char *error)
{
    const char *text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
    bool sent = send_line(fd, text, error) && send_line(fd, "\n", error);
    struct json_object *reply = sent ? receive(fd, timeout_ms, error) : NULL, *why;

    json_object_put(request);
    if (reply && !json_object_get_boolean(json_object_object_get(reply, "ok"))) {
        why = json_object_object_get(reply, "error");
        error_line(error, "%s", why ? json_object_get_string(why) : "refused");
        json_object_put(reply);
        reply = NULL;
    }
    return reply;
}

struct json_object *control_ask_once(const struct cli_command *command,
                                     const struct control_choice *choice,
                                     struct json_object *request)
{
    char error[INI_ERROR_BYTES];
    struct json_object *reply = NULL;
    int fd = control_connect(choice, error);

    if (fd < 0) {
        json_object_put(request);
    } else {
        reply = control_ask(fd, request, ASK_TIMEOUT_MS, error);
        close(fd);
    }
    if (!reply) {
        cli_failure(command, "%s", error);
    }
    return reply;
}
