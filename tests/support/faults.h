/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file faults.h
 * Calls of libc that a test lets fail. The linker puts them in front of libc's for our own objects
 * (FAULT_CALLS in the Makefile, unit_tests only); libraries go on calling libc. A fault is of the
 * thread that asked for it.
 */
#ifndef DVDEMU_FAULTS_H
#define DVDEMU_FAULTS_H

#include <stdbool.h>

enum fault_call {
    FAULT_NONE,
    FAULT_MEMORY, /**< malloc, calloc, realloc, strdup, asprintf, open_memstream */
    FAULT_ACCEPT,
    FAULT_ACCESS,
    FAULT_EVENTFD,
    FAULT_FCLOSE, /**< closes all the same */
    FAULT_FOPEN,
    FAULT_FSTAT,
    FAULT_FSTATFS,
    FAULT_FSYNC,
    FAULT_GETRANDOM,
    FAULT_MKDIR,
    FAULT_OPEN,
    FAULT_OPENDIR,
    FAULT_POLL,
    FAULT_PREAD,
    FAULT_PREADV2,
    FAULT_PTHREAD_CREATE,
    FAULT_READ, /**< error 0: the end of the file */
    FAULT_RECV,
    FAULT_SEND,
    FAULT_SOCKET,
};

/** Of the calls from now on, the one after `good` others fails with `error` in errno; once. */
void fault_after(enum fault_call call, unsigned good, int error);

/** Whether that call came and failed. No call fails from here on. */
bool fault_came(void);

#endif
