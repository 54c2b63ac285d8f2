/* SPDX-License-Identifier: GPL-2.0-only */
#include "key_transfer.h"

#include "agid_pool.h"

#include <string.h>

/* ---- ASF ---- */

void key_transfer_key2(struct drive *d, bool right)
{
    const struct quirks *q = &d->personality.quirks;

    if (right && q->asf_set == ASF_BY_KEY2) {
        d->state.asf = true;
    } else if (!right && q->asf_on_bad_key2 == BAD_KEY2_CLEARS_ASF) {
        d->state.asf = false;
    }
}

static void title_key_sent(struct drive *d)
{
    if (d->personality.quirks.asf_set == ASF_BY_KEY_TRANSFER) {
        d->state.asf = true;
    }
}

static void disc_key_sent(struct drive *d)
{
    const struct quirks *q = &d->personality.quirks;

    if (q->asf_on_region_mismatch == MISMATCH_CLEARS_ASF && !drive_region_fits(d)) {
        d->state.asf = false;
    } else if (q->asf_set != ASF_BY_KEY2) {
        d->state.asf = true;
    }
}

static void key_sent(struct drive *d, uint8_t agid)
{
    agid_pool_step(d, agid, AGID_EV_READ_KEY);
    d->state.key_sent = true;
    d->counters.keys++;
}

/* ---- title key ---- */

/* Blocks between `lba` and a run; 0 within it. */
static uint32_t distance(const struct disc_extent *e, uint32_t lba)
{
    if (lba < e->lba) {
        return e->lba - lba;
    }
    return lba < e->lba + e->blocks ? 0 : lba - (e->lba + e->blocks - 1);
}

static const struct disc_title_key *nearest_title_key(const struct disc *disc, uint32_t lba)
{
    const struct disc_extent *nearest = NULL;

    for (size_t i = 0; i < disc->extent_count; i++) {
        const struct disc_extent *e = &disc->extents[i];

        if (e->key >= 0 && (!nearest || distance(e, lba) < distance(nearest, lba))) {
            nearest = e;
        }
    }
    return nearest ? &disc->title_keys[nearest->key] : NULL;
}

/* The key that this drive has for a block, as the disc stores it; NULL: none. */
static const css_wrapped_title_key *find_title_key(const struct drive *d, uint32_t lba)
{
    static const css_wrapped_title_key zeros;
    const struct quirks *q = &d->personality.quirks;
    const struct disc_title_key *key = disc_title_key_at(d->disc, lba);

    if (!disc_has_css(d->disc)) {
        return q->non_css == NON_CSS_ZERO_TITLE_KEY ? &zeros : NULL;
    }
    if (!key && q->title_key_unprotected == UNPROTECTED_ZEROS) {
        return &zeros;
    }
    if (!key && q->title_key_unprotected == UNPROTECTED_NEAREST) {
        key = nearest_title_key(d->disc, lba);
    }
    return key ? &key->wrapped : NULL;
}

/* In the order of mmc-spec 2.3: LBA, key, region. *key is set when all is well. */
static struct scsi_sense judge_title(struct drive *d, uint32_t lba,
                                     const css_wrapped_title_key **key)
{
    const struct quirks *q = &d->personality.quirks;

    if (q->title_requires_asf && !d->state.asf) {
        return sense_of(SENSE_AUTHENTICATION_FAILURE);
    }
    if (lba >= d->disc->blocks) {
        return sense_of(SENSE_LBA_OUT_OF_RANGE);
    }
    *key = find_title_key(d, lba);
    if (!*key) {
        return sense_of(SENSE_KEY_NOT_PRESENT);
    }
    if (!drive_region_fits(d)) {
        d->state.asf = false;
        return sense_of(q->region_title_sense == REGION_SENSE_6F04 ? SENSE_REGION_MISMATCH
                                                                   : SENSE_KEY_NOT_PRESENT);
    }
    return SENSE_OK;
}

struct scsi_sense key_transfer_title(struct drive *d, uint8_t agid, uint32_t lba,
                                     uint8_t out[static TITLE_KEY_REPLY_BYTES])
{
    const struct quirks *q = &d->personality.quirks;
    const css_wrapped_title_key *key = NULL;
    struct scsi_sense sense;

    if (agid_pool_peek(d, agid, AGID_EV_READ_KEY) == AGID_REFUSE) {
        return sense_of(SENSE_KEY_NOT_ESTABLISHED);
    }
    sense = judge_title(d, lba, &key);
    if (sense.check || !key) {
        if (q->title_failed_agid == TITLE_FAILED_FREE) {
            agid_pool_step(d, agid, AGID_EV_RESET);
        }
        return sense;
    }
    out[0] = disc_cpr_mai(d->disc, lba);
    memcpy(out + 1, key->b, CSS_KEY_BYTES);
    if (!q->first_title_key_plain || d->state.key_sent) {
        css_bus_xor(out + 1, out + 1, CSS_KEY_BYTES, &d->state.agids[agid].bus_key);
    }
    d->work = (struct work){WORK_KEY, lba, 1};
    key_sent(d, agid);
    title_key_sent(d);
    return SENSE_OK;
}

/* ---- disc key ---- */

struct scsi_sense key_transfer_disc(struct drive *d, uint8_t agid,
                                    uint8_t out[static CSS_DISC_BLOCK_BYTES])
{
    if (agid_pool_peek(d, agid, AGID_EV_READ_KEY) == AGID_REFUSE) {
        return sense_of(SENSE_KEY_NOT_ESTABLISHED);
    }
    if (!disc_has_css(d->disc)) {
        return sense_of(SENSE_KEY_NOT_PRESENT);
    }
    css_bus_xor(out, d->disc->disc_key_block, CSS_DISC_BLOCK_BYTES, &d->state.agids[agid].bus_key);
    d->work = (struct work){WORK_KEY, 0, 1}; /* it is in the lead-in */
    key_sent(d, agid);
    disc_key_sent(d);
    return SENSE_OK;
}
