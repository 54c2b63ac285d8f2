/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file served.h
 * A running `dvdemu serve` for tests: started, waited for, told things, stopped. Nothing sleeps;
 * every wait has a deadline and ends at once when the process dies. If the test program itself
 * dies, so does what it started.
 */
#ifndef DVDEMU_SERVED_H
#define DVDEMU_SERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SERVED_URLS_MAX 8

struct served;

/**
 * Start `dvdemu serve ARGS` and wait until it says that it is ready. `dvdemu` is the program's
 * path, `args` ends with NULL. NULL: it did not become ready; its output is on stderr.
 */
struct served *served_start(const char *dvdemu, const char *const *args);

/** URL of a drive, in the order of the drive file; NULL past the last. */
const char *served_url(const struct served *s, size_t drive);

/** Process number of the `dvdemu serve`, which the operator commands take as --pid. */
pid_t served_pid(const struct served *s);

/** Whether it has not ended by itself. */
bool served_is_running(const struct served *s);

/**
 * SIGTERM, and wait. False: it had ended before, ended with another exit code than 0, or had to be
 * killed; its log is on stderr then. Frees `s`; NULL is allowed.
 */
bool served_stop(struct served *s);

/** The same by SIGKILL, as if the machine had failed. */
void served_kill(struct served *s);

/**
 * Run a program to its end; `argv` ends with NULL. Returns its exit code, -1: killed, also by the
 * deadline. What it said on stdout is put into `said`, cut to fit (NULL: thrown away).
 */
int served_run(const char *const *argv, char *said, size_t room);

#endif
