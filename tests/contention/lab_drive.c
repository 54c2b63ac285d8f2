/* SPDX-License-Identifier: GPL-2.0-only */
#include "lab_drive.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#define MS_PER_S       1000
#define NS_PER_MS      1000000
#define LATE_WAIT_MS   1    /* how long a late answer is waited for before the clock is moved */
#define LATE_STEP_MS   80   /* how far it is moved then: answers come one by one */
#define SETTLE_STEP_MS 9000 /* more than any answer takes */

const struct lab_profile lab_profiles[LAB_PROFILES] = {
    {"standard", {{NULL, NULL}}, LAB_SESSIONS, false, false},
    {"two AGIDs",
     {{"agid_count", "2"},
      {"agid_order", "highest"},
      {"agid_exhausted", "2C00_invalidate"},
      {"out_of_order_resets", "granted"},
      {"asf_set", "key2"}},
     LAB_SESSIONS,
     false,
     false},
    {"becoming ready",
     {{"ready_ms", "1000"}, {"agid_exhausted", "reuse"}},
     LAB_SESSIONS,
     true,
     false},
    {"late answers", {{"speed", "real"}, {"ready_ms", "700"}}, LAB_SESSIONS, true, true},
    {"lets go with the last", {{"release_on_last_nexus_loss", "yes"}}, 1, false, false},
};

int64_t lab_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

bool lab_fail(struct lab *lab, const char *what)
{
    if (!*lab->failure) {
        snprintf(lab->failure, sizeof(lab->failure), "%s", what);
    }
    return false;
}

const char *lab_drive_file(const struct lab_profile *profile, const struct lab_shelf *shelf,
                           struct temp_folder *folder)
{
    char text[TEMP_PATH_BYTES + 512], name[32];
    int bytes = snprintf(text, sizeof(text), "seed = 1\nstate = none\ndisc = %s\nclock = %s\n",
                         shelf->paths[0], profile->virtual_clock ? "virtual" : "real");

    for (size_t i = 0; i < LAB_QUIRKS_MAX && profile->quirks[i].key; i++) {
        bytes += snprintf(text + bytes, sizeof(text) - (size_t)bytes, "%s = %s\n",
                          profile->quirks[i].key, profile->quirks[i].value);
    }
    snprintf(name, sizeof(name), "%zu.conf", (size_t)(profile - lab_profiles));
    return temp_write(folder, name, text, (size_t)bytes);
}

/* ---- serving ---- */

static void serve_sessions(struct lab *lab, const struct pollfd *fds)
{
    for (size_t i = 0; i < LAB_SESSIONS; i++) {
        struct host_session *s = lab->sessions[i];

        if (s && fds[i].revents && !host_session_serve(s)) {
            lab_fail(lab, "a session broke");
        }
    }
}

void lab_serve(struct lab *lab, int timeout_ms)
{
    struct pollfd fds[LAB_SESSIONS + LAB_LINES];

    for (size_t i = 0; i < LAB_SESSIONS; i++) {
        const struct host_session *s = lab->sessions[i];
        const bool is_open = s && !host_session_has_left(s);

        fds[i] = (struct pollfd){.fd = is_open ? host_session_fd(s) : -1, .events = POLLIN};
    }
    for (size_t i = 0; i < LAB_LINES; i++) {
        fds[LAB_SESSIONS + i] = (struct pollfd){.fd = lab->lines[i].fd, .events = POLLIN};
    }
    if (poll(fds, LAB_SESSIONS + LAB_LINES, timeout_ms) <= 0) {
        return;
    }
    serve_sessions(lab, fds);
    for (size_t i = 0; i < LAB_LINES; i++) {
        if (fds[LAB_SESSIONS + i].revents && !operator_line_serve(&lab->lines[i])) {
            lab_fail(lab, "the daemon is gone");
        }
    }
}

bool lab_operate(struct lab *lab, unsigned line, struct op *op)
{
    struct operator_line *o = &lab->lines[line];
    char more[TEMP_PATH_BYTES + 32];

    switch (op->kind) {
    case OP_INSERT:
        snprintf(more, sizeof(more), ",\"disc\":\"%s\"", lab->shelf->paths[op->number]);
        return operator_line_ask(o, op, "insert", lab->drive, more);
    case OP_CLOCK:
        snprintf(more, sizeof(more), ",\"advance_ms\":%u", (unsigned)op->number);
        return operator_line_ask(o, op, "clock", lab->drive, more);
    default:
        return operator_line_ask(o, op, "eject", lab->drive, "");
    }
}

/* Time passes between two looks at the answers. */
static bool move_clock(struct lab *lab)
{
    struct operator_line *o = &lab->lines[LAB_LINES - 1];
    struct op *op;

    if (o->busy) {
        return true;
    }
    op = history_begin(&lab->h, OP_CLOCK, HISTORY_OPERATOR, "clock");
    if (!op) {
        return lab_fail(lab, "more operations than a history holds");
    }
    op->number = LATE_STEP_MS;
    return lab_operate(lab, LAB_LINES - 1, op) || lab_fail(lab, "the daemon is gone");
}

/* Take what comes; false: it took too long. */
static bool wait_more(struct lab *lab, int64_t deadline)
{
    const bool late = lab->profile->answers_late;
    const unsigned before = lab->h.now;

    lab_serve(lab, late ? LATE_WAIT_MS : LAB_DEADLINE_MS);
    if (lab_now_ms() > deadline) {
        return lab_fail(lab, "an operation is not answered within 10 s");
    }
    return !*lab->failure && (!late || lab->h.now != before || move_clock(lab));
}

bool lab_wait(struct lab *lab, const struct op *op)
{
    const int64_t deadline = lab_now_ms() + LAB_DEADLINE_MS;

    while (!op->answered && wait_more(lab, deadline)) {
    }
    return op->answered;
}

bool lab_wait_left(struct lab *lab, unsigned session)
{
    const int64_t deadline = lab_now_ms() + LAB_DEADLINE_MS;

    while (!host_session_has_left(lab->sessions[session]) && wait_more(lab, deadline)) {
    }
    return host_session_has_left(lab->sessions[session]);
}

/* ---- coming and going ---- */

struct op *lab_login(struct lab *lab, unsigned session, uint8_t nexus)
{
    struct op *op = history_begin(&lab->h, OP_LOGIN, (uint8_t)session, "login");
    char name[64];

    if (!op) {
        return NULL;
    }
    snprintf(name, sizeof(name), "iqn.2026-01.org.example:contention-%u", session);
    op->nexus = lab->nexus[session] = nexus;
    /* every second session sends its lists only when it is asked for them */
    lab->sessions[session] = host_session_new(lab->url, name, session % 2 == 0, &lab->h, op);
    return lab->sessions[session] ? op : NULL;
}

bool lab_settle(struct lab *lab)
{
    char more[32];

    snprintf(more, sizeof(more), ",\"advance_ms\":%d", SETTLE_STEP_MS);
    return !lab->profile->virtual_clock ||
           operator_line_do(&lab->lines[0], "clock", lab->drive, more) ||
           lab_fail(lab, "the clock does not move");
}

bool lab_open(struct lab *lab, const struct lab_profile *profile, const struct lab_shelf *shelf,
              struct served *served, unsigned drive)
{
    memset(lab, 0, sizeof(*lab));
    lab->profile = profile;
    lab->shelf = shelf;
    lab->drive = drive;
    lab->url = served_url(served, drive - 1);
    for (size_t i = 0; i < LAB_LINES; i++) {
        lab->lines[i].fd = -1;
    }
    for (size_t i = 0; i < LAB_LINES; i++) {
        if (!operator_line_open(&lab->lines[i], served_pid(served), &lab->h)) {
            return lab_fail(lab, "the control socket does not answer");
        }
    }
    if (!lab->url || !lab_settle(lab) ||
        !operator_line_do(&lab->lines[0], "snapshot", drive, LAB_SNAPSHOT)) {
        return lab_fail(lab, "the drive keeps no state");
    }
    return true;
}

void lab_close(struct lab *lab)
{
    for (size_t i = 0; i < LAB_SESSIONS; i++) {
        host_session_free(lab->sessions[i], false);
        lab->sessions[i] = NULL;
    }
    for (size_t i = 0; lab->profile && i < LAB_LINES; i++) {
        operator_line_close(&lab->lines[i]);
    }
}
