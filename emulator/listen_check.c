/* SPDX-License-Identifier: GPL-2.0-only */
#include "listen_check.h"

#include "error_line.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_BYTES sizeof("65535")

static bool is_tcp_listener(int fd, struct sockaddr_storage *at, socklen_t *bytes)
{
    socklen_t size = sizeof(int);
    int accepts = 0;

    *bytes = sizeof(*at);
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts &&
           getsockname(fd, (struct sockaddr *)at, bytes) == 0 &&
           (at->ss_family == AF_INET || at->ss_family == AF_INET6);
}

/* Both sides come out of the kernel's form, so that ::1 and 0:0::1 are the same. */
static bool numeric(const struct sockaddr *at, socklen_t bytes, char host[NI_MAXHOST],
                    char port[PORT_BYTES])
{
    return getnameinfo(at, bytes, host, NI_MAXHOST, port, PORT_BYTES,
                       NI_NUMERICHOST | NI_NUMERICSERV) == 0;
}

static bool wanted_name(const char *host, unsigned port, char name[NI_MAXHOST],
                        char service[PORT_BYTES])
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    char text[PORT_BYTES + 8];
    bool ok;

    snprintf(text, sizeof(text), "%u", port);
    if (getaddrinfo(host, text, &hints, &found) != 0) {
        return false;
    }
    ok = numeric(found->ai_addr, found->ai_addrlen, name, service);
    freeaddrinfo(found);
    return ok;
}

bool listens_only_at(const char *host, unsigned port, char *error)
{
    char want[NI_MAXHOST], want_port[PORT_BYTES], have[NI_MAXHOST], have_port[PORT_BYTES];
    DIR *folder;
    struct sockaddr_storage at = {0};
    struct dirent *entry;
    bool found = false, ok = true;
    socklen_t bytes;

    if (!wanted_name(host, port, want, want_port)) {
        return error_line(error, "%s is no numeric address", host);
    }
    folder = opendir("/proc/self/fd");
    if (!folder) {
        return error_line(error, "/proc/self/fd: %s", strerror(errno));
    }
    while (ok && (entry = readdir(folder)) != NULL) {
        if (!is_tcp_listener((int)strtol(entry->d_name, NULL, 10), &at, &bytes) ||
            !numeric((struct sockaddr *)&at, bytes, have, have_port)) {
            continue;
        }
        if (strcmp(have, want) == 0 && strcmp(have_port, want_port) == 0) {
            found = true;
        } else {
            ok = error_line(error, "listens at %s port %s instead of %s port %u", have, have_port,
                            host, port);
        }
    }
    closedir(folder);
    return ok && (found || error_line(error, "does not listen at %s port %u", host, port));
}
