/* SPDX-License-Identifier: GPL-2.0-only */
/** \file cli_serve_options.h \brief What `dvdemu serve` is asked to do, checked and complete. */
#ifndef DVDEMU_CLI_SERVE_OPTIONS_H
#define DVDEMU_CLI_SERVE_OPTIONS_H

#include "cli.h"
#include "drive_config.h"

#include <netdb.h>

#define SERVE_INITIATORS_MAX 64
#define SERVE_SECRET_BYTES   256

struct serve_options {
    struct drive_config *drives; /**< malloc()ed; named, every path absolute */
    size_t count;
    char host[NI_MAXHOST];                                                 /**< numeric */
    unsigned port;                                                         /**< 0: any free one */
    char chap_user[SERVE_SECRET_BYTES], chap_password[SERVE_SECRET_BYTES]; /**< empty: none */
    const char *initiators[SERVE_INITIATORS_MAX];
    size_t initiator_count;
    char ready_file[PATH_MAX], log_file[PATH_MAX], tgtd[PATH_MAX]; /**< empty: none, default */
};

extern const struct cli_option serve_option_rows[];

/** Read the command line. Anything but CLI_OK: a message has been printed. */
int serve_options_read(struct serve_options *options, const struct cli_command *command, int argc,
                       char **argv);

void serve_options_free(struct serve_options *options);

#endif
