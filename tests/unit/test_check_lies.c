/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conformance suite finds what is wrong: a drive that is right but for one thing, in what it
 * says or in what it does, fails the row that asks about it. And what a quirk allows is no failure
 * once the quirk is expected.
 */
#include "tests/support/check_bench.h"
#include "unit.h"

#include "scsi/opcodes.h"

#include <stdio.h>
#include <string.h>

#define ANY  (-1)
#define GOOD 0

/* 0xKAAQQ, as check_talk.h has them */
#define SEQUENCE        0x52c00
#define NOT_ESTABLISHED 0x56f02
#define AUTH_FAILURE    0x56f00
#define NO_KEY          0x56f01
#define NO_AGID         0x55500
#define CDB_FIELD       0x52400
#define LIST_FIELD      0x52600
#define LIST_LENGTH     0x51a00
#define SCRAMBLED       0x56f03
#define REGION_REFUSED  0x56f04
#define PERMANENT       0x56f05
#define LBA_RANGE       0x52100
#define POWER_ON        0x62900
#define CHANGED         0x62800
#define BAD_OPCODE      0x52000

/* ---- a lie in what is said ---- */

enum change { FLIP, SENSE, MORE, LESS, NO_RESIDUAL, SHORT_SENSE, MAKE_GOOD };

struct saying {
    const char *caught_by; /* one of the rows that have to fail */
    const char *disc;
    int opcode, format; /* byte 10, bits 5-0, of A3h and A4h; byte 7 of ADh; ANY */
    int outcome;        /* answers that are changed: GOOD, a sense, ANY */
    enum change change;
    size_t at;     /* FLIP: byte */
    unsigned with; /* FLIP: xor'ed onto it; SENSE: 0xKAAQQ */
};

static const struct saying *saying;

static int outcome_of(const struct check_answer *a)
{
    if (a->status == CHECK_GOOD) {
        return GOOD;
    }
    return (a->sense[2] & 0x0f) << 16 | a->sense[12] << 8 | a->sense[13];
}

static int format_of(const struct check_command *command)
{
    return command->cdb[0] == OP_READ_DVD_STRUCTURE ? command->cdb[7]
           : command->cdb_bytes == 12               ? command->cdb[10] & 0x3f
                                                    : ANY;
}

static void set_sense(struct check_answer *a, const struct check_command *command, unsigned sense)
{
    *a = (struct check_answer){
        .status = CHECK_CONDITION,
        .residual = command->in_bytes ? CHECK_UNDERFLOW : CHECK_NO_RESIDUAL,
        .residual_bytes = command->in_bytes,
        .sense = {0x70, 0, (uint8_t)(sense >> 16), [7] = 10, [12] = (uint8_t)(sense >> 8),
                  (uint8_t)sense},
        .sense_bytes = 18,
    };
}

static void say(struct check_bench *b, const struct check_command *command, struct check_answer *a,
                uint8_t *in)
{
    const struct saying *s = saying;

    if (command->cdb[0] != s->opcode || (s->format != ANY && format_of(command) != s->format) ||
        (s->outcome != ANY && outcome_of(a) != s->outcome)) {
        return;
    }
    b->lied++;
    switch (s->change) {
    case FLIP:
        if (s->at < a->in_bytes) {
            in[s->at] ^= (uint8_t)s->with;
        }
        break;
    case SENSE:
        set_sense(a, command, s->with);
        break;
    case MORE:
        a->in_bytes += a->in_bytes < command->in_bytes;
        break;
    case LESS:
        a->in_bytes -= a->in_bytes > 0;
        break;
    case NO_RESIDUAL:
        a->residual = CHECK_NO_RESIDUAL;
        break;
    case SHORT_SENSE:
        a->sense_bytes = 14;
        a->sense[7] = 6;
        break;
    case MAKE_GOOD:
        *a = (struct check_answer){.status = CHECK_GOOD, .in_bytes = command->in_bytes};
        memset(in, 0, command->in_bytes);
        break;
    }
}

static const struct check_lie saying_lie = {.after = say};

/* clang-format off */
#define CSS      check_bench_css
#define REGION_2 check_bench_region_2
#define PLAIN    check_bench_plain
#define LAYERS   check_bench_opposite
#define REPORT   OP_REPORT_KEY
#define SEND     OP_SEND_KEY
#define STRUCT   OP_READ_DVD_STRUCTURE

static const struct saying sayings[] = {
    /* replies of REPORT KEY */
    {"agid.reply",                    CSS, REPORT, KEY_AGID, GOOD, FLIP, 1, 0x01},
    {"agid.reply",                    CSS, REPORT, KEY_AGID, GOOD, FLIP, 5, 0x80},
    {"agid.reply",                    CSS, REPORT, KEY_AGID, GOOD, FLIP, 7, 0x01},
    {"agid.order",                    CSS, REPORT, KEY_AGID, GOOD, FLIP, 7, 0x40},
    {"agid.reply",                    CSS, REPORT, KEY_AGID, GOOD, LESS, 0, 0},
    {"agid.stale-agid-is-ignored",    CSS, REPORT, KEY_AGID, GOOD, LESS, 0, 0},
    {"exchange.nominal",              CSS, REPORT, KEY_KEY1, GOOD, FLIP, 4, 0x01},
    {"exchange.nominal",              CSS, REPORT, KEY_KEY1, GOOD, FLIP, 8, 0x80},
    {"exchange.nominal",              CSS, REPORT, KEY_KEY1, GOOD, FLIP, 9, 0x01},
    {"exchange.nominal",              CSS, REPORT, KEY_CHALLENGE, GOOD, FLIP, 4, 0x01},
    {"exchange.nominal",              CSS, REPORT, KEY_CHALLENGE, GOOD, FLIP, 13, 0x01},
    {"exchange.nominal",              CSS, REPORT, KEY_CHALLENGE, GOOD, FLIP, 3, 0x01},
    {"title-key.as-described",        CSS, REPORT, KEY_TITLE_KEY, GOOD, FLIP, 5, 0x01},
    {"title-key.as-described",        CSS, REPORT, KEY_TITLE_KEY, GOOD, FLIP, 9, 0x01},
    {"title-key.as-described",        CSS, REPORT, KEY_TITLE_KEY, GOOD, FLIP, 4, 0x10},
    {"title-key.agrees-with-structure", CSS, REPORT, KEY_TITLE_KEY, GOOD, FLIP, 4, 0x10},
    {"asf.after-disc-key",            CSS, REPORT, KEY_ASF, GOOD, FLIP, 7, 0x01},
    {"key.asf-reply",                 CSS, REPORT, KEY_ASF, GOOD, FLIP, 7, 0x02},
    {"key.cut-asf",                   CSS, REPORT, KEY_ASF, GOOD, MORE, 0, 0},
    {"region.reply",                  CSS, REPORT, KEY_RPC_STATE, GOOD, FLIP, 7, 0x01},
    {"region.reply",                  CSS, REPORT, KEY_RPC_STATE, GOOD, FLIP, 6, 0x02},
    {"region.type-agrees",            CSS, REPORT, KEY_RPC_STATE, GOOD, FLIP, 4, 0x40},
    {"region.type-agrees",            CSS, REPORT, KEY_RPC_STATE, GOOD, FLIP, 5, 0x03},
    {"key.cut-rpc-state",             CSS, REPORT, KEY_RPC_STATE, GOOD, MORE, 0, 0},
    /* refusals */
    {"state.granted.report-key1",     CSS, REPORT, KEY_KEY1, SEQUENCE, SENSE, 0, CDB_FIELD},
    {"state.free.report-key1",        CSS, REPORT, KEY_KEY1, CDB_FIELD, SENSE, 0, SEQUENCE},
    {"state.hchal.report-drive-challenge", CSS, REPORT, KEY_CHALLENGE, SEQUENCE, SENSE, 0, CDB_FIELD},
    {"state.key1.send-key2",          CSS, SEND, KEY_KEY2, SEQUENCE, SENSE, 0, NOT_ESTABLISHED},
    {"key2.wrong-byte-3",             CSS, SEND, KEY_KEY2, AUTH_FAILURE, SENSE, 0, NO_KEY},
    {"key2.wrong-byte-0",             CSS, SEND, KEY_KEY2, AUTH_FAILURE, MAKE_GOOD, 0, 0},
    {"agid.exhausted",                CSS, REPORT, KEY_AGID, NO_AGID, SENSE, 0, SEQUENCE},
    {"state.dchal.read-disc-key",     CSS, STRUCT, STRUCTURE_DISC_KEY, NOT_ESTABLISHED, SENSE, 0, NO_KEY},
    {"state.granted.report-title-key", CSS, REPORT, KEY_TITLE_KEY, NOT_ESTABLISHED, SENSE, 0, SEQUENCE},
    {"title-key.past-end",            CSS, REPORT, KEY_TITLE_KEY, LBA_RANGE, SENSE, 0, CDB_FIELD},
    {"title-key.of-keyless-block",    CSS, REPORT, KEY_TITLE_KEY, NO_KEY, MAKE_GOOD, 0, 0},
    {"title-key.other-region-refused", REGION_2, REPORT, KEY_TITLE_KEY, REGION_REFUSED, SENSE, 0, NO_KEY},
    {"title-key.other-region-refused", REGION_2, REPORT, KEY_TITLE_KEY, REGION_REFUSED, MAKE_GOOD, 0, 0},
    {"region.disc-forbids",           REGION_2, SEND, KEY_SET_REGION, REGION_REFUSED, SENSE, 0, LIST_FIELD},
    {"region.exhausted",              CSS, SEND, KEY_SET_REGION, PERMANENT, SENSE, 0, REGION_REFUSED},
    {"region.bad-masks-refused",      CSS, SEND, KEY_SET_REGION, LIST_FIELD, SENSE, 0, CDB_FIELD},
    {"region.walk",                   CSS, SEND, KEY_SET_REGION, GOOD, SENSE, 0, LIST_FIELD},
    {"key.challenge-list-too-short",  CSS, SEND, KEY_CHALLENGE, LIST_LENGTH, SENSE, 0, LIST_FIELD},
    {"key.key2-list-too-short",       CSS, SEND, KEY_KEY2, LIST_LENGTH, SENSE, 0, LIST_FIELD},
    {"key.challenge-length-field-too-small", CSS, SEND, KEY_CHALLENGE, LIST_FIELD, SENSE, 0, LIST_LENGTH},
    {"key.unknown-report-formats-refused", CSS, REPORT, 0x11, CDB_FIELD, MAKE_GOOD, 0, 0},
    {"key.unknown-send-formats-refused", CSS, SEND, 0x02, CDB_FIELD, SENSE, 0, SEQUENCE},
    {"read.gated-refused-before",     CSS, OP_READ_10, ANY, SCRAMBLED, MAKE_GOOD, 0, 0},
    {"read.gated-refused-before-by-read-12", CSS, OP_READ_12, ANY, SCRAMBLED, MAKE_GOOD, 0, 0},
    {"read.gated-refused-before-by-read-cd", CSS, OP_READ_CD, ANY, SCRAMBLED, MAKE_GOOD, 0, 0},
    {"read.descrambles-to-the-image", CSS, OP_READ_10, ANY, GOOD, FLIP, 0x7ff, 0x01},
    {"read.comes-scrambled",          CSS, OP_READ_10, ANY, GOOD, FLIP, 0x14, 0x10},
    {"agid.plain-disc",               PLAIN, REPORT, KEY_AGID, GOOD, SENSE, 0, 0x53002},
    {"state.buskey.read-disc-key-plain-disc", PLAIN, STRUCT, STRUCTURE_DISC_KEY, NO_KEY, SENSE, 0, NOT_ESTABLISHED},
    /* structures */
    {"disc-key.as-described",         CSS, STRUCT, STRUCTURE_DISC_KEY, GOOD, FLIP, 4, 0x01},
    {"disc-key.as-described",         CSS, STRUCT, STRUCTURE_DISC_KEY, GOOD, FLIP, 2051, 0x01},
    {"exchange.nominal",              CSS, STRUCT, STRUCTURE_DISC_KEY, GOOD, FLIP, 0, 0x01},
    {"key.cut-disc-key",              CSS, STRUCT, STRUCTURE_DISC_KEY, GOOD, MORE, 0, 0},
    {"structure.physical",            CSS, STRUCT, STRUCTURE_PHYSICAL, GOOD, FLIP, 9, 0x01},
    {"structure.physical-agrees-with-capacity", CSS, STRUCT, STRUCTURE_PHYSICAL, GOOD, FLIP, 15, 0x01},
    {"structure.physical-agrees-with-capacity", LAYERS, STRUCT, STRUCTURE_PHYSICAL, GOOD, FLIP, 19, 0x01},
    {"structure.copyright",           CSS, STRUCT, STRUCTURE_COPYRIGHT, GOOD, FLIP, 7, 0x01},
    {"structure.copyright",           PLAIN, STRUCT, STRUCTURE_COPYRIGHT, GOOD, FLIP, 5, 0x01},
    {"structure.bca",                 LAYERS, STRUCT, STRUCTURE_BCA, GOOD, LESS, 0, 0},
    {"structure.bca-refused-without", CSS, STRUCT, STRUCTURE_BCA, CDB_FIELD, SENSE, 0, 0x53002},
    {"structure.manufacturing",       CSS, STRUCT, STRUCTURE_MANUFACTURING, GOOD, FLIP, 1, 0x01},
    {"structure.copyright-management-as-described", CSS, STRUCT, STRUCTURE_COPYRIGHT_MANAGEMENT, GOOD, FLIP, 4, 0x80},
    {"structure.copyright-management-past-end", CSS, STRUCT, STRUCTURE_COPYRIGHT_MANAGEMENT, LBA_RANGE, SENSE, 0, CDB_FIELD},
    {"structure.list",                CSS, STRUCT, STRUCTURE_LIST, GOOD, FLIP, 5, 0x80},
    {"structure.list-has-all",        CSS, STRUCT, STRUCTURE_LIST, GOOD, FLIP, 8, 0x20},
    {"structure.list-agrees",         CSS, STRUCT, STRUCTURE_LIST, GOOD, FLIP, 7, 0x01},
    {"structure.layer-beyond-refused", CSS, STRUCT, STRUCTURE_PHYSICAL, CDB_FIELD, MAKE_GOOD, 0, 0},
    {"structure.unknown-formats-refused", CSS, STRUCT, 0x0a, CDB_FIELD, MAKE_GOOD, 0, 0},
    /* events and features */
    {"event.length-field-6",          CSS, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 1, 0x02},
    {"event.class-mask-0",            CSS, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 2, 0x80},
    {"event.class-mask-0",            CSS, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 3, 0x80},
    {"event.never-another-class",     CSS, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 2, 0x02},
    {"event.quiet-when-nothing-new",  CSS, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 4, 0x02},
    {"event.media-is-present",        CSS, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 5, 0x02},
    {"event.media-is-absent",         NULL, OP_GET_EVENT_STATUS, ANY, GOOD, FLIP, 5, 0x02},
    {"event.not-polled-refused",      CSS, OP_GET_EVENT_STATUS, ANY, CDB_FIELD, MAKE_GOOD, 0, 0},
    {"event.cut",                     CSS, OP_GET_EVENT_STATUS, ANY, GOOD, MORE, 0, 0},
    {"configuration.list-is-exact",   CSS, OP_GET_CONFIGURATION, ANY, GOOD, MORE, 0, 0},
    {"configuration.ascending",       CSS, OP_GET_CONFIGURATION, ANY, GOOD, FLIP, 21, 0x80},
    {"configuration.lengths-of-4",    CSS, OP_GET_CONFIGURATION, ANY, GOOD, FLIP, 11, 0x01},
    {"configuration.profile-dvd",     CSS, OP_GET_CONFIGURATION, ANY, GOOD, FLIP, 7, 0x01},
    {"configuration.profile-none",    NULL, OP_GET_CONFIGURATION, ANY, GOOD, FLIP, 7, 0x10},
    {"configuration.profile-list-marks-it", CSS, OP_GET_CONFIGURATION, ANY, GOOD, FLIP, 14, 0x01},
    {"configuration.type-3-refused",  CSS, OP_GET_CONFIGURATION, ANY, CDB_FIELD, MAKE_GOOD, 0, 0},
    {"configuration.header-alone",    CSS, OP_GET_CONFIGURATION, ANY, GOOD, SENSE, 0, BAD_OPCODE},
    /* identity */
    {"identify.inquiry-tpgs-0",       CSS, OP_INQUIRY, ANY, GOOD, FLIP, 5, 0x10},
    {"identify.inquiry",              CSS, OP_INQUIRY, ANY, GOOD, FLIP, 1, 0x80},
    {"identify.page-2a-by-10",        CSS, OP_MODE_SENSE_10, ANY, GOOD, FLIP, 10, 0x08},
    {"identify.page-2a-by-6",         CSS, OP_MODE_SENSE_6, ANY, GOOD, FLIP, 6, 0x08},
    {"identify.page-2a-agrees",       CSS, OP_MODE_SENSE_6, ANY, GOOD, FLIP, 30, 0x01},
    {"identify.request-sense",        CSS, OP_REQUEST_SENSE, ANY, GOOD, FLIP, 12, 0x3a},
    /* the wire */
    {"wire.residual-long-allocation", CSS, REPORT, KEY_RPC_STATE, ANY, NO_RESIDUAL, 0, 0},
    {"wire.residual-short-transfer",  CSS, REPORT, KEY_RPC_STATE, ANY, NO_RESIDUAL, 0, 0},
    {"wire.no-data-with-refused-structure", CSS, STRUCT, 0x7f, ANY, NO_RESIDUAL, 0, 0},
    {"wire.no-data-with-refused-read", CSS, OP_READ_10, ANY, SCRAMBLED, NO_RESIDUAL, 0, 0},
    {"wire.no-data-with-attention",   CSS, OP_MODE_SENSE_10, ANY, POWER_ON, NO_RESIDUAL, 0, 0},
    {"wire.sense-18-bytes",           CSS, OP_MODE_SENSE_10, ANY, CDB_FIELD, SHORT_SENSE, 0, 0},
    {"wire.sense-holds-ascq",         CSS, OP_MODE_SENSE_10, ANY, CDB_FIELD, SHORT_SENSE, 0, 0},
    {"wire.sense-points-at-agid",     CSS, REPORT, KEY_KEY1, CDB_FIELD, SENSE, 0, CDB_FIELD},
    {"wire.sense-points-at-list-length", CSS, SEND, KEY_CHALLENGE, LIST_FIELD, SENSE, 0, LIST_FIELD},
    {"wire.allocation-counts",        CSS, REPORT, KEY_RPC_STATE, GOOD, MORE, 0, 0},
    {"wire.allocation-of-16-bits",    CSS, STRUCT, STRUCTURE_MANUFACTURING, GOOD, MORE, 0, 0},
    {"configuration.persistent-bits", CSS, OP_GET_CONFIGURATION, ANY, GOOD, FLIP, 10, 0x02},
    {"configuration.removable-agrees-with-page-2a", CSS, OP_MODE_SENSE_10, ANY, GOOD, FLIP, 14, 0x20},
    {"structure.physical",            CSS, STRUCT, STRUCTURE_PHYSICAL, GOOD, FLIP, 7, 0x10},
    /* an empty drive */
    {"empty.report-agid",             NULL, REPORT, KEY_AGID, ANY, SENSE, 0, NO_AGID},
    {"empty.rpc-state",               NULL, REPORT, KEY_RPC_STATE, ANY, SENSE, 0, 0x23a00},
    {"empty.fields-first",            NULL, REPORT, 0x07, ANY, SENSE, 0, 0x23a00},
    {"empty.structure-list",          NULL, STRUCT, STRUCTURE_LIST, ANY, MAKE_GOOD, 0, 0},
    /* attentions */
    {"nexus.attention-once",          CSS, OP_TEST_UNIT_READY, ANY, POWER_ON, MAKE_GOOD, 0, 0},
    {"nexus.attention-once",          CSS, OP_TEST_UNIT_READY, ANY, POWER_ON, SENSE, 0, CHANGED},
    {"tray.attention-once-to-each",   CSS, OP_TEST_UNIT_READY, ANY, CHANGED, SENSE, 0, POWER_ON},
};
/* clang-format on */

static void complain(const char *what, const char *name, size_t n)
{
    char message[256];

    snprintf(message, sizeof(message), "lie %zu: %s: %s", n, name, what);
    CU_assertImplementation(CU_FALSE, __LINE__, message, __FILE__, "", CU_FALSE);
}

static void run_lie(struct check_bench *b, const char *disc, const struct check_lie *lie)
{
    check_bench_open(b, disc, NULL);
    b->lie = lie;
    b->options.destructive = b->options.eject = true;
    check_bench_run(b, disc != NULL && disc != check_bench_plain, NULL, NULL);
}

/* Told, and found by the row that asks about it. */
static void judge(const struct check_bench *b, const char *caught_by, size_t n)
{
    CU_ASSERT(b->lied > 0);
    CU_ASSERT(check_bench_failed(b, caught_by));
    if (!b->lied) {
        complain("was never told", caught_by, n);
    } else if (!check_bench_failed(b, caught_by)) {
        complain("did not fail", caught_by, n);
    }
}

static void what_is_said_wrong_is_found(void)
{
    for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
        struct check_bench b;

        saying = &sayings[i];
        run_lie(&b, saying->disc, &saying_lie);
        judge(&b, saying->caught_by, i);
        check_bench_close(&b);
    }
}

/* ---- a lie in what is done ---- */

/* The drive as it was before the command, for lies that undo what it did. */
static struct {
    struct agid_slot agids[DRIVE_AGIDS];
    struct region_state region;
    bool asf;
} before;

static const struct check_command *remember(struct check_bench *b,
                                            const struct check_command *command)
{
    memcpy(before.agids, b->drive.state.agids, sizeof(before.agids));
    before.region = b->drive.state.region;
    before.asf = b->drive.state.asf;
    return command;
}

static bool is_key(const struct check_command *command, uint8_t opcode, int format)
{
    return command->cdb[0] == opcode && format_of(command) == format;
}

static unsigned agid_of(const struct check_command *command)
{
    return command->cdb[10] >> 6;
}

static struct agid_slot *slot_of(struct check_bench *b, const struct check_command *command)
{
    return &b->drive.state.agids[agid_of(command)];
}

#define BEFORE(name)                                                                               \
    static const struct check_command *name(struct check_bench *b,                                 \
                                            const struct check_command *command)
#define AFTER(name)                                                                                \
    static void name(struct check_bench *b, const struct check_command *command,                   \
                     struct check_answer *a, uint8_t *in)

BEFORE(ignore_report_invalidate)
{
    b->lied += is_key(command, OP_REPORT_KEY, KEY_INVALIDATE);
    return is_key(command, OP_REPORT_KEY, KEY_INVALIDATE) ? NULL : command;
}

BEFORE(ignore_send_invalidate)
{
    b->lied += is_key(command, OP_SEND_KEY, KEY_INVALIDATE);
    return is_key(command, OP_SEND_KEY, KEY_INVALIDATE) ? NULL : command;
}

BEFORE(ignore_invalidate_with_list)
{
    const bool lie = is_key(command, OP_SEND_KEY, KEY_INVALIDATE) && command->out_bytes;

    b->lied += lie;
    return lie ? NULL : command;
}

/* Invalidating one frees all. */
AFTER(invalidate_all)
{
    (void)a;
    (void)in;
    if (is_key(command, OP_REPORT_KEY, KEY_INVALIDATE)) {
        memset(b->drive.state.agids, 0, sizeof(b->drive.state.agids));
        b->lied++;
    }
}

/* The AGID in a CDB means nothing. */
BEFORE(field_ignored)
{
    static struct check_command heard;
    static uint8_t cdb[12];

    if ((command->cdb[0] != OP_SEND_KEY && command->cdb[0] != OP_REPORT_KEY) ||
        !(command->cdb[10] & 0xc0)) {
        return command;
    }
    memcpy(cdb, command->cdb, sizeof(cdb));
    cdb[10] &= 0x3f;
    heard = *command;
    heard.cdb = cdb;
    b->lied++;
    return &heard;
}

/* Granting with none left takes the first away from whoever has it. */
BEFORE(grant_again)
{
    if (is_key(command, OP_REPORT_KEY, KEY_AGID) && b->drive.state.agids[DRIVE_AGIDS - 1].state) {
        b->drive.state.agids[0] = (struct agid_slot){0};
        b->lied++;
    }
    return command;
}

AFTER(wrong_key2_keeps_asf)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_KEY2) && outcome_of(a) == AUTH_FAILURE) {
        b->drive.state.asf = before.asf;
        b->lied += before.asf;
    }
}

AFTER(wrong_key2_keeps_agid)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_KEY2) && outcome_of(a) == AUTH_FAILURE) {
        *slot_of(b, command) = before.agids[agid_of(command)];
        b->lied++;
    }
}

AFTER(key2_sets_asf)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_KEY2) && outcome_of(a) == GOOD) {
        b->drive.state.asf = true;
        b->lied++;
    }
}

AFTER(disc_key_keeps_agid)
{
    (void)in;
    if (is_key(command, OP_READ_DVD_STRUCTURE, STRUCTURE_DISC_KEY) && outcome_of(a) == GOOD) {
        *slot_of(b, command) = before.agids[agid_of(command)];
        b->lied++;
    }
}

AFTER(title_key_keeps_agid)
{
    (void)in;
    if (is_key(command, OP_REPORT_KEY, KEY_TITLE_KEY) && outcome_of(a) == GOOD) {
        *slot_of(b, command) = before.agids[agid_of(command)];
        b->lied++;
    }
}

AFTER(title_key_sets_no_asf)
{
    (void)in;
    if (is_key(command, OP_REPORT_KEY, KEY_TITLE_KEY) && outcome_of(a) == GOOD) {
        b->drive.state.asf = before.asf;
        b->lied++;
    }
}

AFTER(refused_title_key_frees_agid)
{
    (void)in;
    if (is_key(command, OP_REPORT_KEY, KEY_TITLE_KEY) && outcome_of(a) == NO_KEY) {
        *slot_of(b, command) = (struct agid_slot){0};
        b->lied++;
    }
}

AFTER(refused_region_keeps_asf)
{
    (void)in;
    if (is_key(command, OP_REPORT_KEY, KEY_TITLE_KEY) && outcome_of(a) == REGION_REFUSED) {
        b->drive.state.asf = before.asf;
        b->lied += before.asf;
    }
}

AFTER(out_of_order_resets)
{
    (void)in;
    if (outcome_of(a) == SEQUENCE && command->cdb[0] != OP_READ_DVD_STRUCTURE) {
        slot_of(b, command)->state = AGID_GRANTED;
        b->lied++;
    }
}

/* A refusal that spoils what the exchange remembers, in no state that can be told. */
AFTER(refusal_spoils_challenge)
{
    (void)in;
    if (outcome_of(a) == NOT_ESTABLISHED) {
        slot_of(b, command)->drive_challenge.b[0] ^= 1;
        b->lied++;
    }
}

/* A reply that is cut has not been given. */
AFTER(cut_reply_does_not_count)
{
    (void)in;
    if (command->cdb[0] == OP_REPORT_KEY && outcome_of(a) == GOOD &&
        a->residual == CHECK_NO_RESIDUAL && a->in_bytes < 8) {
        memcpy(b->drive.state.agids, before.agids, sizeof(before.agids));
        b->lied++;
    }
}

AFTER(cut_disc_key_does_not_count)
{
    (void)in;
    if (is_key(command, OP_READ_DVD_STRUCTURE, STRUCTURE_DISC_KEY) && outcome_of(a) == GOOD &&
        a->in_bytes < 2052) {
        memcpy(b->drive.state.agids, before.agids, sizeof(before.agids));
        b->lied++;
    }
}

/* Always the same challenge. */
AFTER(stale_challenge)
{
    struct agid_slot *slot = slot_of(b, command);

    if (is_key(command, OP_REPORT_KEY, KEY_CHALLENGE) && outcome_of(a) == GOOD) {
        memset(slot->drive_challenge.b, 0x5a, sizeof(slot->drive_challenge.b));
        for (size_t i = 4; i < a->in_bytes && i < 14; i++) {
            in[i] = 0x5a;
        }
        b->lied++;
    }
}

/* A new challenge each time it is asked for. */
BEFORE(challenge_drawn_again)
{
    if (is_key(command, OP_REPORT_KEY, KEY_CHALLENGE) && slot_of(b, command)->state == AGID_DCHAL) {
        slot_of(b, command)->state = AGID_KEY1;
        b->lied++;
    }
    return command;
}

/* KEY1 of the host challenge before the last: the exchange has not begun again. */
AFTER(restart_keeps_challenge)
{
    const unsigned agid = agid_of(command);

    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_CHALLENGE) && outcome_of(a) == GOOD &&
        before.agids[agid].state > AGID_GRANTED) {
        b->drive.state.agids[agid].host_challenge = before.agids[agid].host_challenge;
        b->lied++;
    }
}

AFTER(restart_draws_variant)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_CHALLENGE) && outcome_of(a) == GOOD) {
        slot_of(b, command)->variant ^= 1;
        b->lied++;
    }
}

/* KEY2 is compared without one of its bytes: the drive hears that byte as it should be. */
static size_t deaf_to;

BEFORE(deaf_to_a_byte)
{
    static struct check_command heard;
    static uint8_t list[16];
    const struct agid_slot *slot = slot_of(b, command);

    if (!is_key(command, OP_SEND_KEY, KEY_KEY2) || command->out_bytes < 12) {
        return command;
    }
    memcpy(list, command->out, 12);
    list[4 + deaf_to] = css_make_key2(slot->variant, &slot->drive_challenge).b[deaf_to];
    heard = *command;
    heard.out = list;
    b->lied++;
    return &heard;
}

/* The header of a list is not looked at. */
BEFORE(deaf_to_headers)
{
    static struct check_command heard;
    static uint8_t list[64];

    if (command->cdb[0] != OP_SEND_KEY || command->out_bytes < 8 ||
        command->out_bytes > sizeof(list)) {
        return command;
    }
    memcpy(list, command->out, command->out_bytes);
    list[0] = 0xff;
    heard = *command;
    heard.out = list;
    b->lied++;
    return &heard;
}

AFTER(bus_key_is_wrong)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_KEY2) && outcome_of(a) == GOOD) {
        slot_of(b, command)->bus_key.b[2] ^= 0x40;
        b->lied++;
    }
}

/* Disc key and title key go out as the disc stores them. */
AFTER(no_bus_key)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_KEY2) && outcome_of(a) == GOOD) {
        memset(slot_of(b, command)->bus_key.b, 0, CSS_KEY_BYTES);
        b->lied++;
    }
}

/* The gate looks at the first block of a read. */
BEFORE(gate_looks_at_first_block)
{
    static struct check_command heard;
    static uint8_t cdb[10];

    if (command->cdb[0] != OP_READ_10 || command->cdb[8] != 2) {
        return command;
    }
    memcpy(cdb, command->cdb, sizeof(cdb));
    cdb[8] = 1;
    heard = *command;
    heard.cdb = cdb;
    b->lied++;
    return &heard;
}

/* Commands that meet an attention are done all the same. */
AFTER(attention_and_command)
{
    if (outcome_of(a) == POWER_ON && command->cdb[0] == OP_REPORT_KEY) {
        const struct drive_request again = {.cdb = command->cdb,
                                            .cdb_bytes = command->cdb_bytes,
                                            .in = in,
                                            .in_bytes = command->in_bytes,
                                            .nexus = b->nexus[b->host]};
        struct drive_reply reply;

        drive_run(&b->drive, &again, &reply);
        b->lied++;
    }
}

/* An attention told to one is told to all. */
AFTER(event_header_takes_event)
{
    (void)in;
    if (command->cdb[0] == OP_GET_EVENT_STATUS && a->in_bytes == 4 && b->nexus[b->host]) {
        b->nexus[b->host]->state.event_count = 0;
        b->lied++;
    }
}

AFTER(attention_for_all)
{
    (void)command;
    (void)in;
    if (outcome_of(a) == POWER_ON || outcome_of(a) == CHANGED) {
        for (struct drive_nexus *n = b->drive.nexuses; n; n = n->next) {
            n->state.attentions = 0;
        }
        b->lied++;
    }
}

AFTER(events_for_all)
{
    (void)a;
    (void)in;
    if (command->cdb[0] == OP_GET_EVENT_STATUS && b->nexus[0] && b->nexus[1]) {
        b->nexus[0]->state.event_count = b->nexus[1]->state.event_count = 0;
        b->lied++;
    }
}

AFTER(one_prevention_for_all)
{
    (void)a;
    (void)in;
    if (command->cdb[0] == OP_PREVENT_ALLOW) {
        for (struct drive_nexus *n = b->drive.nexuses; n; n = n->next) {
            n->state.prevent = (command->cdb[4] & 1) != 0;
        }
        b->lied++;
    }
}

AFTER(eject_keeps_authentication)
{
    (void)a;
    (void)in;
    if (command->cdb[0] == OP_START_STOP_UNIT) {
        memcpy(b->drive.state.agids, before.agids, sizeof(before.agids));
        b->drive.state.asf = before.asf;
        b->lied++;
    }
}

AFTER(region_costs_nothing)
{
    (void)a;
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_SET_REGION) &&
        b->drive.state.region.user_changes < before.region.user_changes) {
        b->drive.state.region.user_changes++;
        b->lied++;
    }
}

AFTER(same_region_costs)
{
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_SET_REGION) && outcome_of(a) == GOOD &&
        b->drive.state.region.mask == before.region.mask) {
        b->drive.state.region.user_changes--;
        b->lied++;
    }
}

AFTER(region_forgets_authentication)
{
    (void)a;
    (void)in;
    if (is_key(command, OP_SEND_KEY, KEY_SET_REGION)) {
        memset(b->drive.state.agids, 0, sizeof(b->drive.state.agids));
        b->drive.state.asf = false;
        b->lied++;
    }
}

/* A mask of several regions is taken for its lowest one. */
BEFORE(several_regions_are_one)
{
    static struct check_command heard;
    static uint8_t list[8];

    if (!is_key(command, OP_SEND_KEY, KEY_SET_REGION) || command->out_bytes != 8 ||
        command->out[4] != 0xfc) {
        return command;
    }
    memcpy(list, command->out, sizeof(list));
    list[4] = 0xfe;
    heard = *command;
    heard.out = list;
    b->lied++;
    return &heard;
}

static void logout_frees_agids(struct check_bench *b)
{
    memset(b->drive.state.agids, 0, sizeof(b->drive.state.agids));
    b->lied++;
}

static void logout_clears_asf(struct check_bench *b)
{
    b->drive.state.asf = false;
    b->lied++;
}

static void reset_keeps_authentication(struct check_bench *b)
{
    memcpy(b->drive.state.agids, before.agids, sizeof(before.agids));
    b->drive.state.asf = before.asf;
    b->lied++;
}

static void reset_tells_nobody(struct check_bench *b)
{
    for (struct drive_nexus *n = b->drive.nexuses; n; n = n->next) {
        n->state.attentions = 0;
    }
    b->lied++;
}

static void reset_forgets_region(struct check_bench *b)
{
    b->drive.state.region.vendor_resets--;
    b->lied++;
}

static void reset_keeps_prevention(struct check_bench *b)
{
    for (struct drive_nexus *n = b->drive.nexuses; n; n = n->next) {
        n->state.prevent = true;
    }
    b->lied++;
}

/* What the drive keeps in mind while it is reset is what the last command left. */
AFTER(remember_after)
{
    (void)a;
    (void)in;
    remember(b, command);
}

struct doing {
    const char *caught_by, *disc;
    struct check_lie lie;
};

/* clang-format off */
#define UNDO(function) {remember, function, NULL, NULL}

static const struct doing doings[] = {
    {"agid.no-leak",                       CSS, {ignore_report_invalidate, NULL, NULL, NULL}},
    {"agid.granted-again-after-report",    CSS, {ignore_report_invalidate, NULL, NULL, NULL}},
    {"state.key1.invalidate",              CSS, {ignore_report_invalidate, NULL, NULL, NULL}},
    {"agid.granted-again-after-send",      CSS, {ignore_send_invalidate, NULL, NULL, NULL}},
    {"agid.granted-again-after-send-with-list", CSS, {ignore_invalidate_with_list, NULL, NULL, NULL}},
    {"agid.others-go-on",                  CSS, {NULL, invalidate_all, NULL, NULL}},
    {"state.dchal.invalidate-another",     CSS, {NULL, invalidate_all, NULL, NULL}},
    {"agid.field",                         CSS, {field_ignored, NULL, NULL, NULL}},
    {"agid.exhausted",                     CSS, {grant_again, NULL, NULL, NULL}},
    {"asf.after-wrong-key2",               CSS, UNDO(wrong_key2_keeps_asf)},
    {"read.refused-after-wrong-key2",      CSS, UNDO(wrong_key2_keeps_asf)},
    {"agid.freed-by-wrong-key2",           CSS, UNDO(wrong_key2_keeps_agid)},
    {"state.dchal.send-wrong-key2",        CSS, UNDO(wrong_key2_keeps_agid)},
    {"asf.during-handshake",               CSS, {NULL, key2_sets_asf, NULL, NULL}},
    {"agid.freed-by-disc-key",             CSS, UNDO(disc_key_keeps_agid)},
    {"exchange.one-key-transfer",          CSS, UNDO(disc_key_keeps_agid)},
    {"agid.freed-by-title-key",            CSS, UNDO(title_key_keeps_agid)},
    {"asf.after-title-key",                CSS, UNDO(title_key_sets_no_asf)},
    {"read.gated-after-title-key",         CSS, UNDO(title_key_sets_no_asf)},
    {"state.buskey.report-title-key-keyless", CSS, {NULL, refused_title_key_frees_agid, NULL, NULL}},
    {"title-key.other-region-refused",     REGION_2, UNDO(refused_region_keeps_asf)},
    {"read.refused-after-refused-region",  REGION_2, UNDO(refused_region_keeps_asf)},
    {"state.dchal.report-key1",            CSS, {NULL, out_of_order_resets, NULL, NULL}},
    {"state.buskey.send-key2",             CSS, {NULL, out_of_order_resets, NULL, NULL}},
    {"state.dchal.read-disc-key",          CSS, {NULL, refusal_spoils_challenge, NULL, NULL}},
    {"state.dchal.report-title-key",       CSS, {NULL, refusal_spoils_challenge, NULL, NULL}},
    {"key.cut-agid",                       CSS, UNDO(cut_reply_does_not_count)},
    {"key.cut-key1",                       CSS, UNDO(cut_reply_does_not_count)},
    {"key.cut-challenge",                  CSS, UNDO(cut_reply_does_not_count)},
    {"key.cut-title-key",                  CSS, UNDO(cut_reply_does_not_count)},
    {"key.cut-disc-key",                   CSS, UNDO(cut_disc_key_does_not_count)},
    {"exchange.fresh-challenges",          CSS, {NULL, stale_challenge, NULL, NULL}},
    {"exchange.restart-forgets-challenge", CSS, {NULL, stale_challenge, NULL, NULL}},
    {"exchange.challenge-again-is-the-same", CSS, {challenge_drawn_again, NULL, NULL, NULL}},
    {"key.cut-challenge-then-whole",       CSS, {challenge_drawn_again, NULL, NULL, NULL}},
    {"exchange.restart-in-hchal",          CSS, UNDO(restart_keeps_challenge)},
    {"exchange.restart-in-buskey",         CSS, UNDO(restart_keeps_challenge)},
    {"exchange.one-variant",               CSS, {NULL, restart_draws_variant, NULL, NULL}},
    {"key.challenge-length-field-too-small", CSS, {deaf_to_headers, NULL, NULL, NULL}},
    {"state.dchal.send-understated-key2",  CSS, {deaf_to_headers, NULL, NULL, NULL}},
    {"disc-key.as-described",              CSS, {NULL, bus_key_is_wrong, NULL, NULL}},
    {"title-key.as-described",             CSS, {NULL, bus_key_is_wrong, NULL, NULL}},
    {"read.descrambles-to-the-image",      CSS, {NULL, bus_key_is_wrong, NULL, NULL}},
    {"disc-key.under-bus-key",             CSS, {NULL, no_bus_key, NULL, NULL}},
    {"title-key.under-bus-key",            CSS, {NULL, no_bus_key, NULL, NULL}},
    {"read.into-gated-refused-as-a-whole", CSS, {gate_looks_at_first_block, NULL, NULL, NULL}},
    {"nexus.attention-instead-of-command", CSS, {NULL, attention_and_command, NULL, NULL}},
    {"reset.attention-to-all",             CSS, {NULL, attention_for_all, NULL, NULL}},
    {"tray.attention-once-to-each",        CSS, {NULL, attention_for_all, NULL, NULL}},
    {"tray.events-once-to-each",           CSS, {NULL, events_for_all, NULL, NULL}},
    {"tray.cut-event-stays",               CSS, {NULL, event_header_takes_event, NULL, NULL}},
    {"nexus.prevention-is-each-ones",      CSS, {NULL, one_prevention_for_all, NULL, NULL}},
    {"tray.eject-frees-agids",             CSS, UNDO(eject_keeps_authentication)},
    {"tray.eject-clears-asf",              CSS, UNDO(eject_keeps_authentication)},
    {"region.walk",                        CSS, UNDO(region_costs_nothing)},
    {"region.change-keeps-exchange",       CSS, UNDO(region_costs_nothing)},
    {"region.same-region-is-free",         CSS, UNDO(same_region_costs)},
    {"region.change-keeps-exchange",       CSS, {NULL, region_forgets_authentication, NULL, NULL}},
    {"region.bad-masks-refused",           CSS, {several_regions_are_one, NULL, NULL, NULL}},
    {"nexus.logout-keeps-agids",           CSS, {NULL, NULL, logout_frees_agids, NULL}},
    {"nexus.logout-keeps-asf",             CSS, {NULL, NULL, logout_clears_asf, NULL}},
    {"reset.frees-agids",                  CSS, {NULL, remember_after, NULL, reset_keeps_authentication}},
    {"reset.clears-asf",                   CSS, {NULL, remember_after, NULL, reset_keeps_authentication}},
    {"reset.locks-scrambled-blocks",       CSS, {NULL, remember_after, NULL, reset_keeps_authentication}},
    {"reset.attention-to-all",             CSS, {NULL, NULL, NULL, reset_tells_nobody}},
    {"reset.ends-prevention",              CSS, {NULL, NULL, NULL, reset_keeps_prevention}},
    {"reset.keeps-region",                 CSS, {NULL, NULL, NULL, reset_forgets_region}},
};
/* clang-format on */

static void what_is_done_wrong_is_found(void)
{
    for (size_t i = 0; i < sizeof(doings) / sizeof(doings[0]); i++) {
        struct check_bench b;

        run_lie(&b, doings[i].disc, &doings[i].lie);
        judge(&b, doings[i].caught_by, i);
        check_bench_close(&b);
    }
}

static void a_key2_that_is_half_compared_is_found(void)
{
    static const struct check_lie lie = {.before = deaf_to_a_byte};

    for (deaf_to = 0; deaf_to < CSS_KEY_BYTES; deaf_to++) {
        struct check_bench b;
        char name[32];

        snprintf(name, sizeof(name), "key2.wrong-byte-%zu", deaf_to);
        run_lie(&b, CSS, &lie);
        judge(&b, name, deaf_to);
        check_bench_close(&b);
    }
}

/* ---- sessions that break ---- */

AFTER(lose_session)
{
    (void)in;
    if (command->cdb[0] == OP_READ_CD) {
        *a = (struct check_answer){.status = CHECK_LOST};
        b->lied++;
    }
}

static const struct check_lie broken = {.after = lose_session};

static void a_lost_session_fails_its_row_alone(void)
{
    struct check_bench b;

    run_lie(&b, CSS, &broken);
    CU_ASSERT_EQUAL(b.lied, 3);
    CU_ASSERT_EQUAL(b.failures, 3); /* the rows that use READ CD */
    CU_ASSERT(check_bench_failed(&b, "read.clear-before-by-read-cd"));
    check_bench_close(&b);
}

/* Every row after it fails, and the suite comes to its end. */
static void a_target_that_is_gone_fails_all_rows(void)
{
    struct check_bench whole, b;

    run_lie(&whole, CSS, NULL);
    check_bench_open(&b, CSS, NULL);
    b.logins_left = 1;
    b.lie = &broken;
    check_bench_run(&b, false, NULL, NULL);
    CU_ASSERT_EQUAL(b.ok + b.failures + b.skipped, whole.ok + whole.failures + whole.skipped);
    CU_ASSERT(check_bench_failed(&b, "read.gated-refused-before-by-read-cd"));
    CU_ASSERT(check_bench_failed(&b, "read.refused-after-wrong-key2"));
    CU_ASSERT(check_bench_failed(&b, "region.type-agrees"));
    check_bench_close(&b);
    check_bench_close(&whole);
}

static void no_login_is_no_suite(void)
{
    struct check_bench b;

    check_bench_open(&b, CSS, NULL);
    b.logins_left = 0;
    CU_ASSERT_FALSE(check_bench_run(&b, false, NULL, NULL));
    check_bench_close(&b);
}

UNIT_SUITE(check_lies, T(what_is_said_wrong_is_found), T(what_is_done_wrong_is_found),
           T(a_key2_that_is_half_compared_is_found), T(a_lost_session_fails_its_row_alone),
           T(a_target_that_is_gone_fails_all_rows), T(no_login_is_no_suite));
