/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file windows_codes.h
 * Windows' numbers under names of our own, so that the steps compile without Windows' headers and
 * can be tested elsewhere. win32_layout.c holds every one of them against those headers.
 * Sections are of docs/spec/windows-spec.md.
 */
#ifndef DVDEMU_WINDOWS_CODES_H
#define DVDEMU_WINDOWS_CODES_H

#include "scsi/opcodes.h"

/* ---- I/O controls (a.0) ---- */

#define CODE_DVD_START_SESSION  0x00335000u
#define CODE_DVD_READ_KEY       0x00335004u
#define CODE_DVD_SEND_KEY       0x00335008u
#define CODE_DVD_END_SESSION    0x0033500cu
#define CODE_DVD_SET_READ_AHEAD 0x00335010u
#define CODE_DVD_GET_REGION     0x00335014u
#define CODE_DVD_SEND_KEY2      0x0033d018u
#define CODE_DVD_READ_STRUCTURE 0x00335140u

#define CODE_STORAGE_CHECK_VERIFY       0x002d4800u
#define CODE_STORAGE_CHECK_VERIFY2      0x002d0800u
#define CODE_STORAGE_GET_MEDIA_TYPES_EX 0x002d0c04u
#define CODE_STORAGE_QUERY_PROPERTY     0x002d1400u
#define CODE_STORAGE_SET_READ_AHEAD     0x002d4400u
#define CODE_CDROM_READ_TOC             0x00024000u
#define CODE_CDROM_READ_TOC_EX          0x00024054u
#define CODE_CDROM_GET_GEOMETRY         0x0002404cu
#define CODE_CDROM_GET_GEOMETRY_EX      0x00024050u
#define CODE_CDROM_GET_CONFIGURATION    0x00024058u

/* ---- key types and the lengths of their buffers (a.0) ---- */

enum key_type {
    KEY_TYPE_CHALLENGE = 0x01,
    KEY_TYPE_BUS1 = 0x02,
    KEY_TYPE_BUS2 = 0x03,
    KEY_TYPE_TITLE = 0x04,
    KEY_TYPE_ASF = 0x05,
    KEY_TYPE_SET_RPC = 0x06,
    KEY_TYPE_GET_RPC = 0x08,
    KEY_TYPE_INVALIDATE = 0x3f,
    KEY_TYPE_DISC = 0x80
};

#define KEY_HEADER_BYTES    24
#define KEY_CHALLENGE_BYTES 36
#define KEY_BUS_BYTES       32
#define KEY_TITLE_BYTES     32
#define KEY_DISC_BYTES      2072
#define KEY_RPC_BYTES       28
#define KEY_SET_RPC_BYTES   28
#define KEY_ASF_BYTES       28

#define SESSION_ID_BYTES 4
#define END_ALL_SESSIONS 0xffffffffu
#define REGION_BYTES     4

/* DVD_READ_STRUCTURE: the driver wants at least 24, Wine exactly 17 (a.6, d). */
#define STRUCTURE_REQUEST_BYTES      24
#define STRUCTURE_REQUEST_BYTES_WINE 17

/* The formats themselves are those of the command: enum dvd_structure_format. */

/* ---- device types of STORAGE_GET_MEDIA_TYPES_EX, bus types of STORAGE_QUERY_PROPERTY ---- */

#define DEVICE_TYPE_CD  0x02
#define DEVICE_TYPE_DVD 0x33
#define BUS_TYPE_ISCSI  9

/* ---- NTSTATUS (a.9); names, errors and texts are in nt_status.c ---- */

#define NT_SUCCESS_STATUS             0x00000000u
#define NT_DEVICE_BUSY                0x80000011u
#define NT_VERIFY_REQUIRED            0x80000016u
#define NT_UNSUCCESSFUL               0xc0000001u
#define NT_INFO_LENGTH_MISMATCH       0xc0000004u
#define NT_INVALID_HANDLE             0xc0000008u
#define NT_INVALID_PARAMETER          0xc000000du
#define NT_NO_SUCH_DEVICE             0xc000000eu
#define NT_INVALID_DEVICE_REQUEST     0xc0000010u
#define NT_END_OF_FILE                0xc0000011u
#define NT_NO_MEDIA                   0xc0000013u
#define NT_UNRECOGNIZED_MEDIA         0xc0000014u
#define NT_NONEXISTENT_SECTOR         0xc0000015u
#define NT_ACCESS_DENIED              0xc0000022u
#define NT_BUFFER_TOO_SMALL           0xc0000023u
#define NT_DATA_OVERRUN               0xc000003cu
#define NT_DEVICE_DATA_ERROR          0xc000009cu
#define NT_WRITE_PROTECTED            0xc00000a2u
#define NT_DEVICE_NOT_READY           0xc00000a3u
#define NT_IO_TIMEOUT                 0xc00000b5u
#define NT_NOT_SUPPORTED              0xc00000bbu
#define NT_IO_DEVICE_ERROR            0xc0000185u
#define NT_COPY_PROTECTION_FAILURE    0xc0000305u
#define NT_CSS_AUTHENTICATION_FAILURE 0xc0000306u
#define NT_CSS_KEY_NOT_PRESENT        0xc0000307u
#define NT_CSS_KEY_NOT_ESTABLISHED    0xc0000308u
#define NT_CSS_SCRAMBLED_SECTOR       0xc0000309u
#define NT_CSS_REGION_MISMATCH        0xc000030au
#define NT_CSS_RESETS_EXHAUSTED       0xc000030bu

#endif
