/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file dvd_video.h
 * Where the VOBs of a DVD-Video image lie. The file system is UDF, read with libudfread.
 */
#ifndef DVDEMU_DVD_VIDEO_H
#define DVDEMU_DVD_VIDEO_H

#include "ini_file.h"
#include "medium.h"

#define DVD_VIDEO_NAME_BYTES sizeof("VIDEO_TS.VOB")

/** A run of blocks of a file that follow each other on the disc. */
struct dvd_video_run {
    uint32_t lba, blocks;
};

struct dvd_video_vob {
    char name[DVD_VIDEO_NAME_BYTES]; /**< without the folder */
    uint8_t title_set;               /**< 1..99; 0: the menus of the disc (VIDEO_TS.VOB) */
    struct dvd_video_run *runs;      /**< in the order of the file; within the image */
    size_t run_count;
};

struct dvd_video {
    struct dvd_video_vob *vobs; /**< ascending by title set, then name; no empty file */
    size_t vob_count;
};

/**
 * Title set of a file name: 0 for VIDEO_TS.VOB, 1..99 for VTS_01_0.VOB to VTS_99_9.VOB, -1 for
 * what is no VOB.
 */
int dvd_video_title_set(const char *name);

/**
 * Find the VOBs of an image. Reads may block. False: `error` (room for INI_ERROR_BYTES) says what
 * is wrong with the image, without its path, and `video` is empty.
 */
bool dvd_video_find(struct medium *image, struct dvd_video *video, char *error);

/** Release what dvd_video_find() gave; an empty one is allowed. */
void dvd_video_free(struct dvd_video *video);

#endif
