/* SPDX-License-Identifier: GPL-2.0-only */
/* GET CONFIGURATION (mmc-spec 6.3). */
#include "commands.h"

#include "drive_features.h"
#include "scsi/be.h"

#define REQUESTED_TYPE 0x03

struct scsi_sense check_get_configuration(struct drive *d, struct scsi_request *rq)
{
    (void)d;
    return (rq->cdb[1] & REQUESTED_TYPE) > FEATURES_ONE ? sense_cdb_field(1) : SENSE_OK;
}

struct scsi_sense cmd_get_configuration(struct drive *d, struct scsi_request *rq)
{
    const enum feature_request request = rq->cdb[1] & REQUESTED_TYPE;
    const size_t length = di_open(&rq->in, 4);

    di_zero(&rq->in, 2);
    di_be16(&rq->in, feature_current_profile(d));
    features_write(d, request, be16_get(rq->cdb + 2), &rq->in);
    di_close(&rq->in, length, 4);
    return SENSE_OK;
}
