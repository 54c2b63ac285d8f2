/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu quirks: the table of where drives differ, and how one drive does. */
#include "cli.h"
#include "cli_drive_files.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

enum { DRIVE, JSON };

static const struct cli_option quirks_rows[] = {
    [DRIVE] = {"drive", "NAME|FILE", "the values of this drive instead of the defaults", 'D'},
    [JSON] = {"json", NULL, "for programs", 0},
    {NULL, NULL, NULL, 0},
};

static void add_text(struct json_object *to, const char *name, const char *text)
{
    json_object_object_add(to, name, json_object_new_string(text));
}

static struct json_object *json_row(const struct quirk_row *row, const char *value)
{
    struct json_object *o = json_object_new_object(), *values = json_object_new_array();

    for (size_t i = 0; row->values[i]; i++) {
        json_object_array_add(values, json_object_new_string(row->values[i]));
    }
    add_text(o, "key", row->name);
    add_text(o, "value", value);
    add_text(o, "default", row->initial);
    json_object_object_add(o, "values", values);
    add_text(o, "help", row->help);
    add_text(o, "changes", row->changes);
    add_text(o, "source", row->source);
    return o;
}

static void print_row(const struct quirk_row *row, const char *value)
{
    const bool differs = strcmp(value, row->initial) != 0;

    printf("%s = %s%s\n    ", row->name, value, differs ? "" : " (default)");
    for (size_t i = 0; row->values[i]; i++) {
        printf("%s%s", i ? " | " : "", row->values[i]);
    }
    if (differs) {
        printf("; default %s", row->initial);
    }
    printf("\n    %s\n    seen at: %s; mmc-spec %s\n", row->help, row->changes, row->source);
}

static void print_quirks(const struct quirks *quirks, bool json)
{
    struct json_object *all = json_object_new_array();
    char value[QUIRK_TEXT_BYTES];

    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        quirk_value(quirks, row, value);
        if (json) {
            json_object_array_add(all, json_row(row, value));
        } else {
            print_row(row, value);
        }
    }
    if (json) {
        puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
    }
    json_object_put(all);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct drive_config_list list = {NULL, 0, false};
    char error[INI_ERROR_BYTES];
    const char *drive = NULL;
    struct quirks quirks;
    bool json = false;
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        json |= row == JSON;
        drive = row == DRIVE ? args.value : drive;
    }
    if (args.first_operand < argc) {
        return cli_usage_error(self, "what is '%s'?", argv[args.first_operand]);
    }
    quirks_init(&quirks);
    if (drive) {
        if (!cli_drive_read(&list, drive, error)) {
            return cli_failure(self, "%s", error);
        }
        quirks = list.rows[0].personality.quirks;
        drive_config_list_free(&list);
    }
    print_quirks(&quirks, json);
    return CLI_OK;
}

const struct cli_command cli_quirks = {
    "quirks", "[OPTION...]", "lists where drives differ, or how one does", quirks_rows, run};
