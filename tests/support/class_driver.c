/* SPDX-License-Identifier: GPL-2.0-only */
#include "class_driver.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"
#include "tests/windows/key_buffer.h"
#include "tests/windows/nt_status.h"
#include "tests/windows/sense_verdict.h"

#include <stdio.h>
#include <string.h>

#define RETRIES_MAX   5
#define SENSE_ROOM    18
#define KEY_CDB_BYTES 12
#define REPLY_HEADER  4
#define SECTOR_SHIFT  11
#define STRUCTURE_MAX 65535

/* ---- one command, with retries ---- */

static void log_command(struct class_driver *c, const uint8_t *cdb)
{
    if (cdb[0] != OP_SEND_KEY && cdb[0] != OP_REPORT_KEY && cdb[0] != OP_READ_DVD_STRUCTURE) {
        return;
    }
    if (c->log_count < CLASS_DRIVER_LOG_MAX) {
        c->log[c->log_count].opcode = cdb[0];
        c->log[c->log_count++].format = cdb[0] == OP_READ_DVD_STRUCTURE ? cdb[7] : cdb[10] & 0x3f;
    }
}

/* Data goes through the work buffer; `*got` is what came. */
static uint32_t execute(struct class_driver *c, const uint8_t *cdb, uint8_t cdb_bytes,
                        size_t out_bytes, size_t in_bytes, size_t *got)
{
    struct sense_verdict became = {0};

    for (int tries = 0; tries <= RETRIES_MAX; tries++) {
        struct class_driver_command command = {.cdb = cdb,
                                               .cdb_bytes = cdb_bytes,
                                               .out = out_bytes ? c->work : NULL,
                                               .out_bytes = out_bytes,
                                               .in = in_bytes ? c->work : NULL,
                                               .in_room = in_bytes};

        log_command(c, cdb);
        c->run(c->ctx, &command);
        *got = command.in_bytes;
        if (command.sense_bytes == 0) {
            return NT_SUCCESS_STATUS;
        }
        became = sense_verdict(sense_code_read(
            command.sense, command.sense_bytes < SENSE_ROOM ? command.sense_bytes : SENSE_ROOM));
        if (!became.retried) {
            break;
        }
    }
    return became.status;
}

static uint32_t no_data(struct class_driver *c, const uint8_t *cdb, uint8_t cdb_bytes)
{
    size_t got;

    return execute(c, cdb, cdb_bytes, 0, 0, &got);
}

static uint32_t read_data(struct class_driver *c, const uint8_t *cdb, uint8_t cdb_bytes,
                          size_t bytes, size_t *got)
{
    return execute(c, cdb, cdb_bytes, 0, bytes, got);
}

static uint32_t report_key(struct class_driver *c, uint32_t session, uint32_t type, uint32_t lba,
                           uint16_t bytes, size_t *got)
{
    uint8_t cdb[KEY_CDB_BYTES] = {OP_REPORT_KEY};

    be32_put(cdb + 2, lba);
    be16_put(cdb + 8, bytes);
    cdb[10] = (uint8_t)(session << 6 | (type & 0x3f));
    return read_data(c, cdb, sizeof(cdb), bytes, got);
}

static uint32_t read_structure(struct class_driver *c, uint32_t lba, uint8_t layer, uint8_t format,
                               uint32_t session, uint16_t bytes, size_t *got)
{
    uint8_t cdb[KEY_CDB_BYTES] = {OP_READ_DVD_STRUCTURE};

    be32_put(cdb + 2, lba);
    cdb[6] = layer;
    cdb[7] = format;
    be16_put(cdb + 8, bytes);
    cdb[10] = (uint8_t)(session << 6);
    return read_data(c, cdb, sizeof(cdb), bytes, got);
}

static uint32_t send_list(struct class_driver *c, uint32_t session, uint32_t type, uint16_t bytes)
{
    uint8_t cdb[KEY_CDB_BYTES] = {OP_SEND_KEY};
    size_t got;

    be16_put(cdb + 8, bytes);
    cdb[10] = (uint8_t)(session << 6 | (type & 0x3f));
    return execute(c, cdb, sizeof(cdb), bytes, 0, &got);
}

/* ---- b.4 ---- */

static void pick_region(struct class_driver *c)
{
    uint8_t disc_regions, region;
    size_t got;

    if (!c->picks_region || read_structure(c, 0, 0, STRUCTURE_COPYRIGHT, 0, 8, &got) ||
        c->work[4] != 1) {
        return;
    }
    disc_regions = c->work[5] == 0xff ? 0 : c->work[5];
    if (report_key(c, 0, KEY_TYPE_GET_RPC, 0, 8, &got) || c->work[4] >> 6 || c->work[5] != 0xff ||
        (c->work[4] & 7) <= 1) {
        return;
    }
    for (region = 1; region & disc_regions; region = (uint8_t)(region << 1)) {
    }
    be16_put(c->work, 6);
    c->work[4] = (uint8_t)~region;
    send_list(c, 0, KEY_TYPE_SET_RPC, 8);
}

/* ---- the I/O controls; each returns the status and sets the bytes returned ---- */

typedef uint32_t handler(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes);

static uint32_t start_session(struct class_driver *c, const struct ioctl_call *call,
                              uint32_t *bytes)
{
    uint32_t status;
    size_t got;

    if (call->out_bytes < SESSION_ID_BYTES) {
        return NT_BUFFER_TOO_SMALL;
    }
    status = report_key(c, 0, 0, 0, 8, &got);
    if (status == NT_SUCCESS_STATUS) {
        le32_put(call->out, c->work[7] >> 6);
        *bytes = SESSION_ID_BYTES;
    }
    return status;
}

static uint32_t end_session(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    uint32_t session, status;

    (void)bytes;
    if (call->in_bytes < SESSION_ID_BYTES) {
        return NT_INVALID_PARAMETER;
    }
    session = le32_get(call->in);
    if (session != END_ALL_SESSIONS) {
        return send_list(c, session, KEY_TYPE_INVALIDATE, 0);
    }
    for (session = 0; session < 4; session++) {
        status = send_list(c, session, KEY_TYPE_INVALIDATE, 0);
        if (status != NT_SUCCESS_STATUS) {
            return status;
        }
    }
    return NT_SUCCESS_STATUS;
}

/* The least output of each key type (a.3); what is not listed needs the header. */
static uint32_t least_output(uint32_t type)
{
    static const struct {
        uint32_t type, bytes;
    } rows[] = {
        {KEY_TYPE_CHALLENGE, KEY_CHALLENGE_BYTES},
        {KEY_TYPE_BUS1, KEY_BUS_BYTES},
        {KEY_TYPE_BUS2, KEY_BUS_BYTES},
        {KEY_TYPE_TITLE, KEY_TITLE_BYTES},
        {KEY_TYPE_ASF, KEY_ASF_BYTES},
        {KEY_TYPE_GET_RPC, KEY_RPC_BYTES},
        {KEY_TYPE_DISC, KEY_DISC_BYTES},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].type == type) {
            return rows[i].bytes;
        }
    }
    return KEY_HEADER_BYTES;
}

static uint32_t read_disc_key(struct class_driver *c, const struct ioctl_call *call,
                              uint32_t session, uint32_t *bytes)
{
    uint8_t *out = call->out;
    size_t got;
    const uint32_t status = read_structure(c, 0, 0, STRUCTURE_DISC_KEY, session,
                                           KEY_DISC_BYTES - KEY_HEADER_BYTES + REPLY_HEADER, &got);

    if (status == NT_SUCCESS_STATUS) {
        memcpy(out + KEY_HEADER_BYTES, c->work + REPLY_HEADER, KEY_DISC_BYTES - KEY_HEADER_BYTES);
        le32_put(out, KEY_DISC_BYTES);
        *bytes = KEY_DISC_BYTES;
    }
    return status;
}

static uint32_t read_key(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    struct key_buffer b = {0};
    struct key_header header;
    uint8_t *out = call->out;
    uint32_t status, asked, title, data;
    size_t got = 0;

    if (call->in_bytes < KEY_HEADER_BYTES) {
        return NT_INVALID_PARAMETER;
    }
    memcpy(&b, call->in, KEY_HEADER_BYTES);
    header = key_buffer_header(&b);
    if (call->out_bytes < least_output(header.type)) {
        return NT_BUFFER_TOO_SMALL;
    }
    if (call->out_bytes & c->alignment_mask) {
        return NT_INVALID_PARAMETER;
    }
    if (header.type == KEY_TYPE_DISC) {
        return read_disc_key(c, call, header.session, bytes);
    }
    if (header.type == KEY_TYPE_GET_RPC) {
        pick_region(c);
    }
    asked = call->out_bytes - KEY_HEADER_BYTES + REPLY_HEADER;
    title = header.type == KEY_TYPE_TITLE;
    status = report_key(c, header.session, header.type,
                        title ? (uint32_t)(header.title_offset_bytes >> SECTOR_SHIFT) : 0,
                        (uint16_t)(asked > UINT16_MAX ? UINT16_MAX : asked), &got);
    if (status != NT_SUCCESS_STATUS || got < REPLY_HEADER || be16_get(c->work) < 2) {
        return status;
    }
    data = be16_get(c->work) - 2u;
    data = data < got - REPLY_HEADER ? data : (uint32_t)got - REPLY_HEADER;
    memmove(out, call->in, KEY_HEADER_BYTES);
    memcpy(out + KEY_HEADER_BYTES, c->work + REPLY_HEADER + title, data - title);
    if (title) {
        out[KEY_HEADER_BYTES + data - 1] = 0;
        le32_put(out + 12, c->work[REPLY_HEADER]);
    }
    le32_put(out, KEY_HEADER_BYTES + data);
    *bytes = KEY_HEADER_BYTES + data;
    return status;
}

static uint32_t send_key_of(struct class_driver *c, const struct ioctl_call *call, bool all_types)
{
    struct key_buffer b = {0};
    struct key_header header;

    if (call->in_bytes < KEY_HEADER_BYTES || call->in_bytes > sizeof(b.bytes)) {
        return NT_INVALID_PARAMETER;
    }
    memcpy(&b, call->in, call->in_bytes);
    header = key_buffer_header(&b);
    if (header.key_length != call->in_bytes ||
        (!all_types && header.type != KEY_TYPE_CHALLENGE && header.type != KEY_TYPE_BUS2 &&
         header.type != KEY_TYPE_INVALIDATE)) {
        return NT_INVALID_PARAMETER;
    }
    /* bytes 2 and 3 stay what they were */
    be16_put(c->work, (uint16_t)(header.key_length - KEY_HEADER_BYTES + REPLY_HEADER - 2));
    memcpy(c->work + REPLY_HEADER, key_buffer_data(&b), header.key_length - KEY_HEADER_BYTES);
    return send_list(c, header.session, header.type,
                     (uint16_t)(header.key_length - KEY_HEADER_BYTES + REPLY_HEADER));
}

static uint32_t send_key(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    (void)bytes;
    return send_key_of(c, call, false);
}

static uint32_t send_key2(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    (void)bytes;
    return send_key_of(c, call, true);
}

static void swap(uint8_t *number, size_t bytes)
{
    for (size_t i = 0; i < bytes / 2; i++) {
        const uint8_t kept = number[i];

        number[i] = number[bytes - 1 - i];
        number[bytes - 1 - i] = kept;
    }
}

static uint32_t read_structure_ioctl(struct class_driver *c, const struct ioctl_call *call,
                                     uint32_t *bytes)
{
    const uint8_t *in = call->in;
    uint32_t status, format;
    size_t got;

    if (call->in_bytes < STRUCTURE_REQUEST_BYTES) {
        return NT_INVALID_PARAMETER;
    }
    if (call->out_bytes < REPLY_HEADER) {
        return NT_BUFFER_TOO_SMALL;
    }
    if (call->out_bytes > STRUCTURE_MAX || (call->out_bytes & c->alignment_mask)) {
        return NT_INVALID_PARAMETER;
    }
    format = le32_get(in + 8);
    status = read_structure(c, (uint32_t)(le64_get(in) >> SECTOR_SHIFT), in[16], (uint8_t)format,
                            format == STRUCTURE_DISC_KEY ? le32_get(in + 12) : 0,
                            (uint16_t)call->out_bytes, &got);
    if (status != NT_SUCCESS_STATUS) {
        return status;
    }
    swap(c->work, 2);
    for (size_t at = 8; format == STRUCTURE_PHYSICAL && at + 4 <= got && at <= 16; at += 4) {
        swap(c->work + at, 4);
    }
    memcpy(call->out, c->work, got);
    *bytes = (uint32_t)got;
    return status;
}

static uint32_t get_region(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    uint8_t *region = call->out;
    uint32_t status;
    uint8_t copy_system, disc_regions;
    size_t got;

    if (call->out_bytes < REGION_BYTES) {
        return NT_BUFFER_TOO_SMALL;
    }
    status = read_structure(c, 0, 0, STRUCTURE_COPYRIGHT, 0, 8, &got);
    if (status != NT_SUCCESS_STATUS) {
        return status;
    }
    copy_system = c->work[4];
    disc_regions = c->work[5];
    pick_region(c);
    status = report_key(c, 0, KEY_TYPE_GET_RPC, 0, 8, &got);
    if (status == NT_SUCCESS_STATUS && c->work[6] != 1) {
        status = NT_INVALID_DEVICE_REQUEST;
    }
    if (status == NT_SUCCESS_STATUS) {
        region[0] = copy_system;
        region[1] = disc_regions;
        region[2] = c->work[4] >> 6 ? (uint8_t)~c->work[5] : 0;
        region[3] = c->work[4] & 7;
        *bytes = REGION_BYTES;
    }
    return status;
}

static uint32_t storage_read_ahead(struct class_driver *c, const struct ioctl_call *call,
                                   uint32_t *bytes)
{
    uint8_t cdb[KEY_CDB_BYTES] = {OP_SET_READ_AHEAD};

    (void)bytes;
    if (call->in_bytes < 16) {
        return NT_INVALID_PARAMETER;
    }
    be32_put(cdb + 2, (uint32_t)(le64_get(call->in) >> SECTOR_SHIFT));
    be32_put(cdb + 6, (uint32_t)(le64_get((const uint8_t *)call->in + 8) >> SECTOR_SHIFT));
    return no_data(c, cdb, sizeof(cdb));
}

static uint32_t check_verify(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    static const uint8_t cdb[6] = {OP_TEST_UNIT_READY};

    (void)call;
    (void)bytes;
    return no_data(c, cdb, sizeof(cdb));
}

static uint32_t media_types(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    (void)c;
    le32_put(call->out, DEVICE_TYPE_DVD);
    *bytes = 8;
    return NT_SUCCESS_STATUS;
}

static uint32_t configuration(struct class_driver *c, const struct ioctl_call *call,
                              uint32_t *bytes)
{
    const uint8_t *in = call->in;
    uint8_t cdb[10] = {OP_GET_CONFIGURATION};
    uint32_t status;
    size_t got;

    if (call->in_bytes != 8 + 2 * sizeof(void *)) {
        return NT_INVALID_PARAMETER;
    }
    cdb[1] = in[4];
    be16_put(cdb + 2, le16_get(in));
    be16_put(cdb + 7, (uint16_t)call->out_bytes);
    status = read_data(c, cdb, sizeof(cdb), call->out_bytes, &got);
    if (status == NT_SUCCESS_STATUS) {
        memcpy(call->out, c->work, got);
        *bytes = (uint32_t)got;
    }
    return status;
}

static uint32_t geometry(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    static const uint8_t cdb[10] = {OP_READ_CAPACITY_10};
    uint8_t *out = call->out;
    size_t got;
    const uint32_t status = read_data(c, cdb, sizeof(cdb), 8, &got);

    if (status == NT_SUCCESS_STATUS) {
        c->blocks = be32_get(c->work) + 1;
        memset(out, 0, call->out_bytes);
        le32_put(out + 20, be32_get(c->work + 4));
        le64_put(out + 24, (uint64_t)c->blocks * SECTOR_BYTES);
        *bytes = 32;
    }
    return status;
}

static uint32_t read_toc(struct class_driver *c, const struct ioctl_call *call, uint32_t *bytes)
{
    const uint8_t *in = call->in;
    uint8_t cdb[10] = {OP_READ_TOC};
    uint32_t status;
    size_t got;

    if (call->in_bytes < 4) {
        return NT_INVALID_PARAMETER;
    }
    cdb[2] = in[0] & 0x0f;
    cdb[6] = in[1];
    be16_put(cdb + 7, (uint16_t)call->out_bytes);
    status = read_data(c, cdb, sizeof(cdb), call->out_bytes, &got);
    if (status == NT_SUCCESS_STATUS) {
        memcpy(call->out, c->work, got);
        *bytes = (uint32_t)got;
    }
    return status;
}

static const struct {
    uint32_t code;
    bool needs_write;
    handler *run;
} handlers[] = {
    {CODE_DVD_START_SESSION, false, start_session},
    {CODE_DVD_READ_KEY, false, read_key},
    {CODE_DVD_SEND_KEY, false, send_key},
    {CODE_DVD_END_SESSION, false, end_session},
    {CODE_DVD_GET_REGION, false, get_region},
    {CODE_DVD_SEND_KEY2, true, send_key2},
    {CODE_DVD_READ_STRUCTURE, false, read_structure_ioctl},
    {CODE_STORAGE_SET_READ_AHEAD, false, storage_read_ahead},
    {CODE_STORAGE_CHECK_VERIFY, false, check_verify},
    {CODE_STORAGE_CHECK_VERIFY2, false, check_verify},
    {CODE_STORAGE_GET_MEDIA_TYPES_EX, false, media_types},
    {CODE_CDROM_GET_CONFIGURATION, false, configuration},
    {CODE_CDROM_GET_GEOMETRY_EX, false, geometry},
    {CODE_CDROM_READ_TOC_EX, false, read_toc},
};

/* ---- the calls of the operating system ---- */

static struct call_result ended(uint32_t status, uint32_t bytes)
{
    return (struct call_result){
        .status = status, .error = nt_status(status)->error, .bytes = status ? 0 : bytes};
}

static struct call_result control(void *ctx, const struct ioctl_call *call)
{
    struct class_driver *c = ctx;
    uint32_t bytes = 0, status = NT_INVALID_DEVICE_REQUEST;

    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (handlers[i].code == call->code) {
            status = handlers[i].needs_write && call->handle != HANDLE_READ_WRITE
                         ? NT_ACCESS_DENIED
                         : handlers[i].run(c, call, &bytes);
        }
    }
    return ended(status, bytes);
}

static struct call_result read_sectors(void *ctx, uint64_t at, void *out, uint32_t bytes)
{
    struct class_driver *c = ctx;
    uint8_t cdb[10] = {OP_READ_10};
    uint32_t status;
    size_t got;

    if (at / SECTOR_BYTES + bytes / SECTOR_BYTES > c->blocks) {
        return ended(NT_INVALID_DEVICE_REQUEST, 0);
    }
    be32_put(cdb + 2, (uint32_t)(at / SECTOR_BYTES));
    be16_put(cdb + 7, (uint16_t)(bytes / SECTOR_BYTES));
    status = read_data(c, cdb, sizeof(cdb), bytes, &got);
    if (status == NT_SUCCESS_STATUS) {
        memcpy(out, c->work, got);
    }
    return ended(status, (uint32_t)got);
}

/* Goes past the driver: nothing is retried, nothing is made of the sense. */
static struct call_result pass_through(void *ctx, struct scsi_call *call)
{
    struct class_driver *c = ctx;
    struct class_driver_command command = {.cdb = call->cdb,
                                           .cdb_bytes = call->cdb_bytes,
                                           .out = call->data_out ? call->data : NULL,
                                           .out_bytes = call->data_out ? call->data_bytes : 0,
                                           .in = call->data_out ? NULL : call->data,
                                           .in_room = call->data_out ? 0 : call->data_bytes};

    c->run(c->ctx, &command);
    call->scsi_status = command.sense_bytes ? 0x02 : 0x00;
    call->transferred = (uint32_t)(call->data_out ? command.out_bytes : command.in_bytes);
    memset(call->sense, 0, sizeof(call->sense));
    memcpy(call->sense, command.sense, command.sense_bytes);
    return ended(NT_SUCCESS_STATUS, 0);
}

static void counting_random(void *ctx, uint8_t *out, size_t bytes)
{
    struct class_driver *c = ctx;

    for (size_t i = 0; i < bytes; i++) {
        out[i] = c->random_next++;
    }
}

static void fixed_time(void *ctx, char text[static UTC_TEXT_BYTES])
{
    (void)ctx;
    snprintf(text, UTC_TEXT_BYTES, "2026-11-25T06:29:17.123Z");
}

static void no_sleep(void *ctx, unsigned ms)
{
    (void)ctx;
    (void)ms;
}

static bool one_after_the_other(void *ctx, unsigned count, parallel_work *work, void *arg)
{
    const struct class_driver *c = ctx;

    for (unsigned i = 0; i < count; i++) {
        work(&c->calls, arg, i);
    }
    return true;
}

void class_driver_init(struct class_driver *c,
                       void (*run)(void *ctx, struct class_driver_command *command), void *ctx)
{
    memset(c, 0, sizeof(*c));
    c->run = run;
    c->ctx = ctx;
    c->calls = (struct windows_calls){.ctx = c,
                                      .has_write = true,
                                      .control = control,
                                      .control_native = control,
                                      .read = read_sectors,
                                      .pass_through = pass_through,
                                      .random = counting_random,
                                      .utc_text = fixed_time,
                                      .sleep_ms = no_sleep,
                                      .parallel = one_after_the_other};
}
