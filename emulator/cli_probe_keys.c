/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps of the probe that authenticate, read keys and use them (css-spec 5). */
#include "cli_probe.h"

#include "scsi/opcodes.h"

#include <string.h>

#define AGID_BYTES      8
#define AGID_AT         7
#define AGID_SHIFT      6
#define AGID_OTHER_BITS 0x3f
#define CHALLENGE_BYTES 16
#define KEY1_BYTES      12
#define ASF_BYTES       8
#define ASF_AT          7
#define ASF_BIT         0x01
#define TITLE_KEY_BYTES 12
#define CPR_MAI_AT      4
#define TITLE_KEY_AT    5
#define DISC_KEY_BYTES  (HOST_HEADER_BYTES + CSS_DISC_BLOCK_BYTES)
#define MARK_AT         0x14 /* PES_scrambling_control (css-spec 10) */
#define MARK_BITS       0x30
#define SECTOR_PLAIN_AT 0x80 /* bytes before are never scrambled */

/* ---- one handshake ---- */

enum probe_result probe_agid(struct probe *p)
{
    struct host_command command = host_report_key(KEY_AGID, 0, 0);

    if (!probe_ask(p, &command, AGID_BYTES, "AGID")) {
        return PROBE_FAILED;
    }
    p->agid = p->in[AGID_AT] >> AGID_SHIFT;
    p->agid_held = true;
    p->have |= HAVE_AGID;
    if (p->in[AGID_AT] & AGID_OTHER_BITS) {
        return probe_failed(p, "expected an AGID in bits 7-6 alone, got %02Xh", p->in[AGID_AT]);
    }
    return probe_ok(p, "AGID %u", p->agid);
}

enum probe_result probe_key1(struct probe *p)
{
    css_challenge host;
    struct host_command command;
    int variant;

    random_bytes(&p->random, host.b, sizeof(host.b));
    command = host_send_challenge(p->agid, &host);
    if (!probe_ask(p, &command, 0, "host challenge")) {
        return PROBE_FAILED;
    }
    command = host_report_key(KEY_KEY1, p->agid, 0);
    if (!probe_ask(p, &command, KEY1_BYTES, "KEY1")) {
        return PROBE_FAILED;
    }
    memcpy(p->key1.b, p->in + HOST_HEADER_BYTES, sizeof(p->key1.b));
    variant = host_find_variant(&host, &p->key1);
    if (variant < 0) {
        return probe_failed(p, "expected a KEY1 of one of %u variants, got none of them",
                            CSS_VARIANTS);
    }
    p->variant = (unsigned)variant;
    p->have |= HAVE_VARIANT;
    return probe_ok(p, "variant %u", p->variant);
}

enum probe_result probe_drive_challenge(struct probe *p)
{
    const css_challenge before = p->drive_challenge;
    struct host_command command = host_report_key(KEY_CHALLENGE, p->agid, 0);

    if (!probe_ask(p, &command, CHALLENGE_BYTES, "drive challenge")) {
        return PROBE_FAILED;
    }
    memcpy(p->drive_challenge.b, p->in + HOST_HEADER_BYTES, sizeof(p->drive_challenge.b));
    if (p->have & HAVE_CHALLENGE && memcmp(before.b, p->drive_challenge.b, sizeof(before.b)) == 0) {
        return probe_failed(p, "expected a new challenge for each handshake, got the last again");
    }
    p->have |= HAVE_CHALLENGE;
    return probe_ok(p, "%zu bytes", sizeof(p->drive_challenge.b));
}

enum probe_result probe_key2(struct probe *p)
{
    const css_key2 key2 = css_make_key2(p->variant, &p->drive_challenge);
    struct host_command command = host_send_key2(p->agid, &key2);

    if (!probe_ask(p, &command, 0, "KEY2")) {
        return PROBE_FAILED;
    }
    p->bus_key = css_make_bus_key(p->variant, &p->key1, &key2);
    p->have |= HAVE_BUS_KEY;
    return probe_ok(p, "accepted");
}

/* Give back an AGID that no key transfer has used up. */
static bool give_back_agid(struct probe *p)
{
    struct host_command command = host_report_key(KEY_INVALIDATE, p->agid, 0);

    if (!probe_ask(p, &command, 0, "invalidate AGID")) {
        return false;
    }
    p->agid_held = false;
    return true;
}

/* A whole handshake for one more key; false: p->detail says what went wrong. */
static bool shake_hands(struct probe *p)
{
    if (p->agid_held && !give_back_agid(p)) {
        return false;
    }
    return probe_agid(p) == PROBE_OK && probe_key1(p) == PROBE_OK &&
           probe_drive_challenge(p) == PROBE_OK && probe_key2(p) == PROBE_OK;
}

/* ---- disc key ---- */

/* The disc key block in clear lands in `block`; the transfer ends the session. */
static bool read_disc_key(struct probe *p, uint8_t block[static CSS_DISC_BLOCK_BYTES])
{
    struct host_command command = host_read_structure(STRUCTURE_DISC_KEY, p->agid);

    if (!probe_ask(p, &command, DISC_KEY_BYTES, "disc key")) {
        return false;
    }
    p->agid_held = false;
    css_bus_xor(block, p->in + HOST_HEADER_BYTES, CSS_DISC_BLOCK_BYTES, &p->bus_key);
    return true;
}

enum probe_result probe_disc_key(struct probe *p)
{
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    css_wrapped_disc_key entry;

    if (!read_disc_key(p, block)) {
        return PROBE_FAILED;
    }
    p->have |= HAVE_DISC_KEY;
    if (!(p->have & HAVE_DESCRIPTION)) {
        return probe_ok(p, "%u bytes; without --disc nothing to compare with",
                        CSS_DISC_BLOCK_BYTES);
    }
    memcpy(entry.b, block, sizeof(entry.b));
    if (!css_check_entry_accepts(&entry, &p->disc->disc_key)) {
        return probe_failed(p, "expected a check entry that accepts the disc key of --disc");
    }
    if (memcmp(block, p->disc->disc_key_block, sizeof(block)) != 0) {
        return probe_failed(p, "expected the disc key block of --disc, got other slots");
    }
    return probe_ok(p, "block equals that of --disc, check entry accepts the disc key");
}

/* False: p->detail says why it is not known. */
static bool ask_asf(struct probe *p, bool *asf)
{
    struct host_command command = host_report_key(KEY_ASF, 0, 0);

    if (!probe_ask(p, &command, ASF_BYTES, "ASF")) {
        return false;
    }
    *asf = (p->in[ASF_AT] & ASF_BIT) != 0;
    return true;
}

enum probe_result probe_asf(struct probe *p)
{
    bool asf;

    if (!ask_asf(p, &asf)) {
        return PROBE_FAILED;
    }
    return asf ? probe_ok(p, "ASF is 1") : probe_failed(p, "expected ASF 1 after the disc key");
}

/* ---- title keys ---- */

static bool region_fits(const struct probe *p)
{
    return !p->region_seen || region_allows(&p->region, p->rmi);
}

/* One title key, by a handshake of its own. False: p->detail says what went wrong. */
static bool check_title_key(struct probe *p, const struct host_target *target)
{
    const uint8_t cpr_mai = disc_cpr_mai(p->disc, target->key_lba);
    struct host_command command;
    css_wrapped_title_key wrapped;
    css_title_key key;

    if (!shake_hands(p)) {
        return false;
    }
    command = host_report_key(KEY_TITLE_KEY, p->agid, target->key_lba);
    if (!probe_ask(p, &command, TITLE_KEY_BYTES, "title key")) {
        return false;
    }
    p->agid_held = false;
    css_bus_xor(wrapped.b, p->in + TITLE_KEY_AT, sizeof(wrapped.b), &p->bus_key);
    key = css_unwrap_title_key(&p->disc->disc_key, &wrapped);
    if (memcmp(key.b, target->key->clear.b, sizeof(key.b)) != 0) {
        probe_failed(p, "expected title key %s of --disc at LBA %u, got another", target->key->name,
                     target->key_lba);
        return false;
    }
    if (p->in[CPR_MAI_AT] != cpr_mai) {
        probe_failed(p, "expected CPR_MAI %02Xh at LBA %u, got %02Xh", cpr_mai, target->key_lba,
                     p->in[CPR_MAI_AT]);
        return false;
    }
    return true;
}

/* The drive's region is not the disc's: to refuse is right. Some drives say 6F/01 (mmc-spec 3.3).
 */
static enum probe_result check_region_refusal(struct probe *p)
{
    struct host_command command;
    struct link_result result;

    if (!shake_hands(p)) {
        return PROBE_FAILED;
    }
    command = host_report_key(KEY_TITLE_KEY, p->agid, p->targets.rows[0].key_lba);
    result = probe_send(p, &command);
    p->agid_held = result.status != LINK_GOOD;
    if (!probe_is_sense(result, SENSE_REGION_MISMATCH) &&
        !probe_is_sense(result, SENSE_KEY_NOT_PRESENT)) {
        return probe_failed(p, "expected sense 05/6F/04 (drive mask %02Xh, disc RMI %02Xh), got %s",
                            p->region.mask, p->rmi, probe_describe(p, result));
    }
    if (!give_back_agid(p)) {
        return PROBE_FAILED;
    }
    return probe_ok(p, "refused as the regions do not match (drive mask %02Xh, disc RMI %02Xh): %s",
                    p->region.mask, p->rmi, probe_describe(p, result));
}

enum probe_result probe_title_keys(struct probe *p)
{
    if (p->targets.count == 0) {
        return probe_skipped(p, "no block of --disc has a title key");
    }
    if (!region_fits(p)) {
        return check_region_refusal(p);
    }
    for (size_t i = 0; i < p->targets.count; i++) {
        if (!check_title_key(p, &p->targets.rows[i])) {
            return PROBE_FAILED;
        }
    }
    return probe_ok(p, "%zu read, all equal to those of --disc", p->targets.count);
}

/* ---- sectors ---- */

static const struct host_target *first_gated(const struct probe *p)
{
    for (size_t i = 0; i < p->targets.count; i++) {
        if (p->targets.rows[i].has_gated) {
            return &p->targets.rows[i];
        }
    }
    return NULL;
}

enum probe_result probe_gated_read(struct probe *p)
{
    const struct host_target *target = first_gated(p);
    struct host_command command;
    struct link_result result;
    bool asf;

    if (!target) {
        return probe_skipped(p, "--disc has no scrambled block");
    }
    if (!ask_asf(p, &asf)) {
        return PROBE_FAILED;
    }
    if (asf) {
        return probe_skipped(p, "ASF is 1 already: a host has authenticated before");
    }
    command = host_read_block(target->gated_lba);
    result = probe_send(p, &command);
    if (!probe_is_sense(result, SENSE_SCRAMBLED_SECTOR)) {
        return probe_failed(p, "LBA %u: expected sense 05/6F/03, got %s", target->gated_lba,
                            probe_describe(p, result));
    }
    return probe_ok(p, "LBA %u: %s", target->gated_lba, probe_describe(p, result));
}

/* A title key that was refused for region clears ASF (mmc-spec 2.7): unlock the drive again. */
static bool keep_unlocked(struct probe *p)
{
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    bool asf;

    if (!ask_asf(p, &asf)) {
        return false;
    }
    return asf || (shake_hands(p) && read_disc_key(p, block));
}

/* What the image holds; false: p->detail says that it cannot be read. */
static bool read_image(struct probe *p, uint32_t lba, uint8_t out[static DISC_BLOCK_BYTES])
{
    struct medium *medium = p->disc->medium;

    if (medium->ops->read(medium, (uint64_t)lba * DISC_BLOCK_BYTES, out, DISC_BLOCK_BYTES, true) ==
        MEDIUM_OK) {
        return true;
    }
    probe_failed(p, "LBA %u cannot be read from %s", lba,
                 p->disc->image_path ? p->disc->image_path : "the image");
    return false;
}

/* False: p->detail says how the block differs. */
static bool check_sector(struct probe *p, const struct host_target *target)
{
    const uint32_t lba = target->gated_lba;
    const struct host_command command = host_read_block(lba);
    struct css_sector sector = {.data = p->in, .key = &target->key->clear};
    uint8_t plain[DISC_BLOCK_BYTES];

    if (!read_image(p, lba, plain) || !probe_ask(p, &command, DISC_BLOCK_BYTES, "READ(10)")) {
        return false;
    }
    if (!p->disc->scrambled) {
        if (memcmp(p->in + SECTOR_PLAIN_AT, plain + SECTOR_PLAIN_AT,
                   sizeof(plain) - SECTOR_PLAIN_AT) == 0) {
            probe_failed(p, "LBA %u: expected it scrambled, got it in clear", lba);
            return false;
        }
        css_kernel_portable.descramble(&sector, 1);
        p->in[MARK_AT] &= (uint8_t)~MARK_BITS;
        plain[MARK_AT] &= (uint8_t)~MARK_BITS;
    }
    if (memcmp(p->in, plain, sizeof(plain)) != 0) {
        probe_failed(p, "LBA %u: expected the bytes of the image%s", lba,
                     p->disc->scrambled ? "" : " after descrambling");
        return false;
    }
    return true;
}

enum probe_result probe_scrambled_sectors(struct probe *p)
{
    unsigned checked = 0;

    if (!first_gated(p)) {
        return probe_skipped(p, "--disc has no scrambled block");
    }
    if (!keep_unlocked(p)) {
        return PROBE_FAILED;
    }
    for (size_t i = 0; i < p->targets.count; i++) {
        if (!p->targets.rows[i].has_gated) {
            continue;
        }
        if (!check_sector(p, &p->targets.rows[i])) {
            return PROBE_FAILED;
        }
        checked++;
    }
    return probe_ok(p, "%u read, one per title key, %s", checked,
                    p->disc->scrambled ? "equal to the scrambled image"
                                       : "equal to the plain image after descrambling");
}

/* ---- the end ---- */

/*
 * No AGID stays behind, whatever failed before: a lost session is opened once more for that. When
 * none is held, one is taken to see that it can be given back.
 */
enum probe_result probe_end_sessions(struct probe *p)
{
    if (!(p->have & HAVE_LINK)) {
        if (!p->agid_held) {
            return probe_skipped(p, "no connection, and no AGID held");
        }
        if (probe_connect(p) != PROBE_OK || probe_ready(p) != PROBE_OK) {
            return PROBE_FAILED;
        }
    }
    if (!p->agid_held && probe_agid(p) != PROBE_OK) {
        return PROBE_FAILED;
    }
    return give_back_agid(p) ? probe_ok(p, "AGID %u given back", p->agid) : PROBE_FAILED;
}
