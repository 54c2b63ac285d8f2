/* SPDX-License-Identifier: GPL-2.0-only */
/* READ(10), READ(12), READ CD, READ CD MSF, VERIFY(10), SEEK(10): mmc-spec 3.2, 6, 6.10, 6.13. */
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "tests/support/medium_memory.h"
#include "unit.h"

#include <string.h>

#define USER_DATA   0x10 /* READ CD byte 9 */
#define LAST        (BENCH_DISC_BLOCKS - 1)
#define BEGIN_BYTES 16

static bool read_10(struct bench *b, uint32_t lba, uint16_t blocks)
{
    uint8_t cdb[10] = {OP_READ_10};

    be32_put(cdb + 2, lba);
    be16_put(cdb + 7, blocks);
    return bench_run(b, cdb, sizeof(cdb), NULL, 0, BENCH_ROOM_BYTES);
}

static bool read_12(struct bench *b, uint32_t lba, uint32_t blocks)
{
    uint8_t cdb[12] = {OP_READ_12};

    be32_put(cdb + 2, lba);
    be32_put(cdb + 6, blocks);
    return bench_run(b, cdb, sizeof(cdb), NULL, 0, BENCH_ROOM_BYTES);
}

static bool read_cd(struct bench *b, uint8_t type, uint32_t lba, uint8_t blocks, uint8_t main,
                    uint8_t subchannel)
{
    uint8_t cdb[12] = {OP_READ_CD, type};

    be32_put(cdb + 2, lba);
    cdb[8] = blocks;
    cdb[9] = main;
    cdb[10] = subchannel;
    return bench_run(b, cdb, sizeof(cdb), NULL, 0, BENCH_ROOM_BYTES);
}

static bool read_cd_msf(struct bench *b, const uint8_t msf[6], uint8_t main)
{
    uint8_t cdb[12] = {OP_READ_CD_MSF};

    memcpy(cdb + 3, msf, 6);
    cdb[9] = main;
    return bench_run(b, cdb, sizeof(cdb), NULL, 0, BENCH_ROOM_BYTES);
}

/* Whether these blocks came, told by how they begin; a scrambled one is changed behind that. */
static bool came(const struct bench *b, uint32_t lba, uint32_t blocks)
{
    uint8_t want[DISC_BLOCK_BYTES];

    if (b->reply.sense.check || b->reply.in_bytes != (size_t)blocks * DISC_BLOCK_BYTES) {
        return false;
    }
    for (uint32_t i = 0; i < blocks; i++) {
        medium_memory_block(lba + i, want);
        if (memcmp(b->in + (size_t)i * DISC_BLOCK_BYTES, want, BEGIN_BYTES) != 0) {
            return false;
        }
    }
    return true;
}

/* ---- ranges ---- */

static const struct {
    uint32_t lba;
    uint16_t blocks;
    bool good;
} ranges[] = {
    {0, 1, true},
    {LAST, 1, true},
    {LAST - 1, 2, true},
    {0, 0, true},
    {BENCH_DISC_BLOCKS, 0, true},
    {BENCH_DISC_BLOCKS, 1, false},
    {BENCH_DISC_BLOCKS + 1, 0, false},
    {LAST, 2, false},
    {0, BENCH_DISC_BLOCKS + 1, false},
    {0, 0xffff, false},
    {0xffffffff, 0, false},
    {0xffffffff, 1, false},
    {0xffffffff, 0xffff, false},
    {0xffffff00, 0x0100, false},
    {0x80000000, 1, false},
};
#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

static void reads_take_what_is_on_the_disc_and_no_more(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (size_t i = 0; i < RANGES; i++) {
        for (int twelve = 0; twelve < 2; twelve++) {
            bool good = twelve ? read_12(&b, ranges[i].lba, ranges[i].blocks)
                               : read_10(&b, ranges[i].lba, ranges[i].blocks);

            CU_ASSERT_EQUAL(good, ranges[i].good);
            CU_ASSERT(good ? came(&b, ranges[i].lba, ranges[i].blocks)
                           : BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
        }
    }
    bench_close(&b);
}

static void a_count_of_32_bits_does_not_wrap(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(read_12(&b, 0, 0xffffffff));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(read_12(&b, 1, 0xffffffff));
    CU_ASSERT_FALSE(read_12(&b, 0xffffffff, 0xffffffff));
    CU_ASSERT_FALSE(read_12(&b, 0x100, 0xffffff01));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    bench_close(&b);
}

static void seek_goes_to_blocks_only(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(BENCH_GO(&b, OP_SEEK_10, 0, 0, 0, 0, 0xff, 0, 0, 0, 0));
    CU_ASSERT_FALSE(BENCH_GO(&b, OP_SEEK_10, 0, 0, 0, 1, 0, 0, 0, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(BENCH_GO(&b, OP_SEEK_10, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
    bench_close(&b);
}

static void an_empty_drive_reads_nothing(void)
{
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FALSE(read_10(&b, 0, 1));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    drive_tray_open(&b.drive);
    CU_ASSERT_FALSE(read_cd(&b, 0, 0, 1, USER_DATA, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_OPEN));
    bench_close(&b);
}

/* ---- gating ---- */

static void a_range_is_refused_when_any_block_of_it_is_gated(void)
{
    struct bench b;

    bench_open_css(&b);
    for (uint32_t lba = BENCH_SCRAMBLED_LBA - 3; lba < BENCH_CLEAR_LBA + 3; lba++) {
        for (uint16_t blocks = 1; blocks < 6; blocks++) {
            const bool gated = lba + blocks > BENCH_SCRAMBLED_LBA &&
                               lba < BENCH_SCRAMBLED_LBA + BENCH_EXTENT_BLOCKS;

            CU_ASSERT_EQUAL(read_10(&b, lba, blocks), !gated);
            CU_ASSERT(gated ? BENCH_SENSE(&b, SENSE_SCRAMBLED_SECTOR) : came(&b, lba, blocks));
            CU_ASSERT_FALSE(b.reply.sense.information_valid);
        }
    }
    bench_close(&b);
}

static void every_read_is_gated_and_asf_opens_them_all(void)
{
    static const uint8_t msf[6] = {0, 2, BENCH_SCRAMBLED_LBA, 0, 2, BENCH_SCRAMBLED_LBA + 1};
    struct bench b;

    bench_open_css(&b);
    for (int asf = 0; asf < 2; asf++) {
        b.drive.state.asf = asf;
        CU_ASSERT_EQUAL(read_10(&b, BENCH_SCRAMBLED_LBA, 1), asf);
        CU_ASSERT_EQUAL(read_12(&b, BENCH_SCRAMBLED_LBA, 1), asf);
        CU_ASSERT_EQUAL(read_cd(&b, 0, BENCH_SCRAMBLED_LBA, 1, USER_DATA, 0), asf);
        CU_ASSERT_EQUAL(read_cd_msf(&b, msf, USER_DATA), asf);
        CU_ASSERT(asf || BENCH_SENSE(&b, SENSE_SCRAMBLED_SECTOR));
    }
    bench_close(&b);
}

static void the_gate_is_cpm_and_cp_sec_without_cp_mod(void)
{
    struct bench b;

    bench_open_css(&b);
    for (unsigned cpr_mai = 0; cpr_mai < 256; cpr_mai++) {
        b.drive.disc->extents[0].cpr_mai = (uint8_t)cpr_mai;
        CU_ASSERT_EQUAL(read_10(&b, BENCH_SCRAMBLED_LBA, 1), (cpr_mai & 0xcf) != 0xc0);
    }
    bench_close(&b);
}

static void a_disc_without_css_has_no_gate(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.disc->protection = DISC_NO_PROTECTION;
    CU_ASSERT(read_10(&b, BENCH_SCRAMBLED_LBA, 1));
    bench_close(&b);
}

static void a_region_mismatch_does_not_gate(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.state.asf = true;
    b.drive.state.region.mask = 0xfd; /* region 2; the disc is for region 1 */
    CU_ASSERT(read_10(&b, BENCH_SCRAMBLED_LBA, 1));
    bench_close(&b);
}

/* ---- READ CD ---- */

static void read_cd_knows_any_type_and_mode_1(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (uint8_t type = 0; type < 8; type++) {
        const bool good = type == 0 || type == 2;

        CU_ASSERT_EQUAL(read_cd(&b, (uint8_t)(type << 2), 9, 2, USER_DATA, 0), good);
        CU_ASSERT(good ? came(&b, 9, 2)
                       : BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB) &&
                             bench_points_at(&b, SENSE_POINTER_CDB, 1));
    }
    bench_close(&b);
}

static void read_cd_gives_user_data_or_nothing(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned main = 0; main < 256; main++) {
        const unsigned asked = main & 0xfe; /* bit 0 is reserved */
        const bool good = asked == 0 || asked == USER_DATA;

        CU_ASSERT_EQUAL(read_cd(&b, 0, 9, 1, (uint8_t)main, 0), good);
        CU_ASSERT(good ? came(&b, 9, asked ? 1 : 0) : bench_points_at(&b, SENSE_POINTER_CDB, 9));
    }
    bench_close(&b);
}

static void read_cd_has_no_subchannels(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (uint8_t sub = 0; sub < 8; sub++) {
        CU_ASSERT_EQUAL(read_cd(&b, 0, 9, 1, USER_DATA, sub), sub == 0);
        CU_ASSERT(sub == 0 || bench_points_at(&b, SENSE_POINTER_CDB, 10));
    }
    bench_close(&b);
}

static void read_cd_judges_a_range_without_data_too(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT_FALSE(read_cd(&b, 0, BENCH_DISC_BLOCKS, 1, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(read_cd(&b, 0, BENCH_SCRAMBLED_LBA, 1, 0, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SCRAMBLED_SECTOR));
    CU_ASSERT_FALSE(read_cd(&b, 0, 0xffffffff, 0xff, USER_DATA, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    bench_close(&b);
}

/* LBA = (M * 60 + S) * 75 + F - 150; the end is not part of it. */
static void read_cd_msf_reads_between_two_positions(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(read_cd_msf(&b, (const uint8_t[]){0, 2, 0, 0, 2, 3}, USER_DATA));
    CU_ASSERT(came(&b, 0, 3));
    CU_ASSERT(read_cd_msf(&b, (const uint8_t[]){0, 3, 74, 0, 4, 1}, USER_DATA));
    CU_ASSERT(came(&b, 149, 2));
    CU_ASSERT(read_cd_msf(&b, (const uint8_t[]){0, 5, 30, 0, 5, 31}, USER_DATA));
    CU_ASSERT(came(&b, LAST, 1));
    CU_ASSERT(read_cd_msf(&b, (const uint8_t[]){0, 2, 7, 0, 2, 7}, USER_DATA));
    CU_ASSERT(came(&b, 7, 0));
    bench_close(&b);
}

static void read_cd_msf_refuses_what_is_not_between(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(read_cd_msf(&b, (const uint8_t[]){0, 1, 74, 0, 2, 1}, USER_DATA));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(read_cd_msf(&b, (const uint8_t[]){0, 0, 0, 0, 0, 0}, USER_DATA));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(read_cd_msf(&b, (const uint8_t[]){0, 5, 31, 0, 5, 32}, USER_DATA));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(
        read_cd_msf(&b, (const uint8_t[]){0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, USER_DATA));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(read_cd_msf(&b, (const uint8_t[]){0, 2, 8, 0, 2, 7}, USER_DATA));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 6));
    bench_close(&b);
}

/* ---- VERIFY ---- */

static bool verify(struct bench *b, uint8_t bytchk, uint8_t lba, uint8_t blocks,
                   const uint8_t *data, size_t bytes)
{
    const uint8_t cdb[10] = {OP_VERIFY_10, (uint8_t)(bytchk << 1), 0, 0, 0, lba, 0, 0, blocks, 0};

    return bench_run(b, cdb, sizeof(cdb), data, bytes, 0);
}

static void verify_without_bytchk_looks_at_the_range_only(void)
{
    struct bench b;
    const struct medium_memory *memory;

    bench_open_css(&b);
    memory = (const struct medium_memory *)b.drive.disc->medium;
    CU_ASSERT(verify(&b, 0, BENCH_SCRAMBLED_LBA, 4, NULL, 0));
    CU_ASSERT_EQUAL(b.reply.out_bytes, 0);
    CU_ASSERT_FALSE(verify(&b, 0, LAST, 2, NULL, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_EQUAL(memory->reads, 0);
    bench_close(&b);
}

static void verify_compares_as_a_read_would_return(void)
{
    static uint8_t data[20 * DISC_BLOCK_BYTES];
    struct bench b;

    bench_open_css(&b);
    b.drive.state.asf = true;
    CU_ASSERT_FATAL(read_10(&b, BENCH_SCRAMBLED_LBA - 2, 20));
    memcpy(data, b.in, sizeof(data));
    CU_ASSERT(verify(&b, 1, BENCH_SCRAMBLED_LBA - 2, 20, data, sizeof(data)));
    CU_ASSERT_EQUAL(b.reply.out_bytes, sizeof(data));
    for (size_t at = 0; at < sizeof(data); at += 1023) {
        data[at] ^= 1;
        CU_ASSERT_FALSE(verify(&b, 1, BENCH_SCRAMBLED_LBA - 2, 20, data, sizeof(data)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_MISCOMPARE));
        data[at] ^= 1;
    }
    bench_close(&b);
}

static void verify_wants_all_of_its_data(void)
{
    static const uint8_t data[2 * DISC_BLOCK_BYTES];
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(verify(&b, 1, 7, 2, data, sizeof(data) - 1));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT_FALSE(verify(&b, 1, 7, 1, NULL, 0));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LIST_LENGTH));
    CU_ASSERT(verify(&b, 1, 7, 0, NULL, 0));
    bench_close(&b);
}

static void verify_tells_no_secret(void)
{
    static const uint8_t data[DISC_BLOCK_BYTES];
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT_FALSE(verify(&b, 1, BENCH_SCRAMBLED_LBA, 1, data, sizeof(data)));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_SCRAMBLED_SECTOR));
    bench_close(&b);
}

static void verify_knows_bytchk_0_and_1(void)
{
    static const uint8_t data[DISC_BLOCK_BYTES];
    struct bench b;

    bench_open_plain(&b);
    for (uint8_t bytchk = 2; bytchk < 4; bytchk++) {
        CU_ASSERT_FALSE(verify(&b, bytchk, 7, 1, data, sizeof(data)));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    }
    bench_close(&b);
}

UNIT_SUITE(cmd_read, T(reads_take_what_is_on_the_disc_and_no_more),
           T(a_count_of_32_bits_does_not_wrap), T(seek_goes_to_blocks_only),
           T(an_empty_drive_reads_nothing), T(a_range_is_refused_when_any_block_of_it_is_gated),
           T(every_read_is_gated_and_asf_opens_them_all),
           T(the_gate_is_cpm_and_cp_sec_without_cp_mod), T(a_disc_without_css_has_no_gate),
           T(a_region_mismatch_does_not_gate), T(read_cd_knows_any_type_and_mode_1),
           T(read_cd_gives_user_data_or_nothing), T(read_cd_has_no_subchannels),
           T(read_cd_judges_a_range_without_data_too), T(read_cd_msf_reads_between_two_positions),
           T(read_cd_msf_refuses_what_is_not_between),
           T(verify_without_bytchk_looks_at_the_range_only),
           T(verify_compares_as_a_read_would_return), T(verify_wants_all_of_its_data),
           T(verify_tells_no_secret), T(verify_knows_bytchk_0_and_1));
