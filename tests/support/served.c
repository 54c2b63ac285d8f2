/* SPDX-License-Identifier: GPL-2.0-only */
#include "served.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_DEADLINE_MS 20000
#define STOP_DEADLINE_MS  10000
#define RUN_DEADLINE_MS   20000
#define VALGRIND_TIMES    5
#define ARGUMENTS_MAX     32
#define SAID_BYTES        8192
#define URL_BYTES         512
#define READY_WORD        "ready "
#define MS_PER_S          1000
#define NS_PER_MS         1000000

/* A child with a pipe from its stdout and a memory file for its stderr. */
struct child {
    pid_t pid;
    int out, err;
};

struct served {
    struct child child;
    char said[SAID_BYTES];
    size_t said_bytes;
    char urls[SERVED_URLS_MAX][URL_BYTES];
    size_t url_count;
};

/* ---- children ---- */

/* A deadline that is stretched where the daemon runs under valgrind. */
static int patient(int ms)
{
    return getenv("DVDEMU_VALGRIND") ? VALGRIND_TIMES * ms : ms;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

static void run_child(const char *const *argv, int out, int err)
{
    char *copy[ARGUMENTS_MAX];

    memset(copy, 0, sizeof(copy));
    for (size_t n = 0; n < ARGUMENTS_MAX - 1 && argv[n]; n++) {
        copy[n] = strdup(argv[n]);
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGXFSZ, SIG_IGN); /* stays with what it starts: a write past a limit just fails */
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(copy[0], copy);
    perror(copy[0]);
}

static bool start_child(struct child *child, const char *const *argv)
{
    int pipe_ends[2];

    child->err = memfd_create("stderr", MFD_CLOEXEC);
    if (child->err < 0 || pipe2(pipe_ends, O_CLOEXEC) != 0) {
        return false;
    }
    child->out = pipe_ends[0];
    child->pid = fork();
    if (child->pid == 0) {
        run_child(argv, pipe_ends[1], child->err);
        _exit(EXIT_FAILURE);
    }
    close(pipe_ends[1]);
    return child->pid > 0;
}

static bool has_ended(const struct child *child, int timeout_ms)
{
    int fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    bool ended = fd >= 0 && poll(&end, 1, timeout_ms) == 1;

    if (fd >= 0) {
        close(fd);
    }
    return ended;
}

/* Exit code, -1 when it was a signal; what does not end in time is killed. */
static int end_child(struct child *child, int timeout_ms)
{
    int status = 0;

    if (!has_ended(child, timeout_ms)) {
        kill(child->pid, SIGKILL);
    }
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    close(child->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void show_stderr(const struct child *child)
{
    char text[4096];
    ssize_t n;

    lseek(child->err, 0, SEEK_SET);
    while ((n = read(child->err, text, sizeof(text))) > 0) {
        fwrite(text, 1, (size_t)n, stderr);
    }
}

/* One read with a deadline; false: the end, or too late. */
static bool read_some(const struct child *child, char *to, size_t room, size_t *got,
                      int64_t deadline_ms)
{
    struct pollfd readable = {.fd = child->out, .events = POLLIN};
    int64_t left = deadline_ms - now_ms();
    ssize_t n;

    if (left <= 0 || poll(&readable, 1, (int)left) != 1) {
        return false;
    }
    n = read(child->out, to, room);
    *got = n > 0 ? (size_t)n : 0;
    return n > 0;
}

int served_run(const char *const *argv, char *said, size_t room)
{
    const int64_t deadline = now_ms() + patient(RUN_DEADLINE_MS);
    struct child child;
    char text[4096];
    size_t got, kept = 0;
    int code;

    if (!start_child(&child, argv)) {
        return -1;
    }
    while (read_some(&child, text, sizeof(text), &got, deadline)) {
        for (size_t n = 0; n < got && kept + 1 < room; n++) {
            said[kept++] = text[n];
        }
    }
    if (room) {
        said[kept] = '\0';
    }
    code = end_child(&child, (int)(deadline - now_ms() > 0 ? deadline - now_ms() : 0));
    close(child.err);
    return code;
}

/* ---- serve ---- */

/* Whole lines that name a drive. True: all are there, since something else stands behind them. */
static bool find_urls(struct served *s)
{
    const char *line = s->said, *end;
    bool complete = false;

    s->url_count = 0;
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        size_t bytes = (size_t)(end - line);

        if (strncmp(line, READY_WORD, strlen(READY_WORD)) != 0 || bytes >= URL_BYTES ||
            s->url_count == SERVED_URLS_MAX) {
            complete = s->url_count > 0;
            continue;
        }
        snprintf(s->urls[s->url_count++], URL_BYTES, "%.*s", (int)(bytes - strlen(READY_WORD)),
                 line + strlen(READY_WORD));
    }
    return complete;
}

static bool wait_until_ready(struct served *s)
{
    const int64_t deadline = now_ms() + patient(READY_DEADLINE_MS);
    size_t got;

    while (s->said_bytes < SAID_BYTES - 1 &&
           read_some(&s->child, s->said + s->said_bytes, SAID_BYTES - 1 - s->said_bytes, &got,
                     deadline)) {
        s->said_bytes += got;
        s->said[s->said_bytes] = '\0';
        if (find_urls(s)) {
            return true;
        }
    }
    return false;
}

struct served *served_start(const char *dvdemu, const char *const *args)
{
    const char *argv[ARGUMENTS_MAX] = {dvdemu, "serve"};
    struct served *s = calloc(1, sizeof(*s));

    for (size_t n = 0; n < ARGUMENTS_MAX - 3 && args[n]; n++) {
        argv[n + 2] = args[n];
    }
    if (!s || !start_child(&s->child, argv)) {
        free(s);
        return NULL;
    }
    if (!wait_until_ready(s)) {
        fprintf(stderr, "%s serve is not ready; it said:\n%s", dvdemu, s->said);
        show_stderr(&s->child);
        served_kill(s);
        return NULL;
    }
    return s;
}

const char *served_url(const struct served *s, size_t drive)
{
    return drive < s->url_count ? s->urls[drive] : NULL;
}

pid_t served_pid(const struct served *s)
{
    return s->child.pid;
}

bool served_is_running(const struct served *s)
{
    return !has_ended(&s->child, 0);
}

static void finish(struct served *s)
{
    close(s->child.err);
    free(s);
}

bool served_stop(struct served *s)
{
    bool was_running;
    int code;

    if (!s) {
        return true;
    }
    was_running = served_is_running(s);
    kill(s->child.pid, SIGTERM);
    code = end_child(&s->child, patient(STOP_DEADLINE_MS));
    if (!was_running || code != 0) {
        fprintf(stderr, "dvdemu serve %s with exit code %d:\n",
                was_running ? "stopped" : "had ended before", code);
        show_stderr(&s->child);
    }
    finish(s);
    return was_running && code == 0;
}

void served_kill(struct served *s)
{
    kill(s->child.pid, SIGKILL);
    end_child(&s->child, patient(STOP_DEADLINE_MS));
    finish(s);
}
