/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What drive this is, what lies in it, and which blocks there are to ask about. What a drive does
 * not tell is a fact that is missing: the rows that need it are skipped, others will say why.
 */
#include "check_exchange.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define DEVICE_TYPE_MMC     0x05
#define PROFILE_CD          0x0008
#define CONFIGURATION_BYTES 4096
#define PHYSICAL_BYTES      21 /* header and the part that means something */
#define LAYERS_SHIFT        5
#define LAYERS_MASK         0x03
#define TRACK_PATH          0x10
#define BCA_FLAG            0x80

/* How far the search for blocks goes: a drive may take 100 ms for each. */
#define SEARCH_MAX 512
#define EDGE_STEPS 256
#define GOLDEN     2654435769u /* 2^32 over the golden ratio: spreads the samples evenly */

static bool is_dvd_profile(uint16_t profile)
{
    return (profile >= 0x10 && profile <= 0x1b) || profile == 0x2a || profile == 0x2b;
}

/* A3h and A4h mean something else on other device types: nothing is asked of those. */
static bool look_at_drive(struct check *k)
{
    ASK(k, 96, OP_INQUIRY, 0, 0, 0, 96, 0);
    if (k->answer.status != CHECK_GOOD || k->answer.in_bytes < HOST_INQUIRY_BYTES) {
        check_expect_reply(k, HOST_INQUIRY_BYTES);
        return false;
    }
    k->facts.identity = host_parse_inquiry(k->in);
    if (k->facts.identity.device_type != DEVICE_TYPE_MMC) {
        check_fail(k, "no CD or DVD drive: device type %02Xh (%s %s)",
                   k->facts.identity.device_type, k->facts.identity.vendor,
                   k->facts.identity.product);
        return false;
    }
    return true;
}

static void look_at_configuration(struct check *k)
{
    ask_configuration(k, 0, 0, CONFIGURATION_BYTES);
    if (k->answer.status == CHECK_GOOD) {
        host_parse_configuration(k->in, k->answer.in_bytes, &k->facts.configuration);
    }
}

static void look_at_layers(struct check *k)
{
    if (ask_structure(k, 0, STRUCTURE_PHYSICAL, 0, PHYSICAL_BYTES) != GOOD ||
        k->answer.in_bytes < PHYSICAL_BYTES) {
        return;
    }
    k->facts.layers = (uint8_t)((k->in[6] >> LAYERS_SHIFT & LAYERS_MASK) + 1);
    k->facts.opposite = (k->in[6] & TRACK_PATH) != 0;
    k->facts.bca = (k->in[20] & BCA_FLAG) != 0;
    k->have |= k->facts.bca ? CHECK_BCA : CHECK_NO_BCA;
    if (k->facts.layers == 2) {
        k->have |= CHECK_TWO_LAYERS;
    }
}

static void look_at_disc(struct check *k)
{
    if (ASK(k, 8, OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0) == GOOD &&
        k->answer.in_bytes == 8) {
        k->facts.blocks = be32_get(k->in) + 1;
    }
    if (k->facts.configuration.profile == PROFILE_CD) {
        k->have |= CHECK_CD;
        return;
    }
    if (is_dvd_profile(k->facts.configuration.profile)) {
        k->have |= CHECK_DVD;
    }
    k->facts.protection = DISC_NO_STRUCTURE;
    if (ask_structure(k, 0, STRUCTURE_COPYRIGHT, 0, 8) == GOOD && k->answer.in_bytes == 8) {
        k->facts.protection = k->in[4];
        k->facts.rmi = k->in[5];
        k->have |= CHECK_DVD;
    }
    if (k->have & CHECK_DVD) {
        k->have |= k->facts.protection == DISC_CSS ? CHECK_CSS : CHECK_NO_CSS;
        look_at_layers(k);
    }
}

/* Whether the whole handshake can be had on this disc, and how many at a time. */
static void look_at_exchange(struct check *k)
{
    const unsigned non_css = k->quirks.non_css;

    if (k->have & CHECK_CSS || (k->have & CHECK_DVD && (non_css == NON_CSS_ALLOW_6F01 ||
                                                        non_css == NON_CSS_ZERO_TITLE_KEY))) {
        k->have |= CHECK_EXCHANGE;
    }
    if (check_agids(k) > 1 && k->quirks.agid_field == FIELD_CHECKED) {
        k->have |= CHECK_TWO_AGIDS;
    }
}

/* ---- blocks ---- */

static void take_gated(struct check *k, uint32_t lba)
{
    if (!(k->have & CHECK_GATED)) {
        k->facts.gated_lba = lba;
        k->have |= CHECK_GATED;
    }
}

static void take_keyless(struct check *k, uint32_t lba)
{
    if (!(k->have & CHECK_KEYLESS)) {
        k->facts.keyless_lba = lba;
        k->have |= CHECK_KEYLESS;
    }
}

static bool is_bad(const struct disc *disc, uint32_t lba)
{
    for (size_t i = 0; i < disc->bad_run_count; i++) {
        if (lba >= disc->bad_runs[i].lba &&
            lba - disc->bad_runs[i].lba < disc->bad_runs[i].blocks) {
            return true;
        }
    }
    return false;
}

static void sort_described(struct check *k, const struct host_targets *targets)
{
    const struct disc *disc = k->options.disc;

    for (size_t i = 0; i < targets->count; i++) {
        if (targets->rows[i].has_gated) {
            take_gated(k, targets->rows[i].gated_lba);
        }
    }
    for (uint32_t lba = 0; lba < disc->blocks && !(k->have & CHECK_KEYLESS); lba++) {
        if (disc_cpr_mai(disc, lba) == 0 && !disc_title_key_at(disc, lba) && !is_bad(disc, lba)) {
            take_keyless(k, lba);
        }
    }
}

/*
 * Whether a block is gated, and whether it is free of all protection. A drive without structure 05h
 * is asked by reading: it has been locked.
 */
static bool look_at_block(struct check *k, uint32_t lba, bool *gated, bool *keyless)
{
    uint8_t cpr_mai;
    int outcome;

    if (k->options.disc || k->quirks.cmi_format_05) {
        if (!check_cpr_mai(k, lba, &cpr_mai)) {
            return false;
        }
        *gated = cpr_mai_is_gated(cpr_mai);
        *keyless = cpr_mai == 0;
        return true;
    }
    outcome = ask_read(k, lba, 1);
    *gated = outcome == SCRAMBLED;
    *keyless = outcome == GOOD && lba == 0; /* the file system's, on every DVD-Video */
    return outcome == GOOD || outcome == SCRAMBLED;
}

static void sort_sampled(struct check *k)
{
    const unsigned both = CHECK_GATED | CHECK_KEYLESS;

    for (uint32_t n = 0; n < SEARCH_MAX; n++) {
        const uint32_t lba = (uint32_t)((uint64_t)(n * GOLDEN) * k->facts.blocks >> 32);
        bool gated, keyless;

        if ((k->have & both) == both || !look_at_block(k, lba, &gated, &keyless)) {
            return;
        }
        if (gated) {
            take_gated(k, lba);
        }
        if (keyless) {
            take_keyless(k, lba);
        }
    }
}

/* From a gated block down to the first one of its run. */
static void find_edge(struct check *k)
{
    uint32_t lba = k->facts.gated_lba;

    for (unsigned n = 0; n < EDGE_STEPS && lba > 0; n++, lba--) {
        bool gated, keyless;

        if (!look_at_block(k, lba - 1, &gated, &keyless)) {
            return;
        }
        if (!gated) {
            k->facts.edge_lba = lba;
            k->have |= CHECK_EDGE;
            return;
        }
    }
}

static void find_blocks(struct check *k)
{
    if (!(k->have & CHECK_CSS) || k->facts.blocks == 0) {
        return;
    }
    if (!k->quirks.cmi_format_05) {
        check_lock(k);
    }
    if (k->options.disc) {
        sort_described(k, k->options.targets);
    } else {
        sort_sampled(k);
    }
    if (k->have & CHECK_GATED) {
        find_edge(k);
    }
}

/* ---- the disc that it should be ---- */

static bool is_described(struct check *k)
{
    const struct disc *disc = k->options.disc;

    if (!disc) {
        return true;
    }
    if (!(k->have & (disc->kind == DISC_CD ? CHECK_CD : CHECK_DVD))) {
        check_fail(k, "a %s is described, and none is in the drive",
                   disc->kind == DISC_CD ? "CD" : "DVD");
        return false;
    }
    if (disc->kind == DISC_CD) {
        k->facts.protection = disc->protection;
    }
    if (k->facts.blocks != disc->blocks || k->facts.protection != disc->protection ||
        (disc_has_css(disc) && k->facts.rmi != disc->rmi)) {
        check_fail(k,
                   "another disc than described: blocks %u, protection %02Xh, RMI %02Xh; "
                   "described: %u, %02Xh, %02Xh",
                   k->facts.blocks, k->facts.protection, k->facts.rmi, disc->blocks,
                   disc->protection, disc->rmi);
        return false;
    }
    return true;
}

bool check_survey(struct check *k)
{
    int ready;

    if (!look_at_drive(k)) {
        return false;
    }
    ready = check_wait_until_ready(k);
    if (ready == LOST) {
        check_expect(k, GOOD);
        return false;
    }
    look_at_configuration(k);
    if (ready == GOOD) {
        look_at_disc(k);
    } else if (check_outcome_is(ready, NO_MEDIUM)) {
        k->have |= CHECK_EMPTY;
    }
    look_at_exchange(k);
    if (ask_report_key(k, 0, KEY_RPC_STATE, 0, 8) == GOOD && k->answer.in_bytes == 8) {
        k->facts.region = host_parse_region(k->in);
        k->facts.region_seen = true;
    }
    check_judge_region(k);
    if (!is_described(k)) {
        return false;
    }
    find_blocks(k);
    return true;
}
