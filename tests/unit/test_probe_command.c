/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probe sends, against the exchange of mmc-spec 2.9 and the transcript of css-spec 5.1. */
#include "bytes.h"
#include "emulator/host_command.h"
#include "scsi/opcodes.h"

#define AGID_3 3

static void report_key_is_as_in_the_transcript(void)
{
    struct host_command agid = host_report_key(KEY_AGID, 0, 0);
    struct host_command key1 = host_report_key(KEY_KEY1, 0, 0);
    struct host_command challenge = host_report_key(KEY_CHALLENGE, 0, 0);
    struct host_command asf = host_report_key(KEY_ASF, 0, 0);

    CU_ASSERT_EQUAL(agid.cdb_bytes, 12);
    CHECK_BYTES(agid.cdb, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00, 0);
    CHECK_BYTES(key1.cdb, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c, 0x02, 0);
    CHECK_BYTES(challenge.cdb, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x01, 0);
    CHECK_BYTES(asf.cdb, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x05, 0);
    CU_ASSERT_EQUAL(agid.in_bytes, 8);
    CU_ASSERT_EQUAL(challenge.in_bytes, 16);
    CU_ASSERT_EQUAL(key1.out_bytes, 0);
}

/* The CDB of the LKML log in mmc-spec 1.1. */
static void title_key_carries_lba_and_agid(void)
{
    struct host_command c = host_report_key(KEY_TITLE_KEY, AGID_3, 0x133);

    CHECK_BYTES(c.cdb, 0xa4, 0, 0, 0, 0x01, 0x33, 0, 0, 0, 0x0c, 0xc4, 0);
    CU_ASSERT_EQUAL(c.in_bytes, 12);
}

static void invalidation_asks_for_no_data(void)
{
    struct host_command c = host_report_key(KEY_INVALIDATE, AGID_3, 0);

    CHECK_BYTES(c.cdb, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
    CU_ASSERT_EQUAL(c.in_bytes, 0);
    CU_ASSERT_EQUAL(c.out_bytes, 0);
}

static void send_key_is_as_in_the_transcript(void)
{
    const css_challenge host = {{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
    const css_key2 key2 = {{0x5d, 0x8f, 0x75, 0x2d, 0xe7}};
    struct host_command c = host_send_challenge(0, &host);

    CHECK_BYTES(c.cdb, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x01, 0);
    CU_ASSERT_EQUAL(c.out_bytes, 16);
    CHECK_BYTES(c.out, 0, 0x0e, 0, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0);
    c = host_send_key2(AGID_3, &key2);
    CHECK_BYTES(c.cdb, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0);
    CU_ASSERT_EQUAL(c.out_bytes, 12);
    CHECK_BYTES(c.out, 0, 0x0a, 0, 0, 0x5d, 0x8f, 0x75, 0x2d, 0xe7, 0, 0, 0);
    CU_ASSERT_EQUAL(c.in_bytes, 0);
}

static void structures_ask_for_their_whole_length(void)
{
    struct host_command key = host_read_structure(STRUCTURE_DISC_KEY, AGID_3);
    struct host_command copyright = host_read_structure(STRUCTURE_COPYRIGHT, 0);

    CHECK_BYTES(key.cdb, 0xad, 0, 0, 0, 0, 0, 0, 0x02, 0x08, 0x04, 0xc0, 0);
    CU_ASSERT_EQUAL(key.in_bytes, 2052);
    CHECK_BYTES(copyright.cdb, 0xad, 0, 0, 0, 0, 0, 0, 0x01, 0, 0x08, 0, 0);
    CU_ASSERT_EQUAL(copyright.in_bytes, 8);
}

static void read_asks_for_one_block(void)
{
    struct host_command c = host_read_block(0x01020304);

    CU_ASSERT_EQUAL(c.cdb_bytes, 10);
    CHECK_BYTES(c.cdb, 0x28, 0, 1, 2, 3, 4, 0, 0, 1, 0);
    CU_ASSERT_EQUAL(c.in_bytes, 2048);
}

static void drive_is_asked_for_itself(void)
{
    struct host_command standard = host_inquiry(HOST_NO_PAGE), serial = host_inquiry(0x80);
    struct host_command features = host_get_configuration(), capacity = host_read_capacity();

    CU_ASSERT_EQUAL(standard.cdb_bytes, 6);
    CHECK_BYTES(standard.cdb, 0x12, 0, 0, 0, 96, 0);
    CHECK_BYTES(serial.cdb, 0x12, 1, 0x80, 0, 96, 0);
    CU_ASSERT_EQUAL(features.cdb_bytes, 10);
    CHECK_BYTES(features.cdb, 0x46, 0, 0, 0, 0, 0, 0, 0x10, 0, 0);
    CU_ASSERT_EQUAL(features.in_bytes, 0x1000);
    CHECK_BYTES(capacity.cdb, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(capacity.in_bytes, 8);
    CU_ASSERT_EQUAL(host_test_unit_ready().cdb_bytes, 6);
}

UNIT_SUITE(probe_command, T(report_key_is_as_in_the_transcript), T(title_key_carries_lba_and_agid),
           T(invalidation_asks_for_no_data), T(send_key_is_as_in_the_transcript),
           T(structures_ask_for_their_whole_length), T(read_asks_for_one_block),
           T(drive_is_asked_for_itself));
