/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file told_oracle.h
 * The oracle without a drive: a test tells it, step by step, what a drive answered. Before each
 * true answer the oracle hears lies about it - another status, another sense, a byte too many or
 * too few, every byte of the reply changed - and has to refuse each one. What rules were met and
 * what rules refused a lie is counted over the whole program.
 */
#ifndef DVDEMU_TOLD_ORACLE_H
#define DVDEMU_TOLD_ORACLE_H

#include "tests/oracle/oracle.h"

struct told {
    struct oracle o;
    unsigned nexus; /**< who sends the commands; 0 and 1 have come */
    struct oracle_note note;

    uint8_t cdb[16], list[64];
    size_t cdb_bytes, list_bytes;
    size_t free_from, free_to; /**< bytes of the next reply that the rules leave to the drive */
    bool is_open;              /**< so is the status of the next answer; both hold for one step */
};

extern unsigned told_met[ORACLE_RULE_COUNT], told_caught[ORACLE_RULE_COUNT];

/** Blocks 8..15 F0h with key A, 16..23 B0h without one, 40..47 F0h with key B; 64 blocks. */
extern const struct oracle_disc told_css_disc;   /**< RMI FEh: region 1 alone */
extern const struct oracle_disc told_plain_disc; /**< 64 blocks */
extern const struct oracle_disc told_cd;         /**< 64 blocks */
extern const uint8_t told_key_a[ORACLE_KEY_BYTES], told_key_b[ORACLE_KEY_BYTES];

/** Two nexuses, no disc, nothing pending. */
void told_init(struct told *t);
/** The same with a disc, its attentions taken. */
void told_init_disc(struct told *t, const struct oracle_disc *disc);
/** Forget pending attentions. */
void told_quiet(struct told *t);

/* ---- a command ---- */

/** A CDB as it is, no parameter list. */
void told_cdb(struct told *t, const uint8_t *cdb, size_t bytes);
#define TOLD_CDB(t, ...)                                                                           \
    told_cdb((t), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/** REPORT KEY with an allocation length of FFFFh; SEND KEY with the list of the format, zeros. */
void told_report(struct told *t, uint8_t format, unsigned agid);
void told_send(struct told *t, uint8_t format, unsigned agid);
/** The disc key of that AGID. */
void told_ask_disc_key(struct told *t, unsigned agid);
/** REPORT KEY 04h of a block. */
void told_ask_title_key(struct told *t, unsigned agid, uint32_t lba);
/** READ(10). */
void told_read(struct told *t, uint32_t lba, uint16_t blocks);

/* ---- its answer; false: the oracle refused the truth, or took a lie ---- */

bool told_good(struct told *t, const uint8_t *data, size_t bytes);
#define TOLD_GOOD(t) told_good((t), NULL, 0)
#define TOLD_DATA(t, ...)                                                                          \
    told_good((t), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
/** `pointed` -1: no field pointer, else a byte of the CDB, or with TOLD_LIST added, of the list. */
#define TOLD_LIST 0x100
bool told_check(struct told *t, uint32_t sense, int pointed);
#define TOLD_CHECK(t, sense) told_check((t), (sense), -1)

/* ---- exchanges: each step is told, with lies ---- */

/** What the drive of this test does; KEY1 and bus key by host_css.h. */
#define TOLD_VARIANT 7
bool told_grant(struct told *t, unsigned agid);
bool told_challenge(struct told *t, unsigned agid);
bool told_key1(struct told *t, unsigned agid);
bool told_drive_challenge(struct told *t, unsigned agid);
bool told_key2(struct told *t, unsigned agid);
/** All steps from FREE to that state. */
bool told_to(struct told *t, unsigned agid, enum oracle_slot_state state);
/** The replies, without any answer told: 12 bytes, 16 bytes. */
void told_key1_reply(uint8_t out[static 12]);
void told_challenge_reply(uint8_t out[static 16]);
/** Put the right KEY2 into the parameter list. */
void told_list_key2(struct told *t);

/** A key under the bus key of those exchanges, told as the answer. */
bool told_title_key(struct told *t, uint8_t cpr_mai, const uint8_t key[static ORACLE_KEY_BYTES]);
bool told_disc_key(struct told *t);

#endif
