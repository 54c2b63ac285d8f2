/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dictionary for the fuzzers (AFL++ and libFuzzer read the same form), made anew for each run:
 *   dictionary commands       every operation code of the table, every key format that is known
 *   dictionary keys           every step and bend of fuzz_keys.c
 *   dictionary words FILE...  every word of those texts
 */
#include "bends.h"

#include "emulator/commands.h"
#include "scsi/opcodes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define CDB_BYTES  12
#define FORMATS    64
#define FORMAT_AT  10
#define LENGTH_AT  9
#define LENGTH     16
#define WORD_BYTES 64
#define WORDS_MAX  4096
#define BENT       0x20
#define WORD_SHORT 2

static void print_entry(const char *name, unsigned number, const uint8_t *bytes, size_t count)
{
    printf("%s_%02x=\"", name, number);
    for (size_t i = 0; i < count; i++) {
        printf("\\x%02x", bytes[i]);
    }
    printf("\"\n");
}

/* ---- commands: an action byte 0 in front, as fuzz_commands.c reads them ---- */

static void print_opcodes(void)
{
    for (unsigned opcode = 0; opcode < SCSI_OPCODES; opcode++) {
        const struct scsi_command *row = &mmc_commands[opcode];
        uint8_t action[1 + SCSI_CDB_BYTES_MAX] = {0, (uint8_t)opcode};

        if (row->cdb_bytes && row->alloc.width) {
            action[1 + row->alloc.byte + row->alloc.width - 1] = LENGTH;
        }
        if (row->cdb_bytes) {
            print_entry("opcode", opcode, action, 1u + row->cdb_bytes);
        }
    }
}

typedef struct scsi_sense check_fn(struct drive *d, struct scsi_request *rq);

/* Whether the drive's own table has that key format: it is asked. */
static bool is_known(check_fn *check, const uint8_t *cdb)
{
    static const uint8_t list[LENGTH];
    struct scsi_request rq = {.cdb = cdb,
                              .cdb_bytes = CDB_BYTES,
                              .out = list,
                              .out_bytes = sizeof(list),
                              .param_bytes = sizeof(list)};

    return !check(NULL, &rq).check;
}

static void print_formats(const char *name, uint8_t opcode, check_fn *check)
{
    for (unsigned format = 0; format < FORMATS; format++) {
        uint8_t action[1 + CDB_BYTES] = {0, opcode};

        action[1 + LENGTH_AT] = LENGTH;
        action[1 + FORMAT_AT] = (uint8_t)format;
        if (is_known(check, action + 1)) {
            print_entry(name, format, action, sizeof(action));
        }
    }
}

static void print_commands(void)
{
    print_opcodes();
    print_formats("report_key", OP_REPORT_KEY, check_report_key);
    print_formats("send_key", OP_SEND_KEY, check_send_key);
}

/* ---- keys: steps of two bytes, three when bent ---- */

static void print_keys(void)
{
    for (unsigned step = 0; step < HOST_STEPS; step++) {
        const uint8_t right[] = {(uint8_t)step, 1};

        print_entry("step", step, right, sizeof(right));
    }
    for (unsigned bend = 1; bend < BENDS; bend++) {
        const uint8_t bent[] = {STEP_KEY2, (uint8_t)(BENT | bend), 1};

        print_entry("bent_key2", bend, bent, sizeof(bent));
    }
}

/* ---- words of texts ---- */

struct words {
    char word[WORDS_MAX][WORD_BYTES];
    size_t count;
};

static void keep_word(struct words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->word[i], word) == 0) {
            return;
        }
    }
    if (strlen(word) >= WORD_SHORT && words->count < WORDS_MAX) {
        snprintf(words->word[words->count++], WORD_BYTES, "%s", word);
    }
}

static bool read_words(struct words *words, const char *path)
{
    FILE *f = fopen(path, "r");
    char word[WORD_BYTES];
    size_t bytes = 0;

    if (!f) {
        perror(path);
        return false;
    }
    for (int c = 0; c != EOF;) {
        c = getc(f);
        if (c != EOF && (isalnum(c) || c == '_') && bytes < WORD_BYTES - 1) {
            word[bytes++] = (char)c;
            continue;
        }
        word[bytes] = 0;
        bytes = 0;
        keep_word(words, word);
    }
    fclose(f);
    return true;
}

static int print_words(char *const *paths)
{
    static struct words words;

    for (; *paths; paths++) {
        if (!read_words(&words, *paths)) {
            return 1;
        }
    }
    for (size_t i = 0; i < words.count; i++) {
        printf("\"%s\"\n", words.word[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "words") == 0) {
        return print_words(argv + 2);
    }
    if (argc == 2 && strcmp(argv[1], "commands") == 0) {
        print_commands();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "keys") == 0) {
        print_keys();
        return 0;
    }
    fprintf(stderr, "usage: dictionary commands | keys | words FILE...\n");
    return 2;
}
