/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/css_choice.h"
#include "emulator/drive_host.h"
#include "emulator/region_store.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME        "iqn.2026-11.example:test"
#define IMAGE_BYTES (4 * DISC_BLOCK_BYTES)

static char error[INI_ERROR_BYTES];
static char logged[4 * INI_ERROR_BYTES];
static unsigned logged_lines;

static void log_line(void *ctx, const char *name, const char *text)
{
    size_t n = strlen(logged);

    (void)ctx;
    snprintf(logged + n, sizeof(logged) - n, "%s: %s\n", name, text);
    logged_lines++;
}

static const struct drive_log log_here = {.line = log_line};

/* A drive in a folder with an image, state kept in that folder. */
struct own_drive {
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host; /* NULL: not started */
};

static void configure(struct own_drive *d)
{
    struct drive_config *config = &d->config;
    struct temp_folder *folder = &d->folder;

    d->host = NULL;
    temp_open(folder);
    drive_config_init(config);
    snprintf(config->name, sizeof(config->name), "%s", NAME);
    snprintf(config->disc, sizeof(config->disc), "%s",
             temp_write(folder, "a.iso", NULL, IMAGE_BYTES));
    snprintf(config->state, sizeof(config->state), "%s", folder->path);
    snprintf(config->personality.serial, sizeof(config->personality.serial), "SER1");
    logged[0] = 0;
    logged_lines = 0;
}

static void start(struct own_drive *d)
{
    d->host = drive_host_new(&d->config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d->host);
}

static void check_does_not_start(const struct own_drive *d, const char *why)
{
    CU_ASSERT_PTR_NULL(drive_host_new(&d->config, log_here, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, why));
}

static void stop(struct own_drive *d)
{
    drive_host_free(d->host);
    d->host = NULL;
}

static void finish(struct own_drive *d)
{
    stop(d);
    temp_close(&d->folder);
}

static struct scsi_sense run(struct drive_host *host, struct drive_nexus *nexus, const uint8_t *cdb,
                             const uint8_t *out, size_t out_bytes)
{
    uint8_t in[64];
    const struct drive_request request = {.cdb = cdb,
                                          .cdb_bytes = 12,
                                          .out = out,
                                          .out_bytes = out_bytes,
                                          .in = in,
                                          .in_bytes = sizeof(in),
                                          .nexus = nexus};
    struct drive_reply reply;

    drive_run(&host->drive, &request, &reply);
    return reply.sense;
}

/* SEND KEY, RPC structure: allow the region whose bit is 0. */
static struct scsi_sense set_region(struct drive_host *host, uint8_t mask)
{
    const uint8_t cdb[12] = {0xa3, [9] = 8, [10] = 0x06};
    const uint8_t ready[12] = {0x00};
    const uint8_t list[8] = {0, 6, 0, 0, mask};
    struct drive_nexus *nexus = drive_nexus_open(&host->drive, 1);

    run(host, nexus, ready, NULL, 0); /* power on */
    run(host, nexus, ready, NULL, 0); /* medium changed */
    return run(host, nexus, cdb, list, sizeof(list));
}

static void drive_starts_with_its_disc_in(void)
{
    struct own_drive d;

    configure(&d);
    start(&d);
    CU_ASSERT_STRING_EQUAL(d.host->name, NAME);
    CU_ASSERT_TRUE(drive_has_medium(&d.host->drive));
    CU_ASSERT_EQUAL(d.host->drive.disc->blocks, 4);
    CU_ASSERT_STRING_EQUAL(logged + strlen(logged) - strlen("challenges from the kernel\n"),
                           "challenges from the kernel\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, ", scrambling kernel "));
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, css_choose_or_portable()->name));
    stop(&d);
    drive_host_free(NULL);
    finish(&d);
}

static void a_kernel_that_is_not_here_is_no_drive(void)
{
    const char *old = getenv(CSS_CHOICE_VARIABLE);
    char *saved = old ? strdup(old) : NULL;
    struct own_drive d;

    configure(&d);
    setenv(CSS_CHOICE_VARIABLE, "sse9", 1);
    check_does_not_start(&d, "DVDEMU_KERNEL: no kernel 'sse9' here");
    if (saved) {
        setenv(CSS_CHOICE_VARIABLE, saved, 1);
    } else {
        unsetenv(CSS_CHOICE_VARIABLE);
    }
    free(saved);
    finish(&d);
}

static void serial_is_made_from_the_name_when_none_is_given(void)
{
    struct personality expected;
    struct own_drive d;

    personality_init(&expected);
    configure(&d);
    d.config.personality.serial[0] = 0;
    start(&d);
    personality_serial_from_name(&expected, NAME);
    CU_ASSERT_STRING_EQUAL(d.host->drive.personality.serial, expected.serial);
    finish(&d);
}

static void region_change_is_kept_for_the_next_start(void)
{
    struct own_drive d;

    configure(&d);
    start(&d);
    CU_ASSERT_FALSE(set_region(d.host, 0xfd).check);
    stop(&d);
    CU_ASSERT_EQUAL(access(temp_file(&d.folder, "SER1.region"), R_OK), 0);
    start(&d);
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xfd);
    CU_ASSERT_EQUAL(d.host->drive.state.region.user_changes, REGION_USER_CHANGES - 1);
    finish(&d);
}

static void state_in_memory_leaves_no_file(void)
{
    struct own_drive d;

    configure(&d);
    d.config.state[0] = 0;
    start(&d);
    CU_ASSERT_FALSE(set_region(d.host, 0xfd).check);
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xfd);
    stop(&d);
    CU_ASSERT_NOT_EQUAL(access(temp_file(&d.folder, "SER1.region"), F_OK), 0);
    finish(&d);
}

static void quirk_rpc_storage_in_memory_leaves_no_file(void)
{
    struct own_drive d;

    configure(&d);
    CU_ASSERT_TRUE(drive_config_set(&d.config, "rpc_storage", "memory", error));
    start(&d);
    CU_ASSERT_FALSE(set_region(d.host, 0xfd).check);
    stop(&d);
    CU_ASSERT_NOT_EQUAL(access(temp_file(&d.folder, "SER1.region"), F_OK), 0);
    finish(&d);
}

static void a_kept_state_comes_before_the_quirks_first_one(void)
{
    struct own_drive d;

    configure(&d);
    CU_ASSERT_TRUE(drive_config_set(&d.config, "rpc_initial", "64FE", error));
    start(&d);
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xfe);
    CU_ASSERT_FALSE(set_region(d.host, 0xfd).check);
    stop(&d);
    start(&d);
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xfd);
    CU_ASSERT_EQUAL(d.host->drive.state.region.user_changes, 3);
    finish(&d);
}

static void change_that_cannot_be_kept_is_refused(void)
{
    struct own_drive d;

    configure(&d);
    strcat(d.config.state, "/gone");
    d.config.verbosity = LOG_ERRORS;
    start(&d);
    CU_ASSERT_EQUAL(rmdir(d.config.state), 0);
    logged[0] = 0;
    CU_ASSERT_TRUE(sense_is(set_region(d.host, 0xfd), SENSE_INTERNAL_FAILURE));
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xff);
    CU_ASSERT_EQUAL(d.host->drive.state.region.user_changes, REGION_USER_CHANGES);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "SER1.region: No such file or directory"));
    finish(&d);
}

static void damaged_state_file_is_an_error_that_names_it(void)
{
    struct own_drive d;

    configure(&d);
    temp_write(&d.folder, "SER1.region", "nonsense = 1\n", 13);
    check_does_not_start(&d, "SER1.region:1: nonsense");
    finish(&d);
}

static void missing_disc_is_an_error_that_names_it(void)
{
    struct own_drive d;

    configure(&d);
    strcat(d.config.disc, ".not");
    check_does_not_start(&d, "a.iso.not");
    finish(&d);
}

static void the_clock_is_the_monotonic_one_or_what_it_is_moved_to(void)
{
    struct own_drive d;
    struct timespec t;
    uint64_t before_us, us;

    configure(&d);
    start(&d);
    clock_gettime(CLOCK_MONOTONIC, &t);
    before_us = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
    us = drive_host_now_us(d.host);
    CU_ASSERT(us >= before_us && us < before_us + 60 * UINT64_C(1000000));
    d.host->virtual_clock = true;
    CU_ASSERT_TRUE(drive_host_advance(d.host, 5, error));
    CU_ASSERT_TRUE(drive_host_advance(d.host, 2, error));
    CU_ASSERT_EQUAL(drive_host_now_us(d.host), 7);
    finish(&d);
}

static void discs_go_in_and_out(void)
{
    struct own_drive d;
    char path[TEMP_PATH_BYTES];

    configure(&d);
    start(&d);
    snprintf(path, sizeof(path), "%s", temp_write(&d.folder, "b.iso", NULL, 2 * DISC_BLOCK_BYTES));
    CU_ASSERT_FALSE(drive_host_insert(d.host, path, error));
    CU_ASSERT_STRING_EQUAL(error, "there is a disc in the drive: eject it first");
    CU_ASSERT_TRUE(drive_host_eject(d.host, false, error));
    CU_ASSERT_FALSE(drive_host_eject(d.host, false, error));
    CU_ASSERT_STRING_EQUAL(error, "there is no disc in the drive");
    CU_ASSERT_FALSE(drive_host_insert(d.host, "/nowhere.iso", error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "/nowhere.iso"));
    CU_ASSERT_FALSE(drive_has_medium(&d.host->drive));
    CU_ASSERT_TRUE(drive_host_insert(d.host, path, error));
    CU_ASSERT_EQUAL(d.host->drive.disc->blocks, 2);
    finish(&d);
}

static void prevented_eject_asks_and_force_does_not(void)
{
    const uint8_t ready[12] = {0x00}, prevent[12] = {0x1e, [4] = 1};
    struct own_drive d;
    struct drive_nexus *nexus;

    configure(&d);
    start(&d);
    nexus = drive_nexus_open(&d.host->drive, 1);
    run(d.host, nexus, ready, NULL, 0);
    CU_ASSERT_FALSE(run(d.host, nexus, prevent, NULL, 0).check);
    CU_ASSERT_FALSE(drive_host_eject(d.host, false, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "prevents"));
    CU_ASSERT_TRUE(drive_has_medium(&d.host->drive));
    CU_ASSERT_TRUE(drive_host_eject(d.host, true, error));
    CU_ASSERT_FALSE(drive_has_medium(&d.host->drive));
    finish(&d);
}

static void seed_makes_random_bytes_again_and_says_so(void)
{
    struct own_drive d;
    uint8_t bytes[3][16];

    configure(&d);
    for (size_t i = 0; i < 3; i++) {
        d.config.seeded = true;
        d.config.seed = i < 2 ? 42 : 43;
        start(&d);
        CU_ASSERT_TRUE(d.host->drive.state.random.seeded);
        drive_random(&d.host->drive, bytes[i], sizeof(bytes[i]));
        stop(&d);
    }
    CU_ASSERT_EQUAL(memcmp(bytes[0], bytes[1], sizeof(bytes[0])), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(bytes[0], bytes[2], sizeof(bytes[0])), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "reproducible from seed 42"));
    finish(&d);
}

/* Log lines of a start and one command. */
static unsigned lines_at(enum drive_verbosity verbosity)
{
    const uint8_t ready[12] = {0x00};
    struct own_drive d;

    configure(&d);
    d.config.disc[0] = 0;
    d.config.verbosity = (uint8_t)verbosity;
    start(&d);
    run(d.host, drive_nexus_open(&d.host->drive, 1), ready, NULL, 0);
    finish(&d);
    return logged_lines;
}

static void log_tells_as_much_as_wanted(void)
{
    CU_ASSERT_EQUAL(lines_at(LOG_ERRORS), 0);
    CU_ASSERT_EQUAL(lines_at(LOG_INFO), 1);
    CU_ASSERT_EQUAL(lines_at(LOG_COMMANDS), 2);
}

static void state_whose_region_cannot_be_kept_does_not_come_back(void)
{
    struct own_drive d;

    configure(&d);
    start(&d);
    CU_ASSERT_TRUE(drive_host_snapshot(d.host, "new", error));
    CU_ASSERT_FALSE(set_region(d.host, 0xfd).check);
    fault_after(FAULT_FOPEN, 0, ENOSPC);
    CU_ASSERT_FALSE(drive_host_restore(d.host, "new", error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(error, "the region state of 'new' cannot be kept: see the daemon's log");
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "SER1.region: No space left on device"));
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xfd);
    CU_ASSERT_TRUE(drive_host_restore(d.host, "new", error));
    CU_ASSERT_EQUAL(d.host->drive.state.region.mask, 0xff);
    finish(&d);
}

/* That nothing is lost on the way the sanitizers tell. */
static void a_name_has_one_state(void)
{
    struct own_drive d;
    unsigned refused = 0;

    configure(&d);
    start(&d);
    for (fault_after(FAULT_MEMORY, 0, ENOMEM); !drive_host_snapshot(d.host, "one", error);
         fault_after(FAULT_MEMORY, refused, ENOMEM)) {
        CU_ASSERT_STRING_EQUAL(error, "no memory for a state");
        CU_ASSERT_PTR_NULL(d.host->snapshots);
        refused++;
    }
    CU_ASSERT_FALSE(fault_came());
    CU_ASSERT(refused >= 3); /* the state, its place, its name */
    CU_ASSERT_TRUE(drive_host_snapshot(d.host, "one", error));
    CU_ASSERT_PTR_NOT_NULL_FATAL(d.host->snapshots);
    CU_ASSERT_PTR_NULL(d.host->snapshots->next);
    CU_ASSERT_TRUE(drive_host_restore(d.host, "one", error));
    finish(&d);
}

UNIT_SUITE(drive_host, T(a_name_has_one_state), T(drive_starts_with_its_disc_in),
           T(a_kernel_that_is_not_here_is_no_drive),
           T(serial_is_made_from_the_name_when_none_is_given),
           T(region_change_is_kept_for_the_next_start), T(state_in_memory_leaves_no_file),
           T(quirk_rpc_storage_in_memory_leaves_no_file),
           T(a_kept_state_comes_before_the_quirks_first_one),
           T(change_that_cannot_be_kept_is_refused),
           T(damaged_state_file_is_an_error_that_names_it),
           T(missing_disc_is_an_error_that_names_it),
           T(the_clock_is_the_monotonic_one_or_what_it_is_moved_to), T(discs_go_in_and_out),
           T(prevented_eject_asks_and_force_does_not), T(seed_makes_random_bytes_again_and_says_so),
           T(log_tells_as_much_as_wanted), T(state_whose_region_cannot_be_kept_does_not_come_back));
