/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsi/be.h. Assumed: arrays of exactly as many bytes as the name of the call says bits.
 * Shown: no byte beside them is touched, for all contents and numbers.
 */
#include "prove.h"

#include "scsi/be.h"

static void two_bytes(void)
{
    uint8_t p[2];

    be16_put(p, any_u16());
    (void)be16_get(p);
}

static void three_bytes(void)
{
    uint8_t p[3];
    uint32_t value;

    any_bytes(p, sizeof(p));
    value = be24_get(p);
    //@ check value <= 0xffffff;
    (void)value;
}

static void four_bytes(void)
{
    uint8_t p[4];

    be32_put(p, any_u32());
    (void)be32_get(p);
}

int main(void)
{
    two_bytes();
    three_bytes();
    four_bytes();
    return 0;
}
