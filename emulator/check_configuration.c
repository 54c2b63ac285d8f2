/* SPDX-License-Identifier: GPL-2.0-only */
/* GET CONFIGURATION (mmc-spec 6.3), and what Windows reads out of it (windows-spec b.2, b.5). */
#include "check_talk.h"
#include "check_themes.h"

#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define HEADER_BYTES     8
#define DESCRIPTOR_BYTES 4
#define LENGTH_BYTES     4 /* the data length field does not count itself */
#define ROOM             4096
#define FEATURES_MAX     HOST_FEATURES_MAX
#define FIRST_NONE       0xffff
#define CURRENT          0x01
#define PROFILE_CD       0x0008

enum request { ALL, CURRENT_ONLY, ONE, RESERVED };

enum feature_code {
    PROFILE_LIST = 0x0000,
    MORPHING = 0x0002,
    REMOVABLE_MEDIUM = 0x0003,
    DVD_READ = 0x001f,
    DVD_CSS = 0x0106
};

/* A reply taken apart; `at` are offsets of descriptors in `bytes`. */
struct features {
    uint8_t bytes[ROOM];
    size_t count, total;
    size_t at[FEATURES_MAX];
};

static unsigned code_of(const struct features *f, size_t n)
{
    return be16_get(f->bytes + f->at[n]);
}

static size_t length_of(const struct features *f, size_t n)
{
    return DESCRIPTOR_BYTES + f->bytes[f->at[n] + 3];
}

/*
 * Ask, and take apart what the data length says is there; that no more came is list_is_exact()'s
 * question. False: the row has failed.
 */
static bool ask(struct check *k, enum request request, unsigned first, struct features *f)
{
    size_t at = HEADER_BYTES;

    f->count = 0;
    ask_configuration(k, request, first, ROOM);
    f->total = be32_get(k->in) + LENGTH_BYTES;
    if (!check_expect(k, GOOD) ||
        !check_expect_that(k, f->total >= HEADER_BYTES && f->total <= k->answer.in_bytes,
                           "a data length within the %zu bytes that came, seen %zu",
                           k->answer.in_bytes, f->total - LENGTH_BYTES)) {
        return false;
    }
    memcpy(f->bytes, k->in, f->total);
    while (at + DESCRIPTOR_BYTES <= f->total && f->count < FEATURES_MAX) {
        f->at[f->count++] = at;
        at += length_of(f, f->count - 1);
    }
    return check_expect_that(k, at == f->total,
                             "descriptors that end with the data, at %zu, not %zu", f->total, at);
}

/* Index of a feature; FEATURES_MAX: not there. */
static size_t find(const struct features *f, unsigned code)
{
    for (size_t n = 0; n < f->count; n++) {
        if (code_of(f, n) == code) {
            return n;
        }
    }
    return FEATURES_MAX;
}

static bool is_current(const struct features *f, size_t n)
{
    return f->bytes[f->at[n] + 2] & CURRENT;
}

/* ---- the list ---- */

static void list_is_exact(struct check *k, const struct check_row *row)
{
    struct features f;

    if (ask(k, row->value, 0, &f)) {
        check_expect_reply(k, f.total);
        check_expect_number(k, "reserved bytes 4 and 5", 0, be16_get(f.bytes + 4));
    }
}

static void ascending(struct check *k, const struct check_row *row)
{
    struct features f;

    (void)row;
    if (!ask(k, ALL, 0, &f)) {
        return;
    }
    for (size_t n = 1; n < f.count; n++) {
        check_expect_that(k, code_of(&f, n) > code_of(&f, n - 1),
                          "ascending codes, seen %04Xh behind %04Xh", code_of(&f, n),
                          code_of(&f, n - 1));
    }
}

/* Windows ends its search at the first one that is not. */
static void multiples_of_4(struct check *k, const struct check_row *row)
{
    struct features f;

    (void)row;
    if (!ask(k, ALL, 0, &f)) {
        return;
    }
    for (size_t n = 0; n < f.count; n++) {
        check_expect_that(k, length_of(&f, n) % 4 == 0,
                          "a multiple of 4 as length of feature %04Xh, seen %zu", code_of(&f, n),
                          length_of(&f, n) - DESCRIPTOR_BYTES);
    }
}

static void has_feature(struct check *k, const struct check_row *row)
{
    struct features f;

    if (ask(k, ALL, 0, &f)) {
        check_expect_that(k, find(&f, row->value) < f.count, "feature %04Xh in the list",
                          row->value);
    }
}

static void css_feature(struct check *k, const struct check_row *row)
{
    struct features f;
    size_t n;

    if (!ask(k, ALL, 0, &f)) {
        return;
    }
    n = find(&f, DVD_CSS);
    if (check_expect_that(k, n < f.count, "feature 0106h in the list")) {
        check_expect_number(k, "current bit of feature 0106h", row->value, is_current(&f, n));
    }
}

static void profile(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_configuration(k, ALL, 0, HEADER_BYTES);
    if (check_expect_reply(k, HEADER_BYTES)) {
        check_expect_number(k, "current profile", row->value, be16_get(k->in + 6));
    }
}

/* The profile list marks the profile that the header names, and no other. */
static void profile_list(struct check *k, const struct check_row *row)
{
    struct features f;
    unsigned marked = 0;

    (void)row;
    if (!ask(k, ALL, 0, &f) || !check_expect_that(k, f.count && code_of(&f, 0) == PROFILE_LIST,
                                                  "the profile list first")) {
        return;
    }
    for (size_t at = DESCRIPTOR_BYTES; at + 4 <= length_of(&f, 0); at += 4) {
        const uint8_t *entry = f.bytes + f.at[0] + at;

        if (entry[2] & 1) {
            marked++;
            check_expect_number(k, "profile that is marked current", be16_get(f.bytes + 6),
                                be16_get(entry));
        }
    }
    check_expect_number(k, "profiles marked current", be16_get(f.bytes + 6) ? 1 : 0, marked);
}

/* ---- requested type and starting feature ---- */

static void only_current(struct check *k, const struct check_row *row)
{
    struct features all, current;
    size_t wanted = 0;

    (void)row;
    if (!ask(k, ALL, 0, &all) || !ask(k, CURRENT_ONLY, 0, &current)) {
        return;
    }
    for (size_t n = 0; n < all.count; n++) {
        const size_t m = find(&current, code_of(&all, n));

        wanted += is_current(&all, n);
        check_expect_that(k, (m < current.count) == is_current(&all, n),
                          "feature %04Xh to be listed if it is current", code_of(&all, n));
        if (m < current.count) {
            check_expect_that(k,
                              memcmp(all.bytes + all.at[n], current.bytes + current.at[m],
                                     length_of(&all, n)) == 0,
                              "feature %04Xh as in the whole list", code_of(&all, n));
        }
    }
    check_expect_number(k, "features", wanted, current.count);
}

static void one_feature(struct check *k, const struct check_row *row)
{
    struct features all, one;

    (void)row;
    if (!ask(k, ALL, 0, &all)) {
        return;
    }
    for (size_t n = 0; n < all.count; n++) {
        check_where(k, "feature %04X", code_of(&all, n));
        if (!ask(k, ONE, code_of(&all, n), &one) ||
            !check_expect_number(k, "features", 1, one.count)) {
            return;
        }
        check_expect_that(
            k,
            length_of(&one, 0) == length_of(&all, n) &&
                memcmp(all.bytes + all.at[n], one.bytes + one.at[0], length_of(&one, 0)) == 0,
            "the descriptor of the whole list");
    }
}

static void one_that_is_not_there(struct check *k, const struct check_row *row)
{
    struct features f;

    (void)row;
    if (ask(k, ONE, FIRST_NONE, &f)) {
        check_expect_number(k, "reply length", HEADER_BYTES, f.total);
    }
}

static void reserved_type(struct check *k, const struct check_row *row)
{
    (void)row;
    ask_configuration(k, RESERVED, 0, HEADER_BYTES);
    check_expect(k, CDB_FIELD);
}

static void from_feature(struct check *k, const struct check_row *row)
{
    struct features all, some;
    size_t wanted = 0;

    (void)row;
    if (!ask(k, ALL, 0, &all)) {
        return;
    }
    for (size_t n = 0; n < all.count; n++) {
        wanted += code_of(&all, n) >= DVD_READ;
    }
    if (ask(k, ALL, DVD_READ, &some)) {
        check_expect_number(k, "features", wanted, some.count);
        for (size_t n = 0; n < some.count; n++) {
            check_expect_that(k, code_of(&some, n) >= DVD_READ, "001Fh and up, seen %04Xh",
                              code_of(&some, n));
        }
    }
    if (ask(k, ALL, FIRST_NONE, &some)) {
        check_expect_number(k, "features", 0, some.count);
    }
}

/* ---- lengths ---- */

/* One recorder failed on the header alone: what every host asks for first. */
static void header_alone(struct check *k, const struct check_row *row)
{
    struct features f;
    const unsigned request = row->value;

    if (!ask(k, request, 0, &f)) {
        return;
    }
    ask_configuration(k, request, 0, HEADER_BYTES);
    if (check_expect_reply(k, HEADER_BYTES)) {
        check_expect_number(k, "data length", f.total - LENGTH_BYTES, be32_get(k->in));
    }
}

static void cut(struct check *k, const struct check_row *row)
{
    uint8_t cdb[10] = {OP_GET_CONFIGURATION};
    struct features f;

    (void)row;
    if (ask(k, ALL, 0, &f)) {
        be16_put(cdb + 7, (uint16_t)f.total);
        check_cut_replies(k, cdb, sizeof(cdb), 7, 2, f.total);
    }
}

/* Those that are always there, and current then, and those that come and go with a disc. */
static void persistent_bits(struct check *k, const struct check_row *row)
{
    static const struct {
        uint16_t code;
        bool persistent;
    } features[] = {
        {0x0000, true}, {0x0001, true},  {0x0002, true},  {0x0003, true},  {0x0100, true},
        {0x0105, true}, {0x0010, false}, {0x001f, false}, {0x0106, false}, {0x0107, false},
    };
    struct features f;

    (void)row;
    if (!ask(k, ALL, 0, &f)) {
        return;
    }
    for (size_t i = 0; i < ROWS_OF(features); i++) {
        const size_t n = find(&f, features[i].code);

        if (n < f.count) {
            check_where(k, "feature %04Xh", features[i].code);
            check_expect_number(k, "persistent bit", features[i].persistent,
                                f.bytes[f.at[n] + 2] >> 1 & 1);
            if (features[i].persistent) {
                check_expect_number(k, "current bit", true, is_current(&f, n));
            }
        }
    }
}

/* ---- with others ---- */

/* Mechanism, eject and lock are told twice. */
static void removable_agrees(struct check *k, const struct check_row *row)
{
    struct features f;
    uint8_t removable;
    int page;
    size_t n;

    (void)row;
    if (!ask(k, ALL, 0, &f)) {
        return;
    }
    n = find(&f, REMOVABLE_MEDIUM);
    if (!check_expect_that(k, n < f.count && length_of(&f, n) > DESCRIPTOR_BYTES,
                           "feature 0003h in the list")) {
        return;
    }
    removable = f.bytes[f.at[n] + DESCRIPTOR_BYTES];
    check_expect_number(k, "Load bit", k->quirks.loader == LOADER_TRAY, removable >> 4 & 1);
    page = ask_lock_bits(k);
    if (page >= 0) {
        const unsigned both = PAGE_2A_MECHANISM | PAGE_2A_CAN_EJECT | PAGE_2A_CAN_LOCK;

        check_expect_number(k, "mechanism, eject and lock as in feature 0003h", removable & both,
                            (unsigned)page & both);
    }
}

/* Operation changes are announced only by a drive whose event status has the class. */
static void morphing_agrees(struct check *k, const struct check_row *row)
{
    struct features f;
    size_t n;
    bool announced;

    (void)row;
    if (!ask(k, ALL, 0, &f)) {
        return;
    }
    n = find(&f, MORPHING);
    if (!check_expect_that(k, n < f.count, "feature 0002h in the list")) {
        return;
    }
    announced = f.bytes[f.at[n] + 4] & 2;
    ask_event_status(k, 0, 8);
    if (check_expect(k, GOOD)) {
        check_expect_number(k, "class 1 supported", announced, k->in[3] >> 1 & 1);
    }
}

static void before_attention(struct check *k, const struct check_row *row)
{
    (void)row;
    if (check_login(k, 1)) {
        k->host = 1;
        ask_configuration(k, ALL, 0, HEADER_BYTES);
        check_expect_reply(k, HEADER_BYTES);
        ask_test_unit_ready(k);
        check_expect(k, POWER_ON);
    }
}

/* clang-format off */
#define HAS(word, code) {"configuration.has-" word, "mmc-spec 6.3", 0, has_feature, NULL, code}

static const struct check_row rows[] = {
    {"configuration.list-is-exact",      "mmc-spec 6.3",     0, list_is_exact, NULL, ALL},
    {"configuration.list-is-exact-type-1", "mmc-spec 6.3",   0, list_is_exact, NULL, CURRENT_ONLY},
    {"configuration.ascending",          "mmc-spec 6.3",     0, ascending, NULL, 0},
    {"configuration.lengths-of-4",       "windows-spec b.2", 0, multiples_of_4, NULL, 0},
    HAS("profile-list", 0x0000),
    HAS("core", 0x0001),
    HAS("morphing", 0x0002),
    HAS("removable-medium", 0x0003),
    HAS("random-readable", 0x0010),
    HAS("dvd-read", 0x001f),
    HAS("power-management", 0x0100),
    HAS("timeout", 0x0105),
    HAS("dvd-css", 0x0106),
    HAS("real-time-streaming", 0x0107),
    {"configuration.css-current",        "mmc-spec 9",       CHECK_CSS, css_feature, NULL, true},
    {"configuration.css-not-current-on-plain-disc", "mmc-spec 9", CHECK_NO_CSS, css_feature, NULL, false},
    {"configuration.css-not-current-without-disc", "mmc-spec 9", CHECK_EMPTY, css_feature, NULL, false},
    {"configuration.profile-dvd",        "mmc-spec 6.3",     CHECK_DVD, profile, NULL, HOST_PROFILE_DVD},
    {"configuration.profile-cd",         "mmc-spec 6.3",     CHECK_CD, profile, NULL, PROFILE_CD},
    {"configuration.css-not-current-with-cd", "mmc-spec 6.3", CHECK_CD, css_feature, NULL, false},
    {"configuration.profile-none",       "mmc-spec 6.3",     CHECK_EMPTY, profile, NULL, 0},
    {"configuration.profile-list-marks-it", "mmc-spec 6.3",  0, profile_list, NULL, 0},
    {"configuration.type-1",             "mmc-spec 6.3",     0, only_current, NULL, 0},
    {"configuration.type-2",             "windows-spec f",   0, one_feature, NULL, 0},
    {"configuration.type-2-unknown",     "mmc-spec 6.3",     0, one_that_is_not_there, NULL, 0},
    {"configuration.type-3-refused",     "mmc-spec 6.3",     0, reserved_type, NULL, 0},
    {"configuration.starting-feature",   "mmc-spec 6.3",     0, from_feature, NULL, 0},
    {"configuration.header-alone",       "mmc-spec 6.3",     0, header_alone, NULL, ALL},
    {"configuration.header-alone-type-1", "windows-spec b.5", 0, header_alone, NULL, CURRENT_ONLY},
    {"configuration.cut",                "mmc-spec 6.3",     0, cut, NULL, 0},
    {"configuration.persistent-bits",    "mmc-spec 6.3",     0, persistent_bits, NULL, 0},
    {"configuration.removable-agrees-with-page-2a", "mmc-spec 6.3", 0, removable_agrees, NULL, 0},
    {"configuration.morphing-agrees-with-events", "mmc-spec 6.3", 0, morphing_agrees, NULL, 0},
    {"configuration.before-unit-attention", "windows-spec b.3", CHECK_SESSIONS, before_attention, NULL, 0},
};
/* clang-format on */

const struct check_theme check_theme_configuration = {rows, ROWS_OF(rows)};
