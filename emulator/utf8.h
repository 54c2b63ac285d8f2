/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file utf8.h
 * Text that has to be UTF-8 where it goes, made of text that may be anything: a path, a line of a
 * file, a message that was cut to fit.
 */
#ifndef DVDEMU_UTF8_H
#define DVDEMU_UTF8_H

/**
 * Make `text` UTF-8 (RFC 3629) in place: a character that its end cuts is dropped, every other
 * byte that belongs to no character becomes '?'. Text that is UTF-8 stays as it is.
 */
void utf8_mend(char *text);

#endif
