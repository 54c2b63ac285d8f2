/* SPDX-License-Identifier: GPL-2.0-only */
/* A medium over an image file. Reads, never maps: a file that shrinks is an error, no signal. */
#include "medium.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

struct medium_file {
    struct medium medium;
    int fd;
    bool in_memory;             /**< the file system never waits for a device */
    atomic_bool nowait_refused; /**< it cannot tell what is at hand */
};

static enum medium_result read_waiting(const struct medium_file *file, uint64_t offset_bytes,
                                       uint8_t *out, size_t bytes)
{
    while (bytes > 0) {
        ssize_t got = pread(file->fd, out, bytes, (off_t)offset_bytes);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? MEDIUM_SHORT : MEDIUM_ERROR;
        }
        out += got;
        bytes -= (size_t)got;
        offset_bytes += (uint64_t)got;
    }
    return MEDIUM_OK;
}

/* A part of the range may be all that is cached or all that is left: the waiting read tells. */
static enum medium_result read_cached(struct medium_file *file, uint64_t offset_bytes, uint8_t *out,
                                      size_t bytes)
{
    struct iovec part = {.iov_base = out, .iov_len = bytes};
    ssize_t got = preadv2(file->fd, &part, 1, (off_t)offset_bytes, RWF_NOWAIT);

    if (got >= 0) {
        if ((size_t)got == bytes) {
            return MEDIUM_OK;
        }
        return got == 0 ? MEDIUM_SHORT : MEDIUM_WOULD_BLOCK;
    }
    switch (errno) {
    case EOPNOTSUPP:
    case ENOSYS:
        atomic_store_explicit(&file->nowait_refused, true, memory_order_relaxed);
        return MEDIUM_WOULD_BLOCK;
    case EAGAIN:
    case EINTR:
        return MEDIUM_WOULD_BLOCK;
    default:
        return MEDIUM_ERROR;
    }
}

static enum medium_result file_read(struct medium *m, uint64_t offset_bytes, uint8_t *out,
                                    size_t bytes, bool may_block)
{
    struct medium_file *file = (struct medium_file *)m;

    if (may_block || file->in_memory) {
        return read_waiting(file, offset_bytes, out, bytes);
    }
    if (atomic_load_explicit(&file->nowait_refused, memory_order_relaxed)) {
        return MEDIUM_WOULD_BLOCK;
    }
    return read_cached(file, offset_bytes, out, bytes);
}

static void file_close(struct medium *m)
{
    struct medium_file *file = (struct medium_file *)m;

    close(file->fd);
    free(file);
}

static const struct medium_ops file_ops = {.read = file_read, .close = file_close};

__attribute__((format(printf, 3, 4))) static struct medium *refuse(char *error, size_t error_bytes,
                                                                   const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, error_bytes, format, arguments);
    va_end(arguments);
    return NULL;
}

static bool is_in_memory(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static struct medium *new_medium(int fd, uint64_t size_bytes)
{
    struct medium_file *file = malloc(sizeof(*file));

    if (!file) {
        return NULL;
    }
    file->medium = (struct medium){.ops = &file_ops, .size_bytes = size_bytes};
    file->fd = fd;
    file->in_memory = is_in_memory(fd);
    atomic_init(&file->nowait_refused, false);
    return &file->medium;
}

/* `fd` is closed on error. */
static struct medium *medium_over(int fd, const char *path, char *error, size_t error_bytes)
{
    struct stat status;
    struct medium *medium = NULL;

    if (fstat(fd, &status) < 0) {
        refuse(error, error_bytes, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        refuse(error, error_bytes, "%s: not a regular file", path);
    } else if (status.st_size == 0) {
        refuse(error, error_bytes, "%s: the file is empty", path);
    } else {
        medium = new_medium(fd, (uint64_t)status.st_size);
        if (!medium) {
            refuse(error, error_bytes, "%s: out of memory", path);
        }
    }
    if (!medium) {
        close(fd);
    }
    return medium;
}

struct medium *medium_open_file(const char *path, char *error, size_t error_bytes)
{
    /* O_NONBLOCK: a named pipe is refused, not waited for */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        return refuse(error, error_bytes, "%s: %s", path, strerror(errno));
    }
    return medium_over(fd, path, error, error_bytes);
}
