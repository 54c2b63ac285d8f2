/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file fuzz.h
 * What every target offers: one call per input. libFuzzer and AFL++ bring the main of
 * `make fuzz` and `make afl`; replay_inputs.c is the main that runs saved inputs in `make test`,
 * with any compiler.
 */
#ifndef DVDEMU_FUZZ_H
#define DVDEMU_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Run one input of `size` bytes. Returns 0; whatever is wrong ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What a target may offer a replay besides; NULL in those that do not (judged_case.c does). */
__attribute__((weak)) void fuzz_watch(bool trace); /**< keep count; trace: print each command */
__attribute__((weak)) uint64_t fuzz_commands(void);
__attribute__((weak)) void fuzz_report(FILE *out); /**< what was met */

#endif
