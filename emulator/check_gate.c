/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads of scrambled blocks before and after the exchange (mmc-spec 3.1, 3.2). */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define MARK_AT         0x14 /* PES_scrambling_control (css-spec 10) */
#define MARK_BITS       0x30
#define SECTOR_PLAIN_AT 0x80 /* bytes before are never scrambled */
#define VALID           0x80

enum command { BY_READ_10, BY_READ_12, BY_READ_CD };

static int read_one(struct check *k, enum command command, uint32_t lba)
{
    uint8_t cdb[12] = {0};

    if (command == BY_READ_10) {
        return ask_read(k, lba, 1);
    }
    be32_put(cdb + 2, lba);
    if (command == BY_READ_12) {
        cdb[0] = OP_READ_12;
        cdb[9] = 1;
    } else {
        cdb[0] = OP_READ_CD;
        cdb[8] = 1;
        cdb[9] = 0x10; /* user data */
    }
    return check_send(k, cdb, sizeof(cdb), NULL, 0, DISC_BLOCK_BYTES);
}

static void gated_before(struct check *k, const struct check_row *row)
{
    if (check_lock(k)) {
        read_one(k, row->value, k->facts.gated_lba);
        check_expect(k, SCRAMBLED);
    }
}

static void gated_after(struct check *k, const struct check_row *row)
{
    if (check_lock(k) && check_unlock(k)) {
        read_one(k, row->value, k->facts.gated_lba);
        if (check_expect(k, check_unlocked_read(k)) && check_unlocked_read(k) == GOOD) {
            check_expect_reply(k, DISC_BLOCK_BYTES);
        }
    }
}

static void gated_after_title_key(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (k->quirks.asf_set == ASF_BY_DISC_KEY) {
        check_skip(k, "asf_set is disc_key");
        return;
    }
    if (check_lock(k) && check_reach_title_key(k, &x)) {
        check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
        if (check_expect(k, GOOD)) {
            ask_read(k, k->facts.gated_lba, 1);
            check_expect_reply(k, DISC_BLOCK_BYTES);
        }
    }
}

static void locked_again(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k) && check_refuse_key2(k)) {
        ask_read(k, k->facts.gated_lba, 1);
        check_expect(k, k->quirks.asf_on_bad_key2 == BAD_KEY2_KEEPS_ASF ? check_unlocked_read(k)
                                                                        : SCRAMBLED);
    }
}

static void locked_by_refused_region(struct check *k, const struct check_row *row)
{
    struct check_exchange x;

    (void)row;
    if (check_unlock(k) && check_reach(k, &x, BUSKEY)) {
        check_step_title_key(k, &x, k->facts.gated_lba, NULL, NULL);
        ask_read(k, k->facts.gated_lba, 1);
        check_expect(k, SCRAMBLED);
    }
}

static void clear_before(struct check *k, const struct check_row *row)
{
    if (check_lock(k)) {
        read_one(k, row->value, k->facts.keyless_lba);
        check_expect_reply(k, DISC_BLOCK_BYTES);
    }
}

/* CPR_MAI that asks for copying to be limited, not for a key (B0h): every extent of it. */
static void restricted_before(struct check *k, const struct check_row *row)
{
    const struct disc *disc = k->options.disc;
    unsigned seen = 0;

    (void)row;
    if (!check_lock(k)) {
        return;
    }
    for (size_t n = 0; n < disc->extent_count; n++) {
        if (!cpr_mai_is_gated(disc->extents[n].cpr_mai)) {
            check_where(k, "LBA %u", disc->extents[n].lba);
            ask_read(k, disc->extents[n].lba, 1);
            check_expect_reply(k, DISC_BLOCK_BYTES);
            seen++;
        }
    }
    if (!seen) {
        check_skip(k, "the disc has no block that is restricted and in clear");
    }
}

/* As the copyright map says, at both ends of every extent. */
static void map_as_described(struct check *k, const struct check_row *row)
{
    const struct disc *disc = k->options.disc;

    (void)row;
    if (!check_lock(k)) {
        return;
    }
    for (size_t n = 0; n < disc->extent_count; n++) {
        const struct disc_extent *e = &disc->extents[n];
        const uint32_t ends[] = {e->lba, e->lba + e->blocks - 1};

        for (size_t i = 0; i < ROWS_OF(ends); i++) {
            check_where(k, "LBA %u", ends[i]);
            ask_read(k, ends[i], 1);
            check_expect(k, cpr_mai_is_gated(e->cpr_mai) ? SCRAMBLED : GOOD);
        }
    }
}

/* Fails as a whole. INFORMATION would make Linux take the blocks before for read (3.2). */
static void into_gated(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!check_lock(k)) {
        return;
    }
    ask_read(k, k->facts.edge_lba - 1, 1);
    check_expect_reply(k, DISC_BLOCK_BYTES);
    ask_read(k, k->facts.edge_lba - 1, 2);
    if (check_expect(k, SCRAMBLED)) {
        check_expect_number(k, "VALID", 0, k->answer.sense[0] & VALID);
        check_expect_number(k, "INFORMATION", 0, be32_get(k->answer.sense + 3));
    }
}

static void into_gated_after(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k)) {
        ask_read(k, k->facts.edge_lba - 1, 2);
        check_expect(k, check_unlocked_read(k));
    }
}

/* Nothing is read in clear: the mark of a scrambled pack is there (mmc-spec 3.1). */
static void comes_scrambled(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_unlock(k)) {
        ask_read(k, k->facts.gated_lba, 1);
        if (!check_expect_reply(k, DISC_BLOCK_BYTES)) {
            return;
        }
        if (!css_pack_is(k->in)) {
            check_skip(k, "the scrambled block is no MPEG pack");
            return;
        }
        check_expect_that(k, css_pack_is_marked(k->in), "a pack that is marked scrambled");
    }
}

/* ---- what is in the sectors ---- */

static bool read_image(struct check *k, uint32_t lba, uint8_t out[static DISC_BLOCK_BYTES])
{
    struct medium *medium = k->options.disc->medium;

    if (medium->ops->read(medium, (uint64_t)lba * DISC_BLOCK_BYTES, out, DISC_BLOCK_BYTES, true) ==
        MEDIUM_OK) {
        return true;
    }
    check_fail(k, "LBA %u of the described image cannot be read", lba);
    return false;
}

/* The drive sends a sector that the title key, got through the bus key, turns into the image's. */
static void compare_sector(struct check *k, uint32_t lba, const css_title_key *key)
{
    const struct disc *disc = k->options.disc;
    struct css_sector sector = {.data = k->in, .key = key};
    uint8_t plain[DISC_BLOCK_BYTES];

    ask_read(k, lba, 1);
    if (!check_expect_reply(k, DISC_BLOCK_BYTES) || !read_image(k, lba, plain)) {
        return;
    }
    if (!disc->scrambled) {
        check_expect_that(k,
                          memcmp(k->in + SECTOR_PLAIN_AT, plain + SECTOR_PLAIN_AT,
                                 sizeof(plain) - SECTOR_PLAIN_AT) != 0,
                          "a scrambled sector, seen it in clear");
        css_kernel_portable.descramble(&sector, 1);
        k->in[MARK_AT] &= (uint8_t)~MARK_BITS;
        plain[MARK_AT] &= (uint8_t)~MARK_BITS;
    }
    check_expect_that(k, memcmp(k->in, plain, sizeof(plain)) == 0,
                      "the image's sector after descrambling");
}

static void descrambles(struct check *k, const struct check_row *row)
{
    (void)row;
    for (size_t n = 0; n < k->options.targets->count; n++) {
        const struct host_target *target = &k->options.targets->rows[n];
        css_wrapped_title_key wrapped;
        struct check_exchange x;
        css_title_key key;

        if (!target->has_gated) {
            continue;
        }
        check_where(k, "LBA %u", target->gated_lba);
        if (!check_unlock(k) || !check_reach(k, &x, BUSKEY)) {
            return;
        }
        check_step_title_key(k, &x, target->key_lba, NULL, &wrapped);
        if (!check_expect(k, GOOD)) {
            return;
        }
        key = css_unwrap_title_key(&k->options.disc->disc_key, &wrapped);
        compare_sector(k, target->gated_lba, &key);
    }
}

/* clang-format off */
static const struct check_row rows[] = {
    {"read.gated-refused-before",           "mmc-spec 3.2",  CHECK_GATED, gated_before, NULL, BY_READ_10},
    {"read.gated-refused-before-by-read-12", "mmc-spec 3.2", CHECK_GATED, gated_before, NULL, BY_READ_12},
    {"read.gated-refused-before-by-read-cd", "mmc-spec 3.2", CHECK_GATED, gated_before, NULL, BY_READ_CD},
    {"read.gated-after-disc-key",           "mmc-spec 3.2",  CHECK_GATED, gated_after, NULL, BY_READ_10},
    {"read.gated-after-disc-key-by-read-12", "mmc-spec 3.2", CHECK_GATED, gated_after, NULL, BY_READ_12},
    {"read.gated-after-disc-key-by-read-cd", "mmc-spec 3.2", CHECK_GATED, gated_after, NULL, BY_READ_CD},
    {"read.gated-after-title-key",          "mmc-spec 3.2",  CHECK_GATED | CHECK_REGION_MATCH, gated_after_title_key, NULL, 0},
    {"read.refused-after-wrong-key2",       "mmc-spec 9",    CHECK_GATED, locked_again, NULL, 0},
    {"read.refused-after-refused-region",   "mmc-spec 2.3",  CHECK_GATED | CHECK_REGION_MISMATCH, locked_by_refused_region, NULL, 0},
    {"read.clear-before",                   "mmc-spec 3.2",  CHECK_KEYLESS, clear_before, NULL, BY_READ_10},
    {"read.clear-before-by-read-12",        "mmc-spec 3.2",  CHECK_KEYLESS, clear_before, NULL, BY_READ_12},
    {"read.clear-before-by-read-cd",        "mmc-spec 6.13", CHECK_KEYLESS, clear_before, NULL, BY_READ_CD},
    {"read.restricted-before",              "mmc-spec 3.1",  CHECK_CSS | CHECK_DESCRIPTION, restricted_before, NULL, 0},
    {"read.map-as-described",               "mmc-spec 3.1",  CHECK_CSS | CHECK_DESCRIPTION, map_as_described, NULL, 0},
    {"read.into-gated-refused-as-a-whole",  "mmc-spec 3.2",  CHECK_EDGE, into_gated, NULL, 0},
    {"read.into-gated-after",               "mmc-spec 3.2",  CHECK_EDGE, into_gated_after, NULL, 0},
    {"read.comes-scrambled",                "mmc-spec 3.1",  CHECK_GATED | CHECK_REGION_MATCH, comes_scrambled, NULL, 0},
    {"read.descrambles-to-the-image",       "css-spec 10",   CHECK_GATED | CHECK_DESCRIPTION | CHECK_REGION_MATCH, descrambles, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_gate = {rows, ROWS_OF(rows)};
