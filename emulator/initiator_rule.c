/* SPDX-License-Identifier: GPL-2.0-only */
#include "initiator_rule.h"

#include "error_line.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_BYTES_MAX 16
#define BITS_PER_BYTE     8

static bool is_iscsi_name(const char *text)
{
    return strncmp(text, "iqn.", 4) == 0 || strncmp(text, "eui.", 4) == 0 ||
           strncmp(text, "naa.", 4) == 0;
}

static bool has_host_bits(const uint8_t *address, size_t bytes, unsigned long bits)
{
    for (size_t i = bits / BITS_PER_BYTE; i < bytes; i++) {
        unsigned host = i == bits / BITS_PER_BYTE ? 0xffu >> bits % BITS_PER_BYTE : 0xffu;

        if (address[i] & host) {
            return true;
        }
    }
    return false;
}

bool initiator_rule_parse(struct initiator_rule *rule, const char *text, char *error)
{
    uint8_t address[ADDRESS_BYTES_MAX];
    size_t length = strcspn(text, "/"), bytes;
    unsigned long bits;
    char *end;

    if (strlen(text) >= sizeof(rule->text)) {
        return error_line(error, "initiator: '%s' is too long", text);
    }
    memcpy(rule->text, text, strlen(text) + 1);
    rule->is_name = is_iscsi_name(text);
    if (rule->is_name) {
        return true;
    }
    rule->text[length] = 0;
    if (inet_pton(AF_INET, rule->text, address) == 1) {
        bytes = sizeof(struct in_addr);
    } else if (inet_pton(AF_INET6, rule->text, address) == 1) {
        bytes = sizeof(struct in6_addr);
    } else {
        return error_line(error, "initiator: '%s' is no address, network or iSCSI name", text);
    }
    if (!text[length]) {
        return true;
    }
    bits = strtoul(text + length + 1, &end, 10);
    if (!isdigit((unsigned char)text[length + 1]) || *end || bits > bytes * BITS_PER_BYTE ||
        has_host_bits(address, bytes, bits)) {
        return error_line(error, "initiator: '%s' is no network: ADDRESS/BITS, other bits 0", text);
    }
    /* tgtd matches neither the whole length nor length 0 */
    if (bits == 0) {
        memcpy(rule->text, "ALL", sizeof("ALL"));
    } else if (bits < bytes * BITS_PER_BYTE) {
        memcpy(rule->text, text, strlen(text) + 1);
    }
    return true;
}
