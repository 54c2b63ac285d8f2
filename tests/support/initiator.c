/* SPDX-License-Identifier: GPL-2.0-only */
#include "initiator.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_S          10
#define SENSE_LENGTH_BYTES  2  /* in front of the sense in a SCSI Response PDU */
#define SENSE_FIXED_MIN     14 /* up to ASC and ASCQ */
#define FIXED_RESPONSE_CODE 0x70
#define SENSE_KEY_MASK      0x0f

struct initiator {
    struct iscsi_context *iscsi;
    int lun;
};

static char login_error[256];

const char *initiator_error(void)
{
    return login_error;
}

static bool log_in(struct initiator *i, const char *url_text)
{
    struct iscsi_url *url = iscsi_parse_full_url(i->iscsi, url_text);
    bool ok;

    if (!url) {
        return false;
    }
    iscsi_set_timeout(i->iscsi, DEADLINE_S);
    iscsi_set_noautoreconnect(i->iscsi, 1);
    i->lun = url->lun;
    /* not iscsi_full_connect_sync(): it would eat the unit attentions */
    ok = iscsi_set_targetname(i->iscsi, url->target) == 0 &&
         iscsi_set_session_type(i->iscsi, ISCSI_SESSION_NORMAL) == 0 &&
         iscsi_set_header_digest(i->iscsi, ISCSI_HEADER_DIGEST_NONE) == 0 &&
         iscsi_connect_sync(i->iscsi, url->portal) == 0 && iscsi_login_sync(i->iscsi) == 0;
    iscsi_destroy_url(url);
    return ok;
}

struct initiator *initiator_login(const char *url, const char *initiator_name)
{
    struct initiator *i = calloc(1, sizeof(*i));

    snprintf(login_error, sizeof(login_error), "no memory");
    if (!i) {
        return NULL;
    }
    i->iscsi = iscsi_create_context(initiator_name);
    if (i->iscsi && log_in(i, url)) {
        return i;
    }
    if (i->iscsi) {
        snprintf(login_error, sizeof(login_error), "%s: %s", url, iscsi_get_error(i->iscsi));
    }
    initiator_drop(i);
    return NULL;
}

void initiator_drop(struct initiator *i)
{
    if (i && i->iscsi) {
        iscsi_destroy_context(i->iscsi);
    }
    free(i);
}

bool initiator_logout(struct initiator *i)
{
    bool ok = i && iscsi_logout_sync(i->iscsi) == 0;

    initiator_drop(i);
    return ok;
}

bool initiator_lun_reset(struct initiator *i)
{
    return iscsi_task_mgmt_lun_reset_sync(i->iscsi, (uint32_t)i->lun) == 0;
}

/* ---- one command ---- */

static struct scsi_task *make_task(const struct initiator_command *command)
{
    unsigned char cdb[SCSI_CDB_MAX_SIZE] = {0};
    int direction = command->out ? SCSI_XFER_WRITE : command->in ? SCSI_XFER_READ : SCSI_XFER_NONE;
    size_t bytes = command->out ? command->out_bytes : command->in_room;

    memcpy(cdb, command->cdb, command->cdb_bytes < sizeof(cdb) ? command->cdb_bytes : sizeof(cdb));
    return scsi_create_task((int)command->cdb_bytes, cdb, direction, (int)bytes);
}

static void take_sense(struct initiator_result *result, const struct scsi_data *data)
{
    size_t bytes = data->size > SENSE_LENGTH_BYTES ? (size_t)data->size - SENSE_LENGTH_BYTES : 0;

    result->sense_bytes = bytes < sizeof(result->sense) ? bytes : sizeof(result->sense);
    if (bytes) {
        memcpy(result->sense, data->data + SENSE_LENGTH_BYTES, result->sense_bytes);
    }
}

static void take_data(struct initiator_result *result, const struct scsi_data *data,
                      const struct initiator_command *command)
{
    size_t bytes = data->size > 0 ? (size_t)data->size : 0;

    result->in_bytes = bytes < command->in_room ? bytes : command->in_room;
    if (result->in_bytes) {
        memcpy(command->in, data->data, result->in_bytes);
    }
}

static void take_residual(struct initiator_result *result, const struct scsi_task *task)
{
    result->residual_bytes = task->residual;
    result->residual = task->residual_status == SCSI_RESIDUAL_UNDERFLOW  ? INITIATOR_UNDERFLOW
                       : task->residual_status == SCSI_RESIDUAL_OVERFLOW ? INITIATOR_OVERFLOW
                                                                         : INITIATOR_NO_RESIDUAL;
}

struct initiator_result initiator_run(struct initiator *i, const struct initiator_command *command)
{
    struct initiator_result result = {.answered = false};
    struct scsi_task *task = make_task(command);
    struct iscsi_data data = {.size = command->out_bytes};

    if (!task) {
        return result;
    }
    /* libiscsi does not write to it, but wants it writable */
    memcpy(&data.data, &command->out, sizeof(data.data));
    if (!iscsi_scsi_command_sync(i->iscsi, i->lun, task, command->out ? &data : NULL)) {
        scsi_free_scsi_task(task);
        return result;
    }
    result.answered = task->status >= 0 && task->status <= UINT8_MAX;
    result.status = (uint8_t)task->status;
    take_residual(&result, task);
    if (task->status == SCSI_STATUS_CHECK_CONDITION) {
        take_sense(&result, &task->datain);
    } else if (command->in) {
        take_data(&result, &task->datain, command);
    }
    scsi_free_scsi_task(task);
    return result;
}

int initiator_outcome(const struct initiator_result *result)
{
    const uint8_t *sense = result->sense;

    if (!result->answered) {
        return INITIATOR_LOST;
    }
    if (result->status == SCSI_STATUS_GOOD) {
        return 0;
    }
    if (result->status != SCSI_STATUS_CHECK_CONDITION || result->sense_bytes < SENSE_FIXED_MIN ||
        (sense[0] & 0x7f) != FIXED_RESPONSE_CODE || (sense[2] & SENSE_KEY_MASK) == 0) {
        return INITIATOR_LOST;
    }
    return (sense[2] & SENSE_KEY_MASK) << 16 | sense[12] << 8 | sense[13];
}
