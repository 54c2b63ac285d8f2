/* SPDX-License-Identifier: GPL-2.0-only */
#include "disc_file.h"

#include "disc_text.h"
#include "random.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIPTION_SUFFIX ".disc"
/** Blocks of an ECC block: a layer ends with a whole one (mmc-spec 5.1). */
#define ECC_BLOCKS 16

/* Purposes of the seed: part of what a description and its seed promise. */
#define PURPOSE_DISC_KEY    "disc key"
#define PURPOSE_PLAYER_KEYS "player keys"

struct loader {
    const char *name; /**< of the description, for errors */
    struct disc_text text;
    struct medium *medium; /**< handed in; NULL once the disc has it, or to be opened */
    char *error;
};

__attribute__((format(printf, 4, 5))) static bool fail_at(const struct loader *l, unsigned line,
                                                          const char *key, const char *format, ...)
{
    char what[INI_ERROR_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    ini_error(l->error, l->name, line, key, what);
    return false;
}

/* About a key of [disc]. */
static bool fail_key(const struct loader *l, enum disc_text_key key, const char *what)
{
    return fail_at(l, l->text.lines[key], disc_text_key_name(key), "%s", what);
}

static bool fail_run(const struct loader *l, const struct disc_text_run *run, const char *what)
{
    char key[sizeof("4294967295")];

    snprintf(key, sizeof(key), "%" PRIu32, run->extent.lba);
    return fail_at(l, run->line, key, "%s", what);
}

static bool no_memory(const struct loader *l)
{
    return fail_at(l, 0, NULL, "out of memory");
}

/* ---- the image ---- */

static const char *medium_fault(const struct medium *medium)
{
    return medium->size_bytes < DISC_BLOCK_BYTES ? "the image is smaller than a block"
                                                 : "the image is larger than a disc";
}

/* What a description calls `image`, as this process has to call it. NULL: no memory. */
static char *beside(const char *description, const char *image)
{
    const char *slash = strrchr(description, '/');
    size_t folder = slash && image[0] != '/' ? (size_t)(slash - description) + 1 : 0;
    char *path = malloc(folder + strlen(image) + 1);

    if (path) {
        memcpy(path, description, folder);
        memcpy(path + folder, image, strlen(image) + 1);
    }
    return path;
}

static bool attach_image(struct loader *l)
{
    struct disc *disc = l->text.disc;
    char error[INI_ERROR_BYTES];
    char *path;

    if (!l->text.lines[DISC_TEXT_IMAGE]) {
        return fail_at(l, 0, NULL, "no image in [disc]");
    }
    path = beside(l->name, disc->image_path);
    if (!path) {
        return no_memory(l);
    }
    free(disc->image_path);
    disc->image_path = path;
    if (!l->medium) {
        l->medium = medium_open_file(path, error, sizeof(error));
    }
    if (!l->medium) {
        return fail_key(l, DISC_TEXT_IMAGE, error);
    }
    if (!disc_set_medium(disc, l->medium)) {
        return fail_key(l, DISC_TEXT_IMAGE, medium_fault(l->medium));
    }
    l->medium = NULL;
    return true;
}

/* ---- layers and protection ---- */

/* Half of the disc, up to a whole ECC block. */
static uint32_t default_layer0_blocks(uint32_t blocks)
{
    uint32_t half = (blocks + 1) / 2;

    return (half + ECC_BLOCKS - 1) / ECC_BLOCKS * ECC_BLOCKS;
}

/* The rules of mmc-spec 5.1: L1 <= L0, L0 a multiple of 16; a second layer has a block at least. */
static bool place_layers(struct loader *l, uint32_t given_blocks)
{
    struct disc *disc = l->text.disc;
    const unsigned *lines = l->text.lines;

    if (disc->layers == 1) {
        if (lines[DISC_TEXT_LAYER0_BLOCKS]) {
            return fail_key(l, DISC_TEXT_LAYER0_BLOCKS, "needs layers = 2");
        }
        return disc->track_path == DISC_PTP ||
               fail_key(l, DISC_TEXT_TRACK_PATH, "otp needs layers = 2");
    }
    if (!lines[DISC_TEXT_LAYER0_BLOCKS]) {
        disc->layer0_blocks = default_layer0_blocks(disc->blocks);
        return disc->layer0_blocks < disc->blocks ||
               fail_key(l, DISC_TEXT_LAYERS, "the image is too small for two layers");
    }
    disc->layer0_blocks = given_blocks;
    if (given_blocks % ECC_BLOCKS != 0) {
        return fail_key(l, DISC_TEXT_LAYER0_BLOCKS, "not a multiple of 16");
    }
    if (given_blocks >= disc->blocks) {
        return fail_key(l, DISC_TEXT_LAYER0_BLOCKS, "leaves nothing of the image for layer 1");
    }
    return disc->blocks - given_blocks <= given_blocks ||
           fail_key(l, DISC_TEXT_LAYER0_BLOCKS, "layer 1 would be larger than layer 0");
}

/* A CD has one layer, no copyright byte in its sectors, and room for less. */
static bool check_kind(const struct loader *l)
{
    const struct disc_text *text = &l->text;

    if (text->disc->kind == DISC_DVD) {
        return true;
    }
    for (enum disc_text_key key = 0; key < DISC_TEXT_KEYS; key++) {
        if (text->lines[key] && disc_text_key_needs_dvd(key)) {
            return fail_key(l, key, "needs medium = dvd");
        }
    }
    if (text->extents.count) {
        return fail_run(l, &text->extents.runs[0], "an extent needs medium = dvd");
    }
    return text->disc->blocks <= DISC_CD_BLOCKS_MAX ||
           fail_key(l, DISC_TEXT_IMAGE, "the image is larger than a CD");
}

/* Without CSS nothing may be described that only CSS gives a meaning. */
static bool check_unprotected(const struct loader *l)
{
    static const char needs_css[] = "needs protection = css";
    const struct disc_text *text = &l->text;

    for (enum disc_text_key key = 0; key < DISC_TEXT_KEYS; key++) {
        if (text->lines[key] && disc_text_key_needs_css(key)) {
            return fail_key(l, key, needs_css);
        }
    }
    for (unsigned slot = 1; slot <= CSS_SLOTS; slot++) {
        if (text->player_lines[slot - 1]) {
            return fail_at(l, text->player_lines[slot - 1], "player_keys", "%s", needs_css);
        }
    }
    if (text->disc->title_key_count) {
        const struct disc_text_title_lines *lines = &text->title_lines[0];

        return fail_at(l, lines->defined ? lines->defined : lines->named,
                       text->disc->title_keys[0].name, "a title key %s", needs_css);
    }
    for (size_t i = 0; i < text->extents.count; i++) {
        if (cpr_mai_is_gated(text->extents.runs[i].extent.cpr_mai)) {
            return fail_run(l, &text->extents.runs[i], "a scrambled extent needs protection = css");
        }
    }
    return true;
}

static bool check_keys(const struct loader *l)
{
    const struct disc_text *text = &l->text;

    if (!disc_has_css(text->disc)) {
        return check_unprotected(l);
    }
    for (size_t i = 0; i < text->disc->title_key_count; i++) {
        if (!text->title_lines[i].defined) {
            return fail_at(l, text->title_lines[i].named, text->disc->title_keys[i].name,
                           "no such title key in [title_keys]");
        }
    }
    for (size_t i = 0; i < text->extents.count; i++) {
        const struct disc_text_run *run = &text->extents.runs[i];

        if (cpr_mai_is_gated(run->extent.cpr_mai) && run->extent.key < 0) {
            return fail_run(l, run, "a scrambled extent needs a title key");
        }
    }
    return true;
}

/* ---- extents and bad blocks ---- */

static int compare_runs(const void *a, const void *b)
{
    const struct disc_text_run *x = a, *y = b;

    if (x->extent.lba != y->extent.lba) {
        return x->extent.lba < y->extent.lba ? -1 : 1;
    }
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Sorts; then all runs have to be on the disc, and none may overlap its neighbour. */
static bool sort_runs(const struct loader *l, struct disc_text_runs *list)
{
    struct disc_text_run *runs = list->runs;

    if (list->count) {
        qsort(runs, list->count, sizeof(*runs), compare_runs);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct disc_extent *extent = &runs[i].extent;

        if ((uint64_t)extent->lba + extent->blocks > l->text.disc->blocks) {
            char what[64];

            snprintf(what, sizeof(what), "ends past the image, which has %" PRIu32 " blocks",
                     l->text.disc->blocks);
            return fail_run(l, &runs[i], what);
        }
        if (i && runs[i - 1].extent.lba + runs[i - 1].extent.blocks > extent->lba) {
            char what[64];

            snprintf(what, sizeof(what), "overlaps what starts at %" PRIu32 " in line %u",
                     runs[i - 1].extent.lba, runs[i - 1].line);
            return fail_run(l, &runs[i], what);
        }
    }
    return true;
}

static bool place_extents(struct loader *l)
{
    struct disc *disc = l->text.disc;
    const struct disc_text_runs *list = &l->text.extents;

    if (!sort_runs(l, &l->text.extents)) {
        return false;
    }
    if (list->count == 0) {
        return true;
    }
    disc->extents = calloc(list->count, sizeof(*disc->extents));
    if (!disc->extents) {
        return no_memory(l);
    }
    for (size_t i = 0; i < list->count; i++) {
        disc->extents[i] = list->runs[i].extent;
    }
    disc->extent_count = list->count;
    return true;
}

static bool place_bad_blocks(struct loader *l)
{
    struct disc *disc = l->text.disc;
    const struct disc_text_runs *list = &l->text.bad_blocks;

    if (!sort_runs(l, &l->text.bad_blocks)) {
        return false;
    }
    if (list->count == 0) {
        return true;
    }
    disc->bad_runs = calloc(list->count, sizeof(*disc->bad_runs));
    if (!disc->bad_runs) {
        return no_memory(l);
    }
    for (size_t i = 0; i < list->count; i++) {
        disc->bad_runs[i] = (struct disc_bad_run){.lba = list->runs[i].extent.lba,
                                                  .blocks = list->runs[i].extent.blocks};
    }
    disc->bad_run_count = list->count;
    return true;
}

/* ---- keys ---- */

static bool keep_player_slots(struct loader *l)
{
    struct disc *disc = l->text.disc;
    size_t count = 0;

    for (size_t i = 0; i < CSS_SLOTS; i++) {
        count += l->text.player_lines[i] != 0;
    }
    if (count == 0) {
        return true;
    }
    disc->player_slots = calloc(count, sizeof(*disc->player_slots));
    if (!disc->player_slots) {
        return no_memory(l);
    }
    for (size_t i = 0; i < CSS_SLOTS; i++) {
        if (l->text.player_lines[i]) {
            disc->player_slots[disc->player_slot_count++] =
                (struct disc_player_slot){.slot = (uint16_t)(i + 1), .key = l->text.players[i]};
        }
    }
    return true;
}

/* Slots that are not given come from the seed; each is the same whatever others are given. */
static void draw_players(const struct disc *disc, css_player_key players[static CSS_SLOTS])
{
    struct random_source source = random_seeded(disc->seed, PURPOSE_PLAYER_KEYS);

    random_bytes(&source, players, CSS_SLOTS * sizeof(*players));
    for (size_t i = 0; i < disc->player_slot_count; i++) {
        players[disc->player_slots[i].slot - 1] = disc->player_slots[i].key;
    }
}

static bool derive_keys(struct loader *l)
{
    struct disc *disc = l->text.disc;
    css_player_key players[CSS_SLOTS];

    if (!disc_has_css(disc)) {
        return true;
    }
    if (!l->text.lines[DISC_TEXT_DISC_KEY]) {
        struct random_source source = random_seeded(disc->seed, PURPOSE_DISC_KEY);

        random_bytes(&source, &disc->disc_key, sizeof(disc->disc_key));
    }
    if (!keep_player_slots(l)) {
        return false;
    }
    draw_players(disc, players);
    css_disc_key_block(disc->disc_key_block, &disc->disc_key, players);
    for (size_t i = 0; i < disc->title_key_count; i++) {
        disc->title_keys[i].wrapped =
            css_wrap_title_key(&disc->disc_key, &disc->title_keys[i].clear);
    }
    return true;
}

/* ---- loading ---- */

static bool build(struct loader *l)
{
    const uint32_t layer0_blocks = l->text.disc->layer0_blocks;

    return attach_image(l) && check_kind(l) && place_layers(l, layer0_blocks) && check_keys(l) &&
           place_extents(l) && place_bad_blocks(l) && derive_keys(l);
}

static bool open_disc(struct loader *l)
{
    l->text.disc = disc_new();
    if (l->text.disc) {
        l->text.disc->description_path = strdup(l->name);
    }
    return (l->text.disc && l->text.disc->description_path) || no_memory(l);
}

/* From a text, or with `text` NULL from the file of that name. */
static struct disc *load_description(const char *name, const char *text, size_t bytes,
                                     struct medium *medium, char *error)
{
    struct loader l = {.name = name, .medium = medium, .error = error};
    bool ok;

    ok = open_disc(&l);
    if (ok) {
        ok = text ? ini_read_text(name, text, bytes, disc_text_line, &l.text, error)
                  : ini_read_file(name, disc_text_line, &l.text, error);
    }
    ok = ok && build(&l);
    disc_text_free(&l.text);
    medium_close(l.medium);
    if (!ok) {
        disc_release(l.text.disc);
        return NULL;
    }
    return l.text.disc;
}

static struct disc *load_image(const char *path, char *error)
{
    struct medium *medium = medium_open_file(path, error, INI_ERROR_BYTES);
    struct disc *disc;

    if (!medium) {
        return NULL;
    }
    disc = disc_new();
    if (disc && !(disc->image_path = strdup(path))) {
        disc_release(disc);
        disc = NULL;
    }
    if (disc && disc_set_medium(disc, medium)) {
        return disc;
    }
    ini_error(error, path, 0, NULL, disc ? medium_fault(medium) : "out of memory");
    medium_close(medium);
    disc_release(disc);
    return NULL;
}

static bool is_description(const char *path)
{
    size_t length = strlen(path), suffix = strlen(DESCRIPTION_SUFFIX);

    return length >= suffix && strcmp(path + length - suffix, DESCRIPTION_SUFFIX) == 0;
}

struct disc *disc_load(const char *path, char *error)
{
    return is_description(path) ? load_description(path, NULL, 0, NULL, error)
                                : load_image(path, error);
}

struct disc *disc_load_text(const char *name, const char *text, size_t bytes, struct medium *medium,
                            char *error)
{
    return load_description(name, text ? text : "", bytes, medium, error);
}
