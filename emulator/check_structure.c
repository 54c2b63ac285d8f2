/* SPDX-License-Identifier: GPL-2.0-only */
/* READ DVD STRUCTURE (mmc-spec 5), all but the disc key. */
#include "check_exchange.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define HEADER_BYTES 4
#define LENGTH_BYTES 2 /* the data length field does not count itself */
#define BLOCK_BYTES  (HEADER_BYTES + DISC_BLOCK_BYTES)
#define SHORT_BYTES  8
#define FIRST_SECTOR 0x030000u
#define SECTOR_MASK  0xffffffu
#define ENTRY_BYTES  4
#define LIST_ROOM    (HEADER_BYTES + 256 * ENTRY_BYTES)
#define READABLE     0x40
#define SENDABLE     0x80
#define BCA_LIST_MAX 0xc0 /* as every emulator lists it */

/* Offsets in the reply of format 00h */
#define DENSITY_AT     7
#define FIRST_AT       9
#define LAST_AT        13
#define LAST_LAYER0_AT 17
#define BCA_AT         20

/* Length, header: `bytes` in all. */
static bool has_form(struct check *k, size_t bytes)
{
    return check_expect_reply(k, bytes) &&
           check_expect_number(k, "data length", bytes - LENGTH_BYTES, be16_get(k->in)) &&
           check_expect_number(k, "reserved bytes 2 and 3", 0, be16_get(k->in + 2));
}

static int ask_layer(struct check *k, unsigned layer, size_t bytes)
{
    return ASK(k, bytes, OP_READ_DVD_STRUCTURE, 0, 0, 0, 0, 0, (uint8_t)layer, STRUCTURE_PHYSICAL,
               (uint8_t)(bytes >> 8), (uint8_t)bytes, 0, 0);
}

/* ---- 00h ---- */

static void physical(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_structure(k, 0, STRUCTURE_PHYSICAL, 0, BLOCK_BYTES);
    if (has_form(k, BLOCK_BYTES)) {
        check_expect_number(k, "first sector", FIRST_SECTOR, be24_get(k->in + FIRST_AT));
        check_expect_number(k, "bytes 4, 8 and 12 of the structure", 0,
                            (unsigned long)(k->in[8] | k->in[12] | k->in[16]));
        check_expect_number(k, "linear density", k->facts.layers == 2, k->in[DENSITY_AT] >> 4);
    }
}

/* Blocks that a layer has by its own numbers (mmc-spec 5.1). */
static uint32_t blocks_of(const struct check *k, unsigned layer)
{
    const uint32_t last = be24_get(k->in + LAST_AT), end0 = be24_get(k->in + LAST_LAYER0_AT);

    if (!k->facts.opposite || k->facts.layers == 1) {
        return last - FIRST_SECTOR + 1;
    }
    return layer == 0 ? end0 - FIRST_SECTOR + 1 : last - (~end0 & SECTOR_MASK) + 1;
}

static void physical_agrees(struct check *k, const struct check_row *row)
{
    uint32_t blocks = 0;

    (void)row;
    for (unsigned layer = 0; layer < k->facts.layers; layer++) {
        check_where(k, "layer %u", layer);
        ask_layer(k, layer, BLOCK_BYTES);
        if (!has_form(k, BLOCK_BYTES)) {
            return;
        }
        if (layer == 0 && k->options.disc) {
            check_expect_that(k, blocks_of(k, layer) == k->options.disc->layer0_blocks,
                              "the %u blocks of layer 0 of the description, seen %u",
                              k->options.disc->layer0_blocks, blocks_of(k, layer));
        }
        blocks += blocks_of(k, layer);
    }
    ASK(k, 8, OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    if (check_expect_reply(k, 8)) {
        check_expect_that(k, be32_get(k->in) + 1 == blocks,
                          "the %u blocks of the physical format, seen %u", blocks,
                          be32_get(k->in) + 1);
    }
}

/* What is said of the disc as a whole is the same from both layers. */
static void both_layers(struct check *k, const struct check_row *row)
{
    uint8_t first[HEADER_BYTES + 4];

    (void)row;
    ask_layer(k, 0, BLOCK_BYTES);
    if (!has_form(k, BLOCK_BYTES)) {
        return;
    }
    memcpy(first, k->in, sizeof(first));
    ask_layer(k, 1, BLOCK_BYTES);
    if (has_form(k, BLOCK_BYTES)) {
        check_expect_data(k, "bytes 0 to 3 as of layer 0,", first, sizeof(first));
        check_expect_number(k, "first sector", FIRST_SECTOR, be24_get(k->in + FIRST_AT));
    }
}

static void layer_beyond(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_layer(k, k->facts.layers ? k->facts.layers : 1, BLOCK_BYTES);
    check_expect(k, CDB_FIELD);
    ask_layer(k, 0xff, BLOCK_BYTES);
    check_expect(k, CDB_FIELD);
}

/* ---- 01h, 03h, 04h, 05h ---- */

/* A disc that is described as having none: then the format is not there. */
static bool has_no_copyright(struct check *k)
{
    if (!k->options.disc || k->options.disc->protection != DISC_NO_STRUCTURE) {
        return false;
    }
    ask_structure(k, 0, STRUCTURE_COPYRIGHT, 0, SHORT_BYTES);
    check_expect(k, CDB_FIELD);
    return true;
}

static void copyright(struct check *k, const struct check_row *row)
{
    (void)row;
    if (has_no_copyright(k)) {
        return;
    }
    ask_structure(k, 0, STRUCTURE_COPYRIGHT, 0, SHORT_BYTES);
    if (has_form(k, SHORT_BYTES)) {
        check_expect_number(k, "bytes 2 and 3 of the structure", 0, be16_get(k->in + 6));
        if (k->in[4] == DISC_NO_PROTECTION) {
            check_expect_number(k, "RMI of a disc without protection", 0, k->in[5]);
        }
    }
}

/* Windows calls it a CSS disc by the feature, players by the structure. */
static void copyright_agrees(struct check *k, const struct check_row *row)
{
    const struct host_feature *css;

    (void)row;
    if (has_no_copyright(k)) {
        return;
    }
    ask_configuration(k, 0, 0, CHECK_IN_BYTES_MAX / 2);
    if (!check_expect(k, GOOD)) {
        return;
    }
    host_parse_configuration(k->in, k->answer.in_bytes, &k->facts.configuration);
    css = host_find_feature(&k->facts.configuration, HOST_FEATURE_CSS);
    ask_structure(k, 0, STRUCTURE_COPYRIGHT, 0, SHORT_BYTES);
    if (has_form(k, SHORT_BYTES)) {
        check_expect_number(k, "CSS by feature 0106h", k->in[4] == DISC_CSS, css && css->current);
    }
}

static void bca(struct check *k, const struct check_row *row)
{
    size_t bytes;

    (void)row;
    ask_structure(k, 0, STRUCTURE_BCA, 0, BCA_LIST_MAX);
    bytes = be16_get(k->in);
    if (check_expect(k, GOOD) &&
        check_expect_that(k, bytes >= DISC_BCA_BYTES_MIN + 2 && bytes <= DISC_BCA_BYTES_MAX + 2,
                          "12 to 188 bytes of BCA, seen data length %04zXh", bytes)) {
        has_form(k, bytes + LENGTH_BYTES);
    }
}

static void no_bca(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_structure(k, 0, STRUCTURE_BCA, 0, BCA_LIST_MAX);
    check_expect(k, CDB_FIELD);
}

static void manufacturing(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_structure(k, 0, STRUCTURE_MANUFACTURING, 0, BLOCK_BYTES);
    has_form(k, BLOCK_BYTES);
}

/* cmi_format_05 = no: the format is not there at all. */
static bool has_no_cmi(struct check *k)
{
    if (k->quirks.cmi_format_05) {
        return false;
    }
    ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, 0, SHORT_BYTES);
    check_expect(k, CDB_FIELD);
    return true;
}

static void cmi(struct check *k, const struct check_row *row)
{
    (void)row;
    if (has_no_cmi(k)) {
        return;
    }
    ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, k->facts.blocks - 1, SHORT_BYTES);
    if (has_form(k, SHORT_BYTES)) {
        check_expect_number(k, "bytes 1 to 3 of the structure", 0, be24_get(k->in + 5));
    }
}

static void cmi_past_end(struct check *k, const struct check_row *row)
{
    (void)row;
    if (has_no_cmi(k)) {
        return;
    }
    ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, k->facts.blocks, SHORT_BYTES);
    check_expect(k, LBA_RANGE);
    ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, UINT32_MAX, SHORT_BYTES);
    check_expect(k, LBA_RANGE);
}

static void cmi_as_described(struct check *k, const struct check_row *row)
{
    const struct disc *disc = k->options.disc;

    (void)row;
    if (has_no_cmi(k)) {
        return;
    }
    for (size_t n = 0; n < disc->extent_count; n++) {
        const uint32_t first = disc->extents[n].lba;
        const uint32_t around[] = {first ? first - 1 : 0, first,
                                   first + disc->extents[n].blocks - 1};

        for (size_t i = 0; i < ROWS_OF(around); i++) {
            check_where(k, "LBA %u", around[i]);
            ask_structure(k, 0, STRUCTURE_COPYRIGHT_MANAGEMENT, around[i], SHORT_BYTES);
            if (!has_form(k, SHORT_BYTES)) {
                return;
            }
            check_expect_number(k, "CPR_MAI", disc_cpr_mai(disc, around[i]), k->in[4]);
        }
    }
}

/* ---- FFh ---- */

/* The entries, header left away; false: the row has failed. */
static bool ask_list(struct check *k, uint8_t entries[static LIST_ROOM], size_t *count)
{
    size_t bytes;

    ask_structure(k, 0, STRUCTURE_LIST, 0, LIST_ROOM);
    if (!check_expect(k, GOOD)) {
        return false;
    }
    bytes = k->answer.in_bytes;
    if (!has_form(k, bytes) ||
        !check_expect_that(k, bytes >= HEADER_BYTES && bytes % ENTRY_BYTES == 0,
                           "entries of 4 bytes, seen %zu in all", bytes)) {
        return false;
    }
    *count = bytes / ENTRY_BYTES - 1;
    memcpy(entries, k->in + HEADER_BYTES, *count * ENTRY_BYTES);
    return true;
}

static bool list_has(const uint8_t *entries, size_t count, unsigned format)
{
    for (size_t n = 0; n < count; n++) {
        if (entries[n * ENTRY_BYTES] == format) {
            return true;
        }
    }
    return false;
}

static void list(struct check *k, const struct check_row *row)
{
    uint8_t entries[LIST_ROOM];
    size_t count;

    (void)row;
    if (!ask_list(k, entries, &count)) {
        return;
    }
    for (size_t n = 0; n < count; n++) {
        const uint8_t *entry = entries + n * ENTRY_BYTES;

        check_where(k, "entry %02Xh", entry[0]);
        check_expect_number(k, "bits SDS and RDS", READABLE, entry[1] & (SENDABLE | READABLE));
        if (n > 0) {
            check_expect_that(k, entry[0] > entry[-ENTRY_BYTES], "codes in ascending order");
        }
    }
}

static void list_has_all(struct check *k, const struct check_row *row)
{
    static const uint8_t formats[] = {STRUCTURE_PHYSICAL, STRUCTURE_DISC_KEY,
                                      STRUCTURE_MANUFACTURING, STRUCTURE_LIST};
    uint8_t entries[LIST_ROOM];
    size_t count;

    (void)row;
    if (!ask_list(k, entries, &count)) {
        return;
    }
    for (size_t i = 0; i < sizeof(formats); i++) {
        check_expect_that(k, list_has(entries, count, formats[i]), "format %02Xh in the list",
                          formats[i]);
    }
    check_expect_number(k, "format 01h in the list", !has_no_copyright(k),
                        list_has(entries, count, STRUCTURE_COPYRIGHT));
    check_expect_number(k, "format 05h in the list", k->quirks.cmi_format_05,
                        list_has(entries, count, STRUCTURE_COPYRIGHT_MANAGEMENT));
    check_expect_number(k, "format 03h in the list", k->facts.bca,
                        list_has(entries, count, STRUCTURE_BCA));
}

/* Every format of the list answers, with the length that the list says. */
static void list_agrees(struct check *k, const struct check_row *row)
{
    uint8_t entries[LIST_ROOM];
    size_t count;

    (void)row;
    if (!ask_list(k, entries, &count)) {
        return;
    }
    for (size_t n = 0; n < count; n++) {
        const uint8_t format = entries[n * ENTRY_BYTES];
        const size_t bytes = be16_get(entries + n * ENTRY_BYTES + 2);

        check_where(k, "format %02Xh", format);
        if (format == STRUCTURE_DISC_KEY) { /* under lock and key */
            check_expect_number(k, "length of the disc key", DISC_KEY_BYTES, bytes);
            continue;
        }
        ask_structure(k, 0, format, 0, CHECK_IN_BYTES_MAX / 2);
        if (format == STRUCTURE_BCA) {
            check_expect(k, GOOD);
            check_expect_that(k, k->answer.in_bytes <= bytes, "%zu bytes at most, seen %zu", bytes,
                              k->answer.in_bytes);
        } else {
            check_expect_reply(k, bytes);
        }
    }
}

/* All formats that the list does not have, but the one that needs a bus key. */
static void unknown_formats(struct check *k, const struct check_row *row)
{
    uint8_t entries[LIST_ROOM];
    size_t count;

    (void)row;
    if (!ask_list(k, entries, &count)) {
        return;
    }
    for (unsigned format = 0; format <= 0xff; format++) {
        if (!list_has(entries, count, format) && format != STRUCTURE_DISC_KEY) {
            ask_structure(k, 0, format, 0, SHORT_BYTES);
            check_expect(k, CDB_FIELD);
        }
    }
}

/* ---- fields of the CDB ---- */

static void media_type(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, SHORT_BYTES, OP_READ_DVD_STRUCTURE, 1, 0, 0, 0, 0, 0, STRUCTURE_COPYRIGHT, 0,
        SHORT_BYTES, 0, 0);
    check_expect(k, CDB_FIELD);
}

/* Linux and the BSDs leave a stale AGID in these. */
static void agid_is_ignored(struct check *k, const struct check_row *row)
{
    static const uint8_t formats[] = {STRUCTURE_PHYSICAL, STRUCTURE_MANUFACTURING, STRUCTURE_LIST};

    (void)row;
    for (size_t i = 0; i < sizeof(formats); i++) {
        for (unsigned agid = 0; agid < 4; agid++) {
            ask_structure(k, agid, formats[i], 0, SHORT_BYTES);
            check_expect_reply(k, SHORT_BYTES);
        }
    }
}

static void cut(struct check *k, const struct check_row *row)
{
    uint8_t cdb[12] = {OP_READ_DVD_STRUCTURE};
    size_t bytes;

    if (row->value == STRUCTURE_COPYRIGHT && has_no_copyright(k)) {
        return;
    }
    if (row->value == STRUCTURE_COPYRIGHT_MANAGEMENT && has_no_cmi(k)) {
        return;
    }
    ask_structure(k, 0, row->value, 0, CHECK_IN_BYTES_MAX / 2);
    if (!check_expect(k, GOOD) ||
        !check_expect_that(k, k->answer.in_bytes >= HEADER_BYTES, "a header of 4 bytes")) {
        return;
    }
    bytes = k->answer.in_bytes;
    cdb[7] = (uint8_t)row->value;
    be16_put(cdb + 8, (uint16_t)bytes);
    check_cut_replies(k, cdb, sizeof(cdb), 8, 2, bytes);
}

/* clang-format off */
#define CUT(word, needs, format)                                                                   \
    {"structure.cut-" word, "mmc-spec 5", CHECK_DVD | (needs), cut, NULL, format}

static const struct check_row rows[] = {
    {"structure.physical",                   "mmc-spec 5.1", CHECK_DVD, physical, NULL, 0},
    {"structure.physical-agrees-with-capacity", "mmc-spec 5.1", CHECK_DVD, physical_agrees, NULL, 0},
    {"structure.both-layers",                "mmc-spec 5.1", CHECK_DVD | CHECK_TWO_LAYERS, both_layers, NULL, 0},
    {"structure.layer-beyond-refused",       "mmc-spec 5",   CHECK_DVD, layer_beyond, NULL, 0},
    {"structure.copyright",                  "mmc-spec 5.2", CHECK_DVD, copyright, NULL, 0},
    {"structure.copyright-agrees-with-feature", "mmc-spec 6.3", CHECK_DVD, copyright_agrees, NULL, 0},
    {"structure.bca",                        "mmc-spec 5",   CHECK_DVD | CHECK_BCA, bca, NULL, 0},
    {"structure.bca-refused-without",        "mmc-spec 5",   CHECK_DVD | CHECK_NO_BCA, no_bca, NULL, 0},
    {"structure.manufacturing",              "mmc-spec 5",   CHECK_DVD, manufacturing, NULL, 0},
    {"structure.copyright-management",       "mmc-spec 5",   CHECK_DVD, cmi, NULL, 0},
    {"structure.copyright-management-past-end", "mmc-spec 3.4", CHECK_DVD, cmi_past_end, NULL, 0},
    {"structure.copyright-management-as-described", "mmc-spec 3.1", CHECK_CSS | CHECK_DESCRIPTION, cmi_as_described, NULL, 0},
    {"structure.list",                       "mmc-spec 5.4", CHECK_DVD, list, NULL, 0},
    {"structure.list-has-all",               "mmc-spec 5.4", CHECK_DVD, list_has_all, NULL, 0},
    {"structure.list-agrees",                "mmc-spec 5.4", CHECK_DVD, list_agrees, NULL, 0},
    {"structure.unknown-formats-refused",    "mmc-spec 5",   CHECK_DVD, unknown_formats, NULL, 0},
    {"structure.media-type-refused",         "mmc-spec 5",   CHECK_DVD, media_type, NULL, 0},
    {"structure.agid-is-ignored",            "mmc-spec 5",   CHECK_DVD, agid_is_ignored, NULL, 0},
    CUT("physical", 0, STRUCTURE_PHYSICAL),
    CUT("copyright", 0, STRUCTURE_COPYRIGHT),
    CUT("bca", CHECK_BCA, STRUCTURE_BCA),
    CUT("manufacturing", 0, STRUCTURE_MANUFACTURING),
    CUT("copyright-management", 0, STRUCTURE_COPYRIGHT_MANAGEMENT),
    CUT("list", 0, STRUCTURE_LIST),
};
/* clang-format on */

const struct check_theme check_theme_structure = {rows, ROWS_OF(rows)};
