/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file disc.h
 * A disc: a plain image and what a pressed disc would carry around it - layers, copyright
 * structure, disc key, a map of CPR_MAI with title keys, BCA, bad blocks. Once built it never
 * changes, so any thread may read it; it is counted, and lives while a drive or a running read
 * holds it. Scrambling happens on read. Nothing here descrambles.
 */
#ifndef DVDEMU_DISC_H
#define DVDEMU_DISC_H

#include "css/css.h"
#include "medium.h"
#include "scsi/sense.h"

#define DISC_BLOCK_BYTES   2048
#define DISC_BCA_BYTES_MIN 12
#define DISC_BCA_BYTES_MAX 188
#define DISC_LAYERS_MAX    2
/** Last LBA + physical sector 30000h has to fit 24 bits. */
#define DISC_BLOCKS_MAX (0xffffffu - 0x30000u + 1u)

/* Bits of CPR_MAI, the copyright byte of a sector header (mmc-spec 3.1). */
#define CPR_MAI_CPM       0x80u
#define CPR_MAI_CP_SEC    0x40u
#define CPR_MAI_CGMS      0x30u
#define CPR_MAI_CP_MOD    0x0fu
#define CPR_MAI_SCRAMBLED 0xf0u /**< what mint writes for a scrambled pack */
#define CPR_MAI_CLEAR     0xb0u /**< and for the other blocks of a VOB */

/** Last frame of a CD that MSF can name is 99:59:74; LBA 0 is 00:02:00. */
#define DISC_CD_BLOCKS_MAX (100u * 60 * 75 - 150)

enum disc_kind { DISC_DVD, DISC_CD };

/** CPST of the copyright structure (mmc-spec 5.2), or that the disc has no such structure. */
enum disc_protection {
    DISC_NO_PROTECTION = 0x00,
    DISC_CSS = 0x01,
    DISC_NO_STRUCTURE = 0xff /**< format 01h is refused */
};

enum disc_track_path { DISC_PTP = 0, DISC_OTP = 1 };

struct disc_title_key {
    char *name; /**< as in the description; owned by the disc */
    css_title_key clear;
    css_wrapped_title_key wrapped; /**< under the disc key, as the disc stores it */
};

/** A run of blocks with one CPR_MAI and at most one title key. */
struct disc_extent {
    uint32_t lba, blocks;
    uint8_t cpr_mai;
    int16_t key;  /**< index into title_keys, -1: no key */
    int16_t file; /**< index into files, -1: none named */
};

/** A run of blocks that cannot be read. */
struct disc_bad_run {
    uint32_t lba, blocks;
};

/** A player key that the description gives itself, so that it can be written back. */
struct disc_player_slot {
    uint16_t slot; /**< 1..CSS_SLOTS */
    css_player_key key;
};

struct disc {
    struct medium *medium;  /**< owned */
    char *image_path;       /**< owned; for status and describe; NULL when there is none */
    char *description_path; /**< owned; NULL: a plain image */
    uint32_t blocks;        /**< capacity */

    uint8_t kind;           /**< enum disc_kind; a CD has one layer and nothing protected */
    uint8_t layers;         /**< 1 or 2 */
    uint8_t track_path;     /**< enum disc_track_path */
    uint32_t layer0_blocks; /**< equals blocks with one layer */

    uint8_t protection; /**< enum disc_protection */
    uint8_t rmi;        /**< region byte of the copyright structure: a 1 bit forbids */
    bool scrambled;     /**< the image is scrambled already and served as stored */
    uint64_t seed;

    css_disc_key disc_key;
    uint8_t disc_key_block[CSS_DISC_BLOCK_BYTES]; /**< clear: not yet under a bus key */

    struct disc_title_key *title_keys;
    size_t title_key_count;
    char **files;
    size_t file_count;
    struct disc_extent *extents; /**< ascending, disjoint, within the disc; gaps are 00h */
    size_t extent_count;
    struct disc_bad_run *bad_runs; /**< ascending, disjoint */
    size_t bad_run_count;

    struct disc_player_slot *player_slots; /**< given, not drawn from the seed; ascending */
    size_t player_slot_count;

    uint8_t bca[DISC_BCA_BYTES_MAX];
    uint8_t bca_bytes; /**< 0: no BCA */

    const struct css_kernel *kernel; /**< scrambles; css_choice.h */
    unsigned references;             /**< use disc_hold() and disc_release() */
};

/** An empty disc for whoever builds one: no medium yet, one layer, nothing protected. One
 * reference; what is put into it is freed with it. NULL: no memory. */
struct disc *disc_new(void);

/**
 * Give a disc that is being built its medium, its capacity, and one layer of that size; takes the
 * medium over. False: the medium is smaller than a block or larger than a disc; nothing changed.
 */
bool disc_set_medium(struct disc *disc, struct medium *medium);

/**
 * A plain DVD of one layer around a medium, with nothing protected; takes the medium over, also
 * on failure. NULL: no memory, or the medium is smaller than a block or larger than a disc.
 * A tail shorter than a block is not part of the disc. References: 1.
 */
struct disc *disc_new_plain(struct medium *medium);

/** One more reference. Safe from any thread. Returns its argument; NULL is allowed. */
struct disc *disc_hold(struct disc *disc);
/** One reference less; the last one frees everything. Safe from any thread; NULL is allowed. */
void disc_release(struct disc *disc);

static inline bool disc_has_css(const struct disc *disc)
{
    return disc->protection == DISC_CSS;
}

/** "css", "none", "absent": the word of a description. */
const char *disc_protection_name(const struct disc *disc);
/** "dvd", "cd". */
const char *disc_kind_name(const struct disc *disc);

/** The rule of mmc-spec 3.1: CPM = 1, CP_SEC = 1, CP_MOD = 0. */
static inline bool cpr_mai_is_gated(uint8_t cpr_mai)
{
    return (cpr_mai & (CPR_MAI_CPM | CPR_MAI_CP_SEC | CPR_MAI_CP_MOD)) ==
           (CPR_MAI_CPM | CPR_MAI_CP_SEC);
}

/** Index of the first extent that ends past `lba`; extent_count when there is none. */
size_t disc_first_extent(const struct disc *disc, uint32_t lba);

/** The extent that holds `lba`; NULL in a gap (CPR_MAI 00h). */
const struct disc_extent *disc_extent_at(const struct disc *disc, uint32_t lba);

/** CPR_MAI of a block. */
uint8_t disc_cpr_mai(const struct disc *disc, uint32_t lba);

/** Whether any block of the range is gated; false on a disc without CSS. The range is on disc. */
bool disc_range_is_gated(const struct disc *disc, uint32_t lba, uint32_t blocks);

/** Title key that the disc stores for `lba`: the row of its extent, NULL when there is none. */
const struct disc_title_key *disc_title_key_at(const struct disc *disc, uint32_t lba);

/**
 * Read `blocks` blocks at `lba` as the drive sends them: flagged blocks scrambled and marked.
 * `out` has room for `room_bytes` bytes; a tail that does not fit is not read.
 *
 * Returns MEDIUM_OK with *sense good, MEDIUM_WOULD_BLOCK (only with may_block false; call again),
 * or MEDIUM_SHORT / MEDIUM_ERROR with *sense set: 03/11/00 for a bad block and for an image that
 * shrank, with the LBA only if the first block asked for is the bad one (mmc-spec 3.4); 04/44/00
 * when the back end failed. On anything but MEDIUM_OK the bytes of `out` are junk.
 * The range has to be on the disc. Thread-safe; allocates nothing.
 */
enum medium_result disc_read(const struct disc *disc, uint32_t lba, uint32_t blocks, uint8_t *out,
                             size_t room_bytes, bool may_block, struct scsi_sense *sense);

/**
 * The same in two parts, for who reads before it is asked: the blocks as the image has them, into
 * room for all of them; and later what of them the drive sends, from `image` into `out`, which may
 * not overlap. Errors and threads as disc_read().
 */
enum medium_result disc_read_image(const struct disc *disc, uint32_t lba, uint32_t blocks,
                                   uint8_t *out, bool may_block, struct scsi_sense *sense);
void disc_send(const struct disc *disc, uint32_t lba, uint32_t blocks, const uint8_t *image,
               uint8_t *out);

/**
 * Compare `blocks` blocks at `lba`, as disc_read() would return them, with `data`; `data_bytes`
 * bytes of it are there. *sense: good, 0E/1D/00, or as disc_read(). Result as disc_read().
 */
enum medium_result disc_compare(const struct disc *disc, uint32_t lba, uint32_t blocks,
                                const uint8_t *data, size_t data_bytes, bool may_block,
                                struct scsi_sense *sense);

#endif
