/* SPDX-License-Identifier: GPL-2.0-only */
#include "replay_status.h"

#include "initiator.h"
#include "tests/windows/nt_status.h"
#include "tests/windows/sense_verdict.h"
#include "tests/windows/windows_codes.h"

#include <string.h>

const char *replay_status(int outcome)
{
    if (outcome == INITIATOR_LOST) {
        return NULL;
    }
    return nt_status(outcome ? sense_verdict((uint32_t)outcome).status : NT_SUCCESS_STATUS)->name;
}

bool replay_status_exists(const char *name)
{
    for (size_t i = 0; i < nt_status_count; i++) {
        if (strcmp(nt_statuses[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}
