/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of the IOCTLs again by IOCTL_SCSI_PASS_THROUGH_DIRECT, past the class driver: the
 * same data has to come, and sense that the class driver turns into what it said.
 */
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "sense_verdict.h"
#include "wintest.h"

#include <inttypes.h>
#include <string.h>

#define OP_NONE 0xff

#define CDB_BYTES          12
#define CHECK_CONDITION    0x02
#define FIXED_SENSE        0x70
#define ADDITIONAL_AT      7
#define ADDITIONAL_LEAST   10
#define REPLY_AT           4
#define CHALLENGE_LIST     16
#define KEY_LIST           12
#define STATE_LIST         8
#define COPYRIGHT_REPLY    8
#define DISC_KEY_REPLY     2052
#define INQUIRY_REPLY      36
#define PERIPHERAL_OPTICAL 0x05

/* ---- commands ---- */

/* The data of every command is in t->room. */
static struct call_result run(const struct wintest *t, struct scsi_call *call, const uint8_t *cdb,
                              bool data_out, uint16_t bytes)
{
    *call = (struct scsi_call){.cdb = cdb,
                               .cdb_bytes = CDB_BYTES,
                               .data_out = data_out,
                               .data = bytes ? t->room : NULL,
                               .data_bytes = bytes};
    return wintest_scsi(t, call);
}

/* REPORT KEY or SEND KEY as windows-spec a.3 and a.4 have it; true when good and whole. */
static bool key_command(const struct wintest *t, uint8_t opcode, uint32_t session, uint8_t format,
                        uint32_t lba, uint16_t bytes)
{
    uint8_t cdb[CDB_BYTES] = {opcode};
    struct scsi_call call;
    struct call_result result;

    be32_put(cdb + 2, lba);
    be16_put(cdb + 8, bytes);
    cdb[10] = (uint8_t)(session << 6 | format);
    result = run(t, &call, cdb, opcode == OP_SEND_KEY, bytes);
    return call_is_good(&result) && call.transferred == bytes;
}

static bool report_key(const struct wintest *t, uint32_t session, uint8_t format, uint32_t lba,
                       uint16_t bytes)
{
    memset(t->room, 0, bytes);
    return key_command(t, OP_REPORT_KEY, session, format, lba, bytes);
}

static bool send_key(const struct wintest *t, uint32_t session, uint8_t format, uint16_t bytes,
                     const uint8_t *data, size_t data_bytes)
{
    memset(t->room, 0, bytes);
    be16_put(t->room, (uint16_t)(bytes - 2));
    memcpy(t->room + REPLY_AT, data, data_bytes);
    return key_command(t, OP_SEND_KEY, session, format, 0, bytes);
}

static bool read_structure(const struct wintest *t, uint32_t session, uint8_t format,
                           uint16_t bytes)
{
    uint8_t cdb[CDB_BYTES] = {OP_READ_DVD_STRUCTURE};
    struct scsi_call call;
    struct call_result result;

    cdb[7] = format;
    be16_put(cdb + 8, bytes);
    cdb[10] = (uint8_t)(session << 6);
    memset(t->room, 0, bytes);
    result = run(t, &call, cdb, false, bytes);
    return call_is_good(&result) && call.transferred == bytes;
}

/* ---- what comes must be what the IOCTLs brought ---- */

static void inquiry(struct wintest *t)
{
    static const uint8_t cdb[CDB_BYTES] = {OP_INQUIRY, 0, 0, 0, INQUIRY_REPLY};
    struct scsi_call call = {
        .cdb = cdb, .cdb_bytes = 6, .data = t->room, .data_bytes = INQUIRY_REPLY};
    struct call_result result;

    step_begin(t->report, "pass-inquiry");
    result = wintest_scsi(t, &call);
    if (step_called(t->report, &result, STEP_ANY_BYTES)) {
        step_judge(t->report, t->room[0] == PERIPHERAL_OPTICAL, "type %02Xh, \"%.28s\"", t->room[0],
                   (const char *)t->room + 8);
    }
}

static void copyright(struct wintest *t)
{
    bool good;

    step_begin(t->report, "pass-copyright");
    good = read_structure(t, 0, STRUCTURE_COPYRIGHT, COPYRIGHT_REPLY);
    step_judge(t->report,
               good && be16_get(t->room) == COPYRIGHT_REPLY - 2 &&
                   (t->room[4] == 1) == t->known.css && t->room[5] == t->known.disc_regions,
               "protection %u, forbidden regions %02Xh", t->room[4], t->room[5]);
}

static void rpc(struct wintest *t)
{
    struct rpc_state state;
    bool good;

    step_begin(t->report, "pass-rpc-state");
    if (!t->known.has_rpc) {
        step_skip(t->report, "no region state to compare with");
        return;
    }
    good = report_key(t, 0, KEY_TYPE_GET_RPC, 0, STATE_LIST);
    state = rpc_state_read(t->room + REPLY_AT);
    step_judge(t->report,
               good && state.mask == t->known.rpc.mask && state.type == t->known.rpc.type &&
                   state.scheme == t->known.rpc.scheme &&
                   state.user_changes == t->known.rpc.user_changes,
               "mask %02Xh, %u changes left", state.mask, state.user_changes);
}

/* NULL, or which command failed. */
static const char *authenticate(const struct wintest *t, struct dvd_session *s)
{
    if (!report_key(t, 0, 0, 0, STATE_LIST)) {
        return "REPORT KEY 00h";
    }
    s->id = t->room[7] >> 6;
    t->calls->random(t->calls->ctx, s->host_challenge, sizeof(s->host_challenge));
    if (!send_key(t, s->id, KEY_TYPE_CHALLENGE, CHALLENGE_LIST, s->host_challenge,
                  sizeof(s->host_challenge))) {
        return "SEND KEY 01h";
    }
    if (!report_key(t, s->id, KEY_TYPE_BUS1, 0, KEY_LIST)) {
        return "REPORT KEY 02h";
    }
    memcpy(s->key1, t->room + REPLY_AT, sizeof(s->key1));
    s->variant = host_css_find_variant(s->host_challenge, s->key1);
    if (s->variant < 0) {
        return "key 1";
    }
    if (!report_key(t, s->id, KEY_TYPE_CHALLENGE, 0, CHALLENGE_LIST)) {
        return "REPORT KEY 01h";
    }
    host_css_key2((unsigned)s->variant, t->room + REPLY_AT, s->key2);
    host_css_bus_key((unsigned)s->variant, s->key1, s->key2, s->bus_key);
    return send_key(t, s->id, KEY_TYPE_BUS2, KEY_LIST, s->key2, sizeof(s->key2)) ? NULL
                                                                                 : "SEND KEY 03h";
}

static void invalidate(const struct wintest *t, const struct dvd_session *s)
{
    key_command(t, OP_SEND_KEY, s->id, KEY_TYPE_INVALIDATE, 0, 0);
}

static void disc_key(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    const char *failed;
    bool same = false;

    step_begin(t->report, "pass-disc-key");
    if (!t->known.has_disc_key) {
        step_skip(t->report, "no disc key to compare with");
        return;
    }
    failed = authenticate(t, &s);
    if (!failed && !read_structure(t, s.id, STRUCTURE_DISC_KEY, DISC_KEY_REPLY)) {
        failed = "READ DVD STRUCTURE 02h";
    }
    if (!failed) {
        host_css_clear(t->room + REPLY_AT, HOST_CSS_BLOCK_BYTES, s.bus_key);
        same = memcmp(t->room + REPLY_AT, t->known.disc_key_block, HOST_CSS_BLOCK_BYTES) == 0;
    }
    step_judge(t->report, same, "%s%s",
               failed ? failed
               : same ? "the same"
                      : "another",
               failed ? " failed" : "");
    invalidate(t, &s);
}

/* The key behind the copyright byte, as READ_KEY cuts it out. */
static void title_key(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    uint8_t *key = t->room + REPLY_AT + 1;
    const char *failed;
    bool same = false;

    step_begin(t->report, "pass-title-key");
    if (!t->known.has_title_key) {
        step_skip(t->report, "no title key to compare with");
        return;
    }
    failed = authenticate(t, &s);
    if (!failed && !report_key(t, s.id, KEY_TYPE_TITLE, t->known.title_lba, KEY_LIST)) {
        failed = "REPORT KEY 04h";
    }
    if (!failed) {
        host_css_clear(key, HOST_CSS_KEY_BYTES, s.bus_key);
        same = memcmp(key, t->known.wrapped_title_key, HOST_CSS_KEY_BYTES) == 0;
    }
    step_judge(t->report, same, "%s%s",
               failed ? failed
               : same ? "the same"
                      : "another",
               failed ? " failed" : "");
    invalidate(t, &s);
}

/* ---- sense: what the class driver would make of it is what it made of it ---- */

/* clang-format off */
static const struct {
    const char *name;
    uint8_t cdb[CDB_BYTES];
    uint16_t bytes;
    uint32_t sense;
} refusals[] = {
    {"pass-no-such-command", {OP_NONE},                                                0, SENSE_CODE(5, 0x20, 0)},
    {"pass-key1-no-session", {OP_REPORT_KEY, [9] = KEY_LIST, [10] = 0xc0 | KEY_TYPE_BUS1}, KEY_LIST, SENSE_CODE(5, 0x24, 0)},
    {"pass-title-key-no-auth", {OP_REPORT_KEY, [9] = KEY_LIST, [10] = KEY_TYPE_TITLE},   KEY_LIST, SENSE_CODE(5, 0x6f, 2)},
    {"pass-disc-key-no-auth",  {OP_READ_DVD_STRUCTURE, [7] = 2, [8] = 8, [9] = 4},       DISC_KEY_REPLY, SENSE_CODE(5, 0x6f, 2)},
    {"pass-no-structure",    {OP_READ_DVD_STRUCTURE, [7] = 0x42, [9] = 8},             8, SENSE_CODE(5, 0x24, 0)},
    {"pass-past-end",        {OP_READ_10, 0, 0x7f, 0xff, 0xff, 0xff, [8] = 1},         SECTOR_BYTES, SENSE_CODE(5, 0x21, 0)},
};
/* clang-format on */

static void refusals_by_sense(struct wintest *t)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct scsi_call call;
        struct call_result result;
        uint32_t code;

        step_begin(t->report, refusals[i].name);
        result = run(t, &call, refusals[i].cdb, false, refusals[i].bytes);
        code = sense_code_read(call.sense, sizeof(call.sense));
        step_judge(t->report,
                   call.scsi_status == CHECK_CONDITION && code == refusals[i].sense &&
                       (call.sense[0] & 0x7f) == FIXED_SENSE &&
                       call.sense[ADDITIONAL_AT] >= ADDITIONAL_LEAST,
                   "sense %05" PRIX32 "h, which is status %08" PRIX32 "; wanted %05" PRIX32 "h",
                   code, result.status, refusals[i].sense);
    }
}

void wintest_pass_through(struct wintest *t)
{
    if (!t->calls->has_write && !t->options->wine) {
        step_begin(t->report, "pass-through");
        step_skip(t->report, "no handle for writing: run as administrator");
        return;
    }
    inquiry(t);
    copyright(t);
    rpc(t);
    disc_key(t);
    title_key(t);
    refusals_by_sense(t);
}
