/* SPDX-License-Identifier: GPL-2.0-only */
#include "dvd_video.h"

#include "error_line.h"

#include <stdlib.h>
#include <string.h>
#include <udfread/blockinput.h>
#include <udfread/udfread.h>

#define FOLDER "/VIDEO_TS"
#define HINT   "give its protected ranges with --extent LBA:BLOCKS:CPR_MAI"

#define MENU_NAME      "VIDEO_TS.VOB"
#define TITLE_TEMPLATE "VTS_##_#.VOB" /* # is a digit */

/* The volume recognition sequence: from 32 KiB on, one descriptor a block (ECMA-167 2/8). */
#define RECOGNITION_LBA    16
#define RECOGNITION_BLOCKS 16
#define IDENTIFIER_OFFSET  1
#define IDENTIFIER_BYTES   5

/* ---- the image as libudfread sees it ---- */

struct input {
    struct udfread_block_input base;
    struct medium *image;
};

static uint32_t blocks_of(const struct medium *image)
{
    uint64_t blocks = image->size_bytes / UDF_BLOCK_SIZE;

    return blocks < UINT32_MAX ? (uint32_t)blocks : UINT32_MAX;
}

static bool read_blocks(struct medium *image, uint32_t lba, void *out, uint32_t blocks)
{
    return image->ops->read(image, (uint64_t)lba * UDF_BLOCK_SIZE, out,
                            (size_t)blocks * UDF_BLOCK_SIZE, true) == MEDIUM_OK;
}

static int input_read(struct udfread_block_input *base, uint32_t lba, void *out, uint32_t blocks,
                      int flags)
{
    struct input *input = (struct input *)base;

    (void)flags;
    return read_blocks(input->image, lba, out, blocks) ? (int)blocks : -1;
}

static uint32_t input_size(struct udfread_block_input *base)
{
    return blocks_of(((struct input *)base)->image);
}

/* Whether the recognition sequence holds one of two identifiers. */
static bool is_recognised(struct medium *image, const char *one, const char *other)
{
    uint8_t block[UDF_BLOCK_SIZE];

    for (uint32_t i = 0; i < RECOGNITION_BLOCKS; i++) {
        if (!read_blocks(image, RECOGNITION_LBA + i, block, 1)) {
            return false;
        }
        if (memcmp(block + IDENTIFIER_OFFSET, one, IDENTIFIER_BYTES) == 0 ||
            memcmp(block + IDENTIFIER_OFFSET, other, IDENTIFIER_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

static bool matches(const char *name, const char *template)
{
    for (; *template; name++, template ++) {
        bool fits = *template == '#' ? *name >= '0' && *name <= '9' : *name == *template;

        if (!fits) {
            return false;
        }
    }
    return *name == 0;
}

int dvd_video_title_set(const char *name)
{
    int number;

    if (strcmp(name, MENU_NAME) == 0) {
        return 0;
    }
    if (!matches(name, TITLE_TEMPLATE)) {
        return -1;
    }
    number = (name[4] - '0') * 10 + (name[5] - '0');
    return number ? number : -1;
}

/* ---- the files ---- */

/* The run that the next block of a file belongs to; NULL: no memory. */
static struct dvd_video_run *run_for(struct dvd_video_vob *vob, uint32_t lba)
{
    struct dvd_video_run *last = vob->run_count ? &vob->runs[vob->run_count - 1] : NULL;
    struct dvd_video_run *grown;

    if (last && last->lba + last->blocks == lba) {
        return last;
    }
    grown = realloc(vob->runs, (vob->run_count + 1) * sizeof(*grown));
    if (!grown) {
        return NULL;
    }
    vob->runs = grown;
    last = &grown[vob->run_count++];
    *last = (struct dvd_video_run){.lba = lba};
    return last;
}

static bool add_blocks(struct dvd_video_vob *vob, UDFFILE *file, uint32_t image_blocks, char *error)
{
    uint64_t size_bytes = (uint64_t)udfread_file_size(file);
    uint64_t blocks = (size_bytes + UDF_BLOCK_SIZE - 1) / UDF_BLOCK_SIZE;

    if (blocks > image_blocks) {
        return error_line(error, "%s has %llu blocks, more than the image (%u)", vob->name,
                          (unsigned long long)blocks, image_blocks);
    }
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t lba = udfread_file_lba(file, i);
        struct dvd_video_run *run;

        if (lba == 0 || lba >= image_blocks) {
            return error_line(error, "%s: its block %u is not within the image's %u blocks",
                              vob->name, i, image_blocks);
        }
        run = run_for(vob, lba);
        if (!run) {
            return error_line(error, "out of memory");
        }
        run->blocks++;
    }
    return true;
}

/* One more file at the end of the list; NULL: no memory. */
static struct dvd_video_vob *new_vob(struct dvd_video *video)
{
    struct dvd_video_vob *grown = realloc(video->vobs, (video->vob_count + 1) * sizeof(*grown));

    if (!grown) {
        return NULL;
    }
    video->vobs = grown;
    grown += video->vob_count++;
    memset(grown, 0, sizeof(*grown));
    return grown;
}

static bool add_vob(struct dvd_video *video, UDFDIR *folder, const char *name,
                    uint32_t image_blocks, char *error)
{
    struct dvd_video_vob *vob;
    UDFFILE *file = udfread_file_openat(folder, name);
    bool good;

    if (!file || udfread_file_size(file) < 0) {
        udfread_file_close(file);
        return error_line(error, "cannot read the file entry of %s", name);
    }
    if (udfread_file_size(file) == 0) {
        udfread_file_close(file);
        return true;
    }
    vob = new_vob(video);
    if (vob) {
        memcpy(vob->name, name, sizeof(vob->name));
        vob->title_set = (uint8_t)dvd_video_title_set(name);
        good = add_blocks(vob, file, image_blocks, error);
    } else {
        good = error_line(error, "out of memory");
    }
    udfread_file_close(file);
    return good;
}

/* VIDEO_TS.VOB comes first, and the others sort by their names. */
static int compare_vobs(const void *a, const void *b)
{
    const struct dvd_video_vob *left = a, *right = b;

    if (left->title_set != right->title_set) {
        return left->title_set < right->title_set ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

static bool list_folder(udfread *udf, struct dvd_video *video, uint32_t image_blocks, char *error)
{
    UDFDIR *folder = udfread_opendir(udf, FOLDER);
    struct udfread_dirent entry;
    bool good = true;

    if (!folder) {
        return error_line(error, "no VIDEO_TS folder, so no DVD-Video: " HINT);
    }
    while (good && udfread_readdir(folder, &entry)) {
        if (entry.d_type == UDF_DT_REG && dvd_video_title_set(entry.d_name) >= 0) {
            good = add_vob(video, folder, entry.d_name, image_blocks, error);
        }
    }
    udfread_closedir(folder);
    if (good && video->vob_count == 0) {
        return error_line(error, "no VOB in its VIDEO_TS folder: " HINT);
    }
    if (good) {
        qsort(video->vobs, video->vob_count, sizeof(*video->vobs), compare_vobs);
    }
    return good;
}

static bool find_in_udf(struct medium *image, struct dvd_video *video, char *error)
{
    struct input input = {.base = {.read = input_read, .size = input_size}, .image = image};
    udfread *udf = udfread_init();
    bool good = udf && udfread_open_input(udf, &input.base) == 0;

    if (good) {
        good = list_folder(udf, video, blocks_of(image), error);
    } else {
        error_line(error, "its UDF file system cannot be read");
    }
    udfread_close(udf);
    return good;
}

bool dvd_video_find(struct medium *image, struct dvd_video *video, char *error)
{
    *video = (struct dvd_video){0};
    if (!is_recognised(image, "NSR02", "NSR03")) {
        return error_line(error, "%s: " HINT,
                          is_recognised(image, "CD001", "CD001")
                              ? "an ISO 9660-only image, it has no UDF file system"
                              : "no UDF file system");
    }
    if (!find_in_udf(image, video, error)) {
        dvd_video_free(video);
        return false;
    }
    return true;
}

void dvd_video_free(struct dvd_video *video)
{
    for (size_t i = 0; i < video->vob_count; i++) {
        free(video->vobs[i].runs);
    }
    free(video->vobs);
    *video = (struct dvd_video){0};
}
