/* SPDX-License-Identifier: GPL-2.0-only */
/* The tray, by the host and by the operator (mmc-spec 2.8, 6.4, 6.8). */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/support/raw_iscsi.h"
#include "tests/unit/unit.h"

#include <string.h>

#define AGIDS             4
#define MEDIA_TRAY_OPEN   0x01
#define MEDIA_PRESENT     0x02
#define EVENT_NONE        0
#define EVENT_EJECT_ASKED 1
#define EVENT_NEW         2
#define EVENT_REMOVED     3

static int host_eject(struct initiator *i)
{
    return RUN(i, 0x1b, 0, 0, 0, 0x02, 0);
}

static int host_load(struct initiator *i)
{
    return RUN(i, 0x1b, 0, 0, 0, 0x03, 0);
}

static int prevent(struct initiator *i, bool on)
{
    return RUN(i, 0x1e, 0, 0, 0, (uint8_t)on, 0);
}

static void check_event(struct initiator *i, uint8_t event, uint8_t status)
{
    struct media_status media = media_event(i);

    CU_ASSERT_EQUAL(media.event, event);
    CU_ASSERT_EQUAL(media.status, status);
}

/* ---- ejects in every stage ---- */

static void eject_by_host(struct served *s, struct initiator *i)
{
    (void)s;
    EXPECT(host_eject(i), GOOD);
}

static void load_by_host(struct served *s, struct initiator *i)
{
    (void)s;
    EXPECT(host_load(i), GOOD);
}

static void eject_by_operator(struct served *s, struct initiator *i)
{
    (void)i;
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 0);
}

static void insert_by_operator(struct served *s, struct initiator *i)
{
    (void)i;
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_path("css.disc")), 0);
}

/* All AGIDs are free, nothing is authenticated, and the region is as it was. */
static void check_forgotten(struct initiator *i)
{
    struct exchange x = {.i = i};
    uint8_t rpc[8] = {0};

    CU_ASSERT_EQUAL(asf(i), 0);
    EXPECT(touch_block(i, RIG_SCRAMBLED_LBA), SCRAMBLED);
    for (unsigned n = 0; n < AGIDS; n++) {
        EXPECT(ask_agid(&x), GOOD);
        CU_ASSERT_EQUAL(x.agid, n);
    }
    EXPECT(report_key(i, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD);
    CU_ASSERT_EQUAL(rpc[4], 0x64);
    CU_ASSERT_EQUAL(rpc[5], 0xfe);
}

static void eject_in_every_stage(void (*eject)(struct served *, struct initiator *),
                                 void (*insert)(struct served *, struct initiator *))
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    EXPECT(set_region(i, 0xfe), GOOD);
    for (enum stage stage = FREE; stage < STAGES; stage++) {
        struct exchange x;

        authenticate(i);
        go_to(&x, i, stage);
        eject(s, i);
        EXPECT(test_unit_ready(i), TRAY_OPEN);
        EXPECT(ask_key1(&x), TRAY_OPEN);
        insert(s, i);
        EXPECT(test_unit_ready(i), MEDIUM_CHANGED);
        check_forgotten(i);
        for (x.agid = 0; x.agid < AGIDS; x.agid++) {
            EXPECT(invalidate(&x), GOOD);
        }
    }
}

static void the_hosts_eject_forgets_every_stage(void)
{
    eject_in_every_stage(eject_by_host, load_by_host);
}

static void the_operators_eject_forgets_every_stage(void)
{
    eject_in_every_stage(eject_by_operator, insert_by_operator);
}

/* ---- who is told what ---- */

static void a_load_is_one_attention_for_each_nexus(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");

    EXPECT(host_eject(a), GOOD);
    EXPECT(test_unit_ready(b), TRAY_OPEN); /* removal is no attention */
    EXPECT(host_load(a), GOOD);
    EXPECT(test_unit_ready(a), MEDIUM_CHANGED);
    EXPECT(test_unit_ready(a), GOOD);
    EXPECT(touch_block(b, 0), MEDIUM_CHANGED);
    EXPECT(touch_block(b, 0), GOOD);
}

static void request_sense_takes_the_attention(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_login(s, 0, "a");
    uint8_t sense[18] = {0};

    EXPECT(RUN_IN(i, sense, sizeof(sense), 0x03, 0, 0, 0, sizeof(sense), 0), GOOD);
    CU_ASSERT_EQUAL(sense[2], 0x06);
    CU_ASSERT_EQUAL(sense[12], 0x29);
    EXPECT(RUN_IN(i, sense, sizeof(sense), 0x03, 0, 0, 0, sizeof(sense), 0), GOOD);
    CU_ASSERT_EQUAL(sense[2] | sense[12], 0);
    EXPECT(test_unit_ready(i), GOOD);
}

static void commands_that_look_around_leave_the_attention(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_login(s, 0, "a");
    uint8_t reply[36];

    EXPECT(RUN_IN(i, reply, sizeof(reply), 0x12, 0, 0, 0, sizeof(reply), 0), GOOD);
    EXPECT(RUN_IN(i, reply, 16, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0), GOOD);
    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(test_unit_ready(i), GOOD);
}

static void every_nexus_hears_every_event_once(void)
{
    struct served *s = rig_serve_css();
    struct initiator *host[] = {rig_ready(s, 0, "a"), rig_ready(s, 0, "b")};

    EXPECT(host_eject(host[0]), GOOD);
    for (size_t n = 0; n < 2; n++) {
        check_event(host[n], EVENT_REMOVED, MEDIA_TRAY_OPEN);
        check_event(host[n], EVENT_NONE, MEDIA_TRAY_OPEN);
    }
    EXPECT(host_load(host[1]), GOOD);
    for (size_t n = 0; n < 2; n++) {
        check_event(host[n], EVENT_NEW, MEDIA_PRESENT);
        check_event(host[n], EVENT_NONE, MEDIA_PRESENT);
    }
}

/* ---- prevention ---- */

static void prevention_holds_the_disc(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");

    EXPECT(prevent(a, true), GOOD);
    EXPECT(host_eject(a), PREVENTED);
    EXPECT(host_eject(b), PREVENTED);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 1);
    check_event(a, EVENT_EJECT_ASKED, MEDIA_PRESENT);
    check_event(b, EVENT_EJECT_ASKED, MEDIA_PRESENT);
    EXPECT(test_unit_ready(a), GOOD);
    EXPECT(prevent(a, false), GOOD);
    EXPECT(host_eject(b), GOOD);
}

/* Persistent prevention lasts until it is taken back persistently; it stops operators too. */
static void persistent_prevention_is_apart_from_the_plain_one(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    EXPECT(RUN(i, 0x1e, 0, 0, 0, 0x03, 0), GOOD);
    EXPECT(prevent(i, true), GOOD);
    EXPECT(prevent(i, false), GOOD);
    EXPECT(host_eject(i), PREVENTED);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 1);
    check_event(i, EVENT_EJECT_ASKED, MEDIA_PRESENT);
    EXPECT(RUN(i, 0x1e, 0, 0, 0, 0x02, 0), GOOD);
    EXPECT(host_eject(i), GOOD);
}

/* The parameter list arrives when the disc is gone already: mode parameters are the drive's. */
static void a_mode_select_goes_on_over_an_eject(void)
{
    static const uint8_t cdb[10] = {0x55, 0x10, 0, 0, 0, 0, 0, 0, 20, 0};
    static const uint8_t list[20] = {[8] = 0x01, 0x0a, 0x00, 0x05};
    const struct raw_command select = {.cdb = cdb,
                                       .cdb_bytes = sizeof(cdb),
                                       .flags = RAW_FINAL | RAW_WRITE | RAW_SIMPLE,
                                       .expected_bytes = sizeof(list),
                                       .out = list,
                                       .out_bytes = sizeof(list)};
    struct served *s = rig_serve_css();
    struct raw_iscsi *raw = raw_login(served_url(s, 0), "iqn.2026-01.org.example:raw");
    struct initiator *i = rig_ready(s, 0, "a");
    struct raw_reply reply;
    uint8_t page[20] = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
    CU_ASSERT_TRUE_FATAL(raw_run(raw, &select, &reply)); /* takes the login's attention */
    raw_reply_free(&reply);
    CU_ASSERT_TRUE_FATAL(raw_send(raw, &select));
    EXPECT(test_unit_ready(i), GOOD);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 0);
    CU_ASSERT_TRUE_FATAL(raw_wait(raw, &select, &reply));
    CU_ASSERT_EQUAL(reply.status, 0);
    raw_reply_free(&reply);
    raw_close(raw, false);
    EXPECT(RUN_IN(i, page, sizeof(page), 0x5a, 8, 0x01, 0, 0, 0, 0, 0, sizeof(page), 0), GOOD);
    CU_ASSERT_EQUAL(page[8 + 3], 0x05);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_path("css.disc")), 0);
    EXPECT(test_unit_ready(i), MEDIUM_CHANGED);
    EXPECT(RUN_IN(i, page, sizeof(page), 0x5a, 8, 0x01, 0, 0, 0, 0, 0, sizeof(page), 0), GOOD);
    CU_ASSERT_EQUAL(page[8 + 3], 0x05);
}

static void the_pin_opens_a_locked_tray(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    EXPECT(prevent(i, true), GOOD);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject", "--force"), 0);
    EXPECT(test_unit_ready(i), TRAY_OPEN);
    check_event(i, EVENT_REMOVED, MEDIA_TRAY_OPEN);
}

static void prevention_ends_with_its_nexus(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");

    EXPECT(prevent(a, true), GOOD);
    EXPECT(host_eject(b), PREVENTED);
    rig_logout(a);
    EXPECT(host_eject(b), GOOD);
}

/* ---- no disc ---- */

static void a_drive_may_start_empty(void)
{
    struct served *s = RIG_SERVE("--state", "none", "--disc", "none");
    struct initiator *i = rig_ready(s, 0, "a");
    struct exchange x = {.i = i};
    uint8_t reply[8];

    EXPECT(test_unit_ready(i), TRAY_CLOSED_EMPTY);
    EXPECT(ask_agid(&x), TRAY_CLOSED_EMPTY);
    EXPECT(touch_block(i, 0), TRAY_CLOSED_EMPTY);
    EXPECT(read_structure(i, 0, 1, 0, reply, sizeof(reply)), TRAY_CLOSED_EMPTY);
    EXPECT(report_key(i, 0, 0x08, 0, reply, sizeof(reply)), GOOD);
    EXPECT(invalidate(&x), GOOD);
    EXPECT(RUN_IN(i, reply, 8, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0), GOOD);
    rig_write_css_disc("css.disc", "all");
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_path("css.disc")), 0);
    EXPECT(test_unit_ready(i), MEDIUM_CHANGED);
    authenticate(i);
}

static void an_operator_cannot_put_a_disc_onto_a_disc(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    rig_write_image("other.iso");
    authenticate(i);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_path("other.iso")), 1);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_path("missing.iso")), 1);
    CU_ASSERT_EQUAL(asf(i), 1);
    EXPECT(test_unit_ready(i), GOOD);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 0);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 1); /* nothing in it any more */
}

UNIT_SUITE(media_change, T(the_hosts_eject_forgets_every_stage),
           T(the_operators_eject_forgets_every_stage), T(a_load_is_one_attention_for_each_nexus),
           T(request_sense_takes_the_attention), T(commands_that_look_around_leave_the_attention),
           T(every_nexus_hears_every_event_once), T(prevention_holds_the_disc),
           T(persistent_prevention_is_apart_from_the_plain_one),
           T(a_mode_select_goes_on_over_an_eject), T(the_pin_opens_a_locked_tray),
           T(prevention_ends_with_its_nexus), T(a_drive_may_start_empty),
           T(an_operator_cannot_put_a_disc_onto_a_disc));
