/* SPDX-License-Identifier: GPL-2.0-only */
/* The exchange in its nominal order, and what it must not give way on (mmc-spec 2, css-spec 5). */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#include <string.h>

#define AGIDS_MAX  4
#define CHALLENGES 16

static void nominal_disc_key(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_reach(k, &x, BUSKEY)) {
        check_cash_in(k, &x);
    }
}

static void nominal_title_key(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_reach_title_key(k, &x)) {
        check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
        check_expect(k, GOOD);
    }
}

/* Acceptance check 1: two exchanges, a step of each in turn, twice. */
static void two_in_turn(struct check *k, const struct check_row *row)
{
    (void)row;
    for (unsigned round = 0; round < 2; round++) {
        struct check_exchange a, b;

        check_where(k, "round %u", round + 1);
        if (!check_reach(k, &a, GRANTED) || !check_reach(k, &b, GRANTED)) {
            return;
        }
        check_expect_that(k, a.agid != b.agid, "two AGIDs, seen %u twice", a.agid);
        for (unsigned step = 0; step < 4; step++) {
            static int (*const steps[])(struct check *, struct check_exchange *) = {
                check_step_challenge, check_step_key1, check_step_drive_challenge, check_step_key2};

            steps[step](k, &a);
            check_expect(k, GOOD);
            steps[step](k, &b);
            check_expect(k, GOOD);
        }
        if (k->verdict == CHECK_FAILED || !check_cash_in(k, &b) || !check_cash_in(k, &a)) {
            return;
        }
        check_step_invalidate(k, a.agid);
        check_step_invalidate(k, b.agid);
    }
}

/* Each AGID left in another state, then all are brought to their end. */
static void all_in_parallel(struct check *k, const struct check_row *row)
{
    const unsigned count = check_agids(k);
    struct check_exchange x[AGIDS_MAX];

    (void)row;
    for (unsigned n = 0; n < count; n++) {
        if (!check_reach(k, &x[n], HCHAL + n)) {
            return;
        }
    }
    for (unsigned n = 0; n < count; n++) {
        check_where(k, "AGID %u", x[n].agid);
        if (!check_complete(k, &x[n], HCHAL + n)) {
            return;
        }
    }
}

/* ---- challenges ---- */

static void fresh_challenges(struct check *k, const struct check_row *row)
{
    css_challenge seen[CHALLENGES];

    (void)row;
    for (unsigned n = 0; n < CHALLENGES; n++) {
        struct check_exchange x;

        if (!check_reach(k, &x, DCHAL)) {
            return;
        }
        seen[n] = x.drive;
        for (unsigned i = 0; i < n; i++) {
            check_expect_that(k, memcmp(seen[i].b, x.drive.b, sizeof(x.drive.b)) != 0,
                              "a challenge that was not there before, seen that of exchange %u in "
                              "exchange %u",
                              i + 1, n + 1);
        }
        check_step_invalidate(k, x.agid);
    }
}

static void any_host_challenge(struct check *k, const struct check_row *row)
{
    static const css_challenge challenges[] = {
        {{0}},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
        {{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}, /* what a widely used library always sends */
        {{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
    };

    (void)row;
    for (size_t i = 0; i < ROWS_OF(challenges); i++) {
        struct check_exchange x;

        check_where(k, "challenge %zu", i + 1);
        if (!check_reach(k, &x, GRANTED)) {
            return;
        }
        check_step_this_challenge(k, &x, &challenges[i]);
        if (!check_expect(k, GOOD) || !check_complete(k, &x, HCHAL)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

/* A new host challenge is answered, not the old one again. */
static void restart(struct check *k, const struct check_row *row)
{
    const enum check_stage stage = row->value;
    struct check_exchange x;

    if (check_reach(k, &x, stage)) {
        check_step_challenge(k, &x);
        if (check_expect(k, GOOD)) {
            check_complete(k, &x, HCHAL);
        }
    }
}

/* The challenge of before the restart is no longer the one that KEY2 answers. */
static void restart_forgets_challenge(struct check *k, const struct check_row *row)
{
    struct check_exchange x, before;

    (void)row;
    if (!check_reach(k, &x, DCHAL)) {
        return;
    }
    before = x;
    check_step_challenge(k, &x);
    if (!check_expect(k, GOOD)) {
        return;
    }
    check_step_key1(k, &x);
    check_expect(k, GOOD);
    check_step_drive_challenge(k, &x);
    check_expect(k, GOOD);
    check_step_key2(k, &before);
    check_expect(k, AUTH_FAILURE);
}

static void same_again(struct check *k, const struct check_row *row)
{
    const bool is_key1 = row->value == KEY1;
    struct check_exchange x;
    uint8_t first[CHALLENGE_BYTES];
    const size_t bytes = is_key1 ? KEY1_BYTES : CHALLENGE_BYTES;

    if (!check_reach(k, &x, row->value)) {
        return;
    }
    memcpy(first, k->in, bytes);
    for (unsigned n = 0; n < 3; n++) {
        if (is_key1) {
            check_step_key1(k, &x);
        } else {
            check_step_drive_challenge(k, &x);
        }
        if (k->quirks.repeat_reply == REPLY_REJECT) {
            check_expect(k, SEQUENCE);
            return;
        }
        if (!check_expect(k, GOOD) || !check_expect_data(k, "the same again,", first, bytes)) {
            return;
        }
    }
    check_complete(k, &x, row->value);
}

/* KEY1 and the bus key come from one variant, drawn when the AGID was granted. */
static void one_variant(struct check *k, const struct check_row *row)
{
    struct check_exchange x;
    int variant;

    (void)row;
    if (!check_reach(k, &x, KEY1)) {
        return;
    }
    variant = x.variant;
    for (unsigned n = 0; n < 4; n++) {
        check_step_challenge(k, &x);
        check_expect(k, GOOD);
        check_step_key1(k, &x);
        if (!check_expect(k, GOOD) ||
            !check_expect_that(k, x.variant == variant, "variant %d, seen %d", variant,
                               x.variant)) {
            return;
        }
    }
}

/* ---- KEY2 ---- */

/* Every bit of a byte: refused, ASF 0, the AGID free, and nothing to be had. */
static void wrong_byte(struct check *k, const struct check_row *row)
{
    for (unsigned bit = 0; bit < 8; bit++) {
        struct check_exchange x;
        css_key2 flip = {{0}};

        flip.b[row->value] = (uint8_t)(1u << bit);
        check_where(k, "bit %u", bit);
        if (!check_reach(k, &x, DCHAL)) {
            return;
        }
        check_step_wrong_key2(k, &x, &flip);
        check_expect(k, AUTH_FAILURE);
        check_step_disc_key(k, &x, NULL);
        if (!check_expect(k, NOT_ESTABLISHED)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

static void key2_of_another(struct check *k, const struct check_row *row)
{
    struct check_exchange a, b, mixed;

    (void)row;
    if (!check_reach(k, &a, DCHAL) || !check_reach(k, &b, DCHAL)) {
        return;
    }
    mixed = a;
    mixed.agid = b.agid;
    check_step_key2(k, &mixed);
    check_expect(k, AUTH_FAILURE);
    check_complete(k, &a, DCHAL); /* whose AGID was not spoken of */
}

static void key2_twice(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_reach(k, &x, BUSKEY)) {
        check_step_key2(k, &x);
        if (!check_expect(k, SEQUENCE)) {
            return;
        }
        if (k->quirks.out_of_order_resets == ORDER_STAY) {
            check_cash_in(k, &x);
        } else {
            check_step_disc_key(k, &x, NULL);
            check_expect(k, NOT_ESTABLISHED);
        }
    }
}

/* Both keys of one exchange: the second is refused, the AGID is used up. */
static void one_key_transfer(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!check_reach(k, &x, BUSKEY) || !check_cash_in(k, &x)) {
        return;
    }
    check_step_disc_key(k, &x, NULL);
    check_expect(k, NOT_ESTABLISHED);
    check_step_title_key(k, &x, 0, NULL, NULL);
    check_expect(k, NOT_ESTABLISHED);
}

/* The bus key of one AGID is not that of another. */
static void bus_key_of_another(struct check *k, const struct check_row *row)
{
    uint8_t a_block[CSS_DISC_BLOCK_BYTES], b_block[CSS_DISC_BLOCK_BYTES];
    struct check_exchange a, b;

    (void)row;
    if (!check_reach(k, &a, BUSKEY) || !check_reach(k, &b, BUSKEY)) {
        return;
    }
    check_step_disc_key(k, &a, a_block);
    check_expect(k, GOOD);
    check_step_disc_key(k, &b, b_block);
    if (check_expect(k, GOOD)) {
        check_expect_that(k, memcmp(a_block, b_block, sizeof(a_block)) == 0,
                          "one disc key block under either bus key");
    }
}

/* clang-format off */
#define WRONG_BYTE(n) {"key2.wrong-byte-" #n, "mmc-spec 2.3", CHECK_EXCHANGE, wrong_byte, NULL, n}

static const struct check_row rows[] = {
    {"exchange.nominal",                "mmc-spec 2.9",  CHECK_EXCHANGE, nominal_disc_key, NULL, 0},
    {"exchange.nominal-title-key",      "mmc-spec 2.2",  CHECK_REGION_MATCH | CHECK_GATED, nominal_title_key, NULL, 0},
    {"exchange.two-in-turn",            "mmc-spec 9",    CHECK_EXCHANGE | CHECK_TWO_AGIDS, two_in_turn, NULL, 0},
    {"exchange.all-in-parallel",        "mmc-spec 2.1",  CHECK_EXCHANGE | CHECK_TWO_AGIDS, all_in_parallel, NULL, 0},
    {"exchange.fresh-challenges",       "mmc-spec 2.4",  CHECK_EXCHANGE, fresh_challenges, NULL, 0},
    {"exchange.any-host-challenge",     "css-spec 13",   CHECK_EXCHANGE, any_host_challenge, NULL, 0},
    {"exchange.restart-in-hchal",       "mmc-spec 2.3",  CHECK_EXCHANGE, restart, NULL, HCHAL},
    {"exchange.restart-in-key1",        "mmc-spec 2.3",  CHECK_EXCHANGE, restart, NULL, KEY1},
    {"exchange.restart-in-dchal",       "mmc-spec 2.3",  CHECK_EXCHANGE, restart, NULL, DCHAL},
    {"exchange.restart-in-buskey",      "mmc-spec 2.3",  CHECK_EXCHANGE, restart, NULL, BUSKEY},
    {"exchange.restart-forgets-challenge", "mmc-spec 2.3", CHECK_EXCHANGE, restart_forgets_challenge, NULL, 0},
    {"exchange.key1-again-is-the-same", "mmc-spec 2.3",  CHECK_EXCHANGE, same_again, NULL, KEY1},
    {"exchange.challenge-again-is-the-same", "mmc-spec 2.3", CHECK_EXCHANGE, same_again, NULL, DCHAL},
    {"exchange.one-variant",            "mmc-spec 2.4",  CHECK_EXCHANGE, one_variant, NULL, 0},
    {"exchange.one-key-transfer",       "mmc-spec 2.3",  CHECK_CSS, one_key_transfer, NULL, 0},
    {"exchange.a-bus-key-each",         "mmc-spec 2.1",  CHECK_CSS | CHECK_TWO_AGIDS, bus_key_of_another, NULL, 0},
    WRONG_BYTE(0),
    WRONG_BYTE(1),
    WRONG_BYTE(2),
    WRONG_BYTE(3),
    WRONG_BYTE(4),
    {"key2.of-another-exchange",        "mmc-spec 2.1",  CHECK_EXCHANGE | CHECK_TWO_AGIDS, key2_of_another, NULL, 0},
    {"key2.twice-refused",              "mmc-spec 2.3",  CHECK_EXCHANGE, key2_twice, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_handshake = {rows, ROWS_OF(rows)};
