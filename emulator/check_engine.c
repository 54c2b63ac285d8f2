/* SPDX-License-Identifier: GPL-2.0-only */
/* What is around every row: is there what it needs, a fresh start, and nothing left behind. */
#include "check_talk.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#include <stdio.h>
#include <string.h>

#define AGIDS 4
#define LOAD  0x03 /* START STOP UNIT: LoEj and Start */

#define LOGINS_MAX 3 /* each may take as long as the timeout */

/* clang-format off */
static const struct {
    unsigned need;
    const char *word, *absence;
} needs[] = {
    /* what the caller keeps from us comes first: it is the reason that can be changed */
    {CHECK_DESTRUCTIVE,     "--destructive",   "--destructive not given"},
    {CHECK_EJECT,           "--eject",         "--eject not given"},
    {CHECK_SESSIONS,        "two-initiators",  "needs a transport with two initiators"},
    {CHECK_RESET,           "reset",           "needs a transport that can reset"},
    {CHECK_TRAY_LOADS,      "loader",          "needs a drive that closes its tray"},
    {CHECK_EMPTY,           "no-disc",         "needs an empty drive"},
    {CHECK_CD,              "cd",              "needs a CD"},
    {CHECK_DVD,             "dvd",             "needs a DVD"},
    {CHECK_CSS,             "css-disc",        "needs a CSS disc"},
    {CHECK_NO_CSS,          "plain-disc",      "needs a DVD without CSS"},
    {CHECK_EXCHANGE,        "exchange",        "needs a disc on which the key exchange works"},
    {CHECK_TWO_AGIDS,       "two-agids",       "needs a drive that grants two AGIDs at a time"},
    {CHECK_DESCRIPTION,     "--disc",          "--disc not given"},
    {CHECK_REGION_MATCH,    "own-region",      "needs a CSS disc of the drive's region"},
    {CHECK_REGION_MISMATCH, "other-region",    "needs a CSS disc of another region than the drive's"},
    {CHECK_GATED,           "scrambled-block", "no scrambled block was found"},
    {CHECK_EDGE,            "scrambled-edge",  "no scrambled block behind one in clear was found"},
    {CHECK_KEYLESS,         "keyless-block",   "no block without title key was found"},
    {CHECK_TWO_LAYERS,      "two-layers",      "needs a disc of two layers"},
    {CHECK_BCA,             "bca",             "needs a disc with BCA"},
    {CHECK_NO_BCA,          "no-bca",          "needs a disc without BCA"},
};
/* clang-format on */

/* What a need needs itself, so that the reason of a skip is the first thing that is missing. */
static unsigned all_needs(const struct check_row *row)
{
    const unsigned of_css =
        CHECK_GATED | CHECK_EDGE | CHECK_KEYLESS | CHECK_REGION_MATCH | CHECK_REGION_MISMATCH;
    const unsigned of_dvd =
        CHECK_CSS | CHECK_NO_CSS | CHECK_EXCHANGE | CHECK_TWO_LAYERS | CHECK_BCA | CHECK_NO_BCA;
    unsigned all = row->needs;

    all |= all & of_css ? CHECK_CSS : 0u;
    all |= all & of_dvd ? CHECK_DVD : 0u;
    return all;
}

const char *check_missing(const struct check *k, const struct check_row *row)
{
    const unsigned wanted = all_needs(row);

    for (size_t i = 0; i < ROWS_OF(needs); i++) {
        if (wanted & needs[i].need && !(k->have & needs[i].need)) {
            return needs[i].absence;
        }
    }
    return "";
}

void check_name_needs(const struct check_row *row, char *out, size_t room)
{
    size_t used = 0;

    out[0] = 0;
    for (size_t i = 0; i < ROWS_OF(needs) && used < room; i++) {
        if (row->needs & needs[i].need) {
            used +=
                (size_t)snprintf(out + used, room - used, "%s%s", used ? "," : "", needs[i].word);
        }
    }
}

/* ---- around a row ---- */

/* Drives differ in what they say to an AGID that nobody holds: it does not matter here. */
static void free_agids(struct check *k)
{
    for (unsigned agid = 0; agid < AGIDS; agid++) {
        ask_report_key(k, agid, KEY_INVALIDATE, 0, 0);
    }
}

/* The same start for every row. False: there is no session. */
static bool start_fresh(struct check *k)
{
    k->host = 0;
    if (!k->up[0] && k->lost_logins >= LOGINS_MAX) {
        check_fail(k, "the session was lost, and no other can be had");
        return false;
    }
    if (!k->up[0] && !check_login(k, 0)) {
        k->lost_logins++;
        return false;
    }
    check_drain(k);
    if (k->may_prevent) {
        ASK(k, 0, OP_PREVENT_ALLOW, 0, 0, 0, 0, 0);
        k->may_prevent = false;
    }
    if (k->may_be_open) {
        ASK(k, 0, OP_START_STOP_UNIT, 0, 0, 0, LOAD, 0);
        check_wait_until_ready(k);
        k->may_be_open = false;
    }
    free_agids(k);
    return true;
}

static void begin(struct check *k)
{
    k->verdict = CHECK_OK;
    k->text[0] = 0;
    k->complaints = 0;
    k->where[0] = 0;
}

void check_run(struct check *k, const struct check_row *row)
{
    const char *missing = check_missing(k, row);

    begin(k);
    if (*missing) {
        check_skip(k, "%s", missing);
        return;
    }
    if (start_fresh(k)) {
        row->run(k, row);
    }
    check_logout(k, 1);
}

/* ---- the whole ---- */

bool check_open(struct check *k, const struct check_wire *wire, const struct check_options *options)
{
    memset(k, 0, sizeof(*k));
    k->wire = *wire;
    k->options = *options;
    k->quirks = options->quirks;
    k->have = (options->destructive ? CHECK_DESTRUCTIVE : 0u) |
              (options->eject ? CHECK_EJECT : 0u) | (options->disc ? CHECK_DESCRIPTION : 0u) |
              (wire->reset ? CHECK_RESET : 0u) | (wire->hosts > 1 ? CHECK_SESSIONS : 0u) |
              (options->quirks.loader == LOADER_TRAY ? CHECK_TRAY_LOADS : 0u);
    begin(k);
    return check_login(k, 0) && check_survey(k);
}

void check_close(struct check *k)
{
    begin(k);
    if (k->up[0]) {
        start_fresh(k);
    }
    for (unsigned host = 0; host < CHECK_HOSTS; host++) {
        check_logout(k, host);
    }
}

const struct check_theme *const check_themes[] = {
    &check_theme_identify,
    &check_theme_wire,
    &check_theme_configuration,
    &check_theme_event,
    &check_theme_structure,
    &check_theme_agid,
    &check_theme_key_format,
    &check_theme_key_state,
    &check_theme_handshake,
    &check_theme_keys,
    &check_theme_gate,
    &check_theme_no_disc,
    &check_theme_nexus,
    &check_theme_region,
    &check_theme_reset,
    &check_theme_tray,        /* the disc is in again */
    &check_theme_region_walk, /* what cannot be undone */
    NULL,
};
