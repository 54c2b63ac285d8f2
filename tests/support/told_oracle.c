/* SPDX-License-Identifier: GPL-2.0-only */
#include "told_oracle.h"

#include "host_css.h"

#include <stdio.h>
#include <string.h>

#define ROOM_BYTES  (64 * 1024)
#define FLIPS_WHOLE 64 /* longer replies: only their ends and some bytes between are changed */
#define FLIPS_STEP  97

unsigned told_met[ORACLE_RULE_COUNT], told_caught[ORACLE_RULE_COUNT];

const uint8_t told_key_a[] = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5};
const uint8_t told_key_b[] = {0xb1, 0xb2, 0xb3, 0xb4, 0xb5};

static const struct oracle_run css_runs[] = {
    {8, 8, 0xf0, true, {0xa1, 0xa2, 0xa3, 0xa4, 0xa5}},
    {16, 8, 0xb0, false, {0}},
    {40, 8, 0xf0, true, {0xb1, 0xb2, 0xb3, 0xb4, 0xb5}},
};
static const uint8_t css_block[ORACLE_BLOCK_BYTES] = {0x11, 0x22, 0x33, 0x44, 0x55, [2047] = 0xee};

const struct oracle_disc told_css_disc = {.id = 1,
                                          .css = true,
                                          .rmi = 0xfe,
                                          .blocks = 64,
                                          .runs = css_runs,
                                          .run_count = sizeof(css_runs) / sizeof(css_runs[0]),
                                          .disc_key_block = css_block};
const struct oracle_disc told_plain_disc = {.id = 2, .blocks = 64};
const struct oracle_disc told_cd = {.id = 3, .cd = true, .blocks = 64};

/* ---- set-up ---- */

void told_quiet(struct told *t)
{
    for (unsigned n = 0; n < ORACLE_NEXUSES; n++) {
        t->o.nexus[n].attentions = 0;
    }
}

void told_init(struct told *t)
{
    memset(t, 0, sizeof(*t));
    oracle_init(&t->o);
    oracle_nexus_came(&t->o, 0);
    oracle_nexus_came(&t->o, 1);
    told_quiet(t);
}

void told_init_disc(struct told *t, const struct oracle_disc *disc)
{
    told_init(t);
    oracle_medium_in(&t->o, disc);
    told_quiet(t);
}

/* ---- commands ---- */

void told_cdb(struct told *t, const uint8_t *cdb, size_t bytes)
{
    memset(t->cdb, 0, sizeof(t->cdb));
    memcpy(t->cdb, cdb, bytes);
    t->cdb_bytes = bytes;
    t->list_bytes = 0;
}

void told_report(struct told *t, uint8_t format, unsigned agid)
{
    TOLD_CDB(t, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (uint8_t)(agid << 6 | format), 0);
}

void told_send(struct told *t, uint8_t format, unsigned agid)
{
    const uint8_t bytes = format == 0x01 ? 16 : format == 0x03 ? 12 : format == 0x06 ? 8 : 0;

    TOLD_CDB(t, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, bytes, (uint8_t)(agid << 6 | format), 0);
    t->list_bytes = bytes;
    memset(t->list, 0, sizeof(t->list));
    t->list[1] = (uint8_t)(bytes ? bytes - 2 : 0);
}

void told_ask_disc_key(struct told *t, unsigned agid)
{
    TOLD_CDB(t, 0xad, 0, 0, 0, 0, 0, 0, 2, 8, 4, (uint8_t)(agid << 6), 0);
}

void told_ask_title_key(struct told *t, unsigned agid, uint32_t lba)
{
    told_report(t, 0x04, agid);
    t->cdb[2] = (uint8_t)(lba >> 24);
    t->cdb[3] = (uint8_t)(lba >> 16);
    t->cdb[4] = (uint8_t)(lba >> 8);
    t->cdb[5] = (uint8_t)lba;
}

void told_read(struct told *t, uint32_t lba, uint16_t blocks)
{
    TOLD_CDB(t, 0x28, 0, (uint8_t)(lba >> 24), (uint8_t)(lba >> 16), (uint8_t)(lba >> 8),
             (uint8_t)lba, 0, (uint8_t)(blocks >> 8), (uint8_t)blocks, 0);
}

/* ---- answers ---- */

static const char *judge(struct told *t, struct oracle *o, const struct oracle_answer *a,
                         struct oracle_note *note)
{
    const struct oracle_command c = {.nexus = t->nexus,
                                     .cdb = t->cdb,
                                     .cdb_bytes = t->cdb_bytes,
                                     .out = t->list,
                                     .out_bytes = t->list_bytes,
                                     .in_room_bytes = ROOM_BYTES};

    return oracle_judge(o, &c, a, note);
}

/* The rule that a complaint begins with. */
static void count_caught(const char *text)
{
    for (int rule = 0; rule < ORACLE_RULE_COUNT; rule++) {
        const size_t bytes = strlen(oracle_rule_rows[rule].name);

        if (strncmp(text, oracle_rule_rows[rule].name, bytes) == 0 && text[bytes] == ' ') {
            told_caught[rule]++;
        }
    }
}

/* True: the oracle refuses the lie, and is as it was. */
static bool refuses(struct told *t, struct oracle_answer lie, const char *what)
{
    struct oracle copy = t->o;
    struct oracle_note note;
    const char *text = judge(t, &copy, &lie, &note);
    uint8_t was[ORACLE_STATE_BYTES_MAX], is[ORACLE_STATE_BYTES_MAX];
    const size_t bytes = oracle_state(&t->o, ORACLE_WHOLE, was);

    if (!text || oracle_state(&copy, ORACLE_WHOLE, is) != bytes || memcmp(was, is, bytes) != 0) {
        printf("oracle: %02X ...%02X: %s was taken for true\n", t->cdb[0], t->cdb[10], what);
        return false;
    }
    count_caught(text);
    return true;
}

static bool refuses_check(struct told *t, const struct oracle_answer *truth, uint32_t sense)
{
    struct oracle_answer lie = {.check = true,
                                .key = (uint8_t)(sense >> 16),
                                .asc = (uint8_t)(sense >> 8),
                                .ascq = (uint8_t)sense};

    if (truth->check && truth->key == lie.key && truth->asc == lie.asc && truth->ascq == lie.ascq) {
        return true;
    }
    return refuses(t, lie, "another sense");
}

static bool refuses_changed_bytes(struct told *t, const struct oracle_answer *truth)
{
    static uint8_t changed[ROOM_BYTES];
    struct oracle_answer lie = *truth;
    bool all = true;

    if (!truth->data) {
        return true;
    }
    lie.data = changed;
    memcpy(changed, truth->data, truth->data_bytes);
    for (size_t i = 0; i < truth->data_bytes; i++) {
        const bool is_free = i >= t->free_from && i < t->free_to;
        const bool is_end = i < FLIPS_WHOLE || i + FLIPS_WHOLE >= truth->data_bytes;

        if (is_free || (!is_end && i % FLIPS_STEP)) {
            continue;
        }
        changed[i] ^= 0x01;
        all &= refuses(t, lie, "a changed byte");
        changed[i] ^= 0x81;
        all &= refuses(t, lie, "a changed byte");
        changed[i] = truth->data[i];
    }
    return all;
}

static bool refuses_lengths(struct told *t, const struct oracle_answer *truth)
{
    static const uint8_t nothing[ROOM_BYTES];
    struct oracle_answer lie = *truth;
    bool all = true;

    if (!lie.data) {
        lie.data = nothing;
    }
    lie.data_bytes = truth->data_bytes + 1;
    all &= truth->data_bytes >= sizeof(nothing) || refuses(t, lie, "a byte too many");
    if (truth->data_bytes) {
        lie.data_bytes = truth->data_bytes - 1;
        all &= refuses(t, lie, "a byte too few");
        lie.data_bytes = 0;
        all &= refuses(t, lie, "no data");
    }
    return all;
}

static bool refuses_pointers(struct told *t, const struct oracle_answer *truth)
{
    struct oracle_answer lie = *truth;
    bool all = true;

    lie.pointer = truth->pointer == ORACLE_POINTER_CDB ? ORACLE_POINTER_LIST : ORACLE_POINTER_CDB;
    all &= refuses(t, lie, "another field pointer");
    if (truth->pointer != ORACLE_POINTER_NONE) {
        lie.pointer = ORACLE_POINTER_NONE;
        all &= refuses(t, lie, "no field pointer");
        lie.pointer = truth->pointer;
        lie.pointer_byte++;
        all &= refuses(t, lie, "a pointer to another byte");
    }
    lie = *truth;
    lie.information_valid = true;
    return refuses(t, lie, "INFORMATION") && all;
}

static bool refuses_lies(struct told *t, const struct oracle_answer *truth)
{
    static const uint32_t senses[] = {0x000000, 0x023a01, 0x023a02, 0x051a00, 0x052100, 0x052400,
                                      0x052600, 0x052c00, 0x055500, 0x056f00, 0x056f01, 0x056f02,
                                      0x056f03, 0x056f04, 0x062800, 0x062900, 0x044400};
    const struct oracle_answer good = {.check = false};
    struct oracle_answer with_data = *truth;
    bool all = true;

    for (size_t i = 0; i < sizeof(senses) / sizeof(senses[0]); i++) {
        all &= refuses_check(t, truth, senses[i]);
    }
    if (!truth->check) {
        return refuses_lengths(t, truth) && refuses_changed_bytes(t, truth) && all;
    }
    with_data.data = t->list;
    with_data.data_bytes = 8;
    all &= refuses(t, good, "GOOD") && refuses(t, with_data, "a refusal with data");
    return refuses_pointers(t, truth) && all;
}

static bool tell(struct told *t, const struct oracle_answer *truth)
{
    const bool refused = t->is_open || refuses_lies(t, truth);
    const char *text = judge(t, &t->o, truth, &t->note);

    t->is_open = false;
    t->free_from = t->free_to = 0;
    if (text) {
        printf("oracle: %02X ...%02X: the truth was refused: %s\n", t->cdb[0], t->cdb[10], text);
        return false;
    }
    if (t->note.judged) {
        told_met[t->note.rule]++;
    }
    return refused;
}

bool told_good(struct told *t, const uint8_t *data, size_t bytes)
{
    const struct oracle_answer truth = {.data = data, .data_bytes = bytes};

    return tell(t, &truth);
}

bool told_check(struct told *t, uint32_t sense, int pointed)
{
    struct oracle_answer truth = {.check = true,
                                  .key = (uint8_t)(sense >> 16),
                                  .asc = (uint8_t)(sense >> 8),
                                  .ascq = (uint8_t)sense};

    if (pointed >= 0) {
        truth.pointer = pointed & TOLD_LIST ? ORACLE_POINTER_LIST : ORACLE_POINTER_CDB;
        truth.pointer_byte = (uint16_t)(pointed & ~TOLD_LIST);
    }
    return tell(t, &truth);
}

/* ---- exchanges ---- */

static const uint8_t host_challenge[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
static const uint8_t drive_challenge[] = {0xd0, 0xd1, 0xd2, 0xd3, 0xd4,
                                          0xd5, 0xd6, 0xd7, 0xd8, 0xd9};

void told_key1_reply(uint8_t out[static 12])
{
    memset(out, 0, 12);
    out[1] = 0x0a;
    host_css_key1(TOLD_VARIANT, host_challenge, out + 4);
}

void told_challenge_reply(uint8_t out[static 16])
{
    memset(out, 0, 16);
    out[1] = 0x0e;
    memcpy(out + 4, drive_challenge, sizeof(drive_challenge));
}

void told_list_key2(struct told *t)
{
    host_css_key2(TOLD_VARIANT, drive_challenge, t->list + 4);
}

bool told_grant(struct told *t, unsigned agid)
{
    told_report(t, 0x00, 0);
    return TOLD_DATA(t, 0, 6, 0, 0, 0, 0, 0, (uint8_t)(agid << 6));
}

bool told_challenge(struct told *t, unsigned agid)
{
    told_send(t, 0x01, agid);
    memcpy(t->list + 4, host_challenge, sizeof(host_challenge));
    return TOLD_GOOD(t);
}

bool told_key1(struct told *t, unsigned agid)
{
    uint8_t reply[12];

    told_report(t, 0x02, agid);
    told_key1_reply(reply);
    return told_good(t, reply, sizeof(reply));
}

bool told_drive_challenge(struct told *t, unsigned agid)
{
    uint8_t reply[16];

    told_report(t, 0x01, agid);
    told_challenge_reply(reply);
    if (t->o.slot[agid].state == ORACLE_KEY1) {
        t->free_from = 4; /* the first time they are the drive's choice */
        t->free_to = 14;
    }
    return told_good(t, reply, sizeof(reply));
}

bool told_key2(struct told *t, unsigned agid)
{
    told_send(t, 0x03, agid);
    told_list_key2(t);
    return TOLD_GOOD(t);
}

bool told_to(struct told *t, unsigned agid, enum oracle_slot_state state)
{
    static bool (*const steps[])(struct told *, unsigned) = {told_grant, told_challenge, told_key1,
                                                             told_drive_challenge, told_key2};
    bool all = true;

    for (unsigned step = 0; step < (unsigned)state; step++) {
        all &= steps[step](t, agid);
    }
    return all && t->o.slot[agid].state == state;
}

static void bus_key(uint8_t out[static ORACLE_KEY_BYTES])
{
    uint8_t key1[ORACLE_KEY_BYTES], key2[ORACLE_KEY_BYTES];

    host_css_key1(TOLD_VARIANT, host_challenge, key1);
    host_css_key2(TOLD_VARIANT, drive_challenge, key2);
    host_css_bus_key(TOLD_VARIANT, key1, key2, out);
}

bool told_title_key(struct told *t, uint8_t cpr_mai, const uint8_t key[static ORACLE_KEY_BYTES])
{
    uint8_t reply[12] = {0, 0x0a, 0, 0, cpr_mai}, bus[ORACLE_KEY_BYTES];

    bus_key(bus);
    memcpy(reply + 5, key, ORACLE_KEY_BYTES);
    host_css_clear(reply + 5, ORACLE_KEY_BYTES, bus);
    return told_good(t, reply, sizeof(reply));
}

bool told_disc_key(struct told *t)
{
    uint8_t reply[4 + ORACLE_BLOCK_BYTES] = {8, 2}, bus[ORACLE_KEY_BYTES];

    bus_key(bus);
    memcpy(reply + 4, t->o.disc->disc_key_block, ORACLE_BLOCK_BYTES);
    host_css_clear(reply + 4, ORACLE_BLOCK_BYTES, bus);
    return told_good(t, reply, sizeof(reply));
}
