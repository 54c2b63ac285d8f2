/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An empty drive, and a CD (mmc-spec 1.5 steps 4 and 5, 5, 6.2): what needs a disc, or a DVD, says
 * so, the rest works.
 */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

static void not_ready(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_test_unit_ready(k);
    check_expect(k, NO_MEDIUM);
}

static void read_capacity(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 8, OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    check_expect(k, NO_MEDIUM);
}

static void read_block(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_read(k, 0, 1);
    check_expect(k, NO_MEDIUM);
}

/* What is wrong with the disc. */
static int refusal(const struct check *k)
{
    return k->have & CHECK_CD ? WRONG_FORMAT : NO_MEDIUM;
}

static void report_key(struct check *k, const struct check_row *row)
{
    ask_report_key(k, 0, row->value, 0, CHALLENGE_BYTES);
    check_expect(k, refusal(k));
}

static void send_challenge(struct check *k, const struct check_row *row)
{
    struct check_exchange x = {.variant = -1};

    (void)row;
    check_step_challenge(k, &x);
    check_expect(k, refusal(k));
}

static void send_key2(struct check *k, const struct check_row *row)
{
    struct check_exchange x = {.variant = -1};

    (void)row;
    check_step_key2(k, &x);
    check_expect(k, refusal(k));
}

static void structure(struct check *k, const struct check_row *row)
{
    ask_structure(k, 0, row->value, 0, 8);
    check_expect(k, refusal(k));
}

/* Steps 2 and 3 come before the disc: the field is wrong with or without one. */
static void fields_first(struct check *k, const struct check_row *row)
{
    const uint8_t list[4] = {0, 14};

    (void)row;
    ask_report_key(k, 0, 0x07, 0, 8);
    check_expect(k, CDB_FIELD);
    ask_structure(k, 0, 0x7f, 0, 8);
    check_expect(k, CDB_FIELD);
    ask_send_key(k, 0, KEY_CHALLENGE, list, sizeof(list));
    check_expect(k, LIST_LENGTH);
}

static void rpc_state(struct check *k, const struct check_row *row)
{
    struct region_state state;

    (void)row;
    ask_region(k, &state);
}

/* clang-format off */
#define REPORT(word, format)                                                                       \
    {"empty.report-" word, "mmc-spec 1.2", CHECK_EMPTY, report_key, NULL, format},                 \
    {"cd.report-" word, "mmc-spec 9", CHECK_CD, report_key, NULL, format}
#define STRUCTURE(word, format)                                                                    \
    {"empty.structure-" word, "mmc-spec 5", CHECK_EMPTY, structure, NULL, format},                 \
    {"cd.structure-" word, "mmc-spec 5", CHECK_CD, structure, NULL, format}
#define BOTH(word, clause, function)                                                               \
    {"empty." word, clause, CHECK_EMPTY, function, NULL, 0},                                       \
    {"cd." word, clause, CHECK_CD, function, NULL, 0}

static const struct check_row rows[] = {
    {"empty.not-ready",       "mmc-spec 6.2", CHECK_EMPTY, not_ready, NULL, 0},
    {"empty.read-capacity",   "mmc-spec 6",   CHECK_EMPTY, read_capacity, NULL, 0},
    {"empty.read-10",         "mmc-spec 6",   CHECK_EMPTY, read_block, NULL, 0},
    REPORT("agid", KEY_AGID),
    REPORT("drive-challenge", KEY_CHALLENGE),
    REPORT("key1", KEY_KEY1),
    REPORT("title-key", KEY_TITLE_KEY),
    REPORT("asf", KEY_ASF),
    BOTH("send-challenge", "mmc-spec 1.5", send_challenge),
    BOTH("send-key2", "mmc-spec 1.5", send_key2),
    STRUCTURE("physical", STRUCTURE_PHYSICAL),
    STRUCTURE("copyright", STRUCTURE_COPYRIGHT),
    STRUCTURE("disc-key", STRUCTURE_DISC_KEY),
    STRUCTURE("manufacturing", STRUCTURE_MANUFACTURING),
    STRUCTURE("list", STRUCTURE_LIST),
    BOTH("fields-first", "mmc-spec 1.5", fields_first),
    BOTH("rpc-state", "mmc-spec 9", rpc_state),
};
/* clang-format on */

const struct check_theme check_theme_no_disc = {rows, ROWS_OF(rows)};
