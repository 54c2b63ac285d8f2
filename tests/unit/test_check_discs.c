/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conformance suite on discs and drives that have little to ask about: what cannot be asked is
 * skipped with its reason, and nothing fails.
 */
#include "tests/support/check_bench.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include "emulator/check_talk.h"
#include "emulator/check_themes.h"
#include "scsi/opcodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CSS_KEYS                                                                                   \
    "[disc]\nimage = none\nprotection = css\nseed = 5\ndisc_key = a1b2c3d4e5\n"                    \
    "[title_keys]\nfirst = 1032547698\nsecond = fedcba9876\n"
#define LOCK_BIT 0x01 /* in page 2Ah */

/* What a run said: the texts of all skips or failures, one a line. */
static char skips[1 << 16], failures[1 << 16];

static void note(void *ctx, const struct check *k, const struct check_row *row)
{
    char *to = k->verdict == CHECK_SKIPPED ? skips : failures;
    size_t used = strlen(to);

    (void)ctx;
    if (k->verdict != CHECK_OK || !row) {
        snprintf(to + used, sizeof(skips) - used, "%s: %s\n", row ? row->name : "-", k->text);
    }
}

static void run(struct check_bench *b, bool described)
{
    skips[0] = failures[0] = 0;
    check_bench_run(b, described, note, NULL);
}

static bool skipped(const char *text)
{
    return strstr(skips, text) != NULL;
}

static bool failed(const char *text)
{
    return strstr(failures, text) != NULL;
}

/* The suite on a disc of this description: no failure, and a skip for that reason. */
static void skips_on(const char *disc, const char *reason)
{
    struct check_bench b;

    check_bench_open(&b, disc, NULL);
    b.options.eject = b.options.destructive = true;
    run(&b, true);
    CU_ASSERT_EQUAL(b.failures, 0);
    CU_ASSERT(skipped(reason));
    check_bench_close(&b);
}

static void what_a_disc_has_not_is_skipped(void)
{
    skips_on(CSS_KEYS "[extents]\n32 = 16 F0 first\n96 = 32 F0 second\n",
             "the disc has no block that is restricted and in clear");
    skips_on("[disc]\nimage = none\nprotection = css\nregions = 2\nseed = 5\n",
             "region.walk: the disc plays in no other region than the drive's");
}

/* The row that spends region changes, alone. */
static void a_disc_of_one_region_leaves_changes(void)
{
    struct check *k = malloc(sizeof(*k));
    struct check_wire wire;
    struct check_bench b;

    check_bench_open(&b, "[disc]\nimage = none\nprotection = css\nregions = 2\nseed = 5\n", NULL);
    b.options.destructive = true;
    wire = check_bench_wire(&b);
    if (!k) {
        abort();
    }
    CU_ASSERT_TRUE_FATAL(check_open(k, &wire, &b.options));
    for (size_t i = 0; i < check_theme_region_walk.count; i++) {
        if (strcmp(check_theme_region_walk.rows[i].name, "region.walk") == 0) {
            check_run(k, &check_theme_region_walk.rows[i]);
        }
    }
    CU_ASSERT_EQUAL(k->verdict, CHECK_SKIPPED);
    CU_ASSERT_STRING_EQUAL(k->text, "the disc plays in one region: 4 user changes are left");
    check_close(k);
    check_bench_close(&b);
    free(k);
}

static void a_title_key_without_scrambled_blocks_is_passed_over(void)
{
    struct check_bench b;

    check_bench_open(
        &b, CSS_KEYS "[bad_blocks]\n0 = 4\n[extents]\n32 = 16 B0 first\n96 = 32 F0 second\n", NULL);
    run(&b, true);
    CU_ASSERT_EQUAL(b.failures, 0);
    CU_ASSERT_FALSE(skipped("read.descrambles-to-the-image"));
    check_bench_close(&b);
}

static void a_scrambled_block_that_is_no_pack_has_no_mark(void)
{
    struct medium_memory *image;
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    image = (struct medium_memory *)(void *)b.disc->medium;
    memset(image->bytes, 0xff, image->medium.size_bytes);
    run(&b, true);
    CU_ASSERT_EQUAL(b.failures, 0);
    CU_ASSERT(skipped("read.comes-scrambled: the scrambled block is no MPEG pack"));
    check_bench_close(&b);
}

/* ---- an image that fails once the drive has read it ---- */

static const struct check_command *well_before(struct check_bench *b,
                                               const struct check_command *command)
{
    ((struct medium_memory *)(void *)b->disc->medium)->fail_at_bytes = MEDIUM_MEMORY_NO_FAULT;
    return command;
}

static void failing_after(struct check_bench *b, const struct check_command *command,
                          struct check_answer *answer, uint8_t *in)
{
    (void)in;
    if (command->cdb[0] == OP_READ_10 && answer->status == CHECK_GOOD) {
        ((struct medium_memory *)(void *)b->disc->medium)->fail_at_bytes = 32 * DISC_BLOCK_BYTES;
    }
}

static void an_image_that_cannot_be_compared_with_is_a_failure(void)
{
    static const struct check_lie lie = {.before = well_before, .after = failing_after};
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    b.lie = &lie;
    run(&b, true);
    CU_ASSERT(failed("LBA 32 of the described image cannot be read"));
    CU_ASSERT(check_bench_failed(&b, "read.descrambles-to-the-image"));
    check_bench_close(&b);
}

/* ---- drives ---- */

static void without_a_second_session_rows_say_so(void)
{
    static const char *const rows[] = {
        "nexus.attention-once", "nexus.request-sense-takes-attention", "nexus.logout-keeps-asf"};
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    b.logins_left = 1;
    run(&b, true);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT(check_bench_failed(&b, rows[i]));
    }
    CU_ASSERT(failed("initiator 2 cannot log in: no error in here"));
    CU_ASSERT_FALSE(check_bench_failed(&b, "exchange.nominal"));
    check_bench_close(&b);
}

/* In page 2Ah and in feature 0003h. */
static void without_lock(struct check_bench *b, const struct check_command *command,
                         struct check_answer *answer, uint8_t *in)
{
    (void)b;
    if (command->cdb[0] == OP_MODE_SENSE_10 && answer->in_bytes > 14) {
        in[14] &= (uint8_t)~LOCK_BIT;
    }
}

static void a_tray_that_cannot_be_locked_is_not_tried(void)
{
    static const struct check_lie lie = {.after = without_lock};
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    b.lie = &lie;
    run(&b, true);
    CU_ASSERT(skipped("reset.ends-prevention: the drive cannot lock its tray"));
    CU_ASSERT(skipped("nexus."));
    CU_ASSERT(check_bench_failed(&b, "configuration.removable-agrees-with-page-2a"));
    check_bench_close(&b);
}

static void features_that_are_missing_are_failures(void)
{
    static const uint8_t absent[] = {0x00, 0x02, 0x00, 0x03};
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    b.drive.personality.features_absent.count = sizeof(absent);
    memcpy(b.drive.personality.features_absent.b, absent, sizeof(absent));
    run(&b, true);
    CU_ASSERT(failed("feature 0002h in the list"));
    CU_ASSERT(failed("feature 0003h in the list"));
    check_bench_close(&b);
}

/* Response code 72h (SPC): key, ASC and ASCQ stand elsewhere. */
static void describe_sense(struct check_bench *b, const struct check_command *command,
                           struct check_answer *answer, uint8_t *in)
{
    (void)b;
    (void)command;
    (void)in;
    if (answer->status == CHECK_CONDITION) {
        const uint8_t sense[8] = {0x72, answer->sense[2], answer->sense[12], answer->sense[13]};

        memcpy(answer->sense, sense, sizeof(sense));
        answer->sense_bytes = sizeof(sense);
    }
}

static void sense_with_descriptors_says_the_same(void)
{
    static const struct check_lie lie = {.after = describe_sense};
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    b.lie = &lie;
    run(&b, true);
    CU_ASSERT(check_bench_failed(&b, "wire.sense-fixed-format"));
    CU_ASSERT(failed("expected response code 70h, seen 72h"));
    CU_ASSERT_EQUAL(b.failures, 10); /* of those that look at the bytes; outcomes are the same */
    check_bench_close(&b);
}

/* ---- saying ---- */

static void a_failure_comes_before_a_skip(void)
{
    struct check k = {.verdict = CHECK_OK};

    check_skip(&k, "not asked");
    CU_ASSERT_EQUAL(k.verdict, CHECK_SKIPPED);
    check_fail(&k, "wrong: %s", "two\nlines\x01");
    CU_ASSERT_EQUAL(k.verdict, CHECK_FAILED);
    CU_ASSERT_STRING_EQUAL(k.text, "wrong: two lines ");
    check_skip(&k, "not asked");
    CU_ASSERT_EQUAL(k.verdict, CHECK_FAILED);
    CU_ASSERT_STRING_EQUAL(k.text, "wrong: two lines ");
}

static struct saying {
    int opcode, format; /* byte 7 of ADh */
    struct check_answer answer;
} saying;

static void answer_so(struct check_bench *b, const struct check_command *command,
                      struct check_answer *answer, uint8_t *in)
{
    (void)in;
    if (command->cdb[0] == saying.opcode &&
        (saying.opcode != OP_READ_DVD_STRUCTURE || command->cdb[7] == saying.format)) {
        *answer = saying.answer;
        b->lied++;
    }
}

static void a_session_that_is_lost_at_once_is_no_suite(void)
{
    static const struct check_lie lie = {.after = answer_so};
    struct check_bench b;

    check_bench_open(&b, check_bench_css, NULL);
    saying = (struct saying){.opcode = OP_TEST_UNIT_READY, .answer = {.status = CHECK_LOST}};
    b.lie = &lie;
    skips[0] = failures[0] = 0;
    CU_ASSERT_FALSE(check_bench_run(&b, false, note, NULL));
    CU_ASSERT_EQUAL(b.lied, 1);
    CU_ASSERT(failed("expected good, seen a lost session: no error in here"));
    check_bench_close(&b);
}

static void structures_that_are_refused_tell_nothing(void)
{
    static const struct check_lie lie = {.after = answer_so};
    static const struct check_answer refused = {
        .status = CHECK_CONDITION, .sense = {0x70, 0, 5, [7] = 10, [12] = 0x24}, .sense_bytes = 18};
    struct check_bench b;

    check_bench_open(&b, check_bench_opposite, NULL);
    b.lie = &lie;
    saying = (struct saying){OP_READ_DVD_STRUCTURE, STRUCTURE_PHYSICAL, refused};
    run(&b, false);
    CU_ASSERT(check_bench_failed(&b, "structure.physical"));
    CU_ASSERT(skipped("needs a disc of two layers"));
    check_bench_close(&b);
    check_bench_open(&b, check_bench_css, NULL);
    b.lie = &lie;
    saying = (struct saying){OP_READ_DVD_STRUCTURE, STRUCTURE_COPYRIGHT_MANAGEMENT, refused};
    run(&b, false);
    CU_ASSERT(skipped("no scrambled block was found"));
    check_bench_close(&b);
}

UNIT_SUITE(check_discs, T(what_a_disc_has_not_is_skipped), T(a_disc_of_one_region_leaves_changes),
           T(a_title_key_without_scrambled_blocks_is_passed_over),
           T(a_scrambled_block_that_is_no_pack_has_no_mark),
           T(an_image_that_cannot_be_compared_with_is_a_failure),
           T(without_a_second_session_rows_say_so), T(a_tray_that_cannot_be_locked_is_not_tried),
           T(features_that_are_missing_are_failures), T(sense_with_descriptors_says_the_same),
           T(a_failure_comes_before_a_skip), T(a_session_that_is_lost_at_once_is_no_suite),
           T(structures_that_are_refused_tell_nothing));
