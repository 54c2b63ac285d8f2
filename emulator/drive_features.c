/* SPDX-License-Identifier: GPL-2.0-only */
#include "drive_features.h"

#define PROFILE_NONE    0x0000
#define PROFILE_CD_ROM  0x0008
#define PROFILE_DVD_ROM 0x0010

#define DESCRIPTOR_PERSISTENT 0x02
#define DESCRIPTOR_CURRENT    0x01

#define FIRMWARE_DATE_BYTES 14

/* Feature data, by the standard's names */
#define INTERFACE_SCSI       0, 0, 0, 1
#define CORE_INQ2            0x02
#define TRAY_LOAD_EJECT_LOCK 0x39 /* mechanism 001b, Load, Eject, Lock; no prevent jumper */
#define BLOCK_2048           0, 0, 0x08, 0
#define BLOCKING_16          0, 0x10
#define PAGE_PRESENT         0x01
#define DVD_MULTI110         0x01
#define DVD_DUAL_R           0x01
#define CSS_VERSION_1        1
#define STREAMING_SCS        0x08

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
    {FEATURE_CORE,                2, true,  CURRENT_ALWAYS,   8, {INTERFACE_SCSI, CORE_INQ2}, NULL},
    {FEATURE_MORPHING,            1, true,  CURRENT_ALWAYS,   4, {0}, NULL},
    {FEATURE_REMOVABLE_MEDIUM,    1, true,  CURRENT_ALWAYS,   4, {TRAY_LOAD_EJECT_LOCK}, NULL},
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

static void write_descriptor(const struct feature *feature, const struct drive *d,
                             struct datain *di)
{
    uint8_t flags = (uint8_t)(feature->version << 2);
    size_t length;

    if (feature->persistent) {
        flags |= DESCRIPTOR_PERSISTENT;
    }
    if (feature_is_current(feature, d)) {
        flags |= DESCRIPTOR_CURRENT;
    }
    di_be16(di, feature->code);
    di_u8(di, flags);
    length = di_open(di, 1);
    if (feature->build) {
        feature->build(d, di);
    } else {
        di_bytes(di, feature->data, feature->data_bytes);
    }
    di_close(di, length, 1);
}

static bool is_wanted(const struct feature *feature, const struct drive *d,
                      enum feature_request request, uint16_t first)
{
    if (request == FEATURES_ONE) {
        return feature->code == first;
    }
    return feature->code >= first && (request == FEATURES_ALL || feature_is_current(feature, d));
}

void features_write(const struct drive *d, enum feature_request request, uint16_t first,
                    struct datain *di)
{
    for (size_t i = 0; i < feature_row_count; i++) {
        if (is_wanted(&feature_rows[i], d, request, first)) {
            write_descriptor(&feature_rows[i], d, di);
        }
    }
}
