/* SPDX-License-Identifier: GPL-2.0-only */
#include "judged_case.h"

#include "fuzz.h"

#include "tests/walk/host_steps.h"
#include "tests/walk/walk_cover.h"

#include <inttypes.h>
#include <stdlib.h>

#define QUIRK_COUNT  0x0f
#define DISC_IS_OUT  0x10
#define STANDS_STILL 0x40
#define ATTENTIONS   0x20
#define OP_SENSE     0x03
#define SENSE_BYTES  18
#define WORD_BYTES   32
#define HEX_BYTES    128
#define COUNTERS     8192
#define RULES_AT     128
#define SLOTS_AT     256
#define OUTCOMES_AT  4096
#define STEPS_MOST   8
#define SLOT_STATES  ORACLE_SLOT_STATES

/* ---- what a fuzzer and a replay are told ---- */

/* libFuzzer takes this section for coverage: a state that nobody was in before is news. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static struct {
    bool watched, trace;
    bool coarse; /* of a merge: the corpus need not hold every combination of slots */
    uint64_t commands;
    struct walk_cover cover;
} seen;

void fuzz_watch(bool trace)
{
    seen.watched = true;
    seen.trace = trace;
}

uint64_t fuzz_commands(void)
{
    return seen.commands;
}

void fuzz_report(FILE *out)
{
    const unsigned missing = walk_cover_print(&seen.cover, out);

    fprintf(out, "%" PRIu64 " commands, cells of the table not met: %u\n", seen.commands, missing);
}

__attribute__((constructor)) static void ask_environment(void)
{
    seen.coarse = getenv("FUZZ_COARSE") != NULL;
}

static size_t slots_place(const struct oracle *o)
{
    size_t place = o->asf;

    for (unsigned n = 0; n < ORACLE_SLOTS; n++) {
        place = place * SLOT_STATES + o->slot[n].state;
    }
    return place;
}

static void count(const struct judged_case *c, const struct oracle_command *command)
{
    const struct oracle_note *note = &c->j.note;
    const struct scsi_sense *s = &c->j.reply.sense;
    const uint32_t outcome =
        (s->check ? (uint32_t)s->key << 16 | (uint32_t)s->asc << 8 | s->ascq : WALK_GOOD) *
        2654435761u;

    if (note->exchange) {
        counters[note->row * SLOT_STATES + note->from]++;
    }
    counters[RULES_AT + (note->judged ? note->rule : 0)]++;
    counters[SLOTS_AT + (seen.coarse ? 0 : slots_place(&c->j.oracle))]++;
    counters[OUTCOMES_AT + ((outcome >> 16 ^ command->cdb[0] * 97u) & (OUTCOMES_AT - 1))]++;
}

/* ---- printing ---- */

static const char *hex(char out[static HEX_BYTES], const uint8_t *bytes, size_t bytes_count)
{
    size_t used = 0;

    out[0] = 0;
    for (size_t i = 0; i < bytes_count && used + 4 < HEX_BYTES; i++) {
        used += (size_t)snprintf(out + used, HEX_BYTES - used, "%s%02X", i ? " " : "", bytes[i]);
    }
    return out;
}

static void print_command(const struct judged_case *c, const struct oracle_command *command)
{
    const struct scsi_sense *s = &c->j.reply.sense;
    const size_t room = command->in_room_bytes;
    char cdb[HEX_BYTES], list[HEX_BYTES], data[HEX_BYTES];

    fprintf(stderr, "nexus %u  %s  -> %s  room %zu: ", command->nexus,
            hex(cdb, command->cdb, command->cdb_bytes), hex(list, command->out, command->out_bytes),
            room);
    if (s->check) {
        fprintf(stderr, "%02X/%02X/%02X\n", s->key, s->asc, s->ascq);
    } else {
        fprintf(stderr, "GOOD, %zu bytes  %s\n", c->j.reply.in_bytes,
                hex(data, c->j.in, c->j.reply.in_bytes < room ? c->j.reply.in_bytes : room));
    }
}

/* NULL: all is well. */
static void judge(const struct judged_case *c, const char *text)
{
    if (!text) {
        return;
    }
    fprintf(stderr, "difference: %s\nquirks:", text);
    for (unsigned id = 0; id < ORACLE_QUIRKS; id++) {
        if (c->j.oracle.quirk[id]) {
            fprintf(stderr, " %s=%" PRIu32, oracle_quirk_rows[id].key, c->j.oracle.quirk[id]);
        }
    }
    fprintf(stderr, "\n");
    abort();
}

/* ---- commands and events ---- */

void case_run(struct judged_case *c, const struct oracle_command *command)
{
    const char *text = judged_run(&c->j, command);
    const struct scsi_sense *s = &c->j.reply.sense;
    const struct oracle_answer answer = {s->check, s->key, s->asc, s->ascq, 0, 0, 0, 0, NULL};

    if (!text) {
        text = case_leak(c, command->in_room_bytes);
    }
    if (text || seen.trace) {
        print_command(c, command);
    }
    judge(c, text);
    seen.commands++;
    count(c, command);
    if (seen.watched) {
        walk_cover_command(&seen.cover, command, &answer, &c->j.note);
    }
}

unsigned case_nexus(struct judged_case *c, unsigned wanted)
{
    for (unsigned i = 0; i < CASE_NEXUSES; i++) {
        if (c->j.nexus[(wanted + i) % CASE_NEXUSES]) {
            return (wanted + i) % CASE_NEXUSES;
        }
    }
    judge(c, judged_nexus_comes(&c->j, wanted % CASE_NEXUSES));
    return wanted % CASE_NEXUSES;
}

static const char *come_or_go(struct judged_drive *j, unsigned nexus)
{
    return j->nexus[nexus] ? judged_nexus_goes(j, nexus) : judged_nexus_comes(j, nexus);
}

static const char *event_of(struct judged_case *c, unsigned event)
{
    static const unsigned waits_ms[] = {1, 100, 1000, 60000};
    struct judged_drive *j = &c->j;

    switch (event) {
    case 0:
        return judged_reset(j);
    case 1:
    case 2:
        return judged_eject(j, event == 2);
    case 3:
    case 4:
        return judged_insert(j, &c->discs[event - 3].facts);
    case 5:
        return judged_power_cycle(j);
    case 6:
    case 7:
    case 8:
        return come_or_go(j, event - 6);
    default:
        return judged_wait(j, waits_ms[event - 9]);
    }
}

void case_event(struct judged_case *c, unsigned event)
{
    event %= CASE_EVENTS;
    if (seen.trace) {
        fprintf(stderr, "event %u\n", event);
    }
    if (seen.watched && event <= 5) {
        walk_cover_event(&seen.cover, &c->j.oracle);
    }
    judge(c, event_of(c, event));
}

void case_to_bus_key(struct judged_case *c, unsigned nexus, unsigned agid)
{
    struct step_command step;

    for (unsigned i = 0; i < STEPS_MOST && c->j.oracle.slot[agid].state != ORACLE_BUSKEY; i++) {
        host_step_make(&step, &c->j.oracle, host_step_next(&c->j.oracle, agid, false), nexus, agid,
                       (uint8_t)(i + 1));
        case_run(c, &step.command);
        if (c->j.reply.sense.check) {
            return;
        }
    }
}

/* ---- the beginning of an input ---- */

/* Word `place` of a key's values, taken round. */
static void set_quirk(struct judged_case *c, unsigned id, unsigned place)
{
    const struct oracle_quirk_row *row = &oracle_quirk_rows[id];
    const char *word = row->values;
    char value[WORD_BYTES];

    for (; place; place--) {
        word += strcspn(word, " ");
        word = *word ? word + 1 : row->values;
    }
    snprintf(value, sizeof(value), "%.*s", (int)strcspn(word, " "), word);
    judged_quirk(&c->j, row->key, value);
}

/* All that is pending is taken, as a host does at first. */
static void quiet(struct judged_case *c)
{
    static const uint8_t cdb[] = {OP_SENSE, 0, 0, 0, SENSE_BYTES, 0};

    for (unsigned n = 0; n < 2; n++) {
        const struct oracle_command ask = {n, cdb, sizeof(cdb), NULL, 0, SENSE_BYTES};

        for (unsigned i = 0; i < 2 && c->j.oracle.nexus[n].attentions; i++) {
            case_run(c, &ask);
        }
    }
}

void case_open(struct judged_case *c, struct fuzz_input *in)
{
    unsigned flags;

    judged_init(&c->j, input_16(in));
    flags = input_byte(in);
    if (flags & STANDS_STILL) {
        judged_repeat_random(&c->j);
    }
    for (unsigned i = 0; i < (flags & QUIRK_COUNT); i++) {
        const unsigned id = input_below(in, ORACLE_QUIRKS);

        set_quirk(c, id, input_below(in, 8));
    }
    for (unsigned n = 0; n < CASE_DISCS; n++) {
        case_disc(&c->discs[n], in, n);
    }
    judged_open(&c->j);
    judge(c, judged_nexus_comes(&c->j, 0));
    judge(c, judged_nexus_comes(&c->j, 1));
    if (!(flags & DISC_IS_OUT)) {
        judge(c, judged_insert(&c->j, &c->discs[0].facts));
    }
    if (!(flags & ATTENTIONS)) {
        quiet(c);
    }
}

void case_close(struct judged_case *c)
{
    judged_close(&c->j);
}
