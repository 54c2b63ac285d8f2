/* SPDX-License-Identifier: GPL-2.0-only */
/* Quirks that only a real target shows: what the end of a nexus and the passing of time do. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <time.h>

#define PATIENCE_S 10

static struct served *serve_with(const char *quirks, const char *disc)
{
    return RIG_SERVE("--state", "none", "--drive", rig_write_text("drive.conf", quirks), "--disc",
                     disc);
}

static void the_last_initiators_end_releases_what_it_held(void)
{
    struct served *s =
        serve_with("release_on_last_nexus_loss = yes\n", rig_write_css_disc("css.disc", "all"));
    struct initiator *a = rig_ready(s, 0, "a"), *b = rig_ready(s, 0, "b");
    struct exchange x, held[4];

    authenticate(a);
    go_to(&x, a, DCHAL);
    rig_logout(a);
    x.i = b; /* somebody is still there: all is kept */
    CU_ASSERT_EQUAL(asf(b), 1);
    CU_ASSERT_TRUE(complete_from(&x, DCHAL));
    for (int n = 0; n < 4; n++) {
        held[n] = (struct exchange){.i = b};
        EXPECT(ask_agid(&held[n]), GOOD);
    }
    rig_drop(b);
    a = rig_ready(s, 0, "a");
    CU_ASSERT_EQUAL(asf(a), 0);
    for (int n = 0; n < 4; n++) {
        held[n] = (struct exchange){.i = a};
        EXPECT(ask_agid(&held[n]), GOOD);
        CU_ASSERT_EQUAL(held[n].agid, n);
    }
}

/* The drive looks by itself, ten times a second, whether anybody is there. */
static void a_drive_that_nobody_asks_lets_go_by_itself(void)
{
    struct served *s =
        serve_with("release_on_last_nexus_loss = yes\n", rig_write_css_disc("css.disc", "all"));
    struct initiator *i = rig_ready(s, 0, "a");
    struct exchange x;

    authenticate(i);
    go_to(&x, i, DCHAL);
    rig_logout(i);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    i = rig_ready(s, 0, "a");
    CU_ASSERT_EQUAL(asf(i), 0);
    x = (struct exchange){.i = i};
    EXPECT(ask_agid(&x), GOOD);
    CU_ASSERT_EQUAL(x.agid, 0);
}

/* By the real clock: half a second, since the operator's command may take a while to come back. */
static void a_disc_becomes_ready_after_its_time(void)
{
    struct served *s = serve_with("ready_ms = 500\n", "none");
    struct initiator *i = rig_ready(s, 0, "a");
    const time_t end = time(NULL) + PATIENCE_S;
    int outcome, waited = 0;

    EXPECT(test_unit_ready(i), TRAY_CLOSED_EMPTY);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", rig_write_css_disc("css.disc", "all")), 0);
    while ((outcome = test_unit_ready(i)) == BECOMING_READY && time(NULL) < end) {
        waited++;
    }
    CU_ASSERT(waited > 0);
    EXPECT(outcome, MEDIUM_CHANGED);
    EXPECT(test_unit_ready(i), GOOD);
    EXPECT(touch_block(i, 0), GOOD);
}

UNIT_SUITE(quirks_served, T(the_last_initiators_end_releases_what_it_held),
           T(a_drive_that_nobody_asks_lets_go_by_itself), T(a_disc_becomes_ready_after_its_time));
