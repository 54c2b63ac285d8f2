/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu insert: put a disc into a running drive. */
#include "cli_control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_option options[] = {
    CONTROL_CHOICE_OPTIONS,
    {NULL, NULL, NULL, 0},
};

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct control_choice choice = {0};
    struct json_object *request, *reply;
    char *path;
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        control_choose(&choice, row, args.value);
    }
    if (argc - args.first_operand != 1) {
        return cli_usage_error(self, "which DISC goes in?");
    }
    path = realpath(argv[args.first_operand], NULL);
    if (!path) {
        return cli_failure(self, "%s: %s", argv[args.first_operand], strerror(errno));
    }
    request = control_request("insert", &choice);
    json_object_object_add(request, "disc", json_object_new_string(path));
    free(path);
    reply = control_ask_once(self, &choice, request);
    json_object_put(reply);
    return reply ? CLI_OK : CLI_FAILED;
}

const struct cli_command cli_insert = {"insert", "[OPTION...] DISC",
                                       "puts a disc into a running drive", options, run};
