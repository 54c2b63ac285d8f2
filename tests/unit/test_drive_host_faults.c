/* SPDX-License-Identifier: GPL-2.0-only */
/* What a drive's owner asks for that is not there: memory, states, a clock that can be moved. */
#include "emulator/drive_host.h"
#include "emulator/ini_file.h"
#include "tests/support/bench_drive.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ALLOCATIONS_MAX 200

static char error[INI_ERROR_BYTES];

static void say_nothing(void *ctx, const char *name, const char *text)
{
    (void)ctx;
    (void)name;
    (void)text;
}

static struct drive_host *open_clocked(const char *state_folder, bool virtual_clock)
{
    const struct drive_log log = {.line = say_nothing};
    struct drive_config config;

    drive_config_init(&config);
    snprintf(config.name, sizeof(config.name), "drive");
    snprintf(config.state, sizeof(config.state), "%s", state_folder);
    config.virtual_clock = virtual_clock;
    return drive_host_new(&config, log, error);
}

static struct drive_host *open_empty(const char *state_folder)
{
    return open_clocked(state_folder, false);
}

/* Each allocation fails once, until all that there are have been tried. */
static void a_drive_without_memory_is_none(void)
{
    struct temp_folder folder;
    bool came = true;

    temp_open(&folder);
    for (unsigned n = 0; came && n < ALLOCATIONS_MAX; n++) {
        struct drive_host *host;

        error[0] = 0;
        fault_after(FAULT_MEMORY, n, ENOMEM);
        host = open_empty(folder.path);
        came = fault_came();
        CU_ASSERT(n > 2 || !came || (!host && strcmp(error, "no memory for a drive") == 0));
        CU_ASSERT(came || host);
        drive_host_free(host);
    }
    CU_ASSERT_FALSE(came);
    temp_close(&folder);
}

static void a_state_without_memory_is_not_kept(void)
{
    struct drive_host *host = open_empty("");
    bool came = true;

    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    for (unsigned n = 0; came && n < ALLOCATIONS_MAX; n++) {
        bool kept;

        error[0] = 0;
        fault_after(FAULT_MEMORY, n, ENOMEM);
        kept = drive_host_snapshot(host, "a", error);
        came = fault_came();
        CU_ASSERT_EQUAL(kept, !came);
        CU_ASSERT(kept || strcmp(error, "no memory for a state") == 0);
        CU_ASSERT_EQUAL(drive_host_forget(host, "a", error), kept);
    }
    CU_ASSERT_FALSE(came);
    drive_host_free(host);
}

static void what_was_not_kept_cannot_be_restored(void)
{
    struct drive_host *host = open_empty("");

    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_FALSE(drive_host_restore(host, "a", error));
    CU_ASSERT_STRING_EQUAL(error, "name: no state 'a' is kept");
    /* one of that name takes the place of the other, which sanitizers see freed */
    CU_ASSERT_TRUE(drive_host_snapshot(host, "b", error));
    CU_ASSERT_TRUE(drive_host_snapshot(host, "b", error));
    CU_ASSERT_FALSE(drive_host_advance(host, 1, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "clock is a real one"));
    drive_host_free(host);
}

static void a_disc_that_is_not_there_moves_no_tray(void)
{
    struct drive_host *host = open_empty("");

    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    drive_tray_open(&host->drive);
    CU_ASSERT_FALSE(drive_host_insert(host, "/nowhere.iso", error));
    CU_ASSERT_TRUE(host->drive.state.tray_open);
    drive_host_free(host);
}

static void the_kernel_fills_what_is_random(void)
{
    struct drive_host *host = open_empty("");
    uint8_t bytes[32] = {0}, zeros[32] = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    drive_random(&host->drive, bytes, sizeof(bytes));
    CU_ASSERT_NOT_EQUAL(memcmp(bytes, zeros, sizeof(zeros)), 0);
    drive_host_free(host);
}

static void a_clock_that_is_moved_makes_ready(void)
{
    struct drive_host *host = open_clocked("", true);

    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    host->drive.personality.quirks.ready_ms = 1;
    CU_ASSERT_FATAL(drive_insert(&host->drive, bench_plain_disc(1)));
    CU_ASSERT_TRUE(host->drive.state.loading);
    CU_ASSERT_TRUE(drive_host_advance(host, 1000, error));
    CU_ASSERT_FALSE(host->drive.state.loading);
    drive_host_free(host);
}

static uint64_t clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void the_real_clock_lies_between_two_looks_at_it(void)
{
    struct drive_host *host = open_empty("");

    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    for (unsigned n = 0; n < 100; n++) {
        const uint64_t before_us = clock_us(), us = drive_host_now_us(host);

        CU_ASSERT(us >= before_us && us <= clock_us());
    }
    drive_host_free(host);
}

/* ---- a nexus that there is no memory for, or that is another's ---- */

static void a_nexus_that_is_not_there_is_let_be(void)
{
    struct drive_nexus stranger = {.id = 9};
    struct bench b;

    bench_open(&b);
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_PTR_NULL(drive_nexus_open(&b.drive, 3));
    CU_ASSERT_TRUE(fault_came());
    drive_nexus_close(&b.drive, &stranger);
    CU_ASSERT_PTR_EQUAL(b.drive.nexuses, b.other);
    bench_close(&b);
}

static void a_disc_without_memory_is_none(void)
{
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_PTR_NULL(disc_new());
    CU_ASSERT_TRUE(fault_came());
}

UNIT_SUITE(drive_host_faults, T(a_drive_without_memory_is_none),
           T(a_state_without_memory_is_not_kept), T(what_was_not_kept_cannot_be_restored),
           T(a_disc_that_is_not_there_moves_no_tray), T(the_kernel_fills_what_is_random),
           T(a_clock_that_is_moved_makes_ready), T(the_real_clock_lies_between_two_looks_at_it),
           T(a_nexus_that_is_not_there_is_let_be), T(a_disc_without_memory_is_none));
