/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file replay_status.h
 * The NTSTATUS that cdrom.sys makes of a refusal (windows-spec a.9), by name, without `STATUS_`.
 */
#ifndef DVDEMU_REPLAY_STATUS_H
#define DVDEMU_REPLAY_STATUS_H

#include <stdbool.h>

/** `outcome` as initiator_outcome() has it; 0 is SUCCESS. NULL for INITIATOR_LOST. */
const char *replay_status(int outcome);

/** Whether there is such a status. */
bool replay_status_exists(const char *name);

#endif
