/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu status: what the drives of a running daemon are doing. */
#include "cli_control.h"

#include <stdio.h>

enum { OPTION_JSON = CONTROL_CHOICE_ROWS };

static const struct cli_option options[] = {
    CONTROL_CHOICE_OPTIONS,
    {"json", NULL, "the daemon's reply as it is, one line", 'j'},
    {NULL, NULL, NULL, 0},
};

static struct json_object *member(struct json_object *object, const char *key)
{
    return object ? json_object_object_get(object, key) : NULL;
}

static const char *text(struct json_object *object, const char *key)
{
    struct json_object *value = member(object, key);

    return value ? json_object_get_string(value) : "none";
}

static void print_disc(struct json_object *disc)
{
    if (!disc) {
        printf("   disc     none\n");
        return;
    }
    printf("   disc     %s, %s blocks, protection %s, scrambling kernel %s\n",
           text(disc, member(disc, "description") ? "description" : "image"), text(disc, "blocks"),
           text(disc, "protection"), text(disc, "scrambling_kernel"));
}

static void print_drive(struct json_object *drive)
{
    struct json_object *region = member(drive, "region"), *counters = member(drive, "counters");

    printf("%s  %s\n", text(drive, "number"), text(drive, "name"));
    printf("   drive    %s %s %s, serial %s\n", text(drive, "vendor"), text(drive, "product"),
           text(drive, "revision"), text(drive, "serial"));
    print_disc(member(drive, "disc"));
    printf("   tray     %s%s\n", text(drive, "tray"),
           json_object_get_boolean(member(drive, "prevented")) ? ", removal prevented" : "");
    printf("   region   %s, mask %s, %s user changes and %s vendor resets left, kept in %s\n",
           text(region, "type"), text(region, "mask"), text(region, "user_changes"),
           text(region, "vendor_resets"),
           member(region, "kept_in") ? text(region, "kept_in") : "memory");
    printf("   random   %s %s\n", text(drive, "random"),
           member(drive, "seed") ? text(drive, "seed") : "");
    printf("   hosts    %s, %s commands, %s refused, %s keys given\n", text(drive, "initiators"),
           text(counters, "commands"), text(counters, "refusals"), text(counters, "keys"));
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct control_choice choice = {0};
    struct json_object *reply, *drives;
    bool json = false;
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        if (row == OPTION_JSON) {
            json = true;
        } else {
            control_choose(&choice, row, args.value);
        }
    }
    if (args.first_operand != argc) {
        return cli_usage_error(self, "'%s' is too much", argv[args.first_operand]);
    }
    reply = control_ask_once(self, &choice, control_request("status", &choice));
    if (!reply) {
        return CLI_FAILED;
    }
    drives = member(reply, "drives");
    if (json) {
        puts(json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN |
                                                       JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    for (size_t i = 0; !json && i < json_object_array_length(drives); i++) {
        print_drive(json_object_array_get_idx(drives, i));
    }
    json_object_put(reply);
    return CLI_OK;
}

const struct cli_command cli_status = {"status", "[OPTION...]",
                                       "shows the drives of a running daemon", options, run};
