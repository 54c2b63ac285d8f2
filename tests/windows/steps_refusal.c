/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must be refused, and with what. The driver's own refusals are rows of buffers; the drive's
 * are rows of sense, out of which sense_verdict.c makes the status and nt_status.c the error.
 */
#include "nt_status.h"
#include "sense_verdict.h"
#include "wintest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TURNED_BIT   0x10
#define PAST_END     16 /* blocks behind the last */
#define NO_STRUCTURE 0x42
#define NO_LAYER     5
#define UNUSED_ID    3
#define FREE_LBA     0 /* no title is at the beginning of a disc */
#define AGIDS        4

/* Statuses that stand for something else; no NTSTATUS has these values. */
#define ANY_FAILURE 1u
#define SKIPPED     2u
#define AS_WINDOWS  3u

/* ---- the verdict ---- */

static bool is_wanted(const struct call_result *result, uint32_t wanted)
{
    if (wanted == ANY_FAILURE) {
        return !call_is_good(result);
    }
    return result->status == wanted;
}

/* The error that programs see has to be that of the status. */
static bool error_fits(const struct call_result *result)
{
    const struct nt_status *row = nt_status(result->status);

    return result->error == row->error || row->error == 0;
}

static void judge_refusal(struct wintest *t, const struct call_result *result, uint32_t wanted,
                          uint32_t or_wanted)
{
    const struct nt_status *row = nt_status(wanted);
    const bool good =
        (is_wanted(result, wanted) || is_wanted(result, or_wanted)) && error_fits(result);
    char rest[96] = "", error[NT_ERROR_TEXT_BYTES], wanted_error[NT_ERROR_TEXT_BYTES];

    if (!good && wanted == ANY_FAILURE) {
        snprintf(rest, sizeof(rest), ", wanted a failure");
    } else if (!good) {
        snprintf(rest, sizeof(rest), ", wanted %08" PRIX32 " (%s) error %s", wanted, row->name,
                 nt_error_text(row->error, wanted_error));
    }
    step_saw(t->report, result);
    step_judge(t->report, good, "status %08" PRIX32 " (%s) error %s%s", result->status,
               nt_status(result->status)->name, nt_error_text(result->error, error), rest);
}

/* ---- what the driver refuses by itself (windows-spec a.2 to a.8) ---- */

struct driver_refusal {
    const char *name;
    uint32_t code;
    enum drive_handle handle;
    uint32_t key_length, type; /* written into the input */
    uint32_t in_bytes, out_bytes;
    uint32_t wanted, wine;
};

/* clang-format off */
static const struct driver_refusal driver_refusals[] = {
    {"session-out-too-small",  CODE_DVD_START_SESSION,  HANDLE_READ,  0, 0,                    0,  3, NT_BUFFER_TOO_SMALL,  AS_WINDOWS},
    {"key1-out-too-small",     CODE_DVD_READ_KEY,       HANDLE_READ, 32, KEY_TYPE_BUS1,       32, 31, NT_BUFFER_TOO_SMALL,  SKIPPED},
    {"disc-key-out-too-small", CODE_DVD_READ_KEY,       HANDLE_READ, 32, KEY_TYPE_DISC,       32, 32, NT_BUFFER_TOO_SMALL,  SKIPPED},
    {"read-key-in-too-small",  CODE_DVD_READ_KEY,       HANDLE_READ, 32, KEY_TYPE_BUS1,       23, 32, NT_INVALID_PARAMETER, AS_WINDOWS},
    {"end-in-too-small",       CODE_DVD_END_SESSION,    HANDLE_READ,  0, 0,                    3,  0, NT_INVALID_PARAMETER, AS_WINDOWS},
    {"structure-in-too-small", CODE_DVD_READ_STRUCTURE, HANDLE_READ,  0, 0,                   16,  8, NT_INVALID_PARAMETER, AS_WINDOWS},
    {"structure-too-large",    CODE_DVD_READ_STRUCTURE, HANDLE_READ,  0, 0,                   24, 65536, NT_INVALID_PARAMETER, SKIPPED},
    {"region-out-too-small",   CODE_DVD_GET_REGION,     HANDLE_READ,  0, 0,                    0,  3, NT_BUFFER_TOO_SMALL,  AS_WINDOWS},
    {"keylength-differs",      CODE_DVD_SEND_KEY,       HANDLE_READ, 36, KEY_TYPE_CHALLENGE,  40,  0, NT_INVALID_PARAMETER, AS_WINDOWS},
    {"send-set-rpc",           CODE_DVD_SEND_KEY,       HANDLE_READ, 28, KEY_TYPE_SET_RPC,    28,  0, NT_INVALID_PARAMETER, SKIPPED},
    {"send-key1",              CODE_DVD_SEND_KEY,       HANDLE_READ, 32, KEY_TYPE_BUS1,       32,  0, NT_INVALID_PARAMETER, ANY_FAILURE},
    {"send-title-key",         CODE_DVD_SEND_KEY,       HANDLE_READ, 32, KEY_TYPE_TITLE,      32,  0, NT_INVALID_PARAMETER, ANY_FAILURE},
    {"send-disc-key",          CODE_DVD_SEND_KEY,       HANDLE_READ, 2072, KEY_TYPE_DISC,   2072,  0, NT_INVALID_PARAMETER, ANY_FAILURE},
    {"send-key2-no-write",     CODE_DVD_SEND_KEY2,      HANDLE_READ, 24, KEY_TYPE_INVALIDATE, 24,  0, NT_ACCESS_DENIED,     ANY_FAILURE},
    {"dvd-read-ahead",         CODE_DVD_SET_READ_AHEAD, HANDLE_READ,  0, 0,                   16,  0, ANY_FAILURE,          ANY_FAILURE},
};
/* clang-format on */

/* In and out share a buffer, as METHOD_BUFFERED does it and Wine wants it; so a row that is wrong
 * in one way is right in the others. */
static void driver_refusal(struct wintest *t, const struct driver_refusal *row)
{
    const struct key_header header = {.key_length = row->key_length, .type = row->type};
    struct key_buffer in;
    struct ioctl_call call = {row->handle,   row->code, t->room,
                              row->in_bytes, t->room,   row->out_bytes};
    const uint32_t wanted = t->options->wine && row->wine != AS_WINDOWS ? row->wine : row->wanted;
    struct call_result result;

    step_begin(t->report, row->name);
    if (wanted == SKIPPED) {
        step_skip(t->report, "Wine does not check that");
        return;
    }
    key_buffer_make(&in, &header);
    memcpy(t->room, &in, sizeof(in));
    if (row->in_bytes == 0) {
        call.in = NULL;
    }
    if (row->out_bytes == 0) {
        call.out = NULL;
    }
    result = t->calls->control(t->calls->ctx, &call);
    judge_refusal(t, &result, wanted, wanted);
}

/* ---- what the drive refuses ---- */

/* Each ends its step by returning the result to be judged, or has ended it: false. */
typedef bool refused_call(struct wintest *t, struct dvd_session *s, struct call_result *result);

static bool no_session(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    (void)t;
    s->id = UNUSED_ID;
    *result = dvd_read_key(s, KEY_TYPE_BUS1, KEY_BUS_BYTES, 0);
    return true;
}

static bool reach(struct wintest *t, struct dvd_session *s, enum dvd_stage stage)
{
    const struct dvd_progress p = dvd_handshake(s, stage);

    return wintest_progressed(t, &p);
}

static bool key1_too_early(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    if (!reach(t, s, DVD_STARTED)) {
        return false;
    }
    *result = dvd_read_key(s, KEY_TYPE_BUS1, KEY_BUS_BYTES, 0);
    return true;
}

static bool title_key_too_early(struct wintest *t, struct dvd_session *s,
                                struct call_result *result)
{
    if (!reach(t, s, DVD_DRIVE_CHALLENGED)) {
        return false;
    }
    *result = dvd_read_key(s, KEY_TYPE_TITLE, KEY_TITLE_BYTES,
                           (uint64_t)t->known.title_lba * SECTOR_BYTES);
    return true;
}

static bool disc_key_too_early(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    if (!reach(t, s, DVD_DRIVE_CHALLENGED)) {
        return false;
    }
    *result = dvd_read_key(s, KEY_TYPE_DISC, KEY_DISC_BYTES, 0);
    return true;
}

static bool free_title_key(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    if (!reach(t, s, DVD_KEY2_SENT)) {
        return false;
    }
    *result = dvd_read_key(s, KEY_TYPE_TITLE, KEY_TITLE_BYTES, (uint64_t)FREE_LBA * SECTOR_BYTES);
    return true;
}

static bool title_key_past_end(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    const uint64_t lba = t->known.blocks ? t->known.blocks + PAST_END : UINT32_MAX;

    if (!reach(t, s, DVD_KEY2_SENT)) {
        return false;
    }
    *result = dvd_read_key(s, KEY_TYPE_TITLE, KEY_TITLE_BYTES, lba * SECTOR_BYTES);
    return true;
}

static bool wrong_key2(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    if (!reach(t, s, DVD_DRIVE_CHALLENGED)) {
        return false;
    }
    /* the answer to another challenge is a wrong one */
    s->drive_challenge[0] ^= TURNED_BIT;
    *result = dvd_send_key2(s);
    return true;
}

static bool scrambled(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    (void)s;
    if (t->known.scrambled_lba == OPTION_NOT_GIVEN) {
        step_skip(t->report, "no scrambled block is known");
        return false;
    }
    *result = wintest_read(t, t->known.scrambled_lba, 1);
    return true;
}

static bool past_end(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    (void)s;
    if (t->known.blocks == 0 && !t->options->wine) {
        step_skip(t->report, "the size of the disc is not known");
        return false;
    }
    *result = wintest_read(t, t->known.blocks ? t->known.blocks + PAST_END : INT32_MAX, 1);
    return true;
}

static bool no_such_structure(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    *result = dvd_read_structure(s, NO_STRUCTURE, 0, t->room, KEY_HEADER_BYTES);
    return true;
}

static bool no_such_layer(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    *result = dvd_read_structure(s, STRUCTURE_PHYSICAL, NO_LAYER, t->room, KEY_HEADER_BYTES);
    return true;
}

static bool fifth_session(struct wintest *t, struct dvd_session *s, struct call_result *result)
{
    (void)t;
    dvd_end_all(s);
    for (int i = 0; i < AGIDS; i++) {
        *result = dvd_start(s);
        if (!call_is_good(result)) {
            step_fail(t->report, "session %d of %d was refused already, status %08" PRIX32, i + 1,
                      AGIDS, result->status);
            return false;
        }
    }
    *result = dvd_start(s);
    return true;
}

/* DvdDiskKey does not fit six bits: key format 0 goes out with A3h (a.4). */
static bool send_key2_without_format(struct wintest *t, struct dvd_session *s,
                                     struct call_result *result)
{
    const struct key_header header = {.key_length = KEY_BUS_BYTES, .type = KEY_TYPE_DISC};
    const struct ioctl_call call = {
        HANDLE_READ_WRITE, CODE_DVD_SEND_KEY2, &s->buffer, KEY_BUS_BYTES, NULL, 0};

    if (!t->calls->has_write) {
        step_skip(t->report, "no handle for writing: run as administrator");
        return false;
    }
    key_buffer_make(&s->buffer, &header);
    *result = t->calls->control(t->calls->ctx, &call);
    return true;
}

enum only { ALWAYS, ON_CSS };

struct drive_refusal {
    const char *name;
    refused_call *call;
    uint32_t sense;     /* the drive's; 0: the driver refuses, with `status` */
    uint32_t status;    /* 0: what sense becomes */
    uint32_t or_status; /* another right answer; 0: none */
    uint32_t wine;
    enum only only;
};

/* clang-format off */
static const struct drive_refusal drive_refusals[] = {
    {"no-session",          no_session,          SENSE_CODE(5, 0x24, 0), 0, ANY_FAILURE,                   ANY_FAILURE, ALWAYS},
    {"key1-too-early",      key1_too_early,      SENSE_CODE(5, 0x2c, 0), 0, 0,                             ANY_FAILURE, ALWAYS},
    {"title-key-too-early", title_key_too_early, SENSE_CODE(5, 0x6f, 2), 0, NT_CSS_AUTHENTICATION_FAILURE, ANY_FAILURE, ALWAYS},
    {"disc-key-too-early",  disc_key_too_early,  SENSE_CODE(5, 0x6f, 2), 0, NT_CSS_AUTHENTICATION_FAILURE, ANY_FAILURE, ALWAYS},
    {"no-key-there",        free_title_key,      SENSE_CODE(5, 0x6f, 1), 0, 0,                             ANY_FAILURE, ALWAYS},
    {"title-key-past-end",  title_key_past_end,  SENSE_CODE(5, 0x21, 0), 0, 0,                             ANY_FAILURE, ALWAYS},
    {"no-such-structure",   no_such_structure,   SENSE_CODE(5, 0x24, 0), 0, 0,                             ANY_FAILURE, ALWAYS},
    {"no-such-layer",       no_such_layer,       SENSE_CODE(5, 0x24, 0), 0, 0,                             SKIPPED,     ALWAYS},
    {"past-end",            past_end,            0, NT_INVALID_DEVICE_REQUEST, NT_END_OF_FILE, NT_NONEXISTENT_SECTOR, ALWAYS},
    {"key2-without-format", send_key2_without_format, SENSE_CODE(5, 0x24, 0), 0, 0,                        SKIPPED,     ALWAYS},
    {"fifth-session",       fifth_session,       SENSE_CODE(5, 0x55, 0), 0, 0,                             ANY_FAILURE, ALWAYS},
    {"wrong-key2",          wrong_key2,          SENSE_CODE(5, 0x6f, 0), 0, 0,                             ANY_FAILURE, ALWAYS},
    {"scrambled",           scrambled,           SENSE_CODE(5, 0x6f, 3), 0, 0,                             AS_WINDOWS,  ON_CSS},
};
/* clang-format on */

static void drive_refusal(struct wintest *t, const struct drive_refusal *row)
{
    struct dvd_session s = wintest_session(t);
    uint32_t wanted = row->sense ? sense_verdict(row->sense).status : row->status;
    uint32_t or_wanted = row->or_status ? row->or_status : wanted;
    struct call_result result;

    step_begin(t->report, row->name);
    if (t->options->wine && row->wine != AS_WINDOWS) {
        wanted = or_wanted = row->wine;
    }
    if (wanted == SKIPPED) {
        step_skip(t->report, "Wine does not get that far");
        return;
    }
    if (row->call(t, &s, &result)) {
        judge_refusal(t, &result, wanted, or_wanted);
    }
    dvd_end_all(&s);
}

/* ---- around them ---- */

/* After the fifth session was refused all are ended: there has to be a free one again. */
static void session_is_free(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    struct call_result result;

    step_begin(t->report, "session-free-again");
    result = dvd_start(&s);
    if (step_called(t->report, &result, STEP_ANY_BYTES)) {
        step_pass(t->report, "session %" PRIu32, s.id);
    }
    dvd_end(&s);
}

/* A wrong key 2 ended the authentication. */
static void asf_is_clear(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    struct call_result result;
    bool asf;

    step_begin(t->report, "asf-after-wrong-key2");
    result = dvd_read_asf(&s, 0, &asf);
    if (step_called(t->report, &result, STEP_ANY_BYTES)) {
        step_judge(t->report, !asf, "%d", asf);
    }
}

/* What DeviceIoControl made of a refusal is what NtDeviceIoControlFile says. */
static void both_calls_agree(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    const struct key_header header = {
        .key_length = KEY_TITLE_BYTES, .session = UNUSED_ID, .type = KEY_TYPE_TITLE};
    const struct ioctl_call call = {HANDLE_READ,     CODE_DVD_READ_KEY, &s.buffer,
                                    KEY_TITLE_BYTES, &s.buffer,         KEY_TITLE_BYTES};
    struct call_result first, second;

    step_begin(t->report, "both-calls-agree");
    dvd_end_all(&s);
    key_buffer_make(&s.buffer, &header);
    first = t->calls->control(t->calls->ctx, &call);
    key_buffer_make(&s.buffer, &header);
    second = t->calls->control_native(t->calls->ctx, &call);
    step_judge(t->report,
               !call_is_good(&first) && first.status == second.status &&
                   first.error == second.error,
               "DeviceIoControl %08" PRIX32 " error %" PRIu32 ", NtDeviceIoControlFile %08" PRIX32,
               first.status, first.error, second.status);
}

void wintest_refusals(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);

    dvd_end_all(&s);
    for (size_t i = 0; i < sizeof(driver_refusals) / sizeof(driver_refusals[0]); i++) {
        driver_refusal(t, &driver_refusals[i]);
    }
    both_calls_agree(t);
    for (size_t i = 0; i < sizeof(drive_refusals) / sizeof(drive_refusals[0]); i++) {
        const struct drive_refusal *row = &drive_refusals[i];

        if (row->only == ALWAYS || t->known.css) {
            drive_refusal(t, row);
        }
        if (row->call == fifth_session) {
            session_is_free(t);
        }
        if (row->call == wrong_key2) {
            asf_is_clear(t);
        }
    }
}
