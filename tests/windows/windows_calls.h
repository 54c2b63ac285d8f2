/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file windows_calls.h
 * What the steps need from the operating system. win32_calls.c is the real one; tests stand a model
 * of the class driver in its place.
 */
#ifndef DVDEMU_WINDOWS_CALLS_H
#define DVDEMU_WINDOWS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTC_TEXT_BYTES   32
#define SCSI_SENSE_BYTES 32
#define SECTOR_BYTES     2048

/** Which of the two handles on the drive a call goes through. */
enum drive_handle { HANDLE_READ, HANDLE_READ_WRITE };

/** One DeviceIoControl. `in` and `out` may be the same memory; NULL with 0 bytes: none. */
struct ioctl_call {
    enum drive_handle handle;
    uint32_t code;
    const void *in;
    uint32_t in_bytes;
    void *out;
    uint32_t out_bytes;
};

/** What became of a call. */
struct call_result {
    uint32_t status; /**< NTSTATUS; 0: good */
    uint32_t error;  /**< GetLastError(), 0 when good */
    uint32_t bytes;  /**< bytes returned */
    double ms;
};

static inline bool call_is_good(const struct call_result *result)
{
    return result->status == 0;
}

/** One IOCTL_SCSI_PASS_THROUGH_DIRECT. `data` is aligned for any adapter; NULL: no data phase. */
struct scsi_call {
    const uint8_t *cdb;
    uint8_t cdb_bytes;
    bool data_out;
    uint8_t *data;
    uint32_t data_bytes;
    /* filled in */
    uint8_t scsi_status;
    uint8_t sense[SCSI_SENSE_BYTES];
    uint32_t transferred;
};

struct windows_calls;

/** Work for one thread of windows_calls.parallel: calls of its own, the caller's pointer, 0... */
typedef void parallel_work(const struct windows_calls *calls, void *arg, unsigned index);

struct windows_calls {
    void *ctx;
    bool has_write; /**< HANDLE_READ_WRITE could be opened */

    struct call_result (*control)(void *ctx, const struct ioctl_call *call);
    /** The same through NtDeviceIoControlFile. */
    struct call_result (*control_native)(void *ctx, const struct ioctl_call *call);
    /** ReadFile at a byte offset; both numbers multiples of SECTOR_BYTES, `out` page-aligned. */
    struct call_result (*read)(void *ctx, uint64_t at, void *out, uint32_t bytes);
    struct call_result (*pass_through)(void *ctx, struct scsi_call *call);

    void (*random)(void *ctx, uint8_t *out, size_t bytes);
    /** "2026-11-25T06:29:17.123Z" */
    void (*utc_text)(void *ctx, char text[static UTC_TEXT_BYTES]);
    void (*sleep_ms)(void *ctx, unsigned ms);
    /** Run `work` `count` times at once, each with handles of its own; false: a handle failed. */
    bool (*parallel)(void *ctx, unsigned count, parallel_work *work, void *arg);
};

#endif
