/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file check_bench.h
 * The conformance suite (emulator/check.h) on a drive in this process: no target, no socket. The
 * drive can be made to lie: what it says is changed on its way, or it is kept from hearing.
 */
#ifndef DVDEMU_CHECK_BENCH_H
#define DVDEMU_CHECK_BENCH_H

#include "emulator/check.h"

#include "emulator/drive.h"

#define CHECK_BENCH_BLOCKS 256

struct check_bench;

/** A way to lie. Any may be NULL. */
struct check_lie {
    /** Before the drive hears of a command: what it hears instead; NULL: nothing, and GOOD. */
    const struct check_command *(*before)(struct check_bench *b,
                                          const struct check_command *command);
    /** Change an answer and its data, or the drive, after it has answered. */
    void (*after)(struct check_bench *b, const struct check_command *command,
                  struct check_answer *answer, uint8_t *in);
    /** After a logout, after a LOGICAL UNIT RESET. */
    void (*logged_out)(struct check_bench *b);
    void (*was_reset)(struct check_bench *b);
};

struct check_bench {
    struct drive drive;
    struct drive_nexus *nexus[CHECK_HOSTS]; /**< NULL: logged out */
    unsigned host;                          /**< who sends just now */
    struct random_source random;
    uint64_t now_us;
    unsigned logins_left; /**< then none succeeds */
    struct disc *disc;    /**< in the drive; NULL: it is empty */
    struct host_targets targets;
    const struct check_lie *lie; /**< NULL: the truth */
    struct check_options options;
    unsigned lied; /**< for a lie to count in */

    /* of the last run */
    const struct check_row *failed[1024];
    size_t ok, failures, skipped;
};

/**
 * Power on a drive of these quirks (NULL: none) with the disc of this description in; NULL: empty.
 * The suite's options expect no quirk.
 */
void check_bench_open(struct check_bench *b, const char *disc_text, const struct quirks *quirks);
void check_bench_close(struct check_bench *b);

/** Descriptions of discs of CHECK_BENCH_BLOCKS blocks. */
extern const char check_bench_css[], check_bench_region_2[], check_bench_plain[],
    check_bench_opposite[], check_bench_parallel[], check_bench_cd[], check_bench_no_structure[];

/** The wire to the drive. */
struct check_wire check_bench_wire(struct check_bench *b);

/** Called with the result of each row. */
typedef void check_bench_fn(void *ctx, const struct check *k, const struct check_row *row);

/**
 * Run the suite; `described`: it knows the disc. Counts results in `b` and calls `fn`, which may be
 * NULL. False: the suite could not begin.
 */
bool check_bench_run(struct check_bench *b, bool described, check_bench_fn *fn, void *ctx);

/** Whether that row has failed in the last run. */
bool check_bench_failed(const struct check_bench *b, const char *name);

#endif
