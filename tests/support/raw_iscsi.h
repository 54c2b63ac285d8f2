/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file raw_iscsi.h
 * An initiator that hides nothing: it sends one SCSI command with any flags, any expected length
 * and any data, right or wrong, and keeps every PDU that comes back. To see what is on the wire.
 * One connection, no digests, no authentication; RFC 7143 is quoted by section.
 */
#ifndef DVDEMU_RAW_ISCSI_H
#define DVDEMU_RAW_ISCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_BHS_BYTES 48
#define RAW_PDUS_MAX  64

/* Byte 1 of a SCSI Command PDU (11.3.1). */
#define RAW_FINAL  0x80u
#define RAW_READ   0x40u
#define RAW_WRITE  0x20u
#define RAW_SIMPLE 0x01u

/* Opcodes of a target (11.2.1.2). */
enum raw_opcode {
    RAW_OP_NOP_IN = 0x20,
    RAW_OP_RESPONSE = 0x21,
    RAW_OP_MANAGED = 0x22,
    RAW_OP_LOGIN_RESPONSE = 0x23,
    RAW_OP_DATA_IN = 0x25,
    RAW_OP_LOGOUT_RESPONSE = 0x26,
    RAW_OP_R2T = 0x31,
    RAW_OP_REJECT = 0x3f
};

struct raw_iscsi;

struct raw_command {
    const uint8_t *cdb;
    size_t cdb_bytes; /**< at most 16 */
    uint8_t flags;    /**< byte 1 of the PDU */
    uint32_t expected_bytes;
    const uint8_t *immediate; /**< data in the command PDU */
    size_t immediate_bytes;
    const uint8_t *out; /**< data for R2Ts, from offset 0 */
    size_t out_bytes;
};

struct raw_pdu {
    uint8_t bhs[RAW_BHS_BYTES];
    uint8_t *data;
    size_t data_bytes; /**< as the header says, without padding */
};

/** Every PDU that answered, and what they add up to. */
struct raw_reply {
    struct raw_pdu pdus[RAW_PDUS_MAX];
    size_t count;
    uint8_t status;
    bool status_in_data;      /**< the last Data-In PDU carried it, there is no Response PDU */
    bool underflow, overflow; /**< bits U and O of the PDU with the status */
    uint32_t residual_bytes;
    size_t data_in_pdus, data_in_bytes;
    const uint8_t *segment; /**< data segment of the Response PDU: length, sense */
    size_t segment_bytes;
};

/**
 * Log in to iscsi://HOST:PORT/IQN/LUN; HOST is an IPv4 address. A second login of one name
 * reinstates the session of the first, which is gone then. NULL: it did not work.
 */
struct raw_iscsi *raw_login(const char *url, const char *initiator_name);

/** Send a command, answer its R2Ts, and wait for its status. False: none came. */
bool raw_run(struct raw_iscsi *raw, const struct raw_command *command, struct raw_reply *reply);

/** Send a command and look at nothing that comes back; false: it could not be sent. */
bool raw_send(struct raw_iscsi *raw, const struct raw_command *command);

/** Wait for the status of a command that raw_send() sent. False: none came. */
bool raw_wait(struct raw_iscsi *raw, const struct raw_command *command, struct raw_reply *reply);

/** Whether something has come that was not read yet. Never waits. */
bool raw_has_answer(const struct raw_iscsi *raw);

/** Task management functions (11.5.1). */
enum raw_function { RAW_ABORT_TASK = 1, RAW_ABORT_TASK_SET = 2, RAW_LUN_RESET = 5 };

/**
 * Ask for a task management function, ABORT TASK for the command that was sent last; what comes of
 * that command meanwhile is thrown away. Returns the response (11.6.1: 0 complete, 1 no such
 * task), -1: none came.
 */
int raw_manage(struct raw_iscsi *raw, enum raw_function function);

/*
 * For a host with several commands under way, which puts their answers together by itself. A task
 * is named by its tag, the one that raw_tag() tells after the request was sent.
 */

/** The socket, for poll(). */
int raw_socket(const struct raw_iscsi *raw);
/** Tag and CmdSN of the last command or request that was sent. */
uint32_t raw_tag(const struct raw_iscsi *raw);
uint32_t raw_cmdsn(const struct raw_iscsi *raw);
/** Send a task management request, ABORT TASK for a command with that tag and CmdSN. */
bool raw_ask_manage(struct raw_iscsi *raw, enum raw_function function, uint32_t tag,
                    uint32_t cmdsn);
/** Send a logout for the session. */
bool raw_ask_logout(struct raw_iscsi *raw);
/** Wait for one PDU, whatever it is; good until the next call. NULL: none came. */
const struct raw_pdu *raw_receive(struct raw_iscsi *raw);
/** Send what the R2T that raw_receive() gave asks for, out of `out`. */
bool raw_answer_r2t(struct raw_iscsi *raw, const uint8_t *out, size_t out_bytes);
/** Fields of a PDU: opcode, the tag of the task it belongs to, response of a managed task. */
uint8_t raw_opcode(const struct raw_pdu *pdu);
uint32_t raw_tag_of(const struct raw_pdu *pdu);
uint8_t raw_response_of(const struct raw_pdu *pdu);
/** Status of a PDU that ends a command (Response, Data-In with S); -1: it does not end one. */
int raw_status_of(const struct raw_pdu *pdu);
/** Buffer offset of a Data-In. */
uint32_t raw_offset_of(const struct raw_pdu *pdu);

/** Copy the data of all Data-In PDUs to where it belongs; returns the end of the last byte. */
size_t raw_data_in(const struct raw_reply *reply, uint8_t *out, size_t room);

void raw_reply_free(struct raw_reply *reply);

/** Close the connection: without a word, or with `reset` by a TCP reset. NULL is allowed. */
void raw_close(struct raw_iscsi *raw, bool reset);

#endif
