/* SPDX-License-Identifier: GPL-2.0-only */
/* What every step of the probe does: send, judge, put into words. */
#include "cli_probe.h"

#include <stdarg.h>
#include <stdio.h>

/* As one line: libiscsi's messages have several. */
static void say(struct probe *p, const char *format, va_list ap)
{
    char *end = p->detail;

    vsnprintf(p->detail, sizeof(p->detail), format, ap);
    for (char *c = p->detail; *c; c++) {
        if (*c == '\n' || *c == '\r') {
            *c = ' ';
        }
        if (*c != ' ') {
            end = c + 1;
        }
    }
    *end = 0;
}

enum probe_result probe_ok(struct probe *p, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(p, format, ap);
    va_end(ap);
    return PROBE_OK;
}

enum probe_result probe_failed(struct probe *p, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(p, format, ap);
    va_end(ap);
    return PROBE_FAILED;
}

enum probe_result probe_skipped(struct probe *p, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(p, format, ap);
    va_end(ap);
    return PROBE_SKIPPED;
}

const char *probe_result_name(enum probe_result result)
{
    static const char *const names[] = {
        [PROBE_OK] = "ok",
        [PROBE_FAILED] = "failed",
        [PROBE_SKIPPED] = "skipped",
    };

    return names[result];
}

struct link_result probe_send(struct probe *p, const struct host_command *command)
{
    struct link_result result = link_send(p->link, command, p->in);

    if (result.status == LINK_LOST) {
        p->have &= ~(unsigned)HAVE_LINK;
    }
    return result;
}

static struct scsi_sense to_sense(struct link_result result)
{
    return (struct scsi_sense){
        .check = result.status == LINK_CHECK,
        .key = result.key,
        .asc = result.asc,
        .ascq = result.ascq,
    };
}

bool probe_is_sense(struct link_result result, enum sense_id id)
{
    return sense_is(to_sense(result), id);
}

const char *probe_describe(struct probe *p, struct link_result result)
{
    switch (result.status) {
    case LINK_GOOD:
        snprintf(p->text, sizeof(p->text), "good with %zu bytes", result.in_bytes);
        break;
    case LINK_CHECK:
        snprintf(p->text, sizeof(p->text), "sense %02X/%02X/%02X (%s)", result.key, result.asc,
                 result.ascq, sense_text(to_sense(result)));
        break;
    case LINK_OTHER:
        snprintf(p->text, sizeof(p->text), "status %02Xh", result.code);
        break;
    case LINK_LOST:
        snprintf(p->text, sizeof(p->text), "a lost session: %s", link_error(p->link));
        break;
    }
    return p->text;
}

bool probe_ask(struct probe *p, const struct host_command *command, size_t least_bytes,
               const char *what)
{
    struct link_result result = probe_send(p, command);

    if (result.status == LINK_GOOD && result.in_bytes >= least_bytes) {
        return true;
    }
    if (least_bytes) {
        probe_failed(p, "%s: expected good with %zu bytes, got %s", what, least_bytes,
                     probe_describe(p, result));
    } else {
        probe_failed(p, "%s: expected good, got %s", what, probe_describe(p, result));
    }
    return false;
}
