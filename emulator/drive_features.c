/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_features.h"

#include "scsi/be.h"

#define PROFILE_NONE    0x0000
#define PROFILE_CD_ROM  0x0008
#define PROFILE_DVD_ROM 0x0010

#define DESCRIPTOR_PERSISTENT 0x02
#define DESCRIPTOR_CURRENT    0x01

#define DESCRIPTOR_HEADER_BYTES 4
#define PROFILE_BYTES           4

#define FIRMWARE_DATE_BYTES 14

/* Feature data, by the standard's names */
#define INTERFACE_SCSI   0, 0, 0, 1
#define CORE_INQ2        0x02
#define CORE_DBE         0x01 /* event class 6 is answered */
#define MORPHING_OCEVENT 0x02 /* event class 1 is */
#define TRAY_EJECT_LOCK  0x29 /* mechanism 001b, Eject, Lock; no prevent jumper */
#define LOAD             0x10
#define BLOCK_2048       0, 0, 0x08, 0
#define BLOCKING_16      0, 0x10
#define PAGE_PRESENT     0x01
#define DVD_MULTI110     0x01
#define DVD_DUAL_R       0x01
#define CSS_VERSION_1    1
#define STREAMING_SCS    0x08

_Static_assert(SERIAL_BYTES % 4 == 0, "Windows stops at a feature length that is no multiple of 4");

static void build_profile_list(const struct drive *d, struct datain *di)
{
    static const uint16_t profiles[] = {PROFILE_DVD_ROM, PROFILE_CD_ROM}; /* highest first */

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        di_be16(di, profiles[i]);
        di_u8(di, feature_current_profile(d) == profiles[i]);
        di_zero(di, 1);
    }
}

static bool has_events(const struct drive *d, unsigned class)
{
    return d->personality.event_classes.b[0] & 1u << class;
}

static void build_core(const struct drive *d, struct datain *di)
{
    di_bytes(di, (const uint8_t[]){INTERFACE_SCSI}, 4);
    di_u8(di, (uint8_t)(CORE_INQ2 | (has_events(d, 6) ? CORE_DBE : 0)));
    di_zero(di, 3);
}

static void build_morphing(const struct drive *d, struct datain *di)
{
    di_u8(di, has_events(d, 1) ? MORPHING_OCEVENT : 0);
    di_zero(di, 3);
}

static void build_removable_medium(const struct drive *d, struct datain *di)
{
    di_u8(di,
          (uint8_t)(TRAY_EJECT_LOCK | (d->personality.quirks.loader == LOADER_TRAY ? LOAD : 0)));
    di_zero(di, 3);
}

static void build_serial_number(const struct drive *d, struct datain *di)
{
    di_text(di, d->personality.serial, SERIAL_BYTES);
}

static void build_firmware_date(const struct drive *d, struct datain *di)
{
    di_text(di, d->personality.firmware_date, FIRMWARE_DATE_BYTES);
    di_zero(di, 2);
}

/* clang-format off */
const struct feature feature_rows[] = {
    /*                    version persistent current          data */
    {FEATURE_PROFILE_LIST,        0, true,  CURRENT_ALWAYS,   0, {0}, build_profile_list},
    {FEATURE_CORE,                2, true,  CURRENT_ALWAYS,   0, {0}, build_core},
    {FEATURE_MORPHING,            1, true,  CURRENT_ALWAYS,   0, {0}, build_morphing},
    {FEATURE_REMOVABLE_MEDIUM,    1, true,  CURRENT_ALWAYS,   0, {0}, build_removable_medium},
    {FEATURE_RANDOM_READABLE,     0, false, CURRENT_WITH_DISC, 8, {BLOCK_2048, BLOCKING_16,
                                                                  PAGE_PRESENT}, NULL},
    {FEATURE_MULTI_READ,          0, false, CURRENT_WITH_CD,  0, {0}, NULL},
    {FEATURE_CD_READ,             2, false, CURRENT_WITH_CD,  4, {0}, NULL},
    {FEATURE_DVD_READ,            2, false, CURRENT_WITH_DVD, 4, {DVD_MULTI110, 0, DVD_DUAL_R}, NULL},
    {FEATURE_POWER_MANAGEMENT,    0, true,  CURRENT_ALWAYS,   0, {0}, NULL},
    {FEATURE_TIMEOUT,             1, true,  CURRENT_ALWAYS,   4, {0}, NULL},
    {FEATURE_DVD_CSS,             0, false, CURRENT_WITH_CSS, 4, {0, 0, 0, CSS_VERSION_1}, NULL},
    {FEATURE_REAL_TIME_STREAMING, 3, false, CURRENT_WITH_DVD, 4, {STREAMING_SCS}, NULL},
    {FEATURE_SERIAL_NUMBER,       0, true,  CURRENT_ALWAYS,   0, {0}, build_serial_number},
    {FEATURE_FIRMWARE_DATE,       0, true,  CURRENT_ALWAYS,   0, {0}, build_firmware_date},
};
/* clang-format on */

const size_t feature_row_count = sizeof(feature_rows) / sizeof(feature_rows[0]);

bool feature_is_current(const struct feature *feature, const struct drive *d)
{
    const bool present = drive_has_medium(d);

    switch (feature->current) {
    case CURRENT_ALWAYS:
        return true;
    case CURRENT_WITH_DISC:
        return present;
    case CURRENT_WITH_CD:
        return present && d->disc->kind == DISC_CD;
    case CURRENT_WITH_DVD:
        return present && d->disc->kind == DISC_DVD;
    default:
        return present && disc_has_css(d->disc);
    }
}

uint16_t feature_current_profile(const struct drive *d)
{
    if (!drive_has_medium(d)) {
        return PROFILE_NONE;
    }
    return d->disc->kind == DISC_CD ? PROFILE_CD_ROM : PROFILE_DVD_ROM;
}

/* Header up to the additional length; returns what di_close() wants. */
static size_t open_descriptor(struct datain *di, uint16_t code, uint8_t version_persistent,
                              bool current)
{
    di_be16(di, code);
    di_u8(di, (uint8_t)(version_persistent | (current ? DESCRIPTOR_CURRENT : 0)));
    return di_open(di, 1);
}

static void write_usual(const struct feature *feature, const struct drive *d, struct datain *di)
{
    const uint8_t flags =
        (uint8_t)(feature->version << 2 | (feature->persistent ? DESCRIPTOR_PERSISTENT : 0));
    const size_t length = open_descriptor(di, feature->code, flags, feature_is_current(feature, d));

    if (feature->build) {
        feature->build(d, di);
    } else {
        di_bytes(di, feature->data, feature->data_bytes);
    }
    di_close(di, length, 1);
}

/* ---- descriptors of a captured drive ---- */

/* A profile list as captured, with today's current profile. */
static void write_profiles(const struct drive *d, const uint8_t *data, size_t bytes,
                           struct datain *di)
{
    for (size_t at = 0; at + PROFILE_BYTES <= bytes; at += PROFILE_BYTES) {
        const uint16_t profile = be16_get(data + at);

        di_be16(di, profile);
        di_u8(di, profile == feature_current_profile(d));
        di_u8(di, data[at + 3]);
    }
}

/* What it says of the moment, its Current bit and profile, is today's. */
static void write_captured(const uint8_t *descriptor, bool current, const struct drive *d,
                           struct datain *di)
{
    const uint16_t code = be16_get(descriptor);
    const uint8_t flags = descriptor[2] & (uint8_t)~DESCRIPTOR_CURRENT, bytes = descriptor[3];
    const size_t length = open_descriptor(di, code, flags, current);

    if (code == FEATURE_PROFILE_LIST) {
        write_profiles(d, descriptor + DESCRIPTOR_HEADER_BYTES, bytes, di);
    } else {
        di_bytes(di, descriptor + DESCRIPTOR_HEADER_BYTES, bytes);
    }
    di_close(di, length, 1);
}

static bool is_absent(const struct drive *d, uint16_t code)
{
    const struct personality *p = &d->personality;

    for (size_t at = 0; at < p->features_absent.count; at += 2) {
        if (be16_get(p->features_absent.b + at) == code) {
            return true;
        }
    }
    return false;
}

/* ---- both, in the order of their codes ---- */

/* A feature of this drive: its usual row, its captured descriptor, or both. */
struct candidate {
    uint16_t code;
    const struct feature *usual;
    const uint8_t *captured;
    bool persistent; /* captured so */
};

/* Where a walk over both lists stands. */
struct walk {
    size_t row, at;
};

static bool next_candidate(struct walk *w, const struct personality *p, struct candidate *c)
{
    const struct feature *usual = w->row < feature_row_count ? &feature_rows[w->row] : NULL;
    const uint8_t *captured = w->at < p->features.count ? p->features.b + w->at : NULL;

    if (!usual && !captured) {
        return false;
    }
    c->code = captured ? be16_get(captured) : UINT16_MAX;
    c->code = usual && usual->code < c->code ? usual->code : c->code;
    c->usual = usual && usual->code == c->code ? usual : NULL;
    w->row += c->usual != NULL;
    c->captured = NULL;
    c->persistent = false;
    if (captured && be16_get(captured) == c->code) {
        c->captured = captured;
        c->persistent = captured[2] & DESCRIPTOR_PERSISTENT;
        w->at += DESCRIPTOR_HEADER_BYTES + (size_t)captured[3];
    }
    return true;
}

/* By the rule of the usual row; a feature that has none is current for ever or never. */
static bool is_current(const struct candidate *c, const struct drive *d)
{
    return c->usual ? feature_is_current(c->usual, d) : c->persistent;
}

static bool is_wanted(const struct candidate *c, const struct drive *d,
                      enum feature_request request, uint16_t first)
{
    if (!c->captured && is_absent(d, c->code)) {
        return false;
    }
    return request == FEATURES_ONE
               ? c->code == first
               : c->code >= first && (request == FEATURES_ALL || is_current(c, d));
}

void features_write(const struct drive *d, enum feature_request request, uint16_t first,
                    struct datain *di)
{
    struct walk w = {0, 0};
    struct candidate c;

    while (next_candidate(&w, &d->personality, &c)) {
        if (!is_wanted(&c, d, request, first)) {
            continue;
        }
        if (c.captured) {
            write_captured(c.captured, is_current(&c, d), d, di);
        } else {
            write_usual(c.usual, d, di);
        }
    }
}
