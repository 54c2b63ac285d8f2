/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of the program for Windows: statuses, errors, sense, and the buffers. */
#include "bytes.h"
#include "tests/windows/iso_lookup.h"
#include "tests/windows/key_buffer.h"
#include "tests/windows/nt_status.h"
#include "tests/windows/sense_verdict.h"

#include <string.h>

/* windows-spec a.9, the columns sense, NTSTATUS, retried, GetLastError. */
static void sense_becomes_what_the_table_says(void)
{
    static const struct {
        uint32_t sense, status, error;
        bool retried;
    } rows[] = {
        {0x56f00, 0xc0000306, 0x80030306, false}, {0x56f01, 0xc0000307, 0x80030307, false},
        {0x56f02, 0xc0000308, 0x80030308, false}, {0x56f03, 0xc0000309, 0x80030309, false},
        {0x56f04, 0xc000030a, 0x8003030a, false}, {0x56f05, 0xc000030b, 0x8003030b, false},
        {0x56f06, 0xc0000305, 0x80030305, false}, {0x26f02, 0xc0000308, 0x80030308, false},
        {0x52400, 0xc0000010, 1, false},          {0x22400, 0xc0000010, 1, false},
        {0x52000, 0xc0000010, 1, false},          {0x52c00, 0xc0000010, 1, false},
        {0x55500, 0xc0000010, 1, false},          {0x51a00, 0xc0000010, 1, false},
        {0x52100, 0xc0000015, 27, false},         {0x52500, 0xc000000e, 433, false},
        {0x23a01, 0xc0000013, 21, false},         {0x53002, 0xc0000014, 1785, false},
        {0x53000, 0xc0000010, 1, false},          {0x20401, 0xc00000a3, 21, true},
        {0x20403, 0xc0000013, 21, false},         {0x20404, 0xc00000a3, 21, false},
        {0x24400, 0xc00000a3, 21, true},          {0x31100, 0xc000009c, 23, false},
        {0x44400, 0xc0000185, 1117, true},        {0x62800, 0x80000016, 1110, true},
        {0x62900, 0x80000016, 1110, true},        {0x72700, 0xc00000a2, 19, false},
        {0xb0000, 0xc0000185, 1117, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct sense_verdict got = sense_verdict(rows[i].sense);

        CU_ASSERT_EQUAL(got.status, rows[i].status);
        CU_ASSERT_EQUAL(got.retried, rows[i].retried);
        CU_ASSERT_EQUAL(nt_status(got.status)->error, rows[i].error);
    }
}

static void sense_is_read_as_far_as_its_additional_length_goes(void)
{
    static const uint8_t whole[18] = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x6f, 3};
    uint8_t cut[18];

    CU_ASSERT_EQUAL(sense_code_read(whole, sizeof(whole)), 0x56f03);
    memcpy(cut, whole, sizeof(cut));
    cut[7] = 6; /* 6F/03 becomes 6F/00: the trap of windows-spec a.9 */
    CU_ASSERT_EQUAL(sense_code_read(cut, sizeof(cut)), 0x56f00);
    cut[7] = 5;
    CU_ASSERT_EQUAL(sense_code_read(cut, sizeof(cut)), 0x50000);
    CU_ASSERT_EQUAL(sense_code_read(whole, 13), 0x56f00);
    CU_ASSERT_EQUAL(sense_code_read(whole, 3), 0x50000);
    CU_ASSERT_EQUAL(sense_code_read(whole, 0), 0);
}

static void no_status_is_listed_twice(void)
{
    for (size_t i = 0; i < nt_status_count; i++) {
        CU_ASSERT_PTR_EQUAL(nt_status(nt_statuses[i].status), &nt_statuses[i]);
    }
    CU_ASSERT_STRING_EQUAL(nt_status(0xc0ffee00)->name, "not listed");
}

static void errors_read_as_people_look_them_up(void)
{
    char text[NT_ERROR_TEXT_BYTES];

    CU_ASSERT_STRING_EQUAL(nt_error_text(122, text), "122");
    CU_ASSERT_STRING_EQUAL(nt_error_text(0x8003030a, text), "0x8003030A");
}

/* ---- buffers ---- */

static void key_buffer_has_windows_layout(void)
{
    const struct key_header header = {
        .key_length = 0x818, .session = 3, .type = 0x80, .title_offset_bytes = 0x123456800};
    struct key_buffer b;

    memset(&b, 0xa5, sizeof(b));
    key_buffer_make(&b, &header);
    CHECK_BYTES(b.bytes, 0x18, 8, 0, 0, 3, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x68, 0x45, 0x23,
                1, 0, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(b.bytes[KEY_DISC_BYTES - 1], 0);
    CU_ASSERT_EQUAL(key_buffer_header(&b).title_offset_bytes, 0x123456800);
}

static void structure_request_has_windows_layout(void)
{
    uint8_t request[STRUCTURE_REQUEST_BYTES];

    memset(request, 0xa5, sizeof(request));
    structure_request_make(request, 2, 1, 0x800, 4);
    CHECK_BYTES(request, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0);
}

/* mmc-spec 4: the bytes of real drives. */
static void rpc_state_is_read_from_its_bits(void)
{
    const struct rpc_state factory = rpc_state_read((const uint8_t[]){0x25, 0xff, 1, 0});
    const struct rpc_state set = rpc_state_read((const uint8_t[]){0x64, 0xfd, 1, 0});
    const struct rpc_state free_drive = rpc_state_read((const uint8_t[]){0, 0xff, 0, 0});

    CU_ASSERT_EQUAL(factory.type, 0);
    CU_ASSERT_EQUAL(factory.vendor_resets, 4);
    CU_ASSERT_EQUAL(factory.user_changes, 5);
    CU_ASSERT_EQUAL(set.type, 1);
    CU_ASSERT_EQUAL(set.user_changes, 4);
    CU_ASSERT_FALSE(rpc_state_allows(&factory, 0xfe));
    CU_ASSERT_TRUE(rpc_state_allows(&factory, 0));
    CU_ASSERT_FALSE(rpc_state_allows(&set, 0xfe));
    CU_ASSERT_TRUE(rpc_state_allows(&set, 0xfc));
    CU_ASSERT_TRUE(rpc_state_allows(&free_drive, 0xfe));
}

/* ---- the first title ---- */

#define BLOCKS 24

static uint8_t image[BLOCKS][ISO_BLOCK_BYTES];

static bool read_image(void *ctx, uint32_t lba, uint8_t block[static ISO_BLOCK_BYTES])
{
    (void)ctx;
    if (lba >= BLOCKS) {
        return false;
    }
    memcpy(block, image[lba], ISO_BLOCK_BYTES);
    return true;
}

/* A directory record; returns where the next one goes. */
static size_t put_record(uint8_t *at, const char *name, uint32_t lba, uint32_t bytes)
{
    const size_t length = 33 + strlen(name) + (strlen(name) + 1) % 2;

    at[0] = (uint8_t)length;
    le32_put(at + 2, lba);
    le32_put(at + 10, bytes);
    at[32] = (uint8_t)strlen(name);
    memcpy(at + 33, name, strlen(name));
    return length;
}

static void make_image(void)
{
    size_t at;

    memset(image, 0, sizeof(image));
    memcpy(image[16], "\1CD001", 6);
    put_record(image[16] + 156, "", 18, ISO_BLOCK_BYTES);
    at = put_record(image[18], "AUDIO_TS", 19, ISO_BLOCK_BYTES);
    put_record(image[18] + at, "VIDEO_TS", 20, 2 * ISO_BLOCK_BYTES);
    put_record(image[20], "VIDEO_TS.IFO;1", 22, ISO_BLOCK_BYTES);
    at = put_record(image[21], "VTS_01_0.VOB;1", 23, ISO_BLOCK_BYTES);
    put_record(image[21] + at, "VTS_01_1.VOB;1", 0x12345, 100 * ISO_BLOCK_BYTES);
}

static void the_first_title_is_found(void)
{
    uint32_t lba, blocks;

    make_image();
    CU_ASSERT_TRUE_FATAL(iso_find_first_vob(read_image, NULL, &lba, &blocks));
    CU_ASSERT_EQUAL(lba, 0x12345);
    CU_ASSERT_EQUAL(blocks, 100);
}

static void damaged_directories_hold_no_title(void)
{
    uint32_t lba, blocks;

    make_image();
    image[16][1] = 'X';
    CU_ASSERT_FALSE(iso_find_first_vob(read_image, NULL, &lba, &blocks));
    make_image();
    image[18][0] = 1; /* a record shorter than it can be */
    CU_ASSERT_FALSE(iso_find_first_vob(read_image, NULL, &lba, &blocks));
    make_image();
    image[18][32] = 0xff; /* a name longer than its record */
    CU_ASSERT_FALSE(iso_find_first_vob(read_image, NULL, &lba, &blocks));
    make_image();
    le32_put(image[16] + 156 + 2, BLOCKS); /* a folder that cannot be read */
    CU_ASSERT_FALSE(iso_find_first_vob(read_image, NULL, &lba, &blocks));
    make_image();
    image[18][0] = 255; /* goes on from garbage to the end of the block */
    CU_ASSERT_FALSE(iso_find_first_vob(read_image, NULL, &lba, &blocks));
}

UNIT_SUITE(windows_tables, T(sense_becomes_what_the_table_says),
           T(sense_is_read_as_far_as_its_additional_length_goes), T(no_status_is_listed_twice),
           T(errors_read_as_people_look_them_up), T(key_buffer_has_windows_layout),
           T(structure_request_has_windows_layout), T(rpc_state_is_read_from_its_bits),
           T(the_first_title_is_found), T(damaged_directories_hold_no_title));
