/* SPDX-License-Identifier: GPL-2.0-only */
/* The drive as a whole: nexuses, the mechanism, power and reset, one command from end to end. */
#include "emulator/drive.h"

#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include <string.h>

#define TUR(b)       BENCH_GO(b, OP_TEST_UNIT_READY, 0, 0, 0, 0, 0)
#define SMALL_BLOCKS 8

/* ---- nexuses and their attentions ---- */

static void a_new_nexus_is_told_of_power_on_once(void)
{
    struct bench b;

    bench_open_plain(&b);
    drive_nexus_close(&b.drive, b.nexus);
    b.nexus = drive_nexus_open(&b.drive, 7);
    CU_ASSERT_FALSE(TUR(&b));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_POWER_ON));
    CU_ASSERT(TUR(&b));
    bench_swap(&b);
    CU_ASSERT(TUR(&b));
    bench_close(&b);
}

static void attentions_come_in_order_and_once_on_each_nexus(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(drive_insert(&b.drive, bench_plain_disc(1)));
    drive_reset(&b.drive);
    for (int nexus = 0; nexus < 2; nexus++, bench_swap(&b)) {
        CU_ASSERT_FALSE(TUR(&b));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_POWER_ON));
        CU_ASSERT_FALSE(TUR(&b));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_MEDIUM_CHANGED));
        CU_ASSERT(TUR(&b));
    }
    CU_ASSERT_EQUAL(b.drive.counters.attentions, 4);
    bench_close(&b);
}

static void a_command_with_an_attention_is_not_executed(void)
{
    struct bench b;

    bench_open_css(&b);
    b.nexus->state.attentions = DRIVE_UA_MEDIUM_CHANGED;
    CU_ASSERT_FALSE(BENCH_GO(&b, OP_START_STOP_UNIT, 0, 0, 0, 2, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_MEDIUM_CHANGED));
    CU_ASSERT(drive_has_medium(&b.drive));
    bench_close(&b);
}

static void a_nexus_that_goes_ends_its_prevention_and_nothing_else(void)
{
    struct bench b;

    bench_open_css(&b);
    b.nexus->state.prevent = b.nexus->state.prevent_persistent = true;
    b.drive.state.agids[2].state = AGID_DCHAL;
    b.drive.state.asf = true;
    CU_ASSERT(drive_is_prevented(&b.drive));
    drive_nexus_close(&b.drive, b.nexus);
    CU_ASSERT_FALSE(drive_is_prevented(&b.drive));
    CU_ASSERT_EQUAL(b.drive.state.agids[2].state, AGID_DCHAL);
    CU_ASSERT(b.drive.state.asf);
    b.nexus = b.other;
    CU_ASSERT(TUR(&b));
    bench_close(&b);
}

static void nexuses_close_in_any_order(void)
{
    struct bench b;
    struct drive_nexus *middle;

    bench_open(&b);
    middle = drive_nexus_open(&b.drive, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(drive_nexus_open(&b.drive, 4));
    drive_nexus_close(&b.drive, middle);
    drive_nexus_close(&b.drive, b.nexus);
    CU_ASSERT_EQUAL(b.drive.nexuses->id, 4);
    CU_ASSERT_PTR_EQUAL(b.drive.nexuses->next, b.other);
    CU_ASSERT_PTR_NULL(b.other->next);
    bench_close(&b);
}

/* ---- events ---- */

static void event_queue_keeps_the_newest(void)
{
    static const uint8_t newest[DRIVE_EVENTS_MAX] = {MEDIA_REMOVAL, MEDIA_NEW, MEDIA_REMOVAL,
                                                     MEDIA_NEW};
    struct bench b;

    bench_open_plain(&b);
    for (int i = 0; i < 5; i++) {
        drive_tray_open(&b.drive);
        drive_tray_close(&b.drive);
    }
    CU_ASSERT_EQUAL(b.nexus->state.event_count, DRIVE_EVENTS_MAX);
    CU_ASSERT_EQUAL(memcmp(b.nexus->state.events, newest, sizeof(newest)), 0);
    CU_ASSERT_EQUAL(memcmp(b.other->state.events, newest, sizeof(newest)), 0);
    bench_close(&b);
}

static void one_event_said_twice_is_one(void)
{
    struct bench b;

    bench_open_plain(&b);
    b.nexus->state.prevent = true;
    drive_eject(&b.drive, false);
    drive_eject(&b.drive, false);
    CU_ASSERT_EQUAL(b.nexus->state.event_count, 1);
    CU_ASSERT_EQUAL(b.nexus->state.events[0], MEDIA_EJECT_REQUEST);
    CU_ASSERT_EQUAL(b.other->state.event_count, 1);
    drive_eject(&b.drive, true);
    CU_ASSERT_EQUAL(b.nexus->state.event_count, 2);
    CU_ASSERT_EQUAL(b.nexus->state.events[1], MEDIA_REMOVAL);
    bench_close(&b);
}

/* ---- the mechanism ---- */

static struct disc *watched_disc(unsigned *closed)
{
    struct medium_memory *memory = medium_memory_blocks(SMALL_BLOCKS);

    memory->closed = closed;
    return disc_new_plain(&memory->medium);
}

/* What was said last is not said again, and pushes nothing out. */
static void a_full_queue_keeps_all_when_nothing_is_new(void)
{
    static const uint8_t full[DRIVE_EVENTS_MAX] = {MEDIA_NEW, MEDIA_REMOVAL, MEDIA_NEW,
                                                   MEDIA_EJECT_REQUEST};
    struct bench b;

    bench_open_plain(&b);
    memcpy(b.nexus->state.events, full, sizeof(full));
    b.nexus->state.event_count = DRIVE_EVENTS_MAX;
    b.nexus->state.prevent = true;
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECT_PREVENTED);
    CU_ASSERT(memcmp(b.nexus->state.events, full, sizeof(full)) == 0);
    CU_ASSERT_EQUAL(b.nexus->state.event_count, DRIVE_EVENTS_MAX);
    bench_close(&b);
}

static void nothing_is_prevented_where_nothing_is_in(void)
{
    struct bench b;

    bench_open(&b);
    b.nexus->state.prevent = true;
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECT_EMPTY);
    CU_ASSERT_EQUAL(b.nexus->state.event_count, 0);
    bench_close(&b);
}

static void a_disc_inside_refuses_another(void)
{
    struct bench b;
    unsigned closed = 0;
    struct disc *second = watched_disc(&closed);

    bench_open_css(&b);
    CU_ASSERT_FALSE(drive_insert(&b.drive, second));
    CU_ASSERT_EQUAL(second->references, 1);
    CU_ASSERT(disc_has_css(b.drive.disc));
    CU_ASSERT_EQUAL(b.nexus->state.attentions, 0);
    disc_release(second);
    CU_ASSERT_EQUAL(closed, 1);
    bench_close(&b);
}

static void a_disc_on_the_open_tray_makes_room(void)
{
    struct bench b;
    unsigned closed = 0;

    bench_open(&b);
    CU_ASSERT(drive_insert(&b.drive, watched_disc(&closed)));
    drive_tray_open(&b.drive);
    CU_ASSERT_EQUAL(closed, 0);
    CU_ASSERT(drive_insert(&b.drive, bench_plain_disc(3)));
    CU_ASSERT_EQUAL(closed, 1);
    CU_ASSERT_EQUAL(b.drive.disc->blocks, 3);
    CU_ASSERT(drive_has_medium(&b.drive));
    CU_ASSERT_EQUAL(b.drive.counters.inserts, 2);
    CU_ASSERT_EQUAL(b.drive.counters.ejects, 1);
    bench_close(&b);
}

static void insert_tells_every_nexus(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(drive_insert(&b.drive, bench_plain_disc(1)));
    CU_ASSERT_EQUAL(b.nexus->state.attentions, DRIVE_UA_MEDIUM_CHANGED);
    CU_ASSERT_EQUAL(b.other->state.attentions, DRIVE_UA_MEDIUM_CHANGED);
    CU_ASSERT_EQUAL(b.nexus->state.events[0], MEDIA_NEW);
    CU_ASSERT_EQUAL(b.other->state.events[0], MEDIA_NEW);
    bench_close(&b);
}

static void eject_answers_what_it_did(void)
{
    struct bench b;
    unsigned closed = 0;

    bench_open(&b);
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECT_EMPTY);
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECT_EMPTY);
    CU_ASSERT(drive_insert(&b.drive, watched_disc(&closed)));
    b.other->state.prevent_persistent = true;
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECT_PREVENTED);
    CU_ASSERT(drive_has_medium(&b.drive));
    CU_ASSERT_EQUAL(drive_eject(&b.drive, true), DRIVE_EJECTED);
    CU_ASSERT_EQUAL(closed, 1);
    CU_ASSERT(b.drive.state.tray_open);
    bench_close(&b);
}

static void what_lies_on_the_tray_can_be_taken_although_prevented(void)
{
    struct bench b;

    bench_open_plain(&b);
    drive_tray_open(&b.drive);
    b.nexus->state.prevent = true;
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECTED);
    CU_ASSERT_PTR_NULL(b.drive.disc);
    CU_ASSERT_EQUAL(b.drive.counters.ejects, 1); /* the opening of the tray */
    bench_close(&b);
}

static void medium_sense_tells_tray_and_disc(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(sense_is(drive_medium_sense(&b.drive), SENSE_NO_MEDIUM_TRAY_CLOSED));
    drive_tray_open(&b.drive);
    CU_ASSERT(sense_is(drive_medium_sense(&b.drive), SENSE_NO_MEDIUM_TRAY_OPEN));
    CU_ASSERT(drive_insert(&b.drive, bench_css_disc()));
    CU_ASSERT_FALSE(drive_medium_sense(&b.drive).check);
    CU_ASSERT_EQUAL(drive_disc_rmi(&b.drive), BENCH_RMI);
    drive_tray_open(&b.drive);
    CU_ASSERT(sense_is(drive_medium_sense(&b.drive), SENSE_NO_MEDIUM_TRAY_OPEN));
    CU_ASSERT_EQUAL(drive_disc_rmi(&b.drive), 0);
    bench_close(&b);
}

/* ---- power and reset ---- */

static void reset_forgets_the_volatile_and_keeps_the_rest(void)
{
    struct bench b;
    uint8_t defaults[sizeof(b.drive.state.mode_values)];

    bench_open_css(&b);
    memcpy(defaults, b.drive.state.mode_values, sizeof(defaults));
    b.drive.state.mode_values[3] ^= 0xff;
    b.drive.state.agids[0].state = AGID_BUSKEY;
    b.drive.state.agids[3].state = AGID_GRANTED;
    b.drive.state.asf = b.drive.state.key_sent = b.drive.state.agid_reused = true;
    b.drive.state.region.mask = 0xfe;
    b.drive.state.region.user_changes = 4;
    b.nexus->state.prevent = b.other->state.prevent_persistent = true;
    drive_reset(&b.drive);
    CU_ASSERT_EQUAL(b.drive.state.agids[0].state, AGID_FREE);
    CU_ASSERT_EQUAL(b.drive.state.agids[3].state, AGID_FREE);
    CU_ASSERT_FALSE(b.drive.state.asf || b.drive.state.key_sent || b.drive.state.agid_reused);
    CU_ASSERT_FALSE(drive_is_prevented(&b.drive));
    CU_ASSERT_EQUAL(memcmp(b.drive.state.mode_values, defaults, sizeof(defaults)), 0);
    CU_ASSERT_EQUAL(b.nexus->state.attentions, DRIVE_UA_POWER_ON);
    CU_ASSERT_EQUAL(b.other->state.attentions, DRIVE_UA_POWER_ON);
    CU_ASSERT_EQUAL(b.drive.state.region.mask, 0xfe);
    CU_ASSERT_EQUAL(b.drive.state.region.user_changes, 4);
    CU_ASSERT(drive_has_medium(&b.drive));
    CU_ASSERT_EQUAL(b.drive.counters.resets, 1);
    bench_close(&b);
}

static void power_off_releases_the_disc(void)
{
    struct bench b;
    unsigned closed = 0;

    bench_open(&b);
    CU_ASSERT(drive_insert(&b.drive, watched_disc(&closed)));
    bench_close(&b);
    CU_ASSERT_EQUAL(closed, 1);
}

static void no_random(void *ctx, uint8_t *out, size_t bytes)
{
    (void)ctx;
    memset(out, 0, bytes);
}

static void a_drive_needs_no_service_but_random(void)
{
    const struct drive_services services = {.random = no_random};
    const struct region_state region = region_factory();
    const uint8_t set_region[] = {OP_SEND_KEY, 0, 0, 0, 0, 0, 0, 0, 0, 8, KEY_SET_REGION, 0};
    const uint8_t list[] = {0, 6, 0, 0, 0xfe, 0, 0, 0};
    struct drive_request request = {
        .cdb = set_region, .cdb_bytes = sizeof(set_region), .out = list, .out_bytes = sizeof(list)};
    struct personality personality;
    struct drive_reply reply;
    struct drive d;

    personality_init(&personality);
    drive_init(&d, &personality, &services, &region);
    request.nexus = drive_nexus_open(&d, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(request.nexus);
    CU_ASSERT(drive_insert(&d, bench_plain_disc(1)));
    drive_run(&d, &request, &reply);
    CU_ASSERT(sense_is(reply.sense, SENSE_POWER_ON));
    drive_run(&d, &request, &reply);
    CU_ASSERT(sense_is(reply.sense, SENSE_MEDIUM_CHANGED));
    drive_run(&d, &request, &reply);
    CU_ASSERT_FALSE(reply.sense.check);
    CU_ASSERT_EQUAL(reply.out_bytes, sizeof(list));
    CU_ASSERT_EQUAL(d.state.region.mask, 0xfe);
    drive_reset(&d);
    CU_ASSERT_EQUAL(drive_eject(&d, true), DRIVE_EJECTED);
    drive_fini(&d);
}

/* ---- one command, by hand ---- */

/* A drive with a memory disc and a READ(10) of its blocks 2 and 3. */
struct read_bench {
    struct bench bench;
    struct medium_memory *memory;
    uint8_t cdb[10], in[2 * DISC_BLOCK_BYTES];
    struct drive_request request;
    struct drive_reply reply;
};

static void open_read(struct read_bench *r)
{
    static const uint8_t cdb[] = {OP_READ_10, 0, 0, 0, 0, 2, 0, 0, 2, 0};

    bench_open(&r->bench);
    r->memory = medium_memory_blocks(SMALL_BLOCKS);
    CU_ASSERT_FATAL(drive_insert(&r->bench.drive, disc_new_plain(&r->memory->medium)));
    bench_quiet(&r->bench);
    memcpy(r->cdb, cdb, sizeof(cdb));
    r->request = (struct drive_request){.cdb = r->cdb,
                                        .cdb_bytes = sizeof(r->cdb),
                                        .in = r->in,
                                        .in_bytes = sizeof(r->in),
                                        .nexus = r->bench.nexus};
}

static bool holds_blocks_2_and_3(const struct read_bench *r)
{
    uint8_t want[2 * DISC_BLOCK_BYTES];

    medium_memory_block(2, want);
    medium_memory_block(3, want + DISC_BLOCK_BYTES);
    return memcmp(r->in, want, sizeof(want)) == 0;
}

static void execute_reads_nothing_and_holds_the_disc(void)
{
    struct read_bench r;

    open_read(&r);
    drive_execute(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_EQUAL(r.memory->reads, 0);
    CU_ASSERT_EQUAL(r.reply.fetch.lba, 2);
    CU_ASSERT_EQUAL(r.reply.fetch.blocks, 2);
    CU_ASSERT_PTR_EQUAL(r.reply.fetch.disc, r.bench.drive.disc);
    CU_ASSERT_EQUAL(r.bench.drive.disc->references, 2);
    CU_ASSERT_EQUAL(drive_fetch(&r.request, &r.reply, true), MEDIUM_OK);
    CU_ASSERT(holds_blocks_2_and_3(&r));
    drive_fetch_end(&r.reply);
    CU_ASSERT_EQUAL(r.bench.drive.disc->references, 1);
    drive_fetch_end(&r.reply);
    CU_ASSERT_EQUAL(r.bench.drive.disc->references, 1);
    bench_close(&r.bench);
}

static void a_read_that_is_under_way_outlives_the_eject(void)
{
    struct read_bench r;
    unsigned closed = 0;

    open_read(&r);
    r.memory->closed = &closed;
    drive_execute(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_EQUAL(drive_eject(&r.bench.drive, false), DRIVE_EJECTED);
    CU_ASSERT_EQUAL(closed, 0);
    CU_ASSERT_EQUAL(drive_fetch(&r.request, &r.reply, true), MEDIUM_OK);
    CU_ASSERT_FALSE(r.reply.sense.check);
    CU_ASSERT(holds_blocks_2_and_3(&r));
    drive_fetch_end(&r.reply);
    CU_ASSERT_EQUAL(closed, 1);
    bench_close(&r.bench);
}

static void a_fetch_that_would_block_is_asked_again(void)
{
    struct read_bench r;

    open_read(&r);
    r.memory->would_block = 1;
    drive_execute(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_EQUAL(drive_fetch(&r.request, &r.reply, false), MEDIUM_WOULD_BLOCK);
    CU_ASSERT_FALSE(r.reply.sense.check);
    CU_ASSERT_EQUAL(r.reply.in_bytes, sizeof(r.in));
    CU_ASSERT_EQUAL(drive_fetch(&r.request, &r.reply, true), MEDIUM_OK);
    CU_ASSERT(holds_blocks_2_and_3(&r));
    drive_fetch_end(&r.reply);
    bench_close(&r.bench);
}

static void a_failing_medium_is_an_internal_failure_without_data(void)
{
    struct read_bench r;

    open_read(&r);
    r.memory->fail_at_bytes = 3 * DISC_BLOCK_BYTES;
    drive_execute(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_FALSE(r.reply.sense.check);
    CU_ASSERT_EQUAL(drive_fetch(&r.request, &r.reply, true), MEDIUM_ERROR);
    CU_ASSERT(sense_is(r.reply.sense, SENSE_INTERNAL_FAILURE));
    CU_ASSERT_EQUAL(r.reply.in_bytes, 0);
    drive_fetch_end(&r.reply);
    bench_close(&r.bench);
}

static void a_shrunk_image_is_a_read_error_at_the_lba(void)
{
    struct read_bench r;

    open_read(&r);
    r.memory->left_bytes = 2 * DISC_BLOCK_BYTES;
    drive_run(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT(sense_is(r.reply.sense, SENSE_UNRECOVERED_READ));
    CU_ASSERT(r.reply.sense.information_valid);
    CU_ASSERT_EQUAL(r.reply.sense.information, 2);
    CU_ASSERT_EQUAL(r.reply.in_bytes, 0);
    bench_close(&r.bench);
}

static void less_room_is_filled_and_the_whole_reported(void)
{
    struct read_bench r;

    open_read(&r);
    memset(r.in, 0xa5, sizeof(r.in));
    r.request.in_bytes = DISC_BLOCK_BYTES + 1;
    drive_run(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_FALSE(r.reply.sense.check);
    CU_ASSERT_EQUAL(r.reply.in_bytes, sizeof(r.in));
    CU_ASSERT_EQUAL(r.in[DISC_BLOCK_BYTES], 0x00); /* of the pack header 00 00 01 BA */
    CU_ASSERT_EQUAL(r.in[DISC_BLOCK_BYTES + 1], 0xa5);
    bench_close(&r.bench);
}

static void without_room_nothing_is_read(void)
{
    struct read_bench r;

    open_read(&r);
    r.request.in = NULL;
    r.request.in_bytes = 0;
    drive_run(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_FALSE(r.reply.sense.check);
    CU_ASSERT_EQUAL(r.reply.in_bytes, sizeof(r.in));
    CU_ASSERT_EQUAL(r.memory->reads, 0);
    bench_close(&r.bench);
}

static void compare_finds_one_wrong_bit(void)
{
    struct read_bench r;
    uint8_t out[2 * DISC_BLOCK_BYTES];

    open_read(&r);
    medium_memory_block(2, out);
    medium_memory_block(3, out + DISC_BLOCK_BYTES);
    r.cdb[0] = OP_VERIFY_10;
    r.cdb[1] = 0x02; /* BYTCHK = 1 */
    r.request.in = NULL;
    r.request.in_bytes = 0;
    r.request.out = out;
    r.request.out_bytes = sizeof(out);
    drive_run(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT_FALSE(r.reply.sense.check);
    CU_ASSERT_EQUAL(r.reply.in_bytes, 0);
    CU_ASSERT_EQUAL(r.reply.out_bytes, sizeof(out));
    out[sizeof(out) - 1] ^= 0x80;
    drive_run(&r.bench.drive, &r.request, &r.reply);
    CU_ASSERT(sense_is(r.reply.sense, SENSE_MISCOMPARE));
    bench_close(&r.bench);
}

/* ---- what it tells ---- */

static void a_command_is_counted_and_logged(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT_FALSE(BENCH_GO(&b, OP_REPORT_KEY, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0x42, 0));
    CU_ASSERT_STRING_EQUAL(b.log, "REPORT KEY, KEY1: a4 00 00 00 00 00 00 00 00 0c 42 00: "
                                  "invalid field in CDB (5/24/00), 0 bytes");
    CU_ASSERT_FALSE(BENCH_GO(&b, 0xff));
    CU_ASSERT_STRING_EQUAL(b.log, "unknown command: ff: "
                                  "invalid command operation code (5/20/00), 0 bytes");
    CU_ASSERT(BENCH_IN(&b, 8, OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT_EQUAL(b.drive.counters.commands, 3);
    CU_ASSERT_EQUAL(b.drive.counters.refusals, 2);
    bench_close(&b);
}

static void commands_are_not_logged_unasked(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.services.log_commands = false;
    b.log[0] = 0;
    CU_ASSERT(TUR(&b));
    CU_ASSERT_STRING_EQUAL(b.log, "");
    drive_reset(&b.drive);
    CU_ASSERT_STRING_EQUAL(b.log, "reset");
    bench_close(&b);
}

/* ---- time that has passed has passed before an event ---- */

#define READY_MS 100
#define US_OF_MS 1000u

/* A disc that has become ready, and nobody looked since. */
static void open_ready_unseen(struct bench *b)
{
    bench_open(b);
    b->drive.personality.quirks.ready_ms = READY_MS;
    CU_ASSERT(drive_insert(&b->drive, bench_css_disc()));
    CU_ASSERT(b->drive.state.loading);
    b->now_us += READY_MS * US_OF_MS;
}

static void a_disc_is_ready_before_the_button_is_pressed(void)
{
    struct bench b;

    open_ready_unseen(&b);
    b.nexus->state.prevent = true;
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECT_PREVENTED);
    CU_ASSERT_EQUAL(b.other->state.event_count, 2);
    CU_ASSERT_EQUAL(b.other->state.events[0], MEDIA_NEW);
    CU_ASSERT_EQUAL(b.other->state.events[1], MEDIA_EJECT_REQUEST);
    bench_close(&b);
}

static void a_disc_that_is_taken_had_been_ready(void)
{
    struct bench b;

    open_ready_unseen(&b);
    CU_ASSERT_EQUAL(drive_eject(&b.drive, false), DRIVE_EJECTED);
    CU_ASSERT_EQUAL(b.nexus->state.attentions, DRIVE_UA_MEDIUM_CHANGED);
    bench_close(&b);
}

static void a_nexus_that_comes_later_is_not_told_of_the_disc(void)
{
    struct drive_nexus *late;
    struct bench b;

    open_ready_unseen(&b);
    late = drive_nexus_open(&b.drive, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(late);
    BENCH_GO(&b, 0, 0, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(late->state.attentions, DRIVE_UA_POWER_ON);
    CU_ASSERT_EQUAL(late->state.event_count, 0);
    bench_close(&b);
}

static void a_refused_insert_finds_the_disc_ready(void)
{
    struct disc *another = bench_css_disc();
    struct bench b;

    open_ready_unseen(&b);
    CU_ASSERT_FALSE(drive_insert(&b.drive, another));
    CU_ASSERT_FALSE(b.drive.state.loading);
    disc_release(another);
    bench_close(&b);
}

UNIT_SUITE(
    drive, T(a_new_nexus_is_told_of_power_on_once),
    T(attentions_come_in_order_and_once_on_each_nexus),
    T(a_command_with_an_attention_is_not_executed),
    T(a_nexus_that_goes_ends_its_prevention_and_nothing_else), T(nexuses_close_in_any_order),
    T(event_queue_keeps_the_newest), T(one_event_said_twice_is_one),
    T(a_full_queue_keeps_all_when_nothing_is_new), T(nothing_is_prevented_where_nothing_is_in),
    T(a_disc_inside_refuses_another), T(a_disc_on_the_open_tray_makes_room),
    T(insert_tells_every_nexus), T(eject_answers_what_it_did),
    T(what_lies_on_the_tray_can_be_taken_although_prevented), T(medium_sense_tells_tray_and_disc),
    T(reset_forgets_the_volatile_and_keeps_the_rest), T(power_off_releases_the_disc),
    T(a_drive_needs_no_service_but_random), T(execute_reads_nothing_and_holds_the_disc),
    T(a_read_that_is_under_way_outlives_the_eject), T(a_fetch_that_would_block_is_asked_again),
    T(a_failing_medium_is_an_internal_failure_without_data),
    T(a_shrunk_image_is_a_read_error_at_the_lba), T(less_room_is_filled_and_the_whole_reported),
    T(without_room_nothing_is_read), T(compare_finds_one_wrong_bit),
    T(a_command_is_counted_and_logged), T(commands_are_not_logged_unasked),
    T(a_disc_is_ready_before_the_button_is_pressed), T(a_disc_that_is_taken_had_been_ready),
    T(a_nexus_that_comes_later_is_not_told_of_the_disc), T(a_refused_insert_finds_the_disc_ready));
