/* SPDX-License-Identifier: GPL-2.0-only */
/* Authentication as a player does it, the keys, and a scrambled block opened with them. */
#include "iso_lookup.h"
#include "wintest.h"

#include <inttypes.h>
#include <string.h>

#define AGIDS             4
#define TITLE_LBA_DEFAULT 0x100
#define SEARCH_BLOCKS     4096 /* how far behind the title's block a scrambled one is looked for */
#define PAYLOAD_AT        128  /* first scrambled byte of a sector */
#define TOC_ROOM          804
#define STRUCTURE_BYTES   2052
#define STRUCTURE_DATA_AT 4

/* ---- the handshake, a step a call ---- */

static bool is_session_number(const struct dvd_session *s)
{
    return s->id < AGIDS;
}

static bool is_whole_key(const struct dvd_session *s, uint32_t bytes)
{
    return key_buffer_header(&s->buffer).key_length == bytes;
}

static bool is_genuine_key1(const struct dvd_session *s)
{
    return s->variant >= 0 && is_whole_key(s, KEY_BUS_BYTES);
}

static bool is_whole_challenge(const struct dvd_session *s)
{
    return is_whole_key(s, KEY_CHALLENGE_BYTES);
}

struct handshake_step {
    const char *name;
    struct call_result (*run)(struct dvd_session *s);
    uint32_t bytes;
    bool (*good)(const struct dvd_session *s); /* NULL: the call's success is enough */
};

static const struct handshake_step until_challenges[] = {
    {"end-all", dvd_end_all, 0, NULL},
    {"start-session", dvd_start, SESSION_ID_BYTES, is_session_number},
    {"send-challenge", dvd_send_challenge, 0, NULL},
    {"read-key1", dvd_read_key1, KEY_BUS_BYTES, is_genuine_key1},
    {"read-challenge", dvd_read_challenge, KEY_CHALLENGE_BYTES, is_whole_challenge},
};

static bool handshake_step(struct wintest *t, struct dvd_session *s,
                           const struct handshake_step *step)
{
    struct call_result result;

    step_begin(t->report, step->name);
    result = step->run(s);
    if (!step_called(t->report, &result, t->options->wine ? STEP_ANY_BYTES : step->bytes)) {
        return false;
    }
    return step_judge(t->report, !step->good || step->good(s), "session %" PRIu32 "%s", s->id,
                      step->run == dvd_read_key1 && s->variant < 0 ? ": no genuine key 1" : "");
}

static bool asf_step(struct wintest *t, struct dvd_session *s, const char *name, uint32_t id,
                     bool must_be_set)
{
    struct call_result result;
    bool asf;

    step_begin(t->report, name);
    result = dvd_read_asf(s, id, &asf);
    return step_called(t->report, &result, KEY_ASF_BYTES) &&
           step_judge(t->report, asf || !must_be_set, "asked with session %" PRIu32 ": %d", id,
                      asf);
}

/* ---- the disc key ---- */

static bool disc_key_is_expected(const struct wintest *t, const uint8_t *block)
{
    const struct expectations *e = t->expected;

    return expectation_met(e, EXPECTED_DISC_KEY_BLOCK, block, HOST_CSS_BLOCK_BYTES) &&
           (!expectation_given(e, EXPECTED_DISC_KEY) ||
            host_css_check_entry(block, e->of[EXPECTED_DISC_KEY].data));
}

/* KEY_NOT_PRESENT is what a disc without keys has to say. */
static bool disc_key_is_refused_rightly(struct wintest *t, const struct call_result *result)
{
    if (t->known.css || call_is_good(result) ||
        (!t->options->wine && result->status != NT_CSS_KEY_NOT_PRESENT)) {
        return false;
    }
    step_pass(t->report, "refused, as the disc has no keys");
    return true;
}

static void first_disc_key(struct wintest *t, struct dvd_session *s)
{
    struct call_result result;

    step_begin(t->report, "disc-key");
    result = dvd_read_disc_key(s, t->known.disc_key_block);
    if (disc_key_is_refused_rightly(t, &result) ||
        !step_called(t->report, &result, KEY_DISC_BYTES)) {
        return;
    }
    t->known.has_disc_key = true;
    step_judge(t->report, disc_key_is_expected(t, t->known.disc_key_block), "%s",
               expectation_given(t->expected, EXPECTED_DISC_KEY) ||
                       expectation_given(t->expected, EXPECTED_DISC_KEY_BLOCK)
                   ? "compared with what is expected"
                   : "2048 bytes");
}

static bool player_handshake(struct wintest *t, struct dvd_session *s)
{
    const struct handshake_step send_key2 = {"send-key2", dvd_send_key2, 0, NULL};

    for (size_t i = 0; i < sizeof(until_challenges) / sizeof(until_challenges[0]); i++) {
        if (!handshake_step(t, s, &until_challenges[i])) {
            return false;
        }
    }
    if (t->options->no_crypt) {
        step_begin(t->report, "send-key2");
        step_skip(t->report, "--no-crypt; so is all behind it");
        return false;
    }
    return handshake_step(t, s, &send_key2);
}

/* The order in the drive's log: A3/3F four times, A4/00, A3/01, A4/02, A4/01, A3/03, A4/05 twice,
 * AD/02, A4/05, A3/3F. */
static void player_session(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    const struct handshake_step end = {"end-session", dvd_end, 0, NULL};

    if (player_handshake(t, &s)) {
        asf_step(t, &s, "asf-before", s.id, false);
        asf_step(t, &s, "asf-session-0", 0, false);
        first_disc_key(t, &s);
        asf_step(t, &s, "asf", s.id, t->known.has_disc_key);
    }
    handshake_step(t, &s, &end);
}

/* ---- more sessions ---- */

static void judge_same_block(struct wintest *t, const uint8_t *block)
{
    const bool same = memcmp(block, t->known.disc_key_block, HOST_CSS_BLOCK_BYTES) == 0;

    step_judge(t->report, same, "clear of its bus key it is %s", same ? "the same" : "another");
}

/* A table of contents in between leaves other bytes in the driver's work buffer: bytes 2 and 3 of
 * the list that follows are not zero then (windows-spec a.4). */
static void disc_key_again(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    const uint8_t toc_request[4] = {0};
    uint8_t toc[TOC_ROOM], block[HOST_CSS_BLOCK_BYTES];
    struct call_result result;
    struct dvd_progress p;

    step_begin(t->report, "disc-key-again");
    result = dvd_start(&s);
    if (!step_called(t->report, &result, STEP_ANY_BYTES)) {
        return;
    }
    if (!t->options->wine) {
        wintest_control(t, CODE_CDROM_READ_TOC_EX, toc_request, sizeof(toc_request), toc,
                        sizeof(toc));
    }
    p = dvd_handshake_started(&s, DVD_KEY2_SENT);
    if (wintest_progressed(t, &p)) {
        result = dvd_read_disc_key(&s, block);
        if (step_called(t->report, &result, KEY_DISC_BYTES)) {
            judge_same_block(t, block);
        }
    }
    dvd_end(&s);
}

/* Under Wine the answer has no header. */
static void disc_key_structure(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    uint8_t *block = t->room + (t->options->wine ? 0 : STRUCTURE_DATA_AT);
    struct call_result result;

    step_begin(t->report, "disc-key-structure");
    if (wintest_authenticate(t, &s)) {
        result = dvd_read_structure(&s, STRUCTURE_DISC_KEY, 0, t->room, STRUCTURE_BYTES);
        if (step_called(t->report, &result, t->options->wine ? STEP_ANY_BYTES : STRUCTURE_BYTES)) {
            host_css_clear(block, HOST_CSS_BLOCK_BYTES, s.bus_key);
            judge_same_block(t, block);
        }
    }
    dvd_end(&s);
}

/* ---- the title key ---- */

static bool title_key_is_expected(const struct wintest *t, const uint8_t *wrapped, uint32_t flags)
{
    const struct expectations *e = t->expected;
    const uint8_t flag_byte = (uint8_t)flags;
    uint8_t title_key[HOST_CSS_KEY_BYTES];

    if (!expectation_met(e, EXPECTED_WRAPPED_TITLE_KEY, wrapped, HOST_CSS_KEY_BYTES) ||
        (!t->options->wine &&
         !expectation_met(e, EXPECTED_TITLE_FLAGS, &flag_byte, sizeof(flag_byte)))) {
        return false;
    }
    if (!expectation_given(e, EXPECTED_TITLE_KEY) || !expectation_given(e, EXPECTED_DISC_KEY)) {
        return true;
    }
    host_css_title_key(e->of[EXPECTED_DISC_KEY].data, wrapped, title_key);
    return expectation_met(e, EXPECTED_TITLE_KEY, title_key, sizeof(title_key));
}

/* On a disc of another region the refusal is what is wanted. */
static bool title_key_is_refused_rightly(struct wintest *t, const struct call_result *result)
{
    if (wintest_region_allows(t)) {
        return false;
    }
    step_judge(t->report,
               result->status == NT_CSS_REGION_MISMATCH ||
                   (t->options->wine && !call_is_good(result)),
               "disc forbids regions %02Xh, drive's mask is %02Xh: status %08" PRIX32,
               t->known.disc_regions, t->known.rpc.mask, result->status);
    return true;
}

static void title_key(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    uint8_t wrapped[HOST_CSS_KEY_BYTES];
    struct call_result result;
    uint32_t flags;

    step_begin(t->report, wintest_region_allows(t) ? "title-key" : "title-key-other-region");
    if (wintest_authenticate(t, &s)) {
        result = dvd_read_title_key(&s, t->known.title_lba, wrapped, &flags);
        if (!title_key_is_refused_rightly(t, &result) &&
            step_called(t->report, &result, KEY_TITLE_BYTES)) {
            memcpy(t->known.wrapped_title_key, wrapped, sizeof(wrapped));
            t->known.has_title_key = true;
            step_judge(t->report, title_key_is_expected(t, wrapped, flags),
                       "block %" PRIu32 ", flags %02" PRIX32 "h", t->known.title_lba, flags);
        }
    }
    dvd_end(&s);
}

static void invalidate(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    struct call_result result;

    step_begin(t->report, "invalidate");
    if (t->options->wine) {
        step_skip(t->report, "Wine does not know InvalidateAGID");
        return;
    }
    result = dvd_start(&s);
    if (step_called(t->report, &result, SESSION_ID_BYTES)) {
        result = dvd_invalidate(&s);
        if (step_called(t->report, &result, 0)) {
            step_pass(t->report, "session %" PRIu32, s.id);
        }
    }
}

/* ---- blocks ---- */

static bool read_block(void *ctx, uint32_t lba, uint8_t block[static ISO_BLOCK_BYTES])
{
    const struct wintest *t = ctx;
    const struct call_result result = wintest_read(t, lba, 1);

    if (call_is_good(&result)) {
        memcpy(block, t->room, ISO_BLOCK_BYTES);
    }
    return call_is_good(&result);
}

static void find_title(struct wintest *t)
{
    uint32_t blocks = 0;

    if (t->known.title_lba != OPTION_NOT_GIVEN) {
        return;
    }
    step_begin(t->report, "find-title");
    if (iso_find_first_vob(read_block, t, &t->known.title_lba, &blocks)) {
        step_pass(t->report, "VIDEO_TS/VTS_01_1.VOB begins at block %" PRIu32, t->known.title_lba);
        return;
    }
    t->known.title_lba = TITLE_LBA_DEFAULT;
    step_pass(t->report, "no VIDEO_TS/VTS_01_1.VOB, so block %" PRIu32, t->known.title_lba);
}

/* How many blocks can be read there at once without leaving the disc. */
static uint32_t readable(const struct wintest *t, uint32_t lba)
{
    if (t->known.blocks == 0 || t->known.blocks >= lba + WINTEST_READ_BLOCKS) {
        return WINTEST_READ_BLOCKS;
    }
    return t->known.blocks > lba ? t->known.blocks - lba : 0;
}

/* The first scrambled one of some blocks, OPTION_NOT_GIVEN: none. *count: 0 when that is all. */
static uint32_t search(const struct wintest *t, uint32_t lba, uint32_t *count)
{
    struct call_result result;

    *count = readable(t, lba);
    if (*count == 0) {
        return OPTION_NOT_GIVEN;
    }
    result = wintest_read(t, lba, *count);
    for (uint32_t i = 0; call_is_good(&result) && i < *count; i++) {
        if (wintest_is_scrambled(t->room + (size_t)i * SECTOR_BYTES)) {
            return lba + i;
        }
    }
    *count = call_is_good(&result) ? *count : 0;
    return OPTION_NOT_GIVEN;
}

/* Needs an authenticated drive: before, a scrambled block cannot be read. */
static void find_scrambled(struct wintest *t)
{
    uint32_t *found = &t->known.scrambled_lba, count = 1;

    if (*found != OPTION_NOT_GIVEN) {
        return;
    }
    step_begin(t->report, "find-scrambled");
    for (uint32_t n = 0; n < SEARCH_BLOCKS && count && *found == OPTION_NOT_GIVEN; n += count) {
        *found = search(t, t->known.title_lba + n, &count);
    }
    if (*found == OPTION_NOT_GIVEN) {
        step_skip(t->report, "no scrambled block behind %" PRIu32, t->known.title_lba);
    } else {
        step_pass(t->report, "block %" PRIu32, *found);
    }
}

static void scrambled_after(struct wintest *t)
{
    struct call_result result;

    if (t->known.scrambled_lba == OPTION_NOT_GIVEN) {
        return;
    }
    step_begin(t->report, "scrambled-after");
    result = wintest_read(t, t->known.scrambled_lba, 1);
    if (step_called(t->report, &result, SECTOR_BYTES)) {
        step_judge(t->report, wintest_is_scrambled(t->room), "block %" PRIu32 "%s",
                   t->known.scrambled_lba,
                   wintest_is_scrambled(t->room) ? "" : " is not flagged as scrambled");
    }
}

/* The whole chain: bus key, disc key, title key, sector. */
static void clear_sector(struct wintest *t)
{
    const struct expectations *e = t->expected;
    struct call_result result;
    uint8_t key[HOST_CSS_KEY_BYTES];

    if (t->known.scrambled_lba == OPTION_NOT_GIVEN || !t->known.has_title_key ||
        !expectation_given(e, EXPECTED_DISC_KEY) || !expectation_given(e, EXPECTED_CLEAR_SECTOR)) {
        return;
    }
    step_begin(t->report, "clear-sector");
    result = wintest_read(t, t->known.scrambled_lba, 1);
    if (!step_called(t->report, &result, SECTOR_BYTES)) {
        return;
    }
    host_css_title_key(e->of[EXPECTED_DISC_KEY].data, t->known.wrapped_title_key, key);
    host_css_descramble(t->room, key);
    step_judge(
        t->report,
        expectation_met(e, EXPECTED_CLEAR_SECTOR, t->room + PAYLOAD_AT, SECTOR_BYTES - PAYLOAD_AT),
        "block %" PRIu32 " descrambled and compared", t->known.scrambled_lba);
}

/* A title key of another region ends the authentication: what needs it comes before. */
void wintest_sessions(struct wintest *t)
{
    player_session(t);
    if (t->options->no_crypt) {
        return;
    }
    invalidate(t);
    if (!t->known.has_disc_key) {
        return;
    }
    disc_key_again(t);
    disc_key_structure(t);
    find_title(t);
    find_scrambled(t);
    scrambled_after(t);
    title_key(t);
    clear_sector(t);
}
