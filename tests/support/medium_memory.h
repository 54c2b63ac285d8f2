/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file medium_memory.h
 * An image in memory that can be made to fail. Block n of an LBA pattern tells its own number, so
 * a test sees which block it was given.
 */
#ifndef DVDEMU_MEDIUM_MEMORY_H
#define DVDEMU_MEDIUM_MEMORY_H

#include "emulator/medium.h"

#define MEDIUM_MEMORY_NO_FAULT UINT64_MAX

struct medium_memory {
    struct medium medium;
    uint8_t *bytes;         /**< medium.size_bytes of them; write to them at will */
    uint64_t left_bytes;    /**< what is left of the image after it shrank */
    uint64_t fail_at_bytes; /**< a read that covers this offset fails; or ..._NO_FAULT */
    unsigned would_block;   /**< that many reads that may not block are put off */
    unsigned reads;         /**< how often it was read, in vain or not */
    unsigned *closed;       /**< counts closings when not NULL */
};

/** An image of `size_bytes` zero bytes without a fault; ends the test program without memory. */
struct medium_memory *medium_memory_new(uint64_t size_bytes);

/** The same with `blocks` blocks of 2048 bytes, each filled by medium_memory_block(). */
struct medium_memory *medium_memory_blocks(uint32_t blocks);

/** What block `lba` of medium_memory_blocks() holds: a pack header, then bytes made of the LBA. */
void medium_memory_block(uint32_t lba, uint8_t block[static 2048]);

#endif
