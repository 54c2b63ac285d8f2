/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu drives: the drives that come with the program, and how --drive finds one. */
#include "cli.h"
#include "cli_drive_files.h"
#include "error_line.h"

#include <glob.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER        "drives"
#define SUFFIX        ".conf"
#define NAME_WIDTH    18
#define ABOUT_BYTES   256
#define DRIVE_NAME_OK "abcdefghijklmnopqrstuvwxyz0123456789-"

/* ---- by name ---- */

static bool is_name(const char *text)
{
    return *text && text[strspn(text, DRIVE_NAME_OK)] == 0 && access(text, F_OK) != 0;
}

bool cli_drive_read(struct drive_config_list *list, const char *name_or_path, char *error)
{
    char name[sizeof(FOLDER) + sizeof(SUFFIX) + DRIVE_NAME_BYTES], *path;
    bool good;

    if (!is_name(name_or_path)) {
        return drive_config_read(list, name_or_path, error);
    }
    *list = (struct drive_config_list){0};
    snprintf(name, sizeof(name), FOLDER "/%.*s" SUFFIX, DRIVE_NAME_BYTES, name_or_path);
    path = cli_own_file(name);
    if (!path) {
        return error_line(error, "%s: no such file, and no drive of that name (dvdemu drives)",
                          name_or_path);
    }
    good = drive_config_read(list, path, error);
    free(path);
    return good;
}

/* ---- the list ---- */

enum { JSON };

static const struct cli_option drives_rows[] = {
    [JSON] = {"json", NULL, "for programs", 0},
    {NULL, NULL, NULL, 0},
};

/* The first line of a drive file is a comment that says which drive it is. */
static void read_about(const char *path, char about[static ABOUT_BYTES])
{
    FILE *file = fopen(path, "re");

    if (!file || !fgets(about, ABOUT_BYTES, file)) {
        about[0] = 0;
    }
    if (file) {
        fclose(file);
    }
    about[strcspn(about, "\n")] = 0;
    memmove(about, about + strspn(about, "# "), strlen(about + strspn(about, "# ")) + 1);
}

static void print_drive(const char *path, struct json_object *all)
{
    const char *base = strrchr(path, '/') + 1;
    const int name_bytes = (int)(strlen(base) - strlen(SUFFIX));
    char about[ABOUT_BYTES];
    struct json_object *o;

    read_about(path, about);
    if (!all) {
        printf("%-*.*s %s\n", NAME_WIDTH, name_bytes, base, about);
        return;
    }
    o = json_object_new_object();
    json_object_object_add(o, "name", json_object_new_string_len(base, name_bytes));
    json_object_object_add(o, "about", json_object_new_string(about));
    json_object_object_add(o, "file", json_object_new_string(path));
    json_object_array_add(all, o);
}

static bool list_drives(const char *one, struct json_object *all)
{
    char pattern[PATH_MAX];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%.*s*" SUFFIX, (int)(strrchr(one, '/') + 1 - one), one);
    if (glob(pattern, 0, NULL, &found) != 0) {
        return false;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        print_drive(found.gl_pathv[i], all);
    }
    globfree(&found);
    return true;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    struct json_object *all = NULL;
    int row, result = CLI_OK;
    char *one;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        all = all ? all : json_object_new_array();
    }
    if (args.first_operand < argc) {
        json_object_put(all);
        return cli_usage_error(self, "what is '%s'?", argv[args.first_operand]);
    }
    one = cli_own_file(FOLDER "/default" SUFFIX);
    if (!one || !list_drives(one, all)) {
        result = cli_failure(self, "the drive files are neither beside the program nor installed");
    } else if (all) {
        puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
    }
    json_object_put(all);
    free(one);
    return result;
}

const struct cli_command cli_drives = {
    "drives", "[OPTION...]", "lists the drives that --drive knows by name", drives_rows, run};
