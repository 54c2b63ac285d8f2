/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_reply.h"

#include "scsi/be.h"

#include <string.h>

/* INQUIRY, standard data (SPC) */
#define DEVICE_TYPE_MASK 0x1f
#define RMB              0x80
#define VENDOR_AT        8
#define PRODUCT_AT       16
#define REVISION_AT      32

/* VPD page 80h */
#define VPD_SERIAL       0x80
#define VPD_HEADER_BYTES 4
#define VPD_LENGTH_AT    2

/* GET CONFIGURATION (mmc-spec 6.3) */
#define LENGTH_FIELD_BYTES      4
#define CONFIG_HEADER_BYTES     8
#define PROFILE_AT              6
#define DESCRIPTOR_HEADER_BYTES 4
#define DESCRIPTOR_FLAGS_AT     2
#define DESCRIPTOR_LENGTH_AT    3
#define VERSION_SHIFT           2
#define VERSION_MASK            0x0f
#define PERSISTENT              0x02
#define CURRENT                 0x01

/* REPORT KEY 08h (mmc-spec 4.1) */
#define RPC_STATUS_AT    4
#define RPC_MASK_AT      5
#define RPC_SCHEME_AT    6
#define RPC_TYPE_SHIFT   6
#define RPC_RESETS_SHIFT 3
#define RPC_COUNTER_MASK 0x07

/* Copy a field and drop the blanks that pad it; `out` has room for bytes + 1. */
static void copy_text(char *out, const uint8_t *field, size_t bytes)
{
    while (bytes > 0 && (field[bytes - 1] == ' ' || field[bytes - 1] == 0)) {
        bytes--;
    }
    for (size_t i = 0; i < bytes; i++) {
        out[i] = field[i] >= ' ' && field[i] <= '~' ? (char)field[i] : '?';
    }
    out[bytes] = 0;
}

struct host_identity host_parse_inquiry(const uint8_t *data)
{
    struct host_identity id = {
        .device_type = data[0] & DEVICE_TYPE_MASK,
        .removable = (data[1] & RMB) != 0,
    };

    copy_text(id.vendor, data + VENDOR_AT, sizeof(id.vendor) - 1);
    copy_text(id.product, data + PRODUCT_AT, sizeof(id.product) - 1);
    copy_text(id.revision, data + REVISION_AT, sizeof(id.revision) - 1);
    return id;
}

bool host_parse_serial(const uint8_t *data, size_t bytes, char out[static HOST_SERIAL_BYTES])
{
    size_t length;

    if (bytes < VPD_HEADER_BYTES || data[1] != VPD_SERIAL) {
        return false;
    }
    length = be16_get(data + VPD_LENGTH_AT);
    if (length > bytes - VPD_HEADER_BYTES) {
        length = bytes - VPD_HEADER_BYTES;
    }
    if (length > HOST_SERIAL_BYTES - 1) {
        length = HOST_SERIAL_BYTES - 1;
    }
    copy_text(out, data + VPD_HEADER_BYTES, length);
    return true;
}

/* ---- features ---- */

/* Names after MMC. Needed: what profile 0010h asks for, and DVD CSS (mmc-spec 6). */
/* clang-format off */
static const struct {
    uint16_t code;
    bool needed;
    const char *name;
} feature_names[] = {
    {0x0000, true,  "Profile List"},
    {0x0001, true,  "Core"},
    {0x0002, true,  "Morphing"},
    {0x0003, true,  "Removable Medium"},
    {0x0004, false, "Write Protect"},
    {0x0010, true,  "Random Readable"},
    {0x001d, false, "Multi-Read"},
    {0x001e, false, "CD Read"},
    {0x001f, true,  "DVD Read"},
    {0x0020, false, "Random Writable"},
    {0x0021, false, "Incremental Streaming Writable"},
    {0x0023, false, "Formattable"},
    {0x0024, false, "Hardware Defect Management"},
    {0x002a, false, "DVD+RW"},
    {0x002b, false, "DVD+R"},
    {0x002d, false, "CD Track at Once"},
    {0x002e, false, "CD Mastering"},
    {0x002f, false, "DVD-R/-RW Write"},
    {0x0040, false, "BD Read"},
    {0x0041, false, "BD Write"},
    {0x0100, true,  "Power Management"},
    {0x0103, false, "CD External Audio Play"},
    {0x0104, false, "Microcode Upgrade"},
    {0x0105, true,  "Timeout"},
    {HOST_FEATURE_CSS, true, "DVD CSS"},
    {0x0107, true,  "Real Time Streaming"},
    {0x0108, false, "Drive Serial Number"},
    {0x010a, false, "Disc Control Blocks"},
    {0x010b, false, "DVD CPRM"},
    {0x010c, false, "Firmware Information"},
    {0x010d, false, "AACS"},
};
/* clang-format on */
#define FEATURE_NAMES (sizeof(feature_names) / sizeof(feature_names[0]))

static const char *add_feature(struct host_configuration *out, const uint8_t *descriptor)
{
    struct host_feature *f = &out->features[out->count];

    if (out->count == HOST_FEATURES_MAX) {
        return "too many features";
    }
    *f = (struct host_feature){
        .code = be16_get(descriptor),
        .version = descriptor[DESCRIPTOR_FLAGS_AT] >> VERSION_SHIFT & VERSION_MASK,
        .persistent = (descriptor[DESCRIPTOR_FLAGS_AT] & PERSISTENT) != 0,
        .current = (descriptor[DESCRIPTOR_FLAGS_AT] & CURRENT) != 0,
    };
    if (out->count > 0 && f->code <= f[-1].code) {
        return "feature codes do not ascend";
    }
    out->count++;
    return NULL;
}

const char *host_parse_configuration(const uint8_t *data, size_t bytes,
                                     struct host_configuration *out)
{
    size_t at = CONFIG_HEADER_BYTES, length;
    const char *error = NULL;

    *out = (struct host_configuration){0};
    if (bytes < CONFIG_HEADER_BYTES) {
        return "the header is cut";
    }
    out->profile = be16_get(data + PROFILE_AT);
    if (be32_get(data) != bytes - LENGTH_FIELD_BYTES) {
        return "the data length is not that of the data";
    }
    for (; !error && at < bytes; at += DESCRIPTOR_HEADER_BYTES + length) {
        if (bytes - at < DESCRIPTOR_HEADER_BYTES) {
            return "a feature descriptor is cut";
        }
        length = data[at + DESCRIPTOR_LENGTH_AT];
        if (length > bytes - at - DESCRIPTOR_HEADER_BYTES) {
            return "a feature descriptor is cut";
        }
        if (length % 4 != 0) {
            return "a feature's length is no multiple of 4";
        }
        error = add_feature(out, data + at);
    }
    return error;
}

const struct host_feature *host_find_feature(const struct host_configuration *config, uint16_t code)
{
    for (size_t i = 0; i < config->count; i++) {
        if (config->features[i].code == code) {
            return &config->features[i];
        }
    }
    return NULL;
}

const char *host_feature_name(uint16_t code)
{
    for (size_t i = 0; i < FEATURE_NAMES; i++) {
        if (feature_names[i].code == code) {
            return feature_names[i].name;
        }
    }
    return "unknown";
}

const char *host_missing_feature(const struct host_configuration *config)
{
    for (size_t i = 0; i < FEATURE_NAMES; i++) {
        if (feature_names[i].needed && !host_find_feature(config, feature_names[i].code)) {
            return feature_names[i].name;
        }
    }
    return NULL;
}

/* ---- region ---- */

struct region_state host_parse_region(const uint8_t data[static 8])
{
    const uint8_t status = data[RPC_STATUS_AT];

    return (struct region_state){
        .vendor_resets = status >> RPC_RESETS_SHIFT & RPC_COUNTER_MASK,
        .user_changes = status & RPC_COUNTER_MASK,
        .mask = data[RPC_MASK_AT],
        .scheme = data[RPC_SCHEME_AT],
    };
}

enum region_type host_parse_region_type(const uint8_t data[static 8])
{
    return (enum region_type)(data[RPC_STATUS_AT] >> RPC_TYPE_SHIFT);
}

const char *host_region_type_name(enum region_type type)
{
    static const char *const names[] = {
        [REGION_NONE] = "NONE",
        [REGION_SET] = "SET",
        [REGION_LAST_CHANCE] = "LAST CHANCE",
        [REGION_PERM] = "PERM",
    };

    return names[type];
}

/* ---- authentication ---- */

int host_find_variant(const css_challenge *host, const css_key1 *key1)
{
    for (unsigned variant = 0; variant < CSS_VARIANTS; variant++) {
        css_key1 candidate = css_make_key1(variant, host);

        if (memcmp(candidate.b, key1->b, sizeof(candidate.b)) == 0) {
            return (int)variant;
        }
    }
    return -1;
}
