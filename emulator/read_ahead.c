/* SPDX-License-Identifier: GPL-2.0-only */
#include "read_ahead.h"

#include <stdlib.h>
#include <string.h>

#define SEQUENTIAL_MIN 2 /* reads that followed each other before what follows is guessed */

/* Reads that seem to be one host's, one after the other, and what it is expected to ask for. */
struct stream {
    const struct drive *drive; /* NULL: none */
    struct disc *disc;         /* one reference */
    uint64_t used;             /* by the last of so many reads of all streams */
    unsigned followed;         /* reads in a row that began where the one before ended */
    uint32_t next_lba, blocks;
    bool is_read; /* and what the image has there is in `image` */
    uint64_t read_us;
    uint8_t *image; /* stays when the stream becomes another's */
    size_t room_bytes;
};

struct read_ahead {
    uint64_t reads;
    struct stream *due; /* to be read when there is time; NULL: none */
    struct stream streams[READ_AHEAD_STREAMS];
};

struct read_ahead *read_ahead_new(void)
{
    return calloc(1, sizeof(struct read_ahead));
}

static void let_go(struct read_ahead *a, struct stream *s)
{
    if (a->due == s) {
        a->due = NULL;
    }
    disc_release(s->disc);
    *s = (struct stream){.image = s->image, .room_bytes = s->room_bytes};
}

/* The stream that a read goes on with; or a new one, in the place of that which rested longest. */
static struct stream *stream_of(struct read_ahead *a, const struct drive *drive,
                                const struct drive_fetch *fetch)
{
    struct stream *oldest = a->streams;

    for (struct stream *s = a->streams; s < a->streams + READ_AHEAD_STREAMS; s++) {
        if (s->drive == drive && s->disc == fetch->disc && s->next_lba == fetch->lba) {
            return s;
        }
        if (s->used < oldest->used) {
            oldest = s;
        }
    }
    let_go(a, oldest);
    oldest->drive = drive;
    oldest->disc = disc_hold(fetch->disc);
    return oldest;
}

static bool hand_over(const struct stream *s, const struct drive_request *request,
                      const struct drive_reply *reply, uint64_t now_us)
{
    const size_t bytes = (size_t)s->blocks * DISC_BLOCK_BYTES;

    if (!s->is_read || s->blocks != reply->fetch.blocks || bytes != reply->in_bytes ||
        bytes > request->in_bytes || now_us - s->read_us > READ_AHEAD_AGE_US) {
        return false;
    }
    disc_send(s->disc, s->next_lba, s->blocks, s->image, request->in);
    return true;
}

/* As much as the last time, as far as the disc goes. */
static void guess(struct read_ahead *a, struct stream *s, const struct drive_fetch *fetch)
{
    s->next_lba = fetch->lba + fetch->blocks;
    s->blocks = fetch->blocks;
    s->is_read = false;
    if (a->due == s) {
        a->due = NULL;
    }
    if (s->followed >= SEQUENTIAL_MIN && s->blocks <= fetch->disc->blocks - s->next_lba) {
        a->due = s;
    }
}

bool read_ahead_take(struct read_ahead *a, struct drive *drive, const struct drive_request *request,
                     const struct drive_reply *reply, uint64_t now_us)
{
    const struct drive_fetch *fetch = &reply->fetch;
    struct stream *s;
    bool taken;

    if (fetch->compare || fetch->blocks < READ_AHEAD_BLOCKS_MIN ||
        fetch->blocks > READ_AHEAD_BLOCKS_MAX) {
        return false;
    }
    s = stream_of(a, drive, fetch);
    s->used = ++a->reads;
    s->followed = s->blocks ? s->followed + 1 : 0;
    taken = hand_over(s, request, reply, now_us);
    guess(a, s, fetch);
    drive->counters.ahead += taken;
    return taken;
}

static bool make_room(struct stream *s, size_t bytes)
{
    uint8_t *image;

    if (bytes <= s->room_bytes) {
        return true;
    }
    image = realloc(s->image, bytes);
    if (!image) {
        return false;
    }
    s->image = image;
    s->room_bytes = bytes;
    return true;
}

void read_ahead_run(struct read_ahead *a, uint64_t now_us)
{
    struct stream *s = a->due;
    struct scsi_sense sense;
    size_t bytes;

    a->due = NULL;
    if (!s || s->drive->disc != s->disc) {
        return;
    }
    bytes = (size_t)s->blocks * DISC_BLOCK_BYTES;
    s->is_read = make_room(s, bytes) && disc_read_image(s->disc, s->next_lba, s->blocks, s->image,
                                                        false, &sense) == MEDIUM_OK;
    s->read_us = now_us;
}

bool read_ahead_look(struct read_ahead *a)
{
    for (struct stream *s = a->streams; s < a->streams + READ_AHEAD_STREAMS; s++) {
        if (s->drive && s->drive->disc != s->disc) {
            let_go(a, s);
        }
    }
    return a->due != NULL;
}

void read_ahead_forget(struct read_ahead *a, const struct drive *drive)
{
    for (struct stream *s = a->streams; s < a->streams + READ_AHEAD_STREAMS; s++) {
        if (s->drive == drive) {
            let_go(a, s);
        }
    }
}

void read_ahead_free(struct read_ahead *a)
{
    if (!a) {
        return;
    }
    for (struct stream *s = a->streams; s < a->streams + READ_AHEAD_STREAMS; s++) {
        let_go(a, s);
        free(s->image);
    }
    free(a);
}
