/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file golden_drive.h
 * The drive of the golden files: put into a state by the words of `drive:`, judged by the words
 * of `after:`. Everything in it is fixed and written down in tests/golden/README.md.
 */
#ifndef DVDEMU_GOLDEN_DRIVE_H
#define DVDEMU_GOLDEN_DRIVE_H

#include "emulator/drive.h"
#include "golden_file.h"

#include <stdint.h>

#define GOLDEN_PAGE_VALUES sizeof(((struct drive_state *)0)->mode_values)

/** All of a drive that a command could change. */
struct golden_state {
    struct agid_slot agids[DRIVE_AGIDS];
    struct region_state region, stored;
    uint8_t asf, tray_open, disc_in;
    uint8_t prevent, prevent_persistent, prevent_other;
    uint8_t events[DRIVE_EVENTS_MAX], event_count;
    uint8_t page_values[GOLDEN_PAGE_VALUES];
    unsigned attentions;
};

struct golden_drive {
    struct drive drive;
    struct drive_nexus *host, *other; /**< commands come from `host` */
    struct golden_state before;       /**< as the words of `drive:` left it */
    struct region_state stored;       /**< what the region store was given last */
    uint8_t random_next;              /**< the random source counts up from here */
    bool store_fails;
    uint64_t now_us;
};

/** The exchange that slot N of the golden drive is in: from tests/vectors/handshake.txt. */
struct golden_exchange {
    uint8_t variant;
    css_challenge host, drive;
};
extern const struct golden_exchange golden_exchanges[DRIVE_AGIDS];

/** No word of a block is left out. */
#define GOLDEN_ALL_WORDS SIZE_MAX

/** The personality of the golden drive, before any word. */
void golden_personality(struct personality *personality);

/**
 * Power on with a personality (NULL: golden_personality()) and obey the words but word number
 * `without`. NULL, or what is wrong with them. Close it in both cases.
 */
const char *golden_drive_open(struct golden_drive *g, const struct personality *personality,
                              const struct golden_words *words, size_t without);

/** Whether a word gives a quirk a value that is not its default. */
bool golden_word_is_quirk(const struct golden_word *w);
void golden_drive_close(struct golden_drive *g);

/** Do what a `do:` line says. NULL, or what is wrong with it. */
const char *golden_drive_do(struct golden_drive *g, const struct golden_words *words);

/** The state of the drive now. */
struct golden_state golden_state_of(const struct golden_drive *g);

/**
 * Judge the drive after a command: what the words name has to be as they say, all else as it was.
 * NULL, or what is not so, in `text`. Events are left out unless `events`.
 */
const char *golden_drive_judge(struct golden_drive *g, const struct golden_words *after,
                               bool events, char *text, size_t text_bytes);

#endif
