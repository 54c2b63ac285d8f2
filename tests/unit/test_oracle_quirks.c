/* SPDX-License-Identifier: GPL-2.0-only */
/* Every value of every quirk as the oracle judges it: docs/spec/quirks.md. */
#include "bytes.h"
#include "oracle_scripts.h"
#include "tests/support/told_oracle.h"

#define REGION_1 0xfe
#define REGION_2 0xfd

static const uint8_t zeros[ORACLE_KEY_BYTES];

/* A CSS disc of region 1 in a drive of region 1, with a quirk. */
static void init(struct told *t, const char *key, const char *value)
{
    told_init(t);
    CU_ASSERT(oracle_quirk(&t->o, key, value));
    oracle_medium_in(&t->o, &told_css_disc);
    oracle_clock(&t->o, 60000);
    told_quiet(t);
    t->o.region.mask = REGION_1;
}

static void init_plain(struct told *t, const char *value)
{
    told_init(t);
    CU_ASSERT(oracle_quirk(&t->o, "non_css", value));
    oracle_medium_in(&t->o, &told_plain_disc);
    told_quiet(t);
}

static void also(struct told *t, const char *key, const char *value)
{
    const struct oracle_region region = t->o.region;

    CU_ASSERT(oracle_quirk(&t->o, key, value));
    t->o.region = region;
}

static unsigned state_of(const struct told *t, unsigned agid)
{
    return t->o.slot[agid].state;
}

/* ---- keys and values ---- */

static void every_word_is_a_value_and_nothing_else_is(void)
{
    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        const char *word = oracle_quirk_rows[id].values;

        while (*word) {
            const size_t bytes = strcspn(word, " ");
            char value[32] = "";
            struct oracle o;

            memcpy(value, word, bytes);
            word += bytes + (word[bytes] == ' ');
            oracle_init(&o);
            CU_ASSERT(oracle_quirk(&o, oracle_quirk_rows[id].key, value));
            value[bytes - 1] = '!';
            CU_ASSERT(!oracle_quirk(&o, oracle_quirk_rows[id].key, value));
            CU_ASSERT(!oracle_quirk(&o, oracle_quirk_rows[id].key, ""));
        }
    }
}

static void the_first_word_is_the_default(void)
{
    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        char value[32] = "";
        struct oracle o, fresh;

        memcpy(value, oracle_quirk_rows[id].values, strcspn(oracle_quirk_rows[id].values, " "));
        oracle_init(&o);
        oracle_init(&fresh);
        CU_ASSERT(oracle_quirk(&o, oracle_quirk_rows[id].key, value));
        CU_ASSERT_EQUAL(o.quirk[id], fresh.quirk[id]);
    }
}

static void numbers_are_judged(void)
{
    struct oracle o;

    oracle_init(&o);
    CU_ASSERT(!oracle_quirk(&o, "agid_count", "0"));
    CU_ASSERT(!oracle_quirk(&o, "agid_count", "5"));
    CU_ASSERT(!oracle_quirk(&o, "variant", "fixed:32"));
    CU_ASSERT(!oracle_quirk(&o, "variant", "fixed:"));
    CU_ASSERT(oracle_quirk(&o, "variant", "fixed:31"));
    CU_ASSERT(!oracle_quirk(&o, "ready_ms", "60001"));
    CU_ASSERT(!oracle_quirk(&o, "ready_ms", "-1"));
    CU_ASSERT(
        !oracle_quirk(&o, "rpc_initial", "24FE")); /* four changes left and a region: type 1 */
    CU_ASSERT(!oracle_quirk(&o, "rpc_initial", "64FF")); /* no region: type 0 */
    CU_ASSERT(!oracle_quirk(&o, "rpc_initial", "61FE")); /* one left: type 2 */
    CU_ASSERT(oracle_quirk(&o, "rpc_initial", "A1FE"));
    CU_ASSERT(oracle_quirk(&o, "rpc_initial", "E0FE"));
    CU_ASSERT(!oracle_quirk(&o, "no_such_key", "yes"));
}

/* ---- the pool ---- */

static void the_pool_has_a_size_and_an_order(void)
{
    struct told t;

    init(&t, "agid_count", "2");
    CU_ASSERT(told_grant(&t, 0));
    CU_ASSERT(told_grant(&t, 1));
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x055500));

    init(&t, "agid_order", "highest");
    CU_ASSERT(told_grant(&t, 3));
    CU_ASSERT(told_grant(&t, 2));

    init(&t, "agid_order", "highest");
    also(&t, "agid_count", "1");
    CU_ASSERT(told_grant(&t, 3));
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x055500));
    told_send(&t, 0x01, 0); /* a number outside the pool is always FREE */
    CU_ASSERT(told_check(&t, 0x052400, 10));
    told_send(&t, 0x3f, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(state_of(&t, 3), ORACLE_GRANTED);
}

static void an_ignored_field_goes_to_the_first_slot(void)
{
    struct told t;

    init(&t, "agid_field", "ignored");
    CU_ASSERT(told_grant(&t, 0));
    CU_ASSERT(told_grant(&t, 1));
    CU_ASSERT(told_challenge(&t, 3));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_HCHAL);
    CU_ASSERT_EQUAL(state_of(&t, 1), ORACLE_GRANTED);
    told_report(&t, 0x3f, 2);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);

    init(&t, "agid_field", "ignored");
    also(&t, "agid_order", "highest");
    CU_ASSERT(told_grant(&t, 3));
    CU_ASSERT(told_challenge(&t, 0));
    CU_ASSERT_EQUAL(state_of(&t, 3), ORACLE_HCHAL);
}

static void use_all(struct told *t)
{
    told_to(t, 0, ORACLE_KEY1);
    for (unsigned n = 1; n < ORACLE_SLOTS; n++) {
        told_grant(t, n);
    }
    told_report(t, 0x00, 0);
}

static void exhaustion_is_refused(const char *value, uint32_t sense, bool invalidates)
{
    struct told t;

    init(&t, "agid_exhausted", value);
    t.o.asf = true;
    use_all(&t);
    CU_ASSERT(TOLD_CHECK(&t, sense));
    CU_ASSERT_EQUAL(state_of(&t, 0), invalidates ? ORACLE_FREE : ORACLE_KEY1);
    CU_ASSERT_EQUAL(state_of(&t, 3), invalidates ? ORACLE_FREE : ORACLE_GRANTED);
    CU_ASSERT(t.o.asf);
}

static void exhaustion_has_seven_ends(void)
{
    struct told t;

    exhaustion_is_refused("5500", 0x055500, false);
    exhaustion_is_refused("2C00", 0x052c00, false);
    exhaustion_is_refused("2C00_invalidate", 0x052c00, true);
    exhaustion_is_refused("6F01_invalidate", 0x056f01, true);
    exhaustion_is_refused("sense0", 0x000000, false);

    init(&t, "agid_exhausted", "reuse");
    use_all(&t);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(told_grant(&t, 0));
        CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_GRANTED);
    }
}

static void reuse_then_6f01_counts_grants_only(void)
{
    struct told t;

    init(&t, "agid_exhausted", "reuse_then_6F01");
    use_all(&t);
    CU_ASSERT(told_grant(&t, 0)); /* a reuse */
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
    CU_ASSERT_EQUAL(state_of(&t, 2), ORACLE_FREE);

    use_all(&t);
    CU_ASSERT(told_grant(&t, 0)); /* a reuse again: the grants before were none */
    told_send(&t, 0x3f, 2);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT(told_grant(&t, 2)); /* no reuse */
    CU_ASSERT(told_grant(&t, 0)); /* a reuse */
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
}

/* Slots are taken without a grant, so nothing but the reset can have made the drive forget. */
static void take_all_without_grant(struct told *t)
{
    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        t->o.slot[n].state = ORACLE_HCHAL;
    }
}

static void a_reset_forgets_that_a_slot_was_reused(void)
{
    struct told t;

    init(&t, "agid_exhausted", "reuse_then_6F01");
    also(&t, "agid_ungranted", "ignore");
    take_all_without_grant(&t);
    CU_ASSERT(told_grant(&t, 0)); /* a reuse */
    oracle_reset(&t.o);
    told_quiet(&t);
    take_all_without_grant(&t);
    CU_ASSERT(told_grant(&t, 0)); /* a reuse again */
    oracle_medium_out(&t.o);
    oracle_medium_in(&t.o, &told_css_disc);
    told_quiet(&t);
    take_all_without_grant(&t);
    CU_ASSERT(told_grant(&t, 0)); /* and again */
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
}

static const struct {
    uint8_t opcode, format;
} handshake[] = {{0xa3, 0x01}, {0xa4, 0x02}, {0xa4, 0x01}, {0xa3, 0x03}};

static void ask(struct told *t, size_t step, unsigned agid)
{
    if (handshake[step].opcode == 0xa3) {
        told_send(t, handshake[step].format, agid);
    } else {
        told_report(t, handshake[step].format, agid);
    }
}

static void steps_on_a_free_slot_have_three_ends(void)
{
    struct told t;

    for (size_t step = 0; step < 4; step++) {
        init(&t, "agid_ungranted", "2C00");
        also(&t, "out_of_order_resets", "granted");
        ask(&t, step, 0);
        CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
        CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);

        init(&t, "agid_ungranted", "ignore");
        also(&t, "agid_count", "1");
        also(&t, "out_of_order_resets", "granted");
        ask(&t, step, 2); /* outside the pool */
        CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
        if (step > 0) {
            ask(&t, step, 0);
            CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
            CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);
        }
    }
    CU_ASSERT(told_challenge(&t, 0));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_HCHAL);
    CU_ASSERT(told_key1(&t, 0));
}

static void invalidating_a_free_slot_may_be_refused(void)
{
    struct told t;

    init(&t, "invalidate_ungranted", "2400");
    told_send(&t, 0x3f, 1);
    CU_ASSERT(told_check(&t, 0x052400, 10));
    told_report(&t, 0x3f, 1);
    CU_ASSERT(told_check(&t, 0x052400, 10));
    CU_ASSERT(told_grant(&t, 0));
    told_report(&t, 0x3f, 0);
    CU_ASSERT(TOLD_GOOD(&t));
}

/* ---- the exchange ---- */

static void a_step_out_of_order_may_reset_the_slot(void)
{
    struct told t;

    init(&t, "out_of_order_resets", "granted");
    CU_ASSERT(told_to(&t, 0, ORACLE_DCHAL));
    told_report(&t, 0x02, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_GRANTED);
    CU_ASSERT_EQUAL(t.o.slot[0].variants, 1u << TOLD_VARIANT);
    CU_ASSERT(told_challenge(&t, 0));

    init(&t, "out_of_order_resets", "free");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    ask(&t, 3, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);

    init(&t, "out_of_order_resets", "free");
    CU_ASSERT(told_to(&t, 0, ORACLE_HCHAL));
    told_ask_title_key(&t, 0, 8); /* no handshake step */
    CU_ASSERT(TOLD_CHECK(&t, 0x056f02));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_HCHAL);
}

static void a_repeat_may_be_out_of_order(void)
{
    struct told t;

    init(&t, "repeat_reply", "reject");
    also(&t, "out_of_order_resets", "granted");
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    told_report(&t, 0x02, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_GRANTED);

    init(&t, "repeat_reply", "reject");
    CU_ASSERT(told_to(&t, 0, ORACLE_DCHAL));
    told_report(&t, 0x01, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
    CU_ASSERT(told_key2(&t, 0));
}

static void a_wrong_key2_may_leave_all_as_it_was(void)
{
    struct told t;

    init(&t, "bad_key2_agid", "stay");
    also(&t, "asf_on_bad_key2", "keep");
    t.o.asf = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_DCHAL));
    told_send(&t, 0x03, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f00));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_DCHAL);
    CU_ASSERT(t.o.asf);
    CU_ASSERT(told_key2(&t, 0));
}

static void a_fixed_variant_is_held_to(void)
{
    struct told t;

    init(&t, "variant", "fixed:7");
    CU_ASSERT(told_grant(&t, 0));
    CU_ASSERT_EQUAL(t.o.slot[0].variants, 1u << 7);
    CU_ASSERT(told_challenge(&t, 0));
    CU_ASSERT(told_key1(&t, 0)); /* TOLD_VARIANT is 7 */

    init(&t, "variant", "fixed:8");
    CU_ASSERT(told_grant(&t, 0));
    CU_ASSERT(told_challenge(&t, 0));
    {
        uint8_t reply[12];
        const struct oracle_answer a = {.data = reply, .data_bytes = sizeof(reply)};
        struct oracle_command c = {.cdb = t.cdb, .in_room_bytes = sizeof(reply)};

        told_report(&t, 0x02, 0);
        c.cdb_bytes = t.cdb_bytes;
        told_key1_reply(reply);
        CU_ASSERT_PTR_NOT_NULL(oracle_judge(&t.o, &c, &a, NULL));
    }
}

/* ---- ASF and key transfers ---- */

static void asf_is_set_by_what_the_quirk_says(void)
{
    struct told t;

    init(&t, "asf_set", "key2");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    CU_ASSERT(t.o.asf);
    t.o.asf = false;
    told_ask_disc_key(&t, 0);
    CU_ASSERT(told_disc_key(&t));
    CU_ASSERT(!t.o.asf);

    init(&t, "asf_set", "disc_key");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(told_title_key(&t, 0xf0, told_key_a));
    CU_ASSERT(!t.o.asf);
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(told_disc_key(&t));
    CU_ASSERT(t.o.asf);

    init(&t, "asf_set", "key_transfer");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    CU_ASSERT(!t.o.asf);
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(told_title_key(&t, 0xf0, told_key_a));
    CU_ASSERT(t.o.asf);
}

static void a_disc_of_another_region_may_clear_asf(void)
{
    struct told t;

    init(&t, "asf_on_region_mismatch", "clear");
    t.o.region.mask = REGION_2;
    t.o.asf = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(told_disc_key(&t));
    CU_ASSERT(!t.o.asf);

    init(&t, "asf_on_region_mismatch", "set");
    t.o.region.mask = REGION_2;
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(told_disc_key(&t));
    CU_ASSERT(t.o.asf);
}

static void asf_may_be_said_always(void)
{
    struct told t;

    init(&t, "asf_always", "1");
    told_report(&t, 0x05, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0, 0, 0, 1));
    told_read(&t, 8, 1);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f03));
}

static void a_title_key_may_need_asf(void)
{
    struct told t;

    init(&t, "title_requires_asf", "yes");
    also(&t, "title_failed_agid", "free");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 1000); /* judged before the LBA */
    CU_ASSERT(TOLD_CHECK(&t, 0x056f00));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);
    t.o.asf = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(told_title_key(&t, 0xf0, told_key_a));
}

static bool plain_title_key(struct told *t)
{
    return TOLD_DATA(t, 0, 10, 0, 0, 0xf0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0, 0);
}

static void the_first_title_key_may_be_plain(void)
{
    struct told t;

    init(&t, "first_title_key_plain", "yes");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(plain_title_key(&t));
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(told_title_key(&t, 0xf0, told_key_a));
    oracle_reset(&t.o);
    told_quiet(&t);
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(plain_title_key(&t));

    init(&t, "first_title_key_plain", "yes");
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0); /* the first key is a disc key */
    CU_ASSERT(told_disc_key(&t));
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(told_title_key(&t, 0xf0, told_key_a));
}

static bool title_at(struct told *t, uint32_t lba, uint8_t cpr_mai, const uint8_t *key)
{
    const bool ready = told_to(t, 0, ORACLE_BUSKEY);

    told_ask_title_key(t, 0, lba);
    return told_title_key(t, cpr_mai, key) && ready;
}

static void unprotected_blocks_may_have_a_title_key(void)
{
    struct told t;

    init(&t, "title_key_unprotected", "zeros");
    CU_ASSERT(title_at(&t, 16, 0xb0, zeros));
    CU_ASSERT(title_at(&t, 0, 0x00, zeros));
    t.o.region.mask = REGION_2; /* judged for region like any other */
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f04));

    init(&t, "title_key_unprotected", "nearest");
    CU_ASSERT(title_at(&t, 0, 0x00, told_key_a));
    CU_ASSERT(title_at(&t, 16, 0xb0, told_key_a));
    CU_ASSERT(title_at(&t, 27, 0x00, told_key_a)); /* 12 from block 15, 13 from block 40 */
    CU_ASSERT(title_at(&t, 28, 0x00, told_key_b)); /* 13 and 12 */
    CU_ASSERT(title_at(&t, 63, 0x00, told_key_b));
    CU_ASSERT(title_at(&t, 40, 0xf0, told_key_b));
}

static void of_two_equally_near_keys_the_lower_is_taken(void)
{
    static const struct oracle_run runs[] = {{4, 2, 0xf0, true, {1, 2, 3, 4, 5}},
                                             {9, 2, 0xf0, true, {6, 7, 8, 9, 10}}};
    const uint8_t lower[] = {1, 2, 3, 4, 5};
    struct oracle_disc disc = told_css_disc;
    struct told t;

    disc.runs = runs;
    disc.run_count = 2;
    init(&t, "title_key_unprotected", "nearest");
    oracle_medium_in(&t.o, &disc);
    told_quiet(&t);
    t.o.region.mask = REGION_1;
    CU_ASSERT(title_at(&t, 7, 0x00, lower)); /* two from block 5, two from block 9 */
    disc.run_count = 0;
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 6); /* a disc without any title key */
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
}

static void a_failed_title_key_may_free_the_slot(void)
{
    static const struct {
        uint32_t lba, sense;
        uint8_t mask;
    } fails[] = {{64, 0x052100, REGION_1}, {0, 0x056f01, REGION_1}, {8, 0x056f04, REGION_2}};

    for (size_t i = 0; i < 3; i++) {
        struct told t;

        init(&t, "title_failed_agid", "free");
        t.o.region.mask = fails[i].mask;
        CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
        told_ask_title_key(&t, 0, fails[i].lba);
        CU_ASSERT(TOLD_CHECK(&t, fails[i].sense));
        CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);
    }
}

static void a_dvd_without_css_has_five_ways(void)
{
    struct told t;

    init_plain(&t, "3002_at_agid");
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x053002));
    init_plain(&t, "sense0_at_agid");
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x000000));

    init_plain(&t, "6F01_at_key1");
    CU_ASSERT(told_grant(&t, 0));
    told_report(&t, 0x02, 0); /* where the order of steps allows it */
    CU_ASSERT(TOLD_CHECK(&t, 0x052c00));
    CU_ASSERT(told_challenge(&t, 0));
    told_report(&t, 0x02, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_HCHAL);

    init_plain(&t, "zero_title_key");
    CU_ASSERT(title_at(&t, 8, 0x00, zeros));
    CU_ASSERT(t.o.asf);
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 64);
    CU_ASSERT(TOLD_CHECK(&t, 0x052100));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));

    init_plain(&t, "allow_6F01");
    also(&t, "title_key_unprotected", "zeros"); /* speaks of CSS discs only */
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
}

static void a_region_mismatch_has_other_senses(void)
{
    struct told t;

    init(&t, "region_title_sense", "6F01");
    t.o.region.mask = REGION_2;
    t.o.asf = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f01));
    CU_ASSERT(!t.o.asf);

    init(&t, "region_read", "refuse");
    t.o.region.mask = REGION_2;
    told_read(&t, 8, 1);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f03));
    t.o.asf = true;
    told_read(&t, 8, 1);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f04));
    told_read(&t, 16, 8);
    t.free_to = 8 * ORACLE_BLOCK_BYTES;
    {
        static const uint8_t data[8 * ORACLE_BLOCK_BYTES];

        CU_ASSERT(told_good(&t, data, sizeof(data)));
    }
}

static void structure_05h_may_be_unknown(void)
{
    struct told t;

    init(&t, "cmi_format_05", "no");
    TOLD_CDB(&t, 0xad, 0, 0, 0, 0, 8, 0, 5, 0, 8, 0, 0);
    CU_ASSERT(told_check(&t, 0x052400, 7));
    oracle_medium_out(&t.o);
    CU_ASSERT(told_check(&t, 0x052400, 7));
}

/* ---- events ---- */

static void a_stop_may_free_the_slots(void)
{
    struct told t;

    init(&t, "spindown_drops_agids", "yes");
    t.o.asf = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    TOLD_CDB(&t, 0x1b, 0, 0, 0, 0x30, 0); /* a power condition is no stop */
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_KEY1);
    TOLD_CDB(&t, 0x1b, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);
    CU_ASSERT(t.o.asf);
}

static void the_last_nexus_may_take_all_with_it(void)
{
    struct told t;

    init(&t, "release_on_last_nexus_loss", "yes");
    t.o.asf = true;
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    oracle_nexus_gone(&t.o, 1);
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_KEY1);
    oracle_nexus_gone(&t.o, 0);
    CU_ASSERT_EQUAL(state_of(&t, 0), ORACLE_FREE);
    CU_ASSERT(!t.o.asf);
}

/* ---- region ---- */

static void scheme_0_forbids_nothing(void)
{
    struct told t;

    init(&t, "rpc_scheme", "0");
    t.o.region.mask = REGION_2;
    told_report(&t, 0x08, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0, 0xff, 0, 0));
    CU_ASSERT(title_at(&t, 8, 0xf0, told_key_a));
    told_send(&t, 0x06, 0);
    t.list[4] = REGION_2; /* judged as ever: the disc does not allow it */
    CU_ASSERT(TOLD_CHECK(&t, 0x056f04));
    t.list[4] = REGION_1;
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.region.user_changes, 4);
}

static void the_region_state_begins_as_said_and_may_not_be_kept(void)
{
    struct told t;

    told_init(&t);
    CU_ASSERT(oracle_quirk(&t.o, "rpc_initial", "A1FE"));
    told_report(&t, 0x08, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0xa1, 0xfe, 1, 0));
    oracle_medium_in(&t.o, &told_plain_disc);
    told_quiet(&t);
    told_send(&t, 0x06, 0);
    t.list[4] = REGION_2;
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT(TOLD_CHECK(&t, 0x056f05)); /* also for the region that is set */
    told_report(&t, 0x08, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0xe0, 0xfd, 1, 0));
    oracle_power_cycle(&t.o);
    CU_ASSERT_EQUAL(t.o.region.mask, REGION_2);
    t.o.quirk[ORACLE_RPC_STORAGE] = 1; /* memory */
    oracle_power_cycle(&t.o);
    CU_ASSERT_EQUAL(t.o.region.mask, REGION_1);
    CU_ASSERT_EQUAL(t.o.region.user_changes, 1);
}

static void the_same_region_may_count(void)
{
    struct told t;

    init(&t, "rpc_same_region", "counts");
    t.o.region.user_changes = 1;
    told_send(&t, 0x06, 0);
    t.list[4] = REGION_1;
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.region.user_changes, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f05));
}

/* ---- mechanism and time ---- */

static void a_slim_drive_does_not_load(void)
{
    struct told t;

    init(&t, "loader", "slim");
    TOLD_CDB(&t, 0x1b, 0, 0, 0, 3, 0);
    CU_ASSERT(told_check(&t, 0x052400, 4));
    oracle_medium_out(&t.o);
    CU_ASSERT(told_check(&t, 0x052400, 4));
}

static void a_disc_may_take_its_time(void)
{
    struct told t;

    told_init(&t);
    CU_ASSERT(oracle_quirk(&t.o, "ready_ms", "500"));
    oracle_clock(&t.o, 1000);
    oracle_medium_in(&t.o, &told_css_disc);
    CU_ASSERT_EQUAL(t.o.nexus[0].attentions, 0);
    TOLD_CDB(&t, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x020401));
    told_report(&t, 0x00, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x020401));
    told_report(&t, 0x08, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0x25, 0xff, 1, 0));
    oracle_clock(&t.o, 1499);
    TOLD_CDB(&t, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x020401));
    oracle_clock(&t.o, 1500);
    CU_ASSERT(TOLD_CHECK(&t, 0x062800));
    CU_ASSERT(TOLD_GOOD(&t));
}

static void a_real_drive_takes_six_seconds(void)
{
    struct told t;

    told_init(&t);
    CU_ASSERT(oracle_quirk(&t.o, "speed", "real"));
    oracle_medium_in(&t.o, &told_css_disc);
    TOLD_CDB(&t, 0, 0, 0, 0, 0, 0);
    oracle_clock(&t.o, 5999);
    CU_ASSERT(TOLD_CHECK(&t, 0x020401));
    oracle_clock(&t.o, 6000);
    CU_ASSERT(TOLD_CHECK(&t, 0x062800));
    also(&t, "ready_ms", "20"); /* said otherwise */
    oracle_medium_in(&t.o, &told_css_disc);
    oracle_clock(&t.o, 6020);
    CU_ASSERT(TOLD_CHECK(&t, 0x062800));
}

void (*const oracle_quirk_scripts[])(void) = {
    every_word_is_a_value_and_nothing_else_is,
    the_first_word_is_the_default,
    numbers_are_judged,
    the_pool_has_a_size_and_an_order,
    an_ignored_field_goes_to_the_first_slot,
    exhaustion_has_seven_ends,
    reuse_then_6f01_counts_grants_only,
    a_reset_forgets_that_a_slot_was_reused,
    steps_on_a_free_slot_have_three_ends,
    invalidating_a_free_slot_may_be_refused,
    a_step_out_of_order_may_reset_the_slot,
    a_repeat_may_be_out_of_order,
    a_wrong_key2_may_leave_all_as_it_was,
    a_fixed_variant_is_held_to,
    asf_is_set_by_what_the_quirk_says,
    a_disc_of_another_region_may_clear_asf,
    asf_may_be_said_always,
    a_title_key_may_need_asf,
    the_first_title_key_may_be_plain,
    unprotected_blocks_may_have_a_title_key,
    of_two_equally_near_keys_the_lower_is_taken,
    a_failed_title_key_may_free_the_slot,
    a_dvd_without_css_has_five_ways,
    a_region_mismatch_has_other_senses,
    structure_05h_may_be_unknown,
    a_stop_may_free_the_slots,
    the_last_nexus_may_take_all_with_it,
    scheme_0_forbids_nothing,
    the_region_state_begins_as_said_and_may_not_be_kept,
    the_same_region_may_count,
    a_slim_drive_does_not_load,
    a_disc_may_take_its_time,
    a_real_drive_takes_six_seconds,
    NULL,
};

UNIT_SUITE(oracle_quirks, T(every_word_is_a_value_and_nothing_else_is),
           T(the_first_word_is_the_default), T(numbers_are_judged),
           T(the_pool_has_a_size_and_an_order), T(an_ignored_field_goes_to_the_first_slot),
           T(exhaustion_has_seven_ends), T(reuse_then_6f01_counts_grants_only),
           T(a_reset_forgets_that_a_slot_was_reused), T(steps_on_a_free_slot_have_three_ends),
           T(invalidating_a_free_slot_may_be_refused), T(a_step_out_of_order_may_reset_the_slot),
           T(a_repeat_may_be_out_of_order), T(a_wrong_key2_may_leave_all_as_it_was),
           T(a_fixed_variant_is_held_to), T(asf_is_set_by_what_the_quirk_says),
           T(a_disc_of_another_region_may_clear_asf), T(asf_may_be_said_always),
           T(a_title_key_may_need_asf), T(the_first_title_key_may_be_plain),
           T(unprotected_blocks_may_have_a_title_key),
           T(of_two_equally_near_keys_the_lower_is_taken), T(a_failed_title_key_may_free_the_slot),
           T(a_dvd_without_css_has_five_ways), T(a_region_mismatch_has_other_senses),
           T(structure_05h_may_be_unknown), T(a_stop_may_free_the_slots),
           T(the_last_nexus_may_take_all_with_it), T(scheme_0_forbids_nothing),
           T(the_region_state_begins_as_said_and_may_not_be_kept), T(the_same_region_may_count),
           T(a_slim_drive_does_not_load), T(a_disc_may_take_its_time),
           T(a_real_drive_takes_six_seconds));
