/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file check_talk.h
 * Inside the conformance suite: what a row of check.h asks with, and how it says what it saw.
 *
 * A row fails by the first thing that is not as expected and may go on to say more; it is skipped
 * by check_skip(). The last command's answer is in k->answer, its data in k->in.
 */
#ifndef DVDEMU_CHECK_TALK_H
#define DVDEMU_CHECK_TALK_H

#include "check.h"

#define ROWS_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/**
 * What a command may end with: 0, or 0xKAAQQ. Numbers from mmc-spec 3.4, typed apart from
 * scsi/sense.h, which the drive uses.
 */
/* clang-format off */
enum check_outcome {
    GOOD              = 0,
    NO_SENSE          = 0xf0000, /* CHECK CONDITION with 00/00/00; Fh is no sense key that MMC has */
    BECOMING_READY    = 0x20401,
    NO_MEDIUM         = 0x23aff, /* any qualifier: tray open, closed, or not told */
    TRAY_OPEN         = 0x23a02,
    LIST_LENGTH       = 0x51a00,
    BAD_OPCODE        = 0x52000,
    LBA_RANGE         = 0x52100,
    CDB_FIELD         = 0x52400,
    LIST_FIELD        = 0x52600,
    SEQUENCE          = 0x52c00,
    WRONG_FORMAT      = 0x53002,
    NO_SAVING         = 0x53900,
    PREVENTED         = 0x55302,
    NO_AGID           = 0x55500,
    AUTH_FAILURE      = 0x56f00,
    NO_KEY            = 0x56f01,
    NOT_ESTABLISHED   = 0x56f02,
    SCRAMBLED         = 0x56f03,
    REGION_REFUSED    = 0x56f04,
    REGION_PERMANENT  = 0x56f05,
    MEDIUM_CHANGED    = 0x62800,
    POWER_ON          = 0x62900,
    OTHER_STATUS      = -1,      /* no CHECK CONDITION, or one without sense */
    LOST              = -2
};
/* clang-format on */
#define ANY_QUALIFIER 0xff

/* ---- asking ---- */

/** Send a command as k->host; returns its outcome. */
int check_send(struct check *k, const uint8_t *cdb, size_t cdb_bytes, const uint8_t *out,
               size_t out_bytes, size_t in_bytes);

#define CHECK_CDB(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/** ASK(k, 8, 0x25, 0, ...): a command that wants `in_bytes` bytes; 0: none. */
#define ASK(k, in_bytes, ...) check_send((k), CHECK_CDB(__VA_ARGS__), NULL, 0, (in_bytes))
/** TELL(k, list, bytes, 0xa3, ...): a command with a parameter list. */
#define TELL(k, out, bytes, ...) check_send((k), CHECK_CDB(__VA_ARGS__), (out), (bytes), 0)

/** TEST UNIT READY. */
int ask_test_unit_ready(struct check *k);
/** REPORT KEY with that allocation length, AGID and format in byte 10. */
int ask_report_key(struct check *k, unsigned agid, unsigned format, uint32_t lba, size_t bytes);
/** SEND KEY of a list of `bytes` bytes. */
int ask_send_key(struct check *k, unsigned agid, unsigned format, const uint8_t *list,
                 size_t bytes);
/** READ DVD STRUCTURE of layer 0. */
int ask_structure(struct check *k, unsigned agid, unsigned format, uint32_t address, size_t bytes);
/** READ(10). */
int ask_read(struct check *k, uint32_t lba, unsigned blocks);
/** GET CONFIGURATION. */
int ask_configuration(struct check *k, unsigned request, unsigned first, size_t bytes);
/** GET EVENT STATUS NOTIFICATION, polled. */
int ask_event_status(struct check *k, unsigned classes, size_t bytes);
/** ASF, -1: not told, and the row has failed. */
int ask_asf(struct check *k);
/** RPC state of the drive now, also into k->facts. False: not told, and the row has failed. */
bool ask_region(struct check *k, struct region_state *state);
/** What the region facts say of title keys; sets CHECK_REGION_MATCH or CHECK_REGION_MISMATCH. */
void check_judge_region(struct check *k);
/** Byte 6 of mode page 2Ah: what the tray can do and is; -1: not told, and the row has failed. */
int ask_lock_bits(struct check *k);
#define PAGE_2A_CAN_LOCK  0x01
#define PAGE_2A_LOCKED    0x02
#define PAGE_2A_CAN_EJECT 0x08
#define PAGE_2A_MECHANISM 0xe0
/** CPR_MAI of a block: from the description, or by READ DVD STRUCTURE 05h. False: not told. */
bool check_cpr_mai(struct check *k, uint32_t lba, uint8_t *out);

/** Take unit attentions until there is none; returns the outcome of the last TEST UNIT READY. */
int check_drain(struct check *k);

/** The same, and wait for a disc that is becoming ready, as long as the options allow. */
int check_wait_until_ready(struct check *k);

/** Log in the second host, with its attentions taken. False: the row has failed. */
bool check_second_host(struct check *k);
/** Log in as that host and leave the attention alone. False: the row has failed. */
bool check_login(struct check *k, unsigned host);
/**
 * LOGICAL UNIT RESET by the host of the moment. False: the row has failed; as the session may be
 * lost with it, the next row has another.
 */
bool check_reset_unit(struct check *k);
/** Log out. */
void check_logout(struct check *k, unsigned host);

/* ---- judging ---- */

/** Whether the last command ended with `wanted`; otherwise the row fails with both in words. */
bool check_expect(struct check *k, int wanted);

/** The same for GOOD with exactly `bytes` bytes of data. */
bool check_expect_reply(struct check *k, size_t bytes);

/** Whether the data begins with these bytes; otherwise the row fails with both. */
bool check_expect_data(struct check *k, const char *what, const uint8_t *wanted, size_t bytes);

/** Whether a number is what it has to be; otherwise the row fails with both. */
bool check_expect_number(struct check *k, const char *what, unsigned long wanted,
                         unsigned long seen);

/** Whether it holds; otherwise the row fails: "CDB: expected ..." with the rest in words. */
__attribute__((format(printf, 3, 4))) bool check_expect_that(struct check *k, bool holds,
                                                             const char *format, ...);

/** Whether `outcome` is `wanted`, any qualifier allowed for. */
bool check_outcome_is(int outcome, int wanted);

/** ASF has to be this. */
bool check_expect_asf(struct check *k, bool wanted);

/** The sense of the last command points at a byte of the CDB, or of the parameter list. */
bool check_expect_pointer(struct check *k, bool in_list, unsigned byte);

/** Fail the row with a line. */
__attribute__((format(printf, 2, 3))) void check_fail(struct check *k, const char *format, ...);

/** Skip the row, unless it has failed. */
__attribute__((format(printf, 2, 3))) void check_skip(struct check *k, const char *format, ...);

/** What the following lines are about: goes in front of each until changed; "" ends it. */
__attribute__((format(printf, 2, 3))) void check_where(struct check *k, const char *format, ...);

/**
 * For a command with an allocation length of `width` bytes at `at` in its CDB: ask with 0, 1, n-1,
 * n and n+1, n being `bytes`, and expect prefixes of what it said at first.
 */
void check_cut_replies(struct check *k, const uint8_t *cdb, size_t cdb_bytes, size_t at,
                       size_t width, size_t bytes);

/** The allocation lengths of a row that cuts a reply of `bytes` bytes: 0, 1, n-1, n, n+1. */
#define CUTS 5
size_t check_cut(size_t bytes, unsigned n);

/* ---- survey, check_survey.c ---- */

/** Find out what check_facts has. False: k->text says why this drive is not to be checked. */
bool check_survey(struct check *k);

#endif
