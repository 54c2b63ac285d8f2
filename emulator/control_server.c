/* SPDX-License-Identifier: GPL-2.0-only */
#include "control_server.h"

#include "error_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG         16
#define CONNECTIONS_MAX 64
#define READ_BYTES      4096

struct text {
    char *p;
    size_t bytes, room;
};

struct connection {
    struct connection *next;
    struct control_server *server;
    int fd;
    struct text in, out; /* out: replies that the socket has not taken yet */
    void (*gone)(void);  /* the owner's; NULL for all others */
};

struct control_server {
    struct control_loop loop;
    struct control_services services;
    struct connection *connections;
    unsigned count;
    int listen_fd;
};

static bool text_add(struct text *t, const char *bytes, size_t n)
{
    if (t->room - t->bytes < n) {
        size_t room = t->bytes + n + READ_BYTES;
        char *p = realloc(t->p, room);

        if (!p) {
            return false;
        }
        t->p = p;
        t->room = room;
    }
    memcpy(t->p + t->bytes, bytes, n);
    t->bytes += n;
    return true;
}

static void text_drop(struct text *t, size_t n)
{
    t->bytes -= n;
    memmove(t->p, t->p + n, t->bytes);
}

struct control_server *control_server_new(const struct control_loop *loop,
                                          const struct control_services *services)
{
    struct control_server *server = calloc(1, sizeof(*server));

    if (server) {
        server->loop = *loop;
        server->services = *services;
        server->listen_fd = -1;
    }
    return server;
}

static void close_connection(struct connection *c)
{
    struct connection **at = &c->server->connections;

    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    c->server->count--;
    c->server->loop.del(c->fd);
    close(c->fd);
    free(c->in.p);
    free(c->out.p);
    free(c);
}

/* Send what the socket takes. False: the connection is over. */
static bool flush(struct connection *c)
{
    bool waits;

    while (c->out.bytes > 0) {
        ssize_t n = send(c->fd, c->out.p, c->out.bytes, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno != EAGAIN) {
            return false;
        }
        if (n < 0) {
            break;
        }
        text_drop(&c->out, (size_t)n);
    }
    /* who does not read replies gets no further request read */
    waits = c->out.bytes > 0;
    return c->server->loop.modify(c->fd, waits ? EPOLLOUT : EPOLLIN) == 0;
}

/* Answer every whole line. False: the connection is over. */
static bool answer_lines(struct connection *c)
{
    char *end;

    while (c->in.bytes > 0 && (end = memchr(c->in.p, '\n', c->in.bytes)) != NULL) {
        size_t bytes = (size_t)(end - c->in.p) + 1;
        char *answer = control_answer(&c->server->services, c->gone != NULL, c->in.p, bytes);
        bool ok = answer && text_add(&c->out, answer, strlen(answer));

        free(answer);
        text_drop(&c->in, bytes);
        if (!ok) {
            return false;
        }
    }
    return c->in.bytes < CONTROL_LINE_BYTES_MAX;
}

static bool receive(struct connection *c)
{
    char bytes[READ_BYTES];
    ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    return n > 0 && text_add(&c->in, bytes, (size_t)n) && answer_lines(c) && flush(c);
}

static void connection_event(int fd, int events, void *data)
{
    struct connection *c = data;
    void (*gone)(void) = c->gone;

    (void)fd;
    if (events & EPOLLOUT ? flush(c) : receive(c)) {
        return;
    }
    close_connection(c);
    if (gone) {
        gone();
    }
}

static bool add_connection(struct control_server *server, int fd, void (*gone)(void))
{
    struct connection *c = server->count < CONNECTIONS_MAX ? calloc(1, sizeof(*c)) : NULL;

    if (!c) {
        return false;
    }
    c->server = server;
    c->fd = fd;
    c->gone = gone;
    if (server->loop.add(fd, EPOLLIN, connection_event, c) != 0) {
        free(c);
        return false;
    }
    c->next = server->connections;
    server->connections = c;
    server->count++;
    return true;
}

static void listen_event(int fd, int events, void *data)
{
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (peer >= 0 && !add_connection(data, peer, NULL)) {
        close(peer);
    }
}

bool control_server_listen(struct control_server *server, const char *path, char *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        return error_line(error, "%s: longer than a socket's path may be (%zu characters)", path,
                          sizeof(address.sun_path) - 1);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, BACKLOG) != 0 || server->loop.add(fd, EPOLLIN, listen_event, server) != 0) {
        error_line(error, "%s: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    server->listen_fd = fd;
    return true;
}

bool control_server_own(struct control_server *server, int fd, void (*gone)(void))
{
    return add_connection(server, fd, gone);
}

void control_server_free(struct control_server *server)
{
    if (!server) {
        return;
    }
    for (struct connection *c = server->connections, *next; c; c = next) {
        next = c->next;
        close_connection(c);
    }
    if (server->listen_fd >= 0) {
        server->loop.del(server->listen_fd);
        close(server->listen_fd);
    }
    free(server);
}
