/* SPDX-License-Identifier: GPL-2.0-only */
/* Experiments with a served drive: region states as wanted, power loss, states kept and put back.
 */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAID_BYTES      4096
#define HASH_TEXT       64
#define END_DEADLINE_MS 10000

static void check_rpc(struct initiator *i, uint8_t status, uint8_t mask)
{
    uint8_t rpc[8] = {0};

    EXPECT(report_key(i, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD);
    CU_ASSERT_EQUAL(rpc[4], status);
    CU_ASSERT_EQUAL(rpc[5], mask);
}

static struct served *serve_with_state(void)
{
    return RIG_SERVE("--state", rig_path("state"), rig_path("css.disc"));
}

/*
 * Both processes at once: nothing of them can tidy up. The next start does, but for what still
 * answers: so the end has to be waited for.
 */
static void pull_the_plug(struct served *s)
{
    const pid_t tgtd = rig_tgtd(s);
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, tgtd, 0), .events = POLLIN};

    CU_ASSERT_TRUE_FATAL(end.fd >= 0);
    kill(tgtd, SIGKILL);
    rig_kill(s);
    CU_ASSERT_EQUAL(poll(&end, 1, END_DEADLINE_MS), 1);
    close(end.fd);
}

/* mmc-spec 9.12, with power loss after each step. */
static void the_whole_walk_with_the_plug_pulled_after_each_step(void)
{
    static const struct {
        uint8_t mask, status;
    } steps[] = {{0xfe, 0x64}, {0xfd, 0x63}, {0xfb, 0x62}, {0xf7, 0xa1}, {0x7f, 0xe0}};
    struct served *s;

    rig_write_css_disc("css.disc", "all");
    s = serve_with_state();
    check_rpc(rig_ready(s, 0, "a"), 0x25, 0xff);
    pull_the_plug(s);
    for (size_t n = 0; n < sizeof(steps) / sizeof(steps[0]); n++) {
        s = serve_with_state();
        EXPECT(set_region(rig_ready(s, 0, "a"), steps[n].mask), GOOD);
        pull_the_plug(s);
        s = serve_with_state();
        check_rpc(rig_ready(s, 0, "a"), steps[n].status, steps[n].mask);
        pull_the_plug(s);
    }
    s = serve_with_state();
    EXPECT(set_region(rig_ready(s, 0, "a"), 0xfe), REGION_PERMANENT);
    pull_the_plug(s);
    s = serve_with_state();
    check_rpc(rig_ready(s, 0, "a"), 0xe0, 0x7f);
}

static void any_region_state_can_be_pretended_and_stays(void)
{
    static const struct {
        const char *reply;
        uint8_t status, mask;
    } wanted[] = {
        {"A1BF", 0xa1, 0xbf}, /* last chance */
        {"E07F", 0xe0, 0x7f}, /* permanent */
        {"6400", 0x64, 0x00}, /* patched region-free */
        {"21FF", 0x21, 0xff}, /* no region, and one change left: no host can bring this about */
        {"25FF", 0x25, 0xff},
    };
    struct served *s;

    rig_write_css_disc("css.disc", "all");
    for (size_t n = 0; n < sizeof(wanted) / sizeof(wanted[0]); n++) {
        s = serve_with_state();
        CU_ASSERT_EQUAL(RIG_OPERATOR(s, "region", "--set", wanted[n].reply), 0);
        check_rpc(rig_ready(s, 0, "a"), wanted[n].status, wanted[n].mask);
        pull_the_plug(s);
        s = serve_with_state();
        check_rpc(rig_ready(s, 0, "a"), wanted[n].status, wanted[n].mask);
        CU_ASSERT_EQUAL(RIG_OPERATOR(s, "region", "--set", "A5FF"), 1); /* no such type */
        CU_ASSERT_EQUAL(RIG_OPERATOR(s, "region", "--set", "7FFE"), 1); /* no such counters */
        check_rpc(rig_ready(s, 0, "b"), wanted[n].status, wanted[n].mask);
        rig_stop(s);
    }
}

static void four_vendor_resets_and_no_fifth(void)
{
    static const uint8_t status[] = {0x1d, 0x15, 0x0d, 0x05};
    struct served *s;
    struct initiator *i;

    rig_write_css_disc("css.disc", "all");
    s = serve_with_state();
    i = rig_ready(s, 0, "a");
    for (size_t n = 0; n < sizeof(status); n++) {
        EXPECT(set_region(i, 0xfd), GOOD);
        CU_ASSERT_EQUAL(RIG_OPERATOR(s, "region", "--vendor-reset"), 0);
        check_rpc(i, status[n], 0xff);
    }
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "region", "--vendor-reset"), 1);
    pull_the_plug(s);
    s = serve_with_state();
    check_rpc(rig_ready(s, 0, "a"), 0x05, 0xff);
}

/* ---- states ---- */

static void state_hash(struct served *s, char hash[HASH_TEXT + 1])
{
    char said[SAID_BYTES] = "";

    CU_ASSERT_EQUAL(RIG_ASK(s, said, sizeof(said), "state"), 0);
    memcpy(hash, said, HASH_TEXT);
    hash[HASH_TEXT] = 0;
}

static void a_state_comes_back_whole(void)
{
    char before[HASH_TEXT + 1], after[HASH_TEXT + 1];
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");
    struct exchange x;

    go_to(&x, i, BUSKEY);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "state", "snapshot", "authenticated"), 0);
    state_hash(s, before);
    for (int again = 0; again < 3; again++) {
        CU_ASSERT_TRUE(complete_from(&x, BUSKEY));
        EXPECT(set_region(i, 0xfe), GOOD);
        CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 0);
        state_hash(s, after);
        CU_ASSERT_STRING_NOT_EQUAL(before, after);
        CU_ASSERT_EQUAL(RIG_OPERATOR(s, "state", "restore", "authenticated"), 0);
        state_hash(s, after);
        CU_ASSERT_STRING_EQUAL(before, after);
        CU_ASSERT_EQUAL(asf(i), 0);
        check_rpc(i, 0x25, 0xff);
    }
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "state", "forget", "authenticated"), 0);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "state", "restore", "authenticated"), 1);
}

/* One step of an exchange with a challenge that is always the same. */
static int fixed_step(struct initiator *i, size_t step)
{
    static const uint8_t challenge[16] = {0, 14, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    uint8_t reply[16];

    switch (step) {
    case 0:
        return report_key(i, 0, 0x00, 0, reply, 8);
    case 1:
        return send_key(i, 0, 0x01, challenge, sizeof(challenge));
    case 2:
        return report_key(i, 0, 0x02, 0, reply, 12);
    default:
        return report_key(i, 0, 0x01, 0, reply, sizeof(reply));
    }
}

#define STEPS 4

/* Two daemons, one seed, the same commands: the same hashes all along. */
static void one_seed_makes_the_same_states_twice(void)
{
    char hashes[2][STEPS][HASH_TEXT + 1];

    rig_write_css_disc("css.disc", "all");
    for (int run = 0; run < 2; run++) {
        struct served *s = RIG_SERVE("--state", "none", "--seed", "7", rig_path("css.disc"));
        struct initiator *i = rig_ready(s, 0, "a");

        for (size_t step = 0; step < STEPS; step++) {
            EXPECT(fixed_step(i, step), GOOD);
            state_hash(s, hashes[run][step]);
        }
        rig_logout(i);
        rig_stop(s);
    }
    for (size_t step = 0; step < STEPS; step++) {
        CU_ASSERT_STRING_EQUAL(hashes[0][step], hashes[1][step]);
        CU_ASSERT(step == 0 || strcmp(hashes[0][step], hashes[0][step - 1]) != 0);
    }
}

UNIT_SUITE(lab, T(the_whole_walk_with_the_plug_pulled_after_each_step),
           T(any_region_state_can_be_pretended_and_stays), T(four_vendor_resets_and_no_fifth),
           T(a_state_comes_back_whole), T(one_seed_makes_the_same_states_twice));
