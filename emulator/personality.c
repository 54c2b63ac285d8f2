/* SPDX-License-Identifier: GPL-2.0-only */
#include "personality.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

void personality_init(struct personality *p)
{
    *p = (struct personality){
        .vendor = "DVDEMU",
        .product = "DVD-ROM",
        .revision = "0001",
        .firmware_date = "20261101000000",
        .event_classes = {1, {EVENT_CLASS_MEDIA_BIT}},
    };
    quirks_init(&p->quirks);
}

void personality_serial_from_name(struct personality *p, const char *name)
{
    /* FNV-1a: the same name gives the same drive on every machine */
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *name; name++) {
        hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
    }
    snprintf(p->serial, sizeof(p->serial), "%012" PRIX64, (hash ^ hash >> 48) & 0xffffffffffff);
}
