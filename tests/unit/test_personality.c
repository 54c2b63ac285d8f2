/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/personality.h"

#include "unit.h"

#include <string.h>

static void the_default_fits_the_fields_of_inquiry(void)
{
    struct personality made, *p = &made;

    personality_init(p);
    CU_ASSERT(strlen(p->vendor) > 0 && strlen(p->vendor) <= 8);
    CU_ASSERT(strlen(p->product) > 0 && strlen(p->product) <= 16);
    CU_ASSERT_EQUAL(strlen(p->revision), 4);
    CU_ASSERT_EQUAL(strlen(p->serial), 0);
    CU_ASSERT_FALSE(p->strict_cdb);
}

/* windows-spec b.2: names to which the class driver ties workarounds. */
static void the_default_stays_away_from_names_that_windows_treats_apart(void)
{
    static const char *const apart[] = {"NEC", "PLEXTOR", "MSFT", "HL-DT-ST", "DEC"};
    struct personality p;

    personality_init(&p);
    for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
        CU_ASSERT_NOT_EQUAL(strncmp(p.vendor, apart[i], strlen(apart[i])), 0);
    }
}

static void the_firmware_date_is_fourteen_digits(void)
{
    struct personality p;
    const char *date = p.firmware_date;

    personality_init(&p);
    CU_ASSERT_EQUAL(strlen(date), 14);
    CU_ASSERT_EQUAL(strspn(date, "0123456789"), 14);
}

/* FNV-1a of its published test strings: CBF29CE484222325, AF63DC4C8601EC8C, 85944171F73967E8; the
 * top 16 bits are folded into the lower 48. */
static void a_serial_number_is_the_folded_hash_of_the_name(void)
{
    struct personality p;

    personality_init(&p);
    personality_serial_from_name(&p, "");
    CU_ASSERT_STRING_EQUAL(p.serial, "9CE48422E8D7");
    personality_serial_from_name(&p, "a");
    CU_ASSERT_STRING_EQUAL(p.serial, "DC4C860143EF");
    personality_serial_from_name(&p, "foobar");
    CU_ASSERT_STRING_EQUAL(p.serial, "4171F739E27C");
}

static void serial_numbers_are_twelve_upper_case_hexadecimal_digits(void)
{
    struct personality p;
    char name[] = "iqn.2026-11.example:disc-0";

    personality_init(&p);
    for (name[sizeof(name) - 2] = '0'; name[sizeof(name) - 2] <= '9'; name[sizeof(name) - 2]++) {
        personality_serial_from_name(&p, name);
        CU_ASSERT_EQUAL(strlen(p.serial), SERIAL_BYTES);
        CU_ASSERT_EQUAL(strspn(p.serial, "0123456789ABCDEF"), SERIAL_BYTES);
    }
}

UNIT_SUITE(personality, T(the_default_fits_the_fields_of_inquiry),
           T(the_default_stays_away_from_names_that_windows_treats_apart),
           T(the_firmware_date_is_fourteen_digits),
           T(a_serial_number_is_the_folded_hash_of_the_name),
           T(serial_numbers_are_twelve_upper_case_hexadecimal_digits));
