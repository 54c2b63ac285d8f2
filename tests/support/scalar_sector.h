/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file scalar_sector.h
 * The sector cipher as public code has it: a byte at a time, by tables (css-spec 3.4). It shares
 * the S-box with css/ and nothing else: what the kernels have to equal, and what the bench measures
 * them by.
 */
#ifndef DVDEMU_SCALAR_SECTOR_H
#define DVDEMU_SCALAR_SECTOR_H

#include "css/css.h"

extern const struct css_kernel scalar_sector;

#endif
