/* SPDX-License-Identifier: GPL-2.0-only */
#include "css.h"
#include "css_keystream.h"
#include "css_tables.h"

/* css-spec 10 */
#define SEED_OFFSET    0x54
#define PAYLOAD_OFFSET 0x80
#define PAYLOAD_BYTES  (CSS_SECTOR_BYTES - PAYLOAD_OFFSET)

/* The stream of one sector: its title key, made different by five of its clear bytes. */
static void make_stream(const struct css_sector *sector, uint8_t out[static PAYLOAD_BYTES])
{
    struct css_keystream stream;
    uint8_t key[CSS_KEY_BYTES];

    for (size_t i = 0; i < CSS_KEY_BYTES; i++) {
        key[i] = sector->key->b[i] ^ sector->data[SEED_OFFSET + i];
    }
    stream = css_keystream_start(CSS_STREAM_SECTOR, key);
    css_keystream_bytes(&stream, out, PAYLOAD_BYTES);
}

static void scramble(const struct css_sector *sectors, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        uint8_t *payload = sectors[n].data + PAYLOAD_OFFSET, stream[PAYLOAD_BYTES];

        make_stream(&sectors[n], stream);
        for (size_t i = 0; i < PAYLOAD_BYTES; i++) {
            payload[i] = css_s_inv[payload[i] ^ stream[i]];
        }
    }
}

static void descramble(const struct css_sector *sectors, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        uint8_t *payload = sectors[n].data + PAYLOAD_OFFSET, stream[PAYLOAD_BYTES];

        make_stream(&sectors[n], stream);
        for (size_t i = 0; i < PAYLOAD_BYTES; i++) {
            payload[i] = css_s[payload[i]] ^ stream[i];
        }
    }
}

const struct css_kernel css_kernel_portable = {"portable", scramble, descramble};
