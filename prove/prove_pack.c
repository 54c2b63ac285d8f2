/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css/css_pack.c. Assumed: a sector has exactly CSS_SECTOR_BYTES, of anything.
 */
#include "prove.h"

#include "css/css.h"

int main(void)
{
    uint8_t sector[CSS_SECTOR_BYTES];

    any_bytes(sector, sizeof(sector));
    (void)css_pack_is(sector);
    (void)css_pack_is_navigation(sector);
    (void)css_pack_may_scramble(sector);
    (void)css_pack_is_marked(sector);
    css_mark_scrambled(sector);
    return 0;
}
