/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drive is: media, type, features, size, table of contents. */
#include "key_buffer.h"
#include "scsi/be.h"
#include "wintest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TYPES_ROOM       512
#define QUERY_BYTES      12
#define QUERY_ROOM       1024
#define PROPERTY_DEVICE  0
#define PROPERTY_ADAPTER 1

/* STORAGE_DEVICE_DESCRIPTOR: offsets of strings, and the bus. */
#define VENDOR_AT   12
#define PRODUCT_AT  16
#define REVISION_AT 20
#define SERIAL_AT   24
#define BUS_AT      28
/* STORAGE_ADAPTER_DESCRIPTOR */
#define MAX_TRANSFER_AT   8
#define ALIGNMENT_MASK_AT 16

/* GET_CONFIGURATION_IOCTL_INPUT: two numbers and two pointers, so its size is the program's. */
#define CONFIGURATION_REQUEST_BYTES (8 + 2 * sizeof(void *))
#define CONFIGURATION_ROOM          2048
#define FEATURE_DVD_READ            0x001f
#define FEATURE_DVD_CSS             0x0106
#define PROFILE_DVD_ROM             0x0010
#define FIRST_FEATURE_AT            8

#define GEOMETRY_BYTES    24
#define GEOMETRY_EX_BYTES 40
#define BLOCK_BYTES_AT    20
#define DISC_SIZE_AT      24

#define TOC_ROOM       804
#define FORMAT_SESSION 1

/* ---- facts: nothing is judged ---- */

static bool query(const struct wintest *t, uint32_t property, uint8_t reply[static QUERY_ROOM])
{
    uint8_t request[QUERY_BYTES] = {0};
    struct call_result result;

    memset(reply, 0, QUERY_ROOM);
    le32_put(request, property);
    result = wintest_control(t, CODE_STORAGE_QUERY_PROPERTY, request, sizeof(request), reply,
                             QUERY_ROOM - 1);
    return call_is_good(&result);
}

/* A string of the descriptor, its spaces at the end cut off in place. */
static const char *string_at(uint8_t reply[static QUERY_ROOM], size_t at)
{
    const uint32_t offset = le32_get(reply + at);
    char *text = (char *)reply + offset;

    if (offset == 0 || offset >= QUERY_ROOM - 1) {
        return "-";
    }
    for (size_t end = strlen(text); end && text[end - 1] == ' '; end--) {
        text[end - 1] = '\0';
    }
    return text;
}

static void describe(struct wintest *t)
{
    uint8_t reply[QUERY_ROOM];

    if (query(t, PROPERTY_DEVICE, reply)) {
        const uint32_t bus = le32_get(reply + BUS_AT);

        step_fact(t->report, "drive", "%s %s %s, serial number %s, bus type %" PRIu32 "%s",
                  string_at(reply, VENDOR_AT), string_at(reply, PRODUCT_AT),
                  string_at(reply, REVISION_AT), string_at(reply, SERIAL_AT), bus,
                  bus == BUS_TYPE_ISCSI ? " (iSCSI)" : "");
    }
    if (query(t, PROPERTY_ADAPTER, reply)) {
        step_fact(t->report, "adapter", "alignment mask %" PRIu32 ", largest transfer %" PRIu32,
                  le32_get(reply + ALIGNMENT_MASK_AT), le32_get(reply + MAX_TRANSFER_AT));
    }
}

/* ---- steps ---- */

/* A mounted volume turns a pending unit attention into one VERIFY_REQUIRED: the second counts. */
static void media(struct wintest *t)
{
    struct call_result result;

    step_begin(t->report, "media");
    result = wintest_control(t, CODE_STORAGE_CHECK_VERIFY2, NULL, 0, NULL, 0);
    if (result.status == NT_VERIFY_REQUIRED) {
        result = wintest_control(t, CODE_STORAGE_CHECK_VERIFY2, NULL, 0, NULL, 0);
    }
    if (step_called(t->report, &result, STEP_ANY_BYTES)) {
        t->known.media = true;
        step_pass(t->report, "%s", "");
    }
}

static void device_type(struct wintest *t)
{
    uint8_t types[TYPES_ROOM] = {0};
    struct call_result result;
    uint32_t type;

    step_begin(t->report, "device-type");
    result = wintest_control(t, CODE_STORAGE_GET_MEDIA_TYPES_EX, NULL, 0, types, sizeof(types));
    if (!step_called(t->report, &result, STEP_ANY_BYTES)) {
        return;
    }
    type = le32_get(types);
    /* Wine calls every drive a CD-ROM */
    t->known.other_drive = type != DEVICE_TYPE_DVD && !(t->options->wine && type == DEVICE_TYPE_CD);
    step_judge(t->report, !t->known.other_drive, "type %02" PRIX32 "h%s", type,
               t->known.other_drive ? ", no DVD drive: the class driver saw no feature 001Fh" : "");
}

static struct call_result configuration(const struct wintest *t, uint32_t feature, uint32_t rt,
                                        uint8_t reply[static CONFIGURATION_ROOM])
{
    uint8_t request[CONFIGURATION_REQUEST_BYTES] = {0};

    le32_put(request, feature);
    le32_put(request + 4, rt);
    memset(reply, 0, CONFIGURATION_ROOM);
    return wintest_control(t, CODE_CDROM_GET_CONFIGURATION, request, sizeof(request), reply,
                           CONFIGURATION_ROOM);
}

/* Byte 2 of a feature's descriptor, -1: it is not there. */
static int find_feature(const uint8_t *reply, uint32_t bytes, unsigned code)
{
    for (uint32_t at = FIRST_FEATURE_AT; at + 4 <= bytes; at += 4u + reply[at + 3]) {
        if (be16_get(reply + at) == code) {
            return reply[at + 2];
        }
    }
    return -1;
}

/* Request types 0, 1 and 2: all features, current ones, one. */
static void features(struct wintest *t)
{
    static const struct {
        const char *name;
        unsigned rt, from, wanted;
    } rows[] = {
        {"features-all", 0, 0, FEATURE_DVD_READ},
        {"features-current", 1, 0, FEATURE_DVD_READ},
        {"features-css", 2, FEATURE_DVD_CSS, FEATURE_DVD_CSS},
    };
    uint8_t reply[CONFIGURATION_ROOM];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct call_result result;
        int flags;
        unsigned profile;

        step_begin(t->report, rows[i].name);
        if (t->options->wine) {
            step_skip(t->report, "Wine has no IOCTL_CDROM_GET_CONFIGURATION");
            continue;
        }
        result = configuration(t, rows[i].from, rows[i].rt, reply);
        if (!step_called(t->report, &result, STEP_ANY_BYTES)) {
            continue;
        }
        flags = find_feature(reply, result.bytes, rows[i].wanted);
        profile = be16_get(reply + 6);
        step_judge(t->report, flags >= 0 && profile == PROFILE_DVD_ROM,
                   "profile %04Xh, feature %04Xh %s", profile, rows[i].wanted,
                   flags < 0   ? "is missing"
                   : flags & 1 ? "is current"
                               : "is not current");
    }
}

static void geometry(struct wintest *t)
{
    const bool wine = t->options->wine;
    const uint32_t bytes = wine ? GEOMETRY_BYTES : GEOMETRY_EX_BYTES;
    uint8_t reply[GEOMETRY_EX_BYTES] = {0}, blocks[4];
    struct call_result result;
    uint32_t block_bytes;

    step_begin(t->report, "geometry");
    result = wintest_control(t, wine ? CODE_CDROM_GET_GEOMETRY : CODE_CDROM_GET_GEOMETRY_EX, NULL,
                             0, reply, bytes);
    if (!step_called(t->report, &result, STEP_ANY_BYTES)) {
        return;
    }
    block_bytes = le32_get(reply + BLOCK_BYTES_AT);
    if (wine) {
        step_judge(t->report, block_bytes == SECTOR_BYTES, "%" PRIu32 " bytes a block",
                   block_bytes);
        return;
    }
    t->known.blocks = (uint32_t)(le64_get(reply + DISC_SIZE_AT) / SECTOR_BYTES);
    be32_put(blocks, t->known.blocks);
    step_judge(t->report,
               block_bytes == SECTOR_BYTES &&
                   expectation_met(t->expected, EXPECTED_BLOCKS, blocks, sizeof(blocks)),
               "%" PRIu32 " blocks of %" PRIu32 " bytes", t->known.blocks, block_bytes);
}

/* The drive's own length field and what came must agree. */
static void toc(struct wintest *t)
{
    static const struct {
        const char *name;
        uint8_t format;
        uint32_t room;
    } rows[] = {{"toc", 0, TOC_ROOM}, {"toc-session", FORMAT_SESSION, 12}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint8_t request[4] = {rows[i].format};
        uint8_t reply[TOC_ROOM] = {0};
        struct call_result result;

        step_begin(t->report, rows[i].name);
        if (t->options->wine) {
            step_skip(t->report, "Wine has no IOCTL_CDROM_READ_TOC_EX");
            continue;
        }
        result = wintest_control(t, CODE_CDROM_READ_TOC_EX, request, sizeof(request), reply,
                                 rows[i].room);
        if (step_called(t->report, &result, STEP_ANY_BYTES)) {
            step_judge(t->report, be16_get(reply) + 2u == result.bytes,
                       "%" PRIu32 " bytes, length field %u", result.bytes, be16_get(reply));
        }
    }
}

void wintest_drive(struct wintest *t)
{
    describe(t);
    media(t);
    if (!t->known.media) {
        return;
    }
    device_type(t);
    features(t);
    geometry(t);
    toc(t);
}
