/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file medium.h
 * Where the bytes of an image come from. The drive never opens or reads a file by itself: it is
 * handed a medium. Back ends: medium_file.c, and a memory medium and a failing one in the tests.
 */
#ifndef DVDEMU_MEDIUM_H
#define DVDEMU_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum medium_result {
    MEDIUM_OK,          /**< every byte asked for was read */
    MEDIUM_WOULD_BLOCK, /**< not at hand; ask again with may_block. Bytes already written are junk
                         */
    MEDIUM_SHORT,       /**< the image ends before the range does: it shrank */
    MEDIUM_ERROR        /**< the back end failed */
};

struct medium;

struct medium_ops {
    /**
     * Read `bytes` bytes at `offset_bytes` into `out`. Called from several threads at a time;
     * must not change what another call sees. With may_block false it never waits for a device.
     */
    enum medium_result (*read)(struct medium *m, uint64_t offset_bytes, uint8_t *out, size_t bytes,
                               bool may_block);
    /** Release the medium and all it owns. */
    void (*close)(struct medium *m);
};

/** First member of every back end's own structure. */
struct medium {
    const struct medium_ops *ops;
    uint64_t size_bytes; /**< when it was opened */
};

/**
 * Open an image file for reading. NULL on error; then `error` (at least 1 byte of room, cut to
 * fit) says what failed, with the path. Refuses what is no regular file or is empty.
 * Cached blocks are answered without waiting (preadv2, RWF_NOWAIT); a file system that cannot
 * tell is asked with may_block only.
 */
struct medium *medium_open_file(const char *path, char *error, size_t error_bytes);

static inline void medium_close(struct medium *m)
{
    if (m) {
        m->ops->close(m);
    }
}

#endif
