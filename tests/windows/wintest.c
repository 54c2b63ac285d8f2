/* SPDX-License-Identifier: GPL-2.0-only */
#include "wintest.h"

#include "nt_status.h"
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "sense_verdict.h"

#include <inttypes.h>
#include <string.h>

#define SCRAMBLING_AT   0x14 /* PES_scrambling_control of a pack (mmc-spec 3.1) */
#define SCRAMBLING_BITS 0x30

#define UNIT_ATTENTION 0x6
#define TRIES          3

struct dvd_session wintest_session(const struct wintest *t)
{
    struct dvd_session s;

    dvd_session_init(&s, t->calls, t->options->wine);
    return s;
}

struct call_result wintest_control(const struct wintest *t, uint32_t code, const void *in,
                                   uint32_t in_bytes, void *out, uint32_t out_bytes)
{
    const struct ioctl_call call = {HANDLE_READ, code, in, in_bytes, out, out_bytes};

    return t->calls->control(t->calls->ctx, &call);
}

struct call_result wintest_scsi(const struct wintest *t, struct scsi_call *call)
{
    struct call_result result = {0};
    uint32_t code = 0;

    for (int tries = 0; tries < TRIES; tries++) {
        result = t->calls->pass_through(t->calls->ctx, call);
        if (!call_is_good(&result) || call->scsi_status == 0) {
            return result;
        }
        code = sense_code_read(call->sense, sizeof(call->sense));
        if (code >> 16 != UNIT_ATTENTION) {
            break;
        }
    }
    result.status = sense_verdict(code).status;
    result.error = nt_status(result.status)->error;
    return result;
}

struct call_result wintest_read(const struct wintest *t, uint32_t lba, uint32_t blocks)
{
    uint8_t cdb[10] = {OP_READ_10};
    struct scsi_call call = {
        .cdb = cdb, .cdb_bytes = sizeof(cdb), .data = t->room, .data_bytes = blocks * SECTOR_BYTES};
    struct call_result result;

    if (!t->options->wine) {
        return t->calls->read(t->calls->ctx, (uint64_t)lba * SECTOR_BYTES, t->room,
                              blocks * SECTOR_BYTES);
    }
    be32_put(cdb + 2, lba);
    be16_put(cdb + 7, (uint16_t)blocks);
    result = wintest_scsi(t, &call);
    result.bytes = call.transferred;
    return result;
}

bool wintest_progressed(struct wintest *t, const struct dvd_progress *p)
{
    if (!p->good) {
        step_saw(t->report, &p->result);
        step_fail(t->report, "%s failed, status %08" PRIX32 " (%s)", p->step, p->result.status,
                  call_is_good(&p->result) ? "no genuine drive"
                                           : nt_status(p->result.status)->name);
    }
    return p->good;
}

bool wintest_authenticate(struct wintest *t, struct dvd_session *s)
{
    const struct dvd_progress p = dvd_handshake(s, DVD_KEY2_SENT);

    return wintest_progressed(t, &p);
}

bool wintest_region_allows(const struct wintest *t)
{
    return !t->known.has_rpc || rpc_state_allows(&t->known.rpc, t->known.disc_regions);
}

bool wintest_is_scrambled(const uint8_t sector[static SECTOR_BYTES])
{
    static const uint8_t pack_start[] = {0, 0, 1, 0xba};

    return memcmp(sector, pack_start, sizeof(pack_start)) == 0 &&
           (sector[SCRAMBLING_AT] & SCRAMBLING_BITS) != 0;
}

/* ---- all of it ---- */

/* Which options a theme needs. */
static bool always(const struct wintest_options *o)
{
    (void)o;
    return true;
}

static bool negative(const struct wintest_options *o)
{
    return !o->no_negative && !o->no_crypt;
}

static bool pass_through(const struct wintest_options *o)
{
    return o->pass_through && !o->no_crypt;
}

static bool load(const struct wintest_options *o)
{
    return (o->repeat || o->threads) && !o->no_crypt;
}

static bool interactive(const struct wintest_options *o)
{
    return o->interactive;
}

/* The region comes before the sessions: no title key without a right one. */
static const struct theme {
    void (*run)(struct wintest *t);
    bool (*wanted)(const struct wintest_options *o);
} themes[] = {
    {wintest_structures, always},  {wintest_region, always}, {wintest_sessions, always},
    {wintest_refusals, negative},  {wintest_load, load},     {wintest_pass_through, pass_through},
    {wintest_events, interactive},
};

int wintest_run(const struct wintest_options *options, const struct expectations *expected,
                const struct windows_calls *calls, struct step_report *report,
                uint8_t room[static WINTEST_ROOM_BYTES])
{
    struct watched_calls watched;
    struct wintest t = {.options = options, .expected = expected, .report = report, .room = room};

    watched_calls_init(&watched, calls, report, options->verbose);
    t.calls = &watched.calls;
    t.known.title_lba = options->title_lba;
    t.known.scrambled_lba = options->scrambled_lba;
    wintest_drive(&t);
    if (!t.known.media || t.known.other_drive) {
        step_report_end(report);
        return WINTEST_EXIT_NO_DVD;
    }
    for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++) {
        if (themes[i].wanted(options)) {
            themes[i].run(&t);
        }
    }
    step_report_end(report);
    return report->failed ? WINTEST_EXIT_FAILED : WINTEST_EXIT_PASSED;
}
