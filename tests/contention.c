/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * contention BUILD RUNS [SEED [show]]: drives in a tgtd, and for each seed from SEED (1) on an
 * interleaving of what four initiators and two operators do to one of them. Every history is
 * judged: there has to be an order that agrees with real time and in which the oracle allows every
 * answer. Prints what was met, with `show` every history. Ends with 0: all explained, 1: not, with
 * the seed and the history, 2: usage.
 */
#include "contention/interleaving.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VIOLATIONS_MOST 3
#define AGAIN           20

/* The drive of a seed. */
static const uint8_t turns[] = {0, 1, 3, 2, 4, 0, 1, 2, 3};

static struct stage {
    const char *build;
    struct temp_folder folder;
    struct lab_shelf shelf;
    struct served *served;
    struct lab labs[LAB_PROFILES];
    struct tally tally;
    bool shows;
} stage;

static bool open_labs(void)
{
    char program[TEMP_PATH_BYTES], files[LAB_PROFILES][TEMP_PATH_BYTES];
    const char *args[2 * LAB_PROFILES + 1];

    snprintf(program, sizeof(program), "%s/dvdemu", stage.build);
    for (size_t i = 0; i < LAB_PROFILES; i++) {
        snprintf(files[i], sizeof(files[i]), "%s",
                 lab_drive_file(&lab_profiles[i], &stage.shelf, &stage.folder));
        args[2 * i] = "--drive";
        args[2 * i + 1] = files[i];
    }
    args[sizeof(args) / sizeof(args[0]) - 1] = NULL;
    stage.served = served_start(program, args);
    for (size_t i = 0; stage.served && i < LAB_PROFILES; i++) {
        if (!lab_open(&stage.labs[i], &lab_profiles[i], &stage.shelf, stage.served,
                      (unsigned)i + 1)) {
            printf("%s: %s\n", lab_profiles[i].name, stage.labs[i].failure);
            return false;
        }
    }
    return stage.served;
}

/* ---- one seed ---- */

static void print_case(uint32_t seed, const struct lab *lab, const char *what)
{
    printf("seed %" PRIu32 ", drive \"%s\": %s\n", seed, lab->profile->name, what);
    history_print(&lab->h, stdout);
    printf("alone: %s/tests/contention %s 1 %" PRIu32 "\n", stage.build, stage.build, seed);
}

/* The seed says what is issued, not what tgtd makes of it: how often does it happen? */
static void print_again(uint32_t seed, struct lab *lab)
{
    static struct explanation why;
    static struct tally unused;
    unsigned times = 0, again = 0;

    while (times < AGAIN && lab_fresh(lab, seed) && interleaving_run(lab, seed, &unused)) {
        again += linearise(&lab->h, &lab->start, &why) == UNEXPLAINED;
        times++;
    }
    printf("the same seed again: not explained in %u of %u times\n", again, times);
}

static bool judge(uint32_t seed, struct lab *lab)
{
    static struct explanation why;
    const enum verdict verdict = linearise(&lab->h, &lab->start, &why);

    tally_history(&stage.tally, &lab->h, &why);
    if (stage.shows) {
        print_case(seed, lab, "shown");
    }
    if (verdict == EXPLAINED) {
        return true;
    }
    stage.tally.undecided += verdict == UNDECIDED;
    stage.tally.violations += verdict == UNEXPLAINED;
    print_case(seed, lab,
               verdict == UNDECIDED ? "the search took too long" : "no order explains the answers");
    linearise_print(&lab->h, &lab->start, &why, stdout);
    print_again(seed, lab);
    return stage.tally.violations + stage.tally.undecided < VIOLATIONS_MOST;
}

/* False: it makes no sense to go on. */
static bool run_seed(uint32_t seed)
{
    struct lab *lab = &stage.labs[turns[seed % sizeof(turns)]];

    if (!lab_fresh(lab, seed) || !interleaving_run(lab, seed, &stage.tally)) {
        stage.tally.violations++;
        print_case(seed, lab, lab->failure);
        return false;
    }
    return judge(seed, lab);
}

int main(int argc, char **argv)
{
    const unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    const unsigned long first = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    const time_t begin = time(NULL);
    bool stopped, ended_well;

    if (runs == 0 || runs > UINT32_MAX || first > UINT32_MAX) {
        fprintf(stderr, "usage: contention BUILD RUNS [SEED [show]]\n");
        return 2;
    }
    stage.build = argv[1];
    stage.shows = argc > 4 && strcmp(argv[4], "show") == 0;
    temp_open(&stage.folder);
    setenv("XDG_RUNTIME_DIR", stage.folder.path, 1);
    lab_shelf_write(&stage.shelf, &stage.folder);
    stopped = !open_labs();
    stage.tally.violations += stopped;
    for (unsigned long i = 0; i < runs && !stopped; i++) {
        stopped = !run_seed((uint32_t)(first + i));
    }
    tally_print(&stage.tally, stdout);
    for (size_t i = 0; i < LAB_PROFILES; i++) {
        lab_close(&stage.labs[i]);
    }
    ended_well = served_stop(stage.served);
    lab_shelf_free(&stage.shelf);
    temp_close(&stage.folder);
    printf("%" PRIu64 " interleavings, %" PRIu64
           " operations, %zu distinct histories, at most %" PRIu64
           " under way at one time: %" PRIu64 " violations, %" PRIu64 " undecided, %ld s\n",
           stage.tally.interleavings, stage.tally.operations, stage.tally.shapes.count,
           stage.tally.most_overlap, stage.tally.violations, stage.tally.undecided,
           (long)(time(NULL) - begin));
    seen_set_free(&stage.tally.shapes);
    return ended_well && !stage.tally.violations && !stage.tally.undecided ? 0 : 1;
}
