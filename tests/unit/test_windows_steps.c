/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program for Windows, above a model of the class driver, above a drive: what it calls, in
 * which order, and that it sees what is wrong.
 */
#include "bytes.h"
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "tests/support/class_driver.h"
#include "tests/support/medium_memory.h"
#include "tests/windows/wintest.h"

#include <stdio.h>
#include <stdlib.h>

#define ARGUMENTS_MAX 12
#define TITLE_LBA     "16" /* BENCH_SCRAMBLED_LBA */
#define BEHIND_PACK   128

static const css_disc_key disc_key = {{0xa1, 0xb2, 0xc3, 0xd4, 0xe5}};
static const css_title_key title_key = {{0x10, 0x32, 0x54, 0x76, 0x98}};

/* ---- the stand ---- */

static struct {
    struct bench bench;
    struct class_driver driver;
    struct step_report report;
    struct expectations expected;
    char *text, *json;
    size_t text_bytes, json_bytes;
    uint8_t *room;
    unsigned stale_lists; /* SEND KEY lists whose bytes 2 and 3 were not zero */
    /* what the drive's answers are turned into */
    bool refuse_invalid_agid, cut_replies, break_asf;
} stand;

static bool is_key_command(const struct class_driver_command *command, uint8_t opcode,
                           uint8_t format)
{
    return command->cdb[0] == opcode && (command->cdb[10] & 0x3f) == format;
}

/* A drive with a fault in it. */
static void spoil(struct class_driver_command *command)
{
    if (stand.cut_replies && command->in_bytes > 8 && command->cdb[0] == OP_REPORT_KEY) {
        command->in_bytes = 8;
    }
    if (stand.break_asf && is_key_command(command, OP_REPORT_KEY, KEY_ASF)) {
        command->in[7] = 0;
    }
}

static bool is_refused_by_fault(const struct class_driver_command *command)
{
    return stand.refuse_invalid_agid && is_key_command(command, OP_SEND_KEY, KEY_INVALIDATE) &&
           stand.bench.drive.state.agids[command->cdb[10] >> 6].state == AGID_FREE;
}

static void check(struct class_driver_command *command, struct scsi_sense sense)
{
    sense_fixed(sense, command->sense);
    command->sense_bytes = SENSE_FIXED_BYTES;
}

static void run_on_bench(void *ctx, struct class_driver_command *command)
{
    struct bench *b = ctx;

    if (command->cdb[0] == OP_SEND_KEY && command->out_bytes > 3) {
        stand.stale_lists += command->out[2] || command->out[3];
    }
    if (is_refused_by_fault(command)) {
        check(command, sense_cdb_field(10));
        return;
    }
    if (!bench_run(b, command->cdb, command->cdb_bytes, command->out, command->out_bytes,
                   command->in_room)) {
        check(command, b->reply.sense);
        return;
    }
    command->in_bytes = bench_in_bytes(b);
    if (command->in_bytes) {
        memcpy(command->in, b->in, command->in_bytes);
    }
    spoil(command);
}

/* A disc with keys that fit each other, for region 1 or for all. */
static void open_stand(bool css, uint8_t disc_regions)
{
    memset(&stand, 0, sizeof(stand));
    if (css) {
        struct disc *disc;

        bench_open_css(&stand.bench);
        disc = stand.bench.drive.disc;
        disc->rmi = disc_regions;
        disc->disc_key = disc_key;
        memcpy(disc->disc_key_block, css_check_entry(&disc_key).b, CSS_KEY_BYTES);
        disc->title_keys[0].clear = title_key;
        disc->title_keys[0].wrapped = css_wrap_title_key(&disc_key, &title_key);
    } else {
        bench_open_plain(&stand.bench);
    }
    class_driver_init(&stand.driver, run_on_bench, &stand.bench);
    stand.driver.blocks = BENCH_DISC_BLOCKS;
    stand.report.text = open_memstream(&stand.text, &stand.text_bytes);
    stand.report.json = open_memstream(&stand.json, &stand.json_bytes);
    stand.report.clock = &stand.driver.calls;
    stand.room = aligned_alloc(4096, WINTEST_ROOM_BYTES);
    CU_ASSERT_FATAL(stand.report.text && stand.report.json && stand.room);
}

static void close_stand(void)
{
    fclose(stand.report.text);
    fclose(stand.report.json);
    free(stand.text);
    free(stand.json);
    free(stand.room);
    bench_close(&stand.bench);
}

static int run(const char *const *more)
{
    char *argv[ARGUMENTS_MAX] = {NULL};
    char error[OPTION_ERROR_BYTES], words[ARGUMENTS_MAX][32] = {"wintest", "D:"};
    struct wintest_options options;
    int argc = 2, code;

    while (*more && argc < ARGUMENTS_MAX) {
        snprintf(words[argc++], sizeof(words[0]), "%s", *more++);
    }
    for (int i = 0; i < argc; i++) {
        argv[i] = words[i];
    }
    CU_ASSERT_FATAL(wintest_options_read(&options, argc, argv, error));
    code = wintest_run(&options, &stand.expected, &stand.driver.calls, &stand.report, stand.room);
    fflush(stand.report.text);
    fflush(stand.report.json);
    return code;
}

#define RUN(...)          run((const char *const[]){__VA_ARGS__, NULL})
#define RUN_ON_TITLE(...) RUN("--title-lba", TITLE_LBA, "--scrambled-lba", TITLE_LBA, __VA_ARGS__)

/* Whether a line begins like this; if not, and it should, all lines are shown. */
static bool says(const char *begin)
{
    const char *at = strstr(stand.text, begin);

    return at && (at == stand.text || at[-1] == '\n');
}

static void expect_line(const char *begin)
{
    if (!says(begin)) {
        fprintf(stderr, "no line \"%s\" in:\n%s", begin, stand.text);
    }
    CU_ASSERT(says(begin));
}

static void expect_all_passed(int code)
{
    if (code != WINTEST_EXIT_PASSED) {
        fprintf(stderr, "%s", stand.text);
    }
    CU_ASSERT_EQUAL(code, WINTEST_EXIT_PASSED);
    CU_ASSERT_EQUAL(stand.report.failed, 0);
}

/* ---- what must be good is good ---- */

static void every_step_passes_on_a_css_disc(void)
{
    open_stand(true, 0);
    expect_all_passed(RUN_ON_TITLE("--pass-through", "--repeat", "5", "--threads", "3"));
    expect_line("PASS disc-key 2048 bytes");
    expect_line("PASS title-key block 16, flags F0h");
    expect_line("PASS wrong-key2 status C0000306 (CSS_AUTHENTICATION_FAILURE) error 0x80030306");
    expect_line("PASS scrambled status C0000309");
    expect_line("PASS fifth-session status C0000010");
    expect_line("PASS send-key2-no-write status C0000022 (ACCESS_DENIED) error 5");
    expect_line("PASS pass-disc-key the same");
    expect_line("PASS threads-one-too-many 3 open and 1 more");
    CU_ASSERT_EQUAL(stand.report.skipped, 0);
    close_stand();
}

static void a_disc_without_keys_passes_too(void)
{
    open_stand(false, 0);
    expect_all_passed(RUN("--no-negative"));
    expect_line("PASS disc-key refused, as the disc has no keys");
    close_stand();
}

static void known_keys_are_compared_down_to_the_clear_sector(void)
{
    uint8_t clear[SECTOR_BYTES], wrapped[CSS_KEY_BYTES];

    open_stand(true, 0);
    medium_memory_block(BENCH_SCRAMBLED_LBA, clear);
    memcpy(wrapped, css_wrap_title_key(&disc_key, &title_key).b, sizeof(wrapped));
    stand.expected.of[EXPECTED_DISC_KEY].bytes = CSS_KEY_BYTES;
    memcpy(stand.expected.of[EXPECTED_DISC_KEY].data, disc_key.b, CSS_KEY_BYTES);
    stand.expected.of[EXPECTED_TITLE_KEY].bytes = CSS_KEY_BYTES;
    memcpy(stand.expected.of[EXPECTED_TITLE_KEY].data, title_key.b, CSS_KEY_BYTES);
    stand.expected.of[EXPECTED_WRAPPED_TITLE_KEY].bytes = CSS_KEY_BYTES;
    memcpy(stand.expected.of[EXPECTED_WRAPPED_TITLE_KEY].data, wrapped, CSS_KEY_BYTES);
    stand.expected.of[EXPECTED_CLEAR_SECTOR].bytes = SECTOR_BYTES - BEHIND_PACK;
    memcpy(stand.expected.of[EXPECTED_CLEAR_SECTOR].data, clear + BEHIND_PACK,
           SECTOR_BYTES - BEHIND_PACK);
    expect_all_passed(RUN_ON_TITLE("--no-negative"));
    expect_line("PASS disc-key compared with what is expected");
    expect_line("PASS clear-sector block 16 descrambled and compared");
    close_stand();
}

static void a_known_value_that_does_not_come_fails(void)
{
    static const struct {
        enum expected name;
        size_t bytes;
        const char *line;
    } rows[] = {
        {EXPECTED_BLOCKS, 4, "FAIL geometry"},
        {EXPECTED_REGIONS, 1, "FAIL copyright"},
        {EXPECTED_REGION_MASK, 1, "FAIL rpc-state"},
        {EXPECTED_DISC_KEY, 5, "FAIL disc-key"},
        {EXPECTED_DISC_KEY_BLOCK, 8, "FAIL disc-key"},
        {EXPECTED_WRAPPED_TITLE_KEY, 5, "FAIL title-key"},
        {EXPECTED_TITLE_FLAGS, 1, "FAIL title-key"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        open_stand(true, 0);
        stand.expected.of[rows[i].name].bytes = rows[i].bytes;
        memset(stand.expected.of[rows[i].name].data, 0x5a, rows[i].bytes);
        CU_ASSERT_EQUAL(RUN_ON_TITLE("--no-negative"), WINTEST_EXIT_FAILED);
        expect_line(rows[i].line);
        CU_ASSERT_EQUAL(stand.report.failed, 1);
        close_stand();
    }
}

/* ---- the order of commands ---- */

static void a_player_s_commands_come_in_the_order_of_the_design(void)
{
    static const uint8_t order[][2] = {
        {OP_SEND_KEY, 0x3f},   {OP_SEND_KEY, 0x3f},           {OP_SEND_KEY, 0x3f},
        {OP_SEND_KEY, 0x3f},   {OP_REPORT_KEY, 0x00},         {OP_SEND_KEY, 0x01},
        {OP_REPORT_KEY, 0x02}, {OP_REPORT_KEY, 0x01},         {OP_SEND_KEY, 0x03},
        {OP_REPORT_KEY, 0x05}, {OP_REPORT_KEY, 0x05},         {OP_READ_DVD_STRUCTURE, 0x02},
        {OP_REPORT_KEY, 0x05}, {OP_SEND_KEY, KEY_INVALIDATE},
    };
    const size_t count = sizeof(order) / sizeof(order[0]);
    size_t at = 0;

    open_stand(true, 0);
    RUN_ON_TITLE("--no-negative");
    while (at < stand.driver.log_count &&
           (stand.driver.log[at].opcode != OP_SEND_KEY || stand.driver.log[at].format != 0x3f)) {
        at++;
    }
    CU_ASSERT_FATAL(at + count <= stand.driver.log_count);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(stand.driver.log[at + i].opcode, order[i][0]);
        CU_ASSERT_EQUAL(stand.driver.log[at + i].format, order[i][1]);
    }
    close_stand();
}

/* Windows does that now and then; the program sees to it that it happens. */
static void a_list_with_stale_reserved_bytes_is_sent(void)
{
    open_stand(true, 0);
    expect_all_passed(RUN_ON_TITLE("--no-negative"));
    CU_ASSERT(stand.stale_lists > 0);
    close_stand();
}

static void without_crypt_it_stops_at_the_challenges(void)
{
    open_stand(true, 0);
    expect_all_passed(RUN_ON_TITLE("--no-crypt"));
    expect_line("PASS read-challenge");
    expect_line("SKIP send-key2 --no-crypt");
    for (size_t i = 0; i < stand.driver.log_count; i++) {
        CU_ASSERT_FALSE(stand.driver.log[i].opcode == OP_SEND_KEY &&
                        stand.driver.log[i].format == KEY_KEY2);
    }
    close_stand();
}

/* ---- regions ---- */

static void a_disc_of_another_region_gives_no_title_key(void)
{
    open_stand(true, BENCH_RMI);
    expect_all_passed(RUN_ON_TITLE("--no-negative"));
    expect_line("PASS title-key-other-region disc forbids regions FEh, drive's mask is FFh: "
                "status C000030A");
    close_stand();
}

static void the_region_that_the_driver_picks_is_seen(void)
{
    open_stand(true, 0xf5);
    stand.driver.picks_region = true;
    expect_all_passed(RUN_ON_TITLE("--no-negative"));
    expect_line("PASS rpc-state scheme 1, set, mask FDh, 4 changes");
    expect_line("region: is set");
    expect_line("PASS title-key block");
    close_stand();
}

static void the_region_is_set_only_when_asked(void)
{
    open_stand(true, 0);
    expect_all_passed(RUN_ON_TITLE("--pass-through"));
    CU_ASSERT_EQUAL(stand.bench.stores, 0);
    close_stand();
    open_stand(true, BENCH_RMI);
    expect_all_passed(RUN_ON_TITLE("--set-region", "1"));
    expect_line("PASS set-region mask FEh, 4 changes left");
    expect_line("PASS title-key block");
    close_stand();
}

static void a_region_that_the_disc_forbids_is_refused(void)
{
    open_stand(true, BENCH_RMI);
    expect_all_passed(RUN_ON_TITLE("--set-region", "2", "--no-negative"));
    expect_line("PASS set-region status C000030A");
    CU_ASSERT_EQUAL(stand.bench.stores, 0);
    close_stand();
}

/* ---- what is wrong is seen ---- */

static void a_drive_that_refuses_to_end_what_is_not_open_fails(void)
{
    open_stand(true, 0);
    stand.refuse_invalid_agid = true;
    CU_ASSERT_EQUAL(RUN_ON_TITLE("--no-negative"), WINTEST_EXIT_FAILED);
    expect_line("FAIL end-all error 1 (ERROR_INVALID_FUNCTION) status C0000010 "
                "(INVALID_DEVICE_REQUEST), wanted success");
    close_stand();
}

static void short_answers_fail(void)
{
    open_stand(true, 0);
    stand.cut_replies = true;
    CU_ASSERT_EQUAL(RUN_ON_TITLE("--no-negative"), WINTEST_EXIT_FAILED);
    expect_line("FAIL read-key1 28 bytes returned, wanted 32");
    close_stand();
}

static void an_asf_that_is_never_set_fails(void)
{
    open_stand(true, 0);
    stand.break_asf = true;
    CU_ASSERT_EQUAL(RUN_ON_TITLE("--no-negative"), WINTEST_EXIT_FAILED);
    expect_line("FAIL asf asked with session 0: 0");
    close_stand();
}

static void an_alignment_that_the_key_buffers_do_not_have_fails(void)
{
    open_stand(true, 0);
    stand.driver.alignment_mask = 7;
    CU_ASSERT_EQUAL(RUN_ON_TITLE("--no-negative"), WINTEST_EXIT_FAILED);
    expect_line("FAIL rpc-state error 87 (ERROR_INVALID_PARAMETER)");
    close_stand();
}

static void an_empty_drive_is_exit_code_2(void)
{
    open_stand(true, 0);
    drive_eject(&stand.bench.drive, true);
    CU_ASSERT_EQUAL(RUN_ON_TITLE("-v"), WINTEST_EXIT_NO_DVD);
    expect_line("FAIL media error 21 (ERROR_NOT_READY) status C0000013");
    close_stand();
}

static void without_a_handle_for_writing_steps_are_skipped(void)
{
    open_stand(true, 0);
    stand.driver.calls.has_write = false;
    expect_all_passed(RUN_ON_TITLE("--pass-through", "--set-region", "1"));
    expect_line("SKIP set-region no handle for writing");
    expect_line("SKIP key2-without-format no handle for writing");
    expect_line("SKIP pass-through no handle for writing");
    close_stand();
}

/* ---- a change of disc ---- */

/* The user, while the program waits: takes the disc out, then puts another in. */
static void user_changes_the_disc(void *ctx, unsigned ms)
{
    (void)ctx;
    (void)ms;
    if (stand.bench.drive.disc) {
        drive_eject(&stand.bench.drive, true);
    } else {
        CU_ASSERT_TRUE_FATAL(drive_insert(&stand.bench.drive, bench_plain_disc(100)));
    }
}

static void a_change_of_disc_is_seen_and_ends_sessions(void)
{
    open_stand(true, 0);
    stand.driver.calls.sleep_ms = user_changes_the_disc;
    expect_all_passed(RUN_ON_TITLE("--no-negative", "--interactive"));
    expect_line("please: change the disc now");
    expect_line("PASS media-change");
    expect_line("PASS old-session session 0: status C0000010");
    expect_line("PASS geometry 100 blocks");
    expect_line("PASS copyright protection 0");
    close_stand();
}

static void a_disc_that_nobody_changes_fails_in_the_end(void)
{
    open_stand(true, 0);
    CU_ASSERT_EQUAL(RUN_ON_TITLE("--no-negative", "--interactive"), WINTEST_EXIT_FAILED);
    expect_line("FAIL media-change");
    close_stand();
}

/* ---- the output ---- */

static void each_step_is_a_line_of_json_too(void)
{
    size_t lines = 0;

    open_stand(true, 0);
    RUN_ON_TITLE("--no-negative");
    for (const char *at = stand.json; *at; at++) {
        lines += *at == '\n';
    }
    CU_ASSERT(lines > stand.report.passed);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(stand.json, "{\"step\":\"start-session\",\"result\":\"PASS\",\"detail\":"
                           "\"session 0\",\"utc\":\"2026-11-25T06:29:17.123Z\",\"status\":"
                           "\"00000000\",\"status_name\":\"SUCCESS\",\"error\":0,\"bytes\":4,"
                           "\"ms\":0.000}\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stand.json, "\"failed\":0,\"skipped\":0}\n"));
    close_stand();
}

static void keys_are_shown_only_when_asked(void)
{
    open_stand(true, 0);
    RUN_ON_TITLE("--no-negative");
    CU_ASSERT_FALSE(says("  ioctl"));
    close_stand();
    open_stand(true, 0);
    RUN_ON_TITLE("--no-negative", "-v");
    expect_line("  ioctl 00335000\n");
    expect_line("  out 4: 00 00 00 00\n");
    close_stand();
}

UNIT_SUITE(
    windows_steps, T(every_step_passes_on_a_css_disc), T(a_disc_without_keys_passes_too),
    T(known_keys_are_compared_down_to_the_clear_sector), T(a_known_value_that_does_not_come_fails),
    T(a_player_s_commands_come_in_the_order_of_the_design),
    T(a_list_with_stale_reserved_bytes_is_sent), T(without_crypt_it_stops_at_the_challenges),
    T(a_disc_of_another_region_gives_no_title_key), T(the_region_that_the_driver_picks_is_seen),
    T(the_region_is_set_only_when_asked), T(a_region_that_the_disc_forbids_is_refused),
    T(a_drive_that_refuses_to_end_what_is_not_open_fails), T(short_answers_fail),
    T(an_asf_that_is_never_set_fails), T(an_alignment_that_the_key_buffers_do_not_have_fails),
    T(an_empty_drive_is_exit_code_2), T(without_a_handle_for_writing_steps_are_skipped),
    T(a_change_of_disc_is_seen_and_ends_sessions), T(a_disc_that_nobody_changes_fails_in_the_end),
    T(each_step_is_a_line_of_json_too), T(keys_are_shown_only_when_asked));
