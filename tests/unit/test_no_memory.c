/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that ends at one allocation after the other: what was asked for is refused with a reason,
 * nothing is lost (the sanitizers tell), and with memory it is done.
 */
#include "emulator/check_report.h"
#include "emulator/commands.h"
#include "emulator/delay_queue.h"
#include "emulator/disc_file.h"
#include "emulator/drive_config.h"
#include "emulator/drive_host.h"
#include "emulator/fetch_queue.h"
#include "emulator/host_target.h"
#include "emulator/mint.h"
#include "emulator/new_file.h"
#include "emulator/nexus_table.h"
#include "emulator/send_ready.h"
#include "tests/support/bench_drive.h"
#include "tests/support/faults.h"
#include "tests/support/lcg.h"
#include "tests/support/medium_memory.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS          256
#define ALLOCATIONS_MAX 1000

static const char description[] = "[disc]\nimage = x.iso\nprotection = css\n[player_keys]\n"
                                  "7 = 0102030405\n[title_keys]\na = 1122334455\nb = 5544332211\n"
                                  "[bad_blocks]\n3 = 1\n9 = 2\n"
                                  "[extents]\n10 = 5 B0 a A.VOB\n15 = 1 F0 b B.VOB\n";

static char error[INI_ERROR_BYTES];
static unsigned good_ones; /* allocations that succeed before the one that does not */

static void let_memory_end(void)
{
    fault_after(FAULT_MEMORY, good_ones, ENOMEM);
}

/* `operation` calls let_memory_end() when what it is about begins; `said` is in its error. */
static unsigned sweep(bool (*operation)(void), const char *said)
{
    bool ended;

    for (good_ones = 0; good_ones < ALLOCATIONS_MAX; good_ones++) {
        bool done;

        error[0] = 0;
        done = operation();
        ended = fault_came();
        CU_ASSERT_NOT_EQUAL(done, ended);
        if (!ended) {
            break;
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(error, said));
    }
    CU_ASSERT(good_ones > 0 && good_ones < ALLOCATIONS_MAX);
    return good_ones;
}

/* ---- discs ---- */

static unsigned closed;

static struct medium *blank_image(void)
{
    struct medium_memory *memory = medium_memory_blocks(BLOCKS);

    closed = 0;
    memory->closed = &closed;
    return &memory->medium;
}

static bool loads_description(void)
{
    struct medium *image = blank_image();
    struct disc *disc;

    let_memory_end();
    disc = disc_load_text("f.disc", description, strlen(description), image, error);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
    return disc != NULL;
}

static void a_description_is_refused_and_its_image_closed(void)
{
    CU_ASSERT(sweep(loads_description, "out of memory") > 10);
}

static struct temp_folder folder;

static bool loads(const char *name)
{
    struct disc *disc;

    let_memory_end();
    disc = disc_load(temp_file(&folder, name), error);
    disc_release(disc);
    return disc != NULL;
}

static bool loads_image(void)
{
    return loads("a.iso");
}

static bool loads_description_file(void)
{
    return loads("a.disc");
}

static void files_are_refused(void)
{
    static const char text[] = "[disc]\nimage = a.iso\n";

    temp_open(&folder);
    temp_write(&folder, "a.iso", NULL, 4 * (size_t)DISC_BLOCK_BYTES);
    temp_write(&folder, "a.disc", text, strlen(text));
    sweep(loads_image, "memory");
    sweep(loads_description_file, "emory"); /* "Cannot allocate memory" too */
    temp_close(&folder);
}

static bool mints(void)
{
    static struct dvd_video_run run = {.lba = 10, .blocks = 20};
    static struct dvd_video_vob vob = {"VTS_01_1.VOB", 1, &run, 1};
    static const struct dvd_video video = {&vob, 1};
    const struct mint_recipe recipe = {.seed = 1, .cgms = 3, .video = &video};
    struct medium *image = blank_image();
    struct disc *disc;

    let_memory_end();
    disc = mint_disc(&recipe, image, error);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
    return disc != NULL;
}

static void a_disc_that_is_minted_is_refused(void)
{
    sweep(mints, "out of memory");
}

static void a_draft_that_is_not_whole_is_refused(void)
{
    const struct disc_text_run extent = {.extent = {.lba = 4, .blocks = 1, .cpr_mai = 0xb0}};
    const struct mint_recipe recipe = {.seed = 1, .extents = &extent, .extent_count = 1};

    error[0] = 0;
    fault_after(FAULT_FCLOSE, 0, ENOMEM);
    CU_ASSERT_PTR_NULL(mint_disc(&recipe, blank_image(), error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(error, "out of memory");
    CU_ASSERT_EQUAL(closed, 1);
}

static bool finds_targets(void)
{
    struct disc *disc =
        disc_load_text("f.disc", description, strlen(description), blank_image(), error);
    struct host_targets targets;
    bool done;

    let_memory_end();
    done = host_find_targets(disc, &targets);
    if (!done) {
        snprintf(error, sizeof(error), "no memory");
        CU_ASSERT_EQUAL(targets.count, 0);
    }
    free(targets.rows);
    disc_release(disc);
    return done;
}

static void title_keys_of_a_disc_are_not_listed(void)
{
    CU_ASSERT_EQUAL(sweep(finds_targets, "no memory"), 1);
}

/* ---- drives ---- */

static void configure(struct drive_config *config)
{
    drive_config_init(config);
    snprintf(config->name, sizeof(config->name), "drive");
    snprintf(config->state, sizeof(config->state), "%s", folder.path);
    snprintf(config->disc, sizeof(config->disc), "%s", temp_file(&folder, "a.iso"));
}

static bool makes_drive(void)
{
    struct drive_config config;
    struct drive_host *host;

    configure(&config);
    let_memory_end();
    host = drive_host_new(&config, (struct drive_log){.line = NULL}, error);
    drive_host_free(host);
    return host != NULL;
}

static bool keeps_state(void)
{
    struct drive_config config;
    struct drive_host *host;
    bool done;

    configure(&config);
    host = drive_host_new(&config, (struct drive_log){.line = NULL}, error);
    let_memory_end();
    done = drive_host_snapshot(host, "one", error);
    if (!done) {
        CU_ASSERT_PTR_NULL(host->snapshots);
    }
    drive_host_free(host);
    return done;
}

static bool reads_drive_file(void)
{
    struct drive_config_list list;
    bool done;

    let_memory_end();
    done = drive_config_read(&list, temp_file(&folder, "two.conf"), error);
    if (done) {
        CU_ASSERT_EQUAL(list.count, 2);
        drive_config_list_free(&list);
    }
    return done;
}

static void drives_and_their_states_are_refused(void)
{
    static const char text[] = "[a]\ndisc = none\n[b]\ndisc = none\n";

    temp_open(&folder);
    temp_write(&folder, "a.iso", NULL, 4 * (size_t)DISC_BLOCK_BYTES);
    temp_write(&folder, "two.conf", text, strlen(text));
    CU_ASSERT(sweep(makes_drive, "memory") > 3);
    CU_ASSERT_EQUAL(sweep(keeps_state, "no memory for a state"), 3);
    sweep(reads_drive_file, "emory");
    temp_close(&folder);
}

/* ---- nexuses ---- */

static struct drive nexus_drive;

static void no_random(void *ctx, uint8_t *out, size_t bytes)
{
    (void)ctx;
    memset(out, 0, bytes);
}

static void start_nexus_drive(void)
{
    static const struct drive_services services = {.random = no_random};
    const struct region_state region = region_factory();
    struct personality personality;

    personality_init(&personality);
    drive_init(&nexus_drive, &personality, &services, &region);
}

static void stop_nexus_drive(struct nexus_table *table)
{
    nexus_table_sweep(table, &nexus_drive); /* takes the marks away */
    nexus_table_sweep(table, &nexus_drive);
    CU_ASSERT_PTR_NULL(nexus_drive.nexuses);
    drive_fini(&nexus_drive);
}

static bool marks_nexus(void)
{
    struct nexus_table table = {0};
    bool fresh, done;

    start_nexus_drive();
    let_memory_end();
    done = nexus_table_mark(&table, &nexus_drive, 5, 100, &fresh) != NULL;
    if (!done) {
        snprintf(error, sizeof(error), "no nexus");
    }
    CU_ASSERT_EQUAL(fresh, done);
    CU_ASSERT_EQUAL(nexus_table_find(&table, 5, 100) != NULL, done);
    CU_ASSERT_EQUAL(nexus_table_keep(&table, 5), done);
    stop_nexus_drive(&table);
    return done;
}

static void a_nexus_is_not_known(void)
{
    CU_ASSERT_EQUAL(sweep(marks_nexus, "no nexus"), 3);
}

/* As many as fit, and one more. */
static void a_table_that_cannot_grow_takes_more_all_the_same(void)
{
    struct nexus_table table = {0};
    unsigned id = 0;
    bool fresh;

    start_nexus_drive();
    do {
        nexus_table_mark(&table, &nexus_drive, id++, 1, &fresh);
    } while (table.row_count < table.chain_count);
    fault_after(FAULT_MEMORY, 0, ENOMEM);
    CU_ASSERT_PTR_NOT_NULL(nexus_table_mark(&table, &nexus_drive, id, 1, &fresh));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT(table.row_count > table.chain_count);
    for (unsigned i = 0; i <= id; i++) {
        CU_ASSERT_PTR_NOT_NULL(nexus_table_find(&table, i, 1));
    }
    stop_nexus_drive(&table);
}

/* ---- reads and answers on their way ---- */

static bool makes_queue(void)
{
    struct fetch_queue *queue;

    let_memory_end();
    queue = fetch_queue_new(2, 1);
    fetch_queue_free(queue);
    if (!queue) {
        snprintf(error, sizeof(error), "no queue");
    }
    return queue != NULL;
}

static bool starts_read(enum fetch_way way)
{
    static int user;
    uint8_t room[DISC_BLOCK_BYTES];
    const struct drive_request request = {.in = room, .in_bytes = sizeof(room)};
    struct fetch_queue *queue = fetch_queue_new(2, 1);
    struct disc *disc = disc_new_plain(blank_image());
    struct drive_reply reply = {.in_bytes = sizeof(room),
                                .fetch = {.disc = disc_hold(disc), .lba = 1, .blocks = 1}};
    bool done;

    let_memory_end();
    done = fetch_queue_start(queue, way, &request, &reply, &user);
    fault_came();
    if (!done) {
        drive_fetch_end(&reply);
        snprintf(error, sizeof(error), "no read");
    }
    CU_ASSERT_EQUAL(fetch_queue_is_busy(queue), done && way == FETCH_APART);
    fetch_queue_free(queue);
    disc_release(disc);
    CU_ASSERT_EQUAL(closed, 1);
    return done;
}

static bool starts_read_apart(void)
{
    return starts_read(FETCH_APART);
}

static bool starts_read_in_place(void)
{
    return starts_read(FETCH_IN_PLACE);
}

static bool delays_answer(void)
{
    static int user;
    const struct drive_reply reply = {.in_bytes = 0};
    struct delay_queue queue = {NULL};
    struct drive_reply due;
    bool done;

    let_memory_end();
    done = delay_queue_add(&queue, 5, &reply, &user);
    CU_ASSERT_EQUAL(delay_queue_take(&queue, 5, &due) == &user, done);
    if (!done) {
        snprintf(error, sizeof(error), "no delay");
    }
    return done;
}

static void reads_and_delays_are_refused(void)
{
    CU_ASSERT_EQUAL(sweep(makes_queue, "no queue"), 2);
    CU_ASSERT_EQUAL(sweep(starts_read_apart, "no read"), 1);
    CU_ASSERT_EQUAL(sweep(starts_read_in_place, "no read"), 1);
    CU_ASSERT_EQUAL(sweep(delays_answer, "no delay"), 1);
}

/* ---- what is written ---- */

static bool begins_report(void)
{
    struct check_report report;
    char *text = NULL;
    size_t bytes;
    FILE *tap = open_memstream(&text, &bytes);
    bool done;

    let_memory_end();
    done = tap && check_report_begin(&report, tap, 3);
    fault_came();
    if (tap) {
        fclose(tap);
    }
    CU_ASSERT_EQUAL(strstr(text, "TAP version 13") != NULL, done);
    if (done) {
        check_report_free(&report);
    } else {
        snprintf(error, sizeof(error), "no report");
    }
    free(text);
    return done;
}

static bool opens_new_file(void)
{
    struct new_file file;
    bool done;

    let_memory_end();
    done = new_file_open(&file, temp_file(&folder, "new"), error);
    CU_ASSERT_EQUAL(file.out != NULL, done);
    new_file_drop(&file);
    return done;
}

static void reports_and_files_are_not_begun(void)
{
    CU_ASSERT_EQUAL(sweep(begins_report, "no report"), 1);
    temp_open(&folder);
    CU_ASSERT_EQUAL(sweep(opens_new_file, "new: out of memory"), 2);
    temp_close(&folder);
}

#define COMMANDS_OF_A_ROW 500

/* A CDB that is likely to be taken: few blocks of the disc, or a random key format. */
static void draw_cdb(uint32_t *state, uint8_t opcode, uint8_t cdb[static 12])
{
    lcg_bytes(state, cdb, 12);
    cdb[0] = opcode;
    cdb[1] = cdb[2] = cdb[3] = cdb[4] = cdb[7] = 0;
    cdb[8] %= BENCH_DISC_BLOCKS / 8;
}

/* The common path allocates nothing: not the commands, not the reads of a scrambled disc. */
static void commands_need_no_memory(void)
{
    unsigned good = 0;
    struct bench b;
    uint32_t state = 1;
    uint8_t cdb[12];

    bench_open_css(&b);
    for (unsigned opcode = 0; opcode < SCSI_OPCODES; opcode++) {
        for (unsigned i = 0; mmc_commands[opcode].cdb_bytes > 0 && i < COMMANDS_OF_A_ROW; i++) {
            draw_cdb(&state, (uint8_t)opcode, cdb);
            b.drive.state.asf = true;
            bench_quiet(&b);
            fault_after(FAULT_MEMORY, 0, ENOMEM);
            good += bench_run(&b, cdb, sizeof(cdb), NULL, 0, BENCH_ROOM_BYTES);
            CU_ASSERT_FALSE(fault_came());
        }
    }
    CU_ASSERT(good > COMMANDS_OF_A_ROW);
    bench_close(&b);
}

/* Then its wishes go on to the kernel. */
static void a_connection_is_not_known(void)
{
    static const struct control_loop no_loop;
    struct send_spill *spill = send_spill_new(&no_loop);
    struct send_ready *ready = send_ready_new(spill);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};

    CU_ASSERT_FATAL(spill && ready);
    for (good_ones = 0; good_ones < 2; good_ones++) {
        let_memory_end();
        send_ready_sent(ready, 5, 48);
        CU_ASSERT_TRUE(fault_came());
        CU_ASSERT_FALSE(send_ready_wish(ready, 5, &event));
        CU_ASSERT_FALSE(send_ready_any(ready));
    }
    CU_ASSERT_EQUAL(event.events, EPOLLIN | EPOLLOUT);
    send_ready_sent(ready, 5, 48);
    send_ready_wish(ready, 5, &event);
    CU_ASSERT_TRUE(send_ready_any(ready));
    send_ready_free(ready);
    send_spill_free(spill);
}

UNIT_SUITE(no_memory, T(a_connection_is_not_known), T(commands_need_no_memory),
           T(a_description_is_refused_and_its_image_closed), T(files_are_refused),
           T(a_disc_that_is_minted_is_refused), T(a_draft_that_is_not_whole_is_refused),
           T(title_keys_of_a_disc_are_not_listed), T(drives_and_their_states_are_refused),
           T(a_nexus_is_not_known), T(a_table_that_cannot_grow_takes_more_all_the_same),
           T(reads_and_delays_are_refused), T(reports_and_files_are_not_begun));
