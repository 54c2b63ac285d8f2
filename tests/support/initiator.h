/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file initiator.h
 * An initiator for tests: libiscsi, one command at a time, nothing hidden. Logging in sends no SCSI
 * command, so a unit attention of the login is still there to be seen. Every call has a deadline.
 */
#ifndef DVDEMU_INITIATOR_H
#define DVDEMU_INITIATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INITIATOR_SENSE_BYTES_MAX 252

struct initiator;

enum initiator_residual { INITIATOR_NO_RESIDUAL, INITIATOR_UNDERFLOW, INITIATOR_OVERFLOW };

/** What became of a command. */
struct initiator_result {
    bool answered;  /**< false: no answer in time, or the session broke; nothing else counts */
    uint8_t status; /**< of SAM: 00h GOOD, 02h CHECK CONDITION */
    uint8_t sense[INITIATOR_SENSE_BYTES_MAX]; /**< as it came, without iSCSI's length in front */
    size_t sense_bytes;
    enum initiator_residual residual;
    size_t residual_bytes;
    size_t in_bytes; /**< data that came; what did not fit the room is not counted */
};

/** A command, with its data. `out` and `in` may not both be set; neither: no data phase. */
struct initiator_command {
    const uint8_t *cdb;
    size_t cdb_bytes;
    const uint8_t *out;
    size_t out_bytes;
    uint8_t *in; /**< not NULL with in_room 0: a read of no bytes */
    size_t in_room;
};

/** Log in to iscsi://HOST:PORT/IQN/LUN. NULL: initiator_error() says why. */
struct initiator *initiator_login(const char *url, const char *initiator_name);

/** Why initiator_login() failed. */
const char *initiator_error(void);

struct initiator_result initiator_run(struct initiator *i, const struct initiator_command *command);

/** LOGICAL UNIT RESET; false: refused or not answered. */
bool initiator_lun_reset(struct initiator *i);

/** Log out and free; false: the target did not answer the logout. NULL is allowed. */
bool initiator_logout(struct initiator *i);

/** Close the connection without a word and free. NULL is allowed. */
void initiator_drop(struct initiator *i);

/**
 * A result in one number: 0 for GOOD, 0xKAAQQ for CHECK CONDITION with fixed-format sense of that
 * key, ASC and ASCQ, INITIATOR_LOST for everything else.
 */
int initiator_outcome(const struct initiator_result *result);

#define INITIATOR_LOST (-1)

#endif
