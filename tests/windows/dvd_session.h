/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file dvd_session.h
 * One authentication through IOCTL_DVD_*, a call a step, with the buffers that a player passes.
 * Nothing is printed and nothing is judged here, except that a handshake stops at what fails.
 */
#ifndef DVDEMU_DVD_SESSION_H
#define DVDEMU_DVD_SESSION_H

#include "key_buffer.h"
#include "tests/support/host_css.h"
#include "windows_calls.h"

struct dvd_session {
    const struct windows_calls *calls;
    bool wine; /**< Wine's rules: END_SESSION knows no "all", a structure request has 17 bytes */
    uint32_t id;
    uint8_t host_challenge[HOST_CSS_CHALLENGE_BYTES], drive_challenge[HOST_CSS_CHALLENGE_BYTES];
    uint8_t key1[HOST_CSS_KEY_BYTES], key2[HOST_CSS_KEY_BYTES], bus_key[HOST_CSS_KEY_BYTES];
    int variant;              /**< of the drive, -1: no genuine one */
    struct key_buffer buffer; /**< of the last READ_KEY or SEND_KEY */
};

void dvd_session_init(struct dvd_session *s, const struct windows_calls *calls, bool wine);

/* The steps, in the order of a player. */
struct call_result dvd_end_all(struct dvd_session *s);
struct call_result dvd_start(struct dvd_session *s);
struct call_result dvd_send_challenge(struct dvd_session *s);
struct call_result dvd_read_key1(struct dvd_session *s);
struct call_result dvd_read_challenge(struct dvd_session *s);
/** Makes key 2 and the bus key. */
struct call_result dvd_send_key2(struct dvd_session *s);
struct call_result dvd_end(struct dvd_session *s);

/** ASF, asked with any session number. */
struct call_result dvd_read_asf(struct dvd_session *s, uint32_t id, bool *asf);
/** Disc key block, clear of the bus key. */
struct call_result dvd_read_disc_key(struct dvd_session *s,
                                     uint8_t block[static HOST_CSS_BLOCK_BYTES]);
/** Title key of a block, clear of the bus key, and its KeyFlags. */
struct call_result dvd_read_title_key(struct dvd_session *s, uint32_t lba,
                                      uint8_t key[static HOST_CSS_KEY_BYTES], uint32_t *flags);
struct call_result dvd_invalidate(struct dvd_session *s);

/** READ_KEY of this type with a buffer of `bytes` bytes; the answer is in s->buffer. */
struct call_result dvd_read_key(struct dvd_session *s, uint32_t type, uint32_t bytes,
                                uint64_t title_offset_bytes);

/** READ_STRUCTURE; `out_bytes` is also what the drive is asked for. */
struct call_result dvd_read_structure(const struct dvd_session *s, uint32_t format, uint8_t layer,
                                      void *out, uint32_t out_bytes);

/** How far dvd_handshake() goes. */
enum dvd_stage { DVD_STARTED, DVD_CHALLENGED, DVD_KEY1_READ, DVD_DRIVE_CHALLENGED, DVD_KEY2_SENT };

struct dvd_progress {
    struct call_result result; /**< of the last call */
    const char *step;          /**< its name */
    bool good;
};

/** From a new session to that stage; stops at the first that fails. */
struct dvd_progress dvd_handshake(struct dvd_session *s, enum dvd_stage stage);
/** The same for a session that has been started already. */
struct dvd_progress dvd_handshake_started(struct dvd_session *s, enum dvd_stage stage);

#endif
