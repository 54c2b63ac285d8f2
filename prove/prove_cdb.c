/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsi/cdb.c. Assumed: a CDB is exactly as long as its command (the dispatch engine refuses shorter
 * ones, prove_dispatch.c), its contents are anything.
 */
#include "prove.h"

#include "scsi/cdb.h"

static void ten_bytes(void)
{
    uint8_t cdb[10];

    any_bytes(cdb, sizeof(cdb));
    (void)cdb_extent_10(cdb);
}

static void twelve_bytes(void)
{
    uint8_t cdb[12];
    struct cdb_extent extent;
    struct cdb_structure structure;
    struct cdb_key key;

    any_bytes(cdb, sizeof(cdb));
    (void)cdb_extent_12(cdb);
    extent = cdb_read_cd(cdb);
    //@ check extent.blocks <= 0xffffff;
    key = cdb_key(cdb);
    //@ check key.agid <= 3 && key.format <= 0x3f;
    structure = cdb_structure(cdb);
    //@ check structure.agid <= 3 && structure.media_type <= 0x0f;
    (void)extent;
    (void)structure;
    (void)key;
}

static void minutes_seconds_frames(void)
{
    uint8_t msf[3];
    int64_t lba;

    any_bytes(msf, sizeof(msf));
    lba = cdb_msf_lba(msf);
    //@ check -150 <= lba <= 255 * 60 * 75 + 255 * 75 + 255 - 150;
    (void)lba;
}

int main(void)
{
    ten_bytes();
    twelve_bytes();
    minutes_seconds_frames();
    return 0;
}
