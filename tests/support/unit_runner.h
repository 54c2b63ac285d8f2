/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file unit_runner.h
 * Runs every suite that UNIT_SUITE (tests/unit/unit.h) registered in the program it is linked into.
 */
#ifndef DVDEMU_UNIT_RUNNER_H
#define DVDEMU_UNIT_RUNNER_H

/** Called around each test, the second one also when a fatal assertion ended the test. */
struct unit_hooks {
    void (*before_each)(void); /**< NULL: nothing to do */
    void (*after_each)(void);
};

/**
 * -l lists all tests, -s SUITE and -t TEST choose, no argument runs all. Returns the exit code of
 * the program: 0 all passed, 1 failures, 2 usage. `hooks` may be NULL.
 */
int unit_run(int argc, char **argv, const struct unit_hooks *hooks);

#endif
