/* SPDX-License-Identifier: GPL-2.0-only */
/* READ DVD STRUCTURE: mmc-spec 5. */
#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "tests/support/bench_drive.h"
#include "unit.h"

#include <string.h>

#define ROOM        0x0900 /* more than any structure has */
#define HEADER      4
#define BLOCK_REPLY (HEADER + 2048)

struct ask {
    uint8_t media_type, layer, format, agid;
    uint32_t address;
};

static bool read_structure(struct bench *b, struct ask ask)
{
    uint8_t cdb[12] = {OP_READ_DVD_STRUCTURE, ask.media_type, [6] = ask.layer, [7] = ask.format};

    be32_put(cdb + 2, ask.address);
    be16_put(cdb + 8, ROOM);
    cdb[10] = (uint8_t)(ask.agid << 6);
    return bench_run(b, cdb, sizeof(cdb), NULL, 0, ROOM);
}

/* A reply of a 2048-byte structure: header, what is said of it, and zeros. */
static bool is_block(const struct bench *b, const uint8_t *used, size_t used_bytes)
{
    uint8_t want[BLOCK_REPLY] = {0x08, 0x02};

    memcpy(want + HEADER, used, used_bytes);
    return bench_in_is(b, want, sizeof(want));
}

static void open_dual(struct bench *b, enum disc_track_path path, uint32_t layer0, uint32_t layer1)
{
    struct disc *disc = bench_plain_disc(layer0 + layer1);

    bench_open(b);
    disc->layers = 2;
    disc->track_path = (uint8_t)path;
    disc->layer0_blocks = layer0;
    CU_ASSERT_FATAL(drive_insert(&b->drive, disc));
    bench_quiet(b);
}

/* ---- 00h ---- */

static void one_layer_ends_at_its_last_block(void)
{
    static const uint8_t want[17] = {0x01, 0x02, 0x01, 0x00, 0, 3, 0, 0, 0, 0x03, 0x00, 0xff};
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL}));
    CU_ASSERT(is_block(&b, want, sizeof(want)));
    bench_close(&b);
}

/* The real drive of mmc-spec 5.1: last LBA 16732Fh, last sector 19732Fh. */
static void a_pressed_disc_looks_as_on_a_real_drive(void)
{
    static const uint8_t want[] = {0x08, 0x02, 0x00, 0x00, 0x01, 0x02, 0x01, 0x00,
                                   0x00, 0x03, 0x00, 0x00, 0x00, 0x19, 0x73, 0x2f};
    struct bench b;

    bench_open(&b);
    CU_ASSERT_FATAL(drive_insert(&b.drive, bench_plain_disc(0x167330)));
    bench_quiet(&b);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL}));
    CU_ASSERT_EQUAL(memcmp(b.in, want, sizeof(want)), 0);
    bench_close(&b);
}

static void parallel_layers_each_count_from_the_start(void)
{
    static const uint8_t layer0[17] = {0x01, 0x02, 0x21, 0x10, 0, 3, 0, 0, 0, 0x03, 0x03, 0xff};
    static const uint8_t layer1[17] = {0x01, 0x02, 0x21, 0x10, 0, 3, 0, 0, 0, 0x03, 0x01, 0x2b};
    struct bench b;

    open_dual(&b, DISC_PTP, 1024, 300);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL}));
    CU_ASSERT(is_block(&b, layer0, sizeof(layer0)));
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL, .layer = 1}));
    CU_ASSERT(is_block(&b, layer1, sizeof(layer1)));
    bench_close(&b);
}

/* end0 = 0303FFh; layer 1 begins with FCFC00h and has 300 blocks. */
static void opposite_layers_count_with_complements(void)
{
    static const uint8_t want[17] = {0x01, 0x02, 0x31, 0x10, 0, 3,    0,    0,
                                     0,    0xfc, 0xfd, 0x2b, 0, 0x03, 0x03, 0xff};
    struct bench b;

    open_dual(&b, DISC_OTP, 1024, 300);
    for (uint8_t layer = 0; layer < 2; layer++) {
        CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL, .layer = layer}));
        CU_ASSERT(is_block(&b, want, sizeof(want)));
    }
    bench_close(&b);
}

static void full_opposite_layers_end_where_the_complement_does(void)
{
    static const uint8_t last[] = {0x00, 0xfc, 0xff, 0xff};
    struct bench b;

    open_dual(&b, DISC_OTP, 0x1fe000, 0x1fe000);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL}));
    CU_ASSERT_EQUAL(memcmp(b.in + HEADER + 8, last, sizeof(last)), 0);
    bench_close(&b);
}

static void a_layer_that_is_not_there_is_refused(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT_FALSE(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL, .layer = 1}));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 6));
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_COPYRIGHT, .layer = 1}));
    bench_close(&b);
    open_dual(&b, DISC_OTP, 32, 32);
    CU_ASSERT_FALSE(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL, .layer = 2}));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 6));
    bench_close(&b);
}

/* ---- 01h, 04h, 05h ---- */

static void copyright_tells_protection_and_region(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_COPYRIGHT}));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 6, 0, 0, DISC_CSS, BENCH_RMI, 0, 0));
    bench_close(&b);
    bench_open_plain(&b);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_COPYRIGHT}));
    CU_ASSERT(BENCH_IN_IS(&b, 0, 6, 0, 0, 0, 0, 0, 0));
    bench_close(&b);
}

static void manufacturing_is_zeros(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_MANUFACTURING}));
    CU_ASSERT(is_block(&b, (const uint8_t[]){0}, 1));
    bench_close(&b);
}

static void copyright_management_tells_the_byte_of_one_block(void)
{
    static const struct {
        uint32_t lba;
        uint8_t cpr_mai;
    } rows[] = {{0, 0},
                {BENCH_SCRAMBLED_LBA - 1, 0},
                {BENCH_SCRAMBLED_LBA, 0xf0},
                {BENCH_CLEAR_LBA - 1, 0xf0},
                {BENCH_CLEAR_LBA, 0xb0},
                {BENCH_CLEAR_LBA + BENCH_EXTENT_BLOCKS, 0},
                {BENCH_DISC_BLOCKS - 1, 0}};
    struct bench b;

    bench_open_css(&b);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT(read_structure(
            &b, (struct ask){.format = STRUCTURE_COPYRIGHT_MANAGEMENT, .address = rows[i].lba}));
        CU_ASSERT(BENCH_IN_IS(&b, 0, 6, 0, 0, rows[i].cpr_mai, 0, 0, 0));
    }
    CU_ASSERT_FALSE(read_structure(
        &b, (struct ask){.format = STRUCTURE_COPYRIGHT_MANAGEMENT, .address = BENCH_DISC_BLOCKS}));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_FALSE(read_structure(
        &b, (struct ask){.format = STRUCTURE_COPYRIGHT_MANAGEMENT, .address = 0xffffffff}));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_LBA_OUT_OF_RANGE));
    bench_close(&b);
}

/* ---- 02h ---- */

static void the_disc_key_goes_out_under_the_bus_key_of_its_agid(void)
{
    static const css_bus_key bus = {{0x10, 0x20, 0x30, 0x40, 0x50}};
    struct bench b;

    bench_open_css(&b);
    b.drive.state.agids[0].state = AGID_BUSKEY;
    b.drive.state.agids[2].state = AGID_BUSKEY;
    b.drive.state.agids[2].bus_key = bus;
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_DISC_KEY, .agid = 2}));
    CU_ASSERT_EQUAL(b.reply.in_bytes, BLOCK_REPLY);
    for (size_t i = 0; i < 2048; i++) { /* bench_css_disc(): byte i is i */
        CU_ASSERT_EQUAL(b.in[HEADER + i], (uint8_t)i ^ bus.b[i % 5]);
    }
    CU_ASSERT_EQUAL(b.drive.state.agids[2].state, AGID_FREE);
    CU_ASSERT_EQUAL(b.drive.state.agids[0].state, AGID_BUSKEY);
    CU_ASSERT(b.drive.state.asf);
    bench_close(&b);
}

static void the_disc_key_wants_a_bus_key_before_a_disc_with_keys(void)
{
    struct bench b;

    bench_open_plain(&b);
    for (unsigned state = AGID_FREE; state < AGID_STATES; state++) {
        b.drive.state.agids[1].state = (uint8_t)state;
        CU_ASSERT_FALSE(read_structure(&b, (struct ask){.format = STRUCTURE_DISC_KEY, .agid = 1}));
        CU_ASSERT(BENCH_SENSE(&b, state == AGID_BUSKEY ? SENSE_KEY_NOT_PRESENT
                                                       : SENSE_KEY_NOT_ESTABLISHED));
        CU_ASSERT_EQUAL(b.drive.state.agids[1].state, state);
    }
    CU_ASSERT_FALSE(b.drive.state.asf);
    bench_close(&b);
}

static void no_other_structure_uses_an_agid_up(void)
{
    struct bench b;

    bench_open_css(&b);
    b.drive.state.agids[0].state = AGID_BUSKEY;
    for (uint8_t format = 0; format < 6; format++) {
        if (format != STRUCTURE_DISC_KEY) {
            (void)read_structure(&b, (struct ask){.format = format});
            CU_ASSERT_EQUAL(b.drive.state.agids[0].state, AGID_BUSKEY);
            CU_ASSERT_FALSE(b.drive.state.asf);
        }
    }
    bench_close(&b);
}

/* ---- 03h ---- */

static void the_bca_is_given_as_long_as_it_is(void)
{
    static const uint8_t lengths[] = {DISC_BCA_BYTES_MIN, 100, DISC_BCA_BYTES_MAX};
    uint8_t want[HEADER + DISC_BCA_BYTES_MAX] = {0};
    struct bench b;

    bench_open_plain(&b);
    for (uint8_t i = 0; i < DISC_BCA_BYTES_MAX; i++) {
        b.drive.disc->bca[i] = want[HEADER + i] = (uint8_t)(0xff - i);
    }
    for (size_t i = 0; i < sizeof(lengths); i++) {
        b.drive.disc->bca_bytes = lengths[i];
        want[1] = (uint8_t)(lengths[i] + 2);
        CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_BCA}));
        CU_ASSERT(bench_in_is(&b, want, HEADER + (size_t)lengths[i]));
        CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_PHYSICAL}));
        CU_ASSERT_EQUAL(b.in[HEADER + 16], 0x80);
    }
    bench_close(&b);
}

static void a_disc_without_bca_refuses_the_format(void)
{
    struct bench b;

    bench_open_css(&b);
    CU_ASSERT_FALSE(read_structure(&b, (struct ask){.format = STRUCTURE_BCA}));
    CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 7));
    bench_close(&b);
}

/* ---- FFh, and all that there is not ---- */

static void the_list_names_what_can_be_read(void)
{
    struct bench b;

    bench_open_plain(&b);
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_LIST}));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x1a, 0, 0, 0x00, 0x40, 0x08, 0x04, 0x01, 0x40, 0x00, 0x08,
                          0x02, 0x40, 0x08, 0x04, 0x04, 0x40, 0x08, 0x04, 0x05, 0x40, 0x00, 0x08,
                          0xff, 0x40, 0x00, 0x1c));
    b.drive.disc->bca_bytes = 12;
    CU_ASSERT(read_structure(&b, (struct ask){.format = STRUCTURE_LIST}));
    CU_ASSERT(BENCH_IN_IS(&b, 0x00, 0x1e, 0, 0, 0x00, 0x40, 0x08, 0x04, 0x01, 0x40, 0x00, 0x08,
                          0x02, 0x40, 0x08, 0x04, 0x03, 0x40, 0x00, 0xc0, 0x04, 0x40, 0x08, 0x04,
                          0x05, 0x40, 0x00, 0x08, 0xff, 0x40, 0x00, 0x20));
    bench_close(&b);
}

static void other_formats_are_refused_in_the_cdb(void)
{
    struct bench b;

    bench_open_css(&b);
    for (unsigned format = 6; format < STRUCTURE_LIST; format++) {
        CU_ASSERT_FALSE(read_structure(&b, (struct ask){.format = (uint8_t)format}));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_INVALID_FIELD_IN_CDB));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 7));
    }
    bench_close(&b);
}

static void other_media_types_are_refused(void)
{
    struct bench b;

    bench_open_css(&b);
    for (uint8_t type = 1; type < 16; type++) {
        CU_ASSERT_FALSE(
            read_structure(&b, (struct ask){.media_type = type, .format = STRUCTURE_PHYSICAL}));
        CU_ASSERT(bench_points_at(&b, SENSE_POINTER_CDB, 1));
    }
    bench_close(&b);
}

static void without_a_disc_there_is_no_structure(void)
{
    static const uint8_t formats[] = {0, 1, 2, 3, 4, 5, STRUCTURE_LIST};
    struct bench b;

    bench_open(&b);
    for (size_t i = 0; i < sizeof(formats); i++) {
        CU_ASSERT_FALSE(read_structure(&b, (struct ask){.format = formats[i]}));
        CU_ASSERT(BENCH_SENSE(&b, SENSE_NO_MEDIUM_TRAY_CLOSED));
    }
    bench_close(&b);
}

/* The path is that from one layer to the other. */
static void one_layer_has_no_track_path(void)
{
    struct bench b;

    bench_open_plain(&b);
    ((struct disc *)b.drive.disc)->track_path = DISC_OTP;
    CU_ASSERT(BENCH_IN(&b, 24, 0xad, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0));
    CU_ASSERT_EQUAL_FATAL(b.reply.in_bytes, 24);
    CU_ASSERT(memcmp(b.in + 4,
                     (const uint8_t[]){0x01, 0x02, 0x01, 0, 0, 3, 0, 0, 0, 3, 0, 0xff, 0, 0, 0, 0},
                     16) == 0);
    bench_close(&b);
}

UNIT_SUITE(cmd_structure, T(one_layer_has_no_track_path), T(one_layer_ends_at_its_last_block),
           T(a_pressed_disc_looks_as_on_a_real_drive), T(parallel_layers_each_count_from_the_start),
           T(opposite_layers_count_with_complements),
           T(full_opposite_layers_end_where_the_complement_does),
           T(a_layer_that_is_not_there_is_refused), T(copyright_tells_protection_and_region),
           T(manufacturing_is_zeros), T(copyright_management_tells_the_byte_of_one_block),
           T(the_disc_key_goes_out_under_the_bus_key_of_its_agid),
           T(the_disc_key_wants_a_bus_key_before_a_disc_with_keys),
           T(no_other_structure_uses_an_agid_up), T(the_bca_is_given_as_long_as_it_is),
           T(a_disc_without_bca_refuses_the_format), T(the_list_names_what_can_be_read),
           T(other_formats_are_refused_in_the_cdb), T(other_media_types_are_refused),
           T(without_a_disc_there_is_no_structure));
