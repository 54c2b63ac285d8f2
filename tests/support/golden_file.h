/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file golden_file.h
 * Golden command files as text: blocks of `field: value` lines, apart by blank lines. What the
 * fields say is in tests/golden/README.md; what the words of `drive:` and `after:` do is in
 * golden_drive.h.
 */
#ifndef DVDEMU_GOLDEN_FILE_H
#define DVDEMU_GOLDEN_FILE_H

#include "scsi/dispatch.h"

#define GOLDEN_WORDS_MAX 16
#define GOLDEN_ARGS_MAX  5
#define GOLDEN_BYTES_MAX (128u * 1024) /**< of one field */
#define GOLDEN_ANY       0x100         /**< an item that stands for any byte */

/** Bytes as a file gives them; an item may be GOLDEN_ANY where bytes are expected. */
struct golden_bytes {
    uint16_t *item;
    size_t count, room;
};

/** `agid 0 HCHAL`: three arguments. */
struct golden_word {
    size_t count;
    char *arg[GOLDEN_ARGS_MAX];
};

struct golden_words {
    char *text; /**< the arguments point into it */
    size_t count;
    struct golden_word word[GOLDEN_WORDS_MAX];
};

/** What a block expects besides bytes. */
struct golden_block {
    const char *file; /**< the caller's */
    unsigned line;    /**< where the block begins */
    struct golden_words drive, act, after;
    struct golden_bytes cdb, out, in;
    bool has_out;
    struct scsi_sense sense;
};

struct golden_file {
    struct golden_block *block;
    size_t count, room;
};

/**
 * Read a file. False: it cannot be read or is no golden file; then FILE:LINE: and the reason have
 * been printed to standard error. `path` has to live as long as `file`. Free it in both cases.
 */
bool golden_file_read(struct golden_file *file, const char *path);
void golden_file_free(struct golden_file *file);

/** Copy bytes without GOLDEN_ANY to `out`, which has room for all of them. */
void golden_bytes_copy(const struct golden_bytes *bytes, uint8_t *out);

/** Whether these are the bytes; `count` of them, from the first. */
bool golden_bytes_match(const struct golden_bytes *bytes, const uint8_t *got, size_t count);

#endif
