/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu eject: take the disc out of a running drive, as its button or its pin does. */
#include "cli_control.h"

enum { OPTION_FORCE = CONTROL_CHOICE_ROWS };

static const struct cli_option options[] = {
    CONTROL_CHOICE_OPTIONS,
    {"force", NULL, "also when a host prevents the removal", 'f'},
    {NULL, NULL, NULL, 0},
};

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct control_choice choice = {0};
    struct json_object *request, *reply;
    bool force = false;
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        if (row == OPTION_FORCE) {
            force = true;
        } else {
            control_choose(&choice, row, args.value);
        }
    }
    if (args.first_operand != argc) {
        return cli_usage_error(self, "'%s' is too much", argv[args.first_operand]);
    }
    request = control_request("eject", &choice);
    json_object_object_add(request, "force", json_object_new_boolean(force));
    reply = control_ask_once(self, &choice, request);
    json_object_put(reply);
    return reply ? CLI_OK : CLI_FAILED;
}

const struct cli_command cli_eject = {"eject", "[OPTION...]",
                                      "takes the disc out of a running drive", options, run};
