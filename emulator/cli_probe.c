/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu probe: the host's side of a drive, step by step. The smoke test of a CI rig. */
#include "cli_probe.h"

#include "cli_link_options.h"
#include "disc_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INITIATOR "iqn.2026-11.example.dvdemu:probe"

/* clang-format off */
#define AT_DRIVE (HAVE_LINK | HAVE_DRIVE)
#define AT_DISC  (AT_DRIVE | HAVE_MEDIUM)
#define AT_CSS   (AT_DISC | HAVE_CSS)

const struct probe_step probe_steps[] = {
    {"connect",             0,                                         probe_connect},
    {"inquiry",             HAVE_LINK,                                 probe_inquiry},
    {"unit ready",          AT_DRIVE,                                  probe_ready},
    {"configuration",       AT_DRIVE,                                  probe_configuration},
    {"region state",        AT_DRIVE,                                  probe_region},
    {"capacity",            AT_DISC,                                   probe_capacity},
    {"copyright structure", AT_DISC,                                   probe_copyright},
    {"gated read",          AT_CSS | HAVE_DESCRIPTION,                 probe_gated_read},
    {"AGID",                AT_CSS,                                    probe_agid},
    {"KEY1",                AT_CSS | HAVE_AGID,                        probe_key1},
    {"drive challenge",     AT_CSS | HAVE_VARIANT,                     probe_drive_challenge},
    {"KEY2",                AT_CSS | HAVE_CHALLENGE,                   probe_key2},
    {"disc key",            AT_CSS | HAVE_BUS_KEY,                     probe_disc_key},
    {"ASF",                 AT_CSS | HAVE_DISC_KEY,                    probe_asf},
    {"title keys",          AT_CSS | HAVE_DISC_KEY | HAVE_DESCRIPTION, probe_title_keys},
    {"scrambled sectors",   AT_CSS | HAVE_DISC_KEY | HAVE_DESCRIPTION, probe_scrambled_sectors},
    /* also without a connection: it makes one when an AGID is held */
    {"sessions ended",      AT_CSS & ~(unsigned)HAVE_LINK,             probe_end_sessions},
};

static const struct {
    enum probe_fact fact;
    const char *absence;
} facts[] = {
    {HAVE_LINK,        "no connection"},
    {HAVE_DRIVE,       "no DVD drive"},
    {HAVE_MEDIUM,      "no disc that is ready"},
    {HAVE_CSS,         "no disc with CSS"},
    {HAVE_DESCRIPTION, "no --disc FILE, or another disc than that in the drive"},
    {HAVE_AGID,        "no AGID"},
    {HAVE_VARIANT,     "no valid KEY1"},
    {HAVE_CHALLENGE,   "no drive challenge"},
    {HAVE_BUS_KEY,     "no bus key"},
    {HAVE_DISC_KEY,    "no disc key"},
};
/* clang-format on */

#define STEPS (sizeof(probe_steps) / sizeof(probe_steps[0]))
#define FACTS (sizeof(facts) / sizeof(facts[0]))

const size_t probe_step_count = STEPS;

static enum probe_result run_step(struct probe *p, const struct probe_step *step)
{
    for (size_t i = 0; i < FACTS; i++) {
        if (step->needs & facts[i].fact && !(p->have & facts[i].fact)) {
            return probe_skipped(p, "%s", facts[i].absence);
        }
    }
    return step->run(p);
}

static void print_line(const struct probe_step *step, enum probe_result result, const char *detail)
{
    /* in capitals, so that it is seen in a log */
    const char *name = result == PROBE_FAILED ? "FAILED" : probe_result_name(result);

    printf("%s %s: %s\n", name, step->name, detail);
    fflush(stdout);
}

/* All steps; CLI_OK when none has failed. */
static int run_steps(struct probe *p, bool json)
{
    struct probe_outcome outcomes[STEPS];
    int code = CLI_OK;

    for (size_t i = 0; i < STEPS; i++) {
        outcomes[i].result = run_step(p, &probe_steps[i]);
        outcomes[i].detail = strdup(p->detail);
        if (outcomes[i].result == PROBE_FAILED) {
            code = CLI_FAILED;
        }
        if (!json) {
            print_line(&probe_steps[i], outcomes[i].result, p->detail);
        }
    }
    if (json && !probe_print_json(p, outcomes)) {
        code = CLI_FAILED;
    }
    for (size_t i = 0; i < STEPS; i++) {
        free(outcomes[i].detail);
    }
    return code;
}

/* ---- command line ---- */

enum option { OPTION_DISC, OPTION_JSON, OPTION_LINK };

static const struct cli_option options[] = {
    [OPTION_DISC] = {"disc", "FILE", "what is in the drive: its keys and data are compared", 0},
    [OPTION_JSON] = {"json", NULL, "print one JSON object instead of lines", 0},
    LINK_OPTIONS(OPTION_LINK, INITIATOR),
    {NULL, NULL, NULL, 0},
};

struct settings {
    const char *disc_path;
    bool json;
    struct link_options link;
};

static int take_option(const struct cli_command *self, int option, const char *value,
                       struct settings *s)
{
    if (option == OPTION_DISC) {
        s->disc_path = value;
    } else if (option == OPTION_JSON) {
        s->json = true;
    } else {
        return link_take_option(self, option - OPTION_LINK, value, &s->link);
    }
    return CLI_OK;
}

/* The disc, when one is named, and what to ask of it. */
static int load_disc(const struct cli_command *self, const char *path, struct probe *p,
                     struct disc **disc)
{
    char error[INI_ERROR_BYTES];

    if (!path) {
        return CLI_OK;
    }
    *disc = disc_load(path, error);
    if (!*disc) {
        return cli_failure(self, "%s", error);
    }
    p->disc = *disc;
    p->have |= HAVE_DESCRIPTION;
    return host_find_targets(p->disc, &p->targets) ? CLI_OK : cli_failure(self, "no memory");
}

static int probe_url(const struct cli_command *self, const char *url, const struct settings *s)
{
    struct probe p = {.random = random_kernel(), .timeout_ms = s->link.timeout_ms};
    struct disc *disc = NULL;
    int code;

    p.link = link_new(url, &s->link);
    if (!p.link) {
        return link_bad_url(self);
    }
    code = load_disc(self, s->disc_path, &p, &disc);
    if (code == CLI_OK) {
        code = run_steps(&p, s->json);
    }
    free(p.targets.rows);
    disc_release(disc);
    link_free(p.link);
    return code;
}

static int run_probe(const struct cli_command *self, int argc, char **argv)
{
    struct settings s = {.link = {.initiator = INITIATOR, .timeout_ms = LINK_TIMEOUT_MS}};
    struct cli_args args = cli_begin(self, argc, argv);
    int option, code;

    while ((option = cli_next(&args)) != CLI_END) {
        code = option == CLI_BAD ? CLI_USAGE : take_option(self, option, args.value, &s);
        if (code != CLI_OK) {
            return code;
        }
    }
    if (argc - args.first_operand != 1) {
        return cli_usage_error(self, "wants one URL");
    }
    return probe_url(self, argv[args.first_operand], &s);
}

const struct cli_command cli_probe = {
    "probe", "URL [OPTION...]", "checks a drive over iSCSI as a host would, key by key",
    options, run_probe,
};
