/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css_tables.h
 * The tables of the cipher, internal to css/. Values: docs/spec/css-tables.csv, same names.
 */
#ifndef DVDEMU_CSS_TABLES_H
#define DVDEMU_CSS_TABLES_H

#include "css.h"

/** What the authentication function makes: its `kind` of css-spec 4.1. */
enum css_auth_kind { CSS_AUTH_KEY1, CSS_AUTH_KEY2, CSS_AUTH_BUS_KEY, CSS_AUTH_KINDS };

/** S-box of the descrambling and decrypting direction, and its inverse (css-spec 3.1). */
extern const uint8_t css_s[256];
extern const uint8_t css_s_inv[256];

/**
 * The same by halves of a byte, for shuffles (css-spec 11): m = s_a[x & 15] ^ s_b[x >> 4], or with
 * s_inv_a and s_inv_b for the inverse; then s_c[m & 15] ^ s_d[m >> 4].
 */
extern const uint8_t css_s_a[16], css_s_b[16], css_s_inv_a[16], css_s_inv_b[16];
extern const uint8_t css_s_c[16], css_s_d[16];

/** Mixing tables of the authentication function (css-spec 4.2). */
extern const uint8_t css_m0[256];
extern const uint8_t css_m1[256];
extern const uint8_t css_m2[256];

/** A byte with its bits in the other order. */
extern const uint8_t css_bitrev[256];

/** Where in the ten bytes of input the data and the generator key are (css-spec 4.1, step 1). */
extern const uint8_t css_auth_data_pos[CSS_AUTH_KINDS][CSS_KEY_BYTES];
extern const uint8_t css_auth_seed_pos[CSS_AUTH_KINDS][CSS_KEY_BYTES];
/** Exclusive-ored into the generator key. */
extern const uint8_t css_auth_const[CSS_KEY_BYTES];
/** The mixing mask W of each variant (css-spec 4.1, step 3). */
extern const uint8_t css_auth_variant_mask[CSS_AUTH_KINDS][CSS_VARIANTS];

#endif
