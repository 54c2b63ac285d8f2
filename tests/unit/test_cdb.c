/* SPDX-License-Identifier: GPL-2.0-only */
#include "scsi/cdb.h"

#include "unit.h"

static void extents_are_found_in_their_bytes(void)
{
    const uint8_t read_10[10] = {0x28, 0xff, 0x01, 0x02, 0x03, 0x04, 0xff, 0x05, 0x06, 0xff};
    const uint8_t read_12[12] = {0xa8, 0xff, 0x01, 0x02, 0x03, 0x04,
                                 0x05, 0x06, 0x07, 0x08, 0xff, 0xff};
    const uint8_t read_cd[12] = {0xbe, 0xff, 0x01, 0x02, 0x03, 0x04,
                                 0x05, 0x06, 0x07, 0xff, 0xff, 0xff};

    CU_ASSERT_EQUAL(cdb_extent_10(read_10).lba, 0x01020304);
    CU_ASSERT_EQUAL(cdb_extent_10(read_10).blocks, 0x0506);
    CU_ASSERT_EQUAL(cdb_extent_12(read_12).lba, 0x01020304);
    CU_ASSERT_EQUAL(cdb_extent_12(read_12).blocks, 0x05060708);
    CU_ASSERT_EQUAL(cdb_read_cd(read_cd).lba, 0x01020304);
    CU_ASSERT_EQUAL(cdb_read_cd(read_cd).blocks, 0x050607);
}

static void msf_counts_75_frames_a_second_from_two_seconds(void)
{
    CU_ASSERT_EQUAL(cdb_msf_lba((const uint8_t[]){0, 2, 0}), 0);
    CU_ASSERT_EQUAL(cdb_msf_lba((const uint8_t[]){0, 2, 16}), 16);
    CU_ASSERT_EQUAL(cdb_msf_lba((const uint8_t[]){1, 0, 0}), 4350);
    CU_ASSERT_EQUAL(cdb_msf_lba((const uint8_t[]){0, 0, 0}), -150);
    CU_ASSERT_EQUAL(cdb_msf_lba((const uint8_t[]){255, 59, 74}), 1151849);
}

/* A title key request of a real host: AGID 3, format 04h (mmc-spec 1.1). */
static void key_fields_are_those_of_a_real_request(void)
{
    const uint8_t cdb[12] = {0xa4, 0, 0, 0, 0x01, 0x33, 0, 0x02, 0x01, 0x0c, 0xc4, 0};
    const struct cdb_key key = cdb_key(cdb);

    CU_ASSERT_EQUAL(key.lba, 0x133);
    CU_ASSERT_EQUAL(key.key_class, 2);
    CU_ASSERT_EQUAL(key.length_bytes, 0x10c);
    CU_ASSERT_EQUAL(key.agid, 3);
    CU_ASSERT_EQUAL(key.format, 4);
}

static void key_format_has_six_bits(void)
{
    const uint8_t cdb[12] = {[0] = 0xa3, [10] = 0x7f};

    CU_ASSERT_EQUAL(cdb_key(cdb).agid, 1);
    CU_ASSERT_EQUAL(cdb_key(cdb).format, 0x3f);
}

static void structure_fields_are_found_in_their_bytes(void)
{
    const uint8_t cdb[12] = {0xad, 0xf1, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xff, 0xff, 0x80, 0};
    const struct cdb_structure structure = cdb_structure(cdb);

    CU_ASSERT_EQUAL(structure.media_type, 1);
    CU_ASSERT_EQUAL(structure.address, 0x01020304);
    CU_ASSERT_EQUAL(structure.layer, 5);
    CU_ASSERT_EQUAL(structure.format, 6);
    CU_ASSERT_EQUAL(structure.agid, 2);
}

UNIT_SUITE(cdb, T(extents_are_found_in_their_bytes),
           T(msf_counts_75_frames_a_second_from_two_seconds),
           T(key_fields_are_those_of_a_real_request), T(key_format_has_six_bits),
           T(structure_fields_are_found_in_their_bytes));
