/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define STANDARD_BYTES 96
#define UNIT_READY     0x00, 0, 0, 0, 0, 0
#define REQUEST_SENSE  0x03, 0, 0, 0, 18, 0

static void test_unit_ready_tells_disc_tray_and_change(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    drive_tray_open(&b.drive);
    CU_ASSERT_FALSE(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_OPEN));
    CU_ASSERT_FATAL(drive_insert(&b.drive, bench_plain_disc(BENCH_DISC_BLOCKS)));
    for (int nexus = 0; nexus < 2; nexus++) {
        CU_ASSERT_FALSE(BENCH_GO(&b, UNIT_READY));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_MEDIUM_CHANGED));
        CU_ASSERT(BENCH_GO(&b, UNIT_READY));
        bench_swap(&b);
    }
    bench_close(&b);
}

static void request_sense_says_nothing_when_nothing_is_pending(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 18, REQUEST_SENSE));
    CU_ASSERT(BENCH_IN_IS(&b, 0x70, 0, 0, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    bench_close(&b);
}

static void request_sense_returns_the_attention_and_clears_it(void)
{
    struct bench b;

    bench_open_plain(&b);
    b.nexus->state.attentions = DRIVE_UA_POWER_ON | DRIVE_UA_MEDIUM_CHANGED;
    b.other->state.attentions = DRIVE_UA_POWER_ON;
    CU_ASSERT(BENCH_IN(&b, 18, REQUEST_SENSE));
    CU_ASSERT(BENCH_IN_IS(&b, 0x70, 0, 6, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 18, REQUEST_SENSE));
    CU_ASSERT(BENCH_IN_IS(&b, 0x70, 0, 6, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0x28, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_GO(&b, UNIT_READY));
    CU_ASSERT_EQUAL(b.other->state.attentions, DRIVE_UA_POWER_ON);
    bench_close(&b);
}

static void request_sense_refuses_descriptor_format(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 18, 0x03, 1, 0, 0, 18, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    bench_close(&b);
}

static void standard_inquiry_is_96_bytes_of_a_removable_spc3_dvd_drive(void)
{
    static const char texts[] = "DVDEMU  DVD-ROM         0001";
    static const uint8_t head[8] = {0x05, 0x80, 0x05, 0x12, 0x5b, 0, 0, 0x02};
    static const uint8_t descriptors[6] = {0x09, 0x60, 0x03, 0x00, 0x02, 0xa0};
    static const uint8_t zeros[22] = {0};
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 0, 0, 0, 255, 0));
    CU_ASSERT_EQUAL_FATAL(b.reply.in_bytes, STANDARD_BYTES);
    CU_ASSERT(memcmp(b.in, head, 8) == 0);
    CU_ASSERT(memcmp(b.in + 8, texts, 28) == 0);
    CU_ASSERT(memcmp(b.in + 36, zeros, 22) == 0);
    CU_ASSERT(memcmp(b.in + 58, descriptors, 6) == 0);
    CU_ASSERT(memcmp(b.in + 64, zeros, 10) == 0);
    CU_ASSERT(memcmp(b.in + 74, zeros, 22) == 0);
    bench_close(&b);
}

/* What real drives say (configs/drives): 8 bytes in front of the names, 60 behind them. */
static void a_captured_inquiry_is_sent_as_it_is(void)
{
    static const uint8_t header[8] = {0x05, 0x80, 0x02, 0x32, 0x5b, 0x01, 0x02, 0x03};
    struct bench b;

    bench_open(&b);
    for (size_t i = 0; i < sizeof(b.drive.personality.inquiry_tail.b); i++) {
        b.drive.personality.inquiry_tail.b[i] = (uint8_t)(0x40 + i);
    }
    b.drive.personality.inquiry_tail.count = sizeof(b.drive.personality.inquiry_tail.b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 0xfe, 0, 0, 255, 0)); /* bits of a LUN of old */
    CU_ASSERT_EQUAL_FATAL(b.reply.in_bytes, STANDARD_BYTES);
    CU_ASSERT_EQUAL(b.in[2], 0x05);
    CU_ASSERT_EQUAL(b.in[36], 0x40);
    CU_ASSERT_EQUAL(b.in[95], 0x40 + 59);
    memcpy(b.drive.personality.inquiry_header.b, header, sizeof(header));
    b.drive.personality.inquiry_header.count = sizeof(header);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 0, 0, 0, 255, 0));
    CU_ASSERT(memcmp(b.in, header, sizeof(header)) == 0);
    CU_ASSERT(memcmp(b.in + 8, "DVDEMU  ", 8) == 0);
    CU_ASSERT(BENCH_IN(&b, 18, 0x03, 0xfe, 0, 0, 18, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 18);
    bench_close(&b);
}

static void inquiry_works_with_a_16_bit_allocation_length(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 0x200, 0x12, 0, 0, 0x02, 0x00, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, STANDARD_BYTES);
    bench_close(&b);
}

static void vpd_00_lists_three_pages(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 1, 0x00, 0, 255, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0x05, 0x00, 0, 3, 0x00, 0x80, 0x83));
    bench_close(&b);
}

static void vpd_80_is_the_serial_number(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 1, 0x80, 0, 255, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0x05, 0x80, 0, 12, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
                          'A', 'B'));
    bench_close(&b);
}

static void vpd_83_names_the_unit_by_vendor_product_and_serial(void)
{
    static const char expected[] = "\x05\x83\0\x28\x02\x01\0\x24"
                                   "DVDEMU  DVD-ROM         0123456789AB";
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 1, 0x83, 0, 255, 0));
    CU_ASSERT(bench_in_is(&b, (const uint8_t *)expected, sizeof(expected) - 1));
    bench_close(&b);
}

static void every_listed_vpd_page_can_be_read(void)
{
    uint8_t pages[255];
    size_t count;
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 255, 0x12, 1, 0x00, 0, 255, 0));
    count = b.in[3];
    memcpy(pages, b.in + 4, count);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(BENCH_IN(&b, 255, 0x12, 1, pages[i], 0, 255, 0));
        CU_ASSERT_EQUAL(b.in[1], pages[i]);
        CU_ASSERT_EQUAL(b.reply.in_bytes, 4u + b.in[3]);
    }
    bench_close(&b);
}

static void unknown_vpd_pages_and_a_page_without_evpd_are_refused(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, 0x12, 1, 0xb0, 0, 255, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 2));
    CU_ASSERT_FALSE(BENCH_IN(&b, 255, 0x12, 0, 0x80, 0, 255, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 2));
    bench_close(&b);
}

static void report_luns_knows_one_logical_unit(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(BENCH_IN(&b, 64, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_IN(&b, 64, 0xa0, 0, 2, 0, 0, 0, 0, 0, 0, 64, 0, 0));
    CU_ASSERT_EQUAL(b.reply.in_bytes, 16);
    CU_ASSERT(BENCH_IN(&b, 64, 0xa0, 0, 1, 0, 0, 0, 0, 0, 0, 64, 0, 0)); /* well known only */
    CU_ASSERT(BENCH_IN_IS(&b, 0, 0, 0, 0, 0, 0, 0, 0));
    CU_ASSERT_FALSE(BENCH_IN(&b, 64, 0xa0, 0, 3, 0, 0, 0, 0, 0, 0, 64, 0, 0));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 2));
    bench_close(&b);
}

static void raise_power_on(struct bench *b)
{
    b->nexus->state.attentions = DRIVE_UA_POWER_ON;
}

static void replies_are_cut_at_every_allocation_length(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(0x03, 0, 0, 0, 0, 0), 4, 1, raise_power_on));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(0x12, 0, 0, 0, 0, 0), 3, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(0x12, 1, 0x00, 0, 0, 0), 3, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(0x12, 1, 0x80, 0, 0, 0), 3, 2, NULL));
    CU_ASSERT(bench_reply_is_cut(&b, BENCH_BYTES(0x12, 1, 0x83, 0, 0, 0), 3, 2, NULL));
    CU_ASSERT(
        bench_reply_is_cut(&b, BENCH_BYTES(0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 6, 4, NULL));
    bench_close(&b);
}

UNIT_SUITE(cmd_identify, T(test_unit_ready_tells_disc_tray_and_change),
           T(request_sense_says_nothing_when_nothing_is_pending),
           T(request_sense_returns_the_attention_and_clears_it),
           T(request_sense_refuses_descriptor_format),
           T(standard_inquiry_is_96_bytes_of_a_removable_spc3_dvd_drive),
           T(a_captured_inquiry_is_sent_as_it_is), T(inquiry_works_with_a_16_bit_allocation_length),
           T(vpd_00_lists_three_pages), T(vpd_80_is_the_serial_number),
           T(vpd_83_names_the_unit_by_vendor_product_and_serial),
           T(every_listed_vpd_page_can_be_read),
           T(unknown_vpd_pages_and_a_page_without_evpd_are_refused),
           T(report_luns_knows_one_logical_unit), T(replies_are_cut_at_every_allocation_length));
