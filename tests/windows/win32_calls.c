/* SPDX-License-Identifier: GPL-2.0-only */
#include "win32_calls.h"

#include "nt_status.h"
#include "windows_codes.h"

#include <windows.h>
#include <winternl.h>

#include <ntddscsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX    4
#define SCSI_TIMEOUT_S 10

/* ntdll's, which no header of mingw-w64 declares. */
NTSYSAPI NTSTATUS NTAPI RtlGetLastNtStatus(void);
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(RTL_OSVERSIONINFOW *version);
/* advapi32's RtlGenRandom */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG bytes);

struct win32_drive {
    struct windows_calls calls;
    char path[MAX_PATH];
    HANDLE read, read_write;
};

/* ---- time ---- */

static double now_ms(void)
{
    LARGE_INTEGER count, frequency;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart * 1000.0 / (double)frequency.QuadPart;
}

static void utc_text(void *ctx, char text[static UTC_TEXT_BYTES])
{
    SYSTEMTIME now;

    (void)ctx;
    GetSystemTime(&now);
    snprintf(text, UTC_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", now.wYear, now.wMonth,
             now.wDay, now.wHour, now.wMinute, now.wSecond, now.wMilliseconds);
}

static void sleep_ms(void *ctx, unsigned ms)
{
    (void)ctx;
    Sleep(ms);
}

/* ---- calls ---- */

/* GetLastError() is made out of the status that the thread keeps: both are exact. */
static struct call_result ended(BOOL good, DWORD bytes, double begun_ms)
{
    struct call_result result = {.bytes = bytes, .ms = now_ms() - begun_ms};

    if (!good) {
        result.error = GetLastError();
        result.status = (uint32_t)RtlGetLastNtStatus();
    }
    return result;
}

static HANDLE handle_of(const struct win32_drive *d, enum drive_handle handle)
{
    return handle == HANDLE_READ_WRITE ? d->read_write : d->read;
}

/* DeviceIoControl does not write to its input; its type just does not say so. */
static void *unconst(const void *in)
{
    return (void *)(uintptr_t)in;
}

static struct call_result win32_control(void *ctx, const struct ioctl_call *call)
{
    const double begun = now_ms();
    DWORD bytes = 0;
    const BOOL good = DeviceIoControl(handle_of(ctx, call->handle), call->code, unconst(call->in),
                                      call->in_bytes, call->out, call->out_bytes, &bytes, NULL);

    return ended(good, bytes, begun);
}

static struct call_result win32_control_native(void *ctx, const struct ioctl_call *call)
{
    const double begun = now_ms();
    IO_STATUS_BLOCK block = {0};
    const NTSTATUS status =
        NtDeviceIoControlFile(handle_of(ctx, call->handle), NULL, NULL, NULL, &block, call->code,
                              unconst(call->in), call->in_bytes, call->out, call->out_bytes);

    return (struct call_result){.status = (uint32_t)status,
                                .error = RtlNtStatusToDosError(status),
                                .bytes = (uint32_t)block.Information,
                                .ms = now_ms() - begun};
}

/* A read of nothing at all is how ReadFile says "end of file". */
static struct call_result win32_read(void *ctx, uint64_t at, void *out, uint32_t bytes)
{
    const struct win32_drive *d = ctx;
    const double begun = now_ms();
    LARGE_INTEGER position = {.QuadPart = (LONGLONG)at};
    DWORD got = 0;
    struct call_result result;
    const BOOL good = SetFilePointerEx(d->read, position, NULL, FILE_BEGIN) &&
                      ReadFile(d->read, out, bytes, &got, NULL);

    result = ended(good, got, begun);
    if (good && got == 0) {
        result.status = NT_END_OF_FILE;
        result.error = nt_status(NT_END_OF_FILE)->error;
    }
    return result;
}

struct pass_through {
    SCSI_PASS_THROUGH_DIRECT p;
    ULONG align; /* sense at a multiple of 8, for 32 and 64 bits */
    UCHAR sense[SCSI_SENSE_BYTES];
};

static struct call_result win32_pass_through(void *ctx, struct scsi_call *call)
{
    const struct win32_drive *d = ctx;
    const double begun = now_ms();
    struct pass_through s = {0};
    DWORD bytes = 0;
    BOOL good;

    s.p.Length = sizeof(s.p);
    s.p.CdbLength = call->cdb_bytes;
    s.p.SenseInfoLength = sizeof(s.sense);
    s.p.SenseInfoOffset = offsetof(struct pass_through, sense);
    s.p.DataIn = !call->data      ? SCSI_IOCTL_DATA_UNSPECIFIED
                 : call->data_out ? SCSI_IOCTL_DATA_OUT
                                  : SCSI_IOCTL_DATA_IN;
    s.p.DataTransferLength = call->data_bytes;
    s.p.DataBuffer = call->data;
    s.p.TimeOutValue = SCSI_TIMEOUT_S;
    memcpy(s.p.Cdb, call->cdb, call->cdb_bytes);
    good =
        DeviceIoControl(d->calls.has_write ? d->read_write : d->read,
                        IOCTL_SCSI_PASS_THROUGH_DIRECT, &s, sizeof(s), &s, sizeof(s), &bytes, NULL);
    call->scsi_status = s.p.ScsiStatus;
    call->transferred = s.p.DataTransferLength;
    memcpy(call->sense, s.sense, sizeof(call->sense));
    return ended(good, bytes, begun);
}

static void win32_random(void *ctx, uint8_t *out, size_t bytes)
{
    (void)ctx;
    if (!SystemFunction036(out, (ULONG)bytes)) {
        fprintf(stderr, "wintest: no random numbers\n");
        exit(1);
    }
}

/* ---- several at once, each with a handle of its own ---- */

struct thread {
    struct win32_drive *drive;
    parallel_work *work;
    void *arg;
    unsigned index;
};

static DWORD WINAPI run_thread(void *arg)
{
    struct thread *t = arg;

    t->work(&t->drive->calls, t->arg, t->index);
    return 0;
}

static bool win32_parallel(void *ctx, unsigned count, parallel_work *work, void *arg)
{
    const struct win32_drive *d = ctx;
    struct thread threads[THREADS_MAX];
    HANDLE handles[THREADS_MAX];
    unsigned started = 0;
    uint32_t error;

    while (started < count && started < THREADS_MAX) {
        struct thread *t = &threads[started];

        *t = (struct thread){win32_open(d->path, &error), work, arg, started};
        handles[started] = t->drive ? CreateThread(NULL, 0, run_thread, t, 0, NULL) : NULL;
        if (!handles[started]) {
            break;
        }
        started++;
    }
    if (started) {
        WaitForMultipleObjects(started, handles, TRUE, INFINITE);
    }
    return started == count;
}

/* ---- opening ---- */

/* Nothing may be answered out of a cache. */
static HANDLE open_handle(const char *path, DWORD access)
{
    return CreateFileA(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                       FILE_FLAG_NO_BUFFERING, NULL);
}

struct win32_drive *win32_open(const char *path, uint32_t *error)
{
    struct win32_drive *d = calloc(1, sizeof(*d));

    if (!d) {
        *error = ERROR_NOT_ENOUGH_MEMORY;
        return NULL;
    }
    snprintf(d->path, sizeof(d->path), "%s", path);
    d->read = open_handle(path, GENERIC_READ);
    if (d->read == INVALID_HANDLE_VALUE) {
        *error = GetLastError();
        free(d);
        return NULL;
    }
    d->read_write = open_handle(path, GENERIC_READ | GENERIC_WRITE);
    d->calls = (struct windows_calls){
        .ctx = d,
        .has_write = d->read_write != INVALID_HANDLE_VALUE,
        .control = win32_control,
        .control_native = win32_control_native,
        .read = win32_read,
        .pass_through = win32_pass_through,
        .random = win32_random,
        .utc_text = utc_text,
        .sleep_ms = sleep_ms,
        .parallel = win32_parallel,
    };
    return d;
}

const struct windows_calls *win32_calls(const struct win32_drive *drive)
{
    return &drive->calls;
}

uint8_t *win32_pages(size_t bytes)
{
    return VirtualAlloc(NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
}

/* ---- the machine ---- */

void win32_build(char *text, size_t room)
{
    RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

    RtlGetVersion(&version);
    snprintf(text, room, "%lu.%lu.%lu", version.dwMajorVersion, version.dwMinorVersion,
             version.dwBuildNumber);
}

struct limit {
    uint32_t seconds;
    int code;
};

static DWORD WINAPI run_limit(void *arg)
{
    const struct limit *limit = arg;

    Sleep(limit->seconds * 1000);
    fprintf(stderr, "wintest: gave up after %lu seconds (--limit)\n",
            (unsigned long)limit->seconds);
    ExitProcess((UINT)limit->code);
}

void win32_limit(uint32_t seconds, int code)
{
    static struct limit limit;
    HANDLE thread;

    limit = (struct limit){seconds, code};
    thread = CreateThread(NULL, 0, run_limit, &limit, 0, NULL);
    if (thread) {
        CloseHandle(thread);
    }
}
