/* SPDX-License-Identifier: GPL-2.0-only */
#include "css.h"

/* Offsets of a pack whose header has no stuffing (css-spec 10). */
#define STUFFING_OFFSET   0x0d
#define STUFFING_MASK     0x07
#define FIRST_OFFSET      0x0e /* first packet, or the system header */
#define STREAM_ID         3    /* of a start code: 00 00 01, then this byte */
#define SCRAMBLING_OFFSET 0x14
#define SCRAMBLING_MASK   0x30
#define SCRAMBLED         0x10
#define PCI_OFFSET        0x26
#define PCI_SUBSTREAM     6 /* of a private stream 2 packet: after start code and length */
#define SUBSTREAM_PCI     0x00

#define ID_PACK          0xba
#define ID_SYSTEM_HEADER 0xbb
#define ID_PRIVATE_1     0xbd
#define ID_PRIVATE_2     0xbf
#define ID_AUDIO_FIRST   0xc0
#define ID_VIDEO_LAST    0xef /* audio C0h-DFh and video E0h-EFh are neighbours */

static bool is_prefix(const uint8_t *at)
{
    return at[0] == 0 && at[1] == 0 && at[2] == 1;
}

static bool is_start_code(const uint8_t *at, uint8_t id)
{
    return is_prefix(at) && at[STREAM_ID] == id;
}

bool css_pack_is(const uint8_t sector[static CSS_SECTOR_BYTES])
{
    return is_start_code(sector, ID_PACK);
}

bool css_pack_is_navigation(const uint8_t sector[static CSS_SECTOR_BYTES])
{
    return css_pack_is(sector) && is_start_code(sector + FIRST_OFFSET, ID_SYSTEM_HEADER) &&
           is_start_code(sector + PCI_OFFSET, ID_PRIVATE_2) &&
           sector[PCI_OFFSET + PCI_SUBSTREAM] == SUBSTREAM_PCI;
}

bool css_pack_may_scramble(const uint8_t sector[static CSS_SECTOR_BYTES])
{
    const uint8_t id = sector[FIRST_OFFSET + STREAM_ID];

    if (!css_pack_is(sector) || (sector[STUFFING_OFFSET] & STUFFING_MASK) != 0 ||
        !is_prefix(sector + FIRST_OFFSET)) {
        return false;
    }
    return id == ID_PRIVATE_1 || (id >= ID_AUDIO_FIRST && id <= ID_VIDEO_LAST);
}

bool css_pack_is_marked(const uint8_t sector[static CSS_SECTOR_BYTES])
{
    return css_pack_is(sector) && (sector[SCRAMBLING_OFFSET] & SCRAMBLING_MASK) != 0;
}

void css_mark_scrambled(uint8_t sector[static CSS_SECTOR_BYTES])
{
    sector[SCRAMBLING_OFFSET] |= SCRAMBLED;
}
