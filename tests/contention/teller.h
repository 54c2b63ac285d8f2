/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file teller.h
 * Histories without a network: a drive in this process carries out each command at the moment at
 * which the test lets it be answered, so what overlaps is what the test begins before it. Such a
 * history is true, and can then be forged.
 */
#ifndef DVDEMU_CONTENTION_TELLER_H
#define DVDEMU_CONTENTION_TELLER_H

#include "discs.h"
#include "linearise.h"
#include "steps.h"
#include "tests/support/judged_drive.h"

#define TELLER_NEXUSES 4

struct teller {
    struct judged_drive drive;
    struct lab_shelf shelf;
    struct lab_model start;
    struct history h;
    struct key_book book;
    struct explanation why;
};

/** Disc 0 in, all nexuses there and their attentions taken; false: the drive and the rules differ.
 */
bool teller_open(struct teller *t);
void teller_close(struct teller *t);

struct op *teller_begin(struct teller *t, enum step step, uint8_t nexus, unsigned agid);
/** Carried out and answered now. False: the drive itself answers against the rules. */
bool teller_answer(struct teller *t, struct op *op);
/** Both. */
struct op *teller_run(struct teller *t, enum step step, uint8_t nexus, unsigned agid);

struct op *teller_begin_event(struct teller *t, enum op_kind kind, uint32_t number);
bool teller_answer_event(struct teller *t, struct op *op);

enum verdict teller_verdict(struct teller *t);

#endif
