/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file drive_host.h
 * A drive and what it needs around it: random source, clock, region state on disk, log, discs from
 * files. It knows nothing of tgtd.
 */
#ifndef DVDEMU_DRIVE_HOST_H
#define DVDEMU_DRIVE_HOST_H

#include "drive.h"
#include "drive_config.h"
#include "drive_snapshot.h"

/** Where a host's lines go: one line without newline, without the drive's name. */
struct drive_log {
    void (*line)(void *ctx, const char *name, const char *text); /**< NULL: nowhere */
    void *ctx;
};

/** A state that somebody wants to come back to. */
struct host_snapshot {
    struct host_snapshot *next;
    char *name;
    struct drive_snapshot *snapshot;
};

struct drive_host {
    struct drive drive;
    struct host_snapshot *snapshots; /**< owned; in the order of their names' first use */
    struct drive_log log;
    enum drive_verbosity verbosity;
    char *name;         /**< owned */
    char *state_folder; /**< owned; NULL: the region state lives in memory */
    bool virtual_clock;
    uint64_t virtual_us; /**< what a virtual clock says */
};

/**
 * Power on a drive as configured, with its disc in. Without a serial number in the configuration
 * the drive gets one made from its name. NULL: `error` (room for INI_ERROR_BYTES) says why - a
 * damaged state file, a bad disc. The caller frees it with drive_host_free().
 */
struct drive_host *drive_host_new(const struct drive_config *config, struct drive_log log,
                                  char *error);

void drive_host_free(struct drive_host *host);

/** Load a disc from a file and insert it. False: unchanged, `error` says why. */
bool drive_host_insert(struct drive_host *host, const char *path, char *error);

/** What the drive's clock says, real or virtual. */
uint64_t drive_host_now_us(const struct drive_host *host);

/** Let time pass on a virtual clock. False: the clock is a real one, `error` says so. */
bool drive_host_advance(struct drive_host *host, uint64_t us, char *error);

/** Keep the state under a name; a name that is used gets the new one. False: `error` says why. */
bool drive_host_snapshot(struct drive_host *host, const char *name, char *error);

/** Put the state of that name back. False: `error` says why, and nothing has changed. */
bool drive_host_restore(struct drive_host *host, const char *name, char *error);

/** Forget the state of that name. False: there is none, `error` says so. */
bool drive_host_forget(struct drive_host *host, const char *name, char *error);

/** The operator's eject. False: `error` says why; after a prevented one the host is asked. */
bool drive_host_eject(struct drive_host *host, bool force, char *error);

#endif
