/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file host_reply.h
 * Replies as a host reads them. No I/O: bytes in, values out; every call stays within the bytes
 * it is told to have arrived.
 */
#ifndef DVDEMU_HOST_REPLY_H
#define DVDEMU_HOST_REPLY_H

#include "css/css.h"
#include "region.h"

#define HOST_FEATURES_MAX  64
#define HOST_SERIAL_BYTES  64
#define HOST_PROFILE_DVD   0x0010
#define HOST_PROFILE_CD    0x0008
#define HOST_FEATURE_CSS   0x0106
#define HOST_INQUIRY_BYTES 36 /* the part that every device has */

/** What INQUIRY says; strings without the blanks that pad them. */
struct host_identity {
    uint8_t device_type;
    bool removable;
    char vendor[8 + 1], product[16 + 1], revision[4 + 1];
};

/** `data` holds at least HOST_INQUIRY_BYTES bytes of standard INQUIRY data. */
struct host_identity host_parse_inquiry(const uint8_t *data);

/** Serial number from VPD page 80h; false: this is no such page. Cut to fit. */
bool host_parse_serial(const uint8_t *data, size_t bytes, char out[static HOST_SERIAL_BYTES]);

struct host_feature {
    uint16_t code;
    uint8_t version;
    bool persistent, current;
};

/** The reply to GET CONFIGURATION. */
struct host_configuration {
    uint16_t profile; /**< the current one; 0: none */
    size_t count;
    struct host_feature features[HOST_FEATURES_MAX];
};

/**
 * Take a reply apart. NULL: done. Otherwise what is wrong with it: a header or descriptor that
 * is cut, a length that is no multiple of 4, codes that do not ascend, more than
 * HOST_FEATURES_MAX features.
 */
const char *host_parse_configuration(const uint8_t *data, size_t bytes,
                                     struct host_configuration *out);

/** A feature of the reply; NULL when it is not there. */
const struct host_feature *host_find_feature(const struct host_configuration *config,
                                             uint16_t code);

/** Name of a feature as MMC has it, "unknown" for other codes. */
const char *host_feature_name(uint16_t code);

/** Name of a feature that a DVD-ROM drive has to report and that is not there; NULL: all are. */
const char *host_missing_feature(const struct host_configuration *config);

/** RPC state from a REPORT KEY 08h reply of 8 bytes. */
struct region_state host_parse_region(const uint8_t data[static 8]);

/** Type code of the same reply: bits 7-6 of byte 4. */
enum region_type host_parse_region_type(const uint8_t data[static 8]);

/** Name of a type code: "NONE", "SET", "LAST CHANCE", "PERM". */
const char *host_region_type_name(enum region_type type);

/** Variant under which the drive answered `host` with `key1`; -1: under none of the 32. */
int host_find_variant(const css_challenge *host, const css_key1 *key1);

#endif
