/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file sense_verdict.h
 * What cdrom.sys makes of a drive's sense data (windows-spec a.9).
 */
#ifndef DVDEMU_SENSE_VERDICT_H
#define DVDEMU_SENSE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Key, ASC and ASCQ in one number, as it is written: 0x56f02 is 05/6F/02. */
#define SENSE_CODE(key, asc, ascq) ((uint32_t)(key) << 16 | (uint32_t)(asc) << 8 | (ascq))

struct sense_verdict {
    uint32_t status; /**< NTSTATUS */
    bool retried;    /**< the driver sends the command again, and reports it only in the end */
};

/** What a check condition with this key, ASC and ASCQ becomes. */
struct sense_verdict sense_verdict(uint32_t sense_code);

/**
 * Key, ASC and ASCQ as the driver reads them out of sense data: fixed layout only, and ASC and
 * ASCQ count only where the additional length covers them.
 */
uint32_t sense_code_read(const uint8_t *sense, size_t bytes);

#endif
