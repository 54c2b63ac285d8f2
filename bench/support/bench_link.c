/* SPDX-License-Identifier: GPL-2.0-only */
#include "bench_link.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <stdio.h>
#include <stdlib.h>

#define INITIATOR      "iqn.2026-11.example.dvdemu:bench"
#define ATTENTIONS_MAX 5

static bool failed(const struct bench_link *link, const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what,
            link->iscsi ? iscsi_get_error(link->iscsi) : "no memory");
    return false;
}

bool bench_link_open(struct bench_link *link, const char *text)
{
    struct iscsi_url *url;
    int code;

    *link = (struct bench_link){.iscsi = iscsi_create_context(INITIATOR)};
    url = link->iscsi ? iscsi_parse_full_url(link->iscsi, text) : NULL;
    if (!url) {
        return failed(link, text);
    }
    iscsi_set_targetname(link->iscsi, url->target);
    iscsi_set_session_type(link->iscsi, ISCSI_SESSION_NORMAL);
    iscsi_set_noautoreconnect(link->iscsi, 1);
    link->lun = url->lun;
    code = iscsi_full_connect_sync(link->iscsi, url->portal, url->lun);
    iscsi_destroy_url(url);
    return code == 0 || failed(link, text);
}

bool bench_link_survey(struct bench_link *link)
{
    struct scsi_readcapacity10 *capacity;
    struct scsi_task *task;

    for (int i = 0; i < ATTENTIONS_MAX; i++) {
        scsi_free_scsi_task(iscsi_testunitready_sync(link->iscsi, link->lun));
    }
    task = iscsi_readcapacity10_sync(link->iscsi, link->lun, 0, 0);
    capacity = task && task->status == SCSI_STATUS_GOOD ? scsi_datain_unmarshall(task) : NULL;
    link->blocks = capacity ? capacity->lba + 1 : 0;
    if (task) {
        scsi_free_scsi_task(task);
    }
    return link->blocks > 0 || failed(link, "READ CAPACITY");
}

bool bench_link_run(void *ctx, const uint8_t cdb[static 12], uint8_t *data, uint16_t bytes,
                    bool send)
{
    struct bench_link *link = ctx;
    struct iscsi_data out = {.data = data, .size = bytes};
    unsigned char copy[12];
    struct scsi_task *task;
    bool good;

    for (size_t i = 0; i < sizeof(copy); i++) {
        copy[i] = cdb[i];
    }
    task = scsi_create_task(sizeof(copy), copy, send ? SCSI_XFER_WRITE : SCSI_XFER_READ, bytes);
    if (!task) {
        return failed(link, "a command");
    }
    if (!send) {
        scsi_task_add_data_in_buffer(task, bytes, data);
    }
    good = iscsi_scsi_command_sync(link->iscsi, link->lun, task, send ? &out : NULL) &&
           task->status == SCSI_STATUS_GOOD;
    scsi_free_scsi_task(task);
    if (!good) {
        fprintf(stderr, "bench: command %02x format %02x: %s\n", cdb[0], cdb[10],
                iscsi_get_error(link->iscsi));
    }
    return good;
}

bool bench_link_ready(struct bench_link *link)
{
    struct scsi_task *task = iscsi_testunitready_sync(link->iscsi, link->lun);
    const bool good = task && task->status == SCSI_STATUS_GOOD;

    scsi_free_scsi_task(task);
    return good || failed(link, "TEST UNIT READY");
}

void bench_link_close(struct bench_link *link)
{
    if (link->iscsi) {
        iscsi_destroy_context(link->iscsi);
    }
    link->iscsi = NULL;
}
