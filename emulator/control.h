/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file control.h
 * The control protocol of a running daemon: one JSON object a line, a reply for each request, in
 * order.
 *
 *   {"dvdemu":1,"op":"insert","drive":1,"disc":"/srv/film.disc"}
 *   {"dvdemu":1,"ok":true}
 *   {"dvdemu":1,"ok":false,"error":"/srv/film.disc:7: layer0_blocks: ..."}
 *
 * Operations: status, insert, eject, region, clock, hash, snapshot, restore, forget for everybody;
 * hello and attach for the owner, the process that started the daemon. The table is in control.c.
 * It knows no socket and no tgtd.
 */
#ifndef DVDEMU_CONTROL_H
#define DVDEMU_CONTROL_H

#include "drive_host.h"

#define CONTROL_VERSION        1
#define CONTROL_LINE_BYTES_MAX 65536 /**< of a request, with its newline */

/** A drive to be made, with the target that shows it. */
struct control_attach {
    const struct drive_config *config;     /**< its name is the target's */
    const char *chap_user, *chap_password; /**< NULL: no authentication */
    const char *const *initiators; /**< addresses with or without /bits, or names; none: all */
    size_t initiator_count;
};

/** What the daemon does for the protocol. `error` always has room for INI_ERROR_BYTES. */
struct control_services {
    void *ctx;
    /** Whether this daemon is one that drives can live in and listens on host:port, only there. */
    bool (*hello)(void *ctx, const char *host, unsigned port, char *error);
    bool (*attach)(void *ctx, const struct control_attach *what, char *error);
    /** The drive at `index` from 0, with its view of nexuses up to date; NULL: past the last. */
    struct drive_host *(*drive)(void *ctx, size_t index);
    /** The virtual clock of a drive was moved: answers may be due. NULL: nothing waits for it. */
    void (*clock_moved)(void *ctx, struct drive_host *host);
};

/**
 * Answer one request. `line` is `bytes` bytes long, with or without newline; it need not end in a
 * zero byte. Returns a malloc()ed line with its newline; NULL: no memory.
 */
char *control_answer(const struct control_services *services, bool owner, const char *line,
                     size_t bytes);

#endif
