/* SPDX-License-Identifier: GPL-2.0-only */
#include "unit_runner.h"

#include "tests/unit/unit.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct unit_suite *all_suites;

void unit_register(struct unit_suite *suite)
{
    struct unit_suite **at = &all_suites;

    while (*at && strcmp((*at)->name, suite->name) < 0) {
        at = &(*at)->next;
    }
    suite->next = *at;
    *at = suite;
}

static int list_suites(void)
{
    for (const struct unit_suite *s = all_suites; s; s = s->next) {
        for (const struct unit_test *t = s->tests; t->name; t++) {
            printf("%s %s\n", s->name, t->name);
        }
    }
    return 0;
}

/* Adds what was asked for; returns how many tests that is, 0 also on a CUnit error. */
static unsigned add_tests(const char *suite_name, const char *test_name,
                          const struct unit_hooks *hooks)
{
    unsigned added = 0;

    for (const struct unit_suite *s = all_suites; s; s = s->next) {
        CU_pSuite suite;

        if (suite_name && strcmp(suite_name, s->name) != 0) {
            continue;
        }
        suite = CU_add_suite_with_setup_and_teardown(s->name, NULL, NULL, hooks->before_each,
                                                     hooks->after_each);
        for (const struct unit_test *t = s->tests; suite && t->name; t++) {
            if (test_name && strcmp(test_name, t->name) != 0) {
                continue;
            }
            added += CU_add_test(suite, t->name, t->run) != NULL;
        }
    }
    return added;
}

static int run_added(void)
{
    unsigned failed, bad_asserts;

    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    failed = CU_get_number_of_tests_failed();
    bad_asserts = CU_get_number_of_failures();
    printf("%u passed, %u failed\n", CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    return failed || bad_asserts ? 1 : 0;
}

int unit_run(int argc, char **argv, const struct unit_hooks *hooks)
{
    static const struct unit_hooks no_hooks;
    const char *suite_name = NULL, *test_name = NULL;
    int option;

    while ((option = getopt(argc, argv, "ls:t:")) != -1) {
        switch (option) {
        case 'l':
            return list_suites();
        case 's':
            suite_name = optarg;
            break;
        case 't':
            test_name = optarg;
            break;
        default:
            fprintf(stderr, "usage: %s [-l] [-s SUITE] [-t TEST]\n", argv[0]);
            return 2;
        }
    }
    if (CU_initialize_registry() != CUE_SUCCESS ||
        add_tests(suite_name, test_name, hooks ? hooks : &no_hooks) == 0) {
        fprintf(stderr, "%s: no such test, or CUnit failed: %s\n", argv[0], CU_get_error_msg());
        return 2;
    }
    return run_added();
}
