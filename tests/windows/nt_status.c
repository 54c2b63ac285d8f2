/* SPDX-License-Identifier: GPL-2.0-only */
#include "nt_status.h"

#include "windows_codes.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_HRESULT 0x80000000u

/* clang-format off */
const struct nt_status nt_statuses[] = {
    {NT_SUCCESS_STATUS,             "SUCCESS",                        0, "ERROR_SUCCESS"},
    {NT_DEVICE_BUSY,                "DEVICE_BUSY",                  170, "ERROR_BUSY"},
    {NT_VERIFY_REQUIRED,            "VERIFY_REQUIRED",             1110, "ERROR_MEDIA_CHANGED"},
    {NT_UNSUCCESSFUL,               "UNSUCCESSFUL",                  31, "ERROR_GEN_FAILURE"},
    {NT_INFO_LENGTH_MISMATCH,       "INFO_LENGTH_MISMATCH",          24, "ERROR_BAD_LENGTH"},
    {NT_INVALID_HANDLE,             "INVALID_HANDLE",                 6, "ERROR_INVALID_HANDLE"},
    {NT_INVALID_PARAMETER,          "INVALID_PARAMETER",             87, "ERROR_INVALID_PARAMETER"},
    {NT_NO_SUCH_DEVICE,             "NO_SUCH_DEVICE",               433, "ERROR_NO_SUCH_DEVICE"},
    {NT_INVALID_DEVICE_REQUEST,     "INVALID_DEVICE_REQUEST",         1, "ERROR_INVALID_FUNCTION"},
    {NT_END_OF_FILE,                "END_OF_FILE",                   38, "ERROR_HANDLE_EOF"},
    {NT_NO_MEDIA,                   "NO_MEDIA_IN_DEVICE",            21, "ERROR_NOT_READY"},
    {NT_UNRECOGNIZED_MEDIA,         "UNRECOGNIZED_MEDIA",          1785, "ERROR_UNRECOGNIZED_MEDIA"},
    {NT_NONEXISTENT_SECTOR,         "NONEXISTENT_SECTOR",            27, "ERROR_SECTOR_NOT_FOUND"},
    {NT_ACCESS_DENIED,              "ACCESS_DENIED",                  5, "ERROR_ACCESS_DENIED"},
    {NT_BUFFER_TOO_SMALL,           "BUFFER_TOO_SMALL",             122, "ERROR_INSUFFICIENT_BUFFER"},
    {NT_DATA_OVERRUN,               "DATA_OVERRUN",                1117, "ERROR_IO_DEVICE"},
    {NT_DEVICE_DATA_ERROR,          "DEVICE_DATA_ERROR",             23, "ERROR_CRC"},
    {NT_WRITE_PROTECTED,            "MEDIA_WRITE_PROTECTED",         19, "ERROR_WRITE_PROTECT"},
    {NT_DEVICE_NOT_READY,           "DEVICE_NOT_READY",              21, "ERROR_NOT_READY"},
    {NT_IO_TIMEOUT,                 "IO_TIMEOUT",                   121, "ERROR_SEM_TIMEOUT"},
    {NT_NOT_SUPPORTED,              "NOT_SUPPORTED",                 50, "ERROR_NOT_SUPPORTED"},
    {NT_IO_DEVICE_ERROR,            "IO_DEVICE_ERROR",             1117, "ERROR_IO_DEVICE"},
    {NT_COPY_PROTECTION_FAILURE,    "COPY_PROTECTION_FAILURE",    0x80030305, "STG_E_STATUS_COPY_PROTECTION_FAILURE"},
    {NT_CSS_AUTHENTICATION_FAILURE, "CSS_AUTHENTICATION_FAILURE", 0x80030306, "STG_E_CSS_AUTHENTICATION_FAILURE"},
    {NT_CSS_KEY_NOT_PRESENT,        "CSS_KEY_NOT_PRESENT",        0x80030307, "STG_E_CSS_KEY_NOT_PRESENT"},
    {NT_CSS_KEY_NOT_ESTABLISHED,    "CSS_KEY_NOT_ESTABLISHED",    0x80030308, "STG_E_CSS_KEY_NOT_ESTABLISHED"},
    {NT_CSS_SCRAMBLED_SECTOR,       "CSS_SCRAMBLED_SECTOR",       0x80030309, "STG_E_CSS_SCRAMBLED_SECTOR"},
    {NT_CSS_REGION_MISMATCH,        "CSS_REGION_MISMATCH",        0x8003030a, "STG_E_CSS_REGION_MISMATCH"},
    {NT_CSS_RESETS_EXHAUSTED,       "CSS_RESETS_EXHAUSTED",       0x8003030b, "STG_E_RESETS_EXHAUSTED"},
};
/* clang-format on */

const size_t nt_status_count = sizeof(nt_statuses) / sizeof(nt_statuses[0]);

const struct nt_status *nt_status(uint32_t status)
{
    static const struct nt_status unlisted = {0, "not listed", 0, "not listed"};

    for (size_t i = 0; i < nt_status_count; i++) {
        if (nt_statuses[i].status == status) {
            return &nt_statuses[i];
        }
    }
    return &unlisted;
}

const char *nt_error_text(uint32_t error, char text[static NT_ERROR_TEXT_BYTES])
{
    if (error >= FIRST_HRESULT) {
        snprintf(text, NT_ERROR_TEXT_BYTES, "0x%08" PRIX32, error);
    } else {
        snprintf(text, NT_ERROR_TEXT_BYTES, "%" PRIu32, error);
    }
    return text;
}
