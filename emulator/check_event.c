/* SPDX-License-Identifier: GPL-2.0-only */
/* GET EVENT STATUS NOTIFICATION (mmc-spec 6.4), as Windows insists on it (windows-spec b.3). */
#include "check_talk.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#define HEADER_BYTES   4
#define EVENT_BYTES    8
#define EVENT_LENGTH   6
#define HEADER_LENGTH  2
#define NEA            0x80
#define CLASS_BITS     0x07
#define CLASSES        8
#define MEDIA          4
#define MEDIA_BIT      (1u << MEDIA)
#define MEDIA_PRESENT  0x02
#define EVENT_CODE     0x0f
#define ALL_CLASSES    0x7eu /* those that MMC has */
#define POLLS          40    /* Windows gives up after 32 events in a row */
#define EVENTS_PENDING 16

/* Byte 3: the classes that the drive supports, -1: not told, and the row has failed. */
static int supported_classes(struct check *k)
{
    ask_event_status(k, 0, EVENT_BYTES);
    return check_expect_reply(k, HEADER_BYTES) ? k->in[3] : -1;
}

/* Take what is pending from before; a drive that never comes to an end fails. */
static bool take_events(struct check *k)
{
    for (unsigned n = 0; n < EVENTS_PENDING; n++) {
        ask_event_status(k, MEDIA_BIT, EVENT_BYTES);
        if (!check_expect_reply(k, EVENT_BYTES)) {
            return false;
        }
        if ((k->in[4] & EVENT_CODE) == 0) {
            return true;
        }
    }
    check_fail(k, "expected events to come to an end, seen more than %d", EVENTS_PENDING);
    return false;
}

static void class_mask_0(struct check *k, const struct check_row *row)
{
    int supported = supported_classes(k);

    (void)row;
    if (supported >= 0) {
        const uint8_t wanted[HEADER_BYTES] = {0, HEADER_LENGTH, NEA, (uint8_t)supported};

        check_expect_data(k, "the header", wanted, sizeof(wanted));
        check_expect_number(k, "media class supported", MEDIA_BIT, (unsigned)supported & MEDIA_BIT);
        check_expect_number(k, "bits of no class", 0, (unsigned)supported & ~ALL_CLASSES & 0xff);
    }
}

static void not_polled(struct check *k, const struct check_row *row)
{
    (void)row;
    ASK(k, EVENT_BYTES, OP_GET_EVENT_STATUS, 0, 0, 0, MEDIA_BIT, 0, 0, 0, EVENT_BYTES, 0);
    check_expect(k, CDB_FIELD);
}

static void media_class(struct check *k, const struct check_row *row)
{
    (void)row;
    if (take_events(k)) {
        check_expect_number(k, "NEA and class", MEDIA, k->in[2]);
        check_expect_number(k, "bytes 6 and 7", 0, be16_get(k->in + 6));
    }
}

static void media_length(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_event_status(k, MEDIA_BIT, EVENT_BYTES);
    if (check_expect_reply(k, EVENT_BYTES)) {
        check_expect_number(k, "data length", EVENT_LENGTH, be16_get(k->in));
    }
}

static void media_present(struct check *k, const struct check_row *row)
{
    (void)row;
    if (take_events(k)) {
        check_expect_number(k, "media present", row->value, k->in[5] & MEDIA_PRESENT);
    }
}

/* A class that was asked for alone: reported when supported, else nothing. */
static void each_class(struct check *k, const struct check_row *row)
{
    int supported = supported_classes(k);

    (void)row;
    for (unsigned class = 0; class < CLASSES && supported >= 0; class ++) {
        const bool is_there = (unsigned)supported & 1u << class;

        check_where(k, "class %u", class);
        ask_event_status(k, 1u << class, EVENT_BYTES);
        if (check_expect_reply(k, is_there ? EVENT_BYTES : HEADER_BYTES)) {
            check_expect_number(k, "data length", is_there ? EVENT_LENGTH : HEADER_LENGTH,
                                be16_get(k->in));
            check_expect_number(k, "NEA", is_there ? 0 : NEA, k->in[2] & NEA);
            if (is_there) {
                check_expect_number(k, "class", class, k->in[2] & CLASS_BITS);
            }
            check_expect_number(k, "supported classes", (unsigned)supported, k->in[3]);
        }
    }
}

/* Every mask: a class of the answer has to be one that was asked for. */
static void never_another_class(struct check *k, const struct check_row *row)
{
    (void)row;
    for (unsigned mask = 0; mask <= 0xff; mask++) {
        check_where(k, "class mask %02Xh", mask);
        ask_event_status(k, mask, EVENT_BYTES);
        if (!check_expect(k, GOOD)) {
            return;
        }
        if (!(k->in[2] & NEA) && !(mask & 1u << (k->in[2] & CLASS_BITS))) {
            check_fail(k, "seen class %u, which was not asked for", k->in[2] & CLASS_BITS);
        }
    }
}

static void unsupported_classes(struct check *k, const struct check_row *row)
{
    int supported = supported_classes(k);

    (void)row;
    if (supported >= 0) {
        const uint8_t wanted[HEADER_BYTES] = {0, HEADER_LENGTH, NEA, (uint8_t)supported};

        ask_event_status(k, ~(unsigned)supported & 0xff, EVENT_BYTES);
        if (check_expect_reply(k, HEADER_BYTES)) {
            check_expect_data(k, "the header", wanted, sizeof(wanted));
        }
    }
}

static void cut(struct check *k, const struct check_row *row)
{
    const uint8_t cdb[10] = {OP_GET_EVENT_STATUS, 1, 0, 0, MEDIA_BIT, 0, 0, 0, EVENT_BYTES, 0};

    (void)row;
    if (take_events(k)) {
        check_cut_replies(k, cdb, sizeof(cdb), 7, 2, EVENT_BYTES);
    }
}

static void header_alone(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_event_status(k, MEDIA_BIT, HEADER_BYTES);
    if (check_expect_reply(k, HEADER_BYTES)) {
        check_expect_number(k, "data length", EVENT_LENGTH, be16_get(k->in));
    }
}

static void quiet(struct check *k, const struct check_row *row)
{
    (void)row;
    if (!take_events(k)) {
        return;
    }
    for (unsigned n = 0; n < POLLS; n++) {
        ask_event_status(k, MEDIA_BIT, EVENT_BYTES);
        if (!check_expect_reply(k, EVENT_BYTES) ||
            !check_expect_number(k, "event code", 0, k->in[4] & EVENT_CODE)) {
            return;
        }
    }
}

/* A unit attention here switches event status off for good on Windows. */
static void before_attention(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_login(k, 1)) {
        k->host = 1;
        ask_event_status(k, 0, EVENT_BYTES);
        check_expect_reply(k, HEADER_BYTES);
        ask_test_unit_ready(k);
        check_expect(k, POWER_ON);
    }
}

/* clang-format off */
static const struct check_row rows[] = {
    {"event.class-mask-0",           "windows-spec b.3", 0, class_mask_0, NULL, 0},
    {"event.not-polled-refused",     "mmc-spec 6.4",     0, not_polled, NULL, 0},
    {"event.media-class",            "mmc-spec 6.4",     0, media_class, NULL, 0},
    {"event.length-field-6",         "windows-spec b.3", 0, media_length, NULL, 0},
    {"event.media-is-present",       "mmc-spec 6.4",     CHECK_DVD, media_present, NULL, MEDIA_PRESENT},
    {"event.media-is-absent",        "mmc-spec 6.4",     CHECK_EMPTY, media_present, NULL, 0},
    {"event.each-class-alone",       "mmc-spec 6.4",     0, each_class, NULL, 0},
    {"event.never-another-class",    "windows-spec b.3", 0, never_another_class, NULL, 0},
    {"event.unsupported-classes",    "mmc-spec 6.4",     0, unsupported_classes, NULL, 0},
    {"event.cut",                    "mmc-spec 6.4",     0, cut, NULL, 0},
    {"event.header-alone",           "mmc-spec 6.4",     0, header_alone, NULL, 0},
    {"event.quiet-when-nothing-new", "windows-spec b.3", 0, quiet, NULL, 0},
    {"event.before-unit-attention",  "windows-spec b.3", CHECK_SESSIONS, before_attention, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_event = {rows, ROWS_OF(rows)};
