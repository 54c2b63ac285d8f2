/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file control_server.h
 * Connections of the control protocol on somebody else's event loop: a listening socket for
 * everybody of the same user, and one connection of the owner. It never waits.
 */
#ifndef DVDEMU_CONTROL_SERVER_H
#define DVDEMU_CONTROL_SERVER_H

#include "control.h"

/** `events` are those of epoll. */
typedef void control_event_fn(int fd, int events, void *data);

/** The event loop. Removing a descriptor inside its own handler has to be allowed. */
struct control_loop {
    int (*add)(int fd, int events, control_event_fn *fn, void *data); /**< 0: added */
    int (*modify)(int fd, int events);
    void (*del)(int fd);
};

struct control_server;

/** Keeps pointers to nothing but what `services->ctx` is. NULL: no memory. */
struct control_server *control_server_new(const struct control_loop *loop,
                                          const struct control_services *services);

/** Listen at a path of the file system. False: `error` (room for INI_ERROR_BYTES) says why. */
bool control_server_listen(struct control_server *server, const char *path, char *error);

/**
 * Take over the owner's connection. `gone` is called once it ends, from the event loop; false is
 * returned, and the descriptor left alone, when it cannot be served.
 */
bool control_server_own(struct control_server *server, int fd, void (*gone)(void));

/** Close the listening socket and every connection. `gone` is not called. */
void control_server_free(struct control_server *server);

#endif
