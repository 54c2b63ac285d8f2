/* SPDX-License-Identifier: GPL-2.0-only */
#include "dvd_session.h"

#include <string.h>

#define AGIDS 4

void dvd_session_init(struct dvd_session *s, const struct windows_calls *calls, bool wine)
{
    memset(s, 0, sizeof(*s));
    s->calls = calls;
    s->wine = wine;
    s->variant = -1;
}

/* ---- the calls ---- */

static struct call_result control(const struct dvd_session *s, uint32_t code, const void *in,
                                  uint32_t in_bytes, void *out, uint32_t out_bytes)
{
    const struct ioctl_call call = {HANDLE_READ, code, in, in_bytes, out, out_bytes};

    return s->calls->control(s->calls->ctx, &call);
}

/* In and out are one buffer of the exact length: the length is what the drive is asked for (a.3),
 * and Wine takes nothing else (d). */
struct call_result dvd_read_key(struct dvd_session *s, uint32_t type, uint32_t bytes,
                                uint64_t title_offset_bytes)
{
    const struct key_header header = {.key_length = bytes,
                                      .session = s->id,
                                      .type = type,
                                      .title_offset_bytes = title_offset_bytes};

    key_buffer_make(&s->buffer, &header);
    return control(s, CODE_DVD_READ_KEY, &s->buffer, bytes, &s->buffer, bytes);
}

static struct call_result send_key(struct dvd_session *s, uint32_t type, uint32_t bytes,
                                   const uint8_t *data, size_t data_bytes)
{
    const struct key_header header = {.key_length = bytes, .session = s->id, .type = type};

    key_buffer_make(&s->buffer, &header);
    if (data_bytes) {
        memcpy(key_buffer_data(&s->buffer), data, data_bytes);
    }
    return control(s, CODE_DVD_SEND_KEY, &s->buffer, bytes, NULL, 0);
}

static struct call_result end_session(const struct dvd_session *s, uint32_t id)
{
    uint8_t number[SESSION_ID_BYTES];

    le32_put(number, id);
    return control(s, CODE_DVD_END_SESSION, number, sizeof(number), NULL, 0);
}

struct call_result dvd_end_all(struct dvd_session *s)
{
    struct call_result result = {0};

    if (!s->wine) {
        return end_session(s, END_ALL_SESSIONS);
    }
    for (uint32_t id = 0; id < AGIDS && call_is_good(&result); id++) {
        result = end_session(s, id);
    }
    return result;
}

struct call_result dvd_start(struct dvd_session *s)
{
    uint8_t number[SESSION_ID_BYTES] = {0};
    struct call_result result = control(s, CODE_DVD_START_SESSION, NULL, 0, number, sizeof(number));

    s->id = le32_get(number);
    return result;
}

struct call_result dvd_send_challenge(struct dvd_session *s)
{
    s->calls->random(s->calls->ctx, s->host_challenge, sizeof(s->host_challenge));
    return send_key(s, KEY_TYPE_CHALLENGE, KEY_CHALLENGE_BYTES, s->host_challenge,
                    sizeof(s->host_challenge));
}

struct call_result dvd_read_key1(struct dvd_session *s)
{
    const struct call_result result = dvd_read_key(s, KEY_TYPE_BUS1, KEY_BUS_BYTES, 0);

    memcpy(s->key1, key_buffer_data(&s->buffer), sizeof(s->key1));
    s->variant = call_is_good(&result) ? host_css_find_variant(s->host_challenge, s->key1) : -1;
    return result;
}

struct call_result dvd_read_challenge(struct dvd_session *s)
{
    const struct call_result result = dvd_read_key(s, KEY_TYPE_CHALLENGE, KEY_CHALLENGE_BYTES, 0);

    memcpy(s->drive_challenge, key_buffer_data(&s->buffer), sizeof(s->drive_challenge));
    return result;
}

struct call_result dvd_send_key2(struct dvd_session *s)
{
    const unsigned variant = s->variant < 0 ? 0 : (unsigned)s->variant;

    host_css_key2(variant, s->drive_challenge, s->key2);
    host_css_bus_key(variant, s->key1, s->key2, s->bus_key);
    return send_key(s, KEY_TYPE_BUS2, KEY_BUS_BYTES, s->key2, sizeof(s->key2));
}

struct call_result dvd_end(struct dvd_session *s)
{
    return end_session(s, s->id);
}

struct call_result dvd_read_asf(struct dvd_session *s, uint32_t id, bool *asf)
{
    const uint32_t own = s->id;
    struct call_result result;

    s->id = id;
    result = dvd_read_key(s, KEY_TYPE_ASF, KEY_ASF_BYTES, 0);
    s->id = own;
    *asf = key_buffer_data(&s->buffer)[3] & 1;
    return result;
}

struct call_result dvd_read_disc_key(struct dvd_session *s,
                                     uint8_t block[static HOST_CSS_BLOCK_BYTES])
{
    const struct call_result result = dvd_read_key(s, KEY_TYPE_DISC, KEY_DISC_BYTES, 0);

    memcpy(block, key_buffer_data(&s->buffer), HOST_CSS_BLOCK_BYTES);
    host_css_clear(block, HOST_CSS_BLOCK_BYTES, s->bus_key);
    return result;
}

struct call_result dvd_read_title_key(struct dvd_session *s, uint32_t lba,
                                      uint8_t key[static HOST_CSS_KEY_BYTES], uint32_t *flags)
{
    const struct call_result result =
        dvd_read_key(s, KEY_TYPE_TITLE, KEY_TITLE_BYTES, (uint64_t)lba * SECTOR_BYTES);

    memcpy(key, key_buffer_data(&s->buffer), HOST_CSS_KEY_BYTES);
    host_css_clear(key, HOST_CSS_KEY_BYTES, s->bus_key);
    *flags = key_buffer_header(&s->buffer).flags;
    return result;
}

struct call_result dvd_invalidate(struct dvd_session *s)
{
    return send_key(s, KEY_TYPE_INVALIDATE, KEY_HEADER_BYTES, NULL, 0);
}

struct call_result dvd_read_structure(const struct dvd_session *s, uint32_t format, uint8_t layer,
                                      void *out, uint32_t out_bytes)
{
    uint8_t request[STRUCTURE_REQUEST_BYTES];

    structure_request_make(request, format, s->id, 0, layer);
    return control(s, CODE_DVD_READ_STRUCTURE, request,
                   s->wine ? STRUCTURE_REQUEST_BYTES_WINE : STRUCTURE_REQUEST_BYTES, out,
                   out_bytes);
}

/* ---- all of it ---- */

static struct dvd_progress run_stages(struct dvd_session *s, unsigned first, unsigned last)
{
    static const struct {
        const char *name;
        struct call_result (*run)(struct dvd_session *s);
    } steps[] = {
        [DVD_STARTED] = {"start-session", dvd_start},
        [DVD_CHALLENGED] = {"send-challenge", dvd_send_challenge},
        [DVD_KEY1_READ] = {"read-key1", dvd_read_key1},
        [DVD_DRIVE_CHALLENGED] = {"read-challenge", dvd_read_challenge},
        [DVD_KEY2_SENT] = {"send-key2", dvd_send_key2},
    };
    struct dvd_progress p = {.good = true};

    for (unsigned i = first; i <= last && p.good; i++) {
        p.step = steps[i].name;
        p.result = steps[i].run(s);
        p.good = call_is_good(&p.result) && (i != DVD_KEY1_READ || s->variant >= 0);
    }
    return p;
}

struct dvd_progress dvd_handshake(struct dvd_session *s, enum dvd_stage stage)
{
    return run_stages(s, DVD_STARTED, stage);
}

struct dvd_progress dvd_handshake_started(struct dvd_session *s, enum dvd_stage stage)
{
    return run_stages(s, DVD_STARTED + 1, stage);
}
