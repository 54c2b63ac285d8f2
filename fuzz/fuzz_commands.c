/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole drive under a sequence of commands from several nexuses, each judged by the oracle. The
 * input begins with the drive (judged_case.h); then come actions until it ends. Of an action's
 * first byte bits 1-0 say what it is, 3-2 the nexus, 7-4 more:
 *   0 a command: room for the reply by bits 7-4, its CDB as long as its operation code says, and
 *     as much parameter data as the CDB announces (at most 255 bytes)
 *   1 the same, with the lengths of CDB and data in two bytes in front
 *   2 a host goes on with the exchange of the AGID in bits 5-4; bit 6: with the disc key at last,
 *     bit 7: with all steps up to the bus key
 *   3 an event, by bits 7-4
 */
#include "fuzz.h"
#include "judged_case.h"

#include "emulator/commands.h"
#include "tests/walk/host_steps.h"

#define LIST_BYTES_MAX    255
#define ROOM_OF_THE_INPUT 15

static size_t room_of(struct fuzz_input *in, unsigned code)
{
    static const uint16_t rooms[] = {4096, 65535, 2052, 2048, 0,  1,  4,  7,
                                     8,    12,    16,   18,   36, 96, 255};

    return code == ROOM_OF_THE_INPUT ? input_16(in) : rooms[code];
}

static size_t cdb_bytes_of(uint8_t opcode)
{
    return mmc_commands[opcode].cdb_bytes ? mmc_commands[opcode].cdb_bytes : SCSI_CDB_BYTES_MAX;
}

/* Parameter data that a CDB announces. */
static size_t announced(const uint8_t *cdb, size_t cdb_bytes)
{
    const struct scsi_command *row = &mmc_commands[cdb[0]];
    size_t bytes;

    if (!row->alloc.out || cdb_bytes < row->cdb_bytes) {
        return 0;
    }
    bytes = scsi_alloc_bytes(row, cdb);
    return bytes < LIST_BYTES_MAX ? bytes : LIST_BYTES_MAX;
}

static void run_command(struct judged_case *c, struct fuzz_input *in, uint8_t action, bool lengths)
{
    uint8_t cdb[SCSI_CDB_BYTES_MAX], out[LIST_BYTES_MAX];
    struct oracle_command command = {.nexus = case_nexus(c, action >> 2 & 3), .cdb = cdb};

    command.in_room_bytes = room_of(in, action >> 4);
    if (lengths) {
        command.cdb_bytes = 1 + input_below(in, SCSI_CDB_BYTES_MAX);
        command.out_bytes = input_byte(in);
        input_copy(in, cdb, command.cdb_bytes);
    } else {
        cdb[0] = input_byte(in);
        command.cdb_bytes = cdb_bytes_of(cdb[0]);
        input_copy(in, cdb + 1, command.cdb_bytes - 1);
        command.out_bytes = announced(cdb, command.cdb_bytes);
    }
    command.out_bytes = input_copy(in, out, command.out_bytes); /* as much as there is */
    command.out = out;
    case_run(c, &command);
}

static void go_on(struct judged_case *c, uint8_t action)
{
    const unsigned nexus = case_nexus(c, action >> 2 & 3), agid = action >> 4 & 3;
    struct step_command step;

    if (action & 0x80) {
        case_to_bus_key(c, nexus, agid);
    }
    host_step_make(&step, &c->j.oracle, host_step_next(&c->j.oracle, agid, action & 0x40), nexus,
                   agid, (uint8_t)c->j.drive.counters.commands);
    case_run(c, &step.command);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct judged_case c;
    struct fuzz_input in = {data, size};

    case_open(&c, &in);
    while (in.left) {
        const uint8_t action = input_byte(&in);

        if ((action & 3) <= 1) {
            run_command(&c, &in, action, action & 1);
        } else if ((action & 3) == 2) {
            go_on(&c, action);
        } else {
            case_event(&c, action >> 4);
        }
    }
    case_close(&c);
    return 0;
}
