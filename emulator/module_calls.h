/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file module_calls.h
 * Calls of libc that the module, preloaded, takes over from tgtd's event thread: how answers leave,
 * and what is done before it waits. What a socket does not take is kept (send_spill.h), a message
 * is one call (send_gather.h), and the kernel is not asked what is known (send_ready.h). Loaded
 * from tgtd's folder it comes too late for them, and tgtd sends and waits as it always did.
 */
#ifndef DVDEMU_MODULE_CALLS_H
#define DVDEMU_MODULE_CALLS_H

#include "control_server.h"

/** What the module does while there is nothing to do. On the loop's thread. */
struct module_idle {
    bool (*look)(void); /**< before each wait: whether something is to be done */
    void (*run)(void);  /**< it; no command is there that would have to wait for it */
};

/** From now on, for the thread that calls this. Both are copied. Without memory: as if not called.
 */
void module_calls_start(const struct control_loop *loop, const struct module_idle *idle);

#endif
