/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/control_server.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STATUS "{\"dvdemu\":1,\"op\":\"status\"}\n"
#define HELLO  "{\"dvdemu\":1,\"op\":\"hello\",\"host\":\"::1\",\"port\":1}\n"
#define REPLY  "{\"dvdemu\":1,\"ok\":true"

static char error[INI_ERROR_BYTES];

/* ---- an event loop of a few descriptors ---- */

static struct watch {
    int fd, events;
    control_event_fn *fn;
    void *data;
} watches[80];

static struct watch *watch_of(int fd)
{
    for (size_t i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
        if (watches[i].fn ? watches[i].fd == fd : fd < 0) {
            return &watches[i];
        }
    }
    return NULL;
}

static int add(int fd, int events, control_event_fn *fn, void *data)
{
    struct watch *w = watch_of(-1);

    if (!w) {
        return -1;
    }
    *w = (struct watch){fd, events, fn, data};
    return 0;
}

static int modify(int fd, int events)
{
    watch_of(fd)->events = events;
    return 0;
}

static void del(int fd)
{
    watch_of(fd)->fn = NULL;
}

static const struct control_loop loop = {add, modify, del};

/* Run handlers until nothing is ready. The events of poll and epoll have the same values. */
static void run_loop(void)
{
    bool ready = true;

    while (ready) {
        ready = false;
        for (size_t i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
            struct pollfd p = {.fd = watches[i].fd, .events = (short)watches[i].events};

            if (watches[i].fn && poll(&p, 1, 0) == 1) {
                watches[i].fn(watches[i].fd, p.revents, watches[i].data);
                ready = true;
            }
        }
    }
}

/* ---- a daemon without drives ---- */

static unsigned gone_calls, hellos;

static void gone(void)
{
    gone_calls++;
}

static bool hello(void *ctx, const char *host, unsigned port, char *why)
{
    (void)ctx;
    (void)host;
    (void)port;
    (void)why;
    hellos++;
    return true;
}

static struct drive_host *no_drive(void *ctx, size_t index)
{
    (void)ctx;
    (void)index;
    return NULL;
}

static struct control_server *start(void)
{
    const struct control_services services = {.hello = hello, .drive = no_drive};
    struct control_server *server;

    memset(watches, 0, sizeof(watches));
    gone_calls = hellos = 0;
    server = control_server_new(&loop, &services);
    CU_ASSERT_PTR_NOT_NULL_FATAL(server);
    return server;
}

/* The owner's end. */
static int own(struct control_server *server)
{
    int pair[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CU_ASSERT_TRUE(control_server_own(server, pair[0], gone));
    return pair[1];
}

static int join(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    CU_ASSERT_EQUAL(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    run_loop();
}

/* How many lines have ended since the last call; `first` gets the beginning of what came. */
static unsigned lines(int fd, char first[sizeof(REPLY)])
{
    static char text[1 << 20];
    ssize_t n = recv(fd, text, sizeof(text), MSG_DONTWAIT);
    unsigned count = 0;

    memset(first, 0, sizeof(REPLY));
    for (ssize_t i = 0; i < n; i++) {
        count += text[i] == '\n';
        if (i < (ssize_t)sizeof(REPLY) - 1) {
            first[i] = text[i];
        }
    }
    return count;
}

/* How many replies have come; the first of them is a good one. */
static unsigned replies(int fd)
{
    char first[sizeof(REPLY)];
    unsigned count = lines(fd, first);

    CU_ASSERT_TRUE(count == 0 || strcmp(first, REPLY) == 0);
    return count;
}

static bool is_closed(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void owner_is_answered_and_its_end_is_told_once(void)
{
    struct control_server *server = start();
    int fd = own(server);

    send_text(fd, HELLO);
    CU_ASSERT_EQUAL(replies(fd), 1);
    CU_ASSERT_EQUAL(hellos, 1);
    CU_ASSERT_EQUAL(gone_calls, 0);
    close(fd);
    run_loop();
    CU_ASSERT_EQUAL(gone_calls, 1);
    control_server_free(server);
    CU_ASSERT_EQUAL(gone_calls, 1);
}

static void lines_are_answered_however_they_arrive(void)
{
    struct control_server *server = start();
    int fd = own(server);

    for (const char *c = STATUS; *c; c++) {
        char one[2] = {*c, 0};

        CU_ASSERT_EQUAL(replies(fd), 0);
        send_text(fd, one);
    }
    CU_ASSERT_EQUAL(replies(fd), 1);
    send_text(fd, STATUS HELLO STATUS "{\"dvdemu\":1,");
    CU_ASSERT_EQUAL(replies(fd), 3);
    send_text(fd, "\"op\":\"status\"}\n");
    CU_ASSERT_EQUAL(replies(fd), 1);
    control_server_free(server);
    CU_ASSERT_TRUE(is_closed(fd));
    close(fd);
}

static void everybody_may_ask_for_status_but_not_be_the_owner(void)
{
    struct control_server *server = start();
    struct temp_folder folder;
    const char *path;
    char text[200];
    int first, second;

    temp_open(&folder);
    path = temp_file(&folder, "control");
    CU_ASSERT_TRUE_FATAL(control_server_listen(server, path, error));
    first = join(path);
    second = join(path);
    run_loop();
    send_text(second, STATUS);
    CU_ASSERT_EQUAL(replies(second), 1);
    send_text(first, HELLO);
    memset(text, 0, sizeof(text));
    CU_ASSERT_TRUE(recv(first, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "op: hello is the owner's"));
    close(first);
    run_loop();
    CU_ASSERT_EQUAL(gone_calls, 0);
    send_text(second, STATUS);
    CU_ASSERT_EQUAL(replies(second), 1);
    close(second);
    control_server_free(server);
    temp_close(&folder);
}

static void who_does_not_read_is_waited_for(void)
{
    struct control_server *server = start();
    int fd = own(server);
    unsigned asked = 0, got = 0;
    char first[sizeof(REPLY)];

    /* until the server reads no more because its replies do not fit */
    while (send(fd, STATUS, strlen(STATUS), MSG_NOSIGNAL | MSG_DONTWAIT) ==
               (ssize_t)strlen(STATUS) &&
           asked < 1000000) {
        asked++;
        run_loop();
    }
    CU_ASSERT_TRUE(asked > 100);
    CU_ASSERT_TRUE(asked < 1000000);
    for (unsigned n = 1; n > 0; run_loop()) {
        n = lines(fd, first);
        got += n;
    }
    CU_ASSERT_EQUAL(gone_calls, 0);
    CU_ASSERT_EQUAL(got, asked);
    close(fd);
    control_server_free(server);
}

static void endless_line_ends_the_connection(void)
{
    struct control_server *server = start();
    char *line = malloc(CONTROL_LINE_BYTES_MAX + 1);
    int fd = own(server);

    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    memset(line, ' ', CONTROL_LINE_BYTES_MAX);
    line[CONTROL_LINE_BYTES_MAX] = 0;
    send_text(fd, line);
    CU_ASSERT_TRUE(is_closed(fd));
    CU_ASSERT_EQUAL(gone_calls, 1);
    free(line);
    close(fd);
    control_server_free(server);
}

static void too_many_connections_are_turned_away(void)
{
    struct control_server *server = start();
    struct temp_folder folder;
    const char *path;
    unsigned turned_away = 0;
    int fds[70];

    temp_open(&folder);
    path = temp_file(&folder, "control");
    CU_ASSERT_TRUE_FATAL(control_server_listen(server, path, error));
    for (size_t i = 0; i < 70; i++) {
        fds[i] = join(path);
        run_loop();
    }
    for (size_t i = 0; i < 70; i++) {
        turned_away += is_closed(fds[i]);
        close(fds[i]);
    }
    CU_ASSERT_EQUAL(turned_away, 70 - 64);
    run_loop();
    fds[0] = join(path);
    run_loop();
    send_text(fds[0], STATUS);
    CU_ASSERT_EQUAL(replies(fds[0]), 1);
    close(fds[0]);
    control_server_free(server);
    temp_close(&folder);
}

static void path_that_cannot_be_listened_at_is_an_error(void)
{
    struct control_server *server = start();
    char path[200];

    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = 0;
    CU_ASSERT_FALSE(control_server_listen(server, path, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "longer than a socket's path may be"));
    CU_ASSERT_FALSE(control_server_listen(server, "/nowhere/control", error));
    CU_ASSERT_STRING_EQUAL(error, "/nowhere/control: No such file or directory");
    control_server_free(server);
}

/* Wherever memory ends: a whole answer or the end of that connection, and others are served. */
static void connection_without_memory_ends(void)
{
    unsigned good = 0;
    bool ended;

    do {
        struct control_server *server = start();
        struct temp_folder folder;
        int fd;

        temp_open(&folder);
        CU_ASSERT_TRUE_FATAL(control_server_listen(server, temp_file(&folder, "c"), error));
        fd = join(folder.file);
        fault_after(FAULT_MEMORY, good++, ENOMEM);
        run_loop();
        if (send(fd, STATUS, strlen(STATUS), MSG_NOSIGNAL) > 0) {
            run_loop();
        }
        ended = fault_came();
        CU_ASSERT(replies(fd) == 1 || (ended && is_closed(fd)));
        close(fd);
        fd = join(folder.file);
        run_loop();
        send_text(fd, STATUS);
        CU_ASSERT_EQUAL(replies(fd), 1);
        close(fd);
        control_server_free(server);
        temp_close(&folder);
    } while (ended);
    CU_ASSERT(good > 4); /* connection, line, answer, replies */
}

static void connection_of_nobody(int fd, int events, void *data)
{
    (void)fd;
    (void)events;
    (void)data;
}

static void server_without_memory_or_loop_is_none(void)
{
    const struct control_services services = {.hello = hello, .drive = no_drive};
    struct control_server *server = start();
    int pair[2];

    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_PTR_NULL(control_server_new(&loop, &services));
    CU_ASSERT_TRUE(fault_came());
    control_server_free(NULL);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    for (size_t i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
        watches[i] = (struct watch){.fd = -2, .fn = connection_of_nobody};
    }
    CU_ASSERT_FALSE(control_server_own(server, pair[0], gone));
    CU_ASSERT_EQUAL(gone_calls, 0);
    close(pair[0]);
    close(pair[1]);
    control_server_free(server);
}

static void interrupted_connection_goes_on_and_a_broken_one_ends(void)
{
    struct control_server *server = start();
    int fd = own(server);

    fault_after(FAULT_RECV, 0, EINTR);
    send_text(fd, STATUS);
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_EQUAL(gone_calls, 0);
    CU_ASSERT_EQUAL(replies(fd), 1);
    fault_after(FAULT_SEND, 0, ECONNRESET);
    CU_ASSERT_EQUAL(write(fd, STATUS, strlen(STATUS)), (ssize_t)strlen(STATUS));
    run_loop();
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_EQUAL(gone_calls, 1);
    close(fd);
    control_server_free(server);
}

UNIT_SUITE(control_server, T(owner_is_answered_and_its_end_is_told_once),
           T(lines_are_answered_however_they_arrive),
           T(everybody_may_ask_for_status_but_not_be_the_owner), T(who_does_not_read_is_waited_for),
           T(endless_line_ends_the_connection), T(too_many_connections_are_turned_away),
           T(path_that_cannot_be_listened_at_is_an_error), T(connection_without_memory_ends),
           T(server_without_memory_or_loop_is_none),
           T(interrupted_connection_goes_on_and_a_broken_one_ends));
