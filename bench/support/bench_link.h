/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file bench_link.h
 * A libiscsi session with a drive, for benches.
 */
#ifndef DVDEMU_BENCH_LINK_H
#define DVDEMU_BENCH_LINK_H

#include "bench_exchange.h"

struct iscsi_context;

struct bench_link {
    struct iscsi_context *iscsi;
    int lun;
    uint32_t blocks; /**< of the disc; 0 until bench_link_survey() */
};

/** Log in at an iscsi:// URL. False: said on stderr. Close it in both cases. */
bool bench_link_open(struct bench_link *link, const char *url);

/** Take the unit attentions and learn the capacity. False: said on stderr. */
bool bench_link_survey(struct bench_link *link);

/** One command, waited for; an exchange's `run` with the link as context. */
bool bench_link_run(void *ctx, const uint8_t cdb[static 12], uint8_t *data, uint16_t bytes,
                    bool send);

/** TEST UNIT READY, waited for: a round trip. False: said on stderr. */
bool bench_link_ready(struct bench_link *link);

/** Log out and free. */
void bench_link_close(struct bench_link *link);

#endif
