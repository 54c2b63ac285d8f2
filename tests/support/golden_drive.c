/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden_drive.h"

#include "emulator/ini_file.h"
#include "golden_args.h"
#include "golden_disc.h"
#include "host_css.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_FROM 0x80
#define DUAL_LAYER0 160

const struct golden_exchange golden_exchanges[DRIVE_AGIDS] = {
    {5,
     {{0x8c, 0xd0, 0xe8, 0x20, 0x6a, 0xb5, 0x61, 0x03, 0x0c, 0x43}},
     {{0x0b, 0xd7, 0x27, 0xe5, 0x02, 0xcc, 0x82, 0x9e, 0x72, 0x06}}},
    {9,
     {{0x0d, 0x9b, 0x63, 0xed, 0xa0, 0x61, 0x4d, 0x80, 0x70, 0x7d}},
     {{0x9b, 0x89, 0x1a, 0x9f, 0x6d, 0x01, 0xb4, 0xa2, 0x25, 0x91}}},
    {17,
     {{0x09, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0x00}},
     {{0xea, 0x6a, 0x6f, 0x61, 0x18, 0xae, 0x9a, 0xe8, 0x88, 0x0d}}},
    {30,
     {{0xd1, 0xc6, 0x40, 0x27, 0xf5, 0x29, 0x5f, 0x21, 0x9c, 0x8c}},
     {{0x2a, 0x10, 0xa0, 0xc0, 0xfd, 0x17, 0x49, 0x41, 0xab, 0xa7}}},
};

/* ---- what the drive is given ---- */

static void counting_random(void *ctx, uint8_t *out, size_t bytes)
{
    struct golden_drive *g = ctx;

    for (size_t i = 0; i < bytes; i++) {
        out[i] = g->random_next++;
    }
}

static uint64_t standing_clock(void *ctx)
{
    const struct golden_drive *g = ctx;

    return g->now_us;
}

static bool keep_region(void *ctx, const struct region_state *state)
{
    struct golden_drive *g = ctx;

    if (!g->store_fails) {
        g->stored = *state;
    }
    return !g->store_fails;
}

static void *need(void *memory)
{
    if (!memory) {
        perror("golden drive");
        abort();
    }
    return memory;
}

/* ---- the words of `drive:` ---- */

static void quiet(struct golden_drive *g)
{
    g->host->state.attentions = g->other->state.attentions = 0;
    g->host->state.event_count = g->other->state.event_count = 0;
}

static bool put_in(struct golden_drive *g, struct disc *disc)
{
    if (!drive_insert(&g->drive, disc)) {
        disc_release(disc);
        return false;
    }
    quiet(g);
    return true;
}

static bool set_empty(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    return !g->drive.disc;
}

static bool set_open(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    drive_tray_open(&g->drive);
    quiet(g);
    return true;
}

static bool set_plain(struct golden_drive *g, const struct golden_word *w)
{
    unsigned long blocks = GOLDEN_DISC_BLOCKS;

    return (w->count == 1 || golden_number(w->arg[1], 10, DISC_BLOCKS_MAX, &blocks)) && blocks &&
           put_in(g, golden_disc_plain((uint32_t)blocks));
}

static bool set_dual(struct golden_drive *g, const struct golden_word *w)
{
    unsigned path;
    struct disc *disc;

    if (!golden_name(golden_paths, w->arg[1], &path)) {
        return false;
    }
    disc = golden_disc_plain(GOLDEN_DISC_BLOCKS);
    disc->layers = 2;
    disc->track_path = (uint8_t)path;
    disc->layer0_blocks = DUAL_LAYER0;
    return put_in(g, disc);
}

static bool set_css(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    return put_in(g, golden_disc_css());
}

static bool set_cd(struct golden_drive *g, const struct golden_word *w)
{
    struct disc *disc = golden_disc_plain(GOLDEN_DISC_BLOCKS);

    (void)w;
    disc->kind = DISC_CD;
    return put_in(g, disc);
}

static bool set_absent(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    if (g->drive.disc) {
        g->drive.disc->protection = DISC_NO_STRUCTURE;
    }
    return g->drive.disc != NULL;
}

static bool set_rmi(struct golden_drive *g, const struct golden_word *w)
{
    return g->drive.disc && golden_byte(w->arg[1], &g->drive.disc->rmi);
}

static bool set_bca(struct golden_drive *g, const struct golden_word *w)
{
    struct disc *disc = g->drive.disc;
    unsigned long bytes;

    if (!disc || !golden_number(w->arg[1], 10, DISC_BCA_BYTES_MAX, &bytes)) {
        return false;
    }
    disc->bca_bytes = (uint8_t)bytes;
    for (size_t i = 0; i < bytes; i++) {
        disc->bca[i] = (uint8_t)(i + 1);
    }
    return true;
}

static bool set_stored(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    if (g->drive.disc) {
        g->drive.disc->scrambled = true;
    }
    return g->drive.disc != NULL;
}

static bool set_bad(struct golden_drive *g, const struct golden_word *w)
{
    struct disc *disc = g->drive.disc;
    unsigned long lba;

    if (!disc || disc->bad_run_count || !golden_number(w->arg[1], 10, disc->blocks - 1, &lba)) {
        return false;
    }
    golden_disc_spoil(disc, (uint32_t)lba);
    return true;
}

static bool set_broken(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    if (g->drive.disc) {
        golden_disc_break(g->drive.disc);
    }
    return g->drive.disc != NULL;
}

/* An exchange as far as it has come in that state; KEY1 and bus key are the host's reckoning. */
static bool set_agid(struct golden_drive *g, const struct golden_word *w)
{
    struct agid_slot slot = {0};
    const struct golden_exchange *e;
    unsigned long n;
    unsigned state;
    uint8_t key2[HOST_CSS_KEY_BYTES];

    if (!golden_slot(w->arg[1], &n) || !golden_agid_state(w->arg[2], &state)) {
        return false;
    }
    e = &golden_exchanges[n];
    slot.state = (uint8_t)state;
    slot.variant = state >= AGID_GRANTED ? e->variant : 0;
    if (state >= AGID_HCHAL) {
        slot.host_challenge = e->host;
    }
    if (state >= AGID_KEY1) {
        host_css_key1(e->variant, e->host.b, slot.key1.b);
    }
    if (state >= AGID_DCHAL) {
        slot.drive_challenge = e->drive;
    }
    if (state >= AGID_BUSKEY) {
        host_css_key2(e->variant, e->drive.b, key2);
        host_css_bus_key(e->variant, slot.key1.b, key2, slot.bus_key.b);
    }
    g->drive.state.agids[n] = slot;
    return true;
}

static bool set_asf(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    g->drive.state.asf = true;
    return true;
}

static bool set_region(struct golden_drive *g, const struct golden_word *w)
{
    struct region_state *r = &g->drive.state.region;

    return golden_region(w->arg[1], &r->mask, &r->user_changes);
}

static bool set_store(struct golden_drive *g, const struct golden_word *w)
{
    g->store_fails = strcmp(w->arg[1], "fails") == 0;
    return g->store_fails;
}

static bool set_prevent(struct golden_drive *g, const struct golden_word *w)
{
    unsigned who = PREVENT_HERE;

    if (w->count > 1 && !golden_name(golden_prevents + 1, w->arg[1], &who)) {
        return false;
    }
    g->host->state.prevent |= who == PREVENT_HERE;
    g->host->state.prevent_persistent |= who == PREVENT_PERSISTENT;
    g->other->state.prevent |= who == PREVENT_OTHER;
    return true;
}

static bool set_attention(struct golden_drive *g, const struct golden_word *w)
{
    unsigned bit;

    if (!golden_name(golden_attentions + 1, w->arg[1], &bit)) {
        return false;
    }
    g->host->state.attentions |= bit;
    return true;
}

static bool set_event(struct golden_drive *g, const struct golden_word *w)
{
    unsigned event;

    if (!golden_name(golden_events + 1, w->arg[1], &event) ||
        g->host->state.event_count == DRIVE_EVENTS_MAX) {
        return false;
    }
    g->host->state.events[g->host->state.event_count++] = (uint8_t)event;
    return true;
}

static bool set_page(struct golden_drive *g, const struct golden_word *w)
{
    uint8_t value, *at = golden_page_byte(&g->drive, w, &value);

    if (at) {
        *at = value;
    }
    return at != NULL;
}

static bool set_random(struct golden_drive *g, const struct golden_word *w)
{
    return golden_byte(w->arg[1], &g->random_next);
}

static bool set_strict(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    g->drive.engine.strict = true;
    return true;
}

static bool set_sent(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    g->drive.state.key_sent = true;
    return true;
}

static bool set_reused(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    g->drive.state.agid_reused = true;
    return true;
}

static bool set_time(struct golden_drive *g, const struct golden_word *w)
{
    unsigned long ms;

    if (!golden_number(w->arg[1], 10, UINT32_MAX, &ms)) {
        return false;
    }
    g->now_us += (uint64_t)ms * 1000;
    return true;
}

/* Done when the drive was powered on. */
static bool set_quirk(struct golden_drive *g, const struct golden_word *w)
{
    (void)g;
    return quirk_find(w->arg[1]) != NULL;
}

struct word_row {
    const char *name;
    size_t args_min, args_max; /* behind the name */
    bool (*run)(struct golden_drive *g, const struct golden_word *w);
};

static const struct word_row drive_rows[] = {
    {"empty", 0, 0, set_empty},
    {"open", 0, 0, set_open},
    {"plain", 0, 1, set_plain},
    {"dual", 1, 1, set_dual},
    {"css", 0, 0, set_css},
    {"rmi", 1, 1, set_rmi},
    {"bca", 1, 1, set_bca},
    {"stored", 0, 0, set_stored},
    {"bad", 1, 1, set_bad},
    {"broken", 0, 0, set_broken},
    {"agid", 2, 2, set_agid},
    {"asf", 0, 0, set_asf},
    {"region", 1, 1, set_region},
    {"store", 1, 1, set_store},
    {"prevent", 0, 1, set_prevent},
    {"event", 1, 1, set_event},
    {"attention", 1, 1, set_attention},
    {"page", 4, 4, set_page},
    {"random", 1, 1, set_random},
    {"strict", 0, 0, set_strict},
    {"sent", 0, 0, set_sent},
    {"reused", 0, 0, set_reused},
    {"quirk", 2, 2, set_quirk},
    {"time", 1, 1, set_time},
    {"cd", 0, 0, set_cd},
    {"absent", 0, 0, set_absent},
    {NULL, 0, 0, NULL},
};

/* ---- the words of `do:` ---- */

static bool do_reset(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    drive_reset(&g->drive);
    return true;
}

static bool do_eject(struct golden_drive *g, const struct golden_word *w)
{
    const bool force = w->count > 1;

    if (force && strcmp(w->arg[1], "force") != 0) {
        return false;
    }
    drive_eject(&g->drive, force);
    return true;
}

static bool do_insert(struct golden_drive *g, const struct golden_word *w)
{
    struct disc *disc = golden_disc_plain(GOLDEN_DISC_BLOCKS);

    (void)w;
    if (!drive_insert(&g->drive, disc)) {
        disc_release(disc);
    }
    return true;
}

static bool do_login(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    drive_nexus_close(&g->drive, g->host);
    g->host = need(drive_nexus_open(&g->drive, 3));
    return true;
}

static bool do_time(struct golden_drive *g, const struct golden_word *w)
{
    const bool good = set_time(g, w);

    drive_tick(&g->drive);
    return good;
}

static bool do_logout(struct golden_drive *g, const struct golden_word *w)
{
    (void)w;
    drive_nexus_close(&g->drive, g->host);
    drive_nexus_close(&g->drive, g->other);
    g->host = need(drive_nexus_open(&g->drive, 3));
    g->other = need(drive_nexus_open(&g->drive, 4));
    quiet(g);
    return true;
}

static const struct word_row do_rows[] = {
    {"reset", 0, 0, do_reset}, {"eject", 0, 1, do_eject}, {"insert", 0, 0, do_insert},
    {"login", 0, 0, do_login}, {"time", 1, 1, do_time},   {"logout", 0, 0, do_logout},
    {NULL, 0, 0, NULL},
};

static const char *obey(struct golden_drive *g, const struct word_row *rows,
                        const struct golden_words *words, size_t without)
{
    for (size_t i = 0; i < words->count; i++) {
        const struct golden_word *w = &words->word[i];
        const struct word_row *row = rows;

        if (i == without) {
            continue;
        }
        while (row->name && strcmp(row->name, w->arg[0]) != 0) {
            row++;
        }
        if (!row->name || w->count - 1 < row->args_min || w->count - 1 > row->args_max ||
            !row->run(g, w)) {
            return w->arg[0];
        }
    }
    return NULL;
}

/* ---- state ---- */

struct golden_state golden_state_of(const struct golden_drive *g)
{
    const struct drive *d = &g->drive;
    struct golden_state s;

    memset(&s, 0, sizeof(s));
    memcpy(s.agids, d->state.agids, sizeof(s.agids));
    s.region = d->state.region;
    s.stored = g->stored;
    s.asf = d->state.asf;
    s.tray_open = d->state.tray_open;
    s.disc_in = d->disc != NULL;
    s.prevent = g->host->state.prevent;
    s.prevent_persistent = g->host->state.prevent_persistent;
    s.prevent_other = g->other->state.prevent;
    memcpy(s.events, g->host->state.events, g->host->state.event_count);
    s.event_count = g->host->state.event_count;
    memcpy(s.page_values, d->state.mode_values, sizeof(s.page_values));
    s.attentions = g->host->state.attentions;
    return s;
}

void golden_personality(struct personality *personality)
{
    personality_init(personality);
    strcpy(personality->vendor, "VENDOR");
    strcpy(personality->firmware_date, "20260131123456");
    strcpy(personality->serial, "0123456789AB");
}

bool golden_word_is_quirk(const struct golden_word *w)
{
    const struct quirk_row *row =
        w->count == 3 && strcmp(w->arg[0], "quirk") == 0 ? quirk_find(w->arg[1]) : NULL;

    return row && strcmp(row->initial, w->arg[2]) != 0;
}

static bool apply_quirks(struct quirks *quirks, const struct golden_words *words, size_t without)
{
    char why[INI_ERROR_BYTES];

    for (size_t i = 0; i < words->count; i++) {
        const struct golden_word *w = &words->word[i];

        if (i != without && golden_word_is_quirk(w) &&
            !quirk_set(quirks, quirk_find(w->arg[1]), w->arg[2], why)) {
            return false;
        }
    }
    return true;
}

const char *golden_drive_open(struct golden_drive *g, const struct personality *personality,
                              const struct golden_words *words, size_t without)
{
    const struct drive_services services = {
        .ctx = g,
        .random = counting_random,
        .now_us = standing_clock,
        .store_region = keep_region,
    };
    struct personality mine;
    const char *error;
    bool known;

    memset(g, 0, sizeof(*g));
    g->random_next = RANDOM_FROM;
    if (personality) {
        mine = *personality;
    } else {
        golden_personality(&mine);
    }
    known = apply_quirks(&mine.quirks, words, without);
    drive_init(&g->drive, &mine, &services, NULL);
    g->other = need(drive_nexus_open(&g->drive, 2));
    g->host = need(drive_nexus_open(&g->drive, 1));
    quiet(g);
    error = known ? obey(g, drive_rows, words, without) : "quirk";
    g->before = golden_state_of(g);
    return error;
}

void golden_drive_close(struct golden_drive *g)
{
    drive_fini(&g->drive);
}

const char *golden_drive_do(struct golden_drive *g, const struct golden_words *words)
{
    return obey(g, do_rows, words, GOLDEN_ALL_WORDS);
}
