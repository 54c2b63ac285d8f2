/* SPDX-License-Identifier: GPL-2.0-only */
#include "mode_pages.h"

#include <string.h>

#define PAGE_CODE_MASK    0x3f
#define PAGE_SUBPAGE_FLAG 0x40

#define CAPABILITIES_LOCK_BYTE  6
#define CAPABILITIES_LOCK_STATE 0x02

/* Offsets of the settable pages in mode_values */
enum {
    VALUES_ERROR_RECOVERY = 0,
    VALUES_CD_PARAMETERS = VALUES_ERROR_RECOVERY + 12,
    VALUES_POWER_CONDITION = VALUES_CD_PARAMETERS + 8,
    VALUES_TIMEOUT = VALUES_POWER_CONDITION + 12,
    VALUES_END = VALUES_TIMEOUT + 12,
};

_Static_assert(VALUES_END <= sizeof(((struct drive_state *)0)->mode_values),
               "mode_values too small");

static void refresh_capabilities(const struct drive *d, uint8_t *page)
{
    page[CAPABILITIES_LOCK_BYTE] &= (uint8_t)~CAPABILITIES_LOCK_STATE; /* as captured */
    if (drive_is_prevented(d)) {
        page[CAPABILITIES_LOCK_BYTE] |= CAPABILITIES_LOCK_STATE;
    }
}

/* clang-format off */
const struct mode_page mode_page_rows[] = {
    { /* changeable: read retry count */
        {"read error recovery"}, 12, VALUES_ERROR_RECOVERY, true,
        { MODE_PAGE_ERROR_RECOVERY, 0x0a, 0x00, 0x08 },
        { [3] = 0xff }, NULL },
    { /* changeable: inactivity timer multiplier; 60 S units, 75 F units */
        {"CD parameters"}, 8, VALUES_CD_PARAMETERS, true,
        { MODE_PAGE_CD_PARAMETERS, 0x06, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x4b },
        { [3] = 0x0f }, NULL },
    { /* changeable: Idle, Standby; their timers in 100 ms */
        {"power condition"}, 12, VALUES_POWER_CONDITION, true,
        { MODE_PAGE_POWER_CONDITION, 0x0a, 0x00, 0x03, 0x00, 0x00, 0x02, 0x58,
          0x00, 0x00, 0x12, 0xc0 },
        { [3] = 0x03, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, NULL },
    { /* DExcpt */
        {"informational exceptions"}, 12, 0, false,
        { MODE_PAGE_EXCEPTIONS, 0x0a, 0x08 },
        { 0 }, NULL },
    { /* changeable: TMOE, DISP, SWPP; group time-outs of 2, 2, 20 s */
        {"timeout and protect"}, 12, VALUES_TIMEOUT, true,
        { MODE_PAGE_TIMEOUT, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x02, 0x00, 0x14 },
        { [4] = 0x07 }, NULL },
    { /* byte by byte in mmc-spec 6.5; bit 3 of byte 2, DVD-ROM read, is what Linux looks at */
        {"capabilities"}, 32, 0, false,
        { MODE_PAGE_CAPABILITIES, 0x1e, 0x1f, 0x00, 0x70, 0x00, 0x29, 0x20,
          0x56, 0x90, 0x01, 0x00, 0x01, 0x00, 0x56, 0x90, [23] = 0x01 },
        { 0 }, refresh_capabilities },
};
/* clang-format on */

const size_t mode_page_row_count = sizeof(mode_page_rows) / sizeof(mode_page_rows[0]);

void mode_pages_reset(uint8_t *values)
{
    for (size_t i = 0; i < mode_page_row_count; i++) {
        const struct mode_page *page = &mode_page_rows[i];

        if (page->settable) {
            memcpy(values + page->values_at, page->defaults, page->bytes);
        }
    }
}

const struct mode_page *mode_page_find(uint8_t code)
{
    for (size_t i = 0; i < mode_page_row_count; i++) {
        if (mode_page_rows[i].defaults[0] == code) {
            return &mode_page_rows[i];
        }
    }
    return NULL;
}

/* A page as a drive has it: page 2Ah may be another's, and of another length. */
struct page_view {
    size_t bytes;
    const uint8_t *defaults;
};

static struct page_view view(const struct mode_page *page, const struct drive *d)
{
    const struct personality *p = &d->personality;

    if (page->defaults[0] == MODE_PAGE_CAPABILITIES && p->page_2a.count) {
        return (struct page_view){p->page_2a.count, p->page_2a.b};
    }
    return (struct page_view){page->bytes, page->defaults};
}

static void current_page(const struct mode_page *page, const struct drive *d, uint8_t *out)
{
    const struct page_view v = view(page, d);

    memcpy(out, page->settable ? d->state.mode_values + page->values_at : v.defaults, v.bytes);
    if (page->refresh) {
        page->refresh(d, out);
    }
}

void mode_page_write(const struct mode_page *page, const struct drive *d, enum mode_control control,
                     struct datain *di)
{
    const struct page_view v = view(page, d);
    uint8_t current[MODE_PAGE_BYTES_MAX];

    switch (control) {
    case MODE_CHANGEABLE:
        di_bytes(di, v.defaults, 2);
        di_bytes(di, page->changeable + 2, v.bytes - 2);
        break;
    case MODE_DEFAULT:
        di_bytes(di, v.defaults, v.bytes);
        break;
    default:
        current_page(page, d, current);
        di_bytes(di, current, v.bytes);
        break;
    }
}

/* The page at `at` of the list, if it may be stored; else NULL, and *sense says why not. */
static const struct mode_page *judge_page(const struct drive *d, const uint8_t *list,
                                          size_t list_bytes, size_t at, struct scsi_sense *sense)
{
    uint8_t current[MODE_PAGE_BYTES_MAX];
    const struct mode_page *page = mode_page_find(list[at] & PAGE_CODE_MASK);
    struct page_view v;

    if (!page || list[at] & PAGE_SUBPAGE_FLAG) {
        *sense = sense_list_field((uint16_t)at);
        return NULL;
    }
    v = view(page, d);
    if (list_bytes - at < v.bytes || list[at + 1] != v.defaults[1]) {
        *sense = sense_of(SENSE_LIST_LENGTH);
        return NULL;
    }
    current_page(page, d, current);
    for (size_t i = 2; i < v.bytes; i++) {
        if ((list[at + i] ^ current[i]) & ~page->changeable[i]) {
            *sense = sense_list_field((uint16_t)(at + i));
            return NULL;
        }
    }
    return page;
}

/* Judges every page, and stores them on the way when told to. */
static struct scsi_sense walk_pages(struct drive *d, const uint8_t *list, size_t list_bytes,
                                    size_t at, bool store)
{
    struct scsi_sense sense = SENSE_OK;

    while (at < list_bytes) {
        const struct mode_page *page = judge_page(d, list, list_bytes, at, &sense);

        if (!page) {
            break;
        }
        if (store && page->settable) {
            memcpy(d->state.mode_values + page->values_at + 2, list + at + 2, page->bytes - 2u);
        }
        at += view(page, d).bytes;
    }
    return sense;
}

struct scsi_sense mode_pages_select(struct drive *d, const uint8_t *list, size_t list_bytes,
                                    size_t at)
{
    struct scsi_sense sense = walk_pages(d, list, list_bytes, at, false);

    return sense.check ? sense : walk_pages(d, list, list_bytes, at, true);
}
