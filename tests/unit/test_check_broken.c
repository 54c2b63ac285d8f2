/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each row of the conformance suite with each of its answers in turn broken: the row ends, and what
 * it leaves behind spoils no row after it.
 */
#include "tests/support/check_bench.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMANDS_MAX 20000 /* of one row */

static unsigned good_ones;                /* answers before the one that is broken */
static const struct check_answer *broken; /* NULL: none, or it was */

static void break_one(struct check_bench *b, const struct check_command *command,
                      struct check_answer *answer, uint8_t *in)
{
    (void)b;
    (void)in;
    if (broken && good_ones-- == 0) {
        *answer = *broken;
        answer->residual = command->in_bytes ? CHECK_UNDERFLOW : CHECK_NO_RESIDUAL;
        answer->residual_bytes = command->in_bytes;
        broken = NULL;
    }
}

static const struct check_lie breaking = {.after = break_one};

/* Whether the row was judged otherwise with that answer broken; it is as before the next time. */
static bool is_noticed(struct check *k, const struct check_row *row, enum check_verdict well)
{
    const enum check_verdict verdict = k->verdict;

    broken = NULL;
    CU_ASSERT(verdict != CHECK_FAILED || *k->text);
    check_run(k, row);
    if (k->verdict != well) {
        fprintf(stderr, "%s after one that was broken: %s\n", row->name, k->text);
        CU_FAIL("a row spoils the next");
    }
    return verdict != well;
}

/* Rows that ask whether data come with a check, whichever it is. */
static bool takes_any_check(const struct check_row *row, const struct check_answer *answer)
{
    return answer->status == CHECK_CONDITION &&
           strncmp(row->name, "wire.no-data-with-refused-", 26) == 0;
}

/* One row with its answers broken one after the other, and well after each. */
static void break_row(struct check *k, const struct check_row *row,
                      const struct check_answer *answer)
{
    enum check_verdict well;
    unsigned noticed = 0;

    check_run(k, row);
    well = k->verdict;
    CU_ASSERT_NOT_EQUAL(well, CHECK_FAILED);
    for (unsigned n = 0; n < COMMANDS_MAX; n++) {
        good_ones = n;
        broken = answer;
        check_run(k, row);
        if (broken) { /* it has no more answers */
            CU_ASSERT_EQUAL(k->verdict, well);
            CU_ASSERT(noticed > 0 || well == CHECK_SKIPPED || takes_any_check(row, answer));
            broken = NULL;
            return;
        }
        noticed += is_noticed(k, row, well);
    }
    CU_FAIL("a row that does not end");
}

static void break_rows(struct check_bench *b, const struct check_answer *answer)
{
    const struct check_wire wire = check_bench_wire(b);
    struct check *k = malloc(sizeof(*k));

    if (!k) {
        abort();
    }
    CU_ASSERT_TRUE_FATAL(check_open(k, &wire, &b->options));
    for (const struct check_theme *const *theme = check_themes; *theme; theme++) {
        for (size_t i = 0; i < (*theme)->count; i++) {
            break_row(k, &(*theme)->rows[i], answer);
        }
    }
    check_close(k);
    free(k);
}

/* On so many kinds of disc, described, and in an empty drive. */
#define DISCS_ALL 6
#define DISCS_FEW 2

static void break_all(const struct check_answer *answer, size_t count)
{
    const char *const discs[DISCS_ALL] = {check_bench_css,      NULL,
                                          check_bench_region_2, check_bench_plain,
                                          check_bench_opposite, check_bench_cd};

    for (size_t i = 0; i < count; i++) {
        struct check_bench b;

        check_bench_open(&b, discs[i], NULL);
        b.lie = &breaking;
        b.options.eject = true;
        b.options.disc = b.disc;
        b.options.targets = b.disc ? &b.targets : NULL;
        break_rows(&b, answer);
        check_bench_close(&b);
    }
}

static void a_refusal_is_noticed_and_spoils_nothing(void)
{
    static const struct check_answer internal_failure = {
        .status = CHECK_CONDITION,
        .sense = {0x70, 0, 4, [7] = 10, [12] = 0x44},
        .sense_bytes = 18,
    };

    break_all(&internal_failure, DISCS_ALL);
}

static void a_check_without_sense_is_noticed_and_spoils_nothing(void)
{
    static const struct check_answer no_sense = {.status = CHECK_CONDITION};

    break_all(&no_sense, DISCS_FEW);
}

static void another_status_is_noticed_and_spoils_nothing(void)
{
    static const struct check_answer busy = {.status = CHECK_OTHER_STATUS, .code = 0x08};

    break_all(&busy, DISCS_FEW);
}

static void a_lost_session_is_noticed_and_spoils_nothing(void)
{
    static const struct check_answer lost = {.status = CHECK_LOST};

    break_all(&lost, DISCS_FEW);
}

/* Drives of which rows ask in other ways, not described. */
static void a_refusal_is_noticed_by_rows_for_quirks_too(void)
{
    static const struct check_answer internal_failure = {
        .status = CHECK_CONDITION,
        .sense = {0x70, 0, 4, [7] = 10, [12] = 0x44},
        .sense_bytes = 18,
    };
    struct quirks quirks[3];

    for (size_t i = 0; i < 3; i++) {
        struct check_bench b;

        quirks_init(&quirks[i]);
        quirks[i].agid_exhausted = i == 0 ? EXHAUSTED_REUSE : EXHAUSTED_REUSE_THEN_6F01;
        quirks[i].title_requires_asf = i == 1;
        quirks[i].cmi_format_05 = i != 2;
        quirks[i].title_key_unprotected = i == 2 ? UNPROTECTED_NEAREST : UNPROTECTED_6F01;
        check_bench_open(&b, check_bench_css, &quirks[i]);
        b.options.quirks = quirks[i];
        b.lie = &breaking;
        break_rows(&b, &internal_failure);
        check_bench_close(&b);
    }
}

/* ---- resets that fail ---- */

static bool refuse_reset(void *ctx, unsigned host)
{
    (void)ctx;
    (void)host;
    return false;
}

/* Whether the failures of all rows are those of a reset, and how many there are. */
static unsigned failures_of(struct check_bench *b, const struct check_wire *wire)
{
    struct check *k = malloc(sizeof(*k));
    unsigned failures = 0;

    if (!k) {
        abort();
    }
    CU_ASSERT_TRUE_FATAL(check_open(k, wire, &b->options));
    for (const struct check_theme *const *theme = check_themes; *theme; theme++) {
        for (size_t i = 0; i < (*theme)->count; i++) {
            check_run(k, &(*theme)->rows[i]);
            if (k->verdict == CHECK_FAILED) {
                failures++;
                CU_ASSERT_PTR_NOT_NULL(strstr(k->text, "LOGICAL UNIT RESET was refused"));
            }
        }
    }
    check_close(k);
    free(k);
    return failures;
}

/* A wrong KEY2 locks no drive of this quirk: rows that need it locked reset it. */
static void a_reset_that_fails_spoils_no_row_after_it(void)
{
    struct check_wire wire;
    struct check_bench b;
    struct quirks quirks;

    quirks_init(&quirks);
    quirks.asf_on_bad_key2 = BAD_KEY2_KEEPS_ASF;
    check_bench_open(&b, check_bench_css, &quirks);
    b.options.quirks = quirks;
    wire = check_bench_wire(&b);
    CU_ASSERT_EQUAL(failures_of(&b, &wire), 0);
    wire.reset = refuse_reset;
    CU_ASSERT(failures_of(&b, &wire) > 10);
    wire.reset = NULL; /* rows that need it are skipped */
    CU_ASSERT_EQUAL(failures_of(&b, &wire), 0);
    check_bench_close(&b);
}

UNIT_SUITE(check_broken, T(a_refusal_is_noticed_and_spoils_nothing),
           T(a_check_without_sense_is_noticed_and_spoils_nothing),
           T(another_status_is_noticed_and_spoils_nothing),
           T(a_lost_session_is_noticed_and_spoils_nothing),
           T(a_refusal_is_noticed_by_rows_for_quirks_too),
           T(a_reset_that_fails_spoils_no_row_after_it));
