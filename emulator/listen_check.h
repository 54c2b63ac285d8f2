/* SPDX-License-Identifier: GPL-2.0-only */
/** \file listen_check.h \brief Where this process listens. */
#ifndef DVDEMU_LISTEN_CHECK_H
#define DVDEMU_LISTEN_CHECK_H

#include <stdbool.h>

/**
 * Whether this process listens for TCP connections at host:port and nowhere else. `host` is a
 * numeric address. False: `error` (room for INI_ERROR_BYTES) says what was found.
 */
bool listens_only_at(const char *host, unsigned port, char *error);

#endif
