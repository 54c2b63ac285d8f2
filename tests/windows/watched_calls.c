/* SPDX-License-Identifier: GPL-2.0-only */
#include "watched_calls.h"

#include <inttypes.h>

#define SHOWN_BYTES_MAX 2112

static void show(const struct watched_calls *w, const char *what, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    const size_t shown = bytes < SHOWN_BYTES_MAX ? bytes : SHOWN_BYTES_MAX;

    if (!w->show_buffers || !data || bytes == 0) {
        return;
    }
    fprintf(w->report->text, "  %s %zu:", what, bytes);
    for (size_t i = 0; i < shown; i++) {
        fprintf(w->report->text, " %02x", at[i]);
    }
    fprintf(w->report->text, "%s\n", shown < bytes ? " ..." : "");
}

static void show_ioctl(const struct watched_calls *w, const struct ioctl_call *call)
{
    if (w->show_buffers) {
        fprintf(w->report->text, "  ioctl %08" PRIx32 "%s\n", call->code,
                call->handle == HANDLE_READ_WRITE ? " (read-write handle)" : "");
    }
    show(w, "in ", call->in, call->in_bytes);
}

static struct call_result saw(const struct watched_calls *w, struct call_result result)
{
    step_saw(w->report, &result);
    return result;
}

static struct call_result watched_control(void *ctx, const struct ioctl_call *call)
{
    const struct watched_calls *w = ctx;
    struct call_result result;

    show_ioctl(w, call);
    result = saw(w, w->inner->control(w->inner->ctx, call));
    show(w, "out", call->out, call_is_good(&result) ? call->out_bytes : 0);
    return result;
}

static struct call_result watched_control_native(void *ctx, const struct ioctl_call *call)
{
    const struct watched_calls *w = ctx;

    show_ioctl(w, call);
    return saw(w, w->inner->control_native(w->inner->ctx, call));
}

static struct call_result watched_read(void *ctx, uint64_t at, void *out, uint32_t bytes)
{
    const struct watched_calls *w = ctx;

    return saw(w, w->inner->read(w->inner->ctx, at, out, bytes));
}

static struct call_result watched_pass_through(void *ctx, struct scsi_call *call)
{
    const struct watched_calls *w = ctx;
    struct call_result result;

    show(w, "cdb", call->cdb, call->cdb_bytes);
    if (call->data_out) {
        show(w, "in ", call->data, call->data_bytes);
    }
    result = saw(w, w->inner->pass_through(w->inner->ctx, call));
    if (!call->data_out && call_is_good(&result)) {
        show(w, "out", call->data, call->transferred);
    }
    return result;
}

static void inner_random(void *ctx, uint8_t *out, size_t bytes)
{
    const struct watched_calls *w = ctx;

    w->inner->random(w->inner->ctx, out, bytes);
}

static void inner_utc_text(void *ctx, char text[static UTC_TEXT_BYTES])
{
    const struct watched_calls *w = ctx;

    w->inner->utc_text(w->inner->ctx, text);
}

static void inner_sleep_ms(void *ctx, unsigned ms)
{
    const struct watched_calls *w = ctx;

    w->inner->sleep_ms(w->inner->ctx, ms);
}

/* The report is for one thread: what runs at once is not watched. */
static bool inner_parallel(void *ctx, unsigned count, parallel_work *work, void *arg)
{
    const struct watched_calls *w = ctx;

    return w->inner->parallel(w->inner->ctx, count, work, arg);
}

void watched_calls_init(struct watched_calls *w, const struct windows_calls *inner,
                        struct step_report *report, bool show_buffers)
{
    *w = (struct watched_calls){
        .calls = {.ctx = w,
                  .has_write = inner->has_write,
                  .control = watched_control,
                  .control_native = watched_control_native,
                  .read = watched_read,
                  .pass_through = watched_pass_through,
                  .random = inner_random,
                  .utc_text = inner_utc_text,
                  .sleep_ms = inner_sleep_ms,
                  .parallel = inner_parallel},
        .inner = inner,
        .report = report,
        .show_buffers = show_buffers,
    };
}
