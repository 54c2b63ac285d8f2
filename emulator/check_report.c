/* SPDX-License-Identifier: GPL-2.0-only */
#include "check_report.h"

#include <stdlib.h>
#include <string.h>

#define COMPLAINTS_SHOWN 8 /* as many as a row's text holds */

bool check_report_begin(struct check_report *report, FILE *tap, size_t rows)
{
    *report = (struct check_report){.tap = tap, .room = rows};
    report->results = calloc(rows ? rows : 1, sizeof(*report->results));
    if (!report->results) {
        return false;
    }
    fprintf(tap, "TAP version 13\n1..%zu\n", rows);
    fflush(tap);
    return true;
}

/* ---- TAP ---- */

static void print_comment(FILE *out, const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");

        fprintf(out, "#   %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

void check_report_row(struct check_report *report, const struct check *k,
                      const struct check_row *row, double seconds)
{
    struct check_result *result = &report->results[report->count++];

    *result = (struct check_result){row, k->verdict, strdup(k->text), seconds};
    report->verdicts[k->verdict]++;
    report->seconds += seconds;
    fprintf(report->tap, "%s %zu - %s (%s)", k->verdict == CHECK_FAILED ? "not ok" : "ok",
            report->count, row->name, row->clause);
    if (k->verdict == CHECK_SKIPPED) {
        fprintf(report->tap, " # SKIP %s", k->text);
    }
    fputc('\n', report->tap);
    if (k->verdict == CHECK_FAILED) {
        print_comment(report->tap, k->text);
        if (k->complaints > COMPLAINTS_SHOWN) {
            fprintf(report->tap, "#   and %u more\n", k->complaints - COMPLAINTS_SHOWN);
        }
    }
    fflush(report->tap);
}

static const char *reason(const struct check_result *result)
{
    return result->verdict == CHECK_SKIPPED && result->text ? result->text : NULL;
}

/* Once for each reason, where it was met first. */
static void print_reason(const struct check_report *report, size_t first)
{
    const char *text = reason(&report->results[first]);
    size_t same = 0;

    for (size_t i = 0; i < report->count; i++) {
        const char *other = reason(&report->results[i]);

        if (!other || strcmp(text, other) != 0) {
            continue;
        }
        if (i < first) {
            return;
        }
        same++;
    }
    fprintf(report->tap, "#   skipped %zu: %s\n", same, text);
}

void check_report_end(const struct check_report *report)
{
    fprintf(report->tap, "# %zu tests in %.1f s: %zu ok, %zu not ok, %zu skipped\n", report->count,
            report->seconds, report->verdicts[CHECK_OK], report->verdicts[CHECK_FAILED],
            report->verdicts[CHECK_SKIPPED]);
    for (size_t i = 0; i < report->count; i++) {
        if (reason(&report->results[i])) {
            print_reason(report, i);
        }
    }
    fflush(report->tap);
}

/* ---- JUnit ---- */

/* XML text, also for attributes; what XML cannot hold, and what is not ASCII, is '?'. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\n':
            fputc('\n', out);
            break;
        default:
            fputc(*text >= ' ' && *text <= '~' ? *text : '?', out);
        }
    }
}

static void put_attribute(FILE *out, const char *name, const char *text, size_t bytes)
{
    char value[512];

    snprintf(value, sizeof(value), "%.*s", (int)bytes, text);
    fprintf(out, " %s=\"", name);
    put_escaped(out, value);
    fputc('"', out);
}

static void put_case(FILE *out, const struct check_result *result)
{
    const char *text = result->text ? result->text : "";
    const size_t line = strcspn(text, "\n");

    fputs("  <testcase", out);
    put_attribute(out, "classname", result->row->name, strcspn(result->row->name, "."));
    put_attribute(out, "name", result->row->name, strlen(result->row->name));
    fprintf(out, " time=\"%.6f\"", result->seconds);
    if (result->verdict == CHECK_OK) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n    <", out);
    fputs(result->verdict == CHECK_FAILED ? "failure" : "skipped", out);
    put_attribute(out, "message", text, line);
    if (result->verdict == CHECK_FAILED) {
        put_attribute(out, "type", result->row->clause, strlen(result->row->clause));
        fputc('>', out);
        put_escaped(out, text);
        fputs("</failure>\n", out);
    } else {
        fputs("/>\n", out);
    }
    fputs("  </testcase>\n", out);
}

void check_report_junit(const struct check_report *report, const char *target, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"dvdemu check\"", out);
    put_attribute(out, "hostname", target, strlen(target));
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.6f\">\n",
            report->count, report->verdicts[CHECK_FAILED], report->verdicts[CHECK_SKIPPED],
            report->seconds);
    for (size_t i = 0; i < report->count; i++) {
        put_case(out, &report->results[i]);
    }
    fputs("</testsuite>\n", out);
}

void check_report_free(struct check_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->results[i].text);
    }
    free(report->results);
}
