/* SPDX-License-Identifier: GPL-2.0-only */
#include "discs.h"

#include "emulator/disc_file.h"
#include "steps.h"
#include "tests/support/lcg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct oracle_run layout[LAB_RUNS] = {
    {LAB_CLEAR_LBA, LAB_GATED_LBA - LAB_CLEAR_LBA, 0xb0, true, {0}},
    {LAB_GATED_LBA, LAB_SECOND_LBA - LAB_GATED_LBA, 0xf0, true, {0}},
    {LAB_SECOND_LBA, LAB_KEYLESS_LBA - LAB_SECOND_LBA, 0xf0, true, {0}},
    {LAB_KEYLESS_LBA, 8, 0xb0, false, {0}},
};

static const struct {
    uint8_t rmi;
    const char *regions;
} kinds[LAB_DISCS] = {{0x00, "all"}, {0xfd, "2"}};

static void make_one(struct lab_shelf *shelf, size_t n)
{
    uint32_t state = (uint32_t)n + 1;

    shelf->blocks[n] = malloc((size_t)LAB_BLOCKS * ORACLE_BLOCK_BYTES);
    if (!shelf->blocks[n]) {
        perror("disc");
        abort();
    }
    lcg_bytes(&state, shelf->blocks[n], (size_t)LAB_BLOCKS * ORACLE_BLOCK_BYTES);
    lcg_bytes(&state, shelf->disc_key_blocks[n], ORACLE_BLOCK_BYTES);
    memcpy(shelf->runs[n], layout, sizeof(layout));
    for (size_t i = 0; i < LAB_RUNS; i++) {
        lcg_bytes(&state, shelf->runs[n][i].key, ORACLE_KEY_BYTES);
    }
    shelf->discs[n] = (struct lab_disc){.blocks = shelf->blocks[n],
                                        .facts = {.id = (unsigned)n + 1,
                                                  .css = true,
                                                  .rmi = kinds[n].rmi,
                                                  .blocks = LAB_BLOCKS,
                                                  .runs = shelf->runs[n],
                                                  .run_count = LAB_RUNS,
                                                  .disc_key_block = shelf->disc_key_blocks[n]}};
}

void lab_shelf_make(struct lab_shelf *shelf)
{
    memset(shelf, 0, sizeof(*shelf));
    for (size_t n = 0; n < LAB_DISCS; n++) {
        make_one(shelf, n);
    }
}

/* The keys that are on the disc: what the drive has to give away, not how. */
static void take_keys(struct lab_shelf *shelf, size_t n)
{
    char error[INI_ERROR_BYTES];
    struct disc *disc = disc_load(shelf->paths[n], error);

    if (!disc) {
        fprintf(stderr, "%s\n", error);
        abort();
    }
    memcpy(shelf->disc_key_blocks[n], disc->disc_key_block, ORACLE_BLOCK_BYTES);
    for (size_t i = 0; i < LAB_RUNS; i++) {
        if (shelf->runs[n][i].has_key) {
            memcpy(shelf->runs[n][i].key, disc->title_keys[disc->extents[i].key].wrapped.b,
                   ORACLE_KEY_BYTES);
        }
    }
    disc_release(disc);
}

static void write_one(struct lab_shelf *shelf, size_t n, struct temp_folder *folder)
{
    char image[16], name[16], text[512];
    int bytes;

    snprintf(image, sizeof(image), "%zu.iso", n);
    snprintf(name, sizeof(name), "%zu.disc", n);
    bytes = snprintf(text, sizeof(text),
                     "[disc]\nimage = %s\nprotection = css\nscrambled = yes\n"
                     "regions = %s\nseed = %zu\n"
                     "[title_keys]\none = 10325476%02zx\ntwo = fedcba98%02zx\n"
                     "[extents]\n%d = %d B0 one\n%d = %d F0 one\n%d = %d F0 two\n%d = 8 B0 -\n",
                     image, kinds[n].regions, n + 1, n, n, LAB_CLEAR_LBA,
                     LAB_GATED_LBA - LAB_CLEAR_LBA, LAB_GATED_LBA, LAB_SECOND_LBA - LAB_GATED_LBA,
                     LAB_SECOND_LBA, LAB_KEYLESS_LBA - LAB_SECOND_LBA, LAB_KEYLESS_LBA);
    temp_write(folder, image, shelf->blocks[n], (size_t)LAB_BLOCKS * ORACLE_BLOCK_BYTES);
    snprintf(shelf->paths[n], sizeof(shelf->paths[n]), "%s",
             temp_write(folder, name, text, (size_t)bytes));
    take_keys(shelf, n);
}

void lab_shelf_write(struct lab_shelf *shelf, struct temp_folder *folder)
{
    lab_shelf_make(shelf);
    for (size_t n = 0; n < LAB_DISCS; n++) {
        write_one(shelf, n, folder);
    }
}

void lab_shelf_free(struct lab_shelf *shelf)
{
    for (size_t n = 0; n < LAB_DISCS; n++) {
        free(shelf->blocks[n]);
    }
    memset(shelf, 0, sizeof(*shelf));
}
