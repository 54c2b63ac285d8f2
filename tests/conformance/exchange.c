/* SPDX-License-Identifier: GPL-2.0-only */
#include "exchange.h"

#include "host_cdbs.h"
#include "tests/support/lcg.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define HEADER_BYTES 4
#define UNUSED_AGID  3 /* an exchange that has none yet speaks of one that is free */

/* Key formats (mmc-spec 1.2, 1.4). */
enum { AGID = 0x00, CHALLENGE = 0x01, KEY_1 = 0x02, KEY_2 = 0x03, TITLE_KEY = 0x04, NONE = 0x3f };

const char *const stage_names[STAGES] = {"FREE", "GRANTED", "HCHAL", "KEY1", "DCHAL", "BUSKEY"};

/* REPORT KEY of exactly the reply's length: nothing is left over, nothing cut. */
static int ask(struct exchange *x, uint8_t format, uint32_t lba, uint8_t *reply, uint16_t bytes)
{
    int outcome = report_key(x->i, x->agid, format, lba, reply, bytes);

    if (outcome == GOOD) {
        CU_ASSERT_EQUAL(last_result.in_bytes, bytes);
        CU_ASSERT_EQUAL(last_result.residual, INITIATOR_NO_RESIDUAL);
        CU_ASSERT_EQUAL(reply[0] << 8 | reply[1], bytes - 2);
        CU_ASSERT_EQUAL(reply[2] | reply[3], 0);
    }
    return outcome;
}

int ask_agid(struct exchange *x)
{
    uint8_t reply[8] = {0};
    int outcome = ask(x, AGID, 0, reply, sizeof(reply));

    if (outcome == GOOD) {
        x->agid = reply[7] >> 6;
        CU_ASSERT_EQUAL(reply[7] & 0x3f, 0);
        CU_ASSERT_EQUAL(reply[4] | reply[5] | reply[6], 0);
    }
    return outcome;
}

int send_challenge(struct exchange *x)
{
    static uint32_t random_state = 1;
    uint8_t list[16] = {0, 0x0e};
    int outcome;

    lcg_bytes(&random_state, list + HEADER_BYTES, HOST_CSS_CHALLENGE_BYTES);
    outcome = send_key(x->i, x->agid, CHALLENGE, list, sizeof(list));
    if (outcome == GOOD) {
        memcpy(x->host_challenge, list + HEADER_BYTES, HOST_CSS_CHALLENGE_BYTES);
    }
    return outcome;
}

int ask_key1(struct exchange *x)
{
    uint8_t reply[12] = {0};
    int outcome = ask(x, KEY_1, 0, reply, sizeof(reply));

    if (outcome == GOOD) {
        memcpy(x->key1, reply + HEADER_BYTES, HOST_CSS_KEY_BYTES);
        x->variant = host_css_find_variant(x->host_challenge, x->key1);
        CU_ASSERT_NOT_EQUAL(x->variant, -1);
        CU_ASSERT_EQUAL(reply[9] | reply[10] | reply[11], 0);
    }
    return outcome;
}

int ask_challenge(struct exchange *x)
{
    uint8_t reply[16] = {0};
    int outcome = ask(x, CHALLENGE, 0, reply, sizeof(reply));

    if (outcome == GOOD) {
        memcpy(x->drive_challenge, reply + HEADER_BYTES, HOST_CSS_CHALLENGE_BYTES);
        CU_ASSERT_EQUAL(reply[14] | reply[15], 0);
    }
    return outcome;
}

int send_key2(struct exchange *x, const uint8_t flip[HOST_CSS_KEY_BYTES])
{
    uint8_t list[12] = {0, 0x0a};
    int outcome;

    host_css_key2(x->variant < 0 ? 0 : (unsigned)x->variant, x->drive_challenge, x->key2);
    for (size_t n = 0; n < HOST_CSS_KEY_BYTES; n++) {
        list[HEADER_BYTES + n] = x->key2[n] ^ flip[n];
    }
    outcome = send_key(x->i, x->agid, KEY_2, list, sizeof(list));
    if (outcome == GOOD && x->variant >= 0) {
        host_css_bus_key((unsigned)x->variant, x->key1, x->key2, x->bus_key);
    }
    return outcome;
}

int send_right_key2(struct exchange *x)
{
    return send_key2(x, (const uint8_t[HOST_CSS_KEY_BYTES]){0});
}

int send_wrong_key2(struct exchange *x)
{
    return send_key2(x, (const uint8_t[HOST_CSS_KEY_BYTES]){0, 0, 0x10});
}

int ask_disc_key(struct exchange *x, uint8_t block[HOST_CSS_BLOCK_BYTES])
{
    uint8_t reply[HEADER_BYTES + HOST_CSS_BLOCK_BYTES] = {0};
    int outcome = read_structure(x->i, x->agid, 0x02, 0, reply, sizeof(reply));

    if (outcome == GOOD) {
        CU_ASSERT_EQUAL(last_result.in_bytes, sizeof(reply));
        CU_ASSERT_EQUAL(reply[0] << 8 | reply[1], sizeof(reply) - 2);
        memcpy(block, reply + HEADER_BYTES, HOST_CSS_BLOCK_BYTES);
        host_css_clear(block, HOST_CSS_BLOCK_BYTES, x->bus_key);
    }
    return outcome;
}

int ask_title_key(struct exchange *x, uint32_t lba, uint8_t *cpr_mai,
                  uint8_t key[HOST_CSS_KEY_BYTES])
{
    uint8_t reply[12] = {0};
    int outcome = ask(x, TITLE_KEY, lba, reply, sizeof(reply));

    if (outcome == GOOD) {
        *cpr_mai = reply[4];
        memcpy(key, reply + 5, HOST_CSS_KEY_BYTES);
        host_css_clear(key, HOST_CSS_KEY_BYTES, x->bus_key);
        CU_ASSERT_EQUAL(reply[10] | reply[11], 0);
    }
    return outcome;
}

int invalidate(struct exchange *x)
{
    return RUN(x->i, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(x->agid << 6 | NONE), 0);
}

/* ---- several steps ---- */

/* The step that leads into a stage. */
static int (*const into[STAGES])(struct exchange *) = {
    [GRANTED] = ask_agid,    [HCHAL] = send_challenge,   [KEY1] = ask_key1,
    [DCHAL] = ask_challenge, [BUSKEY] = send_right_key2,
};

void go_to(struct exchange *x, struct initiator *i, enum stage stage)
{
    *x = (struct exchange){.i = i, .agid = UNUSED_AGID, .variant = -1};
    for (enum stage s = GRANTED; s <= stage; s++) {
        EXPECT_FATAL(into[s](x), GOOD);
    }
}

bool complete_from(struct exchange *x, enum stage stage)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];

    for (enum stage s = stage + 1; s < STAGES; s++) {
        if (into[s](x) != GOOD) {
            return false;
        }
    }
    return ask_disc_key(x, block) == GOOD;
}

void authenticate(struct initiator *i)
{
    struct exchange x;

    go_to(&x, i, FREE);
    CU_ASSERT_TRUE_FATAL(complete_from(&x, FREE));
}

/* Each question is refused without a change in the stages that the ones below it tell apart. */
enum stage find_stage(struct exchange *x)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];
    int outcome;

    if (ask_disc_key(x, block) == GOOD) {
        return BUSKEY;
    }
    outcome = send_wrong_key2(x);
    if (outcome == CDB_FIELD) {
        return FREE;
    }
    if (outcome == AUTH_FAILURE) {
        return DCHAL;
    }
    if (ask_challenge(x) == GOOD) {
        return KEY1;
    }
    return ask_key1(x) == GOOD ? HCHAL : GRANTED;
}
