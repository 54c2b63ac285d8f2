/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file replay_host.h
 * The host that a script plays: who it is, and what it knows while it plays.
 */
#ifndef DVDEMU_REPLAY_HOST_H
#define DVDEMU_REPLAY_HOST_H

#include "emulator/disc.h"
#include "host_css.h"
#include "initiator.h"

#define REPLAY_BUFFER_BYTES   (64u * 1024) /**< cdrom.sys works in one buffer of that size */
#define REPLAY_FEATURES_BYTES 2048
#define REPLAY_NO_VARIANT     (-1)

struct replay_host_kind {
    const char *name;
    const char *initiator;
    unsigned deadline_ms;       /**< for any command */
    unsigned event_deadline_ms; /**< for 46h and 4Ah */
    bool has_statuses;          /**< its errors are those of replay_status.h */
};

/** Ends with a row without name. */
extern const struct replay_host_kind replay_host_kinds[];

struct replay_host {
    const struct replay_host_kind *kind;
    const struct disc *css_disc; /**< what is known of the CSS disc that is served */
    uint8_t buffer[REPLAY_BUFFER_BYTES];
    uint32_t random_state;
    unsigned agid;
    int variant; /**< of the drive's KEY1, or REPLAY_NO_VARIANT */
    uint8_t challenge[HOST_CSS_CHALLENGE_BYTES];
    uint8_t key1[HOST_CSS_KEY_BYTES], key2[HOST_CSS_KEY_BYTES], bus_key[HOST_CSS_KEY_BYTES];
    uint8_t title_key[HOST_CSS_KEY_BYTES]; /**< clear */
    size_t length_bytes;
    uint8_t features[REPLAY_FEATURES_BYTES];
    size_t features_bytes;
    uint32_t last_lba;
};

/** Block addresses of a CSS disc that scripts speak of. */
enum replay_lba { REPLAY_SCRAMBLED, REPLAY_SECOND, REPLAY_CLEAR, REPLAY_END };

/**
 * First scrambled block with a title key; first scrambled one of another title key; first block
 * with a title key that is not scrambled; first address behind the disc. DISC_BLOCKS_MAX: none.
 */
uint32_t replay_lba(const struct disc *disc, enum replay_lba which);

#endif
