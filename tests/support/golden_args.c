/* SPDX-License-Identifier: GPL-2.0-only */
#include "golden_args.h"

#include "emulator/mode_pages.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool golden_number(const char *arg, int base, unsigned long most, unsigned long *value)
{
    char *end;

    *value = strtoul(arg, &end, base);
    return isxdigit((unsigned char)*arg) && *end == 0 && *value <= most;
}

bool golden_byte(const char *arg, uint8_t *value)
{
    unsigned long wide;

    if (!golden_number(arg, 16, 0xff, &wide)) {
        return false;
    }
    *value = (uint8_t)wide;
    return true;
}

bool golden_name(const struct golden_name_row *names, const char *arg, unsigned *value)
{
    for (; names->text; names++) {
        if (strcmp(names->text, arg) == 0) {
            *value = names->value;
            return true;
        }
    }
    return false;
}

const struct golden_name_row golden_attentions[] = {
    {"none", 0}, {"power", DRIVE_UA_POWER_ON}, {"medium", DRIVE_UA_MEDIUM_CHANGED}, {NULL, 0}};
const struct golden_name_row golden_events[] = {{"none", MEDIA_NO_CHANGE},
                                                {"request", MEDIA_EJECT_REQUEST},
                                                {"new", MEDIA_NEW},
                                                {"removal", MEDIA_REMOVAL},
                                                {NULL, 0}};
const struct golden_name_row golden_prevents[] = {{"none", PREVENT_NONE},
                                                  {"here", PREVENT_HERE},
                                                  {"persistent", PREVENT_PERSISTENT},
                                                  {"other", PREVENT_OTHER},
                                                  {NULL, 0}};
const struct golden_name_row golden_paths[] = {{"ptp", DISC_PTP}, {"otp", DISC_OTP}, {NULL, 0}};
const struct golden_name_row golden_trays[] = {{"closed", false}, {"open", true}, {NULL, 0}};
const struct golden_name_row golden_truths[] = {{"0", false}, {"1", true}, {NULL, 0}};
const struct golden_name_row golden_discs[] = {{"out", false}, {"in", true}, {NULL, 0}};

bool golden_slot(const char *arg, unsigned long *slot)
{
    return golden_number(arg, 10, DRIVE_AGIDS - 1, slot);
}

bool golden_agid_state(const char *arg, unsigned *state)
{
    for (unsigned i = 0; i < AGID_STATES; i++) {
        if (strcmp(arg, agid_state_name((enum agid_state)i)) == 0) {
            *state = i;
            return true;
        }
    }
    return false;
}

/* `FE/3`: mask, user changes left. */
bool golden_region(const char *arg, uint8_t *mask, uint8_t *changes)
{
    unsigned m, c;
    int used = 0;

    if (sscanf(arg, "%2x/%1u%n", &m, &c, &used) != 2 || arg[used] || c > REGION_USER_CHANGES) {
        return false;
    }
    *mask = (uint8_t)m;
    *changes = (uint8_t)c;
    return true;
}

/* `page 01 byte 3 12`: where that byte lives in the drive; NULL: nowhere. */
uint8_t *golden_page_byte(struct drive *d, const struct golden_word *w, uint8_t *value)
{
    const struct mode_page *page;
    uint8_t code;
    unsigned long at;

    if (!golden_byte(w->arg[1], &code) || strcmp(w->arg[2], "byte") != 0 ||
        !golden_number(w->arg[3], 10, MODE_PAGE_BYTES_MAX - 1, &at) ||
        !golden_byte(w->arg[4], value)) {
        return NULL;
    }
    page = mode_page_find(code);
    return page && page->settable && at < page->bytes ? d->state.mode_values + page->values_at + at
                                                      : NULL;
}
