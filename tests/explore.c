/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * explore [-n NEXUSES] [-d DISCS] [-r CHANGES] [-e] [-s SEED] [-m STATES] [-q|-p|-x]
 * [KEY=VALUE...]: every sequence of commands and events over the alphabet of
 * explore/explore_letters.c, breadth first over the states of drive and oracle, until no new state
 * appears. Each transition is judged by the oracle; at last, from every state a host has to come to
 * a bus key again. -e: reset, power cycle, nexuses that come and go; -m: give up beyond so many
 * states; -q: each value of each quirk in turn; -p: each two; -x: each, but the oracle is not told
 * and has to see it. Ends with 0: all held, 1: a difference, printed with the way to it (-x: a
 * quirk was not seen that the alphabet shows), 2: it gave up.
 */
#include "explore/explore_search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATES_MOST  2000000u
#define QUIRKS_GIVEN 16
#define VALUE_BYTES  32
#define VALUES_MAX   128

struct exploring {
    struct explorer e;
    const char *quirks[QUIRKS_GIVEN];
    size_t quirk_count;
    uint32_t seed;
    enum mode { ONE_DRIVE, EACH, IN_PAIRS, SECRETLY } mode;
    unsigned seen; /* quirks that were kept from the oracle */

    /* of all drives */
    unsigned drives;
    uint64_t states, transitions;
};

/* ---- one drive ---- */

static bool set_quirk(struct exploring *x, const char *pair)
{
    const char *equals = strchr(pair, '=');
    char key[VALUE_BYTES], why[INI_ERROR_BYTES];

    if (!equals) {
        return false;
    }
    snprintf(key, sizeof(key), "%.*s", (int)(equals - pair), pair);
    if (x->mode == SECRETLY) {
        return drive_config_set(&x->e.j.config, key, equals + 1, why);
    }
    return judged_quirk(&x->e.j, key, equals + 1);
}

/* False: the drive does not know one of the quirks. */
static bool prepare(struct exploring *x)
{
    judged_init(&x->e.j, x->seed);
    if (!explore_prepare(&x->e.j, &x->e.scope)) {
        return false;
    }
    for (size_t i = 0; i < x->quirk_count; i++) {
        if (!set_quirk(x, x->quirks[i])) {
            fprintf(stderr, "explore: %s: the drive does not know it\n", x->quirks[i]);
            return false;
        }
    }
    return true;
}

static void print_end(const struct exploring *x, double seconds)
{
    unsigned cells = 0;

    for (unsigned i = 0; i < ORACLE_ROWS * ORACLE_SLOT_STATES; i++) {
        cells += x->e.cells[i / ORACLE_SLOT_STATES][i % ORACLE_SLOT_STATES] != 0;
    }
    for (size_t i = 0; i < x->quirk_count; i++) {
        printf("%s ", x->quirks[i]);
    }
    printf("%zu letters: %zu states, %" PRIu64 " transitions (%" PRIu64
           " refused), at most %" PRIu32
           " from the first; %u cells of the table; all held; %.1f s of CPU time\n",
           x->e.alphabet.count, x->e.set.count, x->e.transitions, x->e.refusals,
           explore_depth(&x->e), cells, seconds);
    fflush(stdout);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int explore(struct exploring *x)
{
    const double begin_s = now_s();
    int result;

    if (!prepare(x)) {
        return 2;
    }
    x->e.says_nothing = x->mode == SECRETLY;
    result = (int)explore_search(&x->e);
    x->drives++;
    x->states += x->e.set.count;
    x->transitions += x->e.transitions;
    if (result == 0 && (x->mode == ONE_DRIVE || x->mode == EACH)) {
        print_end(x, now_s() - begin_s);
    }
    if (result == 1 && x->mode == IN_PAIRS) {
        printf("with %s %s\n", x->quirks[0], x->quirks[1]);
    }
    explore_end(&x->e);
    return result;
}

/* ---- every quirk ---- */

/* What the scope says itself, or what would only make the same states slower. */
static bool is_of_the_scope(const char *key)
{
    return strcmp(key, "agid_count") == 0 || strcmp(key, "variant") == 0 ||
           strcmp(key, "rpc_initial") == 0 || strcmp(key, "rng_seed") == 0 ||
           strcmp(key, "speed") == 0 || strcmp(key, "ready_ms") == 0;
}

/* Quirks of commands that are no letters, or seen only where the oracle cannot look. */
static bool is_not_shown(const char *key)
{
    return strcmp(key, "cmi_format_05") == 0 || strcmp(key, "rpc_storage") == 0;
}

/* Every value but the defaults, as KEY=VALUE. */
struct values {
    char text[VALUES_MAX][2 * VALUE_BYTES];
    unsigned id[VALUES_MAX];
    size_t count;
};

static void add_values(struct values *v, unsigned id)
{
    const struct oracle_quirk_row *row = &oracle_quirk_rows[id];
    const char *word = row->values + strcspn(row->values, " ");

    while (*word && v->count < VALUES_MAX) {
        const size_t bytes = strcspn(word + 1, " ");

        v->id[v->count] = id;
        snprintf(v->text[v->count++], sizeof(v->text[0]), "%s=%.*s", row->key, (int)bytes,
                 word + 1);
        word += 1 + bytes;
    }
}

/* As a result: it has to be seen. */
static int judge_secret(struct exploring *x, const char *pair, const char *key, int result)
{
    if (result == 1) {
        x->seen++;
        return 0;
    }
    printf("%s: not seen%s\n", pair, is_not_shown(key) ? ", the alphabet does not show it" : "");
    return result == 2 ? 2 : !is_not_shown(key);
}

static int explore_value(struct exploring *x, const struct values *v, size_t i)
{
    int result;

    x->quirks[x->quirk_count++] = v->text[i];
    result = explore(x);
    x->quirk_count--;
    return x->mode == SECRETLY
               ? judge_secret(x, v->text[i], oracle_quirk_rows[v->id[i]].key, result)
               : result;
}

/* With each value of another key behind it in the table. */
static int explore_pairs(struct exploring *x, const struct values *v, size_t i)
{
    int result = 0;

    x->quirks[x->quirk_count++] = v->text[i];
    for (size_t k = i + 1; !result && k < v->count; k++) {
        if (v->id[k] != v->id[i]) {
            result = explore_value(x, v, k);
        }
    }
    x->quirk_count--;
    return result;
}

static int explore_quirks(struct exploring *x)
{
    static struct values v;
    int result = 0;

    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        if (!is_of_the_scope(oracle_quirk_rows[id].key)) {
            add_values(&v, id);
        }
    }
    for (size_t i = 0; !result && i < v.count; i++) {
        result = x->mode == IN_PAIRS ? explore_pairs(x, &v, i) : explore_value(x, &v, i);
    }
    if (!result && x->mode == SECRETLY) {
        printf("%zu values of quirks, each kept from the oracle: it saw %u\n", v.count, x->seen);
    } else if (!result) {
        printf("%u drives, of %zu values of quirks: %" PRIu64 " states, %" PRIu64
               " transitions, all held\n",
               x->drives, v.count, x->states, x->transitions);
    }
    return result;
}

/* ---- the command line ---- */

static bool number(const char *text, unsigned long most, unsigned long *out)
{
    char *end;

    *out = strtoul(text, &end, 10);
    return *text && !*end && *out <= most;
}

static bool option(struct exploring *x, int letter)
{
    unsigned long n = 0;

    switch (letter) {
    case 'n':
        return number(optarg, EXPLORE_NEXUSES_MAX, &n) && (x->e.scope.nexuses = (unsigned)n) > 0;
    case 'd':
        return number(optarg, EXPLORE_DISCS, &n) && ((x->e.scope.discs = (unsigned)n), true);
    case 'r':
        return number(optarg, 2, &n) && ((x->e.scope.changes = (unsigned)n), true);
    case 's':
        return number(optarg, UINT32_MAX, &n) && ((x->seed = (uint32_t)n), true);
    case 'm':
        return number(optarg, STATES_MOST, &n) && ((x->e.states_most = (uint32_t)n), true);
    case 'e':
        return x->e.scope.events = true;
    case 'q':
        x->mode = EACH;
        return true;
    case 'p':
        x->mode = IN_PAIRS;
        return true;
    case 'x':
        x->mode = SECRETLY;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static struct exploring x = {.e = {.scope = {.nexuses = 1}, .states_most = STATES_MOST},
                                 .seed = 1};

    for (int letter; (letter = getopt(argc, argv, "n:d:r:s:m:eqpx")) != -1;) {
        if (!option(&x, letter)) {
            fprintf(stderr, "usage: explore [-n NEXUSES] [-d DISCS] [-r CHANGES] [-e] [-s SEED] "
                            "[-m STATES] [-q|-p|-x] [KEY=VALUE...]\n");
            return 2;
        }
    }
    while (optind < argc && x.quirk_count + 2 < QUIRKS_GIVEN) {
        x.quirks[x.quirk_count++] = argv[optind++];
    }
    return x.mode == ONE_DRIVE ? explore(&x) : explore_quirks(&x);
}
