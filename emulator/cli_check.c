/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu check: the conformance suite of check.h on any drive that speaks iSCSI. */
#include "check_report.h"
#include "cli_check_wire.h"
#include "cli_drive_files.h"
#include "cli_link_options.h"
#include "disc_file.h"
#include "new_file.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INITIATOR    "iqn.2026-11.example.dvdemu:check"
#define READY_MS     30000
#define PATTERNS_MAX 32
#define NEEDS_BYTES  128
#define NS_PER_S     1e9

enum option {
    OPTION_DISC,
    OPTION_ONLY,
    OPTION_LIST,
    OPTION_JUNIT,
    OPTION_QUIRK,
    OPTION_DRIVE,
    OPTION_EJECT,
    OPTION_DESTRUCTIVE,
    OPTION_LINK
};

/* clang-format off */
static const struct cli_option options[] = {
    [OPTION_DISC]        = {"disc", "FILE", "what is in the drive: keys and data are compared", 0},
    [OPTION_ONLY]        = {"only", "PATTERN", "only tests of such names, * and ? allowed; repeatable", 0},
    [OPTION_LIST]        = {"list", NULL, "print name, clause and needs of the tests, and no more", 0},
    [OPTION_JUNIT]       = {"junit", "FILE", "write the results there too, as JUnit XML", 0},
    [OPTION_QUIRK]       = {"quirk", "KEY=VALUE", "expect this way of a real drive; repeatable", 0},
    [OPTION_DRIVE]       = {"drive", "NAME|FILE", "expect the quirks of a drive (dvdemu drives)", 0},
    [OPTION_EJECT]       = {"eject", NULL, "also tests that open the tray and close it again", 0},
    [OPTION_DESTRUCTIVE] = {"destructive", NULL, "also tests that USE UP ALL REGION CHANGES of the drive", 0},
    LINK_OPTIONS(OPTION_LINK, INITIATOR),
    {NULL, NULL, NULL, 0},
};
/* clang-format on */

struct settings {
    const char *disc_path, *junit_path;
    const char *patterns[PATTERNS_MAX];
    size_t pattern_count;
    bool list;
    struct check_options check;
    struct host_targets targets; /* of the disc */
    struct link_options link;
};

/* ---- which rows ---- */

static bool is_chosen(const struct settings *s, const struct check_row *row)
{
    for (size_t i = 0; i < s->pattern_count; i++) {
        if (fnmatch(s->patterns[i], row->name, 0) == 0) {
            return true;
        }
    }
    return s->pattern_count == 0;
}

typedef void row_fn(void *ctx, const struct check_row *row);

/* Call `fn` for the rows that are chosen; returns how many they are. */
static size_t for_chosen(const struct settings *s, row_fn *fn, void *ctx)
{
    size_t count = 0;

    for (const struct check_theme *const *theme = check_themes; *theme; theme++) {
        for (size_t i = 0; i < (*theme)->count; i++) {
            if (is_chosen(s, &(*theme)->rows[i])) {
                count++;
                fn(ctx, &(*theme)->rows[i]);
            }
        }
    }
    return count;
}

static void only_count(void *ctx, const struct check_row *row)
{
    (void)ctx;
    (void)row;
}

static void print_row(void *ctx, const struct check_row *row)
{
    char needs[NEEDS_BYTES];

    (void)ctx;
    check_name_needs(row, needs, sizeof(needs));
    printf("%-44s %-18s %s\n", row->name, row->clause, *needs ? needs : "-");
}

/* ---- running ---- */

struct run {
    struct check suite;
    struct check_report report;
    bool stopped; /* before the last row */
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / NS_PER_S;
}

/* Asked to stop, or nobody reads any more: what a row has taken is given back all the same. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static void run_row(void *ctx, const struct check_row *row)
{
    struct run *run = ctx;
    const double start_s = now_s();

    if (interrupted || ferror(stdout)) {
        run->stopped = true;
        return;
    }
    check_run(&run->suite, row);
    check_report_row(&run->report, &run->suite, row, now_s() - start_s);
}

/* The suite is open, the JUnit file too when one is wanted. */
static int run_rows(const struct cli_command *self, const struct settings *s, struct run *run,
                    const char *url, struct new_file *junit)
{
    char error[INI_ERROR_BYTES];

    if (!check_report_begin(&run->report, stdout, for_chosen(s, only_count, NULL))) {
        return cli_failure(self, "no memory");
    }
    for_chosen(s, run_row, run);
    check_close(&run->suite);
    if (run->stopped) {
        printf("Bail out! stopped after %zu tests\n", run->report.count);
        return CLI_FAILED;
    }
    check_report_end(&run->report);
    if (junit->out) {
        check_report_junit(&run->report, url, junit->out);
        if (!new_file_keep(junit, error)) {
            cli_failure(self, "%s", error);
            return CLI_USAGE;
        }
    }
    return run->report.verdicts[CHECK_FAILED] ? CLI_FAILED : CLI_OK;
}

/* What cannot be begun is no finding about a drive. */
static int cannot(const struct cli_command *self, const char *why)
{
    cli_failure(self, "%s", why);
    return CLI_USAGE;
}

static int check_drive(const struct cli_command *self, const struct settings *s,
                       struct check_links *links, struct new_file *junit)
{
    struct run *run = calloc(1, sizeof(*run));
    const struct check_wire wire = check_links_wire(links);
    int code;

    if (!run) {
        return cannot(self, "no memory");
    }
    catch_signals();
    if (check_open(&run->suite, &wire, &s->check)) {
        code = run_rows(self, s, run, link_url(links->link[0]), junit);
    } else {
        code = cannot(self, run->suite.text);
    }
    check_close(&run->suite);
    check_report_free(&run->report);
    free(run);
    return code;
}

static int check_url(const struct cli_command *self, const char *url, const struct settings *s)
{
    struct new_file junit = {.out = NULL};
    struct check_links links;
    char error[INI_ERROR_BYTES];
    int code;

    if (!check_links_open(&links, url, &s->link)) {
        return link_bad_url(self);
    }
    if (s->junit_path && !new_file_open(&junit, s->junit_path, error)) {
        code = cannot(self, error);
    } else {
        code = check_drive(self, s, &links, &junit);
    }
    new_file_drop(&junit);
    check_links_close(&links);
    return code;
}

/* With the disc, when one is named. */
static int check_with_disc(const struct cli_command *self, const char *url, struct settings *s)
{
    char error[INI_ERROR_BYTES];
    struct disc *disc;
    int code;

    if (!s->disc_path) {
        return check_url(self, url, s);
    }
    disc = disc_load(s->disc_path, error);
    if (!disc) {
        return cannot(self, error);
    }
    if (host_find_targets(disc, &s->targets)) {
        s->check.disc = disc;
        s->check.targets = &s->targets;
        code = check_url(self, url, s);
    } else {
        code = cannot(self, "no memory");
    }
    free(s->targets.rows);
    disc_release(disc);
    return code;
}

/* ---- command line ---- */

static int take_quirk(const struct cli_command *self, const char *value, struct settings *s)
{
    char key[INI_ERROR_BYTES / 4], why[INI_ERROR_BYTES];
    const char *equals = strchr(value, '=');
    const size_t bytes = equals ? (size_t)(equals - value) : 0;
    const struct quirk_row *row;

    if (!bytes || bytes >= sizeof(key)) {
        return cli_usage_error(self, "--quirk wants KEY=VALUE, not '%s'", value);
    }
    memcpy(key, value, bytes);
    key[bytes] = 0;
    row = quirk_find(key);
    if (!row) {
        return cli_usage_error(self, "--quirk: no quirk '%s'; `dvdemu quirks` lists them", key);
    }
    if (!quirk_set(&s->check.quirks, row, equals + 1, why)) {
        return cli_usage_error(self, "--quirk %s: %s", key, why);
    }
    return CLI_OK;
}

static int take_drive(const struct cli_command *self, const char *name_or_path, struct settings *s)
{
    struct drive_config_list list;
    char error[INI_ERROR_BYTES];
    int code = CLI_OK;

    if (!cli_drive_read(&list, name_or_path, error)) {
        return cannot(self, error);
    }
    if (list.count == 1) {
        s->check.quirks = list.rows[0].personality.quirks;
    } else {
        code = cli_usage_error(self, "--drive: %s describes %zu drives", name_or_path, list.count);
    }
    drive_config_list_free(&list);
    return code;
}

static int take_pattern(const struct cli_command *self, const char *pattern, struct settings *s)
{
    if (s->pattern_count == PATTERNS_MAX) {
        return cli_usage_error(self, "--only more than %d times", PATTERNS_MAX);
    }
    s->patterns[s->pattern_count++] = pattern;
    return CLI_OK;
}

static int take_option(const struct cli_command *self, int option, const char *value,
                       struct settings *s)
{
    switch (option) {
    case OPTION_DISC:
        s->disc_path = value;
        return CLI_OK;
    case OPTION_ONLY:
        return take_pattern(self, value, s);
    case OPTION_LIST:
        s->list = true;
        return CLI_OK;
    case OPTION_JUNIT:
        s->junit_path = value;
        return CLI_OK;
    case OPTION_QUIRK:
        return take_quirk(self, value, s);
    case OPTION_DRIVE:
        return take_drive(self, value, s);
    case OPTION_EJECT:
        s->check.eject = true;
        return CLI_OK;
    case OPTION_DESTRUCTIVE:
        s->check.destructive = true;
        return CLI_OK;
    default: /* what all have that log in */
        return link_take_option(self, option - OPTION_LINK, value, &s->link) == CLI_OK ? CLI_OK
                                                                                       : CLI_USAGE;
    }
}

static int run_check(const struct cli_command *self, int argc, char **argv)
{
    struct settings s = {
        .check = {.ready_ms = READY_MS, .random = random_kernel()},
        .link = {.initiator = INITIATOR, .timeout_ms = LINK_TIMEOUT_MS},
    };
    struct cli_args args = cli_begin(self, argc, argv);
    int option, code;

    quirks_init(&s.check.quirks);
    while ((option = cli_next(&args)) != CLI_END) {
        code = option == CLI_BAD ? CLI_USAGE : take_option(self, option, args.value, &s);
        if (code != CLI_OK) {
            return code;
        }
    }
    if (for_chosen(&s, only_count, NULL) == 0) {
        return cli_usage_error(self, "no test has such a name; --list prints them");
    }
    if (s.list) {
        for_chosen(&s, print_row, NULL);
        return CLI_OK;
    }
    if (argc - args.first_operand != 1) {
        return cli_usage_error(self, "wants one URL");
    }
    return check_with_disc(self, argv[args.first_operand], &s);
}

const struct cli_command cli_check = {
    "check", "URL [OPTION...]", "asks a drive over iSCSI whether it keeps to the standard",
    options, run_check,
};
