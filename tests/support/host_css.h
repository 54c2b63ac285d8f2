/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_css.h
 * The host's side of CSS for tests: the other end of a handshake, and a player.
 *
 * Written apart from css/ and sharing nothing with it, so that the two can be held against each
 * other: bit by bit, in algorithm order inside (css-spec 3.2, 4.3), the S-box as a network of gates
 * (css-spec 11). Slow, and meant to be. Arrays are in wire order at this border; no call can fail
 * unless it says so.
 */
#ifndef DVDEMU_HOST_CSS_H
#define DVDEMU_HOST_CSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_CSS_KEY_BYTES       5
#define HOST_CSS_CHALLENGE_BYTES 10
#define HOST_CSS_VARIANTS        32
#define HOST_CSS_SLOTS           408
#define HOST_CSS_BLOCK_BYTES     2048
#define HOST_CSS_SECTOR_BYTES    2048

/** KEY1 that a drive of this variant (0..31) answers to the host's challenge. */
void host_css_key1(unsigned variant, const uint8_t challenge[static HOST_CSS_CHALLENGE_BYTES],
                   uint8_t key1[static HOST_CSS_KEY_BYTES]);

/** The host's answer to the drive's challenge. */
void host_css_key2(unsigned variant, const uint8_t challenge[static HOST_CSS_CHALLENGE_BYTES],
                   uint8_t key2[static HOST_CSS_KEY_BYTES]);

void host_css_bus_key(unsigned variant, const uint8_t key1[static HOST_CSS_KEY_BYTES],
                      const uint8_t key2[static HOST_CSS_KEY_BYTES],
                      uint8_t bus_key[static HOST_CSS_KEY_BYTES]);

/** The variant (0..31) that answers `challenge` with `key1`, or -1: no genuine drive. */
int host_css_find_variant(const uint8_t challenge[static HOST_CSS_CHALLENGE_BYTES],
                          const uint8_t key1[static HOST_CSS_KEY_BYTES]);

/** Take the bus key off `bytes` bytes in place: a title key, or a disc-key structure. */
void host_css_clear(uint8_t *data, size_t bytes, const uint8_t bus_key[static HOST_CSS_KEY_BYTES]);

/** Whether the check entry of a disc-key structure (its first five bytes) accepts the disc key. */
bool host_css_check_entry(const uint8_t entry[static HOST_CSS_KEY_BYTES],
                          const uint8_t disc_key[static HOST_CSS_KEY_BYTES]);

/**
 * Decrypt slot `slot` (1..408) of a cleared disc-key structure with the player key of that slot.
 * Returns whether the check entry accepts the result; false also for a slot that does not exist,
 * which leaves `disc_key` as it was.
 */
bool host_css_disc_key(const uint8_t block[static HOST_CSS_BLOCK_BYTES], unsigned slot,
                       const uint8_t player_key[static HOST_CSS_KEY_BYTES],
                       uint8_t disc_key[static HOST_CSS_KEY_BYTES]);

/** Decrypt a cleared title key with the disc key. */
void host_css_title_key(const uint8_t disc_key[static HOST_CSS_KEY_BYTES],
                        const uint8_t wrapped[static HOST_CSS_KEY_BYTES],
                        uint8_t title_key[static HOST_CSS_KEY_BYTES]);

/** Descramble a sector in place, whatever its flag says; the flag stays. */
void host_css_descramble(uint8_t sector[static HOST_CSS_SECTOR_BYTES],
                         const uint8_t title_key[static HOST_CSS_KEY_BYTES]);

#endif
