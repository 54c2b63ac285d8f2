/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conformance suite on the drive in this process: every row passes or is skipped with a reason
 * that is right for the disc, and every row passes on one of the discs.
 */
#include "tests/support/check_bench.h"
#include "unit.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <stdio.h>
#include <string.h>

#define ROWS_MAX 1024

#define UNKNOWN_OPCODE 0x14
#define LOEJ           0x02 /* START STOP UNIT byte 4 */
#define START          0x01

/* What a drive with a certain disc may be without. */
struct scene {
    const char *disc_text; /* NULL: an empty drive */
    bool described, destructive, eject;
    const char *const *reasons; /* all that a skip may give as its reason, ended by NULL */
};

#define REASONS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define NO_EMPTY  "needs an empty drive"
#define NO_CD     "needs a CD"
#define NO_PLAIN  "needs a DVD without CSS"
#define NO_LAYERS "needs a disc of two layers"
#define NO_BCA    "needs a disc with BCA"
#define NO_REUSE  "needs agid_exhausted to be a reuse", "every number in a CDB is an AGID"
#define NO_CSS    "needs a CSS disc"
#define OWN       "needs a CSS disc of the drive's region"
#define OTHER     "needs a CSS disc of another region than the drive's"
#define HALF      "needs a disc that some regions play and others do not"

static const struct scene scenes[] = {
    {check_bench_css, true, true, true,
     REASONS(NO_EMPTY, NO_CD, NO_PLAIN, NO_LAYERS, NO_BCA, NO_REUSE, OTHER, HALF)},
    {check_bench_css, false, false, false,
     REASONS(NO_EMPTY, NO_CD, NO_PLAIN, NO_LAYERS, NO_BCA, NO_REUSE, OTHER, "--disc not given",
             "--destructive not given", "--eject not given")},
    {check_bench_region_2, true, true, true,
     REASONS(NO_EMPTY, NO_CD, NO_PLAIN, NO_LAYERS, NO_BCA, NO_REUSE, OWN)},
    {check_bench_plain, false, true, true,
     REASONS(NO_EMPTY, NO_CD, NO_CSS, NO_LAYERS, NO_BCA, NO_REUSE, HALF)},
    {check_bench_opposite, true, false, true,
     REASONS(NO_EMPTY, NO_CD, NO_CSS, "needs a disc without BCA", NO_REUSE,
             "--destructive not given")},
    {check_bench_parallel, true, false, true,
     REASONS(NO_EMPTY, NO_CD, NO_CSS, "needs a disc without BCA", NO_REUSE,
             "--destructive not given")},
    {check_bench_no_structure, true, false, false,
     REASONS(NO_EMPTY, NO_CD, NO_CSS, NO_LAYERS, NO_BCA, NO_REUSE, "--destructive not given",
             "--eject not given")},
    {check_bench_cd, true, false, false,
     REASONS(NO_EMPTY, "needs a DVD", "--destructive not given", "--eject not given")},
    {NULL, false, true, true, REASONS("needs a DVD", NO_CD)},
};

static bool is_listed(const char *const *reasons, const char *text)
{
    for (size_t i = 0; reasons[i]; i++) {
        if (strcmp(reasons[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static void complain(const struct check_row *row, const char *what, const char *text)
{
    char message[CHECK_TEXT_BYTES];

    snprintf(message, sizeof(message), "%s: %s%s", row ? row->name : "beginning", what, text);
    CU_assertImplementation(CU_FALSE, __LINE__, message, __FILE__, "", CU_FALSE);
}

static void judge(void *ctx, const struct check *k, const struct check_row *row)
{
    const struct scene *scene = ctx;

    if (!row || k->verdict == CHECK_FAILED) {
        complain(row, "", k->text);
    } else if (k->verdict == CHECK_SKIPPED && !is_listed(scene->reasons, k->text)) {
        complain(row, "skipped: ", k->text);
    }
}

static void run_scene(const struct scene *scene, check_bench_fn *fn, void *ctx)
{
    struct check_bench b;

    check_bench_open(&b, scene->disc_text, NULL);
    b.options.destructive = scene->destructive;
    b.options.eject = scene->eject;
    CU_ASSERT_TRUE(check_bench_run(&b, scene->described, fn, ctx));
    for (size_t agid = 0; agid < DRIVE_AGIDS; agid++) { /* nothing is left behind */
        CU_ASSERT_EQUAL(b.drive.state.agids[agid].state, AGID_FREE);
    }
    CU_ASSERT_PTR_NULL(b.drive.nexuses);
    check_bench_close(&b);
}

static void every_row_passes_or_is_skipped_for_the_disc(void)
{
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        struct scene scene = scenes[i];

        run_scene(&scene, judge, &scene);
    }
}

/* ---- every row somewhere ---- */

struct passed {
    const struct check_row *rows[ROWS_MAX];
    size_t count;
};

static bool has_passed(const struct passed *p, const struct check_row *row)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->rows[i] == row) {
            return true;
        }
    }
    return false;
}

static void note_passed(void *ctx, const struct check *k, const struct check_row *row)
{
    struct passed *p = ctx;

    if (row && k->verdict == CHECK_OK && !has_passed(p, row) && p->count < ROWS_MAX) {
        p->rows[p->count++] = row;
    }
}

static void every_row_passes_on_one_of_the_discs(void)
{
    static struct passed passed;

    passed.count = 0;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        run_scene(&scenes[i], note_passed, &passed);
    }
    for (const struct check_theme *const *theme = check_themes; *theme; theme++) {
        for (size_t i = 0; i < (*theme)->count; i++) {
            const struct check_row *row = &(*theme)->rows[i];

            /* which ask for quirks that this drive does not have */
            if (!has_passed(&passed, row) && strcmp(row->name, "agid.reused") != 0 &&
                strcmp(row->name, "agid.outside-pool") != 0) {
                complain(row, "", "has passed nowhere");
            }
        }
    }
}

/* ---- what is sent ---- */

static const struct check_options *leave;

/* Nothing that writes, moves or spends without leave; the opcodes are all that the suite uses. */
static const struct check_command *watch(struct check_bench *b, const struct check_command *command)
{
    static const uint8_t harmless[] = {
        OP_TEST_UNIT_READY,
        OP_REQUEST_SENSE,
        OP_INQUIRY,
        OP_MODE_SENSE_6,
        OP_MODE_SENSE_10,
        OP_PREVENT_ALLOW,
        OP_READ_CAPACITY_10,
        OP_READ_10,
        OP_READ_12,
        OP_READ_CD,
        OP_REPORT_KEY,
        OP_GET_CONFIGURATION,
        OP_READ_DVD_STRUCTURE,
        OP_GET_EVENT_STATUS,
        UNKNOWN_OPCODE,
    };
    const uint8_t *cdb = command->cdb;

    (void)b;
    if (cdb[0] == OP_SEND_KEY) {
        CU_ASSERT((cdb[10] & 0x3f) != KEY_SET_REGION || leave->destructive);
    } else if (cdb[0] == OP_START_STOP_UNIT) {
        CU_ASSERT((cdb[4] & (LOEJ | START)) != LOEJ || leave->eject);
    } else {
        CU_ASSERT_PTR_NOT_NULL(memchr(harmless, cdb[0], sizeof(harmless)));
    }
    CU_ASSERT(cdb[0] != OP_READ_10 || be32_get(cdb + 2) < CHECK_BENCH_BLOCKS);
    return command;
}

static void nothing_is_sent_without_leave(void)
{
    static const struct check_lie watcher = {.before = watch};

    for (unsigned n = 0; n < 4; n++) {
        struct check_bench b;

        check_bench_open(&b, check_bench_css, NULL);
        b.lie = &watcher;
        b.options.eject = n & 1;
        b.options.destructive = n & 2;
        leave = &b.options;
        CU_ASSERT_TRUE(check_bench_run(&b, true, NULL, NULL));
        CU_ASSERT_EQUAL(b.failures, 0);
        CU_ASSERT_EQUAL(b.drive.state.region.user_changes, n & 2 ? 0 : REGION_USER_CHANGES);
        CU_ASSERT_EQUAL(b.drive.counters.ejects > 0, n & 1);
        check_bench_close(&b);
    }
}

/* ---- the rows themselves ---- */

static void each_name(void (*fn)(const struct check_row *row))
{
    for (const struct check_theme *const *theme = check_themes; *theme; theme++) {
        for (size_t i = 0; i < (*theme)->count; i++) {
            fn(&(*theme)->rows[i]);
        }
    }
}

static const struct check_row *the_row;
static unsigned same_names;

static void count_name(const struct check_row *row)
{
    same_names += strcmp(row->name, the_row->name) == 0;
}

/* theme.question in small letters: what --only, JUnit and a reader of TAP take apart. */
static void check_name(const struct check_row *row)
{
    const size_t theme = strcspn(row->name, ".");

    if (strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(row->name) ||
        theme == 0 || row->name[theme] != '.') {
        complain(row, "", "is no name");
    }
    if (strncmp(row->clause, "mmc-spec", 8) != 0 && strncmp(row->clause, "css-spec", 8) != 0 &&
        strncmp(row->clause, "windows-spec", 12) != 0 &&
        strncmp(row->clause, "tgt-notes", 9) != 0 && strcmp(row->clause, "quirks") != 0) {
        complain(row, "clause ", row->clause);
    }
    the_row = row;
    same_names = 0;
    each_name(count_name);
    if (same_names != 1) {
        complain(row, "", "is there twice");
    }
}

static void names_and_clauses(void)
{
    each_name(check_name);
}

UNIT_SUITE(check_rows, T(every_row_passes_or_is_skipped_for_the_disc),
           T(every_row_passes_on_one_of_the_discs), T(nothing_is_sent_without_leave),
           T(names_and_clauses));
