/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu serve: a private tgtd with drives in it, for as long as this process lives. */
#include "cli_control.h"
#include "cli_serve_options.h"
#include "cli_tgtd_process.h"
#include "error_line.h"
#include "run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO_TIMEOUT_MS  10000
#define ATTACH_TIMEOUT_MS 60000
#define FREE_PORT_TRIES   5
#define PORT_TEXT_BYTES   sizeof("65535")
#define URL_HOST_BYTES    (NI_MAXHOST + 2)
#define DRIVE_LUN         1

struct serve {
    const struct cli_command *command;
    struct serve_options options;
    char run_folder[PATH_MAX];
    char *module;
    struct tgtd_setup setup;
    struct tgtd_process tgtd;
    int signal_fd;
    bool announced;
};

/* ---- the port ---- */

static int listening_socket(const char *host, unsigned port)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    char text[PORT_TEXT_BYTES + 8];
    struct addrinfo *at;
    const int on = 1;
    int fd;

    snprintf(text, sizeof(text), "%u", port);
    if (getaddrinfo(host, text, &hints, &at) != 0) {
        errno = EINVAL;
        return -1;
    }
    fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* as tgtd does it: connections that have ended do not count */
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
                    bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 1) != 0)) {
        int failed = errno;

        close(fd);
        errno = failed;
        fd = -1;
    }
    freeaddrinfo(at);
    return fd;
}

/*
 * tgtd does not say when its port is taken, and port 0 means another one to it. So the port is
 * tried, or chosen, here first; whether tgtd really got it is asked afterwards.
 */
static bool find_port(const char *host, unsigned wanted, unsigned *port, char *error)
{
    int fd = listening_socket(host, wanted);
    struct sockaddr_storage at;
    socklen_t bytes = sizeof(at);
    char text[PORT_TEXT_BYTES];
    bool ok;

    if (fd < 0) {
        return error_line(error, "%s port %u: %s", host, wanted, strerror(errno));
    }
    ok = getsockname(fd, (struct sockaddr *)&at, &bytes) == 0 &&
         getnameinfo((struct sockaddr *)&at, bytes, NULL, 0, text, sizeof(text), NI_NUMERICSERV) ==
             0;
    close(fd);
    *port = ok ? (unsigned)strtoul(text, NULL, 10) : 0;
    return ok || error_line(error, "%s port %u: %s", host, wanted, strerror(errno));
}

/* ---- start ---- */

static bool ask(struct serve *s, struct json_object *request, int timeout_ms, char *error)
{
    struct json_object *reply = control_ask(s->tgtd.control_fd, request, timeout_ms, error);

    json_object_put(reply);
    return reply != NULL;
}

static bool start_once(struct serve *s, char *error)
{
    struct json_object *hello;
    char why[INI_ERROR_BYTES];

    if (!find_port(s->options.host, s->options.port, &s->setup.port, error) ||
        !tgtd_start(&s->tgtd, &s->setup, error)) {
        return false;
    }
    hello = control_request("hello", NULL);
    json_object_object_add(hello, "host", json_object_new_string(s->options.host));
    json_object_object_add(hello, "port", json_object_new_int((int)s->setup.port));
    if (ask(s, hello, HELLO_TIMEOUT_MS, why)) {
        return true;
    }
    tgtd_print_log(&s->setup);
    tgtd_stop(&s->tgtd);
    return error_line(error, "%s: %s", s->setup.program, why);
}

/* Between choosing a free port and using it another process may take it. */
static bool start_tgtd(struct serve *s, char *error)
{
    int tries = s->options.port ? 1 : FREE_PORT_TRIES;

    while (tries-- > 0) {
        if (run_folder_make(s->run_folder, sizeof(s->run_folder), error) && start_once(s, error)) {
            return true;
        }
    }
    return false;
}

static void add_value(void *config, const char *key, const char *value)
{
    json_object_object_add(config, key, json_object_new_string(value));
}

static struct json_object *config_object(const struct drive_config *drive)
{
    struct json_object *config = json_object_new_object();

    drive_config_each(drive, add_value, config);
    return config;
}

static bool attach(struct serve *s, const struct drive_config *drive, char *error)
{
    struct json_object *request = control_request("attach", NULL);
    struct json_object *initiators = json_object_new_array();

    json_object_object_add(request, "name", json_object_new_string(drive->name));
    json_object_object_add(request, "config", config_object(drive));
    for (size_t i = 0; i < s->options.initiator_count; i++) {
        json_object_array_add(initiators, json_object_new_string(s->options.initiators[i]));
    }
    json_object_object_add(request, "initiators", initiators);
    if (*s->options.chap_user) {
        json_object_object_add(request, "chap_user", json_object_new_string(s->options.chap_user));
        json_object_object_add(request, "chap_password",
                               json_object_new_string(s->options.chap_password));
    }
    return ask(s, request, ATTACH_TIMEOUT_MS, error);
}

static bool attach_all(struct serve *s, char *error)
{
    for (size_t i = 0; i < s->options.count; i++) {
        if (!attach(s, &s->options.drives[i], error)) {
            return false;
        }
    }
    return true;
}

/* ---- telling where the drives are ---- */

/* A host cannot log in to "all addresses"; the nearest one is given instead. */
static void host_for_url(const char *host, char out[URL_HOST_BYTES])
{
    if (strcmp(host, "0.0.0.0") == 0) {
        host = "127.0.0.1";
    } else if (strcmp(host, "::") == 0) {
        host = "::1";
    }
    snprintf(out, URL_HOST_BYTES, strchr(host, ':') ? "[%s]" : "%s", host);
}

static void print_urls(const struct serve *s, FILE *to, const char *before)
{
    char host[URL_HOST_BYTES];

    host_for_url(s->options.host, host);
    for (size_t i = 0; i < s->options.count; i++) {
        fprintf(to, "%siscsi://%s:%u/%s/%d\n", before, host, s->setup.port,
                s->options.drives[i].name, DRIVE_LUN);
    }
}

static void print_how_to_attach(const struct serve *s)
{
    const char *name = s->options.drives[0].name;
    bool chap = *s->options.chap_user != 0;
    char host[URL_HOST_BYTES];

    host_for_url(s->options.host, host);
    printf("\nWindows, PowerShell as administrator:\n"
           "  Start-Service MSiSCSI\n"
           "  New-IscsiTargetPortal -TargetPortalAddress %s -TargetPortalPortNumber %u\n"
           "  Connect-IscsiTarget -NodeAddress %s%s%s%s\n",
           host, s->setup.port, name, chap ? " -AuthenticationType ONEWAYCHAP -ChapUsername " : "",
           s->options.chap_user, chap ? " -ChapSecret PASSWORD" : "");
    printf("Linux, as root:\n"
           "  iscsiadm -m discovery -t sendtargets -p %s:%u\n",
           host, s->setup.port);
    if (chap) {
        printf("  iscsiadm -m node -T %s -p %s:%u -o update -n node.session.auth.authmethod -v CHAP"
               " -n node.session.auth.username -v %s -n node.session.auth.password -v PASSWORD\n",
               name, host, s->setup.port, s->options.chap_user);
    }
    printf("  iscsiadm -m node -T %s -p %s:%u --login\n", name, host, s->setup.port);
    printf("QEMU:\n"
           "  -device virtio-scsi-pci -device scsi-generic,drive=dvd \\\n"
           "  -drive if=none,id=dvd,format=raw,file=iscsi://%s%s%s:%u/%s/%d\n",
           s->options.chap_user, chap ? "%PASSWORD@" : "", host, s->setup.port, name, DRIVE_LUN);
    printf("Another disc: dvdemu eject --pid %d; dvdemu insert --pid %d DISC. End with ^C.\n",
           (int)getpid(), (int)getpid());
}

/* Whoever waits for the file sees it whole. */
static bool write_ready_file(const struct serve *s, char *error)
{
    const char *path = s->options.ready_file;
    char fresh[PATH_MAX + 8];
    FILE *file;
    bool ok;

    if (!*path) {
        return true;
    }
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    file = fopen(fresh, "we");
    if (file) {
        print_urls(s, file, "");
        ok = !ferror(file);
        ok = fclose(file) == 0 && ok && rename(fresh, path) == 0;
        if (ok) {
            return true;
        }
    }
    error_line(error, "%s: %s", path, strerror(errno));
    unlink(fresh);
    return false;
}

static bool announce(struct serve *s, char *error)
{
    if (!write_ready_file(s, error)) {
        return false;
    }
    s->announced = true;
    print_urls(s, stdout, "ready ");
    print_how_to_attach(s);
    fflush(stdout); /* a reader that is gone is no reason to end */
    return true;
}

/* ---- run ---- */

static bool catch_signals(struct serve *s, char *error)
{
    sigset_t ending;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    s->signal_fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signal_fd >= 0 || error_line(error, "signalfd: %s", strerror(errno));
}

/* Until a signal comes; false: tgtd ended by itself. */
static bool wait_for_end(const struct serve *s, char *error)
{
    struct pollfd fds[] = {
        {.fd = s->signal_fd, .events = POLLIN},
        {.fd = s->tgtd.control_fd, .events = POLLIN},
    };

    while (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0 && errno == EINTR) {
        continue;
    }
    if (fds[0].revents) {
        return true;
    }
    tgtd_print_log(&s->setup);
    return error_line(error, "tgtd has ended");
}

static bool prepare(struct serve *s, char *error)
{
    struct serve_options *o = &s->options;

    s->module = cli_own_file("dvd.so");
    if (!s->module) {
        return error_line(error, "the module dvd.so is neither beside the program nor installed");
    }
    if (!*o->tgtd && !tgtd_find(o->tgtd, sizeof(o->tgtd), error)) {
        return false;
    }
    s->setup = (struct tgtd_setup){
        .program = o->tgtd,
        .module = s->module,
        .host = o->host,
        .run_folder = s->run_folder,
        .log_file = *o->log_file ? o->log_file : NULL,
        .ready_file = *o->ready_file ? o->ready_file : NULL,
    };
    return catch_signals(s, error);
}

static bool serve(struct serve *s, char *error)
{
    return prepare(s, error) && start_tgtd(s, error) && attach_all(s, error) &&
           announce(s, error) && wait_for_end(s, error);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct serve s = {.command = self, .signal_fd = -1};
    char error[INI_ERROR_BYTES];
    int result = serve_options_read(&s.options, self, argc, argv);

    if (result != CLI_OK) {
        return result;
    }
    if (!serve(&s, error)) {
        result = cli_failure(self, "%s", error);
    }
    tgtd_stop(&s.tgtd);
    if (s.announced && *s.options.ready_file) {
        unlink(s.options.ready_file); /* the module does all this too, should it be the last */
    }
    if (*s.run_folder) {
        run_folder_remove(s.run_folder);
    }
    if (s.signal_fd >= 0) {
        close(s.signal_fd);
    }
    free(s.module);
    serve_options_free(&s.options);
    return result;
}

const struct cli_command cli_serve = {"serve", "[OPTION...] [DISC...]",
                                      "serves drives over iSCSI until it is ended",
                                      serve_option_rows, run};
