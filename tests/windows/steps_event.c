/* SPDX-License-Identifier: GPL-2.0-only */
/* A change of disc, seen from the host. The user makes it, at the drive or at the target. */
#include "wintest.h"

#include <inttypes.h>

#define POLL_MS  500
#define WAIT_MS  120000
#define FAR_AWAY UINT32_MAX /* a change count that was not given */

/* The media's change count, or the failure. Wine gives no count and takes no buffer for one. */
static struct call_result check_verify(const struct wintest *t, uint32_t *count)
{
    uint8_t number[4] = {0xff, 0xff, 0xff, 0xff};
    const uint32_t bytes = t->options->wine ? 0 : sizeof(number);
    const struct call_result result =
        wintest_control(t, CODE_STORAGE_CHECK_VERIFY, NULL, 0, bytes ? number : NULL, bytes);

    *count = le32_get(number);
    return result;
}

/* Gone and there again, a higher count, or the one VERIFY_REQUIRED of a mounted volume. */
static bool wait_for_change(const struct wintest *t, uint32_t before)
{
    bool gone = false;

    for (unsigned waited = 0; waited < WAIT_MS; waited += POLL_MS) {
        uint32_t count;
        const struct call_result result = check_verify(t, &count);

        if (result.status == NT_VERIFY_REQUIRED) {
            return true;
        }
        if (call_is_good(&result) && (gone || (count != FAR_AWAY && count != before))) {
            return true;
        }
        gone = gone || !call_is_good(&result);
        t->calls->sleep_ms(t->calls->ctx, POLL_MS);
    }
    return false;
}

static void old_session_is_dead(struct wintest *t, struct dvd_session *s)
{
    struct call_result result;

    step_begin(t->report, "old-session");
    result = dvd_read_key(s, KEY_TYPE_CHALLENGE, KEY_CHALLENGE_BYTES, 0);
    step_judge(t->report, !call_is_good(&result), "session %" PRIu32 ": status %08" PRIX32, s->id,
               result.status);
}

void wintest_events(struct wintest *t)
{
    struct dvd_session s = wintest_session(t);
    struct dvd_progress p;
    uint32_t before;

    step_begin(t->report, "media-change");
    dvd_end_all(&s);
    p = dvd_handshake(&s, DVD_KEY1_READ);
    check_verify(t, &before);
    if (!p.good) {
        step_fail(t->report, "%s failed before it", p.step);
        return;
    }
    step_fact(t->report, "please", "change the disc now, within %d seconds", WAIT_MS / 1000);
    if (!step_judge(t->report, wait_for_change(t, before), "%s", "")) {
        return;
    }
    old_session_is_dead(t, &s);
    t->known.media = false;
    wintest_drive(t);
    if (t->known.media) {
        wintest_structures(t);
    }
}
