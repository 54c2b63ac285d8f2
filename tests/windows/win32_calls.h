/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file win32_calls.h
 * The calls of windows_calls.h on a real Windows, or on Wine.
 */
#ifndef DVDEMU_WIN32_CALLS_H
#define DVDEMU_WIN32_CALLS_H

#include "windows_calls.h"

struct win32_drive;

/**
 * Open a drive. NULL: *error is GetLastError(). The handle for writing may fail: calls.has_write
 * says so. The result is never freed; the program ends with it.
 */
struct win32_drive *win32_open(const char *path, uint32_t *error);

/** Valid as long as the drive. */
const struct windows_calls *win32_calls(const struct win32_drive *drive);

/** Memory for transfers, page-aligned; NULL: none left. */
uint8_t *win32_pages(size_t bytes);

/** "10.0.19045", as the kernel says it. */
void win32_build(char *text, size_t room);

/** End the process with `code` after so many seconds, whatever it is doing. */
void win32_limit(uint32_t seconds, int code);

#endif
