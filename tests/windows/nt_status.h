/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file nt_status.h
 * NTSTATUS values that a DVD call can end with, and the error that a program sees for each.
 */
#ifndef DVDEMU_NT_STATUS_H
#define DVDEMU_NT_STATUS_H

#include <stddef.h>
#include <stdint.h>

struct nt_status {
    uint32_t status;
    const char *name;
    uint32_t error; /**< what GetLastError() says (windows-spec a.9) */
    const char *error_name;
};

extern const struct nt_status nt_statuses[];
extern const size_t nt_status_count;

/** The row of a status; for one that is not listed a row that says so, with error 0. */
const struct nt_status *nt_status(uint32_t status);

#define NT_ERROR_TEXT_BYTES 16

/** An error as it is looked up: Win32's in decimal, the CSS ones, which are HRESULTs, in hex. */
const char *nt_error_text(uint32_t error, char text[static NT_ERROR_TEXT_BYTES]);

#endif
