/* SPDX-License-Identifier: GPL-2.0-only */
/* What Linux sends, CDB by CDB (windows-spec e, e2e): sr's probe, and the ioctls of cdrom.c. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define AGID_GROUP 0x40 /* the second AGID in bits 7-6 of byte 10 */

static void the_probe_of_sr(void)
{
    struct initiator *i = rig_login(rig_serve_css(), 0, "linux");
    uint8_t reply[128] = {0};

    EXPECT(RUN_IN(i, reply, 36, 0x12, 0, 0, 0, 36, 0), GOOD);
    CU_ASSERT_EQUAL(reply[0], 0x05);
    CU_ASSERT_EQUAL(reply[1], 0x80);
    CU_ASSERT_EQUAL(reply[5] & 0x30, 0); /* TPGS: A3h is SEND KEY here */
    EXPECT(RUN_IN(i, reply, 96, 0x12, 0, 0, 0, 96, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, (size_t)reply[4] + 5);
    EXPECT(test_unit_ready(i), POWER_ON);
    EXPECT(test_unit_ready(i), GOOD);
    /* MODE SENSE(6), block descriptors welcome: bit 3 of byte 2 makes it a DVD drive */
    EXPECT(RUN_IN(i, reply, sizeof(reply), 0x1a, 0, 0x2a, 0, 128, 0), GOOD);
    CU_ASSERT_EQUAL(reply[0] + 1u, last_result.in_bytes);
    CU_ASSERT_EQUAL(reply[3], 0);
    CU_ASSERT_EQUAL(reply[4] & 0x3f, 0x2a);
    CU_ASSERT_EQUAL(reply[6] & 0x08, 0x08);
    CU_ASSERT_NOT_EQUAL(reply[10] >> 5, 0); /* a loader that is no caddy */
    /* GET CONFIGURATION of 32 bytes for the profile */
    EXPECT(RUN_IN(i, reply, 32, 0x46, 0, 0, 0, 0, 0, 0, 0, 32, 0), GOOD);
    CU_ASSERT_EQUAL(reply[6] << 8 | reply[7], 0x0010);
}

static void capacity_table_and_disc_information(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "linux");
    uint8_t reply[48] = {0};
    static const uint8_t capacity[8] = {0, 0, 3, 0xff, 0, 0, 8, 0};
    static const uint8_t table[20] = {0, 18, 1, 1,    0,    0x14, 1, 0, 0, 0,
                                      0, 0,  0, 0x14, 0xaa, 0,    0, 0, 4, 0};

    EXPECT(RUN_IN(i, reply, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), GOOD);
    CU_ASSERT_EQUAL(memcmp(reply, capacity, sizeof(capacity)), 0);
    EXPECT(RUN_IN(i, reply, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0), GOOD);
    CU_ASSERT_EQUAL(memcmp(reply, table, 12), 0);
    EXPECT(RUN_IN(i, reply, 20, 0x43, 0, 0, 0, 0, 0, 0, 0, 20, 0), GOOD);
    CU_ASSERT_EQUAL(memcmp(reply, table, sizeof(table)), 0);
    EXPECT(RUN_IN(i, reply, 12, 0x43, 0, 0, 0, 0, 0, 0xaa, 0, 12, 0), GOOD); /* lead-out */
    CU_ASSERT_EQUAL(memcmp(reply + 4, table + 12, 8), 0);
    EXPECT(RUN_IN(i, reply, 12, 0x43, 0, 0x01, 0, 0, 0, 0, 0, 12, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0), GOOD);
    CU_ASSERT_EQUAL(reply[1], 32);
    EXPECT(RUN_IN(i, reply, 36, 0x52, 1, 0, 0, 0, 1, 0, 0, 36, 0), GOOD);
    CU_ASSERT_EQUAL(reply[1], 34);
}

static void polling_and_the_tray(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "linux");

    CU_ASSERT_EQUAL(media_event(i).event, 0);
    EXPECT(RUN(i, 0x1e, 0, 0, 0, 1, 0), GOOD); /* open locks the door */
    EXPECT(RUN(i, 0x1e, 0, 0, 0, 0, 0), GOOD);
    EXPECT(RUN(i, 0x1b, 0, 0, 0, 2, 0), GOOD);
    CU_ASSERT_EQUAL(media_event(i).event, 3);
    EXPECT(test_unit_ready(i), TRAY_OPEN);
    EXPECT(RUN(i, 0x1b, 0, 0, 0, 3, 0), GOOD);
    CU_ASSERT_EQUAL(media_event(i).event, 2);
    EXPECT(test_unit_ready(i), MEDIUM_CHANGED);
    EXPECT(test_unit_ready(i), GOOD);
}

/* DVD_AUTH from LU_SEND_AGID to LU_SEND_ASF, as libdvdcss makes it, with AGID 1. */
static void dvd_auth(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "linux");
    struct exchange x = {.i = i};
    uint8_t reply[16] = {0}, list[16] = {0, 0x0e}, block[2052] = {0};

    EXPECT(ask_agid(&x), GOOD); /* somebody else has AGID 0 */
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0xc0, 0), GOOD);
    CU_ASSERT_EQUAL(reply[7], AGID_GROUP);
    for (uint8_t n = 0; n < 10; n++) {
        x.host_challenge[n] = list[4 + n] = (uint8_t)(9 - n); /* libdvdcss sends 09 .. 00 */
    }
    EXPECT(RUN_OUT(i, list, 16, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 16, AGID_GROUP | 1, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 12, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12, AGID_GROUP | 2, 0), GOOD);
    memcpy(x.key1, reply + 4, 5);
    x.variant = host_css_find_variant(x.host_challenge, x.key1);
    CU_ASSERT_NOT_EQUAL_FATAL(x.variant, -1);
    EXPECT(RUN_IN(i, reply, 16, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 16, AGID_GROUP | 1, 0), GOOD);
    host_css_key2((unsigned)x.variant, reply + 4, x.key2);
    memset(list, 0, sizeof(list));
    list[1] = 0x0a;
    memcpy(list + 4, x.key2, 5);
    EXPECT(RUN_OUT(i, list, 12, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 12, AGID_GROUP | 3, 0), GOOD);
    EXPECT(RUN_IN(i, block, 2052, 0xad, 0, 0, 0, 0, 0, 0, 2, 8, 4, AGID_GROUP, 0), GOOD);
    host_css_bus_key((unsigned)x.variant, x.key1, x.key2, x.bus_key);
    host_css_clear(block + 4, 2048, x.bus_key);
    CU_ASSERT_TRUE(host_css_check_entry(block + 4, rig_disc_key));
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, AGID_GROUP | 5, 0), GOOD);
    CU_ASSERT_EQUAL(reply[7], 1);
    EXPECT(RUN_IN(i, reply, 0, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0, AGID_GROUP | 0x3f, 0), GOOD);
}

/* DVD_READ_STRUCT: the lengths are those that cdrom.c asks for. */
static void dvd_read_struct(void)
{
    static const uint8_t physical[21] = {0x08, 0x02, 0, 0, 0x01, 0x02, 0x01, 0, 0, 3, 0,
                                         0,    0,    3, 3, 0xff, 0,    0,    0, 0, 0};
    static const uint8_t copyright[8] = {0, 6, 0, 0, 1, 0xfe, 0, 0};
    struct initiator *i;
    uint8_t reply[2052] = {0};

    rig_write_css_disc("css.disc", "1");
    i = rig_ready(RIG_SERVE("--state", "none", rig_path("css.disc")), 0, "linux");
    EXPECT(RUN_IN(i, reply, 21, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0), GOOD);
    CU_ASSERT_EQUAL(memcmp(reply, physical, sizeof(physical)), 0);
    EXPECT(RUN_IN(i, reply, 8, 0xad, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0), GOOD);
    CU_ASSERT_EQUAL(memcmp(reply, copyright, sizeof(copyright)), 0);
    EXPECT(RUN_IN(i, reply, 192, 0xad, 0, 0, 0, 0, 0, 0, 3, 0, 192, 0, 0), CDB_FIELD);
    EXPECT(RUN_IN(i, reply, 2052, 0xad, 0, 0, 0, 0, 0, 0, 4, 8, 4, 0, 0), GOOD);
    CU_ASSERT_EQUAL(last_result.in_bytes, 2052);
    CU_ASSERT_EQUAL(reply[0] << 8 | reply[1], 2050);
    EXPECT(RUN_IN(i, reply, 21, 0xad, 0, 0, 0, 0, 0, 1, 0, 0, 21, 0, 0), CDB_FIELD); /* layer 1 */
}

static void region_state_and_region(void)
{
    static const uint8_t list[8] = {0, 6, 0, 0, 0xfe};
    struct initiator *i = rig_ready(rig_serve_css(), 0, "linux");
    uint8_t reply[8] = {0};

    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0x08, 0), GOOD);
    CU_ASSERT_EQUAL(reply[4], 0x25);
    EXPECT(RUN_OUT(i, list, 8, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0x06, 0), GOOD);
    EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0xc8, 0), GOOD); /* FreeBSD */
    CU_ASSERT_EQUAL(reply[4], 0x64);
    CU_ASSERT_EQUAL(reply[5], 0xfe);
}

UNIT_SUITE(linux_sequence, T(the_probe_of_sr), T(capacity_table_and_disc_information),
           T(polling_and_the_tray), T(dvd_auth), T(dvd_read_struct), T(region_state_and_region));
