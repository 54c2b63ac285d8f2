/* SPDX-License-Identifier: GPL-2.0-only */
#include "replay_play.h"

#include "lcg.h"
#include "replay_status.h"
#include "scsi/be.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define AGID_SHIFT  6
#define WRONG_BYTE  2 /* of KEY2 */
#define WRONG_BIT   0x10
#define MS_PER_S    1000
#define NS_PER_MS   1000000
#define RANDOM_SEED 1

void replay_host_begin(struct replay_host *host, const struct replay_host_kind *kind,
                       const struct disc *css_disc)
{
    memset(host, 0, sizeof(*host));
    host->kind = kind;
    host->css_disc = css_disc;
    host->random_state = RANDOM_SEED;
    host->variant = REPLAY_NO_VARIANT;
}

/* ---- what goes out ---- */

static const enum replay_lba lbas[] = {
    [REPLAY_LBA_SCRAMBLED] = REPLAY_SCRAMBLED,
    [REPLAY_LBA_SECOND] = REPLAY_SECOND,
    [REPLAY_LBA_CLEAR] = REPLAY_CLEAR,
    [REPLAY_LBA_END] = REPLAY_END,
};

static uint8_t lba_byte(const struct replay_host *host, struct replay_byte from, bool *good)
{
    const uint32_t lba = replay_lba(host->css_disc, lbas[from.source]);
    uint8_t bytes[4];

    *good = *good && lba < DISC_BLOCKS_MAX;
    be32_put(bytes, lba);
    return bytes[from.value];
}

static uint8_t challenge_byte(struct replay_host *host, uint8_t at)
{
    if (at == 0) {
        lcg_bytes(&host->random_state, host->challenge, sizeof(host->challenge));
    }
    return host->challenge[at];
}

static uint8_t fill_byte(struct replay_host *host, struct replay_byte from, size_t at, bool *good)
{
    switch ((enum replay_source)from.source) {
    case REPLAY_LITERAL:
        return from.value;
    case REPLAY_AGID:
        return (uint8_t)(host->agid << AGID_SHIFT | from.value);
    case REPLAY_OLD:
        return host->buffer[at];
    case REPLAY_CHALLENGE:
        return challenge_byte(host, from.value);
    case REPLAY_KEY2:
        return host->key2[from.value];
    case REPLAY_WRONG_KEY2:
        return host->key2[from.value] ^ (from.value == WRONG_BYTE ? WRONG_BIT : 0);
    case REPLAY_LENGTH:
        return (uint8_t)(from.value == 0 ? host->length_bytes >> 8 : host->length_bytes);
    default:
        return lba_byte(host, from, good);
    }
}

bool replay_fill(struct replay_host *host, const struct replay_bytes *bytes, uint8_t *out)
{
    bool good = true;

    for (size_t i = 0; i < bytes->count; i++) {
        out[i] = fill_byte(host, bytes->byte[i], i, &good);
    }
    return good;
}

/* ---- what comes back ---- */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

static void say_outcome(int outcome, char *said, size_t room)
{
    if (outcome == 0) {
        snprintf(said, room, "good");
    } else if (outcome == INITIATOR_LOST) {
        snprintf(said, room, "no answer that can be read");
    } else {
        snprintf(said, room, "%02X/%02X/%02X", (unsigned)outcome >> 16,
                 (unsigned)outcome >> 8 & 0xff, (unsigned)outcome & 0xff);
    }
}

static void say(struct replay_result *result, const struct replay_host *host,
                const struct replay_step *step, const struct initiator_result *answer)
{
    const int outcome = initiator_outcome(answer);
    const char *status = host->kind->has_statuses ? replay_status(outcome) : NULL;
    char sense[REPLAY_TEXT_BYTES / 4];

    say_outcome(outcome, sense, sizeof(sense));
    if (outcome == 0 && step->reads) {
        snprintf(result->said, sizeof(result->said), "good, %zu bytes", answer->in_bytes);
    } else {
        snprintf(result->said, sizeof(result->said), "%s%s%s", sense,
                 outcome && status ? " STATUS_" : "", outcome && status ? status : "");
    }
}

/* False: another end than the script says, told in `wrong`. */
static bool judge_end(struct replay_result *result, const struct replay_step *step,
                      const struct initiator_result *answer)
{
    const int outcome = initiator_outcome(answer);
    const char *status = replay_status(outcome);
    char wanted[REPLAY_TEXT_BYTES / 4];

    say_outcome(step->outcome, wanted, sizeof(wanted));
    if (outcome != step->outcome) {
        snprintf(result->wrong, sizeof(result->wrong), "wanted %s", wanted);
        return false;
    }
    if (step->status && (!status || strcmp(status, step->status) != 0)) {
        snprintf(result->wrong, sizeof(result->wrong), "wanted STATUS_%s", step->status);
        return false;
    }
    return true;
}

static void judge_answer(struct replay_result *result, struct replay_host *host,
                         const struct replay_step *step, const struct replay_answer *answer)
{
    for (size_t i = 0; i < step->check_count && !result->wrong[0]; i++) {
        const struct replay_check_call *call = &step->checks[i];
        const char *wrong = replay_run_check(call->check, answer, call->arg);

        if (wrong) {
            snprintf(result->wrong, sizeof(result->wrong), "%s: %s", call->check->name, wrong);
        }
    }
    for (size_t i = 0; i < step->keep_count && !result->wrong[0]; i++) {
        const struct replay_keep *keep = step->keeps[i];
        const char *wrong = answer->result->in_bytes < keep->in_bytes_min ? "too few bytes came"
                                                                          : keep->fn(host, answer);

        if (wrong) {
            snprintf(result->wrong, sizeof(result->wrong), "%s: %s", keep->name, wrong);
        }
    }
}

/* The command of a step; parameter data goes out of the work buffer, and data comes into it. */
static struct initiator_command
make_command(struct replay_host *host, const struct replay_step *step, struct replay_result *result)
{
    struct initiator_command command = {.cdb = result->cdb, .cdb_bytes = step->cdb.count};

    if (!replay_fill(host, &step->cdb, result->cdb) ||
        !replay_fill(host, &step->out, host->buffer)) {
        snprintf(result->wrong, sizeof(result->wrong), "this disc has no such block");
    }
    if (step->reads) {
        command.in = host->buffer;
        command.in_room = step->in_length ? host->length_bytes : step->in_bytes;
    } else if (step->out.count) {
        command.out = host->buffer;
        command.out_bytes = step->out.count;
    }
    return command;
}

struct replay_result replay_play(struct replay_host *host, struct initiator *i,
                                 const struct replay_step *step)
{
    struct replay_result result = {.passed = false};
    const struct initiator_command command = make_command(host, step, &result);
    const int64_t begin_ms = now_ms();
    const struct initiator_result got = initiator_run(i, &command);
    const struct replay_answer answer = {.host = host,
                                         .cdb = result.cdb,
                                         .in = host->buffer,
                                         .room = command.in_room,
                                         .result = &got};
    const char *wrong;

    result.answered = got.answered;
    say(&result, host, step, &got);
    if (result.wrong[0] || !judge_end(&result, step, &got)) {
        return result;
    }
    wrong = replay_check_always(&answer, now_ms() - begin_ms);
    if (wrong) {
        snprintf(result.wrong, sizeof(result.wrong), "%s", wrong);
    } else {
        judge_answer(&result, host, step, &answer);
    }
    result.passed = !result.wrong[0];
    return result;
}
