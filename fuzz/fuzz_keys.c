/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key exchanges that are almost right. The input begins with the drive (judged_case.h); then come
 * steps of two bytes until it ends. A right host makes the step's command, from what it has seen of
 * the drive; the input chooses what is bent.
 *   first byte   bits 7-6 the AGID, 5 the nexus; 4-0 the step: one of enum host_step, or the one
 *                that comes next, the last command again, all steps up to the bus key, an event
 *   second byte  bits 7-5 0: the step is right, bits 4-0 say which challenge, block, region or
 *                event; else the bend (bends.c) by bits 4-0, how much of it in a third byte
 */
#include "bends.h"
#include "fuzz.h"

#define BEND_BITS   0xe0
#define NUMBER_BITS 0x1f

/* Beyond enum host_step; NEXT comes more than once, so that an input gets far. */
enum { AGAIN = HOST_STEPS, TO_BUS_KEY, EVENT, NEXT, NEXT_TO_DISC_KEY };

struct walk {
    struct judged_case c;
    struct bend_memory memory;
};

static void make(struct walk *w, struct step_command *step, uint8_t what, uint8_t number)
{
    const unsigned agid = what >> 6, kind = what & NUMBER_BITS;
    const unsigned nexus = case_nexus(&w->c, what >> 5 & 1);
    const struct oracle *o = &w->c.j.oracle;
    enum host_step of = (enum host_step)kind;

    if (kind >= HOST_STEPS) {
        of = host_step_next(o, agid, kind == NEXT_TO_DISC_KEY);
    }
    host_step_make(step, o, of, nexus, agid, number);
    if (kind == AGAIN && w->memory.last.command.cdb_bytes) {
        *step = w->memory.last;
        step->command.cdb = step->cdb;
        step->command.out = step->list;
        step->command.nexus = nexus;
    }
}

static void run_step(struct walk *w, struct fuzz_input *in, uint8_t what, uint8_t how)
{
    struct step_command step;

    make(w, &step, what, how & NUMBER_BITS);
    if (how & BEND_BITS) {
        bend_step(&step, &w->c.j.oracle, &w->memory, how & NUMBER_BITS, input_byte(in));
    }
    case_run(&w->c, &step.command);
    bend_remember(&w->memory, &step, &w->c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct walk w;
    struct fuzz_input in = {data, size};

    memset(&w.memory, 0, sizeof(w.memory));
    case_open(&w.c, &in);
    while (in.left) {
        const uint8_t what = input_byte(&in), how = input_byte(&in);

        switch (what & NUMBER_BITS) {
        case TO_BUS_KEY:
            case_to_bus_key(&w.c, case_nexus(&w.c, what >> 5 & 1), what >> 6);
            break;
        case EVENT:
            case_event(&w.c, how & NUMBER_BITS);
            break;
        default:
            run_step(&w, &in, what, how);
            break;
        }
    }
    case_close(&w.c);
    return 0;
}
