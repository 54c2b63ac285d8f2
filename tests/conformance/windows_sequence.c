/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What cdrom.sys sends, CDB by CDB (windows-spec a, b), and what it insists on in the answers:
 * device arrival, the poll, a media change, and each IOCTL_DVD_*.
 */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "scsi/be.h"
#include "tests/unit/unit.h"

#include <string.h>

#define FEATURE_ROOM  2048
#define FEATURE_DVD   0x001f
#define FEATURE_CSS   0x0106
#define MODE_10_BYTES 40

static struct initiator *windows(void)
{
    return rig_login(rig_serve_css(), 0, "windows");
}

/* ---- feature lists, read as DeviceFindFeaturePage does ---- */

/* Byte 2 of a feature's descriptor, -1: not found; the first odd length ends the search. */
static int find_feature(const uint8_t *list, size_t bytes, unsigned code)
{
    for (size_t at = 8; at + 4 <= bytes; at += 4u + list[at + 3]) {
        CU_ASSERT_EQUAL(list[at + 3] % 4, 0);
        if (be16_get(list + at) == code) {
            return at + 4 + list[at + 3] <= bytes ? list[at + 2] : -1;
        }
    }
    return -1;
}

/* Step 6 of b.2 (RT 0), or step 1 of b.5 (RT 1); returns the bytes. */
static size_t read_features(struct initiator *i, uint8_t rt, uint8_t list[FEATURE_ROOM])
{
    size_t bytes;

    EXPECT(RUN_IN(i, list, 8, 0x46, rt, 0, 0, 0, 0, 0, 0, 8, 0), GOOD);
    bytes = be32_get(list) + 4;
    CU_ASSERT_FATAL(bytes > 8 && bytes <= FEATURE_ROOM && bytes % 4 == 0);
    EXPECT(
        RUN_IN(i, list, bytes, 0x46, rt, 0, 0, 0, 0, 0, (uint8_t)(bytes >> 8), (uint8_t)bytes, 0),
        GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, bytes);
    CU_ASSERT_EQUAL(last_result.residual, INITIATOR_NO_RESIDUAL);
    return bytes;
}

/* ---- arrival ---- */

/* Steps 2 and 3: neither may meet the unit attention that is pending, or polling is off for good.
 */
static void ask_for_events(struct initiator *i)
{
    uint8_t reply[8] = {0};

    EXPECT(RUN_IN(i, reply, 8, 0x4a, 1, 0, 0, 0, 0, 0, 0, 8, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 4);
    CU_ASSERT_EQUAL(be16_get(reply), 2);
    CU_ASSERT_EQUAL(reply[2], 0x80);
    CU_ASSERT_EQUAL(reply[3], 0x10);
    CU_ASSERT_EQUAL(media_event(i).event, 0);
}

static void device_arrival(void)
{
    static uint8_t list[FEATURE_ROOM];
    struct initiator *i = windows();
    uint8_t reply[96] = {0};
    size_t bytes;

    EXPECT(RUN_IN(i, reply, 36, 0x12, 0, 0, 0, 36, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 36);
    EXPECT(RUN_IN(i, reply, reply[4] + 5u, 0x12, 0, 0, 0, (uint8_t)(reply[4] + 5), 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, reply[4] + 5u);
    ask_for_events(i);
    EXPECT(RUN_IN(i, reply, 12, 0x46, 2, 0, 0, 0, 0, 0, 0, 12, 0), GOOD); /* step 5 */
    CU_ASSERT_EQUAL(last_result.in_bytes, 12);
    CU_ASSERT(be32_get(reply) + 4 <= 12u + reply[11]);
    bytes = read_features(i, 0, list);
    CU_ASSERT_NOT_EQUAL(find_feature(list, bytes, FEATURE_DVD), -1);
    CU_ASSERT_EQUAL(find_feature(list, bytes, FEATURE_CSS) & 1, 1);
    /* steps 7 and 8 meet the attention once and are tried again */
    EXPECT(RUN_IN(i, reply, MODE_10_BYTES, 0x5a, 8, 0x2a, 0, 0, 0, 0, 0, MODE_10_BYTES, 0),
           POWER_ON);
    EXPECT(RUN_IN(i, reply, MODE_10_BYTES, 0x5a, 8, 0x2a, 0, 0, 0, 0, 0, MODE_10_BYTES, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, MODE_10_BYTES);
    CU_ASSERT_EQUAL(be16_get(reply + 6), 0);
    CU_ASSERT_EQUAL(reply[8] & 0x3f, 0x2a);
    EXPECT(RUN_IN(i, reply, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), GOOD);
    CU_ASSERT_EQUAL(be32_get(reply + 4), RIG_BLOCK_BYTES);
    EXPECT(report_key(i, 0, 0x08, 0, reply, 8), GOOD);
    EXPECT(RUN_IN(i, reply, 36, 0x1a, 8, 0x2a, 0, 36, 0), GOOD); /* the other way to step 7 */
}

/* No feature or profile that would make a writer of it. */
static void it_is_no_writer(void)
{
    static const unsigned writing[] = {0x20, 0x21, 0x24, 0x26, 0x2b, 0x2c, 0x3b};
    static uint8_t list[FEATURE_ROOM];
    struct initiator *i = windows();
    size_t bytes = read_features(i, 0, list);

    for (size_t n = 0; n < sizeof(writing) / sizeof(writing[0]); n++) {
        CU_ASSERT_EQUAL(find_feature(list, bytes, writing[n]), -1);
    }
}

/* b.1: what the port driver asks before. */
static void vital_product_data(void)
{
    static const uint8_t pages[] = {0x00, 0x80, 0x83};
    struct initiator *i = windows();
    uint8_t reply[255] = {0};

    for (size_t n = 0; n < sizeof(pages); n++) {
        EXPECT(RUN_IN(i, reply, 255, 0x12, 1, pages[n], 0, 255, 0), GOOD);
        CU_ASSERT_EQUAL(reply[0], 0x05);
        CU_ASSERT_EQUAL(reply[1], pages[n]);
        CU_ASSERT_EQUAL(be16_get(reply + 2) + 4u, last_result.in_bytes);
    }
    EXPECT(RUN_IN(i, reply, 255, 0x12, 1, 0xb0, 0, 255, 0), CDB_FIELD);
}

/* ---- media change ---- */

static void refresh_after_a_media_change(void)
{
    static uint8_t before[FEATURE_ROOM], without[FEATURE_ROOM], after[FEATURE_ROOM];
    static uint8_t reply[3208], mode[0xfff0];
    struct initiator *i = windows();
    size_t bytes = read_features(i, 0, before), current;

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(RUN(i, 0x1e, 0, 0, 0, 0, 0), GOOD);
    EXPECT(RUN(i, 0x1b, 0, 0, 0, 2, 0), GOOD);
    CU_ASSERT_EQUAL(media_event(i).event, 3);
    CU_ASSERT_EQUAL(read_features(i, 0, without), bytes); /* only current bits move */
    CU_ASSERT_EQUAL(find_feature(without, bytes, FEATURE_CSS) & 1, 0);
    CU_ASSERT_EQUAL(be16_get(without + 6), 0);
    EXPECT(RUN(i, 0x1b, 0, 0, 0, 3, 0), GOOD);
    CU_ASSERT_EQUAL(media_event(i).event, 2);
    EXPECT(test_unit_ready(i), MEDIUM_CHANGED);
    current = read_features(i, 1, after);
    CU_ASSERT(current <= bytes);
    CU_ASSERT_EQUAL(find_feature(after, current, FEATURE_CSS) & 1, 1);
    EXPECT(RUN_IN(i, mode, sizeof(mode), 0x5a, 8, 0x2a, 0, 0, 0, 0, 0xff, 0xf0, 0), GOOD);
    EXPECT(RUN_IN(i, reply, sizeof(reply), 0xac, 0x14, 0, 0, 0, 0, 0, 0, 0, 0xc8, 0, 0), GOOD);
    EXPECT(RUN_IN(i, reply, sizeof(reply), 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 0xc8, 3, 0), GOOD);
}

static void cdfs_mounts(void)
{
    static uint8_t reply[804];
    struct initiator *i = windows();

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(RUN_IN(i, reply, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 804, 0x43, 2, 0, 0, 0, 0, 0, 3, 0x24, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, be16_get(reply) + 2u);
    EXPECT(RUN_IN(i, reply, 12, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 12);
    EXPECT(touch_block(i, 16), GOOD);
}

/* ---- the IOCTLs ---- */

/* START_SESSION, SEND_KEY, READ_KEY, END_SESSION, with what its work buffer leaves in bytes 2, 3.
 */
static void a_session_of_a_player(void)
{
    struct initiator *i = windows();
    uint8_t reply[16] = {0}, list[16] = {0, 0x0e, 1, 1}, block[2052] = {0};
    struct exchange x = {.i = i};

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0), GOOD);
    for (uint8_t n = 0; n < 12; n++) {
        list[4 + n] = (uint8_t)(0x30 + n); /* ten bytes of challenge and the caller's spare two */
    }
    memcpy(x.host_challenge, list + 4, 10);
    EXPECT(RUN_OUT(i, list, 16, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 12, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12, 2, 0), GOOD);
    memcpy(x.key1, reply + 4, 5);
    x.variant = host_css_find_variant(x.host_challenge, x.key1);
    CU_ASSERT_NOT_EQUAL_FATAL(x.variant, -1);
    EXPECT(RUN_IN(i, reply, 16, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0), GOOD);
    host_css_key2((unsigned)x.variant, reply + 4, x.key2);
    memset(list, 0x77, sizeof(list));
    be16_put(list, 0x0a);
    memcpy(list + 4, x.key2, 5);
    EXPECT(RUN_OUT(i, list, 12, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 12, 3, 0), GOOD);
    EXPECT(RUN_IN(i, block, 2052, 0xad, 0, 0, 0, 0, 0, 0, 2, 8, 4, 0, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 2052);
    CU_ASSERT_EQUAL(last_result.residual, INITIATOR_NO_RESIDUAL);
    host_css_bus_key((unsigned)x.variant, x.key1, x.key2, x.bus_key);
    host_css_clear(block + 4, 2048, x.bus_key);
    CU_ASSERT_TRUE(host_css_check_entry(block + 4, rig_disc_key));
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 5, 0), GOOD); /* DvdAsf */
    CU_ASSERT_EQUAL(reply[7], 1);
    EXPECT(RUN(i, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0), GOOD);
}

/* READ_KEY sizes its allocation by the caller's buffer, up to FFFFh. */
static void any_buffer_gets_the_natural_length(void)
{
    static const struct {
        uint16_t allocation, bytes;
    } rows[] = {{4, 4}, {8, 8}, {12, 8}, {16, 8}, {0x0804, 8}, {0xffff, 8}};
    static uint8_t reply[0xffff];
    struct initiator *i = windows();

    EXPECT(test_unit_ready(i), POWER_ON);
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        EXPECT(report_key(i, 3, 0x08, 0, reply, rows[n].allocation), GOOD);
        CU_ASSERT_EQUAL(last_result.in_bytes, rows[n].bytes);
        CU_ASSERT_EQUAL(be16_get(reply), 6);
    }
}

/* READ_STRUCTURE: the caller's length, the address shifted, the AGID only with format 2. */
static void read_structure_ioctl(void)
{
    static uint8_t reply[0xffff];
    struct initiator *i = windows();

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(read_structure(i, 0, 0x01, 0, reply, 2052), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 8);
    CU_ASSERT_EQUAL(be16_get(reply), 6);
    CU_ASSERT_EQUAL(reply[4], 1);
    EXPECT(read_structure(i, 0, 0x00, 0, reply, 0xffff), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 2052);
    CU_ASSERT_EQUAL(be32_get(reply + 8), 0x030000);
    CU_ASSERT_EQUAL(be32_get(reply + 12), 0x030000 + RIG_BLOCKS - 1);
    EXPECT(read_structure(i, 0, 0x02, 0, reply, 2052), NOT_ESTABLISHED);
    EXPECT(read_structure(i, 0, 0x05, RIG_SCRAMBLED_LBA, reply, 8), GOOD);
    CU_ASSERT_EQUAL(reply[4], 0xf0);
    EXPECT(read_structure(i, 0, 0x05, RIG_BLOCKS, reply, 8), LBA_RANGE);
}

/* GET_REGION on a fresh drive, and the region that the driver then sets without being asked (b.4).
 */
static void the_driver_picks_a_region(void)
{
    static const uint8_t list[8] = {0, 6, 0x12, 0x34, 0xfd, 0x99, 0x99, 0x99};
    uint8_t copyright[8] = {0}, rpc[8] = {0};
    struct initiator *i;

    rig_write_css_disc("css.disc", "2,4");
    i = rig_login(RIG_SERVE("--state", "none", rig_path("css.disc")), 0, "windows");
    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(read_structure(i, 0, 0x01, 0, copyright, sizeof(copyright)), GOOD);
    CU_ASSERT_EQUAL(copyright[4], 1);
    CU_ASSERT_EQUAL(copyright[5], 0xf5);
    EXPECT(report_key(i, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD);
    CU_ASSERT_EQUAL(rpc[4] >> 6, 0);
    CU_ASSERT_EQUAL(rpc[5], 0xff);
    CU_ASSERT(rpc[4] % 8 > 1);
    EXPECT(RUN_OUT(i, list, 8, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0), GOOD);
    EXPECT(report_key(i, 0, 0x08, 0, rpc, sizeof(rpc)), GOOD);
    CU_ASSERT_EQUAL(rpc[4], 0x64);
    CU_ASSERT_EQUAL(rpc[5], 0xfd);
}

/* SEND_KEY2 with DvdDiskKey: 80h does not fit six bits, so key format 0 goes out with A3h. */
static void a_format_that_is_none_is_refused(void)
{
    static const uint8_t list[8] = {0, 6};
    struct initiator *i = windows();

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(send_key(i, 0, 0x00, list, sizeof(list)), CDB_FIELD);
}

static void set_read_ahead(void)
{
    struct initiator *i = windows();

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(RUN(i, 0xa7, 0, 0, 0, 0, 16, 0, 0, 0, 32, 0, 0), GOOD);
}

/* Bits 7-5 of byte 1 were the LUN once, and some still write it. */
static void a_lun_in_the_cdb_is_ignored(void)
{
    struct initiator *i = windows();
    uint8_t reply[8];

    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(RUN(i, 0x1b, 0x20, 0, 0, 1, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0xe0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0), CDB_FIELD);
}

UNIT_SUITE(windows_sequence, T(device_arrival), T(it_is_no_writer), T(vital_product_data),
           T(refresh_after_a_media_change), T(cdfs_mounts), T(a_session_of_a_player),
           T(any_buffer_gets_the_natural_length), T(read_structure_ioctl),
           T(the_driver_picks_a_region), T(a_format_that_is_none_is_refused), T(set_read_ahead),
           T(a_lun_in_the_cdb_is_ignored));
