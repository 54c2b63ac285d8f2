/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * golden_inputs commands|keys FOLDER FILE...: an input of that target for each block of golden
 * command files (tests/golden), written into FOLDER as FILE-LINE: the block's state is reached by
 * steps and events as far as the target has them, then the block's command is sent.
 */
#include "bends.h"

#include "emulator/commands.h"
#include "tests/support/golden_args.h"
#include "tests/support/golden_file.h"

#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES_MAX 4096
#define PATH_BYTES      4096
#define QUIRKS_AT       3
#define ROOM_LARGE      1
#define ROOM_USUAL      0

/* As fuzz_commands.c and fuzz_keys.c read them. */
enum { COMMAND, COMMAND_OF_LENGTHS, GO_ON, EVENT };
enum { WITH_DISC_KEY = 0x40, TO_BUS_KEY = 0x80 };
enum { KEYS_TO_BUS_KEY = HOST_STEPS + 1, KEYS_EVENT, KEYS_NEXT, KEYS_TO_DISC_KEY };
enum { RESET, EJECT, EJECT_FORCED, INSERT_OTHER = 4, NEXUS = 6, WAIT_100_MS = 10 };

struct writing {
    bool keys;
    const struct golden_block *block;
    uint8_t bytes[INPUT_BYTES_MAX];
    size_t count;
};

static void put(struct writing *w, uint8_t byte)
{
    if (w->count < sizeof(w->bytes)) {
        w->bytes[w->count++] = byte;
    }
}

/* ---- the drive's beginning ---- */

static const struct golden_word *word_of(const struct golden_block *b, const char *name)
{
    for (size_t i = 0; i < b->drive.count; i++) {
        if (strcmp(b->drive.word[i].arg[0], name) == 0) {
            return &b->drive.word[i];
        }
    }
    return NULL;
}

/* Place of a word in a list with blanks between; -1: it is not in it. */
static int place_of(const char *words, const char *word)
{
    int place = 0;

    for (const char *at = words; *at; place++) {
        const size_t bytes = strcspn(at, " ");

        if (strlen(word) == bytes && strncmp(at, word, bytes) == 0) {
            return place;
        }
        at += bytes + (at[bytes] == ' ');
    }
    return -1;
}

static void put_quirk(struct writing *w, const struct golden_word *word)
{
    for (unsigned id = 0; word->count == 3 && id < ORACLE_QUIRKS; id++) {
        const int place = strcmp(oracle_quirk_rows[id].key, word->arg[1]) == 0
                              ? place_of(oracle_quirk_rows[id].values, word->arg[2])
                              : -1;

        if (place >= 0) {
            put(w, (uint8_t)id);
            put(w, (uint8_t)place);
            w->bytes[QUIRKS_AT - 1]++;
        }
    }
}

static void put_disc(struct writing *w)
{
    static const struct {
        const char *word;
        uint8_t kind;
    } kinds[] = {{"absent", 3}, {"cd", 4}, {"plain", 2}};
    const struct golden_block *b = w->block;
    const struct golden_word *rmi = word_of(b, "rmi");
    const bool bad = word_of(b, "bad") != NULL;
    uint8_t mask = 0;

    if (word_of(b, "css")) {
        put(w, bad ? 5 : 0);
        put(w, rmi && golden_byte(rmi->arg[1], &mask) ? mask : 0);
        return;
    }
    for (size_t i = 0; !bad && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (word_of(b, kinds[i].word)) {
            put(w, kinds[i].kind);
            put(w, 0xff);
            return;
        }
    }
    put(w, bad ? 6 : 2);
    put(w, 0xff);
}

static void put_head(struct writing *w)
{
    const struct golden_block *b = w->block;

    put(w, 0);
    put(w, 0);
    put(w, (word_of(b, "empty") || b->drive.count == 0 ? 0x10 : 0) |
               (word_of(b, "attention") ? 0x20 : 0));
    for (size_t i = 0; i < b->drive.count; i++) {
        if (strcmp(b->drive.word[i].arg[0], "quirk") == 0) {
            put_quirk(w, &b->drive.word[i]);
        }
    }
    put_disc(w);
    put(w, 0); /* the other disc: CSS, every region */
    put(w, 0);
}

/* ---- its state ---- */

static void put_event(struct writing *w, uint8_t event)
{
    if (w->keys) {
        put(w, KEYS_EVENT);
        put(w, event);
    } else {
        put(w, (uint8_t)(event << 4 | EVENT));
    }
}

static void put_next(struct writing *w, unsigned agid)
{
    if (w->keys) {
        put(w, (uint8_t)(agid << 6 | KEYS_NEXT));
        put(w, 1);
    } else {
        put(w, (uint8_t)(agid << 4 | GO_ON));
    }
}

static void put_authenticated(struct writing *w)
{
    if (w->keys) {
        put(w, KEYS_TO_BUS_KEY);
        put(w, 0);
        put(w, KEYS_TO_DISC_KEY);
        put(w, 0);
    } else {
        put(w, TO_BUS_KEY | WITH_DISC_KEY | GO_ON);
    }
}

static void put_cdb(struct writing *w, const uint8_t *cdb, size_t bytes)
{
    put(w, COMMAND);
    for (size_t i = 0; i < bytes; i++) {
        put(w, cdb[i]);
    }
}

static void put_invalidate(struct writing *w, unsigned agid)
{
    const uint8_t cdb[12] = {[0] = 0xa4, [10] = (uint8_t)(agid << 6 | 0x3f)};

    if (w->keys) {
        put(w, (uint8_t)(agid << 6 | STEP_INVALIDATE));
        put(w, 0);
    } else {
        put_cdb(w, cdb, sizeof(cdb));
    }
}

/* All AGIDs up to the highest are granted in order; then each goes where it should. */
static void put_slots(struct writing *w)
{
    unsigned wanted[ORACLE_SLOTS] = {0}, last = 0;

    for (size_t i = 0; i < w->block->drive.count; i++) {
        const struct golden_word *word = &w->block->drive.word[i];
        unsigned long slot;

        if (strcmp(word->arg[0], "agid") == 0 && word->count == 3 &&
            golden_slot(word->arg[1], &slot) && golden_agid_state(word->arg[2], &wanted[slot])) {
            last = slot + 1 > last ? (unsigned)slot + 1 : last;
        }
    }
    for (unsigned n = 0; n < last; n++) {
        put_next(w, n);
    }
    for (unsigned n = 0; n < last; n++) {
        for (unsigned step = 1; step < wanted[n]; step++) {
            put_next(w, n);
        }
        if (wanted[n] == 0) {
            put_invalidate(w, n);
        }
    }
}

static void put_prevent(struct writing *w)
{
    const struct golden_word *word = word_of(w->block, "prevent");
    uint8_t cdb[6] = {0x1e, 0, 0, 0, 1, 0};

    if (word && !w->keys) {
        cdb[4] = word->count > 1 && strcmp(word->arg[1], "persistent") == 0 ? 3 : 1;
        put_cdb(w, cdb, sizeof(cdb));
    }
}

static void put_state(struct writing *w)
{
    static const uint8_t open_tray[6] = {0x1b, 0, 0, 0, 2, 0};

    if (word_of(w->block, "asf") || word_of(w->block, "sent")) {
        put_authenticated(w);
    }
    put_slots(w);
    put_prevent(w);
    if (word_of(w->block, "open") && !w->keys) {
        put_cdb(w, open_tray, sizeof(open_tray));
    }
    if (word_of(w->block, "time")) {
        put_event(w, WAIT_100_MS);
    }
}

/* ---- its command ---- */

static void put_command(struct writing *w)
{
    const struct golden_block *b = w->block;
    const uint8_t opcode = (uint8_t)b->cdb.item[0];
    const struct scsi_command *row = &mmc_commands[opcode];
    const bool natural = row->cdb_bytes == b->cdb.count && row->alloc.out == b->has_out;

    put(w, (uint8_t)((b->in.count > 4096 ? ROOM_LARGE : ROOM_USUAL) << 4 |
                     (natural ? COMMAND : COMMAND_OF_LENGTHS)));
    if (!natural) {
        put(w, (uint8_t)(b->cdb.count - 1));
        put(w, (uint8_t)b->out.count);
    }
    for (size_t i = 0; i < b->cdb.count; i++) {
        put(w, (uint8_t)b->cdb.item[i]);
    }
    for (size_t i = 0; i < b->out.count; i++) {
        put(w, (uint8_t)b->out.item[i]);
    }
}

/* False: the block's command is no step of an exchange. */
static bool put_step(struct writing *w)
{
    const struct golden_block *b = w->block;
    const struct oracle nothing = {.asf = false};
    struct step_command c;

    for (unsigned step = 0; b->cdb.count >= 11 && step < HOST_STEPS; step++) {
        const size_t format_at = step == STEP_DISC_KEY ? 7 : 10;

        host_step_make(&c, &nothing, (enum host_step)step, 0, 0, 0);
        if (c.cdb[0] == b->cdb.item[0] &&
            c.cdb[format_at] == (b->cdb.item[format_at] & (format_at == 10 ? 0x3f : 0xff))) {
            put(w, (uint8_t)((b->cdb.item[10] & 0xc0) | step));
            put(w, (uint8_t)(b->cdb.item[5] & 0x1f));
            return true;
        }
    }
    return false;
}

static bool put_act(struct writing *w)
{
    static const struct {
        const char *word;
        uint8_t event;
    } acts[] = {{"reset", RESET},  {"insert", INSERT_OTHER}, {"login", NEXUS},
                {"logout", NEXUS}, {"time", WAIT_100_MS},    {"eject", EJECT}};
    const struct golden_word *word = &w->block->act.word[0];

    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(acts[i].word, word->arg[0]) == 0) {
            put_event(w, acts[i].event == EJECT && word->count > 1 ? EJECT_FORCED : acts[i].event);
            return true;
        }
    }
    return false;
}

static bool put_block(struct writing *w)
{
    put_head(w);
    put_state(w);
    if (w->block->act.count) {
        return put_act(w);
    }
    if (w->keys) {
        return put_step(w);
    }
    put_command(w);
    return true;
}

/* ---- files ---- */

static bool write_input(const struct writing *w, const char *folder)
{
    const char *slash = strrchr(w->block->file, '/');
    const char *name = slash ? slash + 1 : w->block->file;
    char path[PATH_BYTES];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%.*s-%u", folder, (int)strcspn(name, "."), name,
             w->block->line);
    f = fopen(path, "wb");
    if (!f || fwrite(w->bytes, 1, w->count, f) != w->count || fclose(f) != 0) {
        perror(path);
        return false;
    }
    return true;
}

static bool write_file(const struct golden_file *file, bool keys, const char *folder)
{
    for (size_t i = 0; i < file->count; i++) {
        struct writing w = {.keys = keys, .block = &file->block[i]};

        if (put_block(&w) && !write_input(&w, folder)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    bool good = argc >= 4;

    if (!good) {
        fprintf(stderr, "usage: golden_inputs commands|keys FOLDER FILE...\n");
        return 2;
    }
    for (int i = 3; good && i < argc; i++) {
        struct golden_file file;

        good = golden_file_read(&file, argv[i]) &&
               write_file(&file, strcmp(argv[1], "keys") == 0, argv[2]);
        golden_file_free(&file);
    }
    return good ? 0 : 1;
}
