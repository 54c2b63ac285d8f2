/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_serve_options.h"

#include "cli_drive_files.h"

#include "error_line.h"
#include "initiator_rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_PREFIX      "iqn.2026-11.example.dvdemu:"
#define DRIVES_MAX       4096
#define CHAP_WINDOWS_MIN 12
#define CHAP_WINDOWS_MAX 16
#define LOOPBACK_NET     127u
#define IPV4_NET_SHIFT   24

enum row {
    ROW_DISC,
    ROW_DRIVE,
    ROW_NAME,
    ROW_LISTEN,
    ROW_PORT,
    ROW_STATE,
    ROW_SEED,
    ROW_SPEED,
    ROW_READY_FILE,
    ROW_CHAP,
    ROW_INITIATOR,
    ROW_NO_AUTH,
    ROW_LOG,
    ROW_VERBOSE,
    ROW_TGTD
};

/* clang-format off */
const struct cli_option serve_option_rows[] = {
    [ROW_DISC]       = {"disc",       "DISC",      "one more drive with this disc in; none: empty", 'd'},
    [ROW_DRIVE]      = {"drive",      "NAME|FILE", "a drive by name (dvdemu drives), or a drive file", 'D'},
    [ROW_NAME]       = {"name",       "IQN",       "target name; several drives: followed by -N", 'n'},
    [ROW_LISTEN]     = {"listen",     "ADDRESS",   "address to listen at (127.0.0.1)", 'l'},
    [ROW_PORT]       = {"port",       "N",         "TCP port, 0 takes a free one (0)", 'p'},
    [ROW_STATE]      = {"state",      "DIR|none",  "folder of the region state, none: in memory", 's'},
    [ROW_SEED]       = {"seed",       "N",         "the same challenges each time; drive K has N+K-1", 0},
    [ROW_SPEED]      = {"speed",      "instant|real", "take the time that a real drive takes", 0},
    [ROW_READY_FILE] = {"ready-file", "FILE",      "write the URLs there once a login would succeed", 'r'},
    [ROW_CHAP]       = {"chap",       "USER:FILE", "ask for CHAP; the file's first line is the password", 0},
    [ROW_INITIATOR]  = {"initiator",  "WHO",       "admit this name, address or network only; repeatable", 'i'},
    [ROW_NO_AUTH]    = {"no-auth",    NULL,        "listen beyond loopback without CHAP", 0},
    [ROW_LOG]        = {"log",        "FILE",      "add the daemon's log to this file", 0},
    [ROW_VERBOSE]    = {"verbose",    NULL,        "log every command", 'v'},
    [ROW_TGTD]       = {"tgtd",       "PATH",      "the tgtd to run", 0},
    {NULL, NULL, NULL, 0},
};
/* clang-format on */

/* The command line as it was given. */
struct given {
    const struct cli_command *command;
    struct serve_options *options;
    struct drive_config_list files; /* the drives of all drive files */
    const char **discs;
    size_t disc_count;
    const char *name, *state, *listen, *speed;
    unsigned long long seed;
    bool seeded, no_auth, verbose;
};

/* ---- single options ---- */

static bool absolute(const char *path, char out[PATH_MAX], char *error)
{
    char folder[PATH_MAX];

    if (*path != '/' && !getcwd(folder, sizeof(folder))) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    if ((*path == '/' ? snprintf(out, PATH_MAX, "%s", path)
                      : snprintf(out, PATH_MAX, "%s/%s", folder, path)) >= PATH_MAX) {
        return error_line(error, "%s: %s", path, strerror(ENAMETOOLONG));
    }
    return true;
}

static bool read_password(const char *path, char password[SERVE_SECRET_BYTES], char *error)
{
    FILE *file = fopen(path, "re");
    char *line;

    if (!file) {
        return error_line(error, "chap: %s: %s", path, strerror(errno));
    }
    line = fgets(password, SERVE_SECRET_BYTES, file);
    fclose(file);
    if (line) {
        password[strcspn(password, "\r\n")] = 0;
    }
    return (line && *password) ||
           error_line(error, "chap: %s: no password in the first line", path);
}

static bool take_chap(struct serve_options *options, const char *value, char *error)
{
    const char *colon = strchr(value, ':');
    size_t bytes;

    if (!colon || colon == value || (size_t)(colon - value) >= sizeof(options->chap_user)) {
        return error_line(error, "chap: '%s' is not USER:FILE", value);
    }
    memcpy(options->chap_user, value, (size_t)(colon - value));
    options->chap_user[colon - value] = 0;
    if (!read_password(colon + 1, options->chap_password, error)) {
        return false;
    }
    bytes = strlen(options->chap_password);
    if (bytes < CHAP_WINDOWS_MIN || bytes > CHAP_WINDOWS_MAX) {
        fprintf(stderr, "dvdemu serve: note: Windows takes CHAP passwords of %d to %d characters\n",
                CHAP_WINDOWS_MIN, CHAP_WINDOWS_MAX);
    }
    return true;
}

static bool take_initiator(struct serve_options *options, const char *value, char *error)
{
    struct initiator_rule rule;

    if (options->initiator_count == SERVE_INITIATORS_MAX) {
        return error_line(error, "initiator: more than %d", SERVE_INITIATORS_MAX);
    }
    options->initiators[options->initiator_count++] = value;
    return initiator_rule_parse(&rule, value, error);
}

static bool take_port(struct serve_options *options, const char *value, char *error)
{
    unsigned long long port;

    if (!cli_number(value, 0, UINT16_MAX, &port)) {
        return error_line(error, "port: '%s' is not a number from 0 to %d", value, UINT16_MAX);
    }
    options->port = (unsigned)port;
    return true;
}

static bool take_disc(struct given *g, const char *value, char *error)
{
    const char **discs = realloc(g->discs, (g->disc_count + 1) * sizeof(*discs));

    if (!discs) {
        return error_line(error, "no memory");
    }
    g->discs = discs;
    discs[g->disc_count++] = value;
    return true;
}

static bool take_drive_file(struct given *g, const char *path, char *error)
{
    struct drive_config_list list, *all = &g->files;
    struct drive_config *rows;

    if (!cli_drive_read(&list, path, error)) {
        return false;
    }
    rows = realloc(all->rows, (all->count + list.count) * sizeof(*rows));
    if (rows) {
        memcpy(rows + all->count, list.rows, list.count * sizeof(*rows));
        all->rows = rows;
        all->count += list.count;
        all->named |= list.named;
    }
    drive_config_list_free(&list);
    return rows || error_line(error, "no memory");
}

static bool take_speed(struct given *g, const char *value, char *error)
{
    struct drive_config scratch;
    char why[INI_ERROR_BYTES];

    drive_config_init(&scratch);
    g->speed = value;
    return drive_config_set(&scratch, "speed", value, why) || error_line(error, "speed: %s", why);
}

static bool take(struct given *g, int row, const char *value, char *error)
{
    switch ((enum row)row) {
    case ROW_DISC:
        return take_disc(g, value, error);
    case ROW_DRIVE:
        return take_drive_file(g, value, error);
    case ROW_NAME:
        g->name = value;
        return true;
    case ROW_LISTEN:
        g->listen = value;
        return true;
    case ROW_PORT:
        return take_port(g->options, value, error);
    case ROW_STATE:
        g->state = value;
        return true;
    case ROW_SEED:
        g->seeded = true;
        return cli_number(value, 0, UINT64_MAX, &g->seed) ||
               error_line(error, "seed: '%s' is not a number of 64 bits", value);
    case ROW_SPEED:
        return take_speed(g, value, error);
    case ROW_READY_FILE:
        return absolute(value, g->options->ready_file, error);
    case ROW_CHAP:
        return take_chap(g->options, value, error);
    case ROW_INITIATOR:
        return take_initiator(g->options, value, error);
    case ROW_NO_AUTH:
        g->no_auth = true;
        return true;
    case ROW_LOG:
        return absolute(value, g->options->log_file, error);
    case ROW_VERBOSE:
        g->verbose = true;
        return true;
    case ROW_TGTD:
        break;
    }
    return absolute(value, g->options->tgtd, error);
}

/* ---- all of them together ---- */

static bool is_loopback(const struct sockaddr *at)
{
    if (at->sa_family == AF_INET6) {
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr);
    }
    return ntohl(((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr) >>
               IPV4_NET_SHIFT ==
           LOOPBACK_NET;
}

static bool choose_address(const struct given *g, char *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *wanted = g->listen ? g->listen : "127.0.0.1";
    struct serve_options *options = g->options;
    struct addrinfo *found;
    bool loopback;
    int failed = getaddrinfo(wanted, NULL, &hints, &found);

    if (failed) {
        return error_line(error, "listen: %s: %s", wanted, gai_strerror(failed));
    }
    loopback = is_loopback(found->ai_addr);
    failed = getnameinfo(found->ai_addr, found->ai_addrlen, options->host, sizeof(options->host),
                         NULL, 0, NI_NUMERICHOST);
    freeaddrinfo(found);
    if (failed) {
        return error_line(error, "listen: %s: %s", wanted, gai_strerror(failed));
    }
    return loopback || g->no_auth || *options->chap_user ||
           error_line(error, "listen: %s is not loopback: give --chap USER:FILE, or --no-auth",
                      options->host);
}

/* How many drives, and which configuration each begins with. */
static bool lay_out(struct given *g, char *error)
{
    struct serve_options *options = g->options;
    size_t files = g->files.count, discs = g->disc_count, count = files > discs ? files : discs;

    if (files > 1 && discs > 0 && files != discs) {
        return error_line(error,
                          "%zu drives in drive files and %zu discs: give as many of both, "
                          "or one drive for all discs",
                          files, discs);
    }
    count = count ? count : 1;
    if (count > DRIVES_MAX) {
        return error_line(error, "%zu drives are more than %d", count, DRIVES_MAX);
    }
    options->drives = calloc(count, sizeof(*options->drives));
    if (!options->drives) {
        return error_line(error, "no memory");
    }
    options->count = count;
    for (size_t i = 0; i < count; i++) {
        if (files == 0) {
            drive_config_init(&options->drives[i]);
        } else {
            options->drives[i] = g->files.rows[files == 1 ? 0 : i];
        }
    }
    return true;
}

static bool is_iscsi_name(const char *name)
{
    struct initiator_rule rule;
    char ignored[INI_ERROR_BYTES];

    return initiator_rule_parse(&rule, name, ignored) && rule.is_name;
}

static bool set_name(const struct given *g, struct drive_config *drive, size_t index, char *error)
{
    char section[DRIVE_NAME_BYTES];
    int n;

    snprintf(section, sizeof(section), "%s", drive->name);
    if (g->name && g->options->count == 1) {
        n = snprintf(drive->name, sizeof(drive->name), "%s", g->name);
    } else if (g->name) {
        n = snprintf(drive->name, sizeof(drive->name), "%s-%zu", g->name, index + 1);
    } else if (is_iscsi_name(section)) {
        return true;
    } else if (*section) {
        n = snprintf(drive->name, sizeof(drive->name), NAME_PREFIX "%s", section);
    } else {
        n = snprintf(drive->name, sizeof(drive->name), NAME_PREFIX "drive-%zu", index + 1);
    }
    if (n >= (int)sizeof(drive->name) || !is_iscsi_name(drive->name)) {
        return error_line(error,
                          "name: '%s' is not an iSCSI name (iqn.YEAR-MONTH.DOMAIN:TEXT) of "
                          "less than %zu characters",
                          n >= (int)sizeof(drive->name) ? g->name : drive->name,
                          sizeof(drive->name));
    }
    return true;
}

static bool set_disc(const struct given *g, struct drive_config *drive, size_t index, char *error)
{
    const char *path = index < g->disc_count ? g->discs[index] : NULL;
    char *demo = NULL, *real;

    if (!path && !drive->disc_given) {
        path = demo = cli_own_file("demo/demo.disc");
        if (!demo) {
            return error_line(error, "the demo disc is not installed: name a DISC, or none");
        }
    } else if (!path) {
        path = *drive->disc ? drive->disc : "none";
    }
    if (strcmp(path, "none") == 0) {
        *drive->disc = 0;
        return true;
    }
    real = realpath(path, NULL);
    if (real) {
        snprintf(drive->disc, sizeof(drive->disc), "%s", real);
    } else {
        error_line(error, "%s: %s", path, strerror(errno));
    }
    free(demo);
    free(real);
    return real != NULL;
}

/* ${XDG_STATE_HOME:-~/.local/state}/dvdemu */
static bool default_state(char out[PATH_MAX], char *error)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const struct passwd *user = home && *home ? NULL : getpwuid(getuid());
    int n;

    if (state && *state == '/') {
        n = snprintf(out, PATH_MAX, "%s/dvdemu", state);
    } else {
        home = user ? user->pw_dir : home;
        n = snprintf(out, PATH_MAX, "%s/.local/state/dvdemu", home ? home : "");
    }
    return n < PATH_MAX || error_line(error, "state: the path is too long");
}

static bool set_state(const struct given *g, struct drive_config *drive, char *error)
{
    char path[PATH_MAX];

    if (g->state && strcmp(g->state, "none") == 0) {
        *drive->state = 0;
        return true;
    }
    if (!g->state && !drive->state_given) {
        return default_state(drive->state, error);
    }
    if (!g->state && !*drive->state) {
        return true;
    }
    snprintf(path, sizeof(path), "%s", g->state ? g->state : drive->state);
    return absolute(path, drive->state, error);
}

static bool complete(const struct given *g, char *error)
{
    char why[INI_ERROR_BYTES];

    for (size_t i = 0; i < g->options->count; i++) {
        struct drive_config *drive = &g->options->drives[i];

        if (!set_name(g, drive, i, error) || !set_disc(g, drive, i, error) ||
            !set_state(g, drive, error)) {
            return false;
        }
        if (g->seeded) {
            drive->seeded = true;
            drive->seed = g->seed + i;
        }
        if (g->speed) {
            drive_config_set(drive, "speed", g->speed, why);
        }
        if (g->verbose) {
            drive->verbosity = LOG_COMMANDS;
        }
    }
    return true;
}

/* Usage errors are what the user typed, failures are what the files hold. */
static int read_line(struct given *g, int argc, char **argv, char *error)
{
    struct cli_args args = cli_begin(g->command, argc, argv);
    int row;

    while ((row = cli_next(&args)) != CLI_END) {
        if (row == CLI_BAD) {
            return CLI_USAGE;
        }
        if (!take(g, row, args.value, error)) {
            return row == ROW_DRIVE || row == ROW_CHAP ? cli_failure(g->command, "%s", error)
                                                       : cli_usage_error(g->command, "%s", error);
        }
    }
    for (int i = args.first_operand; i < argc; i++) {
        if (!take_disc(g, argv[i], error)) {
            return cli_failure(g->command, "%s", error);
        }
    }
    if (!choose_address(g, error) || !lay_out(g, error)) {
        return cli_usage_error(g->command, "%s", error);
    }
    return complete(g, error) ? CLI_OK : cli_failure(g->command, "%s", error);
}

int serve_options_read(struct serve_options *options, const struct cli_command *command, int argc,
                       char **argv)
{
    struct given g = {.command = command, .options = options};
    char error[INI_ERROR_BYTES];
    int result;

    memset(options, 0, sizeof(*options));
    result = read_line(&g, argc, argv, error);
    drive_config_list_free(&g.files);
    free(g.discs);
    if (result != CLI_OK) {
        serve_options_free(options);
    }
    return result;
}

void serve_options_free(struct serve_options *options)
{
    free(options->drives);
    explicit_bzero(options, sizeof(*options));
}
