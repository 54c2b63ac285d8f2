/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu region: the region state of a running drive, looked at or made what a test needs. */
#include "cli_control.h"

#include <stdio.h>

enum { OPTION_SET = CONTROL_CHOICE_ROWS, OPTION_VENDOR_RESET };

static const struct cli_option options[] = {
    CONTROL_CHOICE_OPTIONS,
    {"set", "RRMM", "bytes 4 and 5 of the RPC reply that is wanted, such as 64FE", 0},
    {"vendor-reset", NULL, "no region, five changes, one vendor reset less", 0},
    {NULL, NULL, NULL, 0},
};

static const char *text(struct json_object *object, const char *key)
{
    return json_object_get_string(json_object_object_get(object, key));
}

static void print_region(struct json_object *region)
{
    const char *kept_in = text(region, "kept_in");

    printf("reply %s: %s, mask %s, %s changes and %s vendor resets left, kept in %s\n",
           text(region, "reply"), text(region, "type"), text(region, "mask"),
           text(region, "user_changes"), text(region, "vendor_resets"),
           kept_in ? kept_in : "memory");
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct control_choice choice = {0};
    struct json_object *request, *reply;
    const char *set = NULL;
    bool reset = false;
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        if (row == OPTION_SET) {
            set = args.value;
        } else if (row == OPTION_VENDOR_RESET) {
            reset = true;
        } else {
            control_choose(&choice, row, args.value);
        }
    }
    if (args.first_operand != argc) {
        return cli_usage_error(self, "'%s' is too much", argv[args.first_operand]);
    }
    if (set && reset) {
        return cli_usage_error(self, "either --set or --vendor-reset");
    }
    request = control_request("region", &choice);
    if (set) {
        json_object_object_add(request, "set", json_object_new_string(set));
    }
    json_object_object_add(request, "vendor_reset", json_object_new_boolean(reset));
    reply = control_ask_once(self, &choice, request);
    if (reply) {
        print_region(json_object_object_get(reply, "region"));
    }
    json_object_put(reply);
    return reply ? CLI_OK : CLI_FAILED;
}

const struct cli_command cli_region = {
    "region", "[OPTION...]", "shows or sets the region state of a running drive", options, run};
