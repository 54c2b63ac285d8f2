/* SPDX-License-Identifier: GPL-2.0-only */
/* Asking a drive, and saying what it said. */
#include "check_talk.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "scsi/sense.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COMPLAINTS_MAX 8 /* lines that a row may say; the others are counted */
#define ANSWER_BYTES   128
#define DATA_SHOWN     24
#define HEX_BYTES      (3 * DATA_SHOWN + 4)
#define ATTENTIONS_MAX 8
#define POLL_MS        100

/* Sense data (SPC): fixed, 70h and 71h, and with descriptors, 72h and 73h */
#define RESPONSE_MASK        0x7f
#define RESPONSE_FIXED       0x70
#define RESPONSE_DESCRIPTORS 0x72
#define DEFERRED             0x01
#define FIXED_BYTES_MIN      14
#define DESCRIPTOR_BYTES_MIN 4
#define SENSE_KEY_MASK       0x0f
#define SENSE_SPECIFIC_AT    15
#define SKSV                 0x80
#define POINTS_AT_CDB        0x40

#define PAGE_2A           0x2a
#define PAGE_CODE         0x3f
#define MODE_HEADER_BYTES 8
#define MODE_BYTES        40 /* with the page, of which some have more */

#define RPC_BYTES 8
#define ASF_BYTES 8
#define ASF_AT    7

/* ---- saying ---- */

/* As one line: a transport's messages may have several. */
static void append(struct check *k, const char *text)
{
    size_t used = strlen(k->text);
    int n = snprintf(k->text + used, sizeof(k->text) - used, "%s%s%s%s", used ? "\n" : "", k->where,
                     *k->where ? ": " : "", text);

    if (n > 0) {
        for (char *c = k->text + used + (used ? 1 : 0); *c; c++) {
            if ((unsigned char)*c < ' ') {
                *c = ' ';
            }
        }
    }
}

void check_fail(struct check *k, const char *format, ...)
{
    char line[512];
    va_list ap;

    if (k->verdict == CHECK_SKIPPED) {
        k->text[0] = 0;
    }
    k->verdict = CHECK_FAILED;
    if (++k->complaints > COMPLAINTS_MAX) {
        return;
    }
    va_start(ap, format);
    vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    append(k, line);
}

void check_skip(struct check *k, const char *format, ...)
{
    va_list ap;

    if (k->verdict == CHECK_FAILED) {
        return;
    }
    k->verdict = CHECK_SKIPPED;
    va_start(ap, format);
    vsnprintf(k->text, sizeof(k->text), format, ap);
    va_end(ap);
}

void check_where(struct check *k, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(k->where, sizeof(k->where), format, ap);
    va_end(ap);
}

/* "A4 00 ..." of at most DATA_SHOWN bytes. */
static const char *hex(const uint8_t *bytes, size_t count, char out[static HEX_BYTES])
{
    size_t shown = count < DATA_SHOWN ? count : DATA_SHOWN;

    out[0] = 0;
    for (size_t i = 0; i < shown; i++) {
        snprintf(out + 3 * i, 4, "%02X ", bytes[i]);
    }
    if (count > shown) {
        snprintf(out + 3 * shown, 4, "...");
    } else if (shown) {
        out[3 * shown - 1] = 0;
    }
    return out;
}

static const char *outcome_name(int outcome, char out[static ANSWER_BYTES])
{
    struct scsi_sense sense = {.check = true,
                               .key = (uint8_t)(outcome >> 16 & SENSE_KEY_MASK),
                               .asc = (uint8_t)(outcome >> 8),
                               .ascq = (uint8_t)outcome};

    if (outcome == GOOD) {
        snprintf(out, ANSWER_BYTES, "good");
    } else if (outcome == NO_SENSE) {
        snprintf(out, ANSWER_BYTES, "CHECK CONDITION with sense 00/00/00");
    } else if (sense.ascq == ANY_QUALIFIER) {
        snprintf(out, ANSWER_BYTES, "%02X/%02X/xx", sense.key, sense.asc);
    } else {
        snprintf(out, ANSWER_BYTES, "%02X/%02X/%02X (%s)", sense.key, sense.asc, sense.ascq,
                 sense_text(sense));
    }
    return out;
}

/* ---- outcomes ---- */

static int sense_outcome(const struct check_answer *a)
{
    const uint8_t *s = a->sense;
    const uint8_t form = s[0] & RESPONSE_MASK & ~DEFERRED;
    int outcome = OTHER_STATUS;

    if (form == RESPONSE_FIXED && a->sense_bytes >= FIXED_BYTES_MIN) {
        outcome = (s[2] & SENSE_KEY_MASK) << 16 | s[12] << 8 | s[13];
    }
    if (form == RESPONSE_DESCRIPTORS && a->sense_bytes >= DESCRIPTOR_BYTES_MIN) {
        outcome = (s[1] & SENSE_KEY_MASK) << 16 | s[2] << 8 | s[3];
    }
    return outcome == 0 ? NO_SENSE : outcome;
}

static int answer_outcome(const struct check_answer *a)
{
    switch (a->status) {
    case CHECK_GOOD:
        return GOOD;
    case CHECK_CONDITION:
        return sense_outcome(a);
    case CHECK_OTHER_STATUS:
        return OTHER_STATUS;
    case CHECK_LOST:
        break;
    }
    return LOST;
}

bool check_outcome_is(int outcome, int wanted)
{
    if ((wanted & 0xff) == ANY_QUALIFIER && wanted > 0) {
        return outcome > 0 && outcome >> 8 == wanted >> 8;
    }
    return outcome == wanted;
}

/* What the last command ended with, in words. */
static const char *describe(const struct check *k, char out[static ANSWER_BYTES])
{
    const struct check_answer *a = &k->answer;
    int outcome = answer_outcome(a);

    if (outcome == GOOD) {
        snprintf(out, ANSWER_BYTES, "good with %zu bytes", a->in_bytes);
    } else if (outcome == LOST) {
        snprintf(out, ANSWER_BYTES, "a lost session: %.90s",
                 k->wire.error ? k->wire.error(k->wire.ctx, k->host) : "no answer");
    } else if (a->status == CHECK_OTHER_STATUS) {
        snprintf(out, ANSWER_BYTES, "status %02Xh", a->code);
    } else if (outcome == OTHER_STATUS) {
        snprintf(out, ANSWER_BYTES, "CHECK CONDITION without sense that can be read");
    } else {
        outcome_name(outcome, out);
    }
    return out;
}

/* ---- asking ---- */

int check_send(struct check *k, const uint8_t *cdb, size_t cdb_bytes, const uint8_t *out,
               size_t out_bytes, size_t in_bytes)
{
    memcpy(k->cdb, cdb, cdb_bytes);
    k->command = (struct check_command){k->cdb, cdb_bytes, out, out_bytes, in_bytes};
    memset(k->in, 0, sizeof(k->in));
    if (!k->up[k->host]) {
        k->answer = (struct check_answer){.status = CHECK_LOST};
        return LOST;
    }
    k->answer = k->wire.send(k->wire.ctx, k->host, &k->command, k->in);
    if (k->answer.status == CHECK_LOST) {
        k->up[k->host] = false;
    }
    return answer_outcome(&k->answer);
}

int ask_test_unit_ready(struct check *k)
{
    return ASK(k, 0, OP_TEST_UNIT_READY, 0, 0, 0, 0, 0);
}

int ask_report_key(struct check *k, unsigned agid, unsigned format, uint32_t lba, size_t bytes)
{
    uint8_t cdb[12] = {OP_REPORT_KEY};

    be32_put(cdb + 2, lba);
    be16_put(cdb + 8, (uint16_t)bytes);
    cdb[10] = (uint8_t)(agid << 6 | format);
    return check_send(k, cdb, sizeof(cdb), NULL, 0, bytes);
}

int ask_send_key(struct check *k, unsigned agid, unsigned format, const uint8_t *list, size_t bytes)
{
    uint8_t cdb[12] = {OP_SEND_KEY};

    be16_put(cdb + 8, (uint16_t)bytes);
    cdb[10] = (uint8_t)(agid << 6 | format);
    return check_send(k, cdb, sizeof(cdb), list, bytes, 0);
}

int ask_structure(struct check *k, unsigned agid, unsigned format, uint32_t address, size_t bytes)
{
    uint8_t cdb[12] = {OP_READ_DVD_STRUCTURE};

    be32_put(cdb + 2, address);
    cdb[7] = (uint8_t)format;
    be16_put(cdb + 8, (uint16_t)bytes);
    cdb[10] = (uint8_t)(agid << 6);
    return check_send(k, cdb, sizeof(cdb), NULL, 0, bytes);
}

int ask_read(struct check *k, uint32_t lba, unsigned blocks)
{
    uint8_t cdb[10] = {OP_READ_10};

    be32_put(cdb + 2, lba);
    be16_put(cdb + 7, (uint16_t)blocks);
    return check_send(k, cdb, sizeof(cdb), NULL, 0, (size_t)blocks * DISC_BLOCK_BYTES);
}

int ask_configuration(struct check *k, unsigned request, unsigned first, size_t bytes)
{
    uint8_t cdb[10] = {OP_GET_CONFIGURATION, (uint8_t)request};

    be16_put(cdb + 2, (uint16_t)first);
    be16_put(cdb + 7, (uint16_t)bytes);
    return check_send(k, cdb, sizeof(cdb), NULL, 0, bytes);
}

int ask_event_status(struct check *k, unsigned classes, size_t bytes)
{
    return ASK(k, bytes, OP_GET_EVENT_STATUS, 1, 0, 0, (uint8_t)classes, 0, 0,
               (uint8_t)(bytes >> 8), (uint8_t)bytes, 0);
}

int ask_asf(struct check *k)
{
    ask_report_key(k, 0, KEY_ASF, 0, ASF_BYTES);
    return check_expect_reply(k, ASF_BYTES) ? k->in[ASF_AT] & 1 : -1;
}

bool ask_region(struct check *k, struct region_state *state)
{
    ask_report_key(k, 0, KEY_RPC_STATE, 0, RPC_BYTES);
    if (!check_expect_reply(k, RPC_BYTES)) {
        return false;
    }
    *state = k->facts.region = host_parse_region(k->in);
    k->facts.region_seen = true;
    check_judge_region(k);
    return true;
}

void check_judge_region(struct check *k)
{
    k->have &= ~(unsigned)(CHECK_REGION_MATCH | CHECK_REGION_MISMATCH);
    if (k->facts.region_seen && k->have & CHECK_CSS) {
        k->have |= region_allows(&k->facts.region, k->facts.rmi) ? CHECK_REGION_MATCH
                                                                 : CHECK_REGION_MISMATCH;
    }
}

int ask_lock_bits(struct check *k)
{
    size_t at;

    ASK(k, MODE_BYTES, OP_MODE_SENSE_10, 8, PAGE_2A, 0, 0, 0, 0, 0, MODE_BYTES, 0);
    at = MODE_HEADER_BYTES + be16_get(k->in + 6);
    if (!check_expect(k, GOOD) ||
        !check_expect_that(k, at + 6 < k->answer.in_bytes && (k->in[at] & PAGE_CODE) == PAGE_2A,
                           "page 2Ah")) {
        return -1;
    }
    return k->in[at + 6];
}

bool check_cpr_mai(struct check *k, uint32_t lba, uint8_t *out)
{
    if (k->options.disc) {
        *out = disc_cpr_mai(k->options.disc, lba);
        return true;
    }
    if (ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, lba, 8) != GOOD ||
        k->answer.in_bytes != 8) {
        return false;
    }
    *out = k->in[4];
    return true;
}

int check_drain(struct check *k)
{
    int outcome = ask_test_unit_ready(k);

    for (unsigned n = 0; n < ATTENTIONS_MAX && outcome >> 16 == SK_UNIT_ATTENTION; n++) {
        outcome = ask_test_unit_ready(k);
    }
    return outcome;
}

int check_wait_until_ready(struct check *k)
{
    int outcome = check_drain(k);

    for (unsigned waited_ms = 0; outcome == BECOMING_READY && waited_ms < k->options.ready_ms;
         waited_ms += POLL_MS) {
        if (k->wire.pause_ms) {
            k->wire.pause_ms(k->wire.ctx, POLL_MS);
        }
        outcome = check_drain(k);
    }
    return outcome;
}

/* ---- hosts ---- */

bool check_login(struct check *k, unsigned host)
{
    k->up[host] = k->wire.login(k->wire.ctx, host);
    if (!k->up[host]) {
        check_fail(k, "initiator %u cannot log in: %s", host + 1,
                   k->wire.error ? k->wire.error(k->wire.ctx, host) : "no reason given");
    }
    return k->up[host];
}

bool check_second_host(struct check *k)
{
    const unsigned host = k->host;

    if (!check_login(k, 1)) {
        return false;
    }
    k->host = 1;
    check_drain(k);
    k->host = host;
    return true;
}

bool check_reset_unit(struct check *k)
{
    if (k->wire.reset(k->wire.ctx, k->host)) {
        return true;
    }
    k->up[k->host] = false;
    check_fail(k, "LOGICAL UNIT RESET was refused or not answered");
    return false;
}

void check_logout(struct check *k, unsigned host)
{
    if (k->up[host]) {
        k->up[host] = false;
        k->wire.logout(k->wire.ctx, host);
    }
}

/* ---- judging ---- */

bool check_expect(struct check *k, int wanted)
{
    char cdb[HEX_BYTES], expected[ANSWER_BYTES], seen[ANSWER_BYTES];

    if (check_outcome_is(answer_outcome(&k->answer), wanted)) {
        return true;
    }
    check_fail(k, "%s: expected %s, seen %s", hex(k->cdb, k->command.cdb_bytes, cdb),
               outcome_name(wanted, expected), describe(k, seen));
    return false;
}

bool check_expect_reply(struct check *k, size_t bytes)
{
    char cdb[HEX_BYTES], seen[ANSWER_BYTES];

    if (k->answer.status == CHECK_GOOD && k->answer.in_bytes == bytes) {
        return true;
    }
    check_fail(k, "%s: expected good with %zu bytes, seen %s",
               hex(k->cdb, k->command.cdb_bytes, cdb), bytes, describe(k, seen));
    return false;
}

bool check_expect_data(struct check *k, const char *what, const uint8_t *wanted, size_t bytes)
{
    char cdb[HEX_BYTES], expected[HEX_BYTES], seen[HEX_BYTES];
    size_t at = 0;

    if (k->answer.in_bytes >= bytes && memcmp(k->in, wanted, bytes) == 0) {
        return true;
    }
    while (at < bytes && at < k->answer.in_bytes && k->in[at] == wanted[at]) {
        at++;
    }
    check_fail(k, "%s: expected %s %s, seen %s; byte %zu is the first that differs",
               hex(k->cdb, k->command.cdb_bytes, cdb), what, hex(wanted, bytes, expected),
               hex(k->in, k->answer.in_bytes < bytes ? k->answer.in_bytes : bytes, seen), at);
    return false;
}

bool check_expect_number(struct check *k, const char *what, unsigned long wanted,
                         unsigned long seen)
{
    char cdb[HEX_BYTES];

    if (wanted == seen) {
        return true;
    }
    check_fail(k, "%s: expected %s %lXh, seen %lXh", hex(k->cdb, k->command.cdb_bytes, cdb), what,
               wanted, seen);
    return false;
}

bool check_expect_that(struct check *k, bool holds, const char *format, ...)
{
    char cdb[HEX_BYTES], words[256];
    va_list ap;

    if (!holds) {
        va_start(ap, format);
        vsnprintf(words, sizeof(words), format, ap);
        va_end(ap);
        check_fail(k, "%s: expected %s", hex(k->cdb, k->command.cdb_bytes, cdb), words);
    }
    return holds;
}

bool check_expect_asf(struct check *k, bool wanted)
{
    int asf = ask_asf(k);

    return asf >= 0 &&
           check_expect_number(k, "ASF", wanted || k->quirks.asf_always, (unsigned long)asf);
}

bool check_expect_pointer(struct check *k, bool in_list, unsigned byte)
{
    const uint8_t *s = k->answer.sense + SENSE_SPECIFIC_AT;
    char cdb[HEX_BYTES], seen[HEX_BYTES];

    if (k->answer.sense_bytes >= SENSE_SPECIFIC_AT + 3 && s[0] & SKSV &&
        !(s[0] & POINTS_AT_CDB) == in_list && be16_get(s + 1) == byte) {
        return true;
    }
    check_fail(k, "%s: expected sense that points at byte %u of the %s, seen %s",
               hex(k->cdb, k->command.cdb_bytes, cdb), byte, in_list ? "parameter list" : "CDB",
               hex(k->answer.sense, k->answer.sense_bytes, seen));
    return false;
}

/* ---- allocation lengths ---- */

size_t check_cut(size_t bytes, unsigned n)
{
    return (const size_t[CUTS]){0, 1, bytes - 1, bytes, bytes + 1}[n];
}

void check_cut_replies(struct check *k, const uint8_t *cdb, size_t cdb_bytes, size_t at,
                       size_t width, size_t bytes)
{
    uint8_t changed[CHECK_CDB_BYTES_MAX], whole[CHECK_IN_BYTES_MAX];

    memcpy(changed, cdb, cdb_bytes);
    check_send(k, cdb, cdb_bytes, NULL, 0, bytes);
    if (!check_expect_reply(k, bytes)) {
        return;
    }
    memcpy(whole, k->in, bytes);
    for (unsigned n = 0; n < CUTS; n++) {
        const size_t length = check_cut(bytes, n);

        check_where(k, "allocation length %zu", length);
        for (size_t i = 0; i < width; i++) {
            changed[at + i] = (uint8_t)(length >> 8 * (width - 1 - i));
        }
        check_send(k, changed, cdb_bytes, NULL, 0, length);
        if (check_expect_reply(k, length < bytes ? length : bytes)) {
            check_expect_data(k, "a prefix of the whole reply,", whole,
                              length < bytes ? length : bytes);
        }
    }
    check_where(k, "%s", "");
}
