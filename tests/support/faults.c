/* SPDX-License-Identifier: GPL-2.0-only */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

static _Thread_local struct {
    enum fault_call call;
    unsigned good; /* calls still to go */
    int error;
    bool came;
} fault;

void fault_after(enum fault_call call, unsigned good, int error)
{
    fault.call = call;
    fault.good = good;
    fault.error = error;
    fault.came = false;
}

bool fault_came(void)
{
    fault.call = FAULT_NONE;
    return fault.came;
}

static bool fails(enum fault_call call)
{
    if (fault.call != call || fault.good-- > 0) {
        return false;
    }
    fault.call = FAULT_NONE;
    fault.came = true;
    errno = fault.error;
    return true;
}

/* The linker makes every call of `name` one of __wrap_name, and libc's is __real_name. */
#define WRAP(call, failed, type, name, parameters, arguments)                                      \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(call) ? (failed) : __real_##name arguments;                                   \
    }

WRAP(FAULT_MEMORY, NULL, void *, malloc, (size_t bytes), (bytes))
WRAP(FAULT_MEMORY, NULL, void *, calloc, (size_t count, size_t bytes), (count, bytes))
WRAP(FAULT_MEMORY, NULL, void *, realloc, (void *old, size_t bytes), (old, bytes))
WRAP(FAULT_MEMORY, NULL, char *, strdup, (const char *text), (text))
WRAP(FAULT_MEMORY, NULL, FILE *, open_memstream, (char **text, size_t *bytes), (text, bytes))
WRAP(FAULT_ACCEPT, -1, int, accept4, (int fd, struct sockaddr *from, socklen_t *bytes, int flags),
     (fd, from, bytes, flags))
WRAP(FAULT_ACCESS, -1, int, access, (const char *path, int mode), (path, mode))
WRAP(FAULT_EVENTFD, -1, int, eventfd, (unsigned count, int flags), (count, flags))
WRAP(FAULT_FOPEN, NULL, FILE *, fopen, (const char *path, const char *mode), (path, mode))
WRAP(FAULT_FSTAT, -1, int, fstat, (int fd, struct stat *status), (fd, status))
WRAP(FAULT_FSTATFS, -1, int, fstatfs, (int fd, struct statfs *status), (fd, status))
WRAP(FAULT_FSYNC, -1, int, fsync, (int fd), (fd))
WRAP(FAULT_GETRANDOM, -1, ssize_t, getrandom, (void *out, size_t bytes, unsigned flags),
     (out, bytes, flags))
WRAP(FAULT_MKDIR, -1, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(FAULT_OPENDIR, NULL, DIR *, opendir, (const char *path), (path))
WRAP(FAULT_POLL, -1, int, poll, (struct pollfd * fds, nfds_t count, int timeout_ms),
     (fds, count, timeout_ms))
WRAP(FAULT_PREAD, -1, ssize_t, pread, (int fd, void *out, size_t bytes, off_t at),
     (fd, out, bytes, at))
WRAP(FAULT_PREADV2, -1, ssize_t, preadv2,
     (int fd, const struct iovec *parts, int count, off_t at, int flags),
     (fd, parts, count, at, flags))
WRAP(FAULT_PTHREAD_CREATE, fault.error, int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *how, void *(*run)(void *), void *ctx),
     (thread, how, run, ctx))
WRAP(FAULT_READ, fault.error ? -1 : 0, ssize_t, read, (int fd, void *out, size_t bytes),
     (fd, out, bytes))
WRAP(FAULT_RECV, -1, ssize_t, recv, (int fd, void *out, size_t bytes, int flags),
     (fd, out, bytes, flags))
WRAP(FAULT_SEND, -1, ssize_t, send, (int fd, const void *from, size_t bytes, int flags),
     (fd, from, bytes, flags))
WRAP(FAULT_SOCKET, -1, int, socket, (int family, int kind, int protocol), (family, kind, protocol))

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file)
{
    const int result = __real_fclose(file);

    return fails(FAULT_FCLOSE) ? EOF : result;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list ap;

    if (fails(FAULT_OPEN)) {
        return -1;
    }
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return __real_open(path, flags, mode);
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list ap;
    int result;

    if (fails(FAULT_MEMORY)) {
        return -1;
    }
    va_start(ap, format);
    result = vasprintf(text, format, ap);
    va_end(ap);
    return result;
}
