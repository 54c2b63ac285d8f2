/* SPDX-License-Identifier: GPL-2.0-only */
#include "disc.h"

#include "css_choice.h"

#include <stdlib.h>

struct disc *disc_new(void)
{
    struct disc *disc = calloc(1, sizeof(*disc));

    if (disc) {
        disc->layers = 1;
        disc->kernel = css_choose_or_portable();
        disc->references = 1;
    }
    return disc;
}

bool disc_set_medium(struct disc *disc, struct medium *medium)
{
    uint64_t blocks = medium->size_bytes / DISC_BLOCK_BYTES;

    if (blocks == 0 || blocks > DISC_BLOCKS_MAX) {
        return false;
    }
    disc->medium = medium;
    disc->blocks = (uint32_t)blocks;
    disc->layer0_blocks = disc->blocks;
    return true;
}

struct disc *disc_new_plain(struct medium *medium)
{
    struct disc *disc = disc_new();

    if (!disc || !disc_set_medium(disc, medium)) {
        medium_close(medium);
        disc_release(disc);
        return NULL;
    }
    return disc;
}

const char *disc_protection_name(const struct disc *disc)
{
    switch (disc->protection) {
    case DISC_CSS:
        return "css";
    case DISC_NO_STRUCTURE:
        return "absent";
    default:
        return "none";
    }
}

const char *disc_kind_name(const struct disc *disc)
{
    return disc->kind == DISC_CD ? "cd" : "dvd";
}

struct disc *disc_hold(struct disc *disc)
{
    if (disc) {
        __atomic_add_fetch(&disc->references, 1, __ATOMIC_RELAXED);
    }
    return disc;
}

static void free_disc(struct disc *disc)
{
    medium_close(disc->medium);
    free(disc->image_path);
    free(disc->description_path);
    for (size_t i = 0; i < disc->title_key_count; i++) {
        free(disc->title_keys[i].name);
    }
    free(disc->title_keys);
    for (size_t i = 0; i < disc->file_count; i++) {
        free(disc->files[i]);
    }
    free(disc->files);
    free(disc->extents);
    free(disc->bad_runs);
    free(disc->player_slots);
    free(disc);
}

void disc_release(struct disc *disc)
{
    /* acquire and release: whoever frees has to see all that the other holders did */
    if (disc && __atomic_sub_fetch(&disc->references, 1, __ATOMIC_ACQ_REL) == 0) {
        free_disc(disc);
    }
}

size_t disc_first_extent(const struct disc *disc, uint32_t lba)
{
    size_t low = 0, high = disc->extent_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct disc_extent *extent = &disc->extents[middle];

        if (extent->lba + extent->blocks <= lba) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct disc_extent *disc_extent_at(const struct disc *disc, uint32_t lba)
{
    size_t i = disc_first_extent(disc, lba);

    if (i == disc->extent_count || disc->extents[i].lba > lba) {
        return NULL;
    }
    return &disc->extents[i];
}

uint8_t disc_cpr_mai(const struct disc *disc, uint32_t lba)
{
    const struct disc_extent *extent = disc_extent_at(disc, lba);

    return extent ? extent->cpr_mai : 0;
}

bool disc_range_is_gated(const struct disc *disc, uint32_t lba, uint32_t blocks)
{
    uint32_t end = lba + blocks;

    if (!disc_has_css(disc)) {
        return false;
    }
    for (size_t i = disc_first_extent(disc, lba); i < disc->extent_count; i++) {
        if (disc->extents[i].lba >= end) {
            return false;
        }
        if (cpr_mai_is_gated(disc->extents[i].cpr_mai)) {
            return true;
        }
    }
    return false;
}

const struct disc_title_key *disc_title_key_at(const struct disc *disc, uint32_t lba)
{
    const struct disc_extent *extent = disc_extent_at(disc, lba);

    return extent && extent->key >= 0 ? &disc->title_keys[extent->key] : NULL;
}
