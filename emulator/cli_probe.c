/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu probe: the host's side of a drive, step by step. The smoke test of a CI rig. */
#include "cli_probe.h"

#include "cli.h"
#include "disc_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INITIATOR       "iqn.2026-11.example.dvdemu:probe"
#define TIMEOUT_SECONDS 10
#define TIMEOUT_MAX     600
#define MS_PER_SECOND   1000

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

enum option { OPTION_DISC, OPTION_JSON, OPTION_CHAP, OPTION_INITIATOR, OPTION_TIMEOUT };

static const struct cli_option options[] = {
    [OPTION_DISC] = {"disc", "FILE", "what is in the drive: its keys and data are compared", 0},
    [OPTION_JSON] = {"json", NULL, "print one JSON object instead of lines", 0},
    [OPTION_CHAP] = {"chap", "USER:FILE", "CHAP user and the file whose first line is the password",
                     0},
    [OPTION_INITIATOR] = {"initiator", "IQN", "name of this initiator (" INITIATOR ")", 0},
    [OPTION_TIMEOUT] = {"timeout", "SECONDS", "to connect, and for each command (10)", 0},
    {NULL, NULL, NULL, 0},
};

struct settings {
    const char *disc_path;
    bool json;
    struct link_options link;
};

/* First line of a file, without its end. */
static bool read_secret(const char *path, char out[static LINK_SECRET_BYTES])
{
    FILE *file = fopen(path, "re");
    bool good = file && fgets(out, LINK_SECRET_BYTES, file) != NULL;

    if (file) {
        fclose(file);
    }
    if (good) {
        out[strcspn(out, "\r\n")] = 0;
    }
    return good && *out;
}

static int take_chap(const struct cli_command *self, const char *value, struct link_options *link)
{
    const char *colon = strchr(value, ':');
    size_t user_bytes = colon ? (size_t)(colon - value) : 0;

    if (!user_bytes || user_bytes >= sizeof(link->user) || !colon[1]) {
        return cli_usage_error(self, "--chap wants USER:FILE, not '%s'", value);
    }
    memcpy(link->user, value, user_bytes);
    link->user[user_bytes] = 0;
    errno = 0;
    if (!read_secret(colon + 1, link->secret)) {
        return cli_failure(self, "%s: no password can be read: %s", colon + 1,
                           errno ? strerror(errno) : "its first line is empty");
    }
    return CLI_OK;
}

static int take_option(const struct cli_command *self, int option, const char *value,
                       struct settings *s)
{
    unsigned long long seconds;

    switch ((enum option)option) {
    case OPTION_DISC:
        s->disc_path = value;
        return CLI_OK;
    case OPTION_JSON:
        s->json = true;
        return CLI_OK;
    case OPTION_CHAP:
        return take_chap(self, value, &s->link);
    case OPTION_INITIATOR:
        s->link.initiator = value;
        return CLI_OK;
    case OPTION_TIMEOUT:
        if (!cli_number(value, 1, TIMEOUT_MAX, &seconds)) {
            return cli_usage_error(self, "--timeout wants 1 to %d seconds, not '%s'", TIMEOUT_MAX,
                                   value);
        }
        s->link.timeout_ms = (unsigned)seconds * MS_PER_SECOND;
        return CLI_OK;
    }
    return CLI_USAGE;
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
        /* the URL may hold a password: it is not repeated */
        return cli_usage_error(self,
                               "the URL is not iscsi://[USER%%PASSWORD@]HOST[:PORT]/TARGET/LUN");
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
    struct settings s = {
        .link = {.initiator = INITIATOR, .timeout_ms = TIMEOUT_SECONDS * MS_PER_SECOND}};
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
