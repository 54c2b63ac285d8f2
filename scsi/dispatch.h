/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file dispatch.h
 * The dispatch engine: one const row per operation code, one order of checks for all.
 *
 *   known opcode -> CDB long enough -> fault rules -> unit attention -> fields of the CDB
 *   -> medium -> handler -> clip to the allocation length -> trace
 *
 * The engine is the only place that looks at a row. It knows no drive: `struct drive` is named
 * and never defined here. A refusal carries no data, whatever the handler had written.
 */
#ifndef DVDEMU_DISPATCH_H
#define DVDEMU_DISPATCH_H

#include "datain.h"
#include "sense.h"

#define SCSI_OPCODES       256
#define SCSI_CDB_BYTES_MAX 16
#define SCSI_BLOCK_BYTES   2048 /**< logical block of every disc this drive reads */

struct drive;
struct scsi_request;

/**
 * Where a CDB keeps a length: `width` bytes at `byte`. Width 0: it has none. It is the allocation
 * length of the reply, or with `out` the length of the parameter list.
 */
struct scsi_alloc {
    uint8_t byte, width;
    bool out;
};

/** What has to hold before a handler runs. A field check may change the gates of its command. */
enum scsi_gate {
    GATE_ALLOW_UA = 1u << 0, /**< runs although a unit attention is pending */
    GATE_MEDIUM = 1u << 1,   /**< needs a readable disc: else 02/3A/xx, 02/04/01 */
    GATE_DVD = 1u << 2,      /**< needs it to be a DVD: else 05/30/02; goes with GATE_MEDIUM */
};

struct scsi_command {
    uint8_t cdb_bytes; /**< 0: the operation code is not supported */
    struct scsi_alloc alloc;
    unsigned gates; /**< of enum scsi_gate */
    const char *name, *clause;
    /** Checks the fields of the CDB that matter; NULL: none do. May set rq->gates, rq->detail. */
    struct scsi_sense (*check)(struct drive *, struct scsi_request *);
    struct scsi_sense (*run)(struct drive *, struct scsi_request *);
    /** Bits of the CDB that mean something, byte 0 left out; for docs, fuzzers and strict mode. */
    uint8_t usage[SCSI_CDB_BYTES_MAX];
};

/** One command on its way through the engine. The caller fills the first group only. */
struct scsi_request {
    const uint8_t *cdb;
    size_t cdb_bytes;
    const uint8_t *out; /**< parameter data that arrived; NULL when none */
    size_t out_bytes;
    uint8_t *in_room; /**< where the reply goes; NULL when nothing may be sent */
    size_t in_room_bytes;
    void *nexus; /**< the device's own word for who asks */

    const struct scsi_command *row;
    const void *detail; /**< row of a key format or structure that `check` found */
    unsigned gates;
    size_t alloc_bytes; /**< allocation length; SIZE_MAX when the command has none */
    size_t param_bytes; /**< parameter data that the CDB announces; what came is out_bytes */
    struct datain in;   /**< the handler writes here */

    /** Blocks that the medium adds to the reply, or that are compared with `out`. */
    uint32_t medium_lba, medium_blocks;
    bool medium_compare;

    /** Bytes the device had to say, after the allocation length; may exceed in_room_bytes. */
    size_t in_bytes;
};

/** What the engine asks of the device. Every member but `commands` may be NULL. */
struct scsi_engine {
    const struct scsi_command *commands; /**< SCSI_OPCODES rows */
    /** A fault rule that ends this command; SENSE_OK: none does. */
    struct scsi_sense (*fault)(struct drive *, struct scsi_request *);
    /** Take the pending unit attention of the nexus; SENSE_OK: none. */
    struct scsi_sense (*unit_attention)(struct drive *, struct scsi_request *);
    /** Judge rq->gates; SENSE_OK: the disc is as they want it. */
    struct scsi_sense (*medium)(struct drive *, const struct scsi_request *);
    void (*trace)(struct drive *, const struct scsi_request *, struct scsi_sense);
    bool strict; /**< refuse reserved bits: 05/24/00 with the byte and bit */
};

/**
 * Run one command. Afterwards rq->in_bytes, rq->medium_* say what is to be sent; all are zero
 * when the result is a check. Allocates nothing, keeps no pointer.
 */
__attribute__((warn_unused_result)) struct scsi_sense
scsi_execute(const struct scsi_engine *engine, struct drive *drive, struct scsi_request *rq);

/** The length in a CDB as its row says, whichever it is; SIZE_MAX when it has none. */
size_t scsi_alloc_bytes(const struct scsi_command *row, const uint8_t *cdb);

/** Parameter data that may be looked at: announced by the CDB, and arrived. */
static inline size_t scsi_list_bytes(const struct scsi_request *rq)
{
    return rq->param_bytes < rq->out_bytes ? rq->param_bytes : rq->out_bytes;
}

#endif
