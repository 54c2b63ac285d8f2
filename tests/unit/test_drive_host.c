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
static void configure(struct drive_config *config, struct temp_folder *folder)
{
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
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_STRING_EQUAL(host->name, NAME);
    CU_ASSERT_TRUE(drive_has_medium(&host->drive));
    CU_ASSERT_EQUAL(host->drive.disc->blocks, 4);
    CU_ASSERT_STRING_EQUAL(logged + strlen(logged) - strlen("challenges from the kernel\n"),
                           "challenges from the kernel\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, ", scrambling kernel "));
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, css_choose_or_portable()->name));
    drive_host_free(host);
    drive_host_free(NULL);
    temp_close(&folder);
}

static void a_kernel_that_is_not_here_is_no_drive(void)
{
    const char *old = getenv(CSS_CHOICE_VARIABLE);
    char *saved = old ? strdup(old) : NULL;
    struct drive_config config;
    struct temp_folder folder;

    configure(&config, &folder);
    setenv(CSS_CHOICE_VARIABLE, "sse9", 1);
    CU_ASSERT_PTR_NULL(drive_host_new(&config, log_here, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "DVDEMU_KERNEL: no kernel 'sse9' here"));
    if (saved) {
        setenv(CSS_CHOICE_VARIABLE, saved, 1);
    } else {
        unsetenv(CSS_CHOICE_VARIABLE);
    }
    free(saved);
    temp_close(&folder);
}

static void serial_is_made_from_the_name_when_none_is_given(void)
{
    struct personality expected;
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    personality_init(&expected);
    configure(&config, &folder);
    config.personality.serial[0] = 0;
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    personality_serial_from_name(&expected, NAME);
    CU_ASSERT_STRING_EQUAL(host->drive.personality.serial, expected.serial);
    drive_host_free(host);
    temp_close(&folder);
}

static void region_change_is_kept_for_the_next_start(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_FALSE(set_region(host, 0xfd).check);
    drive_host_free(host);
    CU_ASSERT_EQUAL(access(temp_file(&folder, "SER1.region"), R_OK), 0);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xfd);
    CU_ASSERT_EQUAL(host->drive.state.region.user_changes, REGION_USER_CHANGES - 1);
    drive_host_free(host);
    temp_close(&folder);
}

static void state_in_memory_leaves_no_file(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    config.state[0] = 0;
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_FALSE(set_region(host, 0xfd).check);
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xfd);
    drive_host_free(host);
    CU_ASSERT_NOT_EQUAL(access(temp_file(&folder, "SER1.region"), F_OK), 0);
    temp_close(&folder);
}

static void quirk_rpc_storage_in_memory_leaves_no_file(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    CU_ASSERT_TRUE(drive_config_set(&config, "rpc_storage", "memory", error));
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_FALSE(set_region(host, 0xfd).check);
    drive_host_free(host);
    CU_ASSERT_NOT_EQUAL(access(temp_file(&folder, "SER1.region"), F_OK), 0);
    temp_close(&folder);
}

static void a_kept_state_comes_before_the_quirks_first_one(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    CU_ASSERT_TRUE(drive_config_set(&config, "rpc_initial", "64FE", error));
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xfe);
    CU_ASSERT_FALSE(set_region(host, 0xfd).check);
    drive_host_free(host);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xfd);
    CU_ASSERT_EQUAL(host->drive.state.region.user_changes, 3);
    drive_host_free(host);
    temp_close(&folder);
}

static void change_that_cannot_be_kept_is_refused(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    strcat(config.state, "/gone");
    config.verbosity = LOG_ERRORS;
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_EQUAL(rmdir(config.state), 0);
    logged[0] = 0;
    CU_ASSERT_TRUE(sense_is(set_region(host, 0xfd), SENSE_INTERNAL_FAILURE));
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xff);
    CU_ASSERT_EQUAL(host->drive.state.region.user_changes, REGION_USER_CHANGES);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "SER1.region: No such file or directory"));
    drive_host_free(host);
    temp_close(&folder);
}

static void damaged_state_file_is_an_error_that_names_it(void)
{
    struct drive_config config;
    struct temp_folder folder;

    configure(&config, &folder);
    temp_write(&folder, "SER1.region", "nonsense = 1\n", 13);
    CU_ASSERT_PTR_NULL(drive_host_new(&config, log_here, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "SER1.region:1: nonsense"));
    temp_close(&folder);
}

static void missing_disc_is_an_error_that_names_it(void)
{
    struct drive_config config;
    struct temp_folder folder;

    configure(&config, &folder);
    strcat(config.disc, ".not");
    CU_ASSERT_PTR_NULL(drive_host_new(&config, log_here, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "a.iso.not"));
    temp_close(&folder);
}

static void the_clock_is_the_monotonic_one_or_what_it_is_moved_to(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;
    struct timespec t;
    uint64_t before_us, us;

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    clock_gettime(CLOCK_MONOTONIC, &t);
    before_us = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
    us = drive_host_now_us(host);
    CU_ASSERT(us >= before_us && us < before_us + 60 * UINT64_C(1000000));
    host->virtual_clock = true;
    CU_ASSERT_TRUE(drive_host_advance(host, 5, error));
    CU_ASSERT_TRUE(drive_host_advance(host, 2, error));
    CU_ASSERT_EQUAL(drive_host_now_us(host), 7);
    drive_host_free(host);
    temp_close(&folder);
}

static void discs_go_in_and_out(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;
    char path[TEMP_PATH_BYTES];

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    snprintf(path, sizeof(path), "%s", temp_write(&folder, "b.iso", NULL, 2 * DISC_BLOCK_BYTES));
    CU_ASSERT_FALSE(drive_host_insert(host, path, error));
    CU_ASSERT_STRING_EQUAL(error, "there is a disc in the drive: eject it first");
    CU_ASSERT_TRUE(drive_host_eject(host, false, error));
    CU_ASSERT_FALSE(drive_host_eject(host, false, error));
    CU_ASSERT_STRING_EQUAL(error, "there is no disc in the drive");
    CU_ASSERT_FALSE(drive_host_insert(host, "/nowhere.iso", error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "/nowhere.iso"));
    CU_ASSERT_FALSE(drive_has_medium(&host->drive));
    CU_ASSERT_TRUE(drive_host_insert(host, path, error));
    CU_ASSERT_EQUAL(host->drive.disc->blocks, 2);
    drive_host_free(host);
    temp_close(&folder);
}

static void prevented_eject_asks_and_force_does_not(void)
{
    const uint8_t ready[12] = {0x00}, prevent[12] = {0x1e, [4] = 1};
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;
    struct drive_nexus *nexus;

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    nexus = drive_nexus_open(&host->drive, 1);
    run(host, nexus, ready, NULL, 0);
    CU_ASSERT_FALSE(run(host, nexus, prevent, NULL, 0).check);
    CU_ASSERT_FALSE(drive_host_eject(host, false, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "prevents"));
    CU_ASSERT_TRUE(drive_has_medium(&host->drive));
    CU_ASSERT_TRUE(drive_host_eject(host, true, error));
    CU_ASSERT_FALSE(drive_has_medium(&host->drive));
    drive_host_free(host);
    temp_close(&folder);
}

static void seed_makes_random_bytes_again_and_says_so(void)
{
    struct drive_config config;
    struct temp_folder folder;
    uint8_t bytes[3][16];

    configure(&config, &folder);
    for (size_t i = 0; i < 3; i++) {
        struct drive_host *host;

        config.seeded = true;
        config.seed = i < 2 ? 42 : 43;
        host = drive_host_new(&config, log_here, error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(host);
        CU_ASSERT_TRUE(host->drive.state.random.seeded);
        drive_random(&host->drive, bytes[i], sizeof(bytes[i]));
        drive_host_free(host);
    }
    CU_ASSERT_EQUAL(memcmp(bytes[0], bytes[1], sizeof(bytes[0])), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(bytes[0], bytes[2], sizeof(bytes[0])), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "reproducible from seed 42"));
    temp_close(&folder);
}

/* Log lines of a start and one command. */
static unsigned lines_at(enum drive_verbosity verbosity)
{
    const uint8_t ready[12] = {0x00};
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    config.disc[0] = 0;
    config.verbosity = (uint8_t)verbosity;
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    run(host, drive_nexus_open(&host->drive, 1), ready, NULL, 0);
    drive_host_free(host);
    temp_close(&folder);
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
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    CU_ASSERT_TRUE(drive_host_snapshot(host, "new", error));
    CU_ASSERT_FALSE(set_region(host, 0xfd).check);
    fault_after(FAULT_FOPEN, 0, ENOSPC);
    CU_ASSERT_FALSE(drive_host_restore(host, "new", error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(error, "the region state of 'new' cannot be kept: see the daemon's log");
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "SER1.region: No space left on device"));
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xfd);
    CU_ASSERT_TRUE(drive_host_restore(host, "new", error));
    CU_ASSERT_EQUAL(host->drive.state.region.mask, 0xff);
    drive_host_free(host);
    temp_close(&folder);
}

/* That nothing is lost on the way the sanitizers tell. */
static void a_name_has_one_state(void)
{
    struct drive_config config;
    struct temp_folder folder;
    struct drive_host *host;
    unsigned refused = 0;

    configure(&config, &folder);
    host = drive_host_new(&config, log_here, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    for (fault_after(FAULT_MEMORY, 0, ENOMEM); !drive_host_snapshot(host, "one", error);
         fault_after(FAULT_MEMORY, refused, ENOMEM)) {
        CU_ASSERT_STRING_EQUAL(error, "no memory for a state");
        CU_ASSERT_PTR_NULL(host->snapshots);
        refused++;
    }
    CU_ASSERT_FALSE(fault_came());
    CU_ASSERT(refused >= 3); /* the state, its place, its name */
    CU_ASSERT_TRUE(drive_host_snapshot(host, "one", error));
    CU_ASSERT_PTR_NOT_NULL_FATAL(host->snapshots);
    CU_ASSERT_PTR_NULL(host->snapshots->next);
    CU_ASSERT_TRUE(drive_host_restore(host, "one", error));
    drive_host_free(host);
    temp_close(&folder);
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
