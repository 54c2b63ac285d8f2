/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RPC state (mmc-spec 4). The first rows look at it. The others change it, which a drive allows
 * five times in its life: they run last and only with leave to, and use up all that is left.
 */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define TYPE_SHIFT   6
#define RESETS_SHIFT 3
#define COUNTER      0x07u
#define REGIONS      8
#define UNSET        0xff
#define REGION_FREE  0x00 /* mask of a drive that was patched to play all */

/* ---- looking ---- */

static void reply(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_report_key(k, 0, KEY_RPC_STATE, 0, RPC_REPLY_BYTES);
    if (check_expect_reply(k, RPC_REPLY_BYTES)) {
        check_expect_number(k, "data length", RPC_REPLY_BYTES - 2, be16_get(k->in));
        check_expect_number(k, "reserved bytes 2 and 3", 0, be16_get(k->in + 2));
        check_expect_number(k, "reserved byte 7", 0, k->in[7]);
        check_expect_that(k, k->in[6] <= REGION_SCHEME_RPC2, "scheme 0 or 1, seen %02Xh", k->in[6]);
    }
}

static void agid_is_ignored(struct check *k, const struct check_row *row)
{
    uint8_t first[RPC_REPLY_BYTES];

    (void)row;
    for (unsigned agid = 0; agid < 4; agid++) {
        ask_report_key(k, agid, KEY_RPC_STATE, 0, RPC_REPLY_BYTES);
        if (!check_expect_reply(k, RPC_REPLY_BYTES)) {
            return;
        }
        if (agid == 0) {
            memcpy(first, k->in, sizeof(first));
        }
        check_expect_data(k, "what AGID 0 gives,", first, sizeof(first));
    }
}

static bool names_one_region(uint8_t mask)
{
    const unsigned allowed = ~(unsigned)mask & 0xff;

    return allowed && !(allowed & (allowed - 1));
}

/* The table of mmc-spec 4.1. */
static enum region_type type_of(uint8_t changes, uint8_t mask)
{
    if (changes == 0) {
        return REGION_PERM;
    }
    if (mask == UNSET) {
        return REGION_NONE;
    }
    return changes == 1 ? REGION_LAST_CHANCE : REGION_SET;
}

static void type_agrees(struct check *k, const struct check_row *row)
{
    struct region_state state;

    (void)row;
    if (!ask_region(k, &state)) {
        return;
    }
    if (k->quirks.rpc_scheme == REGION_SCHEME_NONE) {
        static const uint8_t rpc1[RPC_REPLY_BYTES] = {0, RPC_REPLY_BYTES - 2, 0, 0, 0, UNSET};

        check_expect_data(k, "RPC state", rpc1, sizeof(rpc1)); /* mmc-spec 4.4 */
        return;
    }
    if (state.scheme != REGION_SCHEME_RPC2) {
        check_skip(k, "the drive has no regions (scheme %u)", state.scheme);
        return;
    }
    check_expect_number(k, "type", type_of(state.user_changes, state.mask),
                        host_parse_region_type(k->in));
    check_expect_that(k, state.user_changes <= REGION_USER_CHANGES,
                      "5 user changes at most, seen %u", state.user_changes);
    check_expect_that(k, state.vendor_resets <= REGION_VENDOR_RESETS,
                      "4 vendor resets at most, seen %u", state.vendor_resets);
    check_expect_that(
        k, state.mask == UNSET || state.mask == REGION_FREE || names_one_region(state.mask),
        "no region, one or all, seen mask %02Xh", state.mask);
}

/* clang-format off */
static const struct check_row rows[] = {
    {"region.reply",               "mmc-spec 4.1", 0, reply, NULL, 0},
    {"region.agid-is-ignored",     "mmc-spec 1.2", 0, agid_is_ignored, NULL, 0},
    {"region.type-agrees",         "mmc-spec 4.1", 0, type_agrees, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_region = {rows, ROWS_OF(rows)};

/* ---- changing ---- */

static int set_region(struct check *k, uint8_t mask)
{
    const uint8_t list[REGION_LIST_BYTES] = {0, REGION_LIST_BYTES - 2, 0, 0, mask};

    return ask_send_key(k, 0, KEY_SET_REGION, list, sizeof(list));
}

/* A region's mask, from 0. */
static uint8_t mask_of(unsigned region)
{
    return (uint8_t) ~(1u << region);
}

/* A region that the disc plays and that is not the drive's; REGIONS: there is none. */
static unsigned another_region(const struct check *k, const struct region_state *state)
{
    for (unsigned r = 0; r < REGIONS; r++) {
        if (!(k->facts.rmi & 1u << r) && mask_of(r) != state->mask) {
            return r;
        }
    }
    return REGIONS;
}

/* RPC state of a drive that has regions; false: skipped, or failed. */
static bool look(struct check *k, struct region_state *state)
{
    if (!ask_region(k, state)) {
        return false;
    }
    if (state->scheme != REGION_SCHEME_RPC2) {
        check_skip(k, "the drive has no regions (scheme %u)", state->scheme);
    }
    return state->scheme == REGION_SCHEME_RPC2;
}

static void expect_state(struct check *k, const struct region_state *wanted)
{
    const uint8_t bytes[RPC_REPLY_BYTES] = {
        0,
        RPC_REPLY_BYTES - 2,
        0,
        0,
        (uint8_t)(type_of(wanted->user_changes, wanted->mask) << TYPE_SHIFT |
                  (wanted->vendor_resets & COUNTER) << RESETS_SHIFT |
                  (wanted->user_changes & COUNTER)),
        wanted->mask,
        wanted->scheme,
        0,
    };
    struct region_state state;

    if (ask_region(k, &state)) {
        check_expect_data(k, "RPC state", bytes, sizeof(bytes));
    }
}

static void bad_masks(struct check *k, const struct check_row *row)
{
    static const uint8_t masks[] = {0xff, 0x00, 0xfc, 0x01, 0x7e, 0x55};
    struct region_state state;

    (void)row;
    if (!look(k, &state)) {
        return;
    }
    for (size_t i = 0; i < sizeof(masks); i++) {
        set_region(k, masks[i]);
        if (check_expect(k, LIST_FIELD)) {
            check_where(k, "after mask %02Xh", masks[i]);
            expect_state(k, &state);
        }
        check_where(k, "%s", "");
    }
}

static void bad_lists(struct check *k, const struct check_row *row)
{
    uint8_t list[REGION_LIST_BYTES] = {0, REGION_LIST_BYTES - 2, 0, 0, 0xff};
    struct region_state state;

    (void)row;
    if (!look(k, &state)) {
        return;
    }
    for (size_t bytes = 0; bytes < sizeof(list); bytes++) {
        ask_send_key(k, 0, KEY_SET_REGION, list, bytes);
        check_expect(k, LIST_LENGTH);
    }
    list[1] = REGION_LIST_BYTES - 3;
    ask_send_key(k, 0, KEY_SET_REGION, list, sizeof(list));
    check_expect(k, LIST_FIELD);
    expect_state(k, &state);
}

/* Regions that the disc forbids, all of them. */
static void disc_forbids(struct check *k, const struct check_row *row)
{
    struct region_state state;

    (void)row;
    if (!look(k, &state)) {
        return;
    }
    if (k->facts.rmi == 0 || k->facts.rmi == 0xff) {
        check_skip(k, "needs a disc that some regions play and others do not");
        return;
    }
    for (unsigned r = 0; r < REGIONS; r++) {
        if (k->facts.rmi & 1u << r) {
            set_region(k, mask_of(r));
            check_expect(k, REGION_REFUSED);
        }
    }
    expect_state(k, &state);
}

/* Whether there are a change and a region to spend it on; otherwise the row is skipped. */
static bool can_change(struct check *k, const struct region_state *state, unsigned *region)
{
    *region = another_region(k, state);
    if (state->user_changes == 0) {
        check_skip(k, "no user change is left");
    } else if (*region == REGIONS) {
        check_skip(k, "the disc plays in no other region than the drive's");
    }
    return state->user_changes && *region < REGIONS;
}

/* AGIDs, bus keys and ASF stay; which title keys go out is asked anew (mmc-spec 2.8). */
static void keeps_exchange(struct check *k, const struct check_row *row)
{
    struct check_exchange x;
    struct region_state state;
    unsigned region;
    const bool css = k->have & CHECK_CSS, asf = check_asf_after_disc_key(k);

    (void)row;
    if (!look(k, &state) || !can_change(k, &state, &region) || (css && !check_unlock(k)) ||
        !check_reach(k, &x, BUSKEY)) {
        return;
    }
    set_region(k, mask_of(region));
    if (!check_expect(k, GOOD)) {
        return;
    }
    state.mask = mask_of(region);
    state.user_changes--;
    expect_state(k, &state);
    if (css) {
        check_expect_asf(k, asf);
    }
    if (css && k->have & CHECK_GATED) {
        check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
        check_expect(k, k->quirks.title_requires_asf && !asf ? AUTH_FAILURE : GOOD);
    } else {
        check_cash_in(k, &x);
    }
}

static void same_region(struct check *k, const struct check_row *row)
{
    struct region_state state;

    (void)row;
    if (!look(k, &state)) {
        return;
    }
    if (state.user_changes == 0 || !names_one_region(state.mask) ||
        (uint8_t)~state.mask & k->facts.rmi) {
        check_skip(k, "needs a region that is set, may be changed and plays the disc");
        return;
    }
    set_region(k, state.mask);
    check_expect(k, GOOD);
    if (k->quirks.rpc_same_region == SAME_REGION_COUNTS) {
        state.user_changes--;
    }
    expect_state(k, &state);
}

/* Acceptance check 12: every change that is left, each told with the right type. */
static void walk(struct check *k, const struct check_row *row)
{
    struct region_state state;
    unsigned region;

    (void)row;
    if (!look(k, &state) || !can_change(k, &state, &region)) {
        return;
    }
    while (state.user_changes > 0 && k->verdict != CHECK_FAILED) {
        region = another_region(k, &state);
        if (region == REGIONS) {
            check_skip(k, "the disc plays in one region: %u user changes are left",
                       state.user_changes);
            return;
        }
        set_region(k, mask_of(region));
        if (!check_expect(k, GOOD)) {
            return;
        }
        state.mask = mask_of(region);
        state.user_changes--;
        expect_state(k, &state);
    }
}

/* Also for the region that it has; a wrong mask is still a wrong mask (mmc-spec 4.3). */
static void exhausted(struct check *k, const struct check_row *row)
{
    struct region_state state;
    unsigned region;

    (void)row;
    if (!look(k, &state)) {
        return;
    }
    if (state.user_changes > 0) {
        check_skip(k, "user changes are left");
        return;
    }
    region = another_region(k, &state);
    if (region < REGIONS) {
        set_region(k, mask_of(region));
        check_expect(k, REGION_PERMANENT);
    }
    if (!((uint8_t)~state.mask & k->facts.rmi)) {
        set_region(k, state.mask);
        check_expect(k, REGION_PERMANENT);
    }
    set_region(k, 0xff);
    check_expect(k, LIST_FIELD);
    expect_state(k, &state);
}

static void without_disc(struct check *k, const struct check_row *row)
{
    struct region_state state;

    (void)row;
    if (look(k, &state)) {
        set_region(k, mask_of(0));
        check_expect(k, NO_MEDIUM);
        expect_state(k, &state);
    }
}

/* clang-format off */
#define SPEND (CHECK_DESTRUCTIVE | CHECK_DVD)

/* Those that should change nothing first, then those that count down. */
static const struct check_row walk_rows[] = {
    {"region.bad-masks-refused",   "mmc-spec 4.3", SPEND, bad_masks, NULL, 0},
    {"region.bad-lists-refused",   "mmc-spec 4.3", SPEND, bad_lists, NULL, 0},
    {"region.disc-forbids",        "mmc-spec 4.3", SPEND, disc_forbids, NULL, 0},
    {"region.without-disc-refused", "mmc-spec 4.3", CHECK_DESTRUCTIVE | CHECK_EMPTY, without_disc, NULL, 0},
    {"region.change-keeps-exchange", "mmc-spec 2.8", SPEND | CHECK_EXCHANGE, keeps_exchange, NULL, 0},
    {"region.same-region-is-free", "mmc-spec 4.3", SPEND, same_region, NULL, 0},
    {"region.walk",                "mmc-spec 9",   SPEND, walk, NULL, 0},
    {"region.exhausted",           "mmc-spec 4.3", SPEND, exhausted, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_region_walk = {walk_rows, ROWS_OF(walk_rows)};
