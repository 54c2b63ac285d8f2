/* SPDX-License-Identifier: GPL-2.0-only */
/* Every check of the replays takes a right answer and refuses a wrong one. */
#include "bytes.h"
#include "css/css.h"
#include "emulator/disc_file.h"
#include "tests/support/medium_memory.h"
#include "tests/support/replay_check.h"
#include "tests/support/replay_status.h"

#include <stdlib.h>

#define BLOCKS    64
#define GATED_LBA 16
#define CLEAR_LBA 32
#define ROOM      2052
#define DESCRIPTION                                                                                \
    "[disc]\nimage = f.iso\nseed = 1\nprotection = css\nregions = 2\ndisc_key = a1b2c3d4e5\n"      \
    "[title_keys]\none = 1032547698\n[extents]\n16 = 8 F0 one\n32 = 8 B0 one\n"

static struct replay_host *host;
static struct disc *disc;

/* ---- checks of plain bytes ---- */

/* An answer of `bytes` bytes to `opcode`; `arg` for the check; whether it is right. */
struct sample {
    const char *check;
    bool right;
    uint8_t opcode;
    size_t bytes, room;
    unsigned arg[REPLAY_ARGS_MAX];
    uint8_t in[64];
};

#define OPTICAL(type, removable, format, tpgs)                                                     \
    {                                                                                              \
        type, removable, 5, format, 31, tpgs, 0, 0, 'A', 'C', 'M', 'E'                             \
    }

/* clang-format off */
static const struct sample samples[] = {
    {"bytes", true,  0, 8, 8, {8}, {0}},
    {"bytes", false, 0, 8, 8, {12}, {0}},
    {"all", true,  0, 8, 8, {0}, {0}},
    {"all", false, 0, 8, 12, {0}, {0}},
    {"length-field", true,  0, 8, 8, {6}, {0, 6}},
    {"length-field", false, 0, 8, 8, {6}, {0, 8}},
    {"whole", true,  0, 8, 8, {0}, {0, 6}},
    {"whole", false, 0, 8, 8, {0}, {0, 7}},
    {"byte", true,  0, 4, 4, {3, 0x55}, {0, 0, 0, 0x55}},
    {"byte", false, 0, 4, 4, {3, 0x55}, {0, 0, 0, 0x54}},
    {"byte", false, 0, 3, 4, {3, 0x55}, {0, 0, 0, 0x55}},
    {"bits", true,  0, 2, 2, {1, 0x0f, 0x05}, {0, 0xa5}},
    {"bits", false, 0, 2, 2, {1, 0x0f, 0x05}, {0, 0xa4}},
    {"zero", true,  0, 4, 4, {1, 3}, {9, 0, 0, 0}},
    {"zero", false, 0, 4, 4, {1, 3}, {9, 0, 0, 1}},
    {"optical", true,  0x12, 36, 36, {0}, OPTICAL(0x05, 0x80, 2, 0)},
    {"optical", false, 0x12, 36, 36, {0}, OPTICAL(0x00, 0x80, 2, 0)},
    {"optical", false, 0x12, 36, 36, {0}, OPTICAL(0x05, 0x00, 2, 0)},
    {"optical", false, 0x12, 36, 36, {0}, OPTICAL(0x05, 0x80, 1, 0)},
    {"optical", false, 0x12, 36, 36, {0}, OPTICAL(0x05, 0x80, 2, 0x10)},
    {"optical", false, 0x12, 35, 36, {0}, OPTICAL(0x05, 0x80, 2, 0)},
    {"ordinary-name", true,  0x12, 36, 36, {0}, OPTICAL(5, 0x80, 2, 0)},
    {"ordinary-name", false, 0x12, 36, 36, {0}, {5, 0x80, 5, 2, 31, 0, 0, 0, 'P', 'L', 'E', 'X', 'T', 'O', 'R', ' '}},
    {"event-classes", true,  0x4a, 4, 8, {0}, {0, 2, 0x80, 0x10}},
    {"event-classes", false, 0x4a, 4, 8, {0}, {0, 2, 0x00, 0x10}},
    {"event-classes", false, 0x4a, 4, 8, {0}, {0, 2, 0x80, 0x12}},
    {"event-classes", false, 0x4a, 4, 8, {0}, {0, 2, 0x80, 0x02}},
    {"event-classes", false, 0x4a, 8, 8, {0}, {0, 2, 0x80, 0x10}},
    {"event", true,  0x4a, 8, 8, {2}, {0, 6, 4, 0x10, 2, 2}},
    {"event", false, 0x4a, 8, 8, {2}, {0, 6, 4, 0x10, 3, 2}},
    {"event", false, 0x4a, 8, 8, {2}, {0, 6, 1, 0x10, 2, 2}},
    {"event", false, 0x4a, 8, 8, {2}, {0, 2, 4, 0x10, 2, 2}},
    {"event", false, 0x4a, 7, 8, {2}, {0, 6, 4, 0x10, 2, 2}},
    {"feature-header", true,  0x46, 8, 8, {0}, {0, 0, 0, 12}},
    {"feature-header", false, 0x46, 8, 8, {0}, {0, 0, 0, 4}},
    {"feature-header", false, 0x46, 8, 8, {0}, {0, 0, 0, 14}},
    {"feature-list", true,  0x46, 16, 16, {0}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 1, 4}},
    {"feature-list", false, 0x46, 16, 16, {0}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 1, 3}},
    {"feature-list", false, 0x46, 16, 16, {0}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 1, 8}},
    {"feature-list", false, 0x46, 16, 16, {0}, {0, 0, 0, 16, 0, 0, 0, 0, 0, 0x1f, 1, 4}},
    {"one-feature", true,  0x46, 12, 12, {0}, {0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3, 8}},
    {"one-feature", false, 0x46, 12, 12, {0}, {0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 3, 8}},
    {"one-feature", false, 0x46, 12, 16, {0}, {0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3, 8}},
    {"listed", true,  0x46, 16, 16, {0x1f}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 0, 4}},
    {"listed", false, 0x46, 16, 16, {0x20}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 0, 4}},
    {"listed", false, 0x46, 16, 16, {0x1f}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 0, 8}},
    {"listed", false, 0x46, 19, 19, {0x1f}, {0, 0, 0, 15, 0, 0, 0, 0, 0, 0x10, 0, 3, 0, 0, 0, 0, 0x1f}},
    {"current", true,  0x46, 16, 16, {0x1f}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 9, 4}},
    {"current", false, 0x46, 16, 16, {0x1f}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 8, 4}},
    {"not-current", true,  0x46, 16, 16, {0x1f}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 8, 4}},
    {"not-current", false, 0x46, 16, 16, {0x1f}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1f, 9, 4}},
    {"read-only", true,  0x46, 16, 16, {0}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0x10, 1}},
    {"read-only", false, 0x46, 16, 16, {0}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0x11, 0}},
    {"read-only", false, 0x46, 16, 16, {0}, {0, 0, 0, 12, 0, 0, 0, 0, 0, 0x21, 0, 4}},
    {"not-longer", true,  0x46, 8, 8, {0}, {0, 0, 0, 12}},
    {"not-longer", false, 0x46, 8, 8, {0}, {0, 0, 0, 16}},
    {"page-2a", true,  0x5a, 20, 20, {0}, {[8] = 0x2a, 10}},
    {"page-2a", true,  0x5a, 20, 20, {0}, {[7] = 8, [16] = 0xaa, 2}},
    {"page-2a", true,  0x1a, 20, 20, {0}, {[3] = 8, [12] = 0x2a, 2}},
    {"page-2a", false, 0x5a, 20, 20, {0}, {[7] = 8, [8] = 0x2a, 10}},
    {"page-2a", false, 0x1a, 20, 20, {0}, {[3] = 200, [4] = 0x2a, 2}},
    {"dvd-read", true,  0x1a, 20, 20, {0}, {[4] = 0x2a, 10, 0x08}},
    {"dvd-read", false, 0x1a, 20, 20, {0}, {[4] = 0x2a, 10, 0xf7}},
    {"block-length", true,  0x25, 8, 8, {0}, {[6] = 8}},
    {"block-length", false, 0x25, 8, 8, {0}, {[6] = 2}},
    {"sectors", true,  0xad, 21, 21, {0}, {8, 2, [9] = 3, [13] = 3, 0, BLOCKS - 1}},
    {"sectors", false, 0xad, 21, 21, {0}, {8, 2, [9] = 3, [13] = 3, 0, BLOCKS}},
    {"sectors", false, 0xad, 21, 21, {0}, {8, 1, [9] = 3, [13] = 3, 0, BLOCKS - 1}},
    {"sectors", false, 0xad, 21, 21, {0}, {8, 2, [9] = 2, [13] = 3, 0, BLOCKS - 1}},
    {"css-disc", true,  0xad, 8, 8, {0}, {0, 6, 0, 0, 1, 0xfd}},
    {"css-disc", false, 0xad, 8, 8, {0}, {0, 6, 0, 0, 0, 0xfd}},
    {"css-disc", false, 0xad, 8, 8, {0}, {0, 6, 0, 0, 1, 0xff}},
    {"region", true,  0xa4, 8, 8, {0xff, 5}, {0, 6, 0, 0, 0x25, 0xff, 1}},
    {"region", true,  0xa4, 8, 8, {0xfe, 4}, {0, 6, 0, 0, 0x64, 0xfe, 1}},
    {"region", false, 0xa4, 8, 8, {0xfe, 4}, {0, 6, 0, 0, 0x64, 0xfe, 0}},
    {"region", false, 0xa4, 8, 8, {0xfe, 4}, {0, 6, 0, 0, 0x24, 0xfe, 1}},
    {"region", false, 0xa4, 8, 8, {0xfe, 4}, {0, 6, 0, 0, 0x63, 0xfe, 1}},
    {"region-free", true,  0xa4, 8, 8, {0}, {0, 6, 0, 0, 0x25, 0xff, 1}},
    {"region-free", false, 0xa4, 8, 8, {0}, {0, 6, 0, 0, 0x21, 0xff, 1}},
    {"region-free", false, 0xa4, 8, 8, {0}, {0, 6, 0, 0, 0x64, 0xfe, 1}},
    {"asf", true,  0xa4, 8, 8, {1}, {[7] = 1}},
    {"asf", false, 0xa4, 8, 8, {1}, {[7] = 0}},
};
/* clang-format on */
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static const struct replay_check *find(const char *name)
{
    const struct replay_check *row = replay_checks;

    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(row->name);
    return row;
}

static struct initiator_result good_result(size_t bytes, size_t room)
{
    return (struct initiator_result){.answered = true,
                                     .in_bytes = bytes,
                                     .residual =
                                         bytes < room ? INITIATOR_UNDERFLOW : INITIATOR_NO_RESIDUAL,
                                     .residual_bytes = room - bytes};
}

static const char *run(const char *name, const uint8_t *cdb, const uint8_t *in, size_t bytes,
                       size_t room, const unsigned *arg)
{
    const struct initiator_result result = good_result(bytes, room);
    const struct replay_answer a = {host, cdb, in, room, &result};

    return replay_run_check(find(name), &a, arg);
}

static void begin(void)
{
    char error[INI_ERROR_BYTES];

    host = calloc(1, sizeof(*host));
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    host->kind = replay_host_kinds;
    disc = disc_load_text("f.disc", DESCRIPTION, strlen(DESCRIPTION),
                          &medium_memory_blocks(BLOCKS)->medium, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(disc);
    host->css_disc = disc;
    host->last_lba = BLOCKS - 1;
    host->features_bytes = 16;
}

static void end(void)
{
    disc_release(disc);
    free(host);
}

static void right_answers_are_taken_and_wrong_ones_refused(void)
{
    begin();
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        const uint8_t cdb[16] = {s->opcode, [4] = s->opcode == 0x4a ? 0x10 : 0};
        const char *wrong = run(s->check, cdb, s->in, s->bytes, s->room, s->arg);

        if ((wrong == NULL) != s->right) {
            fprintf(stderr, "sample %zu, %s: %s\n", i, s->check, wrong ? wrong : "taken");
        }
        CU_ASSERT_EQUAL(wrong == NULL, s->right);
    }
    end();
}

/* ---- lists of features ---- */

static void only_current_bits_of_a_feature_list_may_move(void)
{
    static const uint8_t before[] = {0, 0,    0, 20, 0, 0, 0, 0x10, 0, 0, 3, 4,
                                     0, 0x10, 1, 0,  1, 6, 1, 4,    0, 0, 0, 1};
    static const uint8_t cdb[16] = {0x46};
    uint8_t after[sizeof(before)];

    begin();
    memcpy(host->features, before, sizeof(before));
    host->features_bytes = sizeof(before);
    for (size_t at = 0; at < sizeof(before); at++) {
        const bool may = at == 7 || at == 10 || at == 14 || at == 18;

        memcpy(after, before, sizeof(before));
        after[at] ^= 1;
        CU_ASSERT_EQUAL(run("same-features", cdb, after, sizeof(after), sizeof(after), NULL) ==
                            NULL,
                        may || at == 6);
        after[at] ^= 2;
        CU_ASSERT_EQUAL(
            run("same-features", cdb, after, sizeof(after), sizeof(after), NULL) == NULL, at == 7);
    }
    CU_ASSERT_PTR_NOT_NULL(
        run("same-features", cdb, before, sizeof(before) - 4, sizeof(before), NULL));
    end();
}

/* ---- keys and sectors: the drive's side makes what the host's side opens ---- */

static const css_bus_key bus = {{0x12, 0x96, 0x24, 0x02, 0x21}};

static void keys_are_those_of_the_disc_under_the_bus_key(void)
{
    static const uint8_t cdb[16] = {0xa4, 0, 0, 0, 0, GATED_LBA};
    const struct disc_title_key *key;
    uint8_t in[ROOM] = {0x08, 0x02};

    begin();
    memcpy(host->bus_key, bus.b, sizeof(bus.b));
    css_bus_xor(in + 4, disc->disc_key_block, CSS_DISC_BLOCK_BYTES, &bus);
    CU_ASSERT_PTR_NULL(run("disc-key", cdb, in, ROOM, ROOM, NULL));
    in[6] ^= 1;
    CU_ASSERT_PTR_NOT_NULL(run("disc-key", cdb, in, ROOM, ROOM, NULL));
    key = disc_title_key_at(disc, GATED_LBA);
    CU_ASSERT_PTR_NOT_NULL_FATAL(key);
    in[4] = 0xf0;
    css_bus_xor(in + 5, key->wrapped.b, sizeof(key->wrapped.b), &bus);
    CU_ASSERT_PTR_NULL(run("title-key", cdb, in, 12, 12, NULL));
    in[4] = 0xb0;
    CU_ASSERT_PTR_NOT_NULL(run("title-key", cdb, in, 12, 12, NULL));
    in[4] = 0xf0;
    in[9] ^= 0x80;
    CU_ASSERT_PTR_NOT_NULL(run("title-key", cdb, in, 12, 12, NULL));
    end();
}

static void sectors_are_those_of_the_image(void)
{
    static const uint8_t gated[16] = {0x28, 0, 0, 0, 0, GATED_LBA};
    static const uint8_t clear[16] = {0x28, 0, 0, 0, 0, CLEAR_LBA};
    uint8_t in[DISC_BLOCK_BYTES], plain[DISC_BLOCK_BYTES];
    struct scsi_sense sense;

    begin();
    medium_memory_block(GATED_LBA, plain);
    memcpy(host->title_key, disc_title_key_at(disc, GATED_LBA)->clear.b, sizeof(host->title_key));
    CU_ASSERT_EQUAL(disc_read(disc, GATED_LBA, 1, in, sizeof(in), true, &sense), MEDIUM_OK);
    CU_ASSERT_PTR_NULL(run("scrambled", gated, in, sizeof(in), sizeof(in), NULL));
    CU_ASSERT_PTR_NOT_NULL(run("plain", gated, in, sizeof(in), sizeof(in), NULL));
    CU_ASSERT_PTR_NOT_NULL(run("scrambled", gated, plain, sizeof(in), sizeof(in), NULL));
    in[DISC_BLOCK_BYTES - 1] ^= 1;
    CU_ASSERT_PTR_NOT_NULL(run("scrambled", gated, in, sizeof(in), sizeof(in), NULL));
    medium_memory_block(CLEAR_LBA, plain);
    CU_ASSERT_PTR_NULL(run("plain", clear, plain, sizeof(in), sizeof(in), NULL));
    CU_ASSERT_PTR_NOT_NULL(run("plain", gated, plain, sizeof(in), sizeof(in), NULL));
    end();
}

static void every_check_was_tried(void)
{
    static const char *const elsewhere[] = {"same-features", "disc-key", "title-key", "plain",
                                            "scrambled"};

    for (const struct replay_check *row = replay_checks; row->name; row++) {
        bool right = false, wrong = false;

        for (size_t i = 0; i < SAMPLES; i++) {
            right |= samples[i].right && strcmp(samples[i].check, row->name) == 0;
            wrong |= !samples[i].right && strcmp(samples[i].check, row->name) == 0;
        }
        for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
            right |= strcmp(elsewhere[i], row->name) == 0;
            wrong |= strcmp(elsewhere[i], row->name) == 0;
        }
        CU_ASSERT_TRUE(right && wrong);
    }
}

/* ---- every answer ---- */

static void sense_that_a_driver_would_misread_is_told(void)
{
    static const uint8_t cdb[16] = {0};
    struct initiator_result r = {.answered = true, .status = 2, .sense_bytes = 18};
    const struct replay_answer a = {.cdb = cdb, .result = &r};
    struct replay_answer with_host = a;

    begin();
    with_host.host = host;
    memcpy(r.sense, (const uint8_t[]){0x70, 0, 5, 0, 0, 0, 0, 10}, 8);
    CU_ASSERT_PTR_NULL(replay_check_always(&with_host, 0));
    r.sense[0] = 0x72;
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&with_host, 0));
    r.sense[0] = 0x70;
    r.sense[7] = 6;
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&with_host, 0));
    r.sense[7] = 10;
    r.sense_bytes = 17;
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&with_host, 0));
    r.sense_bytes = 13;
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&with_host, 0));
    end();
}

static void residuals_and_deadlines_are_judged(void)
{
    static const uint8_t event[16] = {0x4a}, other[16] = {0xa4};
    struct initiator_result r = good_result(8, 12);
    struct replay_answer a = {.cdb = other, .room = 12, .result = &r};

    begin();
    a.host = host;
    CU_ASSERT_PTR_NULL(replay_check_always(&a, 10000));
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&a, 10001));
    a.cdb = event;
    CU_ASSERT_PTR_NULL(replay_check_always(&a, 4000));
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&a, 4001));
    r.residual_bytes = 3;
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&a, 0));
    r.residual_bytes = 4;
    r.residual = INITIATOR_OVERFLOW;
    CU_ASSERT_PTR_NOT_NULL(replay_check_always(&a, 0));
    end();
}

/* ---- what is kept; addresses; statuses ---- */

static const char *keep(const char *name, const uint8_t *in, size_t bytes)
{
    const struct initiator_result result = good_result(bytes, bytes);
    const struct replay_answer a = {host, NULL, in, bytes, &result};
    const struct replay_keep *row = replay_keeps;

    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(row->name);
    return row->fn(host, &a);
}

/* Variant 5 of tests/vectors/handshake.txt, as in tests/golden/README.md. */
static void a_handshake_is_kept(void)
{
    static const uint8_t challenge[] = {0x8c, 0xd0, 0xe8, 0x20, 0x6a, 0xb5, 0x61, 0x03, 0x0c, 0x43};
    static const uint8_t agid[8] = {[7] = 0x80};
    static const uint8_t drive[16] = {0,    14,   0,    0,    0x0b, 0xd7, 0x27, 0xe5,
                                      0x02, 0xcc, 0x82, 0x9e, 0x72, 0x06, 0,    0};
    uint8_t key1[12] = {0, 10, 0, 0, 0xae, 0xd0, 0x28, 0xa5, 0x05};

    begin();
    host->variant = REPLAY_NO_VARIANT;
    memcpy(host->challenge, challenge, sizeof(challenge));
    CU_ASSERT_PTR_NULL(keep("agid", agid, sizeof(agid)));
    CU_ASSERT_EQUAL(host->agid, 2);
    CU_ASSERT_PTR_NOT_NULL(keep("challenge", drive, sizeof(drive)));
    CU_ASSERT_PTR_NOT_NULL(keep("key1", key1, sizeof(key1)));
    key1[8] = 0x04;
    CU_ASSERT_PTR_NULL(keep("key1", key1, sizeof(key1)));
    CU_ASSERT_EQUAL(host->variant, 5);
    CU_ASSERT_PTR_NULL(keep("challenge", drive, sizeof(drive)));
    CHECK_BYTES(host->key2, 0xcd, 0xe0, 0xbb, 0xcc, 0x57);
    CHECK_BYTES(host->bus_key, 0x12, 0x96, 0x24, 0x02, 0x21);
    end();
}

static void addresses_of_a_disc_are_found(void)
{
    begin();
    CU_ASSERT_EQUAL(replay_lba(disc, REPLAY_SCRAMBLED), GATED_LBA);
    CU_ASSERT_EQUAL(replay_lba(disc, REPLAY_CLEAR), CLEAR_LBA);
    CU_ASSERT_EQUAL(replay_lba(disc, REPLAY_END), BLOCKS);
    CU_ASSERT_EQUAL(replay_lba(disc, REPLAY_SECOND), DISC_BLOCKS_MAX);
    end();
}

static void statuses_are_those_of_cdrom_sys(void)
{
    CU_ASSERT_STRING_EQUAL(replay_status(0), "SUCCESS");
    CU_ASSERT_STRING_EQUAL(replay_status(0x56f03), "CSS_SCRAMBLED_SECTOR");
    CU_ASSERT_STRING_EQUAL(replay_status(0x56f09), "COPY_PROTECTION_FAILURE");
    CU_ASSERT_STRING_EQUAL(replay_status(0x22400), "INVALID_DEVICE_REQUEST");
    CU_ASSERT_STRING_EQUAL(replay_status(0x23a01), "NO_MEDIA_IN_DEVICE");
    CU_ASSERT_STRING_EQUAL(replay_status(0x20403), "NO_MEDIA_IN_DEVICE");
    CU_ASSERT_STRING_EQUAL(replay_status(0x20401), "DEVICE_NOT_READY");
    CU_ASSERT_STRING_EQUAL(replay_status(0x62900), "VERIFY_REQUIRED");
    CU_ASSERT_STRING_EQUAL(replay_status(0x31100), "DEVICE_DATA_ERROR");
    CU_ASSERT_PTR_NULL(replay_status(INITIATOR_LOST));
    CU_ASSERT_TRUE(replay_status_exists("CSS_RESETS_EXHAUSTED"));
    CU_ASSERT_FALSE(replay_status_exists("UNLUCKY"));
}

UNIT_SUITE(replay_check, T(right_answers_are_taken_and_wrong_ones_refused),
           T(only_current_bits_of_a_feature_list_may_move),
           T(keys_are_those_of_the_disc_under_the_bus_key), T(sectors_are_those_of_the_image),
           T(every_check_was_tried), T(sense_that_a_driver_would_misread_is_told),
           T(residuals_and_deadlines_are_judged), T(a_handshake_is_kept),
           T(addresses_of_a_disc_are_found), T(statuses_are_those_of_cdrom_sys));
