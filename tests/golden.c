/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * golden DIR: runs the golden command files of a folder (tests/golden/README.md). A block is run as
 * it stands; a data-in command is run again on fresh drives with other allocation lengths and with
 * less room. Ends with 0: all as written and all covered, 1: not so, 2: cannot read them.
 * golden FILE DRIVE: the same for one file and the drive of a drive file; nothing has to be
 * covered. golden DIR DRIVE: runs a folder on that drive: a block that goes otherwise there has to
 * be explained by a key of the drive file whose row names the block's command.
 */
#include "emulator/commands.h"
#include "support/golden_cover.h"
#include "support/golden_drive.h"
#include "support/golden_file.h"
#include "support/golden_matrix.h"
#include "support/guard_area.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ALLOC_BYTES_MAX 0xffffu
#define POISON          0xa5

/* What the runner itself is: the commands run in memory that ends at a guard page. */
struct runner {
    struct guard_area cdb_area, out_area, in_area;
    struct golden_cover cover;
    unsigned passed, failed;
    bool broken;                      /* a file says what no drive can do */
    const struct drive_config *drive; /* NULL: the golden drive */
    bool matrix;
    unsigned explained, left_out;
};

/* One run of a block: what is changed against the file, and what came of it. */
struct run {
    size_t alloc_bytes; /* SIZE_MAX: as the CDB says */
    size_t room_bytes;
    bool judge_events; /* not with other lengths: an event that is cut off is not taken */
    bool quiet;        /* it may go wrong */
    size_t without;    /* this word of `drive:` is left out, plus 1; 0: none is */
    const struct personality *personality; /* NULL: the golden drive's */
    struct golden_drive drive;
    struct drive_reply reply;
    const uint8_t *in;
};

__attribute__((format(printf, 3, 4))) static bool
fail(const struct golden_block *b, const struct run *run, const char *format, ...)
{
    va_list args;

    if (run->quiet) {
        return false;
    }
    printf("%s:%u: ", b->file, b->line);
    if (run->alloc_bytes != SIZE_MAX) {
        printf("allocation length %zu, ", run->alloc_bytes);
    }
    printf("room %zu: ", run->room_bytes);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    return false;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static const struct personality *personality_of(const struct runner *r)
{
    return r->drive ? &r->drive->personality : NULL;
}

/* ---- one run ---- */

static const struct scsi_command *row_of(const struct golden_block *b)
{
    return &mmc_commands[b->cdb.item[0] & 0xff];
}

static bool has_allocation(const struct golden_block *b)
{
    const struct scsi_command *row = row_of(b);

    return row->alloc.width && !row->alloc.out && b->cdb.count >= row->cdb_bytes;
}

static const uint8_t *lay_cdb(struct runner *r, const struct golden_block *b, size_t alloc_bytes)
{
    const struct scsi_alloc at = row_of(b)->alloc;
    uint8_t *const cdb = guard_area_end(&r->cdb_area, b->cdb.count);

    golden_bytes_copy(&b->cdb, cdb);
    if (alloc_bytes != SIZE_MAX) {
        for (size_t i = at.width; i-- > 0; alloc_bytes >>= 8) {
            cdb[at.byte + i] = (uint8_t)alloc_bytes;
        }
    }
    return cdb;
}

static const uint8_t *lay_out(struct runner *r, const struct golden_block *b)
{
    uint8_t *const out = guard_area_end(&r->out_area, b->out.count);

    golden_bytes_copy(&b->out, out);
    return out;
}

static bool is_poison(const uint8_t *from, const uint8_t *to)
{
    while (from < to && *from == POISON) {
        from++;
    }
    return from == to;
}

static bool judge_sense(const struct golden_block *b, const struct run *run)
{
    const struct scsi_sense got = run->reply.sense, want = b->sense;

    if (got.check == want.check &&
        (!got.check ||
         (got.key == want.key && got.asc == want.asc && got.ascq == want.ascq &&
          got.pointer == want.pointer && got.field_byte == want.field_byte &&
          got.bit_valid == want.bit_valid && (!got.bit_valid || got.bit == want.bit) &&
          got.information_valid == want.information_valid &&
          got.information == want.information))) {
        return true;
    }
    return fail(b, run, "sense is %02X/%02X/%02X (%s) pointer %u byte %u bit %u, lba %u", got.key,
                got.asc, got.ascq, sense_text(got), got.pointer, got.field_byte, got.bit,
                got.information);
}

static bool judge_state(const struct golden_block *b, struct run *run)
{
    char text[128];
    const char *wrong =
        golden_drive_judge(&run->drive, &b->after, run->judge_events, text, sizeof(text));

    return wrong ? fail(b, run, "%s", wrong) : true;
}

/* Nothing may be written but the bytes that the reply reports. */
static bool judge_writes(const struct runner *r, const struct golden_block *b,
                         const struct run *run)
{
    const uint8_t *const end = r->in_area.base + r->in_area.bytes;
    const size_t written = smaller(run->reply.in_bytes, run->room_bytes);

    if (run->reply.sense.check) {
        return run->reply.in_bytes == 0 || fail(b, run, "a refusal with data");
    }
    if (!is_poison(r->in_area.base, run->in) || !is_poison(run->in + written, end)) {
        return fail(b, run, "bytes written that are not in the reply");
    }
    return true;
}

static const char *open_drive(struct run *run, const struct golden_block *b)
{
    return golden_drive_open(&run->drive, run->personality, &b->drive,
                             run->without ? run->without - 1 : GOLDEN_ALL_WORDS);
}

/* Open, do, judge all but the bytes. The drive of the run is open afterwards in any case. */
static bool run_block(struct runner *r, const struct golden_block *b, struct run *run)
{
    const char *wrong = open_drive(run, b);
    struct drive_request request;

    if (wrong) {
        r->broken = true;
        return fail(b, run, "drive: cannot do `%s`", wrong);
    }
    memset(r->in_area.base, POISON, r->in_area.bytes);
    run->in = guard_area_end(&r->in_area, run->room_bytes);
    request = (struct drive_request){
        .cdb = lay_cdb(r, b, run->alloc_bytes),
        .cdb_bytes = b->cdb.count,
        .out = b->has_out ? lay_out(r, b) : NULL,
        .out_bytes = b->out.count,
        .in = guard_area_end(&r->in_area, run->room_bytes),
        .in_bytes = run->room_bytes,
        .nexus = run->drive.host,
    };
    drive_run(&run->drive.drive, &request, &run->reply);
    return judge_sense(b, run) && judge_writes(r, b, run) && judge_state(b, run);
}

static void show_bytes(const uint8_t *bytes, size_t count)
{
    printf("    in:   ");
    for (size_t i = 0; i < count && i < 96; i++) {
        printf(" %02X", bytes[i]);
    }
    printf("%s\n", count > 96 ? " ..." : "");
}

static bool run_command(struct runner *r, const struct golden_block *b, struct run *run)
{
    bool good;

    /* room for exactly what is expected; a refusal is given all the room it could want */
    run->room_bytes = b->sense.check ? GOLDEN_BYTES_MAX : b->in.count;
    good = run_block(r, b, run);
    if (good && run->reply.in_bytes != b->in.count) {
        good = fail(b, run, "reply has %zu bytes, not %zu", run->reply.in_bytes, b->in.count);
    }
    if (good && !golden_bytes_match(&b->in, run->in, b->in.count)) {
        good = fail(b, run, "other bytes");
    }
    if (!good && !run->quiet && !r->broken) {
        show_bytes(run->in, smaller(run->reply.in_bytes, run->room_bytes));
    }
    return good;
}

/* ---- the same with other lengths ---- */

/* The whole reply, in memory of its own. */
struct whole {
    uint8_t *bytes;
    size_t count;
};

static bool run_cut(struct runner *r, const struct golden_block *b, const struct whole *whole,
                    size_t alloc_bytes, size_t room_bytes)
{
    struct run run = {
        .alloc_bytes = alloc_bytes, .room_bytes = room_bytes, .personality = personality_of(r)};
    const size_t want = smaller(alloc_bytes, whole->count);
    bool good = run_block(r, b, &run);

    if (good && run.reply.in_bytes != want) {
        good = fail(b, &run, "reply has %zu bytes, not %zu", run.reply.in_bytes, want);
    }
    if (good && memcmp(run.in, whole->bytes, smaller(want, room_bytes)) != 0) {
        good = fail(b, &run, "no prefix of the whole reply");
    }
    golden_drive_close(&run.drive);
    return good;
}

static size_t widest_allocation(const struct golden_block *b)
{
    return row_of(b)->alloc.width == 1 ? 0xff : ALLOC_BYTES_MAX;
}

/* What the drive would say to a host that wants all of it. */
static bool fetch_whole(struct runner *r, const struct golden_block *b, struct whole *whole)
{
    struct run run = {.alloc_bytes = has_allocation(b) ? widest_allocation(b) : SIZE_MAX,
                      .room_bytes = GOLDEN_BYTES_MAX,
                      .personality = personality_of(r)};
    bool good = run_block(r, b, &run);

    whole->count = good ? run.reply.in_bytes : 0;
    whole->bytes = malloc(whole->count + 1);
    if (!whole->bytes) {
        abort();
    }
    memcpy(whole->bytes, run.in, whole->count);
    if (good && !golden_bytes_match(&b->in, whole->bytes, smaller(b->in.count, whole->count))) {
        good = fail(b, &run, "`in:` is no prefix of the whole reply");
    }
    golden_drive_close(&run.drive);
    return good;
}

/* Allocation lengths 0, 1, n-1, n, n+1, each with as much room. */
static bool run_allocations(struct runner *r, const struct golden_block *b,
                            const struct whole *whole)
{
    const size_t n = whole->count, lengths[] = {0, 1, n ? n - 1 : 0, n, n + 1};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        if (lengths[i] <= widest_allocation(b) && !run_cut(r, b, whole, lengths[i], lengths[i])) {
            return false;
        }
    }
    return true;
}

/* Less room than the drive has to say: what it reports does not change. */
static bool run_rooms(struct runner *r, const struct golden_block *b, const struct whole *whole)
{
    const size_t n = whole->count, rooms[] = {0, 1, n - 1};

    for (size_t i = 0; n && i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        if (!run_cut(r, b, whole, has_allocation(b) ? n : SIZE_MAX, rooms[i])) {
            return false;
        }
    }
    return true;
}

static bool run_lengths(struct runner *r, const struct golden_block *b)
{
    struct whole whole;
    bool good = fetch_whole(r, b, &whole);

    if (good && !b->sense.check) {
        good = (!has_allocation(b) || run_allocations(r, b, &whole)) && run_rooms(r, b, &whole);
    } else if (good && has_allocation(b)) {
        good = run_cut(r, b, &whole, 0, 0) && run_cut(r, b, &whole, 1, 1);
    }
    free(whole.bytes);
    return good;
}

/* ---- what the operator does ---- */

static bool run_act(struct runner *r, const struct golden_block *b, struct run *run)
{
    const char *wrong = open_drive(run, b);

    wrong = wrong ? wrong : golden_drive_do(&run->drive, &b->act);
    r->broken |= wrong != NULL;
    return wrong ? fail(b, run, "cannot do `%s`", wrong) : judge_state(b, run);
}

/* ---- a block ---- */

/* As it stands, but for one word when told. */
static bool run_once(struct runner *r, const struct golden_block *b, size_t without, bool quiet)
{
    struct run run = {.alloc_bytes = SIZE_MAX,
                      .judge_events = true,
                      .quiet = quiet,
                      .without = without,
                      .personality = personality_of(r)};
    const bool good = b->act.count ? run_act(r, b, &run) : run_command(r, b, &run);

    if (good && !without) {
        golden_cover_block(&r->cover, b, &run.drive, run.reply.sense);
    }
    golden_drive_close(&run.drive);
    return good;
}

/* A block that names a quirk must not hold for a drive without it. */
static bool each_quirk_matters(struct runner *r, const struct golden_block *b)
{
    for (size_t i = 0; i < b->drive.count; i++) {
        const struct golden_word *w = &b->drive.word[i];

        if (golden_word_is_quirk(w) && run_once(r, b, i + 1, true)) {
            printf("%s:%u: holds without `quirk %s %s` too\n", b->file, b->line, w->arg[1],
                   w->arg[2]);
            return false;
        }
    }
    return true;
}

/* On another drive: as written, or otherwise for a reason. */
static bool run_elsewhere(struct runner *r, const struct golden_block *b)
{
    if (!golden_matrix_applies(r->drive, b)) {
        r->left_out++;
        return true;
    }
    if (run_once(r, b, 0, true)) {
        return true;
    }
    if (golden_matrix_explains(r->drive, b)) {
        r->explained++;
        return true;
    }
    printf("%s:%u: goes otherwise, and no key of the drive explains it\n", b->file, b->line);
    return run_once(r, b, 0, false);
}

static bool run_all_ways(struct runner *r, const struct golden_block *b)
{
    return run_once(r, b, 0, false) && (b->act.count || run_lengths(r, b)) &&
           each_quirk_matters(r, b);
}

/* ---- all of them ---- */

static void run_file(struct runner *r, const struct golden_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        const struct golden_block *b = &file->block[i];
        const bool good = r->matrix ? run_elsewhere(r, b) : run_all_ways(r, b);

        r->passed += good;
        r->failed += !good;
    }
}

static bool run_files(struct runner *r, char *const *paths, size_t count)
{
    bool readable = true;

    for (size_t i = 0; i < count && readable; i++) {
        struct golden_file file;

        readable = golden_file_read(&file, paths[i]);
        if (readable) {
            run_file(r, &file);
        }
        golden_file_free(&file);
    }
    return readable && !r->broken;
}

static bool run_folder(struct runner *r, const char *folder)
{
    glob_t found;
    char *pattern;
    bool good = false;

    if (asprintf(&pattern, "%s/*.txt", folder) < 0) {
        abort();
    }
    if (glob(pattern, 0, NULL, &found) == 0) {
        good = run_files(r, found.gl_pathv, found.gl_pathc);
        globfree(&found);
    } else {
        fprintf(stderr, "golden: no files like %s\n", pattern);
    }
    free(pattern);
    return good;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The file or folder, and what it did not show. */
static bool run_path(struct runner *r, char *path)
{
    if (!is_folder(path)) {
        return run_files(r, &path, 1);
    }
    r->matrix = r->drive != NULL;
    if (!run_folder(r, path)) {
        return false;
    }
    if (!r->matrix) {
        r->failed += golden_cover_missing(&r->cover);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct runner r = {.passed = 0};
    struct drive_config drive;
    char error[INI_ERROR_BYTES];
    bool good;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: golden DIR|FILE [DRIVE]\n");
        return 2;
    }
    if (argc == 3) {
        if (!golden_matrix_read(&drive, argv[2], error)) {
            fprintf(stderr, "golden: %s\n", error);
            return 2;
        }
        r.drive = &drive;
    }
    r.cdb_area = guard_area_open(SCSI_CDB_BYTES_MAX);
    r.out_area = guard_area_open(GOLDEN_BYTES_MAX);
    r.in_area = guard_area_open(GOLDEN_BYTES_MAX);
    good = run_path(&r, argv[1]);
    guard_area_close(&r.cdb_area);
    guard_area_close(&r.out_area);
    guard_area_close(&r.in_area);
    if (r.matrix) {
        printf("%u as written, %u otherwise and explained, %u not for this drive, %u failed\n",
               r.passed - r.explained - r.left_out, r.explained, r.left_out, r.failed);
    } else {
        printf("%u passed, %u failed\n", r.passed, r.failed);
    }
    return !good ? 2 : r.failed ? 1 : 0;
}
