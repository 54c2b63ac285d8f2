/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file bench_exchange.h
 * What a player does for one title, in nine commands: RPC state, copyright structure, AGID,
 * challenge, KEY1, the drive's challenge, KEY2, ASF, title key. Over any way to a drive.
 */
#ifndef DVDEMU_BENCH_EXCHANGE_H
#define DVDEMU_BENCH_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXCHANGE_COMMANDS 9

struct exchange {
    /** Run one 12-byte CDB; `bytes` of `data` are sent, or filled. False: it did not end well. */
    bool (*run)(void *ctx, const uint8_t cdb[static 12], uint8_t *data, uint16_t bytes, bool send);
    void *ctx;
    uint32_t title_lba; /**< a block that has a title key */
    unsigned variant;   /**< which the drive used last; the first to be tried */
};

/**
 * One exchange. False: a command did not end well (`run` says which), or the drive's KEY1 fits no
 * variant. A drive in which it succeeded has ASF set and the AGID free again.
 */
bool exchange_once(struct exchange *x);

#endif
