/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu state: the state of a running drive by its hash, kept under a name, put back. */
#include "cli_control.h"

#include <stdio.h>
#include <string.h>

static const struct cli_option options[] = {
    CONTROL_CHOICE_OPTIONS,
    {NULL, NULL, NULL, 0},
};

/* What comes behind the options: nothing, or one of these and a name. */
static const char *const verbs[] = {"snapshot", "restore", "forget"};

static bool is_verb(const char *word)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(word, verbs[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *text(struct json_object *object, const char *key)
{
    return json_object_get_string(json_object_object_get(object, key));
}

static void print_state(struct json_object *reply)
{
    struct json_object *kept = json_object_object_get(reply, "kept");

    printf("%s\n", text(reply, "hash"));
    for (size_t i = 0; i < json_object_array_length(kept); i++) {
        struct json_object *row = json_object_array_get_idx(kept, i);

        printf("%s %s\n", text(row, "hash"), text(row, "name"));
    }
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct control_choice choice = {0};
    struct json_object *request, *reply;
    char **words;
    int row, count;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        control_choose(&choice, row, args.value);
    }
    words = argv + args.first_operand;
    count = argc - args.first_operand;
    if (count != 0 && (count != 2 || !is_verb(words[0]))) {
        return cli_usage_error(self, "nothing, or snapshot, restore or forget and a NAME");
    }
    request = control_request(count ? words[0] : "hash", &choice);
    if (count) {
        json_object_object_add(request, "name", json_object_new_string(words[1]));
    }
    reply = control_ask_once(self, &choice, request);
    if (reply) {
        print_state(reply);
    }
    json_object_put(reply);
    return reply ? CLI_OK : CLI_FAILED;
}

const struct cli_command cli_state = {"state", "[OPTION...] [snapshot|restore|forget NAME]",
                                      "tells, keeps and puts back the state of a running drive",
                                      options, run};
