/* SPDX-License-Identifier: GPL-2.0-only */
#include "mint.h"

#include "disc_file.h"
#include "error_line.h"
#include "random.h"
#include "scsi/be.h"

#include <inttypes.h>
#include <stdlib.h>

/** Stands for the description's path in errors of disc_load_text(). */
#define DRAFT_NAME  "its description"
#define DRAFT_IMAGE "image"
/** Blocks read at a time. */
#define READ_BLOCKS       64
#define SCRAMBLED_PERCENT 30
#define CGMS_SHIFT        4
#define KEY_NAME_BYTES    32

enum pack_kind { PACK_PLAIN, PACK_MAY_SCRAMBLE, PACK_NAVIGATION, PACK_SCRAMBLED };

/* The description is written to memory first, then loaded: what mint hands out has passed all
 * checks of a loader, and its keys are derived in one place. */
struct mint {
    const struct mint_recipe *recipe;
    struct medium *medium;
    struct random_source title_keys, runs;
    FILE *draft;
    char *error;
};

/* A line of [extents] that may still grow; no blocks: none yet. */
struct growing_run {
    uint32_t lba, blocks;
    uint8_t cpr_mai;
};

/* ---- reading packs ---- */

static bool out_of_memory(const struct mint *m)
{
    return error_line(m->error, "out of memory");
}

static bool classify(const struct mint *m, uint32_t lba, const uint8_t *block, uint8_t *kind)
{
    *kind = PACK_PLAIN;
    if (css_pack_is_navigation(block)) {
        *kind = PACK_NAVIGATION;
    } else if (css_pack_may_scramble(block)) {
        *kind = PACK_MAY_SCRAMBLE;
        if (css_pack_is_marked(block)) {
            return error_line(m->error,
                              "the pack at LBA %" PRIu32
                              " is already marked scrambled; mint takes a plain image",
                              lba);
        }
    }
    return true;
}

/* What the blocks of a run are, one byte each. */
static bool classify_run(const struct mint *m, uint32_t lba, uint32_t blocks, uint8_t *kinds)
{
    uint8_t data[READ_BLOCKS * DISC_BLOCK_BYTES];

    for (uint32_t done = 0; done < blocks; done++) {
        const uint32_t part = done % READ_BLOCKS;

        if (part == 0) {
            uint32_t want = blocks - done < READ_BLOCKS ? blocks - done : READ_BLOCKS;

            if (m->medium->ops->read(m->medium, (uint64_t)(lba + done) * DISC_BLOCK_BYTES, data,
                                     (size_t)want * DISC_BLOCK_BYTES, true) != MEDIUM_OK) {
                return error_line(m->error, "the image cannot be read at LBA %" PRIu32, lba + done);
            }
        }
        if (!classify(m, lba + done, data + (size_t)part * DISC_BLOCK_BYTES, &kinds[done])) {
            return false;
        }
    }
    return true;
}

/* ---- the rule ---- */

/* One VOBU. Its first pack stays clear: it is the navigation pack. */
static void scramble_vobu(struct mint *m, uint8_t *kinds, size_t packs)
{
    const size_t run = (packs * SCRAMBLED_PERCENT + 50) / 100; /* 1 of 2 packs already */
    uint8_t drawn[sizeof(uint32_t)];
    size_t first;

    if (packs < 2) {
        return;
    }
    random_bytes(&m->runs, drawn, sizeof(drawn));
    first = 1 + be32_get(drawn) % (packs - run);
    for (size_t i = first; i < first + run; i++) {
        if (kinds[i] == PACK_MAY_SCRAMBLE) {
            kinds[i] = PACK_SCRAMBLED;
        }
    }
}

static void scramble_vob(struct mint *m, uint8_t *kinds, size_t blocks)
{
    size_t start = 0;

    for (size_t i = 1; i <= blocks; i++) {
        if (i == blocks || kinds[i] == PACK_NAVIGATION) {
            scramble_vobu(m, kinds + start, i - start);
            start = i;
        }
    }
}

/* ---- the draft ---- */

static void write_title_key(struct mint *m, const char *name)
{
    css_title_key key = {{0}};

    random_bytes(&m->title_keys, key.b, sizeof(key.b));
    fprintf(m->draft, "%s = %02x%02x%02x%02x%02x\n", name, key.b[0], key.b[1], key.b[2], key.b[3],
            key.b[4]);
}

static void write_extent(struct mint *m, const struct growing_run *run, const char *key,
                         const char *file)
{
    if (run->blocks) {
        fprintf(m->draft, "%" PRIu32 " = %" PRIu32 " %02X %s %s\n", run->lba, run->blocks,
                run->cpr_mai, key, file);
    }
}

static void write_head(struct mint *m)
{
    const struct mint_recipe *r = m->recipe;

    fprintf(m->draft, "[disc]\nimage = %s\nprotection = css\nregions = %s\nseed = %" PRIu64 "\n",
            DRAFT_IMAGE, r->regions ? r->regions : "all", r->seed);
    if (r->disc_key) {
        fprintf(m->draft, "disc_key = %s\n", r->disc_key);
    }
    if (r->player_keys) {
        fprintf(m->draft, "[player_keys]\n%s", r->player_keys);
    }
}

/* ---- a DVD-Video ---- */

static void name_title_set(char name[static KEY_NAME_BYTES], unsigned title_set)
{
    snprintf(name, KEY_NAME_BYTES, title_set ? "title_set_%u" : "menus", title_set);
}

/* `kinds` goes on with the blocks of this run. */
static void write_run(struct mint *m, const struct dvd_video_vob *vob,
                      const struct dvd_video_run *run, const uint8_t *kinds)
{
    const uint8_t cgms = (uint8_t)(m->recipe->cgms << CGMS_SHIFT);
    struct growing_run growing = {.lba = run->lba};
    char key[KEY_NAME_BYTES];

    name_title_set(key, vob->title_set);
    for (uint32_t i = 0; i < run->blocks; i++) {
        uint8_t cpr_mai = kinds[i] == PACK_SCRAMBLED ? CPR_MAI_SCRAMBLED : CPR_MAI_CLEAR;

        cpr_mai = (uint8_t)((cpr_mai & ~CPR_MAI_CGMS) | cgms);
        if (cpr_mai != growing.cpr_mai) {
            write_extent(m, &growing, key, vob->name);
            growing = (struct growing_run){.lba = run->lba + i, .cpr_mai = cpr_mai};
        }
        growing.blocks++;
    }
    write_extent(m, &growing, key, vob->name);
}

static bool mint_vob(struct mint *m, const struct dvd_video_vob *vob)
{
    size_t blocks = 0;
    uint8_t *kinds;
    bool good = true;

    for (size_t i = 0; i < vob->run_count; i++) {
        blocks += vob->runs[i].blocks;
    }
    if (blocks == 0) {
        return true;
    }
    kinds = calloc(blocks, sizeof(*kinds));
    if (!kinds) {
        return out_of_memory(m);
    }
    for (size_t i = 0, at = 0; good && i < vob->run_count; at += vob->runs[i++].blocks) {
        good = classify_run(m, vob->runs[i].lba, vob->runs[i].blocks, kinds + at);
    }
    if (good) {
        scramble_vob(m, kinds, blocks);
        for (size_t i = 0, at = 0; i < vob->run_count; at += vob->runs[i++].blocks) {
            write_run(m, vob, &vob->runs[i], kinds + at);
        }
    }
    free(kinds);
    return good;
}

static bool mint_video(struct mint *m)
{
    const struct dvd_video *video = m->recipe->video;
    char key[KEY_NAME_BYTES];

    fputs("[title_keys]\n", m->draft);
    for (size_t i = 0; i < video->vob_count; i++) {
        if (i == 0 || video->vobs[i].title_set != video->vobs[i - 1].title_set) {
            name_title_set(key, video->vobs[i].title_set);
            write_title_key(m, key);
        }
    }
    fputs("[extents]\n", m->draft);
    for (size_t i = 0; i < video->vob_count; i++) {
        if (!mint_vob(m, &video->vobs[i])) {
            return false;
        }
    }
    return true;
}

/* ---- extents as given ---- */

static void name_extent(char name[static KEY_NAME_BYTES], size_t index)
{
    snprintf(name, KEY_NAME_BYTES, "extent_%zu", index + 1);
}

static bool overlap(const struct disc_extent *a, const struct disc_extent *b)
{
    return a->lba < (uint64_t)b->lba + b->blocks && b->lba < (uint64_t)a->lba + a->blocks;
}

/* A loader checks this too, but can only speak of lines that the user never saw. */
static bool check_places(const struct mint *m)
{
    const struct mint_recipe *r = m->recipe;
    const uint64_t blocks = m->medium->size_bytes / DISC_BLOCK_BYTES;

    for (size_t i = 0; i < r->extent_count; i++) {
        const struct disc_extent *extent = &r->extents[i].extent;

        if ((uint64_t)extent->lba + extent->blocks > blocks) {
            return error_line(m->error,
                              "the extent at LBA %" PRIu32
                              " ends past the image, which has %" PRIu64 " blocks",
                              extent->lba, blocks);
        }
        for (size_t j = 0; j < i; j++) {
            if (overlap(extent, &r->extents[j].extent)) {
                return error_line(m->error,
                                  "the extents at LBA %" PRIu32 " and LBA %" PRIu32 " overlap",
                                  r->extents[j].extent.lba, extent->lba);
            }
        }
    }
    return true;
}

/* Nothing in it may be scrambled already. */
static bool check_plain(const struct mint *m, const struct disc_extent *extent)
{
    uint8_t kinds[READ_BLOCKS];

    for (uint32_t done = 0; done < extent->blocks; done += READ_BLOCKS) {
        uint32_t left = extent->blocks - done;

        if (!classify_run(m, extent->lba + done, left < READ_BLOCKS ? left : READ_BLOCKS, kinds)) {
            return false;
        }
    }
    return true;
}

static bool mint_extents(struct mint *m)
{
    const struct mint_recipe *r = m->recipe;
    char key[KEY_NAME_BYTES];

    if (!check_places(m)) {
        return false;
    }
    fputs("[title_keys]\n", m->draft);
    for (size_t i = 0; i < r->extent_count; i++) {
        if (cpr_mai_is_gated(r->extents[i].extent.cpr_mai)) {
            name_extent(key, i);
            write_title_key(m, key);
        }
    }
    fputs("[extents]\n", m->draft);
    for (size_t i = 0; i < r->extent_count; i++) {
        const struct disc_extent *extent = &r->extents[i].extent;
        const struct growing_run run = {extent->lba, extent->blocks, extent->cpr_mai};
        const bool gated = cpr_mai_is_gated(extent->cpr_mai);

        if (gated && !check_plain(m, extent)) {
            return false;
        }
        name_extent(key, i);
        write_extent(m, &run, gated ? key : "-", "-");
    }
    return true;
}

/* ---- */

struct disc *mint_disc(const struct mint_recipe *recipe, struct medium *medium, char *error)
{
    struct mint m = {.recipe = recipe, .medium = medium, .error = error};
    struct disc *disc = NULL;
    char *text = NULL;
    size_t bytes;
    bool good;

    m.title_keys = random_seeded(recipe->seed, "title keys");
    m.runs = random_seeded(recipe->seed, "scrambled runs");
    m.draft = open_memstream(&text, &bytes);
    if (!m.draft) {
        out_of_memory(&m);
        medium_close(medium);
        return NULL;
    }
    write_head(&m);
    good = recipe->video ? mint_video(&m) : mint_extents(&m);
    if (fclose(m.draft) != 0 && good) {
        good = out_of_memory(&m);
    }
    if (good) {
        disc = disc_load_text(DRAFT_NAME, text, bytes, medium, error);
    } else {
        medium_close(medium);
    }
    free(text);
    return disc;
}
