/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_link_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_MAX   600
#define MS_PER_SECOND 1000

enum { ROW_CHAP, ROW_INITIATOR, ROW_TIMEOUT };

/* First line of a file, without its end. */
static bool read_secret(const char *path, char out[static LINK_SECRET_BYTES])
{
    FILE *file = fopen(path, "re");
    bool good = file && fgets(out, LINK_SECRET_BYTES, file) != NULL;

    if (file) {
        fclose(file);
    }
    if (good) {
        out[strcspn(out, "\r\n")] = 0;
    }
    return good && *out;
}

static int take_chap(const struct cli_command *self, const char *value, struct link_options *link)
{
    const char *colon = strchr(value, ':');
    size_t user_bytes = colon ? (size_t)(colon - value) : 0;

    if (!user_bytes || user_bytes >= sizeof(link->user) || !colon[1]) {
        return cli_usage_error(self, "--chap wants USER:FILE, not '%s'", value);
    }
    memcpy(link->user, value, user_bytes);
    link->user[user_bytes] = 0;
    errno = 0;
    if (!read_secret(colon + 1, link->secret)) {
        return cli_failure(self, "%s: no password can be read: %s", colon + 1,
                           errno ? strerror(errno) : "its first line is empty");
    }
    return CLI_OK;
}

int link_take_option(const struct cli_command *self, int row, const char *value,
                     struct link_options *link)
{
    unsigned long long seconds;

    if (row == ROW_CHAP) {
        return take_chap(self, value, link);
    }
    if (row == ROW_INITIATOR) {
        link->initiator = value;
        return CLI_OK;
    }
    if (!cli_number(value, 1, TIMEOUT_MAX, &seconds)) {
        return cli_usage_error(self, "--timeout wants 1 to %d seconds, not '%s'", TIMEOUT_MAX,
                               value);
    }
    link->timeout_ms = (unsigned)seconds * MS_PER_SECOND;
    return CLI_OK;
}

int link_bad_url(const struct cli_command *self)
{
    return cli_usage_error(self, "the URL is not iscsi://[USER%%PASSWORD@]HOST[:PORT]/TARGET/LUN");
}
