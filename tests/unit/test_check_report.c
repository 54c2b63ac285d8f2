/* SPDX-License-Identifier: GPL-2.0-only */
/* What `dvdemu check` writes, to the byte: TAP version 13 and JUnit. */
#include "emulator/check_report.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct check_row rows[] = {
    {"one.passes", "mmc-spec 1", 0, NULL, NULL, 0},
    {"one.fails", "mmc-spec 2", 0, NULL, NULL, 0},
    {"two.is-skipped", "quirks", 0, NULL, NULL, 0},
    {"two.is-skipped-too", "quirks", 0, NULL, NULL, 0},
};

struct written {
    char *text;
    size_t bytes;
};

static void note(struct check_report *report, const struct check_row *row,
                 enum check_verdict verdict, const char *text, unsigned complaints)
{
    static struct check k;

    k.verdict = verdict;
    k.complaints = complaints;
    snprintf(k.text, sizeof(k.text), "%s", text);
    check_report_row(report, &k, row, 0.25);
}

/* Three results, one of two lines with all that XML does not bear. */
static struct written write_tap(struct check_report *report)
{
    struct written tap = {NULL, 0};
    FILE *out = open_memstream(&tap.text, &tap.bytes);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_TRUE_FATAL(check_report_begin(report, out, sizeof(rows) / sizeof(rows[0])));
    note(report, &rows[0], CHECK_OK, "", 0);
    note(report, &rows[1], CHECK_FAILED, "a < b & \"c\" > d\nsecond \x01 line\xc3", 11);
    note(report, &rows[2], CHECK_SKIPPED, "needs a disc", 0);
    note(report, &rows[3], CHECK_SKIPPED, "needs a disc", 0);
    check_report_end(report);
    fclose(out);
    return tap;
}

static void tap_is_version_13(void)
{
    struct check_report report;
    struct written tap = write_tap(&report);

    CU_ASSERT_STRING_EQUAL(tap.text,
                           "TAP version 13\n1..4\n"
                           "ok 1 - one.passes (mmc-spec 1)\n"
                           "not ok 2 - one.fails (mmc-spec 2)\n"
                           "#   a < b & \"c\" > d\n#   second \x01 line\xc3\n#   and 3 more\n"
                           "ok 3 - two.is-skipped (quirks) # SKIP needs a disc\n"
                           "ok 4 - two.is-skipped-too (quirks) # SKIP needs a disc\n"
                           "# 4 tests in 1.0 s: 1 ok, 1 not ok, 2 skipped\n"
                           "#   skipped 2: needs a disc\n");
    free(tap.text);
    check_report_free(&report);
}

static void junit_is_escaped(void)
{
    struct check_report report;
    struct written tap = write_tap(&report), junit = {NULL, 0};
    FILE *out = open_memstream(&junit.text, &junit.bytes);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    check_report_junit(&report, "iscsi://host/<\"target\">/1", out);
    fclose(out);
    CU_ASSERT_STRING_EQUAL(
        junit.text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"dvdemu check\" hostname=\"iscsi://host/&lt;&quot;target&quot;&gt;/1\""
        " tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\" time=\"1.000000\">\n"
        "  <testcase classname=\"one\" name=\"one.passes\" time=\"0.250000\"/>\n"
        "  <testcase classname=\"one\" name=\"one.fails\" time=\"0.250000\">\n"
        "    <failure message=\"a &lt; b &amp; &quot;c&quot; &gt; d\" type=\"mmc-spec 2\">"
        "a &lt; b &amp; &quot;c&quot; &gt; d\nsecond ? line?</failure>\n"
        "  </testcase>\n"
        "  <testcase classname=\"two\" name=\"two.is-skipped\" time=\"0.250000\">\n"
        "    <skipped message=\"needs a disc\"/>\n"
        "  </testcase>\n"
        "  <testcase classname=\"two\" name=\"two.is-skipped-too\" time=\"0.250000\">\n"
        "    <skipped message=\"needs a disc\"/>\n"
        "  </testcase>\n"
        "</testsuite>\n");
    free(junit.text);
    free(tap.text);
    check_report_free(&report);
}

UNIT_SUITE(check_report, T(tap_is_version_13), T(junit_is_escaped));
