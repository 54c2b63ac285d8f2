/* SPDX-License-Identifier: GPL-2.0-only */
/* Disc key, title keys and ASF (mmc-spec 2.7, 3.3, 3.5, 5.3). */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/opcodes.h"

#include <string.h>

/* ---- disc key ---- */

/* A whole exchange; the block without bus key, and, unless NULL, as it came. */
static bool read_disc_key(struct check *k, uint8_t block[static CSS_DISC_BLOCK_BYTES],
                          uint8_t *as_it_came)
{
    struct check_exchange x;

    if (!check_reach(k, &x, BUSKEY)) {
        return false;
    }
    check_step_disc_key(k, &x, block);
    if (as_it_came) {
        memcpy(as_it_came, k->in + KEY_HEADER_BYTES, CSS_DISC_BLOCK_BYTES);
    }
    return check_expect(k, GOOD);
}

/* What proves the bus key without knowing the disc: two transfers differ, and are one block. */
static void disc_key_under_bus_key(struct check *k, const struct check_row *row)
{
    uint8_t blocks[2][CSS_DISC_BLOCK_BYTES], came[2][CSS_DISC_BLOCK_BYTES];

    (void)row;
    if (read_disc_key(k, blocks[0], came[0]) && read_disc_key(k, blocks[1], came[1])) {
        check_expect_that(k, memcmp(came[0], came[1], sizeof(came[0])) != 0,
                          "two transfers that differ on the wire");
        check_expect_that(k, memcmp(blocks[0], blocks[1], sizeof(blocks[0])) == 0,
                          "one block in two transfers, bus keys taken away");
    }
}

static void disc_key_as_described(struct check *k, const struct check_row *row)
{
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    css_wrapped_disc_key entry;

    (void)row;
    if (read_disc_key(k, block, NULL)) {
        memcpy(entry.b, block, sizeof(entry.b));
        check_expect_that(k, css_check_entry_accepts(&entry, &k->options.disc->disc_key),
                          "a check entry that accepts the disc key of the description");
        check_expect_that(k, memcmp(block, k->options.disc->disc_key_block, sizeof(block)) == 0,
                          "the disc key block of the description");
    }
}

/* ---- title keys ---- */

static bool read_title_key(struct check *k, uint32_t lba, uint8_t *cpr_mai,
                           css_wrapped_title_key *key, uint8_t *as_it_came)
{
    struct check_exchange x;

    if (!check_reach_title_key(k, &x)) {
        return false;
    }
    check_step_title_key(k, &x, lba, cpr_mai, key);
    if (as_it_came) {
        memcpy(as_it_came, k->in + KEY_HEADER_BYTES + 1, CSS_KEY_BYTES);
    }
    return check_expect(k, GOOD);
}

static void title_key_under_bus_key(struct check *k, const struct check_row *row)
{
    css_wrapped_title_key keys[2];
    uint8_t came[2][CSS_KEY_BYTES];

    (void)row;
    if (read_title_key(k, k->facts.gated_lba, NULL, &keys[0], came[0]) &&
        read_title_key(k, k->facts.gated_lba, NULL, &keys[1], came[1])) {
        check_expect_that(k, memcmp(came[0], came[1], sizeof(came[0])) != 0,
                          "two transfers that differ on the wire");
        check_expect_that(k, memcmp(keys[0].b, keys[1].b, sizeof(keys[0].b)) == 0,
                          "one key in two transfers, bus keys taken away");
    }
}

/* Without a disc key before: it goes out, or, per title_requires_asf, does not. */
static void title_key_first(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_lock(k) && check_reach(k, &x, BUSKEY)) {
        check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
        check_expect(k, k->quirks.title_requires_asf && k->quirks.asf_set != ASF_BY_KEY2
                            ? AUTH_FAILURE
                            : GOOD);
    }
}

/* The first key of all after a reset: under the bus key, or, per first_title_key_plain, not. */
static void title_key_first_of_all(struct check *k, const struct check_row *row)
{
    css_wrapped_title_key first, second;
    struct check_exchange x;
    uint8_t came[CSS_KEY_BYTES];

    (void)row;
    if (k->quirks.title_requires_asf) {
        check_skip(k, "title_requires_asf: the disc key is the first of all");
        return;
    }
    if (!check_reset_unit(k)) {
        return;
    }
    check_drain(k);
    if (!check_reach(k, &x, BUSKEY)) {
        return;
    }
    check_step_title_key(k, &x, k->facts.gated_lba, NULL, &first);
    memcpy(came, k->in + KEY_HEADER_BYTES + 1, sizeof(came));
    if (check_expect(k, GOOD) && read_title_key(k, k->facts.gated_lba, NULL, &second, NULL)) {
        check_expect_that(
            k,
            memcmp(k->quirks.first_title_key_plain ? came : first.b, second.b, sizeof(came)) == 0,
            "the first key %s its bus key", k->quirks.first_title_key_plain ? "without" : "under");
    }
}

/* A host takes five zero bytes for "not scrambled" (css-spec 9). */
static void title_key_is_one(struct check *k, const struct check_row *row)
{
    static const css_wrapped_title_key zeros = {{0}};
    css_wrapped_title_key key;
    uint8_t cpr_mai;

    (void)row;
    if (read_title_key(k, k->facts.gated_lba, &cpr_mai, &key, NULL)) {
        check_expect_that(k, memcmp(key.b, zeros.b, sizeof(key.b)) != 0,
                          "a title key for a scrambled block, seen zeros");
        check_expect_that(k, cpr_mai_is_gated(cpr_mai), "CPR_MAI of a scrambled block, seen %02Xh",
                          cpr_mai);
    }
}

static void title_key_agrees_with_cmi(struct check *k, const struct check_row *row)
{
    uint8_t by_key;

    (void)row;
    if (!k->quirks.cmi_format_05) {
        check_skip(k, "cmi_format_05 is no");
        return;
    }
    if (read_title_key(k, k->facts.gated_lba, &by_key, NULL, NULL)) {
        ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, k->facts.gated_lba, 8);
        if (check_expect_reply(k, 8)) {
            check_expect_number(k, "CPR_MAI of the title key", by_key, k->in[4]);
        }
    }
}

static void title_keys_as_described(struct check *k, const struct check_row *row)
{
    const struct disc *disc = k->options.disc;

    (void)row;
    for (size_t n = 0; n < k->options.targets->count; n++) {
        const struct host_target *target = &k->options.targets->rows[n];
        css_wrapped_title_key wrapped;
        css_title_key key;
        uint8_t cpr_mai;

        check_where(k, "LBA %u", target->key_lba);
        if (!read_title_key(k, target->key_lba, &cpr_mai, &wrapped, NULL)) {
            return;
        }
        key = css_unwrap_title_key(&disc->disc_key, &wrapped);
        check_expect_that(k, memcmp(key.b, target->key->clear.b, sizeof(key.b)) == 0,
                          "title key %s of the description", target->key->name);
        check_expect_number(k, "CPR_MAI", disc_cpr_mai(disc, target->key_lba), cpr_mai);
    }
}

/* The key that lies nearest to a block without one, the lower of two; NULL: the disc has none. */
static const struct disc_title_key *nearest_key(const struct disc *disc, uint32_t lba)
{
    for (uint32_t away = 0; away < disc->blocks; away++) {
        const struct disc_title_key *key = away <= lba ? disc_title_key_at(disc, lba - away) : NULL;

        if (!key && away < disc->blocks - lba) {
            key = disc_title_key_at(disc, lba + away);
        }
        if (key) {
            return key;
        }
    }
    return NULL;
}

/* Blocks without a title key to ask about: one, or, of a disc that is described, some of all. */
#define KEYLESS_ASKED 48

static uint32_t next_keyless(const struct check *k, uint32_t lba)
{
    const struct disc *disc = k->options.disc;
    const uint32_t step = k->facts.blocks / KEYLESS_ASKED + 1;

    if (!disc) {
        return k->facts.blocks;
    }
    for (lba += step; lba < disc->blocks; lba += step) {
        if (disc_cpr_mai(disc, lba) == 0 && !disc_title_key_at(disc, lba)) {
            return lba;
        }
    }
    return disc->blocks;
}

/* Per value of title_key_unprotected. */
static bool ask_keyless(struct check *k, uint32_t lba)
{
    const unsigned quirk = k->quirks.title_key_unprotected;
    css_wrapped_title_key key, wanted = {{0}};
    const struct disc_title_key *nearest;
    struct check_exchange x;
    uint8_t cpr_mai;

    if (!check_reach_title_key(k, &x)) {
        return false;
    }
    check_step_title_key(k, &x, lba, &cpr_mai, &key);
    if (quirk == UNPROTECTED_6F01) {
        check_expect(k, NO_KEY);
        check_step_invalidate(k, x.agid);
        return k->verdict != CHECK_FAILED;
    }
    if (!check_expect(k, GOOD) || !check_expect_number(k, "CPR_MAI", 0, cpr_mai)) {
        return false;
    }
    if (quirk == UNPROTECTED_NEAREST) {
        nearest = k->options.disc ? nearest_key(k->options.disc, lba) : NULL;
        if (!nearest) {
            return true;
        }
        wanted = nearest->wrapped;
    }
    return check_expect_that(k, memcmp(key.b, wanted.b, sizeof(key.b)) == 0, "%s",
                             quirk == UNPROTECTED_ZEROS ? "five zero bytes" : "the nearest key");
}

static void title_key_of_keyless(struct check *k, const struct check_row *row)
{
    uint32_t lba = k->facts.keyless_lba;

    (void)row;
    while (lba < k->facts.blocks) {
        check_where(k, "LBA %u", lba);
        if (!ask_keyless(k, lba)) {
            return;
        }
        lba = next_keyless(k, lba);
    }
}

/* After a title key that was refused: as far as BUSKEY again, where the AGID is free now. */
static bool still_there(struct check *k, struct check_exchange *x)
{
    return k->quirks.title_failed_agid == TITLE_FAILED_STAY || check_reach_title_key(k, x);
}

/* title_requires_asf is judged first, and this disc key sets none. */
static bool is_hopeless(struct check *k)
{
    if (k->quirks.title_requires_asf && !check_asf_after_disc_key(k)) {
        check_skip(k, "title_requires_asf, and a disc key of another region clears it");
        return true;
    }
    return false;
}

/* After the last block, and as far as an LBA goes. */
static void title_key_past_end(struct check *k, const struct check_row *row)
{
    const uint32_t lbas[] = {k->facts.blocks, k->facts.blocks + 1, 0x80000000u, UINT32_MAX};
    struct check_exchange x;

    (void)row;
    if (is_hopeless(k)) {
        return;
    }
    if (!check_reach_title_key(k, &x)) {
        return;
    }
    for (size_t i = 0; i < ROWS_OF(lbas); i++) {
        check_where(k, "LBA %u", lbas[i]);
        check_step_title_key(k, &x, lbas[i], NULL, NULL);
        if (!check_expect(k, LBA_RANGE) || !still_there(k, &x)) {
            return;
        }
    }
}

/* The handshake and the disc key work with any region (mmc-spec 3.3). */
static void other_region_disc_key(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k)) {
        check_expect_asf(k, check_asf_after_disc_key(k));
    }
}

static int region_refusal(const struct check *k)
{
    return k->quirks.region_title_sense == REGION_SENSE_6F01 ? NO_KEY : REGION_REFUSED;
}

static void other_region_title_key(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (is_hopeless(k) || !check_unlock(k) || !check_reach(k, &x, BUSKEY)) {
        return;
    }
    check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
    check_expect(k, region_refusal(k));
    check_expect_asf(k, false);
}

/* Range, then key, then region (mmc-spec 2.3). */
static void other_region_order(struct check *k, const struct check_row *row)
{
    struct check_exchange x;
    const bool keyless_refused = k->quirks.title_key_unprotected == UNPROTECTED_6F01;

    (void)row;
    if (is_hopeless(k) || !check_reach_title_key(k, &x)) {
        return;
    }
    check_step_title_key(k, &x, k->facts.blocks, NULL, NULL);
    if (!check_expect(k, LBA_RANGE) || !still_there(k, &x)) {
        return;
    }
    check_step_title_key(k, &x, k->facts.keyless_lba, NULL, NULL);
    check_expect(k, keyless_refused ? NO_KEY : region_refusal(k));
}

static void other_region_keeps_agid(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (is_hopeless(k) || !check_reach_title_key(k, &x)) {
        return;
    }
    check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
    if (!check_expect(k, region_refusal(k))) {
        return;
    }
    if (k->quirks.title_failed_agid == TITLE_FAILED_STAY) {
        check_cash_in(k, &x);
    } else {
        check_step_disc_key(k, &x, NULL);
        check_expect(k, NOT_ESTABLISHED);
    }
}

/* ---- ASF ---- */

static void asf_after_wrong_key2(struct check *k, const struct check_row *row)
{
    const bool unlocked = check_asf_after_disc_key(k);

    (void)row;
    if (check_unlock(k) && check_expect_asf(k, unlocked) && check_refuse_key2(k)) {
        check_expect_asf(k, unlocked && k->quirks.asf_on_bad_key2 == BAD_KEY2_KEEPS_ASF);
    }
}

/* No step of the handshake sets it, but, per asf_set, the last one. */
static void asf_during_handshake(struct check *k, const struct check_row *row)
{
    const bool by_key2 = k->quirks.asf_set == ASF_BY_KEY2;

    (void)row;
    for (enum check_stage stage = GRANTED; stage < STAGES; stage++) {
        struct check_exchange x;

        check_where(k, "in %s", check_stage_names[stage]);
        if (!check_lock(k) || !check_reach(k, &x, stage) ||
            !check_expect_asf(k, by_key2 && stage == BUSKEY)) {
            return;
        }
        check_step_invalidate(k, x.agid);
    }
}

static void asf_after_disc_key(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_lock(k) && check_unlock(k)) {
        check_expect_asf(k, check_asf_after_disc_key(k));
    }
}

/* Per asf_set; a drive that wants the disc key first has ASF already. */
static void asf_after_title_key(struct check *k, const struct check_row *row)
{
    const bool disc_key_first = k->quirks.title_requires_asf || k->quirks.first_title_key_plain;
    const bool wanted = k->quirks.asf_set != ASF_BY_DISC_KEY || disc_key_first;

    (void)row;
    if (check_lock(k) && read_title_key(k, k->facts.gated_lba, NULL, NULL, NULL)) {
        check_expect_asf(k, wanted);
    }
}

/* mmc-spec 2.7: what leaves it alone. */
static void asf_outlives(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (!check_asf_after_disc_key(k)) {
        check_skip(k, "asf_on_region_mismatch is clear");
        return;
    }
    if (!check_unlock(k)) {
        return;
    }
    for (enum check_stage stage = GRANTED; stage < STAGES; stage++) {
        check_where(k, "in %s", check_stage_names[stage]);
        if (!check_reach(k, &x, stage) || !check_expect_asf(k, true)) {
            return;
        }
        check_where(k, "invalidated in %s", check_stage_names[stage]);
        check_step_invalidate(k, x.agid);
        check_expect(k, GOOD);
        check_expect_asf(k, true);
    }
    check_where(k, "%s", "after READ");
    ask_read(k, k->facts.keyless_lba, 1);
    check_expect_asf(k, true);
}

/* A key that is refused as there is none sets nothing. */
static void asf_on_plain_disc(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_lock(k) && check_reach(k, &x, BUSKEY) && check_cash_in(k, &x)) {
        check_expect_asf(k, k->quirks.asf_set == ASF_BY_KEY2);
    }
}

/* clang-format off */
#define OWN_REGION   (CHECK_REGION_MATCH | CHECK_GATED)
#define OTHER_REGION (CHECK_REGION_MISMATCH | CHECK_GATED)

static const struct check_row rows[] = {
    {"disc-key.under-bus-key",           "mmc-spec 5.3", CHECK_CSS, disc_key_under_bus_key, NULL, 0},
    {"disc-key.as-described",            "mmc-spec 5.3", CHECK_CSS | CHECK_DESCRIPTION, disc_key_as_described, NULL, 0},
    {"title-key.under-bus-key",          "mmc-spec 1.2", OWN_REGION, title_key_under_bus_key, NULL, 0},
    {"title-key.of-scrambled-block",     "mmc-spec 3.5", OWN_REGION, title_key_is_one, NULL, 0},
    {"title-key.before-disc-key",        "mmc-spec 2.7", OWN_REGION, title_key_first, NULL, 0},
    {"title-key.first-of-all",           "mmc-spec 2.7", OWN_REGION | CHECK_RESET, title_key_first_of_all, NULL, 0},
    {"title-key.agrees-with-structure",  "mmc-spec 1.2", OWN_REGION, title_key_agrees_with_cmi, NULL, 0},
    {"title-key.as-described",           "mmc-spec 1.2", OWN_REGION | CHECK_DESCRIPTION, title_keys_as_described, NULL, 0},
    {"title-key.of-keyless-block",       "mmc-spec 3.5", CHECK_REGION_MATCH | CHECK_KEYLESS, title_key_of_keyless, NULL, 0},
    {"title-key.past-end",               "mmc-spec 2.3", CHECK_CSS, title_key_past_end, NULL, 0},
    {"title-key.other-region-refused",   "mmc-spec 3.3", OTHER_REGION, other_region_title_key, NULL, 0},
    {"title-key.other-region-order",     "mmc-spec 2.3", OTHER_REGION | CHECK_KEYLESS, other_region_order, NULL, 0},
    {"title-key.other-region-keeps-agid", "mmc-spec 9",  OTHER_REGION, other_region_keeps_agid, NULL, 0},
    {"disc-key.other-region",            "mmc-spec 3.3", CHECK_REGION_MISMATCH, other_region_disc_key, NULL, 0},
    {"asf.after-wrong-key2",             "mmc-spec 2.7", CHECK_CSS, asf_after_wrong_key2, NULL, 0},
    {"asf.during-handshake",             "mmc-spec 2.7", CHECK_CSS, asf_during_handshake, NULL, 0},
    {"asf.after-disc-key",               "mmc-spec 2.7", CHECK_CSS, asf_after_disc_key, NULL, 0},
    {"asf.after-title-key",              "mmc-spec 2.7", OWN_REGION, asf_after_title_key, NULL, 0},
    {"asf.outlives-agids",               "mmc-spec 2.7", CHECK_CSS, asf_outlives, NULL, 0},
    {"asf.on-plain-disc",                "mmc-spec 2.7", CHECK_NO_CSS | CHECK_EXCHANGE, asf_on_plain_disc, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_keys = {rows, ROWS_OF(rows)};
