/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file personality.h
 * Which drive this is: identity and quirks. Values only; drive_config.h reads them from a file.
 */
#ifndef DVDEMU_PERSONALITY_H
#define DVDEMU_PERSONALITY_H

#include "quirks.h"

#define SERIAL_BYTES            12
#define IDENTITY_HEADER_BYTES   8
#define IDENTITY_TAIL_BYTES     60
#define IDENTITY_FEATURES_BYTES 256
#define IDENTITY_ABSENT_BYTES   32
#define IDENTITY_PAGE_2A_BYTES  72

/** Event classes of GET EVENT STATUS NOTIFICATION that a drive may support, a bit each. */
#define EVENT_CLASS_MEDIA_BIT 0x10
#define EVENT_CLASSES         0x5e

struct personality {
    char vendor[8 + 1];
    char product[16 + 1];
    char revision[4 + 1];
    char firmware_date[14 + 1]; /**< CCYYMMDDHHMMSS */
    char serial[SERIAL_BYTES + 1];
    bool strict_cdb; /**< refuse reserved bits of a CDB */

    /* Bytes as a captured drive sends them; count 0: as this project's drive does. */
    struct {
        uint16_t count;
        uint8_t b[IDENTITY_HEADER_BYTES];
    } inquiry_header; /**< bytes 0 to 7 of standard INQUIRY data */
    struct {
        uint16_t count;
        uint8_t b[IDENTITY_TAIL_BYTES];
    } inquiry_tail; /**< from byte 36 on: vendor specific, version descriptors */
    struct {
        uint16_t count;
        uint8_t b[IDENTITY_FEATURES_BYTES];
    } features; /**< feature descriptors, ascending: in place of or besides the usual ones */
    struct {
        uint16_t count;
        uint8_t b[IDENTITY_ABSENT_BYTES];
    } features_absent; /**< codes of two bytes */
    struct {
        uint16_t count;
        uint8_t b[IDENTITY_PAGE_2A_BYTES];
    } page_2a; /**< mode page 2Ah, its two header bytes too */
    struct {
        uint16_t count;
        uint8_t b[1];
    } event_classes; /**< as GET EVENT STATUS NOTIFICATION tells them */

    struct quirks quirks;
};

/** The default personality; the serial number is empty. */
void personality_init(struct personality *p);

/** Fill in a serial number from a name (a target's, say): 12 upper-case hexadecimal digits. */
void personality_serial_from_name(struct personality *p, const char *name);

#endif
