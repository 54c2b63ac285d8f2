/* SPDX-License-Identifier: GPL-2.0-only */
/** \file initiator_rule.h \brief Who may log in, in the form that tgtd compares rightly. */
#ifndef DVDEMU_INITIATOR_RULE_H
#define DVDEMU_INITIATOR_RULE_H

#include <stdbool.h>
#include <stddef.h>

#define INITIATOR_RULE_BYTES 224

struct initiator_rule {
    bool is_name; /**< an iSCSI name; else an address, with /bits for a network, or "ALL" */
    char text[INITIATOR_RULE_BYTES];
};

/**
 * Judge what a user wrote: an iSCSI name (iqn., eui., naa.), an IPv4 or IPv6 address, or a network
 * ADDRESS/BITS. False: `error` (room for INI_ERROR_BYTES) says what is wrong.
 */
bool initiator_rule_parse(struct initiator_rule *rule, const char *text, char *error);

#endif
