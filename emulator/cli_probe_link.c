/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_probe_link.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ERROR_BYTES    256
#define LOGOUT_MS      1000
#define SAM_STATUS_MAX 0xff /* libiscsi's own codes lie above */
#define ASC_SHIFT      8

#define SENSE_LENGTH_BYTES 2
#define PARSED_BYTES_MAX   264 /* of sense: 8 and as many as a byte can count */

/*
 * libiscsi's blocking calls wait for as long as the kernel tries to connect, so this waits by
 * itself. Callbacks may still come while the context is destroyed: all they touch is in here.
 */
struct probe_link {
    struct link_options options;
    struct iscsi_url url;
    char plain_url[3 * MAX_STRING_SIZE];
    struct iscsi_context *iscsi; /* NULL before the first link_connect() */
    struct scsi_task *task;      /* of the last command */
    bool usable;                 /* logged in and not lost */
    bool finished;               /* the pending call has ended ... */
    int status;                  /* ... with this */
    uint32_t reset_response;     /* of the last link_reset() */
    char error[ERROR_BYTES];
};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The session is of no use any more; always false. */
__attribute__((format(printf, 2, 3))) static bool lose(struct probe_link *link, const char *format,
                                                       ...)
{
    va_list ap;

    link->usable = false;
    va_start(ap, format);
    vsnprintf(link->error, sizeof(link->error), format, ap);
    va_end(ap);
    return false;
}

static bool lose_by_libiscsi(struct probe_link *link)
{
    const char *why = iscsi_get_error(link->iscsi);

    return lose(link, "%s", why && *why ? why : "the connection was lost");
}

static void on_end(struct iscsi_context *iscsi, int status, void *data, void *private_data)
{
    struct probe_link *link = private_data;

    (void)iscsi;
    (void)data;
    if (link->finished) {
        return; /* libiscsi tells some ends twice */
    }
    link->status = status;
    link->finished = true;
    if (status == SCSI_STATUS_CANCELLED) {
        lose(link, "the connection was closed"); /* libiscsi's text is an older one here */
    } else if (status < 0 || status > SAM_STATUS_MAX) {
        lose_by_libiscsi(link); /* now: it writes something less helpful over it */
    }
}

/* Serve the connection until the pending call has ended. */
static bool wait_for_end(struct probe_link *link, unsigned timeout_ms)
{
    const int64_t deadline_ms = now_ms() + timeout_ms;

    while (!link->finished) {
        struct pollfd fd = {.fd = iscsi_get_fd(link->iscsi),
                            .events = (short)iscsi_which_events(link->iscsi)};
        int64_t left_ms = deadline_ms - now_ms();
        int ready;

        if (fd.fd < 0) {
            return lose_by_libiscsi(link);
        }
        if (left_ms <= 0) {
            return lose(link, "no answer within %u ms", timeout_ms);
        }
        ready = poll(&fd, 1, (int)left_ms);
        if (ready < 0 && errno != EINTR) {
            return lose(link, "poll: %s", strerror(errno));
        }
        if (ready > 0 && iscsi_service(link->iscsi, fd.revents) < 0 && !link->finished) {
            return lose_by_libiscsi(link);
        }
    }
    return true;
}

/* ---- the session ---- */

static bool take_url(struct probe_link *link, const char *text)
{
    struct iscsi_context *iscsi = iscsi_create_context(link->options.initiator);
    struct iscsi_url *url = iscsi ? iscsi_parse_full_url(iscsi, text) : NULL;
    bool good = url != NULL;

    if (url) {
        link->url = *url;
        link->url.iscsi = NULL;
        iscsi_destroy_url(url);
    }
    if (iscsi) {
        iscsi_destroy_context(iscsi);
    }
    return good;
}

struct probe_link *link_new(const char *url, const struct link_options *options)
{
    struct probe_link *link = calloc(1, sizeof(*link));

    if (!link) {
        return NULL;
    }
    link->options = *options;
    if (!take_url(link, url)) {
        free(link);
        return NULL;
    }
    snprintf(link->plain_url, sizeof(link->plain_url), "iscsi://%s/%s/%d", link->url.portal,
             link->url.target, link->url.lun);
    return link;
}

static void close_session(struct probe_link *link)
{
    if (link->iscsi) {
        iscsi_destroy_context(link->iscsi);
    }
    /* after the context, which may still know the task of a lost command */
    if (link->task) {
        scsi_free_scsi_task(link->task);
    }
    link->iscsi = NULL;
    link->task = NULL;
    link->usable = false;
}

static void set_names(struct probe_link *link)
{
    const char *user = link->options.user, *secret = link->options.secret;

    if (!*user) {
        user = link->url.user;
        secret = link->url.passwd;
    }
    iscsi_set_targetname(link->iscsi, link->url.target);
    iscsi_set_session_type(link->iscsi, ISCSI_SESSION_NORMAL);
    iscsi_set_header_digest(link->iscsi, ISCSI_HEADER_DIGEST_NONE_CRC32C);
    /* a session that breaks is a finding, not something to hide */
    iscsi_set_noautoreconnect(link->iscsi, 1);
    if (*user) {
        iscsi_set_initiator_username_pwd(link->iscsi, user, secret);
    }
    if (*link->url.target_user) {
        iscsi_set_target_username_pwd(link->iscsi, link->url.target_user, link->url.target_passwd);
    }
}

/* One step of connecting, started with result `started`. */
static bool finish(struct probe_link *link, int started)
{
    if (started != 0) {
        return lose_by_libiscsi(link);
    }
    if (!wait_for_end(link, link->options.timeout_ms)) {
        return false;
    }
    return link->status == SCSI_STATUS_GOOD;
}

bool link_connect(struct probe_link *link)
{
    close_session(link);
    link->iscsi = iscsi_create_context(link->options.initiator);
    if (!link->iscsi) {
        return lose(link, "no memory");
    }
    set_names(link);
    link->finished = false;
    if (!finish(link, iscsi_connect_async(link->iscsi, link->url.portal, on_end, link))) {
        return false;
    }
    link->finished = false;
    if (!finish(link, iscsi_login_async(link->iscsi, on_end, link))) {
        return false;
    }
    link->usable = true;
    return true;
}

void link_logout(struct probe_link *link)
{
    if (link->usable) {
        link->finished = false;
        if (iscsi_logout_async(link->iscsi, on_end, link) == 0) {
            wait_for_end(link, LOGOUT_MS);
        }
    }
    close_session(link);
}

void link_free(struct probe_link *link)
{
    if (link) {
        link_logout(link);
        free(link);
    }
}

/* ---- commands ---- */

static struct scsi_task *make_task(const struct link_command *command)
{
    unsigned char cdb[SCSI_CDB_MAX_SIZE] = {0};
    int direction = SCSI_XFER_NONE;
    size_t bytes = 0;

    memcpy(cdb, command->cdb, command->cdb_bytes < sizeof(cdb) ? command->cdb_bytes : sizeof(cdb));
    if (command->out_bytes) {
        direction = SCSI_XFER_WRITE;
        bytes = command->out_bytes;
    } else if (command->in_bytes) {
        direction = SCSI_XFER_READ;
        bytes = command->in_bytes;
    }
    return scsi_create_task((int)command->cdb_bytes, cdb, direction, (int)bytes);
}

/*
 * libiscsi leaves sense where data would be, with its length in front (RFC 7143, 11.4.7). It has
 * looked at it as if all were there, beyond its end if not: here zeros follow what came.
 */
static void take_sense(struct link_result *result, const struct scsi_task *task)
{
    const struct scsi_data *data = &task->datain;
    size_t bytes = data->size > SENSE_LENGTH_BYTES ? (size_t)data->size - SENSE_LENGTH_BYTES : 0;
    uint8_t padded[PARSED_BYTES_MAX] = {0};
    struct scsi_sense sense = {0};

    result->sense_bytes = bytes < sizeof(result->sense) ? bytes : sizeof(result->sense);
    if (bytes) {
        memcpy(result->sense, data->data + SENSE_LENGTH_BYTES, result->sense_bytes);
        memcpy(padded, result->sense, result->sense_bytes);
        scsi_parse_sense_data(&sense, padded);
    }
    result->key = (uint8_t)sense.key;
    result->asc = (uint8_t)(sense.ascq >> ASC_SHIFT);
    result->ascq = (uint8_t)sense.ascq;
}

static struct link_result take_result(const struct probe_link *link, size_t room_bytes, uint8_t *in)
{
    const struct scsi_task *task = link->task;
    struct link_result result = {.status = LINK_OTHER, .code = (uint8_t)link->status};

    if (task->residual_status != SCSI_RESIDUAL_NO_RESIDUAL) {
        result.residual =
            task->residual_status == SCSI_RESIDUAL_UNDERFLOW ? LINK_UNDERFLOW : LINK_OVERFLOW;
        result.residual_bytes = task->residual;
    }
    if (link->status == SCSI_STATUS_CHECK_CONDITION) {
        result.status = LINK_CHECK;
        take_sense(&result, task);
    }
    if (link->status == SCSI_STATUS_GOOD) {
        result.status = LINK_GOOD;
        result.in_bytes = task->datain.size > 0 ? (size_t)task->datain.size : 0;
        if (result.in_bytes > room_bytes) {
            result.in_bytes = room_bytes;
        }
        if (result.in_bytes) {
            memcpy(in, task->datain.data, result.in_bytes);
        }
    }
    return result;
}

struct link_result link_run(struct probe_link *link, const struct link_command *command,
                            uint8_t *in)
{
    struct iscsi_data out = {.size = command->out_bytes};
    const struct link_result lost = {.status = LINK_LOST};

    if (!link->usable) {
        return lost;
    }
    if (link->task) {
        scsi_free_scsi_task(link->task);
    }
    link->task = make_task(command);
    if (!link->task) {
        lose(link, "no memory");
        return lost;
    }
    /* libiscsi does not write to it, but wants it writable */
    memcpy(&out.data, &command->out, sizeof(out.data));
    link->finished = false;
    if (iscsi_scsi_command_async(link->iscsi, link->url.lun, link->task, on_end,
                                 command->out_bytes ? &out : NULL, link) != 0) {
        lose_by_libiscsi(link);
        return lost;
    }
    if (!wait_for_end(link, link->options.timeout_ms) || !link->usable) {
        return lost;
    }
    return take_result(link, command->in_bytes, in);
}

struct link_result link_send(struct probe_link *link, const struct host_command *command,
                             uint8_t *in)
{
    const struct link_command any = {
        .cdb = command->cdb,
        .cdb_bytes = command->cdb_bytes,
        .out = command->out,
        .out_bytes = command->out_bytes,
        .in_bytes = command->in_bytes,
    };

    return link_run(link, &any, in);
}

static void on_reset(struct iscsi_context *iscsi, int status, void *data, void *private_data)
{
    struct probe_link *link = private_data;

    if (!link->finished && status == SCSI_STATUS_GOOD && data) {
        link->reset_response = *(const uint32_t *)data;
    }
    on_end(iscsi, status, data, private_data);
}

bool link_reset(struct probe_link *link)
{
    if (!link->usable) {
        return false;
    }
    link->finished = false;
    link->reset_response = UINT32_MAX;
    if (iscsi_task_mgmt_lun_reset_async(link->iscsi, (uint32_t)link->url.lun, on_reset, link) !=
        0) {
        return lose_by_libiscsi(link);
    }
    return wait_for_end(link, link->options.timeout_ms) && link->usable &&
           link->status == SCSI_STATUS_GOOD && link->reset_response == ISCSI_TMR_FUNC_COMPLETE;
}

const char *link_url(const struct probe_link *link)
{
    return link->plain_url;
}

const char *link_error(const struct probe_link *link)
{
    return link->error;
}
