/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_tgtd_process.h"

#include "error_line.h"
#include "run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_TIMEOUT_MS 5000
#define LOG_TAIL_BYTES  2000
#define EXEC_FAILED     127

bool tgtd_find(char *path, size_t bytes, char *error)
{
    const char *folders = getenv("PATH");
    char all[PATH_MAX], *save = NULL;

    snprintf(all, sizeof(all), "%s:/usr/sbin:/usr/local/sbin:/sbin", folders ? folders : "");
    for (char *f = strtok_r(all, ":", &save); f; f = strtok_r(NULL, ":", &save)) {
        if ((size_t)snprintf(path, bytes, "%s/tgtd", f) < bytes && access(path, X_OK) == 0) {
            return true;
        }
    }
    return error_line(error, "tgtd is not installed (package tgt), or name it with --tgtd");
}

static void log_path(const struct tgtd_setup *setup, char path[PATH_MAX])
{
    if (setup->log_file) {
        snprintf(path, PATH_MAX, "%s", setup->log_file);
    } else {
        snprintf(path, PATH_MAX, "%s/" RUN_FOLDER_LOG, setup->run_folder);
    }
}

/* What has to come before the module in tgtd, a sanitizer's runtime say, is in the environment. */
static void set_preload(const char *module)
{
    const char *before = getenv("DVDEMU_TGTD_PRELOAD");
    char list[2 * PATH_MAX];

    if (before && *before) {
        snprintf(list, sizeof(list), "%s:%s", before, module);
        module = list;
    }
    setenv("LD_PRELOAD", module, 1);
}

static void set_environment(const struct tgtd_setup *setup, int owner_fd)
{
    char text[PATH_MAX];

    set_preload(setup->module);
    snprintf(text, sizeof(text), "%d", owner_fd);
    setenv("DVDEMU_OWNER_FD", text, 1);
    snprintf(text, sizeof(text), "%s/" RUN_FOLDER_CONTROL, setup->run_folder);
    setenv("DVDEMU_CONTROL", text, 1);
    setenv("DVDEMU_RUN_FOLDER", setup->run_folder, 1);
    setenv("DVDEMU_READY_FILE", setup->ready_file ? setup->ready_file : "", 1);
    snprintf(text, sizeof(text), "%s/" RUN_FOLDER_IPC, setup->run_folder);
    setenv("TGT_IPC_SOCKET", text, 1);
}

static bool redirect(const struct tgtd_setup *setup)
{
    char path[PATH_MAX];
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), out;

    log_path(setup, path);
    out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return null >= 0 && out >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
           dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0;
}

/* In the child. Comes back only if tgtd cannot be run. */
static void become_tgtd(const struct tgtd_setup *setup, int owner_fd, pid_t parent)
{
    char portal[PATH_MAX];
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN);         /* a file that may not grow is a failed write, not the end */
    setpgid(0, 0);                    /* a terminal's ^C is for its owner, who then ends it */
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* until the module watches the connection */
    if (getppid() != parent || !redirect(setup) || fcntl(owner_fd, F_SETFD, 0) != 0) {
        return;
    }
    set_environment(setup, owner_fd);
    snprintf(portal, sizeof(portal), strchr(setup->host, ':') ? "portal=[%s]:%u" : "portal=%s:%u",
             setup->host, setup->port);
    execl(setup->program, "tgtd", "-f", "-C", "0", "--iscsi", portal, (char *)NULL);
}

/* The child says why it could not run tgtd; a tgtd that runs closes the pipe. */
static bool wait_for_exec(int fd, const char *program, char *error)
{
    int code = 0;
    ssize_t n;

    do {
        n = read(fd, &code, sizeof(code));
    } while (n < 0 && errno == EINTR);
    return n != sizeof(code) || error_line(error, "%s: %s", program, strerror(code));
}

bool tgtd_start(struct tgtd_process *tgtd, const struct tgtd_setup *setup, char *error)
{
    int pair[2], report[2];
    pid_t parent = getpid();
    bool running;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return error_line(error, "socketpair: %s", strerror(errno));
    }
    if (pipe2(report, O_CLOEXEC) != 0 || (tgtd->pid = fork()) < 0) {
        close(pair[0]);
        close(pair[1]);
        return error_line(error, "fork: %s", strerror(errno));
    }
    if (tgtd->pid == 0) {
        become_tgtd(setup, pair[1], parent);
        if (write(report[1], &errno, sizeof(errno)) < 0) {
            _exit(EXEC_FAILED + 1);
        }
        _exit(EXEC_FAILED);
    }
    close(pair[1]);
    close(report[1]);
    tgtd->control_fd = pair[0];
    running = wait_for_exec(report[0], setup->program, error);
    close(report[0]);
    if (!running) {
        tgtd_stop(tgtd);
    }
    return running;
}

static bool has_ended_within(pid_t pid, int timeout_ms)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    bool ended = fd >= 0 && poll(&end, 1, timeout_ms) == 1;

    if (fd >= 0) {
        close(fd);
    }
    return ended;
}

void tgtd_stop(struct tgtd_process *tgtd)
{
    if (tgtd->pid <= 0) {
        return;
    }
    close(tgtd->control_fd);
    if (!has_ended_within(tgtd->pid, STOP_TIMEOUT_MS)) {
        kill(tgtd->pid, SIGKILL);
    }
    while (waitpid(tgtd->pid, NULL, 0) < 0 && errno == EINTR) {
        continue;
    }
    tgtd->pid = 0;
}

void tgtd_print_log(const struct tgtd_setup *setup)
{
    char path[PATH_MAX], text[LOG_TAIL_BYTES];
    const char *start = text;
    ssize_t n;
    int fd;

    log_path(setup, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (lseek(fd, -LOG_TAIL_BYTES, SEEK_END) > 0) {
        start = NULL; /* begins inside a line */
    }
    n = read(fd, text, sizeof(text));
    close(fd);
    if (n > 0 && !start) {
        start = memchr(text, '\n', (size_t)n);
        start = start ? start + 1 : text;
    }
    if (n > 0) {
        fprintf(stderr, "the end of tgtd's log:\n%.*s", (int)(text + n - start), start);
    }
}
