/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file control_exchange.h
 * One request of the control protocol on its way: what its operations, in control.c and
 * control_lab.c, have in common. Nobody else needs it.
 */
#ifndef DVDEMU_CONTROL_EXCHANGE_H
#define DVDEMU_CONTROL_EXCHANGE_H

#include "control.h"

#include <json-c/json.h>

/** Operations read `in`, add to `out`, and return false with `error` set. */
struct exchange {
    const struct control_services *services;
    struct json_object *in, *out;
    char error[INI_ERROR_BYTES];
};

typedef bool control_operation(struct exchange *x);

/** A text member; NULL: it is not there, or no text. */
const char *control_text(struct json_object *object, const char *key);

/** Add a member. `text` NULL is null, and is mended when it is not UTF-8; a byte is "0x.." */
void control_put_text(struct json_object *object, const char *key, const char *text);
void control_put_number(struct json_object *object, const char *key, uint64_t number);
void control_put_byte(struct json_object *object, const char *key, uint8_t byte);

/** The drive that "drive" names, or the only one; NULL: x->error says why. */
struct drive_host *control_chosen(struct exchange *x);

/** What `status` says of a drive's regions. */
struct json_object *control_region(const struct drive_host *host);

/* control_lab.c: what an experimenter does with a drive */
control_operation control_op_region, control_op_clock, control_op_hash, control_op_snapshot,
    control_op_restore, control_op_forget;

#endif
