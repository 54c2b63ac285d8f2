/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file unit.h
 * One CUnit suite per source file, registered by itself: a test file names its suite once with
 * UNIT_SUITE and lists its tests; the runner (unit_runner.h) finds every suite that was linked in.
 */
#ifndef DVDEMU_UNIT_H
#define DVDEMU_UNIT_H

#include <CUnit/CUnit.h>

struct unit_test {
    const char *name; /**< says the behaviour: report_key_refuses_key2_before_challenge */
    void (*run)(void);
};

struct unit_suite {
    const char *name;
    const struct unit_test *tests;
    struct unit_suite *next;
};

/** Called by the constructor that UNIT_SUITE makes. */
void unit_register(struct unit_suite *suite);

/**
 * UNIT_SUITE(sense, {"fixed_sense_is_18_bytes", fixed_sense_is_18_bytes}, ...)
 * or shorter, UNIT_SUITE(sense, T(fixed_sense_is_18_bytes), T(...)).
 */
#define T(function)                                                                                \
    {                                                                                              \
#function, function                                                                        \
    }
#define UNIT_SUITE(id, ...)                                                                        \
    static const struct unit_test unit_tests_##id[] = {__VA_ARGS__, {NULL, NULL}};                 \
    static struct unit_suite unit_suite_##id = {#id, unit_tests_##id, NULL};                       \
    __attribute__((constructor)) static void unit_register_##id(void)                              \
    {                                                                                              \
        unit_register(&unit_suite_##id);                                                           \
    }                                                                                              \
    extern int unit_suite_end_##id /* takes the semicolon */

#endif
