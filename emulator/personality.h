/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file personality.h
 * Which drive this is: identity and quirks. Values only; drive_config.h reads them from a file.
 */
#ifndef DVDEMU_PERSONALITY_H
#define DVDEMU_PERSONALITY_H

#include "quirks.h"

#define SERIAL_BYTES 12

struct personality {
    char vendor[8 + 1];
    char product[16 + 1];
    char revision[4 + 1];
    char firmware_date[14 + 1]; /**< CCYYMMDDHHMMSS */
    char serial[SERIAL_BYTES + 1];
    bool strict_cdb; /**< refuse reserved bits of a CDB */
    struct quirks quirks;
};

/** The default personality; the serial number is empty. */
void personality_init(struct personality *p);

/** Fill in a serial number from a name (a target's, say): 12 upper-case hexadecimal digits. */
void personality_serial_from_name(struct personality *p, const char *name);

#endif
