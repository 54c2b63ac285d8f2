/* SPDX-License-Identifier: GPL-2.0-only */
#include "one_watch.h"

#include <stdio.h>
#include <stdlib.h>

struct one_watch one_watch = {.fd = -1};

static void must(bool so, const char *what)
{
    if (!so) {
        fprintf(stderr, "one_watch: %s\n", what);
        abort();
    }
}

static int add(int fd, int events, control_event_fn *fn, void *data)
{
    (void)events;
    if (one_watch.refuses) {
        return -1;
    }
    must(one_watch.fd == -1, "a second descriptor");
    one_watch.fd = fd;
    one_watch.fn = fn;
    one_watch.data = data;
    return 0;
}

static void del(int fd)
{
    must(fd == one_watch.fd, "not the descriptor that is watched");
    one_watch.fd = -1;
}

const struct control_loop one_watch_loop = {.add = add, .del = del};

void one_watch_reset(void)
{
    one_watch = (struct one_watch){.fd = -1};
}

void one_watch_event(void)
{
    must(one_watch.fd >= 0, "no descriptor is watched");
    one_watch.fn(one_watch.fd, 0, one_watch.data);
}
