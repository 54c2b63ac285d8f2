/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hold sessions and do nothing with them:
 *
 *   idle_sessions COUNT URL...
 *
 * Logs in COUNT times, at the URLs in turn, asks each drive once whether it is ready, and prints
 * how long that took in seconds. Then waits for the end of its standard input, and leaves without
 * logout as the end of a process does.
 */
#include "support/bench_link.h"
#include "support/bench_times.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define SESSIONS_MAX    10000
#define OWN_DESCRIPTORS 16

static bool may_open(unsigned long count)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return false;
    }
    if (limit.rlim_cur < count + OWN_DESCRIPTORS) {
        limit.rlim_cur = count + OWN_DESCRIPTORS;
        limit.rlim_max = limit.rlim_max < limit.rlim_cur ? limit.rlim_cur : limit.rlim_max;
    }
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

int main(int argc, char **argv)
{
    const unsigned long count = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
    static struct bench_link links[SESSIONS_MAX];
    const uint64_t begin_ns = bench_now_ns();
    char ignored[64];

    if (count < 1 || count > SESSIONS_MAX) {
        fprintf(stderr, "usage: idle_sessions COUNT URL...\n");
        return 2;
    }
    if (!may_open(count)) {
        perror("idle_sessions: descriptors");
        return 1;
    }
    for (unsigned long i = 0; i < count; i++) {
        const char *url = argv[2 + i % (unsigned long)(argc - 2)];

        if (!bench_link_open(&links[i], url) || !bench_link_survey(&links[i])) {
            return 1;
        }
    }
    printf("%.3f\n", (double)(bench_now_ns() - begin_ns) / 1e9);
    fflush(stdout);
    while (read(STDIN_FILENO, ignored, sizeof(ignored)) > 0) {
        continue;
    }
    _exit(0);
}
