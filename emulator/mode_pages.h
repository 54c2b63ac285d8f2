/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file mode_pages.h
 * Mode pages as rows: defaults, and which bits a host may change (mmc-spec 6.5). Current values of
 * the pages that have such bits live in struct drive, mode_values.
 */
#ifndef DVDEMU_MODE_PAGES_H
#define DVDEMU_MODE_PAGES_H

#include "commands.h"

#define MODE_PAGE_BYTES_MAX IDENTITY_PAGE_2A_BYTES
#define MODE_PAGE_ALL       0x3f

enum mode_page_code {
    MODE_PAGE_ERROR_RECOVERY = 0x01,
    MODE_PAGE_CD_PARAMETERS = 0x0d,
    MODE_PAGE_POWER_CONDITION = 0x1a,
    MODE_PAGE_EXCEPTIONS = 0x1c,
    MODE_PAGE_TIMEOUT = 0x1d,
    MODE_PAGE_CAPABILITIES = 0x2a,
};

/** Page control of MODE SENSE. */
enum mode_control { MODE_CURRENT = 0, MODE_CHANGEABLE = 1, MODE_DEFAULT = 2, MODE_SAVED = 3 };

struct mode_page {
    struct command_detail detail; /**< the standard's name */
    uint8_t bytes;                /**< with the two header bytes */
    uint8_t values_at;            /**< offset in mode_values; only of a page with changeable bits */
    bool settable;                /**< has changeable bits */
    uint8_t defaults[MODE_PAGE_BYTES_MAX];   /**< as sent: code, length, parameters */
    uint8_t changeable[MODE_PAGE_BYTES_MAX]; /**< mask, header bytes 0 */
    /** Put in what the drive's state says now; NULL: nothing. */
    void (*refresh)(const struct drive *d, uint8_t *page);
};

/** Rows in ascending order of their codes. */
extern const struct mode_page mode_page_rows[];
extern const size_t mode_page_row_count;

/** Put the defaults into `values`, the mode_values of a drive. */
void mode_pages_reset(uint8_t *values);

/** The row of a page code; NULL: no such page. */
const struct mode_page *mode_page_find(uint8_t code);

/** Append one page. `control` is not MODE_SAVED. */
void mode_page_write(const struct mode_page *page, const struct drive *d, enum mode_control control,
                     struct datain *di);

/**
 * Take over the pages at `list + at` up to `list_bytes`: all or, on a check, none. The field
 * pointer of a check counts from the start of the list. 05/1A/00: a page is cut off or of another
 * length; 05/26/00: no such page, or a field changed that cannot be.
 */
struct scsi_sense mode_pages_select(struct drive *d, const uint8_t *list, size_t list_bytes,
                                    size_t at);

#endif
