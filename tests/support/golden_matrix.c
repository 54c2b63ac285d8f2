/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden_matrix.h"

#include "emulator/commands.h"
#include "golden_args.h"
#include "golden_drive.h"
#include "scsi/opcodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_FORMAT   (-1)
#define FORMAT_MASK 0x3f /* of REPORT KEY and SEND KEY, CDB byte 10 */

bool golden_matrix_read(struct drive_config *config, const char *path, char *error)
{
    struct personality golden, *mine = &config->personality;
    struct drive_config_list list;
    struct drive_config initial;

    if (!drive_config_read(&list, path, error)) {
        return false;
    }
    *config = list.rows[0];
    drive_config_list_free(&list);
    golden_personality(&golden);
    drive_config_init(&initial);
    memcpy(mine->serial, golden.serial, sizeof(mine->serial));
    if (strcmp(mine->firmware_date, initial.personality.firmware_date) == 0) {
        memcpy(mine->firmware_date, golden.firmware_date, sizeof(mine->firmware_date));
    }
    return true;
}

static bool has_agid(const struct quirks *q, unsigned long agid)
{
    return q->agid_order == AGID_LOWEST ? agid < q->agid_count
                                        : DRIVE_AGIDS - 1 - agid < q->agid_count;
}

bool golden_matrix_applies(const struct drive_config *config, const struct golden_block *b)
{
    for (size_t i = 0; i < b->drive.count; i++) {
        const struct golden_word *w = &b->drive.word[i];
        unsigned long agid;

        if (golden_word_is_quirk(w)) {
            return false;
        }
        if (strcmp(w->arg[0], "agid") == 0 && golden_slot(w->arg[1], &agid) &&
            !has_agid(&config->personality.quirks, agid)) {
            return false;
        }
    }
    return true;
}

/* What a block asks for: a command by its name, with its format if it has one; or an event. */
struct subject {
    const char *name;
    int format;
};

static struct subject subject_of(const struct golden_block *b)
{
    const uint16_t *cdb = b->cdb.item;
    struct subject s = {"", NO_FORMAT};

    if (b->act.count) {
        s.name = b->act.word[0].arg[0];
    } else if (mmc_commands[cdb[0] & 0xff].cdb_bytes) {
        s.name = mmc_commands[cdb[0] & 0xff].name;
        if (cdb[0] == OP_REPORT_KEY || cdb[0] == OP_SEND_KEY) {
            s.format = cdb[10] & FORMAT_MASK;
        } else if (cdb[0] == OP_READ_DVD_STRUCTURE) {
            s.format = cdb[7];
        }
    }
    return s;
}

/* One item, `REPORT KEY 00h 01h` or `INQUIRY`; without formats it means all of them. */
static bool item_names(const char *item, size_t bytes, struct subject s)
{
    const size_t name_bytes = strlen(s.name);
    const char *at = item + name_bytes, *end = item + bytes;

    if (name_bytes == 0 || bytes < name_bytes || memcmp(item, s.name, name_bytes) != 0) {
        return false;
    }
    if (at == end) {
        return true;
    }
    for (; at < end && *at == ' '; at += sizeof(" 00h") - 1) {
        if (strtol(at + 1, NULL, 16) == s.format) {
            return true;
        }
    }
    return false;
}

static bool changes_name(const char *changes, struct subject s)
{
    while (changes && *changes) {
        const size_t bytes = strcspn(changes, ",");

        if (item_names(changes, bytes, s)) {
            return true;
        }
        changes += bytes;
        changes += strspn(changes, ", ");
    }
    return false;
}

/* A walk over all keys of two configurations: the first that differs and names the subject. */
struct search {
    struct drive_config usual;
    struct subject subject;
    const char *found;
};

static const char *changes_of(const char *key)
{
    const struct quirk_row *quirk = quirk_find(key);

    for (const struct config_key *k = drive_config_keys; k->name; k++) {
        if (strcmp(k->name, key) == 0) {
            return k->changes;
        }
    }
    return quirk ? quirk->changes : NULL;
}

static void look_at(void *ctx, const char *key, const char *value)
{
    struct search *s = ctx;
    struct drive_config other = s->usual;
    char why[INI_ERROR_BYTES];

    if (!s->found && drive_config_set(&other, key, value, why) &&
        memcmp(&other.personality, &s->usual.personality, sizeof(other.personality)) != 0 &&
        changes_name(changes_of(key), s->subject)) {
        s->found = key;
    }
}

const char *golden_matrix_explains(const struct drive_config *config, const struct golden_block *b)
{
    struct search s = {.subject = subject_of(b)};

    drive_config_init(&s.usual);
    golden_personality(&s.usual.personality);
    drive_config_each(config, look_at, &s);
    return s.found;
}
