/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine with a command table and a device of its own; every step writes a letter. */
#include "scsi/dispatch.h"

#include "unit.h"

/* The engine never looks inside: this is the device of these tests. */
struct drive {
    char steps[16];
    struct scsi_sense fault, attention, field, no_medium, result;
    unsigned gates_to_add, gates_seen;
    uint32_t blocks;
    bool compare;
    struct scsi_sense traced;
};

#define OP_PLAIN     0x01 /* 6 bytes, allocation length in byte 4 */
#define OP_EXEMPT    0x02 /* runs in spite of a unit attention */
#define OP_NO_LENGTH 0x03
#define OP_LIST      0x04 /* parameter list length in bytes 7-8 of 10 */
#define OP_UNCHECKED 0x05 /* no field check */
#define OP_WIDE      0x06 /* allocation length in bytes 6-9 of 12 */
#define OP_NONE      0x07

#define SAID_BYTES 8

static void step(struct drive *d, char letter)
{
    const size_t at = strlen(d->steps);

    if (at + 1 < sizeof(d->steps)) {
        d->steps[at] = letter;
    }
}

static struct scsi_sense check(struct drive *d, struct scsi_request *rq)
{
    step(d, 'c');
    rq->gates |= d->gates_to_add;
    return d->field;
}

static struct scsi_sense run(struct drive *d, struct scsi_request *rq)
{
    step(d, 'r');
    for (uint8_t i = 1; i <= SAID_BYTES; i++) {
        di_u8(&rq->in, i);
    }
    rq->medium_lba = 77;
    rq->medium_blocks = d->blocks;
    rq->medium_compare = d->compare;
    return d->result;
}

static struct scsi_sense fault(struct drive *d, struct scsi_request *rq)
{
    (void)rq;
    step(d, 'f');
    return d->fault;
}

static struct scsi_sense attention(struct drive *d, struct scsi_request *rq)
{
    (void)rq;
    step(d, 'a');
    return d->attention;
}

static struct scsi_sense medium(struct drive *d, const struct scsi_request *rq)
{
    step(d, 'm');
    d->gates_seen = rq->gates;
    return rq->gates & GATE_MEDIUM ? d->no_medium : SENSE_OK;
}

static void trace(struct drive *d, const struct scsi_request *rq, struct scsi_sense sense)
{
    (void)rq;
    step(d, 't');
    d->traced = sense;
}

static const struct scsi_command commands[SCSI_OPCODES] = {
    [OP_PLAIN] = {6, {4, 1, false}, 0, "plain", "0", check, run, {[1] = 0x81, [4] = 0xff, 0xc5}},
    [OP_EXEMPT] = {6, {4, 1, false}, GATE_ALLOW_UA, "exempt", "0", check, run, {0}},
    [OP_NO_LENGTH] = {6, {0, 0, false}, GATE_MEDIUM, "no length", "0", check, run, {0}},
    [OP_LIST] = {10, {7, 2, true}, 0, "list", "0", check, run, {0}},
    [OP_UNCHECKED] = {6, {4, 1, false}, 0, "unchecked", "0", NULL, run, {0}},
    [OP_WIDE] = {12, {6, 4, false}, 0, "wide", "0", check, run, {0}},
};

static const struct scsi_engine engine = {commands, fault, attention, medium, trace, false};

/* Room for 16 bytes, poisoned. */
struct stage {
    struct drive drive;
    uint8_t room[16];
    struct scsi_request rq;
    struct scsi_sense sense;
};

static void go(struct stage *s, const struct scsi_engine *with, const uint8_t *cdb, size_t bytes)
{
    memset(s->drive.steps, 0, sizeof(s->drive.steps));
    memset(s->room, 0xa5, sizeof(s->room));
    memset(&s->rq, 0xa5, sizeof(s->rq)); /* the engine sets all that is its own */
    s->rq.cdb = cdb;
    s->rq.cdb_bytes = bytes;
    s->rq.out = NULL;
    s->rq.out_bytes = 0;
    s->rq.in_room = s->room;
    s->rq.in_room_bytes = sizeof(s->room);
    s->rq.nexus = NULL;
    s->sense = scsi_execute(with, &s->drive, &s->rq);
}

#define GO(s, ...)                                                                                 \
    go((s), &engine, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static bool room_is(const struct stage *s, size_t said)
{
    for (size_t i = 0; i < sizeof(s->room); i++) {
        if (s->room[i] != (i < said ? i + 1 : 0xa5)) {
            return false;
        }
    }
    return true;
}

static void steps_come_in_the_one_order(void)
{
    struct stage s = {.sense = {0}};

    GO(&s, OP_PLAIN, 0, 0, 0, 8, 0);
    CU_ASSERT_FALSE(s.sense.check);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "facmrt");
    CU_ASSERT_EQUAL(s.rq.in_bytes, 8);
    CU_ASSERT_EQUAL(s.rq.param_bytes, 0);
}

static void each_refusal_ends_the_command_there(void)
{
    struct stage s = {.sense = {0}};

    s.drive.no_medium = sense_of(SENSE_NO_MEDIUM);
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "facmt");
    CU_ASSERT(sense_is(s.sense, SENSE_NO_MEDIUM));
    s.drive.field = sense_cdb_field(3);
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "fact");
    CU_ASSERT(sense_is(s.sense, SENSE_INVALID_FIELD_IN_CDB));
    s.drive.attention = sense_of(SENSE_POWER_ON);
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "fat");
    CU_ASSERT(sense_is(s.sense, SENSE_POWER_ON));
    s.drive.fault = sense_of(SENSE_UNRECOVERED_READ);
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "ft");
    CU_ASSERT(sense_is(s.sense, SENSE_UNRECOVERED_READ));
    CU_ASSERT(sense_is(s.drive.traced, SENSE_UNRECOVERED_READ));
}

static void an_unknown_opcode_is_refused_before_all_else(void)
{
    struct stage s = {.sense = {0}};

    s.drive.fault = sense_of(SENSE_UNRECOVERED_READ);
    GO(&s, OP_NONE, 0, 0, 0, 0, 0);
    CU_ASSERT(sense_is(s.sense, SENSE_INVALID_OPCODE));
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "t");
    /* nothing is left in the request of what it held before */
    CU_ASSERT_PTR_NULL(s.rq.row);
    CU_ASSERT_PTR_NULL(s.rq.detail);
    CU_ASSERT_EQUAL(s.rq.gates, 0);
    CU_ASSERT_EQUAL(s.rq.alloc_bytes, 0);
    CU_ASSERT_EQUAL(s.rq.param_bytes, 0);
    CU_ASSERT_PTR_NULL(s.rq.in.p);
    CU_ASSERT_EQUAL(s.rq.in.len, 0);
    CU_ASSERT_EQUAL(s.rq.in_bytes, 0);
}

static void an_empty_cdb_is_an_invalid_opcode(void)
{
    struct stage s = {.sense = {0}};

    go(&s, &engine, (const uint8_t[]){0}, 0);
    CU_ASSERT(sense_is(s.sense, SENSE_INVALID_OPCODE));
}

static void a_cut_cdb_points_behind_its_end(void)
{
    struct stage s = {.sense = {0}};

    GO(&s, OP_PLAIN, 0, 0, 0, 8);
    CU_ASSERT(sense_is(s.sense, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT_EQUAL(s.sense.field_byte, 5);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "t");
}

static void an_exempt_command_leaves_the_attention_alone(void)
{
    struct stage s = {.sense = {0}};

    s.drive.attention = sense_of(SENSE_MEDIUM_CHANGED);
    GO(&s, OP_EXEMPT, 0, 0, 0, 8, 0);
    CU_ASSERT_FALSE(s.sense.check);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "fcmrt");
}

static void a_field_check_may_add_gates(void)
{
    struct stage s = {.sense = {0}};

    s.drive.no_medium = sense_of(SENSE_NO_MEDIUM);
    GO(&s, OP_PLAIN, 0, 0, 0, 8, 0);
    CU_ASSERT_FALSE(s.sense.check);
    CU_ASSERT_EQUAL(s.drive.gates_seen, 0);
    s.drive.gates_to_add = GATE_MEDIUM;
    GO(&s, OP_PLAIN, 0, 0, 0, 8, 0);
    CU_ASSERT(sense_is(s.sense, SENSE_NO_MEDIUM));
}

static void naca_and_link_are_refused_with_the_control_byte(void)
{
    struct stage s = {.sense = {0}};

    GO(&s, OP_PLAIN, 0, 0, 0, 8, 0x04);
    CU_ASSERT(sense_is(s.sense, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT_EQUAL(s.sense.field_byte, 5);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "fat");
    GO(&s, OP_WIDE, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x01);
    CU_ASSERT_EQUAL(s.sense.field_byte, 11);
    GO(&s, OP_PLAIN, 0, 0, 0, 8, 0xc0); /* vendor specific bits */
    CU_ASSERT_FALSE(s.sense.check);
}

static void reserved_bits_matter_only_when_strict(void)
{
    struct scsi_engine strict = engine;
    const uint8_t cdb[6] = {OP_PLAIN, 0x81 | 0x30, 0, 0, 8, 0};
    const uint8_t clean[6] = {OP_PLAIN, 0x81, 0, 0, 8, 0xc0};
    struct stage s = {.sense = {0}};

    go(&s, &engine, cdb, sizeof(cdb));
    CU_ASSERT_FALSE(s.sense.check);
    strict.strict = true;
    go(&s, &strict, cdb, sizeof(cdb));
    CU_ASSERT(sense_is(s.sense, SENSE_INVALID_FIELD_IN_CDB));
    CU_ASSERT_EQUAL(s.sense.field_byte, 1);
    CU_ASSERT(s.sense.bit_valid);
    CU_ASSERT_EQUAL(s.sense.bit, 5);
    go(&s, &strict, clean, sizeof(clean));
    CU_ASSERT_FALSE(s.sense.check);
}

static void a_reply_is_cut_at_the_allocation_length(void)
{
    struct stage s = {.sense = {0}};

    for (uint8_t n = 0; n < 12; n++) {
        const size_t expected = n < SAID_BYTES ? n : SAID_BYTES;

        GO(&s, OP_PLAIN, 0, 0, 0, n, 0);
        CU_ASSERT_FALSE(s.sense.check);
        CU_ASSERT_EQUAL(s.rq.in_bytes, expected);
        CU_ASSERT(room_is(&s, expected));
    }
}

static void all_bytes_of_an_allocation_length_count(void)
{
    struct stage s = {.sense = {0}};

    GO(&s, OP_WIDE, 0, 0, 0, 0, 0, 0x01, 0x02, 0x03, 0x04, 0, 0);
    CU_ASSERT_EQUAL(s.rq.alloc_bytes, 0x01020304);
    CU_ASSERT_EQUAL(s.rq.in_bytes, SAID_BYTES);
    GO(&s, OP_WIDE, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0);
    CU_ASSERT_EQUAL(s.rq.in_bytes, 3);
}

static void a_small_room_gets_what_fits_and_the_whole_is_counted(void)
{
    const uint8_t cdb[6] = {OP_PLAIN, 0, 0, 0, 255, 0};
    struct stage s = {.sense = {0}};
    uint8_t room[4] = {0xa5, 0xa5, 0xa5, 0xa5};

    s.rq = (struct scsi_request){
        .cdb = cdb, .cdb_bytes = sizeof(cdb), .in_room = room, .in_room_bytes = 3};
    s.sense = scsi_execute(&engine, &s.drive, &s.rq);
    CU_ASSERT_EQUAL(s.rq.in_bytes, SAID_BYTES);
    CU_ASSERT(memcmp(room, (const uint8_t[]){1, 2, 3, 0xa5}, 4) == 0);
    s.rq.in_room = NULL;
    s.sense = scsi_execute(&engine, &s.drive, &s.rq);
    CU_ASSERT_FALSE(s.sense.check);
    CU_ASSERT_EQUAL(s.rq.in_bytes, SAID_BYTES);
}

static void a_refusal_by_the_handler_leaves_no_data(void)
{
    struct stage s = {.sense = {0}};

    s.drive.result = sense_of(SENSE_LBA_OUT_OF_RANGE);
    s.drive.blocks = 3;
    s.drive.compare = true;
    GO(&s, OP_PLAIN, 0, 0, 0, 8, 0);
    CU_ASSERT(sense_is(s.sense, SENSE_LBA_OUT_OF_RANGE));
    CU_ASSERT_EQUAL(s.rq.in.len, 0);
    CU_ASSERT_EQUAL(s.rq.in_bytes, 0);
    CU_ASSERT_EQUAL(s.rq.medium_lba, 0);
    CU_ASSERT_EQUAL(s.rq.medium_blocks, 0);
    CU_ASSERT_FALSE(s.rq.medium_compare);
}

static void blocks_of_the_medium_count_2048_bytes_each(void)
{
    struct stage s = {.sense = {0}};

    s.drive.blocks = 3;
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(s.rq.in_bytes, 3 * 2048);
    CU_ASSERT_EQUAL(s.rq.medium_lba, 77);
    s.drive.compare = true;
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT_EQUAL(s.rq.in_bytes, SAID_BYTES);
}

static void four_gibibytes_of_blocks_are_not_none(void)
{
    struct stage s = {.sense = {0}};

    s.drive.blocks = UINT32_C(1) << 21; /* 2^32 bytes, the first that 32 bits do not hold */
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT(s.rq.in_bytes >= UINT32_MAX);
    s.drive.blocks = UINT32_MAX;
    GO(&s, OP_NO_LENGTH, 0, 0, 0, 0, 0);
    CU_ASSERT(s.rq.in_bytes >= UINT32_MAX);
}

static void a_parameter_list_length_is_no_room_for_a_reply(void)
{
    struct stage s = {.sense = {0}};

    GO(&s, OP_LIST, 0, 0, 0, 0, 0, 0, 0x01, 0x08, 0);
    CU_ASSERT_EQUAL(s.rq.param_bytes, 0x108);
    CU_ASSERT_EQUAL(s.rq.in_bytes, 0);
    CU_ASSERT(room_is(&s, 0));
}

static void a_list_is_what_was_announced_and_arrived(void)
{
    struct scsi_request rq = {.param_bytes = 8, .out_bytes = 4};

    CU_ASSERT_EQUAL(scsi_list_bytes(&rq), 4);
    rq.out_bytes = 12;
    CU_ASSERT_EQUAL(scsi_list_bytes(&rq), 8);
}

static void an_engine_with_commands_alone_works(void)
{
    const struct scsi_engine bare = {.commands = commands};
    const uint8_t cdb[6] = {OP_UNCHECKED, 0, 0, 0, 8, 0};
    struct stage s = {.sense = {0}};

    go(&s, &bare, cdb, sizeof(cdb));
    CU_ASSERT_FALSE(s.sense.check);
    CU_ASSERT_STRING_EQUAL(s.drive.steps, "r");
    CU_ASSERT_EQUAL(s.rq.in_bytes, 8);
}

UNIT_SUITE(dispatch, T(steps_come_in_the_one_order), T(each_refusal_ends_the_command_there),
           T(an_unknown_opcode_is_refused_before_all_else), T(an_empty_cdb_is_an_invalid_opcode),
           T(a_cut_cdb_points_behind_its_end), T(an_exempt_command_leaves_the_attention_alone),
           T(a_field_check_may_add_gates), T(naca_and_link_are_refused_with_the_control_byte),
           T(reserved_bits_matter_only_when_strict), T(a_reply_is_cut_at_the_allocation_length),
           T(all_bytes_of_an_allocation_length_count),
           T(a_small_room_gets_what_fits_and_the_whole_is_counted),
           T(a_refusal_by_the_handler_leaves_no_data),
           T(blocks_of_the_medium_count_2048_bytes_each), T(four_gibibytes_of_blocks_are_not_none),
           T(a_parameter_list_length_is_no_room_for_a_reply),
           T(a_list_is_what_was_announced_and_arrived), T(an_engine_with_commands_alone_works));
