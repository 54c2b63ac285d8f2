/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_link_options.h
 * The options of every command that logs in to a drive.
 */
#ifndef DVDEMU_CLI_LINK_OPTIONS_H
#define DVDEMU_CLI_LINK_OPTIONS_H

#include "cli.h"
#include "cli_probe_link.h"

#define LINK_TIMEOUT_MS 10000 /**< unless told */

/* clang-format off */
/** Rows of a table of struct cli_option; `index` is the first of LINK_OPTION_ROWS indices. */
#define LINK_OPTION_ROWS 3
#define LINK_OPTIONS(index, initiator_name)                                                         \
    [index] = {"chap", "USER:FILE", "CHAP user and the file whose first line is the password", 0}, \
    [(index) + 1] = {"initiator", "IQN", "name of this initiator (" initiator_name ")", 0},        \
    [(index) + 2] = {"timeout", "SECONDS", "to connect, and for each command (10)", 0}
/* clang-format on */

/**
 * Take one of these options; `row` counts from 0 to LINK_OPTION_ROWS - 1. `link` keeps `value` for
 * the initiator's name. CLI_OK, or the exit code: it has been said what is wrong.
 */
int link_take_option(const struct cli_command *self, int row, const char *value,
                     struct link_options *link);

/** What link_new() returning NULL is told as; the URL may hold a password and is not repeated. */
int link_bad_url(const struct cli_command *self);

#endif
