/* SPDX-License-Identifier: GPL-2.0-only */
#include "quirks.h"

#include "error_line.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define VARIANTS       32
#define VARIANT_PREFIX "fixed:"
#define REGION_DIGITS  4

#define AT(member) offsetof(struct quirks, member)
/* name, then the values in the order of their enum, the first being 0 */
#define CHOICE(name, ...)                                                                          \
#name, QUIRK_CHOICE, AT(name), 0, 0,                                                           \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define YES_NO(name) CHOICE(name, "no", "yes")
#define NUMBER(name, min, max, text)                                                               \
#name, QUIRK_NUMBER, AT(name), min, max,                                                       \
    {                                                                                              \
        text, NULL                                                                                 \
    }

/* clang-format off */
const struct quirk_row quirk_rows[] = {
    {NUMBER(agid_count, 1, 4, "1..4"), "4", "number of AGIDs", "REPORT KEY 00h", "2.5"},
    {CHOICE(agid_order, "lowest", "highest"), "lowest",
     "which free AGID is granted; of fewer than four, which there are", "REPORT KEY 00h", "2.5"},
    {CHOICE(agid_field, "checked", "ignored"), "checked",
     "whether the AGID in a CDB chooses the exchange", "REPORT KEY 01h 02h 04h 3Fh, SEND KEY 01h 03h 3Fh, READ DVD STRUCTURE 02h", "2.5"},
    {CHOICE(agid_exhausted, "5500", "2C00", "2C00_invalidate", "reuse", "6F01_invalidate", "reuse_then_6F01", "sense0"), "5500",
     "answer when no AGID is free", "REPORT KEY 00h", "2.5"},
    {CHOICE(agid_ungranted, "2400", "2C00", "ignore"), "2400",
     "answer to a step under an AGID that nobody was granted", "REPORT KEY 01h 02h, SEND KEY 01h 03h", "2.3 E1"},
    {CHOICE(invalidate_ungranted, "good", "2400"), "good",
     "answer to the invalidation of an AGID that nobody was granted", "REPORT KEY, SEND KEY 3Fh", "2.3 E2"},
    {CHOICE(out_of_order_resets, "no", "granted", "free"), "no",
     "what a step out of order leaves of the exchange", "REPORT KEY 01h 02h, SEND KEY 03h", "2.3"},
    {CHOICE(repeat_reply, "repeat", "reject"), "repeat",
     "KEY1 and drive challenge asked for again", "REPORT KEY 01h 02h", "2.3"},
    {CHOICE(bad_key2_agid, "free", "stay"), "free",
     "the AGID after a wrong KEY2", "SEND KEY 03h", "2.3"},
    {"variant", QUIRK_VARIANT, AT(variant), 0, 0, {"random", "fixed:0..31", NULL}, "random",
     "variant of the authentication function", "REPORT KEY 00h", "2.4"},
    {"rng_seed", QUIRK_SEED, AT(rng_seed), 0, 0, {"none", "N", NULL}, "none",
     "random source of a drive whose seed is random", "REPORT KEY 00h 01h", "2.4"},
    {CHOICE(asf_set, "key_transfer", "key2", "disc_key"), "key_transfer",
     "what sets ASF", "SEND KEY 03h, REPORT KEY 04h, READ DVD STRUCTURE 02h", "2.7"},
    {CHOICE(asf_on_bad_key2, "clear", "keep"), "clear",
     "ASF after a wrong KEY2", "SEND KEY 03h", "2.7"},
    {CHOICE(asf_on_region_mismatch, "set", "clear"), "set",
     "ASF after a disc key read with no region in common", "READ DVD STRUCTURE 02h", "2.7"},
    {CHOICE(asf_always, "0", "1"), "0",
     "ASF is reported as 1 always; reads are gated all the same", "REPORT KEY 05h", "2.7"},
    {YES_NO(title_requires_asf), "no",
     "a title key before a disc key ends with 05/6F/00", "REPORT KEY 04h", "2.7"},
    {YES_NO(first_title_key_plain), "no",
     "the first key after a media change, if a title key, is sent without the bus key", "REPORT KEY 04h", "2.7"},
    {CHOICE(title_key_unprotected, "6F01", "zeros", "nearest"), "6F01",
     "title key of a block to which the disc gives none", "REPORT KEY 04h", "3.5"},
    {CHOICE(title_failed_agid, "stay", "free"), "stay",
     "the AGID after a title key that was refused", "REPORT KEY 04h", "2.3"},
    {CHOICE(non_css, "allow_6F01", "3002_at_agid", "6F01_at_key1", "zero_title_key", "sense0_at_agid"), "allow_6F01",
     "authentication on a DVD without CSS", "REPORT KEY 00h 02h 04h", "2.6"},
    {CHOICE(region_title_sense, "6F04", "6F01"), "6F04",
     "sense of a title key that the region refuses", "REPORT KEY 04h", "3.3"},
    {CHOICE(region_read, "allow", "refuse"), "allow",
     "scrambled blocks of a disc with no region in common, authenticated", "READ(10), READ(12), READ CD, READ CD MSF, VERIFY(10)", "3.2"},
    {CHOICE(cmi_format_05, "no", "yes"), "yes",
     "copyright management structure", "READ DVD STRUCTURE 05h FFh", "5"},
    {YES_NO(spindown_drops_agids), "no",
     "a stop frees all AGIDs", "START STOP UNIT", "2.8"},
    {YES_NO(release_on_last_nexus_loss), "no",
     "the end of the last I_T nexus frees all AGIDs and clears ASF", "logout, lost connection", "2.8"},
    {CHOICE(rpc_scheme, "0", "1"), "1",
     "1: RPC-2; 0: RPC-1, regions are not enforced", "REPORT KEY 08h 04h", "4.1, 4.4"},
    {"rpc_initial", QUIRK_REGION, AT(rpc_initial), 0, 0, {"factory", "RRMM", NULL}, "factory",
     "region state of a drive that has kept none: bytes 4 and 5 of the RPC reply", "REPORT KEY 04h 08h, SEND KEY 06h", "4.1"},
    {CHOICE(rpc_same_region, "free", "counts"), "free",
     "whether setting the region that is set costs a change", "SEND KEY 06h", "4.3"},
    {CHOICE(rpc_storage, "file", "memory"), "file",
     "memory: the region state is forgotten with the drive", QUIRK_OF_THE_OWNER, "4.4"},
    {CHOICE(loader, "tray", "slim"), "tray",
     "slim: the tray opens by itself, but only a hand closes it", "START STOP UNIT, GET CONFIGURATION", "6.8"},
    {NUMBER(ready_ms, 0, 60000, "0..60000"), "0",
     "time from load to ready, 02/04/01 meanwhile", "medium gate", "2.8, 6.2"},
    {CHOICE(speed, "instant", "real"), "instant",
     "real: spin-up, seeks, transfer and keys take their time", QUIRK_OF_TIME, "6.9, 3.5"},
    {.name = NULL},
};
/* clang-format on */

/* A number has a member of one byte, unless its largest value says otherwise. */
static bool is_wide(const struct quirk_row *row)
{
    return row->max > UINT8_MAX;
}

static void put_number(struct quirks *quirks, const struct quirk_row *row, uint32_t number)
{
    char *at = (char *)quirks + row->offset;

    if (is_wide(row)) {
        memcpy(at, &number, sizeof(number));
    } else {
        *(uint8_t *)at = (uint8_t)number;
    }
}

static uint32_t get_number(const struct quirks *quirks, const struct quirk_row *row)
{
    const char *at = (const char *)quirks + row->offset;
    uint32_t number;

    if (!is_wide(row)) {
        return *(const uint8_t *)at;
    }
    memcpy(&number, at, sizeof(number));
    return number;
}

static bool read_number(const char *text, int base, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, base);
    return isxdigit((unsigned char)*text) && !*end && !errno && *out <= max;
}

/* "one of a, b, c" */
static bool refuse(char *why, const struct quirk_row *row, const char *value)
{
    char known[INI_ERROR_BYTES / 2] = "";
    size_t n = 0;

    for (const char *const *v = row->values; *v && n < sizeof(known); v++) {
        n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", v == row->values ? "" : ", ",
                              *v);
    }
    return error_line(why, "'%s' is none of %s", value, known);
}

static bool set_choice(struct quirks *quirks, const struct quirk_row *row, const char *value)
{
    for (uint8_t i = 0; row->values[i]; i++) {
        if (strcmp(value, row->values[i]) == 0) {
            put_number(quirks, row, i);
            return true;
        }
    }
    return false;
}

static bool set_number(struct quirks *quirks, const struct quirk_row *row, const char *value)
{
    uint64_t number;

    if (!read_number(value, 10, row->max, &number) || number < row->min) {
        return false;
    }
    put_number(quirks, row, (uint32_t)number);
    return true;
}

static bool set_variant(struct quirks *quirks, const struct quirk_row *row, const char *value)
{
    uint64_t number = QUIRK_VARIANT_RANDOM;
    const size_t n = sizeof(VARIANT_PREFIX) - 1;

    if (strcmp(value, row->values[0]) != 0 &&
        (strncmp(value, VARIANT_PREFIX, n) != 0 ||
         !read_number(value + n, 10, VARIANTS - 1, &number))) {
        return false;
    }
    put_number(quirks, row, (uint32_t)number);
    return true;
}

static bool set_seed(struct quirks *quirks, const struct quirk_row *row, const char *value)
{
    struct quirk_seed seed = {.given = strcmp(value, row->values[0]) != 0};

    if (seed.given && !read_number(value, 0, UINT64_MAX, &seed.number)) {
        return false;
    }
    quirks->rng_seed = seed;
    return true;
}

static bool set_region(struct quirks *quirks, const struct quirk_row *row, const char *value)
{
    struct region_state state = region_factory();
    uint64_t bytes;

    if (strcmp(value, row->values[0]) != 0) {
        if (strlen(value) != REGION_DIGITS || !read_number(value, 16, UINT16_MAX, &bytes) ||
            !region_from_reply(&state, (uint8_t)(bytes >> 8), (uint8_t)bytes)) {
            return false;
        }
    }
    quirks->rpc_initial = state;
    return true;
}

typedef bool setter(struct quirks *quirks, const struct quirk_row *row, const char *value);

static setter *const setters[] = {
    [QUIRK_CHOICE] = set_choice, [QUIRK_NUMBER] = set_number, [QUIRK_VARIANT] = set_variant,
    [QUIRK_SEED] = set_seed,     [QUIRK_REGION] = set_region,
};

bool quirk_set(struct quirks *quirks, const struct quirk_row *row, const char *value, char *why)
{
    return setters[row->type](quirks, row, value) || refuse(why, row, value);
}

void quirk_value(const struct quirks *quirks, const struct quirk_row *row, char *out)
{
    const struct region_state *region = &quirks->rpc_initial, factory = region_factory();
    const uint32_t number = get_number(quirks, row);
    const char *text = row->values[0]; /* random, none, factory */

    switch (row->type) {
    case QUIRK_CHOICE:
        text = row->values[number];
        break;
    case QUIRK_NUMBER:
        snprintf(out, QUIRK_TEXT_BYTES, "%" PRIu32, number);
        return;
    case QUIRK_VARIANT:
        if (number != QUIRK_VARIANT_RANDOM) {
            snprintf(out, QUIRK_TEXT_BYTES, VARIANT_PREFIX "%" PRIu32, number);
            return;
        }
        break;
    case QUIRK_SEED:
        if (quirks->rng_seed.given) {
            snprintf(out, QUIRK_TEXT_BYTES, "%" PRIu64, quirks->rng_seed.number);
            return;
        }
        break;
    case QUIRK_REGION:
        if (memcmp(region, &factory, sizeof(factory)) != 0) {
            snprintf(out, QUIRK_TEXT_BYTES, "%02X%02X", region_status_byte(region), region->mask);
            return;
        }
        break;
    }
    snprintf(out, QUIRK_TEXT_BYTES, "%s", text);
}

const struct quirk_row *quirk_find(const char *name)
{
    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

void quirks_init(struct quirks *quirks)
{
    memset(quirks, 0, sizeof(*quirks));
    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        setters[row->type](quirks, row, row->initial);
    }
}
