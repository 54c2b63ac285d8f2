/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_check_wire.h"

#include <string.h>
#include <time.h>

#define NS_PER_MS 1000000L
#define MS_PER_S  1000u

bool check_links_open(struct check_links *links, const char *url,
                      const struct link_options *options)
{
    *links = (struct check_links){{NULL}};
    for (unsigned host = 0; host < CHECK_HOSTS; host++) {
        links->link[host] = link_new(url, options);
        if (!links->link[host]) {
            check_links_close(links);
            return false;
        }
    }
    return true;
}

void check_links_close(struct check_links *links)
{
    for (unsigned host = 0; host < CHECK_HOSTS; host++) {
        link_free(links->link[host]);
        links->link[host] = NULL;
    }
}

static bool login(void *ctx, unsigned host)
{
    struct check_links *links = ctx;

    return link_connect(links->link[host]);
}

static void logout(void *ctx, unsigned host)
{
    struct check_links *links = ctx;

    link_logout(links->link[host]);
}

static struct check_answer send_command(void *ctx, unsigned host,
                                        const struct check_command *command, uint8_t *in)
{
    static const enum check_status statuses[] = {
        [LINK_GOOD] = CHECK_GOOD,
        [LINK_CHECK] = CHECK_CONDITION,
        [LINK_OTHER] = CHECK_OTHER_STATUS,
        [LINK_LOST] = CHECK_LOST,
    };
    static const enum check_residual residuals[] = {
        [LINK_NO_RESIDUAL] = CHECK_NO_RESIDUAL,
        [LINK_UNDERFLOW] = CHECK_UNDERFLOW,
        [LINK_OVERFLOW] = CHECK_OVERFLOW,
    };
    struct check_links *links = ctx;
    const struct link_command sent = {
        .cdb = command->cdb,
        .cdb_bytes = command->cdb_bytes,
        .out = command->out,
        .out_bytes = command->out_bytes,
        .in_bytes = command->in_bytes,
    };
    struct link_result result = link_run(links->link[host], &sent, in);
    struct check_answer answer = {
        .status = statuses[result.status],
        .code = result.code,
        .in_bytes = result.in_bytes,
        .residual = residuals[result.residual],
        .residual_bytes = result.residual_bytes,
        .sense_bytes = result.sense_bytes,
    };

    memcpy(answer.sense, result.sense, result.sense_bytes);
    return answer;
}

_Static_assert(CHECK_SENSE_BYTES_MAX >= LINK_SENSE_BYTES, "the sense of a link fits");

static bool reset(void *ctx, unsigned host)
{
    struct check_links *links = ctx;

    return link_reset(links->link[host]);
}

static void pause_ms(void *ctx, unsigned ms)
{
    const struct timespec t = {.tv_sec = (time_t)(ms / MS_PER_S),
                               .tv_nsec = (long)(ms % MS_PER_S) * NS_PER_MS};

    (void)ctx;
    nanosleep(&t, NULL);
}

static const char *error(void *ctx, unsigned host)
{
    struct check_links *links = ctx;

    return link_error(links->link[host]);
}

struct check_wire check_links_wire(struct check_links *links)
{
    return (struct check_wire){
        .ctx = links,
        .hosts = CHECK_HOSTS,
        .login = login,
        .logout = logout,
        .send = send_command,
        .reset = reset,
        .pause_ms = pause_ms,
        .error = error,
    };
}
