/* SPDX-License-Identifier: GPL-2.0-only */
/* Bad input, and an image that changes under a running drive: refused, and nobody else harmed. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "scsi/be.h"
#include "tests/support/lcg.h"
#include "tests/support/raw_iscsi.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- CDBs ---- */

/* Opcodes that the drive, or tgtd for it, knows (mmc-spec 6); A3h and A4h have their own tests. */
static const uint8_t known[] = {0x00, 0x03, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x23, 0x25, 0x28, 0x2b,
                                0x2f, 0x43, 0x46, 0x4a, 0x51, 0x52, 0x55, 0x5a, 0x5e, 0x5f, 0xa0,
                                0xa3, 0xa4, 0xa7, 0xa8, 0xac, 0xad, 0xb6, 0xb9, 0xbb, 0xbd, 0xbe};

static void unknown_opcodes_are_refused(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");

    for (unsigned opcode = 0; opcode < 256; opcode++) {
        const uint8_t cdb[16] = {(uint8_t)opcode};
        char text[32];

        if (memchr(known, (int)opcode, sizeof(known))) {
            continue;
        }
        snprintf(text, sizeof(text), "opcode %02x", opcode);
        expect_outcome(run_in(i, NULL, 0, cdb, sizeof(cdb)), BAD_OPCODE, text, __FILE__, __LINE__);
    }
}

/* A command of the table that says "invalid opcode" is missing. */
static void known_opcodes_are_known(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");

    for (size_t n = 0; n < sizeof(known); n++) {
        const uint8_t cdb[12] = {known[n]};

        CU_ASSERT_NOT_EQUAL(run_in(i, NULL, 0, cdb, sizeof(cdb)), BAD_OPCODE);
        CU_ASSERT_EQUAL(last_result.answered, true);
    }
}

static void unknown_key_classes_and_formats_are_refused(void)
{
    static const uint8_t reported[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x3f};
    static const uint8_t sent[] = {0x01, 0x03, 0x06, 0x3f};
    static const uint8_t list[16] = {0, 14};
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    uint8_t reply[16];

    for (unsigned class = 1; class < 256; class ++) {
        EXPECT(RUN_IN(i, reply, 8, 0xa4, 0, 0, 0, 0, 0, 0, (uint8_t) class, 0, 8, 8, 0), CDB_FIELD);
        CU_ASSERT_EQUAL(be16_get(last_result.sense + 16), 7);
        EXPECT(RUN_OUT(i, list, 16, 0xa3, 0, 0, 0, 0, 0, 0, (uint8_t) class, 0, 16, 1, 0),
               CDB_FIELD);
    }
    for (uint8_t format = 0; format < 0x40; format++) {
        if (!memchr(reported, format, sizeof(reported))) {
            EXPECT(report_key(i, 0, format, 0, reply, 8), CDB_FIELD);
            CU_ASSERT_EQUAL(be16_get(last_result.sense + 16), 10);
        }
        if (!memchr(sent, format, sizeof(sent))) {
            EXPECT(send_key(i, 0, format, list, sizeof(list)), CDB_FIELD);
        }
    }
}

static void unknown_structure_formats_are_refused(void)
{
    static const uint8_t served[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0xff};
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    static uint8_t reply[2052];

    for (unsigned format = 0; format < 256; format++) {
        if (!memchr(served, (int)format, sizeof(served))) {
            EXPECT(read_structure(i, 0, (uint8_t)format, 0, reply, sizeof(reply)), CDB_FIELD);
        }
    }
}

/* ---- parameter lists ---- */

static void lists_of_every_length_and_header(void)
{
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    uint8_t list[64] = {0};
    struct exchange x;

    go_to(&x, i, GRANTED);
    for (uint8_t bytes = 1; bytes < 16; bytes++) {
        list[1] = 0x0e;
        EXPECT(send_key(i, x.agid, 0x01, list, bytes), LIST_LENGTH);
        list[1] = bytes - 1; /* 00h to 0Dh: says less than the format needs */
        if (list[1] < 0x0e) {
            EXPECT(send_key(i, x.agid, 0x01, list, 16), LIST_FIELD);
        }
    }
    EXPECT(ask_key1(&x), SEQUENCE); /* still only granted */
    be16_put(list, 0xffff);         /* says more than there is */
    EXPECT(send_key(i, x.agid, 0x01, list, sizeof(list)), GOOD);
    EXPECT(
        RUN_OUT(i, list, 16, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (uint8_t)(x.agid << 6 | 1), 0),
        GOOD); /* what arrived is enough */
    EXPECT(invalidate(&x), GOOD);
}

static void mode_select_and_streaming_lists(void)
{
    static const uint8_t short_page[12] = {[8] = 0x01, 0x0a, 0, 8};
    static const uint8_t no_such_page[20] = {[8] = 0x3e, 0x0a};
    static const uint8_t streaming[28] = {0};
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");

    EXPECT(RUN_OUT(i, short_page, 12, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 12, 0), LIST_LENGTH);
    EXPECT(RUN_OUT(i, short_page, 4, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 4, 0), LIST_LENGTH);
    EXPECT(RUN_OUT(i, no_such_page, 20, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 20, 0), LIST_FIELD);
    EXPECT(RUN_OUT(i, streaming, 27, 0xb6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 27, 0), LIST_LENGTH);
    EXPECT(RUN_OUT(i, streaming, 28, 0xb6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 28, 0), GOOD);
}

/* ---- ranges ---- */

static void ranges_that_leave_the_disc(void)
{
    static const struct {
        uint32_t lba, blocks;
        int outcome;
    } rows[] = {
        {RIG_BLOCKS - 1, 1, GOOD},           {RIG_BLOCKS, 0, GOOD},
        {RIG_BLOCKS, 1, LBA_RANGE},          {RIG_BLOCKS - 1, 2, LBA_RANGE},
        {RIG_BLOCKS + 1, 0, LBA_RANGE},      {0xffffffff, 0, LBA_RANGE},
        {0xffffffff, 1, LBA_RANGE},          {0xffffffff, 2, LBA_RANGE},
        {1, 0xffffffff, LBA_RANGE},          {0xffffff00, 0x101, LBA_RANGE},
        {0x80000000, 0x80000000, LBA_RANGE}, {0xffffffff, 0xffffffff, LBA_RANGE},
    };
    struct initiator *i = rig_ready(rig_serve_css(), 0, "a");
    uint8_t block[RIG_BLOCK_BYTES];

    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        uint8_t cdb[12] = {0xa8};

        be32_put(cdb + 2, rows[n].lba);
        be32_put(cdb + 6, rows[n].blocks);
        EXPECT(run_in(i, block, sizeof(block), cdb, sizeof(cdb)), rows[n].outcome);
    }
    EXPECT(RUN_IN(i, block, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), GOOD);
    CU_ASSERT_EQUAL(be32_get(block), RIG_BLOCKS - 1); /* the disc has not grown */
}

/* ---- noise on the line ---- */

/* A command of random bytes, random length and direction; every second one is about keys. */
static bool send_noise(struct raw_iscsi *raw, uint32_t *state, bool about_keys)
{
    uint8_t cdb[16], list[32];
    struct raw_command command = {.cdb = cdb, .cdb_bytes = sizeof(cdb)};
    struct raw_reply reply;
    bool answered;

    lcg_bytes(state, cdb, sizeof(cdb));
    lcg_bytes(state, list, sizeof(list));
    cdb[0] = about_keys ? 0xa3 + (cdb[0] & 1) : cdb[0];
    command.flags = RAW_FINAL | RAW_SIMPLE | (cdb[15] & RAW_READ);
    command.expected_bytes = command.flags & RAW_READ ? be16_get(list) : 0;
    if (!(command.flags & RAW_READ) && cdb[15] & RAW_WRITE) {
        command.flags |= RAW_WRITE;
        command.expected_bytes = list[0] % sizeof(list);
        command.immediate = list;
        command.immediate_bytes = command.expected_bytes;
    }
    answered = raw_run(raw, &command, &reply);
    raw_reply_free(&reply);
    return answered;
}

static void random_commands_leave_a_working_drive(void)
{
    enum { ROUNDS = 400 };
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");
    struct raw_iscsi *raw = NULL;
    uint32_t state = 20260101;
    struct exchange x = {.i = i};

    for (int n = 0; n < ROUNDS; n++) {
        if (!raw) {
            raw = raw_login(served_url(s, 0), "iqn.2026-01.org.example:noise");
        }
        CU_ASSERT_PTR_NOT_NULL_FATAL(raw);
        if (!send_noise(raw, &state, n % 2)) {
            raw_close(raw, false);
            raw = NULL;
        }
    }
    raw_close(raw, false);
    CU_ASSERT(initiator_lun_reset(i));
    EXPECT(test_unit_ready(i), POWER_ON);
    RUN(i, 0x1b, 0, 0, 0, 3, 0); /* noise may have opened the tray: */
    test_unit_ready(i);          /* then this is one attention more */
    authenticate(i);
    EXPECT(ask_agid(&x), GOOD);
}

/* ---- an image that changes while it is served ---- */

/* Two drives of one daemon, each with an image of its own. */
static struct served *serve_two(void)
{
    rig_write_image("one.iso");
    rig_write_image("two.iso");
    return RIG_SERVE("--state", "none", "--disc", rig_path("one.iso"), "--disc",
                     rig_path("two.iso"));
}

static void check_neighbour(struct initiator *i)
{
    uint8_t got[RIG_BLOCK_BYTES], wanted[RIG_BLOCK_BYTES];

    rig_block(500, wanted);
    EXPECT(read_blocks(i, 500, 1, got), GOOD);
    CU_ASSERT_EQUAL(memcmp(got, wanted, sizeof(got)), 0);
}

static void an_image_that_shrinks_is_a_bad_disc(void)
{
    static uint8_t blocks[4 * RIG_BLOCK_BYTES];
    struct served *s = serve_two();
    struct initiator *one = rig_ready(s, 0, "a"), *two = rig_ready(s, 1, "a");

    CU_ASSERT_EQUAL_FATAL(truncate(rig_path("one.iso"), 100 * RIG_BLOCK_BYTES + 1000), 0);
    EXPECT(read_blocks(one, 96, 4, blocks), GOOD);
    EXPECT(read_blocks(one, 100, 1, blocks), READ_ERROR);
    CU_ASSERT_EQUAL(last_result.sense[0], 0xf0); /* INFORMATION: the block */
    CU_ASSERT_EQUAL(be32_get(last_result.sense + 3), 100);
    EXPECT(read_blocks(one, 98, 4, blocks), READ_ERROR);
    CU_ASSERT_EQUAL(last_result.sense[0], 0x70); /* not the first one: no INFORMATION */
    EXPECT(read_blocks(one, RIG_BLOCKS - 1, 1, blocks), READ_ERROR);
    EXPECT(test_unit_ready(one), GOOD);
    check_neighbour(two);
    CU_ASSERT_EQUAL_FATAL(truncate(rig_path("one.iso"), 0), 0);
    EXPECT(touch_block(one, 0), READ_ERROR);
    check_neighbour(two);
    CU_ASSERT(served_is_running(s));
}

/* A drive holds the file, not the name; once the disc is out there is no way back. */
static void an_image_that_vanishes_stays_in_until_the_eject(void)
{
    struct served *s = serve_two();
    struct initiator *one = rig_ready(s, 0, "a"), *two = rig_ready(s, 1, "a");

    CU_ASSERT_EQUAL_FATAL(unlink(rig_path("one.iso")), 0);
    check_neighbour(one);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject", "--drive", "1"), 0);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "insert", "--drive", "1", rig_path("one.iso")), 1);
    EXPECT(test_unit_ready(one), TRAY_OPEN);
    check_neighbour(two);
}

/* ---- starts that cannot work ---- */

static int serve_fails(const char *argument)
{
    const char *argv[] = {rig_paths.dvdemu, "serve", "--state", "none", argument, NULL};

    return served_run(argv, NULL, 0);
}

static void bad_discs_and_arguments_are_refused_at_once(void)
{
    CU_ASSERT_EQUAL(serve_fails(rig_path("missing.iso")), 1);
    CU_ASSERT_EQUAL(serve_fails(rig_write_text("empty.iso", "")), 1);
    CU_ASSERT_EQUAL(serve_fails(rig_write_text("bad.disc", "[disc]\nimage = none.iso\n")), 1);
    CU_ASSERT_EQUAL(serve_fails(rig_write_text("odd.disc", "[disc]\ncolour = red\n")), 1);
    CU_ASSERT_EQUAL(serve_fails("--no-such-option"), 2);
}

UNIT_SUITE(robustness, T(unknown_opcodes_are_refused), T(known_opcodes_are_known),
           T(unknown_key_classes_and_formats_are_refused), T(unknown_structure_formats_are_refused),
           T(lists_of_every_length_and_header), T(mode_select_and_streaming_lists),
           T(ranges_that_leave_the_disc), T(random_commands_leave_a_working_drive),
           T(an_image_that_shrinks_is_a_bad_disc),
           T(an_image_that_vanishes_stays_in_until_the_eject),
           T(bad_discs_and_arguments_are_refused_at_once));
