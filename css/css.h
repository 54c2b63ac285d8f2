/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file css.h
 * CSS arithmetic: keys, wrapping, obfuscation, sector scrambling.
 *
 * This folder computes. It never opens, reads, allocates, logs, draws a random byte or knows a
 * SCSI word. Challenges, KEY1, KEY2 and the bus key are in wire order everywhere: the first byte
 * of an array is the byte with the lowest offset in a SEND KEY or REPORT KEY block.
 *
 * No call can fail. The cipher indexes tables with secret bytes by design, so nothing here is
 * constant time, except css_key2_equal(), which at least never leaves early.
 * Source of every number: docs/spec/css-spec.md, sections named beside the code.
 */
#ifndef DVDEMU_CSS_H
#define DVDEMU_CSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSS_KEY_BYTES        5
#define CSS_CHALLENGE_BYTES  10
#define CSS_VARIANTS         32
#define CSS_SLOTS            408
#define CSS_DISC_BLOCK_BYTES 2048
#define CSS_SECTOR_BYTES     2048

/* One kind of key, one type: five (ten) bytes each, never interchangeable. */
typedef struct {
    uint8_t b[CSS_CHALLENGE_BYTES];
} css_challenge;
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_key1;
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_key2;
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_bus_key;
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_player_key;
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_disc_key;
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_title_key;
/** A disc key encrypted under a player key, or under itself (the check entry). */
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_wrapped_disc_key;
/** A title key encrypted under the disc key, as a sector header stores it. */
typedef struct {
    uint8_t b[CSS_KEY_BYTES];
} css_wrapped_title_key;

/* ---- authentication: css_auth.c ---- */

/** KEY1, the drive's answer to the host's challenge. `variant` counts modulo 32. */
css_key1 css_make_key1(unsigned variant, const css_challenge *host);

/** KEY2, the host's answer to the drive's challenge. `variant` counts modulo 32. */
css_key2 css_make_key2(unsigned variant, const css_challenge *drive);

/** The bus key that both sides share after KEY1 and KEY2. `variant` counts modulo 32. */
css_bus_key css_make_bus_key(unsigned variant, const css_key1 *key1, const css_key2 *key2);

/** Whether two KEY2 are equal; looks at all bytes whatever they are. */
bool css_key2_equal(const css_key2 *a, const css_key2 *b);

/**
 * Obfuscate or clear `bytes` bytes with the bus key (its own inverse); byte i meets bus key byte
 * i mod 5. `out` and `in` may be the same memory, not overlap otherwise.
 */
void css_bus_xor(uint8_t *out, const uint8_t *in, size_t bytes, const css_bus_key *bus);

/* ---- key hierarchy: css_keys.c ---- */

/** A slot of the disc-key structure: the disc key encrypted under a player key; and back. */
css_wrapped_disc_key css_wrap_disc_key(const css_player_key *player, const css_disc_key *disc);
css_disc_key css_unwrap_disc_key(const css_player_key *player, const css_wrapped_disc_key *slot);
/** The check entry of the disc-key structure: the disc key encrypted under itself. */
css_wrapped_disc_key css_check_entry(const css_disc_key *disc);
/** Whether `disc` decrypts `entry` to itself. Several keys may do so for one entry. */
bool css_check_entry_accepts(const css_wrapped_disc_key *entry, const css_disc_key *disc);
/** What a sector header stores: the title key encrypted under the disc key; and back. */
css_wrapped_title_key css_wrap_title_key(const css_disc_key *disc, const css_title_key *title);
css_title_key css_unwrap_title_key(const css_disc_key *disc, const css_wrapped_title_key *wrapped);

/**
 * The 2048-byte disc-key structure: check entry, 408 slots, three zero bytes.
 * `players` holds the player key of slot i (1..408) at index i-1.
 */
void css_disc_key_block(uint8_t out[static CSS_DISC_BLOCK_BYTES], const css_disc_key *disc,
                        const css_player_key players[static CSS_SLOTS]);

/* ---- sectors: css_lanes.h, and one file per kernel ---- */

/** Bytes of a sector that are never scrambled: all in front of the payload (css-spec 10). */
#define CSS_CLEAR_BYTES 0x80

/**
 * One sector of a request: 2048 bytes and the title key it is under. The payload of `data` is
 * written, the CSS_CLEAR_BYTES in front of it are only read.
 */
struct css_sector {
    uint8_t *data;
    const css_title_key *key;
    const uint8_t *from; /**< where the payload is read, a sector as well; NULL: in `data` */
};

/**
 * Work on `count` sectors, any mixture of keys, each independent of the others. They and what they
 * are read from may lie anywhere and at any alignment, but may not overlap.
 */
typedef void css_sector_fn(const struct css_sector *sectors, size_t count);

/** A multiple of it leaves no kernel with lanes to spare (css-spec 12). */
#define CSS_LANES_MAX 8

/** A way to do it. Which one a program uses is the caller's choice; all give the same bytes. */
struct css_kernel {
    const char *name;
    css_sector_fn *scramble;
    css_sector_fn *descramble;
};

/** GNU C for any machine: two sectors at a time. */
extern const struct css_kernel css_kernel_portable;

/* The others are compiled wherever the compiler can, and crash on a CPU that has not got what they
 * need: it is up to the caller to ask. */
#if defined(__x86_64__)
#define CSS_KERNELS_X86_64
/** Four sectors at a time. Needs AVX2. */
extern const struct css_kernel css_kernel_avx2;
/** Eight sectors at a time. Needs AVX2, GFNI, and AVX-512 F, BW, VBMI and VBMI2. */
extern const struct css_kernel css_kernel_avx512;
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CSS_KERNELS_ARM64
/** Two sectors at a time. Every arm64 has what it needs. */
extern const struct css_kernel css_kernel_neon;
#endif

/* ---- what an MPEG pack says about itself: css_pack.c ---- */

/** A pack: 00 00 01 BA at offset 0. */
bool css_pack_is(const uint8_t sector[static CSS_SECTOR_BYTES]);
/** A navigation pack: system header at 14, private stream 2 (PCI) at 38. Always in clear. */
bool css_pack_is_navigation(const uint8_t sector[static CSS_SECTOR_BYTES]);
/**
 * Whether a disc author may scramble this pack: no stuffing in the pack header, and the first
 * PES packet is one that has PES_scrambling_control (video, audio, private stream 1).
 */
bool css_pack_may_scramble(const uint8_t sector[static CSS_SECTOR_BYTES]);
/** Whether it is a pack whose PES_scrambling_control (byte 14h, bits 5-4) is not 0. */
bool css_pack_is_marked(const uint8_t sector[static CSS_SECTOR_BYTES]);
/** Set PES_scrambling_control to 01 (byte 14h |= 10h). */
void css_mark_scrambled(uint8_t sector[static CSS_SECTOR_BYTES]);

#endif
