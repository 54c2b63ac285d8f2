/* SPDX-License-Identifier: GPL-2.0-only */
/* Steps of the probe that look at the drive and at which disc is in it. */
#include "cli_probe.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DEVICE_TYPE_MMC     0x05
#define VPD_SERIAL_PAGE     0x80
#define VPD_HEADER_BYTES    4
#define ATTENTIONS_MAX      5 /* mmc-spec 6.2: what Linux' sr goes through */
#define ASC_NO_MEDIUM       0x3a
#define SPIN_UP_POLL_MS     100
#define RPC_BYTES           8
#define CAPACITY_BYTES      8
#define CONFIG_HEADER_BYTES 8
#define COPYRIGHT_BYTES     8
#define CPST_AT             4
#define RMI_AT              5
#define SENSE_LIST_BYTES    64

enum probe_result probe_connect(struct probe *p)
{
    if (!link_connect(p->link)) {
        return probe_failed(p, "%s: %s", link_url(p->link), link_error(p->link));
    }
    p->have |= HAVE_LINK;
    return probe_ok(p, "logged in to %s", link_url(p->link));
}

/* A drive need not have VPD page 80h: then it has no serial number here. */
static void ask_serial(struct probe *p)
{
    struct host_command command = host_inquiry(VPD_SERIAL_PAGE);
    struct link_result result = probe_send(p, &command);

    if (result.status == LINK_GOOD) {
        host_parse_serial(p->in, result.in_bytes, p->serial);
    }
}

enum probe_result probe_inquiry(struct probe *p)
{
    struct host_command command = host_inquiry(HOST_NO_PAGE);
    const struct host_identity *id = &p->identity;

    if (!probe_ask(p, &command, HOST_INQUIRY_BYTES, "INQUIRY")) {
        return PROBE_FAILED;
    }
    p->identity = host_parse_inquiry(p->in);
    p->identity_seen = true;
    if (id->device_type != DEVICE_TYPE_MMC) {
        return probe_failed(p, "expected device type 05h, got %02Xh (%s %s)", id->device_type,
                            id->vendor, id->product);
    }
    if (!id->removable) {
        return probe_failed(p, "expected a removable medium, RMB is 0 (%s %s)", id->vendor,
                            id->product);
    }
    p->have |= HAVE_DRIVE;
    ask_serial(p);
    return probe_ok(p, "%s %s, revision %s, serial number %s", id->vendor, id->product,
                    id->revision, *p->serial ? p->serial : "not given");
}

/* ---- readiness ---- */

static void wait_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = SPIN_UP_POLL_MS * 1000000L}, NULL);
}

/* Ask until no unit attention is left and the disc has spun up. `seen` lists the attentions. */
static struct link_result settle(struct probe *p, char seen[static SENSE_LIST_BYTES])
{
    const struct host_command command = host_test_unit_ready();
    unsigned attentions = 0, waited_ms = 0;
    size_t used = 0;
    struct link_result result;

    for (;;) {
        result = probe_send(p, &command);
        if (result.status == LINK_CHECK && result.key == SK_UNIT_ATTENTION &&
            attentions++ < ATTENTIONS_MAX) {
            used += (size_t)snprintf(seen + used, SENSE_LIST_BYTES - used, " %02X/%02X/%02X",
                                     result.key, result.asc, result.ascq);
        } else if (probe_is_sense(result, SENSE_BECOMING_READY) && waited_ms < p->timeout_ms) {
            wait_a_little();
            waited_ms += SPIN_UP_POLL_MS;
        } else {
            return result;
        }
    }
}

_Static_assert(ATTENTIONS_MAX * sizeof(" 06/29/00") <= SENSE_LIST_BYTES, "the list fits");

enum probe_result probe_ready(struct probe *p)
{
    char seen[SENSE_LIST_BYTES] = "";
    struct link_result result = settle(p, seen);
    const char *drained = *seen ? seen : " none";

    if (result.status == LINK_GOOD) {
        p->have |= HAVE_MEDIUM;
        return probe_ok(p, "ready; unit attentions drained:%s", drained);
    }
    if (result.status != LINK_CHECK || result.key != SK_NOT_READY || result.asc != ASC_NO_MEDIUM) {
        return probe_failed(p, "expected ready or no disc, got %s; unit attentions drained:%s",
                            probe_describe(p, result), drained);
    }
    if (p->disc) {
        return probe_failed(p, "expected the disc of --disc, got %s", probe_describe(p, result));
    }
    return probe_ok(p, "no disc; unit attentions drained:%s", drained);
}

/* ---- features ---- */

static const char *list_features(const struct host_configuration *config, char *out, size_t room)
{
    size_t used = 0;

    out[0] = 0;
    for (size_t i = 0; i < config->count && used < room; i++) {
        const struct host_feature *f = &config->features[i];

        used += (size_t)snprintf(out + used, room - used, "%s %04X %s%s", i ? "," : "", f->code,
                                 host_feature_name(f->code), f->current ? "*" : "");
    }
    return out;
}

static bool profile_agrees(const struct probe *p)
{
    const uint16_t profile = p->configuration.profile;

    return p->have & HAVE_MEDIUM ? profile == HOST_PROFILE_DVD || profile == HOST_PROFILE_CD
                                 : profile == 0;
}

enum probe_result probe_configuration(struct probe *p)
{
    struct host_command command = host_get_configuration();
    struct link_result result = probe_send(p, &command);
    char list[PROBE_DETAIL_BYTES / 2];
    const char *wrong;

    if (result.status != LINK_GOOD) {
        return probe_failed(p, "expected good, got %s", probe_describe(p, result));
    }
    wrong = host_parse_configuration(p->in, result.in_bytes, &p->configuration);
    if (wrong) {
        return probe_failed(p, "expected a list of features, but %s", wrong);
    }
    p->configuration_seen = true;
    wrong = host_missing_feature(&p->configuration);
    if (wrong) {
        return probe_failed(p, "expected the feature %s, it is not listed", wrong);
    }
    if (!profile_agrees(p)) {
        return probe_failed(p, "expected current profile %s, got %04Xh",
                            p->have & HAVE_MEDIUM ? "0010h or 0008h" : "0000h",
                            p->configuration.profile);
    }
    return probe_ok(p, "profile %04Xh; features (* current):%s", p->configuration.profile,
                    list_features(&p->configuration, list, sizeof(list)));
}

enum probe_result probe_region(struct probe *p)
{
    struct host_command command = host_report_key(KEY_RPC_STATE, 0, 0);
    const struct region_state *r = &p->region;

    if (!probe_ask(p, &command, RPC_BYTES, "RPC state")) {
        return PROBE_FAILED;
    }
    p->region = host_parse_region(p->in);
    p->region_type = host_parse_region_type(p->in);
    p->region_seen = true;
    return probe_ok(p, "type %s, vendor resets %u, user changes %u, mask %02Xh, scheme %u",
                    host_region_type_name(p->region_type), r->vendor_resets, r->user_changes,
                    r->mask, r->scheme);
}

/* ---- the disc ---- */

/* The drive holds another disc than --disc says: the steps that use it would say so again. */
__attribute__((format(printf, 2, 0))) static enum probe_result
other_disc(struct probe *p, const char *format, unsigned expected, unsigned got)
{
    p->have &= ~(unsigned)HAVE_DESCRIPTION;
    return probe_failed(p, format, expected, got);
}

enum probe_result probe_capacity(struct probe *p)
{
    struct host_command command = host_read_capacity();
    uint32_t block_bytes;

    if (!probe_ask(p, &command, CAPACITY_BYTES, "READ CAPACITY")) {
        return PROBE_FAILED;
    }
    p->blocks = be32_get(p->in) + 1;
    p->blocks_seen = true;
    block_bytes = be32_get(p->in + 4);
    if (block_bytes != DISC_BLOCK_BYTES) {
        return probe_failed(p, "expected blocks of %u bytes, got %u", DISC_BLOCK_BYTES,
                            block_bytes);
    }
    if (p->have & HAVE_DESCRIPTION && p->disc->blocks != p->blocks) {
        return other_disc(p, "expected the %u blocks of --disc, got %u", p->disc->blocks,
                          p->blocks);
    }
    return probe_ok(p, "%u blocks of %u bytes", p->blocks, block_bytes);
}

/* Windows takes "CSS disc" from the feature, present and current (mmc-spec 6.3). */
static bool feature_agrees(const struct probe *p)
{
    const struct host_feature *css = host_find_feature(&p->configuration, HOST_FEATURE_CSS);

    return !css || css->current == (p->protection == DISC_CSS);
}

enum probe_result probe_copyright(struct probe *p)
{
    struct host_command command = host_read_structure(STRUCTURE_COPYRIGHT, 0);
    struct link_result result = probe_send(p, &command);

    if (probe_is_sense(result, SENSE_INCOMPATIBLE_FORMAT) &&
        p->configuration.profile == HOST_PROFILE_CD) {
        return probe_skipped(p, "a CD has none");
    }
    if (probe_is_sense(result, SENSE_INVALID_FIELD_IN_CDB) &&
        (!(p->have & HAVE_DESCRIPTION) || p->disc->protection == DISC_NO_STRUCTURE)) {
        return probe_ok(p, "the disc has none, so no CSS");
    }
    if (result.status != LINK_GOOD || result.in_bytes < COPYRIGHT_BYTES) {
        return probe_failed(p, "expected %u bytes, got %s, %zu bytes", COPYRIGHT_BYTES,
                            probe_describe(p, result), result.in_bytes);
    }
    p->protection = p->in[CPST_AT];
    p->rmi = p->in[RMI_AT];
    p->copyright_seen = true;
    if (p->protection == DISC_CSS) {
        p->have |= HAVE_CSS;
    }
    if (p->have & HAVE_DESCRIPTION && p->disc->protection != p->protection) {
        return other_disc(p, "expected protection %02Xh as in --disc, got %02Xh",
                          p->disc->protection, p->protection);
    }
    if (p->have & HAVE_DESCRIPTION && disc_has_css(p->disc) && p->disc->rmi != p->rmi) {
        return other_disc(p, "expected RMI %02Xh as in --disc, got %02Xh", p->disc->rmi, p->rmi);
    }
    if (!feature_agrees(p)) {
        return probe_failed(p, "expected feature 0106h %s with protection %02Xh",
                            p->protection == DISC_CSS ? "current" : "not current", p->protection);
    }
    return probe_ok(p, "protection %02Xh (%s), RMI %02Xh", p->protection,
                    p->protection == DISC_CSS ? "CSS" : "no CSS", p->rmi);
}
