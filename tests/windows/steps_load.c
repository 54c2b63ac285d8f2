/* SPDX-License-Identifier: GPL-2.0-only */
/* Many sessions one after the other, and several at once. */
#include "wintest.h"

#include <inttypes.h>
#include <string.h>

#define AGIDS 4

/* One whole authentication and the disc key; NULL, or what failed. `ms` adds up. */
static const char *once(struct dvd_session *s, const struct wintest *t, double *ms)
{
    uint8_t block[HOST_CSS_BLOCK_BYTES];
    const struct dvd_progress p = dvd_handshake(s, DVD_KEY2_SENT);
    struct call_result result;

    if (!p.good) {
        return p.step;
    }
    result = dvd_read_disc_key(s, block);
    *ms += p.result.ms + result.ms;
    if (!call_is_good(&result)) {
        return "disc-key";
    }
    return memcmp(block, t->known.disc_key_block, sizeof(block)) == 0 ? NULL : "another disc key";
}

static void repeat(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    const char *failed = NULL;
    uint32_t done = 0;
    double ms = 0;

    step_begin(t->report, "repeat");
    dvd_end_all(&s);
    while (!failed && done < t->options->repeat) {
        failed = once(&s, t, &ms);
        done++;
    }
    step_judge(t->report, !failed,
               "%" PRIu32 " authentications%s%s, %.2f ms each for key 2 and disc key", done,
               failed ? ", then failed: " : "", failed ? failed : "", ms / done);
    dvd_end_all(&s);
}

/* ---- at once ---- */

struct crowd {
    const struct wintest *t;
    struct dvd_session sessions[AGIDS];
    const char *failed[AGIDS]; /* NULL: good */
};

static void authenticate_one(const struct windows_calls *calls, void *arg, unsigned index)
{
    struct crowd *crowd = arg;
    struct dvd_session *s = &crowd->sessions[index];
    struct dvd_progress p;

    dvd_session_init(s, calls, crowd->t->options->wine);
    p = dvd_handshake(s, DVD_KEY2_SENT);
    crowd->failed[index] = p.good ? NULL : p.step;
}

static void read_one(const struct windows_calls *calls, void *arg, unsigned index)
{
    struct crowd *crowd = arg;
    struct dvd_session *s = &crowd->sessions[index];
    uint8_t block[HOST_CSS_BLOCK_BYTES];
    struct call_result result;

    s->calls = calls;
    result = dvd_read_disc_key(s, block);
    crowd->failed[index] = !call_is_good(&result) ? "disc-key"
                           : memcmp(block, crowd->t->known.disc_key_block, sizeof(block)) == 0
                               ? NULL
                               : "another disc key";
}

static bool phase(struct wintest *t, struct crowd *crowd, const char *name, parallel_work *work)
{
    const uint32_t threads = t->options->threads;

    step_begin(t->report, name);
    if (!t->calls->parallel(t->calls->ctx, threads, work, crowd)) {
        step_fail(t->report, "no handle for each thread");
        return false;
    }
    for (uint32_t i = 0; i < threads; i++) {
        if (crowd->failed[i]) {
            step_fail(t->report, "session %" PRIu32 " of %" PRIu32 ": %s", i + 1, threads,
                      crowd->failed[i]);
            return false;
        }
    }
    step_pass(t->report, "%" PRIu32 " at once", threads);
    return true;
}

/* The sessions that are open and these make four; one more has to be refused. */
static void one_too_many(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    struct call_result result = {0};
    uint32_t more = 0;

    step_begin(t->report, "threads-one-too-many");
    while (call_is_good(&result) && t->options->threads + more <= AGIDS) {
        result = dvd_start(&s);
        more += call_is_good(&result);
    }
    step_judge(t->report, t->options->threads + more == AGIDS,
               "%" PRIu32 " open and %" PRIu32 " more, then status %08" PRIX32, t->options->threads,
               more, result.status);
}

static void at_once(struct wintest *t)
{
    struct crowd crowd = {.t = t};
    struct dvd_session s = wintest_session(t);

    dvd_end_all(&s);
    if (phase(t, &crowd, "threads-authenticate", authenticate_one)) {
        one_too_many(t);
        phase(t, &crowd, "threads-disc-key", read_one);
    }
    dvd_end_all(&s);
}

void wintest_load(struct wintest *t)
{
    if (!t->known.has_disc_key) {
        step_begin(t->report, "load");
        step_skip(t->report, "no disc key to compare with");
        return;
    }
    if (t->options->repeat) {
        repeat(t);
    }
    if (t->options->threads) {
        at_once(t);
    }
}
