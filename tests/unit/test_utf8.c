/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/utf8.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static void becomes(const char *text, const char *expected)
{
    char room[64];

    snprintf(room, sizeof(room), "%s", text);
    utf8_mend(room);
    CU_ASSERT_STRING_EQUAL(room, expected);
}

static void whole_characters_stay(void)
{
    becomes("", "");
    becomes("/srv/film.disc", "/srv/film.disc");
    becomes("\x7f", "\x7f");
    becomes("\xc2\x80 \xdf\xbf", "\xc2\x80 \xdf\xbf");
    becomes("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80", "\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80");
    becomes("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf");
}

static void a_character_cut_at_the_end_is_dropped(void)
{
    becomes("a\xc3", "a");
    becomes("a\xe2\x82", "a");
    becomes("a\xf0\x9f\x92", "a");
    becomes("a\xf0", "a");
}

static void bytes_of_no_character_become_question_marks(void)
{
    becomes("\x80x", "?x");
    becomes("\xff\xfe", "??");
    becomes("\xe9t\xe9 2", "?t? 2");
    becomes("\xe2\x82...", "??...");
    becomes("\xc0\xaf", "??");           /* overlong */
    becomes("\xe0\x9f\xbf.", "???.");    /* overlong */
    becomes("\xed\xa0\x80.", "???.");    /* a surrogate */
    becomes("\xf4\x90\x80\x80", "????"); /* beyond 10FFFF */
}

UNIT_SUITE(utf8, T(whole_characters_stay), T(a_character_cut_at_the_end_is_dropped),
           T(bytes_of_no_character_become_question_marks));
