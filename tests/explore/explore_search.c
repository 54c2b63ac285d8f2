/* SPDX-License-Identifier: GPL-2.0-only */
#include "explore_search.h"

#include "emulator/drive_snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_STATE UINT32_MAX

/* What brings the drive back into a state. */
struct kept {
    struct drive_snapshot *snapshot;
    struct oracle oracle;
    struct region_state region;
    bool region_is_kept;
    uint32_t random;
};

struct explore_node {
    struct kept *kept; /* until it has been expanded */
    uint32_t parent, depth;
    uint16_t letter;
    bool has_bus_key, comes_to_bus_key;
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
    e->nodes[n] =
        (struct explore_node){.kept = keep(&e->j),
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

    if (e->says_nothing) {
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

enum explore_result explore_search(struct explorer *e)
{
    const char *text = explore_begin(&e->j, &e->scope);

    explore_alphabet(&e->alphabet, &e->scope);
    e->transitions = e->refusals = 0;
    memset(e->cells, 0, sizeof(e->cells));
    if (text) {
        printf("difference: %s\nat the beginning\n", text);
        return EXPLORE_DIFFERS;
    }
    number_here(e, NO_STATE, 0);
    for (uint32_t state = 0; state < e->set.count; state++) {
        if (!expand(e, state)) {
            return EXPLORE_DIFFERS;
        }
        if (e->set.count > e->states_most) {
            printf("gave up at %zu states\n", e->set.count);
            return EXPLORE_GAVE_UP;
        }
    }
    return no_state_is_a_trap(e) ? EXPLORE_HELD : EXPLORE_DIFFERS;
}

uint32_t explore_depth(const struct explorer *e)
{
    return e->nodes[e->set.count - 1].depth;
}

void explore_end(struct explorer *e)
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
