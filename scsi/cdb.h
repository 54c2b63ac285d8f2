/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cdb.h
 * CDB decode for the commands with many fields. Each call takes a CDB of at least the length of
 * its command (the dispatch engine has checked that) and cannot fail.
 */
#ifndef DVDEMU_CDB_H
#define DVDEMU_CDB_H

#include <stdbool.h>
#include <stdint.h>

/** READ(10), READ(12), SEEK(10), VERIFY(10), READ CD: what is to be read. */
struct cdb_extent {
    uint32_t lba;
    uint32_t blocks;
};

struct cdb_extent cdb_extent_10(const uint8_t *cdb); /**< LBA 2-5, count 7-8 */
struct cdb_extent cdb_extent_12(const uint8_t *cdb); /**< LBA 2-5, count 6-9 */
struct cdb_extent cdb_read_cd(const uint8_t *cdb);   /**< LBA 2-5, count 6-8 */

/** A position in minutes, seconds, frames: 3 bytes at `p`, as an LBA; negative in the lead-in. */
int64_t cdb_msf_lba(const uint8_t *p);

/** REPORT KEY and SEND KEY (mmc-spec 1.1). */
struct cdb_key {
    uint32_t lba;
    uint8_t key_class;
    uint16_t length_bytes; /**< allocation or parameter list length */
    uint8_t agid;          /**< 0..3 */
    uint8_t format;        /**< 0..3Fh */
};
struct cdb_key cdb_key(const uint8_t *cdb);

/** READ DVD STRUCTURE (mmc-spec 5). */
struct cdb_structure {
    uint8_t media_type;
    uint32_t address;
    uint8_t layer, format, agid;
};
struct cdb_structure cdb_structure(const uint8_t *cdb);

#endif
