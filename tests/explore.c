/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * explore [-n NEXUSES] [-d DISCS] [-r CHANGES] [-e] [-s SEED] [-m STATES] [-q|-x] [KEY=VALUE...]:
 * every sequence of commands and events over the alphabet of explore/explore_letters.c, breadth
 * first over the states of drive and oracle, until no new state appears. Each transition is judged
 * by the oracle; at last, from every state a host has to come to a bus key again. -e: reset, power
 * cycle, nexuses that come and go; -m: give up beyond so many states; -q: each value of each quirk
 * in turn; -x: the same, but the oracle is not told and has to see it. Ends with 0: all held, 1: a
 * difference, printed with the way to it (-x: a quirk was not seen that the alphabet shows), 2: it
 * gave up.
 */
#include "explore/explore_key.h"
#include "explore/explore_letters.h"

#include "emulator/drive_snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NO_STATE     UINT32_MAX
#define STATES_MOST  2000000u
#define QUIRKS_GIVEN 16
#define VALUE_BYTES  32

/* What brings the drive back into a state. */
struct kept {
    struct drive_snapshot *snapshot;
    struct oracle oracle;
    struct region_state region;
    bool region_is_kept;
    uint32_t random;
};

struct node {
    struct kept *kept; /* until it has been expanded */
    uint32_t parent, depth;
    uint16_t letter;
    bool has_bus_key, comes_to_bus_key;
};

struct explorer {
    struct explore_scope scope;
    const char *quirks[QUIRKS_GIVEN];
    size_t quirk_count;
    uint32_t seed, states_most;
    bool every_quirk, secretly;
    unsigned seen; /* quirks that were kept from the oracle */

    struct judged_drive j;
    struct explore_alphabet alphabet;
    struct explore_set set;
    struct node *nodes;
    size_t room;
    uint32_t *edges; /* of each state a row of letters */
    uint64_t transitions, refusals;
    uint64_t cells[ORACLE_ROWS][ORACLE_SLOT_STATES];
};

static void *need(void *memory)
{
    if (!memory) {
        perror("explore");
        exit(2);
    }
    return memory;
}

/* ---- states ---- */

static struct kept *keep(struct judged_drive *j)
{
    struct kept *kept = need(malloc(sizeof(*kept)));

    kept->snapshot = need(drive_snapshot_take(&j->drive));
    kept->oracle = j->oracle;
    kept->region = j->kept;
    kept->region_is_kept = j->is_kept;
    kept->random = j->random;
    return kept;
}

static void forget(struct kept *kept)
{
    drive_snapshot_free(kept->snapshot);
    free(kept);
}

static void go_to(struct judged_drive *j, const struct kept *kept)
{
    for (unsigned n = 0; n < EXPLORE_NEXUSES_MAX; n++) {
        if (kept->oracle.nexus[n].here && !j->nexus[n]) {
            j->nexus[n] = need(drive_nexus_open(&j->drive, n));
        } else if (!kept->oracle.nexus[n].here && j->nexus[n]) {
            drive_nexus_close(&j->drive, j->nexus[n]);
            j->nexus[n] = NULL;
        }
    }
    if (!drive_snapshot_restore(&j->drive, kept->snapshot)) {
        fprintf(stderr, "explore: a state cannot be put back\n");
        exit(2);
    }
    j->oracle = kept->oracle;
    j->kept = kept->region;
    j->is_kept = kept->region_is_kept;
    j->random = kept->random;
}

static bool has_bus_key(const struct oracle *o)
{
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        if (o->slot[n].state == ORACLE_BUSKEY) {
            return true;
        }
    }
    return false;
}

/* The number of the state that the drive is in; a new one gets a node. */
static uint32_t number_here(struct explorer *e, uint32_t parent, size_t letter)
{
    uint8_t key[EXPLORE_KEY_BYTES];
    bool is_new;
    uint32_t n;

    explore_key(&e->j, key);
    n = explore_set_number(&e->set, key, &is_new);
    if (!is_new) {
        return n;
    }
    if (n == e->room) {
        e->room = e->room ? 2 * e->room : 1024;
        e->nodes = need(realloc(e->nodes, e->room * sizeof(*e->nodes)));
        e->edges = need(realloc(e->edges, e->room * e->alphabet.count * sizeof(*e->edges)));
    }
    e->nodes[n] = (struct node){.kept = keep(&e->j),
                                .parent = parent,
                                .depth = parent == NO_STATE ? 0 : e->nodes[parent].depth + 1,
                                .letter = (uint16_t)letter,
                                .has_bus_key = has_bus_key(&e->j.oracle)};
    return n;
}

/* ---- what went wrong ---- */

static void print_way(const struct explorer *e, uint32_t state)
{
    char name[EXPLORE_NAME_BYTES];

    if (e->nodes[state].parent != NO_STATE) {
        print_way(e, e->nodes[state].parent);
        explore_name(&e->alphabet.letters[e->nodes[state].letter], name);
        printf("  %s\n", name);
    }
}

static bool differs(const struct explorer *e, uint32_t state, size_t letter, const char *text)
{
    char name[EXPLORE_NAME_BYTES];

    if (e->secretly) {
        return false;
    }
    explore_name(&e->alphabet.letters[letter], name);
    printf("difference: %s\nafter\n", text);
    print_way(e, state);
    printf("  %s\n", name);
    return false;
}

/* ---- the search ---- */

static bool try_letter(struct explorer *e, uint32_t state, size_t letter)
{
    const size_t edge = state * e->alphabet.count + letter;
    const char *text;
    uint32_t to;
    bool command;

    e->edges[edge] = NO_STATE;
    go_to(&e->j, e->nodes[state].kept);
    if (!explore_can(&e->j, &e->alphabet.letters[letter])) {
        return true;
    }
    text = explore_run(&e->j, &e->alphabet.letters[letter], &command);
    if (text) {
        return differs(e, state, letter, text);
    }
    e->transitions++;
    e->refusals += command && e->j.reply.sense.check;
    if (command && e->j.note.exchange) {
        e->cells[e->j.note.row][e->j.note.from]++;
    }
    to = number_here(e, state, letter); /* may move the edges */
    e->edges[edge] = to;
    return true;
}

static bool expand(struct explorer *e, uint32_t state)
{
    for (size_t letter = 0; letter < e->alphabet.count; letter++) {
        if (!try_letter(e, state, letter)) {
            return false;
        }
    }
    forget(e->nodes[state].kept);
    e->nodes[state].kept = NULL;
    return true;
}

/* A state from which a letter leads to one that comes to a bus key comes to it as well. */
static bool step_back(struct explorer *e, uint32_t state)
{
    const uint32_t *edges = &e->edges[state * e->alphabet.count];

    for (size_t letter = 0; letter < e->alphabet.count; letter++) {
        if (edges[letter] != NO_STATE && e->nodes[edges[letter]].comes_to_bus_key) {
            return true;
        }
    }
    return false;
}

static bool no_state_is_a_trap(struct explorer *e)
{
    bool more = true;

    for (size_t i = 0; i < e->set.count; i++) {
        e->nodes[i].comes_to_bus_key = e->nodes[i].has_bus_key;
    }
    while (more) {
        more = false;
        for (size_t i = e->set.count; i-- > 0;) {
            if (!e->nodes[i].comes_to_bus_key && step_back(e, (uint32_t)i)) {
                e->nodes[i].comes_to_bus_key = more = true;
            }
        }
    }
    for (uint32_t i = 0; i < e->set.count; i++) {
        if (!e->nodes[i].comes_to_bus_key) {
            printf("no bus key is reached any more after\n");
            print_way(e, i);
            return false;
        }
    }
    return true;
}

/* ---- one drive ---- */

static bool set_quirk(struct explorer *e, const char *pair)
{
    const char *equals = strchr(pair, '=');
    char key[VALUE_BYTES], why[INI_ERROR_BYTES];

    if (!equals) {
        return false;
    }
    snprintf(key, sizeof(key), "%.*s", (int)(equals - pair), pair);
    if (e->secretly) {
        return drive_config_set(&e->j.config, key, equals + 1, why);
    }
    return judged_quirk(&e->j, key, equals + 1);
}

/* False: the drive does not know one of the quirks. */
static bool prepare(struct explorer *e)
{
    judged_init(&e->j, e->seed);
    e->transitions = e->refusals = 0;
    memset(e->cells, 0, sizeof(e->cells));
    if (!explore_prepare(&e->j, &e->scope)) {
        return false;
    }
    for (size_t i = 0; i < e->quirk_count; i++) {
        if (!set_quirk(e, e->quirks[i])) {
            fprintf(stderr, "explore: %s: the drive does not know it\n", e->quirks[i]);
            return false;
        }
    }
    return true;
}

static int search(struct explorer *e)
{
    const char *text = explore_begin(&e->j, &e->scope);

    if (text) {
        printf("difference: %s\nat the beginning\n", text);
        return 1;
    }
    number_here(e, NO_STATE, 0);
    for (uint32_t state = 0; state < e->set.count; state++) {
        if (!expand(e, state)) {
            return 1;
        }
        if (e->set.count > e->states_most) {
            printf("gave up at %zu states\n", e->set.count);
            return 2;
        }
    }
    return no_state_is_a_trap(e) ? 0 : 1;
}

static void print_end(const struct explorer *e, double seconds)
{
    unsigned cells = 0;

    for (unsigned i = 0; i < ORACLE_ROWS * ORACLE_SLOT_STATES; i++) {
        cells += e->cells[i / ORACLE_SLOT_STATES][i % ORACLE_SLOT_STATES] != 0;
    }
    for (size_t i = 0; i < e->quirk_count; i++) {
        printf("%s ", e->quirks[i]);
    }
    printf("%zu letters: %zu states, %" PRIu64 " transitions (%" PRIu64
           " refused), at most %" PRIu32
           " from the first; %u cells of the table; all held; %.1f s\n",
           e->alphabet.count, e->set.count, e->transitions, e->refusals,
           e->nodes[e->set.count - 1].depth, cells, seconds);
    fflush(stdout);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void clear(struct explorer *e)
{
    for (size_t i = 0; i < e->set.count; i++) {
        if (e->nodes[i].kept) {
            forget(e->nodes[i].kept);
        }
    }
    judged_close(&e->j);
    explore_set_free(&e->set);
    free(e->nodes);
    free(e->edges);
    e->nodes = NULL;
    e->edges = NULL;
    e->room = 0;
}

static int explore(struct explorer *e)
{
    const double begin_s = now_s();
    int result;

    if (!prepare(e)) {
        return 2;
    }
    explore_alphabet(&e->alphabet, &e->scope);
    result = search(e);
    if (result == 0 && !e->secretly) {
        print_end(e, now_s() - begin_s);
    }
    clear(e);
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

/* As a result: it has to be seen. */
static int judge_secret(struct explorer *e, const char *pair, const char *key, int result)
{
    if (result == 1) {
        e->seen++;
        return 0;
    }
    printf("%s: not seen%s\n", pair, is_not_shown(key) ? ", the alphabet does not show it" : "");
    return result == 2 ? 2 : !is_not_shown(key);
}

static int explore_value(struct explorer *e, const char *key, const char *word, size_t bytes)
{
    char pair[2 * VALUE_BYTES];
    int result;

    snprintf(pair, sizeof(pair), "%s=%.*s", key, (int)bytes, word);
    e->quirks[e->quirk_count++] = pair;
    result = explore(e);
    e->quirk_count--;
    return e->secretly ? judge_secret(e, pair, key, result) : result;
}

static int explore_every_quirk(struct explorer *e)
{
    unsigned values = 0;
    int result = 0;

    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        const struct oracle_quirk_row *row = &oracle_quirk_rows[id];
        const char *word = row->values + strcspn(row->values, " "); /* the default is explored */

        while (*word && !result && !is_of_the_scope(row->key)) {
            const size_t bytes = strcspn(word + 1, " ");

            result = explore_value(e, row->key, word + 1, bytes);
            word += 1 + bytes;
            values++;
        }
    }
    if (!result && e->secretly) {
        printf("%u values of quirks, each kept from the oracle: it saw %u\n", values, e->seen);
    } else if (!result) {
        printf("%u values of quirks, each by itself: all held\n", values);
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

static bool option(struct explorer *e, int letter)
{
    unsigned long n = 0;

    switch (letter) {
    case 'n':
        return number(optarg, EXPLORE_NEXUSES_MAX, &n) && (e->scope.nexuses = (unsigned)n) > 0;
    case 'd':
        return number(optarg, EXPLORE_DISCS, &n) && ((e->scope.discs = (unsigned)n), true);
    case 'r':
        return number(optarg, 2, &n) && ((e->scope.changes = (unsigned)n), true);
    case 's':
        return number(optarg, UINT32_MAX, &n) && ((e->seed = (uint32_t)n), true);
    case 'm':
        return number(optarg, STATES_MOST, &n) && ((e->states_most = (uint32_t)n), true);
    case 'e':
        return e->scope.events = true;
    case 'x':
        e->secretly = true;
        return e->every_quirk = true;
    case 'q':
        return e->every_quirk = true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static struct explorer e = {.scope = {.nexuses = 1}, .seed = 1, .states_most = STATES_MOST};

    for (int letter; (letter = getopt(argc, argv, "n:d:r:s:m:eqx")) != -1;) {
        if (!option(&e, letter)) {
            fprintf(stderr, "usage: explore [-n NEXUSES] [-d DISCS] [-r CHANGES] [-e] [-s SEED] "
                            "[-m STATES] [-q|-x] [KEY=VALUE...]\n");
            return 2;
        }
    }
    while (optind < argc && e.quirk_count + 1 < QUIRKS_GIVEN) {
        e.quirks[e.quirk_count++] = argv[optind++];
    }
    return e.every_quirk ? explore_every_quirk(&e) : explore(&e);
}
