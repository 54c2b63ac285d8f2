/* SPDX-License-Identifier: GPL-2.0-only */
#include "bends.h"

#include "tests/support/host_css.h"

#define AGID_SHIFT    6
#define AGID_AT       10
#define FORMAT        0x3f
#define LENGTH_AT     8
#define CONTENT_AT    4
#define CONTENT_BYTES 12
#define OP_SEND_KEY   0xa3
#define OP_REPORT_KEY 0xa4

struct bending {
    struct step_command *c;
    const struct oracle *o;
    const struct bend_memory *memory;
    uint8_t what;
};

typedef void bend_fn(struct bending *b);

static uint8_t *content(struct bending *b)
{
    return b->c->list + CONTENT_AT;
}

static const struct oracle_slot *slot_of(const struct bending *b, unsigned further)
{
    return &b->o->slot[((b->c->cdb[AGID_AT] >> AGID_SHIFT) + further) % ORACLE_SLOTS];
}

/* ---- what is sent ---- */

static void none(struct bending *b)
{
    (void)b;
}

static void flip_a_bit(struct bending *b)
{
    content(b)[b->what / 8 % CONTENT_BYTES] ^= (uint8_t)(1u << b->what % 8);
}

static void swap_a_byte(struct bending *b)
{
    content(b)[b->what % ORACLE_KEY_BYTES] = (uint8_t)(b->what * 31u);
}

static void key2_of_another_variant(struct bending *b)
{
    host_css_key2(b->what % HOST_CSS_VARIANTS, slot_of(b, 0)->drive_challenge, content(b));
}

static void key2_of_the_own_challenge(struct bending *b)
{
    const struct oracle_slot *slot = slot_of(b, 0);

    host_css_key2(host_step_variant(slot), slot->host_challenge, content(b));
}

static void key2_of_another_agid(struct bending *b)
{
    const struct oracle_slot *slot = slot_of(b, 1 + b->what % (ORACLE_SLOTS - 1));

    host_css_key2(host_step_variant(slot), slot->drive_challenge, content(b));
}

static void key2_from_before(struct bending *b)
{
    memcpy(content(b), b->memory->key2[b->what % BEND_KEYS_KEPT], ORACLE_KEY_BYTES);
}

static void key1_for_key2(struct bending *b)
{
    memcpy(content(b), b->memory->key1, ORACLE_KEY_BYTES);
}

static void key1_of_the_drives_challenge(struct bending *b)
{
    const struct oracle_slot *slot = slot_of(b, 0);

    host_css_key1(host_step_variant(slot), slot->drive_challenge, content(b));
}

static void reversed(struct bending *b)
{
    const size_t bytes = b->c->cdb[AGID_AT] & 2 ? ORACLE_KEY_BYTES : ORACLE_CHALLENGE_BYTES;

    for (size_t i = 0; i < bytes / 2; i++) {
        const uint8_t byte = content(b)[i];

        content(b)[i] = content(b)[bytes - 1 - i];
        content(b)[bytes - 1 - i] = byte;
    }
}

static void all_the_same(struct bending *b)
{
    memset(content(b), b->what, CONTENT_BYTES);
}

/* A host that knows nothing sends the drive its own challenge, to see it answered. */
static void challenge_of_the_drive(struct bending *b)
{
    memcpy(content(b), b->memory->challenge, ORACLE_CHALLENGE_BYTES);
}

static void challenge_of_another_agid(struct bending *b)
{
    memcpy(content(b), slot_of(b, 1 + b->what % (ORACLE_SLOTS - 1))->drive_challenge,
           ORACLE_CHALLENGE_BYTES);
}

/* ---- lengths ---- */

static void other_header(struct bending *b)
{
    b->c->list[1] = b->what;
}

static void long_header(struct bending *b)
{
    b->c->list[0] = b->what;
}

static void announces_otherwise(struct bending *b)
{
    b->c->cdb[LENGTH_AT] = 0;
    b->c->cdb[LENGTH_AT + 1] = b->what;
    if (b->c->cdb[0] == OP_SEND_KEY) {
        b->c->command.out_bytes = b->what % (STEP_LIST_BYTES + 1);
    }
}

static void arrives_short(struct bending *b)
{
    b->c->command.out_bytes = b->what % (b->c->command.out_bytes + 1);
}

static void small_room(struct bending *b)
{
    b->c->command.in_room_bytes = b->what;
}

static void cut_reply(struct bending *b)
{
    b->c->cdb[LENGTH_AT] = 0;
    b->c->cdb[LENGTH_AT + 1] = b->what % 17;
}

/* ---- whose ---- */

static void under_another_agid(struct bending *b)
{
    b->c->cdb[AGID_AT] ^= (uint8_t)((1 + b->what % (ORACLE_SLOTS - 1)) << AGID_SHIFT);
}

static void another_format(struct bending *b)
{
    b->c->cdb[AGID_AT] = (uint8_t)((b->c->cdb[AGID_AT] & ~FORMAT) | (b->what & FORMAT));
}

static void the_other_direction(struct bending *b)
{
    b->c->cdb[0] = b->c->cdb[0] == OP_SEND_KEY ? OP_REPORT_KEY : OP_SEND_KEY;
}

static void another_block(struct bending *b)
{
    const struct oracle_disc *disc = b->o->disc;
    uint32_t lba = b->what;

    if (disc && disc->run_count) {
        const struct oracle_run *run = &disc->runs[b->what / 4 % disc->run_count];

        lba = (b->what & 1 ? run->lba : run->lba + run->blocks) - (b->what >> 1 & 1u);
    }
    for (size_t i = 0; i < 4; i++) {
        b->c->cdb[2 + i] = (uint8_t)(lba >> (24 - 8 * i));
    }
}

static void a_bit_of_the_cdb(struct bending *b)
{
    b->c->cdb[1 + b->what / 8 % (STEP_CDB_BYTES - 1)] ^= (uint8_t)(1u << b->what % 8);
}

void bend_step(struct step_command *c, const struct oracle *o, const struct bend_memory *memory,
               unsigned bend, uint8_t what)
{
    static bend_fn *const bends[BENDS] = {
        none,
        flip_a_bit,
        swap_a_byte,
        key2_of_another_variant,
        key2_of_the_own_challenge,
        key2_of_another_agid,
        key2_from_before,
        key1_for_key2,
        key1_of_the_drives_challenge,
        reversed,
        all_the_same,
        challenge_of_the_drive,
        challenge_of_another_agid,
        other_header,
        long_header,
        announces_otherwise,
        arrives_short,
        small_room,
        cut_reply,
        under_another_agid,
        another_format,
        the_other_direction,
        another_block,
        a_bit_of_the_cdb,
    };
    struct bending b = {c, o, memory, what};

    bends[bend < BENDS ? bend : 0](&b);
}

/* ---- what can be used again ---- */

static bool is_step(const struct step_command *c, uint8_t opcode, uint8_t format)
{
    return c->cdb[0] == opcode && (c->cdb[AGID_AT] & FORMAT) == format;
}

void bend_remember(struct bend_memory *memory, const struct step_command *c,
                   const struct judged_case *in)
{
    const size_t said = in->j.reply.in_bytes, room = c->command.in_room_bytes;
    const size_t bytes = said < room ? said : room;

    memory->last = *c;
    memory->last.command.cdb = memory->last.cdb;
    memory->last.command.out = memory->last.list;
    if (in->j.reply.sense.check) {
        return;
    }
    if (is_step(c, OP_SEND_KEY, 0x03)) {
        memcpy(memory->key2[memory->key2_count++ % BEND_KEYS_KEPT], c->list + CONTENT_AT,
               ORACLE_KEY_BYTES);
    } else if (is_step(c, OP_REPORT_KEY, 0x02) && bytes >= CONTENT_AT + ORACLE_KEY_BYTES) {
        memcpy(memory->key1, in->j.in + CONTENT_AT, ORACLE_KEY_BYTES);
    } else if (is_step(c, OP_REPORT_KEY, 0x01) && bytes >= CONTENT_AT + ORACLE_CHALLENGE_BYTES) {
        memcpy(memory->challenge, in->j.in + CONTENT_AT, ORACLE_CHALLENGE_BYTES);
    }
}
