/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every value of every quirk: a drive that has it passes the conformance suite when it is expected,
 * and fails when it is not. Keys that no host can see by asking say so here.
 */
#include "tests/support/check_bench.h"
#include "unit.h"

#include "emulator/ini_file.h"

#include <stdio.h>
#include <string.h>

static const char *const discs[] = {check_bench_css, check_bench_region_2, check_bench_plain};

#define DISCS (sizeof(discs) / sizeof(discs[0]))

/* Values of the keys whose rows do not list them. */
static const struct {
    const char *key;
    const char *values[4];
} samples[] = {
    {"agid_count", {"1", "2", "3", NULL}},
    {"variant", {"fixed:0", "fixed:19", "fixed:31", NULL}},
    {"rng_seed", {"7", NULL}},
    {"rpc_initial", {"64FE", "A1FD", "E07F", NULL}},
    {"ready_ms", {"700", NULL}},
};

/* What the suite takes as it finds it, or what happens where it does not look. */
static const char *const unseen[] = {
    "variant",                    /* one like another */
    "rng_seed",                   /* any bytes are random enough */
    "rpc_initial",                /* a region state like another */
    "rpc_storage",                /* after the drive's end */
    "ready_ms",                   /* the suite waits */
    "speed",                      /* the same, later */
    "rpc_scheme",                 /* the drive says which it has */
    "release_on_last_nexus_loss", /* one session stays */
};

static bool is_unseen(const char *key)
{
    for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
        if (strcmp(unseen[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static const char *const *values_of(const struct quirk_row *row)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        if (strcmp(samples[i].key, row->name) == 0) {
            return samples[i].values;
        }
    }
    return row->values;
}

static void complain(const char *key, const char *value, const char *what, const char *text)
{
    char message[CHECK_TEXT_BYTES];

    snprintf(message, sizeof(message), "%s = %s: %s%s%s", key, value, what, *text ? ": " : "",
             text);
    CU_assertImplementation(CU_FALSE, __LINE__, message, __FILE__, "", CU_FALSE);
}

struct subject {
    const char *key, *value;
};

static void judge(void *ctx, const struct check *k, const struct check_row *row)
{
    const struct subject *subject = ctx;

    CU_ASSERT(k->verdict != CHECK_FAILED);
    if (k->verdict == CHECK_FAILED) {
        complain(subject->key, subject->value, row ? row->name : "beginning", k->text);
    }
}

/* Failures of a drive of these quirks; the suite expects them or does not. */
static size_t run(const char *disc, const struct quirks *quirks, bool expected,
                  struct subject *subject)
{
    struct check_bench b;
    size_t failures;

    check_bench_open(&b, disc, quirks);
    if (expected) {
        b.options.quirks = *quirks;
    }
    b.options.destructive = b.options.eject = true;
    check_bench_run(&b, disc != check_bench_plain, expected ? judge : NULL, subject);
    failures = b.failures;
    check_bench_close(&b);
    return failures;
}

static void try_value(const struct quirk_row *row, const char *value)
{
    struct subject subject = {row->name, value};
    char why[INI_ERROR_BYTES];
    struct quirks quirks;
    size_t failures = 0;

    quirks_init(&quirks);
    CU_ASSERT_TRUE_FATAL(quirk_set(&quirks, row, value, why));
    for (size_t i = 0; i < DISCS; i++) {
        run(discs[i], &quirks, true, &subject);
        failures += run(discs[i], &quirks, false, NULL);
    }
    if (!failures != is_unseen(row->name)) {
        complain(row->name, value, failures ? "seen after all" : "not seen", "");
    }
}

static void every_value_of_every_quirk(void)
{
    for (const struct quirk_row *row = quirk_rows; row->name; row++) {
        for (const char *const *value = values_of(row); *value; value++) {
            if (strcmp(*value, row->initial) != 0) {
                try_value(row, *value);
            }
        }
    }
}

/* The drives of mmc-spec 7.1. */
static const char *const presets[][10] = {
    {"agid_count=1", "agid_order=highest", "agid_field=ignored", "agid_exhausted=2C00_invalidate",
     "first_title_key_plain=yes", "title_key_unprotected=zeros", "non_css=zero_title_key",
     "cmi_format_05=no"},
    {"agid_count=1", "agid_field=ignored", "agid_exhausted=reuse", "non_css=3002_at_agid"},
    {"non_css=6F01_at_key1"},
    {"agid_count=1", "agid_order=highest", "agid_field=ignored", "agid_exhausted=2C00_invalidate",
     "first_title_key_plain=yes", "title_key_unprotected=nearest", "non_css=6F01_at_key1"},
    {"agid_count=1", "agid_field=ignored", "agid_exhausted=reuse_then_6F01",
     "title_key_unprotected=zeros", "non_css=zero_title_key"},
    {"agid_count=1", "agid_order=highest", "agid_field=ignored", "agid_exhausted=2C00_invalidate",
     "first_title_key_plain=yes", "title_key_unprotected=zeros", "non_css=zero_title_key",
     "variant=fixed:7", "loader=slim"},
    {"agid_count=1", "agid_order=highest", "agid_field=ignored", "agid_exhausted=sense0",
     "title_key_unprotected=nearest", "non_css=sense0_at_agid", "region_title_sense=6F01"},
    {"agid_count=1", "agid_order=highest", "agid_field=ignored", "title_key_unprotected=nearest",
     "non_css=3002_at_agid", "title_requires_asf=yes", "region_read=refuse"},
    {"non_css=3002_at_agid"},
    /* and ones that nobody has seen */
    {"out_of_order_resets=free", "repeat_reply=reject", "agid_ungranted=2C00", "bad_key2_agid=stay",
     "asf_on_bad_key2=keep", "asf_set=key2", "title_failed_agid=free", "agid_count=2",
     "invalidate_ungranted=2400"},
    {"out_of_order_resets=granted", "agid_ungranted=ignore", "agid_exhausted=reuse_then_6F01",
     "asf_set=disc_key", "asf_always=1", "asf_on_region_mismatch=clear", "agid_count=3",
     "rpc_same_region=counts", "spindown_drops_agids=yes", "ready_ms=300"},
    {"asf_on_region_mismatch=clear", "title_requires_asf=yes", "region_read=refuse",
     "title_failed_agid=free"},
};

static void set_words(struct quirks *quirks, const char *const *words, size_t count)
{
    char key[64], why[INI_ERROR_BYTES];

    quirks_init(quirks);
    for (size_t i = 0; i < count && words[i]; i++) {
        const size_t bytes = strcspn(words[i], "=");

        snprintf(key, sizeof(key), "%.*s", (int)bytes, words[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(quirk_find(key));
        CU_ASSERT_TRUE_FATAL(quirk_set(quirks, quirk_find(key), words[i] + bytes + 1, why));
    }
}

static void drives_of_several_quirks(void)
{
    for (size_t n = 0; n < sizeof(presets) / sizeof(presets[0]); n++) {
        struct subject subject = {"drive that begins with", presets[n][0]};
        struct quirks quirks;

        set_words(&quirks, presets[n], sizeof(presets[n]) / sizeof(presets[n][0]));
        for (size_t i = 0; i < DISCS; i++) {
            run(discs[i], &quirks, true, &subject);
        }
    }
}

UNIT_SUITE(check_quirks, T(every_value_of_every_quirk), T(drives_of_several_quirks));
