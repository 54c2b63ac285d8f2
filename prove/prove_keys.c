/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * css/css_auth.c and css/css_keys.c. Assumed: nothing but the size of each type: any challenge, any
 * key, any variant. Data under a bus key has 0 to XOR_MAX bytes, or is a disc-key structure, in an
 * array of exactly that many, elsewhere or in place.
 */
#include "prove.h"

#include "css/css.h"

#define XOR_MAX 32

/* A result is a value: whether all of it was written is asked when it is there. */
static void written(const uint8_t *key)
{
    //@ check \initialized(&key[0 .. CSS_KEY_BYTES - 1]);
    (void)key;
}

static void answers(void)
{
    const unsigned variant = any_u32();
    css_challenge challenge;
    css_key1 key1;
    css_key2 key2;
    css_bus_key bus;

    any_bytes(&challenge, sizeof(challenge));
    key1 = css_make_key1(variant, &challenge);
    key2 = css_make_key2(variant, &challenge);
    written(key1.b);
    written(key2.b);
    any_bytes(&key1, sizeof(key1));
    any_bytes(&key2, sizeof(key2));
    bus = css_make_bus_key(variant, &key1, &key2);
    written(bus.b);
}

static void compare(void)
{
    css_key2 a, b;

    any_bytes(&a, sizeof(a));
    any_bytes(&b, sizeof(b));
    (void)css_key2_equal(&a, &b);
    (void)css_key2_equal(&a, &a);
}

static void obfuscate(void)
{
    uint8_t plain[CSS_DISC_BLOCK_BYTES], out[CSS_DISC_BLOCK_BYTES];
    css_bus_key bus;

    any_bytes(&bus, sizeof(bus));
    any_bytes(plain, sizeof(plain));
    for (size_t bytes = 0; bytes <= XOR_MAX; bytes++) {
        css_bus_xor(out + CSS_DISC_BLOCK_BYTES - bytes, plain + CSS_DISC_BLOCK_BYTES - bytes, bytes,
                    &bus);
    }
    css_bus_xor(out, plain, sizeof(out), &bus);
    //@ check \initialized(&out[0 .. CSS_DISC_BLOCK_BYTES - 1]);
    css_bus_xor(plain, plain, sizeof(plain), &bus);
}

static void wrap(void)
{
    css_player_key player;
    css_disc_key disc;
    css_title_key title;
    css_wrapped_disc_key entry;
    css_wrapped_title_key stored;

    any_bytes(&player, sizeof(player));
    any_bytes(&disc, sizeof(disc));
    any_bytes(&title, sizeof(title));
    any_bytes(&entry, sizeof(entry));
    any_bytes(&stored, sizeof(stored));
    (void)css_check_entry_accepts(&entry, &disc);
    disc = css_unwrap_disc_key(&player, &entry);
    written(disc.b);
    title = css_unwrap_title_key(&disc, &stored);
    written(title.b);
    entry = css_wrap_disc_key(&player, &disc);
    written(entry.b);
    entry = css_check_entry(&disc);
    written(entry.b);
    stored = css_wrap_title_key(&disc, &title);
    written(stored.b);
}

static void disc_key_block(void)
{
    css_player_key players[CSS_SLOTS];
    uint8_t block[CSS_DISC_BLOCK_BYTES];
    css_disc_key disc;

    any_bytes(players, sizeof(players));
    any_bytes(&disc, sizeof(disc));
    css_disc_key_block(block, &disc, players);
    //@ check \initialized(&block[0 .. CSS_DISC_BLOCK_BYTES - 1]);
}

int main(void)
{
    answers();
    compare();
    obfuscate();
    wrap();
    disc_key_block();
    return 0;
}
