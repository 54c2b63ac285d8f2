/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probe reads out of replies; bytes from mmc-spec 4.1, 6.1, 6.3 and css-spec 4.4. */
#include "bytes.h"
#include "emulator/host_reply.h"

#define DVD_READ     0x001f
#define NO_SUCH_CODE 0x4242
#define HEADER_BYTES 8
#define LENGTH_AT    3 /* low byte of the header's data length */
#define FIRST_LENGTH 11
#define SECOND_AT    16 /* behind the header and the first descriptor of 8 bytes */

/* Core, current; DVD Read, not current; serial number "0123". */
static const uint8_t small_list[] = {
    0,    0,    0,    28, 0,   0,   0,   0x10, /* header: 28 bytes follow */
    0,    0x01, 0x0b, 4,  0,   0,   0,   1,    /* core */
    0,    0x1f, 0x08, 4,  1,   0,   1,   0,    /* DVD read */
    0x01, 0x08, 0x03, 4,  '0', '1', '2', '3',  /* serial number */
};

static const char *parse_changed(size_t at, uint8_t value, size_t bytes,
                                 struct host_configuration *out)
{
    uint8_t list[sizeof(small_list)];

    memcpy(list, small_list, sizeof(list));
    list[at] = value;
    return host_parse_configuration(list, bytes, out);
}

static void inquiry_strings_lose_their_padding(void)
{
    uint8_t data[HOST_INQUIRY_BYTES] = {0x05, 0x80, 0x05, 0x12, 0x5b};
    struct host_identity id;

    memcpy(data + 8, "HL-DT-STDVD-ROM GDR8164B0L06", 28);
    id = host_parse_inquiry(data);
    CU_ASSERT_EQUAL(id.device_type, 5);
    CU_ASSERT_TRUE(id.removable);
    CU_ASSERT_STRING_EQUAL(id.vendor, "HL-DT-ST");
    CU_ASSERT_STRING_EQUAL(id.product, "DVD-ROM GDR8164B");
    CU_ASSERT_STRING_EQUAL(id.revision, "0L06");
    memcpy(data + 8, "PIONEER BD-RW   BDR-S09 \x07 34", 28);
    data[1] = 0;
    id = host_parse_inquiry(data);
    CU_ASSERT_FALSE(id.removable);
    CU_ASSERT_STRING_EQUAL(id.vendor, "PIONEER");
    CU_ASSERT_STRING_EQUAL(id.product, "BD-RW   BDR-S09");
    CU_ASSERT_STRING_EQUAL(id.revision, "? 34");
}

static void serial_number_stays_within_what_arrived(void)
{
    const uint8_t page[] = {0x05, 0x80, 0, 12, '0', '1', '2', '3', '4', '5', '6', '7', '8', ' '};
    uint8_t long_page[4 + 200] = {0x05, 0x80, 0, 200};
    char serial[HOST_SERIAL_BYTES];

    CU_ASSERT_TRUE(host_parse_serial(page, sizeof(page), serial));
    CU_ASSERT_STRING_EQUAL(serial, "012345678");
    memset(long_page + 4, 'x', sizeof(long_page) - 4);
    CU_ASSERT_TRUE(host_parse_serial(long_page, sizeof(long_page), serial));
    CU_ASSERT_EQUAL(strlen(serial), HOST_SERIAL_BYTES - 1);
    CU_ASSERT_FALSE(host_parse_serial(page, 3, serial));
    CU_ASSERT_FALSE(host_parse_serial((const uint8_t[]){5, 0x83, 0, 0}, 4, serial));
}

static void features_are_taken_apart(void)
{
    struct host_configuration config;
    const struct host_feature *f;

    CU_ASSERT_PTR_NULL(host_parse_configuration(small_list, sizeof(small_list), &config));
    CU_ASSERT_EQUAL(config.profile, HOST_PROFILE_DVD);
    CU_ASSERT_EQUAL_FATAL(config.count, 3);
    f = host_find_feature(&config, DVD_READ);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(f->version, 2);
    CU_ASSERT_FALSE(f->persistent);
    CU_ASSERT_FALSE(f->current);
    CU_ASSERT_TRUE(config.features[0].persistent);
    CU_ASSERT_TRUE(config.features[0].current);
    CU_ASSERT_PTR_NULL(host_find_feature(&config, HOST_FEATURE_CSS));
}

static void header_alone_is_an_empty_list(void)
{
    const uint8_t header[HEADER_BYTES] = {0, 0, 0, 4};
    struct host_configuration config;

    CU_ASSERT_PTR_NULL(host_parse_configuration(header, sizeof(header), &config));
    CU_ASSERT_EQUAL(config.count, 0);
    CU_ASSERT_EQUAL(config.profile, 0);
}

static void broken_feature_lists_are_refused(void)
{
    struct host_configuration config;
    const size_t all = sizeof(small_list);

    for (size_t bytes = 0; bytes < all; bytes++) {
        CU_ASSERT_PTR_NOT_NULL(host_parse_configuration(small_list, bytes, &config));
    }
    /* the header agrees with a list that ends inside a descriptor's header, and inside its data */
    CU_ASSERT_STRING_EQUAL(parse_changed(LENGTH_AT, 28 - 6, all - 6, &config),
                           "a feature descriptor is cut");
    CU_ASSERT_STRING_EQUAL(parse_changed(LENGTH_AT, 28 - 2, all - 2, &config),
                           "a feature descriptor is cut");
    CU_ASSERT_STRING_EQUAL(parse_changed(FIRST_LENGTH, 3, all, &config),
                           "a feature's length is no multiple of 4");
    CU_ASSERT_STRING_EQUAL(parse_changed(SECOND_AT + 1, 0x01, all, &config),
                           "feature codes do not ascend");
    CU_ASSERT_STRING_EQUAL(parse_changed(LENGTH_AT, 29, all, &config),
                           "the data length is not that of the data");
}

static void more_features_than_room_are_refused(void)
{
    uint8_t list[HEADER_BYTES + 4 * (HOST_FEATURES_MAX + 1)] = {0};
    struct host_configuration config;

    list[2] = (uint8_t)((sizeof(list) - 4) >> 8);
    list[3] = (uint8_t)(sizeof(list) - 4);
    for (uint8_t i = 0; i <= HOST_FEATURES_MAX; i++) {
        list[HEADER_BYTES + 4 * i + 1] = i;
    }
    CU_ASSERT_STRING_EQUAL(host_parse_configuration(list, sizeof(list), &config),
                           "too many features");
    CU_ASSERT_EQUAL(config.count, HOST_FEATURES_MAX);
}

/* mmc-spec 6: mandatory for profile 0010h, and 0106h. */
static void features_that_a_dvd_drive_needs_are_missed(void)
{
    static const uint16_t needed[] = {0x0000, 0x0001, 0x0002, 0x0003, 0x0010,
                                      0x001f, 0x0100, 0x0105, 0x0106, 0x0107};
    const size_t count = sizeof(needed) / sizeof(needed[0]);
    struct host_configuration config = {.count = count};

    for (size_t i = 0; i < count; i++) {
        config.features[i].code = needed[i];
    }
    CU_ASSERT_PTR_NULL(host_missing_feature(&config));
    for (size_t i = 0; i < count; i++) {
        const char *missing;

        config.features[i].code = NO_SUCH_CODE;
        missing = host_missing_feature(&config);
        CU_ASSERT_PTR_NOT_NULL_FATAL(missing);
        CU_ASSERT_STRING_EQUAL(missing, host_feature_name(needed[i]));
        config.features[i].code = needed[i];
    }
}

static void features_have_the_standards_names(void)
{
    CU_ASSERT_STRING_EQUAL(host_feature_name(HOST_FEATURE_CSS), "DVD CSS");
    CU_ASSERT_STRING_EQUAL(host_feature_name(0x0000), "Profile List");
    CU_ASSERT_STRING_EQUAL(host_feature_name(NO_SUCH_CODE), "unknown");
}

/* The rows of mmc-spec 4.1. */
static void region_state_is_taken_apart(void)
{
    static const struct {
        uint8_t reply[8];
        const char *type;
        struct region_state state;
    } rows[] = {
        {{0, 6, 0, 0, 0x25, 0xff, 1, 0}, "NONE", {4, 5, 0xff, 1}},
        {{0, 6, 0, 0, 0x64, 0xfe, 1, 0}, "SET", {4, 4, 0xfe, 1}},
        {{0, 6, 0, 0, 0xa1, 0xfd, 1, 0}, "LAST CHANCE", {4, 1, 0xfd, 1}},
        {{0, 6, 0, 0, 0xe0, 0x7f, 1, 0}, "PERM", {4, 0, 0x7f, 1}},
        {{0, 6, 0, 0, 0x00, 0xff, 0, 0}, "NONE", {0, 0, 0xff, 0}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct region_state state = host_parse_region(rows[i].reply);

        CU_ASSERT_EQUAL(state.vendor_resets, rows[i].state.vendor_resets);
        CU_ASSERT_EQUAL(state.user_changes, rows[i].state.user_changes);
        CU_ASSERT_EQUAL(state.mask, rows[i].state.mask);
        CU_ASSERT_EQUAL(state.scheme, rows[i].state.scheme);
        CU_ASSERT_STRING_EQUAL(host_region_type_name(host_parse_region_type(rows[i].reply)),
                               rows[i].type);
    }
}

static void variant_is_found_from_key1(void)
{
    static const css_challenge host = {{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
    const css_key1 first = {{0x2a, 0x74, 0xd4, 0x14, 0xfd}};
    const css_key1 thirteenth = {{0x2c, 0x1a, 0x72, 0x3b, 0xad}};
    const css_key1 reversed = {{0xad, 0x3b, 0x72, 0x1a, 0x2c}};
    css_key1 last;

    CU_ASSERT_EQUAL(host_find_variant(&host, &first), 0);
    CU_ASSERT_EQUAL(host_find_variant(&host, &thirteenth), 13);
    CU_ASSERT_EQUAL(host_find_variant(&host, &reversed), -1);
    last = css_make_key1(CSS_VARIANTS - 1, &host);
    CU_ASSERT_EQUAL(host_find_variant(&host, &last), CSS_VARIANTS - 1);
}

UNIT_SUITE(probe_reply, T(inquiry_strings_lose_their_padding),
           T(serial_number_stays_within_what_arrived), T(features_are_taken_apart),
           T(header_alone_is_an_empty_list), T(broken_feature_lists_are_refused),
           T(more_features_than_room_are_refused), T(features_that_a_dvd_drive_needs_are_missed),
           T(features_have_the_standards_names), T(region_state_is_taken_apart),
           T(variant_is_found_from_key1));
