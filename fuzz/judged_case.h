/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file judged_case.h
 * The drive of an input: quirks, discs and random source as its first bytes say, with the oracle
 * beside it (tests/support/judged_drive.h) and up to three nexuses. What the oracle does not allow
 * ends the process, after the command and the quirks have been printed.
 */
#ifndef DVDEMU_FUZZ_JUDGED_CASE_H
#define DVDEMU_FUZZ_JUDGED_CASE_H

#include "input.h"

#include "tests/support/judged_drive.h"
#include "tests/walk/walk_disc.h"

#define CASE_NEXUSES 3
#define CASE_DISCS   2

struct judged_case {
    struct judged_drive j;
    struct walk_disc discs[CASE_DISCS];
};

/**
 * Power on as the input says. Its first bytes: two for the random source; number of quirks (low 4
 * bits; bit 4: no disc is in, bit 5: attentions stay pending, bit 6: the random source gives one
 * byte for ever), two bytes for each, key and value; then the discs, a byte of kind each with what
 * belongs to that kind (case_disc.c).
 */
void case_open(struct judged_case *c, struct fuzz_input *in);
void case_close(struct judged_case *c);

/** One command, judged. Its nexus is there (case_nexus()). */
void case_run(struct judged_case *c, const struct oracle_command *command);

/** A nexus that is there: that one, or the next; comes when none is. */
unsigned case_nexus(struct judged_case *c, unsigned wanted);

/** Something happens to the drive, judged; any number. */
void case_event(struct judged_case *c, unsigned event);
#define CASE_EVENTS 13

/** All steps from where an AGID is, up to an accepted KEY2; stops where the drive refuses. */
void case_to_bus_key(struct judged_case *c, unsigned nexus, unsigned agid);

/** case_leaks.c: what the last reply holds of keys and should not; NULL: nothing. */
const char *case_leak(const struct judged_case *c, size_t room);

/** case_disc.c: a disc as the input says. */
void case_disc(struct walk_disc *disc, struct fuzz_input *in, unsigned id);

#endif
