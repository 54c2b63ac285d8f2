/* SPDX-License-Identifier: GPL-2.0-only */
/** \file version.h \brief What the program and the module say they are. */
#ifndef DVDEMU_VERSION_H
#define DVDEMU_VERSION_H

#define DVDEMU_VERSION "0.1.0"

#endif
