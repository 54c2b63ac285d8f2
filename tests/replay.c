/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replay BUILD SCRIPT...: plays what hosts send, byte for byte, against `BUILD/dvdemu serve`, and
 * makes the checks that their drivers make (tests/replay/README.md). One line a step. Ends with 0:
 * all passed, 1: not so, 2: a script or an argument is wrong.
 *   replay --checks            the table of checks
 *   replay --parse SCRIPT...   only reads them
 */
#include "emulator/disc_file.h"
#include "support/replay_play.h"
#include "support/served.h"
#include "support/temp_folder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES    1024
#define SHOWN_BYTES   32
#define REGION_2_SEED "2"

/* What is built, and what is running. */
struct rig {
    char dvdemu[PATH_BYTES];
    char discs[REPLAY_DISCS][PATH_BYTES];
    struct disc *css_disc; /* what is known of the CSS disc of this script */
    struct served *served;
    struct initiator *initiator;
    struct replay_host host;
    unsigned number, failed; /* steps so far */
};

static bool complain(const char *what)
{
    fprintf(stderr, "replay: %s\n", what);
    return false;
}

/* ---- serve, and what an operator does ---- */

static bool log_in(struct rig *rig)
{
    initiator_drop(rig->initiator);
    rig->initiator = initiator_login(served_url(rig->served, 0), rig->host.kind->initiator);
    return rig->initiator || complain(initiator_error());
}

static bool load_css_disc(struct rig *rig, enum replay_disc which)
{
    const bool other = which == REPLAY_DISC_REGION_2;
    char error[INI_ERROR_BYTES];

    rig->css_disc = disc_load(rig->discs[other ? REPLAY_DISC_REGION_2 : REPLAY_DISC_CSS], error);
    return rig->css_disc || complain(error);
}

static bool begin(struct rig *rig, const struct replay_script *script)
{
    const char *const args[] = {"--state", "none", "--disc", rig->discs[script->disc], NULL};

    if (!load_css_disc(rig, script->disc)) {
        return false;
    }
    replay_host_begin(&rig->host, script->host, rig->css_disc);
    rig->served = served_start(rig->dvdemu, args);
    return rig->served && log_in(rig);
}

static bool end(struct rig *rig)
{
    bool good = rig->served != NULL;

    initiator_drop(rig->initiator);
    rig->initiator = NULL;
    if (rig->served) {
        good = served_stop(rig->served);
    }
    rig->served = NULL;
    disc_release(rig->css_disc);
    rig->css_disc = NULL;
    return good;
}

/* What an operator says to the daemon. */
static const struct operation {
    const char *verb;
    bool with_disc;
    enum replay_disc disc;
} operations[] = {
    [REPLAY_EJECT] = {"eject", false, REPLAY_DISC_NONE},
    [REPLAY_INSERT_CSS] = {"insert", true, REPLAY_DISC_CSS},
    [REPLAY_INSERT_REGION_2] = {"insert", true, REPLAY_DISC_REGION_2},
    [REPLAY_INSERT_PLAIN] = {"insert", true, REPLAY_DISC_PLAIN},
};

static bool operate(struct rig *rig, const struct operation *what)
{
    char pid[sizeof("4294967295")];
    const char *const argv[] = {
        rig->dvdemu, what->verb, "--pid", pid, what->with_disc ? rig->discs[what->disc] : NULL,
        NULL};

    snprintf(pid, sizeof(pid), "%d", (int)served_pid(rig->served));
    return served_run(argv, NULL, 0) == 0;
}

static bool act(struct rig *rig, enum replay_act what)
{
    if (what == REPLAY_LUN_RESET) {
        return initiator_lun_reset(rig->initiator);
    }
    return what == REPLAY_LOGIN ? log_in(rig) : operate(rig, &operations[what]);
}

/* ---- one script ---- */

/* The file's name without folder and ending. */
static void print_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    printf("%.*s", (int)strcspn(name, "."), name);
}

static void print_bytes(const char *before, const uint8_t *bytes, size_t count)
{
    if (count) {
        printf(" %s", before);
    }
    for (size_t i = 0; i < count; i++) {
        printf(" %02X", bytes[i]);
    }
}

static void print_step(struct rig *rig, const struct replay_script *script,
                       const struct replay_step *step, const struct replay_result *result)
{
    rig->number++;
    rig->failed += !result->passed;
    printf("%s %u - ", result->passed ? "ok" : "not ok", rig->number);
    print_name(script->path);
    printf(" [%s] %s", step->feature, step->name);
    print_bytes("|", result->cdb, step->cdb.count);
    print_bytes(">", rig->host.buffer, step->out.count);
    printf(" | %s\n", result->said);
    if (!result->passed) {
        printf("#   %s:%u: %s\n", script->path, step->line, result->wrong);
    }
    fflush(stdout);
}

/* What a step read, or the first of it. */
static void print_data(const struct rig *rig, const struct replay_step *step)
{
    printf("#  ");
    print_bytes("data begins", rig->host.buffer,
                step->in_bytes < SHOWN_BYTES ? step->in_bytes : SHOWN_BYTES);
    putchar('\n');
}

/* False: there is no session any more to go on with. */
static bool run_step(struct rig *rig, const struct replay_script *script,
                     const struct replay_step *step)
{
    struct replay_result result = {.said = "done"};

    if (step->act == REPLAY_NO_ACT) {
        result = replay_play(&rig->host, rig->initiator, step);
    } else {
        result.passed = result.answered = act(rig, step->act);
        if (!result.passed) {
            snprintf(result.said, sizeof(result.said), "refused");
            snprintf(result.wrong, sizeof(result.wrong), "this could not be done");
        }
    }
    print_step(rig, script, step, &result);
    if (!result.passed && step->in_bytes) {
        print_data(rig, step);
    }
    return result.answered && rig->initiator;
}

/* What belongs to no step. */
__attribute__((format(printf, 3, 4))) static void
fail_script(struct rig *rig, const struct replay_script *script, const char *format, ...)
{
    va_list ap;

    rig->number++;
    rig->failed++;
    printf("not ok %u - ", rig->number);
    print_name(script->path);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
}

static void run_script(struct rig *rig, const struct replay_script *script)
{
    size_t done = 0;

    if (begin(rig, script)) {
        while (done < script->count && run_step(rig, script, &script->steps[done])) {
            done++;
        }
    }
    if (done < script->count) {
        fail_script(rig, script, ": broke off, %zu of %zu steps went well", done, script->count);
    }
    if (!end(rig)) {
        fail_script(rig, script, ": dvdemu serve did not end well");
    }
}

/* ---- the program ---- */

static void list_checks(void)
{
    printf("| check | arguments | what is wanted |\n|---|---|---|\n");
    for (const struct replay_check *row = replay_checks; row->name; row++) {
        printf("| `%s` | ", row->name);
        for (const char *arg = row->args; *arg; arg++) {
            printf("%s ", *arg == 'x' ? "HEX" : "N");
        }
        printf("| %s |\n", row->wants);
    }
}

/* All of them, before the first is played. */
static bool read_scripts(struct replay_script *scripts, char *const *paths, size_t count)
{
    char error[INI_ERROR_BYTES];
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        if (!replay_script_read(&scripts[i], paths[i], error)) {
            fprintf(stderr, "%s\n", error);
            good = false;
        }
    }
    return good;
}

/* Where the discs are; the one of region 2 is minted into the folder. */
static bool find_discs(struct rig *rig, const char *build, struct temp_folder *folder)
{
    const char *const mint[] = {
        rig->dvdemu,   "mint", rig->discs[REPLAY_DISC_PLAIN],    "--regions", "2", "--seed",
        REGION_2_SEED, "-o",   rig->discs[REPLAY_DISC_REGION_2], NULL};

    snprintf(rig->dvdemu, PATH_BYTES, "%s/dvdemu", build);
    snprintf(rig->discs[REPLAY_DISC_CSS], PATH_BYTES, "%s/demo/demo.disc", build);
    snprintf(rig->discs[REPLAY_DISC_PLAIN], PATH_BYTES, "%s/demo/demo.iso", build);
    snprintf(rig->discs[REPLAY_DISC_NONE], PATH_BYTES, "none");
    snprintf(rig->discs[REPLAY_DISC_REGION_2], PATH_BYTES, "%s",
             temp_file(folder, "region-2.disc"));
    return served_run(mint, NULL, 0) == 0 || complain("the disc of region 2 cannot be minted");
}

static int run_scripts(const struct replay_script *scripts, size_t count, const char *build)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    struct temp_folder folder;
    int code = 2;

    if (!rig) {
        return code;
    }
    temp_open(&folder);
    setenv("XDG_RUNTIME_DIR", folder.path, 1);
    if (find_discs(rig, build, &folder)) {
        for (size_t i = 0; i < count; i++) {
            run_script(rig, &scripts[i]);
        }
        printf("%u passed, %u failed\n", rig->number - rig->failed, rig->failed);
        code = rig->failed ? 1 : 0;
    }
    temp_close(&folder);
    free(rig);
    return code;
}

int main(int argc, char **argv)
{
    const bool parse_only = argc > 2 && strcmp(argv[1], "--parse") == 0;
    struct replay_script *scripts;
    int code = 2;
    size_t count;

    if (argc == 2 && strcmp(argv[1], "--checks") == 0) {
        list_checks();
        return 0;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: replay BUILD SCRIPT... | --parse SCRIPT... | --checks\n");
        return 2;
    }
    count = (size_t)argc - 2;
    scripts = calloc(count, sizeof(*scripts));
    if (!scripts) {
        return 2;
    }
    if (read_scripts(scripts, argv + 2, count)) {
        code = parse_only ? 0 : run_scripts(scripts, count, argv[1]);
    }
    for (size_t i = 0; i < count; i++) {
        replay_script_free(&scripts[i]);
    }
    free(scripts);
    return code;
}
