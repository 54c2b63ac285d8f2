/* SPDX-License-Identifier: GPL-2.0-only */
#include "scsi/sense.h"

#include "unit.h"

#include <string.h>

/* mmc-spec 3.4 */
static const struct {
    enum sense_id id;
    uint8_t key, asc, ascq;
} catalogue[] = {
    {SENSE_BECOMING_READY, 2, 0x04, 0x01},
    {SENSE_NO_MEDIUM, 2, 0x3a, 0x00},
    {SENSE_NO_MEDIUM_TRAY_CLOSED, 2, 0x3a, 0x01},
    {SENSE_NO_MEDIUM_TRAY_OPEN, 2, 0x3a, 0x02},
    {SENSE_UNRECOVERED_READ, 3, 0x11, 0x00},
    {SENSE_LIST_LENGTH, 5, 0x1a, 0x00},
    {SENSE_INVALID_OPCODE, 5, 0x20, 0x00},
    {SENSE_LBA_OUT_OF_RANGE, 5, 0x21, 0x00},
    {SENSE_INVALID_FIELD_IN_CDB, 5, 0x24, 0x00},
    {SENSE_INVALID_FIELD_IN_LIST, 5, 0x26, 0x00},
    {SENSE_SEQUENCE_ERROR, 5, 0x2c, 0x00},
    {SENSE_INCOMPATIBLE_FORMAT, 5, 0x30, 0x02},
    {SENSE_SAVING_NOT_SUPPORTED, 5, 0x39, 0x00},
    {SENSE_REMOVAL_PREVENTED, 5, 0x53, 0x02},
    {SENSE_NO_AGID_AVAILABLE, 5, 0x55, 0x00},
    {SENSE_AUTHENTICATION_FAILURE, 5, 0x6f, 0x00},
    {SENSE_KEY_NOT_PRESENT, 5, 0x6f, 0x01},
    {SENSE_KEY_NOT_ESTABLISHED, 5, 0x6f, 0x02},
    {SENSE_SCRAMBLED_SECTOR, 5, 0x6f, 0x03},
    {SENSE_REGION_MISMATCH, 5, 0x6f, 0x04},
    {SENSE_REGION_PERMANENT, 5, 0x6f, 0x05},
    {SENSE_MEDIUM_CHANGED, 6, 0x28, 0x00},
    {SENSE_POWER_ON, 6, 0x29, 0x00},
    {SENSE_MISCOMPARE, 0xe, 0x1d, 0x00},
};

static void codes_are_those_of_the_catalogue(void)
{
    for (size_t i = 0; i < sizeof(catalogue) / sizeof(catalogue[0]); i++) {
        const struct scsi_sense sense = sense_of(catalogue[i].id);

        CU_ASSERT(sense.check);
        CU_ASSERT_EQUAL(sense.key, catalogue[i].key);
        CU_ASSERT_EQUAL(sense.asc, catalogue[i].asc);
        CU_ASSERT_EQUAL(sense.ascq, catalogue[i].ascq);
    }
}

static void good_is_no_check(void)
{
    CU_ASSERT_EQUAL(sense_status(SENSE_OK), SCSI_GOOD);
    CU_ASSERT_EQUAL(sense_status(sense_of(SENSE_NO_MEDIUM)), SCSI_CHECK_CONDITION);
    CU_ASSERT_STRING_EQUAL(sense_text(SENSE_OK), "good");
}

static void fixed_sense_is_18_bytes_with_additional_length_10(void)
{
    const uint8_t expected[18] = {0x70, 0, 2, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0x3a, 0x02};
    uint8_t data[18];

    memset(data, 0xff, sizeof(data));
    sense_fixed(sense_of(SENSE_NO_MEDIUM_TRAY_OPEN), data);
    CU_ASSERT(memcmp(data, expected, sizeof(data)) == 0);
}

static void good_as_fixed_sense_is_no_sense(void)
{
    const uint8_t expected[18] = {[0] = 0x70, [7] = 0x0a};
    uint8_t data[18];

    sense_fixed(SENSE_OK, data);
    CU_ASSERT(memcmp(data, expected, sizeof(data)) == 0);
}

/* The sense that real drives gave for byte 10 (mmc-spec 3.4, last lines). */
static void cdb_field_pointer_is_marked_as_cdb(void)
{
    const uint8_t expected[18] = {0x70, 0, 5, 0,    0, 0, 0,    0x0a, 0,
                                  0,    0, 0, 0x24, 0, 0, 0xc0, 0,    10};
    uint8_t data[18];

    sense_fixed(sense_cdb_field(10), data);
    CU_ASSERT(memcmp(data, expected, sizeof(data)) == 0);
}

static void list_field_pointer_is_marked_as_list(void)
{
    const uint8_t expected[18] = {0x70, 0, 5, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0x26, 0, 0, 0x80, 1, 2};
    uint8_t data[18];

    sense_fixed(sense_list_field(0x102), data);
    CU_ASSERT(memcmp(data, expected, sizeof(data)) == 0);
}

static void bit_pointer_sets_bpv(void)
{
    struct scsi_sense of_cdb = sense_cdb_field(1), of_list = sense_list_field(2);
    uint8_t data[18];

    of_cdb.bit_valid = of_list.bit_valid = true;
    for (uint8_t bit = 0; bit < 8; bit++) {
        of_cdb.bit = of_list.bit = bit;
        sense_fixed(of_cdb, data);
        CU_ASSERT_EQUAL(data[15], 0xc8 + bit);
        CU_ASSERT_EQUAL(data[17], 1);
        sense_fixed(of_list, data);
        CU_ASSERT_EQUAL(data[15], 0x88 + bit);
        CU_ASSERT_EQUAL(data[17], 2);
    }
}

static void bad_block_has_valid_and_the_lba(void)
{
    const uint8_t expected[18] = {0xf0, 0, 3, 0x12, 0x34, 0x56, 0x78, 0x0a, 0, 0, 0, 0, 0x11};
    uint8_t data[18];

    sense_fixed(sense_bad_block(0x12345678), data);
    CU_ASSERT(memcmp(data, expected, sizeof(data)) == 0);
}

static void information_is_zero_without_valid(void)
{
    struct scsi_sense sense = sense_of(SENSE_UNRECOVERED_READ);
    uint8_t data[18];

    sense.information = 0x12345678;
    sense_fixed(sense, data);
    CU_ASSERT_EQUAL(data[0], 0x70);
    CU_ASSERT(memcmp(data + 3, (const uint8_t[4]){0}, 4) == 0);
}

static void senses_are_told_apart_by_all_three_codes(void)
{
    CU_ASSERT(sense_is(sense_cdb_field(3), SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT_FALSE(sense_is(sense_of(SENSE_KEY_NOT_PRESENT), SENSE_KEY_NOT_ESTABLISHED));
    CU_ASSERT_FALSE(sense_is(sense_of(SENSE_NO_MEDIUM), SENSE_NO_MEDIUM_TRAY_OPEN));
    CU_ASSERT_FALSE(sense_is(SENSE_OK, SENSE_NO_SENSE));
}

static void every_row_has_codes_and_words_of_its_own(void)
{
    for (unsigned i = 0; i < SENSE_COUNT; i++) {
        const struct scsi_sense sense = sense_of((enum sense_id)i);

        CU_ASSERT(strlen(sense_text(sense)) > 0);
        CU_ASSERT_STRING_NOT_EQUAL(sense_text(sense), "unlisted sense");
        CU_ASSERT_PTR_NOT_NULL(sense_row_name((enum sense_id)i));
        for (unsigned j = 0; j < i; j++) {
            CU_ASSERT_FALSE(sense_is(sense, (enum sense_id)j));
        }
    }
    CU_ASSERT_PTR_NULL(sense_row_name(SENSE_COUNT));
}

static void a_sense_without_row_is_called_unlisted(void)
{
    const struct scsi_sense sense = {.check = true, .key = 4, .asc = 0x3e, .ascq = 2};

    CU_ASSERT_STRING_EQUAL(sense_text(sense), "unlisted sense");
}

UNIT_SUITE(sense, T(codes_are_those_of_the_catalogue), T(good_is_no_check),
           T(fixed_sense_is_18_bytes_with_additional_length_10), T(good_as_fixed_sense_is_no_sense),
           T(cdb_field_pointer_is_marked_as_cdb), T(list_field_pointer_is_marked_as_list),
           T(bit_pointer_sets_bpv), T(bad_block_has_valid_and_the_lba),
           T(information_is_zero_without_valid), T(senses_are_told_apart_by_all_three_codes),
           T(every_row_has_codes_and_words_of_its_own), T(a_sense_without_row_is_called_unlisted));
