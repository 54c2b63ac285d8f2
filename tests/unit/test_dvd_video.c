/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/dvd_video.h"
#include "tests/support/faults.h"
#include "tests/support/medium_memory.h"
#include "tests/support/temp_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK_BYTES    ((size_t)2048)
#define NAME_ROOM      (TEMP_PATH_BYTES + 64)
#define ARGUMENTS_ROOM 32

struct name_row {
    const char *name;
    int title_set;
};

static void names_tell_the_title_set(void)
{
    static const struct name_row rows[] = {
        {"VIDEO_TS.VOB", 0},  {"VTS_01_0.VOB", 1},   {"VTS_01_9.VOB", 1},  {"VTS_99_1.VOB", 99},
        {"VTS_10_2.VOB", 10}, {"VTS_00_1.VOB", -1},  {"VTS_01_1.IFO", -1}, {"VIDEO_TS.IFO", -1},
        {"VTS_1_1.VOB", -1},  {"VTS_01_1.VOBX", -1}, {"VTS_AB_1.VOB", -1}, {"", -1},
        {"VTS_01_", -1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(dvd_video_title_set(rows[i].name), rows[i].title_set);
    }
}

static void check_refused(struct medium *image, const char *start)
{
    struct dvd_video video;
    char error[INI_ERROR_BYTES];

    CU_ASSERT(!dvd_video_find(image, &video, error));
    CU_ASSERT_PTR_EQUAL(strstr(error, start), error);
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "--extent LBA:BLOCKS:CPR_MAI"));
    CU_ASSERT_EQUAL(video.vob_count, 0);
    CU_ASSERT_PTR_NULL(video.vobs);
    medium_close(image);
}

static void an_iso_9660_only_image_is_told_about_extents(void)
{
    struct medium_memory *image = medium_memory_new(64 * BLOCK_BYTES);

    memcpy(image->bytes + 16 * BLOCK_BYTES, "\001CD001", 6);
    check_refused(&image->medium, "an ISO 9660-only image, it has no UDF file system: ");
}

static void an_image_without_file_system_is_told_about_extents(void)
{
    check_refused(&medium_memory_new(64 * BLOCK_BYTES)->medium, "no UDF file system: ");
    check_refused(&medium_memory_new(3 * BLOCK_BYTES)->medium, "no UDF file system: ");
}

static void a_broken_udf_file_system_is_an_error(void)
{
    struct medium_memory *image = medium_memory_new(300 * BLOCK_BYTES);
    struct dvd_video video;
    char error[INI_ERROR_BYTES];

    memcpy(image->bytes + 17 * BLOCK_BYTES, "\000NSR02", 6);
    CU_ASSERT(!dvd_video_find(&image->medium, &video, error));
    CU_ASSERT_STRING_EQUAL(error, "its UDF file system cannot be read");
    medium_close(&image->medium);
}

/* ---- on images of genisoimage ---- */

struct source {
    const char *place; /* in the image */
    uint8_t letter;    /* what the file is filled with */
    size_t bytes;
};

extern char **environ;

/* False: the machine lacks it. */
static bool run_genisoimage(char *const *arguments)
{
    posix_spawn_file_actions_t quiet;
    int status = -1, failure;
    pid_t child;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    failure = posix_spawnp(&child, "genisoimage", &quiet, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&quiet);
    if (failure == ENOENT) {
        return false;
    }
    CU_ASSERT_EQUAL_FATAL(failure, 0);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL_FATAL(status, 0);
    return true;
}

/* An image with these files and UDF; NULL, told on stdout, when the machine lacks genisoimage. */
static struct medium *make_image(struct temp_folder *folder, const struct source *sources,
                                 size_t count, char error[static INI_ERROR_BYTES])
{
    char grafts[8][NAME_ROOM], image[TEMP_PATH_BYTES], letter[2] = "";
    char *arguments[ARGUMENTS_ROOM] = {(char[]){"genisoimage"}, (char[]){"-quiet"},
                                       (char[]){"-udf"},        (char[]){"-graft-points"},
                                       (char[]){"-o"},          image};
    struct medium *medium;
    size_t used = 6;

    for (size_t i = 0; i < count; i++) {
        char *bytes = malloc(sources[i].bytes + 1);

        if (!bytes) {
            abort();
        }
        memset(bytes, sources[i].letter, sources[i].bytes);
        letter[0] = (char)sources[i].letter;
        temp_write(folder, letter, bytes, sources[i].bytes);
        free(bytes);
        snprintf(grafts[i], NAME_ROOM, "%s=%s", sources[i].place, folder->file);
        arguments[used++] = grafts[i];
    }
    snprintf(image, sizeof(image), "%s", temp_file(folder, "image"));
    if (!run_genisoimage(arguments)) {
        printf("SKIP test on an image: genisoimage is missing (Debian package genisoimage)\n");
        return NULL;
    }
    medium = medium_open_file(image, error, INI_ERROR_BYTES);
    CU_ASSERT_PTR_NOT_NULL_FATAL(medium);
    return medium;
}

/* Whether all blocks of a file are filled with a letter, the last one as far as the file goes. */
static bool holds(struct medium *image, const struct dvd_video_vob *vob, uint8_t letter,
                  size_t bytes)
{
    for (size_t i = 0; i < vob->run_count; i++) {
        for (uint32_t b = 0; b < vob->runs[i].blocks; b++) {
            const size_t part = bytes < BLOCK_BYTES ? bytes : BLOCK_BYTES;
            uint8_t block[BLOCK_BYTES];

            if (image->ops->read(image, (uint64_t)(vob->runs[i].lba + b) * BLOCK_BYTES, block,
                                 BLOCK_BYTES, true) != MEDIUM_OK) {
                return false;
            }
            for (size_t k = 0; k < part; k++) {
                if (block[k] != letter) {
                    return false;
                }
            }
            bytes -= part;
        }
    }
    return bytes == 0;
}

/* An image that was made in a folder of its own, and what is found on it. */
struct found {
    struct temp_folder folder;
    struct medium *image;
    struct dvd_video video;
    char error[INI_ERROR_BYTES];
};

/* False: no image could be made here, and there is nothing to close. */
static bool found_open(struct found *f, const struct source *sources, size_t count)
{
    temp_open(&f->folder);
    f->image = make_image(&f->folder, sources, count, f->error);
    if (!f->image) {
        temp_close(&f->folder);
    }
    return f->image != NULL;
}

static void found_close(struct found *f)
{
    medium_close(f->image);
    temp_close(&f->folder);
}

static void vobs_are_found_where_they_lie(void)
{
    static const struct source sources[] = {
        {"VIDEO_TS/VTS_02_1.VOB", 'a', 5 * BLOCK_BYTES},
        {"VIDEO_TS/VIDEO_TS.VOB", 'b', 2 * BLOCK_BYTES + 1},
        {"VIDEO_TS/VTS_01_1.VOB", 'c', BLOCK_BYTES},
        {"VIDEO_TS/VTS_01_0.VOB", 'd', 100},
        {"VIDEO_TS/VTS_01_0.IFO", 'e', BLOCK_BYTES},
        {"VTS_03_1.VOB", 'f', BLOCK_BYTES},
        {"VIDEO_TS/VTS_04_1.VOB", 'g', 0},
    };
    static const struct source wanted[] = {{"VIDEO_TS.VOB", 'b', 2 * BLOCK_BYTES + 1},
                                           {"VTS_01_0.VOB", 'd', 100},
                                           {"VTS_01_1.VOB", 'c', BLOCK_BYTES},
                                           {"VTS_02_1.VOB", 'a', 5 * BLOCK_BYTES}};
    static const uint8_t title_sets[] = {0, 1, 1, 2};
    struct found f;

    if (found_open(&f, sources, sizeof(sources) / sizeof(sources[0]))) {
        CU_ASSERT_FATAL(dvd_video_find(f.image, &f.video, f.error));
        CU_ASSERT_EQUAL_FATAL(f.video.vob_count, 4);
        for (size_t i = 0; i < f.video.vob_count; i++) {
            CU_ASSERT_STRING_EQUAL(f.video.vobs[i].name, wanted[i].place);
            CU_ASSERT_EQUAL(f.video.vobs[i].title_set, title_sets[i]);
            CU_ASSERT(holds(f.image, &f.video.vobs[i], wanted[i].letter, wanted[i].bytes));
        }
        dvd_video_free(&f.video);
        found_close(&f);
    }
}

static void udf_without_vobs_is_told_about_extents(void)
{
    static const struct source no_folder[] = {{"a", 'a', 10}},
                               no_vob[] = {{"VIDEO_TS/VIDEO_TS.IFO", 'a', 10}};
    struct found f;

    if (found_open(&f, no_folder, 1)) {
        check_refused(f.image, "no VIDEO_TS folder, so no DVD-Video: ");
        f.image = make_image(&f.folder, no_vob, 1, f.error);
        check_refused(f.image, "no VOB in its VIDEO_TS folder: ");
        temp_close(&f.folder);
    }
}

static const struct source of_400_blocks = {"VIDEO_TS/VTS_01_1.VOB", 'a', 400 * BLOCK_BYTES};

/* genisoimage writes the files of a folder one after the other and pads the end. */
static void a_file_past_the_end_of_the_image_is_named(void)
{
    struct found f;

    if (found_open(&f, &of_400_blocks, 1)) {
        f.image->size_bytes = 450 * BLOCK_BYTES;
        CU_ASSERT(!dvd_video_find(f.image, &f.video, f.error));
        CU_ASSERT_PTR_EQUAL(strstr(f.error, "VTS_01_1.VOB: its block "), f.error);
        CU_ASSERT_PTR_NOT_NULL(strstr(f.error, " is not within the image's 450 blocks"));
        CU_ASSERT_EQUAL(f.video.vob_count, 0);
        found_close(&f);
    }
}

static void a_file_larger_than_the_image_is_named(void)
{
    struct found f;

    if (found_open(&f, &of_400_blocks, 1)) {
        f.image->size_bytes = 390 * BLOCK_BYTES;
        CU_ASSERT(!dvd_video_find(f.image, &f.video, f.error));
        CU_ASSERT_STRING_EQUAL(f.error, "VTS_01_1.VOB has 400 blocks, more than the image (390)");
        CU_ASSERT_EQUAL(f.video.vob_count, 0);
        found_close(&f);
    }
}

/* ECMA-167: the volume is anchored at block 256 and at the last one. */
static void the_anchor_at_the_end_serves_too(void)
{
    static const struct source sources[] = {{"VIDEO_TS/VTS_01_1.VOB", 'a', 2 * BLOCK_BYTES}};
    static const char nothing[BLOCK_BYTES];
    struct found f;

    if (found_open(&f, sources, 1)) {
        FILE *file = fopen(temp_file(&f.folder, "image"), "r+");

        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        CU_ASSERT_EQUAL(fseek(file, 256 * (long)BLOCK_BYTES, SEEK_SET), 0);
        CU_ASSERT_EQUAL(fwrite(nothing, BLOCK_BYTES, 1, file), 1);
        fclose(file);
        CU_ASSERT(dvd_video_find(f.image, &f.video, f.error));
        CU_ASSERT_EQUAL(f.video.vob_count, 1);
        dvd_video_free(&f.video);
        found_close(&f);
    }
}

/* Each allocation in turn fails. */
static void without_memory_no_file_is_listed(void)
{
    static const struct source sources[] = {{"VIDEO_TS/VTS_01_1.VOB", 'a', BLOCK_BYTES},
                                            {"VIDEO_TS/VTS_02_1.VOB", 'b', BLOCK_BYTES}};
    struct found f;

    if (found_open(&f, sources, 2)) {
        for (unsigned good = 0; good < 4; good++) { /* a row and a run for each file */
            fault_after(FAULT_MEMORY, good, ENOMEM);
            CU_ASSERT(!dvd_video_find(f.image, &f.video, f.error));
            CU_ASSERT_TRUE(fault_came());
            CU_ASSERT_STRING_EQUAL(f.error, "out of memory");
            CU_ASSERT_PTR_NULL(f.video.vobs);
        }
        found_close(&f);
    }
}

UNIT_SUITE(dvd_video, T(names_tell_the_title_set), T(an_iso_9660_only_image_is_told_about_extents),
           T(an_image_without_file_system_is_told_about_extents),
           T(a_broken_udf_file_system_is_an_error), T(vobs_are_found_where_they_lie),
           T(udf_without_vobs_is_told_about_extents), T(a_file_past_the_end_of_the_image_is_named),
           T(a_file_larger_than_the_image_is_named), T(the_anchor_at_the_end_serves_too),
           T(without_memory_no_file_is_listed));
