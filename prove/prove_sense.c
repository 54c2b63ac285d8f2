/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scsi/sense.c. Assumed: a row's number is below SENSE_COUNT where sense.h does not say otherwise;
 * the booleans of a sense are 0 or 1. A sense is anything else: rows that do not exist, pointers
 * of no kind, bits above 7.
 */
#include "prove.h"

#include "scsi/sense.h"

static struct scsi_sense any_sense(void)
{
    struct scsi_sense sense;

    any_bytes(&sense, sizeof(sense));
    sense.check = any_bool();
    sense.bit_valid = any_bool();
    sense.information_valid = any_bool();
    return sense;
}

static void write_fixed(struct scsi_sense sense)
{
    uint8_t out[SENSE_FIXED_BYTES];

    sense_fixed(sense, out);
    //@ check \initialized(&out[0 .. SENSE_FIXED_BYTES - 1]);
    (void)out;
}

static void judge(struct scsi_sense sense, enum sense_id id)
{
    const char *text = sense_text(sense);

    //@ check \valid_read(text);
    (void)text;
    (void)sense_is(sense, id);
    (void)sense_status(sense);
    write_fixed(sense);
}

int main(void)
{
    const enum sense_id id = (enum sense_id)any_up_to(SENSE_COUNT - 1);
    const char *name = sense_row_name((enum sense_id)any_u32());

    //@ check name == \null || \valid_read(name);
    (void)name;
    judge(any_sense(), id);
    judge(sense_of(id), id);
    judge(sense_cdb_field(any_u16()), id);
    judge(sense_list_field(any_u16()), id);
    judge(sense_bad_block(any_u32()), id);
    return 0;
}
