/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file module_calls.h
 * Calls of libc that the module, preloaded, takes over from tgtd's event thread: how answers leave.
 * What a socket does not take is kept (send_spill.h), a message is one call (send_gather.h), and
 * the kernel is not asked what is known (send_ready.h). Loaded from tgtd's folder it comes too late
 * for them, and tgtd sends as it always did.
 */
#ifndef DVDEMU_MODULE_CALLS_H
#define DVDEMU_MODULE_CALLS_H

#include "control_server.h"

/** From now on, for the thread that calls this. `loop` is copied. Without memory: as if not called.
 */
void module_calls_start(const struct control_loop *loop);

#endif
