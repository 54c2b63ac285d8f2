/* SPDX-License-Identifier: GPL-2.0-only */
/* IOCTL_DVD_READ_STRUCTURE (windows-spec a.6). */
#include "key_buffer.h"
#include "scsi/be.h"
#include "wintest.h"

#include <inttypes.h>
#include <string.h>

#define HEADER_BYTES     4
#define LAYER_BYTES      24 /* header, descriptor, and up to a multiple of 8 */
#define BCA_ROOM         192
#define STRUCTURE_BYTES  2052
#define FIRST_DATA_BLOCK 0x030000

struct structure {
    const char *name;
    uint32_t format;
    uint8_t layer;
    uint32_t room;
    uint16_t length;    /* wanted length field; 0: any */
    bool wine_headless; /* Wine leaves the header out */
    bool optional;      /* a disc need not have it */
    /* what is found in the data behind the header; judges and ends the step */
    void (*judge)(struct wintest *t, const uint8_t *data, uint32_t bytes);
};

static void judge_copyright(struct wintest *t, const uint8_t *data, uint32_t bytes)
{
    (void)bytes;
    t->known.css = data[0] == 1;
    t->known.disc_regions = data[1];
    step_judge(t->report, expectation_met(t->expected, EXPECTED_REGIONS, data + 1, 1),
               "protection %u%s, forbidden regions %02Xh", data[0], t->known.css ? " (CSS)" : "",
               data[1]);
}

/* Sector numbers come in host order. Wine turns around what Linux has turned around already. */
static uint32_t sector_number(const struct wintest *t, const uint8_t *at)
{
    return t->options->wine ? be32_get(at) : le32_get(at);
}

static void judge_physical(struct wintest *t, const uint8_t *data, uint32_t bytes)
{
    const uint32_t first = sector_number(t, data + 4), last = sector_number(t, data + 8);
    const unsigned layers = 1 + (data[2] >> 5 & 3);
    const bool right_size =
        t->known.blocks == 0 || layers > 1 || last - first + 1 == t->known.blocks;

    (void)bytes;
    step_judge(t->report, first == FIRST_DATA_BLOCK && last > first && right_size,
               "%u layer%s, sectors %06" PRIX32 "h to %06" PRIX32 "h", layers,
               layers > 1 ? "s" : "", first, last);
}

static void judge_any(struct wintest *t, const uint8_t *data, uint32_t bytes)
{
    (void)data;
    step_pass(t->report, "%" PRIu32 " bytes", bytes);
}

/* clang-format off */
static const struct structure structures[] = {
    {"copyright",       STRUCTURE_COPYRIGHT,    0, 8,               6,      true,  false, judge_copyright},
    {"physical",        STRUCTURE_PHYSICAL,     0, LAYER_BYTES,     0x0802, false, false, judge_physical},
    {"physical-layer1", STRUCTURE_PHYSICAL,     1, LAYER_BYTES,     0x0802, false, true,  judge_physical},
    {"manufacturer",    STRUCTURE_MANUFACTURING, 0, STRUCTURE_BYTES, 0x0802, false, false, judge_any},
    {"bca",             STRUCTURE_BCA,          0, BCA_ROOM,        0,      true,  true,  judge_any},
};
/* clang-format on */

/* A structure that is not on the disc is a field that the drive does not know: 05/24/00. */
static bool is_not_there(const struct wintest *t, const struct call_result *result)
{
    return result->status == NT_INVALID_DEVICE_REQUEST ||
           (t->options->wine && !call_is_good(result));
}

static void judge(struct wintest *t, const struct structure *row, const uint8_t *reply,
                  const struct call_result *result)
{
    const bool headless = t->options->wine && row->wine_headless;
    /* Wine counts no header in what it returns */
    const uint32_t least = t->options->wine ? 0 : HEADER_BYTES + 4;

    if (result->bytes < least) {
        step_fail(t->report, "only %" PRIu32 " bytes returned", result->bytes);
    } else if (!headless && row->length && le16_get(reply) != row->length) {
        step_fail(t->report, "length field %04Xh in host order, wanted %04Xh", le16_get(reply),
                  row->length);
    } else {
        row->judge(t, reply + (headless ? 0 : HEADER_BYTES), result->bytes);
    }
}

void wintest_structures(struct wintest *t)
{
    const struct dvd_session s = wintest_session(t);

    for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]); i++) {
        const struct structure *row = &structures[i];
        struct call_result result;

        step_begin(t->report, row->name);
        memset(t->room, 0, STRUCTURE_BYTES);
        result = dvd_read_structure(&s, row->format, row->layer, t->room, row->room);
        if (row->optional && is_not_there(t, &result)) {
            step_pass(t->report, "not there");
        } else if (step_called(t->report, &result, STEP_ANY_BYTES)) {
            judge(t, row, t->room, &result);
        }
    }
}
