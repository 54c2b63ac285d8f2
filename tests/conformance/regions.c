/* SPDX-License-Identifier: GPL-2.0-only */
/* Regions (mmc-spec 3.3, 4): what a mismatch refuses, how often a region may change, and that
 * the state outlives the daemon. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGIDS        4
#define MASK_REGION1 0xfe
#define MASK_REGION2 0xfd
#define MASK_NONE    0xff

/* Bytes 4 and 5 of the RPC reply. */
struct rpc {
    uint8_t state, mask;
};

static struct rpc rpc_state(struct initiator *i)
{
    uint8_t reply[8] = {0};

    EXPECT_FATAL(report_key(i, 0, 0x08, 0, reply, sizeof(reply)), GOOD);
    CU_ASSERT_EQUAL(reply[1], 6);
    CU_ASSERT_EQUAL(reply[6], 1); /* RPC-2 */
    CU_ASSERT_EQUAL(reply[7], 0);
    return (struct rpc){reply[4], reply[5]};
}

static void check_rpc(struct initiator *i, uint8_t state, uint8_t mask)
{
    struct rpc rpc = rpc_state(i);

    CU_ASSERT_EQUAL(rpc.state, state);
    CU_ASSERT_EQUAL(rpc.mask, mask);
}

static struct initiator *serve_regions(const char *regions)
{
    const char *disc = rig_write_css_disc("css.disc", regions);

    return rig_ready(RIG_SERVE("--state", "none", disc), 0, "a");
}

/* ---- what a region is for ---- */

static void a_mismatch_refuses_the_title_key_and_keeps_the_agid(void)
{
    struct initiator *i = serve_regions("1,3");
    uint8_t cpr_mai, key[5];
    struct exchange x, other = {.i = i};

    authenticate(i); /* the disc key goes out */
    CU_ASSERT_EQUAL(asf(i), 1);
    go_to(&x, i, BUSKEY);
    EXPECT(ask_title_key(&x, RIG_SCRAMBLED_LBA, &cpr_mai, key), REGION_MISMATCH);
    CU_ASSERT_EQUAL(asf(i), 0);
    EXPECT(touch_block(i, RIG_SCRAMBLED_LBA), SCRAMBLED);
    for (unsigned n = 1; n < AGIDS; n++) {
        EXPECT(ask_agid(&other), GOOD);
        CU_ASSERT_EQUAL(other.agid, n);
    }
    EXPECT(ask_agid(&other), NO_AGID);
}

static void the_drive_plays_the_region_that_it_was_set_to(void)
{
    struct initiator *i = serve_regions("1,3");
    uint8_t cpr_mai, key[5], copyright[8] = {0};
    struct exchange x;

    EXPECT(read_structure(i, 0, 0x01, 0, copyright, sizeof(copyright)), GOOD);
    CU_ASSERT_EQUAL(copyright[4], 0x01);
    CU_ASSERT_EQUAL(copyright[5], 0xfa);
    go_to(&x, i, BUSKEY);
    EXPECT(ask_title_key(&x, RIG_SCRAMBLED_LBA, &cpr_mai, key), REGION_MISMATCH);
    EXPECT(set_region(i, MASK_REGION1), GOOD);
    /* the exchange goes on where it was */
    EXPECT(ask_title_key(&x, RIG_SCRAMBLED_LBA, &cpr_mai, key), GOOD);
    CU_ASSERT_EQUAL(asf(i), 1);
}

/* ---- changes ---- */

static void five_changes_and_no_more(void)
{
    static const uint8_t states[] = {0x64, 0x63, 0x62, 0xa1, 0xe0};
    struct initiator *i = serve_regions("all");

    check_rpc(i, 0x25, MASK_NONE);
    for (unsigned n = 0; n < sizeof(states); n++) {
        uint8_t mask = (uint8_t) ~(1u << n);

        EXPECT(set_region(i, mask), GOOD);
        check_rpc(i, states[n], mask);
    }
    EXPECT(set_region(i, MASK_REGION1), REGION_PERMANENT);
    EXPECT(set_region(i, (uint8_t) ~(1u << 4)), REGION_PERMANENT); /* the one that it has */
    check_rpc(i, 0xe0, (uint8_t) ~(1u << 4));
}

static void setting_the_same_region_again_costs_nothing(void)
{
    struct initiator *i = serve_regions("all");

    EXPECT(set_region(i, MASK_REGION2), GOOD);
    EXPECT(set_region(i, MASK_REGION2), GOOD);
    check_rpc(i, 0x64, MASK_REGION2);
}

static void bad_requests_change_nothing(void)
{
    static const uint8_t masks[] = {0xff, 0x00, 0xfc, 0x01, 0x7e};
    static const uint8_t lying[8] = {0, 5, 0, 0, MASK_REGION1};
    static const uint8_t good[8] = {0, 6, 0, 0, MASK_REGION1};
    struct initiator *i = serve_regions("1");

    for (size_t n = 0; n < sizeof(masks); n++) {
        EXPECT(set_region(i, masks[n]), LIST_FIELD);
    }
    EXPECT(set_region(i, MASK_REGION2), REGION_MISMATCH); /* not on this disc */
    EXPECT(send_key(i, 0, 0x06, good, 7), LIST_LENGTH);
    EXPECT(send_key(i, 0, 0x06, lying, sizeof(lying)), LIST_FIELD);
    CU_ASSERT_EQUAL(last_result.sense[15], 0x80); /* points at byte 0 of the list */
    CU_ASSERT_EQUAL(last_result.sense[16] | last_result.sense[17], 0);
    check_rpc(i, 0x25, MASK_NONE);
}

static void the_state_is_told_and_kept_without_a_disc(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");

    EXPECT(set_region(i, MASK_REGION2), GOOD);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 0);
    check_rpc(i, 0x64, MASK_REGION2);
    EXPECT(set_region(i, MASK_REGION1), TRAY_OPEN);
    check_rpc(i, 0x64, MASK_REGION2);
}

/* ---- persistence ---- */

/* A daemon that keeps its drive's state, with the CSS disc in, and a host that may begin. */
static struct initiator *start_with_state(struct served **s)
{
    *s = RIG_SERVE("--state", rig_path("state"), rig_path("css.disc"));
    return rig_ready(*s, 0, "a");
}

static void the_state_outlives_the_daemon(void)
{
    struct initiator *i;
    struct served *s;

    rig_write_css_disc("css.disc", "all");
    i = start_with_state(&s);
    EXPECT(set_region(i, MASK_REGION1), GOOD);
    EXPECT(set_region(i, MASK_REGION2), GOOD);
    rig_logout(i);
    rig_stop(s);
    i = start_with_state(&s);
    check_rpc(i, 0x63, MASK_REGION2);
}

/* GOOD means that it is on the disk: the daemon may fall over the moment after. */
static void a_killed_daemon_has_kept_what_it_said_good_to(void)
{
    struct initiator *i;
    struct served *s;

    rig_write_css_disc("css.disc", "all");
    i = start_with_state(&s);
    EXPECT(set_region(i, MASK_REGION1), GOOD);
    rig_kill(s);
    i = start_with_state(&s);
    check_rpc(i, 0x64, MASK_REGION1);
}

/* No more bytes can be written from now on, or again. */
static void fill_disk(struct served *s, bool full)
{
    const struct rlimit limit = {.rlim_cur = full ? 0 : RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

    CU_ASSERT_EQUAL_FATAL(prlimit(rig_tgtd(s), RLIMIT_FSIZE, &limit, NULL), 0);
}

static void a_full_disk_refuses_the_change(void)
{
    struct initiator *i;
    struct served *s;

    rig_write_css_disc("css.disc", "all");
    i = start_with_state(&s);
    EXPECT(set_region(i, MASK_REGION1), GOOD);
    fill_disk(s, true);
    EXPECT(set_region(i, MASK_REGION2), TARGET_FAILURE);
    check_rpc(i, 0x64, MASK_REGION1);
    fill_disk(s, false);
    rig_logout(i);
    rig_stop(s);
    i = start_with_state(&s);
    check_rpc(i, 0x64, MASK_REGION1);
    EXPECT(set_region(i, MASK_REGION2), GOOD);
}

static void a_state_folder_that_is_gone_refuses_the_change(void)
{
    struct initiator *i;
    struct served *s;

    rig_write_css_disc("css.disc", "all");
    i = start_with_state(&s);
    CU_ASSERT_EQUAL_FATAL(rename(rig_path("state"), rig_path("elsewhere")), 0);
    EXPECT(set_region(i, MASK_REGION1), TARGET_FAILURE);
    check_rpc(i, 0x25, MASK_NONE);
    CU_ASSERT_EQUAL_FATAL(rename(rig_path("elsewhere"), rig_path("state")), 0);
    EXPECT(set_region(i, MASK_REGION1), GOOD);
    check_rpc(i, 0x64, MASK_REGION1);
}

UNIT_SUITE(regions, T(a_mismatch_refuses_the_title_key_and_keeps_the_agid),
           T(the_drive_plays_the_region_that_it_was_set_to), T(five_changes_and_no_more),
           T(setting_the_same_region_again_costs_nothing), T(bad_requests_change_nothing),
           T(the_state_is_told_and_kept_without_a_disc), T(the_state_outlives_the_daemon),
           T(a_killed_daemon_has_kept_what_it_said_good_to), T(a_full_disk_refuses_the_change),
           T(a_state_folder_that_is_gone_refuses_the_change));
