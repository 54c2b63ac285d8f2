/* SPDX-License-Identifier: GPL-2.0-only */
#include "host_steps.h"

#include "tests/support/host_css.h"

#include <string.h>

#define OP_READ_10    0x28
#define OP_SEND_KEY   0xa3
#define OP_REPORT_KEY 0xa4
#define OP_STRUCTURE  0xad
#define AGID_SHIFT    6
#define GATED         0xc0
#define GATED_BITS    0xcf
#define ROOM_BYTES    4096

/* Operation code, format, and how long reply or list are. */
static const struct {
    uint8_t opcode, format;
    uint16_t bytes;
} rows[HOST_STEPS] = {
    [STEP_AGID] = {OP_REPORT_KEY, 0x00, 8},
    [STEP_HOST_CHALLENGE] = {OP_SEND_KEY, 0x01, 16},
    [STEP_KEY1] = {OP_REPORT_KEY, 0x02, 12},
    [STEP_DRIVE_CHALLENGE] = {OP_REPORT_KEY, 0x01, 16},
    [STEP_KEY2] = {OP_SEND_KEY, 0x03, 12},
    [STEP_TITLE_KEY] = {OP_REPORT_KEY, 0x04, 12},
    [STEP_DISC_KEY] = {OP_STRUCTURE, 0x02, 2052},
    [STEP_ASF] = {OP_REPORT_KEY, 0x05, 8},
    [STEP_RPC_STATE] = {OP_REPORT_KEY, 0x08, 8},
    [STEP_REGION] = {OP_SEND_KEY, 0x06, 8},
    [STEP_INVALIDATE] = {OP_REPORT_KEY, 0x3f, 0},
    [STEP_INVALIDATE_BY_SEND] = {OP_SEND_KEY, 0x3f, 0},
    [STEP_READ_GATED] = {OP_READ_10, 0, 1},
};

static void put_lba(struct step_command *c, uint32_t lba)
{
    for (size_t i = 0; i < 4; i++) {
        c->cdb[2 + i] = (uint8_t)(lba >> (24 - 8 * i));
    }
}

/* A block of a run that is wanted, the salt's; the disc's last but some when none is. */
static uint32_t block_of(const struct oracle_disc *disc, bool keyed, uint8_t salt)
{
    for (size_t i = 0; disc && disc->css && i < disc->run_count; i++) {
        const struct oracle_run *run = &disc->runs[(salt + i) % disc->run_count];

        if (keyed ? run->has_key : (run->cpr_mai & GATED_BITS) == GATED) {
            return run->lba + salt / 8u % run->blocks;
        }
    }
    return salt;
}

unsigned host_step_variant(const struct oracle_slot *slot)
{
    unsigned variant = 0;

    while (variant < HOST_CSS_VARIANTS - 1 && !(slot->variants >> variant & 1)) {
        variant++;
    }
    return variant;
}

static void fill_list(struct step_command *c, const struct oracle *o, enum host_step step,
                      unsigned agid, uint8_t salt)
{
    const struct oracle_slot *slot = &o->slot[agid];

    c->list[1] = (uint8_t)(rows[step].bytes - 2u);
    if (step == STEP_HOST_CHALLENGE) {
        memset(c->list + 4, salt, ORACLE_CHALLENGE_BYTES);
        c->list[4] = (uint8_t)(salt * 7u);
    } else if (step == STEP_KEY2) {
        host_css_key2(host_step_variant(slot), slot->drive_challenge, c->list + 4);
    } else {
        c->list[4] = (uint8_t) ~(1u << salt % 8u);
    }
}

void host_step_make(struct step_command *c, const struct oracle *o, enum host_step step,
                    unsigned nexus, unsigned agid, uint8_t salt)
{
    const bool sends = rows[step].opcode == OP_SEND_KEY;

    memset(c, 0, sizeof(*c));
    c->command = (struct oracle_command){.nexus = nexus,
                                         .cdb = c->cdb,
                                         .cdb_bytes = STEP_CDB_BYTES,
                                         .out = c->list,
                                         .out_bytes = sends ? rows[step].bytes : 0,
                                         .in_room_bytes = ROOM_BYTES};
    c->cdb[0] = rows[step].opcode;
    if (step == STEP_READ_GATED) {
        put_lba(c, block_of(o->disc, false, salt));
        c->cdb[8] = 1;
        c->command.cdb_bytes = 10;
        return;
    }
    c->cdb[8] = (uint8_t)(rows[step].bytes >> 8);
    c->cdb[9] = (uint8_t)rows[step].bytes;
    c->cdb[10] = (uint8_t)(agid << AGID_SHIFT);
    if (step == STEP_DISC_KEY) {
        c->cdb[7] = rows[step].format;
    } else {
        c->cdb[10] |= rows[step].format;
    }
    if (step == STEP_TITLE_KEY) {
        put_lba(c, block_of(o->disc, true, salt));
    }
    if (sends && rows[step].bytes) {
        fill_list(c, o, step, agid, salt);
    }
}

enum host_step host_step_next(const struct oracle *o, unsigned agid, bool disc_key)
{
    static const enum host_step steps[] = {
        [ORACLE_FREE] = STEP_AGID,  [ORACLE_GRANTED] = STEP_HOST_CHALLENGE,
        [ORACLE_HCHAL] = STEP_KEY1, [ORACLE_KEY1] = STEP_DRIVE_CHALLENGE,
        [ORACLE_DCHAL] = STEP_KEY2, [ORACLE_BUSKEY] = STEP_TITLE_KEY,
    };
    const struct oracle_slot *slot = &o->slot[agid];

    if (slot->state == ORACLE_DCHAL && slot->drive_challenge_known < ORACLE_CHALLENGE_BYTES) {
        return STEP_DRIVE_CHALLENGE; /* its reply was cut */
    }
    return slot->state == ORACLE_BUSKEY && disc_key ? STEP_DISC_KEY : steps[slot->state];
}
