/* SPDX-License-Identifier: GPL-2.0-only */
/* Discs of other kinds in a served drive: CD, no copyright structure, two layers of 8.5 GB. */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "scsi/be.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A full DVD-9: layer 0 of 2084960 blocks, layer 1 of 2070000. */
#define LAYER0_BLOCKS 2084960u
#define DVD9_BLOCKS   (LAYER0_BLOCKS + 2070000u)
#define FIRST_SECTOR  0x030000u

static uint16_t profile(struct initiator *i)
{
    uint8_t reply[8] = {0};

    EXPECT(RUN_IN(i, reply, sizeof(reply), 0x46, 0, 0, 0, 0, 0, 0, 0, 8, 0), GOOD);
    return be16_get(reply + 6);
}

/* Whether GET CONFIGURATION says that a feature is current. */
static bool is_current(struct initiator *i, uint16_t feature)
{
    uint8_t reply[32] = {0};

    EXPECT(RUN_IN(i, reply, sizeof(reply), 0x46, 2, (uint8_t)(feature >> 8), (uint8_t)feature, 0, 0,
                  0, 0, 32, 0),
           GOOD);
    CU_ASSERT_EQUAL(be16_get(reply + 8), feature);
    return reply[10] & 1;
}

static void a_cd_is_a_disc_without_keys(void)
{
    char text[128];
    uint8_t reply[2052], block[RIG_BLOCK_BYTES], expected[RIG_BLOCK_BYTES];
    struct served *s;
    struct initiator *i;
    struct exchange x;

    rig_write_image("cd.iso");
    snprintf(text, sizeof(text), "[disc]\nimage = cd.iso\nmedium = cd\n");
    s = RIG_SERVE("--state", "none", rig_write_text("cd.disc", text));
    i = rig_ready(s, 0, "a");
    x = (struct exchange){.i = i};
    CU_ASSERT_EQUAL(profile(i), 0x0008);
    CU_ASSERT_TRUE(is_current(i, 0x001e));
    CU_ASSERT_FALSE(is_current(i, 0x001f));
    EXPECT(ask_agid(&x), WRONG_MEDIUM);
    EXPECT(report_key(i, 0, 0x05, 0, reply, 8), WRONG_MEDIUM);
    EXPECT(report_key(i, 0, 0x08, 0, reply, 8), GOOD);
    EXPECT(read_structure(i, 0, 0x00, 0, reply, sizeof(reply)), WRONG_MEDIUM);
    EXPECT(read_structure(i, 0, 0x01, 0, reply, 8), WRONG_MEDIUM);
    EXPECT(read_blocks(i, 500, 1, block), GOOD);
    rig_block(500, expected);
    CU_ASSERT_EQUAL(memcmp(block, expected, sizeof(block)), 0);
    EXPECT(RUN_IN(i, block, sizeof(block), 0xbe, 0, 0, 0, 2, 0, 0, 0, 1, 0x10, 0, 0), GOOD);
    rig_block(512, expected);
    CU_ASSERT_EQUAL(memcmp(block, expected, sizeof(block)), 0);
}

/* A key exchange that stands when a CD comes in is gone with the DVD. */
static void a_cd_in_place_of_a_dvd_ends_every_exchange(void)
{
    struct served *s = rig_serve_css();
    struct initiator *i = rig_ready(s, 0, "a");
    struct exchange x;

    rig_write_image("cd.iso");
    go_to(&x, i, BUSKEY);
    CU_ASSERT_EQUAL(RIG_OPERATOR(s, "eject"), 0);
    CU_ASSERT_EQUAL(
        RIG_OPERATOR(s, "insert",
                     rig_write_text("cd.disc", "[disc]\nimage = cd.iso\nmedium = cd\n")),
        0);
    EXPECT(ask_title_key(&x, RIG_SCRAMBLED_LBA, &(uint8_t){0}, (uint8_t[5]){0}), MEDIUM_CHANGED);
    EXPECT(ask_title_key(&x, RIG_SCRAMBLED_LBA, &(uint8_t){0}, (uint8_t[5]){0}), WRONG_MEDIUM);
    CU_ASSERT_EQUAL(profile(i), 0x0008);
    EXPECT(touch_block(i, RIG_SCRAMBLED_LBA), GOOD);
}

static void a_dvd_without_copyright_structure_has_no_css(void)
{
    uint8_t reply[8];
    struct served *s;
    struct initiator *i;

    rig_write_image("x.iso");
    s = RIG_SERVE("--state", "none",
                  rig_write_text("x.disc", "[disc]\nimage = x.iso\nprotection = absent\n"));
    i = rig_ready(s, 0, "a");
    CU_ASSERT_EQUAL(profile(i), 0x0010);
    CU_ASSERT_FALSE(is_current(i, 0x0106));
    EXPECT(read_structure(i, 0, 0x01, 0, reply, sizeof(reply)), CDB_FIELD);
    EXPECT(read_structure(i, 0, 0x00, 0, reply, sizeof(reply)), GOOD);
    EXPECT(touch_block(i, 5), GOOD);
}

/* An image that takes no room on this machine's disk; its last block alone is not zero. */
static void write_dvd9(const char *name, uint8_t last[RIG_BLOCK_BYTES])
{
    int fd = open(rig_path(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    CU_ASSERT_FATAL(fd >= 0);
    rig_block(DVD9_BLOCKS - 1, last);
    CU_ASSERT_EQUAL_FATAL(
        pwrite(fd, last, RIG_BLOCK_BYTES, (off_t)(DVD9_BLOCKS - 1) * RIG_BLOCK_BYTES),
        RIG_BLOCK_BYTES);
    close(fd);
}

static void check_layers(struct initiator *i, bool opposite)
{
    const uint32_t end0 = FIRST_SECTOR - 1 + LAYER0_BLOCKS, layer1 = DVD9_BLOCKS - LAYER0_BLOCKS;
    const uint32_t end[2] = {
        opposite ? (~end0 & 0xffffff) + layer1 - 1 : end0,
        opposite ? (~end0 & 0xffffff) + layer1 - 1 : FIRST_SECTOR - 1 + layer1,
    };

    for (uint8_t layer = 0; layer < 2; layer++) {
        uint8_t reply[21] = {0};

        EXPECT(RUN_IN(i, reply, sizeof(reply), 0xad, 0, 0, 0, 0, 0, layer, 0, 0, 21, 0, 0), GOOD);
        CU_ASSERT_EQUAL(reply[6], opposite ? 0x31 : 0x21);
        CU_ASSERT_EQUAL(be32_get(reply + 8), FIRST_SECTOR);
        CU_ASSERT_EQUAL(be32_get(reply + 12), end[layer]);
        CU_ASSERT_EQUAL(be32_get(reply + 16), opposite ? end0 : 0);
    }
    EXPECT(RUN_IN(i, (uint8_t[21]){0}, 21, 0xad, 0, 0, 0, 0, 0, 2, 0, 0, 21, 0, 0), CDB_FIELD);
}

static void two_layers_of_8_5_gb(void)
{
    static const char *const paths[] = {"ptp", "otp"};
    uint8_t last[RIG_BLOCK_BYTES], block[RIG_BLOCK_BYTES], capacity[8];

    write_dvd9("dvd9.iso", last);
    for (size_t p = 0; p < 2; p++) {
        char text[160];
        struct served *s;
        struct initiator *i;

        snprintf(text, sizeof(text),
                 "[disc]\nimage = dvd9.iso\nlayers = 2\ntrack_path = %s\nlayer0_blocks = %u\n",
                 paths[p], LAYER0_BLOCKS);
        s = RIG_SERVE("--state", "none", rig_write_text("dvd9.disc", text));
        i = rig_ready(s, 0, "a");
        EXPECT(RUN_IN(i, capacity, sizeof(capacity), 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), GOOD);
        CU_ASSERT_EQUAL(be32_get(capacity), DVD9_BLOCKS - 1);
        EXPECT(read_blocks(i, DVD9_BLOCKS - 1, 1, block), GOOD);
        CU_ASSERT_EQUAL(memcmp(block, last, sizeof(block)), 0);
        EXPECT(touch_block(i, LAYER0_BLOCKS), GOOD);
        EXPECT(touch_block(i, DVD9_BLOCKS), LBA_RANGE);
        check_layers(i, p == 1);
        rig_logout(i);
        rig_stop(s);
    }
}

UNIT_SUITE(disc_kinds, T(a_cd_is_a_disc_without_keys),
           T(a_cd_in_place_of_a_dvd_ends_every_exchange),
           T(a_dvd_without_copyright_structure_has_no_css), T(two_layers_of_8_5_gb));
