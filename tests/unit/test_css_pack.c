/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "css/css.h"

/* A pack without stuffing whose first packet has the stream id given. */
static void make_pack(uint8_t sector[static CSS_SECTOR_BYTES], uint8_t stream_id)
{
    static const uint8_t pack[] = {0x00, 0x00, 0x01, 0xba};
    static const uint8_t packet[] = {0xf8, 0x00, 0x00, 0x01};

    memset(sector, 0, CSS_SECTOR_BYTES);
    memcpy(sector, pack, sizeof(pack));
    memcpy(sector + 0x0d, packet, sizeof(packet));
    sector[0x11] = stream_id;
    sector[0x14] = 0x80;
}

static void make_navigation(uint8_t sector[static CSS_SECTOR_BYTES])
{
    static const uint8_t pci[] = {0x00, 0x00, 0x01, 0xbf, 0x03, 0xd4, 0x00};

    make_pack(sector, 0xbb);
    memcpy(sector + 0x26, pci, sizeof(pci));
}

static void pack_is_known_by_its_start_code(void)
{
    uint8_t sector[CSS_SECTOR_BYTES];

    make_pack(sector, 0xe0);
    CU_ASSERT(css_pack_is(sector));
    for (size_t i = 0; i < 4; i++) {
        make_pack(sector, 0xe0);
        sector[i] ^= 0x10;
        CU_ASSERT_FALSE(css_pack_is(sector));
    }
}

static void navigation_pack_has_system_header_and_pci(void)
{
    static const size_t needed[] = {0x03, 0x10, 0x11, 0x28, 0x29, 0x2c};
    uint8_t sector[CSS_SECTOR_BYTES];

    make_navigation(sector);
    CU_ASSERT(css_pack_is_navigation(sector));
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        make_navigation(sector);
        sector[needed[i]] ^= 0x01;
        CU_ASSERT_FALSE(css_pack_is_navigation(sector));
    }
    make_pack(sector, 0xe0);
    CU_ASSERT_FALSE(css_pack_is_navigation(sector));
}

static void packets_with_a_scrambling_control_may_be_scrambled(void)
{
    uint8_t sector[CSS_SECTOR_BYTES];

    for (unsigned id = 0; id < 256; id++) {
        /* private stream 1, audio C0h-DFh, video E0h-EFh */
        const bool expected = id == 0xbd || (id >= 0xc0 && id <= 0xef);

        make_pack(sector, (uint8_t)id);
        CU_ASSERT_EQUAL(css_pack_may_scramble(sector), expected);
    }
}

static void navigation_pack_may_not_be_scrambled(void)
{
    uint8_t sector[CSS_SECTOR_BYTES];

    make_navigation(sector);
    CU_ASSERT_FALSE(css_pack_may_scramble(sector));
}

static void stuffing_forbids_scrambling(void)
{
    uint8_t sector[CSS_SECTOR_BYTES];

    for (uint8_t stuffing = 1; stuffing < 8; stuffing++) {
        make_pack(sector, 0xe0);
        sector[0x0d] = 0xf8 | stuffing;
        CU_ASSERT_FALSE(css_pack_may_scramble(sector));
    }
    make_pack(sector, 0xe0);
    sector[0x0d] = 0x00; /* the upper five bits are reserved */
    CU_ASSERT(css_pack_may_scramble(sector));
}

static void what_is_no_pack_may_not_be_scrambled(void)
{
    static const size_t needed[] = {0x02, 0x03, 0x0e, 0x0f, 0x10};
    uint8_t sector[CSS_SECTOR_BYTES];

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        make_pack(sector, 0xe0);
        sector[needed[i]] ^= 0x01;
        CU_ASSERT_FALSE(css_pack_may_scramble(sector));
    }
}

static void any_scrambling_control_but_zero_is_a_mark(void)
{
    uint8_t sector[CSS_SECTOR_BYTES];

    make_pack(sector, 0xe0);
    for (unsigned byte = 0; byte < 256; byte++) {
        sector[0x14] = (uint8_t)byte;
        CU_ASSERT_EQUAL(css_pack_is_marked(sector), (byte & 0x30) != 0);
    }
    sector[0x03] = 0xb9;
    CU_ASSERT_FALSE(css_pack_is_marked(sector));
}

static void marking_sets_one_bit(void)
{
    uint8_t sector[CSS_SECTOR_BYTES], expected[CSS_SECTOR_BYTES];

    make_pack(sector, 0xe0);
    make_pack(expected, 0xe0);
    expected[0x14] = 0x90;
    CU_ASSERT_FALSE(css_pack_is_marked(sector));
    css_mark_scrambled(sector);
    CHECK_SAME(sector, expected, sizeof(sector));
    CU_ASSERT(css_pack_is_marked(sector));
    css_mark_scrambled(sector);
    CHECK_SAME(sector, expected, sizeof(sector));
}

UNIT_SUITE(css_pack, T(pack_is_known_by_its_start_code),
           T(navigation_pack_has_system_header_and_pci),
           T(packets_with_a_scrambling_control_may_be_scrambled),
           T(navigation_pack_may_not_be_scrambled), T(stuffing_forbids_scrambling),
           T(what_is_no_pack_may_not_be_scrambled), T(any_scrambling_control_but_zero_is_a_mark),
           T(marking_sets_one_bit));
