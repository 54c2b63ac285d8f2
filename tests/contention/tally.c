/* SPDX-License-Identifier: GPL-2.0-only */
#include "tally.h"

#include <inttypes.h>

/* Answers worth a line of their own. */
static struct {
    const char *name;
    struct op_sense sense;
    uint64_t times;
} answers[] = {
    {"AGIDs exhausted, 05/55/00", {.key = 5, .asc = 0x55}, 0},
    {"out of order or exhausted, 05/2C/00", {.key = 5, .asc = 0x2c}, 0},
    {"AGID not granted, 05/24/00", {.key = 5, .asc = 0x24}, 0},
    {"wrong KEY2, 05/6F/00", {.key = 5, .asc = 0x6f, .ascq = 0}, 0},
    {"no bus key, 05/6F/02", {.key = 5, .asc = 0x6f, .ascq = 2}, 0},
    {"gated sector, 05/6F/03", {.key = 5, .asc = 0x6f, .ascq = 3}, 0},
    {"region, 05/6F/04", {.key = 5, .asc = 0x6f, .ascq = 4}, 0},
    {"tray open, 02/3A/02", {.key = 2, .asc = 0x3a, .ascq = 2}, 0},
    {"becoming ready, 02/04/01", {.key = 2, .asc = 4, .ascq = 1}, 0},
    {"removal prevented, 05/53/02", {.key = 5, .asc = 0x53, .ascq = 2}, 0},
    {"attention 06/29/00", {.key = 6, .asc = 0x29}, 0},
    {"attention 06/28/00", {.key = 6, .asc = 0x28}, 0},
};
static uint64_t keys_out, aborted, lost;

static const struct {
    unsigned deed;
    const char *name;
} deed_names[] = {
    {DEED_RESET, "LUN RESET"},
    {DEED_ABORT, "ABORT TASK"},
    {DEED_ABORT_ALL, "ABORT TASK SET"},
    {DEED_DROP, "connection closed"},
    {DEED_RST, "connection reset (TCP)"},
    {DEED_LOGOUT, "logout"},
    {DEED_LOGIN, "login"},
    {DEED_OPERATOR_EJECT, "eject by the operator"},
    {DEED_INSERT_0, "insert of disc 0"},
    {DEED_INSERT_1, "insert of disc 1"},
    {STEP_EJECT, "eject by a host"},
    {STEP_LOAD, "load by a host"},
    {STEP_PREVENT, "removal prevented"},
    {STEP_INVALIDATE, "AGID invalidated"},
    {STEP_REGION_1, "region set to 1"},
    {STEP_REGION_2, "region set to 2"},
    {DEED_CLOCK, "time passes"},
};

void tally_deed(struct tally *t, unsigned deed, bool in_exchange, bool overlapping)
{
    t->deeds[deed].times++;
    t->deeds[deed].in_exchange += in_exchange;
    t->deeds[deed].overlapping += overlapping;
}

static void count_answer(const struct op *op)
{
    for (size_t i = 0; op->end == OP_CHECK && i < sizeof(answers) / sizeof(answers[0]); i++) {
        answers[i].times += op->sense.key == answers[i].sense.key &&
                            op->sense.asc == answers[i].sense.asc &&
                            op->sense.ascq == answers[i].sense.ascq;
    }
    if (op->end == OP_UNKNOWN && op->kind == OP_COMMAND) {
        aborted += op->answered != 0;
        lost += op->answered == 0;
    }
    keys_out += op->end == OP_GOOD && ((op->cdb[0] == 0xa4 && (op->cdb[10] & 0x3f) == 0x04) ||
                                       (op->cdb[0] == 0xad && op->cdb[7] == 0x02));
}

void tally_history(struct tally *t, const struct history *h, const struct explanation *e)
{
    const unsigned overlap = history_overlap(h);

    t->interleavings++;
    t->operations += h->count;
    t->tried += e->steps;
    t->most_overlap = overlap > t->most_overlap ? overlap : t->most_overlap;
    t->overtaken += history_answers_overtake(h);
    t->reordered += linearise_reordered(e);
    seen_set_add(&t->shapes, history_shape(h));
    for (size_t i = 0; i < h->count; i++) {
        count_answer(&h->ops[i]);
    }
}

static void line(FILE *to, const char *name, uint64_t number)
{
    fprintf(to, "%10" PRIu64 "  %s\n", number, name);
}

void tally_print(const struct tally *t, FILE *to)
{
    line(to, "operations", t->operations);
    line(to, "distinct histories", t->shapes.count);
    line(to, "most operations under way at one time", t->most_overlap);
    line(to, "histories in which an answer overtook another one", t->overtaken);
    line(to, "histories whose order is not that of the beginnings", t->reordered);
    line(to, "steps that the search tried", t->tried);
    fprintf(to, "     times  in mid-exchange  overlapping\n");
    for (size_t i = 0; i < sizeof(deed_names) / sizeof(deed_names[0]); i++) {
        const struct tally_deed *deed = &t->deeds[deed_names[i].deed];

        fprintf(to, "%10" PRIu64 "  %15" PRIu64 "  %11" PRIu64 "  %s\n", deed->times,
                deed->in_exchange, deed->overlapping, deed_names[i].name);
    }
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        line(to, answers[i].name, answers[i].times);
    }
    line(to, "keys that went out", keys_out);
    line(to, "AGIDs whose initiator went in mid-exchange", t->leaked_agids);
    line(to, "commands that ended as TASK ABORTED", aborted);
    line(to, "commands whose session went before they were answered", lost);
}
