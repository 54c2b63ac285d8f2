/* SPDX-License-Identifier: GPL-2.0-only */
/* What a drive says of itself: INQUIRY, mode page 2Ah, REQUEST SENSE (mmc-spec 6.1, 6.2, 6.5). */
#include "check_talk.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define INQUIRY_BYTES 0xff
#define HEADER_6      4
#define HEADER_10     8
#define PAGE_2A       0x2a
#define PAGE_BYTES    (0x1e + 2)

/* ---- INQUIRY ---- */

static void inquiry(struct check *k, const struct check_row *row)
{
    size_t bytes;

    (void)row;
    ASK(k, INQUIRY_BYTES, OP_INQUIRY, 0, 0, 0, INQUIRY_BYTES, 0);
    bytes = k->in[4] + 5u;
    if (!check_expect_reply(k, bytes)) {
        return;
    }
    check_expect_number(k, "peripheral qualifier and device type", 0x05, k->in[0]);
    check_expect_number(k, "RMB", 0x80, k->in[1] & 0x80);
    check_expect_that(k, bytes >= HOST_INQUIRY_BYTES, "36 bytes at least, seen %zu", bytes);
    check_expect_number(k, "response data format", 2, k->in[3] & 0x0f);
}

/* A3h is SEND KEY here: a drive that offers target port groups asks for MAINTENANCE IN. */
static void inquiry_tpgs(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 36, OP_INQUIRY, 0, 0, 0, 36, 0);
    if (check_expect_reply(k, 36)) {
        check_expect_number(k, "TPGS", 0, k->in[5] >> 4 & 3);
    }
}

static void inquiry_cut(struct check *k, const struct check_row *row)
{
    const uint8_t cdb[6] = {OP_INQUIRY, 0, 0, 0, INQUIRY_BYTES, 0};
    uint8_t whole[6];
    size_t bytes;

    (void)row;
    check_send(k, cdb, sizeof(cdb), NULL, 0, INQUIRY_BYTES);
    if (!check_expect(k, GOOD)) {
        return;
    }
    bytes = k->answer.in_bytes;
    memcpy(whole, cdb, sizeof(cdb));
    whole[4] = (uint8_t)bytes;
    check_cut_replies(k, whole, sizeof(whole), 3, 2, bytes);
}

static void inquiry_page_without_evpd(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 36, OP_INQUIRY, 0, 0x80, 0, 36, 0);
    check_expect(k, CDB_FIELD);
}

static void vpd_pages(struct check *k, const struct check_row *row)
{
    uint8_t pages[INQUIRY_BYTES];
    size_t count;

    (void)row;
    ASK(k, INQUIRY_BYTES, OP_INQUIRY, 1, 0, 0, INQUIRY_BYTES, 0);
    count = be16_get(k->in + 2);
    if (!check_expect_reply(k, 4 + count) || !check_expect_number(k, "first page", 0, k->in[4])) {
        return;
    }
    memcpy(pages, k->in + 4, count);
    for (size_t i = 0; i < count; i++) {
        check_where(k, "page %02Xh", pages[i]);
        if (i > 0 && pages[i] <= pages[i - 1]) {
            check_fail(k, "expected pages in ascending order");
        }
        ASK(k, INQUIRY_BYTES, OP_INQUIRY, 1, pages[i], 0, INQUIRY_BYTES, 0);
        if (check_expect(k, GOOD)) {
            check_expect_number(k, "page code", pages[i], k->in[1]);
        }
    }
}

static void vpd_unknown_page(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, INQUIRY_BYTES, OP_INQUIRY, 1, 0x7f, 0, INQUIRY_BYTES, 0);
    check_expect(k, CDB_FIELD);
}

/* ---- mode page 2Ah ---- */

/* The page of a reply whose header is `header` bytes long; NULL: the row has failed. */
static const uint8_t *find_page(struct check *k, size_t header)
{
    const size_t descriptors = header == HEADER_6 ? k->in[3] : be16_get(k->in + 6);
    const size_t at = header + descriptors;

    if (k->answer.status != CHECK_GOOD || k->answer.in_bytes < at + PAGE_BYTES) {
        check_expect_reply(k, at + PAGE_BYTES);
        return NULL;
    }
    return check_expect_number(k, "page code", PAGE_2A, k->in[at] & 0x3f) ? k->in + at : NULL;
}

static int mode_sense_10(struct check *k, size_t bytes)
{
    return ASK(k, bytes, OP_MODE_SENSE_10, 8, PAGE_2A, 0, 0, 0, 0, (uint8_t)(bytes >> 8),
               (uint8_t)bytes, 0);
}

static int mode_sense_6(struct check *k, size_t bytes)
{
    return ASK(k, bytes, OP_MODE_SENSE_6, 0, PAGE_2A, 0, (uint8_t)bytes, 0);
}

/* Linux takes the DVD capability from the page, and asks with the short command. */
static void page_2a(struct check *k, const struct check_row *row)
{
    const bool small = row->value == HEADER_6;
    const uint8_t *page;

    if (small) {
        mode_sense_6(k, 128);
    } else {
        mode_sense_10(k, 128);
    }
    page = find_page(k, row->value);
    if (page) {
        check_expect_number(k, "the DVD-ROM read bit", 0x08, page[2] & 0x08);
        check_expect_that(k, page[1] >= 0x1e, "a page of length 1Eh at least, seen %02Xh", page[1]);
        check_expect_number(k, "mode data length", k->answer.in_bytes - (small ? 1 : 2),
                            small ? k->in[0] : be16_get(k->in));
    }
}

static void page_2a_agrees(struct check *k, const struct check_row *row)
{
    uint8_t first[PAGE_BYTES];
    const uint8_t *page;

    (void)row;
    mode_sense_10(k, 128);
    page = find_page(k, HEADER_10);
    if (!page) {
        return;
    }
    memcpy(first, page, sizeof(first));
    mode_sense_6(k, 128);
    page = find_page(k, HEADER_6);
    if (page && memcmp(first, page, sizeof(first)) != 0) {
        check_fail(k, "expected the page that MODE SENSE(10) gave, seen another");
    }
}

/* What the driver of Windows asks for, byte for byte. */
static void page_2a_windows(struct check *k, const struct check_row *row)
{
    (void)row;
    mode_sense_10(k, HEADER_10 + PAGE_BYTES);
    if (check_expect_reply(k, HEADER_10 + PAGE_BYTES)) {
        check_expect_number(k, "page code behind header and descriptors", PAGE_2A,
                            k->in[HEADER_10 + be16_get(k->in + 6)] & 0x3f);
    }
}

static void mode_saved(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 40, OP_MODE_SENSE_10, 8, 0xc0 | PAGE_2A, 0, 0, 0, 0, 0, 40, 0);
    check_expect(k, NO_SAVING);
}

static void mode_unknown_page(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 40, OP_MODE_SENSE_10, 8, 0x3e, 0, 0, 0, 0, 0, 40, 0);
    check_expect(k, CDB_FIELD);
}

/* ---- the rest ---- */

static void request_sense(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 18, OP_REQUEST_SENSE, 0, 0, 0, 18, 0);
    if (check_expect_reply(k, 18)) {
        check_expect_number(k, "response code", 0x70, k->in[0] & 0x7f);
        check_expect_number(k, "sense key", 0, k->in[2] & 0x0f);
        check_expect_number(k, "ASC and ASCQ", 0, be16_get(k->in + 12));
    }
}

/* 14h belongs to tapes: a drive that did it would do no harm. */
static void unknown_opcode(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 0, 0x14, 0, 0, 0, 0, 0);
    check_expect(k, BAD_OPCODE);
}

static void capacity(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, 8, OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    if (check_expect_reply(k, 8)) {
        check_expect_number(k, "block length", DISC_BLOCK_BYTES, be32_get(k->in + 4));
    }
}

static void read_block(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_read(k, k->facts.keyless_lba, 1);
    check_expect_reply(k, DISC_BLOCK_BYTES);
}

/* clang-format off */
static const struct check_row rows[] = {
    {"identify.inquiry",                   "mmc-spec 6.1",     0, inquiry, NULL, 0},
    {"identify.inquiry-tpgs-0",            "mmc-spec 6.11",    0, inquiry_tpgs, NULL, 0},
    {"identify.inquiry-cut",               "mmc-spec 6.1",     0, inquiry_cut, NULL, 0},
    {"identify.inquiry-page-without-evpd", "mmc-spec 6.1",     0, inquiry_page_without_evpd, NULL, 0},
    {"identify.vpd-pages",                 "mmc-spec 6.1",     0, vpd_pages, NULL, 0},
    {"identify.vpd-unknown-page",          "mmc-spec 6.1",     0, vpd_unknown_page, NULL, 0},
    {"identify.page-2a-by-10",             "mmc-spec 6.5",     0, page_2a, NULL, HEADER_10},
    {"identify.page-2a-by-6",              "mmc-spec 6.5",     0, page_2a, NULL, HEADER_6},
    {"identify.page-2a-agrees",            "mmc-spec 6.5",     0, page_2a_agrees, NULL, 0},
    {"identify.page-2a-as-windows-asks",   "windows-spec b.2", 0, page_2a_windows, NULL, 0},
    {"identify.mode-saved-refused",        "mmc-spec 6.5",     0, mode_saved, NULL, 0},
    {"identify.mode-unknown-page",         "mmc-spec 6.5",     0, mode_unknown_page, NULL, 0},
    {"identify.request-sense",             "mmc-spec 6.13",    0, request_sense, NULL, 0},
    {"identify.unknown-opcode",            "mmc-spec 6",       0, unknown_opcode, NULL, 0},
    {"identify.read-capacity",             "mmc-spec 6.7",     CHECK_DVD, capacity, NULL, 0},
    {"identify.read-10",                   "mmc-spec 6.10",    CHECK_DVD, read_block, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_identify = {rows, ROWS_OF(rows)};
