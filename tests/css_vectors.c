/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs known answers through css.h. Format and origin of the files: tests/vectors/README.md. */
#include "css/css.h"
#include "emulator/css_choice.h"
#include "tests/support/lcg.h"
#include "tests/support/scalar_sector.h"

#include <dirent.h>
#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_UNUSABLE 2
#define FIELDS_MAX    18
#define HEX_MAX       32
#define AGID_SHIFT    6

enum field_type { HEX, DECIMAL, LETTER };

/* One field of a line; `size` is the length in bytes, or the largest number. */
struct field {
    const char *name;
    enum field_type type;
    unsigned size;
    const char *letters;
};

union value {
    uint8_t b[HEX_MAX];
    css_challenge challenge;
    css_key1 key1;
    css_key2 key2;
    css_bus_key bus;
    css_player_key player;
    css_disc_key disc;
    css_title_key title;
    css_wrapped_disc_key wrapped_disc;
    css_wrapped_title_key wrapped_title;
    unsigned number;
    char letter;
};

struct line {
    const char *path;
    unsigned number;
    const struct field *fields;
    union value v[FIELDS_MAX];
    bool failed;
};

struct vector_file {
    const char *name;
    const struct field *fields; /* ends with a NULL name */
    void (*check)(struct line *line);
};

struct tally {
    unsigned passed, failed;
};

static void print_hex(const char *label, const uint8_t *bytes, size_t count)
{
    printf("%s", label);
    for (size_t i = 0; i < count; i++) {
        printf("%02x", bytes[i]);
    }
}

/* `got` has as many bytes as the field. */
static void expect(struct line *line, unsigned field, const uint8_t *got)
{
    const struct field *f = &line->fields[field];

    if (memcmp(got, line->v[field].b, f->size) == 0) {
        return;
    }
    printf("%s:%u: %s: ", line->path, line->number, f->name);
    print_hex("expected ", line->v[field].b, f->size);
    print_hex(", got ", got, f->size);
    printf("\n");
    line->failed = true;
}

static void expect_true(struct line *line, bool holds, const char *what)
{
    if (!holds) {
        printf("%s:%u: %s\n", line->path, line->number, what);
        line->failed = true;
    }
}

static void expect_digest(struct line *line, unsigned field, const uint8_t *data, size_t bytes)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA2_CTX sha;

    SHA256Init(&sha);
    SHA256Update(&sha, data, bytes);
    SHA256Final(digest, &sha);
    expect(line, field, digest);
}

/* Fields in algorithm order are other fields of the line the other way round. */
static void expect_reversed(struct line *line, unsigned alg_field, const uint8_t *wire)
{
    const unsigned bytes = line->fields[alg_field].size;
    uint8_t reversed[HEX_MAX];

    for (unsigned i = 0; i < bytes; i++) {
        reversed[i] = wire[bytes - 1 - i];
    }
    expect(line, alg_field, reversed);
}

/* A data block of REPORT KEY or SEND KEY: length of the rest, two zeros, payload, zeros. */
static void expect_block(struct line *line, unsigned field, const uint8_t *payload, size_t bytes)
{
    uint8_t block[HEX_MAX] = {0, (uint8_t)(line->fields[field].size - 2)};

    memcpy(block + 4, payload, bytes);
    expect(line, field, block);
}

struct key_cdb {
    uint8_t opcode, alloc_bytes, format;
    unsigned agid, lba;
};

static void expect_cdb(struct line *line, unsigned field, struct key_cdb c)
{
    const uint8_t cdb[12] = {
        [0] = c.opcode,
        [2] = (uint8_t)(c.lba >> 24),
        [3] = (uint8_t)(c.lba >> 16),
        [4] = (uint8_t)(c.lba >> 8),
        [5] = (uint8_t)c.lba,
        [9] = c.alloc_bytes,
        [10] = (uint8_t)(c.agid << AGID_SHIFT | c.format),
    };

    expect(line, field, cdb);
}

/* ---- auth_key1.txt, auth_key2.txt ---- */

enum { AUTH_VARIANT, AUTH_CHALLENGE, AUTH_KEY, AUTH_CHALLENGE_ALG, AUTH_KEY_ALG };

static const struct field auth_fields[] = {
    [AUTH_VARIANT] = {"variant", DECIMAL, CSS_VARIANTS - 1, NULL},
    [AUTH_CHALLENGE] = {"challenge_wire", HEX, 10, NULL},
    [AUTH_KEY] = {"key_wire", HEX, 5, NULL},
    [AUTH_CHALLENGE_ALG] = {"challenge_alg", HEX, 10, NULL},
    [AUTH_KEY_ALG] = {"key_alg", HEX, 5, NULL},
    {NULL, HEX, 0, NULL},
};

static void check_auth_orders(struct line *line)
{
    expect_reversed(line, AUTH_CHALLENGE_ALG, line->v[AUTH_CHALLENGE].b);
    expect_reversed(line, AUTH_KEY_ALG, line->v[AUTH_KEY].b);
}

static void check_key1(struct line *line)
{
    const union value *v = line->v;

    expect(line, AUTH_KEY, css_make_key1(v[AUTH_VARIANT].number, &v[AUTH_CHALLENGE].challenge).b);
    check_auth_orders(line);
}

static void check_key2(struct line *line)
{
    const union value *v = line->v;
    const css_key2 key2 = css_make_key2(v[AUTH_VARIANT].number, &v[AUTH_CHALLENGE].challenge);

    expect(line, AUTH_KEY, key2.b);
    expect_true(line, css_key2_equal(&key2, &v[AUTH_KEY].key2), "css_key2_equal() says no");
    check_auth_orders(line);
}

/* ---- auth_buskey.txt ---- */

enum { BUS_VARIANT, BUS_KEY1, BUS_KEY2, BUS_KEY, BUS_INPUT_ALG, BUS_KEY_ALG };

static const struct field bus_fields[] = {
    [BUS_VARIANT] = {"variant", DECIMAL, CSS_VARIANTS - 1, NULL},
    [BUS_KEY1] = {"key1_wire", HEX, 5, NULL},
    [BUS_KEY2] = {"key2_wire", HEX, 5, NULL},
    [BUS_KEY] = {"buskey_wire", HEX, 5, NULL},
    [BUS_INPUT_ALG] = {"input_alg", HEX, 10, NULL},
    [BUS_KEY_ALG] = {"buskey_alg", HEX, 5, NULL},
    {NULL, HEX, 0, NULL},
};

static void check_bus_key(struct line *line)
{
    const union value *v = line->v;
    uint8_t input[2 * CSS_KEY_BYTES];

    expect(line, BUS_KEY,
           css_make_bus_key(v[BUS_VARIANT].number, &v[BUS_KEY1].key1, &v[BUS_KEY2].key2).b);
    memcpy(input, v[BUS_KEY2].b, CSS_KEY_BYTES);
    memcpy(input + CSS_KEY_BYTES, v[BUS_KEY1].b, CSS_KEY_BYTES);
    expect_reversed(line, BUS_INPUT_ALG, input);
    expect_reversed(line, BUS_KEY_ALG, v[BUS_KEY].b);
}

/* ---- handshake.txt ---- */

enum {
    HS_SOURCE,
    HS_VARIANT,
    HS_AGID,
    HS_HOST,
    HS_KEY1,
    HS_DRIVE,
    HS_KEY2,
    HS_BUS,
    HS_CDB_FIRST, /* five times a CDB and its data block */
    HS_END = HS_CDB_FIRST + 10,
};

static const struct field handshake_fields[HS_END + 1] = {
    [HS_SOURCE] = {"source", LETTER, 1, "RL"},
    [HS_VARIANT] = {"variant", DECIMAL, CSS_VARIANTS - 1, NULL},
    [HS_AGID] = {"agid", DECIMAL, 3, NULL},
    [HS_HOST] = {"host_challenge", HEX, 10, NULL},
    [HS_KEY1] = {"key1", HEX, 5, NULL},
    [HS_DRIVE] = {"drive_challenge", HEX, 10, NULL},
    [HS_KEY2] = {"key2", HEX, 5, NULL},
    [HS_BUS] = {"bus_key", HEX, 5, NULL},
    [HS_CDB_FIRST] = {"cdb_report_agid", HEX, 12, NULL},
    {"in_report_agid", HEX, 8, NULL},
    {"cdb_send_challenge", HEX, 12, NULL},
    {"out_send_challenge", HEX, 16, NULL},
    {"cdb_report_key1", HEX, 12, NULL},
    {"in_report_key1", HEX, 12, NULL},
    {"cdb_report_challenge", HEX, 12, NULL},
    {"in_report_challenge", HEX, 16, NULL},
    {"cdb_send_key2", HEX, 12, NULL},
    {"out_send_key2", HEX, 12, NULL},
    [HS_END] = {NULL, HEX, 0, NULL},
};

static void check_handshake(struct line *line)
{
    const union value *v = line->v;
    const unsigned variant = v[HS_VARIANT].number, agid = v[HS_AGID].number;
    const css_key1 key1 = css_make_key1(variant, &v[HS_HOST].challenge);
    const css_key2 key2 = css_make_key2(variant, &v[HS_DRIVE].challenge);
    const uint8_t agid_payload[4] = {0, 0, 0, (uint8_t)(agid << AGID_SHIFT)};
    const struct {
        struct key_cdb cdb;
        const uint8_t *payload;
        size_t bytes;
    } steps[] = {
        {{0xa4, 8, 0x00, 0, 0}, agid_payload, sizeof(agid_payload)},
        {{0xa3, 16, 0x01, agid, 0}, v[HS_HOST].b, CSS_CHALLENGE_BYTES},
        {{0xa4, 12, 0x02, agid, 0}, key1.b, CSS_KEY_BYTES},
        {{0xa4, 16, 0x01, agid, 0}, v[HS_DRIVE].b, CSS_CHALLENGE_BYTES},
        {{0xa3, 12, 0x03, agid, 0}, key2.b, CSS_KEY_BYTES},
    };

    expect(line, HS_KEY1, key1.b);
    expect(line, HS_KEY2, key2.b);
    expect(line, HS_BUS, css_make_bus_key(variant, &key1, &key2).b);
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        expect_cdb(line, HS_CDB_FIRST + 2 * i, steps[i].cdb);
        expect_block(line, HS_CDB_FIRST + 2 * i + 1, steps[i].payload, steps[i].bytes);
    }
}

/* ---- disckey.txt, dischash.txt ---- */

enum { DK_PLAYER, DK_DISC, DK_WRAPPED, DK_CHECK };

static const struct field disc_key_fields[] = {
    [DK_PLAYER] = {"player_key", HEX, 5, NULL},
    [DK_DISC] = {"disc_key", HEX, 5, NULL},
    [DK_WRAPPED] = {"encrypted_disc_key", HEX, 5, NULL},
    [DK_CHECK] = {"hash_entry", HEX, 5, NULL},
    {NULL, HEX, 0, NULL},
};

enum { DH_DISC, DH_CHECK };

static const struct field disc_hash_fields[] = {
    [DH_DISC] = {"disc_key", HEX, 5, NULL},
    [DH_CHECK] = {"hash_entry", HEX, 5, NULL},
    {NULL, HEX, 0, NULL},
};

static void check_entry(struct line *line, unsigned entry_field, const css_disc_key *disc)
{
    const css_wrapped_disc_key *entry = &line->v[entry_field].wrapped_disc;

    expect(line, entry_field, css_check_entry(disc).b);
    expect_true(line, css_check_entry_accepts(entry, disc), "check entry refuses its disc key");
}

static void check_disc_key(struct line *line)
{
    const union value *v = line->v;

    expect(line, DK_WRAPPED, css_wrap_disc_key(&v[DK_PLAYER].player, &v[DK_DISC].disc).b);
    expect(line, DK_DISC, css_unwrap_disc_key(&v[DK_PLAYER].player, &v[DK_WRAPPED].wrapped_disc).b);
    check_entry(line, DK_CHECK, &v[DK_DISC].disc);
}

static void check_disc_hash(struct line *line)
{
    check_entry(line, DH_CHECK, &line->v[DH_DISC].disc);
}

/* ---- discblock.txt ---- */

enum {
    DB_DISC,
    DB_SEED,
    DB_BUS,
    DB_CHECK,
    DB_SLOT_1,
    DB_SLOT_408,
    DB_SHA,
    DB_OBFUSCATED,
    DB_OBFUSCATED_SHA,
};

static const struct field disc_block_fields[] = {
    [DB_DISC] = {"disc_key", HEX, 5, NULL},
    [DB_SEED] = {"player_seed", HEX, 4, NULL},
    [DB_BUS] = {"bus_key_wire", HEX, 5, NULL},
    [DB_CHECK] = {"hash_entry", HEX, 5, NULL},
    [DB_SLOT_1] = {"slot1", HEX, 5, NULL},
    [DB_SLOT_408] = {"slot408", HEX, 5, NULL},
    [DB_SHA] = {"sha256_of_block", HEX, 32, NULL},
    [DB_OBFUSCATED] = {"obfuscated_first_10_bytes", HEX, 10, NULL},
    [DB_OBFUSCATED_SHA] = {"sha256_of_obfuscated_block", HEX, 32, NULL},
    {NULL, HEX, 0, NULL},
};

static uint32_t seed_of(const uint8_t b[static 4])
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void check_disc_block(struct line *line)
{
    const union value *v = line->v;
    css_player_key players[CSS_SLOTS];
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    uint32_t state = seed_of(v[DB_SEED].b);

    for (size_t i = 0; i < CSS_SLOTS; i++) {
        lcg_bytes(&state, players[i].b, CSS_KEY_BYTES);
    }
    css_disc_key_block(block, &v[DB_DISC].disc, players);
    expect(line, DB_CHECK, block);
    expect(line, DB_SLOT_1, block + CSS_KEY_BYTES);
    expect(line, DB_SLOT_408, block + (size_t)CSS_KEY_BYTES * CSS_SLOTS);
    expect_digest(line, DB_SHA, block, sizeof(block));
    css_bus_xor(block, block, sizeof(block), &v[DB_BUS].bus);
    expect(line, DB_OBFUSCATED, block);
    expect_digest(line, DB_OBFUSCATED_SHA, block, sizeof(block));
}

/* ---- titlekey.txt ---- */

enum { TK_DISC, TK_TITLE, TK_WRAPPED, TK_BUS, TK_FLAGS, TK_LBA, TK_AGID, TK_CDB, TK_RESPONSE };

static const struct field title_key_fields[] = {
    [TK_DISC] = {"disc_key", HEX, 5, NULL},
    [TK_TITLE] = {"title_key", HEX, 5, NULL},
    [TK_WRAPPED] = {"encrypted_title_key", HEX, 5, NULL},
    [TK_BUS] = {"bus_key_wire", HEX, 5, NULL},
    [TK_FLAGS] = {"byte4", HEX, 1, NULL},
    [TK_LBA] = {"lba", DECIMAL, UINT32_MAX, NULL},
    [TK_AGID] = {"agid", DECIMAL, 3, NULL},
    [TK_CDB] = {"cdb", HEX, 12, NULL},
    [TK_RESPONSE] = {"response", HEX, 12, NULL},
    {NULL, HEX, 0, NULL},
};

static void check_title_key(struct line *line)
{
    const union value *v = line->v;
    const css_wrapped_title_key wrapped = css_wrap_title_key(&v[TK_DISC].disc, &v[TK_TITLE].title);
    uint8_t payload[1 + CSS_KEY_BYTES] = {v[TK_FLAGS].b[0]};

    expect(line, TK_WRAPPED, wrapped.b);
    expect(line, TK_TITLE, css_unwrap_title_key(&v[TK_DISC].disc, &v[TK_WRAPPED].wrapped_title).b);
    css_bus_xor(payload + 1, wrapped.b, CSS_KEY_BYTES, &v[TK_BUS].bus);
    expect_cdb(line, TK_CDB, (struct key_cdb){0xa4, 12, 0x04, v[TK_AGID].number, v[TK_LBA].number});
    expect_block(line, TK_RESPONSE, payload, sizeof(payload));
}

/* ---- sector.txt ---- */

enum {
    SEC_KIND,
    SEC_KEY,
    SEC_SEED,
    SEC_FLAGS,
    SEC_SHA_CLEAR,
    SEC_SHA_SCRAMBLED,
    SEC_FIRST,
    SEC_LAST,
    SEC_STREAM,
    SEC_SHA_STREAM,
};

#define SEC_FLAGS_OFFSET   0x14
#define SEC_PAYLOAD_OFFSET 0x80
#define SEC_LAST_OFFSET    0x7f0
#define ZERO_OF_S          0x33 /* S[33h] = 0: descrambled, it shows the keystream itself */

static const struct field sector_fields[] = {
    [SEC_KIND] = {"kind", LETTER, 1, "LZF"},
    [SEC_KEY] = {"title_key", HEX, 5, NULL},
    [SEC_SEED] = {"seed", HEX, 4, NULL},
    [SEC_FLAGS] = {"flags", HEX, 1, NULL},
    [SEC_SHA_CLEAR] = {"sha256_clear", HEX, 32, NULL},
    [SEC_SHA_SCRAMBLED] = {"sha256_scrambled", HEX, 32, NULL},
    [SEC_FIRST] = {"scrambled_0x80_to_0x9f", HEX, 32, NULL},
    [SEC_LAST] = {"scrambled_0x7f0_to_0x7ff", HEX, 16, NULL},
    [SEC_STREAM] = {"keystream_first_32", HEX, 32, NULL},
    [SEC_SHA_STREAM] = {"sha256_of_1920_keystream_bytes", HEX, 32, NULL},
    {NULL, HEX, 0, NULL},
};

/* The clear sector of the line, by the rule in the head of the file. */
static void build_sector(const union value *v, uint8_t data[static CSS_SECTOR_BYTES])
{
    static const uint8_t pack[] = {0x00, 0x00, 0x01, 0xba};
    static const uint8_t packet[] = {0xf8, 0x00, 0x00, 0x01, 0xe0};
    uint32_t state = seed_of(v[SEC_SEED].b);

    lcg_bytes(&state, data, CSS_SECTOR_BYTES);
    if (v[SEC_KIND].letter != 'L') {
        memset(data + SEC_PAYLOAD_OFFSET, v[SEC_KIND].letter == 'F' ? 0xff : 0x00,
               CSS_SECTOR_BYTES - SEC_PAYLOAD_OFFSET);
    }
    memcpy(data, pack, sizeof(pack));
    memcpy(data + 0x0d, packet, sizeof(packet));
    data[SEC_FLAGS_OFFSET] = 0x80;
}

static void check_stream(struct line *line, const struct css_kernel *kernel,
                         uint8_t data[static CSS_SECTOR_BYTES])
{
    const size_t bytes = CSS_SECTOR_BYTES - SEC_PAYLOAD_OFFSET;
    const struct css_sector sector = {.data = data, .key = &line->v[SEC_KEY].title};

    memset(data + SEC_PAYLOAD_OFFSET, ZERO_OF_S, bytes);
    kernel->descramble(&sector, 1);
    expect(line, SEC_STREAM, data + SEC_PAYLOAD_OFFSET);
    expect_digest(line, SEC_SHA_STREAM, data + SEC_PAYLOAD_OFFSET, bytes);
}

static void check_kernel(struct line *line, const struct css_kernel *kernel)
{
    const union value *v = line->v;
    uint8_t clear[CSS_SECTOR_BYTES], data[CSS_SECTOR_BYTES];
    const struct css_sector sector = {.data = data, .key = &v[SEC_KEY].title};

    build_sector(v, clear);
    expect_digest(line, SEC_SHA_CLEAR, clear, sizeof(clear));
    clear[SEC_FLAGS_OFFSET] |= v[SEC_FLAGS].b[0];
    memcpy(data, clear, sizeof(data));
    if (v[SEC_FLAGS].b[0] != 0) {
        kernel->scramble(&sector, 1);
    }
    expect_digest(line, SEC_SHA_SCRAMBLED, data, sizeof(data));
    expect(line, SEC_FIRST, data + SEC_PAYLOAD_OFFSET);
    expect(line, SEC_LAST, data + SEC_LAST_OFFSET);
    expect_true(line, css_pack_is_marked(data) == (v[SEC_FLAGS].b[0] != 0), "marked wrongly");
    if (v[SEC_FLAGS].b[0] != 0) {
        kernel->descramble(&sector, 1);
        expect_true(line, memcmp(data, clear, sizeof(data)) == 0, "descrambled is not the clear");
    }
    check_stream(line, kernel, data);
}

static void check_sector(struct line *line)
{
    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        if (c->usable()) {
            check_kernel(line, c->kernel);
        }
    }
    check_kernel(line, &scalar_sector);
}

/* ---- files and lines ---- */

static const struct vector_file files[] = {
    {"auth_key1.txt", auth_fields, check_key1},
    {"auth_key2.txt", auth_fields, check_key2},
    {"auth_buskey.txt", bus_fields, check_bus_key},
    {"handshake.txt", handshake_fields, check_handshake},
    {"disckey.txt", disc_key_fields, check_disc_key},
    {"dischash.txt", disc_hash_fields, check_disc_hash},
    {"discblock.txt", disc_block_fields, check_disc_block},
    {"titlekey.txt", title_key_fields, check_title_key},
    {"sector.txt", sector_fields, check_sector},
};

static const struct vector_file *find_file(const char *name)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].name, name) == 0) {
            return &files[i];
        }
    }
    return NULL;
}

static bool parse_hex(const char *text, uint8_t *out, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(text) != 2 * bytes || strspn(text, digits) != 2 * bytes) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        const size_t high = (size_t)(strchr(digits, text[2 * i]) - digits);
        const size_t low = (size_t)(strchr(digits, text[2 * i + 1]) - digits);

        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool parse_decimal(const char *text, unsigned max, unsigned *out)
{
    unsigned long long value;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 10 || text[digits] != '\0') {
        return false;
    }
    value = strtoull(text, NULL, 10);
    *out = (unsigned)value;
    return value <= max;
}

static bool parse_field(const struct field *field, const char *text, union value *out)
{
    switch (field->type) {
    case HEX:
        return parse_hex(text, out->b, field->size);
    case DECIMAL:
        return parse_decimal(text, field->size, &out->number);
    case LETTER:
        out->letter = text[0];
        return strlen(text) == 1 && strchr(field->letters, text[0]);
    }
    return false;
}

/* Fill line->v; on a malformed line say why and return false. */
static bool parse_line(struct line *line, char *text)
{
    for (unsigned i = 0; line->fields[i].name; i++) {
        const char *word = strsep(&text, " ");

        if (!word || !parse_field(&line->fields[i], word, &line->v[i])) {
            fprintf(stderr, "%s:%u: field %u (%s) is %s\n", line->path, line->number, i + 1,
                    line->fields[i].name, word ? "malformed" : "missing");
            return false;
        }
    }
    if (text) {
        fprintf(stderr, "%s:%u: more fields than the file has\n", line->path, line->number);
        return false;
    }
    return true;
}

static bool run_stream(FILE *in, const char *path, const struct vector_file *file,
                       struct tally *tally)
{
    struct line line = {.path = path, .fields = file->fields};
    size_t room = 0;
    char *text = NULL;
    bool usable = true;

    while (usable && getline(&text, &room, in) >= 0) {
        line.number++;
        text[strcspn(text, "\r\n")] = '\0';
        if (text[0] == '#' || text[0] == '\0') {
            continue;
        }
        usable = parse_line(&line, text);
        if (usable) {
            line.failed = false;
            file->check(&line);
            *(line.failed ? &tally->failed : &tally->passed) += 1;
        }
    }
    if (usable && !feof(in)) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        usable = false;
    }
    free(text);
    return usable;
}

static bool run_file(const char *folder, const char *name, struct tally *tally)
{
    const struct vector_file *file = find_file(name);
    char path[4096];
    FILE *in;
    bool usable;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!file) {
        fprintf(stderr, "%s: no kind of vectors has this file name\n", path);
        return false;
    }
    in = fopen(path, "r");
    if (!in) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    usable = run_stream(in, path, file, tally);
    fclose(in);
    return usable;
}

static int is_text_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && strcmp(dot, ".txt") == 0;
}

static bool run_folder(const char *folder, struct tally *tally)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_text_file, alphasort);
    bool usable = true;

    if (count < 0) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        usable = run_file(folder, entries[i]->d_name, tally) && usable;
        free(entries[i]);
    }
    free(entries);
    if (usable && tally->passed + tally->failed == 0) {
        fprintf(stderr, "%s: no vectors\n", folder);
        usable = false;
    }
    return usable;
}

int main(int argc, char **argv)
{
    struct tally tally = {0, 0};

    if (argc != 2) {
        fprintf(stderr, "usage: css_vectors DIR\n");
        return EXIT_UNUSABLE;
    }
    if (!run_folder(argv[1], &tally)) {
        return EXIT_UNUSABLE;
    }
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return tally.failed != 0;
}
