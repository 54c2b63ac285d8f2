/* SPDX-License-Identifier: GPL-2.0-only */
#include "walk_cover.h"

#include <inttypes.h>
#include <stdlib.h>

#define NO_FORMAT      0xffffu
#define OTHER_FORMAT   0xfffeu
#define UNKNOWN_OPCODE 0xffffffu

/* Formats that are counted one by one; the others of an operation code together. */
static uint32_t format_of(const struct oracle_command *c)
{
    static const uint64_t key_formats = 1ull << 0x3f | 1u << 0x08 | 1u << 0x06 | 1u << 0x05 |
                                        1u << 0x04 | 1u << 0x03 | 1u << 0x02 | 1u << 0x01 | 1u;

    if ((c->cdb[0] == 0xa3 || c->cdb[0] == 0xa4) && c->cdb_bytes > 10) {
        const uint32_t format = c->cdb[10] & 0x3fu;

        return key_formats >> format & 1 ? format : OTHER_FORMAT;
    }
    if (c->cdb[0] == 0xad && c->cdb_bytes > 7) {
        return c->cdb[7] <= 0x05 || c->cdb[7] == 0xff ? c->cdb[7] : OTHER_FORMAT;
    }
    return NO_FORMAT;
}

static uint32_t label_of(const struct oracle_command *c, const struct oracle_note *note)
{
    if (note->judged && note->rule == ORACLE_UNKNOWN_OPCODE) {
        return UNKNOWN_OPCODE;
    }
    return (uint32_t)c->cdb[0] << 16 | format_of(c);
}

static void count_outcome(struct walk_cover *cover, uint32_t label, uint32_t sense)
{
    size_t i = 0;

    while (i < cover->outcome_count &&
           !(cover->outcomes[i].label == label && cover->outcomes[i].sense == sense)) {
        i++;
    }
    if (i == WALK_OUTCOMES_MAX) {
        return;
    }
    if (i == cover->outcome_count) {
        cover->outcomes[i] = (struct walk_outcome){label, sense, 0};
        cover->outcome_count++;
    }
    cover->outcomes[i].count++;
}

void walk_cover_command(struct walk_cover *cover, const struct oracle_command *c,
                        const struct oracle_answer *a, const struct oracle_note *note)
{
    const uint32_t sense =
        a->check ? (uint32_t)a->key << 16 | (uint32_t)a->asc << 8 | a->ascq : WALK_GOOD;

    count_outcome(cover, label_of(c, note), sense);
    if (!note->judged) {
        cover->not_judged++;
        return;
    }
    cover->judged++;
    cover->rules[note->rule]++;
    if (note->exchange) {
        cover->cells[note->row][note->from]++;
    }
}

void walk_cover_event(struct walk_cover *cover, const struct oracle *o)
{
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        cover->event[o->slot[n].state]++;
    }
}

/* ---- print ---- */

/* KEY2 is right for a challenge; before there is one it cannot be. */
static bool cannot_be(enum oracle_row row, unsigned state)
{
    return row == ORACLE_ROW_SEND_03_RIGHT && state < ORACLE_DCHAL;
}

static unsigned print_row(FILE *out, const char *name, const uint64_t *counts, int row)
{
    unsigned missing = 0;

    fprintf(out, "%-20s", name);
    for (unsigned s = 0; s < ORACLE_SLOT_STATES; s++) {
        if (row >= 0 && cannot_be((enum oracle_row)row, s)) {
            fprintf(out, "%9s", "-");
            continue;
        }
        fprintf(out, "%9" PRIu64, counts[s]);
        missing += counts[s] == 0 && row != ORACLE_ROW_TITLE_ASF;
    }
    fprintf(out, "\n");
    return missing;
}

static unsigned print_cells(const struct walk_cover *cover, FILE *out)
{
    unsigned missing = 0;

    fprintf(out, "%-20s", "mmc-spec 2.3");
    for (unsigned s = 0; s < ORACLE_SLOT_STATES; s++) {
        fprintf(out, "%9s", oracle_slot_state_name((enum oracle_slot_state)s));
    }
    fprintf(out, "\n");
    for (int row = 0; row < ORACLE_ROWS; row++) {
        missing += print_row(out, oracle_row_name((enum oracle_row)row), cover->cells[row], row);
    }
    return missing + print_row(out, "invalidating event", cover->event, -1);
}

static int by_label(const void *a, const void *b)
{
    const struct walk_outcome *one = a, *two = b;

    if (one->label != two->label) {
        return one->label < two->label ? -1 : 1;
    }
    return one->count > two->count ? -1 : one->count < two->count;
}

static void print_label(FILE *out, uint32_t label)
{
    const uint32_t format = label & 0xffff;

    if (label == UNKNOWN_OPCODE) {
        fprintf(out, "\nunknown  ");
    } else if (format == NO_FORMAT) {
        fprintf(out, "\n%02X       ", label >> 16);
    } else if (format == OTHER_FORMAT) {
        fprintf(out, "\n%02X other ", label >> 16);
    } else {
        fprintf(out, "\n%02X %02Xh   ", label >> 16, format);
    }
}

static void print_outcomes(const struct walk_cover *cover, FILE *out)
{
    struct walk_outcome sorted[WALK_OUTCOMES_MAX];

    for (size_t i = 0; i < cover->outcome_count; i++) {
        sorted[i] = cover->outcomes[i];
    }
    qsort(sorted, cover->outcome_count, sizeof(sorted[0]), by_label);
    fprintf(out, "\noperation code, format: outcomes");
    for (size_t i = 0; i < cover->outcome_count; i++) {
        const struct walk_outcome *o = &sorted[i];

        if (i == 0 || o->label != sorted[i - 1].label) {
            print_label(out, o->label);
        }
        if (o->sense == WALK_GOOD) {
            fprintf(out, " GOOD %" PRIu64, o->count);
        } else {
            fprintf(out, " %02X/%02X/%02X %" PRIu64, o->sense >> 16, o->sense >> 8 & 0xff,
                    o->sense & 0xff, o->count);
        }
    }
    fprintf(out, "\n");
}

/* Rules that no right answer can fall under. */
static bool is_only_broken(enum oracle_rule rule)
{
    return rule <= ORACLE_I4_REFUSAL_CHANGES_NOTHING || rule == ORACLE_ATTENTION_HELD_BACK ||
           rule == ORACLE_ATTENTION_NOT_PENDING || rule == ORACLE_DRIVE_CHALLENGE_FRESH ||
           rule >= ORACLE_STATE_OF_SLOT;
}

static void print_rules(const struct walk_cover *cover, FILE *out)
{
    unsigned met = 0, all = 0;

    fprintf(out, "\nrules not met:");
    for (int rule = 0; rule < ORACLE_RULE_COUNT; rule++) {
        if (is_only_broken((enum oracle_rule)rule)) {
            continue;
        }
        all++;
        met += cover->rules[rule] != 0;
        if (!cover->rules[rule]) {
            fprintf(out, " %s", oracle_rule_rows[rule].name);
        }
    }
    fprintf(out, "\nrules met: %u of %u\n", met, all);
}

unsigned walk_cover_print(const struct walk_cover *cover, FILE *out)
{
    const unsigned missing = print_cells(cover, out);

    print_outcomes(cover, out);
    print_rules(cover, out);
    return missing;
}
