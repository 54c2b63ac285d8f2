/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disc that goes and comes again (mmc-spec 2.8, 6.2, 6.4, 6.8). Every row opens the tray and
 * closes it; a drive that cannot pull its tray in needs a hand, so all this asks for leave.
 */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define LOEJ               0x02
#define START              0x01
#define MEDIA_BIT          0x10
#define EVENT_BYTES        8
#define EVENT_HEADER_BYTES 4
#define EVENT_CODE         0x0f
#define EVENT_NONE         0
#define EVENT_NEW          2
#define EVENT_REMOVED      3
#define EVENTS_MAX         16
#define TRAY_IS_OPEN       0x01
#define MEDIA_PRESENT      0x02
#define POLL_MS            200

static bool eject(struct check *k)
{
    k->may_be_open = true;
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, LOEJ, 0);
    return check_expect(k, GOOD);
}

/* The tray goes in; the disc need not be ready yet. */
static bool close_tray(struct check *k)
{
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, LOEJ | START, 0);
    return check_expect(k, GOOD);
}

/* Until the disc is ready, and the attention is taken. */
static bool load(struct check *k)
{
    if (!close_tray(k)) {
        return false;
    }
    check_wait_until_ready(k);
    return check_expect(k, GOOD);
}

/* ---- while it is open ---- */

static void no_disc(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!eject(k)) {
        return;
    }
    ask_test_unit_ready(k);
    check_expect(k, NO_MEDIUM);
    ask_report_key(k, 0, KEY_AGID, 0, AGID_BYTES);
    check_expect(k, NO_MEDIUM);
    ask_structure(k, 0, STRUCTURE_COPYRIGHT, 0, 8);
    check_expect(k, NO_MEDIUM);
    ask_read(k, 0, 1);
    check_expect(k, NO_MEDIUM);
    load(k);
}

static void open_is_told(struct check *k, const struct check_row *row)
{
    (void)row;
    if (eject(k)) {
        ask_test_unit_ready(k);
        check_expect(k, TRAY_OPEN);
        load(k);
    }
}

static void rpc_state(struct check *k, const struct check_row *row)
{
    uint8_t before[RPC_REPLY_BYTES];

    (void)row;
    ask_report_key(k, 0, KEY_RPC_STATE, 0, sizeof(before));
    if (!check_expect_reply(k, sizeof(before))) {
        return;
    }
    memcpy(before, k->in, sizeof(before));
    if (eject(k)) {
        ask_report_key(k, 0, KEY_RPC_STATE, 0, sizeof(before));
        if (check_expect_reply(k, sizeof(before))) {
            check_expect_data(k, "RPC state", before, sizeof(before));
        }
        load(k);
    }
}

/* Which features there are does not change, or Windows would meet a list longer than it asked for.
 */
static void configuration(struct check *k, const struct check_row *row)
{
    uint8_t length[4];

    (void)row;
    ask_configuration(k, 0, 0, 8);
    memcpy(length, k->in, sizeof(length));
    if (!check_expect_reply(k, 8) || !eject(k)) {
        return;
    }
    ask_configuration(k, 0, 0, 8);
    if (check_expect_reply(k, 8)) {
        check_expect_data(k, "the same data length", length, sizeof(length));
        check_expect_number(k, "current profile", 0, be16_get(k->in + 6));
    }
    load(k);
}

/* ---- what it forgets ---- */

static void frees_agids(struct check *k, const struct check_row *row)
{
    (void)row;
    for (enum check_stage stage = GRANTED; stage < STAGES; stage++) {
        struct check_exchange x;
        int count;

        check_where(k, "in %s", check_stage_names[stage]);
        if (!check_reach(k, &x, stage) || !eject(k) || !load(k)) {
            return;
        }
        count = check_count_free(k);
        if (count < 0 ||
            !check_expect_number(k, "AGIDs that are free", check_agids(k), (unsigned)count)) {
            return;
        }
    }
}

static void clears_asf(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k) && eject(k) && load(k)) {
        check_expect_asf(k, false);
        if (k->have & CHECK_GATED) {
            ask_read(k, k->facts.gated_lba, 1);
            check_expect(k, SCRAMBLED);
        }
    }
}

/* ---- who is told ---- */

/* What a host is told until there is nothing more; false: the row has failed. */
static bool last_event(struct check *k, unsigned *event, unsigned *count)
{
    *event = EVENT_NONE;
    for (*count = 0; *count < EVENTS_MAX; ++*count) {
        ask_event_status(k, MEDIA_BIT, EVENT_BYTES);
        if (!check_expect_reply(k, EVENT_BYTES)) {
            return false;
        }
        if ((k->in[4] & EVENT_CODE) == EVENT_NONE) {
            return true;
        }
        *event = k->in[4] & EVENT_CODE;
    }
    check_fail(k, "expected events to come to an end");
    return false;
}

static void expect_one_event(struct check *k, unsigned hosts, unsigned wanted, unsigned status)
{
    for (unsigned host = 0; host < hosts; host++) {
        unsigned event, count;

        k->host = host;
        check_where(k, "initiator %u", host + 1);
        if (last_event(k, &event, &count)) {
            check_expect_number(k, "event code", wanted, event);
            check_expect_number(k, "events", 1, count);
            check_expect_number(k, "media status", status, k->in[5]);
        }
    }
    k->host = 0;
    check_where(k, "%s", "");
}

/* Each event once, to each initiator that there is. */
static void events(struct check *k, const struct check_row *row)
{
    const unsigned hosts = row->value;
    unsigned event, count;

    if (hosts > 1 && !check_second_host(k)) {
        return;
    }
    for (k->host = 0; k->host < hosts; k->host++) {
        if (!last_event(k, &event, &count)) {
            return;
        }
    }
    k->host = 0;
    if (!eject(k)) {
        return;
    }
    expect_one_event(k, hosts, EVENT_REMOVED, TRAY_IS_OPEN);
    if (load(k)) {
        expect_one_event(k, hosts, EVENT_NEW, MEDIA_PRESENT);
    }
}

/* An event that the allocation length cuts off has not been told. */
static void cut_event(struct check *k, const struct check_row *row)
{
    unsigned event, count;

    (void)row;
    if (!last_event(k, &event, &count) || !eject(k)) {
        return;
    }
    ask_event_status(k, MEDIA_BIT, EVENT_HEADER_BYTES);
    check_expect_reply(k, EVENT_HEADER_BYTES);
    expect_one_event(k, 1, EVENT_REMOVED, TRAY_IS_OPEN);
    load(k);
}

/* 06/28/00 once, to each initiator that there is; a removal alone is no attention. */
static void attention(struct check *k, const struct check_row *row)
{
    const unsigned hosts = row->value;

    if ((hosts > 1 && !check_second_host(k)) || !eject(k)) {
        return;
    }
    for (k->host = 0; k->host < hosts; k->host++) {
        ask_test_unit_ready(k);
        check_expect(k, NO_MEDIUM);
    }
    k->host = 0;
    if (!close_tray(k)) {
        return;
    }
    for (k->host = 0; k->host < hosts; k->host++) {
        unsigned waited_ms = 0;
        int outcome = ask_test_unit_ready(k);

        while (outcome == BECOMING_READY && k->wire.pause_ms && waited_ms < k->options.ready_ms) {
            k->wire.pause_ms(k->wire.ctx, POLL_MS);
            waited_ms += POLL_MS;
            outcome = ask_test_unit_ready(k);
        }
        check_expect(k, MEDIUM_CHANGED);
        ask_test_unit_ready(k);
        check_expect(k, GOOD);
    }
    k->host = 0;
}

/* ---- without opening ---- */

/* A disc that is in already: nothing to do; a drive that cannot pull says so (quirk loader). */
static void load_when_closed(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, LOEJ | START, 0);
    check_expect(k, k->quirks.loader == LOADER_SLIM ? CDB_FIELD : GOOD);
    ask_test_unit_ready(k);
    check_expect(k, GOOD);
}

/* A disc that stands still keeps its exchange, or, per spindown_drops_agids, not. */
static void stop(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!check_reach(k, &x, DCHAL)) {
        return;
    }
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, 0, 0);
    check_expect(k, GOOD);
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, START, 0);
    check_expect(k, GOOD);
    check_wait_until_ready(k);
    if (!k->quirks.spindown_drops_agids) {
        check_complete(k, &x, DCHAL);
        return;
    }
    check_step_key2(k, &x);
    check_expect(k, k->quirks.agid_ungranted == UNGRANTED_2400 ? CDB_FIELD : SEQUENCE);
}

/* ---- prevention ---- */

static void prevented(struct check *k, const struct check_row *row)
{
    (void)row;
    k->may_prevent = k->may_be_open = true;
    ASK(k, 0, OP_PREVENT_ALLOW, 0, 0, 0, 1, 0);
    if (!check_expect(k, GOOD)) {
        return;
    }
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, LOEJ, 0);
    if (!check_expect(k, PREVENTED)) {
        load(k);
    }
    ask_test_unit_ready(k);
    check_expect(k, GOOD);
    ASK(k, 0, OP_PREVENT_ALLOW, 0, 0, 0, 0, 0);
    check_expect(k, GOOD);
}

static void prevented_by_other(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_second_host(k)) {
        return;
    }
    k->may_be_open = true;
    k->host = 1;
    ASK(k, 0, OP_PREVENT_ALLOW, 0, 0, 0, 1, 0);
    check_expect(k, GOOD);
    k->host = 0;
    ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, LOEJ, 0);
    if (!check_expect(k, PREVENTED)) {
        load(k);
        return;
    }
    check_logout(k, 1);
    if (eject(k)) {
        load(k);
    }
}

/* clang-format off */
#define MOVE (CHECK_EJECT | CHECK_TRAY_LOADS | CHECK_DVD)

static const struct check_row rows[] = {
    {"tray.load-when-closed",        "mmc-spec 6.8", CHECK_DVD, load_when_closed, NULL, 0},
    {"tray.stop-keeps-agids",        "mmc-spec 2.8", CHECK_EXCHANGE, stop, NULL, 0},
    {"tray.open-is-no-disc",         "mmc-spec 1.5", MOVE, no_disc, NULL, 0},
    {"tray.open-is-told",            "mmc-spec 6.2", MOVE, open_is_told, NULL, 0},
    {"tray.rpc-state-when-open",     "mmc-spec 2.8", MOVE, rpc_state, NULL, 0},
    {"tray.configuration-when-open", "windows-spec b.5", MOVE, configuration, NULL, 0},
    {"tray.eject-frees-agids",       "mmc-spec 9",   MOVE | CHECK_EXCHANGE, frees_agids, NULL, 0},
    {"tray.eject-clears-asf",        "mmc-spec 9",   MOVE | CHECK_CSS, clears_asf, NULL, 0},
    {"tray.events-once",             "mmc-spec 6.4", MOVE, events, NULL, 1},
    {"tray.events-once-to-each",     "mmc-spec 6.4", MOVE | CHECK_SESSIONS, events, NULL, 2},
    {"tray.cut-event-stays",         "mmc-spec 6.4", MOVE, cut_event, NULL, 0},
    {"tray.attention-once",          "mmc-spec 2.8", MOVE, attention, NULL, 1},
    {"tray.attention-once-to-each",  "mmc-spec 9",   MOVE | CHECK_SESSIONS, attention, NULL, 2},
    {"tray.prevented",               "mmc-spec 6.8", MOVE, prevented, NULL, 0},
    {"tray.prevented-by-other",      "mmc-spec 6.8", MOVE | CHECK_SESSIONS, prevented_by_other, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_tray = {rows, ROWS_OF(rows)};
