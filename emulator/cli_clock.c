/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu clock: the clock of a running drive, looked at or moved. */
#include "cli_control.h"

#include <stdio.h>

#define ADVANCE_MS_MAX 0x7fffffff

enum { OPTION_ADVANCE = CONTROL_CHOICE_ROWS };

static const struct cli_option options[] = {
    CONTROL_CHOICE_OPTIONS,
    {"advance", "MS", "let so many milliseconds pass on a virtual clock", 'a'},
    {NULL, NULL, NULL, 0},
};

static const char *text(struct json_object *object, const char *key)
{
    return json_object_get_string(json_object_object_get(object, key));
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct control_choice choice = {0};
    struct json_object *request, *reply;
    unsigned long long ms = 0;
    const char *advance = NULL;
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        if (row == OPTION_ADVANCE) {
            advance = args.value;
        } else {
            control_choose(&choice, row, args.value);
        }
    }
    if (args.first_operand != argc) {
        return cli_usage_error(self, "'%s' is too much", argv[args.first_operand]);
    }
    if (advance && !cli_number(advance, 0, ADVANCE_MS_MAX, &ms)) {
        return cli_usage_error(self, "advance: '%s' is not a number of milliseconds", advance);
    }
    request = control_request("clock", &choice);
    if (advance) {
        json_object_object_add(request, "advance_ms", json_object_new_int64((int64_t)ms));
    }
    reply = control_ask_once(self, &choice, request);
    if (reply) {
        printf("%s us on the %s clock\n", text(reply, "now_us"), text(reply, "clock"));
    }
    json_object_put(reply);
    return reply ? CLI_OK : CLI_FAILED;
}

const struct cli_command cli_clock = {"clock", "[OPTION...]",
                                      "shows or moves the clock of a running drive", options, run};
