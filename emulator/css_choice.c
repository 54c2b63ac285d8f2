/* SPDX-License-Identifier: GPL-2.0-only */
#include "css_choice.h"

#include "error_line.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES 80

static bool always(void)
{
    return true;
}

#ifdef CSS_KERNELS_X86_64
/* The compiler's runtime asks the CPU, and whether the system saves the registers. */
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("gfni");
}
#endif

/* clang-format off */
const struct css_choice css_choices[] = {
#ifdef CSS_KERNELS_X86_64
    {&css_kernel_avx512,   "AVX-512 F, BW, VBMI, VBMI2 and GFNI", has_avx512},
    {&css_kernel_avx2,     "AVX2",                          has_avx2},
#endif
#ifdef CSS_KERNELS_ARM64
    {&css_kernel_neon,     "nothing that an arm64 has not", always},
#endif
    {&css_kernel_portable, "nothing special",               always},
    {NULL, NULL, NULL},
};
/* clang-format on */

static const struct css_kernel *fastest(void)
{
    const struct css_choice *c = css_choices;

    while (!c->usable()) {
        c++;
    }
    return c->kernel;
}

static void list_usable(char names[static NAMES_BYTES])
{
    size_t at = 0;

    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        if (c->usable() && at < NAMES_BYTES) {
            at += (size_t)snprintf(names + at, NAMES_BYTES - at, "%s%s", at ? ", " : "",
                                   c->kernel->name);
        }
    }
}

const struct css_kernel *css_choose(char *error)
{
    const char *wanted = getenv(CSS_CHOICE_VARIABLE);
    char names[NAMES_BYTES];

    if (!wanted || !*wanted) {
        return fastest();
    }
    list_usable(names);
    for (const struct css_choice *c = css_choices; c->kernel; c++) {
        if (strcmp(c->kernel->name, wanted) != 0) {
            continue;
        }
        if (c->usable()) {
            return c->kernel;
        }
        error_line(error, CSS_CHOICE_VARIABLE ": %s needs %s, which this CPU has not; it has %s",
                   wanted, c->needs, names);
        return NULL;
    }
    error_line(error, CSS_CHOICE_VARIABLE ": no kernel '%s' here; there is %s", wanted, names);
    return NULL;
}

const struct css_kernel *css_choose_or_portable(void)
{
    char error[INI_ERROR_BYTES];
    const struct css_kernel *kernel = css_choose(error);

    return kernel ? kernel : &css_kernel_portable;
}
