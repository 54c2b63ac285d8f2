/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS_MAX 48
#define HELP_VALUE  1000

struct cli_args cli_begin(const struct cli_command *command, int argc, char **argv)
{
    optind = 0; /* a fresh pass, glibc's hidden state included */
    return (struct cli_args){.command = command, .argc = argc, .argv = argv};
}

static void print_help(const struct cli_command *command)
{
    printf("usage: dvdemu %s%s%s\n\n%s\n\n", command->name, *command->arguments ? " " : "",
           command->arguments, command->summary);
    for (const struct cli_option *o = command->options; o && o->name; o++) {
        char left[64];

        snprintf(left, sizeof(left), "%c%c%s --%s %s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
                 o->argument ? o->argument : "");
        printf("  %-34s %s\n", left, o->help);
    }
    printf("  %-34s %s\n", "    --help", "this text");
}

/* getopt_long's two forms of the same rows. */
static void make_getopt(const struct cli_command *command, struct option *longs, char *shorts)
{
    int n = 0;

    *shorts++ = ':'; /* a missing argument is told apart from an unknown option */
    for (const struct cli_option *o = command->options; o && o->name && n < OPTIONS_MAX; o++, n++) {
        longs[n] = (struct option){o->name, o->argument ? required_argument : no_argument, NULL, n};
        if (o->letter) {
            *shorts++ = o->letter;
            if (o->argument) {
                *shorts++ = ':';
            }
        }
    }
    longs[n++] = (struct option){"help", no_argument, NULL, HELP_VALUE};
    longs[n] = (struct option){NULL, 0, NULL, 0};
    *shorts = 0;
}

/* getopt() gives no letter that is not in a row. */
static int row_of_letter(const struct cli_command *command, int letter)
{
    int i = 0;

    while (command->options[i].letter != letter) {
        i++;
    }
    return i;
}

int cli_next(struct cli_args *args)
{
    struct option longs[OPTIONS_MAX + 2];
    char shorts[2 * OPTIONS_MAX + 2];
    int found;

    make_getopt(args->command, longs, shorts);
    opterr = 0;
    found = getopt_long(args->argc, args->argv, shorts, longs, NULL);
    args->value = optarg;
    if (found == -1) {
        args->first_operand = optind;
        return CLI_END;
    }
    if (found == HELP_VALUE) {
        print_help(args->command);
        exit(CLI_OK);
    }
    if (found == '?' || found == ':') {
        cli_usage_error(args->command, found == ':' ? "%s needs an argument" : "unknown option %s",
                        args->argv[optind > 0 ? optind - 1 : 0]);
        return CLI_BAD;
    }
    return found < OPTIONS_MAX ? found : row_of_letter(args->command, found);
}

static void say(const struct cli_command *command, const char *format, va_list ap)
{
    fprintf(stderr, "dvdemu %s: ", command->name);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
}

int cli_usage_error(const struct cli_command *command, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(command, format, ap);
    va_end(ap);
    fprintf(stderr, "usage: dvdemu %s %s\n`dvdemu %s --help` lists its options\n", command->name,
            command->arguments, command->name);
    return CLI_USAGE;
}

int cli_failure(const struct cli_command *command, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(command, format, ap);
    va_end(ap);
    return CLI_FAILED;
}

_Bool cli_number(const char *text, unsigned long long min, unsigned long long max,
                 unsigned long long *out)
{
    unsigned long long value;
    char *end;

    if (text[0] < '0' || text[0] > '9') {
        return 0;
    }
    errno = 0;
    value = strtoull(text, &end, 0);
    if (errno || *end || value < min || value > max) {
        return 0;
    }
    *out = value;
    return 1;
}

static char *readable(const char *folder, const char *name)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (n < 0 || (size_t)n >= sizeof(path) || access(path, R_OK) != 0) {
        return NULL;
    }
    return strdup(path);
}

char *cli_own_file(const char *name)
{
    char folder[PATH_MAX], installed[PATH_MAX + 32];
    ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    char *slash, *found;

    if (n <= 0) {
        return NULL;
    }
    folder[n] = 0;
    slash = strrchr(folder, '/');
    *slash = 0;
    found = readable(folder, name);
    if (!found) {
        /* PREFIX/bin/dvdemu, PREFIX/lib/dvdemu/ */
        snprintf(installed, sizeof(installed), "%s/../lib/dvdemu", folder);
        found = readable(installed, name);
    }
    return found;
}
