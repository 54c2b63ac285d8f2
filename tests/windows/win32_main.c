/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wintest.exe: every IOCTL_DVD_* call on a DVD drive, for people who write drivers, drives or
 * players. docs/windows.md says how to use it.
 */
#include "win32_calls.h"
#include "wintest.h"

#include <inttypes.h>
#include <string.h>

#define EXIT_USAGE 2

static int complain(const char *what)
{
    fprintf(stderr, "wintest: %s\n", what);
    return EXIT_USAGE;
}

/* Opens everything that the options name; NULL, or what is wrong. */
static const char *set_up(const struct wintest_options *options, struct expectations *expected,
                          struct step_report *report, char error[static EXPECTATION_ERROR_BYTES])
{
    report->text = stdout;
    if (options->expect && !expectations_load(expected, options->expect, error)) {
        return error;
    }
    if (!options->json) {
        return NULL;
    }
    report->json = fopen(options->json, "w");
    if (!report->json) {
        snprintf(error, EXPECTATION_ERROR_BYTES, "%s: cannot be written", options->json);
        return error;
    }
    return NULL;
}

static void say_where(struct step_report *report, const struct wintest_options *options,
                      const struct windows_calls *calls)
{
    char build[64];

    win32_build(build, sizeof(build));
    step_fact(report, "windows", "%s%s, a program of %u bits", build,
              options->wine ? " (Wine's rules)" : "", (unsigned)(8 * sizeof(void *)));
    step_fact(report, "handles", "%s", calls->has_write ? "read, read and write" : "read");
}

static int run(const struct wintest_options *options)
{
    static struct expectations expected;
    struct step_report report = {0};
    char path[DEVICE_PATH_BYTES], error[EXPECTATION_ERROR_BYTES];
    const char *wrong = set_up(options, &expected, &report, error);
    struct win32_drive *drive;
    uint8_t *room = win32_pages(WINTEST_ROOM_BYTES);
    uint32_t open_error = 0;

    if (wrong || !room || !wintest_device_path(options->device, path)) {
        return complain(wrong ? wrong : !room ? "no memory" : "the device's name is too long");
    }
    drive = win32_open(path, &open_error);
    if (!drive) {
        fprintf(stderr, "wintest: %s cannot be opened, error %" PRIu32 "\n", path, open_error);
        return WINTEST_EXIT_NO_DVD;
    }
    report.clock = win32_calls(drive);
    win32_limit(options->limit_s, WINTEST_EXIT_FAILED);
    say_where(&report, options, win32_calls(drive));
    return wintest_run(options, &expected, win32_calls(drive), &report, room);
}

int main(int argc, char **argv)
{
    struct wintest_options options;
    char error[OPTION_ERROR_BYTES];

    if (!wintest_options_read(&options, argc, argv, error)) {
        return complain(error);
    }
    if (options.help) {
        fputs(wintest_usage(), stdout);
        return WINTEST_EXIT_PASSED;
    }
    return run(&options);
}
