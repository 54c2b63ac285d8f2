/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden_cover.h"

#include "emulator/commands.h"
#include "host_css.h"
#include "scsi/opcodes.h"

#include <stdio.h>
#include <string.h>

#define KEY2_AT 4 /* in the parameter list of SEND KEY 03h */

/* Which command is which event; a KEY2 is right until its list shows otherwise. */
static const struct event_row {
    uint8_t opcode, format_at, format;
    uint8_t event; /* enum agid_event */
} event_rows[] = {
    {OP_REPORT_KEY, 10, KEY_AGID, AGID_EV_GRANT},
    {OP_SEND_KEY, 10, KEY_CHALLENGE, AGID_EV_HOST_CHALLENGE},
    {OP_REPORT_KEY, 10, KEY_KEY1, AGID_EV_READ_KEY1},
    {OP_REPORT_KEY, 10, KEY_CHALLENGE, AGID_EV_READ_CHALLENGE},
    {OP_SEND_KEY, 10, KEY_KEY2, AGID_EV_KEY2_OK},
    {OP_REPORT_KEY, 10, KEY_TITLE_KEY, AGID_EV_READ_KEY},
    {OP_READ_DVD_STRUCTURE, 7, STRUCTURE_DISC_KEY, AGID_EV_READ_KEY},
    {OP_REPORT_KEY, 10, KEY_INVALIDATE, AGID_EV_INVALIDATE},
    {OP_SEND_KEY, 10, KEY_INVALIDATE, AGID_EV_INVALIDATE},
};

/* The format sits in the low bits of its byte; READ DVD STRUCTURE has a byte of its own for it. */
static const struct event_row *event_of(const uint8_t *cdb)
{
    for (size_t i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++) {
        const struct event_row *row = &event_rows[i];
        const uint8_t format = cdb[row->format_at] & (row->format_at == 10 ? 0x3f : 0xff);

        if (row->opcode == cdb[0] && row->format == format) {
            return row;
        }
    }
    return NULL;
}

static bool key2_is_right(const struct golden_block *b, unsigned slot)
{
    const struct golden_exchange *e = &golden_exchanges[slot];
    uint8_t key2[HOST_CSS_KEY_BYTES];

    host_css_key2(e->variant, e->drive.b, key2);
    for (size_t i = 0; i < sizeof(key2); i++) {
        if (b->out.count <= KEY2_AT + i || b->out.item[KEY2_AT + i] != key2[i]) {
            return false;
        }
    }
    return true;
}

/* Senses that say: not in this state. */
static bool refuses_step(struct scsi_sense sense)
{
    return sense_is(sense, SENSE_SEQUENCE_ERROR) || sense_is(sense, SENSE_KEY_NOT_ESTABLISHED) ||
           (sense_is(sense, SENSE_INVALID_FIELD_IN_CDB) && sense.field_byte == 10);
}

static bool accepts_step(enum agid_event event, struct scsi_sense sense)
{
    return event == AGID_EV_KEY2_BAD ? sense_is(sense, SENSE_AUTHENTICATION_FAILURE) : !sense.check;
}

/* A cell is shown by an outcome that only this cell explains. */
static void count_step(struct golden_cover *cover, const struct golden_drive *g, unsigned slot,
                       enum agid_event event, struct scsi_sense sense)
{
    const unsigned was = g->before.agids[slot].state, is = g->drive.state.agids[slot].state;
    const struct agid_cell cell = agid_standard.cells[was][event];

    if (cell.action == AGID_REFUSE ? refuses_step(sense) && is == was
                                   : accepts_step(event, sense) && is == cell.next) {
        cover->cell[was][event] = true;
    }
}

/* The pool looks at its slots in order: those in front of the one granted have refused. */
static void count_grant(struct golden_cover *cover, const struct golden_drive *g,
                        struct scsi_sense sense)
{
    if (sense.check && !sense_is(sense, SENSE_NO_AGID_AVAILABLE)) {
        return;
    }
    for (unsigned slot = 0; slot < DRIVE_AGIDS; slot++) {
        const unsigned was = g->before.agids[slot].state;

        cover->cell[was][AGID_EV_GRANT] = true;
        if (was == AGID_FREE) {
            return;
        }
    }
}

static void count_reset(struct golden_cover *cover, const struct golden_drive *g)
{
    for (unsigned slot = 0; slot < DRIVE_AGIDS; slot++) {
        if (g->drive.state.agids[slot].state == AGID_FREE) {
            cover->cell[g->before.agids[slot].state][AGID_EV_RESET] = true;
        }
    }
}

/* The value's place in its row; of other types than a choice any value is the one. */
static size_t value_index(const struct quirk_row *row, const char *value)
{
    size_t i = 0;

    while (row->type == QUIRK_CHOICE && strcmp(row->values[i], value) != 0) {
        i++;
    }
    return i;
}

static bool count_quirks(struct golden_cover *cover, const struct golden_words *words)
{
    bool any = false;

    for (size_t i = 0; i < words->count; i++) {
        if (golden_word_is_quirk(&words->word[i])) {
            const struct quirk_row *row = quirk_find(words->word[i].arg[1]);

            cover->quirk[row - quirk_rows][value_index(row, words->word[i].arg[2])] = true;
            any = true;
        }
    }
    return any;
}

void golden_cover_block(struct golden_cover *cover, const struct golden_block *b,
                        const struct golden_drive *g, struct scsi_sense sense)
{
    const bool removed = g->before.disc_in && !g->before.tray_open && !drive_has_medium(&g->drive);
    const bool quirky = count_quirks(cover, &b->drive);
    uint8_t cdb[SCSI_CDB_BYTES_MAX] = {0};
    const struct event_row *row;
    unsigned slot;

    if (quirky) {
        return; /* not the standard's table */
    }
    if (removed || (b->act.count && strcmp(b->act.word[0].arg[0], "reset") == 0)) {
        count_reset(cover, g);
    }
    if (b->act.count) {
        return;
    }
    golden_bytes_copy(&b->cdb, cdb);
    cover->row[cdb[0]] |= !sense.check;
    row = event_of(cdb);
    slot = cdb[10] >> 6;
    if (row && row->event == AGID_EV_GRANT) {
        count_grant(cover, g, sense);
    } else if (row && row->event == AGID_EV_KEY2_OK && !key2_is_right(b, slot)) {
        count_step(cover, g, slot, AGID_EV_KEY2_BAD, sense);
    } else if (row) {
        count_step(cover, g, slot, (enum agid_event)row->event, sense);
    }
}

/* A value that is neither the default nor the business of the drive's owner wants a block. */
static bool wants_block(const struct quirk_row *row, size_t value)
{
    if (strcmp(row->changes, QUIRK_OF_THE_OWNER) == 0 || strcmp(row->changes, QUIRK_OF_TIME) == 0) {
        return false;
    }
    return row->type == QUIRK_CHOICE ? strcmp(row->values[value], row->initial) != 0 : value == 0;
}

static unsigned missing_quirks(const struct golden_cover *cover)
{
    unsigned missing = 0;

    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        for (size_t i = 0; row->values[i]; i++) {
            if (wants_block(row, i) && !cover->quirk[row - quirk_rows][i]) {
                printf("missing: a block with quirk %s %s\n", row->name, row->values[i]);
                missing++;
            }
        }
    }
    return missing;
}

unsigned golden_cover_missing(const struct golden_cover *cover)
{
    unsigned missing = missing_quirks(cover);

    for (size_t i = 0; i < SCSI_OPCODES; i++) {
        if (mmc_commands[i].cdb_bytes && !cover->row[i]) {
            printf("missing: a good %s (%02zXh)\n", mmc_commands[i].name, i);
            missing++;
        }
    }
    for (unsigned s = 0; s < AGID_STATES; s++) {
        for (unsigned e = 0; e < AGID_EVENTS; e++) {
            if (!cover->cell[s][e]) {
                printf("missing: %s in state %s\n", agid_event_name((enum agid_event)e),
                       agid_state_name((enum agid_state)s));
                missing++;
            }
        }
    }
    return missing;
}
