/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole film: mint a really authored image, serve it, be a player - authenticate, find the disc
 * key with the one player key that we own, ask for the title key of each VOB, read every block,
 * descramble - and hold what comes out against the plain image.
 */
#include "exchange.h"
#include "host_cdbs.h"
#include "rig.h"
#include "scsi/be.h"
#include "tests/unit/unit.h"

#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS_PER_READ 32 /* 64 KiB */
#define FILES_MAX       32
#define VOLUME_LBA      16   /* primary volume descriptor (ECMA-119 8.4) */
#define ROOT_AT         156  /* root directory record in it */
#define PES_FLAG_AT     0x14 /* byte of a pack with PES_scrambling_control, bits 5-4 */
#define PES_FLAG        0x30

/* ---- the file system, as a player reads it: over the wire ---- */

struct file {
    uint32_t lba, blocks;
    uint8_t title_key[HOST_CSS_KEY_BYTES];
    bool has_key;
};

struct film {
    struct initiator *i;
    uint32_t blocks;
    uint8_t disc_key[HOST_CSS_KEY_BYTES];
    struct file vobs[FILES_MAX];
    size_t vob_count, descrambled;
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Extent of a directory record (ECMA-119 9.1). */
static struct file extent_of(const uint8_t *record)
{
    return (struct file){.lba = le32(record + 2),
                         .blocks = (le32(record + 10) + RIG_BLOCK_BYTES - 1) / RIG_BLOCK_BYTES};
}

typedef void record_fn(struct film *film, const uint8_t *record, const char *name);

static void each_record(struct film *film, struct file directory, record_fn *visit)
{
    uint8_t block[RIG_BLOCK_BYTES];

    for (uint32_t n = 0; n < directory.blocks; n++) {
        EXPECT_FATAL(read_blocks(film->i, directory.lba + n, 1, block), GOOD);
        for (size_t at = 0; at + 34 < sizeof(block) && block[at]; at += block[at]) {
            char name[256];

            snprintf(name, sizeof(name), "%.*s", block[at + 32], (const char *)block + at + 33);
            visit(film, block + at, name);
        }
    }
}

static void take_vob(struct film *film, const uint8_t *record, const char *name)
{
    struct file vob = extent_of(record);

    if (strstr(name, ".VOB") && vob.blocks) {
        CU_ASSERT_FATAL(film->vob_count < FILES_MAX);
        film->vobs[film->vob_count++] = vob;
    }
}

static void open_video_ts(struct film *film, const uint8_t *record, const char *name)
{
    if (strcmp(name, "VIDEO_TS") == 0) {
        each_record(film, extent_of(record), take_vob);
    }
}

static void find_vobs(struct film *film)
{
    uint8_t block[RIG_BLOCK_BYTES];

    EXPECT_FATAL(RUN_IN(film->i, block, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), GOOD);
    film->blocks = be32_get(block) + 1;
    EXPECT_FATAL(read_blocks(film->i, VOLUME_LBA, 1, block), GOOD);
    CU_ASSERT_EQUAL_FATAL(memcmp(block, "\1CD001", 6), 0);
    each_record(film, extent_of(block + ROOT_AT), open_video_ts);
    CU_ASSERT_NOT_EQUAL_FATAL(film->vob_count, 0);
}

/* ---- the keys ---- */

static void find_disc_key(struct film *film)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];
    struct exchange x;

    go_to(&x, film->i, BUSKEY);
    EXPECT_FATAL(ask_disc_key(&x, block), GOOD);
    CU_ASSERT_TRUE_FATAL(host_css_disc_key(block, RIG_PLAYER_SLOT, rig_player_key, film->disc_key));
}

static void find_title_keys(struct film *film)
{
    for (size_t n = 0; n < film->vob_count; n++) {
        struct file *vob = &film->vobs[n];
        uint8_t cpr_mai, wrapped[HOST_CSS_KEY_BYTES];
        struct exchange x;
        int outcome;

        go_to(&x, film->i, BUSKEY);
        outcome = ask_title_key(&x, vob->lba, &cpr_mai, wrapped);
        if (outcome == NO_KEY) {
            EXPECT(invalidate(&x), GOOD);
            continue;
        }
        EXPECT_FATAL(outcome, GOOD);
        CU_ASSERT_NOT_EQUAL(cpr_mai & 0x80, 0);
        host_css_title_key(film->disc_key, wrapped, vob->title_key);
        vob->has_key = true;
    }
}

/* ---- the blocks ---- */

static const struct file *vob_of(const struct film *film, uint32_t lba)
{
    for (size_t n = 0; n < film->vob_count; n++) {
        if (lba >= film->vobs[n].lba && lba - film->vobs[n].lba < film->vobs[n].blocks) {
            return &film->vobs[n];
        }
    }
    return NULL;
}

static void play_block(struct film *film, uint32_t lba, uint8_t *block)
{
    const struct file *vob = vob_of(film, lba);

    if (be32_get(block) != 0x000001ba || !(block[PES_FLAG_AT] & PES_FLAG)) {
        return;
    }
    CU_ASSERT_FATAL(vob && vob->has_key);
    host_css_descramble(block, vob->title_key);
    block[PES_FLAG_AT] &= (uint8_t)~PES_FLAG;
    film->descrambled++;
}

/* Hash of the disc as it comes over the wire, and as it is when played. */
static void play_all(struct film *film, char raw_hash[SHA256_DIGEST_STRING_LENGTH],
                     char hash[SHA256_DIGEST_STRING_LENGTH])
{
    static uint8_t blocks[BLOCKS_PER_READ * RIG_BLOCK_BYTES];
    SHA2_CTX raw, played;

    SHA256Init(&raw);
    SHA256Init(&played);
    for (uint32_t lba = 0; lba < film->blocks; lba += BLOCKS_PER_READ) {
        uint32_t left = film->blocks - lba;
        uint16_t count = (uint16_t)(left < BLOCKS_PER_READ ? left : BLOCKS_PER_READ);

        EXPECT_FATAL(read_blocks(film->i, lba, count, blocks), GOOD);
        SHA256Update(&raw, blocks, (size_t)count * RIG_BLOCK_BYTES);
        for (uint32_t n = 0; n < count; n++) {
            play_block(film, lba + n, blocks + (size_t)n * RIG_BLOCK_BYTES);
        }
        SHA256Update(&played, blocks, (size_t)count * RIG_BLOCK_BYTES);
    }
    SHA256End(&raw, raw_hash);
    SHA256End(&played, hash);
}

static void play(struct initiator *i)
{
    char plain[SHA256_DIGEST_STRING_LENGTH], raw[SHA256_DIGEST_STRING_LENGTH];
    char played[SHA256_DIGEST_STRING_LENGTH];
    struct film film = {.i = i};

    CU_ASSERT_PTR_NOT_NULL_FATAL(SHA256File(rig_paths.demo_image, plain));
    find_vobs(&film);
    find_disc_key(&film);
    find_title_keys(&film);
    play_all(&film, raw, played);
    CU_ASSERT_STRING_EQUAL(played, plain);
    CU_ASSERT_STRING_NOT_EQUAL(raw, plain);
    CU_ASSERT_NOT_EQUAL(film.descrambled, 0);
}

/* ---- discs ---- */

/* The slot and the key that we own as a player. */
static const char *player_line(const char *between)
{
    static char line[32];
    const uint8_t *key = rig_player_key;

    snprintf(line, sizeof(line), "%d%s%02x%02x%02x%02x%02x\n", RIG_PLAYER_SLOT, between, key[0],
             key[1], key[2], key[3], key[4]);
    return line;
}

/* The demo's description with our player's key, and its image named wherever that is. */
static const char *demo_with_player(const char *name)
{
    char text[16384], line[1024];
    FILE *file = fopen(rig_paths.demo_disc, "r");
    size_t at = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof(line), file)) {
        bool image = strncmp(line, "image", 5) == 0;

        at += (size_t)snprintf(text + at, sizeof(text) - at, image ? "image = %s\n" : "%s",
                               image ? rig_paths.demo_image : line);
        CU_ASSERT_FATAL(at < sizeof(text));
    }
    fclose(file);
    snprintf(text + at, sizeof(text) - at, "\n[player_keys]\n%s", player_line(" = "));
    return rig_write_text(name, text);
}

static void the_demo_disc_plays_to_the_last_byte(void)
{
    const char *disc = demo_with_player("demo.disc");

    play(rig_ready(RIG_SERVE("--state", "none", disc), 0, "player"));
}

/* `dvdemu mint` of the demo's image with more arguments, into "mint.disc". */
static const char *mint(const char *option, const char *value)
{
    const char *keys = rig_write_text("players.txt", player_line(" "));
    const char *disc = rig_path("mint.disc");
    const char *const argv[] = {rig_paths.dvdemu,
                                "mint",
                                rig_paths.demo_image,
                                "-o",
                                disc,
                                "--seed",
                                "20260229",
                                "--player-keys",
                                keys,
                                option,
                                value,
                                NULL};

    CU_ASSERT_EQUAL_FATAL(served_run(argv, NULL, 0), 0);
    return disc;
}

static void a_freshly_minted_disc_of_a_region_plays(void)
{
    struct initiator *i =
        rig_ready(RIG_SERVE("--state", "none", mint("--regions", "2,5")), 0, "player");

    EXPECT(set_region(i, 0xfe), REGION_MISMATCH);
    EXPECT(set_region(i, 0xef), GOOD);
    play(i);
}

/* The image on the disk is scrambled already, and goes out as it is. */
static void a_materialised_disc_plays(void)
{
    const char *disc = mint("--materialise", rig_path("scrambled.img"));
    char plain[SHA256_DIGEST_STRING_LENGTH], stored[SHA256_DIGEST_STRING_LENGTH];

    CU_ASSERT_PTR_NOT_NULL_FATAL(SHA256File(rig_paths.demo_image, plain));
    CU_ASSERT_PTR_NOT_NULL_FATAL(SHA256File(rig_path("scrambled.img"), stored));
    CU_ASSERT_STRING_NOT_EQUAL(stored, plain);
    play(rig_ready(RIG_SERVE("--state", "none", disc), 0, "player"));
}

/* What a user gets who names no disc. */
static void serve_has_the_demo_disc_by_itself(void)
{
    struct initiator *i = rig_ready(RIG_SERVE("--state", "none"), 0, "player");
    struct film film = {.i = i};
    uint8_t copyright[8] = {0};
    const struct file *vob;

    find_vobs(&film);
    EXPECT(read_structure(i, 0, 0x01, 0, copyright, sizeof(copyright)), GOOD);
    CU_ASSERT_EQUAL(copyright[4], 1);
    vob = &film.vobs[film.vob_count - 1];
    EXPECT(touch_block(i, vob->lba), GOOD); /* a navigation pack is never scrambled */
    EXPECT(RUN(i, 0x28, 0, 0, 0, (uint8_t)(vob->lba >> 8), (uint8_t)vob->lba, 0,
               (uint8_t)(vob->blocks >> 8), (uint8_t)vob->blocks, 0),
           SCRAMBLED);
}

UNIT_SUITE(end_to_end, T(the_demo_disc_plays_to_the_last_byte),
           T(a_freshly_minted_disc_of_a_region_plays), T(a_materialised_disc_plays),
           T(serve_has_the_demo_disc_by_itself));
