/* SPDX-License-Identifier: GPL-2.0-only */
#include "step_report.h"

#include "json_line.h"
#include "nt_status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define DETAIL_BYTES 1024
#define TIME_AT      11 /* in "2026-11-25T06:29:17.123Z" */

static void put_json(struct step_report *r, struct json_line *line)
{
    json_end(line);
    fprintf(r->json, "%s\n", line->text);
    fflush(r->json);
}

void step_fact(struct step_report *r, const char *name, const char *format, ...)
{
    char text[DETAIL_BYTES];
    struct json_line line;
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    fprintf(r->text, "%s: %s\n", name, text);
    if (r->json) {
        json_begin(&line);
        json_string(&line, "fact", name);
        json_string(&line, "value", text);
        put_json(r, &line);
    }
}

void step_begin(struct step_report *r, const char *name)
{
    snprintf(r->name, sizeof(r->name), "%s", name);
    r->called = false;
    r->clock->utc_text(r->clock->ctx, r->begun);
}

void step_saw(struct step_report *r, const struct call_result *result)
{
    r->last = *result;
    r->called = true;
}

static void line_as_json(struct step_report *r, const char *outcome, const char *detail)
{
    struct json_line line;
    char status[sizeof("C0000010")];

    json_begin(&line);
    json_string(&line, "step", r->name);
    json_string(&line, "result", outcome);
    json_string(&line, "detail", detail);
    json_string(&line, "utc", r->begun);
    if (r->called) {
        snprintf(status, sizeof(status), "%08" PRIX32, r->last.status);
        json_string(&line, "status", status);
        json_string(&line, "status_name", nt_status(r->last.status)->name);
        json_unsigned(&line, "error", r->last.error);
        json_unsigned(&line, "bytes", r->last.bytes);
        json_decimal(&line, "ms", r->last.ms);
    }
    put_json(r, &line);
}

static void end_line(struct step_report *r, const char *outcome, const char *format, va_list ap)
{
    char detail[DETAIL_BYTES];

    vsnprintf(detail, sizeof(detail), format, ap);
    fprintf(r->text, "%s %s%s%s", outcome, r->name, *detail ? " " : "", detail);
    if (r->called) {
        fprintf(r->text, " %.1fms", r->last.ms);
    }
    fprintf(r->text, " @%s\n", r->begun + TIME_AT);
    fflush(r->text);
    if (r->json) {
        line_as_json(r, outcome, detail);
    }
}

void step_pass(struct step_report *r, const char *format, ...)
{
    va_list ap;

    r->passed++;
    va_start(ap, format);
    end_line(r, "PASS", format, ap);
    va_end(ap);
}

void step_fail(struct step_report *r, const char *format, ...)
{
    va_list ap;

    r->failed++;
    va_start(ap, format);
    end_line(r, "FAIL", format, ap);
    va_end(ap);
}

void step_skip(struct step_report *r, const char *format, ...)
{
    va_list ap;

    r->skipped++;
    va_start(ap, format);
    end_line(r, "SKIP", format, ap);
    va_end(ap);
}

bool step_judge(struct step_report *r, bool good, const char *format, ...)
{
    va_list ap;

    *(good ? &r->passed : &r->failed) += 1;
    va_start(ap, format);
    end_line(r, good ? "PASS" : "FAIL", format, ap);
    va_end(ap);
    return good;
}

bool step_called(struct step_report *r, const struct call_result *result, uint32_t wanted_bytes)
{
    const struct nt_status *row = nt_status(result->status);
    char error[NT_ERROR_TEXT_BYTES];

    step_saw(r, result);
    if (!call_is_good(result)) {
        step_fail(r, "error %s (%s) status %08" PRIX32 " (%s), wanted success",
                  nt_error_text(result->error, error), row->error_name, result->status, row->name);
        return false;
    }
    if (wanted_bytes != STEP_ANY_BYTES && result->bytes != wanted_bytes) {
        step_fail(r, "%" PRIu32 " bytes returned, wanted %" PRIu32, result->bytes, wanted_bytes);
        return false;
    }
    return true;
}

void step_report_end(struct step_report *r)
{
    struct json_line line;

    fprintf(r->text, "%u passed, %u failed, %u skipped\n", r->passed, r->failed, r->skipped);
    fflush(r->text);
    if (r->json) {
        json_begin(&line);
        json_unsigned(&line, "passed", r->passed);
        json_unsigned(&line, "failed", r->failed);
        json_unsigned(&line, "skipped", r->skipped);
        put_json(r, &line);
    }
}
