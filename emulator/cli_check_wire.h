/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file cli_check_wire.h
 * The conformance suite's wire over iSCSI: a session for each initiator, of one name and two ISIDs.
 */
#ifndef DVDEMU_CLI_CHECK_WIRE_H
#define DVDEMU_CLI_CHECK_WIRE_H

#include "check.h"
#include "cli_probe_link.h"

struct check_links {
    struct probe_link *link[CHECK_HOSTS];
};

/** Prepare both sessions; nothing is sent. False: no such URL, nothing to free. Copies both. */
bool check_links_open(struct check_links *links, const char *url,
                      const struct link_options *options);

/** The wire over them; `links` stays where it is while the wire is used. */
struct check_wire check_links_wire(struct check_links *links);

/** Log out and free. */
void check_links_close(struct check_links *links);

#endif
