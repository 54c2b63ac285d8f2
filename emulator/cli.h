/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli.h
 * The command line of `dvdemu`: one row per command, one row per option. Help, the parser, the
 * man page check and the tests read the same rows.
 */
#ifndef DVDEMU_CLI_H
#define DVDEMU_CLI_H

/** Exit codes of every command. */
enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_SKIPPED = 77 };

struct cli_option {
    const char *name;     /**< long name without dashes; NULL ends the rows */
    const char *argument; /**< placeholder; NULL: a flag */
    const char *help;
    char letter; /**< short name, 0: none */
};

struct cli_command {
    const char *name, *arguments, *summary;
    const struct cli_option *options; /**< without --help, which every command has */
    int (*run)(const struct cli_command *self, int argc, char **argv);
};

/** All commands, ended by a row without name. */
extern const struct cli_command *const cli_commands[];

extern const struct cli_command cli_serve, cli_mint, cli_describe, cli_probe, cli_status,
    cli_insert, cli_eject, cli_region, cli_clock, cli_state, cli_drives, cli_quirks, cli_check,
    cli_help;

/** State of one pass over a command line. */
struct cli_args {
    const struct cli_command *command;
    int argc;
    char **argv;
    const char *value; /**< argument of the option that cli_next() found */
    int first_operand; /**< valid once cli_next() has returned CLI_END */
};

#define CLI_END (-1)
#define CLI_BAD (-2)

/** argv[0] is the command's name. */
struct cli_args cli_begin(const struct cli_command *command, int argc, char **argv);

/**
 * Next option: index of its row, CLI_END after the last, CLI_BAD after an unknown option or a
 * missing argument (a message has been printed; exit with CLI_USAGE). `--help` prints the help
 * and ends the process with CLI_OK.
 */
int cli_next(struct cli_args *args);

/** Print "dvdemu NAME: message" and how to get help on stderr; returns CLI_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage_error(const struct cli_command *command,
                                                          const char *format, ...);

/** Print "dvdemu NAME: message" on stderr; returns CLI_FAILED. */
__attribute__((format(printf, 2, 3))) int cli_failure(const struct cli_command *command,
                                                      const char *format, ...);

/** A whole decimal or 0x number within limits; false: not one, nothing stored. */
_Bool cli_number(const char *text, unsigned long long min, unsigned long long max,
                 unsigned long long *out);

/**
 * Path of a file that belongs to the program: beside the executable in a build folder, or under
 * the installation's prefix. `name` is "dvd.so" or "demo/demo.disc". Returns malloc()ed memory,
 * NULL when the file is in neither place.
 */
char *cli_own_file(const char *name);

#endif
