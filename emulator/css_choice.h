/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_choice.h
 * Which kernel of css/ scrambles: the fastest that this CPU can run, or the one that the
 * environment names.
 */
#ifndef DVDEMU_CSS_CHOICE_H
#define DVDEMU_CSS_CHOICE_H

#include "css/css.h"

/** Forces a kernel by its name; not set or empty: the fastest. */
#define CSS_CHOICE_VARIABLE "DVDEMU_KERNEL"

struct css_choice {
    const struct css_kernel *kernel;
    const char *needs;    /**< of the CPU, in words */
    bool (*usable)(void); /**< whether this one has it */
};

/** Every kernel that was compiled, fastest first; the last row's kernel is NULL. */
extern const struct css_choice css_choices[];

/**
 * The kernel to use. NULL: the environment asks for one that does not exist or that this CPU cannot
 * run; then `error`, INI_ERROR_BYTES of room, says so in one line that begins with the variable's
 * name. Whoever starts something asks here first, so that a forced kernel is never quietly another.
 */
const struct css_kernel *css_choose(char *error);

/** The same where no error can be told: then the kernel for any machine. */
const struct css_kernel *css_choose_or_portable(void);

#endif
