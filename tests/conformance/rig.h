/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file rig.h
 * What every conformance test stands on: a folder of its own, discs in it, a served drive, and
 * initiators. All of it is taken down after the test, however the test ended; a daemon that died
 * or does not stop cleanly fails the test. Calls that cannot do their work end the test.
 */
#ifndef DVDEMU_RIG_H
#define DVDEMU_RIG_H

#include "outcome.h"
#include "tests/support/served.h"
#include "tests/support/unit_runner.h"

/* The discs of rig_write_*(): where is what. Block n of the image is rig_block(n). */
#define RIG_BLOCKS        1024
#define RIG_CLEAR_LBA     64  /* CPR_MAI B0h, title key one */
#define RIG_SCRAMBLED_LBA 80  /* CPR_MAI F0h, title key one */
#define RIG_SCRAMBLED_END 128 /* first block behind those */
#define RIG_SECOND_LBA    128 /* CPR_MAI F0h, title key two */
#define RIG_KEYLESS_LBA   176 /* CPR_MAI B0h, no title key */
#define RIG_FREE_LBA      0   /* CPR_MAI 00h */

#define RIG_BLOCK_BYTES 2048
#define RIG_PLAYER_SLOT 7

extern const uint8_t rig_player_key[5], rig_disc_key[5], rig_title_key_one[5], rig_title_key_two[5];

/** Where the program and the demo disc are; filled by rig_find(). */
struct rig_paths {
    char dvdemu[512], demo_disc[512], demo_image[512];
};
extern struct rig_paths rig_paths;

/** The program that DVDEMU in the environment names, else that of the build folder that we are in;
 * the demo disc is beside it. False: there is no such program. */
bool rig_find(void);

/** For unit_run(). */
extern const struct unit_hooks rig_hooks;

/** A path in the test's folder; good for the next eight calls. */
const char *rig_path(const char *name);
/** A file of the test's folder with this text. Returns its path. */
const char *rig_write_text(const char *name, const char *text);
/** A plain image of RIG_BLOCKS blocks. */
const char *rig_write_image(const char *name);
/** A CSS disc around an image of its own; `regions` as a description says it. */
const char *rig_write_css_disc(const char *name, const char *regions);
/** What block `lba` of an image of rig_write_image() holds. */
void rig_block(uint32_t lba, uint8_t block[RIG_BLOCK_BYTES]);

/** Serve with these arguments; several times makes several daemons. */
struct served *rig_serve(const char *const *args);
#define RIG_SERVE(...) rig_serve((const char *const[]){__VA_ARGS__, NULL})
/** The usual: one drive, region state in memory, a CSS disc for all regions. */
struct served *rig_serve_css(void);
/** Take a daemon down now; it has to stop cleanly. */
void rig_stop(struct served *s);
/** Take a daemon down without a warning. */
void rig_kill(struct served *s);

/** `dvdemu VERB ARGS` on the daemon; its exit code. */
int rig_operator(struct served *s, const char *const *args);
/** The same; what it said on stdout is put into `said`, cut to fit. */
int rig_ask(struct served *s, const char *const *args, char *said, size_t room);
#define RIG_ASK(s, said, room, ...)                                                                \
    rig_ask((s), (const char *const[]){__VA_ARGS__, NULL}, (said), (room))
/** The process in which the drives live. */
pid_t rig_tgtd(struct served *s);
#define RIG_OPERATOR(s, ...) rig_operator((s), (const char *const[]){__VA_ARGS__, NULL})

/** Log in to a drive of the daemon, by number from 0. The unit attention is still to be taken. */
struct initiator *rig_login(struct served *s, size_t drive, const char *who);
/** The same, and takes the unit attention of the login. */
struct initiator *rig_ready(struct served *s, size_t drive, const char *who);
void rig_logout(struct initiator *i);
void rig_drop(struct initiator *i);

#endif
