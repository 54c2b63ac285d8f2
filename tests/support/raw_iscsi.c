/* SPDX-License-Identifier: GPL-2.0-only */
#include "raw_iscsi.h"

#include "scsi/be.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define DEADLINE_S     10
#define NAME_BYTES     256
#define DATA_BYTES_MAX (1u << 24) /* of a PDU: the field has 24 bits */

/* Opcodes of an initiator (11.2.1.2) and bits of byte 0 and 1. */
#define OP_COMMAND           0x01
#define OP_MANAGE            0x02
#define OP_LOGIN             0x03
#define OP_DATA_OUT          0x05
#define OP_LOGOUT            0x06
#define OP_MASK              0x3f
#define OP_IMMEDIATE         0x40
#define LOGIN_TRANSIT        0x80
#define LOGIN_TO_OPERATIONAL 0x01 /* from the security stage */
#define LOGIN_OPERATIONAL    0x04 /* current stage */
#define LOGIN_FULL           0x03 /* next stage */
#define DATA_IN_STATUS       0x01 /* S */
#define RESIDUAL_UNDER       0x02 /* U, in Response and Data-In alike */
#define RESIDUAL_OVER        0x04 /* O */

/* Offsets in a basic header segment. */
#define BHS_FLAGS      1
#define BHS_STATUS     3
#define BHS_AHS        4
#define BHS_LUN        8
#define BHS_ITT        16
#define BHS_EXPECTED   20
#define BHS_REFERENCED 20 /* task tag, in a task management request */
#define BHS_REFCMDSN   32
#define BHS_MANAGED    2 /* response of a task management function */
#define BHS_STATSN     24
#define BHS_CMDSN      24
#define BHS_EXPSTAT    28
#define BHS_CDB        32
#define BHS_OFFSET     40
#define BHS_RESIDUAL   44
#define BHS_ISID       8
#define LOGIN_STATUS   36

#define NO_TAG 0xffffffffu

struct raw_iscsi {
    int socket;
    unsigned lun;
    uint32_t cmdsn, expstatsn, itt;
    struct raw_pdu received; /* the last one; its data moves on to a reply */
};

/* ---- bytes and PDUs ---- */

static bool send_all(int socket, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    while (count) {
        ssize_t n = send(socket, at, count, MSG_NOSIGNAL);

        if (n <= 0) {
            return false;
        }
        at += n;
        count -= (size_t)n;
    }
    return true;
}

static bool receive_all(int socket, void *bytes, size_t count)
{
    uint8_t *at = bytes;

    while (count) {
        ssize_t n = recv(socket, at, count, 0);

        if (n <= 0) {
            return false;
        }
        at += n;
        count -= (size_t)n;
    }
    return true;
}

static uint32_t padding(uint32_t bytes)
{
    return -bytes & 3;
}

static uint32_t data_length(const uint8_t *bhs)
{
    return be32_get(bhs + BHS_AHS) & (DATA_BYTES_MAX - 1);
}

static bool send_pdu(struct raw_iscsi *raw, uint8_t *bhs, const void *data, size_t bytes)
{
    static const uint8_t zeros[4];

    be32_put(bhs + BHS_AHS, (uint32_t)bytes); /* no additional headers */
    return bytes < DATA_BYTES_MAX && send_all(raw->socket, bhs, RAW_BHS_BYTES) &&
           send_all(raw->socket, data, bytes) &&
           send_all(raw->socket, zeros, padding((uint32_t)bytes));
}

/* Into raw->received. */
static bool receive_pdu(struct raw_iscsi *raw)
{
    struct raw_pdu *pdu = &raw->received;
    uint32_t bytes;

    free(pdu->data);
    pdu->data = NULL;
    if (!receive_all(raw->socket, pdu->bhs, RAW_BHS_BYTES) || pdu->bhs[BHS_AHS] != 0) {
        return false;
    }
    bytes = data_length(pdu->bhs);
    pdu->data_bytes = bytes;
    pdu->data = malloc(bytes + padding(bytes) + 1);
    return pdu->data && receive_all(raw->socket, pdu->data, bytes + padding(bytes));
}

/* ---- login ---- */

struct place {
    char host[NAME_BYTES], target[NAME_BYTES];
    unsigned port, lun;
};

static bool parse_url(const char *url, struct place *place)
{
    return sscanf(url, "iscsi://%255[^:/]:%u/%255[^/]/%u", place->host, &place->port, place->target,
                  &place->lun) == 4;
}

static int connect_to(const struct place *place)
{
    const struct timeval deadline = {.tv_sec = DEADLINE_S};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)place->port)};
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (s < 0) {
        return -1;
    }
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (inet_pton(AF_INET, place->host, &address.sin_addr) != 1 ||
        connect(s, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        close(s);
        return -1;
    }
    return s;
}

/* One login exchange; `stages` are the current and the next. */
static bool log_in_step(struct raw_iscsi *raw, uint8_t stages, const char *text, size_t bytes)
{
    static const uint8_t isid[6] = {0x80, 0xdd, 0xee, 0x00, 0x00, 0x01};
    uint8_t bhs[RAW_BHS_BYTES] = {OP_LOGIN | OP_IMMEDIATE, LOGIN_TRANSIT | stages};

    memcpy(bhs + BHS_ISID, isid, sizeof(isid));
    be32_put(bhs + BHS_CMDSN, raw->cmdsn);
    be32_put(bhs + BHS_EXPSTAT, raw->expstatsn);
    if (!send_pdu(raw, bhs, text, bytes) || !receive_pdu(raw)) {
        return false;
    }
    raw->expstatsn = be32_get(raw->received.bhs + BHS_STATSN) + 1;
    return (raw->received.bhs[0] & OP_MASK) == RAW_OP_LOGIN_RESPONSE &&
           raw->received.bhs[LOGIN_STATUS] == 0 && raw->received.bhs[BHS_FLAGS] & LOGIN_TRANSIT;
}

/* By way of the security stage, without which tgtd does not reinstate a session. */
static bool log_in(struct raw_iscsi *raw, const char *initiator_name, const char *target)
{
    static const char operational[] = "HeaderDigest=None\0DataDigest=None\0"
                                      "MaxRecvDataSegmentLength=65536\0InitialR2T=Yes\0"
                                      "ImmediateData=Yes\0ErrorRecoveryLevel=0";
    char text[2 * NAME_BYTES + 128];
    int n = snprintf(text, sizeof(text),
                     "InitiatorName=%s%cSessionType=Normal%cTargetName=%s%cAuthMethod=None%c",
                     initiator_name, 0, 0, target, 0, 0);

    return n > 0 && (size_t)n < sizeof(text) &&
           log_in_step(raw, LOGIN_TO_OPERATIONAL, text, (size_t)n) &&
           log_in_step(raw, LOGIN_OPERATIONAL | LOGIN_FULL, operational, sizeof(operational));
}

struct raw_iscsi *raw_login(const char *url, const char *initiator_name)
{
    struct raw_iscsi *raw = calloc(1, sizeof(*raw));
    struct place place;

    if (!raw) {
        return NULL;
    }
    raw->socket = -1;
    raw->cmdsn = 1;
    if (parse_url(url, &place)) {
        raw->lun = place.lun;
        raw->socket = connect_to(&place);
    }
    if (raw->socket < 0 || !log_in(raw, initiator_name, place.target)) {
        raw_close(raw, false);
        return NULL;
    }
    return raw;
}

void raw_close(struct raw_iscsi *raw, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (!raw) {
        return;
    }
    if (raw->socket >= 0) {
        if (reset) {
            setsockopt(raw->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        }
        close(raw->socket);
    }
    free(raw->received.data);
    free(raw);
}

/* ---- one command ---- */

bool raw_send(struct raw_iscsi *raw, const struct raw_command *command)
{
    uint8_t bhs[RAW_BHS_BYTES] = {OP_COMMAND, command->flags};

    bhs[BHS_LUN + 1] = (uint8_t)raw->lun; /* flat enough below 256 */
    be32_put(bhs + BHS_ITT, ++raw->itt);
    be32_put(bhs + BHS_EXPECTED, command->expected_bytes);
    be32_put(bhs + BHS_CMDSN, raw->cmdsn++);
    be32_put(bhs + BHS_EXPSTAT, raw->expstatsn);
    memcpy(bhs + BHS_CDB, command->cdb, command->cdb_bytes);
    return send_pdu(raw, bhs, command->immediate, command->immediate_bytes);
}

bool raw_answer_r2t(struct raw_iscsi *raw, const uint8_t *out, size_t out_bytes)
{
    const uint8_t *r2t = raw->received.bhs;
    const uint32_t offset = be32_get(r2t + BHS_OFFSET), wanted = be32_get(r2t + BHS_RESIDUAL);
    uint8_t bhs[RAW_BHS_BYTES] = {OP_DATA_OUT, RAW_FINAL};

    if (offset > out_bytes || wanted > out_bytes - offset) {
        return false;
    }
    memcpy(bhs + BHS_LUN, r2t + BHS_LUN, 8);
    memcpy(bhs + BHS_ITT, r2t + BHS_ITT, 8); /* and the target's tag behind it */
    be32_put(bhs + BHS_EXPSTAT, raw->expstatsn);
    be32_put(bhs + BHS_OFFSET, offset);
    return send_pdu(raw, bhs, out + offset, wanted);
}

static void keep(struct raw_iscsi *raw, struct raw_reply *reply)
{
    reply->pdus[reply->count++] = raw->received;
    raw->received.data = NULL;
}

static void take_status(struct raw_iscsi *raw, struct raw_reply *reply)
{
    const struct raw_pdu *pdu = &reply->pdus[reply->count - 1];

    raw->expstatsn = be32_get(pdu->bhs + BHS_STATSN) + 1;
    reply->status = pdu->bhs[BHS_STATUS];
    reply->underflow = pdu->bhs[BHS_FLAGS] & RESIDUAL_UNDER;
    reply->overflow = pdu->bhs[BHS_FLAGS] & RESIDUAL_OVER;
    reply->residual_bytes = be32_get(pdu->bhs + BHS_RESIDUAL);
}

enum step { GO_ON, DONE, BROKEN };

/* One PDU of the answer, kept. */
static enum step take_pdu(struct raw_iscsi *raw, const struct raw_command *command,
                          struct raw_reply *reply)
{
    const struct raw_pdu *pdu = &reply->pdus[reply->count];
    uint8_t opcode = raw->received.bhs[0] & OP_MASK;

    if (opcode == RAW_OP_R2T && !raw_answer_r2t(raw, command->out, command->out_bytes)) {
        return BROKEN;
    }
    keep(raw, reply);
    if (opcode == RAW_OP_DATA_IN) {
        reply->data_in_pdus++;
        reply->data_in_bytes += pdu->data_bytes;
        reply->status_in_data = pdu->bhs[BHS_FLAGS] & DATA_IN_STATUS;
    }
    if (opcode == RAW_OP_RESPONSE) {
        reply->segment = pdu->data;
        reply->segment_bytes = pdu->data_bytes;
    }
    if (opcode == RAW_OP_RESPONSE || reply->status_in_data) {
        take_status(raw, reply);
        return DONE;
    }
    return opcode == RAW_OP_REJECT ? BROKEN : GO_ON;
}

bool raw_run(struct raw_iscsi *raw, const struct raw_command *command, struct raw_reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    return raw_send(raw, command) && raw_wait(raw, command, reply);
}

bool raw_has_answer(const struct raw_iscsi *raw)
{
    struct pollfd readable = {.fd = raw->socket, .events = POLLIN};

    return poll(&readable, 1, 0) > 0;
}

bool raw_ask_manage(struct raw_iscsi *raw, enum raw_function function, uint32_t tag, uint32_t cmdsn)
{
    uint8_t bhs[RAW_BHS_BYTES] = {OP_IMMEDIATE | OP_MANAGE, (uint8_t)(RAW_FINAL | function)};

    bhs[BHS_LUN + 1] = (uint8_t)raw->lun;
    be32_put(bhs + BHS_ITT, ++raw->itt);
    be32_put(bhs + BHS_REFERENCED, function == RAW_ABORT_TASK ? tag : NO_TAG);
    be32_put(bhs + BHS_CMDSN, raw->cmdsn);
    be32_put(bhs + BHS_EXPSTAT, raw->expstatsn);
    be32_put(bhs + BHS_REFCMDSN, cmdsn);
    return send_pdu(raw, bhs, NULL, 0);
}

int raw_manage(struct raw_iscsi *raw, enum raw_function function)
{
    if (!raw_ask_manage(raw, function, raw->itt, raw->cmdsn - 1)) {
        return -1;
    }
    while (receive_pdu(raw)) {
        const uint8_t *got = raw->received.bhs;

        raw->expstatsn = be32_get(got + BHS_STATSN) + 1;
        if ((got[0] & OP_MASK) == RAW_OP_MANAGED) {
            return got[BHS_MANAGED];
        }
    }
    return -1;
}

bool raw_wait(struct raw_iscsi *raw, const struct raw_command *command, struct raw_reply *reply)
{
    enum step step = GO_ON;

    memset(reply, 0, sizeof(*reply));
    while (step == GO_ON && reply->count < RAW_PDUS_MAX && receive_pdu(raw)) {
        step = take_pdu(raw, command, reply);
    }
    return step == DONE;
}

/* ---- one PDU ---- */

int raw_socket(const struct raw_iscsi *raw)
{
    return raw->socket;
}

uint32_t raw_tag(const struct raw_iscsi *raw)
{
    return raw->itt;
}

uint32_t raw_cmdsn(const struct raw_iscsi *raw)
{
    return raw->cmdsn - 1;
}

bool raw_ask_logout(struct raw_iscsi *raw)
{
    uint8_t bhs[RAW_BHS_BYTES] = {OP_IMMEDIATE | OP_LOGOUT, RAW_FINAL}; /* reason 0: the session */

    be32_put(bhs + BHS_ITT, ++raw->itt);
    be32_put(bhs + BHS_CMDSN, raw->cmdsn);
    be32_put(bhs + BHS_EXPSTAT, raw->expstatsn);
    return send_pdu(raw, bhs, NULL, 0);
}

uint8_t raw_opcode(const struct raw_pdu *pdu)
{
    return pdu->bhs[0] & OP_MASK;
}

uint32_t raw_tag_of(const struct raw_pdu *pdu)
{
    return be32_get(pdu->bhs + BHS_ITT);
}

uint8_t raw_response_of(const struct raw_pdu *pdu)
{
    return pdu->bhs[BHS_MANAGED];
}

int raw_status_of(const struct raw_pdu *pdu)
{
    const uint8_t opcode = raw_opcode(pdu);
    const bool ends = opcode == RAW_OP_RESPONSE ||
                      (opcode == RAW_OP_DATA_IN && pdu->bhs[BHS_FLAGS] & DATA_IN_STATUS);

    return ends ? pdu->bhs[BHS_STATUS] : -1;
}

uint32_t raw_offset_of(const struct raw_pdu *pdu)
{
    return be32_get(pdu->bhs + BHS_OFFSET);
}

/* An R2T, and a Data-In without status, carry no StatSN that is to be acknowledged. */
const struct raw_pdu *raw_receive(struct raw_iscsi *raw)
{
    uint8_t opcode;

    if (!receive_pdu(raw)) {
        return NULL;
    }
    opcode = raw_opcode(&raw->received);
    if (opcode != RAW_OP_R2T && (opcode != RAW_OP_DATA_IN || raw_status_of(&raw->received) >= 0)) {
        raw->expstatsn = be32_get(raw->received.bhs + BHS_STATSN) + 1;
    }
    return &raw->received;
}

size_t raw_data_in(const struct raw_reply *reply, uint8_t *out, size_t room)
{
    size_t end = 0;

    for (size_t i = 0; i < reply->count; i++) {
        const struct raw_pdu *pdu = &reply->pdus[i];
        size_t offset = be32_get(pdu->bhs + BHS_OFFSET);

        if ((pdu->bhs[0] & OP_MASK) != RAW_OP_DATA_IN || offset + pdu->data_bytes > room) {
            continue;
        }
        memcpy(out + offset, pdu->data, pdu->data_bytes);
        end = offset + pdu->data_bytes > end ? offset + pdu->data_bytes : end;
    }
    return end;
}

void raw_reply_free(struct raw_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++) {
        free(reply->pdus[i].data);
    }
    memset(reply, 0, sizeof(*reply));
}
