/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_host.h"

#include "css_choice.h"
#include "disc_file.h"
#include "error_line.h"
#include "region_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define US_PER_S  1000000u
#define NS_PER_US 1000u

static void service_random(void *ctx, uint8_t *out, size_t bytes)
{
    struct random_source kernel = random_kernel();

    (void)ctx;
    random_bytes(&kernel, out, bytes);
}

uint64_t drive_host_now_us(const struct drive_host *host)
{
    struct timespec t;

    if (host->virtual_clock) {
        return host->virtual_us;
    }
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / NS_PER_US;
}

static uint64_t service_now_us(void *ctx)
{
    return drive_host_now_us(ctx);
}

static void service_log(void *ctx, enum drive_log_level level, const char *text)
{
    static const enum drive_verbosity wanted[] = {
        [DRIVE_LOG_ERROR] = LOG_ERRORS,
        [DRIVE_LOG_INFO] = LOG_INFO,
        [DRIVE_LOG_COMMAND] = LOG_COMMANDS,
    };
    struct drive_host *host = ctx;

    if (host->log.line && host->verbosity >= wanted[level]) {
        host->log.line(host->log.ctx, host->name, text);
    }
}

static bool service_store_region(void *ctx, const struct region_state *state)
{
    struct drive_host *host = ctx;
    char error[INI_ERROR_BYTES];

    if (!host->state_folder ||
        region_store_save(host->state_folder, host->drive.personality.serial, state, error)) {
        return true;
    }
    service_log(host, DRIVE_LOG_ERROR, error);
    return false;
}

static bool keeps_region(const struct drive_config *config)
{
    return *config->state && config->personality.quirks.rpc_storage == RPC_IN_FILE;
}

static bool load_region(const struct drive_config *config, const char *serial,
                        struct region_state *region, char *error)
{
    *region = config->personality.quirks.rpc_initial;
    return !keeps_region(config) || (region_store_make_folder(config->state, error) &&
                                     region_store_load(config->state, serial, region, error));
}

static bool power_on(struct drive_host *host, const struct drive_config *config, char *error)
{
    const struct drive_services services = {
        .ctx = host,
        .random = service_random,
        .now_us = service_now_us,
        .log = service_log,
        .log_commands = config->verbosity == LOG_COMMANDS,
        .store_region = service_store_region,
    };
    struct personality personality = config->personality;
    struct region_state region;

    if (!css_choose(error)) {
        return false;
    }
    if (!*personality.serial) {
        personality_serial_from_name(&personality, config->name);
    }
    if (!load_region(config, personality.serial, &region, error)) {
        return false;
    }
    if (config->seeded) {
        personality.quirks.rng_seed = (struct quirk_seed){.given = true, .number = config->seed};
    }
    host->verbosity = (enum drive_verbosity)config->verbosity;
    host->virtual_clock = config->virtual_clock;
    drive_init(&host->drive, &personality, &services, &region);
    return true;
}

static void log_start(struct drive_host *host)
{
    const char *serial = host->drive.personality.serial;
    const char *kernel = css_choose_or_portable()->name;
    char text[INI_ERROR_BYTES];

    if (host->drive.state.random.seeded) {
        error_line(text,
                   "serial %s, scrambling kernel %s, challenges reproducible from seed %" PRIu64,
                   serial, kernel, host->drive.state.random.seed);
    } else {
        error_line(text, "serial %s, scrambling kernel %s, challenges from the kernel", serial,
                   kernel);
    }
    service_log(host, DRIVE_LOG_INFO, text);
}

struct drive_host *drive_host_new(const struct drive_config *config, struct drive_log log,
                                  char *error)
{
    struct drive_host *host = calloc(1, sizeof(*host));

    if (!host) {
        error_line(error, "no memory for a drive");
        return NULL;
    }
    host->log = log;
    host->name = strdup(config->name);
    host->state_folder = keeps_region(config) ? strdup(config->state) : NULL;
    if (!host->name || (keeps_region(config) && !host->state_folder)) {
        error_line(error, "no memory for a drive");
    } else if (power_on(host, config, error)) {
        if (!*config->disc || drive_host_insert(host, config->disc, error)) {
            log_start(host);
            return host;
        }
        drive_fini(&host->drive);
    }
    free(host->name);
    free(host->state_folder);
    free(host);
    return NULL;
}

bool drive_host_advance(struct drive_host *host, uint64_t us, char *error)
{
    if (!host->virtual_clock) {
        return error_line(error, "the drive's clock is a real one: clock = virtual in its file "
                                 "makes it one that can be moved");
    }
    host->virtual_us += us;
    drive_tick(&host->drive);
    return true;
}

/* ---- states by name ---- */

static struct host_snapshot **find_snapshot(struct drive_host *host, const char *name)
{
    struct host_snapshot **at = &host->snapshots;

    while (*at && strcmp((*at)->name, name) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static bool no_snapshot(char *error, const char *name)
{
    return error_line(error, "name: no state '%s' is kept", name);
}

bool drive_host_snapshot(struct drive_host *host, const char *name, char *error)
{
    struct drive_snapshot *taken = drive_snapshot_take(&host->drive);
    struct host_snapshot **at = find_snapshot(host, name);

    if (taken && !*at) {
        *at = calloc(1, sizeof(**at));
        if (*at && !((*at)->name = strdup(name))) {
            free(*at);
            *at = NULL;
        }
    }
    if (!taken || !*at) {
        drive_snapshot_free(taken);
        return error_line(error, "no memory for a state");
    }
    drive_snapshot_free((*at)->snapshot);
    (*at)->snapshot = taken;
    return true;
}

bool drive_host_restore(struct drive_host *host, const char *name, char *error)
{
    const struct host_snapshot *s = *find_snapshot(host, name);

    if (!s) {
        return no_snapshot(error, name);
    }
    return drive_snapshot_restore(&host->drive, s->snapshot) ||
           error_line(error, "the region state of '%s' cannot be kept: see the daemon's log", name);
}

bool drive_host_forget(struct drive_host *host, const char *name, char *error)
{
    struct host_snapshot **at = find_snapshot(host, name), *s = *at;

    if (!s) {
        return no_snapshot(error, name);
    }
    *at = s->next;
    drive_snapshot_free(s->snapshot);
    free(s->name);
    free(s);
    return true;
}

void drive_host_free(struct drive_host *host)
{
    char ignored[INI_ERROR_BYTES];

    if (host) {
        while (host->snapshots) {
            drive_host_forget(host, host->snapshots->name, ignored);
        }
        drive_fini(&host->drive);
        free(host->name);
        free(host->state_folder);
        free(host);
    }
}

bool drive_host_insert(struct drive_host *host, const char *path, char *error)
{
    struct disc *disc;

    if (drive_is_loaded(&host->drive)) {
        return error_line(error, "there is a disc in the drive: eject it first");
    }
    disc = disc_load(path, error);
    if (disc) {
        drive_insert(&host->drive, disc);
    }
    return disc != NULL;
}

bool drive_host_eject(struct drive_host *host, bool force, char *error)
{
    switch (drive_eject(&host->drive, force)) {
    case DRIVE_EJECTED:
        return true;
    case DRIVE_EJECT_EMPTY:
        return error_line(error, "there is no disc in the drive");
    default:
        return error_line(error, "a host prevents the removal; it has been asked to release the "
                                 "disc, --force takes it without asking");
    }
}
