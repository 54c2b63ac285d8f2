/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A drive file as text. One that is read says the same when it is written down and read again; its
 * drives power on with the oracle beside them and answer some commands of every kind.
 */
#include "fuzz.h"
#include "judged_case.h"
#include "must.h"

#include "emulator/drive_config.h"

#define DRIVES_MAX 4          /* of a file that run */
#define TEXT_BYTES (1u << 16) /* two paths, and all other values */

/* ---- values ---- */

static void set_again(void *ctx, const char *key, const char *value)
{
    char why[INI_ERROR_BYTES];

    must(drive_config_set(ctx, key, value, why));
}

struct text {
    char bytes[TEXT_BYTES];
    size_t used;
};

static void add_line(void *ctx, const char *key, const char *value)
{
    struct text *t = ctx;

    t->used +=
        (size_t)snprintf(t->bytes + t->used, sizeof(t->bytes) - t->used, "%s = %s\n", key, value);
    must(t->used < sizeof(t->bytes));
}

static void says_the_same_again(const struct drive_config *config)
{
    static struct drive_config again;
    static struct text one, other;

    one.used = other.used = 0;
    drive_config_init(&again);
    drive_config_each(config, set_again, &again);
    drive_config_each(config, add_line, &one);
    drive_config_each(&again, add_line, &other);
    must(one.used == other.used && memcmp(one.bytes, other.bytes, one.used) == 0);
}

/* ---- drives ---- */

static const uint8_t commands[][12] = {
    {0x03, 0, 0, 0, 0xff},
    {0x12, 0, 0, 0, 0xff},
    {0x12, 1, 0x80, 0, 0xff},
    {0x12, 1, 0x83, 0, 0xff},
    {0x12, 1, 0, 0, 0xff},
    {0x00},
    {0x1a, 0, 0x3f, 0, 0xff},
    {0x5a, 0, 0x3f, 0, 0, 0, 0, 0xff, 0xff},
    {0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 30},
    {0x5a, 0, 0x7f, 0, 0, 0, 0, 0xff, 0xff},
    {0x46, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
    {0x46, 1, 0, 0, 0, 0, 0, 0, 40},
    {0x46, 2, 0x01, 0x08, 0, 0, 0, 0xff, 0xff},
    {0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8},
    {0x4a, 1, 0, 0, 0xff, 0, 0, 0, 8},
    {0x51, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
    {0x43, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
    {0xad, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff},
    {0xad, 0, 0, 0, 0, 0x20, 0, 0x05, 0, 8},
    {0xac, 0, 0, 0, 0, 0, 0, 0, 0, 4, 3},
    {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0x08},
    {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0x00},
    {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0x02},
    {0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12, 0xc4},
    {0x28, 0, 0, 0, 0, 16, 0, 0, 1},
    {0x1b, 0, 0, 0, 2},
    {0x1b, 0, 0, 0, 3},
    {0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8},
};

static void known_to_the_oracle(void *ctx, const char *key, const char *value)
{
    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        must(strcmp(oracle_quirk_rows[id].key, key) != 0 || judged_quirk(ctx, key, value));
    }
}

static void drive_runs(const struct drive_config *config)
{
    static const uint8_t css[] = {0, 0xfe};
    static struct judged_case c;
    struct fuzz_input disc = {css, sizeof(css)};

    judged_init(&c.j, 1);
    c.j.config = *config;
    drive_config_each(config, known_to_the_oracle, &c.j);
    if (!*c.j.config.personality.serial) {
        personality_serial_from_name(&c.j.config.personality, config->name);
    }
    case_disc(&c.discs[0], &disc, 0);
    judged_open(&c.j);
    (void)case_nexus(&c, 0);
    case_event(&c, 3);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct oracle_command command = {.cdb = commands[i],
                                               .cdb_bytes = sizeof(commands[i]),
                                               .in_room_bytes = i % 3 ? 4096 : 32};

        case_run(&c, &command);
    }
    case_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[INI_ERROR_BYTES] = "";
    struct drive_config_list list;

    if (!drive_config_read_text(&list, "/fuzz/drive.conf", size ? (const char *)data : "", size,
                                error)) {
        must_be_an_error(error);
        must(!list.rows && !list.count);
        return 0;
    }
    must(list.rows && list.count);
    for (size_t i = 0; i < list.count && i < DRIVES_MAX; i++) {
        says_the_same_again(&list.rows[i]);
        drive_runs(&list.rows[i]);
    }
    drive_config_list_free(&list);
    return 0;
}
