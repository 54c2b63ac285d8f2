/* SPDX-License-Identifier: GPL-2.0-only */
#include "cdb.h"

#include "be.h"

struct cdb_extent cdb_extent_10(const uint8_t *cdb)
{
    return (struct cdb_extent){be32_get(cdb + 2), be16_get(cdb + 7)};
}

struct cdb_extent cdb_extent_12(const uint8_t *cdb)
{
    return (struct cdb_extent){be32_get(cdb + 2), be32_get(cdb + 6)};
}

struct cdb_extent cdb_read_cd(const uint8_t *cdb)
{
    return (struct cdb_extent){be32_get(cdb + 2), be24_get(cdb + 6)};
}

int64_t cdb_msf_lba(const uint8_t *p)
{
    /* 75 frames a second, 60 seconds a minute, LBA 0 at 00:02:00 */
    return ((int64_t)p[0] * 60 + p[1]) * 75 + p[2] - 150;
}

struct cdb_key cdb_key(const uint8_t *cdb)
{
    return (struct cdb_key){
        .lba = be32_get(cdb + 2),
        .key_class = cdb[7],
        .length_bytes = be16_get(cdb + 8),
        .agid = cdb[10] >> 6,
        .format = cdb[10] & 0x3f,
    };
}

struct cdb_structure cdb_structure(const uint8_t *cdb)
{
    return (struct cdb_structure){
        .media_type = cdb[1] & 0x0f,
        .address = be32_get(cdb + 2),
        .layer = cdb[6],
        .format = cdb[7],
        .agid = cdb[10] >> 6,
    };
}
