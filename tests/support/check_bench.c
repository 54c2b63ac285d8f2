/* SPDX-License-Identifier: GPL-2.0-only */
#include "check_bench.h"

#include "emulator/disc_file.h"
#include "medium_memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED      20261125
#define READY_MS  60000
#define US_PER_MS 1000u

/* Title keys, blocks in clear under one, gated blocks without one, and free blocks on both sides.
 */
#define CSS_DISC(regions)                                                                          \
    "[disc]\nimage = none\nprotection = css\nregions = " regions "\nseed = 5\n"                    \
    "disc_key = a1b2c3d4e5\n"                                                                      \
    "[title_keys]\nfirst = 1032547698\nsecond = fedcba9876\n"                                      \
    "[extents]\n32 = 16 F0 first\n48 = 16 B0 first\n96 = 32 F0 second\n200 = 4 B0 -\n"

const char check_bench_css[] = CSS_DISC("all");
const char check_bench_region_2[] = CSS_DISC("2,4");
const char check_bench_cd[] = "[disc]\nimage = none\nmedium = cd\n";
const char check_bench_no_structure[] = "[disc]\nimage = none\nprotection = absent\n";
const char check_bench_plain[] = "[disc]\nimage = none\n";
const char check_bench_opposite[] = "[disc]\nimage = none\nlayers = 2\ntrack_path = otp\n"
                                    "layer0_blocks = 160\nbca = 000102030405060708090a0b\n";
const char check_bench_parallel[] = "[disc]\nimage = none\nlayers = 2\ntrack_path = ptp\n"
                                    "layer0_blocks = 160\nbca = 000102030405060708090a0b\n";

/* ---- the drive ---- */

/* Time passes when the suite waits, and not otherwise. */
static uint64_t now_us(void *ctx)
{
    struct check_bench *b = ctx;

    return b->now_us;
}

static void draw(void *ctx, uint8_t *out, size_t bytes)
{
    struct check_bench *b = ctx;

    random_bytes(&b->random, out, bytes);
}

static void *need(void *memory)
{
    if (!memory) {
        perror("check bench");
        abort();
    }
    return memory;
}

static struct disc *make_disc(const char *text)
{
    char error[INI_ERROR_BYTES];
    struct disc *disc = disc_load_text("check.disc", text, strlen(text),
                                       &medium_memory_blocks(CHECK_BENCH_BLOCKS)->medium, error);

    if (!disc) {
        fprintf(stderr, "check bench: %s\n", error);
        abort();
    }
    return disc;
}

void check_bench_open(struct check_bench *b, const char *disc_text, const struct quirks *quirks)
{
    const struct drive_services services = {.ctx = b, .random = draw, .now_us = now_us};
    struct personality personality;

    memset(b, 0, sizeof(*b));
    b->random = random_seeded(SEED, "drive");
    personality_init(&personality);
    memcpy(personality.serial, "0123456789AB", SERIAL_BYTES + 1);
    if (quirks) {
        personality.quirks = *quirks;
    }
    drive_init(&b->drive, &personality, &services, NULL);
    b->options.random = random_seeded(SEED, "host");
    b->options.ready_ms = READY_MS;
    b->logins_left = UINT_MAX;
    quirks_init(&b->options.quirks);
    if (!disc_text) {
        return;
    }
    b->disc = make_disc(disc_text);
    if (!drive_insert(&b->drive, disc_hold(b->disc)) || !host_find_targets(b->disc, &b->targets)) {
        abort(); /* an empty drive takes any disc */
    }
}

void check_bench_close(struct check_bench *b)
{
    drive_fini(&b->drive);
    free(b->targets.rows);
    disc_release(b->disc);
}

/* ---- the wire ---- */

static bool login(void *ctx, unsigned host)
{
    struct check_bench *b = ctx;

    if (b->nexus[host]) {
        drive_nexus_close(&b->drive, b->nexus[host]);
        b->nexus[host] = NULL;
    }
    if (b->logins_left-- == 0) {
        b->logins_left = 0;
        return false;
    }
    b->nexus[host] = need(drive_nexus_open(&b->drive, host + 1));
    return true;
}

static void logout(void *ctx, unsigned host)
{
    struct check_bench *b = ctx;

    drive_nexus_close(&b->drive, b->nexus[host]);
    b->nexus[host] = NULL;
    if (b->lie && b->lie->logged_out) {
        b->lie->logged_out(b);
    }
}

static void put_residual(struct check_answer *a, size_t expected, size_t bytes)
{
    a->residual = bytes < expected   ? CHECK_UNDERFLOW
                  : bytes > expected ? CHECK_OVERFLOW
                                     : CHECK_NO_RESIDUAL;
    a->residual_bytes = bytes < expected ? expected - bytes : bytes - expected;
}

static struct check_answer run(struct check_bench *b, const struct check_command *command,
                               uint8_t *in)
{
    const struct drive_request request = {
        .cdb = command->cdb,
        .cdb_bytes = command->cdb_bytes,
        .out = command->out_bytes ? command->out : NULL,
        .out_bytes = command->out_bytes,
        .in = command->in_bytes ? in : NULL,
        .in_bytes = command->in_bytes,
        .nexus = b->nexus[b->host],
    };
    struct check_answer answer = {.status = CHECK_GOOD};
    struct drive_reply reply;

    drive_run(&b->drive, &request, &reply);
    if (reply.sense.check) {
        answer.status = CHECK_CONDITION;
        sense_fixed(reply.sense, answer.sense);
        answer.sense_bytes = SENSE_FIXED_BYTES;
    } else {
        answer.in_bytes = reply.in_bytes < command->in_bytes ? reply.in_bytes : command->in_bytes;
    }
    if (command->in_bytes) {
        put_residual(&answer, command->in_bytes, reply.in_bytes);
    }
    return answer;
}

static struct check_answer send_command(void *ctx, unsigned host,
                                        const struct check_command *command, uint8_t *in)
{
    struct check_bench *b = ctx;
    const struct check_command *heard = command;
    struct check_answer answer = {.status = CHECK_GOOD};

    b->host = host;
    if (b->lie && b->lie->before) {
        heard = b->lie->before(b, command);
    }
    if (heard) {
        answer = run(b, heard, in);
    }
    if (b->lie && b->lie->after) {
        b->lie->after(b, command, &answer, in);
    }
    return answer;
}

static bool reset(void *ctx, unsigned host)
{
    struct check_bench *b = ctx;

    (void)host;
    drive_reset(&b->drive);
    if (b->lie && b->lie->was_reset) {
        b->lie->was_reset(b);
    }
    return true;
}

static void pause_ms(void *ctx, unsigned ms)
{
    struct check_bench *b = ctx;

    b->now_us += (uint64_t)ms * US_PER_MS;
}

static const char *error(void *ctx, unsigned host)
{
    (void)ctx;
    (void)host;
    return "no error in here";
}

struct check_wire check_bench_wire(struct check_bench *b)
{
    return (struct check_wire){
        .ctx = b,
        .hosts = CHECK_HOSTS,
        .login = login,
        .logout = logout,
        .send = send_command,
        .reset = reset,
        .pause_ms = pause_ms,
        .error = error,
    };
}

/* ---- the suite ---- */

static void count(struct check_bench *b, const struct check *k, const struct check_row *row)
{
    switch (k->verdict) {
    case CHECK_OK:
        b->ok++;
        break;
    case CHECK_FAILED:
        if (b->failures < sizeof(b->failed) / sizeof(b->failed[0])) {
            b->failed[b->failures] = row;
        }
        b->failures++;
        break;
    case CHECK_SKIPPED:
        b->skipped++;
        break;
    }
}

static void run_all(struct check_bench *b, struct check *k, check_bench_fn *fn, void *ctx)
{
    for (const struct check_theme *const *theme = check_themes; *theme; theme++) {
        for (size_t i = 0; i < (*theme)->count; i++) {
            check_run(k, &(*theme)->rows[i]);
            count(b, k, &(*theme)->rows[i]);
            if (fn) {
                fn(ctx, k, &(*theme)->rows[i]);
            }
        }
    }
}

bool check_bench_run(struct check_bench *b, bool described, check_bench_fn *fn, void *ctx)
{
    const struct check_wire wire = check_bench_wire(b);
    struct check *k = need(malloc(sizeof(*k)));
    bool open;

    b->ok = b->failures = b->skipped = 0;
    b->options.disc = described ? b->disc : NULL;
    b->options.targets = described ? &b->targets : NULL;
    open = check_open(k, &wire, &b->options);
    if (open) {
        run_all(b, k, fn, ctx);
    } else if (fn) {
        fn(ctx, k, NULL);
    }
    check_close(k);
    free(k);
    return open;
}

bool check_bench_failed(const struct check_bench *b, const char *name)
{
    for (size_t i = 0; i < b->failures && i < sizeof(b->failed) / sizeof(b->failed[0]); i++) {
        if (strcmp(b->failed[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}
