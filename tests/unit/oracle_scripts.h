/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file oracle_scripts.h
 * The scripts of the oracle's tests, so that one test can count which rules all of them met.
 */
#ifndef DVDEMU_ORACLE_SCRIPTS_H
#define DVDEMU_ORACLE_SCRIPTS_H

/** Tests of test_oracle_exchange.c, test_oracle_quirks.c, test_oracle_drive.c; each ends with NULL.
 */
extern void (*const oracle_exchange_scripts[])(void);
extern void (*const oracle_quirk_scripts[])(void);
extern void (*const oracle_drive_scripts[])(void);

#endif
