/* SPDX-License-Identifier: GPL-2.0-only */
#include "css.h"
#include "css_keystream.h"
#include "css_tables.h"

#include <string.h>

#define LAST (CSS_KEY_BYTES - 1)

/* dec of css-spec 8: two passes down the bytes, the first one closing into a ring. */
static void decrypt(enum css_stream_use use, const uint8_t key[static CSS_KEY_BYTES],
                    const uint8_t in[static CSS_KEY_BYTES], uint8_t out[static CSS_KEY_BYTES])
{
    struct css_keystream stream = css_keystream_start(use, key);
    uint8_t k[CSS_KEY_BYTES], t[CSS_KEY_BYTES];

    css_keystream_bytes(&stream, k, sizeof(k));
    for (size_t i = LAST; i > 0; i--) {
        t[i] = k[i] ^ css_s[in[i]] ^ in[i - 1];
    }
    t[0] = k[0] ^ css_s[in[0]] ^ t[LAST];
    for (size_t i = LAST; i > 0; i--) {
        out[i] = k[i] ^ css_s[t[i]] ^ t[i - 1];
    }
    out[0] = k[0] ^ css_s[t[0]];
}

/* enc of css-spec 8: the exact inverse, so two passes up. */
static void encrypt(enum css_stream_use use, const uint8_t key[static CSS_KEY_BYTES],
                    const uint8_t in[static CSS_KEY_BYTES], uint8_t out[static CSS_KEY_BYTES])
{
    struct css_keystream stream = css_keystream_start(use, key);
    uint8_t k[CSS_KEY_BYTES], t[CSS_KEY_BYTES];

    css_keystream_bytes(&stream, k, sizeof(k));
    t[0] = css_s_inv[in[0] ^ k[0]];
    for (size_t i = 1; i <= LAST; i++) {
        t[i] = css_s_inv[in[i] ^ k[i] ^ t[i - 1]];
    }
    out[0] = css_s_inv[t[0] ^ k[0] ^ t[LAST]];
    for (size_t i = 1; i <= LAST; i++) {
        out[i] = css_s_inv[t[i] ^ k[i] ^ out[i - 1]];
    }
}

css_wrapped_disc_key css_wrap_disc_key(const css_player_key *player, const css_disc_key *disc)
{
    css_wrapped_disc_key slot;

    encrypt(CSS_STREAM_DISC_KEY, player->b, disc->b, slot.b);
    return slot;
}

css_disc_key css_unwrap_disc_key(const css_player_key *player, const css_wrapped_disc_key *slot)
{
    css_disc_key disc;

    decrypt(CSS_STREAM_DISC_KEY, player->b, slot->b, disc.b);
    return disc;
}

css_wrapped_disc_key css_check_entry(const css_disc_key *disc)
{
    css_wrapped_disc_key entry;

    encrypt(CSS_STREAM_DISC_KEY, disc->b, disc->b, entry.b);
    return entry;
}

bool css_check_entry_accepts(const css_wrapped_disc_key *entry, const css_disc_key *disc)
{
    uint8_t plain[CSS_KEY_BYTES];

    decrypt(CSS_STREAM_DISC_KEY, disc->b, entry->b, plain);
    return memcmp(plain, disc->b, sizeof(plain)) == 0;
}

css_wrapped_title_key css_wrap_title_key(const css_disc_key *disc, const css_title_key *title)
{
    css_wrapped_title_key wrapped;

    encrypt(CSS_STREAM_TITLE_KEY, disc->b, title->b, wrapped.b);
    return wrapped;
}

css_title_key css_unwrap_title_key(const css_disc_key *disc, const css_wrapped_title_key *wrapped)
{
    css_title_key title;

    decrypt(CSS_STREAM_TITLE_KEY, disc->b, wrapped->b, title.b);
    return title;
}

void css_disc_key_block(uint8_t out[static CSS_DISC_BLOCK_BYTES], const css_disc_key *disc,
                        const css_player_key players[static CSS_SLOTS])
{
    const css_wrapped_disc_key check = css_check_entry(disc);
    uint8_t *entry = out;

    memcpy(entry, check.b, CSS_KEY_BYTES);
    for (size_t i = 0; i < CSS_SLOTS; i++) {
        const css_wrapped_disc_key slot = css_wrap_disc_key(&players[i], disc);

        entry += CSS_KEY_BYTES;
        memcpy(entry, slot.b, CSS_KEY_BYTES);
    }
    entry += CSS_KEY_BYTES;
    memset(entry, 0, (size_t)(out + CSS_DISC_BLOCK_BYTES - entry));
}
