/* SPDX-License-Identifier: GPL-2.0-only */
#include "linearise.h"

#include "seen_set.h"

#include <string.h>

#define NEVER 0xffffffffu

uint64_t linearise_steps_max = 2000000;

struct search {
    const struct history *h;
    struct explanation *e;
    struct seen_set *seen;
    bool placed[HISTORY_OPS_MAX];
    struct order path;
    size_t must_be_placed; /* operations that are left and have to be in the order */
    bool gave_up;
};

/* An operation that nobody saw end may be left out of the order. */
static bool may_be_missing(const struct op *op)
{
    return op->end == OP_UNKNOWN;
}

static unsigned answered(const struct op *op)
{
    return op->answered ? op->answered : NEVER;
}

/* What is begun behind this place has to wait: something is left that was answered there. */
static unsigned horizon(const struct search *s)
{
    unsigned first = NEVER;

    for (size_t i = 0; i < s->h->count; i++) {
        const struct op *op = &s->h->ops[i];

        if (!s->placed[i] && !may_be_missing(op) && answered(op) < first) {
            first = answered(op);
        }
    }
    return first;
}

/* Whether something stands in the order already that was begun after the operation's answer. */
static bool is_too_late(const struct search *s, const struct op *op)
{
    for (size_t i = 0; i < s->path.count; i++) {
        if (s->h->ops[s->path.op[i]].begun > answered(op)) {
            return true;
        }
    }
    return false;
}

/* Operations that can be next, the one that was answered first in front. */
static size_t candidates(const struct search *s, uint8_t out[HISTORY_OPS_MAX])
{
    const unsigned end = horizon(s);
    size_t count = 0;

    for (size_t i = 0; i < s->h->count; i++) {
        const struct op *op = &s->h->ops[i];
        size_t at = count;

        if (s->placed[i] || op->begun > end || (may_be_missing(op) && is_too_late(s, op))) {
            continue;
        }
        while (at > 0 && answered(&s->h->ops[out[at - 1]]) > answered(op)) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = (uint8_t)i;
        count++;
    }
    return count;
}

static uint64_t hash_of(const struct search *s, const struct lab_model *m)
{
    uint64_t hash = lab_model_hash(m);

    for (size_t i = 0; i < s->h->count; i++) {
        hash = (hash ^ s->placed[i]) * 0x100000001b3u;
    }
    return hash;
}

static bool walk(struct search *s, const struct lab_model *m);

static bool walk_with(struct search *s, const struct lab_model *m, uint8_t i, unsigned end)
{
    const struct op *op = &s->h->ops[i];
    struct lab_model next = *m;
    bool found;

    s->gave_up |= ++s->e->steps > linearise_steps_max;
    if (s->gave_up || lab_model_step(&next, op, end)) {
        return false;
    }
    if (may_be_missing(op) && lab_model_hash(&next) == lab_model_hash(m)) {
        return false; /* as good as left out */
    }
    s->placed[i] = true;
    s->must_be_placed -= !may_be_missing(op);
    s->path.op[s->path.count] = i;
    s->path.end[s->path.count++] = (uint8_t)end;
    if (s->path.count > s->e->order.count) {
        s->e->order = s->path;
    }
    found = walk(s, &next);
    if (!found) {
        s->placed[i] = false;
        s->must_be_placed += !may_be_missing(op);
        s->path.count--;
    }
    return found;
}

static bool walk(struct search *s, const struct lab_model *m)
{
    uint8_t next[HISTORY_OPS_MAX];
    size_t count;

    if (s->must_be_placed == 0) {
        return true;
    }
    if (!seen_set_add(s->seen, hash_of(s, m))) {
        return false;
    }
    count = candidates(s, next);
    for (size_t i = 0; i < count; i++) {
        for (unsigned end = 0; end < lab_model_ends(&s->h->ops[next[i]]); end++) {
            if (walk_with(s, m, next[i], end)) {
                return true;
            }
        }
    }
    return false;
}

enum verdict linearise(const struct history *h, const struct lab_model *start,
                       struct explanation *e)
{
    static struct seen_set seen;
    struct search s = {.h = h, .e = e, .seen = &seen};

    memset(e, 0, sizeof(*e));
    seen_set_clear(&seen);
    for (size_t i = 0; i < h->count; i++) {
        s.must_be_placed += !may_be_missing(&h->ops[i]);
    }
    if (walk(&s, start)) {
        e->order = s.path;
        return EXPLAINED;
    }
    return s.gave_up ? UNDECIDED : UNEXPLAINED;
}

bool linearise_reordered(const struct explanation *e)
{
    for (size_t i = 1; i < e->order.count; i++) {
        if (e->order.op[i] < e->order.op[i - 1]) {
            return true;
        }
    }
    return false;
}

/* ---- as text ---- */

static void print_step(const struct op *op, const char *what, FILE *to)
{
    fprintf(to, "  %4u  ", op->begun);
    history_print_op(op, to);
    fprintf(to, "%s%s\n", what ? "\n          " : "", what ? what : "");
}

void linearise_print(const struct history *h, const struct lab_model *start,
                     const struct explanation *e, FILE *to)
{
    struct search s = {.h = h, .path = e->order};
    struct lab_model m = *start;
    uint8_t next[HISTORY_OPS_MAX];
    size_t count;

    fprintf(to, "the longest order that the rules allow:\n");
    for (size_t i = 0; i < e->order.count; i++) {
        const struct op *op = &h->ops[e->order.op[i]];

        lab_model_step(&m, op, e->order.end[i]);
        s.placed[e->order.op[i]] = true;
        print_step(op, NULL, to);
    }
    fprintf(to, "none of these can be next:\n");
    count = candidates(&s, next);
    for (size_t i = 0; i < count; i++) {
        struct lab_model copy = m;

        print_step(&h->ops[next[i]], lab_model_step(&copy, &h->ops[next[i]], 0), to);
    }
}
