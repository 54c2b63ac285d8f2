/* SPDX-License-Identifier: GPL-2.0-only */
#include "sense_verdict.h"

#include "windows_codes.h"

#define ANY 0xff

/* Bytes of fixed-format sense. */
#define KEY_AT               2
#define ADDITIONAL_AT        7
#define ASC_AT               12
#define ASCQ_AT              13
#define HEADER_BYTES         8
#define ADDITIONAL_WITH_ASC  6
#define ADDITIONAL_WITH_ASCQ 7

/* The first row that fits is it. */
/* clang-format off */
static const struct row {
    uint8_t key, asc, ascq;
    struct sense_verdict becomes;
} rows[] = {
    {ANY, 0x6f, 0x00, {NT_CSS_AUTHENTICATION_FAILURE, false}},
    {ANY, 0x6f, 0x01, {NT_CSS_KEY_NOT_PRESENT,        false}},
    {ANY, 0x6f, 0x02, {NT_CSS_KEY_NOT_ESTABLISHED,    false}},
    {ANY, 0x6f, 0x03, {NT_CSS_SCRAMBLED_SECTOR,       false}},
    {ANY, 0x6f, 0x04, {NT_CSS_REGION_MISMATCH,        false}},
    {ANY, 0x6f, 0x05, {NT_CSS_RESETS_EXHAUSTED,       false}},
    {ANY, 0x6f, ANY,  {NT_COPY_PROTECTION_FAILURE,    false}},
    {ANY, 0x24, ANY,  {NT_INVALID_DEVICE_REQUEST,     false}},
    {ANY, 0x21, ANY,  {NT_NONEXISTENT_SECTOR,         false}},
    {ANY, 0x25, ANY,  {NT_NO_SUCH_DEVICE,             false}},
    {ANY, 0x3a, ANY,  {NT_NO_MEDIA,                   false}},
    {ANY, 0x30, 0x01, {NT_UNRECOGNIZED_MEDIA,         false}},
    {ANY, 0x30, 0x02, {NT_UNRECOGNIZED_MEDIA,         false}},
    {ANY, 0x04, 0x03, {NT_NO_MEDIA,                   false}},
    {ANY, 0x04, 0x04, {NT_DEVICE_NOT_READY,           false}},
    {ANY, 0x04, ANY,  {NT_DEVICE_NOT_READY,           true}},
    {ANY, 0x28, ANY,  {NT_VERIFY_REQUIRED,            true}},
    {0x2, ANY,  ANY,  {NT_DEVICE_NOT_READY,           true}},
    {0x3, ANY,  ANY,  {NT_DEVICE_DATA_ERROR,          false}},
    {0x4, ANY,  ANY,  {NT_IO_DEVICE_ERROR,            true}},
    {0x5, ANY,  ANY,  {NT_INVALID_DEVICE_REQUEST,     false}},
    {0x6, ANY,  ANY,  {NT_VERIFY_REQUIRED,            true}},
    {0x7, ANY,  ANY,  {NT_WRITE_PROTECTED,            false}},
    {ANY, ANY,  ANY,  {NT_IO_DEVICE_ERROR,            true}},
};
/* clang-format on */

static bool fits(uint8_t wanted, uint32_t value)
{
    return wanted == ANY || wanted == (value & 0xff);
}

struct sense_verdict sense_verdict(uint32_t sense_code)
{
    const struct row *row = rows;

    /* the last row takes everything */
    while (!fits(row->key, sense_code >> 16) || !fits(row->asc, sense_code >> 8) ||
           !fits(row->ascq, sense_code)) {
        row++;
    }
    return row->becomes;
}

uint32_t sense_code_read(const uint8_t *sense, size_t bytes)
{
    const uint8_t additional = bytes >= HEADER_BYTES ? sense[ADDITIONAL_AT] : 0;
    uint8_t asc = 0, ascq = 0;

    if (bytes <= KEY_AT) {
        return 0;
    }
    if (additional >= ADDITIONAL_WITH_ASC && bytes > ASC_AT) {
        asc = sense[ASC_AT];
    }
    if (additional >= ADDITIONAL_WITH_ASCQ && bytes > ASCQ_AT) {
        ascq = sense[ASCQ_AT];
    }
    return SENSE_CODE(sense[KEY_AT] & 0x0f, asc, ascq);
}
