/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * oracle_walk COMMANDS SEED [default | KEY=VALUE... | -KEY=VALUE... | FILE.conf...]: random
 * commands and events for a drive, each answer judged by the oracle (tests/oracle). A walk is a row
 * of runs, each with a drive, discs and quirks of its own; run n of a walk with seed S is run 0 of
 * one with seed S+n. Quirks are drawn, of those that drive_config_set() knows, but for those with a
 * minus in front; or none are; or the given ones hold in every run; or those of one of the drive
 * files, in turn. Prints what was met. Ends with 0: no difference, 1: one, which is printed with
 * the commands before it, 2: usage.
 */
#include "support/judged_drive.h"
#include "walk/walk_cover.h"
#include "walk/walk_disc.h"
#include "walk/walk_host.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUN_COMMANDS 1000
#define DISCS        3
#define NEXUSES      3
#define QUIRKS_MAX   64
#define LINES        20
#define LINE_BYTES   320
#define QUIRK_BYTES  64
#define SETS_MAX     32

/* A quirk as it was drawn or given. */
struct pair {
    char key[QUIRK_BYTES], value[QUIRK_BYTES];
};

struct quirk_set {
    struct pair pairs[QUIRKS_MAX];
    size_t count;
};

struct walk {
    struct judged_drive j;
    struct walk_random r;
    struct walk_disc discs[DISCS];
    struct pair quirks[QUIRKS_MAX];
    size_t quirk_count;
    const char *text; /* the difference */

    /* of the whole walk */
    struct quirk_set sets[SETS_MAX]; /* to be set, or to be left out where quirks are drawn */
    size_t set_count;                /* one, or one of each drive file */
    bool draws_quirks;
    char **words; /* of the command line */
    uint64_t commands, events;
    struct walk_cover cover;
    char lines[LINES][LINE_BYTES]; /* the last ones, in a ring */
    uint64_t line_count;
};

/* ---- what happened last ---- */

__attribute__((format(printf, 2, 3))) static void say(struct walk *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->lines[w->line_count++ % LINES], LINE_BYTES, format, args);
    va_end(args);
}

static size_t hex(char *out, size_t room, const uint8_t *bytes, size_t count)
{
    size_t used = 0;

    for (size_t i = 0; i < count && used + 3 < room; i++) {
        used += (size_t)snprintf(out + used, room - used, "%s%02X", i ? " " : "", bytes[i]);
    }
    out[used] = 0;
    return used;
}

static void say_command(struct walk *w, const struct oracle_command *c)
{
    const struct scsi_sense *s = &w->j.reply.sense;
    const size_t in =
        w->j.reply.in_bytes < c->in_room_bytes ? w->j.reply.in_bytes : c->in_room_bytes;
    char cdb[64], list[100], data[64], end[40];

    hex(cdb, sizeof(cdb), c->cdb, c->cdb_bytes);
    hex(list, sizeof(list), c->out, c->out_bytes < 24 ? c->out_bytes : 24);
    hex(data, sizeof(data), w->j.in, in < 16 ? in : 16);
    snprintf(end, sizeof(end), s->check ? "%02X/%02X/%02X" : "GOOD", s->key, s->asc, s->ascq);
    say(w, "nexus %u  %s%s%s  room %zu: %s, %zu bytes  %s", c->nexus, cdb,
        c->out_bytes ? "  -> " : "", list, c->in_room_bytes, end, w->j.reply.in_bytes, data);
}

static void print_difference(const struct walk *w, uint32_t run_seed, uint64_t command)
{
    const uint64_t from = w->line_count > LINES ? w->line_count - LINES : 0;

    printf("difference: %s\nthe last of the run:\n", w->text);
    for (uint64_t i = from; i < w->line_count; i++) {
        printf("  %s\n", w->lines[i % LINES]);
    }
    printf("quirks of the run:");
    for (size_t i = 0; i < w->quirk_count; i++) {
        printf(" %s=%s", w->quirks[i].key, w->quirks[i].value);
    }
    printf("%s\nrerun: oracle_walk %" PRIu64 " %" PRIu32, w->quirk_count ? "" : " none",
           command + 1, run_seed);
    for (char **word = w->words; *word; word++) {
        printf(" %s", *word);
    }
    printf("\n");
}

/* ---- quirks ---- */

static bool set_pair(struct walk *w, const struct pair *pair)
{
    if (!judged_quirk(&w->j, pair->key, pair->value)) {
        return false;
    }
    w->quirks[w->quirk_count++] = *pair;
    return true;
}

/* Word `place` of the values of a key; false: there are not so many. */
static bool pair_at(struct pair *pair, unsigned id, unsigned place)
{
    const char *word = oracle_quirk_rows[id].values;

    for (; place && *word; place--) {
        word += strcspn(word, " ");
        word += *word == ' ';
    }
    snprintf(pair->key, sizeof(pair->key), "%s", oracle_quirk_rows[id].key);
    snprintf(pair->value, sizeof(pair->value), "%.*s", (int)strcspn(word, " "), word);
    return *word != 0;
}

static unsigned values_of(unsigned id)
{
    struct pair pair;
    unsigned count = 0;

    while (pair_at(&pair, id, count)) {
        count++;
    }
    return count;
}

static bool is_left_out(const struct walk *w, const struct pair *pair)
{
    const struct quirk_set *set = &w->sets[0];

    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->pairs[i].key, pair->key) == 0 &&
            strcmp(set->pairs[i].value, pair->value) == 0) {
            return true;
        }
    }
    return false;
}

/* A third of the runs have one or two, a third some, a third many. */
static void draw_quirks(struct walk *w)
{
    static const unsigned per_mille[] = {60, 300, 600};
    const unsigned chance = per_mille[walk_below(&w->r, 3)];

    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        const bool chosen = walk_chance(&w->r, chance);
        const unsigned place = walk_below(&w->r, values_of(id));
        struct pair pair;

        if (chosen && pair_at(&pair, id, place) && !is_left_out(w, &pair)) {
            set_pair(w, &pair); /* a drive that does not know it goes without */
        }
    }
}

/* How many of all keys and values the drive knows. */
static void print_known_quirks(void)
{
    static struct judged_drive j;
    unsigned known = 0, all = 0;

    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        struct pair pair;

        for (unsigned place = 0; pair_at(&pair, id, place); place++) {
            judged_init(&j, 0);
            known += judged_quirk(&j, pair.key, pair.value);
            all++;
        }
    }
    printf("quirks: the drive knows %u of %u values\n", known, all);
}

/* ---- events ---- */

static bool differs(struct walk *w, const char *text)
{
    w->events++;
    w->text = text;
    return text != NULL;
}

static unsigned nexus_count(const struct walk *w)
{
    unsigned count = 0;

    for (unsigned n = 0; n < NEXUSES; n++) {
        count += w->j.nexus[n] != NULL;
    }
    return count;
}

static bool nexus_event(struct walk *w)
{
    const unsigned n = walk_below(&w->r, NEXUSES);

    if (w->j.nexus[n]) {
        say(w, "event     nexus %u goes", n);
        return differs(w, judged_nexus_goes(&w->j, n));
    }
    say(w, "event     nexus %u comes", n);
    return differs(w, judged_nexus_comes(&w->j, n));
}

static bool insert_event(struct walk *w)
{
    const unsigned n = walk_below(&w->r, DISCS);

    say(w, "event     operator inserts disc %u", n);
    return differs(w, judged_insert(&w->j, &w->discs[n].facts));
}

static bool eject_event(struct walk *w)
{
    const bool force = walk_chance(&w->r, 300);

    say(w, "event     operator ejects%s", force ? " by force" : "");
    walk_cover_event(&w->cover, &w->j.oracle);
    return differs(w, judged_eject(&w->j, force));
}

static bool reset_event(struct walk *w)
{
    say(w, "event     reset");
    walk_cover_event(&w->cover, &w->j.oracle);
    return differs(w, judged_reset(&w->j));
}

static bool power_event(struct walk *w)
{
    say(w, "event     power off and on");
    walk_cover_event(&w->cover, &w->j.oracle);
    return differs(w, judged_power_cycle(&w->j));
}

static bool wait_event(struct walk *w)
{
    const unsigned ms = walk_below(&w->r, 1000);

    say(w, "event     %u ms pass", ms);
    return differs(w, judged_wait(&w->j, ms));
}

/* What is due before the next command; true: it made a difference. */
static bool events(struct walk *w)
{
    const struct oracle *o = &w->j.oracle;
    const bool empty = !o->disc, stuck = o->disc && o->tray_open;

    if ((walk_chance(&w->r, 4) && nexus_event(w)) ||
        (walk_chance(&w->r, empty   ? 250
                            : stuck ? 80
                                    : 2) &&
         insert_event(w)) ||
        (walk_chance(&w->r, 3) && eject_event(w)) || (walk_chance(&w->r, 3) && reset_event(w)) ||
        (walk_chance(&w->r, 1) && power_event(w)) ||
        (walk_chance(&w->r, o->loading ? 200 : 10) && wait_event(w))) {
        return true;
    }
    while (nexus_count(w) == 0) {
        if (nexus_event(w)) {
            return true;
        }
    }
    return false;
}

/* ---- commands ---- */

static bool command(struct walk *w)
{
    static struct walk_command c;
    struct oracle_answer a = {.check = false};
    unsigned nexus = walk_below(&w->r, NEXUSES);

    while (!w->j.nexus[nexus]) {
        nexus = (nexus + 1) % NEXUSES;
    }
    walk_host_draw(&c, &w->r, &w->j.oracle, nexus);
    w->text = judged_run(&w->j, &c.command);
    say_command(w, &c.command);
    if (w->text) {
        return true;
    }
    a.check = w->j.reply.sense.check;
    a.key = w->j.reply.sense.key;
    a.asc = w->j.reply.sense.asc;
    a.ascq = w->j.reply.sense.ascq;
    walk_cover_command(&w->cover, &c.command, &a, &w->j.note);
    return false;
}

/* ---- a run ---- */

static void begin(struct walk *w, uint32_t seed)
{
    const struct quirk_set *set = &w->sets[seed % w->set_count];

    w->r.state = seed * 2654435761u + 12345u;
    w->quirk_count = 0;
    w->line_count = 0;
    judged_init(&w->j, walk_below(&w->r, 0xffffffffu));
    if (w->draws_quirks) {
        draw_quirks(w);
    }
    for (size_t i = 0; i < set->count && !w->draws_quirks; i++) {
        set_pair(w, &set->pairs[i]);
    }
    for (unsigned n = 0; n < DISCS; n++) {
        walk_disc_draw(&w->discs[n], &w->r, n);
    }
    judged_open(&w->j);
}

/* False: a difference, which is printed. */
static bool run(struct walk *w, uint32_t seed, uint64_t commands)
{
    begin(w, seed);
    for (uint64_t i = 0; i < commands; i++) {
        if (events(w) || command(w)) {
            print_difference(w, seed, i);
            judged_close(&w->j);
            return false;
        }
        w->commands++;
    }
    judged_close(&w->j);
    return true;
}

static void print_end(struct walk *w, double seconds, uint32_t seed)
{
    const unsigned missing = walk_cover_print(&w->cover, stdout);

    print_known_quirks();
    printf("judged %" PRIu64 ", outside the rules %" PRIu64 "; cells of the table not met: %u\n",
           w->cover.judged, w->cover.not_judged, missing);
    printf("%" PRIu64 " commands and %" PRIu64 " events, no difference, seed %" PRIu32
           ", %.0f commands/s\n",
           w->commands, w->events, seed, seconds > 0 ? (double)w->commands / seconds : 0);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool walk(struct walk *w, uint64_t commands, uint32_t seed)
{
    const double begin_s = now_s();

    for (uint32_t n = 0; w->commands < commands; n++) {
        const uint64_t left = commands - w->commands;

        if (!run(w, seed + n, left < RUN_COMMANDS ? left : RUN_COMMANDS)) {
            return false;
        }
    }
    print_end(w, now_s() - begin_s, seed);
    return true;
}

/* ---- the command line ---- */

static bool is_number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;

    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && *out <= most;
}

static bool split(const char *text, struct pair *pair)
{
    const char *equals = strchr(text, '=');

    if (!equals) {
        return false;
    }
    snprintf(pair->key, sizeof(pair->key), "%.*s", (int)(equals - text), text);
    snprintf(pair->value, sizeof(pair->value), "%s", equals + 1);
    return true;
}

static bool is_quirk(struct walk *w, const struct pair *pair)
{
    judged_init(&w->j, 0);
    return judged_quirk(&w->j, pair->key, pair->value);
}

static bool complain(const char *word, const char *why)
{
    fprintf(stderr, "oracle_walk: %s: %s\n", word, why);
    return false;
}

/* A key of a drive file: those that are no quirks do not matter here. */
static void take_key(void *ctx, const char *key, const char *value)
{
    struct walk *w = ctx;
    struct quirk_set *set = &w->sets[w->set_count - 1];
    struct pair *pair = &set->pairs[set->count];

    snprintf(pair->key, sizeof(pair->key), "%s", key);
    snprintf(pair->value, sizeof(pair->value), "%s", value);
    if (set->count < QUIRKS_MAX - 1 && is_quirk(w, pair)) {
        set->count++;
    }
}

static bool files_given(struct walk *w, char **words, int count)
{
    for (int i = 0; i < count; i++) {
        struct drive_config_list list;
        char why[INI_ERROR_BYTES];

        if (i == SETS_MAX || !drive_config_read(&list, words[i], why)) {
            return complain(words[i], i == SETS_MAX ? "one file too many" : why);
        }
        w->set_count = (size_t)i + 1;
        drive_config_each(&list.rows[0], take_key, w);
        drive_config_list_free(&list);
    }
    return true;
}

/* All with a minus in front, or none. */
static bool pairs_given(struct walk *w, char **words, int count)
{
    struct quirk_set *set = &w->sets[0];

    w->draws_quirks = count == 0 || words[0][0] == '-';
    for (int i = 0; i < count; i++) {
        const bool minus = words[i][0] == '-';
        struct pair *pair = &set->pairs[set->count];

        if (i >= QUIRKS_MAX || minus != w->draws_quirks || !split(words[i] + minus, pair) ||
            !is_quirk(w, pair)) {
            return complain(words[i], "no such quirk, or not together with the others");
        }
        set->count++;
        if (minus) {
            printf("skipped: quirk %s\n", words[i] + 1);
        }
    }
    return true;
}

static bool quirks_given(struct walk *w, char **words, int count)
{
    w->words = words;
    w->set_count = 1;
    if (count == 1 && strcmp(words[0], "default") == 0) {
        return true;
    }
    return count && !strchr(words[0], '=') ? files_given(w, words, count)
                                           : pairs_given(w, words, count);
}

int main(int argc, char **argv)
{
    static struct walk w;
    uint64_t commands, seed;

    if (argc < 3 || !is_number(argv[1], UINT64_MAX, &commands) ||
        !is_number(argv[2], UINT32_MAX, &seed) || !quirks_given(&w, argv + 3, argc - 3)) {
        fprintf(stderr, "usage: oracle_walk COMMANDS SEED [default | KEY=VALUE... | "
                        "-KEY=VALUE... | FILE.conf...]\n");
        return 2;
    }
    return walk(&w, commands, (uint32_t)seed) ? 0 : 1;
}
