/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file fuzz.h
 * What every target offers: one call per input. libFuzzer brings the main of `make fuzz`;
 * replay_inputs.c is the main that runs saved inputs in `make test`, with any compiler.
 */
#ifndef DVDEMU_FUZZ_H
#define DVDEMU_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Run one input of `size` bytes. Returns 0; whatever is wrong ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
