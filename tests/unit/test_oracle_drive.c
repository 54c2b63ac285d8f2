/* SPDX-License-Identifier: GPL-2.0-only */
/* Regions, structures, reads, tray, unit attentions, invariants as the oracle judges them. */
#include "bytes.h"
#include "oracle_scripts.h"
#include "tests/support/told_oracle.h"

#define REGION_1 0xfe
#define REGION_2 0xfd

static bool takes_as_good(struct told *t)
{
    const struct oracle_answer good = {.check = false};
    const struct oracle_command c = {.cdb = t->cdb, .cdb_bytes = t->cdb_bytes};

    return oracle_judge(&t->o, &c, &good, &t->note) == NULL;
}

/* True: refused, by a text that begins with the rule. */
static bool caught(struct told *t, const struct oracle_answer *a, enum oracle_rule rule)
{
    const struct oracle_command c = {
        .cdb = t->cdb, .cdb_bytes = t->cdb_bytes, .in_room_bytes = 65536};
    const char *text = oracle_judge(&t->o, &c, a, NULL);
    const size_t bytes = strlen(oracle_rule_rows[rule].name);

    told_caught[rule]++;
    return text && strncmp(text, oracle_rule_rows[rule].name, bytes) == 0 && text[bytes] == ' ';
}

/* ---- regions: mmc-spec 4 ---- */

static void the_region_table_is_walked(void)
{
    static const uint8_t status[] = {0x64, 0x63, 0x62, 0xa1, 0xe0};
    struct told t;

    told_init_disc(&t, &told_plain_disc);
    told_report(&t, 0x08, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0x25, 0xff, 1, 0));
    for (unsigned i = 0; i < sizeof(status); i++) {
        const uint8_t mask = (uint8_t) ~(1u << i);

        told_send(&t, 0x06, 0);
        t.list[4] = mask;
        CU_ASSERT(TOLD_GOOD(&t));
        told_report(&t, 0x08, 0);
        CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, status[i], mask, 1, 0));
        if (i < 4) {
            told_send(&t, 0x06, 0); /* the same once more costs nothing */
            t.list[4] = mask;
            CU_ASSERT(TOLD_GOOD(&t));
        }
    }
    told_send(&t, 0x06, 0);
    t.list[4] = 0x7f;
    CU_ASSERT(TOLD_CHECK(&t, 0x056f05));
    t.list[4] = (uint8_t) ~(1u << 4); /* the one that is set */
    CU_ASSERT(TOLD_CHECK(&t, 0x056f05));
}

static void setting_a_region_is_judged_in_its_order(void)
{
    struct told t;

    told_init(&t);
    told_send(&t, 0x06, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a01));
    oracle_medium_in(&t.o, &told_css_disc);
    told_quiet(&t);
    t.o.region.user_changes = 0;
    t.list[1] = 5;
    CU_ASSERT(told_check(&t, 0x052600, TOLD_LIST | 0));
    t.list[1] = 6;
    CU_ASSERT(told_check(&t, 0x052600, TOLD_LIST | 4)); /* eight 0 bits */
    t.list[4] = 0xff;
    CU_ASSERT(told_check(&t, 0x052600, TOLD_LIST | 4));
    t.list[4] = REGION_2;
    CU_ASSERT(TOLD_CHECK(&t, 0x056f04));
    t.list[4] = REGION_1;
    CU_ASSERT(TOLD_CHECK(&t, 0x056f05));
    oracle_medium_in(&t.o, &told_cd);
    told_quiet(&t);
    t.o.region.user_changes = 5;
    CU_ASSERT(TOLD_GOOD(&t)); /* any readable disc will do */
}

static void a_region_is_common_or_not(void)
{
    static const struct {
        uint8_t rmi, mask;
        bool fits;
    } pairs[] = {{0xfe, 0xff, false}, {0x00, 0xff, true},  {0xfe, 0xfe, true}, {0xfe, 0xfd, false},
                 {0xff, 0x00, false}, {0x7d, 0xfe, false}, {0x7d, 0xfd, true}, {0xfd, 0x00, true}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct oracle_disc disc = told_css_disc;
        struct told t;

        disc.rmi = pairs[i].rmi;
        told_init_disc(&t, &disc);
        t.o.region.mask = pairs[i].mask;
        CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
        told_ask_title_key(&t, 0, 41);
        CU_ASSERT(pairs[i].fits ? told_title_key(&t, 0xf0, told_key_b) : TOLD_CHECK(&t, 0x056f04));
    }
}

/* ---- structures: mmc-spec 5 ---- */

static void ask_structure(struct told *t, uint8_t format, uint8_t lba)
{
    TOLD_CDB(t, 0xad, 0, 0, 0, 0, lba, 0, format, 0xff, 0xff, 0, 0);
}

static void structures_are_judged(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    ask_structure(&t, 0x01, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0x01, 0xfe, 0, 0));
    ask_structure(&t, 0x05, 16);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0xb0, 0, 0, 0));
    ask_structure(&t, 0x05, 63);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0, 0, 0, 0));
    ask_structure(&t, 0x05, 64);
    CU_ASSERT(TOLD_CHECK(&t, 0x052100));
    ask_structure(&t, 0x06, 0);
    CU_ASSERT(told_check(&t, 0x052400, 7));
    ask_structure(&t, 0x01, 0);
    t.cdb[1] = 0xe1;
    CU_ASSERT(told_check(&t, 0x052400, 1));

    oracle_medium_in(&t.o, &told_plain_disc);
    told_quiet(&t);
    ask_structure(&t, 0x01, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0, 0, 0, 0));
    {
        struct oracle_disc bare = told_plain_disc;

        bare.no_copyright = true;
        oracle_medium_in(&t.o, &bare);
        told_quiet(&t);
        CU_ASSERT(told_check(&t, 0x052400, 7));
        oracle_medium_in(&t.o, &told_cd);
    }
    told_quiet(&t);
    CU_ASSERT(TOLD_CHECK(&t, 0x053002));
    ask_structure(&t, 0x02, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x053002));
    oracle_medium_out(&t.o);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a02));
    ask_structure(&t, 0x7f, 0);
    CU_ASSERT(told_check(&t, 0x052400, 7)); /* with or without a disc */
}

static void a_cd_has_no_keys(void)
{
    static const uint8_t reports[] = {0x00, 0x01, 0x02, 0x04, 0x05};
    struct told t;

    told_init_disc(&t, &told_cd);
    for (size_t i = 0; i < sizeof(reports); i++) {
        told_report(&t, reports[i], 0);
        CU_ASSERT(TOLD_CHECK(&t, 0x053002));
    }
    told_send(&t, 0x01, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x053002));
    told_report(&t, 0x08, 0);
    CU_ASSERT(TOLD_DATA(&t, 0, 6, 0, 0, 0x25, 0xff, 1, 0));
    told_send(&t, 0x3f, 0);
    CU_ASSERT(TOLD_GOOD(&t));
}

/* ---- reads: mmc-spec 3.2, 6.10 ---- */

static bool told_blocks(struct told *t, size_t blocks)
{
    static const uint8_t data[16 * ORACLE_BLOCK_BYTES];

    t->free_to = blocks * ORACLE_BLOCK_BYTES;
    return told_good(t, data, blocks * ORACLE_BLOCK_BYTES);
}

static void gated_blocks_need_asf(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    told_read(&t, 0, 8);
    CU_ASSERT(told_blocks(&t, 8));
    told_read(&t, 16, 8); /* B0h is not gated */
    CU_ASSERT(told_blocks(&t, 8));
    told_read(&t, 7, 2);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f03));
    told_read(&t, 15, 2);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f03));
    TOLD_CDB(&t, 0xa8, 0x18, 0, 0, 0, 40, 0, 0, 0, 1, 0x80, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x056f03));
    t.o.region.mask = REGION_2;
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(told_disc_key(&t));
    told_read(&t, 7, 2); /* a region mismatch stops no read */
    CU_ASSERT(told_blocks(&t, 2));
}

static void ranges_are_judged_first(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    told_read(&t, 64, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    told_read(&t, 65, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052100));
    told_read(&t, 40, 25);
    CU_ASSERT(TOLD_CHECK(&t, 0x052100));
    TOLD_CDB(&t, 0xa8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052100));
    told_read(&t, 8, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    oracle_medium_out(&t.o);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a02));
}

static void gates_follow_three_fields_of_cpr_mai(void)
{
    static const struct {
        uint8_t cpr_mai;
        bool gated;
    } values[] = {{0xf0, true},  {0xc0, true},  {0xd0, true},  {0xe0, true}, {0xb0, false},
                  {0x80, false}, {0x40, false}, {0xf1, false}, {0xc8, false}};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const struct oracle_run run = {4, 1, values[i].cpr_mai, false, {0}};
        struct oracle_disc disc = told_css_disc;
        struct told t;

        disc.runs = &run;
        disc.run_count = 1;
        told_init_disc(&t, &disc);
        told_read(&t, 4, 1);
        CU_ASSERT(values[i].gated ? TOLD_CHECK(&t, 0x056f03) : told_blocks(&t, 1));
    }
}

static void a_block_may_be_unreadable(void)
{
    const struct oracle_answer unread = {.check = true, .key = 3, .asc = 0x11};
    struct oracle_disc disc = told_plain_disc;
    struct told t;

    disc.may_fail = true;
    told_init_disc(&t, &disc);
    told_read(&t, 4, 1);
    t.is_open = true;
    CU_ASSERT(TOLD_CHECK(&t, 0x031100));
    t.is_open = true;
    CU_ASSERT(told_blocks(&t, 1));
    disc.may_fail = false;
    CU_ASSERT(caught(&t, &unread, ORACLE_READ_DATA));
}

/* ---- unit attentions: mmc-spec 2.8, 6 ---- */

static void attentions_come_once_and_in_order(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    oracle_medium_in(&t.o, &told_css_disc);
    oracle_reset(&t.o);
    told_report(&t, 0x11, 0); /* judged before the fields of the CDB */
    CU_ASSERT(TOLD_CHECK(&t, 0x062900));
    CU_ASSERT(TOLD_CHECK(&t, 0x062800));
    CU_ASSERT(told_check(&t, 0x052400, 10));
    t.nexus = 1;
    TOLD_CDB(&t, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x062900));
    CU_ASSERT(TOLD_CHECK(&t, 0x062800));
    CU_ASSERT(TOLD_GOOD(&t));
}

#define SENSE(key, asc) 0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, 0, 0, 0, 0, 0

static void request_sense_takes_attentions(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    oracle_medium_in(&t.o, &told_css_disc);
    oracle_reset(&t.o);
    TOLD_CDB(&t, 3, 1, 0, 0, 252, 0);
    CU_ASSERT(told_check(&t, 0x052400, 1));
    TOLD_CDB(&t, 3, 0, 0, 0, 252, 0);
    CU_ASSERT(TOLD_DATA(&t, SENSE(6, 0x29)));
    CU_ASSERT(TOLD_DATA(&t, SENSE(6, 0x28)));
    CU_ASSERT(TOLD_DATA(&t, SENSE(0, 0)));
}

static void attentions_hold_for_commands_that_are_not_judged(void)
{
    static const uint8_t held_back[] = {0x12, 0x46, 0x4a, 0xa0};
    const struct oracle_answer attention = {.check = true, .key = 6, .asc = 0x29};
    struct told t;

    told_init(&t);
    oracle_reset(&t.o);
    for (size_t i = 0; i < sizeof(held_back); i++) {
        TOLD_CDB(&t, held_back[i], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        CU_ASSERT(caught(&t, &attention, ORACLE_ATTENTION_HELD_BACK));
        CU_ASSERT(takes_as_good(&t));
        CU_ASSERT(!t.note.judged);
    }
    TOLD_CDB(&t, 0x5a, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x062900));
    CU_ASSERT(caught(&t, &attention, ORACLE_ATTENTION_NOT_PENDING));
    CU_ASSERT(takes_as_good(&t));
}

static void unknown_commands_come_before_attentions(void)
{
    struct told t;

    told_init(&t);
    oracle_reset(&t.o);
    TOLD_CDB(&t, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052000));
    TOLD_CDB(&t, 0x08, 0, 0, 0, 1, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x052000));
    TOLD_CDB(&t, 0x5c, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* a drive may have it, or not */
    t.is_open = true;
    CU_ASSERT(TOLD_CHECK(&t, 0x052000));
    t.is_open = true;
    CU_ASSERT(TOLD_CHECK(&t, 0x062900));
}

static void short_cdbs_are_refused(void)
{
    const struct oracle_answer good = {.check = false};
    struct told t;

    told_init(&t);
    oracle_reset(&t.o);
    TOLD_CDB(&t, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 8);
    CU_ASSERT(caught(&t, &good, ORACLE_SHORT_CDB));
    t.is_open = true; /* which sense is not written */
    CU_ASSERT(told_check(&t, 0x052400, 11));
    CU_ASSERT_EQUAL(t.o.nexus[0].attentions, ORACLE_UA_POWER_ON);
}

/* ---- events and tray: mmc-spec 2.8, 6.8 ---- */

static void events_end_exchanges(void)
{
    for (int event = 0; event < 5; event++) {
        struct told t;

        told_init_disc(&t, &told_css_disc);
        CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
        t.o.asf = true;
        t.o.region.mask = REGION_1;
        switch (event) {
        case 0:
            oracle_reset(&t.o);
            CU_ASSERT_EQUAL(t.o.nexus[1].attentions, ORACLE_UA_POWER_ON);
            break;
        case 1:
            oracle_medium_out(&t.o);
            CU_ASSERT_EQUAL(t.o.nexus[1].attentions, 0);
            break;
        case 2:
            oracle_medium_in(&t.o, &told_plain_disc);
            CU_ASSERT_EQUAL(t.o.nexus[1].attentions, ORACLE_UA_MEDIUM_CHANGED);
            break;
        case 3:
            TOLD_CDB(&t, 0x1b, 0, 0, 0, 2, 0);
            CU_ASSERT(TOLD_GOOD(&t));
            break;
        default:
            oracle_power_cycle(&t.o);
            break;
        }
        CU_ASSERT_EQUAL(t.o.slot[0].state, ORACLE_FREE);
        CU_ASSERT(!t.o.asf);
        CU_ASSERT_EQUAL(t.o.region.mask, REGION_1);
    }
}

static void a_nexus_owns_its_attentions_and_prevention_only(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    t.o.asf = true;
    oracle_nexus_gone(&t.o, 0);
    oracle_nexus_gone(&t.o, 1);
    oracle_nexus_came(&t.o, 0);
    CU_ASSERT_EQUAL(t.o.nexus[0].attentions, ORACLE_UA_POWER_ON);
    CU_ASSERT_EQUAL(t.o.slot[0].state, ORACLE_KEY1);
    CU_ASSERT(t.o.asf);
}

static void start_stop(struct told *t, uint8_t byte4)
{
    TOLD_CDB(t, 0x1b, 0, 0, 0, byte4, 0);
}

static void the_tray_opens_and_closes(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    start_stop(&t, 2);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT(t.o.tray_open && t.o.disc);
    TOLD_CDB(&t, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a02));
    start_stop(&t, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a02));
    start_stop(&t, 1);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a02));
    start_stop(&t, 3);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.nexus[1].attentions, ORACLE_UA_MEDIUM_CHANGED);
    CU_ASSERT(TOLD_CHECK(&t, 0x062800));
    CU_ASSERT(TOLD_GOOD(&t)); /* loading what is loaded */
    CU_ASSERT_EQUAL(t.o.nexus[0].attentions, 0);
    start_stop(&t, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    TOLD_CDB(&t, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_GOOD(&t)); /* a stop does not make it fail */

    told_init(&t);
    start_stop(&t, 1);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a01));
    start_stop(&t, 2);
    CU_ASSERT(TOLD_GOOD(&t));
    start_stop(&t, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x023a02));
    start_stop(&t, 3);
    CU_ASSERT(TOLD_GOOD(&t));
    CU_ASSERT_EQUAL(t.o.nexus[0].attentions, 0);
}

static void prevention_is_held_per_nexus(void)
{
    struct told t;

    told_init_disc(&t, &told_css_disc);
    TOLD_CDB(&t, 0x1e, 0, 0, 0, 1, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    t.nexus = 1;
    TOLD_CDB(&t, 0x1e, 0, 0, 0, 3, 0); /* persistent */
    CU_ASSERT(TOLD_GOOD(&t));
    TOLD_CDB(&t, 0x1e, 0, 0, 0, 0, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    start_stop(&t, 2);
    CU_ASSERT(TOLD_CHECK(&t, 0x055302));
    oracle_nexus_gone(&t.o, 0);
    CU_ASSERT(TOLD_CHECK(&t, 0x055302)); /* the other's persistent one */
    TOLD_CDB(&t, 0x1e, 0, 0, 0, 2, 0);
    CU_ASSERT(TOLD_GOOD(&t));
    start_stop(&t, 2);
    CU_ASSERT(TOLD_GOOD(&t));
    t.o.nexus[1].prevent = true;
    oracle_reset(&t.o);
    CU_ASSERT(!oracle_is_prevented(&t.o));
}

/* ---- invariants ---- */

static void invariants_are_named(void)
{
    static const uint8_t data[2 * ORACLE_BLOCK_BYTES];
    const struct oracle_answer key = {.data = data, .data_bytes = 12},
                               block = {.data = data, .data_bytes = 2052},
                               read = {.data = data, .data_bytes = ORACLE_BLOCK_BYTES},
                               same = {.check = true, .key = 0x0e, .asc = 0x1d},
                               refusal = {.check = true, .key = 5, .asc = 0x20, .data_bytes = 1};
    struct told t;

    told_init_disc(&t, &told_css_disc);
    for (int state = ORACLE_FREE; state < ORACLE_BUSKEY; state++) {
        told_ask_title_key(&t, 0, 8);
        CU_ASSERT(caught(&t, &key, ORACLE_I1_KEY_AFTER_KEY2));
        told_ask_disc_key(&t, 0);
        CU_ASSERT(caught(&t, &block, ORACLE_I1_KEY_AFTER_KEY2));
        if (state == ORACLE_FREE) {
            CU_ASSERT(told_to(&t, 0, ORACLE_GRANTED));
        }
    }
    told_read(&t, 8, 1);
    CU_ASSERT(caught(&t, &read, ORACLE_I2_GATED_AFTER_KEY));
    TOLD_CDB(&t, 0xbe, 0, 0, 0, 0, 7, 0, 0, 2, 0x10, 0, 0);
    CU_ASSERT(caught(&t, &read, ORACLE_I2_GATED_AFTER_KEY));
    TOLD_CDB(&t, 0xb9, 0, 0, 0, 2, 8, 0, 2, 9, 0x10, 0, 0);
    CU_ASSERT(caught(&t, &read, ORACLE_I2_GATED_AFTER_KEY));
    TOLD_CDB(&t, 0x2f, 2, 0, 0, 0, 8, 0, 0, 1, 0);
    CU_ASSERT(caught(&t, &same, ORACLE_I2_GATED_AFTER_KEY));
    TOLD_CDB(&t, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    CU_ASSERT(caught(&t, &refusal, ORACLE_I3_REFUSAL_HAS_NO_DATA));
}

static void one_key2_is_good_for_one_key(void)
{
    static const uint8_t data[12];
    const struct oracle_answer key = {.data = data, .data_bytes = 12};
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_BUSKEY));
    told_ask_disc_key(&t, 0);
    CU_ASSERT(told_disc_key(&t));
    told_ask_title_key(&t, 0, 8);
    CU_ASSERT(caught(&t, &key, ORACLE_I1_KEY_AFTER_KEY2));
}

/* ---- state ---- */

static struct oracle_seen seen_of(const struct oracle *o)
{
    struct oracle_seen seen = {.asf = o->asf,
                               .vendor_resets = o->region.vendor_resets,
                               .user_changes = o->region.user_changes,
                               .region_mask = o->region.mask,
                               .disc_in = o->disc != NULL,
                               .tray_open = o->tray_open};

    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        seen.slot_state[n] = o->slot[n].state;
    }
    memcpy(seen.nexus, o->nexus, sizeof(seen.nexus));
    return seen;
}

static bool differs_by(const struct oracle *o, const struct oracle_seen *seen,
                       enum oracle_rule rule)
{
    const char *text = oracle_same_state(o, seen);
    const size_t bytes = strlen(oracle_rule_rows[rule].name);

    told_caught[rule]++;
    return text && strncmp(text, oracle_rule_rows[rule].name, bytes) == 0;
}

static void every_part_of_the_state_is_compared(void)
{
    struct oracle_seen truth, lie;
    struct told t;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_KEY1));
    truth = seen_of(&t.o);
    CU_ASSERT_PTR_NULL(oracle_same_state(&t.o, &truth));
#define LIE(member, value, rule)                                                                   \
    lie = truth;                                                                                   \
    lie.member = value;                                                                            \
    CU_ASSERT(differs_by(&t.o, &lie, ORACLE_STATE_OF_##rule))
    LIE(slot_state[0], ORACLE_DCHAL, SLOT);
    LIE(slot_state[3], ORACLE_GRANTED, SLOT);
    LIE(slot_state[1], 77, SLOT);
    LIE(asf, true, ASF);
    LIE(vendor_resets, 3, REGION);
    LIE(user_changes, 4, REGION);
    LIE(region_mask, REGION_1, REGION);
    LIE(disc_in, false, TRAY);
    LIE(tray_open, true, TRAY);
    LIE(nexus[1].attentions, ORACLE_UA_POWER_ON, ATTENTION);
    LIE(nexus[2].here, true, ATTENTION);
    LIE(nexus[0].prevent, true, PREVENT);
    LIE(nexus[0].prevent_persistent, true, PREVENT);
#undef LIE
}

static size_t state_bytes(const struct told *t, enum oracle_detail detail, uint8_t *out)
{
    memset(out, 0, ORACLE_STATE_BYTES_MAX);
    return oracle_state(&t->o, detail, out);
}

static void equal_states_are_equal_bytes(void)
{
    uint8_t a[ORACLE_STATE_BYTES_MAX], b[ORACLE_STATE_BYTES_MAX];
    struct told t, copy;

    told_init_disc(&t, &told_css_disc);
    CU_ASSERT(told_to(&t, 0, ORACLE_DCHAL));
    copy = t;
    CU_ASSERT_EQUAL(state_bytes(&t, ORACLE_WHOLE, a), state_bytes(&copy, ORACLE_WHOLE, b));
    CHECK_SAME(a, b, sizeof(a));
    copy.o.slot[0].host_challenge[9] ^= 1; /* another exchange of the same shape */
    state_bytes(&copy, ORACLE_WHOLE, b);
    CHECK_DIFFER(a, b, sizeof(a));
    state_bytes(&t, ORACLE_SHAPE, a);
    state_bytes(&copy, ORACLE_SHAPE, b);
    CHECK_SAME(a, b, sizeof(a));
    copy.o.asf = true;
    state_bytes(&copy, ORACLE_SHAPE, b);
    CHECK_DIFFER(a, b, sizeof(a));
}

/* ---- all rules ---- */

void (*const oracle_drive_scripts[])(void) = {
    the_region_table_is_walked,
    setting_a_region_is_judged_in_its_order,
    a_region_is_common_or_not,
    structures_are_judged,
    a_cd_has_no_keys,
    gated_blocks_need_asf,
    ranges_are_judged_first,
    gates_follow_three_fields_of_cpr_mai,
    a_block_may_be_unreadable,
    attentions_come_once_and_in_order,
    request_sense_takes_attentions,
    attentions_hold_for_commands_that_are_not_judged,
    unknown_commands_come_before_attentions,
    short_cdbs_are_refused,
    events_end_exchanges,
    a_nexus_owns_its_attentions_and_prevention_only,
    the_tray_opens_and_closes,
    prevention_is_held_per_nexus,
    invariants_are_named,
    one_key2_is_good_for_one_key,
    every_part_of_the_state_is_compared,
    equal_states_are_equal_bytes,
    NULL,
};

static void run_all(void (*const *scripts)(void))
{
    while (*scripts) {
        (*scripts++)();
    }
}

/* What no right answer falls under: it can only be broken. */
static bool is_only_broken(int rule)
{
    return rule <= ORACLE_I4_REFUSAL_CHANGES_NOTHING || rule == ORACLE_ATTENTION_HELD_BACK ||
           rule == ORACLE_ATTENTION_NOT_PENDING || rule == ORACLE_DRIVE_CHALLENGE_FRESH ||
           rule >= ORACLE_STATE_OF_SLOT;
}

/* Rules that take whatever is seen, or guard the model against itself. */
static bool cannot_be_lied_about(int rule)
{
    return rule == ORACLE_CONTROL_BYTE || rule == ORACLE_READ_FAILED ||
           rule == ORACLE_I4_REFUSAL_CHANGES_NOTHING;
}

static void every_rule_is_met_and_refuses_a_lie(void)
{
    memset(told_met, 0, sizeof(told_met));
    memset(told_caught, 0, sizeof(told_caught));
    run_all(oracle_exchange_scripts);
    run_all(oracle_quirk_scripts);
    run_all(oracle_drive_scripts);
    for (int rule = 0; rule < ORACLE_RULE_COUNT; rule++) {
        const char *name = oracle_rule_rows[rule].name;

        if (!is_only_broken(rule) && !told_met[rule]) {
            CU_FAIL("a rule was not met");
            printf("not met: %s\n", name);
        }
        if (!cannot_be_lied_about(rule) && !told_caught[rule]) {
            CU_FAIL("a rule refused no lie");
            printf("refused no lie: %s\n", name);
        }
    }
}

UNIT_SUITE(oracle_drive, T(the_region_table_is_walked), T(setting_a_region_is_judged_in_its_order),
           T(a_region_is_common_or_not), T(structures_are_judged), T(a_cd_has_no_keys),
           T(gated_blocks_need_asf), T(ranges_are_judged_first),
           T(gates_follow_three_fields_of_cpr_mai), T(a_block_may_be_unreadable),
           T(attentions_come_once_and_in_order), T(request_sense_takes_attentions),
           T(attentions_hold_for_commands_that_are_not_judged),
           T(unknown_commands_come_before_attentions), T(short_cdbs_are_refused),
           T(events_end_exchanges), T(a_nexus_owns_its_attentions_and_prevention_only),
           T(the_tray_opens_and_closes), T(prevention_is_held_per_nexus), T(invariants_are_named),
           T(one_key2_is_good_for_one_key), T(every_part_of_the_state_is_compared),
           T(equal_states_are_equal_bytes), T(every_rule_is_met_and_refuses_a_lie));
