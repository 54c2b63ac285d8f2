/* SPDX-License-Identifier: GPL-2.0-only */
/* What a drive tells the other initiators: a disc that is loading, resets in a row (mmc-spec 2.8).
 */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <time.h>

#define PATIENCE_S    10
#define MEDIA_PRESENT 0x02
#define EVENT_NONE    0
#define EVENT_NEW     2

/* Loads for a second: on a clock of its own, or by real time. */
static struct served *serve_slow_loader(const char *clock)
{
    char text[64];

    snprintf(text, sizeof(text), "ready_ms = 1000\nclock = %s\n", clock);
    return RIG_SERVE("--state", "none", "--drive", rig_write_text("drive.conf", text), "--disc",
                     "none");
}

static void until_ready(struct served *s)
{
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "clock", "--advance", "1000"), 0);
}

static struct initiator *ready_without_disc(struct served *s, const char *who)
{
    struct initiator *i = rig_login(s, 0, who);

    EXPECT_FATAL(test_unit_ready(i), POWER_ON);
    EXPECT_FATAL(test_unit_ready(i), TRAY_CLOSED_EMPTY);
    return i;
}

static void insert(struct served *s)
{
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_write_css_disc("css.disc", "all")), 0);
}

/* Returns what comes after 02/04/01. */
static int wait_while_loading(struct initiator *i)
{
    const time_t end = time(NULL) + PATIENCE_S;
    int outcome;

    while ((outcome = test_unit_ready(i)) == BECOMING_READY && time(NULL) < end) {
    }
    return outcome;
}

static void check_event(struct initiator *i, uint8_t event, uint8_t status)
{
    struct media_status media = media_event(i);

    CU_ASSERT_EQUAL(media.event, event);
    CU_ASSERT_EQUAL(media.status, status);
}

/* ---- a disc that is loading ---- */

static void while_a_disc_loads_everybody_is_told_so(void)
{
    struct served *s = serve_slow_loader("virtual");
    struct initiator *a = ready_without_disc(s, "a"), *b = ready_without_disc(s, "b");
    struct exchange x = {.i = b};
    uint8_t rpc[8];

    insert(s);
    EXPECT(test_unit_ready(a), BECOMING_READY);
    EXPECT(ask_agid(&x), BECOMING_READY);
    EXPECT(touch_block(b, 0), BECOMING_READY);
    EXPECT(report_key(b, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD); /* needs no disc */
    check_event(b, EVENT_NONE, 0);
    until_ready(s);
    EXPECT(test_unit_ready(a), MEDIUM_CHANGED);
    EXPECT(touch_block(b, 0), MEDIUM_CHANGED);
    EXPECT(touch_block(b, 0), GOOD);
    check_event(a, EVENT_NEW, MEDIA_PRESENT);
    check_event(b, EVENT_NEW, MEDIA_PRESENT);
    check_event(b, EVENT_NONE, MEDIA_PRESENT);
}

/*
 * It was there when the disc became ready, if only by its login. By real time: an operator who
 * moves a clock makes the drive look who is there.
 */
static void who_logs_in_while_a_disc_loads_hears_of_it(void)
{
    struct served *s = serve_slow_loader("real");
    struct initiator *a = ready_without_disc(s, "a"), *b;

    insert(s);
    EXPECT(test_unit_ready(a), BECOMING_READY);
    b = rig_login(s, 0, "b");
    EXPECT(wait_while_loading(a), MEDIUM_CHANGED);
    EXPECT(test_unit_ready(b), POWER_ON);
    EXPECT(test_unit_ready(b), MEDIUM_CHANGED);
    EXPECT(test_unit_ready(b), GOOD);
    check_event(b, EVENT_NEW, MEDIA_PRESENT);
    check_event(b, EVENT_NONE, MEDIA_PRESENT);
}

static void who_logs_in_afterwards_does_not(void)
{
    struct served *s = serve_slow_loader("virtual");
    struct initiator *a = ready_without_disc(s, "a"), *b;

    insert(s);
    until_ready(s);
    EXPECT(test_unit_ready(a), MEDIUM_CHANGED);
    b = rig_login(s, 0, "b");
    EXPECT(test_unit_ready(b), POWER_ON);
    EXPECT(test_unit_ready(b), GOOD);
    check_event(b, EVENT_NONE, MEDIA_PRESENT);
}

/* Both attentions, in the order in which a drive reports them. */
static void a_reset_while_a_disc_loads_is_told_besides_it(void)
{
    struct served *s = serve_slow_loader("virtual");
    struct initiator *a = ready_without_disc(s, "a"), *b = ready_without_disc(s, "b");

    insert(s);
    CU_ASSERT(initiator_lun_reset(a));
    EXPECT(test_unit_ready(a), POWER_ON);
    EXPECT(test_unit_ready(a), BECOMING_READY);
    until_ready(s);
    EXPECT(test_unit_ready(a), MEDIUM_CHANGED);
    EXPECT(test_unit_ready(a), GOOD);
    EXPECT(test_unit_ready(b), POWER_ON);
    EXPECT(test_unit_ready(b), MEDIUM_CHANGED);
    EXPECT(test_unit_ready(b), GOOD);
}

/* ---- resets in a row ---- */

static void told_once(struct initiator *i)
{
    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(test_unit_ready(i), GOOD);
}

/* Nobody said anything in between: nobody can have been told twice. */
static void two_resets_in_a_row_are_told_once(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b"),
                     *c = rig_ready(s, 0, "c");

    CU_ASSERT(initiator_lun_reset(a));
    CU_ASSERT(initiator_lun_reset(b));
    told_once(a);
    told_once(b);
    told_once(c);
}

/* Who was told of the first is told of the second, too; who was not, hears of both at once. */
static void a_reset_after_the_first_was_told_is_told_again(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b"),
                     *c = rig_ready(s, 0, "c");
    struct exchange x;

    CU_ASSERT(initiator_lun_reset(a));
    told_once(b);
    go_to(&x, b, GRANTED);
    CU_ASSERT(initiator_lun_reset(b));
    told_once(b);
    CU_ASSERT_EQUAL(find_stage(&x), FREE);
    told_once(a);
    told_once(c);
}

/* The first thing that a new session says. */
static void a_reset_right_after_the_login_is_one(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b;

    authenticate(a);
    rig_logout(a);
    b = rig_login(s, 0, "b");
    CU_ASSERT(initiator_lun_reset(b));
    told_once(b);
    CU_ASSERT_EQUAL(asf(b), 0);
    CU_ASSERT(initiator_lun_reset(b));
    told_once(b);
}

/* Everybody leaves before saying a word: the next one still finds a drive that was reset. */
static void a_reset_outlives_all_who_were_there(void)
{
    struct served *s = rig_serve_css();
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");
    struct exchange x;

    authenticate(a);
    go_to(&x, b, BUSKEY);
    rig_logout(b);
    CU_ASSERT(initiator_lun_reset(a));
    rig_logout(a);
    x.i = rig_login(s, 0, "c");
    told_once(x.i);
    CU_ASSERT_EQUAL(asf(x.i), 0);
    CU_ASSERT_EQUAL(find_stage(&x), FREE);
}

UNIT_SUITE(second_initiator, T(while_a_disc_loads_everybody_is_told_so),
           T(who_logs_in_while_a_disc_loads_hears_of_it), T(who_logs_in_afterwards_does_not),
           T(a_reset_while_a_disc_loads_is_told_besides_it), T(two_resets_in_a_row_are_told_once),
           T(a_reset_after_the_first_was_told_is_told_again),
           T(a_reset_right_after_the_login_is_one), T(a_reset_outlives_all_who_were_there));
