/* SPDX-License-Identifier: GPL-2.0-only */
#include "replay_check.h"

#include "scsi/be.h"

#include <string.h>

#define BLOCK_BYTES       DISC_BLOCK_BYTES
#define HEADER_BYTES      4 /* of keys and structures */
#define FEATURES_AT       8
#define FEATURE_HEADER    4
#define CURRENT_BIT       0x01
#define MODE_SENSE_6      0x1a
#define PAGE_CAPABILITIES 0x2a
#define DVD_READ_BIT      0x08
#define EVENT_BYTES       8
#define CLASS_MEDIA       4
#define FIRST_SECTOR      0x30000u
#define STRUCTURE_BYTES   2052
#define SENSE_BYTES_MIN   14
#define SENSE_LENGTH_MIN  7 /* byte 7: less, and cdrom.sys loses the ASCQ */
#define FLAGS_AT          0x14
#define FLAGS_MARK        0x30

static uint32_t asked_lba(const struct replay_answer *a)
{
    return be32_get(a->cdb + 2);
}

/* ---- lengths and bytes ---- */

static const char *check_bytes(const struct replay_answer *a, const unsigned *arg)
{
    return a->result->in_bytes == arg[0] ? NULL : "another number of bytes came";
}

static const char *check_all(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    if (a->result->in_bytes != a->room) {
        return "not all bytes came that were asked for";
    }
    return a->result->residual == INITIATOR_NO_RESIDUAL ? NULL : "a residual";
}

static const char *check_length_field(const struct replay_answer *a, const unsigned *arg)
{
    return be16_get(a->in) == arg[0] ? NULL : "another length field";
}

static const char *check_whole(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    return be16_get(a->in) + 2u == a->result->in_bytes ? NULL
                                                       : "length field and bytes do not agree";
}

static const char *check_byte(const struct replay_answer *a, const unsigned *arg)
{
    if (arg[0] >= a->result->in_bytes) {
        return "no such byte came";
    }
    return a->in[arg[0]] == arg[1] ? NULL : "another byte";
}

static const char *check_bits(const struct replay_answer *a, const unsigned *arg)
{
    if (arg[0] >= a->result->in_bytes) {
        return "no such byte came";
    }
    return (a->in[arg[0]] & arg[1]) == arg[2] ? NULL : "other bits";
}

static const char *check_zero(const struct replay_answer *a, const unsigned *arg)
{
    if (arg[1] >= a->result->in_bytes) {
        return "no such byte came";
    }
    for (size_t i = arg[0]; i <= arg[1]; i++) {
        if (a->in[i]) {
            return "a reserved byte is not zero";
        }
    }
    return NULL;
}

/* ---- identity ---- */

static const char *check_optical(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    if (a->in[0] != 0x05 || !(a->in[1] & 0x80)) {
        return "no removable optical unit: cdrom.sys and sr would not take it";
    }
    if ((a->in[3] & 0x0f) != 2) {
        return "response data format is not 2";
    }
    return (a->in[5] & 0x30) == 0 ? NULL : "TPGS: hosts would send A3h as something else";
}

/* Names that WDS data.c gives a special treatment (windows-spec b.2). */
static const char *check_ordinary_name(const struct replay_answer *a, const unsigned *arg)
{
    static const char *const vendors[] = {"NEC", "PLEXTOR", "MSFT", "HL-DT-ST", "DEC"};

    (void)arg;
    for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
        if (memcmp(a->in + 8, vendors[i], strlen(vendors[i])) == 0) {
            return "a vendor that cdrom.sys knows as odd";
        }
    }
    return NULL;
}

/* ---- events: windows-spec b.3 ---- */

static const char *check_event_classes(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    if (a->result->in_bytes != 4 || be16_get(a->in) != 2 || !(a->in[2] & 0x80)) {
        return "not the header alone with NEA";
    }
    if (!(a->in[3] & 1u << CLASS_MEDIA)) {
        return "no media class: cdrom.sys would poll with TEST UNIT READY";
    }
    return a->in[3] == 1u << CLASS_MEDIA ? NULL : "more classes than that of media";
}

static const char *check_event(const struct replay_answer *a, const unsigned *arg)
{
    if (a->result->in_bytes != EVENT_BYTES) {
        return "not exactly 8 bytes: cdrom.sys would not look at them";
    }
    if (be16_get(a->in) < 6 || a->in[2] & 0x80) {
        return "no event slot";
    }
    if (!(a->cdb[4] >> (a->in[2] & 7) & 1)) {
        return "a class that was not asked for: cdrom.sys would switch events off";
    }
    return (a->in[4] & 0x0f) == arg[0] ? NULL : "another event";
}

/* ---- features, as DeviceFindFeaturePage walks them ---- */

static const char *check_feature_header(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    return be32_get(a->in) > 4 && be32_get(a->in) % 4 == 0
               ? NULL
               : "length field is not above 4 and a multiple of 4";
}

static const char *check_feature_list(const struct replay_answer *a, const unsigned *arg)
{
    const size_t bytes = a->result->in_bytes;
    size_t at = FEATURES_AT;

    (void)arg;
    if (be32_get(a->in) + 4 != bytes) {
        return "length field and bytes do not agree";
    }
    while (at + FEATURE_HEADER <= bytes) {
        if (a->in[at + 3] % 4) {
            return "an additional length that ends the search of cdrom.sys";
        }
        at += FEATURE_HEADER + a->in[at + 3];
    }
    return at == bytes ? NULL : "a feature that is cut short";
}

/* The descriptor of a feature, NULL: not listed, or not found as the driver would find it. */
static const uint8_t *find_feature(const struct replay_answer *a, unsigned code)
{
    const size_t bytes = a->result->in_bytes;

    for (size_t at = FEATURES_AT; at + FEATURE_HEADER <= bytes && a->in[at + 3] % 4 == 0;
         at += FEATURE_HEADER + a->in[at + 3]) {
        if (be16_get(a->in + at) == code) {
            return at + FEATURE_HEADER + a->in[at + 3] <= bytes ? a->in + at : NULL;
        }
    }
    return NULL;
}

static const char *check_listed(const struct replay_answer *a, const unsigned *arg)
{
    return find_feature(a, arg[0]) ? NULL : "the feature is not listed";
}

static const char *check_current(const struct replay_answer *a, const unsigned *arg)
{
    const uint8_t *feature = find_feature(a, arg[0]);

    return feature && feature[2] & CURRENT_BIT ? NULL : "the feature is not current";
}

static const char *check_not_current(const struct replay_answer *a, const unsigned *arg)
{
    const uint8_t *feature = find_feature(a, arg[0]);

    return !feature || !(feature[2] & CURRENT_BIT) ? NULL : "the feature is current";
}

static const char *check_one_feature(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    if (a->result->in_bytes != a->room) {
        return "not all of the feature came";
    }
    return be32_get(a->in) + 4 <= 12u + a->in[11] ? NULL : "more than one feature";
}

/* What makes a writer of a drive: mmc.c DeviceUpdateMmcWriteCapability (windows-spec b.2). */
static const char *check_read_only(const struct replay_answer *a, const unsigned *arg)
{
    static const unsigned features[] = {0x20, 0x21, 0x24, 0x26, 0x2b, 0x2c, 0x3b};
    static const unsigned profiles[] = {0x09, 0x0a, 0x11, 0x13};
    const uint8_t *list = find_feature(a, 0);

    (void)arg;
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        if (find_feature(a, features[i])) {
            return "a feature that writes";
        }
    }
    for (size_t at = 0; list && at < list[3]; at += 4) {
        for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
            if (be16_get(list + FEATURE_HEADER + at) == profiles[i]) {
                return "a profile that writes";
            }
        }
    }
    return NULL;
}

/* Current bits may move: in a feature's byte 2, and in byte 2 of each profile. */
static bool may_differ(const uint8_t *list, size_t bytes, size_t byte)
{
    const size_t profiles = FEATURES_AT + FEATURE_HEADER;

    if (byte == 6 || byte == 7) {
        return true; /* the current profile */
    }
    for (size_t at = FEATURES_AT; at + FEATURE_HEADER <= bytes;
         at += FEATURE_HEADER + list[at + 3]) {
        if (byte == at + 2) {
            return true;
        }
    }
    return byte > profiles && byte < profiles + list[FEATURES_AT + 3] && (byte - profiles) % 4 == 2;
}

static const char *check_same_features(const struct replay_answer *a, const unsigned *arg)
{
    const struct replay_host *host = a->host;

    (void)arg;
    if (host->features_bytes != a->result->in_bytes) {
        return "the list has another length than before";
    }
    for (size_t i = 0; i < host->features_bytes; i++) {
        const unsigned differs = host->features[i] ^ a->in[i];

        if (differs && !may_differ(host->features, host->features_bytes, i)) {
            return "the list has changed, and not in current bits";
        }
        if (differs & ~(unsigned)CURRENT_BIT && i != 7) {
            return "a feature has changed, and not in its current bit";
        }
    }
    return NULL;
}

static const char *check_not_longer(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    return be32_get(a->in) + 4 <= a->host->features_bytes
               ? NULL
               : "longer than the list at start: cdrom.sys would try again for ever";
}

/* ---- mode page, capacity, structures ---- */

/* Page 2Ah behind whatever block descriptors there are; NULL: not there. */
static const uint8_t *find_page(const struct replay_answer *a)
{
    const bool six = a->cdb[0] == MODE_SENSE_6;
    const size_t at = six ? 4u + a->in[3] : 8u + be16_get(a->in + 6);
    const bool there = at + 2 <= a->result->in_bytes && (a->in[at] & 0x3f) == PAGE_CAPABILITIES &&
                       at + 2 <= a->room;

    return there ? a->in + at : NULL;
}

static const char *check_page_2a(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    return find_page(a) ? NULL : "no page 2Ah where the header puts it";
}

static const char *check_dvd_read(const struct replay_answer *a, const unsigned *arg)
{
    const uint8_t *page = find_page(a);

    (void)arg;
    return page && page + 2 < a->in + a->result->in_bytes && page[2] & DVD_READ_BIT
               ? NULL
               : "Linux would not take it for a DVD drive";
}

static const char *check_block_length(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    return be32_get(a->in + 4) == BLOCK_BYTES ? NULL : "the block length is not 2048";
}

static const char *check_sectors(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    if (be16_get(a->in) != STRUCTURE_BYTES - 2) {
        return "the length field is not that of 2052 bytes";
    }
    if (be32_get(a->in + 8) != FIRST_SECTOR) {
        return "the data does not begin at 030000h";
    }
    return be32_get(a->in + 12) == FIRST_SECTOR + a->host->last_lba
               ? NULL
               : "end sector and capacity do not agree";
}

static const char *check_css_disc(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    if (be16_get(a->in) != 6 || a->result->in_bytes != 8) {
        return "not the eight bytes of a copyright structure";
    }
    if (a->in[4] != DISC_CSS) {
        return "no CSS disc";
    }
    return a->in[5] == a->host->css_disc->rmi ? NULL : "other regions than those of the disc";
}

/* ---- regions ---- */

static const char *check_region(const struct replay_answer *a, const unsigned *arg)
{
    const unsigned type = a->in[4] >> 6;

    if (a->in[6] != 1) {
        return "the scheme is not 1: cdrom.sys would refuse GET_REGION";
    }
    if (a->in[5] != arg[0] || a->in[4] % 8u != arg[1]) {
        return "another mask, or another number of changes left";
    }
    return (arg[0] == 0xff) == (type == 0) ? NULL : "type and mask do not agree";
}

/* b.4: what makes cdrom.sys pick a region by itself. */
static const char *check_region_free(const struct replay_answer *a, const unsigned *arg)
{
    (void)arg;
    return a->in[4] >> 6 == 0 && a->in[5] == 0xff && a->in[4] % 8 > 1
               ? NULL
               : "cdrom.sys would not pick a region now";
}

/* ---- keys and sectors ---- */

static const char *check_asf(const struct replay_answer *a, const unsigned *arg)
{
    return a->in[7] == arg[0] ? NULL : "another ASF";
}

static const char *check_disc_key(const struct replay_answer *a, const unsigned *arg)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];

    (void)arg;
    memcpy(block, a->in + HEADER_BYTES, sizeof(block));
    host_css_clear(block, sizeof(block), a->host->bus_key);
    return host_css_check_entry(block, a->host->css_disc->disc_key.b)
               ? NULL
               : "under this bus key there is no disc key of this disc";
}

/* The title key of an answer, in clear. */
static void open_title_key(const struct replay_answer *a, uint8_t key[static HOST_CSS_KEY_BYTES])
{
    uint8_t wrapped[HOST_CSS_KEY_BYTES];

    memcpy(wrapped, a->in + HEADER_BYTES + 1, sizeof(wrapped));
    host_css_clear(wrapped, sizeof(wrapped), a->host->bus_key);
    host_css_title_key(a->host->css_disc->disc_key.b, wrapped, key);
}

static const char *check_title_key(const struct replay_answer *a, const unsigned *arg)
{
    const struct disc_title_key *wanted = disc_title_key_at(a->host->css_disc, asked_lba(a));
    uint8_t key[HOST_CSS_KEY_BYTES];

    (void)arg;
    if (a->in[HEADER_BYTES] != disc_cpr_mai(a->host->css_disc, asked_lba(a))) {
        return "another CPR_MAI than that of the disc";
    }
    open_title_key(a, key);
    return wanted && memcmp(key, wanted->clear.b, sizeof(key)) == 0
               ? NULL
               : "another title key than that of the disc";
}

/* The block as the image has it; false: it cannot be read. */
static bool read_image(const struct replay_answer *a, uint8_t block[static BLOCK_BYTES])
{
    struct medium *medium = a->host->css_disc->medium;

    return medium->ops->read(medium, (uint64_t)asked_lba(a) * BLOCK_BYTES, block, BLOCK_BYTES,
                             true) == MEDIUM_OK;
}

static const char *check_plain(const struct replay_answer *a, const unsigned *arg)
{
    uint8_t plain[BLOCK_BYTES];

    (void)arg;
    return read_image(a, plain) && memcmp(a->in, plain, sizeof(plain)) == 0
               ? NULL
               : "the block differs from that of the image";
}

static const char *check_scrambled(const struct replay_answer *a, const unsigned *arg)
{
    uint8_t got[BLOCK_BYTES], plain[BLOCK_BYTES];

    (void)arg;
    if (!read_image(a, plain)) {
        return "the image cannot be read";
    }
    memcpy(got, a->in, sizeof(got));
    got[FLAGS_AT] &= (uint8_t)~FLAGS_MARK;
    if (memcmp(got, plain, sizeof(got)) == 0) {
        return "the block came in clear";
    }
    host_css_descramble(got, a->host->title_key);
    return memcmp(got, plain, sizeof(got)) == 0
               ? NULL
               : "descrambled with the title key it differs from the image";
}

/* clang-format off */
const struct replay_check replay_checks[] = {
    {"bytes",         "d",   0, check_bytes,         "that many bytes, and a residual that says so"},
    {"all",           "",    0, check_all,           "all bytes that were asked for"},
    {"length-field",  "d",   2, check_length_field,  "bytes 0-1 say that"},
    {"whole",         "",    2, check_whole,         "bytes 0-1 count what came behind them"},
    {"byte",          "dx",  0, check_byte,          "byte at, value"},
    {"bits",          "dxx", 0, check_bits,          "byte at, mask, value"},
    {"zero",          "dd",  0, check_zero,          "bytes from, to are 00h"},
    {"optical",       "",   36, check_optical,       "INQUIRY: type 05h, removable, format 2, no TPGS"},
    {"ordinary-name", "",   36, check_ordinary_name, "INQUIRY: no vendor that cdrom.sys knows as odd"},
    {"event-classes", "",    4, check_event_classes, "NEA and the media class"},
    {"event",         "d",   0, check_event,         "8 bytes, of a class asked for, with that event"},
    {"feature-header", "",   8, check_feature_header, "length field above 4, multiple of 4"},
    {"feature-list",  "",    8, check_feature_list,  "additional lengths multiples of 4, to the last byte"},
    {"one-feature",   "",   12, check_one_feature,   "one feature and no more"},
    {"listed",        "x",   8, check_listed,        "found as cdrom.sys looks for it"},
    {"current",       "x",   8, check_current,       "found, and current"},
    {"not-current",   "x",   8, check_not_current,   "not listed, or not current"},
    {"read-only",     "",   16, check_read_only,     "no feature, no profile of a writer"},
    {"same-features", "",    8, check_same_features, "the list that was kept, but for current bits"},
    {"not-longer",    "",    8, check_not_longer,    "no more bytes than in the list that was kept"},
    {"page-2a",       "",    8, check_page_2a,       "MODE SENSE: the page behind the block descriptors"},
    {"dvd-read",      "",    8, check_dvd_read,      "page 2Ah: DVD-ROM read"},
    {"block-length",  "",    8, check_block_length,  "READ CAPACITY: 2048"},
    {"sectors",       "",   16, check_sectors,       "physical structure: 2052 bytes, ends with the capacity kept"},
    {"css-disc",      "",    8, check_css_disc,      "copyright structure of this CSS disc"},
    {"region",        "xd",  8, check_region,        "RPC state: scheme 1, that mask, changes left"},
    {"region-free",   "",    8, check_region_free,   "RPC state: none set, more than one change left"},
    {"asf",           "d",   8, check_asf,           "authentication success flag"},
    {"disc-key",      "", 2052, check_disc_key,      "under the bus key, the disc key of this disc"},
    {"title-key",     "",   12, check_title_key,     "under the bus key, CPR_MAI and title key of this block"},
    {"plain",         "", 2048, check_plain,         "the block of the image"},
    {"scrambled",     "", 2048, check_scrambled,     "the block of the image once the kept title key is used"},
    {NULL, NULL, 0, NULL, NULL},
};
/* clang-format on */

const char *replay_run_check(const struct replay_check *check, const struct replay_answer *a,
                             const unsigned *arg)
{
    return a->result->in_bytes < check->in_bytes_min ? "too few bytes came" : check->fn(a, arg);
}

/* ---- what a host keeps ---- */

static const char *keep_agid(struct replay_host *host, const struct replay_answer *a)
{
    host->agid = a->in[7] >> 6;
    return NULL;
}

static const char *keep_key1(struct replay_host *host, const struct replay_answer *a)
{
    memcpy(host->key1, a->in + HEADER_BYTES, sizeof(host->key1));
    host->variant = host_css_find_variant(host->challenge, host->key1);
    return host->variant == REPLAY_NO_VARIANT ? "no genuine drive gives this KEY1" : NULL;
}

static const char *keep_challenge(struct replay_host *host, const struct replay_answer *a)
{
    if (host->variant == REPLAY_NO_VARIANT) {
        return "a challenge before any KEY1";
    }
    host_css_key2((unsigned)host->variant, a->in + HEADER_BYTES, host->key2);
    host_css_bus_key((unsigned)host->variant, host->key1, host->key2, host->bus_key);
    return NULL;
}

static const char *keep_title_key(struct replay_host *host, const struct replay_answer *a)
{
    open_title_key(a, host->title_key);
    return NULL;
}

static const char *keep_length(struct replay_host *host, const struct replay_answer *a)
{
    const uint32_t bytes = be32_get(a->in);

    if (bytes > REPLAY_FEATURES_BYTES - 4) {
        return "no list of features is that long";
    }
    host->length_bytes = bytes + 4;
    return NULL;
}

/* `12 00 00 00 nn 00`: byte 4 of standard data counts what is behind it */
static const char *keep_inquiry_length(struct replay_host *host, const struct replay_answer *a)
{
    host->length_bytes = a->in[4] + 5u;
    return NULL;
}

static const char *keep_features(struct replay_host *host, const struct replay_answer *a)
{
    if (a->result->in_bytes > sizeof(host->features)) {
        return "no list of features is that long";
    }
    memcpy(host->features, a->in, a->result->in_bytes);
    host->features_bytes = a->result->in_bytes;
    return NULL;
}

static const char *keep_capacity(struct replay_host *host, const struct replay_answer *a)
{
    host->last_lba = be32_get(a->in);
    return NULL;
}

const struct replay_keep replay_keeps[] = {
    {"agid", 8, keep_agid},
    {"key1", 12, keep_key1},
    {"challenge", 16, keep_challenge},
    {"title-key", 12, keep_title_key},
    {"length", 4, keep_length},
    {"inquiry-length", 5, keep_inquiry_length},
    {"features", 8, keep_features},
    {"capacity", 8, keep_capacity},
    {NULL, 0, NULL},
};

/* ---- every answer ---- */

static const char *judge_sense(const struct initiator_result *r)
{
    if (r->status == 0) {
        return NULL;
    }
    if (r->sense_bytes < SENSE_BYTES_MIN) {
        return "sense of less than 14 bytes";
    }
    if (r->sense[0] != 0x70 && r->sense[0] != 0xf0) {
        return "sense that is not current and fixed: cdrom.sys would misread it";
    }
    if (r->sense[7] < SENSE_LENGTH_MIN) {
        return "an additional length below 7: cdrom.sys would lose the ASCQ";
    }
    return r->sense_bytes < 8u + r->sense[7] ? "sense shorter than it says" : NULL;
}

static bool is_event_command(uint8_t opcode)
{
    return opcode == 0x46 || opcode == 0x4a;
}

const char *replay_check_always(const struct replay_answer *a, int64_t took_ms)
{
    const struct initiator_result *r = a->result;
    const struct replay_host_kind *kind = a->host->kind;
    const char *wrong = judge_sense(r);

    if (wrong) {
        return wrong;
    }
    if (r->residual == INITIATOR_OVERFLOW) {
        return "an overflow: a port driver may call it an error";
    }
    if (r->status == 0 && a->room - r->in_bytes != r->residual_bytes) {
        return "the residual is not what is missing";
    }
    return took_ms > (is_event_command(a->cdb[0]) ? kind->event_deadline_ms : kind->deadline_ms)
               ? "too late for this host"
               : NULL;
}
