/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_control.h
 * The asking side of the control protocol (control.h), waiting with a deadline.
 */
#ifndef DVDEMU_CLI_CONTROL_H
#define DVDEMU_CLI_CONTROL_H

#include "cli.h"
#include "ini_file.h"

#include <json-c/json.h>

/** Which daemon and which drive; texts as the user gave them, NULL: not given. */
struct control_choice {
    const char *socket, *pid, *drive;
};

/** Rows for the options of that choice, to stand first in a command's table. */
#define CONTROL_CHOICE_OPTIONS                                                                     \
    {"socket", "PATH", "control socket of the daemon", 0},                                         \
        {"pid", "N", "the `dvdemu serve` of this process number", 0},                              \
    {                                                                                              \
        "drive", "WHICH", "number from 1, or name, of the drive", 0                                \
    }
#define CONTROL_CHOICE_ROWS 3

/** Take the option of row 0..CONTROL_CHOICE_ROWS-1. */
void control_choose(struct control_choice *choice, int row, const char *value);

/** A request: {"dvdemu":1,"op":OP} and the drive, if one was chosen. */
struct json_object *control_request(const char *op, const struct control_choice *choice);

/**
 * Connect. Without a socket or process number the only running `dvdemu serve` of this user is
 * meant. Returns a descriptor, -1: `error` (room for INI_ERROR_BYTES) says why.
 */
int control_connect(const struct control_choice *choice, char *error);

/**
 * Send a request, which is given back, and wait for the reply. NULL: `error` says why - the
 * daemon's own words if it refused. The caller puts the reply.
 */
struct json_object *control_ask(int fd, struct json_object *request, int timeout_ms, char *error);

/** Connect, ask, disconnect; prints a failure for `command` and returns NULL then. */
struct json_object *control_ask_once(const struct cli_command *command,
                                     const struct control_choice *choice,
                                     struct json_object *request);

#endif
