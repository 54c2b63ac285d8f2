/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/css_choice.h"
#include "emulator/ini_file.h"

#include <stdlib.h>

static char error[INI_ERROR_BYTES];

/* The tests may run with a kernel forced: what the variable said comes back afterwards. */
static char *saved;

static void set_variable(const char *value)
{
    const char *old = getenv(CSS_CHOICE_VARIABLE);

    saved = old ? strdup(old) : NULL;
    setenv(CSS_CHOICE_VARIABLE, value, 1);
    *error = 0;
}

static void restore_variable(void)
{
    if (saved) {
        setenv(CSS_CHOICE_VARIABLE, saved, 1);
    } else {
        unsetenv(CSS_CHOICE_VARIABLE);
    }
    free(saved);
    saved = NULL;
}

static const struct css_kernel *first_usable(void)
{
    const struct css_choice *c = css_choices;

    while (!c->usable()) {
        c++;
    }
    return c->kernel;
}

static void portable_is_last_and_always_there(void)
{
    const struct css_choice *last = css_choices;

    while (last[1].kernel) {
        last++;
    }
    CU_ASSERT_EQUAL(last->kernel, &css_kernel_portable);
    CU_ASSERT_TRUE(last->usable());
}

static void an_empty_variable_means_the_fastest(void)
{
    set_variable("");
    CU_ASSERT_EQUAL(css_choose(error), first_usable());
    unsetenv(CSS_CHOICE_VARIABLE);
    CU_ASSERT_EQUAL(css_choose(error), first_usable());
    CU_ASSERT_EQUAL(css_choose_or_portable(), first_usable());
    restore_variable();
}

static void every_usable_kernel_can_be_forced(void)
{
    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        set_variable(c->kernel->name);
        if (c->usable()) {
            CU_ASSERT_EQUAL(css_choose(error), c->kernel);
            CU_ASSERT_EQUAL(css_choose_or_portable(), c->kernel);
        } else {
            CU_ASSERT_PTR_NULL(css_choose(error));
            CU_ASSERT_PTR_NOT_NULL(strstr(error, "which this CPU has not"));
            CU_ASSERT_PTR_NOT_NULL(strstr(error, c->needs));
        }
        restore_variable();
    }
}

static void an_unknown_name_is_an_error_that_names_the_others(void)
{
    set_variable("sse9");
    CU_ASSERT_PTR_NULL(css_choose(error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "DVDEMU_KERNEL: no kernel 'sse9' here; there is "));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "portable"));
    CU_ASSERT_EQUAL(css_choose_or_portable(), &css_kernel_portable);
    restore_variable();
}

UNIT_SUITE(css_choice, T(portable_is_last_and_always_there), T(an_empty_variable_means_the_fastest),
           T(every_usable_kernel_can_be_forced),
           T(an_unknown_name_is_an_error_that_names_the_others));
