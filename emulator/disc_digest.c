/* SPDX-License-Identifier: GPL-2.0-only */
#include "disc_digest.h"

#include "scsi/be.h"

#include <sha2.h>

#define NO_KEY UINT32_MAX

static void put(SHA2_CTX *sha, uint32_t number)
{
    uint8_t bytes[4];

    be32_put(bytes, number);
    SHA256Update(sha, bytes, sizeof(bytes));
}

static void put_extents(SHA2_CTX *sha, const struct disc *disc)
{
    put(sha, (uint32_t)disc->extent_count);
    for (size_t i = 0; i < disc->extent_count; i++) {
        const struct disc_extent *e = &disc->extents[i];

        put(sha, e->lba);
        put(sha, e->blocks);
        put(sha, e->cpr_mai);
        put(sha, e->key < 0 ? NO_KEY : (uint32_t)e->key);
    }
    put(sha, (uint32_t)disc->title_key_count);
    for (size_t i = 0; i < disc->title_key_count; i++) {
        SHA256Update(sha, disc->title_keys[i].clear.b, CSS_KEY_BYTES);
    }
    put(sha, (uint32_t)disc->bad_run_count);
    for (size_t i = 0; i < disc->bad_run_count; i++) {
        put(sha, disc->bad_runs[i].lba);
        put(sha, disc->bad_runs[i].blocks);
    }
}

void disc_digest(const struct disc *disc, uint8_t out[static DISC_DIGEST_BYTES])
{
    SHA2_CTX sha;

    SHA256Init(&sha);
    put(&sha, disc->blocks);
    put(&sha, disc->kind);
    put(&sha, disc->layers);
    put(&sha, disc->track_path);
    put(&sha, disc->layer0_blocks);
    put(&sha, disc->protection);
    put(&sha, disc->rmi);
    put(&sha, disc->scrambled);
    SHA256Update(&sha, disc->disc_key_block, CSS_DISC_BLOCK_BYTES);
    put_extents(&sha, disc);
    put(&sha, disc->bca_bytes);
    SHA256Update(&sha, disc->bca, disc->bca_bytes);
    SHA256Final(out, &sha);
}
