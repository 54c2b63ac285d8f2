/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu: finds the command's row and runs it. */
#include "cli.h"

#include "css_choice.h"
#include "ini_file.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

const struct cli_command *const cli_commands[] = {
    &cli_serve,  &cli_mint,   &cli_describe, &cli_probe,  &cli_check,
    &cli_status, &cli_insert, &cli_eject,    &cli_region, &cli_clock,
    &cli_state,  &cli_drives, &cli_quirks,   &cli_help,   NULL,
};

static void print_commands(FILE *to)
{
    fprintf(to, "dvdemu %s: a software DVD-ROM drive\n\nusage: dvdemu COMMAND [OPTION...]\n\n",
            DVDEMU_VERSION);
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        fprintf(to, "  %-10s %s\n", (*c)->name, (*c)->summary);
    }
    fprintf(to, "\n`dvdemu COMMAND --help` explains one of them\n");
}

static int run_help(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);

    if (cli_next(&args) != CLI_END) {
        return CLI_USAGE;
    }
    print_commands(stdout);
    return CLI_OK;
}

const struct cli_command cli_help = {"help", "", "lists the commands", NULL, run_help};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    char error[INI_ERROR_BYTES];

    if (strcmp(name, "--version") == 0) {
        printf("dvdemu %s\n", DVDEMU_VERSION);
        return CLI_OK;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_commands(stdout);
        return CLI_OK;
    }
    if (!css_choose(error)) {
        fprintf(stderr, "dvdemu: %s\n", error);
        return CLI_USAGE;
    }
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        if (strcmp(name, (*c)->name) == 0) {
            return (*c)->run(*c, argc - 1, argv + 1);
        }
    }
    if (*name) {
        fprintf(stderr, "dvdemu: no command '%s'\n\n", name);
    }
    print_commands(stderr);
    return CLI_USAGE;
}
