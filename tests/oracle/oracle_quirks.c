/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of docs/spec/quirks.md and their values. */
#include "oracle_turn.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BYTES_MAX 32
#define RPC_FACTORY    0 /* ORACLE_RPC_INITIAL: else 10000h + RRMM */
#define RPC_GIVEN      0x10000u
#define READY_MS_MAX   60000
#define AGID_COUNT_MAX ORACLE_SLOTS
#define VARIANTS       32

/* clang-format off */
const struct oracle_quirk_row oracle_quirk_rows[ORACLE_QUIRKS] = {
    [ORACLE_AGID_COUNT]           = {"agid_count",           "4 1 2 3"},
    [ORACLE_AGID_ORDER]           = {"agid_order",           "lowest highest"},
    [ORACLE_AGID_FIELD]           = {"agid_field",           "checked ignored"},
    [ORACLE_AGID_EXHAUSTED]       = {"agid_exhausted",       "5500 2C00 2C00_invalidate reuse 6F01_invalidate reuse_then_6F01 sense0"},
    [ORACLE_AGID_UNGRANTED]       = {"agid_ungranted",       "2400 2C00 ignore"},
    [ORACLE_INVALIDATE_UNGRANTED] = {"invalidate_ungranted", "good 2400"},
    [ORACLE_OUT_OF_ORDER_RESETS]  = {"out_of_order_resets",  "no granted free"},
    [ORACLE_REPEAT_REPLY]         = {"repeat_reply",         "repeat reject"},
    [ORACLE_BAD_KEY2_AGID]        = {"bad_key2_agid",        "free stay"},
    [ORACLE_VARIANT]              = {"variant",              "random fixed:0 fixed:7 fixed:31"},
    [ORACLE_RNG_SEED]             = {"rng_seed",             "none 1 4711"},
    [ORACLE_ASF_SET]              = {"asf_set",              "key_transfer key2 disc_key"},
    [ORACLE_ASF_ON_BAD_KEY2]      = {"asf_on_bad_key2",      "clear keep"},
    [ORACLE_ASF_ON_REGION_MISMATCH] = {"asf_on_region_mismatch", "set clear"},
    [ORACLE_ASF_ALWAYS]           = {"asf_always",           "0 1"},
    [ORACLE_TITLE_REQUIRES_ASF]   = {"title_requires_asf",   "no yes"},
    [ORACLE_FIRST_TITLE_KEY_PLAIN] = {"first_title_key_plain", "no yes"},
    [ORACLE_TITLE_KEY_UNPROTECTED] = {"title_key_unprotected", "6F01 zeros nearest"},
    [ORACLE_TITLE_FAILED_AGID]    = {"title_failed_agid",    "stay free"},
    [ORACLE_NON_CSS]              = {"non_css",              "allow_6F01 3002_at_agid 6F01_at_key1 zero_title_key sense0_at_agid"},
    [ORACLE_REGION_TITLE_SENSE]   = {"region_title_sense",   "6F04 6F01"},
    [ORACLE_REGION_READ]          = {"region_read",          "allow refuse"},
    [ORACLE_CMI_FORMAT_05]        = {"cmi_format_05",        "yes no"},
    [ORACLE_SPINDOWN_DROPS_AGIDS] = {"spindown_drops_agids", "no yes"},
    [ORACLE_RELEASE_ON_LAST_NEXUS_LOSS] = {"release_on_last_nexus_loss", "no yes"},
    [ORACLE_RPC_SCHEME]           = {"rpc_scheme",           "1 0"},
    [ORACLE_RPC_INITIAL]          = {"rpc_initial",          "factory 64FE A1FD E0FB 6400"},
    [ORACLE_RPC_SAME_REGION]      = {"rpc_same_region",      "free counts"},
    [ORACLE_RPC_STORAGE]          = {"rpc_storage",          "file memory"},
    [ORACLE_LOADER]               = {"loader",               "tray slim"},
    [ORACLE_READY_MS]             = {"ready_ms",             "0 1 750"},
    [ORACLE_SPEED]                = {"speed",                "instant real"},
};
/* clang-format on */

/* ---- values that are no words ---- */

/* A number without sign or anything behind it. */
static bool number(const char *text, int base, unsigned long most, uint32_t *out)
{
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
    unsigned long value;

    if (!*text || text[strspn(text, digits)] || strlen(text) > 10) {
        return false;
    }
    value = strtoul(text, NULL, base);
    *out = (uint32_t)value;
    return value <= most;
}

static bool agid_count(const char *text, uint32_t *out)
{
    return number(text, 10, AGID_COUNT_MAX, out) && *out;
}

/* 0: random; else one more than the variant. */
static bool variant(const char *text, uint32_t *out)
{
    static const char fixed[] = "fixed:";

    if (strcmp(text, "random") == 0) {
        *out = 0;
        return true;
    }
    if (strncmp(text, fixed, strlen(fixed)) != 0 ||
        !number(text + strlen(fixed), 10, VARIANTS - 1, out)) {
        return false;
    }
    ++*out;
    return true;
}

/* What the random source gives is not predicted, wherever it comes from. */
static bool rng_seed(const char *text, uint32_t *out)
{
    *out = 0;
    return strcmp(text, "none") == 0 || (*text && !text[strspn(text, "0123456789")]);
}

static struct oracle_region region_of(uint32_t rrmm)
{
    const struct oracle_region r = {.vendor_resets = (uint8_t)(rrmm >> 11 & 7),
                                    .user_changes = (uint8_t)(rrmm >> 8 & 7),
                                    .mask = (uint8_t)rrmm};
    return r;
}

static bool rpc_initial(const char *text, uint32_t *out)
{
    struct oracle_region r;

    if (strcmp(text, "factory") == 0) {
        *out = RPC_FACTORY;
        return true;
    }
    if (strlen(text) != 4 || !number(text, 16, 0xffff, out)) {
        return false;
    }
    r = region_of(*out);
    if (*out >> 14 != oracle_region_type(&r)) {
        return false;
    }
    *out |= RPC_GIVEN;
    return true;
}

static bool ready_ms(const char *text, uint32_t *out)
{
    return number(text, 10, READY_MS_MAX, out);
}

struct oracle_region oracle_initial_region(const struct oracle *o)
{
    const struct oracle_region factory = {.vendor_resets = 4, .user_changes = 5, .mask = 0xff};

    return o->quirk[ORACLE_RPC_INITIAL] == RPC_FACTORY ? factory
                                                       : region_of(o->quirk[ORACLE_RPC_INITIAL]);
}

/* ---- words ---- */

static bool is_word(const char *word, size_t bytes, const char *text)
{
    return strlen(text) == bytes && strncmp(word, text, bytes) == 0;
}

static bool place_of(const char *words, const char *text, uint32_t *out)
{
    *out = 0;
    for (const char *word = words; *text && *word; ++*out) {
        const size_t bytes = strcspn(word, " ");

        if (is_word(word, bytes, text)) {
            return true;
        }
        word += bytes;
        word += *word == ' ';
    }
    return false;
}

static bool value_of(unsigned id, const char *text, uint32_t *out)
{
    switch (id) {
    case ORACLE_AGID_COUNT:
        return agid_count(text, out);
    case ORACLE_VARIANT:
        return variant(text, out);
    case ORACLE_RNG_SEED:
        return rng_seed(text, out);
    case ORACLE_RPC_INITIAL:
        return rpc_initial(text, out);
    case ORACLE_READY_MS:
        return ready_ms(text, out);
    default:
        return place_of(oracle_quirk_rows[id].values, text, out);
    }
}

bool oracle_quirk(struct oracle *o, const char *key, const char *value)
{
    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        uint32_t out;

        if (strcmp(oracle_quirk_rows[id].key, key) != 0) {
            continue;
        }
        if (!value_of(id, value, &out)) {
            return false;
        }
        o->quirk[id] = out;
        o->region = oracle_initial_region(o);
        return true;
    }
    return false;
}
